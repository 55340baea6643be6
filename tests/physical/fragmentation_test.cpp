#include "physical/fragmentation.h"

#include <gtest/gtest.h>

#include <vector>

namespace mm {
namespace {

using Counts = std::vector<u32>;

Counts unusable(const Counts& nr_free) {
    Counts out;
    for (u32 order = 0; order < nr_free.size(); ++order) out.push_back(unusable_free_index(nr_free, order));
    return out;
}

// /proc/buddyinfo and /sys/kernel/debug/extfrag/unusable_index of recorded machines, where nothing happened between the
// two: ZONE_DMA of 6.1 on i386, and 5.10 on arm64 with 4 GiB.
TEST(Fragmentation, UnusableIndexIsThatOfRecordedKernels) {
    EXPECT_EQ(unusable({0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 3}), (Counts{0, 0, 0, 0, 0, 0, 0, 0, 0, 66, 200}));
    EXPECT_EQ(unusable({8, 6, 6, 2, 6, 2, 4, 6, 3, 6, 489}), (Counts{0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 10}));
    EXPECT_EQ(unusable({4, 2, 2, 2, 2, 3, 1, 1, 2, 2, 235}), (Counts{0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 7}));
}

// 3 blocks of order 0 and 2 of order 2 are 11 pages. Order 1: 3 pages of 11 do not serve it; order 3: none does.
TEST(Fragmentation, UnusableIndexIsThePartThatIsTooSmall) {
    EXPECT_EQ(unusable({3, 0, 2, 0}), (Counts{0, 272, 272, 1000}));
    EXPECT_EQ(unusable({0, 0}), (Counts{1000, 1000}));
}

// The same 11 pages in 5 blocks: order 3 would fail, 1000 − (1000 + 11000 / 8) / 5 = 525. All in blocks of order 0, it is
// broken up: 1000 − (1000 + 8000 / 8) / 8 = 750.
TEST(Fragmentation, IndexTellsLackOfMemoryFromBrokenMemory) {
    const Counts nr_free{3, 0, 2, 0};
    EXPECT_EQ(fragmentation_index(nr_free, 2), -1000);
    EXPECT_EQ(fragmentation_index(nr_free, 3), 525);
    EXPECT_EQ(fragmentation_index(Counts{8, 0, 0, 0}, 3), 750);
    EXPECT_EQ(fragmentation_index(Counts{1, 0, 0, 0}, 3), 1000 - 1125);
    EXPECT_EQ(fragmentation_index(Counts{0, 0}, 1), 0);
}

TEST(Fragmentation, CountsOfAnySizeDoNotOverflow) {
    const Counts most(14, 0xffffffffu);
    EXPECT_EQ(fill_contig_page_info(most, 0).free_pages, 0xffffffffull * 16383);
    EXPECT_EQ(unusable_free_index(most, 0), 0u);
    EXPECT_EQ(fragmentation_index(Counts{0xffffffffu, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 13), 1000);
}

} // namespace
} // namespace mm
