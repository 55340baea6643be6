// init_on_alloc, init_on_free and __GFP_ZERO for pages: lib/test_meminit.c takes page orders 0 to 9.
#include "physical/init_memory.h"

#include "physical/alloc_bulk.h"
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

machine_profile clearing(kernel_version kernel, bool on_alloc, bool on_free, u16 cpus = 1) {
    machine_profile profile = profile_of(64, kernel, architecture::arm64, 1, cpus);
    profile.init_on_alloc = on_alloc;
    profile.init_on_free = on_free;
    return profile;
}

// What one allocation says: why it is cleared, and how many bytes.
std::pair<init_reason, i64> cleared_at_alloc(Bench& bench, u32 order, gfp_t gfp) {
    bench.events.clear();
    EXPECT_NE(bench.alloc(order, gfp), PFN_NONE);
    const Event* event = bench.find(ev::page_prep);
    return {static_cast<init_reason>(event->arg[2]), event->arg[4]};
}
using Cleared = std::pair<init_reason, i64>;

TEST(InitMemory, EveryOrderIsClearedWhollyWhenItIsHandedOut) {
    for (const kernel_version kernel : all_kernels) {
        Bench bench(clearing(kernel, true, false));
        for (u32 order = 0; order < 10; ++order) {
            EXPECT_EQ(cleared_at_alloc(bench, order, GFP_KERNEL), Cleared(init_reason::by_default, 4096 << order));
            EXPECT_EQ(cleared_at_alloc(bench, order, GFP_KERNEL | GFP_BIT_ZERO),
                      Cleared(init_reason::asked, 4096 << order));
        }
        EXPECT_EQ(bench.count(page_event::pages_cleared), 0);
    }
}

TEST(InitMemory, EveryOrderIsClearedWhollyWhenItComesBack) {
    for (const kernel_version kernel : all_kernels) {
        Bench bench(clearing(kernel, false, true));
        for (u32 order = 0; order < 10; ++order) {
            bench.events.clear();
            const pfn_t pfn = bench.alloc(order, GFP_KERNEL | GFP_BIT_ZERO);
            EXPECT_EQ(bench.find(ev::page_prep)->arg[4], 0) << "it is clear already";
            bench.free(pfn, order);
            ASSERT_EQ(bench.count(page_event::pages_cleared), 1);
            const Event* event = bench.find(page_event::pages_cleared);
            EXPECT_EQ(event->arg[0], i64{pfn});
            EXPECT_EQ(event->arg[2], i64{4096} << order);
            EXPECT_EQ(function_name(event->path[event->depth - 1]),
                      kernel == kernel_version::v5_10 ? "kernel_init_free_pages" : "kernel_init_pages");
        }
        bench.expect_sound();
    }
}

// want_init_on_free() goes first, and without both only who asks gets zeros.
TEST(InitMemory, WhichOfTheTwoSeesToIt) {
    for (const kernel_version kernel : all_kernels) {
        Bench both(clearing(kernel, true, true)), neither(clearing(kernel, false, false));
        EXPECT_EQ(cleared_at_alloc(both, 0, GFP_KERNEL), Cleared(init_reason::at_free, 0));
        EXPECT_EQ(cleared_at_alloc(neither, 0, GFP_KERNEL), Cleared(init_reason::off, 0));
        EXPECT_EQ(cleared_at_alloc(neither, 3, GFP_KERNEL | GFP_BIT_ZERO), Cleared(init_reason::asked, 32768));
    }
}

TEST(InitMemory, PagesInBulkAreClearedEach) {
    Bench bench(clearing(kernel_version::v6_1, true, false));
    std::vector<pfn_t> pages(10, PFN_NONE);
    physical_context context = bench.cx();
    ASSERT_EQ(alloc_pages_bulk_array(context, {0, GFP_KERNEL, -1}, pages), 10u);
    i64 bytes = 0;
    for (const Event& event : bench.events)
        if (event.kind == static_cast<u16>(ev::page_prep)) bytes += event.arg[4];
    EXPECT_EQ(bytes, 10 * 4096);
}

// What is reported as bad does not become free, and is not cleared.
TEST(InitMemory, ABadPageIsNotCleared) {
    Bench bench(clearing(kernel_version::v6_12, false, true));
    const pfn_t pfn = bench.alloc(4);
    ++bench.mem().page_mut(pfn + 3).refcount;
    note_stale_refcount(bench.mem());
    bench.events.clear();
    bench.free(pfn, 4);
    EXPECT_EQ(bench.count(ev::bad_page), 1);
    EXPECT_EQ(bench.count(page_event::pages_cleared), 0);
}

// 6.12's mem_debugging_and_hardening_init: either of them turns the checks of struct pages on.
TEST(InitMemory, ChecksOfStructPagesFollow) {
    for (const kernel_version kernel : all_kernels) {
        const bool new_kernel = kernel == kernel_version::v6_12;
        EXPECT_EQ(Bench(clearing(kernel, true, false)).mem().rules.check_pages, new_kernel);
        EXPECT_EQ(Bench(clearing(kernel, false, true)).mem().rules.check_pages, new_kernel);
        EXPECT_FALSE(Bench(clearing(kernel, false, false)).mem().rules.check_pages);
    }
}

// With init_on_free no free takes the plain way, watched or not.
TEST(InitMemory, WatchedAndUnwatchedCountTheSame) {
    for (const kernel_version kernel : all_kernels) {
        Bench watched(clearing(kernel, false, true)), unwatched(clearing(kernel, false, true));
        unwatched.sink = EventSink{};
        for (Bench* bench : {&watched, &unwatched})
            for (int turn = 0; turn < 100; ++turn) bench->free(bench->alloc(turn % 5), turn % 5);
        EXPECT_EQ(watched.events.size(), unwatched.sink.count());
        EXPECT_EQ(canonical_hash(watched.machine), canonical_hash(unwatched.machine));
    }
}

} // namespace
} // namespace mm
