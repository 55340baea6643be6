// alloc_pages_bulk_array: which places it fills, from where, and when it asks for one page instead.
//
// Source: the rules of __alloc_pages_bulk (mm/page_alloc.c, 6.1) and alloc_pages_bulk_noprof (6.12).
#include "physical/alloc_bulk.h"

#include <algorithm>
#include <set>

#include "physical/events.h"
#include "physical/functions.h"
#include "physical/machines.h"
#include "physical/page_events.h"
#include "physical/watermark.h"

namespace mm {
namespace {

using test::Bench;
using test::profile_of;
using ev = physical_event;

constexpr kernel_version kernels_with_bulk[] = {kernel_version::v6_1, kernel_version::v6_12};

// Of the type that all memory has at first, so that no fallback raises the watermarks.
constexpr gfp_t MOVABLE = GFP_NOWAIT | GFP_BIT_MOVABLE;

struct Bulk : Bench {
    using Bench::Bench;
    u32 fill(std::span<pfn_t> pages, gfp_t gfp = GFP_KERNEL, int node = -1) {
        physical_context context = cx();
        return alloc_pages_bulk_array(context, {0, gfp, node}, pages);
    }
    bulk_single reason() const { return static_cast<bulk_single>(find(page_event::bulk_one_page)->arg[1]); }
};

TEST(AllocBulk, AllPlacesGetPagesOfTheirOwnUnderOneLook) {
    for (const kernel_version kernel : kernels_with_bulk) {
        Bulk bench(profile_of(64, kernel));
        std::vector<pfn_t> pages(40, PFN_NONE);
        EXPECT_EQ(bench.fill(pages), 40u);
        EXPECT_EQ(std::set<pfn_t>(pages.begin(), pages.end()).size(), 40u);
        for (const pfn_t pfn : pages) {
            EXPECT_EQ(bench.mem().page_at(pfn).state(), page_state::allocated);
            EXPECT_EQ(bench.mem().page_at(pfn).refcount, 1);
        }
        EXPECT_EQ(bench.count(page_event::bulk_watermark), 1);
        EXPECT_EQ(bench.count(ev::mm_page_alloc), 0) << "the loop has no such tracepoint";
        EXPECT_EQ(bench.count(ev::page_prep), 40);
        bench.expect_sound();
    }
}

// array   [ a ][   ][ b ][   ][   ]
TEST(AllocBulk, PlacesThatHoldAPageStayAsTheyAre) {
    Bulk bench(profile_of(64));
    const pfn_t a = bench.alloc(0), b = bench.alloc(0);
    std::vector<pfn_t> pages = {a, PFN_NONE, b, PFN_NONE, PFN_NONE};
    EXPECT_EQ(bench.fill(pages), 5u);
    EXPECT_EQ(pages[0], a);
    EXPECT_EQ(pages[2], b);
    EXPECT_EQ(bench.find(page_event::bulk_taken)->arg[1], 3);
    EXPECT_EQ(std::set<pfn_t>(pages.begin(), pages.end()).size(), 5u);
    bench.expect_sound();
}

TEST(AllocBulk, AFullArrayAsksForNothing) {
    Bulk bench(profile_of(64));
    std::vector<pfn_t> pages = {bench.alloc(0), bench.alloc(0)};
    const u64 hash = canonical_hash(bench.machine);
    bench.events.clear();
    EXPECT_EQ(bench.fill(pages), 2u);
    EXPECT_EQ(bench.events.size(), 1u);
    --bench.machine.step;
    EXPECT_EQ(canonical_hash(bench.machine), hash);
}

// nr_pages - nr_populated == 1, counted from the front: a hole before others is no single place.
TEST(AllocBulk, OneMissingAtTheEndIsASingleRequest) {
    Bulk bench(profile_of(64));
    std::vector<pfn_t> pages = {bench.alloc(0), bench.alloc(0), PFN_NONE};
    EXPECT_EQ(bench.fill(pages), 3u);
    EXPECT_EQ(bench.reason(), bulk_single::one_place);
    EXPECT_EQ(bench.find(page_event::bulk_one_page)->arg[0], 2);
    std::swap(pages[0], pages[2]);
    pages[0] = PFN_NONE;
    bench.events.clear();
    EXPECT_EQ(bench.fill(pages), 3u);
    EXPECT_EQ(bench.count(page_event::bulk_one_page), 0);
}

// The mark is low + all places: with less than that one page comes, by the slow path if need be.
TEST(AllocBulk, ShortOfTheWatermarkOnePageComes) {
    for (const kernel_version kernel : kernels_with_bulk) {
        Bulk bench(profile_of(16, kernel));
        const zone& z = bench.mem().zones[0];
        while (z.nr_free_pages > i64{z.wmark_pages(WMARK_LOW)} + 100) ASSERT_NE(bench.alloc(0, MOVABLE), PFN_NONE);
        std::vector<pfn_t> pages(200, PFN_NONE);
        bench.events.clear();
        EXPECT_EQ(bench.fill(pages, MOVABLE), 1u);
        EXPECT_EQ(bench.reason(), bulk_single::watermark);
        EXPECT_EQ(bench.find(page_event::bulk_watermark)->arg[5], 0);
        EXPECT_EQ(bench.count(ev::mm_page_alloc), 1);
        bench.expect_sound();
    }
}

TEST(AllocBulk, AnotherNodeGivesOnePageAlone) {
    Bulk bench(profile_of(64, kernel_version::v6_1, architecture::arm64, 2, 2));
    const zone* z = nullptr;
    for (const zone& candidate : bench.mem().zones)
        if (candidate.node == 0 && candidate.managed_pages > 0) z = &candidate;
    ASSERT_NE(z, nullptr);
    while (z->nr_free_pages > i64{z->wmark_pages(WMARK_LOW)} + 20)
        ASSERT_NE(bench.alloc(0, GFP_NOWAIT | GFP_BIT_THISNODE, 0), PFN_NONE);
    std::vector<pfn_t> pages(64, PFN_NONE);
    bench.events.clear();
    EXPECT_EQ(bench.fill(pages, GFP_NOWAIT, 0), 1u);
    EXPECT_EQ(bench.reason(), bulk_single::other_node);
}

TEST(AllocBulk, TheCallPathNamesTheFunctionOfTheKernel) {
    for (const kernel_version kernel : kernels_with_bulk) {
        Bulk bench(profile_of(64, kernel));
        std::vector<pfn_t> pages(4, PFN_NONE);
        EXPECT_EQ(bench.fill(pages), 4u);
        EXPECT_EQ(function_name(bench.find(page_event::bulk_request)->path[0]),
                  kernel == kernel_version::v6_12 ? "alloc_pages_bulk_noprof" : "__alloc_pages_bulk");
    }
}

Op bulk_op(i64 nr_pages, i64 array, u32 result) {
    Op op;
    op.kind = *find_op("alloc_pages_bulk_array");
    op.result = result;
    op.arg = {nr_pages, GFP_KERNEL, array};
    return op;
}

// Through the op: a place whose page was freed is empty again.
TEST(AllocBulk, TheOpFillsAnEarlierRowWhereItsPagesWereFreed) {
    Bench bench(profile_of(64));
    EXPECT_EQ(apply(bench.machine, bulk_op(6, -1, 0), bench.sink), OpOutcome::done);
    std::vector<u64> before;
    for (u32 i = 0; i < 6; ++i) before.push_back(bench.machine.results[i].value);
    for (const i64 slot : {1, 4}) {
        Op op;
        op.kind = *find_op("__free_pages");
        op.arg = {slot, -1, -1};
        EXPECT_EQ(apply(bench.machine, op, bench.sink), OpOutcome::done);
    }
    bench.events.clear();
    EXPECT_EQ(apply(bench.machine, bulk_op(6, 0, Op::NO_RESULT), bench.sink), OpOutcome::done);
    EXPECT_EQ(bench.find(page_event::bulk_request)->arg[1], 1);
    EXPECT_EQ(bench.find(page_event::bulk_taken)->arg[1], 2);
    for (const u32 i : {0u, 2u, 3u, 5u}) EXPECT_EQ(bench.machine.results[i].value, before[i]);
    for (const u32 i : {1u, 4u}) {
        EXPECT_EQ(bench.machine.results[i].freed, 0);
        EXPECT_EQ(bench.machine.results[i].kind, ResultKind::pages);
    }
    bench.expect_sound();
}

TEST(AllocBulk, LinuxFiveTenHasNoSuchFunction) {
    Bench bench(profile_of(64, kernel_version::v5_10));
    EXPECT_EQ(apply(bench.machine, bulk_op(6, -1, 0), bench.sink), OpOutcome::refused);
    EXPECT_EQ(bench.count(page_event::bulk_missing), 1);
    EXPECT_TRUE(bench.machine.results[0].empty());
}

} // namespace
} // namespace mm
