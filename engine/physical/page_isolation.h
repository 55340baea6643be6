#pragma once
// Taking whole pageblocks out of reach: MIGRATE_ISOLATE is no type that requests search, so what is free there, and what is
// freed there meanwhile, stays until somebody takes it by its place or the pageblocks get a type again.
//
//   a free block of two pageblocks, one of them isolated    [          10          ]   ->   [    9    ][    9    ]
//                                                            isolated |   other              Isolate     Movable
//
// Models: what makes a pageblock unmovable, MIGRATE_ISOLATE lists that do not count as free, free blocks cut at the border of
//   the range (5.19 to 6.9 after the move, since 6.10 with it), the whole blocks of the highest order that older kernels
//   isolate, merging when a pageblock comes back.
// Simplified: no page of this machine is on an LRU list, so none in use can be moved.
// Not modelled: memory hotplug (MEMORY_OFFLINE), hugetlb pages.
// Mirrors: mm/page_isolation.c, mm/page_alloc.c (Linux 5.10, 6.1, 6.12).
#include "physical/memory.h"

namespace mm {

// Why a pageblock is not isolated. The numbers are the `reason` of the event isolate_refused.
enum class isolate_refusal : u8 {
    none,
    isolated, // somebody else did
    reserved, // boot holds a page of it, or there is no memory
    cma,      // it is CMA's, and the request is not
    in_use,   // a page of it is in use and cannot be moved
    across,   // a compound page in use crosses its border
    border,   // the zone ends in it
};

// Isolates the pageblocks that hold [start, end), all of zone `z`. False: one of them cannot be, and none is.
// `type`: what the pageblocks become when they come back, MIGRATE_MOVABLE or MIGRATE_CMA.
[[nodiscard]] bool start_isolate_page_range(physical_context& cx, zone& z, pfn_t start, pfn_t end, migratetype type);

// Gives all isolated pageblocks of the range the type, whatever they were before.
void undo_isolate_page_range(physical_context& cx, zone& z, pfn_t start, pfn_t end, migratetype type);

// The first page from `start` on that does not belong to a free block; `end` or behind it when all are free.
[[nodiscard]] pfn_t first_page_in_use(const physical_memory& mem, pfn_t start, pfn_t end);

} // namespace mm
