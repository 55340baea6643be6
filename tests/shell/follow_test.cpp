// The picture follows the step: what it touched is on the screen, also where the screen is small; and rows without a part in
// it are folded there.
#include <gtest/gtest.h>

#include "view_test.h"
#include "views/parts/palette.h"
#include "xml_check.h"

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

// A table of 512 entries is higher than a small window: the row of the entry that the fault has set is what counts. Its mark is
// pressed, which selects its address.
TEST_F(FollowTest, TheEntryOfAFaultIsInSightInASmallWindow) {
    load(scenario("arm64", R"({"op": "transparent_hugepage.enabled", "value": "never"},
        {"op": "execve", "program": "/bin/p", "as": "p"},
        {"op": "mmap", "process": "p", "address": "0x10000000000", "size": "2MiB", "flags": "MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED", "as": "a"},
        {"op": "user_write", "process": "p", "address": "a", "value": 1},
        {"op": "user_write", "process": "p", "address": "a+0x1ff000", "value": 2},
        {"op": "user_write", "process": "p", "address": "a+0x80000", "value": 3})"));
    choose({{"view", "page-tables"}});
    const mm::u32 accent = palette_of(bridge.app.theme).accent;
    char stroke[64];
    std::snprintf(stroke, sizeof stroke, "#%02x%02x%02x", accent & 0xff, accent >> 8 & 0xff, accent >> 16 & 0xff);
    const auto press_mark = [&](const test::XmlElement& mark, float width, float height) {
        const auto number = [&](const char* name) { return std::stof(mark.attribute(name)); };
        ImGuiIO& io = ImGui::GetIO();
        io.AddMousePosEvent(number("x") + number("width") / 2, number("y") + number("height") / 2);
        for (const bool down : {true, false}) {
            screen.frame(bridge, width, height);
            io.AddMouseButtonEvent(0, down);
        }
        for (int i = 0; i < 2; ++i) screen.frame(bridge, width, height);
        io.AddMousePosEvent(-100, -100);
    };
    for (const auto& [width, height] :
         {std::pair{390.0f, 250.0f}, {480.0f, 320.0f}, {480.0f, 200.0f}, {1366.0f, 600.0f}}) {
        for (const auto& [step, page] : {std::pair{4u, 0u}, {5u, 0x1ff000u}, {6u, 0x80000u}}) {
            bridge.app.selection = {};
            seek(step);
            for (int i = 0; i < 5; ++i) screen.frame(bridge, width, height);
            const test::XmlCheck svg(Json::parse(bridge.export_svg(""), nullptr, false).value("svg", ""));
            bool found = false;
            for (const test::XmlElement& element : svg.elements) {
                if (element.name != "rect" || element.attribute("stroke") != stroke ||
                    element.attribute("stroke-width") != "2")
                    continue;
                press_mark(element, width, height);
                const Selection& selection = bridge.app.selection;
                found = found || (selection.kind == Selection::Kind::address &&
                                  static_cast<mm::u64>(selection.value) == 0x10000000000ull + page);
            }
            EXPECT_TRUE(found) << width << " x " << height << " at " << step;
        }
    }
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
