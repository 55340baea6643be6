// The view of vmalloc with what several share: blocks of vm_map_ram with their pages, and the areas of percpu chunks.
#include <gtest/gtest.h>

#include <imgui_internal.h>

#include "view_test.h"

namespace shell {
namespace {

class SharedAreasViewTest : public test::ViewTest {
  protected:
    void load_steps(const char* arch = "arm64") {
        ViewTest::load(R"({"format": "mmscope/1", "title": "Shared", "machine": {"profile": {
            "memory": "256MiB", "kernel": "6.1", "cpus": 2, "arch": ")" +
                       std::string(arch) + R"("}}, "steps": [
            {"op": "alloc_pages", "order": 4, "as": "p"},
            {"op": "vm_map_ram", "page": "p", "count": 3, "as": "m"},
            {"op": "vm_map_ram", "page": "p", "count": 2, "cpu": 1, "as": "n"},
            {"op": "vm_unmap_ram", "area": "m", "count": 3},
            {"op": "__alloc_percpu", "size": 5000, "as": "c"}]})");
        choose({{"view", "vmalloc"}, {"reducedMotion", true}});
    }
    static std::vector<Json> of_kind(const Json& view, const std::string& kind) {
        std::vector<Json> found;
        for (const Json& area : view["areas"])
            if (area.contains("kind") && area["kind"] == kind) found.push_back(area);
        return found;
    }
};

TEST_F(SharedAreasViewTest, ABlockTellsWhatIsInIt) {
    load_steps();
    EXPECT_TRUE(of_kind(at(1), "vm_map_ram").empty());
    const std::vector<Json> mapped = of_kind(at(3), "vm_map_ram");
    ASSERT_EQ(mapped.size(), 2u);
    EXPECT_EQ(mapped[0]["block"], Json({{"cpu", 0}, {"used", 4}, {"dirty", 0}, {"unused", 1020}}));
    EXPECT_EQ(mapped[0]["frames"].size(), 3u) << "three pages of the four that were taken";
    EXPECT_EQ(mapped[1]["block"], Json({{"cpu", 1}, {"used", 2}, {"dirty", 0}, {"unused", 1022}}));
    const std::vector<Json> unmapped = of_kind(at(4), "vm_map_ram");
    EXPECT_EQ(unmapped[0]["block"], Json({{"cpu", 0}, {"used", 0}, {"dirty", 4}, {"unused", 1020}}));
    EXPECT_TRUE(unmapped[0]["frames"].empty());
}

// 5000 bytes: a page, and 904 bytes of the next one, in the units of both CPUs.
TEST_F(SharedAreasViewTest, AChunkTellsWhatIsInUsePageByPage) {
    load_steps();
    const std::vector<Json> chunks = of_kind(at(5), "percpu");
    ASSERT_EQ(chunks.size(), 1u);
    EXPECT_EQ(chunks[0]["chunk"]["unit"], 126976);
    EXPECT_EQ(chunks[0]["chunk"]["used"][0], 4096);
    EXPECT_EQ(chunks[0]["chunk"]["used"][1], 904);
    EXPECT_EQ(chunks[0]["chunk"]["used"][2], 0);
    EXPECT_EQ(chunks[0]["frames"].size(), 4u);
    EXPECT_EQ(chunks[0]["end"], "0xfffffbfff0000000");
}

// Chunks lie at the top of the space, behind all areas and the hole; blocks at its bottom.
TEST_F(SharedAreasViewTest, TheViewGoesToWhatAStepHasTouched) {
    load_steps();
    const auto scrolled_at = [&](mm::u32 step) {
        seek(step);
        EXPECT_TRUE(screen.settle(bridge, WIDTH, 200));
        for (const ImGuiWindow* window : ImGui::GetCurrentContext()->Windows)
            if (std::string_view(window->Name).find("/vmalloc_") != std::string_view::npos)
                return std::pair{window->Scroll.y, window->ScrollMax.y};
        return std::pair{-1.0f, -1.0f};
    };
    const auto [block, most_before] = scrolled_at(2);
    EXPECT_GE(block, 0);
    const auto [chunk, most] = scrolled_at(5);
    EXPECT_GT(chunk, most - 200) << "the last area is in sight";
    EXPECT_GT(chunk, block);
    EXPECT_LT(scrolled_at(4).first, chunk) << "back at the block";
}

TEST_F(SharedAreasViewTest, TheyAreDrawnInEachSizeThemeAndLanguage) {
    for (const char* arch : {"arm64", "x86_64", "i386"}) {
        load_steps(arch);
        for (const char* look : {"trees", ""}) {
            choose({{"look", look}});
            draw_everywhere({0, 2, 3, 4, 5}, {0, 1});
        }
    }
}

} // namespace
} // namespace shell
