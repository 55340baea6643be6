// SLOB: the units of a page, and the lists of pages. kernel: mm/slob.c (slob_page_alloc, the inner part of slob_free)
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/slob.h"

namespace mm {

namespace {

using ev = slob_event;

slob_page& page_mut(slab_memory& slabs, const physical_memory& mem, pfn_t pfn) {
    return slabs.slob_pages.mut(pfn - mem.base_pfn);
}
const slob_page& page_of(const slab_memory& slabs, const physical_memory& mem, pfn_t pfn) {
    return slabs.slob_pages[pfn - mem.base_pfn];
}

// The two forms of a free block's head: size and next, or for one unit the negative of next.
void set_slob(slab_memory& slabs, const slob_page& sp, u32 at, u32 size, u32 next) {
    if (size > 1) {
        slabs.slob_units.mut(sp.run + at) = {static_cast<i16>(size), 0};
        slabs.slob_units.mut(sp.run + at + 1) = {static_cast<i16>(next), 0};
    } else {
        slabs.slob_units.mut(sp.run + at) = {static_cast<i16>(-static_cast<i32>(next)), 0};
    }
}

// Units between a block's first and the first at which it could begin.
u32 alignment_gap(const physical_memory& mem, pfn_t pfn, u32 at, const slob_demand& demand) {
    if (demand.align == 0) return 0;
    const u32 unit = slob_unit_bytes(mem);
    const u64 begin = (u64{pfn} << mem.page_shift) + u64{at} * unit + demand.align_offset;
    const u64 aligned = (begin + demand.align - 1) & ~(demand.align - 1);
    const u64 gap = (aligned - begin) / unit;
    return gap > slob_page_units(mem) ? slob_page_units(mem) : static_cast<u32>(gap);
}

// Takes the first `units` of the free block `at` out; `prev` is the free block before it, or NO_UNIT.
void take_units(slab_memory& slabs, slob_page& sp, u32 prev, u32 at, u32 units) {
    const u32 size = slob_unit_size(slabs, sp, at);
    const u32 next = slob_next(slabs, sp, at);
    const u32 first = size == units ? next : at + units;
    if (size > units) set_slob(slabs, sp, at + units, size - units, next);
    if (prev == NO_UNIT)
        sp.freelist = static_cast<u16>(first);
    else
        set_slob(slabs, sp, prev, slob_unit_size(slabs, sp, prev), first);
    sp.units = static_cast<u16>(sp.units - units);
}

} // namespace

u32 slob_unit_size(const slab_memory& slabs, const slob_page& sp, u32 at) {
    const i16 units = slabs.slob_units[sp.run + at].units;
    return units > 0 ? static_cast<u32>(units) : 1;
}

u32 slob_next(const slab_memory& slabs, const slob_page& sp, u32 at) {
    const i16 units = slabs.slob_units[sp.run + at].units;
    return static_cast<u32>(units < 0 ? -units : slabs.slob_units[sp.run + at + 1].units);
}

//   before  free 0-15, next 40        demand 4 units at unit 2 or later (alignment)
//   split   free 0-1, free 2-15
//   after   free 0-1, used 2-5, free 6-15, next 40
u32 slob_page_alloc(slab_context& cx, pfn_t pfn, const slob_demand& demand) {
    CallScope scope(cx.page.sink, slab_fn::slob_page_alloc);
    slab_memory& slabs = cx.slabs;
    const physical_memory& mem = cx.page.mem;
    const u32 end = slob_page_units(mem);
    u32 prev = NO_UNIT;
    u32 at = page_of(slabs, mem, pfn).freelist;
    u32 gap = 0;
    for (; at < end; prev = at, at = slob_next(slabs, page_of(slabs, mem, pfn), at)) {
        gap = alignment_gap(mem, pfn, at, demand);
        if (slob_unit_size(slabs, page_of(slabs, mem, pfn), at) >= demand.units + gap) break;
    }
    if (at >= end) return NO_UNIT;
    if (gap > 0) {
        const slob_page& sp = page_of(slabs, mem, pfn);
        const u32 size = slob_unit_size(slabs, sp, at);
        set_slob(slabs, sp, at + gap, size - gap, slob_next(slabs, sp, at));
        set_slob(slabs, sp, at, gap, at + gap);
        cx.page.sink.emit(ev::slob_aligned, pfn, at, gap, demand.align);
        prev = at;
        at += gap;
    }
    take_units(slabs, page_mut(slabs, mem, pfn), prev, at, demand.units);
    cx.page.sink.emit(ev::slob_block_taken, pfn, at, demand.units, page_of(slabs, mem, pfn).units);
    return at;
}

void slob_page_only_free(slab_memory& slabs, const physical_memory& mem, pfn_t pfn, u32 at, u32 units) {
    slob_page& sp = page_mut(slabs, mem, pfn);
    sp.units = static_cast<u16>(units);
    sp.freelist = static_cast<u16>(at);
    set_slob(slabs, sp, at, units, slob_page_units(mem));
}

//   before  free 0-9, free 30-39            freed 10-19
//   after   free 0-19, free 30-39           merged with the one before
void slob_page_free(slab_context& cx, pfn_t pfn, u32 at, u32 units) {
    slab_memory& slabs = cx.slabs;
    const physical_memory& mem = cx.page.mem;
    slob_page& sp = page_mut(slabs, mem, pfn);
    const u32 end = slob_page_units(mem);
    sp.units = static_cast<u16>(sp.units + units);
    u32 prev = NO_UNIT;
    u32 next = sp.freelist;
    while (next < at) {
        prev = next;
        next = slob_next(slabs, sp, next);
    }
    const bool with_next = next < end && at + units == next;
    if (with_next)
        set_slob(slabs, sp, at, units + slob_unit_size(slabs, sp, next), slob_next(slabs, sp, next));
    else
        set_slob(slabs, sp, at, units, next);
    const bool with_prev = prev != NO_UNIT && prev + slob_unit_size(slabs, sp, prev) == at;
    if (prev == NO_UNIT)
        sp.freelist = static_cast<u16>(at);
    else if (with_prev)
        set_slob(slabs, sp, prev, slob_unit_size(slabs, sp, prev) + slob_unit_size(slabs, sp, at),
                 slob_next(slabs, sp, at));
    else
        set_slob(slabs, sp, prev, slob_unit_size(slabs, sp, prev), at);
    const u32 merged = with_prev ? prev : at;
    const u32 size = slob_unit_size(slabs, sp, merged);
    if (with_next) cx.page.sink.emit(ev::slob_merged, pfn, at, slob_side::next, next, size);
    if (with_prev) cx.page.sink.emit(ev::slob_merged, pfn, at, slob_side::prev, prev, size);
}

void slob_link(slab_memory& slabs, const physical_memory& mem, pfn_t pfn, slob_list list) {
    slob_page& sp = page_mut(slabs, mem, pfn);
    sp.list = list;
    sp.prev = PFN_NONE;
    sp.next = slabs.slob_first[list];
    if (sp.next != PFN_NONE)
        page_mut(slabs, mem, sp.next).prev = pfn;
    else
        slabs.slob_last[list] = pfn;
    slabs.slob_first[list] = pfn;
}

void slob_unlink(slab_memory& slabs, const physical_memory& mem, pfn_t pfn) {
    const slob_page sp = page_of(slabs, mem, pfn);
    if (sp.next != PFN_NONE)
        page_mut(slabs, mem, sp.next).prev = sp.prev;
    else
        slabs.slob_last[sp.list] = sp.prev;
    if (sp.prev != PFN_NONE)
        page_mut(slabs, mem, sp.prev).next = sp.next;
    else
        slabs.slob_first[sp.list] = sp.next;
}

void slob_rotate(slab_memory& slabs, const physical_memory& mem, pfn_t pfn) {
    const slob_list list = page_of(slabs, mem, pfn).list;
    const pfn_t first = slabs.slob_first[list];
    const pfn_t last = slabs.slob_last[list];
    const pfn_t before = page_of(slabs, mem, pfn).prev;
    if (before == PFN_NONE) return;
    page_mut(slabs, mem, last).next = first;
    page_mut(slabs, mem, first).prev = last;
    page_mut(slabs, mem, before).next = PFN_NONE;
    page_mut(slabs, mem, pfn).prev = PFN_NONE;
    slabs.slob_first[list] = pfn;
    slabs.slob_last[list] = before;
}

bool is_slob_page(const slab_memory& slabs, const physical_memory& mem, pfn_t pfn) {
    if (!mem.pfn_valid(pfn) || pfn - mem.base_pfn >= slabs.slob_pages.size()) return false;
    return mem.page_at(pfn).slab() && page_of(slabs, mem, pfn).run != RUN_NONE;
}

std::vector<slob_block> slob_blocks(const slab_memory& slabs, const physical_memory& mem, pfn_t pfn) {
    std::vector<slob_block> blocks;
    if (!is_slob_page(slabs, mem, pfn)) return blocks;
    const slob_page& sp = page_of(slabs, mem, pfn);
    const u32 end = slob_page_units(mem);
    u32 free = sp.units > 0 ? sp.freelist : end;
    for (u32 at = 0; at < end;) {
        slob_block block;
        block.unit = at;
        if (at == free) {
            block.free = true;
            block.units = slob_unit_size(slabs, sp, at);
            free = slob_next(slabs, sp, at);
        } else {
            const slob_unit& head = slabs.slob_units[sp.run + at];
            block.bytes = head.taken;
            block.header = static_cast<u32>(head.units);
            block.units = std::max(slob_units(mem, head.taken), 1u);
        }
        at += block.units;
        blocks.push_back(block);
    }
    return blocks;
}

} // namespace mm
