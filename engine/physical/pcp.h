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
#include "physical/memory.h"

namespace mm {

[[nodiscard]] bool pcp_allowed_order(const physical_memory& mem, u32 order);
[[nodiscard]] u32 order_to_pindex(const physical_memory& mem, migratetype type, u32 order);
[[nodiscard]] u32 pindex_to_order(const physical_memory& mem, u32 pindex);

// Takes a block from the running CPU's list, refilling it first when it is empty. PFN_NONE when the zone has none.
[[nodiscard]] pfn_t rmqueue_pcplist(physical_context& cx, zone& z, u32 order, migratetype type, u32 alloc_flags);

// Frees a block to the running CPU's list, and the list's surplus to the buddy lists. kernel: free_unref_page_commit
void free_unref_page(physical_context& cx, zone& z, pfn_t pfn, u32 order, migratetype block_type);

// Gives all per-CPU pages of a zone back. kernel: drain_pages_zone
void drain_pages_zone(physical_context& cx, zone& z, u32 cpu);

}  // namespace mm
