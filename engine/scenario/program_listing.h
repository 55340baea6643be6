#pragma once
// The ops of a scenario's processes as a program in C: one line a written step.
#include <span>
#include <string>
#include <vector>

#include "machine/narrate.h"
#include "scenario/scenario.h"

namespace mm {

struct ProgramLine {
    u32 step = 0;                   // index of the written step
    u32 process = NO_ONE;           // whose line it is: index in processes()
    u32 turns = 1;                  // more than 1: a loop; 0: ops that chance chooses
    bool more = false;              // a turn has more ops than there are texts
    std::vector<std::string> texts; // of the step's op, or of the first ops of a turn
    bool call = false;              // what it came to can be told: it is one op of a program

    static constexpr u32 NO_ONE = 0xffffffffu;
};

// A process by the name that the scenario gives it.
struct ProgramProcess {
    std::string name;
    u32 depth = 0; // forks before it
};

// Whether a program runs among the ops.
[[nodiscard]] bool has_program(std::span<const Op> ops);

class ProgramListing {
  public:
    // `ops` and the scenario are kept by who asks.
    ProgramListing(const Scenario& scenario, std::span<const Op> ops);

    [[nodiscard]] std::span<const ProgramProcess> processes() const { return processes_; }
    // `machine`: any of the scenario's.
    [[nodiscard]] ProgramLine line(const Machine& machine, u32 step) const;
    // What stands before a line in a text: its number and its process.
    [[nodiscard]] std::string head(const ProgramLine& line) const;

  private:
    void meet(const Op& op);
    [[nodiscard]] u32 process_of(const Op& op) const;
    [[nodiscard]] std::string text(const Machine& machine, u32 op) const;

    const Scenario& scenario_;
    std::span<const Op> ops_;
    std::vector<ProgramProcess> processes_;
    std::vector<u32> by_slot_; // index of the process that a result names
};

// The line's statement: of a run a loop. `ops`: of the written step.
[[nodiscard]] std::string line_in_c(const ProgramLine& line, u32 ops);

} // namespace mm
