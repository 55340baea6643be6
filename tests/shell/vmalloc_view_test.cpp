// The view of vmalloc as trees: the kernel's shape, colours and sizes, the way of a search, cut where room ends, chosen and linked.
#include <gtest/gtest.h>

#include "kernel/events.h"
#include "view_test.h"
#include "views/parts/tree_picture.h"

namespace shell {
namespace {

class VmallocViewTest : public test::ViewTest {
  protected:
    // nr areas of a page, of which every second one is freed and purged: nr / 2 holes.
    void load(int nr, const char* arch = "arm64") {
        std::string steps;
        for (int i = 0; i < nr; ++i)
            steps += R"({"op": "vmalloc", "size": 4096, "as": "a)" + std::to_string(i) + R"("}, )";
        for (int i = 1; i < nr; i += 2) steps += R"({"op": "vfree", "area": "a)" + std::to_string(i) + R"("}, )";
        steps += R"({"op": "vm_unmap_aliases"}, {"op": "vmalloc", "size": 4096, "as": "small"},
                    {"op": "vmalloc", "size": 40000, "as": "large"})";
        const std::string scenario = R"({"format": "mmscope/1", "title": "Holes", "machine": {"profile": {
            "memory": "64MiB", "kernel": "6.1", "arch": ")" +
                                     std::string(arch) + R"("}}, "steps": [)" + steps + "]}";
        ViewTest::load(scenario);
        choose({{"view", "vmalloc"}, {"reducedMotion", true}});
    }
};

TEST_F(VmallocViewTest, TheTreesAreTheKernels) {
    load(16);
    const Json view = at(end - 2);
    const mm::vmap_space& space = bridge.app.session->machine().kernel.vmap;
    // Eight holes of a page and its guard page, the gap before the kernel's image or behind it, and what is behind all.
    const TreePicture tree = tree_picture(space.areas, space.free_root);
    ASSERT_EQ(tree.total, mm::vmap_areas(space, mm::vmap_state::free).size());
    ASSERT_EQ(view["free_tree"].size(), tree.total);
    EXPECT_GE(tree.total, 8u);
    const Json& root = view["free_tree"][0];
    EXPECT_EQ(root["colour"], "black");
    EXPECT_EQ(root["at"], Json({0, 0}));
    EXPECT_EQ(root["subtree_max_size"], space.areas[space.free_root].subtree_max_size);
    for (const TreeNode& node : tree.nodes) {
        const mm::vmap_area& area = space.areas[node.id];
        if (node.depth == 0) continue;
        const bool left = space.areas[area.parent].left == node.id;
        EXPECT_EQ(node.place % 2, left ? 0u : 1u);
    }
    EXPECT_EQ(view["busy_tree"].size(), std::min<std::size_t>(mm::vmap_areas(space, mm::vmap_state::busy).size(), 64));
    EXPECT_FALSE(view["busy_tree"][0].contains("subtree_max_size"));
    EXPECT_EQ(view["searched"], 0) << "a purge searches for nothing";
}

TEST_F(VmallocViewTest, TheWayOfTheLastSearchIsLit) {
    load(16);
    // While the event tells it, the hole is still there: the last node of the way.
    const std::vector<mm::Event> events = bridge.app.session->replay(end - 1).events;
    mm::u32 taken = 0;
    while (events[taken].kind != static_cast<mm::u16>(mm::kernel_event::vmap_area_taken)) ++taken;
    const Json now = at(end - 1, taken + 1);
    ASSERT_GT(now["searched"], 0);
    std::vector<Json> lit;
    for (const Json& node : now["free_tree"])
        if (node.contains("searched")) lit.push_back(node);
    ASSERT_EQ(lit.size(), now["searched"]);
    EXPECT_EQ(lit[0]["at"], Json({0, 0})) << "it begins at the root";
    // 40,000 bytes are 10 pages and the guard page: only the hole at the end is as long, the right-most node.
    EXPECT_GE(lit.back()["size"], 11 * 4096);
    for (const Json& node : lit) EXPECT_GE(node["subtree_max_size"], 11 * 4096);
    EXPECT_EQ(at(end)["searched"], now["searched"]) << "the step as a whole tells the same";
}

TEST_F(VmallocViewTest, BothPicturesAreDrawnInEachSizeThemeAndLanguage) {
    for (const char* arch : {"arm64", "i386"}) {
        load(200, arch);
        for (const char* look : {"trees", ""}) {
            choose({{"look", look}});
            draw_everywhere({0, 1, 201, end - 2, end}, {0, 1});
            EXPECT_LT(ImGui::GetDrawData()->TotalVtxCount, 40000);
        }
    }
}

TEST_F(VmallocViewTest, TheChoiceIsPressedAndLinked) {
    load(4);
    static_cast<void>(at(0)); // no step has scrolled the picture
    EXPECT_EQ(bridge.open_view()->look(), "");
    for (float x = 90; x < 180 && bridge.open_view()->look().empty(); x += 12)
        for (float y = 44; y < 100 && bridge.open_view()->look().empty(); y += 5) press(x, y);
    EXPECT_EQ(bridge.open_view()->look(), "trees");
    EXPECT_EQ(at(end)["shown"], "trees");
    choose({{"look", ""}});
    EXPECT_EQ(at(end)["shown"], "addresses");
}

TEST_F(VmallocViewTest, PressingAnAreaOfATreeSelectsItsAddress) {
    load(4);
    choose({{"look", "trees"}});
    const Json view = at(end);
    // The root stands in the middle.
    for (float y = 100; y < 400 && bridge.app.selection.kind != Selection::Kind::address; y += 8) press(400, y);
    ASSERT_EQ(bridge.app.selection.kind, Selection::Kind::address);
    const mm::kernel_memory& kernel = bridge.app.session->machine().kernel;
    EXPECT_EQ(static_cast<mm::u64>(bridge.app.selection.value), kernel.vmap.areas[kernel.vmap.free_root].va_start);
}

} // namespace
} // namespace shell
