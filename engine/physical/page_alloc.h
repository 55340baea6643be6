#pragma once
// The interface of the page allocator: what the rest of the kernel calls.
//
//   alloc_pages ─► get_page_from_freelist: for each zone of the zonelist
//                     watermark ok? ─no─► next zone
//                       └─yes─► rmqueue ─► per-CPU list (refilled from the buddy lists) or buddy lists
//
// Models: zone and node choice by gfp, the low then min watermark passes, ALLOC_NOFRAGMENT, reserves of GFP_ATOMIC,
//   __GFP_NOFAIL's and __GFP_THISNODE's meaning for zone choice, refcounts, compound heads, bad-page reports.
// Not modelled: the sleeping part of the slow path (direct reclaim, compaction, OOM): such a request fails after the
//   second pass, with an event that says so.
// Mirrors: mm/page_alloc.c (Linux 5.10, 6.1, 6.12).
#include "physical/gfp.h"
#include "physical/memory.h"

namespace mm {

struct alloc_request {
    u32 order = 0;
    gfp_t gfp = GFP_KERNEL;
    int node = -1; // preferred node; -1: the node of the running CPU (NUMA_NO_NODE)
};

// The first frame of the block, or PFN_NONE. The refcount of the first frame is 1. order < mem.nr_orders
[[nodiscard]] pfn_t alloc_pages(physical_context& cx, const alloc_request& request);

// Drops a reference; the last one frees the block of the given order. Misuse ends in a bad-page report, as in the
// kernel. `pfn` is any frame of the map. kernel: __free_pages
void free_pages(physical_context& cx, pfn_t pfn, u32 order);

// Frees a block whose last reference is gone. kernel: free_the_page (5.10, 6.1), __free_frozen_pages (6.12)
void free_the_page(physical_context& cx, pfn_t pfn, u32 order);

// A block that is no compound page becomes pages that are freed one by one. kernel: split_page
void split_page(physical_context& cx, pfn_t pfn, u32 order);

// kernel: alloc_pages_exact and free_pages_exact: a whole block, split, its unneeded tail frames given back.
[[nodiscard]] pfn_t alloc_pages_exact(physical_context& cx, u32 nr_pages, const alloc_request& request);
void free_pages_exact(physical_context& cx, pfn_t pfn, u32 nr_pages);

// The index of the highest zone that the mask allows. kernel: gfp_zone
[[nodiscard]] inline u32 gfp_zone_index(const physical_memory& mem, gfp_t gfp) {
    return mem.gfp_zones[gfp & GFP_ZONEMASK];
}

// Why bad_page() reports a page. The numbers are the `reason` of the event bad_page.
enum class bad_page_reason : u8 {
    none,
    nonzero_refcount, // somebody still holds it, or dropped a reference too many
    nonzero_mapcount, // it is free already: PageBuddy makes _mapcount look used
    reserved,         // PageReserved is set
    tail_of_compound, // it belongs to a compound page that begins elsewhere
    slab,             // PageSlab is set: a slab allocator holds it
    page_table,       // PageTable makes _mapcount look used: a page table stands there
};

} // namespace mm
