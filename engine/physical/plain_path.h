#pragma once
// A request as nearly all of them are, and with nobody watching: the first zone has plenty, and the running CPU's list a
// block; a block comes back to a list that has room.
//
// Whether it is so is decided before anything changes, and nothing is called on the way. So all of it stays in registers,
// which WebAssembly needs more than other code: there each call saves them all, and what has an address has it on a stack of
// its own. What is not plain goes the full way (page_alloc.cpp), which does the same and tells it; huge pages, too.
//
// Invariant (tests/physical/plain_path_test.cpp): watched and unwatched, a request leaves the same memory and counts the
// same events.
#include "physical/alloc_context.h"
#include "physical/page_check.h"
#include "physical/pcp.h"

namespace mm {

// alloc_request, zone_watermark_ok, pcp_hit, page_prep and mm_page_alloc; free_request, mm_page_free and pcp_free.
inline constexpr u64 PLAIN_ALLOC_EVENTS = 5;
inline constexpr u64 PLAIN_FREE_EVENTS = 3;

// mem.zones[number], by way of a guess: the zone of the last request. While the guess holds, what is read from the zone need
// not wait for what says its number, which comes out of a page or a node: only the comparison does.
[[nodiscard]] [[gnu::always_inline]] inline zone& zone_behind_guess(physical_memory& mem, u8& guess, u8 number) {
    zone* z = &mem.zones[guess];
    if (z->number != number) [[unlikely]] {
        guess = number;
        z = &mem.zones[number];
    }
    return *z;
}

// The zone stays above its high watermark without what some requests may not use, and has a block that all may use.
// Whatever watermark, reserves and boost count for a request, zone_watermark_ok() allows it then.
[[nodiscard]] [[gnu::always_inline]] inline bool has_plenty(const physical_memory& mem, const zone& z, u32 order,
                                                            u32 highest_zoneidx) {
    const i64 kept =
        i64{z.wmark_pages(WMARK_HIGH)} + z.lowmem_reserve[highest_zoneidx] + unusable_highatomic(mem.rules, z);
    if (z.nr_free_pages - z.nr_free_cma < kept + (1 << order)) return false;
    const auto has_common_block = [&](u32 o) {
        const auto& list = z.area[o].free_list;
        return (list[MIGRATE_UNMOVABLE].nr | list[MIGRATE_MOVABLE].nr | list[MIGRATE_RECLAIMABLE].nr) != 0;
    };
    // The largest blocks outside of the loop: mostly there are some.
    u32 o = mem.nr_orders - 1u;
    if (has_common_block(o)) [[likely]]
        return true;
    while (o-- > order)
        if (has_common_block(o)) return true;
    return false;
}

// PFN_NONE: the request is not plain, and nothing has changed.
[[nodiscard]] [[gnu::always_inline]] inline pfn_t alloc_plain(physical_context& cx, const alloc_request& request) {
    physical_memory& mem = cx.mem;
    if (request.order >= mem.nr_pcp_orders || mem.full_way) return PFN_NONE;
    const alloc_context ac = prepare_alloc(cx, request);
    if (ac.preferred_zone == ZONE_NONE) return PFN_NONE;
    zone& z = zone_behind_guess(mem, mem.last_alloc_zone, ac.preferred_zone);
    if (z.boosted_watermark || !has_plenty(mem, z, ac.order, ac.highest_zoneidx)) return PFN_NONE;
    per_cpu_pages& pcp = z.pcp[cx.cpu];
    const u32 pindex = low_order_pindex(ac.type, ac.order);
    const pfn_t pfn = pcp.lists[pindex].first;
    if (pfn == PFN_NONE) return PFN_NONE;
    page* head = nullptr;
    if (!mem.find_owned(pfn, head) || cx.sink.armed()) return PFN_NONE;

    pcp.note_alloc();
    pcp_take(pcp, pindex, ac.order, *head);
    zone_statistics(mem, z, z, cx.cpu);
    hand_out(*head, ac, cx.step);
    cx.sink.add_count(PLAIN_ALLOC_EVENTS);
    return pfn;
}

// False: the free is not plain, and nothing has changed.
[[nodiscard]] [[gnu::always_inline]] inline bool free_plain(physical_context& cx, pfn_t pfn, u32 order) {
    physical_memory& mem = cx.mem;
    if (!mem.pfn_valid(pfn) || order >= mem.nr_pcp_orders || mem.full_way) return false;
    page* head = nullptr;
    if (!mem.find_owned(pfn, head) || head->refcount != 1 || !is_plain_block(*head, order)) return false;
    const migratetype type = mem.block_type(pfn);
    if (type >= MIGRATE_PCPTYPES) return false;
    zone& z = zone_behind_guess(mem, mem.last_free_zone, mem.populated[head->zone_slot()]);
    per_cpu_pages& pcp = z.pcp[cx.cpu];
    if (pcp_frees_surplus(mem.rules, pcp, order)) return false;
    const u32 pindex = low_order_pindex(type, order);
    const pfn_t first_pfn = pcp.lists[pindex].first;
    page* first = nullptr;
    if (first_pfn != PFN_NONE && !mem.find_owned(first_pfn, first)) return false;
    if (cx.sink.armed()) return false;

    head->refcount = 0;
    pcp_put(pcp, pindex, order, type, cx.step, pfn, *head, first);
    cx.sink.add_count(PLAIN_FREE_EVENTS);
    if (mem.rules.pcp_auto_tuned()) commit_auto_tuned(cx, z, order, pindex);
    return true;
}

} // namespace mm
