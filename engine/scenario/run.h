#pragma once
// Running a scenario from its start to its end, op by op, and checking what it claims. The command line, the tests and
// the page's checks all run scenarios with this.
#include <string>
#include <vector>

#include "scenario/step_result.h"
#include "scenario/step_spans.h"

namespace mm {

// Why op `op` of a scenario may not run (base/work.h): the step's place, the op and the bound that it would pass. The machine
// gives the names in the op's text.
[[nodiscard]] Error work_error(const Scenario& scenario, u32 index, const Op& op, over_work why, const Machine& machine,
                               const work_budget& budget = SCENARIO_WORK);

// Runs all ops, as fast as can be, and keeps nothing: the error of the first that may not run. nullopt: all may, or the
// scenario does not start.
[[nodiscard]] std::optional<Error> check_work(const Scenario& scenario, const work_budget& budget = SCENARIO_WORK);

// ScenarioRun run(scenario, start);
// while (run.next()) ... run.machine(), run.events(), run.outcome() ...
class ScenarioRun {
  public:
    ScenarioRun(const Scenario& scenario, Machine start, const work_budget& budget = SCENARIO_WORK);

    // Applies the next op; false when there is none left, or when it may not run. After the latter nothing else of the run
    // may be asked for than refusal().
    bool next();
    // The same up to an event of that op: the machine is the one there, and the run ends. An op without so many events is done.
    bool enter(u32 event);
    // How many events the last op has in all.
    [[nodiscard]] u32 events_in_all() const { return inside_of_ > 0 ? inside_of_ : static_cast<u32>(events_.size()); }
    // Inside the op that was entered: how many events it has in all; 0: not inside one.
    [[nodiscard]] u32 inside_of() const { return inside_of_; }
    [[nodiscard]] const std::optional<Error>& refusal() const { return refusal_; }
    // Units of the ops so far.
    [[nodiscard]] u64 work() const { return work_; }

    [[nodiscard]] const Scenario& scenario() const { return scenario_; }
    [[nodiscard]] const Machine& machine() const { return machine_; }
    [[nodiscard]] u32 ops_applied() const { return ops_applied_; }

    // What the kernel has printed (machine/kernel_log.h).
    [[nodiscard]] const std::string& kernel_log() const { return kernel_log_; }

    // About the op that next() applied last.
    [[nodiscard]] const Op& op() const { return scenario_.ops[ops_applied_ - 1]; }
    [[nodiscard]] const std::vector<Event>& events() const { return events_; }
    [[nodiscard]] OpOutcome outcome() const { return step_result_.outcome(); }
    // The step of the file that this op belongs to, and whether it is the last op of that step.
    [[nodiscard]] const ScenarioStep& step() const { return scenario_.steps[step_]; }
    [[nodiscard]] u32 step_index() const { return step_; }
    [[nodiscard]] bool step_complete() const {
        return inside_of_ == 0 && ops_applied_ == step().first_op + step().nr_ops;
    }
    // Where the run stands, as people count.
    [[nodiscard]] std::string at() const {
        const auto event = static_cast<u32>(events_.size());
        return position_text(scenario_.steps,
                             inside_of_ > 0 ? Position{ops_applied_ - 1, event} : Position{ops_applied_, 0});
    }
    // What happened since the step began.
    [[nodiscard]] const StepResult& step_result() const { return step_result_; }

  private:
    void begin_step();

    const Scenario& scenario_;
    work_budget budget_;
    u64 work_ = 0;
    std::optional<Error> refusal_;
    Machine machine_;
    u32 ops_applied_ = 0;
    u32 step_ = 0;
    u32 inside_of_ = 0;
    std::vector<Event> events_;
    std::string kernel_log_;
    StepResult step_result_;
};

// Compares the expectations of a complete step with the machine, and looks whether its question has one right answer;
// adds what does not hold to `failures`.
void check_step(const ScenarioRun& run, std::vector<Error>& failures);

inline constexpr std::size_t MAX_CHECK_FAILURES = 20;

struct CheckReport {
    std::vector<Error> failures; // at most MAX_CHECK_FAILURES
    std::vector<Told> notes;     // what is no failure, but to be known: restore_notes()
    u32 ops = 0;
    u32 expectations = 0;
    u32 questions = 0;
    u64 hash = 0; // canonical hash at the end
};

// Everything that must hold of a scenario: it starts, its expectations hold, each of its questions has one right answer,
// verify() finds nothing, and a session that seeks to sampled positions has there the same machine as a run from the
// start. On machines so large that this would take long, verify() runs less often and there are fewer samples.
[[nodiscard]] CheckReport check_scenario(const Scenario& scenario);

} // namespace mm
