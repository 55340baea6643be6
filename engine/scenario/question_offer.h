#pragma once
// What a question offers that only the machine knows, and which of it is right: ways and zones to choose from, things to
// put in order, places to point at.
//
//   branch    the ways that an op of this kind can take, the ends of the tree of page faults for an access, or the zones of the
//             machine                                                                    one is right
//   order     functions, values or sentences, shuffled                                    all, in their order
//   several   all zones, orders, types, CPUs or nodes; frames are pointed at instead      those that the events told
#include "base/told.h"
#include "scenario/step_result.h"

namespace mm {

struct Offer {
    std::vector<LocalText> items;
    std::vector<i64> right; // positions in `items`; of frames that are pointed at, the first of each block
    std::vector<u8> orders; // of those blocks
    Told problem;           // why the question has no answer; empty: it has one
};

[[nodiscard]] Offer offer_of(const Question& question, const Machine& after, const StepResult& step);

// Is it answered by pointing at frames?
[[nodiscard]] bool points_at_frames(const Question& question);

// The way that an op took: the first of the ways of its kind, the rarest first, whose event has happened.
struct Way {
    u16 event = 0;
    std::string_view en, zh;
    enum class For : u8 { any, cpu_lists, buddy_lists } of = For::any;
};

// Where a fault of an access can end; the last, `count`, is none: there was no fault. Empty: the op is no access of a program.
[[nodiscard]] std::vector<fault_node> fault_ends_of(const Machine& after, const StepResult& step);

// Those that the step's last op could have taken. Empty: nothing is known of ops of its kind.
[[nodiscard]] std::vector<Way> ways_of(const Machine& after, const Op& op);

} // namespace mm
