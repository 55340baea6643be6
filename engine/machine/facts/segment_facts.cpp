#include "machine/facts/segment_facts.h"

#include "mmu/ops.h"
#include "mmu/x86/segment_events.h"

namespace mm {

std::optional<logical_address> logical_address_of(const Machine& machine, const Op& op) {
    if (!machine.mmu.up || !machine.mmu.arch().has_segments) return std::nullopt;
    if (op_spec(op.kind).name != "logical_access") return std::nullopt;
    return logical_address_of(op);
}

std::optional<SegmentFacts> segment_facts(const Moment& moment, Language language) {
    if (!moment.op) return std::nullopt;
    const Machine& machine = moment.at;
    const auto asked = logical_address_of(machine, *moment.op);
    if (!asked) return std::nullopt;
    SegmentFacts facts{*asked, to_linear(machine.mmu.gdt, *asked), SegmentFacts::Told::nothing, {}};
    for (const Event& event : moment.happened()) {
        switch (static_cast<segment_event>(event.kind)) {
        case segment_event::selector_decoded: facts.told = SegmentFacts::Told::selector; break;
        case segment_event::descriptor_fetched: facts.told = SegmentFacts::Told::descriptor; break;
        case segment_event::linear_address: facts.told = SegmentFacts::Told::all; break;
        case segment_event::segment_fault:
            facts.told = SegmentFacts::Told::all;
            facts.fault = narrate_plain(machine, event, language);
            break;
        default: break;
        }
    }
    return facts;
}

} // namespace mm
