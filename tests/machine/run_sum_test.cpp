// The sum of a run, and its turns that went another way: cases drawn by hand, and a list that runs empty.
#include "machine/run_sum.h"

#include <gtest/gtest.h>

#include "physical/events.h"
#include "physical/gfp.h"
#include "process/events.h"
#include "process/vma_index_events.h"

namespace mm {
namespace {

using ev = physical_event;

Machine machine_of(u64 bytes) {
    machine_profile profile;
    declare_memory(profile, bytes);
    return std::move(make_machine(std::move(profile)).value());
}

Op alloc_op(i64 order = 0, u32 result = 0) {
    Op op;
    op.kind = *find_op("alloc_pages");
    op.result = result;
    op.arg = {order, GFP_KERNEL, -1};
    return op;
}

Op free_op(i64 result) {
    Op op;
    op.kind = *find_op("__free_pages");
    op.arg = {result, -1, -1};
    return op;
}

Machine small_machine() { return machine_of(64ull << 20); }

// A run as a row of letters: h an allocation that hits, r one that refills first, s one that borrows from another type, n one
// that gets NULL. The numbers of the ops that went another way.
class Drawn {
  public:
    std::vector<u32> ways(std::string_view turns) {
        for (const char turn : turns) op(alloc_op(), turn);
        std::vector<u32> ops;
        for (const OtherWay& way : counter.sum().other_ways) ops.push_back(way.op);
        return ops;
    }
    void op(const Op& op, char course) {
        counter.begin(next_++, op);
        const auto tell = [&](ev kind) {
            Event event;
            event.kind = static_cast<u16>(kind);
            counter.event(machine, event);
        };
        if (course == 'r') tell(ev::pcp_refill);
        if (course == 's') tell(ev::mm_page_alloc_extfrag);
        if (course == 's') tell(ev::buddy_split);
        if (course == 'h' || course == 'r') tell(ev::pcp_hit);
        if (course == 'n') tell(ev::zone_watermark_fail);
        counter.end(course == 'n' ? OpOutcome::returned_null : OpOutcome::done);
    }

    Machine machine = small_machine();
    RunCounter counter;

  private:
    u32 next_ = 0;
};

TEST(RunSum, ATurnThatDiffersFromTheOneBeforeWentAnotherWay) {
    using Ops = std::vector<u32>;
    EXPECT_EQ(Drawn().ways(""), Ops{});
    EXPECT_EQ(Drawn().ways("hhhh"), Ops{});
    EXPECT_EQ(Drawn().ways("hhrhh"), Ops{2}) << "what follows comes back to the usual way";
    EXPECT_EQ(Drawn().ways("rhhh"), Ops{1}) << "nothing stands before the first";
    EXPECT_EQ(Drawn().ways("rhhhrhhhrhhh"), (Ops{1, 4, 8})) << "each refill";
    EXPECT_EQ(Drawn().ways("hhssnn"), (Ops{2, 4})) << "what happens twice in a row is usual";
    EXPECT_EQ(Drawn().ways("hhsshh"), (Ops{2, 4})) << "so coming back from there is another way";
    EXPECT_EQ(Drawn().ways("hsrh"), (Ops{1, 2}));
}

TEST(RunSum, SplitsAndNumbersAreNoOtherWay) {
    Drawn drawn;
    Event split;
    split.kind = static_cast<u16>(ev::buddy_split);
    for (const u32 splits : {3u, 1u, 0u, 2u}) {
        drawn.counter.begin(splits, alloc_op());
        for (u32 i = 0; i < splits; ++i) drawn.counter.event(drawn.machine, split);
        drawn.counter.end(OpOutcome::done);
    }
    EXPECT_EQ(drawn.counter.sum().splits, 6u);
    EXPECT_TRUE(drawn.counter.sum().other_ways.empty());
}

// Take and give back by turns: each is compared with the last that asked for the same.
TEST(RunSum, TheTurnBeforeIsTheLastThatAskedForTheSame) {
    Drawn drawn;
    for (u32 turn = 0; turn < 4; ++turn) {
        drawn.op(alloc_op(0, turn), turn == 2 ? 'r' : 'h'); // 0, 3, 6, 9
        drawn.op(alloc_op(4, turn), 's');                   // 1, 4, 7, 10
        drawn.op(free_op(turn), 'h');
    }
    ASSERT_EQ(drawn.counter.sum().other_ways.size(), 1u);
    EXPECT_EQ(drawn.counter.sum().other_ways[0].op, 6u);
    EXPECT_EQ(drawn.counter.sum().allocations, 8u);
    EXPECT_EQ(drawn.counter.sum().frees, 4u);
    EXPECT_EQ(drawn.counter.sum().ops, 12u);
}

TEST(RunSum, AnotherWayIsNamedByWhatIsNew) {
    Drawn drawn;
    drawn.ways("hhrhhnhh");
    const std::vector<OtherWay>& ways = drawn.counter.sum().other_ways;
    ASSERT_EQ(ways.size(), 2u);
    EXPECT_EQ(other_way_name(ways[0]), "pcp_refill");
    EXPECT_EQ(other_way_name(ways[1]), "NULL");
    EXPECT_EQ(other_way_name(OtherWay{}), "");
    EXPECT_EQ(drawn.counter.sum().failed, 1u);
}

// A CPU's list is filled with a batch, here of 63 pages; behind every batch the buddy lists are asked again.
TEST(RunWatch, TheRefillsOfAPerCpuListAreTheOtherWays) {
    const Machine start = machine_of(1ull << 30);
    std::vector<Op> ops;
    for (u32 i = 0; i < 200; ++i) ops.push_back(alloc_op(0, i));
    std::vector<u32> refills;
    Machine machine = start;
    for (u32 i = 0; i < ops.size(); ++i) {
        std::vector<Event> events;
        EventSink sink;
        sink.store_in(&events);
        apply(machine, ops[i], sink);
        for (const Event& event : events)
            if (event.kind == static_cast<u16>(ev::pcp_refill)) refills.push_back(i);
    }
    ASSERT_GT(refills.size(), 2u);

    RunWatch whole(start, 0, 200);
    while (!whole.go_on(ops, 1'000'000)) continue;
    RunWatch slices(start, 0, 200);
    u32 nr_slices = 0;
    for (; !slices.go_on(ops, 1); ++nr_slices) EXPECT_EQ(slices.next(), nr_slices + 1);
    EXPECT_EQ(nr_slices, 199u) << "at least one op a slice";
    for (const RunWatch* watch : {&whole, &slices}) {
        const RunSum& sum = watch->sum();
        EXPECT_EQ(sum.allocations, 200u);
        u64 pages = 0;
        for (const RunSum::Zone& zone : sum.zones) pages += zone.pages;
        EXPECT_EQ(pages, 200u);
        for (const u32 refill : refills)
            EXPECT_TRUE(refill == 0 || watch->other_way_from(refill) == refill) << "op " << refill;
        EXPECT_EQ(watch->other_way_from(200), std::nullopt);
        EXPECT_EQ(sum.other_ways.size(), whole.sum().other_ways.size());
    }
}

TEST(RunWatch, AnOpThatMayNotRunEndsIt) {
    std::vector<Op> ops;
    for (u32 i = 0; i < 10; ++i) ops.push_back(alloc_op(0, i));
    work_budget none;
    none.op.events = 0;
    RunWatch watch(small_machine(), 0, 10);
    EXPECT_TRUE(watch.go_on(ops, 1'000'000, none));
    EXPECT_TRUE(watch.done());
    EXPECT_EQ(watch.next(), 0u);
    EXPECT_EQ(watch.sum().ops, 0u);
    EXPECT_TRUE(RunWatch(small_machine(), 5, 0).done()) << "a run of no ops";
}

TEST(RunSum, ItIsToldInBothLanguages) {
    RunSum sum;
    sum.ops = 1000;
    sum.allocations = 997;
    sum.frees = 0;
    sum.failed = 3;
    sum.splits = 1;
    sum.zones = {{0, 7, 1234}};
    sum.other_ways.resize(2);
    const Told text = run_sum_text(small_machine(), sum);
    EXPECT_EQ(text.en,
              "1,000 ops: 997 allocations, 0 frees; 1 split, 0 merges. Pages taken: DMA 1,234. 3 returned NULL. "
              "2 went another way than the turn before.");
    EXPECT_EQ(text.zh, "共 1,000 个操作：分配 997 次，释放 0 次；拆分 1 次，合并 0 次。取页：DMA 1,234。3 次返回 "
                       "NULL。其中 2 次与前一轮走了不同的路径。");
    EXPECT_EQ(run_sum_text(small_machine(), {}).en, "0 ops: 0 allocations, 0 frees; 0 splits, 0 merges. Splits and "
                                                    "merges aside, each went the way of the turn before.");
}

TEST(RunSum, OfProcessesItTellsWhatBecameOfVmas) {
    RunCounter counter;
    const Machine machine = small_machine();
    const auto turn = [&](u32 index, std::initializer_list<u16> kinds) {
        Op op;
        op.kind = *find_op("mmap");
        counter.begin(index, op);
        for (const u16 kind : kinds) {
            Event event;
            event.kind = kind;
            counter.event(machine, event);
        }
        counter.end(OpOutcome::done);
    };
    constexpr auto made = static_cast<u16>(process_event::vma_new),
                   merged = static_cast<u16>(process_event::vma_merged);
    constexpr auto node = static_cast<u16>(vma_index_event::maple_changed);
    turn(0, {made, static_cast<u16>(ev::buddy_split)});
    turn(1, {merged});
    turn(2, {made, node, node});
    const Told text = run_sum_text(machine, counter.sum());
    EXPECT_EQ(text.en.substr(0, text.en.find('.')), "3 ops: 2 new VMAs, 1 merge of VMAs, 2 changes of their tree");
    EXPECT_EQ(text.zh.substr(0, text.zh.find("。")), "共 3 个操作：新建 2 个 VMA，合并 1 次，VMA 树调整 2 次");
}

} // namespace
} // namespace mm
