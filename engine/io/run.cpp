#include "io/run.h"

#include <algorithm>

#include "io/question.h"
#include "machine/kernel_log.h"
#include "machine/session.h"

namespace mm {

namespace {

constexpr u32 VERIFIED_AT_FIRST = 64; // ops after each of which verify() runs
constexpr u32 SAMPLES = 16;           // positions spread over longer scenarios

class Checker {
  public:
    explicit Checker(const Scenario& scenario) : scenario_(scenario) {}

    CheckReport check() {
        Result<Machine> start = start_machine(scenario_);
        if (!start) {
            report_.failures.push_back(start.error());
            return std::move(report_);
        }
        ScenarioRun run(scenario_, *start);
        verify_machine(run.machine(), 0);
        while (run.next() && !full()) {
            const u32 done = run.ops_applied();
            if (run.step_complete()) {
                report_.expectations += static_cast<u32>(run.step().expect.size());
                report_.questions += run.step().question ? 1 : 0;
                check_step(run, report_.failures);
            }
            if (done <= VERIFIED_AT_FIRST || is_sample(done)) verify_machine(run.machine(), done);
            if (is_sample(done)) hashes_.push_back({done, canonical_hash(run.machine())});
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

    [[nodiscard]] bool is_sample(u32 ops) const {
        const u32 total = static_cast<u32>(scenario_.ops.size());
        return ops == total || ops % std::max(total / SAMPLES, 1u) == 0;
    }

    void fail(u32 ops, std::string message) {
        report_.failures.push_back(Error{"op " + std::to_string(ops), std::move(message)});
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
};

} // namespace

ScenarioRun::ScenarioRun(const Scenario& scenario, Machine start) : scenario_(scenario), machine_(std::move(start)) {}

bool ScenarioRun::next() {
    if (ops_applied_ == scenario_.ops.size()) return false;
    if (ops_applied_ > 0 && step_complete()) {
        ++step_;
        step_result_.clear();
    }
    events_.clear();
    const OpOutcome outcome = apply_with_log(machine_, scenario_.ops[ops_applied_], &events_, kernel_log_);
    trim_kernel_log(kernel_log_);
    step_result_.add(scenario_.ops[ops_applied_], outcome, events_);
    ++ops_applied_;
    return true;
}

void check_step(const ScenarioRun& run, std::vector<Error>& failures) {
    const ScenarioStep& step = run.step();
    for (const Expectation& expected : step.expect) {
        std::string failure = expectation_failure(expected, run.machine(), run.step_result());
        if (!failure.empty())
            failures.push_back(Error{expected.path, std::move(failure), expected.line, expected.column});
    }
    if (!step.question) return;
    if (std::string problem = question_problem(*step.question, run.machine(), run.step_result()); !problem.empty())
        failures.push_back(Error{step.question->path, std::move(problem), step.question->line, step.question->column});
}

std::vector<Error> check_expectations(const Scenario& scenario) {
    std::vector<Error> failures;
    Result<Machine> start = start_machine(scenario);
    if (!start) return {start.error()};
    ScenarioRun run(scenario, std::move(*start));
    while (failures.size() < MAX_CHECK_FAILURES && run.next())
        if (run.step_complete()) check_step(run, failures);
    if (failures.size() > MAX_CHECK_FAILURES) failures.resize(MAX_CHECK_FAILURES);
    return failures;
}

CheckReport check_scenario(const Scenario& scenario) { return Checker(scenario).check(); }

} // namespace mm
