#pragma once
// Watermarks: how much of a zone an allocation may use.
//
//   min = pages_min × managed / lowmem, low = min + gap, high = min + 2 × gap,
//   gap = max(min / 4, managed × watermark_scale_factor / 10000)
//
// Models: min_free_kbytes (computed, raised by THP, set by the user), watermark_scale_factor, watermark_boost,
//   lowmem_reserve, totalreserve, zone_watermark_fast and its order check, per-CPU counter thresholds.
// Mirrors: mm/page_alloc.c, mm/khugepaged.c, mm/vmstat.c (Linux 5.10, 6.1, 6.12).
#include "physical/memory.h"

namespace mm {

// Flags of one pass of get_page_from_freelist (mm/internal.h: ALLOC_*). The bits are ours.
enum alloc_flag : u32 {
    ALLOC_WMARK_MIN = WMARK_MIN,
    ALLOC_WMARK_LOW = WMARK_LOW,
    ALLOC_WMARK_HIGH = WMARK_HIGH,
    ALLOC_WMARK_MASK = 3,
    ALLOC_NO_WATERMARKS = 4,
    ALLOC_HARDER = 0x10,      // 6.1: may use a quarter of the reserve. 6.12: ALLOC_NON_BLOCK
    ALLOC_HIGH = 0x20,        // __GFP_HIGH: may use half of the reserve. 6.12: ALLOC_MIN_RESERVE
    ALLOC_CMA = 0x80,         // movable: may use CMA blocks
    ALLOC_NOFRAGMENT = 0x100, // prefers another zone to mixing types in a pageblock
    ALLOC_KSWAPD = 0x800,
    ALLOC_HIGHATOMIC = 0x200, // 6.12: may use the highatomic reserve
};

// min_free_kbytes as boot computes it: sqrt(lowmem KiB × 16), within [128, 262144].
[[nodiscard]] i64 calculate_min_free_kbytes(const physical_memory& mem);
// What khugepaged recommends while transparent huge pages are on; only ever raises the value.
[[nodiscard]] i64 recommended_min_free_kbytes(const physical_memory& mem);

void setup_per_zone_wmarks(physical_context& cx);         // also totalreserve and pcp->high
void setup_per_zone_lowmem_reserve(physical_context& cx); // also totalreserve
void zone_pcp_update(physical_context& cx, zone& z);      // batch and high
[[nodiscard]] i32 zone_batchsize(const physical_memory& mem, const zone& z);
void refresh_zone_stat_thresholds(physical_memory& mem);

// The numbers of one comparison: passes when free - unusable > mark_pages(reduced) + reserve and a block is there.
struct watermark_check {
    bool ok = false;
    bool enough = false; // the sum is met; false `ok` then means no block of the order
    i64 free = 0;        // NR_FREE_PAGES as this check reads it
    i64 unusable = 0;    // (1 << order) - 1, highatomic (unusable_highatomic) and CMA pages that it may not have
    i64 min = 0;         // the watermark after the request's reductions
    i64 reserve = 0;     // lowmem_reserve of the request's highest zone
    i64 mark = 0;        // the watermark before reductions
};

// Is there a block of at least the order on a list that the request may use?
[[nodiscard]] [[gnu::always_inline]] inline bool zone_has_block(const physical_memory& mem, const zone& z, u32 order,
                                                                u32 alloc_flags) {
    const u32 highatomic = alloc_flags & (mem.rules.has_gfp_atomic_bit() ? ALLOC_HARDER : ALLOC_HIGHATOMIC);
    // From the top, where a zone that has room has blocks.
    for (u32 o = mem.nr_orders; o-- > order;) {
        const free_area& area = z.area[o];
        if (area.nr_free == 0) continue;
        for (u32 type = 0; type < MIGRATE_PCPTYPES; ++type)
            if (!area.free_list[type].empty()) return true;
        if (alloc_flags & ALLOC_CMA && !area.free_list[MIGRATE_CMA].empty()) return true;
        if (highatomic && !area.free_list[MIGRATE_HIGHATOMIC].empty()) return true;
    }
    return false;
}

// Pages kept for atomic requests, as other requests have to leave them out.
[[nodiscard]] [[gnu::always_inline]] inline u32 unusable_highatomic(const kernel_rules& rules, const zone& z) {
    return rules.counts_free_highatomic() ? z.nr_free_highatomic : z.nr_reserved_highatomic;
}

// `mark`: the watermark with its boost. Inline: every request asks. kernel: __zone_watermark_ok
[[nodiscard]] [[gnu::always_inline]] inline watermark_check zone_watermark_ok(const physical_memory& mem, const zone& z,
                                                                              u32 order, u32 mark, u32 highest_zoneidx,
                                                                              u32 alloc_flags) {
    const bool atomic_bit = mem.rules.has_gfp_atomic_bit();
    i64 min = mark;
    if (alloc_flags & ALLOC_HIGH) min -= min / 2;
    if (alloc_flags & ALLOC_HARDER && (atomic_bit || alloc_flags & ALLOC_HIGH)) min -= min / 4;
    // kernel: __zone_watermark_unusable_free
    i64 unusable = (1 << order) - 1;
    const u32 reserves = atomic_bit ? u32{ALLOC_HARDER} : u32{ALLOC_HARDER | ALLOC_HIGH | ALLOC_HIGHATOMIC};
    if (!(alloc_flags & reserves)) unusable += unusable_highatomic(mem.rules, z);
    if (!(alloc_flags & ALLOC_CMA)) unusable += z.nr_free_cma;
    const i64 reserve = z.lowmem_reserve[highest_zoneidx];
    const bool enough = z.nr_free_pages - unusable > min + reserve;
    const bool ok = enough && (order == 0 || zone_has_block(mem, z, order, alloc_flags));
    return {ok, enough, z.nr_free_pages, unusable, min, reserve, mark};
}

// The same, and a second chance without boost for order-0 requests that `ignore_boost` (GFP_ATOMIC) at the min mark.
[[nodiscard]] [[gnu::always_inline]] inline watermark_check zone_watermark_fast(const physical_memory& mem,
                                                                                const zone& z, u32 order, u32 mark,
                                                                                u32 highest_zoneidx, u32 alloc_flags,
                                                                                bool ignore_boost) {
    const bool at_min = (alloc_flags & ALLOC_WMARK_MASK) == ALLOC_WMARK_MIN;
    const watermark_check check = zone_watermark_ok(mem, z, order, mark, highest_zoneidx, alloc_flags);
    if (check.ok || order || !ignore_boost || !at_min || z.watermark_boost == 0) [[likely]]
        return check;
    return zone_watermark_ok(mem, z, order, z.watermark[WMARK_MIN], highest_zoneidx, alloc_flags);
}

// Counters go through the running CPU's delta; the zone's own count follows once the delta is above the threshold.
void mod_zone_free_state(any_context auto& cx, zone& z, i32 nr_pages);
void mod_zone_cma_state(any_context auto& cx, zone& z, i32 nr_pages);
// NR_FREE_PAGES, and NR_FREE_CMA_PAGES when the type is CMA. What is isolated is not counted.
void mod_zone_freepage_state(any_context auto& cx, zone& z, i32 nr_pages, migratetype type);

} // namespace mm
