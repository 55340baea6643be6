#pragma once
// What a logical address is on a machine with segments (i386): its selector, the descriptor, the linear address or the fault.
// The address view and its description read the same facts.
#include <optional>

#include "machine/machine.h"
#include "views/view.h"

namespace shell {

// What the op accesses by selector and offset; nullopt: it is another op, or the machine has no segments.
[[nodiscard]] std::optional<mm::logical_address> logical_address_of(const mm::Machine& machine, const mm::Op& op);

struct SegmentFacts {
    // How far the events of the op have told it.
    enum class Told : mm::u8 { nothing, selector, descriptor, all };

    mm::logical_address asked;
    mm::linear_result result;
    Told told = Told::all;
    std::string fault; // the event's sentence; empty: none, or not told yet

    [[nodiscard]] bool shows_descriptor() const { return result.fetched && told >= Told::descriptor; }
    [[nodiscard]] bool shows_linear() const { return told == Told::all && result.fault == mm::segment_fault::none; }
};
// Of the op that is shown; nullopt: it has no logical address.
[[nodiscard]] std::optional<SegmentFacts> segment_facts(const ViewInput& input);

} // namespace shell
