#pragma once
// When no list of the wanted type serves a request: taking from another type, and perhaps a whole pageblock with it.
//
//   fallbacks    Unmovable  ─► Reclaimable, Movable
//                Movable    ─► Reclaimable, Unmovable
//                Reclaimable─► Unmovable, Movable
//
// A pageblock may be shared: by two zones at a border, by nodes that alternate inside it. What stands there in another zone is
// neither moved nor counted.
//
// Simplified: kernels look whether the zone spans the block's first and last frame, and take what lies between for its own.
//   Where nodes alternate inside a pageblock they would put the other node's pages on their lists.
// Mirrors: mm/page_alloc.c (Linux 5.10, 6.1: __rmqueue_fallback, steal_suitable_fallback;
// 6.12: __rmqueue_claim, __rmqueue_steal).
#include "physical/memory.h"

namespace mm {

// Moves a block of another type to the lists of `type`; the caller then searches them again. False: nothing to take.
[[nodiscard]] bool rmqueue_fallback(any_context auto& cx, zone& z, u32 order, migratetype type, u32 alloc_flags);

// 6.12: claims a pageblock for `type`, the largest block first, and takes the request from it. PFN_NONE: none may be
// claimed.
[[nodiscard]] pfn_t rmqueue_claim(any_context auto& cx, zone& z, u32 order, migratetype type, u32 alloc_flags);

// 6.12: takes one block of another type, the smallest that fits; what remains of it keeps its type.
[[nodiscard]] pfn_t rmqueue_steal(any_context auto& cx, zone& z, u32 order, migratetype type);

// Gives every pageblock of a block of at least pageblock_order the type.
void change_pageblock_range(any_context auto& cx, pfn_t pfn, u32 order, migratetype type);

// Moves all free blocks of the zone in the pageblock of `pfn` to the lists of `type`; the pages moved. 0 when the pageblock
// goes on behind the zone; where it begins before the zone, what lies from `pfn` on.
[[nodiscard]] u32 move_freepages_block(any_context auto& cx, zone& z, pfn_t pfn, migratetype type);

// Raises watermark_boost because a small block was taken from another type. True when the zone is boosted.
bool boost_watermark(any_context auto& cx, zone& z);

} // namespace mm
