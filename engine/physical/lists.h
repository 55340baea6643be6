#pragma once
// Lists threaded through struct page: those of free_area and of per_cpu_pages. Inline: every request moves a block from
// one to another.
#include "base/assert.h"
#include "physical/memory.h"

namespace mm {

//   first                      last
//   [a] <-> [b] <-> ... <-> [z]
// The first block's prev says nothing: so who takes a block off the front need not touch the one behind it.
// `list` must be the one that holds the page; `added` is the page of `pfn`, and `first` that of the list's first block,
// nullptr when it is empty.
[[gnu::always_inline]] inline void list_push(page_list& list, pfn_t pfn, page& added, page* first) {
    added.next = list.first;
    if (first)
        first->prev = pfn;
    else
        list.last = pfn;
    list.first = pfn;
    ++list.nr;
}

inline void list_add(physical_memory& mem, page_list& list, pfn_t pfn, page& added) {
    list_push(list, pfn, added, list.empty() ? nullptr : &mem.page_mut(list.first));
}

inline void list_add_tail(physical_memory& mem, page_list& list, pfn_t pfn, page& added) {
    added.next = PFN_NONE;
    added.prev = list.last;
    if (list.nr == 0)
        list.first = pfn;
    else
        mem.page_mut(list.last).next = pfn;
    list.last = pfn;
    ++list.nr;
}

// Takes the first block off a list; `head` is its page.
[[gnu::always_inline]] inline void list_pop(page_list& list, const page& head) {
    list.first = head.next;
    if (head.next == PFN_NONE) list.last = PFN_NONE;
    --list.nr;
}

inline void list_del(physical_memory& mem, page_list& list, pfn_t pfn) {
    MM_ASSERT(list.nr > 0);
    const page& removed = mem.page_at(pfn);
    if (list.first == pfn) return list_pop(list, removed);
    const pfn_t prev = removed.prev;
    const pfn_t next = removed.next;
    mem.page_mut(prev).next = next;
    if (next == PFN_NONE)
        list.last = prev;
    else
        mem.page_mut(next).prev = prev;
    --list.nr;
}

// Puts a free block on a free list, and takes it off. The block's type is the list's.
inline void add_to_free_list(physical_memory& mem, zone& z, pfn_t pfn, u32 order, migratetype type, bool tail) {
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
    if (type == MIGRATE_HIGHATOMIC) z.nr_free_highatomic += 1u << order;
}

inline void del_page_from_free_list(physical_memory& mem, zone& z, pfn_t pfn) {
    page& head = mem.page_mut(pfn);
    MM_ASSERT(head.state() == page_state::buddy);
    free_area& area = z.area[head.order()];
    list_del(mem, area.free_list[head.type()], pfn);
    --area.nr_free;
    if (head.type() == MIGRATE_HIGHATOMIC) z.nr_free_highatomic -= 1u << head.order();
    head.set_state(page_state::tail);
}

} // namespace mm
