#pragma once
// What stays the same over the passes of one request, and the counters that its end moves.
//
// Mirrors: mm/internal.h (struct alloc_context), mm/page_alloc.c (prepare_alloc_pages, gfp_to_alloc_flags_cma,
//   alloc_flags_nofragment, zone_statistics), mm/vmstat.c (Linux 6.1).
#include "physical/gfp.h"
#include "physical/memory.h"
#include "physical/page_alloc.h"
#include "physical/watermark.h"

namespace mm {

// kernel: struct alloc_context
struct alloc_context {
    u32 order = 0;
    gfp_t gfp = 0;
    migratetype type = MIGRATE_UNMOVABLE;
    u32 highest_zoneidx = 0;
    u32 node = 0;
    u8 preferred_zone = ZONE_NONE; // the first zone of the node's list that the request may use

    [[nodiscard]] zonelist_kind list() const {
        return gfp & GFP_BIT_THISNODE ? ZONELIST_NOFALLBACK : ZONELIST_FALLBACK;
    }
};

[[nodiscard]] [[gnu::always_inline]] inline alloc_context prepare_alloc(const physical_context& cx,
                                                                        const alloc_request& request) {
    const physical_memory& mem = cx.mem;
    alloc_context ac;
    ac.order = request.order;
    ac.gfp = request.gfp;
    ac.type = gfp_migratetype(request.gfp);
    ac.highest_zoneidx = gfp_zone_index(mem, request.gfp);
    ac.node = static_cast<u32>(request.node >= 0 ? request.node : mem.node_of_cpu(static_cast<int>(cx.cpu)));
    ac.preferred_zone = mem.nodes[ac.node].preferred_zone[ac.list()][ac.highest_zoneidx];
    return ac;
}

[[nodiscard]] [[gnu::always_inline]] inline u32 with_cma(const alloc_context& ac, u32 alloc_flags) {
    return ac.type == MIGRATE_MOVABLE ? alloc_flags | ALLOC_CMA : alloc_flags;
}

// Of the first pass. There is a preferred zone.
[[nodiscard]] [[gnu::always_inline]] inline u32 fast_path_flags(const physical_memory& mem, const alloc_context& ac) {
    u32 flags = ALLOC_WMARK_LOW;
    if (mem.zones[ac.preferred_zone].nofragment) flags |= ALLOC_NOFRAGMENT;
    if (ac.gfp & GFP_BIT_KSWAPD_RECLAIM) flags |= ALLOC_KSWAPD;
    return with_cma(ac, flags);
}

[[gnu::always_inline]] inline void zone_statistics(const physical_memory& mem, zone& preferred, zone& served, u32 cpu) {
    if (served.node == preferred.node) {
        ++served.numa_hit;
    } else {
        ++served.numa_miss;
        ++preferred.numa_foreign;
    }
    ++(served.node == mem.node_of_cpu(static_cast<int>(cpu)) ? served.numa_local : served.numa_other);
}

// The block is the caller's from now on. kernel: post_alloc_hook, prep_compound_page
[[gnu::always_inline]] inline void hand_out(page& head, const alloc_context& ac, u32 step) {
    head.set_block(page_state::allocated, ac.order, ac.type, (ac.order > 0) & ((ac.gfp & GFP_BIT_COMP) != 0));
    head.refcount = 1;
    head.stamp = step;
}

// The same, and told. kernel: prep_new_page
void prep_new_page(physical_context& cx, pfn_t pfn, const alloc_context& ac);

} // namespace mm
