#include "physical/page_alloc.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "physical/buddy.h"
#include "physical/events.h"
#include "physical/machines.h"
#include "physical/pcp.h"
#include "physical/watermark.h"

namespace mm {
namespace {

using test::Bench;
using test::profile_of;
using ev = physical_event;

constexpr kernel_version all_kernels[] = {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12};

u64 free_pages_of(const zone& z) {
    u64 free = 0;
    for (u32 order = 0; order < MAX_ORDERS; ++order) free += static_cast<u64>(z.area[order].nr_free) << order;
    return free;
}

TEST(PageAlloc, ABlockIsAlignedToItsOrderAndLeavesTheLists) {
    Bench bench(profile_of(64));
    const u64 before = free_pages_of(bench.mem().zones[0]);
    const pfn_t pfn = bench.alloc(5);
    ASSERT_NE(pfn, PFN_NONE);
    EXPECT_EQ(pfn % 32, 0u);
    EXPECT_EQ(free_pages_of(bench.mem().zones[0]), before - 32);
    EXPECT_EQ(bench.mem().page_at(pfn).state(), page_state::allocated);
    EXPECT_EQ(find_block(bench.mem(), pfn + 31).head, pfn);
    bench.expect_sound();
}

// order 10  [                    ]        split    [ a . . . . ][    8    ][        9         ]
// free again: every pair is free, so they merge back  [              10              ]
TEST(PageAlloc, FreeingUndoesTheSplitsOfAnAllocation) {
    Bench bench(profile_of(64));
    const zone& z = bench.mem().zones[0];
    std::array<u32, 11> before{};
    for (u32 order = 0; order < 11; ++order) before[order] = z.area[order].nr_free;
    const pfn_t pfn = bench.alloc(4);
    bench.free(pfn, 4);
    for (u32 order = 0; order < 11; ++order) EXPECT_EQ(z.area[order].nr_free, before[order]) << "order " << order;
    EXPECT_EQ(bench.count(ev::buddy_split), bench.count(ev::buddy_merge));
    bench.expect_sound();
}

TEST(PageAlloc, OrderZeroComesFromThePerCpuListAfterOneRefill) {
    Bench bench(profile_of(1024));
    bench.alloc(0);
    EXPECT_EQ(bench.count(ev::pcp_refill), 1);
    const int takes = bench.count(ev::buddy_take);
    bench.alloc(0);
    EXPECT_EQ(bench.count(ev::pcp_refill), 1);
    EXPECT_EQ(bench.count(ev::buddy_take), takes);
}

TEST(PageAlloc, TheLastFreedPageIsTheNextAllocated) {
    for (kernel_version kernel : all_kernels) {
        Bench bench(profile_of(64, kernel));
        const pfn_t first = bench.alloc(0);
        bench.alloc(0);
        bench.free(first, 0);
        EXPECT_EQ(bench.alloc(0), first);
    }
}

TEST(PageAlloc, RequestsFailOnlyWhenEveryZoneIsAtItsWatermark) {
    for (kernel_version kernel : all_kernels) {
        Bench bench(profile_of(64, kernel));
        const zone& z = bench.mem().zones[0];
        u32 got = 0;
        while (bench.alloc(0, GFP_NOWAIT) != PFN_NONE) ASSERT_LT(++got, z.managed_pages);
        EXPECT_LE(z.nr_free_pages, static_cast<i64>(z.wmark_pages(WMARK_MIN)) + z.stat_threshold);
        EXPECT_GE(bench.count(ev::kswapd_wake), 1);
        const i64 at_min = z.nr_free_pages;
        while (bench.alloc(0, GFP_NOWAIT | GFP_BIT_HIGH | (kernel == kernel_version::v6_12 ? 0 : GFP_BIT_ATOMIC)) !=
               PFN_NONE)
            ASSERT_LT(++got, z.managed_pages);
        EXPECT_LT(z.nr_free_pages, at_min) << "GFP_ATOMIC reaches below min";
        bench.expect_sound();
    }
}

TEST(PageAlloc, ARequestThatMaySleepSaysThatReclaimIsMissing) {
    Bench bench(profile_of(16));
    while (bench.alloc(3, GFP_NOWAIT) != PFN_NONE) {}
    bench.events.clear();
    EXPECT_EQ(bench.alloc(3, GFP_KERNEL), PFN_NONE);
    EXPECT_EQ(bench.count(ev::direct_reclaim_missing), 1);
    EXPECT_EQ(bench.count(ev::mm_page_alloc_fail), 1);
}

TEST(PageAlloc, DmaRequestsStayInTheDmaZone) {
    Bench bench(profile_of(6144, kernel_version::v6_1, architecture::x86_64));
    const pfn_t dma = bench.alloc(0, GFP_NOWAIT | GFP_BIT_DMA);
    EXPECT_LT(dma, (16u << 20) >> 12);
    const pfn_t dma32 = bench.alloc(0, GFP_NOWAIT | GFP_BIT_DMA32);
    EXPECT_LT(dma32, 1u << 20);
    EXPECT_GE(dma32, (16u << 20) >> 12);
    const pfn_t normal = bench.alloc(0, GFP_NOWAIT);
    EXPECT_GE(normal, 1u << 20);
}

TEST(PageAlloc, ThisNodeNeverLeavesTheNode) {
    Bench bench(profile_of(128, kernel_version::v6_1, architecture::arm64, 2, 2));
    const u32 node_end = bench.mem().nodes[0].node_start_pfn + bench.mem().nodes[0].node_spanned_pages;
    int served = 0;
    for (pfn_t pfn = 0; (pfn = bench.alloc(4, GFP_NOWAIT | GFP_BIT_THISNODE, 0)) != PFN_NONE; ++served)
        ASSERT_LT(pfn, node_end);
    EXPECT_GT(served, 100);
    EXPECT_GE(bench.alloc(4, GFP_NOWAIT, 0), node_end) << "without the flag the other node serves";
}

TEST(PageAlloc, ExactKeepsWhatWasAskedForAndReturnsTheRest) {
    Bench bench(profile_of(64));
    const u64 before = free_pages_of(bench.mem().zones[0]) + static_cast<u64>(bench.mem().zones[0].pcp[0].count);
    physical_context cx = bench.cx();
    const pfn_t pfn = alloc_pages_exact(cx, 19, {0, GFP_KERNEL, -1});
    ASSERT_NE(pfn, PFN_NONE);
    EXPECT_EQ(free_pages_of(bench.mem().zones[0]) + static_cast<u64>(bench.mem().zones[0].pcp[0].count), before - 19);
    EXPECT_EQ(bench.mem().page_at(pfn + 18).state(), page_state::allocated);
    EXPECT_NE(bench.mem().page_at(pfn + 19).state(), page_state::allocated);
    free_pages_exact(cx, pfn, 19);
    EXPECT_EQ(free_pages_of(bench.mem().zones[0]) + static_cast<u64>(bench.mem().zones[0].pcp[0].count), before);
    bench.expect_sound();
}

TEST(Buddy, MergeStopsAtABuddyInUse) {
    Bench bench(profile_of(64));
    const pfn_t a = bench.alloc(4);
    const pfn_t b = bench.alloc(4);
    ASSERT_EQ(b, a ^ 16u);
    bench.events.clear();
    bench.free(a, 4);
    const Event* stay = bench.find(ev::buddy_stay);
    ASSERT_NE(stay, nullptr);
    EXPECT_EQ(stay->arg[1], b);
    EXPECT_EQ(stay->arg[3], static_cast<i64>(buddy_stay::not_free));
    EXPECT_EQ(bench.count(ev::buddy_merge), 0);
}

// order 5   [      p q      ]  [      r s      ]     p and q merge; their buddy's head r is free, but of order 4 only,
// order 4   [  p  ]  [  q   ]  [  r  ]  [  s   ]     since s is in use
TEST(Buddy, MergeStopsAtABuddyOfAnotherOrder) {
    Bench bench(profile_of(64));
    const pfn_t p = bench.alloc(4);
    const pfn_t q = bench.alloc(4);
    const pfn_t r = bench.alloc(4);
    const pfn_t s = bench.alloc(4);
    ASSERT_EQ(q, p + 16);
    ASSERT_EQ(r, p + 32);
    ASSERT_EQ(s, p + 48);
    bench.free(r, 4);
    bench.free(p, 4);
    bench.events.clear();
    bench.free(q, 4);
    EXPECT_EQ(bench.count(ev::buddy_merge), 1);
    const Event* stay = bench.find(ev::buddy_stay);
    ASSERT_NE(stay, nullptr);
    EXPECT_EQ(stay->arg[1], r);
    EXPECT_EQ(stay->arg[3], static_cast<i64>(buddy_stay::other_order));
    EXPECT_EQ(stay->arg[4], 4);
    bench.expect_sound();
}

TEST(Buddy, MergeStopsAtTheZoneBoundary) {
    machine_profile profile = profile_of(64, kernel_version::v6_1, architecture::i386);
    profile.highmem_start_pfn = 0x3000 - 0x10; // inside a block of the highest order
    Bench bench(profile);
    for (const zone& z : bench.mem().zones)
        for (u32 order = 0; order < 11; ++order)
            for (const page_list& list : z.area[order].free_list)
                for (pfn_t pfn = list.nr ? list.first : PFN_NONE; pfn != PFN_NONE; pfn = bench.mem().page_at(pfn).next)
                    EXPECT_TRUE(z.spans(pfn) && z.spans(pfn + (1u << order) - 1)) << z.name() << " " << pfn;
    bench.expect_sound();
}

TEST(Misuse, FreeingABlockTwiceIsFoundWhenThePageIsUsedAgain) {
    Bench bench(profile_of(64));
    const pfn_t pfn = bench.alloc(4);
    bench.free(pfn, 4);
    bench.events.clear();
    bench.free(pfn, 4);
    const Event* keeps = bench.find(ev::free_keeps_reference);
    ASSERT_NE(keeps, nullptr);
    EXPECT_EQ(keeps->arg[1], -1);
    // The other 15 pages, as blocks of order 3 to 0 inside a free block: no check sees them.
    EXPECT_EQ(bench.count(ev::bad_page), 0);
    EXPECT_EQ(bench.count(ev::misuse_unseen), 4);
    bench.expect_sound();
    bench.events.clear();
    // The frame is inside a free block with a count of -1: whoever takes that block first finds it.
    for (int i = 0; i < 20000 && bench.count(ev::bad_page) == 0; ++i)
        if (bench.alloc(4, GFP_NOWAIT) == PFN_NONE) break;
    EXPECT_GE(bench.count(ev::bad_page), 1);
    bench.expect_sound();
}

TEST(Misuse, FreeingWithALargerOrderReportsTheNeighbour) {
    Bench bench(profile_of(64));
    const pfn_t a = bench.alloc(4);
    const pfn_t b = bench.alloc(4);
    ASSERT_EQ(b, a + 16);
    bench.events.clear();
    bench.free(a, 5);
    const Event* bad = bench.find(ev::bad_page);
    ASSERT_NE(bad, nullptr);
    EXPECT_EQ(bad->arg[1], static_cast<i64>(bad_page_reason::nonzero_refcount));
    EXPECT_EQ(bench.mem().page_at(a).state(), page_state::leaked);
    EXPECT_EQ(bench.mem().page_at(b).state(), page_state::allocated);
    bench.expect_sound();
}

TEST(Misuse, FreeingWithASmallerOrderLosesTheRest) {
    Bench bench(profile_of(64));
    const pfn_t pfn = bench.alloc(4);
    bench.free(pfn, 2);
    EXPECT_EQ(find_block(bench.mem(), pfn + 15).state, page_state::leaked);
    bench.expect_sound();
}

// free_unref_page: before 6.3 the first page of a block for a per-CPU list is not checked. Order 4 goes to the buddy
// lists, where every page is. A hole has no struct page to check.
TEST(Misuse, FreeingReservedMemoryIsSeenWhereTheKernelLooks) {
    for (kernel_version kernel : all_kernels) {
        Bench bench(profile_of(64, kernel));
        const bool seen = kernel == kernel_version::v6_12;
        bench.free(0x40200, 0);
        EXPECT_EQ(bench.count(ev::bad_page), seen ? 1 : 0);
        EXPECT_EQ(bench.count(ev::misuse_unseen), seen ? 0 : 1);
        bench.events.clear();
        bench.free(0x40300, 4);
        EXPECT_EQ(bench.count(ev::bad_page), 1);
        EXPECT_EQ(bench.count(ev::misuse_unseen), 0);
        bench.expect_sound();
    }
}

machine_profile checking(kernel_version kernel, bool check_pages) {
    machine_profile profile = profile_of(64, kernel);
    profile.check_pages = check_pages;
    return profile;
}

// A page on a per-CPU list with a count of -1. check_new_pcp and check_new_pages look at it when it is taken, with
// check_pages alone; without, the next owner gets it with a count of 1.
TEST(Misuse, APageFreedTwiceIsSeenWhenTheListGivesItOutOnlyWithCheckPages) {
    for (kernel_version kernel : all_kernels)
        for (bool check_pages : {false, true}) {
            Bench bench(checking(kernel, check_pages));
            const pfn_t pfn = bench.alloc(0);
            bench.free(pfn, 0);
            bench.free(pfn, 0);
            EXPECT_EQ(bench.count(ev::bad_page), 0);
            const pfn_t next = bench.alloc(0);
            EXPECT_EQ(next == pfn, !check_pages);
            EXPECT_EQ(bench.count(ev::bad_page), check_pages ? 1 : 0);
            bench.expect_sound();
        }
}

// bulkfree_pcp_prepare, until 6.3: the first page of a block is checked when the list gives it back.
TEST(Misuse, APageFreedTwiceIsSeenWhenTheListIsDrainedUntil6_3) {
    for (kernel_version kernel : all_kernels) {
        Bench bench(checking(kernel, false));
        const pfn_t pfn = bench.alloc(0);
        bench.free(pfn, 0);
        bench.free(pfn, 0);
        physical_context cx = bench.cx();
        drain_pages_zone(cx, bench.mem().zones[0], 0);
        const bool seen = kernel != kernel_version::v6_12;
        EXPECT_EQ(bench.count(ev::bad_page), seen ? 1 : 0);
        EXPECT_EQ(bench.mem().page_at(pfn).state() == page_state::leaked, seen);
        bench.expect_sound();
    }
}

// check_pcp_refill, until 6.3: a block freed twice lies in the buddy lists with a count of -1, and a refill meets it.
TEST(Misuse, ABlockFreedTwiceIsSeenByARefillUntil6_3) {
    for (kernel_version kernel : all_kernels) {
        Bench bench(checking(kernel, false));
        const pfn_t pfn = bench.alloc(4);
        bench.free(pfn, 4);
        bench.free(pfn, 4);
        bench.events.clear();
        while (bench.alloc(0, GFP_NOWAIT) != PFN_NONE) {}
        EXPECT_EQ(bench.count(ev::bad_page), kernel == kernel_version::v6_12 ? 0 : 1);
        bench.expect_sound();
    }
}

// With a larger order than allocated, over the neighbour in use: free_pages_prepare checks all pages behind the first,
// in 6.12 only with check_pages.
TEST(Misuse, FreeingTheNeighbourIsSeenUnless6_12DoesNotCheck) {
    for (kernel_version kernel : all_kernels)
        for (bool check_pages : {false, true}) {
            Bench bench(checking(kernel, check_pages));
            const pfn_t a = bench.alloc(4);
            ASSERT_EQ(bench.alloc(4), a + 16);
            bench.events.clear();
            bench.free(a, 5);
            const bool seen = kernel != kernel_version::v6_12 || check_pages;
            EXPECT_EQ(bench.count(ev::bad_page), seen ? 1 : 0);
            EXPECT_EQ(bench.count(ev::misuse_unseen), seen ? 0 : 1);
            EXPECT_EQ(bench.mem().page_at(a + 16).state(), page_state::allocated);
            bench.expect_sound();
        }
}

// mem_debugging_and_hardening_init: Debian's 6.12 is built with CONFIG_INIT_ON_ALLOC_DEFAULT_ON.
TEST(Misuse, PagesAreCheckedByDefaultSince6_12) {
    for (kernel_version kernel : all_kernels)
        EXPECT_EQ(Bench(profile_of(64, kernel)).mem().rules.check_pages, kernel == kernel_version::v6_12);
}

TEST(Misuse, FreeingReservedMemoryOrAHoleIsTold) {
    Bench bench(profile_of(64));
    const pfn_t reserved = static_cast<pfn_t>(((1ull << 30) + (2ull << 20)) >> 12);
    ASSERT_EQ(bench.mem().page_at(reserved).state(), page_state::reserved);
    bench.free(reserved, 0);
    bench.free(3, 0);
    EXPECT_EQ(bench.count(ev::misuse_unseen), 2);
    bench.expect_sound();
}

TEST(Misuse, RandomFreesOfAnyFrameNeverBreakTheState) {
    for (kernel_version kernel : all_kernels) {
        Bench bench(profile_of(32, kernel));
        Rng rng(static_cast<u64>(kernel) + 5);
        for (int i = 0; i < 4000; ++i) {
            if (rng.below(3)) bench.alloc(rng.below(6), GFP_NOWAIT);
            const pfn_t any = bench.mem().base_pfn + rng.below(bench.mem().end_pfn - bench.mem().base_pfn);
            if (rng.below(2)) bench.free(any, rng.below(6));
            bench.events.clear();
        }
        bench.expect_sound();
    }
}

TEST(PageAlloc, AnyMixOfRequestsKeepsEveryInvariant) {
    for (kernel_version kernel : all_kernels) {
        for (u8 nodes : {1, 2}) {
            Bench bench(profile_of(128, kernel, architecture::arm64, nodes, 4));
            Rng rng(42);
            struct Held {
                pfn_t pfn;
                u32 order;
            };
            std::vector<Held> held;
            constexpr gfp_t masks[] = {GFP_KERNEL,
                                       GFP_NOWAIT,
                                       GFP_HIGHUSER_MOVABLE,
                                       GFP_KERNEL | GFP_BIT_RECLAIMABLE,
                                       GFP_NOWAIT | GFP_BIT_HIGH | GFP_BIT_ATOMIC,
                                       GFP_KERNEL | GFP_BIT_COMP};
            for (int i = 0; i < 30000; ++i) {
                physical_context cx = bench.cx(rng.below(4));
                if (rng.below(100) < 52 || held.empty()) {
                    const u32 order = rng.below(4) ? rng.below(4) : rng.below(11);
                    const pfn_t pfn = alloc_pages(cx, {order, masks[rng.below(6)], -1});
                    if (pfn != PFN_NONE) held.push_back({pfn, order});
                } else {
                    const u32 which = rng.below(static_cast<u32>(held.size()));
                    free_pages(cx, held[which].pfn, held[which].order);
                    held[which] = held.back();
                    held.pop_back();
                }
                bench.events.clear();
                if (i % 3000 == 0) bench.expect_sound();
            }
            for (const Held& block : held) bench.free(block.pfn, block.order);
            for (u32 cpu = 0; cpu < 4; ++cpu) {
                physical_context cx = bench.cx();
                for (zone& z : bench.mem().zones) drain_pages_zone(cx, z, cpu);
            }
            bench.expect_sound();
            for (u8 number : bench.mem().populated) {
                const zone& z = bench.mem().zones[number];
                EXPECT_EQ(free_pages_of(z), z.managed_pages) << "nothing is lost";
            }
        }
    }
}

} // namespace
} // namespace mm
