// Rules in which kernels differ, or machines by their size. Expected numbers follow from the kernel's formulas.
#include "physical/kernel_rules.h"

#include <gtest/gtest.h>

#include <cmath>

#include "both_languages.h"
#include "physical/events.h"
#include "physical/gfp.h"
#include "physical/machines.h"

namespace mm {
namespace {

using test::Bench;
using test::profile_of;
using ev = physical_event;

u64 managed_pages(const physical_memory& mem) {
    u64 pages = 0;
    for (const zone& z : mem.zones) pages += z.managed_pages;
    return pages;
}

// hugepage_init() gives up below 512 MiB, so nothing raises what init_per_zone_wmark_min() computed.
TEST(KernelRules, KhugepagedRaisesMinFreeKbytesOnlyFrom512MiBOn) {
    for (kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        Bench small(profile_of(256, kernel));
        const double kib = static_cast<double>(managed_pages(small.mem()) * 4);
        EXPECT_EQ(small.mem().sysctl.min_free_kbytes, static_cast<i64>(std::sqrt(kib * 16)));
        Bench large(profile_of(1024, kernel));
        EXPECT_GT(large.mem().sysctl.min_free_kbytes, static_cast<i64>(std::sqrt(1024.0 * 1024 * 16)));
    }
}

// 5.10: zone_batchsize() of less than 8192 pages is 0, and pcp->high is 6 × that.
TEST(KernelRules, UntilFiveThirteenASmallZoneKeepsNothingOnItsPerCpuLists) {
    Bench bench(profile_of(64, kernel_version::v5_10, architecture::x86_64));
    const zone& dma = bench.mem().zones[0];
    ASSERT_LT(dma.managed_pages, 8192u);
    EXPECT_EQ(dma.pcp_batch, 1);
    EXPECT_EQ(dma.pcp_high_min, 0);
    const pfn_t pfn = bench.alloc(0, GFP_KERNEL | GFP_BIT_DMA);
    ASSERT_TRUE(dma.spans(pfn));
    bench.free(pfn, 0);
    EXPECT_EQ(dma.pcp[0].count, 0);
    EXPECT_EQ(bench.count(ev::mm_page_pcpu_drain), 1);
    bench.expect_sound();

    // From 8192 pages on a quarter of the 1024s is 2; 2 + 1 rounded down to a power of two is 2, less one. 12288 make 3.
    Bench whole(profile_of(64, kernel_version::v5_10));
    const zone& z = whole.mem().zones[0];
    ASSERT_TRUE(z.managed_pages >= 8192 && z.managed_pages < 12288) << z.managed_pages;
    EXPECT_EQ(z.pcp_batch, 1);
    EXPECT_EQ(z.pcp_high_min, 6);
}

gfp_t gfp_atomic(kernel_version kernel) {
    const gfp_t since_6_2 = GFP_BIT_HIGH | GFP_BIT_KSWAPD_RECLAIM;
    return kernel == kernel_version::v6_12 ? since_6_2 : since_6_2 | GFP_BIT_ATOMIC;
}

u32 reserved_by_atomic_requests(kernel_version kernel, u64 mib) {
    machine_profile profile = profile_of(mib, kernel);
    profile.sysctl.transparent_hugepage = false;
    Bench bench(std::move(profile));
    zone& z = bench.mem().zones[0];
    // Nothing may be above the low watermark, so that each request takes from the reserve.
    z.watermark = {z.managed_pages / 2, z.managed_pages, z.managed_pages};
    for (int i = 0; i < 4000; ++i) bench.alloc(3, gfp_atomic(kernel));
    bench.expect_sound();
    return z.nr_reserved_highatomic / 512;
}

// 1% of 1 GiB is 2621 pages or a little less, 5.1 pageblocks. Until 6.7 the reserve may grow while it is below 1% and a
// pageblock; since 6.8 while it is below 1%, rounded up to pageblocks, and not at all when 1% is less than one.
TEST(KernelRules, TheReserveForAtomicRequestsIsAHundredth) {
    EXPECT_EQ(reserved_by_atomic_requests(kernel_version::v6_1, 1024), 6u);
    EXPECT_EQ(reserved_by_atomic_requests(kernel_version::v6_12, 1024), 5u);
    EXPECT_EQ(reserved_by_atomic_requests(kernel_version::v6_12, 64), 0u);
}

// rmqueue_buddy() of 6.12: who may not wait takes from the reserve when all else failed.
TEST(KernelRules, TheLastPageForWhoMayNotWaitIsThatOfTheReserve) {
    machine_profile profile = profile_of(1024, kernel_version::v6_12);
    profile.sysctl.transparent_hugepage = false;
    Bench bench(std::move(profile));
    zone& z = bench.mem().zones[0];
    z.watermark = {z.managed_pages / 2, z.managed_pages, z.managed_pages};
    for (int i = 0; i < 100; ++i) bench.alloc(3, gfp_atomic(kernel_version::v6_12));
    ASSERT_GT(z.nr_reserved_highatomic, 0u);
    z.watermark = {0, 0, 0};
    while (bench.alloc(0, GFP_KERNEL) != PFN_NONE) {}
    u64 others = 0;
    for (const free_area& area : z.area)
        for (u32 type = 0; type < MIGRATE_PCPTYPES; ++type) others += area.free_list[type].nr;
    ASSERT_EQ(others, 0u) << "only the reserve is left, and what the per-CPU lists hold";
    while (!z.pcp[0].lists[0].empty()) bench.alloc(0, gfp_atomic(kernel_version::v6_12));
    const pfn_t pfn = bench.alloc(0, gfp_atomic(kernel_version::v6_12));
    ASSERT_NE(pfn, PFN_NONE);
    EXPECT_EQ(bench.mem().block_type(pfn), MIGRATE_HIGHATOMIC);
    bench.expect_sound();
}

// The matrix and both orders are those of the commit that changed it (54d032ced983, Linux 5.16).
TEST(KernelRules, NodeLoadAddsUpSinceFiveSixteen) {
    const auto order_of_node_3 = [](kernel_version kernel) {
        machine_profile profile = profile_of(256, kernel, architecture::x86_64, 4, 4);
        profile.distance = {{10, 12, 32, 32}, {12, 10, 32, 32}, {32, 32, 10, 12}, {32, 32, 12, 10}};
        Bench bench(std::move(profile));
        std::vector<u32> nodes;
        for (u8 number : bench.mem().nodes[3].node_zonelists[ZONELIST_FALLBACK])
            if (const u32 node = bench.mem().zones[number].node; nodes.empty() || nodes.back() != node)
                nodes.push_back(node);
        return nodes;
    };
    EXPECT_EQ(order_of_node_3(kernel_version::v5_10), (std::vector<u32>{3, 2, 0, 1}));
    EXPECT_EQ(order_of_node_3(kernel_version::v6_1), (std::vector<u32>{3, 2, 1, 0}));
    EXPECT_EQ(order_of_node_3(kernel_version::v6_12), (std::vector<u32>{3, 2, 1, 0}));
}

// max_zone_phys(): where all RAM is above 4 GiB, ZONE_DMA has no limit.
TEST(KernelRules, RamAboveFourGibibytesIsZoneDmaOnArm64) {
    machine_profile profile = profile_of(1024);
    profile.memory = {{0x80'0000'0000, 1ull << 30, 0}};
    profile.reserved.clear();
    Bench bench(std::move(profile));
    ASSERT_EQ(bench.mem().populated.size(), 1u);
    EXPECT_EQ(bench.mem().zones[bench.mem().populated[0]].type, zone_type::dma);
}

TEST(KernelRules, TheLargestScaleFactorIsAThousandUntilFiveSixteen) {
    const auto outcome = [](kernel_version kernel, i64 value) {
        Bench bench(profile_of(64, kernel));
        Op op;
        op.kind = *find_op("vm.watermark_scale_factor");
        op.arg = {value, -1, -1};
        return apply(bench.machine, op, bench.sink);
    };
    EXPECT_EQ(outcome(kernel_version::v5_10, 1000), OpOutcome::done);
    EXPECT_EQ(outcome(kernel_version::v5_10, 1001), OpOutcome::refused);
    EXPECT_EQ(outcome(kernel_version::v6_1, 3000), OpOutcome::done);
}

// struct page has four bits for the zone. All memory is below 4 GiB: one DMA, and DMA32 and Movable on each node.
TEST(KernelRules, AProfileWithTooManyZonesIsRefused) {
    machine_profile profile = profile_of(512, kernel_version::v6_1, architecture::x86_64, 8);
    profile.movablecore.percent = 30;
    const auto bad = check_profile(profile);
    ASSERT_TRUE(bad.has_value());
    EXPECT_EQ(bad->path, "nodes");
    EXPECT_EQ(test::in_both(*bad).message, "8 nodes make 17 zones with memory; at most 16");
}

} // namespace
} // namespace mm
