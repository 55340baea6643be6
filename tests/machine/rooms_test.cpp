// What the rows of the rooms promise one another: numbers in blocks of their own, names that no other room has.
#include "machine/rooms.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "golden_file.h"
#include "physical/kernel_version.h"

namespace mm {
namespace {

Machine booted() {
    machine_profile profile;
    declare_memory(profile, 128ull << 20);
    Result<Machine> machine = make_machine(std::move(profile));
    EXPECT_TRUE(machine) << machine.error().text();
    return std::move(machine.value());
}

TEST(Rooms, EachStandsAtItsPlaceAndIsAFolderOfTheEngine) {
    for (std::size_t i = 0; i < NR_ROOMS; ++i) {
        EXPECT_EQ(static_cast<std::size_t>(rooms()[i].id), i) << rooms()[i].name;
        EXPECT_TRUE(std::filesystem::is_directory("engine/" + std::string(rooms()[i].name))) << rooms()[i].name;
    }
}

TEST(Rooms, ANumberTellsItsRoomAndItsPlaceThere) {
    for (const Room& room : rooms()) {
        const u16 first = first_number(room.id);
        EXPECT_EQ(&room_row(first), &room);
        EXPECT_EQ(&room_row(static_cast<u16>(first + ROOM_NUMBERS - 1)), &room);
        EXPECT_EQ(place_in_room(first), 0u);
        EXPECT_LE(room.functions().size(), ROOM_NUMBERS);
        for (std::size_t i = 0; i < room.functions().size(); ++i)
            EXPECT_EQ(function_name(static_cast<u16>(first + i)), room.functions()[i]);
    }
    EXPECT_EQ(place_in_room(ROOM_NUMBERS - 1), ROOM_NUMBERS - 1);
}

// tests/machine/event_tables_test.cpp holds their names apart.
TEST(Rooms, TablesOfEventsFollowOneAnotherInTheBlockOfTheirRoom) {
    std::vector<u16> kinds;
    for (const Room& room : rooms()) {
        std::size_t next = first_number(room.id), table = 0;
        for (const EventPart& part : event_parts(room)) {
            EXPECT_EQ(part.first, next) << room.name;
            EXPECT_TRUE(part.specs.empty() || part.holds(part.first));
            EXPECT_FALSE(part.first > 0 && part.holds(static_cast<u16>(part.first - 1)));
            for (std::size_t i = 0; i < part.specs.size(); ++i) kinds.push_back(static_cast<u16>(next++));
            EXPECT_FALSE(part.holds(static_cast<u16>(next)));
            EXPECT_EQ(room.events[table++].end, next) << room.name;
            for (const EventWords& words : part.words) EXPECT_TRUE(part.holds(words.kind)) << words.text_en.c_str();
        }
        EXPECT_LE(next, first_number(room.id) + ROOM_NUMBERS) << room.name;
        EXPECT_FALSE(is_event_kind(static_cast<u16>(next))) << "behind the last of " << room.name;
    }
    EXPECT_TRUE(std::equal(kinds.begin(), kinds.end(), event_kinds().begin(), event_kinds().end()));
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        EXPECT_TRUE(is_event_kind(kinds[i]));
        EXPECT_EQ(event_index(kinds[i]), i) << event_spec(kinds[i]).name;
    }
    EXPECT_FALSE(is_event_kind(0xffff));
}

TEST(Rooms, OpsStandRoomBehindRoomAndAreFoundByName) {
    u16 kind = 0;
    for (const Room& room : rooms())
        for (std::size_t row = 0; row < room.op_count(); ++row, ++kind) {
            EXPECT_EQ(&op_spec(kind), &room.op_spec(row));
            EXPECT_EQ(find_op(room.op_spec(row).name), kind) << room.op_spec(row).name << ": another op has this name";
        }
    EXPECT_EQ(op_count(), kind);
}

// A call path names functions only: a name that stood in two rooms would not tell where it is.
TEST(Rooms, NoTwoFunctionsHaveOneNameAndEachHasOne) {
    std::map<std::string_view, std::string_view> seen;
    for (const Room& room : rooms())
        for (const std::string_view name : room.functions()) {
            EXPECT_FALSE(name.empty()) << room.name << " has a function without a name";
            const auto [at, fresh] = seen.emplace(name, room.name);
            EXPECT_TRUE(fresh) << name << " stands in " << at->second << " and in " << room.name;
        }
}

TEST(Rooms, FilesOfProcHaveNamesOfTheirOwn) {
    std::set<std::string_view> names{"dmesg"}; // which is asked for in the same place
    for (const ProcFile& file : proc_files()) {
        EXPECT_TRUE(names.insert(file.name).second) << file.name;
        ASSERT_TRUE(find_proc_file(file.name).has_value());
        EXPECT_EQ(find_proc_file(file.name)->text, file.text);
        EXPECT_LT(static_cast<std::size_t>(file.subject), std::size(proc_subject_names));
    }
    EXPECT_FALSE(find_proc_file("swaps").has_value());
}

TEST(Rooms, EveryFileOfProcPrintsSomethingOnAMachineThatRuns) {
    Machine machine = booted();
    EventSink sink;
    Op op{.kind = *find_op("vmalloc"), .result = 0};
    const OpSpec& spec = op_spec(op.kind);
    for (std::size_t i = 0; i < spec.field_list().size(); ++i) op.arg[i] = spec.fields[i].default_value;
    op.arg[0] = 8192;
    ASSERT_EQ(apply(machine, op, sink), OpOutcome::done);
    op = Op{.kind = *find_op("execve"), .result = 1};
    const auto fields = op_spec(op.kind).field_list();
    for (std::size_t i = 0; i < fields.size(); ++i) op.arg[i] = fields[i].default_value;
    ASSERT_EQ(apply(machine, op, sink), OpOutcome::done);
    for (const ProcFile& file : proc_files()) {
        const u32 subject = 0; // the first cache, the first process
        EXPECT_FALSE(file.text(machine, subject).empty()) << file.name;
        EXPECT_TRUE(file.text(machine, subject).ends_with('\n')) << file.name;
        EXPECT_TRUE(proc_path(file, machine, subject).starts_with('/')) << file.name;
    }
    for (const std::string_view name : proc_file_names())
        EXPECT_EQ(proc_text(machine, name), find_proc_file(name)->text(machine, 0)) << name;
}

TEST(Rooms, WhatHasATracepointIsPrintedByItsRoom) {
    for (const u16 kind : event_kinds())
        if (event_spec(kind).tracepoint) { EXPECT_NE(room_row(kind).trace_text, nullptr) << event_spec(kind).name; }
}

// Those of malloc are glibc's.
constexpr std::span<const std::string_view> NONE_OF_THE_KERNEL{};

TEST(Rooms, EachFunctionHasPlacesInTheSourcesOfEachKernel) {
    const std::string table = test::read_file(MMSCOPE_SOURCE_DIR "/web/kernel-sources.json");
    std::map<std::string, std::string> rows; // one a line: "name":{"5.10":…}
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);) {
        const auto end = line.find("\":{");
        if (line.starts_with('"') && end != std::string::npos) rows[line.substr(1, end - 1)] = line.substr(end);
    }
    // Rules: events by name, and the functions that hold them.
    const auto begin = table.find("\"rules\":{"), end = table.find('}', begin);
    ASSERT_NE(begin, std::string::npos);
    const std::regex pair("\"(\\w+)\":\"(\\w+)\"");
    const std::string rules = table.substr(begin, end - begin);
    std::set<std::string> events;
    for (const u16 kind : event_kinds()) events.insert(std::string(event_spec(kind).name));
    for (auto it = std::sregex_iterator(rules.begin(), rules.end(), pair); it != std::sregex_iterator(); ++it) {
        EXPECT_TRUE(events.contains((*it)[1].str())) << (*it)[1];
        EXPECT_TRUE(rows.contains((*it)[2].str())) << (*it)[2];
    }
    for (const Room& room : rooms())
        for (const std::string_view function : room.id == room_id::heap ? NONE_OF_THE_KERNEL : room.functions())
            for (const kernel_row& kernel : debian_kernels) {
                const std::string key = '"' + std::string(kernel.name) + "\":";
                EXPECT_NE(rows[std::string(function)].find(key), std::string::npos)
                    << function << " of " << kernel.name << ": tools/kernel-sources.mjs writes web/kernel-sources.json";
            }
}

TEST(Rooms, SumsGoOverAllOfThem) {
    const Machine machine = booted();
    u64 records = 0, copied = machine.results.bytes_copied(), lists = 0;
    for (const Room& room : rooms()) {
        records += room.record_count(machine);
        copied += room.bytes_copied(machine);
        lists += room.bytes_of_lists ? room.bytes_of_lists(machine) : 0;
        EXPECT_EQ(room.verify(machine), std::nullopt) << room.name;
    }
    EXPECT_EQ(record_count(machine), records);
    EXPECT_EQ(machine.bytes_copied(), copied);
    EXPECT_EQ(machine.bytes_of_lists(), lists);
    EXPECT_GT(records, machine.physical.mem_map.size());
}

} // namespace
} // namespace mm
