#pragma once
// The buddy allocator of one zone: lists of free blocks by order and type, split and merge.
//
//   split   order 3  [        A        ]            merge   order 2  [   A    ] [ buddy B ]   both free, same order,
//           order 2  [   A    ] [  B'  ]                    order 3  [        A          ]    same zone
//
// Models: list order (head or tail) as the kernel keeps it, buddy_merge_likely, pageblock types, the fallback table,
//   stealing, watermark boost.
// Simplified: in the steal rule no page counts as movable in use, since no page of this room is on an LRU.
// Not modelled: page isolation in progress, guard pages, shuffling; that 5.10 named the type asked for in
//   mm_page_alloc_zone_locked, not that of the list.
// Mirrors: mm/page_alloc.c (Linux 5.10, 6.1, 6.12).
#include "physical/lists.h"

namespace mm {

// Why a block does not merge with its buddy. The numbers are the `reason` of the event buddy_stay.
enum class buddy_stay : u8 {
    merges,
    max_order,   // blocks of the highest order do not grow
    no_memory,   // condition 1: the buddy is a hole, or outside the map
    not_free,    // condition 2: the buddy is not a free block
    other_order, // condition 3: the buddy is split, or part of a larger block
    other_zone,  // the buddy belongs to another zone
    other_type,  // pageblock types that must not mix (CMA, highatomic, isolated)
};

// Frees a block into the zone's lists, merging upwards. kernel: __free_one_page
void free_one_page(any_context auto& cx, zone& z, pfn_t pfn, u32 order, migratetype type, bool to_tail);

// Where the search of one refill begins: past what the block before has found empty. Since 6.12 only.
enum class rmqueue_mode : u8 { normal, cma, claim, steal };

// Takes a block for a request. PFN_NONE when the zone has none. kernel: __rmqueue
// Accounting: since 6.12 the block leaves NR_FREE_PAGES here; before, the caller subtracts it.
[[nodiscard]] pfn_t rmqueue_locked(any_context auto& cx, zone& z, u32 order, migratetype type, u32 alloc_flags,
                                   rmqueue_mode& mode);

// The part of a free block above the low `low` order goes back to the lists of `type`, upper halves first.
void expand(any_context auto& cx, zone& z, pfn_t pfn, u32 low, u32 high, migratetype type);

// Takes the head of the first list of `type` that is long enough, and splits it. kernel: __rmqueue_smallest
[[nodiscard]] pfn_t rmqueue_smallest(any_context auto& cx, zone& z, u32 order, migratetype type);

} // namespace mm
