#pragma once
// Pages at given addresses: alloc_contig_range() takes exactly the frames that it is told, if they are free or can be made so.
//
//   isolate the pageblocks   ─► drain the CPUs' lists ─► move what is in use ─► all free? take it ─► pageblocks come back
//   [ . . | start       end | . ]                        (nothing can move here)      no: -EBUSY
//
// Models: isolation and its undoing (page_isolation.h), free blocks that reach over the range and come back in single pages, the
//   type that the pageblocks have afterwards.
// Simplified: pages in use are never moved: the kernel moves pages of processes, which are on an LRU list, and those are not
//   there yet. What ops hold here no kernel would move, either: its address is known to who holds it.
// Not modelled: __GFP_COMP (since 6.12), which makes one compound page of the range, for huge pages of 1 GiB.
// Mirrors: mm/page_alloc.c, mm/page_isolation.c, mm/compaction.c (Linux 5.10, 6.1, 6.12).
#include "physical/page_alloc.h"

namespace mm {

// How a request ended. The numbers from `no_memory` on are the `reason` of the event contig_refused.
enum class contig_result : u8 {
    taken,
    busy,       // -EBUSY, told by isolate_refused or test_pages_isolated
    no_memory,  // the range leaves the memory
    other_zone, // it goes over the border of a zone
    gfp,        // -EINVAL: flags that it cannot follow
    compound,   // __GFP_COMP, which is not modelled
    no_cma,     // MIGRATE_CMA in a kernel that is built without it
};

// The frames [start, end) become single pages, each with one reference. `type`: MIGRATE_MOVABLE or MIGRATE_CMA, which the
// pageblocks are afterwards. start < end
[[nodiscard]] contig_result alloc_contig_range(physical_context& cx, pfn_t start, pfn_t end, migratetype type,
                                               gfp_t gfp);

// Frees single pages in a row; warns when somebody holds one of them, too.
void free_contig_range(physical_context& cx, pfn_t pfn, u32 nr_pages);

} // namespace mm
