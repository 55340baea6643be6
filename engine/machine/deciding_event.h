#pragma once
// Of the events of an op, the one that decided: what a person wants to read at the op's end, before its result.
#include <cstddef>
#include <span>

#include "base/event.h"

namespace mm {

// How much an event decides. 1: a fast path; 2: work behind it; above: the usual way was left. All others only tell.
struct DecidingWeight {
    u16 kind;
    int weight;
};
[[nodiscard]] std::span<const DecidingWeight> deciding_weights();

// Index of the first event of the greatest weight; -1: none decides.
[[nodiscard]] std::ptrdiff_t deciding_event(std::span<const Event> events);

} // namespace mm
