#include "physical/page_isolation.h"

#include <algorithm>
#include <bit>

#include "physical/buddy.h"
#include "physical/fallback.h"
#include "physical/functions.h"
#include "physical/lists.h"
#include "physical/page_check.h"
#include "physical/page_events.h"
#include "physical/watermark.h"

namespace mm {

namespace {

using ev = page_event;

struct Range {
    pfn_t start = 0, end = 0;
};

// Whole pageblocks; before 5.19 whole blocks of the highest order, if that is more.
Range isolated_range(const physical_memory& mem, pfn_t start, pfn_t end) {
    const u32 order =
        mem.rules.isolates_pageblocks() ? mem.pageblock_order : std::max<u32>(mem.pageblock_order, mem.nr_orders - 1u);
    const pfn_t mask = (1u << order) - 1;
    return {start & ~mask, (end + mask) & ~mask};
}

struct Verdict {
    isolate_refusal reason = isolate_refusal::none;
    pfn_t pfn = PFN_NONE;
};

// Pages from `pfn` on that one look passes; 0: the page cannot be moved.
u32 movable_pages(const physical_memory& mem, const zone& z, pfn_t pfn) {
    const page& frame = mem.page_at(pfn);
    if (z.type == zone_type::movable) return 1; // only for this kind of page, so it is not looked at
    if (frame.state() == page_state::buddy) return 1u << frame.order();
    if (frame.refcount != 0) return 0;
    // Tails count nothing, but of a compound page they are marked.
    const block_info block = find_block(mem, pfn);
    return block.state == page_state::allocated && mem.page_at(block.head).compound() ? 0 : 1;
}

// kernel: has_unmovable_pages
Verdict unmovable_in(const physical_memory& mem, const zone& z, pfn_t block, migratetype type) {
    // CMA's own requests isolate its pageblocks in any case: what does not move then fails later.
    if (mem.block_type(block) == MIGRATE_CMA)
        return type == MIGRATE_CMA ? Verdict{} : Verdict{isolate_refusal::cma, block};
    const pfn_t end = block + mem.pageblock_nr_pages();
    for (pfn_t pfn = block; pfn < end;) {
        if (!has_struct_page(mem, pfn) || mem.page_at(pfn).state() == page_state::reserved)
            return {isolate_refusal::reserved, pfn};
        const u32 passed = movable_pages(mem, z, pfn);
        if (passed == 0) return {isolate_refusal::in_use, pfn};
        pfn += passed;
    }
    return {};
}

// Frees the pieces of a block that has left its list, each to the lists of its own pageblock.
//
//   [           order           ]   ->   [  before border  ][  behind it  ]
void free_pieces(physical_context& cx, zone& z, pfn_t pfn, u32 order, u32 border) {
    const pfn_t end = pfn + (1u << order);
    u32 left = border;
    for (pfn_t at = pfn; at < end;) {
        const u32 aligned = at ? static_cast<u32>(std::countr_zero(at)) : order;
        const u32 piece = std::min(aligned, static_cast<u32>(std::bit_width(left)) - 1);
        free_one_page(cx, z, at, piece, cx.mem.block_type(at), false);
        at += 1u << piece;
        left -= 1u << piece;
        if (left == 0) left = end - at;
    }
}

// A free block leaves its list to be cut. NR_FREE_PAGES loses it.
void take_free_block(physical_context& cx, zone& z, pfn_t pfn, u32 order) {
    const migratetype type = cx.mem.block_type(pfn);
    del_page_from_free_list(cx.mem, z, pfn);
    mod_zone_freepage_state(cx, z, -(1 << order), type);
}

// The pageblock and its free blocks get the type; a free block that goes beyond it is cut. kernel: move_freepages_block_isolate
void move_and_cut(physical_context& cx, zone& z, pfn_t block, migratetype type) {
    physical_memory& mem = cx.mem;
    const block_info free = find_block(mem, block);
    if (free.state == page_state::buddy && free.order > mem.pageblock_order) {
        cx.sink.emit(ev::free_block_cut, free.head, free.order, block);
        take_free_block(cx, z, free.head, free.order);
        mem.set_block_type(block, type);
        for (pfn_t at = free.head; at < free.head + (1u << free.order); at += mem.pageblock_nr_pages())
            free_one_page(cx, z, at, mem.pageblock_order, mem.block_type(at), false);
        return;
    }
    static_cast<void>(move_freepages_block(cx, z, block, type));
    mem.set_block_type(block, type);
}

// The same for kernels before 6.10, which leave a free block in one piece. kernel: move_freepages_block
void move_whole(physical_context& cx, zone& z, pfn_t block, migratetype type) {
    const migratetype before = cx.mem.block_type(block);
    cx.mem.set_block_type(block, type);
    const auto moved = static_cast<i32>(move_freepages_block(cx, z, block, type));
    if (type == MIGRATE_ISOLATE)
        mod_zone_freepage_state(cx, z, -moved, before);
    else
        mod_zone_freepage_state(cx, z, moved, type);
}

void move_pageblock(physical_context& cx, zone& z, pfn_t block, migratetype type) {
    if (cx.mem.rules.freelist_hygiene())
        move_and_cut(cx, z, block, type);
    else
        move_whole(cx, z, block, type);
}

bool refuse(physical_context& cx, pfn_t block, Verdict why) {
    cx.sink.emit(ev::isolate_refused, block, why.pfn, why.reason);
    return false;
}

bool set_migratetype_isolate(physical_context& cx, zone& z, pfn_t block, migratetype type) {
    CallScope scope(cx.sink, fn::set_migratetype_isolate);
    physical_memory& mem = cx.mem;
    cx.sink.charge(2 * u64{mem.pageblock_nr_pages()});
    if (!mem.pfn_valid(block)) return refuse(cx, block, {isolate_refusal::reserved, block});
    const migratetype before = mem.block_type(block);
    if (before == MIGRATE_ISOLATE) return refuse(cx, block, {isolate_refusal::isolated, block});
    if (const Verdict found = unmovable_in(mem, z, block, type); found.reason != isolate_refusal::none)
        return refuse(cx, block, found);
    const bool inside = z.spans(block) && z.spans(block + mem.pageblock_nr_pages() - 1);
    if (mem.rules.freelist_hygiene() && !inside) return refuse(cx, block, {isolate_refusal::border, block});
    move_pageblock(cx, z, block, MIGRATE_ISOLATE);
    ++z.nr_isolate_pageblock;
    cx.sink.emit(ev::pageblock_isolate, block, before);
    return true;
}

// A pageblock at the border of the free block that begins in it has to be one piece with its buddy again.
bool merges_behind(const physical_memory& mem, pfn_t block) {
    const page& head = mem.page_at(block);
    if (head.state() != page_state::buddy || head.order() < mem.pageblock_order) return false;
    if (head.order() + 1u >= mem.nr_orders) return false;
    const pfn_t buddy = block ^ (1u << head.order());
    if (!mem.pfn_valid(buddy)) return false;
    const page& other = mem.page_at(buddy);
    return other.state() == page_state::buddy && other.order() == head.order() &&
           other.zone_slot() == head.zone_slot() && mem.block_type(buddy) != MIGRATE_ISOLATE;
}

void unset_migratetype_isolate(physical_context& cx, zone& z, pfn_t block, migratetype type) {
    CallScope scope(cx.sink, fn::unset_migratetype_isolate);
    physical_memory& mem = cx.mem;
    if (merges_behind(mem, block)) {
        const u32 order = mem.page_at(block).order();
        del_page_from_free_list(mem, z, block);
        mem.set_block_type(block, type);
        free_one_page(cx, z, block, order, type, true);
    } else {
        move_pageblock(cx, z, block, type);
    }
    --z.nr_isolate_pageblock;
    cx.sink.emit(ev::pageblock_unisolate, block, type);
}

// Where a border of the range cuts a block. A free one is cut there, a compound page in use stops the request.
bool cut_at(physical_context& cx, zone& z, pfn_t block, pfn_t border) {
    physical_memory& mem = cx.mem;
    const u32 largest = 1u << (mem.nr_orders - 1u);
    const pfn_t from = std::max(block & ~(largest - 1), z.start_pfn);
    if (from >= border) return true;
    cx.sink.charge(border - from);
    for (pfn_t pfn = from; pfn < border;) {
        const page head = mem.page_at(pfn);
        const bool whole =
            head.state() == page_state::buddy || (head.state() == page_state::allocated && head.compound());
        const u32 size = whole ? 1u << head.order() : 1u;
        if (pfn + size > border) {
            if (head.state() != page_state::buddy) return refuse(cx, block, {isolate_refusal::across, pfn});
            cx.sink.emit(ev::free_block_cut, pfn, head.order(), border);
            take_free_block(cx, z, pfn, head.order());
            free_pieces(cx, z, pfn, head.order(), border - pfn);
        }
        pfn += size;
    }
    return true;
}

// `before`: the pageblock ends at the border of the range, else it begins there. kernel: isolate_single_pageblock
bool isolate_single_pageblock(physical_context& cx, zone& z, pfn_t block, bool before, bool isolated,
                              migratetype type) {
    CallScope scope(cx.sink, fn::isolate_single_pageblock);
    const pfn_t border = before ? block + cx.mem.pageblock_nr_pages() : block;
    if (!isolated && !set_migratetype_isolate(cx, z, block, type)) return false;
    if (!has_struct_page(cx.mem, before ? border : border - 1)) return true;
    if (cut_at(cx, z, block, border)) return true;
    if (!isolated) unset_migratetype_isolate(cx, z, block, type);
    return false;
}

bool isolate_blocks(physical_context& cx, zone& z, Range blocks, migratetype type) {
    for (pfn_t block = blocks.start; block < blocks.end; block += cx.mem.pageblock_nr_pages())
        if (!set_migratetype_isolate(cx, z, block, type)) {
            for (pfn_t done = blocks.start; done < block; done += cx.mem.pageblock_nr_pages())
                unset_migratetype_isolate(cx, z, done, type);
            return false;
        }
    return true;
}

} // namespace

bool start_isolate_page_range(physical_context& cx, zone& z, pfn_t start, pfn_t end, migratetype type) {
    CallScope scope(cx.sink, fn::start_isolate_page_range);
    const Range range = isolated_range(cx.mem, start, end);
    if (!cx.mem.rules.isolates_pageblocks()) return isolate_blocks(cx, z, range, type);
    // First the pageblocks at both ends, where blocks may lie across the border; then what is between.
    const pfn_t last = range.end - cx.mem.pageblock_nr_pages();
    if (!isolate_single_pageblock(cx, z, range.start, false, false, type)) return false;
    if (!isolate_single_pageblock(cx, z, last, true, last == range.start, type)) {
        unset_migratetype_isolate(cx, z, range.start, type);
        return false;
    }
    const Range between{range.start + cx.mem.pageblock_nr_pages(), last};
    if (between.start >= between.end || isolate_blocks(cx, z, between, type)) return true;
    unset_migratetype_isolate(cx, z, range.start, type);
    unset_migratetype_isolate(cx, z, last, type);
    return false;
}

void undo_isolate_page_range(physical_context& cx, zone& z, pfn_t start, pfn_t end, migratetype type) {
    CallScope scope(cx.sink, fn::undo_isolate_page_range);
    const Range range = isolated_range(cx.mem, start, end);
    for (pfn_t block = range.start; block < range.end; block += cx.mem.pageblock_nr_pages())
        if (cx.mem.pfn_valid(block) && cx.mem.block_type(block) == MIGRATE_ISOLATE)
            unset_migratetype_isolate(cx, z, block, type);
}

pfn_t first_page_in_use(const physical_memory& mem, pfn_t start, pfn_t end) {
    pfn_t pfn = start;
    while (pfn < end && mem.page_at(pfn).state() == page_state::buddy) pfn += 1u << mem.page_at(pfn).order();
    return pfn;
}

} // namespace mm
