#pragma once
// Per-CPU pages: the short lists from which most small requests are served without the zone's lock.
//
//   alloc: takes the head of a list ◄── refill: appended at the tail, from the buddy lists
//   free:  pushes at the head; over `high`, tails go back to the buddy lists, round robin over the lists
//
// Models: lists by type (and order since 5.13), count, high, batch, free_factor (5.13 to 6.6), high_min to high_max with
//   alloc_factor and free_count (since 6.7).
// Not modelled: decay by timer, remote draining while a CPU is busy.
// Mirrors: mm/page_alloc.c (Linux 5.10, 6.1, 6.12).
#include "physical/lists.h"
#include "physical/memory.h"

namespace mm {

// Lists of orders 0 to 3. Behind them stand those of huge pages.
inline constexpr u32 NR_LOWORDER_PCP_LISTS = MIGRATE_PCPTYPES * (PAGE_ALLOC_COSTLY_ORDER + 1);

[[nodiscard]] inline bool pcp_allowed_order(const physical_memory& mem, u32 order) {
    return order < mem.nr_pcp_orders || (order == mem.pageblock_order && mem.rules.pcp_high_orders());
}

// Of orders 0 to 3.
[[nodiscard]] inline u32 low_order_pindex(migratetype type, u32 order) {
    return MIGRATE_PCPTYPES * order + static_cast<u32>(type);
}

// `order` is one that pcp_allowed_order() allows.
[[nodiscard]] inline u32 order_to_pindex(migratetype type, u32 order) {
    if (order > PAGE_ALLOC_COSTLY_ORDER) return NR_LOWORDER_PCP_LISTS + (type == MIGRATE_MOVABLE ? 1u : 0u);
    return low_order_pindex(type, order);
}

[[nodiscard]] inline u32 pindex_to_order(const physical_memory& mem, u32 pindex) {
    return pindex >= NR_LOWORDER_PCP_LISTS ? mem.pageblock_order : pindex / MIGRATE_PCPTYPES;
}

// The list that takes blocks of such a pageblock.
[[nodiscard]] inline migratetype pcp_list_type(migratetype block_type) {
    return block_type < MIGRATE_PCPTYPES ? block_type : MIGRATE_MOVABLE;
}

// A block leaves its list from the front. Arguments as of list_pop().
[[gnu::always_inline]] inline void pcp_take(per_cpu_pages& pcp, u32 pindex, u32 order, const page& head) {
    list_pop(pcp.lists[pindex], head);
    pcp.count -= 1 << order;
}

// A block joins a list at the front; `first` is the page of the block that stood there. Arguments as of list_push().
[[gnu::always_inline]] inline void pcp_put(per_cpu_pages& pcp, u32 pindex, u32 order, migratetype block_type, u32 step,
                                           pfn_t pfn, page& head, page* first) {
    head.set_block(page_state::pcp, order, block_type, false);
    head.stamp = step;
    list_push(pcp.lists[pindex], pfn, head, first);
    pcp.count += 1 << order;
}

// 5.13 to 6.6: a block of a higher order after frees in a row empties all lists. Without a branch: nobody foresees orders.
[[nodiscard]] [[gnu::always_inline]] inline bool pcp_free_high(const per_cpu_pages& pcp, u32 order) {
    return (pcp.free_factor != 0) & (order - 1 < PAGE_ALLOC_COSTLY_ORDER);
}

// Will a free of this order give blocks back to the buddy lists? Since 6.7 only commit_auto_tuned() knows.
[[nodiscard]] inline bool pcp_frees_surplus(const kernel_rules& rules, const per_cpu_pages& pcp, u32 order) {
    if (rules.pcp_auto_tuned()) return false;
    return pcp.count + (1 << order) >= pcp.high || pcp_free_high(pcp, order);
}

// Takes a block from the running CPU's list, refilling it first when it is empty. PFN_NONE when the zone has none.
[[nodiscard]] pfn_t rmqueue_pcplist(physical_context& cx, zone& z, u32 order, migratetype type, u32 alloc_flags);
// The same without a note that frees are no longer in a row. kernel: __rmqueue_pcplist
[[nodiscard]] pfn_t rmqueue_pcplist_locked(physical_context& cx, zone& z, u32 order, migratetype type, u32 alloc_flags);
// Frees a block to the running CPU's list, and the list's surplus to the buddy lists.
void free_unref_page(physical_context& cx, zone& z, pfn_t pfn, u32 order, migratetype block_type);
// 6.7 and later: moves the lists' limit after a block joined, and gives back what is above it.
// kernel: free_unref_page_commit
void commit_auto_tuned(physical_context& cx, zone& z, u32 order, u32 pindex);

// Gives all per-CPU pages of a zone back. kernel: drain_pages_zone
void drain_pages_zone(physical_context& cx, zone& z, u32 cpu);

} // namespace mm
