#include "physical/page_check.h"

#include "physical/init_memory.h"
#include "physical/page_events.h"
#include "physical/pcp.h"

namespace mm {

namespace {

using ev = physical_event;

struct BadFrame {
    pfn_t pfn = PFN_NONE;
    bad_page_reason reason = bad_page_reason::none;
};

// A block out of use: its frames belong to nobody and never come back.
void leak(any_context auto& cx, pfn_t pfn, u32 order) {
    page& head = cx.mem.page_mut(pfn);
    head.set_state(page_state::leaked);
    head.set_order(order);
    head.stamp = cx.step;
}

// kernel: bad_page
void report(any_context auto& cx, BadFrame bad, u32 order) {
    cx.sink.emit(ev::bad_page, bad.pfn, bad.reason, cx.mem.page_at(bad.pfn).refcount, order);
    note_record(cx, SHORT_RECORD_WORK);
    cx.mem.log.bad_page = true;
}

// What one page looks like to the kernel when the block at `head` is freed. kernel: page_bad_reason
bad_page_reason bad_reason_of(const physical_memory& mem, pfn_t at, pfn_t head) {
    const page& frame = mem.page_at(at);
    if (frame.state() == page_state::reserved) return bad_page_reason::reserved;
    if (frame.refcount != 0) return bad_page_reason::nonzero_refcount;
    if (frame.state() == page_state::buddy) return bad_page_reason::nonzero_mapcount;
    if (frame.state() == page_state::tail) {
        const block_info block = find_block(mem, at);
        if (block.head != head && mem.page_at(block.head).state() == page_state::allocated &&
            mem.page_at(block.head).compound())
            return bad_page_reason::tail_of_compound;
    }
    // The first page is a compound head, so the others have to be its tails.
    const page& first = mem.page_at(head);
    if (at != head && first.compound() && at >= head + (1u << first.order())) return bad_page_reason::tail_of_compound;
    return bad_page_reason::none;
}

// Does this kernel check the block's first page, or the others, when it is freed?
bool looks_on_free(const physical_memory& mem, u32 order, bool first) {
    if (!first) return mem.rules.checks_tails_on_free();
    return pcp_allowed_order(mem, order) ? mem.rules.checks_pcp_free() : mem.rules.checks_buddy_free();
}

// The first page that the checks of this kernel find bad.
BadFrame seen_on_free(const physical_memory& mem, pfn_t pfn, u32 order) {
    for (pfn_t at = pfn; at < pfn + (1u << order); ++at) {
        if (!looks_on_free(mem, order, at == pfn) || !has_struct_page(mem, at)) continue;
        const bad_page_reason reason = bad_reason_of(mem, at, pfn);
        if (reason != bad_page_reason::none) return {at, reason};
    }
    return {};
}

struct UnseenFrame {
    pfn_t pfn = PFN_NONE;
    unseen_misuse what = unseen_misuse::none;
};

// The first frame that cannot become part of a free block, because it is somebody's or free already.
UnseenFrame first_foreign(const physical_memory& mem, pfn_t pfn, u32 order) {
    for (pfn_t at = pfn; at < pfn + (1u << order); ++at) {
        if (!has_struct_page(mem, at)) return {at, unseen_misuse::no_memory};
        switch (mem.page_at(at).state()) {
        case page_state::reserved: return {at, unseen_misuse::reserved};
        case page_state::pcp: return {at, unseen_misuse::on_pcp_list};
        case page_state::buddy: return {at, unseen_misuse::free_head};
        case page_state::allocated:
            if (at != pfn || mem.page_at(at).refcount > 0) return {at, unseen_misuse::in_use};
            break;
        case page_state::tail:
            if (at != pfn) break; // its head was looked at
            switch (find_block(mem, at).state) {
            case page_state::pcp: return {at, unseen_misuse::on_pcp_list};
            case page_state::buddy: return {at, unseen_misuse::in_free_block};
            default: return {at, unseen_misuse::in_use};
            }
        case page_state::hole:
        case page_state::leaked: break;
        }
    }
    if (pfn & ((1u << order) - 1)) return {pfn, unseen_misuse::misaligned};
    return {};
}

// The frame `at` of the block holds a page table.
void tell_freed_table(physical_context& cx, pfn_t pfn, u32 order, pfn_t at) {
    page& frame = cx.mem.page_mut(at);
    frame.prev |= page::TABLE_FREED;
    if (frame.table_typed() && looks_on_free(cx.mem, order, at == pfn))
        report(cx, {at, bad_page_reason::page_table}, order);
    else
        cx.sink.emit(ev::misuse_unseen, pfn, order, unseen_misuse::page_table, at);
}

// Not the plain case of a free. True: it can be freed as asked.
bool check_misuse(physical_context& cx, pfn_t pfn, u32 order) {
    physical_memory& mem = cx.mem;
    const page head = mem.page_at(pfn);
    // Its last reference is gone. What lies behind another block that was freed with too large an order still has its own.
    const bool let_go = head.state() == page_state::allocated && head.refcount == 0;
    cx.sink.charge(u64{4} << order);
    for (pfn_t at = pfn; at < pfn + (1u << order) && mem.pfn_valid(at); ++at) {
        if (!mem.page_at(at).slab() && !mem.page_at(at).table()) continue;
        if (let_go) ++mem.page_mut(pfn).refcount;
        if (mem.page_at(at).slab())
            report(cx, {at, bad_page_reason::slab}, order);
        else
            tell_freed_table(cx, pfn, order, at);
        return false;
    }
    if (const BadFrame bad = seen_on_free(mem, pfn, order); bad.reason != bad_page_reason::none) {
        if (let_go) leak(cx, pfn, head.order());
        report(cx, bad, order);
        return false;
    }
    if (const UnseenFrame foreign = first_foreign(mem, pfn, order); foreign.what != unseen_misuse::none) {
        if (let_go) leak(cx, pfn, head.order());
        cx.sink.emit(ev::misuse_unseen, pfn, order, foreign.what, foreign.pfn);
        return false;
    }
    if (head.order() > order) lose_the_rest(cx, pfn, order, head.order());
    for (pfn_t at = pfn + 1; at < pfn + (1u << order); ++at) mem.page_mut(at).set_state(page_state::tail);
    return true;
}

// kernel: kernel_init_pages, for init_on_free
void clear_freed_pages(physical_context& cx, pfn_t pfn, u32 order) {
    CallScope scope(cx.sink,
                    cx.mem.rules.inits_pages_by_new_name() ? fn::kernel_init_pages : fn::kernel_init_free_pages);
    cx.sink.emit(page_event::pages_cleared, pfn, order, page_bytes(cx.mem, order));
}

} // namespace

// A block freed with a smaller order than it was allocated with: the kernel forgets the rest.
//
//   allocated  [               order 3               ]
//   freed      [ 0 ][ lost ][  lost  ][     lost     ]
void lose_the_rest(physical_context& cx, pfn_t pfn, u32 order, u32 real_order) {
    for (u32 o = order; o < real_order; ++o) {
        const pfn_t rest = pfn + (1u << o);
        leak(cx, rest, o);
        cx.mem.page_mut(rest).refcount = 0;
        cx.sink.emit(ev::misuse_unseen, rest, o, unseen_misuse::rest_lost, rest);
    }
}

bool free_pages_prepare(physical_context& cx, pfn_t pfn, u32 order) {
    CallScope scope(cx.sink, fn::free_pages_prepare);
    cx.sink.emit(ev::mm_page_free, pfn, order);
    const page& head = cx.mem.page_at(pfn);
    const bool plain = is_plain_block(head, order) && head.refcount == 0 && cx.mem.nr_stale_refcounts == 0;
    if (!plain && !check_misuse(cx, pfn, order)) return false;
    if (cx.mem.rules.init_on_free) clear_freed_pages(cx, pfn, order);
    return true;
}

bool check_counts(any_context auto& cx, pfn_t pfn, u32 order) {
    cx.sink.charge(u64{1} << order);
    for (pfn_t at = pfn; at < pfn + (1u << order); ++at) {
        if (cx.mem.page_at(at).refcount == 0) continue;
        leak(cx, pfn, order);
        report(cx, {at, bad_page_reason::nonzero_refcount}, order);
        return false;
    }
    return true;
}

bool bulkfree_pcp_prepare(any_context auto& cx, pfn_t pfn, u32 order) {
    physical_memory& mem = cx.mem;
    if (mem.nr_stale_refcounts == 0 || !mem.rules.checks_pcp_drain()) [[likely]]
        return true;
    if (mem.page_at(pfn).refcount == 0) return true;
    leak(cx, pfn, order);
    report(cx, {pfn, bad_page_reason::nonzero_refcount}, order);
    return false;
}

// For both kinds of sink.
template bool check_counts(physical_context&, pfn_t, u32);
template bool bulkfree_pcp_prepare(physical_context&, pfn_t, u32);
template bool check_counts(counting_context&, pfn_t, u32);
template bool bulkfree_pcp_prepare(counting_context&, pfn_t, u32);

} // namespace mm
