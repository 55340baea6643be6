#include <algorithm>

#include "cli/commands.h"
#include "cli/files.h"
#include "scenario/run.h"
#include "scenario/run_report.h"

namespace cli {

namespace {

int check_file(const std::string& file, bool print_hash, const Console& console) {
    const mm::Result<mm::Scenario> scenario = load_scenario(file);
    if (!scenario) {
        console.complain_line(file + ": " + scenario.error().text());
        return EXIT_BAD_INPUT;
    }
    const mm::CheckReport report = mm::check_scenario(*scenario);
    for (const mm::Told& note : report.notes) console.complain_line(file + ": " + note.en);
    for (const mm::Error& failure : report.failures) console.complain_line(file + ": " + failure.text());
    if (report.failures.size() == mm::MAX_CHECK_FAILURES) console.complain_line(file + ": stopped after these");
    if (print_hash) console.print(mm::hash_text(report.hash) + "  " + Console::one_line(file) + "\n");
    return report.failures.empty() ? EXIT_OK : EXIT_CHECK_FAILED;
}

int count_presses(const std::string& file, const Console& console) {
    const mm::Result<mm::Scenario> scenario = load_scenario(file);
    if (!scenario) {
        console.complain_line(file + ": " + scenario.error().text());
        return EXIT_BAD_INPUT;
    }
    console.print(std::to_string(scenario->steps.size()) + "  " + std::to_string(scenario->ops.size()) + "  " +
                  Console::one_line(file) + "\n");
    return EXIT_OK;
}

} // namespace

int check_command(Arguments& arguments, const Console& console) {
    const bool print_hash = arguments.take_flag("--hash");
    const bool presses = arguments.take_flag("--presses");
    if (print_hash && presses) arguments.fail("--hash and --presses exclude each other");
    const std::vector<std::string> files = arguments.take_rest();
    if (files.empty()) arguments.fail("expected scenario files");
    if (!arguments.error().empty()) return EXIT_BAD_USAGE;
    int code = EXIT_OK;
    for (const std::string& file : files)
        code = std::max(code, presses ? count_presses(file, console) : check_file(file, print_hash, console));
    return code;
}

} // namespace cli
