// The picture follows the step: what it touched is on the screen, also where the screen is small; and rows without a part in
// it are folded there.
#include <gtest/gtest.h>

#include "view_test.h"
#include "views/parts/palette.h"

namespace shell {
namespace {

constexpr float LOW_WIDTH = 360, LOW_HEIGHT = 200;

class FollowTest : public test::ViewTest {
  protected:
    void SetUp() override { choose({{"reducedMotion", true}}); }
    // Marks are in the accent's colour; the legend, which has it too, stands below the rows of a low window.
    bool mark_in_sight(float width = LOW_WIDTH, float height = LOW_HEIGHT) {
        for (int i = 0; i < 5; ++i) screen.frame(bridge, width, height);
        const Palette& p = palette_of(bridge.app.theme);
        // A zone that was compared says by its colour that it passed.
        return test::Screen::shows_colour(bridge.app.view == "zones" ? p.good : p.accent);
    }
    static std::string scenario(std::string_view arch, std::string_view steps, std::string_view more = "") {
        return R"({"format": "mmscope/1", "title": "follow", "machine": {"profile": {"memory": "64MiB", "kernel": "6.1", "arch": ")" +
               std::string(arch) + "\"" + std::string(more) + R"(}}, "steps": [)" + std::string(steps) + "]}";
    }
};

// Areas stand one above the other: the last of 60 is far below a window of 200 pixels.
TEST_F(FollowTest, ANewAreaIsScrolledIntoSight) {
    load(scenario("arm64", R"({"repeat": {"count": 60, "steps": [{"op": "vmalloc", "size": 8192, "as": "v[]"}]}})"));
    choose({{"view", "vmalloc"}});
    for (const mm::u32 step : {1u, 30u, 60u}) {
        seek(step);
        EXPECT_TRUE(mark_in_sight()) << step;
    }
}

TEST_F(FollowTest, TheCacheOfTheStepIsScrolledIntoSight) {
    load(scenario("arm64", R"({"op": "kmalloc", "size": 50, "as": "a"}, {"op": "kmalloc", "size": 5000, "as": "b"})"));
    choose({{"view", "caches"}});
    choose({{"look", "name+all"}});
    for (const mm::u32 step : {1u, 2u, 1u}) {
        seek(step);
        EXPECT_TRUE(mark_in_sight()) << step;
    }
}

TEST_F(FollowTest, ListsAndGaugesShowWhatTheStepTouched) {
    load(scenario("x86_64",
                  R"({"op": "alloc_pages", "order": 4, "as": "a"}, {"op": "alloc_pages", "order": 0, "as": "b"})",
                  R"(, "nodes": 2, "cpus": 4)"));
    for (const char* view : {"free-lists", "zones", "pcp", "map"}) {
        choose({{"view", view}});
        for (const mm::u32 step : {1u, 2u}) {
            if (step == 1 && std::string_view(view) == "pcp") continue; // order 4 has no part in per-CPU lists
            seek(step);
            EXPECT_TRUE(mark_in_sight()) << view << " at " << step;
        }
    }
}

TEST_F(FollowTest, AnObjectAndAnEntryAreScrolledIntoSight) {
    load(scenario("arm64", R"({"repeat": {"count": 30, "steps": [{"op": "kmalloc", "size": 50, "as": "k[]"}]}},
        {"op": "pgd_alloc", "as": "p"}, {"op": "alloc_page", "as": "u"},
        {"op": "vm_insert_pages", "mm": "p", "address": "0x400000", "page": "u"})"));
    choose({{"view", "slab"}});
    seek(30);
    EXPECT_TRUE(mark_in_sight());
    choose({{"view", "page-tables"}});
    seek(33);
    EXPECT_TRUE(mark_in_sight());
}

// In a high window nothing is folded, in a low one the line below the rows opens them.
TEST_F(FollowTest, RowsWithoutAPartAreFoldedInALowWindowUntilTheLineIsPressed) {
    load(scenario("x86_64", R"({"op": "alloc_pages", "order": 4, "as": "a"})", R"(, "nodes": 2)"));
    choose({{"view", "zones"}});
    seek(1);
    const auto vertices = [&](float width, float height) {
        for (int i = 0; i < 5; ++i) screen.frame(bridge, width, height);
        return ImGui::GetDrawData()->TotalVtxCount;
    };
    const int folded = vertices(2000, 300);
    ImGuiIO& io = ImGui::GetIO();
    bool opened = false;
    for (float y = 295; y > 100 && !opened; y -= 6) {
        io.AddMousePosEvent(40, y);
        screen.frame(bridge, 2000, 300);
        io.AddMouseButtonEvent(0, true);
        screen.frame(bridge, 2000, 300);
        io.AddMouseButtonEvent(0, false);
        opened = vertices(2000, 300) > folded + 100;
    }
    EXPECT_TRUE(opened);
}

// Enter gives the keys to the picture, down leads to its last line, Enter presses it.
TEST_F(FollowTest, TheLineThatOpensFoldedRowsIsReachedByKeyboard) {
    load(scenario("x86_64", R"({"op": "alloc_pages", "order": 4, "as": "a"})", R"(, "nodes": 2)"));
    seek(1);
    ImGuiIO& io = ImGui::GetIO();
    for (const char* view : {"zones", "free-lists"}) {
        choose({{"view", view}});
        const auto press_key = [&](ImGuiKey key) {
            for (const bool down : {true, false}) {
                io.AddKeyEvent(key, down);
                for (int i = 0; i < 4; ++i) screen.frame(bridge, 2000, 250);
            }
        };
        const auto says_folded = [&] {
            return bridge.export_svg("").find("without a part in this step: show") != std::string::npos;
        };
        for (int i = 0; i < 5; ++i) screen.frame(bridge, 2000, 250);
        EXPECT_TRUE(says_folded()) << view;
        press_key(ImGuiKey_Enter);
        for (int i = 0; i < 40; ++i) press_key(ImGuiKey_DownArrow);
        press_key(ImGuiKey_Enter);
        EXPECT_FALSE(says_folded()) << view;
        seek(0); // nothing is folded at the start
        seek(1);
        for (int i = 0; i < 5; ++i) screen.frame(bridge, 2000, 250);
        EXPECT_FALSE(says_folded()) << view << ": it stays open";
        press_key(ImGuiKey_Escape);
    }
}

// A card of a zone and the blocks of a list are selected by keys, as by a press.
TEST_F(FollowTest, ZonesAndBlocksAreSelectedByKeyboard) {
    load(scenario("x86_64", R"({"op": "alloc_pages", "order": 4, "as": "a"})"));
    seek(1);
    for (const auto& [view, kind] : {std::pair{"zones", Selection::Kind::zone}, {"free-lists", Selection::Kind::pfn}}) {
        choose({{"view", view}});
        ASSERT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
        key(ImGuiKey_Enter);
        frame();
        key(ImGuiKey_RightArrow);
        frame();
        key(ImGuiKey_Enter);
        EXPECT_EQ(bridge.app.selection.kind, kind) << view;
        key(ImGuiKey_Escape);
    }
}

} // namespace
} // namespace shell
