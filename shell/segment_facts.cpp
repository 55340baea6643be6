#include "segment_facts.h"

#include <algorithm>

#include "address_facts.h"
#include "mmu/ops.h"
#include "mmu/x86/segment_events.h"

namespace shell {

std::optional<mm::logical_address> logical_address_of(const mm::Machine& machine, const mm::Op& op) {
    if (!machine.mmu.up || !machine.mmu.arch().has_segments) return std::nullopt;
    if (mm::op_spec(op.kind).name != "logical_access") return std::nullopt;
    return mm::logical_address_of(op);
}

std::optional<SegmentFacts> segment_facts(const ViewInput& input) {
    const std::optional<mm::Op> op = shown_op(*input.app.session);
    const auto asked = op ? logical_address_of(input.machine, *op) : std::nullopt;
    if (!asked) return std::nullopt;
    SegmentFacts facts{*asked, mm::to_linear(input.machine.mmu.gdt, *asked), SegmentFacts::Told::nothing, {}};
    for (const mm::Event& event : input.events.first(std::min<std::size_t>(input.event, input.events.size()))) {
        switch (static_cast<mm::segment_event>(event.kind)) {
        case mm::segment_event::selector_decoded: facts.told = SegmentFacts::Told::selector; break;
        case mm::segment_event::descriptor_fetched: facts.told = SegmentFacts::Told::descriptor; break;
        case mm::segment_event::linear_address: facts.told = SegmentFacts::Told::all; break;
        case mm::segment_event::segment_fault:
            facts.told = SegmentFacts::Told::all;
            facts.fault = mm::narrate_plain(input.machine, event, input.app.language);
            break;
        default: break;
        }
    }
    return facts;
}

} // namespace shell
