// Lists threaded through struct page, and the lookup of the block that a frame belongs to.
#include "base/assert.h"
#include "physical/buddy.h"

namespace mm {

//   first                      last
//   [a] <-> [b] <-> ... <-> [z]
void list_add(physical_memory& mem, page_list& list, pfn_t pfn, page& added) {
    added.prev = PFN_NONE;
    added.next = list.first;
    if (list.nr == 0)
        list.last = pfn;
    else
        mem.page_mut(list.first).prev = pfn;
    list.first = pfn;
    ++list.nr;
}

void list_add_tail(physical_memory& mem, page_list& list, pfn_t pfn, page& added) {
    added.next = PFN_NONE;
    added.prev = list.last;
    if (list.nr == 0)
        list.first = pfn;
    else
        mem.page_mut(list.last).next = pfn;
    list.last = pfn;
    ++list.nr;
}

void list_del(physical_memory& mem, page_list& list, pfn_t pfn) {
    MM_ASSERT(list.nr > 0);
    const page& removed = mem.page_at(pfn);
    const pfn_t prev = removed.prev;
    const pfn_t next = removed.next;
    if (prev == PFN_NONE)
        list.first = next;
    else
        mem.page_mut(prev).next = next;
    if (next == PFN_NONE)
        list.last = prev;
    else
        mem.page_mut(next).prev = prev;
    --list.nr;
}

void add_to_free_list(physical_memory& mem, zone& z, pfn_t pfn, u32 order, migratetype type, bool tail) {
    page& head = mem.page_mut(pfn);
    head.set_state(page_state::buddy);
    head.set_order(order);
    head.set_type(type);
    free_area& area = z.area[order];
    if (tail)
        list_add_tail(mem, area.free_list[type], pfn, head);
    else
        list_add(mem, area.free_list[type], pfn, head);
    ++area.nr_free;
}

void del_page_from_free_list(physical_memory& mem, zone& z, pfn_t pfn) {
    page& head = mem.page_mut(pfn);
    MM_ASSERT(head.state() == page_state::buddy);
    free_area& area = z.area[head.order()];
    list_del(mem, area.free_list[head.type()], pfn);
    --area.nr_free;
    head.set_state(page_state::tail);
}

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

}  // namespace mm
