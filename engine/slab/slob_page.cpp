// SLOB: the units of a page, and the lists of pages. kernel: mm/slob.c (slob_page_alloc, the inner part of slob_free)
#include <algorithm>

#include "slab/events.h"
#include "slab/functions.h"
#include "slab/runs.h"
#include "slab/slob.h"

namespace mm {

namespace {

using ev = slob_event;

constexpr u16 FIRST_CAPACITY = 4; // blocks of a new page's run

slob_page& page_mut(slab_memory& slabs, const physical_memory& mem, pfn_t pfn) {
    return slabs.slob_pages.mut(pfn - mem.base_pfn);
}
const slob_page& page_of(const slab_memory& slabs, const physical_memory& mem, pfn_t pfn) {
    return slabs.slob_pages[pfn - mem.base_pfn];
}

const slob_record& record_of(const slab_memory& slabs, const slob_page& sp, u32 i) {
    return slabs.slob_records[sp.run + i];
}
slob_record& record_mut(slab_memory& slabs, const slob_page& sp, u32 i) { return slabs.slob_records.mut(sp.run + i); }

slob_record free_block(u32 unit, u32 units) { return {static_cast<u16>(unit), static_cast<u16>(units)}; }

// The first block that begins at `unit` or behind it.
u32 find_record(const slab_memory& slabs, const slob_page& sp, u32 unit) {
    u32 first = 0;
    u32 end = sp.blocks;
    while (first < end) {
        const u32 middle = (first + end) / 2;
        if (record_of(slabs, sp, middle).unit < unit)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

void insert_record(slab_memory& slabs, slob_page& sp, u32 i, const slob_record& record) {
    if (sp.blocks == sp.capacity) {
        const u32 larger = take_run(slabs.slob_records, slabs.slob_runs, sp.capacity * 2u);
        for (u32 k = 0; k < sp.blocks; ++k) slabs.slob_records.mut(larger + k) = record_of(slabs, sp, k);
        give_run(slabs.slob_records, slabs.slob_runs, sp.run, sp.capacity);
        sp.run = larger;
        sp.capacity = static_cast<u16>(sp.capacity * 2);
    }
    for (u32 k = sp.blocks++; k > i; --k) record_mut(slabs, sp, k) = record_of(slabs, sp, k - 1);
    record_mut(slabs, sp, i) = record;
}

void erase_record(slab_memory& slabs, slob_page& sp, u32 i) {
    --sp.blocks;
    for (; i < sp.blocks; ++i) record_mut(slabs, sp, i) = record_of(slabs, sp, i + 1);
}

// Units between a block's first and the first at which it could begin.
u32 alignment_gap(const physical_memory& mem, pfn_t pfn, u32 at, const slob_demand& demand) {
    if (demand.align == 0) return 0;
    const u32 unit = slob_unit_bytes(mem);
    const u64 begin = (u64{pfn} << mem.page_shift) + u64{at} * unit + demand.header;
    const u64 aligned = (begin + demand.align - 1) & ~(demand.align - 1);
    const u64 gap = (aligned - begin) / unit;
    return gap > slob_page_units(mem) ? slob_page_units(mem) : static_cast<u32>(gap);
}

// The beginning of the free block `i` becomes a block in use.
void take_block(slab_memory& slabs, const physical_memory& mem, slob_page& sp, u32 i, const slob_demand& demand) {
    const slob_record block = record_of(slabs, sp, i);
    record_mut(slabs, sp, i) = {block.unit, static_cast<u16>(demand.bytes), static_cast<u16>(demand.header)};
    if (block.size > demand.units)
        insert_record(slabs, sp, i + 1, free_block(block.unit + demand.units, block.size - demand.units));
    sp.units = static_cast<u16>(sp.units - demand.units);
    if (sp.freelist != block.unit) return;
    u32 next = i + 1;
    while (next < sp.blocks && !record_of(slabs, sp, next).free()) ++next;
    sp.freelist = next < sp.blocks ? record_of(slabs, sp, next).unit : static_cast<u16>(slob_page_units(mem));
}

} // namespace

//   before  free 0-15, next 40        demand 4 units at unit 2 or later (alignment)
//   split   free 0-1, free 2-15
//   after   free 0-1, used 2-5, free 6-15, next 40
u32 slob_page_alloc(slab_context& cx, pfn_t pfn, const slob_demand& demand) {
    CallScope scope(cx.page.sink, slab_fn::slob_page_alloc);
    slab_memory& slabs = cx.slabs;
    const physical_memory& mem = cx.page.mem;
    const slob_page before = page_of(slabs, mem, pfn);
    u32 i = find_record(slabs, before, before.freelist);
    u32 gap = 0;
    cx.page.sink.charge(before.blocks);
    for (; i < before.blocks; ++i) {
        const slob_record& block = record_of(slabs, before, i);
        if (!block.free()) continue;
        gap = alignment_gap(mem, pfn, block.unit, demand);
        if (block.size >= demand.units + gap) break;
    }
    if (i == before.blocks) return NO_UNIT;
    u32 at = record_of(slabs, before, i).unit;
    if (gap > 0) {
        slob_record& first = record_mut(slabs, before, i);
        const slob_record second = free_block(at + gap, first.size - gap);
        first.size = static_cast<u16>(gap);
        insert_record(slabs, page_mut(slabs, mem, pfn), ++i, second);
        cx.page.sink.emit(ev::slob_aligned, pfn, at, gap, demand.align);
        at += gap;
    }
    take_block(slabs, mem, page_mut(slabs, mem, pfn), i, demand);
    cx.page.sink.emit(ev::slob_block_taken, pfn, at, demand.units, page_of(slabs, mem, pfn).units);
    return at;
}

//   before  free 0-9, free 30-39            freed 10-19
//   after   free 0-19, free 30-39           merged with the one before
void slob_page_free(slab_context& cx, pfn_t pfn, u32 unit) {
    slab_memory& slabs = cx.slabs;
    const physical_memory& mem = cx.page.mem;
    slob_page& sp = page_mut(slabs, mem, pfn);
    cx.page.sink.charge(sp.blocks);
    const u32 i = find_record(slabs, sp, unit);
    const u32 units = slob_units(mem, record_of(slabs, sp, i).size);
    slob_record merged = free_block(unit, units);
    u32 prev = NO_UNIT;
    u32 next = NO_UNIT;
    if (i + 1 < sp.blocks && record_of(slabs, sp, i + 1).free()) {
        next = record_of(slabs, sp, i + 1).unit;
        merged.size = static_cast<u16>(merged.size + record_of(slabs, sp, i + 1).size);
        erase_record(slabs, sp, i + 1);
    }
    if (i > 0 && record_of(slabs, sp, i - 1).free()) {
        prev = record_of(slabs, sp, i - 1).unit;
        merged = free_block(prev, merged.size + record_of(slabs, sp, i - 1).size);
        erase_record(slabs, sp, i);
    }
    record_mut(slabs, sp, prev == NO_UNIT ? i : i - 1) = merged;
    sp.units = static_cast<u16>(sp.units + units);
    sp.freelist = std::min(sp.freelist, merged.unit);
    if (next != NO_UNIT) cx.page.sink.emit(ev::slob_merged, pfn, unit, slob_side::next, next, merged.size);
    if (prev != NO_UNIT) cx.page.sink.emit(ev::slob_merged, pfn, unit, slob_side::prev, prev, merged.size);
}

void slob_page_open(slab_memory& slabs, const physical_memory& mem, pfn_t pfn) {
    slabs.slob_pages.grow(mem.end_pfn - mem.base_pfn);
    const u32 run = take_run(slabs.slob_records, slabs.slob_runs, FIRST_CAPACITY);
    slob_page& sp = page_mut(slabs, mem, pfn);
    sp = slob_page{};
    sp.run = run;
    sp.capacity = FIRST_CAPACITY;
    sp.blocks = 1;
    sp.units = static_cast<u16>(slob_page_units(mem));
    record_mut(slabs, sp, 0) = free_block(0, slob_page_units(mem));
}

void slob_page_close(slab_memory& slabs, const physical_memory& mem, pfn_t pfn) {
    slob_page& sp = page_mut(slabs, mem, pfn);
    give_run(slabs.slob_records, slabs.slob_runs, sp.run, sp.capacity);
    sp = slob_page{};
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

std::optional<slob_record> slob_block_in_use(const slab_memory& slabs, const physical_memory& mem, pfn_t pfn,
                                             u32 unit) {
    const slob_page& sp = page_of(slabs, mem, pfn);
    const u32 i = find_record(slabs, sp, unit);
    if (i == sp.blocks) return std::nullopt;
    const slob_record& block = record_of(slabs, sp, i);
    return block.unit == unit && !block.free() ? std::optional(block) : std::nullopt;
}

std::vector<slob_block> slob_blocks(const slab_memory& slabs, const physical_memory& mem, pfn_t pfn) {
    std::vector<slob_block> blocks;
    if (!is_slob_page(slabs, mem, pfn)) return blocks;
    const slob_page& sp = page_of(slabs, mem, pfn);
    for (u32 i = 0; i < sp.blocks; ++i) {
        const slob_record& block = record_of(slabs, sp, i);
        if (block.free())
            blocks.push_back({block.unit, block.size, true, 0, 0});
        else
            blocks.push_back({block.unit, slob_units(mem, block.size), false, block.size, block.header});
    }
    return blocks;
}

} // namespace mm
