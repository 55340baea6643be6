// The lookup of the block that a frame belongs to.
#include "physical/memory.h"

namespace mm {

block_info find_block(const physical_memory& mem, pfn_t pfn) {
    if (!mem.pfn_valid(pfn)) return {pfn, 0, page_state::hole};
    const page_state own = mem.page_at(pfn).state();
    if (own == page_state::hole || own == page_state::reserved) return {pfn, 0, own};
    for (u32 order = 0; order < mem.nr_orders; ++order) {
        const pfn_t head = pfn & ~((1u << order) - 1);
        if (head < mem.base_pfn) break;
        const page& candidate = mem.page_at(head);
        switch (candidate.state()) {
        case page_state::buddy:
        case page_state::pcp:
        case page_state::allocated:
        case page_state::leaked:
            if (pfn - head < 1u << candidate.order()) return {head, candidate.order(), candidate.state()};
            break;
        default: break;
        }
    }
    return {pfn, 0, own};
}

} // namespace mm
