#include "physical/verify.h"

#include "physical/pcp.h"

namespace mm {

namespace {

using Found = std::optional<std::string>;

std::string place(const zone& z) { return "node " + std::to_string(z.node) + " zone " + std::string(z.name()); }

// Walks a list: links agree in both directions, every member has the state, order and zone, and nr counts them.
Found verify_list(const physical_memory& mem, u8 number, const page_list& list, page_state state, u32 order,
                  const std::string& where) {
    pfn_t previous = PFN_NONE;
    u32 nr = 0;
    for (pfn_t pfn = list.nr ? list.first : PFN_NONE; pfn != PFN_NONE; pfn = mem.page_at(pfn).next) {
        if (!mem.pfn_valid(pfn)) return where + ": link to a frame outside the map";
        const page& head = mem.page_at(pfn);
        const std::string frame = where + ", pfn " + std::to_string(pfn);
        if (nr > 0 && head.prev != previous) return frame + ": prev does not point back";
        if (head.state() != state) return frame + ": wrong state";
        if (head.order() != order) return frame + ": wrong order";
        if (mem.page_zone(pfn) != number) return frame + ": another zone";
        if (pfn & ((1u << order) - 1)) return frame + ": not aligned";
        if (++nr > list.nr) return where + ": longer than nr, or a cycle";
        previous = pfn;
    }
    if (nr != list.nr) return where + ": nr is " + std::to_string(list.nr) + ", members " + std::to_string(nr);
    if (list.nr && list.last != previous) return where + ": last is not the last member";
    return std::nullopt;
}

Found verify_zone(const physical_memory& mem, u8 number) {
    const zone& z = mem.zones[number];
    const std::string at = place(z);
    if (z.managed_pages > z.present_pages || z.present_pages > z.spanned_pages)
        return at + ": managed <= present <= spanned does not hold";
    if (z.nr_isolate_pageblock != 0) return at + ": a request has left pageblocks isolated";
    i64 free_pages = 0;
    i64 free_isolated = 0;
    i64 free_cma = 0;
    u32 free_highatomic = 0;
    for (u32 order = 0; order < mem.nr_orders; ++order) {
        u32 nr = 0;
        for (u32 type = 0; type < MIGRATE_TYPES; ++type) {
            const page_list& list = z.area[order].free_list[type];
            const std::string where =
                at + " order " + std::to_string(order) + " " + std::string(migratetype_names[type]);
            if (auto bad = verify_list(mem, number, list, page_state::buddy, order, where)) return bad;
            nr += list.nr;
            if (type == MIGRATE_ISOLATE) free_isolated += static_cast<i64>(list.nr) << order;
            if (type == MIGRATE_CMA) free_cma += static_cast<i64>(list.nr) << order;
            if (type == MIGRATE_HIGHATOMIC) free_highatomic += list.nr << order;
        }
        if (nr != z.area[order].nr_free)
            return at + ": nr_free of order " + std::to_string(order) + " is not the sum of its lists";
        free_pages += static_cast<i64>(nr) << order;
    }
    i64 counted = z.nr_free_pages + z.nr_free_apart;
    i64 counted_cma = z.nr_free_cma;
    for (u32 cpu = 0; cpu < z.pcp.size(); ++cpu) {
        const per_cpu_pages& pcp = z.pcp[cpu];
        i32 count = 0;
        for (u32 i = 0; i < NR_PCP_LISTS; ++i) {
            const u32 order = pindex_to_order(mem, i);
            const std::string where = at + " cpu " + std::to_string(cpu) + " list " + std::to_string(i);
            if (auto bad = verify_list(mem, number, pcp.lists[i], page_state::pcp, order, where)) return bad;
            count += static_cast<i32>(pcp.lists[i].nr << order);
        }
        if (count != pcp.count) return at + " cpu " + std::to_string(cpu) + ": count is not the sum of its lists";
        counted += pcp.nr_free_pages_delta;
        counted_cma += pcp.nr_free_cma_delta;
    }
    free_pages -= free_isolated;
    if (counted != free_pages)
        return at + ": NR_FREE_PAGES with its deltas is " + std::to_string(counted) + ", the lists hold " +
               std::to_string(free_pages);
    if (counted_cma != free_cma) return at + ": NR_FREE_CMA_PAGES does not equal the CMA lists";
    if (z.nr_free_highatomic != free_highatomic)
        return at + ": nr_free_highatomic is " + std::to_string(z.nr_free_highatomic) + ", the HighAtomic lists hold " +
               std::to_string(free_highatomic);
    return std::nullopt;
}

// No page of a free block has a count, unless misuse has given one to a page that nobody holds.
Found verify_counts(const physical_memory& mem, pfn_t pfn, const page& head) {
    const bool free = head.state() == page_state::buddy || head.state() == page_state::pcp;
    if (!free || mem.nr_stale_refcounts != 0) return std::nullopt;
    for (pfn_t at = pfn; at < pfn + (1u << head.order()); ++at)
        if (mem.page_at(at).refcount != 0) return "pfn " + std::to_string(at) + ": free, with a reference count";
    return std::nullopt;
}

// Every frame belongs to exactly one block: blocks do not overlap, and no tail stands alone.
Found verify_map(const physical_memory& mem) {
    std::vector<u64> free_by_zone(mem.zones.size(), 0);
    for (pfn_t pfn = mem.base_pfn; pfn < mem.end_pfn;) {
        const page& head = mem.page_at(pfn);
        switch (head.state()) {
        case page_state::hole:
        case page_state::reserved: ++pfn; continue;
        case page_state::tail: return "pfn " + std::to_string(pfn) + ": a tail without a head";
        default: break;
        }
        const u32 size = 1u << head.order();
        if (pfn + static_cast<u64>(size) > mem.end_pfn)
            return "pfn " + std::to_string(pfn) + ": its block leaves the map";
        for (pfn_t at = pfn + 1; at < pfn + size; ++at)
            if (mem.page_at(at).state() != page_state::tail)
                return "pfn " + std::to_string(at) + ": a head inside the block at pfn " + std::to_string(pfn);
        if (auto bad = verify_counts(mem, pfn, head)) return bad;
        if (head.state() == page_state::buddy) free_by_zone[mem.page_zone(pfn)] += size;
        pfn += size;
    }
    for (u8 number : mem.populated) {
        u64 listed = 0;
        for (u32 order = 0; order < mem.nr_orders; ++order)
            listed += static_cast<u64>(mem.zones[number].area[order].nr_free) << order;
        if (listed != free_by_zone[number])
            return place(mem.zones[number]) + ": free blocks in the map that no list holds";
    }
    return std::nullopt;
}

void hash_list(const physical_memory& mem, const page_list& list, Hasher& hasher) {
    hasher.add(list.nr);
    for (pfn_t pfn = list.nr ? list.first : PFN_NONE; pfn != PFN_NONE; pfn = mem.page_at(pfn).next) hasher.add(pfn);
}

void hash_zone(const physical_memory& mem, const zone& z, Hasher& hasher) {
    for (u32 value : {z.start_pfn, z.spanned_pages, z.present_pages, z.managed_pages, z.cma_pages, z.watermark_boost,
                      z.nr_reserved_highatomic, u32{z.boosted_watermark}, u32{z.below_high}})
        hasher.add(value);
    for (u32 value : z.watermark) hasher.add(value);
    for (u32 value : z.lowmem_reserve) hasher.add(value);
    hasher.add_signed(z.nr_free_pages);
    hasher.add_signed(z.nr_free_cma);
    if (z.nr_free_apart != 0) hasher.add_signed(z.nr_free_apart);
    for (u64 value : {z.numa_hit, z.numa_miss, z.numa_foreign, z.numa_local, z.numa_other}) hasher.add(value);
    for (u32 order = 0; order < mem.nr_orders; ++order)
        for (const page_list& list : z.area[order].free_list) hash_list(mem, list, hasher);
    for (const per_cpu_pages& pcp : z.pcp) {
        for (i32 value :
             {pcp.count, pcp.high, pcp.batch, pcp.high_min, pcp.high_max, i32{pcp.flags}, i32{pcp.alloc_factor},
              i32{pcp.free_factor}, pcp.free_count, pcp.nr_free_pages_delta, pcp.nr_free_cma_delta})
            hasher.add_signed(value);
        for (const page_list& list : pcp.lists) hash_list(mem, list, hasher);
    }
}

} // namespace

std::optional<std::string> verify_physical(const physical_memory& mem) {
    for (u8 number : mem.populated)
        if (auto bad = verify_zone(mem, number)) return bad;
    if (auto bad = verify_memblock(mem.memblock)) return bad;
    return verify_map(mem);
}

void hash_physical(const physical_memory& mem, Hasher& hasher) {
    hasher.add(u64{kernel_index(release_of(mem.rules.version))});
    hasher.add(static_cast<u64>(mem.stage));
    hasher.add(mem.base_pfn);
    hasher.add(mem.end_pfn);
    for (i64 value : {mem.sysctl.min_free_kbytes, mem.sysctl.watermark_scale_factor, mem.sysctl.watermark_boost_factor,
                      mem.sysctl.percpu_pagelist_high_fraction})
        hasher.add_signed(value);
    for (i64 value : mem.sysctl.lowmem_reserve_ratio) hasher.add_signed(value);
    hasher.add(mem.sysctl.user_min_free | u64{mem.sysctl.transparent_hugepage} << 1 | u64{mem.log.warned} << 2);
    for (const pglist_data& node : mem.nodes) {
        hasher.add(node.totalreserve_pages);
        hasher.add(node.kswapd_wakeups);
    }
    for (const zone& z : mem.zones) hash_zone(mem, z, hasher);
    for (pfn_t pfn = mem.base_pfn; pfn < mem.end_pfn; ++pfn) {
        const page& frame = mem.page_at(pfn);
        const bool counts_alone = frame.state() == page_state::tail && frame.refcount != 0; // misuse
        if (counts_alone) hasher.add(static_cast<u64>(pfn) << 32 | static_cast<u16>(frame.refcount));
        if (frame.state() == page_state::hole || frame.state() == page_state::tail) continue;
        hasher.add(static_cast<u64>(pfn) << 32 | frame.bits);
        hasher.add(static_cast<u64>(frame.stamp) << 16 | static_cast<u16>(frame.refcount));
        if (frame.table()) hasher.add(frame.prev);
    }
    for (u32 i = 0; i < mem.pageblock_type.size(); ++i) hasher.add(mem.pageblock_type[i]);
    hash_memblock(mem.memblock, hasher);
}

} // namespace mm
