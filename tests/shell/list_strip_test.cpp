// Strips of chips, rows that hold one, and the area that they scroll in.
#include "views/parts/list_strip.h"

#include <gtest/gtest.h>

#include "physical/machines.h"
#include "screen.h"
#include "views/parts/legend.h"

namespace shell {
namespace {

using mm::u32;
using mm::u64;

class ListStripTest : public testing::Test {
  protected:
    // 1000, 1001, 1002, ...
    static ListStrip counting(u32 nr) {
        return {.nr = nr,
                .at = [](u32 index) { return u64{1000} + index; },
                .next = [](u64 item) { return item + 1; },
                .label = [](u64 item) { return std::to_string(item); },
                .ink = [](u64) { return BlockInk{}; },
                .chip_width = 40};
    }
    DrawnStrip draw(const ListStrip& strip, const Rect& box, ImVec2 pointer = {-1, -1}) {
        DrawnStrip out;
        screen.frame(400, 200, [&] {
            Pen pen(*ImGui::GetWindowDrawList(), palette_of(Theme::dark), mm::Language::zh);
            out = draw_list_strip(pen, strip, box, scroll, pointer);
        });
        return out;
    }

    test::Screen screen;
    float scroll = 0;
};

TEST_F(ListStripTest, TellsTheItemUnderThePointer) {
    const Rect box{10, 10, 390, 50};
    EXPECT_EQ(draw(counting(5), box, {10 + 44 * 2 + 5, 15}).under_pointer, 1002u);
    EXPECT_EQ(draw(counting(5), box, {10 + 44 * 5 + 5, 15}).under_pointer, std::nullopt);
    EXPECT_EQ(draw(counting(5), box).under_pointer, std::nullopt);
}

TEST_F(ListStripTest, OnlyItemsInSightAreAskedFor) {
    ListStrip strip = counting(1000000);
    int asked = 0;
    strip.label = [&](u64) {
        ++asked;
        return std::string("x");
    };
    draw(strip, {10, 10, 390, 50});
    EXPECT_GT(asked, 4);
    EXPECT_LT(asked, 10);
}

TEST_F(ListStripTest, ScrollingIsKeptInRangeAndShowsTheItemsThere) {
    const Rect box{10, 10, 390, 50};
    scroll = 44 * 100;
    EXPECT_EQ(draw(counting(1000), box, {15, 15}).under_pointer, 1100u);
    scroll = 1e9f;
    draw(counting(1000), box);
    EXPECT_LE(scroll, 44 * 1000);
    EXPECT_EQ(draw(counting(1000), box, {380, 15}).under_pointer, 1999u);
    scroll = -50;
    draw(counting(1000), box);
    EXPECT_EQ(scroll, 0);
}

TEST_F(ListStripTest, WhatIsGoneStandsBeforeTheHeadOrAfterTheTail) {
    ListStrip strip = counting(2);
    strip.marks = {{.item = 7, .word = "taken", .gone = true}, {.item = 8, .gone = true, .at_tail = true}};
    const Rect box{10, 10, 390, 50};
    const DrawnStrip drawn = draw(strip, box, {10 + 44 + 5, 15});
    EXPECT_EQ(drawn.under_pointer, 1000u) << "the first item stands after the one that is gone";
    EXPECT_FLOAT_EQ(drawn.end, 10 + 4 * 44);
}

TEST_F(ListStripTest, OfWhatIsGoneTheLatestStay) {
    std::vector<StripMark> marks = {
        {.item = 1, .gone = true}, {.item = 2}, {.item = 3, .gone = true}, {.item = 4, .gone = true}};
    keep_latest_gone(marks, 2);
    ASSERT_EQ(marks.size(), 3u);
    EXPECT_EQ(marks[0].item, 2u);
    EXPECT_EQ(marks[2].item, 4u);
}

TEST_F(ListStripTest, AFreeListIsAStripInListOrder) {
    mm::test::Bench bench(mm::test::profile_of(64));
    const mm::physical_memory& mem = bench.mem();
    for (const mm::zone& zone : mem.zones) {
        for (u32 order = 0; order < mem.nr_orders; ++order) {
            const mm::page_list& list = zone.area[order].free_list[mm::MIGRATE_MOVABLE];
            if (list.nr < 3) continue;
            screen.frame(400, 200, [&] {
                Pen pen(*ImGui::GetWindowDrawList(), palette_of(Theme::light), mm::Language::en);
                const ListStrip strip = page_strip(pen, mem, list, {});
                EXPECT_EQ(strip.at(0), list.first);
                EXPECT_EQ(strip.at(list.nr - 1), list.last);
                EXPECT_EQ(strip.next(strip.at(0)), strip.at(1));
                EXPECT_EQ(strip.next(strip.at(1)), strip.at(2));
            });
            return;
        }
    }
    FAIL() << "no list of three";
}

TEST_F(ListStripTest, WordsStandBelowChipsWhereARowIsHighEnough) {
    EXPECT_GE(35 - chip_top(35), STRIP_CHIP_HEIGHT + TEXT_SMALL + 2);
    EXPECT_FLOAT_EQ(chip_top(28), 4) << "in the middle";
    EXPECT_FLOAT_EQ(chip_top(10), 0);
}

// ---- rows and the area they are in ----------------------------------------------------------------------------------

class ListRowTest : public ListStripTest {
  protected:
    // Rows of 40 pixels, from above; the answer of the row with the pointer is in `pressed_row` and `item`.
    void frame(u32 nr_rows) {
        screen.frame(400, 200, [&] {
            ScrollArea area("rows");
            Pen pen(*ImGui::GetWindowDrawList(), palette_of(Theme::light), mm::Language::en);
            for (u32 i = 0; i < nr_rows; ++i) {
                const float y = area.box().y0 + 40 * static_cast<float>(i);
                const ListRow row{
                    .strip = counting(i == 0 ? 0 : 1000), .box = {10, y, 380, y + 40}, .searched = i == 2};
                const ListRowAnswer answer = draw_list_row(pen, row, area, scrolls[i]);
                if (answer.pressed) {
                    pressed_row = static_cast<int>(i);
                    item = answer.item;
                }
            }
            if (show >= 0) area.show(area.box().y0 + 40 * static_cast<float>(show), 40);
            area.end_content(area.box().y0 + 40 * static_cast<float>(nr_rows));
            top = area.box().y0;
            moves = area.wants_frame();
        });
    }
    void mouse(float x, float y, int button = -1) {
        ImGui::GetIO().AddMousePosEvent(x, y);
        if (button >= 0) ImGui::GetIO().AddMouseButtonEvent(0, button == 1);
    }
    void frames(u32 nr_rows, int count) {
        for (int i = 0; i < count; ++i) frame(nr_rows);
    }

    float scrolls[100] = {};
    int pressed_row = -1;
    std::optional<u64> item;
    int show = -1;
    float top = 0;
    bool moves = false;
};

TEST_F(ListRowTest, APressSelectsTheItemOrTheRow) {
    frames(3, 2);
    mouse(15, 50);
    frames(3, 2);
    mouse(15, 50, 1);
    frames(3, 2);
    EXPECT_EQ(pressed_row, -1);
    mouse(15, 50, 0);
    frames(3, 2);
    EXPECT_EQ(pressed_row, 1);
    EXPECT_EQ(item, 1000u);
    mouse(200, 10, 1);
    frames(3, 2);
    mouse(200, 10, 0);
    frames(3, 2);
    EXPECT_EQ(pressed_row, 0);
    EXPECT_EQ(item, std::nullopt);
}

TEST_F(ListRowTest, DraggingSidewaysScrollsTheRowAndPressesNothing) {
    frames(3, 2);
    mouse(300, 60, 1);
    frames(3, 2);
    for (float x = 300; x > 100; x -= 20) {
        mouse(x, 60);
        frame(3);
    }
    mouse(100, 60, 0);
    frames(3, 2);
    EXPECT_GT(scrolls[1], 100);
    EXPECT_EQ(scrolls[2], 0);
    EXPECT_EQ(pressed_row, -1);
    EXPECT_EQ(top, 0);
}

TEST_F(ListRowTest, DraggingUpScrollsTheArea) {
    frames(50, 2);
    mouse(200, 180, 1);
    frames(50, 2);
    for (float y = 180; y > 60; y -= 20) {
        mouse(200, y);
        frame(50);
    }
    mouse(200, 60, 0);
    frames(50, 2);
    EXPECT_LT(top, -50);
    EXPECT_EQ(scrolls[4], 0);
    EXPECT_EQ(pressed_row, -1);
}

TEST_F(ListRowTest, ARowIsShownAndOnlyMovesWhenItIsOutOfSight) {
    frames(50, 2);
    show = 3;
    frame(50);
    EXPECT_FALSE(moves);
    show = 30;
    frame(50);
    EXPECT_TRUE(moves) << "another frame is needed";
    frames(50, 2);
    EXPECT_FALSE(moves);
    EXPECT_LE(top + 40 * 31, 200);
    EXPECT_GE(top + 40 * 30, 0);
}

// ---- legends --------------------------------------------------------------------------------------------------------

TEST_F(ListStripTest, ALegendFlowsIntoLinesAndTellsWhatItCovers) {
    const std::vector<LegendItem> items = {
        {{}, "free", {}}, {{}, "allocated", {}}, {{}, "order", {rgb(1), rgb(2)}, true}};
    screen.frame(400, 200, [&] {
        Pen pen(*ImGui::GetWindowDrawList(), palette_of(Theme::light), mm::Language::en);
        const ImVec2 wide = legend_size(pen, items, 380), narrow = legend_size(pen, items, 90);
        EXPECT_LT(wide.y, narrow.y);
        EXPECT_GT(wide.x, narrow.x);
        const Rect covered = draw_legend(pen, items, {8, 192}, 380);
        EXPECT_NEAR(covered.height(), wide.y, 1);
        EXPECT_NEAR(covered.y1, 192, 1);
    });
}

} // namespace
} // namespace shell
