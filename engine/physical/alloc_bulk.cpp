#include "physical/alloc_bulk.h"

#include "physical/alloc_context.h"
#include "physical/functions.h"
#include "physical/page_events.h"
#include "physical/pcp.h"

namespace mm {

namespace {

using ev = page_event;

u32 filled_from(std::span<const pfn_t> pages, u32 at) {
    while (at < pages.size() && pages[at] != PFN_NONE) ++at;
    return at;
}

// One page as any request gets it, for the first empty place.
u32 take_one(physical_context& cx, const alloc_request& request, std::span<pfn_t> pages, u32 at, bulk_single why) {
    cx.sink.emit(ev::bulk_one_page, at, why);
    pages[at] = alloc_pages(cx, request);
    return pages[at] == PFN_NONE ? at : at + 1;
}

struct Choice {
    u8 zone = ZONE_NONE;
    bulk_single why = bulk_single::watermark; // without a zone
};

// The first zone of the preferred node that stays above its low watermark when all pages have left.
Choice choose_zone(physical_context& cx, const alloc_context& ac, u32 nr_pages) {
    physical_memory& mem = cx.mem;
    const zone& preferred = mem.zones[ac.preferred_zone];
    const gfp_t ignores_boost = mem.rules.has_gfp_atomic_bit() ? GFP_BIT_ATOMIC : GFP_BIT_HIGH;
    for (const u8 number : mem.nodes[ac.node].node_zonelists[ac.list()]) {
        const zone& z = mem.zones[number];
        if (z.index > ac.highest_zoneidx) continue;
        if (z.node != preferred.node) return {ZONE_NONE, bulk_single::other_node};
        const u32 mark = z.wmark_pages(WMARK_LOW) + nr_pages;
        const watermark_check check = zone_watermark_fast(mem, z, 0, mark, preferred.index,
                                                          with_cma(ac, ALLOC_WMARK_LOW), ac.gfp & ignores_boost);
        cx.sink.emit(ev::bulk_watermark, number, nr_pages, check.free - check.unusable, z.wmark_pages(WMARK_LOW),
                     check.reserve, check.ok);
        if (check.ok) return {number};
    }
    return {};
}

} // namespace

u32 alloc_pages_bulk_array(physical_context& cx, const alloc_request& request, std::span<pfn_t> pages) {
    CallScope scope(cx.sink, cx.mem.rules.names_bulk_noprof() ? fn::alloc_pages_bulk_noprof : fn::alloc_pages_bulk);
    const auto nr_pages = static_cast<u32>(pages.size());
    u32 at = filled_from(pages, 0);
    cx.sink.emit(ev::bulk_request, nr_pages, at, request.gfp);
    if (at == nr_pages) return at;
    if (nr_pages - at == 1) return take_one(cx, request, pages, at, bulk_single::one_place);
    const alloc_context ac = prepare_alloc(cx, request);
    if (ac.preferred_zone == ZONE_NONE) return at;
    const Choice choice = choose_zone(cx, ac, nr_pages);
    if (choice.zone == ZONE_NONE) return take_one(cx, request, pages, at, choice.why);

    zone& z = cx.mem.zones[choice.zone];
    u32 taken = 0;
    for (; at < nr_pages && !cx.sink.spent(); at = filled_from(pages, at + 1)) {
        CallScope list(cx.sink, fn::rmqueue_pcplist_locked);
        const pfn_t pfn = rmqueue_pcplist_locked(cx, z, 0, ac.type, with_cma(ac, ALLOC_WMARK_LOW));
        if (pfn == PFN_NONE) break;
        ++taken;
        prep_new_page(cx, pfn, ac);
        zone_statistics(cx.mem, cx.mem.zones[ac.preferred_zone], z, cx.cpu);
        pages[at] = pfn;
    }
    if (taken == 0) return take_one(cx, request, pages, at, bulk_single::no_page);
    cx.sink.emit(ev::bulk_taken, choice.zone, taken, at);
    return at;
}

} // namespace mm
