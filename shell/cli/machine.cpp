// mmscope machine: a recorded machine as a machine file that scenarios continue.
#include <algorithm>

#include "cli/commands.h"
#include "machine/machine.h"
#include "oracle/oracle.h"
#include "scenario/machine_file.h"
#include "scenario/scenario.h"

namespace cli {

namespace {

// A folder's name with '-' in the place of what no machine's name may have: "6.12.117+deb12-arm64" has a plus.
std::string name_of_folder(std::string name) {
    name.resize(std::min(name.size(), mm::MAX_PLAIN_NAME));
    for (char& c : name)
        if (!mm::is_name(std::string("_") + c)) c = '-';
    if (!mm::is_name(name)) name.replace(0, 1, "_");
    return name;
}

// What the machine booted to. A machine that boots again computes another one, as memory that was reserved then is free.
void add_settings(const mm::RecordedMachine& machine, mm::machine_profile& profile) {
    const auto recorded = machine.sysctl.find("min_free_kbytes");
    mm::i64 kbytes = 0;
    if (recorded != machine.sysctl.end() && mm::TextCursor(recorded->second).pages(kbytes) && kbytes >= 0)
        profile.sysctl.min_free_kbytes = kbytes;
}

// The state of a dump, with the settings that the kernel had when it was taken.
std::optional<mm::Error> add_state(const mm::RecordingFolder& folder, const mm::RecordedMachine& machine,
                                   const std::string& file, std::size_t number, mm::machine_profile& profile) {
    if (!folder.has(file)) return mm::Error{"", folder.name + " has no " + file};
    const auto script = mm::parse_recorded_script(folder.text(file));
    if (!script) return mm::Error{"", file + ": " + script.error().text()};
    if (number < 1 || number > script->dumps.size())
        return mm::Error{"", file + " has " + std::to_string(script->dumps.size()) + " full dumps, not " +
                                 std::to_string(number)};
    const auto booted = mm::boot_recorded_machine(machine, {});
    if (!booted) return booted.error();
    const mm::physical_memory& settings = booted->in_module;
    profile.sysctl.min_free_kbytes = settings.sysctl.min_free_kbytes;
    profile.sysctl.transparent_hugepage = settings.sysctl.transparent_hugepage;
    profile.recorded = script->dumps[number - 1].zones;
    for (mm::recorded_zone& zone : profile.recorded) {
        const mm::zone* known = mm::find_zone(settings, {zone.node, zone.type});
        if (!known) continue;
        zone.cma_pages = known->cma_pages;
        if (zone.watermark[mm::WMARK_MIN] < known->watermark[mm::WMARK_MIN]) continue;
        zone.watermark_boost = zone.watermark[mm::WMARK_MIN] - known->watermark[mm::WMARK_MIN];
        zone.watermark = known->watermark;
    }
    return std::nullopt;
}

// What is printed must load, and its state must be one that the machine can stand in. The file is nowhere yet: the error names
// no line of it.
std::optional<mm::Error> load_error(const std::string& text) {
    mm::Result<mm::machine_profile> loaded = mm::parse_machine(text);
    if (!loaded) return mm::Error{loaded.error().path, loaded.error().message};
    const mm::Result<mm::Machine> machine = mm::make_machine(std::move(*loaded));
    return machine ? std::nullopt : std::optional<mm::Error>(machine.error());
}

} // namespace

int machine_command(Arguments& arguments, const Console& console) {
    const std::string script = arguments.take_value("--script").value_or("mod-00-state.txt");
    const std::uint64_t dump = arguments.take_number("--dump").value_or(1);
    const auto name = arguments.take_value("--name");
    const auto title_en = arguments.take_value("--title-en");
    const auto title_zh = arguments.take_value("--title-zh");
    const std::vector<std::string> folders = arguments.take_rest();
    if (name && !mm::is_name(*name))
        arguments.fail("--name \"" + *name + "\" is no name: letters, digits, and - _ . inside, at most " +
                       std::to_string(mm::MAX_PLAIN_NAME) + " characters");
    if (arguments.error().empty() && folders.size() != 1) arguments.fail("expected one folder of a recorded machine");
    if (!arguments.error().empty()) return EXIT_BAD_USAGE;

    const auto fail = [&](const mm::Error& error) {
        console.complain_line("mmscope machine: " + error.text());
        return EXIT_BAD_INPUT;
    };
    const auto recordings = mm::open_recordings(folders.front());
    if (!recordings) return fail(recordings.error());
    if (recordings->size() != 1)
        return fail({"", folders.front() + " holds several recorded machines; name the folder of one"});
    mm::ReadLog reads;
    const mm::RecordingFolder folder = mm::watched(recordings->front(), reads);
    const auto machine = mm::read_recorded_machine(folder);
    // A file that cannot be read is told first: what is missing then follows from it.
    const auto unreadable = [&] { return mm::Error{"", reads.failed.begin()->second}; };
    if (!reads.failed.empty()) return fail(unreadable());
    if (!machine) return fail(machine.error());

    mm::machine_profile profile = machine->profile;
    if (script == "none") {
        add_settings(*machine, profile);
    } else {
        const auto error = add_state(folder, *machine, script, dump, profile);
        if (!reads.failed.empty()) return fail(unreadable());
        if (error) return fail(*error);
    }
    profile.name = name.value_or(name_of_folder(folder.name));
    profile.title_en = title_en.value_or(profile.name);
    profile.title_zh = title_zh.value_or(profile.title_en);
    const std::string text = mm::machine_to_json(profile);
    if (const auto error = load_error(text)) return fail({"", folder.name + " gives no machine: " + error->text()});
    console.print(text);
    return EXIT_OK;
}

} // namespace cli
