// The pageblocks kept for atomic requests: what a watermark subtracts for them, and when they are reserved.
#include "physical/events.h"
#include "physical/gfp.h"
#include "physical/watermark.h"
#include "tests/physical/machines.h"

namespace mm::test {
namespace {

using ev = physical_event;

constexpr pfn_t BASE = 0x40000;
constexpr gfp_t ATOMIC_6_12 = GFP_BIT_HIGH | GFP_BIT_KSWAPD_RECLAIM;

// 64 MiB, of which `movable` is free in ordinary blocks and `kept` in pageblocks for atomic requests: blocks by their first
// frame and order. Watermarks 400, 500, 600.
struct FreeBlock {
    pfn_t pfn;
    u8 order;
};
machine_profile reserving(kernel_version kernel, const std::vector<FreeBlock>& movable,
                          const std::vector<FreeBlock>& kept, u32 nr_reserved) {
    machine_profile profile = profile_of(64, kernel);
    profile.reserved.clear();
    recorded_zone zone;
    zone.type = zone_type::dma;
    zone.start_pfn = BASE;
    zone.spanned_pages = zone.present_pages = zone.managed_pages = 16384;
    zone.watermark = {400, 500, 600};
    zone.nr_reserved_highatomic = nr_reserved;
    for (const FreeBlock& block : movable) zone.free_lists.push_back({block.order, MIGRATE_MOVABLE, {block.pfn}});
    for (const FreeBlock& block : kept) zone.free_lists.push_back({block.order, MIGRATE_HIGHATOMIC, {block.pfn}});
    zone.block_types = {{BASE, 24, MIGRATE_MOVABLE}, {BASE + 24 * 512, 8, MIGRATE_HIGHATOMIC}};
    profile.recorded = {zone};
    return profile;
}

constexpr pfn_t KEPT = BASE + 24 * 512;

// free 768, reserved 512, of which nothing is free: 768 - 0 > 600 since 6.12, 768 - 512 = 256 <= 400 before.
TEST(HighAtomic, AReserveWithoutAFreePageIsNotSubtractedSinceSixTwelve) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        SCOPED_TRACE(kernel_version_name(kernel));
        const bool counts_free = kernel == kernel_version::v6_12;
        Bench bench(reserving(kernel, {{BASE, 9}, {BASE + 0x300, 8}}, {}, 512));
        EXPECT_EQ(bench.alloc(0) != PFN_NONE, counts_free);
        const Event* check = bench.find(counts_free ? ev::zone_watermark_ok : ev::zone_watermark_fail);
        ASSERT_NE(check, nullptr);
        EXPECT_EQ(check->arg[3], 768u);
        EXPECT_EQ(check->arg[4], counts_free ? 0u : 512u);
        bench.expect_sound();
    }
}

// What a request may have is what is free outside of the reserve. GFP_KERNEL of order 0 gets a page above min = 400 and
// not at it. The reserve has 1024 pages, of which 257 are free: 5.10 and 6.1 subtract them all.
TEST(HighAtomic, TheBorderIsExact) {
    const std::vector<FreeBlock> kept = {{KEPT, 8}, {KEPT + 0x300, 0}};
    const std::vector<FreeBlock> at_min = {{BASE, 8}, {BASE + 0x200, 7}, {BASE + 0x400, 4}};
    std::vector<FreeBlock> above_min = at_min;
    above_min.push_back({BASE + 0x600, 0});
    std::vector<FreeBlock> above_min_before = above_min;
    above_min_before.push_back({BASE + 0x800, 9});
    above_min_before.push_back({BASE + 0xa00, 7});
    above_min_before.push_back({BASE + 0xc00, 6});
    above_min_before.push_back({BASE + 0xe00, 5});
    above_min_before.push_back({BASE + 0x1000, 4});
    above_min_before.push_back({BASE + 0x1200, 3});
    above_min_before.push_back({BASE + 0x1400, 2});
    above_min_before.push_back({BASE + 0x1600, 1});
    above_min_before.push_back({BASE + 0x1800, 0});
    const auto served = [&](kernel_version kernel, const std::vector<FreeBlock>& movable) {
        Bench bench(reserving(kernel, movable, kept, 1024));
        EXPECT_EQ(bench.mem().zones[0].nr_free_highatomic, 257u);
        const bool got = bench.alloc(0) != PFN_NONE;
        bench.expect_sound();
        return got;
    };
    // 400 and 401 outside of the reserve.
    EXPECT_FALSE(served(kernel_version::v6_12, at_min));
    EXPECT_TRUE(served(kernel_version::v6_12, above_min));
    // 401 + 767 + 257 - 1024 = 401; one page less is 400.
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1}) {
        SCOPED_TRACE(kernel_version_name(kernel));
        EXPECT_TRUE(served(kernel, above_min_before));
        EXPECT_FALSE(served(kernel, {above_min_before.begin(), above_min_before.end() - 1}));
    }
}

// Recorded on 6.12 with 1 GiB (Debian's 6.12.117, arm64), 243314 managed pages: the first atomic request of order 7 below
// the mark reserves a pageblock, and the reserve ends at 2560 pages, five pageblocks.
TEST(HighAtomic, GrowsAsRecordedOnSixTwelve) {
    machine_profile profile = profile_of(1024, kernel_version::v6_12);
    Bench bench(std::move(profile));
    zone& z = bench.mem().zones[0];
    z.managed_pages = 243314;
    z.watermark = {z.managed_pages, z.managed_pages, z.managed_pages};
    std::vector<u32> steps;
    for (int i = 0; i < 400; ++i) {
        const u32 before = z.nr_reserved_highatomic;
        bench.alloc(7, ATOMIC_6_12);
        if (z.nr_reserved_highatomic != before) steps.push_back(z.nr_reserved_highatomic);
    }
    EXPECT_EQ(steps, (std::vector<u32>{512, 1024, 1536, 2048, 2560}));
}

// Recorded there when GFP_NOWAIT had come down to order 0: free 18257, 16288 of it CMA's, min 1993 with a boost of 1024,
// 2560 reserved. GFP_NOWAIT has rights to reserves, so nothing of the reserve is subtracted: 18257 - 16288 = 1969 <= 1993.
// With 25 pages more it would have been served.
TEST(HighAtomic, AtTheRecordedMarkGfpNowaitStops) {
    for (const u32 more : {0u, 24u, 25u}) {
        Bench bench(profile_of(1024, kernel_version::v6_12));
        zone& z = bench.mem().zones[0];
        z.watermark = {969, 1212, 1455};
        z.watermark_boost = 1024;
        z.nr_reserved_highatomic = 2560;
        z.nr_free_highatomic = 1931;
        z.nr_free_pages = 18257 + more;
        z.nr_free_cma = 16288;
        const watermark_check check = zone_watermark_ok(bench.mem(), z, 0, z.wmark_pages(WMARK_MIN), 0,
                                                        ALLOC_WMARK_MIN | ALLOC_HARDER | ALLOC_KSWAPD);
        EXPECT_EQ(check.unusable, 16288);
        EXPECT_EQ(check.ok, more == 25);
    }
}

// nr_free_highatomic follows every way into the reserve's lists and out of them (verify() compares it with them).
TEST(HighAtomic, TheCountFollowsTheLists) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        SCOPED_TRACE(kernel_version_name(kernel));
        Bench bench(profile_of(256, kernel));
        zone& z = bench.mem().zones[0];
        z.watermark = {z.managed_pages / 2, z.managed_pages, z.managed_pages};
        const gfp_t atomic = bench.mem().rules.has_gfp_atomic_bit() ? ATOMIC_6_12 | GFP_BIT_ATOMIC : ATOMIC_6_12;
        std::vector<std::pair<pfn_t, u32>> held;
        for (u32 i = 0; i < 600; ++i) {
            const u32 order = i % 10;
            const pfn_t pfn = bench.alloc(order, i % 3 ? atomic : GFP_KERNEL);
            if (pfn != PFN_NONE) held.emplace_back(pfn, order);
            if (i % 50 == 0) bench.expect_sound();
        }
        ASSERT_GT(z.nr_reserved_highatomic, 0u);
        for (const auto& [pfn, order] : held) bench.free(pfn, order);
        bench.expect_sound();
        EXPECT_GT(z.nr_free_highatomic, 0u);
        EXPECT_LE(z.nr_free_highatomic, z.nr_reserved_highatomic);
    }
}

} // namespace
} // namespace mm::test
