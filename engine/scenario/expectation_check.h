#pragma once
// Whether the expectations of a scenario hold, a slice of work at a time: what the page says of a person's own scenario. The
// command line and the tests check more, and in one go (scenario/run.h).
#include <span>
#include <vector>

#include "scenario/run.h"

namespace mm {

inline constexpr std::size_t MAX_TOLD_FAILURES = 200;

class ExpectationCheck {
  public:
    // `ops` are those of the scenario, which may stand elsewhere; `start` is its machine.
    ExpectationCheck(Scenario scenario, std::span<const Op> ops, Machine start);
    ExpectationCheck(const ExpectationCheck&) = delete;
    ExpectationCheck& operator=(const ExpectationCheck&) = delete;

    // Does about so many units of work more; true when nothing is left to do.
    bool go_on(u64 work);

    struct Failure {
        u32 first_op = 0; // of its step
        Error error;      // its place in the scenario, and what is there instead
    };
    [[nodiscard]] u32 expectations() const { return all_; }
    [[nodiscard]] u32 held() const { return held_; }
    // Fewer than all when looking at them would take too long, or when an op may not run.
    [[nodiscard]] u32 checked() const { return checked_; }
    [[nodiscard]] u32 ops_applied() const { return run_.ops_applied(); }
    [[nodiscard]] const std::vector<Failure>& failures() const { return failures_; } // at most MAX_TOLD_FAILURES

  private:
    [[nodiscard]] u64 look_at_next();

    Scenario scenario_;
    ScenarioRun run_;
    u32 all_ = 0, held_ = 0, checked_ = 0;
    std::size_t next_ = 0; // of the expectations of the step that has run
    bool step_has_run_ = false;
    u64 looked_ = 0; // units that looking has taken
    std::vector<Failure> failures_;
};

} // namespace mm
