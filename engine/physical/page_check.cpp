#include "physical/page_check.h"

#include <cstdint>

#include "physical/events.h"
#include "physical/functions.h"

namespace mm {

namespace {

using ev = physical_event;

// A block out of use: its frames belong to nobody and never come back. kernel: bad_page
void leak(physical_context& cx, pfn_t pfn, u32 order, bad_page_reason reason) {
    physical_memory& mem = cx.mem;
    const i32 refcount = mem.page_at(pfn).refcount;
    page& head = mem.page_mut(pfn);
    head.set_state(page_state::leaked);
    head.set_order(order);
    head.stamp = cx.step;
    cx.sink.emit(ev::bad_page, pfn, reason, refcount, order);
}

// A block freed with a smaller order than it was allocated with: the kernel forgets the rest.
//
//   allocated  [               order 3               ]
//   freed      [ 0 ][ lost ][  lost  ][     lost     ]
void lose_the_rest(physical_context& cx, pfn_t pfn, u32 order, u32 real_order) {
    for (u32 o = order; o < real_order; ++o) {
        const pfn_t rest = pfn + (1u << o);
        page& head = cx.mem.page_mut(rest);
        head.set_state(page_state::leaked);
        head.set_order(o);
        head.refcount = 0;
        head.stamp = cx.step;
        cx.sink.emit(ev::bad_page, rest, bad_page_reason::none, 0, o);
    }
}

}  // namespace

i32 drop_reference(physical_memory& mem, pfn_t pfn) {
    page& frame = mem.page_mut(pfn);
    const bool was_negative = frame.refcount < 0;
    if (frame.refcount > INT16_MIN) --frame.refcount;
    if (frame.refcount < 0 && !was_negative) ++mem.nr_negative_refcounts;
    return frame.refcount;
}

bad_page_reason misuse_of(const physical_memory& mem, pfn_t pfn, u32 order) {
    for (pfn_t at = pfn; at < pfn + (1u << order); ++at) {
        if (!mem.pfn_valid(at)) return bad_page_reason::no_memory;
        switch (mem.page_at(at).state()) {
            case page_state::hole: return bad_page_reason::no_memory;
            case page_state::reserved: return bad_page_reason::reserved;
            case page_state::pcp: return bad_page_reason::on_a_list;
            case page_state::buddy: return bad_page_reason::nonzero_mapcount;
            case page_state::allocated:
                if (at != pfn) return bad_page_reason::nonzero_refcount;
                break;
            case page_state::tail:
                if (at == pfn) {
                    const page_state block = find_block(mem, pfn).state;
                    if (block == page_state::buddy) return bad_page_reason::nonzero_mapcount;
                    return block == page_state::pcp ? bad_page_reason::on_a_list : bad_page_reason::nonzero_refcount;
                }
                break;
            case page_state::leaked: break;
        }
    }
    return bad_page_reason::none;
}

bool free_pages_prepare(physical_context& cx, pfn_t pfn, u32 order) {
    CallScope scope(cx.sink, fn::free_pages_prepare);
    physical_memory& mem = cx.mem;
    const page head = mem.page_at(pfn);
    cx.sink.emit(ev::mm_page_free, pfn, order);
    const u32 real_order = head.order();
    if (head.state() == page_state::allocated && real_order == order) [[likely]]
        return true;
    const bool misplaced = pfn & ((1u << order) - 1) || pfn + (1ull << order) > mem.end_pfn;
    const bad_page_reason reason =
        misplaced || head.compound() ? bad_page_reason::tail_of_compound : misuse_of(mem, pfn, order);
    if (reason != bad_page_reason::none) {
        if (head.state() == page_state::allocated)
            leak(cx, pfn, real_order, reason);
        else
            cx.sink.emit(ev::bad_page, pfn, reason, head.refcount, order);
        return false;
    }
    if (real_order > order) lose_the_rest(cx, pfn, order, real_order);
    for (pfn_t at = pfn + 1; at < pfn + (1u << order); ++at) mem.page_mut(at).set_state(page_state::tail);
    return true;
}

bool check_new_pages(physical_context& cx, pfn_t pfn, u32 order) {
    physical_memory& mem = cx.mem;
    if (mem.nr_negative_refcounts == 0) [[likely]]
        return true;
    for (pfn_t at = pfn; at < pfn + (1u << order); ++at) {
        if (mem.page_at(at).refcount >= 0) continue;
        leak(cx, pfn, order, bad_page_reason::nonzero_refcount);
        return false;
    }
    return true;
}

}  // namespace mm
