#include "scenario/run.h"

#include <algorithm>

#include "base/hex.h"
#include "base/told.h"
#include "machine/kernel_log.h"
#include "machine/narrate.h"
#include "machine/session.h"
#include "physical/boot.h"
#include "scenario/question.h"

namespace mm {

namespace {

std::string step_path(std::size_t index) { return "steps[" + std::to_string(index) + "]"; }

constexpr u32 VERIFIED_AT_FIRST = 64; // ops after each of which verify() runs
constexpr u32 SAMPLES = 16;           // positions spread over longer scenarios

// Records that verify() may go through at first, that samples may, and that expectations may: some seconds together.
constexpr u64 RECORDS_AT_FIRST = u64{1} << 28;
constexpr u64 RECORDS_OF_SAMPLES = u64{1} << 30;
constexpr u64 RECORDS_OF_EXPECTATIONS = u64{1} << 30;
constexpr u64 LOOKS_AT_A_SAMPLE = 8; // verify() and hashes, there and when the session comes back to it

// A bound for work that is left out when it would be too much.
class Allowance {
  public:
    explicit Allowance(u64 records) : left_(records) {}
    bool take(u64 records) {
        if (records > left_) return false;
        left_ -= records;
        return true;
    }

  private:
    u64 left_;
};

// What the expectations and the question of a step go through at most: facts about a cache count its slabs and objects.
u64 records_read(const ScenarioStep& step, const Machine& machine) {
    const slab_memory& slabs = machine.slabs;
    const u64 all = u64{slabs.nr_slabs} + slabs.link_runs.end + slabs.nr_caches + slabs.aliases.size();
    u64 records = 0;
    const auto add = [&](const Expectation& read) { records += read.what == Expectation::What::slab ? all : 1; };
    for (const Expectation& expected : step.expect) add(expected);
    if (!step.question) return records;
    for (const Question::Choice& choice : step.question->choices) {
        for (const Expectation& expected : choice.when) add(expected);
        if (choice.block.start != PFN_NONE) records += u64{1} << choice.block.order;
    }
    add(step.question->number);
    return records;
}

Told over_work_text(over_work why, const work_budget& budget) {
    switch (why) {
    case over_work::none: break;
    case over_work::events:
        return told("it alone would tell of more than {0} events, the most for one op; ask for less at a time",
                    "单是它就会产生超过 {0} 个事件，这是一个操作的上限；请分成几次", {grouped(budget.op.events)});
    case over_work::op:
        return told("it alone would take more than {0} units of work, the most for one op; ask for less at a time",
                    "单是它就要超过 {0} 个单位的工作量，这是一个操作的上限；请分成几次", {grouped(budget.op.work)});
    case over_work::run:
        return told("with the ops before it, it would take more than {0} units of work, the most for one scenario",
                    "连同前面的操作，它会超过 {0} 个单位的工作量，这是一个场景的上限", {grouped(budget.run)});
    }
    return {};
}

class Checker {
  public:
    explicit Checker(const Scenario& scenario) : scenario_(scenario) {}

    CheckReport check() {
        Result<Machine> start = start_machine(scenario_);
        if (!start) {
            report_.failures.push_back(start.error());
            return std::move(report_);
        }
        report_.notes = restore_notes(start->physical);
        ScenarioRun run(scenario_, *start);
        verify_machine(run.machine(), 0);
        while (!full() && run.next()) {
            const u32 done = run.ops_applied();
            if (run.step_complete()) expectations_of(run);
            const u64 records = record_count(run.machine());
            const bool sample = is_sample(done) && (is_last(done) || samples_.take(LOOKS_AT_A_SAMPLE * records));
            if (sample || (done <= VERIFIED_AT_FIRST && first_.take(records))) verify_machine(run.machine(), done);
            if (sample) hashes_.push_back({done, canonical_hash(run.machine())});
        }
        if (run.refusal()) {
            report_.failures.push_back(*run.refusal());
            return std::move(report_);
        }
        report_.ops = run.ops_applied();
        report_.hash = canonical_hash(run.machine());
        if (!full()) check_seek(std::move(*start));
        if (report_.failures.size() > MAX_CHECK_FAILURES) report_.failures.resize(MAX_CHECK_FAILURES);
        return std::move(report_);
    }

  private:
    struct Sample {
        u32 ops = 0;
        u64 hash = 0;
    };

    [[nodiscard]] bool full() const { return report_.failures.size() >= MAX_CHECK_FAILURES; }

    [[nodiscard]] bool is_last(u32 ops) const { return ops == scenario_.ops.size(); }
    [[nodiscard]] bool is_sample(u32 ops) const {
        const u32 total = static_cast<u32>(scenario_.ops.size());
        return is_last(ops) || ops % std::max(total / SAMPLES, 1u) == 0;
    }

    void expectations_of(const ScenarioRun& run) {
        const ScenarioStep& step = run.step();
        report_.expectations += static_cast<u32>(step.expect.size());
        report_.questions += step.question ? 1 : 0;
        if (!gave_up_ && expected_.take(records_read(step, run.machine()))) return check_step(run, report_.failures);
        if (gave_up_) return;
        gave_up_ = true;
        report_.failures.push_back(Error{step_path(run.step_index()),
                                         "not checked from here on: the expectations up to here go through more than " +
                                             grouped(RECORDS_OF_EXPECTATIONS) + " slabs and objects",
                                         step.line, step.column});
    }

    void fail(u32 ops, std::string message) {
        report_.failures.push_back(Error{"at " + position_text(scenario_.steps, {ops, 0}), std::move(message)});
    }

    void verify_machine(const Machine& machine, u32 ops) {
        if (const std::optional<std::string> broken = verify(machine)) fail(ops, "broken invariant: " + *broken);
    }

    // Every second sample first, then backwards over the rest: the cursor moves both ways.
    void check_seek(Machine start) {
        Session session(std::move(start));
        session.append(scenario_.ops);
        for (std::size_t i = 0; i < hashes_.size(); i += 2) compare_at(session, hashes_[i]);
        for (std::size_t i = hashes_.size(); i-- > 0;)
            if (i % 2 == 1) compare_at(session, hashes_[i]);
    }

    void compare_at(Session& session, const Sample& sample) {
        session.seek({sample.ops, 0});
        if (canonical_hash(session.machine()) != sample.hash)
            fail(sample.ops, "seeking here gives another machine than running from the start");
        // The op before, stopped in its middle: reached at once, and event by event.
        const auto middle = static_cast<u32>(session.replay(sample.ops - 1).events.size() / 2);
        if (middle == 0) return;
        session.seek({sample.ops - 1, middle});
        const u64 at_once = canonical_hash(session.machine());
        session.seek({sample.ops - 1, middle - 1});
        session.next_event();
        if (canonical_hash(session.machine()) != at_once)
            fail(sample.ops,
                 "stepping to event " + std::to_string(middle) + " gives another machine than seeking there");
    }

    const Scenario& scenario_;
    CheckReport report_;
    std::vector<Sample> hashes_;
    bool gave_up_ = false; // on expectations
    Allowance first_{RECORDS_AT_FIRST}, samples_{RECORDS_OF_SAMPLES}, expected_{RECORDS_OF_EXPECTATIONS};
};

} // namespace

Error work_error(const Scenario& scenario, u32 index, const Op& op, over_work why, const Machine& machine,
                 const work_budget& budget) {
    const std::optional<u32> of = step_of_op(scenario.steps, index);
    MM_ASSERT(of);
    const ScenarioStep& step = scenario.steps[*of];
    const Told words(op_text(machine, op, scenario.result_names, Language::en),
                     op_text(machine, op, scenario.result_names, Language::zh));
    return told_error(step_path(*of),
                      told("op {0}, {1}, may not run: {2}", "操作 {0} {1} 不能执行：{2}",
                           {op_position(scenario.steps, index), words, over_work_text(why, budget)}),
                      step.line, step.column);
}

std::optional<Error> check_work(const Scenario& scenario, const work_budget& budget) {
    Result<Machine> machine = start_machine(scenario);
    if (!machine) return std::nullopt;
    u64 work = 0;
    for (u32 index = 0; index < scenario.ops.size(); ++index) {
        EventSink quiet;
        quiet.set_limit(budget.op);
        apply(*machine, scenario.ops[index], quiet);
        const over_work over = budget.judge(work, quiet.work(), quiet.count());
        if (over != over_work::none) return work_error(scenario, index, scenario.ops[index], over, *machine, budget);
        work += quiet.work();
    }
    return std::nullopt;
}

ScenarioRun::ScenarioRun(const Scenario& scenario, Machine start, const work_budget& budget)
    : scenario_(scenario), budget_(budget), machine_(std::move(start)) {
    if (!scenario.steps.empty()) begin_step();
}

void ScenarioRun::begin_step() { step_result_.begin(step().question ? &*step().question : nullptr); }

bool ScenarioRun::enter(u32 event) {
    const Machine before = machine_;
    std::string log = kernel_log_;
    if (!next()) return false;
    if (event == 0 || event >= events_.size()) return true;
    inside_of_ = static_cast<u32>(events_.size());
    events_.resize(event);
    machine_ = machine_at_event(before, op(), event);
    Machine printing = before;
    EventSink quiet;
    apply_with_log(printing, op(), quiet, log, event);
    trim_kernel_log(log);
    kernel_log_ = std::move(log);
    return true;
}

bool ScenarioRun::next() {
    if (ops_applied_ == scenario_.ops.size() || refusal_ || inside_of_ > 0) return false;
    if (ops_applied_ > 0 && step_complete()) {
        ++step_;
        begin_step();
    }
    events_.clear();
    EventSink sink;
    sink.store_in(&events_);
    sink.set_limit(budget_.op);
    const OpOutcome outcome = apply_with_log(machine_, scenario_.ops[ops_applied_], sink, kernel_log_);
    if (const over_work over = budget_.judge(work_, sink.work(), sink.count()); over != over_work::none) {
        refusal_ = work_error(scenario_, ops_applied_, scenario_.ops[ops_applied_], over, machine_, budget_);
        return false;
    }
    work_ += sink.work();
    trim_kernel_log(kernel_log_);
    step_result_.add(scenario_.ops[ops_applied_], outcome, events_);
    ++ops_applied_;
    return true;
}

void check_step(const ScenarioRun& run, std::vector<Error>& failures) {
    const ScenarioStep& step = run.step();
    for (const Expectation& expected : step.expect) {
        Told failure = expectation_failure(expected, run.machine(), run.step_result());
        if (!failure.empty())
            failures.push_back(told_error(expected.path, std::move(failure), expected.line, expected.column));
    }
    if (!step.question) return;
    if (Told problem = question_problem(*step.question, run.machine(), run.step_result()); !problem.empty())
        failures.push_back(
            told_error(step.question->path, std::move(problem), step.question->line, step.question->column));
}

std::vector<Error> check_expectations(const Scenario& scenario) {
    std::vector<Error> failures;
    Result<Machine> start = start_machine(scenario);
    if (!start) return {start.error()};
    ScenarioRun run(scenario, std::move(*start));
    while (failures.size() < MAX_CHECK_FAILURES && run.next())
        if (run.step_complete()) check_step(run, failures);
    if (run.refusal()) failures.push_back(*run.refusal());
    if (failures.size() > MAX_CHECK_FAILURES) failures.resize(MAX_CHECK_FAILURES);
    return failures;
}

CheckReport check_scenario(const Scenario& scenario) { return Checker(scenario).check(); }

} // namespace mm
