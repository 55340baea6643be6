#include "physical/fallback.h"

#include <algorithm>

#include "physical/buddy.h"
#include "physical/events.h"
#include "physical/fold_tally.h"
#include "physical/functions.h"
#include "physical/watermark.h"

namespace mm {

namespace {

using ev = physical_event;

constexpr std::array<std::array<migratetype, 2>, MIGRATE_PCPTYPES> fallbacks = {{
    {MIGRATE_RECLAIMABLE, MIGRATE_MOVABLE},   // Unmovable
    {MIGRATE_RECLAIMABLE, MIGRATE_UNMOVABLE}, // Movable
    {MIGRATE_UNMOVABLE, MIGRATE_MOVABLE},     // Reclaimable
}};

struct fallback_choice {
    bool found = false;
    u32 order = 0;
    migratetype type = MIGRATE_UNMOVABLE;
    bool can_steal = false; // the whole pageblock may change its type
};

// kernel: can_steal_fallback
bool can_steal_fallback(const physical_memory& mem, u32 order, migratetype start) {
    return order >= mem.pageblock_order / 2u || start == MIGRATE_RECLAIMABLE || start == MIGRATE_UNMOVABLE;
}

// kernel: find_suitable_fallback
fallback_choice suitable_at(const physical_memory& mem, const zone& z, u32 order, migratetype start) {
    for (migratetype type : fallbacks[start])
        if (!z.area[order].free_list[type].empty()) return {true, order, type, can_steal_fallback(mem, order, start)};
    return {};
}

// The largest block first, so that what mixes is large. A movable request that cannot claim the pageblock takes the
// smallest instead: movable pages do not fragment for good.
fallback_choice choose(const physical_memory& mem, const zone& z, u32 order, migratetype start, u32 min_order) {
    for (u32 current = mem.nr_orders; current-- > min_order;) {
        const fallback_choice largest = suitable_at(mem, z, current, start);
        if (!largest.found) continue;
        if (largest.can_steal || start != MIGRATE_MOVABLE || current == order) return largest;
        for (u32 small = order; small < mem.nr_orders; ++small) {
            const fallback_choice smallest = suitable_at(mem, z, small, start);
            if (smallest.found) return smallest;
        }
    }
    return {};
}

void move_to_free_list(any_context auto& cx, zone& z, pfn_t pfn, migratetype type) {
    const page head = cx.mem.page_at(pfn);
    const u32 order = head.order();
    del_page_from_free_list(cx.mem, z, pfn);
    add_to_free_list(cx.mem, z, pfn, order, type, true);
    cx.sink.emit(ev::block_move, pfn, order, head.type(), type);
}

// Pages of the zone in a pageblock that are in use and could be moved. On a recorded machine: what somebody held in a movable block
// when the recording began (user pages, as far as the recordings tell).
u32 movable_pages_in_use(const physical_memory& mem, const zone& z, pfn_t block) {
    u32 movable = 0;
    for (pfn_t pfn = block; pfn < block + mem.pageblock_nr_pages(); ++pfn) {
        const page& frame = mem.page_at(pfn);
        if (frame.state() == page_state::allocated && frame.stamp == 0 && mem.page_zone(pfn) == z.number)
            movable += 1u << frame.order();
    }
    return movable;
}

struct claim_verdict {
    bool claims = false;
    u32 alike = 0;
    u32 needed = 0;
};

// Half of the pageblock must be free or suit the new type. Pages in use suit it when both are movable, or neither is.
claim_verdict judge_claim(const physical_memory& mem, const zone& z, pfn_t pfn, migratetype start, migratetype old_type,
                          u32 free_pages) {
    const u32 size = mem.pageblock_nr_pages();
    const u32 movable = old_type == MIGRATE_MOVABLE ? movable_pages_in_use(mem, z, pfn & ~(size - 1)) : 0;
    u32 alike = 0;
    if (start == MIGRATE_MOVABLE)
        alike = movable;
    else if (old_type == MIGRATE_MOVABLE)
        alike = size - std::min(size, free_pages + movable);
    return {free_pages + alike >= size / 2, alike, size / 2};
}

void emit_extfrag(any_context auto& cx, pfn_t pfn, u32 order, u32 fallback_order, migratetype start, migratetype from) {
    const physical_memory& mem = cx.mem;
    cx.sink.emit(ev::mm_page_alloc_extfrag, pfn, order, fallback_order, mem.pageblock_order, start, from,
                 fallback_order < mem.pageblock_order, mem.block_type(pfn) == start);
}

// kernel: steal_suitable_fallback
void steal(any_context auto& cx, zone& z, pfn_t pfn, migratetype start, u32 alloc_flags, bool whole_block) {
    CallScope scope(cx.sink, fn::steal_suitable_fallback);
    physical_memory& mem = cx.mem;
    const u32 order = mem.page_at(pfn).order();
    const migratetype old_type = mem.block_type(pfn);
    if (old_type == MIGRATE_HIGHATOMIC) return move_to_free_list(cx, z, pfn, start);
    if (order >= mem.pageblock_order) {
        change_pageblock_range(cx, pfn, order, start);
        return move_to_free_list(cx, z, pfn, start);
    }
    if (boost_watermark(cx, z) && alloc_flags & ALLOC_KSWAPD) z.boosted_watermark = true;
    if (!whole_block) return move_to_free_list(cx, z, pfn, start);

    const u32 free_pages = move_freepages_block(cx, z, pfn, start);
    if (free_pages == 0) return move_to_free_list(cx, z, pfn, start);
    cx.sink.charge(mem.pageblock_nr_pages());
    const claim_verdict verdict = judge_claim(mem, z, pfn, start, old_type, free_pages);
    if (!verdict.claims) return;
    const pfn_t block = pfn & ~(mem.pageblock_nr_pages() - 1);
    mem.set_block_type(block, start);
    cx.sink.emit(ev::pageblock_claim, block, old_type, start, free_pages, verdict.alike, verdict.needed);
}

} // namespace

void change_pageblock_range(any_context auto& cx, pfn_t pfn, u32 order, migratetype type) {
    const u32 step = cx.mem.pageblock_nr_pages();
    for (pfn_t block = pfn; block < pfn + (1u << order); block += step) {
        const migratetype old_type = cx.mem.block_type(block);
        if (old_type == type) continue;
        cx.mem.set_block_type(block, type);
        cx.sink.emit(ev::pageblock_claim, block, old_type, type, step, 0, step);
    }
}

u32 move_freepages_block(any_context auto& cx, zone& z, pfn_t pfn, migratetype type) {
    physical_memory& mem = cx.mem;
    const FoldTally tally(cx, z);
    pfn_t start = pfn & ~(mem.pageblock_nr_pages() - 1);
    const pfn_t end = start + mem.pageblock_nr_pages();
    if (!z.spans(start)) start = pfn;
    if (!z.spans(end - 1)) return 0;
    u32 moved = 0;
    cx.sink.charge(end - start);
    for (pfn_t at = start; at < end;) {
        const page head = mem.page_at(at);
        if (head.state() != page_state::buddy || mem.page_zone(at) != z.number) {
            ++at;
            continue;
        }
        const u32 order = head.order();
        del_page_from_free_list(mem, z, at);
        if (mem.rules.accounts_in_rmqueue()) mod_zone_freepage_state(cx, z, -(1 << order), head.type());
        add_to_free_list(mem, z, at, order, type, true);
        if (mem.rules.accounts_in_rmqueue()) mod_zone_freepage_state(cx, z, 1 << order, type);
        moved += 1u << order;
        at += 1u << order;
    }
    cx.sink.emit(ev::pageblock_move, start, moved, type);
    return moved;
}

bool boost_watermark(any_context auto& cx, zone& z) {
    const physical_memory& mem = cx.mem;
    if (mem.sysctl.watermark_boost_factor == 0 || mem.pageblock_nr_pages() * 4 > z.managed_pages) return false;
    const u64 factor = static_cast<u64>(mem.sysctl.watermark_boost_factor);
    u32 max_boost = static_cast<u32>(z.watermark[WMARK_HIGH] * factor / 10000);
    if (max_boost == 0) return false;
    max_boost = std::max(max_boost, mem.pageblock_nr_pages());
    z.watermark_boost = std::min(z.watermark_boost + mem.pageblock_nr_pages(), max_boost);
    cx.sink.emit(ev::watermark_boost, z.number, z.watermark_boost, max_boost);
    return true;
}

bool rmqueue_fallback(any_context auto& cx, zone& z, u32 order, migratetype type, u32 alloc_flags) {
    CallScope scope(cx.sink, fn::rmqueue_fallback);
    physical_memory& mem = cx.mem;
    const u32 min_order = order < mem.pageblock_order && alloc_flags & ALLOC_NOFRAGMENT ? mem.pageblock_order : order;
    cx.sink.emit(ev::fallback_search, z.number, order, type);
    const fallback_choice choice = choose(mem, z, order, type, min_order);
    if (!choice.found) return false;
    const pfn_t pfn = z.area[choice.order].free_list[choice.type].first;
    steal(cx, z, pfn, type, alloc_flags, choice.can_steal);
    emit_extfrag(cx, pfn, order, choice.order, type, choice.type);
    return true;
}

namespace {

u32 free_pages_in_block(const physical_memory& mem, const zone& z, pfn_t block) {
    u32 free_pages = 0;
    for (pfn_t pfn = block; pfn < block + mem.pageblock_nr_pages();) {
        const page& frame = mem.page_at(pfn);
        const u32 size = frame.state() == page_state::buddy ? 1u << frame.order() : 1u;
        if (frame.state() == page_state::buddy && mem.page_zone(pfn) == z.number) free_pages += size;
        pfn += size;
    }
    return free_pages;
}

// One candidate of rmqueue_claim. kernel: try_to_claim_block
pfn_t try_to_claim_block(any_context auto& cx, zone& z, pfn_t pfn, u32 current, u32 order, migratetype start,
                         migratetype old_type, u32 alloc_flags) {
    CallScope scope(cx.sink, fn::steal_suitable_fallback);
    physical_memory& mem = cx.mem;
    const migratetype block_type = mem.block_type(pfn);
    if (block_type == MIGRATE_HIGHATOMIC) return PFN_NONE;
    if (current >= mem.pageblock_order) {
        del_page_from_free_list(mem, z, pfn);
        mod_zone_freepage_state(cx, z, -(1 << current), old_type);
        page& head = mem.page_mut(pfn);
        head.set_type(start);
        head.stamp = cx.step;
        change_pageblock_range(cx, pfn, current, start);
        expand(cx, z, pfn, order, current, start);
        mod_zone_freepage_state(cx, z, (1 << current) - (1 << order), start);
        return pfn;
    }
    if (boost_watermark(cx, z) && alloc_flags & ALLOC_KSWAPD) z.boosted_watermark = true;
    const pfn_t block = pfn & ~(mem.pageblock_nr_pages() - 1);
    if (!z.spans(block) || !z.spans(block + mem.pageblock_nr_pages() - 1)) return PFN_NONE;
    cx.sink.charge(2 * u64{mem.pageblock_nr_pages()});
    const u32 free_pages = free_pages_in_block(mem, z, block);
    const claim_verdict verdict = judge_claim(mem, z, pfn, start, block_type, free_pages);
    if (free_pages == 0 || !verdict.claims) return PFN_NONE;
    static_cast<void>(move_freepages_block(cx, z, pfn, start));
    mem.set_block_type(block, start);
    cx.sink.emit(ev::pageblock_claim, block, block_type, start, free_pages, verdict.alike, verdict.needed);
    return rmqueue_smallest(cx, z, order, start);
}

} // namespace

pfn_t rmqueue_claim(any_context auto& cx, zone& z, u32 order, migratetype type, u32 alloc_flags) {
    CallScope scope(cx.sink, fn::rmqueue_fallback);
    physical_memory& mem = cx.mem;
    const u32 min_order = order < mem.pageblock_order && alloc_flags & ALLOC_NOFRAGMENT ? mem.pageblock_order : order;
    cx.sink.emit(ev::fallback_search, z.number, order, type);
    for (u32 current = mem.nr_orders; current-- > min_order;) {
        if (!can_steal_fallback(mem, current, type)) break;
        const fallback_choice choice = suitable_at(mem, z, current, type);
        if (!choice.found) continue;
        const pfn_t candidate = z.area[current].free_list[choice.type].first;
        const pfn_t pfn = try_to_claim_block(cx, z, candidate, current, order, type, choice.type, alloc_flags);
        if (pfn == PFN_NONE) continue;
        emit_extfrag(cx, pfn, order, current, type, choice.type);
        return pfn;
    }
    return PFN_NONE;
}

pfn_t rmqueue_steal(any_context auto& cx, zone& z, u32 order, migratetype type) {
    CallScope scope(cx.sink, fn::rmqueue_fallback);
    physical_memory& mem = cx.mem;
    for (u32 current = order; current < mem.nr_orders; ++current) {
        const fallback_choice choice = suitable_at(mem, z, current, type);
        if (!choice.found) continue;
        const pfn_t pfn = z.area[current].free_list[choice.type].first;
        del_page_from_free_list(mem, z, pfn);
        page& head = mem.page_mut(pfn);
        head.set_type(choice.type);
        head.stamp = cx.step;
        cx.sink.emit(ev::buddy_take, z.number, pfn, current, choice.type, z.area[current].nr_free);
        expand(cx, z, pfn, order, current, choice.type);
        mod_zone_freepage_state(cx, z, -(1 << order), choice.type);
        emit_extfrag(cx, pfn, order, current, type, choice.type);
        return pfn;
    }
    return PFN_NONE;
}

// For both kinds of sink.
template bool rmqueue_fallback(physical_context&, zone&, u32, migratetype, u32);
template pfn_t rmqueue_claim(physical_context&, zone&, u32, migratetype, u32);
template pfn_t rmqueue_steal(physical_context&, zone&, u32, migratetype);
template void change_pageblock_range(physical_context&, pfn_t, u32, migratetype);
template u32 move_freepages_block(physical_context&, zone&, pfn_t, migratetype);
template bool rmqueue_fallback(counting_context&, zone&, u32, migratetype, u32);
template pfn_t rmqueue_claim(counting_context&, zone&, u32, migratetype, u32);
template pfn_t rmqueue_steal(counting_context&, zone&, u32, migratetype);
template void change_pageblock_range(counting_context&, pfn_t, u32, migratetype);
template u32 move_freepages_block(counting_context&, zone&, pfn_t, migratetype);

} // namespace mm
