#include "scenario/expectation_check.h"

#include "scenario/step_result.h"

namespace mm {

namespace {

constexpr u64 MAX_LOOKED = 1u << 27; // as much as the ops of a scenario may take (base/work.h)

Scenario with_ops(Scenario scenario, std::span<const Op> ops) {
    scenario.ops.assign(ops.begin(), ops.end());
    return scenario;
}

// What one look goes through: facts about a cache count its slabs and objects.
u64 work_to_look(const Expectation& expected, const Machine& machine) {
    const slab_memory& slabs = machine.slabs;
    return expected.what == Expectation::What::vmas ? expected.list.size()
           : expected.what != Expectation::What::slab
               ? 1
               : u64{slabs.nr_slabs} + slabs.link_runs.end + slabs.nr_caches + slabs.aliases.size();
}

} // namespace

ExpectationCheck::ExpectationCheck(Scenario scenario, std::span<const Op> ops, Machine start)
    : scenario_(with_ops(std::move(scenario), ops)), run_(scenario_, std::move(start)) {
    for (const ScenarioStep& step : scenario_.steps) all_ += static_cast<u32>(step.expect.size());
}

bool ExpectationCheck::go_on(u64 work) {
    u64 done = 0;
    while (checked_ < all_ && looked_ < MAX_LOOKED) {
        if (done >= work) return false;
        if (step_has_run_ && next_ < run_.step().expect.size()) {
            done += look_at_next();
            continue;
        }
        const u64 before = run_.work();
        if (!run_.next()) return true;
        done += run_.work() - before + OP_WORK;
        step_has_run_ = run_.step_complete();
        next_ = 0;
    }
    return true;
}

u64 ExpectationCheck::look_at_next() {
    const ScenarioStep& step = run_.step();
    const Expectation& expected = step.expect[next_++];
    Told failure = expectation_failure(expected, run_.machine(), run_.step_result());
    ++checked_;
    if (failure.empty())
        ++held_;
    else if (failures_.size() < MAX_TOLD_FAILURES)
        failures_.push_back(
            {step.first_op, told_error(expected.path, std::move(failure), expected.line, expected.column)});
    const u64 work = work_to_look(expected, run_.machine());
    looked_ += work;
    return work;
}

} // namespace mm
