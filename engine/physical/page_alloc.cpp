#include "physical/page_alloc.h"

#include "base/assert.h"
#include "physical/alloc_context.h"
#include "physical/buddy.h"
#include "physical/events.h"
#include "physical/fallback.h"
#include "physical/functions.h"
#include "physical/init_memory.h"
#include "physical/page_check.h"
#include "physical/plain_path.h"
#include "physical/references.h"
#include "physical/watermark.h"

namespace mm {

namespace {

using ev = physical_event;

// kernel: gfp_to_alloc_flags
u32 slow_path_flags(const physical_memory& mem, const alloc_context& ac) {
    u32 flags = ALLOC_WMARK_MIN;
    if (ac.gfp & GFP_BIT_HIGH) flags |= ALLOC_HIGH;
    if (ac.gfp & GFP_BIT_KSWAPD_RECLAIM) flags |= ALLOC_KSWAPD;
    const bool keeps_reserves = ac.gfp & GFP_BIT_NOMEMALLOC;
    if (mem.rules.has_gfp_atomic_bit()) {
        if (ac.gfp & GFP_BIT_ATOMIC && !keeps_reserves) flags |= ALLOC_HARDER;
    } else if (!(ac.gfp & GFP_BIT_DIRECT_RECLAIM) && !keeps_reserves) {
        flags |= ALLOC_HARDER;
        if (ac.order > 0 && flags & ALLOC_HIGH) flags |= ALLOC_HIGHATOMIC;
    }
    return with_cma(ac, flags);
}

void wake_kswapd(physical_context& cx, const zone& z, u32 order) {
    pglist_data& node = cx.mem.nodes[z.node];
    ++node.kswapd_wakeups;
    cx.sink.emit(ev::kswapd_wake, z.node, z.number, order);
}

// Straight from the buddy lists. kernel: rmqueue_buddy
pfn_t rmqueue_buddy(any_context auto& cx, zone& z, u32 order, migratetype type, u32 alloc_flags) {
    CallScope scope(cx.sink, fn::rmqueue_buddy);
    physical_memory& mem = cx.mem;
    for (;;) {
        pfn_t pfn = PFN_NONE;
        const bool highatomic =
            mem.rules.has_gfp_atomic_bit() ? order > 0 && alloc_flags & ALLOC_HARDER : alloc_flags & ALLOC_HIGHATOMIC;
        if (highatomic) pfn = rmqueue_smallest(cx, z, order, MIGRATE_HIGHATOMIC);
        if (pfn == PFN_NONE) {
            rmqueue_mode mode = rmqueue_mode::normal;
            pfn = rmqueue_locked(cx, z, order, type, alloc_flags, mode);
            if (pfn == PFN_NONE && mem.rules.nonblocking_takes_highatomic() && alloc_flags & ALLOC_HARDER)
                pfn = rmqueue_smallest(cx, z, order, MIGRATE_HIGHATOMIC);
        }
        if (pfn == PFN_NONE) return PFN_NONE;
        if (!mem.rules.accounts_in_rmqueue()) mod_zone_freepage_state(cx, z, -(1 << order), mem.page_at(pfn).type());
        if (!mem.rules.checks_buddy_alloc() || check_new_pages(cx, pfn, order)) return pfn;
    }
}

pfn_t rmqueue(physical_context& cx, zone& preferred, zone& z, const alloc_context& ac, u32 alloc_flags) {
    CallScope scope(cx.sink, fn::rmqueue);
    physical_memory& mem = cx.mem;
    pfn_t pfn = PFN_NONE;
    const bool by_pcp = pcp_allowed_order(mem, ac.order);
    if (by_pcp) pfn = rmqueue_pcplist(cx, z, ac.order, ac.type, alloc_flags);
    if (pfn == PFN_NONE && (!by_pcp || mem.rules.buddy_after_empty_pcp()))
        pfn = with_any_context(cx, [&](auto& c) { return rmqueue_buddy(c, z, ac.order, ac.type, alloc_flags); });
    if (pfn != PFN_NONE) zone_statistics(mem, preferred, z, cx.cpu);
    if (z.boosted_watermark && alloc_flags & ALLOC_KSWAPD) {
        z.boosted_watermark = false;
        wake_kswapd(cx, z, 0);
    }
    return pfn;
}

u32 most_highatomic_pages(const physical_memory& mem, const zone& z) {
    const u32 block_pages = mem.pageblock_nr_pages();
    const u32 hundredth = z.managed_pages / 100;
    if (!mem.rules.highatomic_needs_a_hundredth()) return hundredth + block_pages;
    return hundredth < block_pages ? 0 : (hundredth + block_pages - 1) / block_pages * block_pages;
}

// Keeps the pageblocks of a block for atomic requests of higher orders, up to about 1% of the zone.
void reserve_highatomic_pageblock(physical_context& cx, zone& z, pfn_t pfn, u32 order) {
    CallScope scope(cx.sink, fn::reserve_highatomic_pageblock);
    physical_memory& mem = cx.mem;
    const u32 block_pages = mem.pageblock_nr_pages();
    const u32 most = most_highatomic_pages(mem, z);
    if (z.nr_reserved_highatomic >= most) return;
    if (!migratetype_is_mergeable(mem.block_type(pfn))) return;
    if (mem.rules.highatomic_needs_a_hundredth() && order >= mem.pageblock_order) {
        z.nr_reserved_highatomic += 1u << order;
        for (pfn_t at = pfn; at < pfn + (1u << order); at += block_pages) mem.set_block_type(at, MIGRATE_HIGHATOMIC);
    } else {
        const pfn_t block = pfn & ~(block_pages - 1);
        // Since 6.10 a pageblock that another zone shares stays as it is; before, it counts, whether or not it moved.
        if (mem.rules.freelist_hygiene() && !(z.spans(block) && z.spans(block + block_pages - 1))) return;
        z.nr_reserved_highatomic += block_pages;
        mem.set_block_type(block, MIGRATE_HIGHATOMIC);
        static_cast<void>(move_freepages_block(cx, z, pfn, MIGRATE_HIGHATOMIC));
    }
    cx.sink.emit(ev::highatomic_reserve, z.number, pfn, z.nr_reserved_highatomic, most);
}

// Where the numbers of a comparison come from, when they are not the watermark and the order alone.
void tell_numbers(physical_context& cx, const zone& z, u32 order, wmark mark, u32 alloc_flags,
                  const watermark_check& check) {
    const bool boosted = check.mark != z.watermark[mark];
    if (check.min != check.mark || (z.watermark_boost > 0 && !boosted)) {
        const bool half = alloc_flags & ALLOC_HIGH;
        const bool quarter = check.min != check.mark - (half ? check.mark / 2 : 0);
        const watermark_lowering reason =
            half      ? quarter ? watermark_lowering::half_and_quarter : watermark_lowering::half
            : quarter ? watermark_lowering::quarter
                      : watermark_lowering::none;
        const boost_effect boost = boosted                 ? boost_effect::counts
                                   : z.watermark_boost > 0 ? boost_effect::ignored
                                                           : boost_effect::none;
        cx.sink.emit(ev::watermark_lowered, z.number, mark, check.mark, check.min, reason, z.watermark_boost, boost);
    }
    const i64 block = (i64{1} << order) - 1;
    if (check.enough || check.unusable == block) return;
    const i64 cma = alloc_flags & ALLOC_CMA ? 0 : z.nr_free_cma;
    cx.sink.emit(ev::watermark_unusable, z.number, order, check.unusable, block, check.unusable - block - cma, cma);
}

// Compares one watermark and tells it. True when the zone may serve the request.
bool watermark_allows(physical_context& cx, const zone& z, const alloc_context& ac, wmark mark, u32 alloc_flags) {
    const gfp_t ignores_boost = cx.mem.rules.has_gfp_atomic_bit() ? GFP_BIT_ATOMIC : GFP_BIT_HIGH;
    const watermark_check check = zone_watermark_fast(cx.mem, z, ac.order, z.wmark_pages(mark), ac.highest_zoneidx,
                                                      alloc_flags, ac.gfp & ignores_boost);
    tell_numbers(cx, z, ac.order, mark, alloc_flags, check);
    const int told_mark = mark + (check.mark != z.watermark[mark] ? WMARK_BOOSTED : 0);
    const auto tell = [&](ev kind) {
        cx.sink.emit(kind, z.number, told_mark, ac.order, check.free, check.unusable, check.min, check.reserve,
                     check.mark);
    };
    if (check.ok) {
        tell(ev::zone_watermark_ok);
        return true;
    }
    tell(check.enough ? ev::zone_watermark_no_block : ev::zone_watermark_fail);
    return false;
}

bool zone_may_serve(physical_context& cx, zone& z, const alloc_context& ac, u32 alloc_flags) {
    if (cx.mem.rules.checks_high_watermark_first() && !z.below_high) {
        if (watermark_allows(cx, z, ac, WMARK_HIGH, alloc_flags)) return true;
        z.below_high = true;
    }
    return watermark_allows(cx, z, ac, static_cast<wmark>(alloc_flags & ALLOC_WMARK_MASK), alloc_flags);
}

pfn_t get_page_from_zone(physical_context& cx, zone& preferred, zone& z, const alloc_context& ac, u32 alloc_flags) {
    if (!zone_may_serve(cx, z, ac, alloc_flags)) return PFN_NONE;
    const pfn_t pfn = rmqueue(cx, preferred, z, ac, alloc_flags);
    if (pfn == PFN_NONE) return PFN_NONE;
    prep_new_page(cx, pfn, ac);
    const u32 highatomic = cx.mem.rules.has_gfp_atomic_bit() ? ALLOC_HARDER : ALLOC_HIGHATOMIC;
    if (ac.order && alloc_flags & highatomic) reserve_highatomic_pageblock(cx, z, pfn, ac.order);
    return pfn;
}

// The zones behind the first, which has nothing; then all of them once more if pageblocks may mix.
pfn_t get_page_from_other_zones(physical_context& cx, const alloc_request& request, u32 alloc_flags) {
    physical_memory& mem = cx.mem;
    const alloc_context ac = prepare_alloc(cx, request);
    bool tried = true;
    for (;;) {
        bool retry = false;
        for (u8 number : mem.nodes[ac.node].node_zonelists[ac.list()]) {
            zone& z = mem.zones[number];
            if (z.index > ac.highest_zoneidx || (tried && number == ac.preferred_zone)) continue;
            zone& preferred = mem.zones[ac.preferred_zone];
            if (alloc_flags & ALLOC_NOFRAGMENT && mem.nodes.size() > 1 && z.node != preferred.node) {
                // A remote node is worse than a mixed pageblock.
                cx.sink.emit(ev::nofragment_retry, number);
                alloc_flags &= ~u32{ALLOC_NOFRAGMENT};
                retry = true;
                break;
            }
            const pfn_t pfn = get_page_from_zone(cx, preferred, z, ac, alloc_flags);
            if (pfn != PFN_NONE) return pfn;
        }
        tried = false;
        if (retry) continue;
        if (!(alloc_flags & ALLOC_NOFRAGMENT)) return PFN_NONE;
        cx.sink.emit(ev::nofragment_retry, ac.preferred_zone);
        alloc_flags &= ~u32{ALLOC_NOFRAGMENT};
    }
}

// `ac` is that of the request, and some zone may serve it.
pfn_t get_page_from_freelist(physical_context& cx, const alloc_request& request, const alloc_context& ac,
                             u32 alloc_flags) {
    CallScope scope(cx.sink, fn::get_page_from_freelist);
    zone& preferred = cx.mem.zones[ac.preferred_zone];
    const pfn_t pfn = get_page_from_zone(cx, preferred, preferred, ac, alloc_flags);
    return pfn != PFN_NONE ? pfn : get_page_from_other_zones(cx, request, alloc_flags);
}

void wake_all_kswapds(physical_context& cx, const alloc_context& ac) {
    CallScope scope(cx.sink, fn::wake_all_kswapds);
    int last_node = -1;
    for (u8 number : cx.mem.nodes[ac.node].node_zonelists[ac.list()]) {
        const zone& z = cx.mem.zones[number];
        if (z.index > ac.highest_zoneidx || z.managed_pages == 0 || z.node == last_node) continue;
        wake_kswapd(cx, z, ac.order);
        last_node = z.node;
    }
}

pfn_t alloc_pages_slowpath(physical_context& cx, const alloc_request& request) {
    CallScope scope(cx.sink, fn::alloc_pages_slowpath);
    const alloc_context ac = prepare_alloc(cx, request);
    cx.sink.emit(ev::slowpath_enter, ac.order, ac.gfp);
    const u32 alloc_flags = slow_path_flags(cx.mem, ac);
    if (alloc_flags & ALLOC_KSWAPD) wake_all_kswapds(cx, ac);
    const pfn_t pfn = get_page_from_freelist(cx, request, ac, alloc_flags);
    if (pfn != PFN_NONE) return pfn;
    if (ac.gfp & GFP_BIT_DIRECT_RECLAIM) cx.sink.emit(ev::direct_reclaim_missing, ac.order, ac.gfp);
    return PFN_NONE;
}

void free_pages_ok(any_context auto& cx, zone& z, pfn_t pfn, u32 order) {
    CallScope scope(cx.sink, fn::free_pages_ok);
    physical_memory& mem = cx.mem;
    // Since 6.10 pageblocks are freed one by one, each to the lists of its own type.
    const u32 piece = mem.rules.freelist_hygiene() && order > mem.pageblock_order ? mem.pageblock_order : order;
    for (pfn_t at = pfn; at < pfn + (1u << order); at += 1u << piece)
        free_one_page(cx, z, at, piece, mem.block_type(at), false);
}

u32 order_for(u32 nr_pages) {
    u32 order = 0;
    while ((1u << order) < nr_pages) ++order;
    return order;
}

[[gnu::noinline]] pfn_t serve_alloc(physical_context& cx, const alloc_request& request) {
    CallScope scope(cx.sink, fn::alloc_pages);
    physical_memory& mem = cx.mem;
    MM_ASSERT(request.order < mem.nr_orders);
    const alloc_context ac = prepare_alloc(cx, request);
    const bool served = ac.preferred_zone != ZONE_NONE;
    cx.sink.emit(ev::alloc_request, ac.order, ac.gfp, ac.type, ac.highest_zoneidx, ac.node,
                 served ? ac.preferred_zone : 0);
    pfn_t pfn = PFN_NONE;
    if (served) {
        pfn = get_page_from_freelist(cx, request, ac, fast_path_flags(mem, ac));
        if (pfn == PFN_NONE) pfn = alloc_pages_slowpath(cx, request);
    }
    if (pfn == PFN_NONE)
        cx.sink.emit(ev::mm_page_alloc_fail, ac.order, ac.type, ac.gfp);
    else
        cx.sink.emit(ev::mm_page_alloc, pfn, ac.order, ac.type, ac.gfp);
    return pfn;
}

[[gnu::noinline]] void serve_free(physical_context& cx, pfn_t pfn, u32 order) {
    CallScope scope(cx.sink, fn::free_pages);
    physical_memory& mem = cx.mem;
    MM_ASSERT(order < mem.nr_orders);
    if (!has_struct_page(mem, pfn)) {
        cx.sink.emit(ev::misuse_unseen, pfn, order, unseen_misuse::no_memory, pfn);
        return;
    }
    cx.sink.emit(ev::free_request, pfn, order, mem.page_at(pfn).refcount);
    if (belongs_to_users(mem.page_at(pfn))) {
        cx.sink.emit(ev::misuse_unseen, pfn, order, unseen_misuse::of_users, pfn);
        return;
    }
    const i32 left = drop_reference(mem, mem.page_mut(pfn));
    if (left == 0) return free_the_page(cx, pfn, order);
    const page& first = mem.page_at(pfn);
    const bool compound_head = first.state() == page_state::allocated && first.compound();
    if (!compound_head) return free_the_others(cx, pfn, order, left);
    cx.sink.emit(ev::free_keeps_reference, pfn, left);
}

} // namespace

void prep_new_page(physical_context& cx, pfn_t pfn, const alloc_context& ac) {
    CallScope scope(cx.sink, fn::prep_new_page);
    hand_out(cx.mem.page_mut(pfn), ac, cx.step);
    const init_reason cleared = init_at_alloc(cx.mem.rules, ac.gfp);
    cx.sink.emit(ev::page_prep, pfn, ac.order, cleared, ac.order > 0 && ac.gfp & GFP_BIT_COMP,
                 clears(cleared) ? page_bytes(cx.mem, ac.order) : 0);
}

pfn_t alloc_pages(physical_context& cx, const alloc_request& request) {
    const pfn_t pfn = alloc_plain(cx, request);
    if (pfn != PFN_NONE) [[likely]]
        return pfn;
    return serve_alloc(cx, request);
}

void free_the_page(physical_context& cx, pfn_t pfn, u32 order) {
    physical_memory& mem = cx.mem;
    if (!free_pages_prepare(cx, pfn, order)) return;
    zone& z = mem.zones[mem.page_zone(pfn)];
    if (pcp_allowed_order(mem, order))
        free_unref_page(cx, z, pfn, order, mem.block_type(pfn));
    else
        with_any_context(cx, [&](auto& c) { free_pages_ok(c, z, pfn, order); });
}

void free_pages(physical_context& cx, pfn_t pfn, u32 order) {
    if (free_plain(cx, pfn, order)) [[likely]]
        return;
    serve_free(cx, pfn, order);
}

void split_page(physical_context& cx, pfn_t pfn, u32 order) {
    CallScope scope(cx.sink, fn::split_page);
    const migratetype type = cx.mem.page_at(pfn).type();
    cx.sink.charge(u64{1} << order);
    for (pfn_t at = pfn; at < pfn + (1u << order); ++at) {
        page& frame = cx.mem.page_mut(at);
        frame.set_state(page_state::allocated);
        frame.set_order(0);
        frame.set_type(type);
        frame.refcount = 1;
        frame.stamp = cx.step;
    }
    cx.sink.emit(ev::pages_split, pfn, order);
}

//   order 2, 3 pages wanted   [ 0 ][ 1 ][ 2 ][ 3 ]   split into single frames, the last one is freed at once
pfn_t alloc_pages_exact(physical_context& cx, u32 nr_pages, const alloc_request& request) {
    CallScope scope(cx.sink, fn::alloc_pages_exact);
    alloc_request whole = request;
    whole.order = order_for(nr_pages);
    whole.gfp &= ~(GFP_BIT_COMP | GFP_BIT_HIGHMEM);
    const pfn_t pfn = alloc_pages(cx, whole);
    if (pfn == PFN_NONE) return PFN_NONE;
    split_page(cx, pfn, whole.order);
    for (pfn_t at = pfn + nr_pages; at < pfn + (1u << whole.order); ++at) free_pages(cx, at, 0);
    return pfn;
}

void free_pages_exact(physical_context& cx, pfn_t pfn, u32 nr_pages) {
    CallScope scope(cx.sink, fn::free_pages_exact);
    for (u32 i = 0; i < nr_pages; ++i) free_pages(cx, pfn + i, 0);
}

} // namespace mm
