#pragma once
// What a logical address is on a machine with segments (i386): its selector, the descriptor, the linear address or the fault.
#include <optional>
#include <string>

#include "machine/moment.h"
#include "machine/narrate.h"

namespace mm {

// What the op accesses by selector and offset; nullopt: it is another op, or the machine has no segments.
[[nodiscard]] std::optional<logical_address> logical_address_of(const Machine& machine, const Op& op);

struct SegmentFacts {
    // How far the events of the op have told it.
    enum class Told : u8 { nothing, selector, descriptor, all };

    logical_address asked;
    linear_result result;
    Told told = Told::all;
    std::string fault; // the event's sentence; empty: none, or not told yet

    [[nodiscard]] bool shows_descriptor() const { return result.fetched && told >= Told::descriptor; }
    [[nodiscard]] bool shows_linear() const { return told == Told::all && result.fault == segment_fault::none; }
};
// Of the op, as far as its events have happened; nullopt: it has no logical address.
[[nodiscard]] std::optional<SegmentFacts> segment_facts(const Moment& moment, Language language);

} // namespace mm
