#include "physical/alloc_contig.h"

#include "physical/functions.h"
#include "physical/init_memory.h"
#include "physical/lists.h"
#include "physical/page_check.h"
#include "physical/page_events.h"
#include "physical/page_isolation.h"
#include "physical/pcp.h"

namespace mm {

namespace {

using ev = page_event;

// Of a request for places, placement is irrelevant; of the others these are known. kernel: __alloc_contig_verify_gfp_mask
constexpr gfp_t IGNORED = GFP_ZONEMASK | GFP_BIT_RECLAIMABLE | GFP_BIT_WRITE | GFP_BIT_HARDWALL | GFP_BIT_THISNODE;
constexpr gfp_t KNOWN = GFP_KERNEL | GFP_BIT_COMP | GFP_BIT_RETRY_MAYFAIL | GFP_BIT_NOWARN | GFP_BIT_ZERO;

struct Refusal {
    contig_result why = contig_result::taken;
    pfn_t pfn = PFN_NONE;
};

Refusal check_request(const physical_memory& mem, pfn_t start, pfn_t end, gfp_t gfp) {
    if (!has_struct_page(mem, start) || !mem.pfn_valid(end - 1)) return {contig_result::no_memory, start};
    for (pfn_t pfn = start; pfn < end; ++pfn)
        if (has_struct_page(mem, pfn) && mem.page_zone(pfn) != mem.page_zone(start))
            return {contig_result::other_zone, pfn};
    if (!mem.rules.contig_checks_gfp()) return {};
    if (gfp & ~(IGNORED | KNOWN)) return {contig_result::gfp, start};
    return {gfp & GFP_BIT_COMP ? contig_result::compound : contig_result::taken, start};
}

// The first frame of the free block that holds `start`, or `start` itself when it is not free.
pfn_t outer_start_of(const physical_memory& mem, pfn_t start) {
    const block_info block = find_block(mem, start);
    return block.state == page_state::buddy ? block.head : start;
}

// A free block leaves the lists as single pages. It is isolated, so it did not count as free. kernel: split_map_pages
void take_block(physical_context& cx, zone& z, pfn_t pfn, u32 order, migratetype type, gfp_t gfp) {
    del_page_from_free_list(cx.mem, z, pfn);
    cx.sink.charge(u64{1} << order);
    for (pfn_t at = pfn; at < pfn + (1u << order); ++at) {
        page& single = cx.mem.page_mut(at);
        single.set_block(page_state::allocated, 0, type, false);
        single.refcount = 1;
        single.stamp = cx.step;
    }
    const init_reason cleared = init_at_alloc(cx.mem.rules, gfp);
    cx.sink.emit(ev::contig_block_taken, pfn, order, cleared, clears(cleared) ? page_bytes(cx.mem, order) : 0);
}

// All free blocks from outer_start on; the end of the last. kernel: isolate_freepages_range
pfn_t take_blocks(physical_context& cx, zone& z, pfn_t outer_start, pfn_t end, migratetype type, gfp_t gfp) {
    CallScope scope(cx.sink, fn::isolate_freepages_range);
    pfn_t pfn = outer_start;
    while (pfn < end) {
        const u32 order = cx.mem.page_at(pfn).order();
        take_block(cx, z, pfn, order, type, gfp);
        pfn += 1u << order;
    }
    return pfn;
}

// The part that follows isolation. False: a page of the range is in use.
bool take_range(physical_context& cx, zone& z, pfn_t start, pfn_t end, migratetype type, gfp_t gfp) {
    physical_memory& mem = cx.mem;
    for (u32 cpu = 0; cpu < mem.nr_cpus; ++cpu) drain_pages_zone(cx, z, cpu);
    const pfn_t outer_start = outer_start_of(mem, start);
    {
        CallScope scope(cx.sink, fn::test_pages_isolated);
        const pfn_t stop = first_page_in_use(mem, outer_start, end);
        cx.sink.charge(end - outer_start);
        cx.sink.emit(ev::test_pages_isolated, outer_start, end, stop, stop < end);
        if (stop < end) return false;
    }
    // Kernels before 6.14 clear by flags of their own.
    const gfp_t flags = mem.rules.contig_checks_gfp() ? gfp : GFP_BIT_MOVABLE;
    const pfn_t outer_end = take_blocks(cx, z, outer_start, end, type, flags);
    if (start != outer_start) free_contig_range(cx, outer_start, start - outer_start);
    if (end != outer_end) free_contig_range(cx, end, outer_end - end);
    return true;
}

} // namespace

contig_result alloc_contig_range(physical_context& cx, pfn_t start, pfn_t end, migratetype type, gfp_t gfp) {
    CallScope scope(cx.sink, fn::alloc_contig_range);
    cx.sink.charge(end - start);
    if (const Refusal refusal = check_request(cx.mem, start, end, gfp); refusal.why != contig_result::taken) {
        cx.sink.emit(ev::contig_refused, start, end - start, refusal.pfn, refusal.why);
        return refusal.why;
    }
    zone& z = cx.mem.zones[cx.mem.page_zone(start)];
    cx.sink.emit(ev::contig_request, start, end - start, type, z.number);
    if (!start_isolate_page_range(cx, z, start, end, type)) return contig_result::busy;
    const bool taken = take_range(cx, z, start, end, type, gfp);
    undo_isolate_page_range(cx, z, start, end, type);
    if (!taken) return contig_result::busy;
    cx.sink.emit(ev::contig_taken, start, end - start);
    return contig_result::taken;
}

void free_contig_range(physical_context& cx, pfn_t pfn, u32 nr_pages) {
    CallScope scope(cx.sink, fn::free_contig_range);
    u32 held = 0;
    for (u32 i = 0; i < nr_pages && !cx.sink.spent(); ++i) {
        if (has_struct_page(cx.mem, pfn + i)) held += cx.mem.page_at(pfn + i).refcount != 1;
        free_pages(cx, pfn + i, 0);
    }
    if (held == 0) return;
    cx.sink.emit(ev::contig_still_in_use, pfn, nr_pages, held);
    ++cx.mem.log.nr_records;
    cx.mem.log.warned = true;
}

} // namespace mm
