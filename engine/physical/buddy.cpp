#include "physical/buddy.h"

#include "base/assert.h"
#include "physical/events.h"
#include "physical/fallback.h"
#include "physical/functions.h"
#include "physical/pcp.h"
#include "physical/watermark.h"

namespace mm {

namespace {

using ev = physical_event;

struct buddy_verdict {
    buddy_stay reason = buddy_stay::merges;
    u32 buddy_order = 0;
};

// The three conditions of a buddy, and what else keeps two blocks apart. kernel: page_is_buddy, __free_one_page
buddy_verdict judge_buddy(const physical_memory& mem, pfn_t pfn, pfn_t buddy, u32 order, migratetype type) {
    if (!mem.pfn_valid(buddy)) return {buddy_stay::no_memory};
    const page& candidate = mem.page_at(buddy);
    switch (candidate.state()) {
    case page_state::hole: return {buddy_stay::no_memory};
    case page_state::buddy: break;
    case page_state::tail: {
        const block_info block = find_block(mem, buddy);
        if (block.state == page_state::buddy) return {buddy_stay::other_order, block.order};
        return {buddy_stay::not_free, block.order};
    }
    default: return {buddy_stay::not_free, candidate.order()};
    }
    if (candidate.order() != order) return {buddy_stay::other_order, candidate.order()};
    if (candidate.zone_slot() != mem.page_at(pfn).zone_slot()) return {buddy_stay::other_zone, order};
    if (order >= mem.pageblock_order) {
        const migratetype other = mem.block_type(buddy);
        const bool mixable = migratetype_is_mergeable(type) && migratetype_is_mergeable(other);
        const bool isolated = type == MIGRATE_ISOLATE || other == MIGRATE_ISOLATE;
        const bool may_mix = mem.rules.cma_merges_with_others() ? !isolated : mixable;
        if (other != type && !may_mix) return {buddy_stay::other_type, order};
    }
    return {buddy_stay::merges, order};
}

bool is_free_block(const physical_memory& mem, pfn_t pfn, u32 order, u8 zone_slot) {
    if (!mem.pfn_valid(pfn)) return false;
    const page& candidate = mem.page_at(pfn);
    return candidate.state() == page_state::buddy && candidate.order() == order && candidate.zone_slot() == zone_slot;
}

// A block whose next larger pair is half free will probably merge soon: it goes to the tail, to be taken last.
//
//   order+1   [ pfn | buddy ][ free ]   <- the would-be merged block has a free buddy of its own
// kernel: buddy_merge_likely
bool buddy_merge_likely(const physical_memory& mem, pfn_t pfn, u32 order) {
    if (order + 2 >= mem.nr_orders) return false;
    const pfn_t pair = pfn & ~(1u << order);
    return is_free_block(mem, pair ^ (1u << (order + 1)), order + 1, mem.page_at(pfn).zone_slot());
}

} // namespace

//   before  order 3  [               A               ]
//   after   order 2  [ pfn ...     ] [    B free     ]
//           order 1  [ pfn  ][  C  ]
// Each upper half goes to the head of its list; the lower half is what the request gets. kernel: expand
void expand(any_context auto& cx, zone& z, pfn_t pfn, u32 low, u32 high, migratetype type) {
    CallScope scope(cx.sink, fn::expand);
    while (high > low) {
        --high;
        const pfn_t right = pfn + (1u << high);
        page& half = cx.mem.page_mut(right);
        half.stamp = cx.step;
        add_to_free_list(cx.mem, z, right, high, type, false);
        cx.mem.page_mut(pfn).set_order(high);
        cx.sink.emit(ev::buddy_split, z.number, pfn, high + 1, right, high, type);
    }
}

void free_one_page(any_context auto& cx, zone& z, pfn_t pfn, u32 order, migratetype type, bool to_tail) {
    CallScope scope(cx.sink, fn::free_one_page);
    physical_memory& mem = cx.mem;
    const u32 top = mem.nr_orders - 1u;

    mod_zone_freepage_state(cx, z, 1 << order, type);
    while (order < top) {
        const pfn_t buddy = pfn ^ (1u << order);
        cx.sink.emit(ev::buddy_check, pfn, buddy, order, z.number);
        const buddy_verdict verdict = judge_buddy(mem, pfn, buddy, order, type);
        if (verdict.reason != buddy_stay::merges) {
            cx.sink.emit(ev::buddy_stay, pfn, buddy, order, verdict.reason, verdict.buddy_order);
            break;
        }
        del_page_from_free_list(mem, z, buddy);
        if (mem.rules.freelist_hygiene() && order >= mem.pageblock_order && mem.block_type(buddy) != type)
            change_pageblock_range(cx, buddy, order, type);
        const pfn_t merged = pfn & buddy;
        mem.page_mut(pfn).set_state(page_state::tail);
        mem.page_mut(merged).set_order(order + 1);
        cx.sink.emit(ev::buddy_merge, pfn, buddy, order, merged, order + 1);
        pfn = merged;
        ++order;
    }
    if (order == top) cx.sink.emit(ev::buddy_stay, pfn, pfn, order, buddy_stay::max_order, order);

    const bool tail = to_tail || buddy_merge_likely(mem, pfn, order);
    add_to_free_list(mem, z, pfn, order, type, tail);
    page& head = mem.page_mut(pfn);
    head.stamp = cx.step;
    head.set_compound(false);
    cx.sink.emit(ev::buddy_add, z.number, pfn, order, type, tail, z.area[order].nr_free);
}

pfn_t rmqueue_smallest(any_context auto& cx, zone& z, u32 order, migratetype type) {
    CallScope scope(cx.sink, fn::rmqueue_smallest);
    for (u32 current = order; current < cx.mem.nr_orders; ++current) {
        const page_list& list = z.area[current].free_list[type];
        if (list.empty()) {
            cx.sink.emit(ev::free_list_empty, z.number, current, type);
            continue;
        }
        const pfn_t pfn = list.first;
        del_page_from_free_list(cx.mem, z, pfn);
        page& head = cx.mem.page_mut(pfn);
        head.set_order(current);
        head.set_type(type);
        head.stamp = cx.step;
        cx.sink.emit(ev::buddy_take, z.number, pfn, current, type, z.area[current].nr_free);
        expand(cx, z, pfn, order, current, type);
        if (cx.mem.rules.accounts_in_rmqueue()) mod_zone_freepage_state(cx, z, -(1 << order), type);
        const bool percpu_refill = pcp_allowed_order(cx.mem, order) && type < MIGRATE_PCPTYPES;
        cx.sink.emit(ev::mm_page_alloc_zone_locked, pfn, order, type, percpu_refill);
        return pfn;
    }
    return PFN_NONE;
}

namespace {

// 5.10 and 6.1: what is taken from another type first moves to the wanted type's list; then the search starts again.
pfn_t rmqueue_by_retry(any_context auto& cx, zone& z, u32 order, migratetype type, u32 alloc_flags) {
    for (;;) {
        pfn_t pfn = rmqueue_smallest(cx, z, order, type);
        if (pfn != PFN_NONE) return pfn;
        if (alloc_flags & ALLOC_CMA) {
            pfn = rmqueue_smallest(cx, z, order, MIGRATE_CMA);
            if (pfn != PFN_NONE) return pfn;
        }
        if (!rmqueue_fallback(cx, z, order, type, alloc_flags)) return PFN_NONE;
    }
}

// 6.12: first claim a whole pageblock, only then take a single block; a refill remembers what it found empty.
pfn_t rmqueue_by_mode(any_context auto& cx, zone& z, u32 order, migratetype type, u32 alloc_flags, rmqueue_mode& mode) {
    if (mode == rmqueue_mode::normal) {
        const pfn_t pfn = rmqueue_smallest(cx, z, order, type);
        if (pfn != PFN_NONE) return pfn;
    }
    if (mode <= rmqueue_mode::cma && alloc_flags & ALLOC_CMA) {
        const pfn_t pfn = rmqueue_smallest(cx, z, order, MIGRATE_CMA);
        if (pfn != PFN_NONE) {
            mode = rmqueue_mode::cma;
            return pfn;
        }
    }
    if (mode <= rmqueue_mode::claim) {
        const pfn_t pfn = rmqueue_claim(cx, z, order, type, alloc_flags);
        if (pfn != PFN_NONE) {
            mode = rmqueue_mode::normal;
            return pfn;
        }
    }
    if (alloc_flags & ALLOC_NOFRAGMENT) return PFN_NONE;
    const pfn_t pfn = rmqueue_steal(cx, z, order, type);
    if (pfn != PFN_NONE) mode = rmqueue_mode::steal;
    return pfn;
}

} // namespace

pfn_t rmqueue_locked(any_context auto& cx, zone& z, u32 order, migratetype type, u32 alloc_flags, rmqueue_mode& mode) {
    CallScope scope(cx.sink, fn::rmqueue_locked);
    // Balance movable requests between CMA and the rest once CMA holds more than half of what is free.
    if (alloc_flags & ALLOC_CMA && z.nr_free_cma > z.nr_free_pages / 2) {
        const pfn_t pfn = rmqueue_smallest(cx, z, order, MIGRATE_CMA);
        if (pfn != PFN_NONE) return pfn;
    }
    if (cx.mem.rules.fallback_by_mode()) return rmqueue_by_mode(cx, z, order, type, alloc_flags, mode);
    return rmqueue_by_retry(cx, z, order, type, alloc_flags);
}

// For both kinds of sink.
template void free_one_page(physical_context&, zone&, pfn_t, u32, migratetype, bool);
template void expand(physical_context&, zone&, pfn_t, u32, u32, migratetype);
template pfn_t rmqueue_smallest(physical_context&, zone&, u32, migratetype);
template pfn_t rmqueue_locked(physical_context&, zone&, u32, migratetype, u32, rmqueue_mode&);
template void free_one_page(counting_context&, zone&, pfn_t, u32, migratetype, bool);
template void expand(counting_context&, zone&, pfn_t, u32, u32, migratetype);
template pfn_t rmqueue_smallest(counting_context&, zone&, u32, migratetype);
template pfn_t rmqueue_locked(counting_context&, zone&, u32, migratetype, u32, rmqueue_mode&);

} // namespace mm
