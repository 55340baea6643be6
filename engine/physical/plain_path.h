#pragma once
// A request as nearly all of them are, and with nobody watching: the first zone has room, and the running CPU's list a block;
// a block comes back to a list that has room.
//
// Whether it is so is decided before anything changes, and nothing is called on the way. So all of it stays in registers,
// which WebAssembly needs more than other code: there each call saves them all, and what has an address has it on a stack of
// its own. What is not plain goes the full way (page_alloc.cpp), which does the same and tells it.
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

// PFN_NONE: the request is not plain, and nothing has changed.
[[nodiscard]] [[gnu::always_inline]] inline pfn_t alloc_plain(physical_context& cx, const alloc_request& request) {
    physical_memory& mem = cx.mem;
    if (!pcp_allowed_order(mem, request.order) || mem.nr_negative_refcounts != 0) return PFN_NONE;
    const alloc_context ac = prepare_alloc(cx, request);
    if (ac.preferred_zone == ZONE_NONE) return PFN_NONE;
    zone& z = mem.zones[ac.preferred_zone];
    if (z.boosted_watermark) return PFN_NONE;
    const wmark mark = mem.rules.checks_high_watermark_first() && !z.below_high ? WMARK_HIGH : WMARK_LOW;
    if (!zone_watermark_ok(mem, z, ac.order, z.wmark_pages(mark), ac.highest_zoneidx, fast_path_flags(mem, ac)).ok)
        return PFN_NONE;
    per_cpu_pages& pcp = z.pcp[cx.cpu];
    const u32 pindex = order_to_pindex(ac.type, ac.order);
    const page_list& list = pcp.lists[pindex];
    if (list.empty()) return PFN_NONE;
    const pfn_t pfn = list.first;
    page* const head = mem.page_owned(pfn);
    if (!head) return PFN_NONE;
    page* next = nullptr;
    if (head->next != PFN_NONE) {
        next = mem.page_owned(head->next);
        if (!next) return PFN_NONE;
    }

    pcp.note_alloc();
    pcp_take(pcp, pindex, ac.order, *head, next);
    zone_statistics(mem, z, z, cx.cpu);
    hand_out(*head, ac, cx.step);
    cx.sink.add_count(PLAIN_ALLOC_EVENTS);
    return pfn;
}

// False: the free is not plain, and nothing has changed.
[[nodiscard]] [[gnu::always_inline]] inline bool free_plain(physical_context& cx, pfn_t pfn, u32 order) {
    physical_memory& mem = cx.mem;
    if (!mem.pfn_valid(pfn) || !pcp_allowed_order(mem, order) || mem.nr_negative_refcounts != 0) return false;
    page* const head = mem.page_owned(pfn);
    if (!head || head->refcount != 1 || !is_plain_block(*head, order)) return false;
    const migratetype type = mem.block_type(pfn);
    if (type == MIGRATE_ISOLATE) return false;
    zone& z = mem.zones[mem.populated[head->zone_slot()]];
    per_cpu_pages& pcp = z.pcp[cx.cpu];
    if (pcp_frees_surplus(mem.rules, pcp, order)) return false;
    const u32 pindex = order_to_pindex(pcp_list_type(type), order);
    const page_list& list = pcp.lists[pindex];
    page* first = nullptr;
    if (!list.empty()) {
        first = mem.page_owned(list.first);
        if (!first) return false;
    }

    head->refcount = 0;
    pcp_put(pcp, pindex, order, type, cx.step, pfn, *head, first);
    cx.sink.add_count(PLAIN_FREE_EVENTS);
    if (mem.rules.pcp_auto_tuned()) commit_auto_tuned(cx, z, order, pindex);
    return true;
}

} // namespace mm
