// get_page, put_page, and what __free_pages does with a block that is held once more.
//
// Source: lib/test_free_pages.c, and the rules of include/linux/mm.h, mm/swap.c and mm/page_alloc.c (5.10, 6.1, 6.12).
#include "physical/references.h"

#include "physical/events.h"
#include "physical/functions.h"
#include "physical/machines.h"
#include "physical/page_check.h"
#include "physical/page_events.h"

namespace mm {
namespace {

using test::Bench;
using test::profile_of;
using ev = physical_event;

constexpr kernel_version all_kernels[] = {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12};

// A machine on which references are taken and dropped, as ops do it.
struct References : Bench {
    using Bench::Bench;
    bool get(pfn_t pfn) {
        physical_context context = cx();
        return get_page(context, pfn);
    }
    bool put(pfn_t pfn) {
        physical_context context = cx();
        return put_page(context, pfn);
    }
    i32 count_of(pfn_t pfn) { return mem().page_at(pfn).refcount; }
    u64 free_pages() {
        u64 pages = 0;
        for (const zone& z : mem().zones) {
            for (u32 order = 0; order < MAX_ORDERS; ++order) pages += u64{z.area[order].nr_free} << order;
            for (const per_cpu_pages& pcp : z.pcp) pages += static_cast<u64>(pcp.count);
        }
        return pages;
    }
    // What was freed since `events` was cleared: (first frame, order), in this order.
    std::vector<std::pair<pfn_t, u32>> freed() const {
        std::vector<std::pair<pfn_t, u32>> blocks;
        for (const Event& event : events)
            if (event.kind == static_cast<u16>(ev::mm_page_free))
                blocks.emplace_back(static_cast<pfn_t>(event.arg[0]), static_cast<u32>(event.arg[1]));
        return blocks;
    }
};
using Blocks = std::vector<std::pair<pfn_t, u32>>;

// before    [ 0 ][ 1 ][   2   ][       4       ]    order 3, two references
// free      [ 0 ]  1:     2:          1:             4 as order 2, 2 as order 1, 1
// put       0
TEST(References, ABlockThatIsNoCompoundPageLosesAllButItsFirstPageAtOnce) {
    for (const kernel_version kernel : all_kernels) {
        SCOPED_TRACE(kernel_version_name(kernel));
        References bench(profile_of(64, kernel));
        const u64 before = bench.free_pages();
        const pfn_t pfn = bench.alloc(3);
        ASSERT_TRUE(bench.get(pfn));
        EXPECT_EQ(bench.count_of(pfn), 2);
        bench.events.clear();
        bench.free(pfn, 3);
        EXPECT_EQ(bench.freed(), (Blocks{{pfn + 4, 2}, {pfn + 2, 1}, {pfn + 1, 0}}));
        EXPECT_EQ(bench.count(page_event::block_left_to_first), 1);
        EXPECT_EQ(bench.free_pages(), before - 1) << "the first page is still held";
        EXPECT_EQ(bench.count_of(pfn), 1);
        EXPECT_EQ(find_block(bench.mem(), pfn).order, 0);
        bench.expect_sound();
        bench.events.clear();
        EXPECT_TRUE(bench.put(pfn));
        EXPECT_EQ(bench.freed(), (Blocks{{pfn, 0}}));
        EXPECT_EQ(bench.free_pages(), before);
        EXPECT_EQ(bench.count(ev::bad_page) + bench.count(ev::misuse_unseen), 0);
        bench.expect_sound();
    }
}

TEST(References, ACompoundPageStaysWholeUntilTheLastReference) {
    for (const kernel_version kernel : all_kernels) {
        SCOPED_TRACE(kernel_version_name(kernel));
        References bench(profile_of(64, kernel));
        const u64 before = bench.free_pages();
        const pfn_t pfn = bench.alloc(3, GFP_KERNEL | GFP_BIT_COMP);
        ASSERT_TRUE(bench.get(pfn));
        bench.events.clear();
        bench.free(pfn, 3);
        EXPECT_EQ(bench.freed(), Blocks{});
        EXPECT_EQ(bench.count(ev::free_keeps_reference), 1);
        EXPECT_EQ(bench.free_pages(), before - 8);
        bench.expect_sound();
        EXPECT_TRUE(bench.put(pfn));
        EXPECT_EQ(bench.freed(), (Blocks{{pfn, 3}}));
        EXPECT_EQ(bench.free_pages(), before);
        bench.expect_sound();
    }
}

// lib/test_free_pages.c asks for it a million times: nothing leaks, so a few turns end as they began.
TEST(References, NothingLeaksOverManyTurns) {
    for (const kernel_version kernel : all_kernels) {
        for (const gfp_t compound : {gfp_t{0}, GFP_BIT_COMP}) {
            References bench(profile_of(64, kernel));
            const u64 before = bench.free_pages();
            for (int turn = 0; turn < 200; ++turn) {
                const pfn_t pfn = bench.alloc(3, GFP_KERNEL | compound);
                ASSERT_NE(pfn, PFN_NONE);
                ASSERT_TRUE(bench.get(pfn));
                bench.free(pfn, 3);
                ASSERT_TRUE(bench.put(pfn));
            }
            EXPECT_EQ(bench.free_pages(), before);
            bench.expect_sound();
        }
    }
}

// A tail of a compound page has no count of its own: compound_head().
TEST(References, TheHeadCountsForItsTails) {
    References bench(profile_of(64));
    const pfn_t pfn = bench.alloc(2, GFP_KERNEL | GFP_BIT_COMP);
    ASSERT_TRUE(bench.get(pfn + 3));
    EXPECT_EQ(bench.count_of(pfn), 2);
    EXPECT_EQ(bench.count_of(pfn + 3), 0);
    EXPECT_EQ(bench.find(page_event::page_get)->arg[3], static_cast<i64>(get_of::tail));
    EXPECT_FALSE(bench.put(pfn + 1));
    bench.events.clear();
    EXPECT_TRUE(bench.put(pfn + 2));
    EXPECT_EQ(bench.freed(), (Blocks{{pfn, 2}})) << "by its head, with its order";
}

// put_page() knows the size of a compound page alone: of another block it frees one page, and nobody can free the rest.
TEST(References, PutPageOfABlockThatIsNoCompoundPageForgetsTheRest) {
    for (const kernel_version kernel : all_kernels) {
        References bench(profile_of(64, kernel));
        const u64 before = bench.free_pages();
        const pfn_t pfn = bench.alloc(3);
        EXPECT_TRUE(bench.put(pfn));
        EXPECT_EQ(bench.freed(), (Blocks{{pfn, 0}}));
        EXPECT_EQ(bench.free_pages(), before - 7);
        EXPECT_EQ(bench.count(ev::misuse_unseen), 3) << "orders 0, 1 and 2";
        bench.expect_sound();
    }
}

// order 3, freed as order 2 while it is held twice:  [ 0 ][ 1 ][   2   ][     lost     ]
TEST(References, ASmallerOrderLosesTheRestAndCutsWhatItNames) {
    References bench(profile_of(64));
    const pfn_t pfn = bench.alloc(3);
    ASSERT_TRUE(bench.get(pfn));
    bench.events.clear();
    bench.free(pfn, 2);
    EXPECT_EQ(bench.freed(), (Blocks{{pfn + 2, 1}, {pfn + 1, 0}}));
    EXPECT_EQ(bench.mem().page_at(pfn + 4).state(), page_state::leaked);
    EXPECT_EQ(bench.mem().page_at(pfn + 4).order(), 2);
    bench.expect_sound();
}

// A larger order names what follows, which is somebody else's; that stays.
TEST(References, ALargerOrderLeavesWhatIsSomebodyElses) {
    References bench(profile_of(64));
    const pfn_t pfn = bench.alloc(3);
    const pfn_t next = bench.alloc(3);
    ASSERT_EQ(next, pfn + 8);
    ASSERT_TRUE(bench.get(pfn));
    bench.events.clear();
    bench.free(pfn, 4);
    EXPECT_EQ(bench.mem().page_at(next).state(), page_state::allocated);
    EXPECT_EQ(bench.count_of(pfn), 1);
    bench.expect_sound();
}

// 5.10 and 6.1 look when a per-CPU list is drained (bulkfree_pcp_prepare), and when a block comes from the buddy lists;
// 6.12 with check_pages when it is taken.
TEST(References, AReferenceToAFreePageIsSeenWhenAKernelLooks) {
    for (const kernel_version kernel : all_kernels) {
        SCOPED_TRACE(kernel_version_name(kernel));
        References bench(profile_of(64, kernel));
        const pfn_t pfn = bench.alloc(0);
        bench.free(pfn, 0);
        ASSERT_EQ(bench.mem().page_at(pfn).state(), page_state::pcp);
        bench.events.clear();
        ASSERT_TRUE(bench.get(pfn));
        EXPECT_EQ(bench.find(page_event::page_get)->arg[3], static_cast<i64>(get_of::free));
        EXPECT_EQ(bench.count_of(pfn), 1);
        const pfn_t next = bench.alloc(0);
        const bool looks = kernel == kernel_version::v6_12;
        EXPECT_EQ(next == pfn, !looks) << "else two hold it with a count of 1";
        EXPECT_EQ(bench.count(ev::bad_page), looks ? 1 : 0);
        bench.expect_sound();
    }
}

// A page inside a free block keeps its count while blocks are split and merged.
TEST(References, ACountInAFreeBlockIsFoundWhenTheBlockIsTaken) {
    for (const kernel_version kernel : all_kernels) {
        References bench(profile_of(64, kernel));
        const pfn_t block = bench.alloc(9);
        bench.free(block, 9);
        ASSERT_TRUE(bench.get(block + 300));
        bench.events.clear();
        bool reported = false;
        for (int turn = 0; turn < 64 && !reported; ++turn) {
            if (bench.alloc(8) == PFN_NONE) break;
            reported = bench.count(ev::bad_page) == 1;
        }
        EXPECT_TRUE(reported);
        EXPECT_EQ(bench.mem().page_at(block + 300).refcount, 1);
        bench.expect_sound();
    }
}

// put_page() of a free page: put_page_testzero() is not zero at -1, so nothing happens.
TEST(References, BelowZeroNothingIsFreed) {
    for (const kernel_version kernel : all_kernels) {
        References bench(profile_of(64, kernel));
        const pfn_t pfn = bench.alloc(0);
        bench.free(pfn, 0);
        bench.events.clear();
        EXPECT_FALSE(bench.put(pfn));
        EXPECT_EQ(bench.count_of(pfn), -1);
        EXPECT_EQ(bench.find(page_event::page_put)->arg[3], static_cast<i64>(put_left::less));
        EXPECT_EQ(bench.freed(), Blocks{});
        bench.expect_sound();
    }
}

TEST(References, TheCountEndsAtItsBitsAndStays) {
    References bench(profile_of(64));
    const pfn_t pfn = bench.alloc(0);
    for (i32 count = 1; count < MAX_REFCOUNT; ++count) ASSERT_TRUE(bench.get(pfn));
    EXPECT_EQ(bench.count_of(pfn), MAX_REFCOUNT);
    EXPECT_FALSE(bench.get(pfn));
    EXPECT_EQ(bench.count_of(pfn), MAX_REFCOUNT);
    EXPECT_EQ(bench.count(page_event::page_get_refused), 1);
    bench.expect_sound();
}

// The function that frees has another name since 5.16 (mm/swap.c).
TEST(References, TheCallPathNamesTheFunctionOfTheKernel) {
    for (const kernel_version kernel : all_kernels) {
        References bench(profile_of(64, kernel));
        const pfn_t pfn = bench.alloc(0);
        bench.events.clear();
        ASSERT_TRUE(bench.put(pfn));
        const Event* freed = bench.find(ev::mm_page_free);
        ASSERT_NE(freed, nullptr);
        ASSERT_GE(freed->depth, 2);
        EXPECT_EQ(function_name(freed->path[0]), "put_page");
        EXPECT_EQ(function_name(freed->path[1]), kernel == kernel_version::v5_10 ? "__put_page" : "__folio_put");
    }
}

// Watched and unwatched, with references in between, a machine goes the same way.
TEST(References, APageThatIsHeldTwiceTakesTheFullWay) {
    References watched(profile_of(64)), unwatched(profile_of(64));
    unwatched.sink = EventSink{};
    for (References* bench : {&watched, &unwatched}) {
        const pfn_t a = bench->alloc(0), b = bench->alloc(2);
        ASSERT_TRUE(bench->get(a));
        ASSERT_TRUE(bench->get(b));
        bench->free(a, 0);
        bench->free(b, 2);
        EXPECT_TRUE(bench->put(a));
        EXPECT_TRUE(bench->put(b));
    }
    EXPECT_EQ(canonical_hash(watched.machine), canonical_hash(unwatched.machine));
    EXPECT_EQ(watched.events.size(), unwatched.sink.count());
}

} // namespace
} // namespace mm
