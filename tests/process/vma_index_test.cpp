#include "process/vma_index.h"

#include <map>

#include "base/rng.h"
#include "process/one_process.h"

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

// Random VMAs come, go and change their ends; every question is answered as a list of ranges answers it.
TEST(VmaIndex, AnswersAsAFlatListDoes) {
    OneProcess p;
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
    }
    auto range = flat.ranges.begin();
    for (vma_id id = first_vma(p.cx); id != VMA_NONE; id = next_vma(p.cx, id), ++range) {
        EXPECT_EQ(p.cx.vma(id).vm_start, range->first);
        EXPECT_EQ(p.cx.vma(id).vm_end, range->second);
    }
}

// 65,530 VMAs with a page between them: the holes are there, and a copy of the state keeps its own.
TEST(VmaIndex, HoldsAsManyAsAProcessMayHave) {
    OneProcess p;
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

} // namespace
} // namespace mm
