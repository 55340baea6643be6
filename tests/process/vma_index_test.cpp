#include "process/vma_index.h"

#include <algorithm>
#include <functional>
#include <map>

#include "base/rng.h"
#include "process/one_process.h"
#include "process/verify.h"
#include "process/vma_index_event_rows.h"

namespace mm {
namespace {

struct Flat {
    std::map<u64, u64> ranges; // begin -> end

    [[nodiscard]] std::optional<u64> hole(u64 length, u64 low, u64 high, bool from_top) const {
        std::optional<u64> found;
        u64 start = 0;
        const auto look = [&](u64 end) {
            const u64 from = std::max(start, low), to = std::min(end, high);
            if (from < to && to - from >= length && (from_top || !found)) found = from_top ? to - length : from;
        };
        for (const auto& [begin, end] : ranges) {
            look(begin);
            start = end;
        }
        look(~0ull);
        return found;
    }
};

// What is wrong with the index; counts of pages are not kept here.
std::string index_fault(const OneProcess& p) {
    const auto fault = verify_processes(p.proc);
    return fault && fault->find("_vm ") == std::string::npos && fault->find("_vm,") == std::string::npos ? *fault : "";
}

class VmaIndex : public testing::TestWithParam<vma_index_kind> {};

// Random VMAs come, go and change their ends; every question is answered as a list of ranges answers it.
TEST_P(VmaIndex, AnswersAsAFlatListDoes) {
    OneProcess p;
    p.proc.rules.wished_index = GetParam();
    Flat flat;
    Rng rng(7);
    for (int turn = 0; turn < 3000; ++turn) {
        const u64 page = rng.below(200), end = page + 1 + rng.below(4);
        const vma_id hit = find_vma_intersection(p.cx, page * PAGE, end * PAGE);
        if (hit == VMA_NONE) {
            vm_area_struct vma;
            vma.vm_start = page * PAGE, vma.vm_end = end * PAGE;
            link_vma(p.cx, new_vma(p.proc, vma));
            flat.ranges[page * PAGE] = end * PAGE;
        } else if (const vm_area_struct vma = p.cx.vma(hit); vma.size() > PAGE && rng.below(2) == 0) {
            set_vma_range(p.cx, hit, vma.vm_start, vma.vm_end - PAGE);
            flat.ranges[vma.vm_start] = vma.vm_end - PAGE;
        } else {
            flat.ranges.erase(vma.vm_start);
            unlink_vma(p.cx, hit);
            drop_vma(p.proc, hit);
        }
        const u64 length = (1 + rng.below(12)) * PAGE, low = rng.below(60) * PAGE, high = (100 + rng.below(120)) * PAGE;
        const auto top = highest_hole(p.cx, length, low, high), bottom = lowest_hole(p.cx, length, low, high);
        const auto flat_top = flat.hole(length, low, high, true), flat_bottom = flat.hole(length, low, high, false);
        ASSERT_EQ(top.has_value(), flat_top.has_value()) << turn;
        ASSERT_EQ(bottom.has_value(), flat_bottom.has_value()) << turn;
        if (top) { ASSERT_EQ(top->end - length, *flat_top) << turn; }
        if (bottom) { ASSERT_EQ(bottom->start, *flat_bottom) << turn; }
        ASSERT_EQ(p.cx.mm().map_count, flat.ranges.size()) << turn;
        const u64 probe = rng.below(220) * PAGE;
        const auto above =
            std::find_if(flat.ranges.begin(), flat.ranges.end(), [&](const auto& r) { return r.second > probe; });
        const vma_id found = find_vma(p.cx, probe);
        ASSERT_EQ(found != VMA_NONE, above != flat.ranges.end()) << turn;
        if (found != VMA_NONE) { ASSERT_EQ(p.cx.vma(found).vm_start, above->first) << turn; }
        if (turn % 50 == 0) { ASSERT_EQ(index_fault(p), "") << turn; }
    }
    auto range = flat.ranges.begin();
    for (vma_id id = first_vma(p.cx); id != VMA_NONE; id = next_vma(p.cx, id), ++range) {
        EXPECT_EQ(p.cx.vma(id).vm_start, range->first);
        EXPECT_EQ(p.cx.vma(id).vm_end, range->second);
    }
}

// 65,530 VMAs with a page between them: the holes are there, and a copy of the state keeps its own.
TEST_P(VmaIndex, HoldsAsManyAsAProcessMayHave) {
    OneProcess p;
    p.proc.rules.wished_index = GetParam();
    for (u64 i = 0; i < MAX_MAP_COUNT; ++i) ASSERT_EQ(p.map(2 * i, 1), static_cast<i64>(ARENA + 2 * i * PAGE));
    EXPECT_EQ(p.cx.mm().map_count, MAX_MAP_COUNT);
    process_memory copy = p.proc;
    EXPECT_EQ(p.unmap(2 * 1000, 1), 0);
    const auto hole = lowest_hole(p.cx, 3 * PAGE, ARENA, ~0ull);
    ASSERT_TRUE(hole);
    EXPECT_EQ(hole->start, ARENA + 1999 * PAGE);
    const mm_context other{copy, p.cx.id, p.sink};
    EXPECT_EQ(lowest_hole(other, 3 * PAGE, ARENA, ~0ull)->start, ARENA + (2ull * MAX_MAP_COUNT - 1) * PAGE);
}

INSTANTIATE_TEST_SUITE_P(Kinds, VmaIndex,
                         testing::Values(vma_index_kind::avl, vma_index_kind::rbtree, vma_index_kind::maple),
                         [](const auto& kind) { return std::string(vma_index_name(kind.param)); });

std::vector<Event> told_by(OneProcess& p, const std::function<void()>& work) {
    std::vector<Event> events;
    p.sink.store_in(&events);
    work();
    p.sink = EventSink{};
    return events;
}
u32 count_of(const std::vector<Event>& events, vma_index_event kind) {
    return static_cast<u32>(
        std::count_if(events.begin(), events.end(), [&](const Event& e) { return e.kind == static_cast<u16>(kind); }));
}
// Of the first search: how, and what was looked at.
std::pair<search_way, u32> searched(const std::vector<Event>& events) {
    for (const Event& event : events) {
        if (event.kind != static_cast<u16>(vma_index_event::vma_searched)) continue;
        const Args<vma_index_event::vma_searched> in(event);
        return {in.as<search_way>("way"), in.as<u32>("looked")};
    }
    return {search_way::maple, 0};
}

// 31 VMAs are a list; the 32nd makes the tree. The one found last is asked first.
TEST(VmaIndexOfKernels, TwoFourHasAListAndThenAnAvlTree) {
    OneProcess p(kernel_version::v5_10);
    p.proc.rules.wished_index = vma_index_kind::avl;
    for (u64 i = 0; i < 31; ++i) p.map(2 * i, 1);
    EXPECT_EQ(p.cx.mm().root, VMA_NONE);
    EXPECT_EQ(searched(told_by(p, [&] { p.write(2 * 20); })), std::make_pair(search_way::list, 21u));
    EXPECT_EQ(searched(told_by(p, [&] { p.write(2 * 20); })), std::make_pair(search_way::mmap_cache, 1u));
    const std::vector<Event> last = told_by(p, [&] { p.map(2 * 31, 1); });
    EXPECT_EQ(count_of(last, vma_index_event::avl_tree_built), 1u);
    EXPECT_EQ(p.cx.vma(p.cx.mm().root).avl_height, 6) << "31 fill five levels";
    EXPECT_EQ(verify_processes(p.proc), std::nullopt);
}

// The task's four slots, by the bits above a PMD: what is unmapped empties them all.
TEST(VmaIndexOfKernels, FiveTenAsksTheVmacacheFirst) {
    OneProcess p(kernel_version::v5_10);
    for (u64 i = 0; i < 40; ++i) p.map(2 * i, 1);
    EXPECT_EQ(searched(told_by(p, [&] { p.write(0); })).first, search_way::rbtree);
    EXPECT_EQ(searched(told_by(p, [&] { p.write(0); })), std::make_pair(search_way::vmacache, 1u));
    EXPECT_EQ(searched(told_by(p, [&] { p.write(1024); })).first, search_way::rbtree) << "not mapped: the tree says so";
    EXPECT_EQ(searched(told_by(p, [&] { p.write(0); })), std::make_pair(search_way::vmacache, 1u));
    p.unmap(2 * 30, 1);
    const std::vector<Event> after = told_by(p, [&] { p.write(0); });
    EXPECT_EQ(count_of(after, vma_index_event::vmacache_flushed), 1u);
    EXPECT_EQ(searched(after).first, search_way::rbtree);
}

// 40 VMAs of a page each, a page between them, in one leaf after the other: two nodes lead to each of them.
TEST(VmaIndexOfKernels, SixOneReadsANodeALevel) {
    OneProcess p;
    for (u64 i = 0; i < 40; ++i) p.map(2 * i, 1);
    EXPECT_EQ(p.cx.mm().mm_mt.height, 2);
    EXPECT_EQ(searched(told_by(p, [&] { p.write(2 * 20); })), std::make_pair(search_way::maple, 2u));
    const vma_search binary = [&] {
        OneProcess old(kernel_version::v5_10);
        for (u64 i = 0; i < 40; ++i) old.map(2 * i, 1);
        return search_vma(old.proc, old.cx.id, ARENA);
    }();
    EXPECT_GT(binary.looked, 2u);
    p.unmap(0, 80);
    EXPECT_EQ(p.cx.mm().mm_mt.nodes, 0u);
}

} // namespace
} // namespace mm
