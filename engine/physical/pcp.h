#pragma once
// Per-CPU pages: the short lists from which most small requests are served without the zone's lock.
//
//   alloc: takes the head of a list ◄── refill: appended at the tail, from the buddy lists
//   free:  pushes at the head; over `high`, tails go back to the buddy lists, round robin over the lists
//
// Taking and pushing is in pcp_fast_path.h, refill and the way back in pcp.cpp.
//
// Models: lists by type (and order since 5.13), count, high, batch, free_factor (5.13 to 6.6), high_min to high_max with
//   alloc_factor and free_count (since 6.7).
// Not modelled: decay by timer, remote draining while a CPU is busy.
// Mirrors: mm/page_alloc.c (Linux 5.10, 6.1, 6.12).
#include "base/assert.h"
#include "physical/memory.h"

namespace mm {

// Lists of orders 0 to 3. Behind them stand those of huge pages.
inline constexpr u32 NR_LOWORDER_PCP_LISTS = MIGRATE_PCPTYPES * (PAGE_ALLOC_COSTLY_ORDER + 1);

[[nodiscard]] inline bool pcp_allowed_order(const physical_memory& mem, u32 order) {
    if (!mem.rules.pcp_high_orders()) return order == 0;
    return order <= PAGE_ALLOC_COSTLY_ORDER || order == mem.pageblock_order;
}

[[nodiscard]] inline u32 order_to_pindex(const physical_memory& mem, migratetype type, u32 order) {
    if (order > PAGE_ALLOC_COSTLY_ORDER) {
        MM_ASSERT(order == mem.pageblock_order);
        return NR_LOWORDER_PCP_LISTS + (type == MIGRATE_MOVABLE ? 1u : 0u);
    }
    return MIGRATE_PCPTYPES * order + static_cast<u32>(type);
}

[[nodiscard]] inline u32 pindex_to_order(const physical_memory& mem, u32 pindex) {
    return pindex >= NR_LOWORDER_PCP_LISTS ? mem.pageblock_order : pindex / MIGRATE_PCPTYPES;
}

// Gives all per-CPU pages of a zone back. kernel: drain_pages_zone
void drain_pages_zone(physical_context& cx, zone& z, u32 cpu);

} // namespace mm
