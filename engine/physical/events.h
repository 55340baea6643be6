#pragma once
// The events of the page allocator: kinds here, their arguments and sentences in event_rows.h.
#include "base/event_words.h"
#include "base/rooms.h"

namespace mm {

enum class physical_event : u16 {
    alloc_request = first_number(room_id::physical),
    zone_watermark_ok,
    zone_watermark_fail,
    zone_watermark_no_block,
    watermark_lowered,
    watermark_unusable,
    nofragment_retry,
    slowpath_enter,
    kswapd_wake,
    direct_reclaim_missing,
    pcp_hit,
    pcp_refill,
    pcp_refilled,
    free_list_empty,
    buddy_take,
    buddy_split,
    mm_page_alloc_zone_locked,
    fallback_search,
    mm_page_alloc_extfrag,
    pageblock_claim,
    pageblock_move,
    block_move,
    watermark_boost,
    highatomic_reserve,
    page_prep,
    mm_page_alloc,
    mm_page_alloc_fail,
    free_request,
    free_nothing,
    free_null_page,
    free_keeps_reference,
    mm_page_free,
    pcp_free,
    pcp_bulk_free,
    mm_page_pcpu_drain,
    buddy_check,
    buddy_merge,
    buddy_stay,
    buddy_add,
    bad_page,
    misuse_unseen,
    vmstat_fold,
    vmstat_folds,
    node_sized,
    zone_sized,
    zonelist_built,
    memblock_free,
    cma_free,
    pcp_setup,
    min_free_kbytes_set,
    zone_watermarks_set,
    lowmem_reserve_set,
    sysctl_set,
    pages_split,
    kernelcore_required,
    zone_movable_placed,
    zone_device_added,
    page_address,
    page_address_kmap,
    page_address_null,
    virt_to_page,
    virt_to_page_garbage,
    mem_map_sized,
    count,
};

// The argument wmark of the three comparisons: the watermark is raised by the zone's boost.
inline constexpr int WMARK_BOOSTED = 4;

// Why a request may go below a watermark, as __zone_watermark_ok() takes pages off.
enum class watermark_lowering : u8 { none, half, quarter, half_and_quarter };
// What a zone's boost does to it.
enum class boost_effect : u8 { none, counts, ignored };

[[nodiscard]] EventPart physical_events();

} // namespace mm
