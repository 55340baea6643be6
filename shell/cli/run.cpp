#include <algorithm>
#include <optional>

#include "cli/commands.h"
#include "cli/files.h"
#include "machine/kernel_log.h"
#include "machine/proc_files.h"
#include "physical/boot.h"
#include "scenario/run_report.h"
#include "scenario/step_spans.h"

namespace cli {

namespace {

struct RunArguments {
    std::string file;
    mm::RunOptions options;
    std::optional<std::string> at; // as written, to be read when the scenario is known
    bool trace = false;
    bool json = false;
    bool listing = false;
};

RunArguments read_arguments(Arguments& arguments) {
    RunArguments out;
    out.trace = arguments.take_flag("--trace");
    out.json = arguments.take_flag("--json");
    out.listing = arguments.take_flag("--listing");
    out.options.events = arguments.take_flag("--events");
    out.options.proc = arguments.take_values("--proc");
    std::vector<std::string_view> known = mm::proc_file_names();
    known.push_back(mm::KERNEL_LOG);
    for (const std::string& file : out.options.proc)
        if (std::find(known.begin(), known.end(), file) == known.end())
            arguments.fail("there is no /proc/" + file + "; expected " + either(known));
    if (const auto until = arguments.take_number("--until"))
        out.options.until = {static_cast<mm::u32>(std::min<std::uint64_t>(*until, mm::MAX_SCENARIO_OPS)), 0};
    const bool counts_ops = out.options.until != mm::RunOptions{}.until;
    out.at = arguments.take_value("--at");
    if (counts_ops && out.at) arguments.fail("--until and --at exclude each other");
    const std::string language = arguments.take_value("--lang").value_or("en");
    if (language != "en" && language != "zh") arguments.fail("--lang is en or zh, found \"" + language + "\"");
    out.options.language = language == "zh" ? mm::Language::zh : mm::Language::en;
    if (out.trace && out.json) arguments.fail("--trace and --json exclude each other");
    for (const auto& [other, name] :
         {std::pair{out.trace, "--trace"}, {out.json, "--json"}, {out.options.events, "--events"}})
        if (out.listing && other) arguments.fail(std::string("--listing and ") + name + " exclude each other");
    if (out.trace && !out.options.proc.empty()) arguments.fail("--trace and --proc exclude each other");
    const std::vector<std::string> files = arguments.take_rest();
    if (files.size() != 1) arguments.fail("expected one scenario file, found " + std::to_string(files.size()));
    if (!files.empty()) out.file = files.front();
    return out;
}

} // namespace

int run_command(Arguments& arguments, const Console& console) {
    RunArguments asked = read_arguments(arguments);
    if (!arguments.error().empty()) return EXIT_BAD_USAGE;
    const mm::Result<mm::Scenario> scenario = load_scenario(asked.file);
    if (!scenario) {
        console.complain_line(asked.file + ": " + scenario.error().text());
        return EXIT_BAD_INPUT;
    }
    if (asked.at) {
        const mm::ReadPosition read = mm::read_position(scenario->steps, *asked.at);
        if (!read.problem.empty()) {
            console.complain_line("mmscope run: --at " + *asked.at + ": " + read.problem.en);
            return EXIT_BAD_USAGE;
        }
        asked.options.until = *read.at;
    }
    mm::Result<mm::Machine> start = mm::start_machine(*scenario);
    if (!start) {
        console.complain_line(asked.file + ": " + start.error().text());
        return EXIT_BAD_INPUT;
    }
    for (const mm::Told& note : mm::restore_notes(start->physical)) console.complain_line(asked.file + ": " + note.en);
    const bool only_proc = !asked.options.proc.empty() && !asked.options.events;
    const mm::TextSink print = [&](std::string_view text) { console.print(text); };
    const mm::TextSink silence = [](std::string_view) {};
    const mm::RunEnd end =
        asked.json      ? mm::report_json(*scenario, std::move(*start), asked.options, print)
        : asked.listing ? mm::report_listing(*scenario, std::move(*start), asked.options, only_proc ? silence : print)
        : asked.trace   ? mm::report_trace(*scenario, std::move(*start), asked.options, print)
                        : mm::report_text(*scenario, std::move(*start), asked.options, only_proc ? silence : print);
    if (!asked.json && !asked.trace)
        for (const std::string& file : asked.options.proc) console.print(mm::end_text(end, file));
    const mm::Position until = asked.options.until;
    if (until.event > end.events)
        console.complain_line("mmscope run: --at " + *asked.at + ": " +
                              mm::no_such_event(scenario->steps, until.step, end.events).en);
    return EXIT_OK;
}

} // namespace cli
