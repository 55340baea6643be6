// Continuing a recorded machine: free lists, per-CPU lists and block types as a real kernel had them.
#include <algorithm>
#include <cstdlib>

#include "base/hex.h"
#include "base/told.h"
#include "physical/boot.h"
#include "physical/buddy.h"
#include "physical/pcp.h"
#include "physical/watermark.h"

namespace mm {

namespace {

// Checks that a block may be put on a list, and marks its frames as belonging to it.
std::optional<Error> claim_frames(physical_memory& mem, const zone& z, pfn_t pfn, u32 order, const std::string& path) {
    const u32 size = 1u << order;
    if (pfn & (size - 1))
        return told_error(path, told("{0} is not aligned to a block of order {1}", "{0} 没有按 {1} 阶的块对齐",
                                     {address_hex(pfn), order}));
    if (!z.spans(pfn) || !z.spans(pfn + size - 1))
        return told_error(path, told("{0} with order {1} leaves zone {2}", "从 {0} 起的 {1} 阶块超出了内存域 {2}",
                                     {address_hex(pfn), order, z.name()}));
    for (pfn_t at = pfn; at < pfn + size; ++at) {
        page& frame = mem.page_mut(at);
        if (frame.state() == page_state::hole)
            return told_error(path, told("{0} is in a hole of the zone", "{0} 在内存域的空洞中", {address_hex(at)}));
        if (frame.state() != page_state::allocated)
            return told_error(path, told("{0} stands on two lists", "{0} 同时在两个链表上", {address_hex(at)}));
        frame.set_state(page_state::tail);
        frame.refcount = 0;
    }
    return std::nullopt;
}

std::optional<Error> restore_free_lists(physical_memory& mem, zone& z, const recorded_zone& from,
                                        const std::string& path) {
    for (std::size_t i = 0; i < from.free_lists.size(); ++i) {
        const auto& list = from.free_lists[i];
        const std::string place = path + ".free_lists." + std::string(migratetype_names[list.type % MIGRATE_TYPES]) +
                                  "." + std::to_string(list.order);
        if (list.order >= mem.nr_orders)
            return told_error(place, told("order {0} is above MAX_ORDER {1}", "{0} 阶超过了 MAX_ORDER {1}",
                                          {list.order, mem.nr_orders - 1}));
        if (list.type >= MIGRATE_TYPES)
            return told_error(place, told("has a migrate type that does not exist", "没有这种迁移类型"));
        for (pfn_t pfn : list.pfns) {
            if (auto bad = claim_frames(mem, z, pfn, list.order, place)) return bad;
            add_to_free_list(mem, z, pfn, list.order, list.type, true);
        }
    }
    return std::nullopt;
}

// Types that pages of the CPU's lists remember from before their pageblock changed.
std::optional<Error> restore_remembered(physical_memory& mem, const recorded_zone::cpu_pages& from,
                                        const std::string& path) {
    if (from.remembered.empty()) return std::nullopt;
    if (!mem.rules.pcp_remembers_type())
        return told_error(path + ".remembered",
                          told("Linux {0} frees a page of a per-CPU list by its pageblock's type: it remembers none",
                               "Linux {0} 按页块的类型释放每 CPU 链表中的页，页自己不记类型",
                               {kernel_version_name(mem.rules.version)}));
    std::vector<pfn_t> own;
    for (const auto& list : from.lists) own.insert(own.end(), list.pfns.begin(), list.pfns.end());
    std::sort(own.begin(), own.end());
    std::vector<pfn_t> seen;
    for (const auto& remembered : from.remembered) {
        const std::string place =
            path + ".remembered." + std::string(migratetype_names[remembered.type % MIGRATE_TYPES]);
        if (remembered.type >= MIGRATE_ISOLATE)
            return told_error(place,
                              told("pages of per-CPU lists remember no such type", "每 CPU 链表中的页不会记这种类型"));
        for (const pfn_t pfn : remembered.pfns) {
            if (!std::binary_search(own.begin(), own.end(), pfn))
                return told_error(place, told("{0} begins no block of this CPU's lists",
                                              "{0} 不是这个 CPU 的链表中任何一块的首页", {address_hex(pfn)}));
            // Pageblocks of CMA never change their type, so a page came from one or did not.
            if ((remembered.type == MIGRATE_CMA) != (mem.block_type(pfn) == MIGRATE_CMA))
                return told_error(place, told("{0}: pages of CMA's pageblocks, and no others, remember CMA",
                                              "{0}：CMA 页块的页记 CMA，其他页都不记", {address_hex(pfn)}));
            mem.page_mut(pfn).set_type(remembered.type);
        }
        seen.insert(seen.end(), remembered.pfns.begin(), remembered.pfns.end());
    }
    std::sort(seen.begin(), seen.end());
    if (const auto twice = std::adjacent_find(seen.begin(), seen.end()); twice != seen.end())
        return told_error(path + ".remembered",
                          told("{0} stands there twice", "{0} 在其中出现两次", {address_hex(*twice)}));
    return std::nullopt;
}

std::optional<Error> restore_cpu(physical_memory& mem, zone& z, const recorded_zone::cpu_pages& from,
                                 const std::string& path) {
    if (from.cpu >= mem.nr_cpus) return told_error(path, told("CPU {0} does not exist", "CPU {0} 不存在", {from.cpu}));
    per_cpu_pages& pcp = z.pcp[from.cpu];
    pcp.count = 0;
    pcp.high = from.high;
    pcp.batch = std::max(from.batch, 1);
    if (mem.rules.pcp_auto_tuned()) {
        pcp.high_min = from.high_min;
        pcp.high_max = from.high_max;
    }
    pcp.flags = static_cast<u8>(from.flags);
    pcp.alloc_factor = static_cast<u8>(std::clamp(from.alloc_factor, 0, 5));
    pcp.free_factor = static_cast<i16>(std::clamp(from.free_factor, 0, 5));
    pcp.free_count = from.free_count;
    for (std::size_t i = 0; i < from.lists.size(); ++i) {
        const auto& list = from.lists[i];
        const std::string place = path + ".lists." + std::to_string(list.index);
        const u32 lists = mem.rules.pcp_high_orders() ? NR_PCP_LISTS : MIGRATE_PCPTYPES;
        if (list.index >= lists)
            return told_error(place, told("list {0} does not exist; this kernel has {1}",
                                          "链表 {0} 不存在；这个内核有 {1} 个", {list.index, lists}));
        const u32 order = pindex_to_order(mem, list.index);
        for (pfn_t pfn : list.pfns) {
            if (auto bad = claim_frames(mem, z, pfn, order, place)) return bad;
            page& head = mem.page_mut(pfn);
            head.set_state(page_state::pcp);
            head.set_order(order);
            head.set_type(mem.block_type(pfn));
            list_add_tail(mem, pcp.lists[list.index], pfn, head);
            pcp.count += 1 << order;
        }
    }
    if (pcp.count != from.count)
        return told_error(path, told("count is {0} but its lists hold {1} pages", "count 是 {0}，链表中却有 {1} 页",
                                     {from.count, pcp.count}));
    return restore_remembered(mem, from, path);
}

// The lists tell what is free; the recorded counter lacks what the CPUs have not folded into it yet. Which CPU holds
// which part is not recorded: they share it evenly.
void spread_delta(zone& z, i64 delta, i32 per_cpu_pages::* field) {
    for (per_cpu_pages& pcp : z.pcp) {
        const i32 part = static_cast<i32>(std::clamp<i64>(delta, -z.stat_threshold, z.stat_threshold));
        pcp.*field = part;
        delta -= part;
    }
}

std::optional<Error> restore_counters(physical_memory& mem, zone& z, const recorded_zone& from,
                                      const std::string& path) {
    i64 free_pages = 0;
    i64 free_cma = 0;
    for (u32 order = 0; order < mem.nr_orders; ++order) {
        free_pages += static_cast<i64>(z.area[order].nr_free) << order;
        free_cma += static_cast<i64>(z.area[order].free_list[MIGRATE_CMA].nr) << order;
    }
    z.nr_free_pages = from.nr_free_pages < 0 ? free_pages : from.nr_free_pages;
    z.nr_free_cma = from.nr_free_cma < 0 ? free_cma : from.nr_free_cma;
    const i64 most = static_cast<i64>(z.stat_threshold) * mem.nr_cpus;
    if (z.nr_free_pages > static_cast<i64>(z.managed_pages))
        return told_error(path,
                          told("nr_free_pages is {0} but the zone manages {1} pages",
                               "nr_free_pages 是 {0}，这个内存域却只管理 {1} 页", {z.nr_free_pages, z.managed_pages}));
    const i64 apart = free_pages - z.nr_free_pages, explained = std::clamp(apart, -most, most);
    z.nr_free_apart = apart - explained;
    if (std::abs(free_cma - z.nr_free_cma) > most)
        return told_error(path, told("nr_free_cma does not fit the CMA lists", "nr_free_cma 与 CMA 的链表不符"));
    spread_delta(z, explained, &per_cpu_pages::nr_free_pages_delta);
    spread_delta(z, free_cma - z.nr_free_cma, &per_cpu_pages::nr_free_cma_delta);
    return std::nullopt;
}

// A run that the zone does not hold is a wrong number: what it says about other frames is nothing that one could continue.
std::optional<Error> restore_block_types(physical_memory& mem, const zone& z, const recorded_zone& from,
                                         const std::string& path) {
    const u64 block = mem.pageblock_nr_pages();
    for (const auto& run : from.block_types) {
        // The zone may begin and end inside of a pageblock.
        const u64 last = run.pfn + (u64{run.count} - 1) * block;
        if (run.pfn + block <= z.start_pfn || last >= z.end_pfn())
            return told_error(path + ".block_types",
                              told(run.count == 1
                                       ? "{0} pageblock of {1} pages from {2} on leaves zone {3}, which has {4} to {5}"
                                       : "{0} pageblocks of {1} pages from {2} on leave zone {3}, which has {4} to {5}",
                                   "从 {2} 起的 {0} 个页块（每块 {1} 页）超出了内存域 {3}，它的页框是 {4} 到 {5}",
                                   {run.count, block, address_hex(run.pfn), z.name(), address_hex(z.start_pfn),
                                    address_hex(z.end_pfn() - 1)}));
        if (run.type < 0 || run.type >= MIGRATE_TYPES) continue;
        for (u64 pfn = run.pfn; pfn <= last; pfn += block)
            if (pfn >= z.start_pfn) mem.set_block_type(static_cast<pfn_t>(pfn), static_cast<migratetype>(run.type));
    }
    return std::nullopt;
}

// Where cma_pages is not recorded, the pageblocks tell.
u32 cma_pages_of(const physical_memory& mem, const zone& z) {
    u32 blocks = 0;
    for (pfn_t pfn = z.start_pfn; pfn < z.end_pfn(); pfn += mem.pageblock_nr_pages())
        if (mem.page_at(pfn).state() != page_state::hole) blocks += mem.block_type(pfn) == MIGRATE_CMA;
    return blocks * mem.pageblock_nr_pages();
}

bool inside(const std::vector<memory_region>& regions, pfn_t pfn, u8 shift) {
    const u64 start = static_cast<u64>(pfn) << shift;
    const auto after = std::upper_bound(regions.begin(), regions.end(), start, [](u64 at, const memory_region& region) {
        return at < region.start + region.size;
    });
    return after != regions.end() && after->start <= start;
}

// Frames that no list holds belong to somebody unknown.
void mark_used(physical_memory& mem, const zone& z) {
    for (pfn_t pfn = z.start_pfn; pfn < z.end_pfn(); ++pfn) {
        if (mem.page_at(pfn).state() == page_state::hole) continue;
        page& frame = mem.page_mut(pfn);
        frame.set_state(page_state::allocated);
        frame.set_order(0);
        frame.refcount = 1;
    }
}

// What boot reserved for good and no list holds stays reserved.
void mark_reserved(physical_memory& mem, const zone& z, const machine_profile& profile) {
    for (pfn_t pfn = z.start_pfn; pfn < z.end_pfn(); ++pfn)
        if (mem.page_at(pfn).state() == page_state::allocated && inside(profile.reserved, pfn, mem.page_shift) &&
            !inside(profile.cma, pfn, mem.page_shift))
            mem.page_mut(pfn).set_state(page_state::reserved);
}

zone* find_zone(physical_memory& mem, const recorded_zone& from) {
    for (u8 number : mem.populated)
        if (mem.zones[number].node == from.node && mem.zones[number].type == from.type) return &mem.zones[number];
    return nullptr;
}

} // namespace

std::optional<Error> restore_recorded(physical_memory& mem, const machine_profile& profile) {
    EventSink quiet;
    physical_context cx{mem, quiet, 0, 0};
    free_area_init(cx, profile);
    for (std::size_t i = 0; i < profile.recorded.size(); ++i) {
        const recorded_zone& from = profile.recorded[i];
        const std::string path = "recorded[" + std::to_string(i) + "]";
        zone* z = find_zone(mem, from);
        if (!z)
            return told_error(path, told("node {0} has no memory in zone {1}", "节点 {0} 在内存域 {1} 中没有内存",
                                         {from.node, zone_type_names[static_cast<u32>(from.type)]}));
        if (z->start_pfn != from.start_pfn || z->spanned_pages != from.spanned_pages ||
            z->present_pages != from.present_pages)
            return told_error(
                path,
                told("start {0}, spanned {1}, present {2} does not fit the memory regions, which give {3}, {4}, {5}",
                     "start {0}、spanned {1}、present {2} 与内存区域不符，由区域得出的是 {3}、{4}、{5}",
                     {address_hex(from.start_pfn), from.spanned_pages, from.present_pages, address_hex(z->start_pfn),
                      z->spanned_pages, z->present_pages}));
        if (from.managed_pages > from.present_pages || from.cma_pages > from.managed_pages)
            return told_error(path, told("managed and cma pages do not fit the present pages",
                                         "managed 和 cma 的页数与 present 的页数不符"));
        z->managed_pages = from.managed_pages;
        z->cma_pages = from.cma_pages;
    }
    refresh_zone_stat_thresholds(mem);
    setup_per_cpu_pageset(cx);
    page_alloc_init_late(cx, profile);
    init_per_zone_wmark_min(cx);
    for (std::size_t i = 0; i < profile.recorded.size(); ++i) {
        const recorded_zone& from = profile.recorded[i];
        const std::string path = "recorded[" + std::to_string(i) + "]";
        zone& z = *find_zone(mem, from);
        z.watermark = from.watermark;
        z.watermark_boost = from.watermark_boost;
        z.nr_reserved_highatomic = from.nr_reserved_highatomic;
        if (auto bad = restore_block_types(mem, z, from, path)) return bad;
        if (from.cma_pages == 0) z.cma_pages = cma_pages_of(mem, z);
        mark_used(mem, z);
        if (auto bad = restore_free_lists(mem, z, from, path)) return bad;
        for (std::size_t c = 0; c < from.cpus.size(); ++c)
            if (auto bad = restore_cpu(mem, z, from.cpus[c], path + ".cpus[" + std::to_string(c) + "]")) return bad;
        if (auto bad = restore_counters(mem, z, from, path)) return bad;
        mark_reserved(mem, z, profile);
        z.below_high = z.nr_free_pages - z.nr_free_cma <= static_cast<i64>(z.wmark_pages(WMARK_HIGH));
    }
    setup_per_zone_lowmem_reserve(cx);
    memremap_pages(cx, profile);
    return std::nullopt;
}

std::vector<Told> restore_notes(const physical_memory& mem) {
    std::vector<Told> notes;
    for (const zone& z : mem.zones) {
        if (z.nr_free_apart == 0) continue;
        i64 in_lists = 0;
        for (u32 order = 0; order < mem.nr_orders; ++order)
            in_lists += static_cast<i64>(z.area[order].nr_free) << order;
        const i64 explained = std::abs(in_lists - z.nr_free_pages - z.nr_free_apart);
        notes.push_back(
            told("{0}: NR_FREE_PAGES says {1} pages, the free lists hold {2}; the CPUs' counters explain {3}. Both are "
                 "kept: the counter decides watermarks, the lists decide blocks",
                 "{0}：NR_FREE_PAGES 为 {1} 页，空闲链表中有 {2} 页；各 CPU 的计数器能解释其中 {3} 页。两者都保留："
                 "水线由计数器决定，块由链表决定",
                 {std::to_string(z.node) + ":" + std::string(z.name()), z.nr_free_pages, in_lists, explained}));
    }
    return notes;
}

} // namespace mm
