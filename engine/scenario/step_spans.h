#pragma once
// Positions as people count them, written and read in one way: in links (at=4.17.3), in the page, on the command line.
//
//   "0"        nothing has happened yet
//   "4"        step 4 is done: the fourth entry of the scenario's "steps"
//   "4.17"     its 17th op is done; a run ("repeat", "random") has many ops, any other step has one
//   "4.17.3"   in its 17th op, event 3 has happened; in a step of one op that is "4.1.3"
//
// A Position (machine/moment.h) counts ops. The path of an error, steps[3], is a place in JSON text and counts from 0.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/told.h"
#include "machine/moment.h"
#include "scenario/scenario.h"

namespace mm {

// Each counts from 1. op 0: the whole step; event 0: the whole op. step 0: the start.
struct StepPlace {
    u32 step = 0;
    u32 op = 0;
    u32 event = 0;
    friend bool operator==(const StepPlace&, const StepPlace&) = default;
};

// Index of the step that an op belongs to; nullopt: of none.
[[nodiscard]] std::optional<u32> step_of_op(std::span<const ScenarioStep> steps, u32 op);
// How many steps are done after so many ops. A step without ops is done as soon as those before it are.
[[nodiscard]] u32 steps_done(std::span<const ScenarioStep> steps, u32 ops);

[[nodiscard]] StepPlace place_of(std::span<const ScenarioStep> steps, Position at);
[[nodiscard]] std::string position_text(std::span<const ScenarioStep> steps, Position at);
// An op's own name: "4.17", of a step of one op "4.1".
[[nodiscard]] std::string op_position(std::span<const ScenarioStep> steps, u32 op);

struct ReadPosition {
    std::optional<Position> at; // the nearest that there is; nullopt: the text is no position
    Told problem;               // why it is not what the text says; empty: it is
};
// How many events an op has is not known before it runs: an event that it has not is no problem here.
[[nodiscard]] ReadPosition read_position(std::span<const ScenarioStep> steps, std::string_view text);
// The op has run, and has fewer events than were asked for: which there are.
[[nodiscard]] Told no_such_event(std::span<const ScenarioStep> steps, u32 op, std::size_t events);

} // namespace mm
