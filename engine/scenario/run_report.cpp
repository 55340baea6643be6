#include "scenario/run_report.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/hex.h"
#include "machine/c_text.h"
#include "machine/kernel_log.h"
#include "machine/proc_files.h"
#include "scenario/program_listing.h"
#include "scenario/question.h"
#include "scenario/run.h"
#include "json/write.h"

namespace mm {

namespace {

// kernel: print_func_help_header_irq (kernel/trace/trace.c). Since 5.15 there is a fifth flag, for migrate_disable().
constexpr std::string_view TRACE_COLUMNS = "#                                _-----=> irqs-off/BH-disabled\n"
                                           "#                               / _----=> need-resched\n"
                                           "#                              | / _---=> hardirq/softirq\n"
                                           "#                              || / _--=> preempt-depth\n"
                                           "#                              ||| / _-=> migrate-disable\n"
                                           "#                              |||| /     delay\n"
                                           "#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"
                                           "#              | |         |   |||||     |         |\n";
constexpr std::string_view TRACE_COLUMNS_5_10 = "#                                _-----=> irqs-off\n"
                                                "#                               / _----=> need-resched\n"
                                                "#                              | / _---=> hardirq/softirq\n"
                                                "#                              || / _--=> preempt-depth\n"
                                                "#                              ||| /     delay\n"
                                                "#           TASK-PID     CPU#  ||||   TIMESTAMP  FUNCTION\n"
                                                "#              | |         |   ||||      |         |\n";

// kernel: print_event_info. Nothing is ever overwritten here, so as many are in the buffer as were written.
std::string trace_header(const machine_profile& profile, u64 entries) {
    const std::string number = std::to_string(entries);
    return "# tracer: nop\n#\n# entries-in-buffer/entries-written: " + number + "/" + number +
           "   #P:" + std::to_string(profile.cpus) + "\n#\n" +
           std::string(kernel_rules{profile.kernel}.traces_migrate_disable() ? TRACE_COLUMNS : TRACE_COLUMNS_5_10);
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.insert(0, width - text.size(), ' ');
    return text;
}

// Of a LocalText or of what is told.
std::string in_language(const auto& text, Language language) {
    return language == Language::zh && !text.zh.empty() ? text.zh : text.en;
}

std::string pfn_text(pfn_t pfn) { return address_hex(pfn); }

// What an op returned: a frame, the name of a cache, the address of an object. Empty when it has no name.
std::string returned_text(const ScenarioRun& run) {
    if (run.op().result == Op::NO_RESULT) return "";
    const OpResult& result = run.machine().results[run.op().result];
    const auto value = static_cast<i64>(result.value);
    switch (result.kind) {
    case ResultKind::pages: return pfn_text(result.pfn());
    case ResultKind::cache: return unit_text(run.machine(), Unit::cache, value);
    case ResultKind::object: return unit_text(run.machine(), Unit::object, value);
    case ResultKind::area: return unit_text(run.machine(), Unit::virt_address, value);
    case ResultKind::region: return unit_text(run.machine(), Unit::virt_address, value);
    case ResultKind::space: { // the number of the space, of a task its pid
        const i64 pid = value >> 32;
        return unit_text(run.machine(), Unit::number, pid != 0 ? pid : value);
    }
    case ResultKind::file: return unit_text(run.machine(), Unit::number, value);
    case ResultKind::none: break;
    }
    return "";
}

// "-> 0x45f10", "-> NULL", "refused", "no effect"; nothing for an op that just did its work.
std::string outcome_text(const ScenarioRun& run) {
    if (run.inside_of() > 0)
        return ": event " + std::to_string(run.events().size()) + " of " + std::to_string(run.inside_of());
    switch (run.outcome()) {
    case OpOutcome::done: {
        const std::string returned = returned_text(run);
        return returned.empty() ? "" : " -> " + returned;
    }
    case OpOutcome::returned_null: return " -> NULL";
    case OpOutcome::refused: return ": refused";
    case OpOutcome::no_effect: return ": no effect";
    }
    return "";
}

class TextReport {
  public:
    TextReport(const RunOptions& options, const TextSink& out) : options_(options), out_(out) {}

    void op(const ScenarioRun& run) {
        if (run.inside_of() > 0) {
            end(run);
            line(run);
        } else if (run.step().nr_ops > 1 && !options_.events) {
            count(run);
        } else {
            line(run);
        }
        if (run.step_complete() && run.step().question) question(run, *run.step().question);
    }

    // A step of many ops is told in one line, also when the run stops within it.
    void end(const ScenarioRun& run) {
        if (in_step_ == 0) return;
        const std::string all = in_step_ < run.step().nr_ops ? " of " + std::to_string(run.step().nr_ops) : "";
        std::string line = padded(counted_to_, 6) + "  " + std::to_string(in_step_) + all + " ops:";
        for (std::size_t i = 0; i < outcomes_.size(); ++i)
            if (outcomes_[i] > 0)
                line += " " + std::to_string(outcomes_[i]) + " " + std::string(outcome_names[i]) + ",";
        line.back() = '\n';
        out_(line);
        in_step_ = 0;
        outcomes_ = {};
    }

  private:
    void line(const ScenarioRun& run) {
        const std::string words = op_text(run.machine(), run.op(), run.scenario().result_names, options_.language);
        out_(padded(run.at(), 6) + "  " + words + outcome_text(run) + "\n");
        if (!options_.events) return;
        for (const Event& event : run.events()) {
            const std::vector<std::string_view> path = call_path(event);
            const std::string function = path.empty() ? "" : std::string(path.back()) + ": ";
            out_("          " + function + narrate_plain(run.machine(), event, options_.language) + "\n");
        }
    }

    void question(const ScenarioRun& run, const Question& question) {
        const std::optional<RightAnswer> right = right_answer(question, run.machine(), run.step_result());
        out_("        ? " + in_language(question.text, options_.language) + " " +
             (right ? right_answer_text(question, *right, run.machine(), run.step_result(), options_.language)
                    : in_language(question_problem(question, run.machine(), run.step_result()), options_.language)) +
             "\n");
    }

    void count(const ScenarioRun& run) {
        ++in_step_;
        counted_to_ = run.at();
        ++outcomes_[static_cast<std::size_t>(run.outcome())];
        if (run.step_complete()) end(run);
    }

    const RunOptions& options_;
    const TextSink& out_;
    u32 in_step_ = 0;
    std::string counted_to_;
    std::array<u32, outcome_names.size()> outcomes_{};
};

OrderedJson arg_json(const Machine& machine, Unit unit, i64 value) {
    switch (unit_row(unit).report) {
    case ReportForm::words: return unit_text(machine, unit, value);
    case ReportForm::hex_text: return address_hex(static_cast<u64>(value));
    case ReportForm::number: break;
    }
    return value;
}

OrderedJson event_json(const Machine& machine, const Event& event, Language language) {
    const EventSpec& spec = event_spec(event.kind);
    OrderedJson out;
    out["name"] = spec.name;
    out["path"] = call_path(event);
    for (std::size_t i = 0; i < spec.arg_list().size(); ++i)
        out["args"][std::string(spec.args[i].name)] = arg_json(machine, spec.args[i].unit, event.arg[i]);
    out["text"] = narrate_plain(machine, event, language);
    return out;
}

// What is asked, and what the engine answers.
OrderedJson question_json(const ScenarioRun& run, const Question& question, Language language) {
    OrderedJson out;
    out["text"] = in_language(question.text, language);
    out["kind"] = question_kind_names[static_cast<std::size_t>(question.kind)];
    for (const Question::Choice& choice : question.choices)
        out["choices"].push_back(question.kind == Question::Kind::picture ? picture_text(choice, language)
                                                                          : in_language(choice.text, language));
    const std::optional<RightAnswer> right = right_answer(question, run.machine(), run.step_result());
    if (!right) {
        out["problem"] = in_language(question_problem(question, run.machine(), run.step_result()), language);
        return out;
    }
    out["right"] = right_answer_text(question, *right, run.machine(), run.step_result(), language);
    out["explanation"] = OrderedJson::array();
    for (const Event& event : explaining_events(question, *right, run.machine(), run.step_result()))
        out["explanation"].push_back(narrate_plain(run.machine(), event, language));
    return out;
}

OrderedJson op_json(const ScenarioRun& run, const RunOptions& options) {
    OrderedJson out;
    out["op"] = run.ops_applied();
    out["at"] = run.at();
    out["text"] = op_text(run.machine(), run.op(), run.scenario().result_names, options.language);
    out["outcome"] = outcome_names[static_cast<std::size_t>(run.outcome())];
    if (const pfn_t pfn = pfn_of_op(run.machine(), run.op()); pfn != PFN_NONE) out["pfn"] = pfn_text(pfn);
    if (const std::string returned = returned_text(run); !returned.empty()) out["returned"] = returned;
    if (run.step_complete() && run.step().question)
        out["question"] = question_json(run, *run.step().question, options.language);
    if (!options.events) {
        out["events"] = run.events().size();
        return out;
    }
    out["events"] = OrderedJson::array();
    for (const Event& event : run.events()) out["events"].push_back(event_json(run.machine(), event, options.language));
    return out;
}

std::string dumped(const OrderedJson& value) {
    return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

// Runs to the end or to options.until and calls `each(run)` after each op.
template <class Each>
ScenarioRun run_scenario(const Scenario& scenario, Machine start, const RunOptions& options, Each each) {
    ScenarioRun run(scenario, std::move(start));
    while (run.ops_applied() < options.until.step && run.next()) each(run);
    if (options.until.event > 0 && run.enter(options.until.event)) each(run);
    return run;
}

} // namespace

std::string end_text(const RunEnd& end, std::string_view file) {
    return file == KERNEL_LOG ? end.kernel_log : proc_text(end.machine, file);
}

RunEnd report_text(const Scenario& scenario, Machine start, const RunOptions& options, const TextSink& out) {
    TextReport report(options, out);
    const ScenarioRun end =
        run_scenario(scenario, std::move(start), options, [&](const ScenarioRun& run) { report.op(run); });
    report.end(end);
    return {end.machine(), end.kernel_log(), end.events_in_all()};
}

RunEnd report_trace(const Scenario& scenario, Machine start, const RunOptions& options, const TextSink& out) {
    // The header tells the number of lines, which a run before the run counts: to keep them would need memory.
    u64 entries = 0;
    run_scenario(scenario, start, options, [&](const ScenarioRun& run) {
        for (const Event& event : run.events()) entries += !trace_text(run.machine(), event).empty();
    });
    out(trace_header(*start.profile, entries));
    const char* flags = kernel_rules{start.profile->kernel}.traces_migrate_disable() ? "....." : "....";
    const ScenarioRun end = run_scenario(scenario, std::move(start), options, [&](const ScenarioRun& run) {
        u32 number = 0;
        for (const Event& event : run.events()) {
            ++number;
            const std::string text = trace_text(run.machine(), event);
            if (text.empty()) continue;
            char head[64];
            std::snprintf(head, sizeof head, "         mmscope-1       [%03u] %s %5u.%06u: ", unsigned{run.op().cpu},
                          flags, run.ops_applied(), number);
            out(head + text + "\n");
        }
    });
    return {end.machine(), end.kernel_log(), end.events_in_all()};
}

RunEnd report_listing(const Scenario& scenario, Machine start, const RunOptions& options, const TextSink& out) {
    const ProgramListing listing(scenario, scenario.ops);
    const ScenarioRun end = run_scenario(scenario, std::move(start), options, [&](const ScenarioRun& run) {
        if (!run.step_complete()) return;
        const ProgramLine line = listing.line(run.machine(), run.step_index());
        const std::string result =
            line.call ? c_result(run.machine(), run.op(), run.events(), options.language) : std::string();
        out(listing.head(line) + line_in_c(line, run.step().nr_ops) + (result.empty() ? "" : "  // " + result) + "\n");
    });
    return {end.machine(), end.kernel_log(), end.events_in_all()};
}

RunEnd report_json(const Scenario& scenario, Machine start, const RunOptions& options, const TextSink& out) {
    OrderedJson head;
    head["scenario"] = scenario.id;
    head["title"] = scenario.title.en;
    head["machine"] = scenario.profile.name;
    std::string opening = dumped(head);
    opening.back() = ',';
    out(opening + "\"steps\":[");
    const ScenarioRun end = run_scenario(scenario, std::move(start), options, [&](const ScenarioRun& run) {
        out((run.ops_applied() == 1 ? "\n" : ",\n") + dumped(op_json(run, options)));
    });
    OrderedJson tail;
    tail["ops"] = end.ops_applied();
    tail["hash"] = hash_text(canonical_hash(end.machine()));
    RunEnd ended{end.machine(), end.kernel_log(), end.events_in_all()};
    for (const std::string& file : options.proc) tail["proc"][file] = end_text(ended, file);
    out("\n]," + dumped(tail).substr(1) + "\n");
    return ended;
}

std::string hash_text(u64 hash) {
    std::string digits = hex(hash);
    return std::string(16 - digits.size(), '0') + digits;
}

} // namespace mm
