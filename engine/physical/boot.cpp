#include "physical/boot.h"

#include <algorithm>

#include "base/assert.h"
#include "physical/buddy.h"
#include "physical/events.h"
#include "physical/functions.h"
#include "physical/linear_map.h"
#include "physical/memblock_events.h"
#include "physical/memblock_profile.h"
#include "physical/watermark.h"
#include "physical/zone_ranges.h"

namespace mm {

namespace {

using ev = physical_event;

pfn_t pfn_up(u64 address, u8 shift) { return static_cast<pfn_t>((address + (1ull << shift) - 1) >> shift); }
pfn_t pfn_down(u64 address, u8 shift) { return static_cast<pfn_t>(address >> shift); }

u8 page_shift_of(u32 page_size) { return page_size == 4096 ? 12 : page_size == 16384 ? 14 : 16; }

void init_sysctl(physical_memory& mem, const machine_profile& profile) {
    mem.sysctl = profile.sysctl;
    const auto& ratio = profile.sysctl.lowmem_reserve_ratio;
    if (std::any_of(ratio.begin(), ratio.end(), [](i64 value) { return value != 0; })) return;
    const std::vector<zone_type> layout = zone_layout(profile.arch, profile.kernel);
    for (std::size_t i = 0; i < layout.size(); ++i) {
        const bool low = layout[i] == zone_type::dma || layout[i] == zone_type::dma32;
        const bool normal = layout[i] == zone_type::normal;
        mem.sysctl.lowmem_reserve_ratio[i] = low ? 256 : normal ? 32 : 0;
    }
}

void init_orders(physical_memory& mem, const machine_profile& profile) {
    mem.page_shift = page_shift_of(profile.page_size);
    mem.nr_orders = mem.page_shift == 12 ? 11 : mem.page_shift == 14 ? 12 : 14;
    mem.nr_pcp_orders = mem.rules.pcp_high_orders() ? PAGE_ALLOC_COSTLY_ORDER + 1 : 1;
    // A huge page is one level of the page table up, cut at the largest block. i386 without PAE: 4 MiB.
    const u8 huge = profile.arch == architecture::i386 ? 10 : static_cast<u8>(mem.page_shift - 3);
    mem.pageblock_order = std::min<u8>(huge, static_cast<u8>(mem.nr_orders - 1));
}

void size_nodes(physical_memory& mem, const machine_profile& profile) {
    for (u8 id = 0; id < profile.nodes; ++id) {
        pglist_data node;
        node.node_id = id;
        pfn_t start = PFN_NONE;
        pfn_t end = 0;
        for (const memory_region& region : profile.memory) {
            if (region.node != id) continue;
            start = std::min(start, pfn_up(region.start, mem.page_shift));
            end = std::max(end, pfn_down(region.start + region.size, mem.page_shift));
            node.node_present_pages += static_cast<u32>(region.size >> mem.page_shift);
        }
        node.node_start_pfn = start;
        node.node_spanned_pages = end - start;
        mem.nodes.push_back(std::move(node));
    }
}

zone_type gfp_zone(gfp_t gfp) {
    if (gfp & GFP_BIT_DMA) return zone_type::dma;
    if (gfp & GFP_BIT_DMA32) return zone_type::dma32;
    if (gfp & GFP_BIT_HIGHMEM) return gfp & GFP_BIT_MOVABLE ? zone_type::movable : zone_type::highmem;
    return zone_type::normal;
}

void number_zones(physical_memory& mem, const std::vector<zone_type>& layout, const std::vector<frame_range>& ranges) {
    mem.nr_zone_types = static_cast<u8>(layout.size());
    for (u32 type = 0; type < MAX_NR_ZONES; ++type)
        for (u8 i = 0; i < mem.nr_zone_types; ++i)
            if (layout[i] <= static_cast<zone_type>(type)) mem.highest_index[type] = i;
    // GFP_HIGHMEM means Normal where there is no highmem.
    for (gfp_t bits = 0; bits <= GFP_ZONEMASK; ++bits)
        mem.gfp_zones[bits] = mem.highest_index[static_cast<std::size_t>(gfp_zone(bits))];
    for (std::size_t i = 0; i < layout.size(); ++i)
        if (!ranges[i].empty()) mem.movable_zone = layout[i];
}

u32 present_in(const machine_profile& profile, const physical_memory& mem, u8 node, frame_range span) {
    u32 present = 0;
    for (const memory_region& region : profile.memory) {
        if (region.node != node) continue;
        const frame_range frames = frames_of(region, mem.page_shift);
        const pfn_t from = std::max(span.start, frames.start);
        const pfn_t to = std::min(span.end, frames.end);
        if (to > from) present += to - from;
    }
    return present;
}

void size_zones(physical_context& cx, const machine_profile& profile) {
    physical_memory& mem = cx.mem;
    const std::vector<zone_type> layout = zone_layout(profile.arch, profile.kernel);
    const std::vector<frame_range> ranges = arch_zone_ranges(profile, mem.page_shift);
    number_zones(mem, layout, ranges);
    const movable_request movable = find_zone_movable_pfns(profile, mem, ranges);
    const u32 movable_index = mem.highest_index[static_cast<std::size_t>(mem.movable_zone)];
    for (const pglist_data& node : mem.nodes) {
        for (std::size_t i = 0; i < layout.size(); ++i) {
            zone z;
            z.type = layout[i];
            z.node = node.node_id;
            z.index = static_cast<u8>(i);
            z.number = static_cast<u8>(mem.zones.size());
            const frame_range span =
                zone_span_in_node(node, z.type, ranges[i], movable.start[node.node_id], ranges[movable_index].end);
            z.present_pages = present_in(profile, mem, node.node_id, span);
            if (z.present_pages) {
                z.start_pfn = span.start;
                z.spanned_pages = span.end - span.start;
                z.pcp.resize(mem.nr_cpus);
                mem.populated.push_back(z.number);
            }
            mem.zones.push_back(std::move(z));
        }
    }
    if (!profile.kernelcore.given() && !profile.movablecore.given()) return;
    CallScope scope(cx.sink, fn::find_zone_movable_pfns_for_nodes);
    cx.sink.emit(ev::kernelcore_required, movable.total_pages, movable.required_movablecore,
                 movable.required_kernelcore);
    for (const pglist_data& node : mem.nodes)
        cx.sink.emit(ev::zone_movable_placed, node.node_id, movable.start[node.node_id] ? 1 : 0,
                     movable.start[node.node_id], movable_index, 1u << (mem.nr_orders - 1));
}

void init_mem_map(physical_memory& mem, const machine_profile& profile) {
    const pfn_t block = 1u << (mem.nr_orders - 1);
    pfn_t first = frames_of(profile.memory.front(), mem.page_shift).start;
    pfn_t last = frames_of(profile.memory.back(), mem.page_shift).end;
    for (const memory_region& region : profile.device) {
        first = std::min(first, frames_of(region, mem.page_shift).start);
        last = std::max(last, frames_of(region, mem.page_shift).end);
    }
    mem.base_pfn = first & ~(block - 1);
    mem.end_pfn = (last + block - 1) & ~(block - 1);
    mem.mem_map = CowArray<page>(mem.end_pfn - mem.base_pfn);
    mem.pageblock_type.resize((mem.end_pfn - mem.base_pfn) >> mem.pageblock_order);
    for (const memory_region& region : profile.memory) {
        const pfn_t from = pfn_up(region.start, mem.page_shift);
        const pfn_t to = pfn_down(region.start + region.size, mem.page_shift);
        for (u32 slot = 0; slot < mem.populated.size(); ++slot) {
            const zone& z = mem.zones[mem.populated[slot]];
            if (z.node != region.node) continue;
            for (pfn_t pfn = std::max(from, z.start_pfn); pfn < std::min(to, z.end_pfn()); ++pfn) {
                page& frame = mem.page_mut(pfn);
                frame.set_state(page_state::reserved);
                frame.set_zone_slot(slot);
                frame.refcount = 1;
                if ((pfn & (mem.pageblock_nr_pages() - 1)) == 0 || pfn == z.start_pfn)
                    mem.set_block_type(pfn, MIGRATE_MOVABLE);
            }
        }
    }
}

u32 distance(const machine_profile& profile, u32 from, u32 to) {
    if (!profile.distance.empty()) return profile.distance[from][to];
    return from == to ? 10 : 20;
}

// Nodes in the order in which a node's requests try them: nearest first; among equals the next one in number, and the
// one that fewer nodes have as their first choice. kernel: find_next_best_node
std::vector<u8> node_order(const physical_memory& mem, const machine_profile& profile, u8 local,
                           std::vector<u32>& load) {
    std::vector<u8> order{local};
    u8 previous = local;
    while (order.size() < mem.nodes.size()) {
        u64 best_value = ~0ull;
        u8 best = 0;
        for (const pglist_data& node : mem.nodes) {
            const u8 n = node.node_id;
            if (std::find(order.begin(), order.end(), n) != order.end()) continue;
            u64 value = distance(profile, local, n);
            value += n < local;
            value += std::find(mem.cpu_node.begin(), mem.cpu_node.end(), n) != mem.cpu_node.end();
            value = value * 1024 + load[n];
            if (value >= best_value) continue;
            best_value = value;
            best = n;
        }
        if (distance(profile, local, best) != distance(profile, local, previous)) {
            const auto rank = static_cast<u32>(mem.nodes.size() - order.size());
            load[best] = mem.rules.accumulates_node_load() ? load[best] + 1 : rank;
        }
        order.push_back(best);
        previous = best;
    }
    return order;
}

// kernel: memmap_init_reserved_pages
void number_reserved(physical_context& cx, const machine_profile& profile) {
    memblock_state& blocks = cx.mem.memblock;
    const memblock_config config = memblock_config_of(profile);
    if (!config.rules.memblock_numbers_reserved()) return;
    EventSink quiet; // lists of a profile are not gone through step by step
    memblock_context lists{blocks, blocks.by_ops ? cx.sink : quiet, config};
    u32 max = 0;
    while (max != blocks.reserved.max) {
        max = blocks.reserved.max; // a doubled array is a new reserved region
        const std::vector<memblock_region> memory = blocks.memory.regions;
        for (const memblock_region& region : memory)
            if (!memblock_set_node(lists, memblock_list::reserved, region.base, region.size, region.nid)) return;
    }
}

zone& zone_of(physical_memory& mem, pfn_t pfn) { return mem.zones[mem.page_zone(pfn)]; }

void free_range(physical_context& cx, frame_range range) {
    physical_memory& mem = cx.mem;
    for (pfn_t pfn = range.start; pfn < range.end;) {
        u32 order = mem.nr_orders - 1u;
        while (pfn & ((1u << order) - 1)) --order;
        while (pfn + (1u << order) > range.end || zone_of(mem, pfn + (1u << order) - 1).start_pfn > pfn) --order;
        zone& z = zone_of(mem, pfn);
        for (pfn_t at = pfn; at < pfn + (1u << order); ++at) {
            page& frame = mem.page_mut(at);
            frame.set_state(page_state::tail);
            frame.refcount = 0;
        }
        z.managed_pages += 1u << order;
        cx.sink.emit(ev::memblock_free, pfn, order, z.number);
        CallScope scope(cx.sink, fn::free_pages_core);
        free_one_page(cx, z, pfn, order, mem.block_type(pfn), true);
        pfn += 1u << order;
    }
}

void free_cma_area(physical_context& cx, const memory_region& region) {
    physical_memory& mem = cx.mem;
    const pfn_t end = pfn_down(region.start + region.size, mem.page_shift);
    for (pfn_t block = pfn_up(region.start, mem.page_shift); block < end; block += mem.pageblock_nr_pages()) {
        zone& z = zone_of(mem, block);
        for (pfn_t pfn = block; pfn < block + mem.pageblock_nr_pages(); ++pfn) {
            page& frame = mem.page_mut(pfn);
            frame.set_state(page_state::tail);
            frame.refcount = 0;
        }
        mem.set_block_type(block, MIGRATE_CMA);
        z.managed_pages += mem.pageblock_nr_pages();
        z.cma_pages += mem.pageblock_nr_pages();
        cx.sink.emit(ev::cma_free, block, mem.pageblock_nr_pages(), z.number);
        free_one_page(cx, z, block, mem.pageblock_order, MIGRATE_CMA, false);
    }
}

u8 first_zone(const physical_memory& mem, const std::vector<u8>& list, u32 highest_zoneidx) {
    for (u8 number : list)
        if (mem.zones[number].index <= highest_zoneidx) return number;
    return ZONE_NONE;
}

// kernel: alloc_flags_nofragment, which asks at each request
bool avoids_mixing(const physical_memory& mem, const zone& z) {
    if (z.type != zone_type::normal || z.index == 0) return false;
    const zone& below = mem.zones[z.number - 1u];
    return below.type == zone_type::dma32 && (mem.nodes.size() == 1 || below.populated());
}

void build_zonelists(physical_context& cx, const machine_profile& profile) {
    physical_memory& mem = cx.mem;
    std::vector<u32> load(mem.nodes.size(), 0);
    for (pglist_data& local : mem.nodes) {
        for (auto& list : local.node_zonelists) list.clear();
        for (u8 node : node_order(mem, profile, local.node_id, load)) {
            for (u32 i = mem.nr_zone_types; i-- > 0;) {
                const u32 number = node * mem.nr_zone_types + i;
                if (!mem.zones[number].populated()) continue;
                local.node_zonelists[ZONELIST_FALLBACK].push_back(static_cast<u8>(number));
                if (node == local.node_id) local.node_zonelists[ZONELIST_NOFALLBACK].push_back(static_cast<u8>(number));
            }
        }
        for (u32 kind = 0; kind < local.node_zonelists.size(); ++kind)
            for (u32 highest = 0; highest < MAX_NR_ZONES; ++highest)
                local.preferred_zone[kind][highest] = first_zone(mem, local.node_zonelists[kind], highest);
        const auto& list = local.node_zonelists[ZONELIST_FALLBACK];
        cx.sink.emit(ev::zonelist_built, local.node_id, list.size(), list.empty() ? 0 : list.front());
    }
    for (zone& z : mem.zones) z.nofragment = avoids_mixing(mem, z);
}

} // namespace

void free_area_init(physical_context& cx, const machine_profile& profile) {
    CallScope scope(cx.sink, fn::free_area_init);
    physical_memory& mem = cx.mem;
    memblock_state memblock = mem.memblock.filled ? std::move(mem.memblock) : memblock_of(profile);
    mem = physical_memory{};
    mem.memblock = std::move(memblock);
    mem.rules.version = profile.kernel;
    mem.rules.init_on_alloc = profile.init_on_alloc;
    mem.rules.init_on_free = profile.init_on_free;
    const bool clears = profile.init_on_alloc || profile.init_on_free;
    mem.rules.check_pages =
        profile.check_pages.value_or(clears && kernel_rules::check_pages_by_default(profile.kernel));
    mem.full_way = profile.init_on_free;
    init_orders(mem, profile);
    init_sysctl(mem, profile);
    mem.nr_cpus = profile.cpus;
    mem.cpu_node = profile.cpu_node;
    if (mem.cpu_node.empty())
        for (u32 cpu = 0; cpu < profile.cpus; ++cpu)
            mem.cpu_node.push_back(static_cast<u8>(cpu * profile.nodes / profile.cpus));
    size_nodes(mem, profile);
    size_zones(cx, profile);
    MM_ASSERT(mem.populated.size() <= MAX_POPULATED_ZONES);
    init_mem_map(mem, profile);
    const mem_map_size map = mem_map_size_of(profile);
    cx.sink.emit(ev::mem_map_sized, map.sections, map.section_bytes, map.struct_page_bytes, map.bytes, map.per_mille);
    for (const pglist_data& node : mem.nodes)
        cx.sink.emit(ev::node_sized, node.node_id, node.node_start_pfn, node.node_spanned_pages,
                     node.node_present_pages);
    for (u8 number : mem.populated) {
        const zone& z = mem.zones[number];
        cx.sink.emit(ev::zone_sized, number, z.start_pfn, z.spanned_pages, z.present_pages);
    }
    build_zonelists(cx, profile);
    mem.stage = boot_stage::zones;
}

u32 nr_zones_with_memory(const machine_profile& profile) {
    physical_memory mem;
    EventSink quiet;
    physical_context cx{mem, quiet, 0, 0};
    mem.rules.version = profile.kernel;
    init_orders(mem, profile);
    size_nodes(mem, profile);
    size_zones(cx, profile);
    std::array<bool, MAX_NODES> has_device{};
    for (const memory_region& region : profile.device) has_device[region.node] = true;
    return static_cast<u32>(mem.populated.size()) +
           static_cast<u32>(std::count(has_device.begin(), has_device.end(), true));
}

void memblock_free_all(physical_context& cx, const machine_profile& profile) {
    CallScope scope(cx.sink, fn::memblock_free_all);
    number_reserved(cx, profile);
    for (const memblock_hole& hole : memblock_holes(cx.mem.memblock)) {
        const frame_range range{pfn_up(hole.start, cx.mem.page_shift), pfn_down(hole.end, cx.mem.page_shift)};
        if (range.end > range.start) free_range(cx, range);
    }
    for (const memory_region& area : profile.cma) free_cma_area(cx, area);
    cx.mem.stage = boot_stage::pages_freed;
}

void setup_per_cpu_pageset(physical_context& cx) {
    CallScope scope(cx.sink, fn::setup_per_cpu_pageset);
    for (zone& z : cx.mem.zones) zone_pcp_update(cx, z);
    cx.mem.stage = boot_stage::pcp_ready;
}

void page_alloc_init_late(physical_context& cx, const machine_profile& profile) {
    CallScope scope(cx.sink, fn::memblock_discard);
    physical_memory& mem = cx.mem;
    memblock_state& blocks = mem.memblock;
    const memblock_config config = memblock_config_of(profile);
    const auto nr = [](const memblock_type& list) { return list.regions.size(); };
    const u64 nr_memory = nr(blocks.memory), nr_reserved = nr(blocks.reserved);
    u64 freed = 0;
    memblock_context lists{blocks, cx.sink, config};
    memblock_discard(lists, [&](phys_addr_t array, u64 bytes) {
        const frame_range range{pfn_down(array, mem.page_shift), pfn_up(array + bytes, mem.page_shift)};
        // Somebody may have said meanwhile that it is not reserved.
        for (pfn_t pfn = range.start; pfn < range.end; ++pfn)
            if (!mem.pfn_valid(pfn) || mem.page_at(pfn).state() != page_state::reserved) return;
        freed += bytes;
        free_range(cx, range);
    });
    if (blocks.by_ops && blocks.discarded) cx.sink.emit(memblock_event::discard, nr_memory, nr_reserved, freed);
}

namespace {

// Below 512 MiB transparent huge pages are switched off before khugepaged could start. kernel: hugepage_init
bool has_memory_for_thp(const physical_memory& mem) {
    u64 pages = 0;
    for (const zone& z : mem.zones) pages += z.managed_pages;
    return pages << mem.page_shift >= 512ull << 20;
}

} // namespace

void init_per_zone_wmark_min(physical_context& cx) {
    CallScope scope(cx.sink, fn::init_per_zone_wmark_min);
    physical_memory& mem = cx.mem;
    const i64 computed = calculate_min_free_kbytes(mem);
    if (mem.sysctl.min_free_kbytes == 0) mem.sysctl.min_free_kbytes = computed;
    setup_per_zone_wmarks(cx);
    refresh_zone_stat_thresholds(mem);
    setup_per_zone_lowmem_reserve(cx);
    i64 recommended = 0;
    if (!has_memory_for_thp(mem)) mem.sysctl.transparent_hugepage = false;
    if (mem.sysctl.transparent_hugepage && !mem.sysctl.user_min_free) {
        recommended = recommended_min_free_kbytes(mem);
        mem.sysctl.min_free_kbytes = std::max(mem.sysctl.min_free_kbytes, recommended);
        setup_per_zone_wmarks(cx);
    }
    cx.sink.emit(ev::min_free_kbytes_set, mem.sysctl.min_free_kbytes, computed, recommended);
    mem.stage = boot_stage::ready;
}

void memremap_pages(physical_context& cx, const machine_profile& profile) {
    physical_memory& mem = cx.mem;
    for (const memory_region& region : profile.device) {
        CallScope scope(cx.sink, fn::memremap_pages);
        zone& z =
            mem.zones[region.node * mem.nr_zone_types + mem.highest_index[static_cast<std::size_t>(zone_type::device)]];
        MM_ASSERT(z.type == zone_type::device);
        const frame_range frames = frames_of(region, mem.page_shift);
        if (z.spanned_pages == 0) {
            z.start_pfn = frames.start;
            mem.populated.push_back(z.number);
        }
        z.spanned_pages = frames.end - z.start_pfn;
        pglist_data& node = mem.nodes[region.node];
        const pfn_t node_end = std::max(node.node_start_pfn + node.node_spanned_pages, frames.end);
        node.node_start_pfn = std::min(node.node_start_pfn, frames.start);
        node.node_spanned_pages = node_end - node.node_start_pfn;
        const u32 slot =
            static_cast<u32>(std::find(mem.populated.begin(), mem.populated.end(), z.number) - mem.populated.begin());
        for (pfn_t pfn = frames.start; pfn < frames.end; ++pfn) {
            page& frame = mem.page_mut(pfn);
            frame.set_state(page_state::reserved);
            frame.set_zone_slot(slot);
            frame.refcount = 1;
            if ((pfn & (mem.pageblock_nr_pages() - 1)) == 0) mem.set_block_type(pfn, MIGRATE_MOVABLE);
        }
        cx.sink.emit(ev::zone_device_added, z.number, frames.start, frames.end - frames.start, z.spanned_pages);
    }
    MM_ASSERT(mem.populated.size() <= MAX_POPULATED_ZONES);
}

physical_memory boot(const machine_profile& profile, EventSink& sink) {
    physical_memory mem;
    physical_context cx{mem, sink, 0, 0};
    free_area_init(cx, profile);
    memblock_free_all(cx, profile);
    setup_per_cpu_pageset(cx);
    page_alloc_init_late(cx, profile);
    init_per_zone_wmark_min(cx);
    memremap_pages(cx, profile);
    return mem;
}

} // namespace mm
