// mmscope read: text of /proc from any machine, read back.
#include "cli/commands.h"
#include "cli/files.h"
#include "scenario/buddyinfo.h"
#include "scenario/scenario.h"

namespace cli {

int read_command(Arguments& arguments, const Console& console) {
    const bool json = arguments.take_flag("--json");
    const auto machine_path = arguments.take_value("--machine");
    const std::vector<std::string> words = arguments.take_rest();
    if (arguments.error().empty() && (words.size() != 2 || words[0] != "buddyinfo"))
        arguments.fail("expected buddyinfo and a file");
    if (arguments.error().empty() && json && machine_path) arguments.fail("--json and --machine exclude each other");
    if (!arguments.error().empty()) return EXIT_BAD_USAGE;

    const auto fail = [&](const std::string& path, const mm::Error& error) {
        console.complain_line("mmscope read: " + path + ": " + error.text());
        return EXIT_BAD_INPUT;
    };
    const mm::Result<std::string> text = read_file(words[1], mm::MAX_BUDDYINFO_BYTES);
    if (!text) return fail(words[1], text.error());
    const auto rows = mm::read_buddyinfo(*text);
    if (!rows) return fail(words[1], rows.error());
    if (!machine_path) {
        console.print(json ? mm::buddyinfo_json(*rows) : mm::buddyinfo_text(*rows));
        return EXIT_OK;
    }
    const mm::Result<std::string> machine_text = read_file(*machine_path, mm::MAX_SCENARIO_BYTES);
    if (!machine_text) return fail(*machine_path, machine_text.error());
    const auto profile = mm::parse_machine(*machine_text);
    if (!profile) return fail(*machine_path, profile.error());
    const auto filled = mm::with_free_blocks(*profile, *rows);
    if (!filled) return fail(words[1], filled.error());
    console.print(mm::machine_to_json(*filled));
    return EXIT_OK;
}

} // namespace cli
