// Where frames stand inside a cell.
#include "views/pages/zorder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace shell {
namespace {

using mm::u32;

constexpr CellLayout LAYOUTS[] = {CellLayout::z_order, CellLayout::linear};

FrameRect joined(const FrameRect& a, const FrameRect& b) {
    const u32 x = std::min(a.x, b.x), y = std::min(a.y, b.y);
    return {x, y, std::max(a.x + a.w, b.x + b.w) - x, std::max(a.y + a.h, b.y + b.h) - y};
}

//   0 1 | 4 5
//   2 3 | 6 7
TEST(Zorder, FirstFramesGoRightThenDown) {
    const auto at = [](u32 frame) { return block_rect(frame, 0, 10, CellLayout::z_order); };
    EXPECT_EQ(at(0), (FrameRect{0, 0, 1, 1}));
    EXPECT_EQ(at(1), (FrameRect{1, 0, 1, 1}));
    EXPECT_EQ(at(2), (FrameRect{0, 1, 1, 1}));
    EXPECT_EQ(at(4), (FrameRect{2, 0, 1, 1}));
    EXPECT_EQ(at(1023), (FrameRect{31, 31, 1, 1}));
}

TEST(Zorder, LinearRowsAreAsWideAsTheCell) {
    EXPECT_EQ(block_rect(33, 0, 10, CellLayout::linear), (FrameRect{1, 1, 1, 1}));
    EXPECT_EQ(block_rect(32, 5, 10, CellLayout::linear), (FrameRect{0, 1, 32, 1}));
    EXPECT_EQ(block_rect(0, 7, 10, CellLayout::linear), (FrameRect{0, 0, 32, 4}));
}

TEST(Zorder, EveryFrameHasItsOwnPlaceAndFrameAtFindsIt) {
    for (CellLayout layout : LAYOUTS) {
        for (u32 cell_order : {10u, 11u, 13u}) {
            std::set<std::pair<u32, u32>> places;
            for (u32 frame = 0; frame < 1u << cell_order; ++frame) {
                const FrameRect r = block_rect(frame, 0, cell_order, layout);
                ASSERT_LT(r.x, 1u << width_shift(cell_order));
                ASSERT_LT(r.y, 1u << height_shift(cell_order));
                ASSERT_EQ(frame_at(r.x, r.y, cell_order, layout), frame);
                places.insert({r.x, r.y});
            }
            EXPECT_EQ(places.size(), 1u << cell_order);
        }
    }
}

TEST(Zorder, TwoBuddiesFillTheRectangleOfTheNextOrder) {
    for (CellLayout layout : LAYOUTS) {
        for (u32 cell_order : {10u, 13u}) {
            for (u32 order = 0; order < cell_order; ++order) {
                for (u32 offset = 0; offset < 1u << cell_order; offset += 2u << order) {
                    const FrameRect low = block_rect(offset, order, cell_order, layout);
                    const FrameRect high = block_rect(offset ^ 1u << order, order, cell_order, layout);
                    const FrameRect both = block_rect(offset, order + 1, cell_order, layout);
                    ASSERT_EQ(joined(low, high), both) << "order " << order << ", offset " << offset;
                    ASSERT_EQ(low.w * low.h, 1u << order);
                    ASSERT_EQ(both.w * both.h, 2u << order);
                }
            }
        }
    }
}

} // namespace
} // namespace shell
