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
[[nodiscard]] int deciding_weight(u16 kind); // 0: it only tells

// Index of the one that decides; -1: none does. An op that asks a lower room, as vmalloc() asks the page allocator, is decided by
// an event of its own: the highest room that any event is of. Within a room it is the first of the greatest weight. What went
// wrong (4) decides before all else, wherever it did.
[[nodiscard]] std::ptrdiff_t deciding_event(std::span<const Event> events);

// Where the one that decides tells of a zone that was too low: index of the one that tells of the zone which served, the last
// that was asked; -1: none did, or something else decided.
[[nodiscard]] std::ptrdiff_t serving_event(std::span<const Event> events, std::ptrdiff_t deciding);

} // namespace mm
