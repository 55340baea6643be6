#include "scenario/scenario.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "both_languages.h"
#include "golden_file.h"
#include "machine/machine.h"
#include "physical/pcp.h"
#include "scenario/machine_file.h"
#include "slab/slab_flags.h"

namespace mm {

namespace {

machine_profile read(const std::string& text) {
    Result<machine_profile> profile = parse_machine(text);
    EXPECT_TRUE(profile.ok()) << profile.error().text();
    return profile ? *profile : machine_profile{};
}

// The text of a machine file around the fields of a profile.
std::string file_of(const std::string& fields) {
    return "{\"format\": \"mmscope-machine/1\", \"profile\": {" + fields + "}}";
}

std::string error_of(const std::string& text) {
    const Result<machine_profile> profile = parse_machine(text);
    return profile ? "accepted" : profile.error().path + ": " + test::in_both(profile.error()).message;
}

// Free: 16 .. 31 as one block of order 4 on Movable, 0 as order 0 on Unmovable, and 2 pages on CPU 0.
machine_profile recorded_profile() {
    machine_profile profile;
    profile.name = "tiny";
    profile.title_en = "Tiny";
    profile.title_zh = "小";
    profile.memory = {{1ull << 30, 4ull << 20, 0}};
    profile.reserved = {{(1ull << 30) + 0x2c0, 0x124, 0}};
    profile.sysctl.min_free_kbytes = 512;
    profile.sysctl.user_min_free = true;
    profile.sysctl.transparent_hugepage = false;
    recorded_zone zone;
    zone.type = zone_type::dma;
    zone.start_pfn = 0x40000;
    zone.spanned_pages = zone.present_pages = 1024;
    zone.managed_pages = 1023;
    zone.watermark = {128, 160, 192};
    zone.watermark_boost = 3;
    zone.free_lists = {{0, MIGRATE_UNMOVABLE, {0x40001}}, {4, MIGRATE_MOVABLE, {0x40010, 0x40030, 0x40050, 0x400f0}}};
    recorded_zone::cpu_pages cpu;
    cpu.count = 2;
    cpu.high = 160;
    cpu.batch = 1;
    cpu.free_factor = 2;
    cpu.lists = {{1, {0x40003, 0x40002}}};
    cpu.remembered = {{MIGRATE_MOVABLE, {0x40002}}};
    zone.cpus = {cpu};
    zone.block_types = {{0x40000, 1, MIGRATE_UNMOVABLE}, {0x40200, 1, -2}};
    profile.recorded = {zone};
    return profile;
}

} // namespace

TEST(MachineFile, DeclaredMemoryBecomesRegions) {
    const machine_profile profile = read(file_of(R"("arch": "x86_64", "kernel": "6.12", "cpus": 4, "nodes": 2,
        "memory": "4GiB", "distance": [[10, 21], [21, 10]], "cpu_node": [0, 0, 1, 1])"));
    EXPECT_EQ(profile.arch, architecture::x86_64);
    EXPECT_EQ(profile.kernel, kernel_version::v6_12);
    EXPECT_EQ(profile.cpu_node, (std::vector<u8>{0, 0, 1, 1}));
    EXPECT_EQ(profile.distance[0][1], 21);
    machine_profile declared;
    declared.arch = architecture::x86_64;
    declared.nodes = 2;
    declare_memory(declared, 4ull << 30);
    ASSERT_EQ(profile.memory.size(), declared.memory.size());
    EXPECT_EQ(profile.memory.back().start, declared.memory.back().start);
    EXPECT_EQ(profile.reserved.size(), declared.reserved.size());
}

TEST(MachineFile, GivenReservedRegionsReplaceTheDeclaredOnes) {
    const machine_profile profile =
        read(file_of(R"("memory": "64MiB", "reserved": [{"start": "0x40200000", "size": "8MiB"}])"));
    ASSERT_EQ(profile.reserved.size(), 1u);
    EXPECT_EQ(profile.reserved[0].start, 0x40200000u);
    EXPECT_EQ(profile.reserved[0].size, 8u << 20);
}

// The usable ranges of an e820 map, as a PC gave them, but for their order: BIOS-e820 of 6.1.0-56-amd64-m1024s1. The file keeps
// them; the machine has what memblock makes of them.
TEST(MachineFile, MemoryMayBeGivenAsFirmwareGivesIt) {
    const machine_profile profile = read(file_of(R"("arch": "x86_64", "memory": [
        {"start": "0x100000", "size": "0x3fed6000"}, {"start": "0x1000", "size": "0x9ec00"}, {"start": "0x3ffd0000", "size": 300}],
        "reserved": [{"start": "0x1000000", "size": 100}, {"start": 0, "size": "1MiB"}, {"start": "0x1000040", "size": 100}])"));
    ASSERT_EQ(profile.memory.size(), 3u);
    EXPECT_EQ(profile.memory[1].size, 0x9ec00u);
    const Result<Machine> machine = make_machine(profile);
    ASSERT_TRUE(machine.ok()) << machine.error().text();
    const std::vector<memory_region>& memory = machine->profile->memory;
    ASSERT_EQ(memory.size(), 2u);
    EXPECT_EQ(memory[0].start, 0x1000u);
    EXPECT_EQ(memory[0].size, 0x9e000u) << "whole pages: up to 0x9f000";
    EXPECT_EQ(memory[1].start, 0x100000u);
    EXPECT_EQ(memory[1].size, 0x3fed6000u);
    ASSERT_EQ(machine->profile->reserved.size(), 2u);
    EXPECT_EQ(machine->profile->reserved[1].size, 164u);
    // What the recorded kernel printed: present pages of ZONE_DMA.
    EXPECT_EQ(machine->physical.zones[0].present_pages, 3998u);
    EXPECT_EQ(error_of(file_of(R"("memory": [{"start": "0x1001", "size": 4096}])")),
              "profile.memory: has no whole page");
    EXPECT_EQ(error_of(file_of(R"("memory": [{"start": "1GiB", "size": 0}])")),
              "profile.memory[0].size: is 0; a region holds at least one byte");
}

TEST(MachineFile, AnEmptyMemblockIsKept) {
    const machine_profile profile = read(file_of(R"("memory": "64MiB", "memblock": "empty")"));
    EXPECT_TRUE(profile.memblock_empty);
    EXPECT_TRUE(read(machine_to_json(profile)).memblock_empty);
    EXPECT_FALSE(read(file_of(R"("memory": "64MiB", "memblock": "filled")")).memblock_empty);
    EXPECT_EQ(error_of(file_of(R"("memory": "64MiB", "memblock": "fulled")")),
              "profile.memblock: \"fulled\" is unknown (did you mean \"filled\"?)");
}

TEST(MachineFile, SizesAreBytesHexOrWithAUnit) {
    const auto size_of = [](const std::string& text) {
        const machine_profile profile = read(file_of("\"memory\": [{\"start\": 0, \"size\": " + text + "}]"));
        return profile.memory.empty() ? 0 : profile.memory[0].size;
    };
    EXPECT_EQ(size_of("8192"), 8192u);
    EXPECT_EQ(size_of("\"0x3000\""), 0x3000u);
    EXPECT_EQ(size_of("\"12KiB\""), 12u << 10);
    EXPECT_EQ(size_of("\"3 MiB\""), 3u << 20);
    EXPECT_EQ(size_of("\"4096B\""), 4096u);
}

TEST(MachineFile, ARecordedStateIsReadBackAsItWas) {
    const machine_profile profile = recorded_profile();
    const std::string text = machine_to_json(profile);
    const machine_profile again = read(text);
    EXPECT_EQ(machine_to_json(again), text);
    EXPECT_EQ(again.title_zh, "小");
    EXPECT_EQ(again.reserved[0].size, 0x124u);
    EXPECT_TRUE(again.sysctl.user_min_free);
    EXPECT_FALSE(again.sysctl.transparent_hugepage);
    ASSERT_EQ(again.recorded.size(), 1u);
    const recorded_zone& zone = again.recorded[0];
    EXPECT_EQ(zone.watermark[WMARK_HIGH], 192u);
    EXPECT_EQ(zone.watermark_boost, 3u);
    ASSERT_EQ(zone.free_lists.size(), 2u);
    EXPECT_EQ(zone.free_lists[1].order, 4);
    EXPECT_EQ(zone.free_lists[1].type, MIGRATE_MOVABLE);
    EXPECT_EQ(zone.free_lists[1].pfns, (std::vector<pfn_t>{0x40010, 0x40030, 0x40050, 0x400f0}));
    EXPECT_EQ(zone.cpus[0].free_factor, 2);
    EXPECT_EQ(zone.cpus[0].lists[0].pfns, (std::vector<pfn_t>{0x40003, 0x40002}));
    ASSERT_EQ(zone.cpus[0].remembered.size(), 1u);
    EXPECT_EQ(zone.cpus[0].remembered[0].type, MIGRATE_MOVABLE);
    EXPECT_EQ(zone.cpus[0].remembered[0].pfns, std::vector<pfn_t>{0x40002});
    EXPECT_EQ(zone.block_types[1].type, -2);
}

// 0x40006 was freed as Movable, 0x40003 by its pageblock's type, Unmovable. Both go back to the lists so.
TEST(MachineFile, PagesOfPerCpuListsGoBackByTheTypeThatTheyRemember) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1}) {
        machine_profile profile = recorded_profile();
        profile.kernel = kernel;
        profile.recorded[0].cpus[0].lists[0].pfns = {0x40003, 0x40006};
        profile.recorded[0].cpus[0].remembered[0].pfns = {0x40006};
        Result<Machine> made = make_machine(read(machine_to_json(profile)));
        ASSERT_TRUE(made.ok()) << made.error().text();
        physical_memory& mem = made->physical;
        EventSink sink;
        physical_context cx{mem, sink, 0, 1};
        drain_pages_zone(cx, mem.zones[mem.page_zone(0x40006)], 0);
        for (const auto& [pfn, type] :
             {std::pair<pfn_t, migratetype>{0x40003, MIGRATE_UNMOVABLE}, {0x40006, MIGRATE_MOVABLE}}) {
            EXPECT_EQ(mem.page_at(pfn).state(), page_state::buddy);
            EXPECT_EQ(mem.page_at(pfn).type(), type);
        }
        EXPECT_EQ(verify(*made), std::nullopt);
    }
}

TEST(MachineFile, RememberedTypesAreChecked) {
    const auto refused = [](auto change, kernel_version kernel = kernel_version::v6_1) {
        machine_profile profile = recorded_profile();
        profile.kernel = kernel;
        change(profile.recorded[0].cpus[0].remembered);
        const Result<machine_profile> again = parse_machine(machine_to_json(profile));
        if (!again) return again.error().path + ": " + test::in_both(again.error()).message;
        const Result<Machine> made = make_machine(*again);
        return made ? std::string("accepted") : made.error().path + ": " + test::in_both(made.error()).message;
    };
    using Remembered = std::vector<recorded_zone::cpu_pages::remembered_type>;
    EXPECT_EQ(refused([](Remembered&) {}), "accepted");
    EXPECT_EQ(refused([](Remembered&) {}, kernel_version::v6_12),
              "recorded[0].cpus[0].remembered: Linux 6.12 frees a page of a per-CPU list by its pageblock's type: it "
              "remembers none");
    EXPECT_EQ(refused([](Remembered& all) { all[0].pfns = {0x40010}; }),
              "recorded[0].cpus[0].remembered.Movable: 0x40010 begins no block of this CPU's lists");
    EXPECT_EQ(refused([](Remembered& all) { all[0].pfns = {0xfffffffe}; }),
              "recorded[0].cpus[0].remembered.Movable: 0xfffffffe begins no block of this CPU's lists");
    EXPECT_EQ(refused([](Remembered& all) { all.push_back({MIGRATE_RECLAIMABLE, {0x40002}}); }),
              "recorded[0].cpus[0].remembered: 0x40002 stands there twice");
    EXPECT_EQ(refused([](Remembered& all) { all[0].type = MIGRATE_ISOLATE; }),
              "recorded[0].cpus[0].remembered.Isolate: pages of per-CPU lists remember no such type");
    EXPECT_EQ(refused([](Remembered& all) { all[0].type = MIGRATE_CMA; }),
              "recorded[0].cpus[0].remembered.CMA: 0x40002: pages of CMA's pageblocks, and no others, remember CMA");
    const std::string text = machine_to_json(recorded_profile());
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string changed = text;
        changed.replace(changed.find(from, changed.find("remembered")), from.size(), to);
        return error_of(changed);
    };
    EXPECT_EQ(with("Movable", "Moveable"),
              "profile.recorded[0].cpus[0].remembered.Moveable: no such field (did you mean \"Movable\"?)");
    EXPECT_EQ(
        with("\"40002\"", "\"x\""),
        "profile.recorded[0].cpus[0].remembered.Movable: found \"x\", expected page frames in hex (45349) or runs of "
        "them (46400+400*219)");
}

TEST(MachineFile, TheFormatIsTheOneThatTheGoldenFileShows) {
    test::expect_golden("scenario/machine.json", machine_to_json(recorded_profile()));
}

TEST(MachineFile, EveryShippedMachineStartsAndIsReadBackAsItWas) {
    int machines = 0;
    for (const auto& entry : std::filesystem::directory_iterator(MMSCOPE_SOURCE_DIR "/scenarios/machines")) {
        SCOPED_TRACE(entry.path());
        const machine_profile profile = read(test::read_file(entry.path()));
        EXPECT_EQ(profile.name + ".json", entry.path().filename());
        EXPECT_FALSE(profile.title_en.empty());
        EXPECT_FALSE(profile.title_zh.empty());
        const std::string text = machine_to_json(profile);
        const Result<Machine> machine = make_machine(profile);
        ASSERT_TRUE(machine.ok()) << machine.error().text();
        EXPECT_FALSE(verify(*machine).has_value()) << *verify(*machine);
        const Result<Machine> again = make_machine(read(text));
        ASSERT_TRUE(again.ok()) << again.error().text();
        EXPECT_EQ(canonical_hash(*machine), canonical_hash(*again));
        ++machines;
    }
    EXPECT_GE(machines, 6);
}

TEST(MachineFile, KernelcoreAndMovablecoreAreSizesOrPercent) {
    const machine_profile profile = read(file_of(
        R"("memory": "2GiB", "kernel": "6.12", "kernelcore": "1536MiB", "movablecore": "25%",
           "device": [{"start": "8GiB", "size": "64MiB"}])"));
    EXPECT_EQ(profile.kernelcore.bytes, 1536ull << 20);
    EXPECT_EQ(profile.movablecore.percent, 25);
    ASSERT_EQ(profile.device.size(), 1u);
    EXPECT_EQ(profile.device[0].start, 8ull << 30);
    const machine_profile again = read(machine_to_json(profile));
    EXPECT_EQ(again.kernelcore.bytes, profile.kernelcore.bytes);
    EXPECT_EQ(again.movablecore.percent, profile.movablecore.percent);
    EXPECT_EQ(again.device.size(), 1u);
}

TEST(MachineFile, ErrorsNameTheFieldAndWhatWasExpected) {
    for (const char* percent : {"101%", "%", "-1%", "2.5%", "9999999999%"})
        EXPECT_EQ(error_of(file_of(R"("memory": "1GiB", "movablecore": ")" + std::string(percent) + "\"")),
                  "profile.movablecore: found \"" + std::string(percent) + "\", expected \"0%\" to \"100%\"");
    EXPECT_EQ(error_of(file_of(R"("memory": "1GiB", "device": [{"start": "8GiB", "size": "64MiB"}])")),
              "profile.device: needs ZONE_DEVICE; Debian's 6.1 for arm64 is built without it");
    EXPECT_EQ(error_of("{}"), "format: is missing");
    EXPECT_EQ(error_of(R"({"format": "mmscope-machine/1"})"), "profile: is missing");
    EXPECT_EQ(error_of(R"({"format": "mmscope/1", "profile": {}})"),
              "format: found a scenario, \"mmscope/1\", expected a machine file, \"mmscope-machine/1\"");
    EXPECT_EQ(error_of(R"({"format": "mmscope-machine/2", "profile": {}})"),
              "format: \"mmscope-machine/2\" is unknown (did you mean \"mmscope-machine/1\"?)");
    EXPECT_EQ(error_of(file_of("")), "profile.memory: is missing");
    EXPECT_EQ(error_of(file_of(R"("memry": "1GiB")")), "profile.memry: no such field (did you mean \"memory\"?)");
    EXPECT_EQ(error_of(file_of(R"("memory": "1GiB", "arch": "arm")")),
              "profile.arch: \"arm\" is unknown (did you mean \"arm64\"?)");
    EXPECT_EQ(error_of(file_of(R"("memory": "1GiB", "kernel": 6.1)")),
              "profile.kernel: found a number with a fraction, expected 5.10, 6.1 or 6.12");
    EXPECT_EQ(error_of(file_of(R"("memory": "1GiB", "page_size": "8KiB")")),
              "profile.page_size: 8192 is no page size (expected 4096, 16384 or 65536)");
    EXPECT_EQ(error_of(file_of(R"("memory": "1GiB", "cpus": 65)")), "profile.cpus: 65 is above 64");
    EXPECT_EQ(error_of(file_of(R"("memory": "1GiB", "cpus": "two")")),
              "profile.cpus: found \"two\", expected a number or hex text like \"0x45f10\"");
    EXPECT_EQ(error_of(file_of(R"("memory": "65GiB")")), "profile.memory: 65GiB is above 68719476736 bytes");
    // What 64 bits do not hold is too large, and a number all the same.
    for (const std::string size : {"99999999999999999999GiB", "99999999999999TiB", "0x10000000000000000"})
        EXPECT_EQ(error_of(file_of("\"memory\": \"" + size + "\"")),
                  "profile.memory: " + size + " is above 68719476736 bytes");
    for (const std::string cpus : {"0x8000000000000000", "0x10000000000000000"})
        EXPECT_EQ(error_of(file_of("\"memory\": \"1GiB\", \"cpus\": \"" + cpus + "\"")),
                  "profile.cpus: " + cpus + " is above 64");
    EXPECT_EQ(error_of(file_of(R"("memory": "16384PiB")")),
              "profile.memory: found \"16384PiB\", expected a size in B, KiB, MiB, GiB or TiB, like \"512MiB\", or "
              "hex text like \"0x100000\"");
    EXPECT_EQ(error_of(file_of(R"("memory": -5)")),
              "profile.memory: -5 is below 0; expected a number of bytes or a size like \"4GiB\"");
    EXPECT_EQ(error_of(file_of(R"("memory": [{"start": 0}])")), "profile.memory[0].size: is missing");
    EXPECT_EQ(error_of(file_of(R"("memory": [{"start": 0, "size": "1MiB", "node": 1}])")),
              "profile.memory[0].node: 1 is not below the number of nodes, 1");
    EXPECT_EQ(error_of(file_of(R"("memory": "1GiB", "sysctl": {"swappiness": 60})")),
              "profile.sysctl.swappiness: no such field (expected min_free_kbytes, user_min_free, "
              "watermark_scale_factor, watermark_boost_factor, percpu_pagelist_high_fraction, lowmem_reserve_ratio or "
              "transparent_hugepage)");
    EXPECT_EQ(error_of(file_of(R"("memory": "1GiB", "name": "../x")")),
              "profile.name: \"../x\" is no name: letters, digits, and - _ . inside");
    EXPECT_EQ(error_of(file_of(R"("memory": "1GiB", "title": {"de": "x"})")),
              "profile.title.de: no such field (expected en or zh)");
}

TEST(MachineFile, ErrorsOfARecordedStateNameListAndFrame) {
    std::string text = machine_to_json(recorded_profile());
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string changed = text;
        changed.replace(changed.find(from), from.size(), to);
        return changed;
    };
    EXPECT_EQ(error_of(with("\"0\": \"40001\"", "\"14\": \"40001\"")),
              "profile.recorded[0].free_lists.Unmovable.14: expected an order from 0 to 13");
    EXPECT_EQ(error_of(with("\"Unmovable\": {", "\"Unmovabel\": {")),
              "profile.recorded[0].free_lists.Unmovabel: no such field (did you mean \"Unmovable\"?)");
    EXPECT_EQ(error_of(with("40010+20*3", "40010+20")),
              "profile.recorded[0].free_lists.Movable.4: found \"40010+20\", expected page frames in hex (45349) or "
              "runs of them (46400+400*219)");
    EXPECT_EQ(error_of(with("40200+1:none", "40200+1:nothing")),
              "profile.recorded[0].block_types: found \"40200+1:nothing\", expected pageblocks like "
              "\"40000+18:Movable\"");
    for (const std::string name : {"0:DMB", "8:DMA", "256:DMA", "99999999999:DMA"})
        EXPECT_EQ(error_of(with("0:DMA", name)), "profile.recorded[0].zone: found \"" + name +
                                                     "\", expected node, from 0 to 7, and kind of zone like \"0:DMA\"");
    EXPECT_EQ(error_of(with("\"0\": \"40001\"", "\"0\": \"100040000\"")),
              "profile.recorded[0].free_lists.Unmovable.0: \"100040000\" is too large: the last page frame that may be "
              "named is fffffffe");
    EXPECT_EQ(
        error_of(with("40200+1:none", "100040200+1:none")),
        "profile.recorded[0].block_types: \"100040200+1:none\" is too large: the last page frame that may be named "
        "is fffffffe");
    for (const std::string count : {"4294967295", "99999999999999999999"})
        EXPECT_EQ(error_of(with("40200+1:none", "40200+" + count + ":none")),
                  "profile.recorded[0].block_types: \"40200+" + count +
                      ":none\" counts more pageblocks than there are page frames");
    EXPECT_EQ(error_of(with("[128, 160, 192]", "[128, 160]")),
              "profile.recorded[0].watermark: expected the three marks [min, low, high]");
    EXPECT_EQ(
        error_of(with("[128, 160, 192]", "[600, 500, 400]")),
        "profile.recorded[0].watermark: found min 600, low 500, high 400; expected marks that rise: min ≤ low ≤ high");
    EXPECT_EQ(
        error_of(with("[128, 160, 192]", "[128, 192, 160]")),
        "profile.recorded[0].watermark: found min 128, low 192, high 160; expected marks that rise: min ≤ low ≤ high");
    EXPECT_EQ(error_of(with("\"batch\": 1", "\"batsch\": 1")),
              "profile.recorded[0].cpus[0].batsch: no such field (did you mean \"batch\"?)");
}

// Zone 0:DMA has the frames 40000 to 403ff, two pageblocks. A zone may begin and end inside of one.
TEST(MachineFile, PageblocksOutsideOfTheZoneAreAnError) {
    const auto restored = [](std::vector<recorded_zone::block_run> runs, u64 start_page = 0, u64 pages = 1024) {
        machine_profile profile = recorded_profile();
        profile.memory = {{(1ull << 30) + start_page * 4096, pages * 4096, 0}};
        recorded_zone& zone = profile.recorded[0];
        zone.start_pfn = static_cast<pfn_t>(0x40000 + start_page);
        zone.spanned_pages = zone.present_pages = static_cast<u32>(pages);
        zone.managed_pages = static_cast<u32>(pages) - 1;
        zone.free_lists.clear();
        zone.cpus.clear();
        zone.block_types = std::move(runs);
        const Result<Machine> made = make_machine(read(machine_to_json(profile)));
        return made ? "restored" : made.error().text();
    };
    EXPECT_EQ(restored({{0x40000, 2, MIGRATE_MOVABLE}}), "restored");
    EXPECT_EQ(restored({{0x40000, 3, MIGRATE_MOVABLE}}),
              "recorded[0].block_types: 3 pageblocks of 512 pages from 0x40000 on leave zone DMA, which has 0x40000 to "
              "0x403ff");
    EXPECT_EQ(restored({{0x40000, 2, MIGRATE_MOVABLE}, {0x40400, 1, -2}}),
              "recorded[0].block_types: 1 pageblock of 512 pages from 0x40400 on leaves zone DMA, which has 0x40000 to "
              "0x403ff");
    EXPECT_NE(restored({{0x40200, 4'000'000, MIGRATE_MOVABLE}}), "restored");
    EXPECT_NE(restored({{0xfffffffe, 1, MIGRATE_MOVABLE}}), "restored");
    EXPECT_NE(restored({{0x3fe00, 1, MIGRATE_MOVABLE}}), "restored") << "the block before the zone";
    EXPECT_EQ(restored({{0x40000, 2, MIGRATE_MOVABLE}}, 1, 1000), "restored") << "40001 to 403e8";
    EXPECT_EQ(restored({{0x40001, 2, MIGRATE_MOVABLE}}, 1, 1000), "restored") << "counted from the zone's first frame";
}

// A second entry would thread the same lists again, which makes loops of them.
TEST(MachineFile, AZoneOrCpuThatStandsTwiceIsAnErrorWithItsPlace) {
    machine_profile twice = recorded_profile();
    twice.recorded.push_back(twice.recorded[0]);
    const std::string zones = machine_to_json(twice);
    const Result<machine_profile> two_zones = parse_machine(zones);
    ASSERT_FALSE(two_zones.ok());
    EXPECT_EQ(two_zones.error().path, "profile.recorded[1].zone");
    EXPECT_EQ(test::in_both(two_zones.error()).message, "zone 0:DMA stands twice in the list");
    const auto second = static_cast<std::ptrdiff_t>(zones.rfind("\"0:DMA\""));
    EXPECT_EQ(two_zones.error().line, 1 + std::count(zones.begin(), zones.begin() + second, '\n'));

    twice = recorded_profile();
    twice.recorded[0].cpus.push_back(twice.recorded[0].cpus[0]);
    const Result<machine_profile> two_cpus = parse_machine(machine_to_json(twice));
    ASSERT_FALSE(two_cpus.ok());
    EXPECT_EQ(two_cpus.error().path, "profile.recorded[0].cpus[1].cpu");
    EXPECT_EQ(test::in_both(two_cpus.error()).message, "CPU 0 stands twice in the list");
    EXPECT_GT(two_cpus.error().line, 1);
    EXPECT_GT(two_cpus.error().column, 1);
}

TEST(MachineFile, SizesOfPerCpuListsHaveABound) {
    const std::pair<const char*, i32 recorded_zone::cpu_pages::*> fields[] = {
        {"count", &recorded_zone::cpu_pages::count},       {"high", &recorded_zone::cpu_pages::high},
        {"batch", &recorded_zone::cpu_pages::batch},       {"high_min", &recorded_zone::cpu_pages::high_min},
        {"high_max", &recorded_zone::cpu_pages::high_max}, {"free_count", &recorded_zone::cpu_pages::free_count}};
    for (const auto& [name, field] : fields) {
        machine_profile profile = recorded_profile();
        profile.recorded[0].cpus[0].*field = 1 << 24;
        EXPECT_EQ(error_of(machine_to_json(profile)), "accepted") << name;
        profile.recorded[0].cpus[0].*field = (1 << 24) + 1;
        EXPECT_EQ(error_of(machine_to_json(profile)),
                  "profile.recorded[0].cpus[0]." + std::string(name) + ": 16777217 is above 16777216");
    }
}

TEST(MachineFile, TheSlabAllocatorIsReadAndWritten) {
    const machine_profile usual = read(file_of(R"("memory": "64MiB")"));
    EXPECT_EQ(usual.slab, slab_config{});
    const machine_profile profile = read(file_of(R"("memory": "64MiB", "allocator": "slab", "slab":
        {"freelist_random": false, "freelist_hardened": false, "cpu_partial": false, "merge": false,
         "alien_caches": false, "slub_debug": "UFZ", "slub_min_order": 1, "slub_max_order": 2, "slub_min_objects": 9,
         "cache_line_size": 128, "kmalloc_min_size": 8, "seed": "0x7fffffffffffffff"})"));
    EXPECT_EQ(profile.slab.allocator, slab_allocator::slab);
    EXPECT_FALSE(profile.slab.freelist_random || profile.slab.freelist_hardened || profile.slab.cpu_partial);
    EXPECT_FALSE(profile.slab.merge || profile.slab.alien_caches);
    EXPECT_EQ(profile.slab.debug, SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_STORE_USER);
    EXPECT_EQ(profile.slab.min_order, 1);
    EXPECT_EQ(profile.slab.max_order, 2);
    EXPECT_EQ(profile.slab.min_objects, 9u);
    EXPECT_EQ(profile.slab.cache_line_size, 128u);
    EXPECT_EQ(profile.slab.kmalloc_min_size, 8u);
    EXPECT_EQ(profile.slab.seed, 0x7fffffffffffffffu);
    const std::string text = machine_to_json(profile);
    EXPECT_NE(text.find("\"slub_debug\": \"FZU\""), std::string::npos) << text;
    EXPECT_EQ(read(text).slab, profile.slab);
    EXPECT_EQ(machine_to_json(usual).find("slab"), std::string::npos) << "what is usual is not written";
}

TEST(MachineFile, TheTlbIsReadWrittenAndChecked) {
    const machine_profile usual = read(file_of(R"("memory": "64MiB")"));
    EXPECT_EQ(usual.tlb, tlb_config{});
    EXPECT_EQ(machine_to_json(usual).find("tlb"), std::string::npos) << "what is usual is not written";
    const machine_profile profile = read(file_of(R"("memory": "64MiB", "tlb": {"entries": 1280, "ways": 5,
        "walk_entries": 0, "asid_bits": 8, "pa_bits": 40, "hafdbs": "dbm"})"));
    EXPECT_EQ(profile.tlb.entries, 1280u);
    EXPECT_EQ(profile.tlb.ways, 5u);
    EXPECT_EQ(profile.tlb.walk_entries, 0);
    EXPECT_EQ(profile.tlb.asid_bits, 8);
    EXPECT_EQ(profile.tlb.pa_bits, 40);
    EXPECT_EQ(profile.tlb.hafdbs, hardware_update::dbm);
    EXPECT_EQ(read(machine_to_json(profile)).tlb, profile.tlb);
    const auto wrong = [](const std::string& fields) {
        return error_of(file_of(R"("memory": "64MiB", "tlb": )" + fields));
    };
    EXPECT_EQ(wrong(R"({"entries": 1000})"),
              "profile.tlb.entries: 1000 entries in 4 ways: the sets are no power of two, or "
              "there are more than 4096 entries");
    EXPECT_TRUE(wrong(R"({"ways": 3})").starts_with("profile.tlb.entries: 1024 entries in 3 ways"));
    EXPECT_EQ(wrong(R"({"walk_entries": 12})"),
              "profile.tlb.walk_entries: 12 is neither 0 nor a power of two from 4 to 512");
    EXPECT_EQ(wrong(R"({"asid_bits": 9})"), "profile.tlb.asid_bits: 9 is neither 8 nor 16");
    EXPECT_EQ(read(file_of(R"("memory": "64MiB", "tlb": {"entries": 4096, "ways": 16})")).tlb.ways, 16u);
}

TEST(MachineFile, ASlabAllocatorThatTheKernelDoesNotHaveIsAnError) {
    const auto wrong = [](const std::string& fields) { return error_of(file_of("\"memory\": \"64MiB\", " + fields)); };
    EXPECT_EQ(wrong(R"("kernel": "6.12", "allocator": "slab")"),
              "profile.allocator: slab was removed in Linux 6.8; 6.12 has slub alone");
    EXPECT_EQ(wrong(R"("kernel": "6.12", "allocator": "slob")"),
              "profile.allocator: slob was removed in Linux 6.4; 6.12 has slub alone");
    EXPECT_EQ(wrong(R"("kernel": "6.1", "allocator": "slob")"), "accepted");
    EXPECT_EQ(wrong(R"("allocator": "slib")"), "profile.allocator: \"slib\" is unknown (did you mean \"slub\"?)");
    EXPECT_EQ(wrong(R"("vma_index": "mapel")"), "profile.vma_index: \"mapel\" is unknown (did you mean \"maple\"?)");
    EXPECT_EQ(wrong(R"("kernel": "6.12", "vma_index": "avl")"), "accepted");
    EXPECT_EQ(
        wrong(R"("slab": {"slub_debug": "FA"})"),
        "profile.slab.slub_debug: \"FA\" is unknown (expected letters of F checks, Z red zones, P poison, U users)");
    EXPECT_EQ(wrong(R"("slab": {"slub_max_order": 11})"), "profile.slab.slub_max_order: 11 is above MAX_ORDER 10");
    EXPECT_EQ(wrong(R"("slab": {"slub_min_order": 4})"), "profile.slab.slub_min_order: 4 is above slub_max_order 3");
    EXPECT_EQ(wrong(R"("slab": {"cache_line_size": 48})"),
              "profile.slab.cache_line_size: 48 is no power of two from 16 to 256");
    EXPECT_EQ(wrong(R"("slab": {"kmalloc_min_size": 4})"),
              "profile.slab.kmalloc_min_size: 4 is no power of two from 8 to 256");
    EXPECT_EQ(wrong(R"("slab": {"freelist_randm": true})"),
              "profile.slab.freelist_randm: no such field (did you mean \"freelist_random\"?)");
}

} // namespace mm
