#include "physical/watermark.h"

#include <algorithm>
#include <bit>

#include "physical/events.h"
#include "physical/functions.h"
#include "physical/gfp.h"
#include "physical/page_alloc.h"

namespace mm {

namespace {

using ev = physical_event;

constexpr u32 SWAP_CLUSTER_MAX = 32;
constexpr i64 MIN_PERCPU_PAGELIST_HIGH_FRACTION = 8;

u64 int_sqrt(u64 value) {
    u64 root = 0;
    for (u64 bit = 1ull << 31; bit; bit >>= 1)
        if ((root + bit) * (root + bit) <= value) root += bit;
    return root;
}

i32 round_down_power_of_two(i32 value) { return static_cast<i32>(std::bit_floor(static_cast<u32>(value))); }

u32 kib_shift(const physical_memory& mem) { return mem.page_shift - 10u; }

// Highmem, and the movable zone that is cut out of highmem: not part of what the kernel itself can use.
bool is_highmem(const physical_memory& mem, const zone& z) {
    return z.type == zone_type::highmem || (z.type == zone_type::movable && mem.movable_zone == zone_type::highmem);
}

// Zones whose min watermark is small and fixed, and which do not count as low memory.
bool has_small_min(const physical_memory& mem, const zone& z) {
    return is_highmem(mem, z) || (mem.rules.movable_has_small_min() && z.type == zone_type::movable);
}

// Pages above the high watermark in the zones that GFP_USER may use, seen from the first CPU's node.
// kernel: nr_free_buffer_pages
u64 nr_free_buffer_pages(const physical_memory& mem) {
    const u32 highest = gfp_zone_index(mem, GFP_USER);
    u64 sum = 0;
    const int node = mem.node_of_cpu(0);
    for (u8 number : mem.nodes[static_cast<std::size_t>(node)].node_zonelists[ZONELIST_FALLBACK]) {
        const zone& z = mem.zones[number];
        if (z.index > highest) continue;
        const u32 high = z.wmark_pages(WMARK_HIGH);
        if (z.managed_pages > high) sum += z.managed_pages - high;
    }
    return sum;
}

void calculate_totalreserve_pages(physical_memory& mem) {
    for (pglist_data& node : mem.nodes) {
        node.totalreserve_pages = 0;
        for (u32 i = 0; i < mem.nr_zone_types; ++i) {
            const zone& z = mem.zones[node.node_id * mem.nr_zone_types + i];
            u32 most = 0;
            for (u32 j = i; j < mem.nr_zone_types; ++j) most = std::max(most, z.lowmem_reserve[j]);
            node.totalreserve_pages += std::min(most + z.wmark_pages(WMARK_HIGH), z.managed_pages);
        }
    }
}

i32 zone_highsize(const physical_memory& mem, const zone& z, i32 batch, i64 fraction) {
    const u32 total = fraction ? static_cast<u32>(z.managed_pages / fraction) : z.wmark_pages(WMARK_LOW);
    u32 cpus = 0;
    for (u8 node : mem.cpu_node) cpus += node == z.node;
    if (cpus == 0) cpus = mem.nr_cpus;
    return std::max(static_cast<i32>(total / cpus), batch << 2);
}

void fold(any_context auto& cx, zone& z, zone_counter counter, i32& delta, i64& total, i32 nr_pages) {
    const i32 sum = delta + nr_pages;
    if (sum <= z.stat_threshold && sum >= -z.stat_threshold) {
        delta = sum;
        return;
    }
    total += sum;
    delta = 0;
    if (z.stat_threshold == 0) return;
    if (cx.folds) {
        fold_count& folds = (*cx.folds)[static_cast<std::size_t>(counter)];
        ++folds.times;
        folds.sum += sum;
    } else {
        cx.sink.emit(ev::vmstat_fold, z.number, cx.cpu, sum, z.stat_threshold, counter);
    }
}

} // namespace

i64 calculate_min_free_kbytes(const physical_memory& mem) {
    const u64 lowmem_kib = nr_free_buffer_pages(mem) << kib_shift(mem);
    return std::clamp<i64>(static_cast<i64>(int_sqrt(lowmem_kib * 16)), 128, 262144);
}

i64 recommended_min_free_kbytes(const physical_memory& mem) {
    const u32 highest = gfp_zone_index(mem, GFP_USER);
    u64 zones = 0;
    for (const zone& z : mem.zones)
        if (z.populated() && z.index <= highest) ++zones;
    const u64 wanted = zones * mem.pageblock_nr_pages() * (2 + MIGRATE_PCPTYPES * MIGRATE_PCPTYPES);
    const u64 pages = std::min(wanted, nr_free_buffer_pages(mem) / 20);
    return static_cast<i64>(pages << kib_shift(mem));
}

i32 zone_batchsize(const physical_memory& mem, const zone& z) {
    const bool since_6_7 = mem.rules.pcp_auto_tuned();
    const u32 page_size = 1u << mem.page_shift;
    i32 batch = since_6_7 ? static_cast<i32>(std::min(z.managed_pages >> 12, (256u << 10) / page_size))
                          : static_cast<i32>(std::min(z.managed_pages >> 10, (1u << 20) / page_size) / 4);
    if (batch <= 1 && since_6_7) return 1;
    batch = std::max(batch, 1);
    return round_down_power_of_two(batch + batch / 2) - 1;
}

void zone_pcp_update(physical_context& cx, zone& z) {
    physical_memory& mem = cx.mem;
    if (!z.populated()) return;
    const i64 fraction = mem.sysctl.percpu_pagelist_high_fraction;
    const i32 batchsize = zone_batchsize(mem, z);
    i32 batch = std::max(batchsize, 1);
    i32 high_min = 0;
    i32 high_max = 0;
    if (mem.rules.pcp_high_by_watermark()) {
        high_min = zone_highsize(mem, z, batch, fraction);
        high_max = fraction || !mem.rules.pcp_auto_tuned()
                       ? high_min
                       : zone_highsize(mem, z, batch, MIN_PERCPU_PAGELIST_HIGH_FRACTION);
    } else {
        high_min = 6 * batchsize; // 0 for a small zone: what is freed goes on to the buddy lists at once
        if (fraction) {
            high_min = static_cast<i32>(z.managed_pages / fraction);
            batch = std::min(std::max(high_min / 4, 1), mem.page_shift * 8);
        }
        high_max = high_min;
    }
    z.pcp_batch = batch;
    z.pcp_high_min = high_min;
    z.pcp_high_max = high_max;
    for (per_cpu_pages& pcp : z.pcp) {
        pcp.batch = batch;
        pcp.high_min = high_min;
        pcp.high_max = high_max;
        if (!mem.rules.pcp_auto_tuned()) pcp.high = high_min;
    }
    cx.sink.emit(ev::pcp_setup, z.number, mem.nr_cpus, batch, high_min);
}

void refresh_zone_stat_thresholds(physical_memory& mem) {
    for (zone& z : mem.zones) {
        const u32 chunks = z.managed_pages >> (27 - mem.page_shift); // of 128 MiB
        const u32 threshold = 2 * std::bit_width(static_cast<u32>(mem.nr_cpus)) * (1 + std::bit_width(chunks));
        z.stat_threshold = static_cast<i32>(std::min(threshold, 125u));
    }
}

void setup_per_zone_wmarks(physical_context& cx) {
    CallScope scope(cx.sink, fn::setup_per_zone_wmarks);
    physical_memory& mem = cx.mem;
    const u64 pages_min = static_cast<u64>(mem.sysctl.min_free_kbytes) >> kib_shift(mem);
    u64 lowmem_pages = 0;
    for (const zone& z : mem.zones)
        if (!has_small_min(mem, z)) lowmem_pages += z.managed_pages;
    for (zone& z : mem.zones) {
        u64 share = lowmem_pages ? pages_min * z.managed_pages / lowmem_pages : 0;
        const u32 min = has_small_min(mem, z) ? std::clamp(z.managed_pages / 1024, SWAP_CLUSTER_MAX, 128u)
                                              : static_cast<u32>(share);
        const u64 scaled = z.managed_pages * static_cast<u64>(mem.sysctl.watermark_scale_factor) / 10000;
        const u32 gap = static_cast<u32>(std::max(share >> 2, scaled));
        z.watermark_boost = 0;
        z.watermark = {min, min + gap, min + 2 * gap};
        if (z.populated())
            cx.sink.emit(ev::zone_watermarks_set, z.number, min, min + gap, min + 2 * gap, z.managed_pages, gap);
    }
    calculate_totalreserve_pages(mem);
    if (mem.rules.pcp_high_orders())
        for (zone& z : mem.zones) zone_pcp_update(cx, z);
}

void setup_per_zone_lowmem_reserve(physical_context& cx) {
    physical_memory& mem = cx.mem;
    for (const pglist_data& node : mem.nodes) {
        zone* zones = &mem.zones[node.node_id * mem.nr_zone_types];
        for (u32 i = 0; i + 1 < mem.nr_zone_types; ++i) {
            zone& z = zones[i];
            const u64 ratio = static_cast<u64>(mem.sysctl.lowmem_reserve_ratio[i]);
            u32 managed_above = 0;
            for (u32 j = i + 1; j < mem.nr_zone_types; ++j) {
                managed_above += zones[j].managed_pages;
                const bool clear = ratio == 0 || z.managed_pages == 0;
                z.lowmem_reserve[j] = clear ? 0 : static_cast<u32>(managed_above / ratio);
                if (z.lowmem_reserve[j])
                    cx.sink.emit(ev::lowmem_reserve_set, z.number, j, z.lowmem_reserve[j], managed_above, ratio);
            }
        }
    }
    calculate_totalreserve_pages(mem);
}

void mod_zone_free_state(any_context auto& cx, zone& z, i32 nr_pages) {
    fold(cx, z, zone_counter::nr_free_pages, z.pcp[cx.cpu].nr_free_pages_delta, z.nr_free_pages, nr_pages);
}

void mod_zone_cma_state(any_context auto& cx, zone& z, i32 nr_pages) {
    fold(cx, z, zone_counter::nr_free_cma_pages, z.pcp[cx.cpu].nr_free_cma_delta, z.nr_free_cma, nr_pages);
}

void mod_zone_freepage_state(any_context auto& cx, zone& z, i32 nr_pages, migratetype type) {
    if (type == MIGRATE_ISOLATE) return;
    mod_zone_free_state(cx, z, nr_pages);
    if (is_migrate_cma(type)) mod_zone_cma_state(cx, z, nr_pages);
}

// For both kinds of sink.
template void mod_zone_free_state(physical_context&, zone&, i32);
template void mod_zone_cma_state(physical_context&, zone&, i32);
template void mod_zone_freepage_state(physical_context&, zone&, i32, migratetype);
template void mod_zone_free_state(counting_context&, zone&, i32);
template void mod_zone_cma_state(counting_context&, zone&, i32);
template void mod_zone_freepage_state(counting_context&, zone&, i32, migratetype);

} // namespace mm
