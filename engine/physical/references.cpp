#include "physical/references.h"

#include "physical/functions.h"
#include "physical/page_alloc.h"
#include "physical/page_check.h"
#include "physical/page_events.h"

namespace mm {

namespace {

using ev = page_event;

// The page whose count stands for `pfn`: the head of a compound page. kernel: compound_head, page_folio
pfn_t folio_of(const physical_memory& mem, pfn_t pfn) {
    const block_info block = find_block(mem, pfn);
    const bool compound = block.state == page_state::allocated && mem.page_at(block.head).compound();
    return compound ? block.head : pfn;
}

get_of what_is_taken(const physical_memory& mem, pfn_t pfn, pfn_t head) {
    const page& counted = mem.page_at(head);
    if (counted.state() == page_state::reserved) return get_of::reserved;
    if (counted.refcount <= 0) return get_of::free;
    return head == pfn ? get_of::page : get_of::tail;
}

// A block that is held once more than it was freed: its other pages become blocks of their own, which nobody holds.
// `order` is at most that of the block.
void cut(physical_context& cx, pfn_t pfn, u32 order) {
    const migratetype type = cx.mem.page_at(pfn).type();
    const u32 real_order = cx.mem.page_at(pfn).order();
    if (real_order > order) lose_the_rest(cx, pfn, order, real_order);
    for (u32 piece = order; piece-- > 0;) {
        page& first = cx.mem.page_mut(pfn + (1u << piece));
        first.set_block(page_state::allocated, piece, type, false);
        first.stamp = cx.step;
    }
    cx.mem.page_mut(pfn).set_order(0);
}

} // namespace

bool get_page(physical_context& cx, pfn_t pfn) {
    CallScope scope(cx.sink, fn::get_page);
    const pfn_t head = folio_of(cx.mem, pfn);
    const get_of taken = what_is_taken(cx.mem, pfn, head);
    if (cx.mem.page_at(head).refcount == MAX_REFCOUNT) {
        cx.sink.emit(ev::page_get_refused, head, MAX_REFCOUNT);
        return false;
    }
    const i32 count = take_reference(cx.mem, cx.mem.page_mut(head));
    cx.sink.emit(ev::page_get, pfn, head, count, taken);
    return true;
}

bool put_page(physical_context& cx, pfn_t pfn) {
    CallScope scope(cx.sink, fn::put_page);
    const pfn_t head = folio_of(cx.mem, pfn);
    if (belongs_to_users(cx.mem.page_at(head))) {
        cx.sink.emit(physical_event::misuse_unseen, head, 0, unseen_misuse::of_users, pfn);
        return false;
    }
    const i32 left = drop_reference(cx.mem, cx.mem.page_mut(head));
    const put_left reason = left > 0 ? put_left::held : left == 0 ? put_left::none : put_left::less;
    const page counted = cx.mem.page_at(head);
    const u32 order = counted.state() == page_state::allocated && counted.compound() ? counted.order() : 0u;
    cx.sink.emit(ev::page_put, head, left, order, reason);
    if (left != 0) return false;
    CallScope last(cx.sink, cx.mem.rules.has_folios() ? fn::folio_put : fn::put_page_last);
    free_the_page(cx, head, order);
    return true;
}

void free_the_others(physical_context& cx, pfn_t pfn, u32 order, i32 left) {
    const page first = cx.mem.page_at(pfn);
    const bool ours = first.state() == page_state::allocated && !first.slab() && !first.table();
    const u32 own_order = first.order() < order ? first.order() : order;
    const bool splits = ours && left > 0 && own_order > 0;
    if (splits) {
        cx.sink.emit(ev::block_left_to_first, pfn, order, left);
        cut(cx, pfn, own_order);
    } else {
        cx.sink.emit(physical_event::free_keeps_reference, pfn, left);
    }
    while (order-- > 0) {
        const pfn_t other = pfn + (1u << order);
        if (has_struct_page(cx.mem, other)) {
            free_the_page(cx, other, order);
        } else {
            CallScope scope(cx.sink, fn::free_pages_prepare);
            cx.sink.emit(physical_event::misuse_unseen, other, order, unseen_misuse::no_memory, other);
        }
    }
}

} // namespace mm
