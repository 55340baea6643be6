// Every view drawn without a screen: at each step, in each size, theme and language, and what it says about itself.
#include <gtest/gtest.h>

#include <set>

#include "view_test.h"

namespace shell {
namespace {

constexpr std::string_view SCENARIO = R"({
  "format": "mmscope/1",
  "title": {"en": "A little of everything", "zh": "各种操作"},
  "machine": {"profile": {"name": "small", "arch": "x86_64", "kernel": "6.1", "memory": "64MiB", "cpus": 2, "nodes": 2}},
  "steps": [
    {"op": "alloc_pages", "order": 4, "gfp": "GFP_KERNEL", "as": "a"},
    {"op": "alloc_pages", "order": 0, "gfp": "GFP_HIGHUSER_MOVABLE", "as": "b"},
    {"op": "alloc_pages", "order": 10, "gfp": "GFP_KERNEL", "as": "c"},
    {"op": "alloc_pages", "order": 10, "gfp": "GFP_KERNEL", "as": "d"},
    {"op": "__free_pages", "page": "a"},
    {"op": "__free_pages", "page": "a"},
    {"op": "__free_pages", "page": "b"},
    {"op": "__free_pages", "page": "c"},
    {"op": "drain_all_pages"},
    {"random": {"count": 300, "seed": 3}}
  ]
})";

class ViewsTest : public test::ViewTest {
  protected:
    void SetUp() override { load(SCENARIO); }
};

TEST_F(ViewsTest, EachHasARowOfItsOwn) {
    std::set<std::string_view> ids;
    for (const auto& view : own) {
        EXPECT_TRUE(ids.insert(view->id()).second) << view->id() << " is the name of two views";
        EXPECT_STRNE(view->row().title.en, "") << view->id();
        EXPECT_STRNE(view->row().title.zh, "") << view->id();
    }
}

TEST_F(ViewsTest, EachIsDrawnAtEachEventInEachThemeLanguageAndSize) {
    for (const auto& view : own) {
        choose({{"view", view->id()}});
        draw_everywhere({0, 1, 2, 5, 9, end}, {0, 1, 3, 5, 9});
    }
}

TEST_F(ViewsTest, AtRestNothingIsUploaded) {
    choose({{"view", "map"}});
    ASSERT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
    frame();
    for (const ImTextureData* texture : *ImGui::GetDrawData()->Textures) EXPECT_EQ(texture->Updates.Size, 0);
}

TEST_F(ViewsTest, AfterALostContextEveryTextureOfTheMapIsThereAgain) {
    choose({{"view", "map"}, {"reducedMotion", true}});
    for (float wheel : {0.0f, 4.0f}) { // the second time, textures of two zooms are there
        ImGui::GetIO().AddMousePosEvent(400, 300);
        ImGui::GetIO().AddMouseWheelEvent(0, wheel);
        ASSERT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
        test::Screen::lose_textures();
        frame();
        EXPECT_TRUE(test::Screen::every_texture_is_there());
    }
}

TEST_F(ViewsTest, TheMapIsDrawnInEveryColourAndLayoutAtEveryZoom) {
    choose({{"view", "map"}, {"reducedMotion", true}});
    ImGuiIO& io = ImGui::GetIO();
    for (const char* colour : {"state", "type", "order", "zone", "age"}) {
        for (const char* layout : {"z-order", "linear"}) {
            choose({{"colour", colour}, {"layout", layout}});
            seek(7);
            io.AddMousePosEvent(400, 300);
            for (int i = 0; i < 40; ++i) {
                io.AddMouseWheelEvent(0, i < 30 ? 1.0f : -3.0f);
                frame();
            }
            EXPECT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
        }
    }
}

TEST_F(ViewsTest, TheMapFollowsTheOpUntilThePersonMovesIt) {
    choose({{"view", "map"}});
    seek(0);
    ASSERT_TRUE(screen.settle(bridge, 360, 300));
    const double all = describe()["pixelsPerFrame"];
    seek(1);
    ASSERT_TRUE(screen.settle(bridge, 360, 300));
    const double followed = describe()["pixelsPerFrame"];
    EXPECT_GT(followed, all);
    ImGui::GetIO().AddMousePosEvent(180, 150);
    screen.frame(bridge, 360, 300);
    ImGui::GetIO().AddMouseWheelEvent(0, -2);
    screen.frame(bridge, 360, 300);
    const double chosen = describe()["pixelsPerFrame"];
    EXPECT_LT(chosen, followed);
    seek(4);
    ASSERT_TRUE(screen.settle(bridge, 360, 300));
    EXPECT_DOUBLE_EQ(describe()["pixelsPerFrame"], chosen);
}

TEST_F(ViewsTest, AClickInTheMapSelectsTheBlock) {
    choose({{"view", "map"}, {"reducedMotion", true}});
    seek(1);
    ASSERT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
    ImGuiIO& io = ImGui::GetIO();
    io.AddMousePosEvent(420, 400);
    frame();
    io.AddMouseButtonEvent(0, true);
    frame();
    io.AddMouseButtonEvent(0, false);
    const AfterDraw after = frame();
    EXPECT_TRUE(after.tell_page);
    EXPECT_EQ(bridge.app.selection.kind, Selection::Kind::pfn);
}

TEST_F(ViewsTest, FreeListsTellNrFreeAndHeads) {
    choose({{"view", "free-lists"}});
    frame();
    const Json lists = describe();
    const mm::physical_memory& mem = bridge.app.session->machine().physical;
    ASSERT_EQ(lists["orders"].size(), mem.nr_orders);
    EXPECT_EQ(lists["orders"][0]["order"], mem.nr_orders - 1);
    EXPECT_GT(lists["orders"][0]["nr_free"], 0);
}

TEST_F(ViewsTest, ZonesTellTheComparisonOfTheOp) {
    choose({{"view", "zones"}});
    seek(1);
    frame();
    bool compared = false;
    const Json zones = describe()["zones"];
    for (const Json& zone : zones) {
        if (!zone.contains("comparison")) continue;
        const Json& c = zone["comparison"];
        compared |= c.value("passes", false);
        EXPECT_EQ(c.value("usable", 0), c.value("free", 0) - c.value("unusable", -1));
        EXPECT_EQ(c.value("passes", false), c.value("usable", 0) > c.value("limit", 0));
    }
    EXPECT_TRUE(compared);
}

TEST_F(ViewsTest, PerCpuListsTellCountHighAndBatch) {
    choose({{"view", "pcp"}});
    seek(7);
    frame();
    const Json cpus = describe()["cpus"];
    ASSERT_EQ(cpus.size(), 2u);
    EXPECT_GT(cpus[0]["count"], 0);
    EXPECT_FALSE(cpus[0]["lists"].empty());
}

} // namespace
} // namespace shell
