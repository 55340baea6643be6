// What merges with what, one function at a time: situations of the kernel's own test program (tools/testing/vma), whose
// outcome was measured on 6.12, and read in the sources of 6.1 and 5.10.
#include "process/vma_merge.h"

#include <initializer_list>
#include <utility>

#include "process/one_process.h"

namespace mm {
namespace {

struct Area {
    u64 start, end;
    anon_vma_id anon_vma = 0;
    bool close = false;
};

class VmaCases : public OneProcess {
  public:
    VmaCases(kernel_version kernel, std::initializer_list<Area> areas) : OneProcess(kernel) {
        for (const Area& area : areas) {
            vm_area_struct vma;
            vma.vm_start = area.start * PAGE, vma.vm_end = area.end * PAGE;
            vma.vm_flags = VM_READ | VM_WRITE;
            vma.vm_pgoff = area.start;
            vma.anon_vma = area.anon_vma, vma.anon_vma_chain = area.anon_vma != 0 ? 1 : 0;
            vma.close = area.close;
            link_vma(cx, new_vma(proc, vma));
        }
    }

    std::string fill(u64 start, u64 end, merge_way way = merge_way::both, vm_flags_t more = 0) {
        const vma_proposal proposal{start * PAGE, end * PAGE, VM_READ | VM_WRITE | more, start, 0, 0};
        const vma_id merged =
            merge_new_range(cx, vma_before(cx, start * PAGE), find_vma(cx, end * PAGE), proposal, way);
        return merged == VMA_NONE ? "no merge" : text();
    }
    // Of a range of a VMA whose flags are already what they shall become.
    std::string change(u64 start, u64 end) {
        const vma_id vma = vma_lookup(cx, start * PAGE);
        const vma_id prev = start * PAGE > cx.vma(vma).vm_start ? vma : previous_vma(cx, vma);
        const vma_id merged = merge_existing_range(cx, prev, vma, start * PAGE, end * PAGE, VM_READ | VM_WRITE);
        return merged == VMA_NONE ? "no merge" : text();
    }
    // "0-3 a1, 7-9": pages and the anon_vma; an offset that is not the first page stands behind '@'.
    [[nodiscard]] std::string text() const {
        std::string out;
        for (vma_id id = first_vma(cx); id != VMA_NONE; id = next_vma(cx, id)) {
            const vm_area_struct& vma = cx.vma(id);
            if (!out.empty()) out += ", ";
            out += std::to_string(vma.vm_start / PAGE) + "-" + std::to_string(vma.vm_end / PAGE);
            if (vma.anon_vma != 0) out += " a" + std::to_string(vma.anon_vma);
            if (vma.vm_pgoff != vma.vm_start / PAGE) out += " @" + std::to_string(vma.vm_pgoff);
        }
        return out;
    }
};

constexpr kernel_version ALL[] = {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12};
bool old(kernel_version kernel) { return before(kernel, 6, 12); }

TEST(VmaCases, NewRangesJoinWhatTouches) {
    for (const kernel_version kernel : ALL) {
        EXPECT_EQ(VmaCases(kernel, {{0, 1}, {2, 3}}).fill(1, 2), "0-3");
        EXPECT_EQ(VmaCases(kernel, {{0, 1}, {9, 10}}).fill(3, 4), "no merge");
        EXPECT_EQ(VmaCases(kernel, {{0, 5, 1}, {6, 9, 1}, {11, 12}}).fill(5, 6), "0-9 a1, 11-12");
        EXPECT_EQ(VmaCases(kernel, {{0, 9, 1}, {11, 12, 1}}).fill(10, 11), "0-9 a1, 10-12 a1");
        EXPECT_EQ(VmaCases(kernel, {{0, 3}}).fill(3, 4, merge_way::both, VM_IO), "no merge");
        EXPECT_EQ(VmaCases(kernel, {{0, 3}}).fill(3, 4, merge_way::both, VM_PFNMAP), "no merge");
        EXPECT_EQ(VmaCases(kernel, {{0, 2}, {3, 5}}).fill(5, 9, merge_way::only_before), "0-2, 3-9");
        EXPECT_EQ(VmaCases(kernel, {{0, 3}, {5, 9}}).fill(3, 5, merge_way::only_before), "0-5, 5-9");
    }
}

TEST(VmaCases, CloseKeepsApartUntil6_12AndFromVanishingSince) {
    for (const kernel_version kernel : ALL) {
        EXPECT_EQ(VmaCases(kernel, {{0, 4, 1, true}, {7, 9}}).fill(4, 5), old(kernel) ? "no merge" : "0-5 a1, 7-9");
        EXPECT_EQ(VmaCases(kernel, {{0, 5, 1}, {7, 9, 1, true}}).fill(6, 7),
                  old(kernel) ? "no merge" : "0-5 a1, 6-9 a1");
        EXPECT_EQ(VmaCases(kernel, {{0, 3}, {5, 9, 0, true}}).fill(3, 5), "0-5, 5-9");
        EXPECT_EQ(VmaCases(kernel, {{0, 2, 0, true}, {5, 7, 0, true}}).fill(2, 5),
                  old(kernel) ? "no merge" : "0-5, 5-7");
        EXPECT_EQ(VmaCases(kernel, {{0, 3}, {3, 5}, {5, 9, 0, true}}).change(3, 5), "0-5, 5-9");
    }
    EXPECT_EQ(VmaCases(kernel_version::v6_12, {{0, 3}, {3, 5, 0, true}}).change(3, 5), "no merge");
}

// Two anon_vmas never meet in one VMA. In a hole 6.1's mmap() asks the next one first.
TEST(VmaCases, OfTwoAnonVmasOneSideWins) {
    for (const kernel_version kernel : ALL) {
        EXPECT_EQ(VmaCases(kernel, {{0, 3, 1}, {7, 9, 2}}).fill(3, 7), "0-7 a1, 7-9 a2");
        EXPECT_EQ(VmaCases(kernel, {{0, 3, 1}, {7, 9, 2}}).fill(3, 7, merge_way::prefer_next), "0-3 a1, 3-9 a2");
        EXPECT_EQ(VmaCases(kernel, {{0, 3, 1}, {3, 7}, {7, 9, 2}}).change(3, 7), "0-7 a1, 7-9 a2");
    }
}

TEST(VmaCases, PartsInsideOfAVmaJoinNobody) {
    constexpr std::pair<u64, u64> parts[] = {{4, 5}, {5, 6}, {4, 6}};
    for (const auto& [start, end] : parts)
        EXPECT_EQ(VmaCases(kernel_version::v6_12, {{0, 3}, {3, 8}, {8, 10}}).change(start, end), "no merge");
}

// A VMA that has an anon_vma is refused by a neighbour that has none; the other way it is taken.
TEST(VmaCases, AnEmptyNeighbourTakesNothingWritten) {
    for (const kernel_version kernel : ALL) {
        EXPECT_EQ(VmaCases(kernel, {{0, 3}, {3, 7, 1}}).change(3, 7), "no merge");
        EXPECT_EQ(VmaCases(kernel, {{0, 3, 1}, {3, 7}}).change(3, 7), "0-7 a1");
        EXPECT_EQ(VmaCases(kernel, {{0, 3, 1}, {3, 7}}).change(3, 5), "0-5 a1, 5-7");
        EXPECT_EQ(VmaCases(kernel, {{0, 5}, {5, 8, 1}}).change(3, 5), "0-3, 3-8 a1");
    }
}

TEST(VmaCases, ASplitMovesTheOffset) {
    VmaCases p(kernel_version::v6_1, {{10, 20, 3}});
    const vma_id upper = split_vma_at(p.cx, vma_lookup(p.cx, 10 * PAGE), 14 * PAGE);
    EXPECT_EQ(p.text(), "10-14 a3, 14-20 a3");
    EXPECT_EQ(p.cx.vma(upper).vm_start, 14 * PAGE);
    EXPECT_EQ(p.cx.vma(upper).anon_vma_chain, 1u);
}

} // namespace
} // namespace mm
