#pragma once
// pglist_data, zone, free_area and per_cpu_pages.
//
// Models: every field that decides an allocation or is printed by /proc/zoneinfo of the page allocator.
// Simplified: per-CPU pages and per-CPU counters stand in one struct a CPU (per_cpu_pageset of 5.10).
// Not modelled: LRU lists, vmstat items of reclaim (a later room owns them).
// Mirrors: include/linux/mmzone.h (Linux 6.1; 5.10 and 6.12 where a field says so).
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "base/types.h"
#include "physical/migratetype.h"
#include "physical/page.h"

namespace mm {

// Orders 0 to 10 with 4 KiB pages, to 11 with 16 KiB, to 13 with 64 KiB (arm64). NR_PAGE_ORDERS of the largest.
inline constexpr int MAX_ORDERS = 14;
// Lists of per_cpu_pages: three types for each order 0 to 3, and two (6.1: not movable, movable) for huge pages.
inline constexpr int NR_PCP_LISTS = 14;
inline constexpr int PAGE_ALLOC_COSTLY_ORDER = 3;

// Every kind of zone, in address order. A machine uses some of them (zone_layout in profile.h).
enum class zone_type : u8 { dma, dma32, normal, highmem, movable, device };
inline constexpr int MAX_NR_ZONES = 6;
inline constexpr std::array<std::string_view, MAX_NR_ZONES> zone_type_names = {"DMA",     "DMA32",   "Normal",
                                                                               "HighMem", "Movable", "Device"};
// "DMA32" -> zone_type::dma32
[[nodiscard]] constexpr std::optional<zone_type> zone_type_from_name(std::string_view name) {
    for (std::size_t i = 0; i < zone_type_names.size(); ++i)
        if (zone_type_names[i] == name) return static_cast<zone_type>(i);
    return std::nullopt;
}

enum wmark : u8 { WMARK_MIN, WMARK_LOW, WMARK_HIGH };
inline constexpr int NR_WMARK = 3;
inline constexpr std::array<std::string_view, NR_WMARK> wmark_names = {"min", "low", "high"};

// A list threaded through page::next and page::prev. nr counts its members.
struct page_list {
    pfn_t first = PFN_NONE;
    pfn_t last = PFN_NONE;
    u32 nr = 0;

    [[nodiscard]] bool empty() const { return nr == 0; }
};

// Invariant: nr_free == sum of free_list[t].nr over all types t.
struct free_area {
    std::array<page_list, MIGRATE_TYPES> free_list;
    u32 nr_free = 0;
};

inline constexpr u8 PCPF_PREV_FREE_HIGH_ORDER = 1;
inline constexpr u8 PCPF_FREE_HIGH_BATCH = 2;

// Invariant: count == sum over lists l of lists[l].nr << order of l.
struct per_cpu_pages {
    i32 count = 0;
    i32 high = 0;
    i32 batch = 1;
    i32 high_min = 0; // 6.7 and later: high moves between these two
    i32 high_max = 0;
    u8 flags = 0;        // 6.7 and later: PCPF_*
    u8 alloc_factor = 0; // 6.7 and later: the refill grows by this power of two
    i16 free_factor = 0; // 5.13 to 6.6: the bulk free grows by this power of two
    i32 free_count = 0;  // 6.7 and later: pages freed in a row
    std::array<page_list, NR_PCP_LISTS> lists;
    i32 nr_free_pages_delta = 0; // this CPU's part of NR_FREE_PAGES that is not yet in the zone's counter
    i32 nr_free_cma_delta = 0;

    // Frees are no longer in a row.
    void note_alloc() {
        free_factor = static_cast<i16>(free_factor >> 1);
        free_count >>= 1;
    }
};

// Invariants: managed <= present <= spanned;
//   sum over orders o of free_area[o].nr_free << o == nr_free_pages + sum over CPUs of their deltas + nr_free_apart;
//   the same sum over the HighAtomic lists == nr_free_highatomic.
struct zone {
    zone_type type = zone_type::normal;
    u8 node = 0;
    u8 index = 0;  // position in its node, the kernel's zone_idx(): 0 is the lowest zone that this kernel has
    u8 number = 0; // position in physical_memory::zones
    pfn_t start_pfn = 0;
    u32 spanned_pages = 0;
    u32 present_pages = 0;
    u32 managed_pages = 0;
    u32 cma_pages = 0;

    std::array<u32, NR_WMARK> watermark{};
    u32 watermark_boost = 0;
    std::array<u32, MAX_NR_ZONES> lowmem_reserve{}; // by zone index of the request's highest zone
    u32 nr_reserved_highatomic = 0;
    u32 nr_free_highatomic = 0; // pages on the HighAtomic lists, kept by them (lists.h); the kernel's field since 6.12
    u32 nr_isolate_pageblock = 0;   // pageblocks that a request has isolated (page_isolation.h); 0 between ops
    bool boosted_watermark = false; // ZONE_BOOSTED_WATERMARK: kswapd is woken at the next allocation
    bool below_high = false;        // ZONE_BELOW_HIGH, 6.7 and later
    bool nofragment = false; // requests that prefer this zone first avoid mixed pageblocks (alloc_flags_nofragment)
    i32 pcp_high_min = 0;
    i32 pcp_high_max = 0;
    i32 pcp_batch = 1;

    std::array<free_area, MAX_ORDERS> area;
    std::vector<per_cpu_pages> pcp; // by CPU; empty for a zone without pages
    i64 nr_free_pages = 0;          // vm_stat[NR_FREE_PAGES]: without the CPUs' deltas
    i64 nr_free_cma = 0;
    // Of a recorded state: what its lists hold more than its counter and the CPUs' parts explain, since a report reads the two at
    // different moments. The counter decides watermarks, the lists decide blocks. 0 else.
    i64 nr_free_apart = 0;
    i32 stat_threshold = 0;

    u64 numa_hit = 0, numa_miss = 0, numa_foreign = 0, numa_local = 0, numa_other = 0;

    [[nodiscard]] pfn_t end_pfn() const { return start_pfn + spanned_pages; }
    [[nodiscard]] bool spans(pfn_t pfn) const { return pfn >= start_pfn && pfn - start_pfn < spanned_pages; }
    [[nodiscard]] bool populated() const { return present_pages > 0; }
    [[nodiscard]] u32 wmark_pages(wmark mark) const { return watermark[mark] + watermark_boost; }
    [[nodiscard]] std::string_view name() const { return zone_type_names[static_cast<std::size_t>(type)]; }
};

enum zonelist_kind : u8 { ZONELIST_FALLBACK, ZONELIST_NOFALLBACK };
inline constexpr u8 ZONE_NONE = 0xff;

struct pglist_data {
    u8 node_id = 0;
    pfn_t node_start_pfn = 0;
    u32 node_spanned_pages = 0;
    u32 node_present_pages = 0;
    u32 totalreserve_pages = 0;
    u32 kswapd_wakeups = 0;
    // Zones in the order in which they are tried, as indices in physical_memory::zones. Only zones with managed pages.
    std::array<std::vector<u8>, 2> node_zonelists;
    // The first zone of each list whose index is not above the second subscript; ZONE_NONE: there is none.
    // kernel: first_zones_zonelist
    std::array<std::array<u8, MAX_NR_ZONES>, 2> preferred_zone{};
};

} // namespace mm
