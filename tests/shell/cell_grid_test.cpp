// Grids of cells: where cells are, which are seen, and what is drawn of them.
#include "views/parts/cell_grid.h"

#include <gtest/gtest.h>

#include <set>

#include "screen.h"

namespace shell {
namespace {

using mm::u32;

//  0 1 2 3
//  4 5          each cell 20 x 10, gap 4
const GridShape SIX{{100, 50, 192, 74}, 4, 6, 4};

TEST(GridShape, CellsStandRowAfterRow) {
    EXPECT_EQ(SIX.rows(), 2u);
    EXPECT_FLOAT_EQ(SIX.cell_width(), 20);
    EXPECT_FLOAT_EQ(SIX.cell_height(), 10);
    EXPECT_FLOAT_EQ(SIX.cell(5).x0, 124);
    EXPECT_FLOAT_EQ(SIX.cell(5).y1, 74);
}

TEST(GridShape, APointFindsTheCellAroundIt) {
    for (u32 i = 0; i < SIX.nr; ++i) EXPECT_EQ(SIX.at(SIX.cell(i).centre()), i);
    EXPECT_EQ(SIX.at({122, 55}), std::nullopt) << "between two cells";
    EXPECT_EQ(SIX.at({160, 70}), std::nullopt) << "after the last cell";
    EXPECT_EQ(SIX.at({99, 55}), std::nullopt);
}

TEST(GridShape, AnEmptyGridHasNoCells) {
    EXPECT_EQ(GridShape{}.at({0, 0}), std::nullopt);
    for_each_seen_cell(GridShape{}, {-100, -100, 100, 100}, [](u32, const Rect&) { FAIL(); });
    const GridShape none = fit_grid(0, {10, 10, 50, 50}, {});
    EXPECT_EQ(none.rows(), 0u);
    EXPECT_EQ(none.box.width(), 0);
}

TEST(SeenCells, AreThoseThatTheWindowTouches) {
    const GridShape large{{0, 0, 1000, 1000}, 100, 10000, 0};
    std::set<u32> seen;
    const Rect window{15, 25, 35, 41};
    for_each_seen_cell(large, window, [&](u32 index, const Rect& r) {
        EXPECT_TRUE(r.overlaps(window));
        seen.insert(index);
    });
    EXPECT_EQ(seen, (std::set<u32>{201, 202, 203, 301, 302, 303, 401, 402, 403}));
}

TEST(SeenCells, OutsideThereAreNone) {
    for_each_seen_cell(SIX, {0, 0, 90, 200}, [](u32, const Rect&) { FAIL(); });
    for_each_seen_cell(SIX, {100, 80, 200, 200}, [](u32, const Rect&) { FAIL(); });
}

TEST(FitGrid, TakesTheLargestCellsThatFit) {
    const GridShape shape = fit_grid(8, {0, 0, 100, 100}, {.min_width = 5, .max_width = 100, .aspect = 1, .gap = 0});
    EXPECT_EQ(shape.columns, 3u);
    EXPECT_NEAR(shape.cell_width(), 33.33, 0.01);
    EXPECT_LE(shape.box.y1, 100.01f);
}

TEST(FitGrid, NoCellIsLargerThanTheLargest) {
    const GridShape shape = fit_grid(2, {0, 0, 1000, 1000}, {.min_width = 5, .max_width = 40, .aspect = 2, .gap = 2});
    EXPECT_FLOAT_EQ(shape.cell_width(), 40);
    EXPECT_FLOAT_EQ(shape.cell_height(), 20);
}

TEST(FitGrid, WithoutRoomItIsHigherThanTheBoxAndNotWider) {
    const GridShape shape = fit_grid(512, {10, 10, 110, 30}, {.min_width = 16, .max_width = 40, .aspect = 1, .gap = 2});
    EXPECT_FLOAT_EQ(shape.cell_width(), shape.cell_height());
    EXPECT_GE(shape.cell_width(), 16);
    EXPECT_LE(shape.box.x1, 110.01f);
    EXPECT_GT(shape.box.y1, 30);
    EXPECT_EQ(shape.rows() * shape.columns >= 512, true);
}

TEST(FitGrid, ABoxWithoutWidthStillGivesAColumn) {
    const GridShape shape = fit_grid(3, {0, 0, 0, 0}, {});
    EXPECT_EQ(shape.columns, 1u);
    EXPECT_EQ(shape.rows(), 3u);
}

class CellGridTest : public testing::Test {
  protected:
    // Draws the grid in a window of 300 x 200; the vertices that it took are in `vertices`.
    std::optional<u32> draw(const CellGrid& grid, ImVec2 pointer = {-1, -1}) {
        std::optional<u32> under;
        screen.frame(300, 200, [&] {
            ImDrawList& list = *ImGui::GetWindowDrawList();
            Pen pen(list, palette_of(Theme::light), mm::Language::en);
            const int before = list.VtxBuffer.Size;
            under = draw_cell_grid(pen, grid, {0, 0, 300, 200}, pointer);
            vertices = list.VtxBuffer.Size - before;
        });
        return under;
    }
    CellGrid plain(u32 nr) const {
        return {fit_grid(nr, {10, 10, 290, 190}, {.min_width = 14, .max_width = 40}),
                [](u32) { return CellLook{.ink = {rgb(0xff0000), rgb(0x00ff00), Pattern::solid}}; }};
    }

    test::Screen screen;
    int vertices = 0;
};

TEST_F(CellGridTest, TellsTheCellUnderThePointer) {
    const CellGrid grid = plain(12);
    EXPECT_EQ(draw(grid, grid.shape.cell(7).centre()), 7u);
    EXPECT_EQ(draw(grid), std::nullopt);
}

TEST_F(CellGridTest, OnlyCellsInSightAreAskedFor) {
    CellGrid grid = plain(12);
    grid.shape = {{0, -100000, 280, 100000}, 1, 100000, 0};
    int asked = 0;
    grid.look = [&](u32) {
        ++asked;
        return CellLook{};
    };
    draw(grid);
    EXPECT_GT(asked, 50);
    EXPECT_LT(asked, 200);
}

TEST_F(CellGridTest, SelectionMarksLevelsLabelsAndArrowsAreDrawn) {
    CellGrid grid = plain(12);
    draw(grid);
    const int bare = vertices;
    grid.selected = 3;
    draw(grid);
    EXPECT_GT(vertices, bare) << "selection";
    grid.selected.reset();
    grid.arrows = {{0, 5, rgb(0)}, {5, 11, rgb(0)}};
    draw(grid);
    EXPECT_GT(vertices, bare) << "arrows";
    grid.arrows.clear();
    for (const CellLook& look : {CellLook{.label = "12"}, CellLook{.mark = rgb(1), .glow = 0.5f},
                                 CellLook{.gone = true}, CellLook{.level = 0.4f}, CellLook{.level = 0}}) {
        grid.look = [&](u32) { return look; };
        draw(grid);
        EXPECT_GT(vertices, 0);
    }
}

TEST_F(CellGridTest, ArrowsOutOfTheGridAndToThemselvesAreNotDrawn) {
    CellGrid grid = plain(12);
    draw(grid);
    const int bare = vertices;
    grid.arrows = {{3, 3, rgb(0)}, {0, 12, rgb(0)}, {0xffffffff, 0, rgb(0)}};
    draw(grid);
    EXPECT_EQ(vertices, bare);
}

} // namespace
} // namespace shell
