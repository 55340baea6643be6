// What views read from the events of an op.
#include "views/parts/touched.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "physical/events.h"
#include "physical/machines.h"

namespace shell {
namespace {

using ev = mm::physical_event;
using mm::pfn_t;
using mm::u32;
using mm::test::Bench;
using mm::test::profile_of;

constexpr u32 PAGEBLOCK = 9;

mm::Event event(ev kind, std::array<mm::i64, mm::MAX_EVENT_ARGS> args) {
    mm::Event out;
    out.kind = static_cast<mm::u16>(kind);
    out.arg = args;
    return out;
}

// before  order 10 [                               ]
// after   order 4  [0x10]  and halves of order 4 to 9 on their lists
TEST(Touched, ASplitLeavesTheKeptHalfAndTheOnesSplitOff) {
    Bench bench(profile_of(64));
    const pfn_t pfn = bench.alloc(4);
    const Touched touched = touched_by(bench.events, PAGEBLOCK);
    const TouchedBlock* result = touched.find(pfn, 4);
    ASSERT_NE(result, nullptr);
    EXPECT_EQ(result->role, Role::given);
    int splits = 0;
    for (const ListVisit& visit : touched.lists) splits += visit.kind == ListVisit::Kind::split;
    EXPECT_EQ(splits, bench.count(ev::buddy_split));
    EXPECT_EQ(touched.pair.outcome, BuddyPair::Outcome::split);
    EXPECT_EQ(touched.pair.low ^ touched.pair.high, 1u << touched.pair.order);
}

TEST(Touched, AFreeEndsWithTheBlockOnItsList) {
    Bench bench(profile_of(64));
    const pfn_t pfn = bench.alloc(5);
    bench.events.clear();
    bench.free(pfn, 5);
    const Touched touched = touched_by(bench.events, PAGEBLOCK);
    ASSERT_FALSE(touched.lists.empty());
    const ListVisit& last = touched.lists.back();
    EXPECT_EQ(last.kind, ListVisit::Kind::added);
    EXPECT_EQ(bench.mem().page_at(last.pfn).order(), last.order);
    EXPECT_EQ(bench.mem().page_at(last.pfn).state(), mm::page_state::buddy);
}

TEST(Touched, EachPrefixOfTheEventsIsEnough) {
    Bench bench(profile_of(64));
    static_cast<void>(bench.alloc(0));
    std::size_t blocks = 0;
    for (std::size_t n = 0; n <= bench.events.size(); ++n) {
        const Touched touched = touched_by(std::span(bench.events).first(n), PAGEBLOCK);
        EXPECT_GE(touched.blocks.size(), blocks) << "after event " << n;
        blocks = touched.blocks.size();
        for (const TouchedBlock& block : touched.blocks) EXPECT_LT(block.event, n);
    }
}

TEST(Touched, ABlockKeepsItsLastRole) {
    const mm::Event events[] = {event(ev::buddy_take, {0, 0x40, 3, 1, 7}), event(ev::mm_page_alloc, {0x40, 3, 1, 0})};
    const Touched touched = touched_by(events, PAGEBLOCK);
    ASSERT_EQ(touched.blocks.size(), 1u);
    EXPECT_EQ(touched.blocks[0], (TouchedBlock{0x40, 3, Role::given, 1}));
}

TEST(Touched, TheNumberOfBlocksIsBoundedAndTheLatestStay) {
    std::vector<mm::Event> events;
    for (mm::i64 pfn = 0; pfn < 5000; ++pfn) events.push_back(event(ev::memblock_free, {pfn, 0, 0}));
    const Touched touched = touched_by(events, PAGEBLOCK);
    EXPECT_EQ(touched.blocks.size(), MAX_TOUCHED);
    EXPECT_EQ(touched.blocks.back().pfn, 4999u);
}

TEST(Touched, AWatermarkComparisonKeepsItsNumbers) {
    const mm::Event events[] = {event(ev::zone_watermark_fail, {2, 1, 3, 1020, 7, 992, 64, 992})};
    const Touched touched = touched_by(events, PAGEBLOCK);
    ASSERT_EQ(touched.watermarks.size(), 1u);
    const WatermarkVisit& visit = touched.watermarks[0];
    EXPECT_FALSE(visit.ok);
    EXPECT_EQ(visit.zone, 2);
    EXPECT_EQ(visit.free, 1020);
    EXPECT_EQ(visit.unusable, 7);
    EXPECT_EQ(visit.min + visit.reserve, 1056);
    EXPECT_EQ(touched.zone, 2);
}

TEST(Touched, EveryEventOfARandomRunIsUnderstood) {
    Bench bench(profile_of(32, mm::kernel_version::v6_1, mm::architecture::x86_64));
    mm::Rng rng(5);
    std::vector<std::pair<pfn_t, u32>> held;
    for (int i = 0; i < 3000; ++i) {
        bench.events.clear();
        if (held.size() > 40 || (!held.empty() && rng.below(2) == 0)) {
            const std::size_t at = rng.below(static_cast<u32>(held.size()));
            bench.free(held[at].first, held[at].second);
            held[at] = held.back();
            held.pop_back();
        } else {
            const u32 order = rng.below(8);
            const pfn_t pfn = bench.alloc(order, rng.below(2) == 0 ? mm::GFP_KERNEL : mm::GFP_HIGHUSER_MOVABLE);
            if (pfn != mm::PFN_NONE) held.emplace_back(pfn, order);
        }
        for (const TouchedBlock& block : touched_by(bench.events, PAGEBLOCK).blocks) {
            ASSERT_TRUE(bench.mem().pfn_valid(block.pfn));
            ASSERT_LT(block.order, bench.mem().nr_orders);
        }
    }
}

} // namespace
} // namespace shell
