// /proc/zoneinfo.
//
// Models: every line in the kernel's order and widths, per version; zones without pages print their short form; the
//   node's counters stand in its first populated zone; the counters of the page allocator.
// Simplified: CONFIG_NUMA is told from the absence of ZONE_HIGHMEM.
// Not modelled: counters of reclaim, page cache, processes and slab, numa_interleave, node_unreclaimable: 0.
// Mirrors: mm/vmstat.c (Linux 5.10, 6.1, 6.12): zoneinfo_show_print, vmstat_text.
#include <algorithm>
#include <span>

#include "base/assert.h"
#include "physical/procfs.h"
#include "physical/procfs_text.h"

namespace mm {

namespace {

// Which kernels have an item: from `since` on, until `before`. The order of the items is that of the text.
struct item_range {
    linux_release since{0, 0}, before{255, 0};
    bool numa_only = false;
};
constexpr item_range ALL;
constexpr item_range NUMA_ONLY{.numa_only = true};

struct stat_item {
    const char* name;
    item_range where = ALL;
};

constexpr stat_item node_items[] = {
    {"nr_inactive_anon"},
    {"nr_active_anon"},
    {"nr_inactive_file"},
    {"nr_active_file"},
    {"nr_unevictable"},
    {"nr_slab_reclaimable"},
    {"nr_slab_unreclaimable"},
    {"nr_isolated_anon"},
    {"nr_isolated_file"},
    {"workingset_nodes"},
    {"workingset_refault_anon"},
    {"workingset_refault_file"},
    {"workingset_activate_anon"},
    {"workingset_activate_file"},
    {"workingset_restore_anon"},
    {"workingset_restore_file"},
    {"workingset_nodereclaim"},
    {"nr_anon_pages"},
    {"nr_mapped"},
    {"nr_file_pages"},
    {"nr_dirty"},
    {"nr_writeback"},
    {"nr_writeback_temp"},
    {"nr_shmem"},
    {"nr_shmem_hugepages"},
    {"nr_shmem_pmdmapped"},
    {"nr_file_hugepages"},
    {"nr_file_pmdmapped"},
    {"nr_anon_transparent_hugepages"},
    {"nr_vmscan_write"},
    {"nr_vmscan_immediate_reclaim"},
    {"nr_dirtied"},
    {"nr_written"},
    {"nr_throttled_written", {{5, 16}}},
    {"nr_kernel_misc_reclaimable"},
    {"nr_foll_pin_acquired"},
    {"nr_foll_pin_released"},
    {"nr_kernel_stack"},
    {"nr_page_table_pages", {{5, 11}}},
    {"nr_sec_page_table_pages", {{6, 1}}},
    {"nr_iommu_pages", {{6, 10}}},
    {"nr_swapcached", {{5, 12}}},
    {"pgpromote_success", {.since = {5, 18}, .numa_only = true}},
    {"pgpromote_candidate", {.since = {6, 1}, .numa_only = true}},
    {"pgdemote_kswapd", {{6, 8}}},
    {"pgdemote_direct", {{6, 8}}},
    {"pgdemote_khugepaged", {{6, 8}}},
};

using counter = u64 (*)(const zone&);

struct zone_item {
    const char* name;
    item_range where = ALL;
    counter read = nullptr; // nullptr: not counted here, prints 0
};

u64 not_negative(i64 count) { return count > 0 ? static_cast<u64>(count) : 0; }

constexpr zone_item zone_items[] = {
    {"nr_free_pages", ALL, [](const zone& z) { return not_negative(z.nr_free_pages); }},
    {"nr_zone_inactive_anon"},
    {"nr_zone_active_anon"},
    {"nr_zone_inactive_file"},
    {"nr_zone_active_file"},
    {"nr_zone_unevictable"},
    {"nr_zone_write_pending"},
    {"nr_mlock"},
    {"nr_page_table_pages", {.before = {5, 11}}},
    {"nr_bounce"},
    {"nr_zspages"},
    {"nr_free_cma", ALL, [](const zone& z) { return not_negative(z.nr_free_cma); }},
    {"numa_hit", NUMA_ONLY, [](const zone& z) { return z.numa_hit; }},
    {"numa_miss", NUMA_ONLY, [](const zone& z) { return z.numa_miss; }},
    {"numa_foreign", NUMA_ONLY, [](const zone& z) { return z.numa_foreign; }},
    {"numa_interleave", NUMA_ONLY},
    {"numa_local", NUMA_ONLY, [](const zone& z) { return z.numa_local; }},
    {"numa_other", NUMA_ONLY, [](const zone& z) { return z.numa_other; }},
};

struct printer {
    const physical_memory& mem;
    std::string out;

    bool has(const item_range& where) const {
        const linux_release release = release_of(mem.rules.version);
        return release >= where.since && release < where.before && !(where.numa_only && has_highmem(mem));
    }

    void item(const char* name, u64 value) {
        append_line(out, "      %-12s %llu\n", name, static_cast<unsigned long long>(value));
    }

    void node_stats() {
        out += "  per-node stats\n";
        for (const stat_item& row : node_items)
            if (has(row.where)) item(row.name, 0);
    }

    void watermarks(const zone& z) {
        // Since 5.12 the boost and the pages of CMA are told (zoneinfo_show_print).
        const bool tells_boost_and_cma = mem.rules.since(5, 12);
        append_line(out, "  pages free     %llu\n", static_cast<unsigned long long>(not_negative(z.nr_free_pages)));
        if (tells_boost_and_cma) append_line(out, "        boost    %u\n", z.watermark_boost);
        append_line(out, "        min      %u\n", z.wmark_pages(WMARK_MIN));
        append_line(out, "        low      %u\n", z.wmark_pages(WMARK_LOW));
        append_line(out, "        high     %u\n", z.wmark_pages(WMARK_HIGH));
        // Since 6.11 WMARK_PROMO is told, which stands as far above high as high stands above low.
        if (mem.rules.since(6, 11))
            append_line(out, "        promo    %u\n",
                        2 * z.watermark[WMARK_HIGH] - z.watermark[WMARK_LOW] + z.watermark_boost);
        append_line(out, "        spanned  %u\n", z.spanned_pages);
        append_line(out, "        present  %u\n", z.present_pages);
        append_line(out, "        managed  %u\n", z.managed_pages);
        if (tells_boost_and_cma) append_line(out, "        cma      %u\n", z.cma_pages);
    }

    void protection(const zone& z) {
        out += "        protection: (";
        for (u32 i = 0; i < mem.nr_zone_types; ++i) append_line(out, i == 0 ? "%u" : ", %u", z.lowmem_reserve[i]);
        out += ")\n";
    }

    void pagesets(const zone& z) {
        out += "  pagesets";
        for (u32 cpu = 0; cpu < z.pcp.size(); ++cpu) {
            const per_cpu_pages& pcp = z.pcp[cpu];
            append_line(out, "\n    cpu: %u", cpu);
            append_line(out, "\n              count: %i", pcp.count);
            append_line(out, "\n              high:  %i", pcp.high);
            append_line(out, "\n              batch: %i", pcp.batch);
            append_line(out, "\n  vm stats threshold: %d", z.stat_threshold);
        }
        out += '\n';
    }

    void print(const zone& z, bool first_populated) {
        append_line(out, "Node %d, zone %8s\n", z.node, name_of(z));
        if (first_populated) node_stats();
        watermarks(z);
        protection(z);
        if (!z.populated()) return;
        for (const zone_item& row : zone_items)
            if (has(row.where)) item(row.name, row.read ? row.read(z) : 0);
        pagesets(z);
        out += "  node_unreclaimable:  0\n";
        append_line(out, "  start_pfn:           %u\n", z.start_pfn);
    }
};

} // namespace

std::string proc_zoneinfo(const physical_memory& mem) {
    printer text{mem, {}};
    int node_with_stats = -1;
    for (const zone& z : mem.zones) {
        const bool first = z.populated() && node_with_stats != z.node;
        if (first) node_with_stats = z.node;
        text.print(z, first);
    }
    return std::move(text.out);
}

} // namespace mm
