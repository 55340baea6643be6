// alloc_contig_range and free_contig_range where nothing has to move.
//
// Source: the rules of mm/page_isolation.c and mm/page_alloc.c (5.10, 6.1, 6.12), and drawn cases.
#include "physical/alloc_contig.h"

#include <algorithm>

#include "machine/kernel_log.h"
#include "physical/events.h"
#include "physical/functions.h"
#include "physical/machines.h"
#include "physical/page_events.h"
#include "physical/page_isolation.h"
#include "physical/pcp.h"

namespace mm {
namespace {

using test::Bench;
using test::profile_of;
using ev = physical_event;

constexpr kernel_version all_kernels[] = {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12};
constexpr u32 BLOCK = 512; // pages of a pageblock, 4 KiB each

struct Contig : Bench {
    using Bench::Bench;
    contig_result take(pfn_t start, u32 nr_pages, migratetype type = MIGRATE_MOVABLE, gfp_t gfp = GFP_KERNEL) {
        physical_context context = cx();
        return alloc_contig_range(context, start, start + nr_pages, type, gfp);
    }
    void give_back(pfn_t start, u32 nr_pages) {
        physical_context context = cx();
        free_contig_range(context, start, nr_pages);
    }
    u64 free_pages() {
        u64 pages = 0;
        for (const zone& z : mem().zones) {
            for (u32 order = 0; order < MAX_ORDERS; ++order) pages += u64{z.area[order].nr_free} << order;
            for (const per_cpu_pages& pcp : z.pcp) pages += static_cast<u64>(pcp.count);
        }
        return pages;
    }
    bool is_isolated_anywhere() {
        for (const u8 type : mem().pageblock_type)
            if (type == MIGRATE_ISOLATE) return true;
        for (const zone& z : mem().zones)
            for (const free_area& area : z.area)
                if (!area.free_list[MIGRATE_ISOLATE].empty()) return true;
        return false;
    }
    isolate_refusal refusal() const { return static_cast<isolate_refusal>(find(page_event::isolate_refused)->arg[2]); }
};

// Frame of the machine's free memory: behind the kernel's image, at the begin of a block of order 10.
constexpr pfn_t FREE = 0x42800;

// order 10   [ . . . |start  end| . . . . ]   the rest comes back, as blocks of the orders that fit
TEST(AllocContig, TakesTheFramesAndNoOthers) {
    for (const kernel_version kernel : all_kernels) {
        SCOPED_TRACE(kernel_version_name(kernel));
        Contig bench(profile_of(64, kernel));
        const u64 before = bench.free_pages();
        ASSERT_EQ(bench.take(FREE + 100, 60), contig_result::taken);
        EXPECT_EQ(bench.free_pages(), before - 60);
        for (pfn_t pfn = FREE + 100; pfn < FREE + 160; ++pfn) {
            EXPECT_EQ(bench.mem().page_at(pfn).state(), page_state::allocated);
            EXPECT_EQ(bench.mem().page_at(pfn).order(), 0);
            EXPECT_EQ(bench.mem().page_at(pfn).refcount, 1);
        }
        EXPECT_EQ(find_block(bench.mem(), FREE + 99).state, page_state::buddy);
        EXPECT_EQ(find_block(bench.mem(), FREE + 160).state, page_state::buddy);
        EXPECT_FALSE(bench.is_isolated_anywhere());
        bench.expect_sound();
        bench.give_back(FREE + 100, 60);
        EXPECT_EQ(bench.count(page_event::contig_still_in_use), 0);
        EXPECT_EQ(bench.free_pages(), before);
        bench.expect_sound();
    }
}

// [  pageblock  ][  pageblock  ]   one free block of order 10; the range lies in the second
TEST(AllocContig, AFreeBlockIsCutAtTheBorderAndWholeAgainAfterwards) {
    for (const kernel_version kernel : all_kernels) {
        SCOPED_TRACE(kernel_version_name(kernel));
        Contig bench(profile_of(64, kernel));
        ASSERT_EQ(find_block(bench.mem(), FREE).order, 10);
        const zone& z = bench.mem().zones[bench.mem().page_zone(FREE)];
        const u32 largest = z.area[10].nr_free;
        ASSERT_EQ(bench.take(FREE + BLOCK, BLOCK), contig_result::taken);
        // Before 5.19 the whole block of order 10 is isolated, so nothing is cut.
        EXPECT_EQ(bench.count(page_event::free_block_cut), kernel == kernel_version::v5_10 ? 0 : 1);
        EXPECT_EQ(bench.count(page_event::pageblock_isolate), kernel == kernel_version::v5_10 ? 2 : 1);
        EXPECT_EQ(z.area[10].nr_free, largest - 1);
        bench.expect_sound();
        bench.give_back(FREE + BLOCK, BLOCK);
        physical_context context = bench.cx();
        for (zone& each : bench.mem().zones) drain_pages_zone(context, each, 0);
        EXPECT_EQ(z.area[10].nr_free, largest);
        bench.expect_sound();
    }
}

TEST(AllocContig, ARangeOverSeveralPageblocks) {
    for (const kernel_version kernel : all_kernels) {
        Contig bench(profile_of(64, kernel));
        const u64 before = bench.free_pages();
        ASSERT_EQ(bench.take(FREE + 300, 5 * BLOCK), contig_result::taken);
        EXPECT_EQ(bench.count(page_event::contig_still_in_use), 0);
        EXPECT_EQ(bench.free_pages(), before - 5 * BLOCK);
        EXPECT_FALSE(bench.is_isolated_anywhere());
        bench.expect_sound();
    }
}

// What waits on a CPU's list is free: the lists are drained, to the isolated pageblock.
TEST(AllocContig, PagesOnAPerCpuListAreDrainedFirst) {
    for (const kernel_version kernel : all_kernels) {
        Contig bench(profile_of(64, kernel));
        const pfn_t pfn = bench.alloc(0);
        bench.free(pfn, 0);
        ASSERT_EQ(bench.mem().page_at(pfn).state(), page_state::pcp);
        ASSERT_EQ(bench.take(pfn, 1), contig_result::taken);
        EXPECT_EQ(bench.mem().page_at(pfn).state(), page_state::allocated);
        EXPECT_GT(bench.count(ev::mm_page_pcpu_drain), 0);
        bench.expect_sound();
    }
}

// A page that somebody holds is on no LRU list here: has_unmovable_pages() finds it, wherever it lies in the pageblock.
TEST(AllocContig, APageInUseMakesItsPageblockUnmovable) {
    for (const kernel_version kernel : all_kernels) {
        SCOPED_TRACE(kernel_version_name(kernel));
        Contig bench(profile_of(64, kernel));
        const pfn_t held = bench.alloc(0);
        physical_context context = bench.cx();
        for (zone& z : bench.mem().zones) drain_pages_zone(context, z, 0);
        const u64 before = bench.free_pages();
        const u64 hash = canonical_hash(bench.machine);
        bench.events.clear();
        --bench.machine.step;
        EXPECT_EQ(bench.take((held & ~(BLOCK - 1)) + 256, 8), contig_result::busy);
        EXPECT_EQ(bench.refusal(), isolate_refusal::in_use);
        EXPECT_EQ(bench.find(page_event::isolate_refused)->arg[1], i64{held});
        EXPECT_EQ(bench.free_pages(), before);
        EXPECT_FALSE(bench.is_isolated_anywhere());
        EXPECT_EQ(canonical_hash(bench.machine), hash) << "nothing was touched";
        bench.expect_sound();
    }
}

// The last pageblock of the range stops it: those before come back.
TEST(AllocContig, WhatWasIsolatedBeforeTheRefusalComesBack) {
    for (const kernel_version kernel : all_kernels) {
        SCOPED_TRACE(kernel_version_name(kernel));
        Contig bench(profile_of(64, kernel));
        ASSERT_EQ(bench.take(FREE + 3 * BLOCK, 1), contig_result::taken);
        const u64 before = bench.free_pages();
        bench.events.clear();
        EXPECT_EQ(bench.take(FREE, 4 * BLOCK), contig_result::busy);
        EXPECT_EQ(bench.count(page_event::pageblock_isolate), bench.count(page_event::pageblock_unisolate));
        EXPECT_EQ(bench.free_pages(), before);
        EXPECT_FALSE(bench.is_isolated_anywhere());
        bench.expect_sound();
    }
}

// The tails of a block that is no compound page count nothing, so only its head makes a pageblock unmovable. The second
// pageblock of an order-10 block is isolated, and then its pages are found in use.
TEST(AllocContig, TailsAreFoundInUseAfterIsolation) {
    for (const kernel_version kernel : {kernel_version::v6_1, kernel_version::v6_12}) {
        SCOPED_TRACE(kernel_version_name(kernel));
        Contig bench(profile_of(64, kernel));
        const pfn_t block = bench.alloc(10, GFP_KERNEL);
        ASSERT_NE(block, PFN_NONE);
        const u64 before = bench.free_pages();
        bench.events.clear();
        EXPECT_EQ(bench.take(block + BLOCK, 16), contig_result::busy);
        ASSERT_EQ(bench.count(page_event::test_pages_isolated), 1);
        EXPECT_EQ(bench.find(page_event::test_pages_isolated)->arg[2], i64{block + BLOCK});
        EXPECT_EQ(bench.find(page_event::test_pages_isolated)->arg[3], 1);
        EXPECT_EQ(bench.free_pages(), before);
        EXPECT_FALSE(bench.is_isolated_anywhere());
        bench.expect_sound();
    }
}

TEST(AllocContig, ACompoundPageInUseIsSeenByItsTails) {
    for (const kernel_version kernel : all_kernels) {
        Contig bench(profile_of(64, kernel));
        const pfn_t block = bench.alloc(10, GFP_KERNEL | GFP_BIT_COMP);
        EXPECT_EQ(bench.take(block + BLOCK, 16), contig_result::busy);
        EXPECT_EQ(bench.refusal(), isolate_refusal::in_use);
        bench.expect_sound();
    }
}

TEST(AllocContig, ReservedPagesNeverMove) {
    for (const kernel_version kernel : all_kernels) {
        Contig bench(profile_of(64, kernel));
        EXPECT_EQ(bench.take(0x40300, 16), contig_result::busy); // of the kernel's image
        EXPECT_EQ(bench.refusal(), isolate_refusal::reserved);
        bench.expect_sound();
    }
}

// Whatever a pageblock was, it is afterwards what the caller said.
TEST(AllocContig, ThePageblockGetsTheTypeOfTheRequest) {
    for (const kernel_version kernel : all_kernels) {
        Contig bench(profile_of(64, kernel));
        const pfn_t pfn = bench.alloc(0, GFP_KERNEL);
        bench.free(pfn, 0);
        ASSERT_EQ(bench.mem().block_type(pfn), MIGRATE_UNMOVABLE);
        ASSERT_EQ(bench.take(pfn, 1), contig_result::taken);
        EXPECT_EQ(bench.mem().block_type(pfn), MIGRATE_MOVABLE);
        bench.expect_sound();
    }
}

machine_profile with_cma(kernel_version kernel) {
    machine_profile profile;
    profile.kernel = kernel;
    declare_memory(profile, 64ull << 20);
    profile.reserved.push_back({0x43000000, 8ull << 20, 0});
    std::sort(profile.reserved.begin(), profile.reserved.end(),
              [](const memory_region& a, const memory_region& b) { return a.start < b.start; });
    profile.cma = {{0x43000000, 8ull << 20, 0}};
    return profile;
}

// Only CMA's own requests take its pageblocks, and they stay CMA's; NR_FREE_CMA_PAGES follows.
TEST(AllocContig, CmaTakesFromItsOwnArea) {
    for (const kernel_version kernel : all_kernels) {
        SCOPED_TRACE(kernel_version_name(kernel));
        Contig bench(with_cma(kernel));
        const pfn_t area = 0x43000;
        ASSERT_EQ(bench.mem().block_type(area), MIGRATE_CMA);
        EXPECT_EQ(bench.take(area, 32), contig_result::busy);
        EXPECT_EQ(bench.refusal(), isolate_refusal::cma);
        ASSERT_EQ(bench.take(area + 7, 32, MIGRATE_CMA), contig_result::taken);
        EXPECT_EQ(bench.mem().block_type(area), MIGRATE_CMA);
        bench.expect_sound();
        bench.give_back(area + 7, 32);
        bench.expect_sound();
    }
}

TEST(AllocContig, FreeingWhatSomebodyHoldsWarns) {
    Contig bench(profile_of(64));
    ASSERT_EQ(bench.take(FREE, 4), contig_result::taken);
    ++bench.mem().page_mut(FREE + 2).refcount;
    bench.give_back(FREE, 4);
    ASSERT_EQ(bench.count(page_event::contig_still_in_use), 1);
    EXPECT_EQ(bench.find(page_event::contig_still_in_use)->arg[2], 1);
    EXPECT_TRUE(bench.mem().log.warned);
    EXPECT_NE(kernel_log_text(bench.machine, *bench.find(page_event::contig_still_in_use))
                  .find("\n1 pages are still in use!\n"),
              std::string::npos)
        << "as the kernel words it, whatever the number";
    EXPECT_EQ(bench.mem().page_at(FREE + 2).state(), page_state::allocated) << "one reference is left";
    bench.expect_sound();
}

TEST(AllocContig, RangesThatLeaveTheMemoryOrTheZoneAreRefused) {
    Contig bench(profile_of(64));
    EXPECT_EQ(bench.take(0x10, 4), contig_result::no_memory);
    EXPECT_EQ(bench.take(0x43ff0, 64), contig_result::no_memory);
    Contig two(profile_of(64, kernel_version::v6_1, architecture::arm64, 2, 2));
    const pfn_t border = two.mem().nodes[1].node_start_pfn;
    EXPECT_EQ(two.take(border - 4, 8), contig_result::other_zone);
}

// Debian's kernels for i386 are built without CONFIG_CMA.
TEST(AllocContig, NothingBecomesCmaWhereThereIsNone) {
    Contig bench(profile_of(64, kernel_version::v6_1, architecture::i386));
    Op op;
    op.kind = *find_op("alloc_contig_range");
    op.arg = {0x3000, 4, 1, GFP_KERNEL};
    EXPECT_EQ(apply(bench.machine, op, bench.sink), OpOutcome::refused);
    ASSERT_EQ(bench.count(page_event::contig_refused), 1);
    op.arg[2] = 0;
    EXPECT_EQ(apply(bench.machine, op, bench.sink), OpOutcome::done);
    bench.expect_sound();
}

// Since 6.14, and in Debian's 6.12: __alloc_contig_verify_gfp_mask.
TEST(AllocContig, FlagsThatItCannotFollowAreAnErrorOfNewerKernels) {
    for (const kernel_version kernel : all_kernels) {
        Contig bench(profile_of(64, kernel));
        EXPECT_EQ(bench.take(FREE, 4, MIGRATE_MOVABLE, GFP_KERNEL | GFP_BIT_NOFAIL),
                  kernel == kernel_version::v6_12 ? contig_result::gfp : contig_result::taken);
    }
}

// 16 KiB pages: a pageblock is the largest block, so nothing is ever cut.
TEST(AllocContig, WherePageblocksAreTheLargestBlocks) {
    machine_profile profile;
    profile.page_size = 16384;
    declare_memory(profile, 512ull << 20);
    Contig bench(profile);
    const pfn_t start = bench.mem().base_pfn + 3 * bench.mem().pageblock_nr_pages() + 5;
    const u64 before = bench.free_pages();
    ASSERT_EQ(bench.take(start, 10), contig_result::taken);
    EXPECT_EQ(bench.count(page_event::free_block_cut), 0);
    EXPECT_EQ(bench.free_pages(), before - 10);
    bench.expect_sound();
}

} // namespace
} // namespace mm
