// Kernels in their order: every rule says since which release it holds, so a kernel that nobody has seen yet gets the newest
// side of each. And no file asks whether a kernel is one of those that are known.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>

#include "golden_file.h"
#include "mmu/arm64/boot_map.h"
#include "mmu/descriptor.h"
#include "mmu/layout.h"
#include "physical/kernel_rules.h"
#include "physical/linear_map.h"
#include "physical/profile.h"

namespace mm {
namespace {

constexpr kernel_version NEWEST = debian_kernels.back().version;
// A release behind all that exist.
constexpr auto IMAGINARY = static_cast<kernel_version>(release_code(99, 1));

template <class Rules>
struct NamedRule {
    const char* name;
    i64 (*value)(const Rules&);
};
#define RULE(rules, name)                                                                                              \
    NamedRule<rules> {                                                                                                 \
#name, [](const rules& of) { return static_cast<i64>(of.name()); }                                             \
    }

const NamedRule<kernel_rules> all_rules[] = {
    RULE(kernel_rules, pcp_high_orders),
    RULE(kernel_rules, pcp_high_by_watermark),
    RULE(kernel_rules, pcp_auto_tuned),
    RULE(kernel_rules, freelist_hygiene),
    RULE(kernel_rules, accounts_in_rmqueue),
    RULE(kernel_rules, accumulates_node_load),
    RULE(kernel_rules, highatomic_needs_a_hundredth),
    RULE(kernel_rules, counts_free_highatomic),
    RULE(kernel_rules, nonblocking_takes_highatomic),
    RULE(kernel_rules, max_watermark_scale_factor),
    RULE(kernel_rules, fallback_by_mode),
    RULE(kernel_rules, checks_high_watermark_first),
    RULE(kernel_rules, pcp_remembers_type),
    RULE(kernel_rules, buddy_after_empty_pcp),
    RULE(kernel_rules, movable_has_small_min),
    RULE(kernel_rules, has_gfp_atomic_bit),
    RULE(kernel_rules, checks_buddy_alloc),
    RULE(kernel_rules, checks_pcp_refill),
    RULE(kernel_rules, checks_pcp_alloc),
    RULE(kernel_rules, checks_buddy_free),
    RULE(kernel_rules, checks_tails_on_free),
    RULE(kernel_rules, checks_pcp_free),
    RULE(kernel_rules, checks_pcp_drain),
    RULE(kernel_rules, has_folios),
    RULE(kernel_rules, isolates_pageblocks),
    RULE(kernel_rules, contig_checks_gfp),
    RULE(kernel_rules, inits_pages_by_new_name),
    RULE(kernel_rules, has_bulk_alloc),
    RULE(kernel_rules, names_bulk_noprof),
    RULE(kernel_rules, cma_merges_with_others),
    RULE(kernel_rules, memblock_counts_dummy),
    RULE(kernel_rules, memblock_panics_without_resize),
    RULE(kernel_rules, memblock_text_has_nodes),
    RULE(kernel_rules, memblock_numbers_reserved),
    RULE(kernel_rules, has_memblock_phys_free),
    RULE(kernel_rules, dumps_folios),
    RULE(kernel_rules, names_zone_in_flags),
    RULE(kernel_rules, traces_pfn_in_hex),
    RULE(kernel_rules, traces_slab_node),
    RULE(kernel_rules, traces_freed_cache),
    RULE(kernel_rules, traces_migrate_disable),
    RULE(kernel_rules, slub_says_info),
    RULE(kernel_rules, has_slab_and_slob),
    RULE(kernel_rules, clears_behind_info),
    RULE(kernel_rules, slab_shares_kmalloc),
    RULE(kernel_rules, tracks_full_stack),
    RULE(kernel_rules, tracks_kmalloc_size),
    RULE(kernel_rules, pointer_outside_tracked_kmalloc),
    RULE(kernel_rules, order_keeps_min_objects),
    RULE(kernel_rules, cpu_partial_by_slabs),
    RULE(kernel_rules, deactivate_splices),
    RULE(kernel_rules, cpu_partial_frozen),
    RULE(kernel_rules, tries_wanted_node_first),
    RULE(kernel_rules, has_cgroup_kmalloc),
    RULE(kernel_rules, kmalloc_align_by_divisor),
    RULE(kernel_rules, has_slab_no_merge),
    RULE(kernel_rules, small_kmalloc_on_arm64),
    RULE(kernel_rules, counts_bulk_objects),
    RULE(kernel_rules, counts_cpu_partial_as_refill),
    RULE(kernel_rules, bulk_free_leaves_holes),
    RULE(kernel_rules, frees_ready_rcu_objects),
    RULE(kernel_rules, has_kvfree_rcu_barrier),
    RULE(kernel_rules, destroy_waits_for_rcu_slabs),
    RULE(kernel_rules, sorts_lazy_areas),
    RULE(kernel_rules, merges_lazy_areas),
    RULE(kernel_rules, pads_only_large_alignment),
    RULE(kernel_rules, refuses_bad_alignment),
    RULE(kernel_rules, unmap_ram_warns),
    RULE(kernel_rules, flushes_dirty_blocks_once),
    RULE(kernel_rules, has_vmalloc_huge),
    RULE(kernel_rules, vmalloc_to_page_sees_blocks),
    RULE(kernel_rules, has_vmap_range),
    RULE(kernel_rules, has_vm_area_alloc_pages),
    RULE(kernel_rules, says_vmalloc_error),
    RULE(kernel_rules, vmalloc_warns_of_pages),
    RULE(kernel_rules, names_vmap_range),
    RULE(kernel_rules, has_generic_ioremap),
    RULE(kernel_rules, has_generic_ioremap_prot),
    RULE(kernel_rules, ioremap_checks_size_first),
    RULE(kernel_rules, has_kmap_local),
    RULE(kernel_rules, checks_kmap_depth),
    RULE(kernel_rules, kmap_slots_per_cpu),
    RULE(kernel_rules, debug_takes_single_objects),
    RULE(kernel_rules, free_clears_pointer_first),
    RULE(kernel_rules, checks_kmalloc_redzone),
    RULE(kernel_rules, checks_whole_object),
    RULE(kernel_rules, reports_warn),
    RULE(kernel_rules, disables_failed_slabs),
    RULE(kernel_rules, warns_about_busy_cache),
    RULE(kernel_rules, counts_remaining_objects),
    RULE(kernel_rules, slab_is_page_type),
};
const NamedRule<boot_map_rules> all_boot_map_rules[] = {
    RULE(boot_map_rules, image_has_its_tables),   RULE(boot_map_rules, maps_head),
    RULE(boot_map_rules, device_tree_in_pages),   RULE(boot_map_rules, fixmap_pte_tables),
    RULE(boot_map_rules, always_maps_trampoline), RULE(boot_map_rules, insn_pages_become_read_only),
    RULE(boot_map_rules, trampoline_text_slot),   RULE(boot_map_rules, trampoline_data_slot),
};

// The names of a header's rules, in its order.
std::vector<std::string> rules_in(const char* header) {
    const std::string text = test::read_file(std::string(MMSCOPE_SOURCE_DIR "/engine/") + header);
    static const std::regex rule(R"(\[\[nodiscard\]\] (?:bool|u32|i64) (\w+)\(\) const)");
    std::vector<std::string> names;
    for (std::sregex_iterator it(text.begin(), text.end(), rule), end; it != end; ++it) names.push_back((*it)[1]);
    return names;
}

template <class Rules, std::size_t N>
void expect_newest_side(const NamedRule<Rules> (&rules)[N], const char* header) {
    std::vector<std::string> listed;
    for (const auto& rule : rules) {
        listed.emplace_back(rule.name);
        Rules newest, imaginary;
        newest.version = NEWEST;
        imaginary.version = IMAGINARY;
        EXPECT_EQ(rule.value(imaginary), rule.value(newest)) << rule.name;
    }
    EXPECT_EQ(listed, rules_in(header)) << "every rule of " << header << " stands in this test";
}

TEST(KernelVersion, AKernelThatNobodyKnowsGetsTheNewestSideOfEveryRule) {
    expect_newest_side(all_rules, "physical/kernel_rules.h");
    expect_newest_side(all_boot_map_rules, "mmu/arm64/boot_map.h");
    EXPECT_EQ(kernel_rules::check_pages_by_default(IMAGINARY), kernel_rules::check_pages_by_default(NEWEST));
}

TEST(KernelVersion, TablesGiveAKernelThatNobodyKnowsTheirNewestRow) {
    EXPECT_EQ(kernel_version_name(IMAGINARY), "6.12");
    EXPECT_EQ(pte_rules(IMAGINARY).machine_kernel(), NEWEST);
    for (const architecture arch : {architecture::arm64, architecture::x86_64, architecture::i386}) {
        EXPECT_EQ(zone_layout(arch, IMAGINARY), zone_layout(arch, NEWEST));
        EXPECT_EQ(slub_tid_step(arch, IMAGINARY), slub_tid_step(arch, NEWEST));
        machine_profile known, unknown;
        known.arch = unknown.arch = arch;
        known.memory = unknown.memory = {{0x40000000, 1ull << 30, 0}};
        known.kernel = NEWEST;
        unknown.kernel = IMAGINARY;
        EXPECT_EQ(linear_map_of(unknown).vmemmap, linear_map_of(known).vmemmap);
        EXPECT_EQ(mem_map_size_of(unknown).section_bytes, mem_map_size_of(known).section_bytes);
        EXPECT_EQ(layout_config_of(unknown).version, layout_version::v6_12);
        EXPECT_EQ(layout_config_of(unknown).va_bits, layout_config_of(known).va_bits);
    }
    EXPECT_EQ(debian_image(IMAGINARY, 0x40000000), debian_image(NEWEST, 0x40000000));
}

TEST(KernelVersion, ReleasesAreOrderedByTheirNumbers) {
    EXPECT_LT((linux_release{5, 10}), (linux_release{6, 1}));
    EXPECT_LT((linux_release{6, 2}), (linux_release{6, 12}));
    EXPECT_TRUE(since(kernel_version::v6_12, 6, 12));
    EXPECT_TRUE(before(kernel_version::v6_1, 6, 2));
    EXPECT_FALSE(since(kernel_version::v5_10, 5, 11));
    // Backports: 6.12's series has what came with 6.13 and 6.16, a kernel between has it not.
    kernel_rules rules;
    rules.version = static_cast<kernel_version>(release_code(6, 14));
    EXPECT_FALSE(rules.fallback_by_mode());
    EXPECT_TRUE(rules.disables_failed_slabs());
    rules.version = kernel_version::v6_12;
    EXPECT_TRUE(rules.fallback_by_mode());
    EXPECT_TRUE(rules.disables_failed_slabs());
}

TEST(KernelVersion, RowsStandInTheOrderOfTheirReleases) {
    EXPECT_TRUE(std::is_sorted(debian_kernels.begin(), debian_kernels.end(),
                               [](const kernel_row& a, const kernel_row& b) { return a.version < b.version; }));
    EXPECT_TRUE(std::is_sorted(layout_versions.begin(), layout_versions.end(),
                               [](const auto& a, const auto& b) { return a.since < b.since; }));
    for (const kernel_row& row : debian_kernels) {
        const linux_release release = release_of(row.version);
        EXPECT_EQ(row.name, std::to_string(release.version) + "." + std::to_string(release.patchlevel));
    }
}

// "== kernel_version::v6_12" would give every other kernel the oldest side.
TEST(KernelVersion, NoFileAsksWhetherAKernelIsOneOfTheKnown) {
    static const std::regex equality(
        R"((==|!=)\s*(mm::)?(kernel|layout)_version::|case (mm::)?(kernel|layout)_version::)");
    for (const char* folder : {"/engine", "/shell"})
        for (const auto& entry :
             std::filesystem::recursive_directory_iterator(std::string(MMSCOPE_SOURCE_DIR) + folder)) {
            const std::string path = entry.path().string();
            if (!path.ends_with(".h") && !path.ends_with(".cpp")) continue;
            EXPECT_FALSE(std::regex_search(test::read_file(path), equality)) << path;
        }
}

} // namespace
} // namespace mm
