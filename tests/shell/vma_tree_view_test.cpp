// The view of a process's VMAs as a tree: the index with its holes, the way of the step's search, chosen and linked.
#include <gtest/gtest.h>

#include <map>

#include "base/hex.h"
#include "machine/facts/process_facts.h"
#include "view_scenarios.h"
#include "view_test.h"

namespace shell {
namespace {

using mm::u64;

// The scenario on another kernel, or with another index.
std::string processes_on(std::string_view kernel, std::string_view index) {
    std::string text(test::PROCESSES);
    const std::string old = "\"kernel\": \"6.1\"";
    return text.replace(text.find(old), old.size(),
                        "\"kernel\": \"" + std::string(kernel) + "\", \"vma_index\": \"" + std::string(index) + "\"");
}

class VmaTreeTest : public test::ViewTest {
  protected:
    void SetUp() override { show("5.10", "auto"); }
    void show(std::string_view kernel, std::string_view index) {
        load(processes_on(kernel, index));
        choose({{"view", "vma-tree"}, {"reducedMotion", true}});
    }
    const mm::process_memory& processes() { return bridge.app.session->machine().processes; }
    static u64 number(const Json& hex) { return std::stoull(hex.get<std::string>(), nullptr, 16); }
};

TEST_F(VmaTreeTest, TheTreeIsTheIndexWithTheLongestHoleBelowEachNode) {
    const Json view = at(1);
    const mm::mm_struct& mm = processes().mms[0];
    ASSERT_EQ(view["total"], mm.map_count);
    ASSERT_EQ(view["nodes"].size(), mm.map_count);
    const Json& root = view["nodes"][0];
    EXPECT_EQ(root["at"], Json({0, 0}));
    EXPECT_EQ(root["colour"], "black");
    u64 longest = 0, reached = 0;
    for (const mm::vma_id id : mm::vmas_of(processes(), 0)) {
        const mm::vm_area_struct& vma = processes().vmas[id];
        if (reached > 0) longest = std::max(longest, vma.vm_start - reached);
        reached = vma.vm_end;
    }
    EXPECT_EQ(root["max_gap"], longest);
    // Left of a node lies what is below it in address, right of it what is above.
    std::map<std::pair<int, int>, u64> starts;
    for (const Json& node : view["nodes"]) starts[{node["at"][0], node["at"][1]}] = number(node["start"]);
    for (const auto& [at, start] : starts) {
        if (at.first == 0) continue;
        const u64 above = starts.at({at.first - 1, at.second / 2});
        EXPECT_EQ(at.second % 2 == 0, start < above);
    }
}

// Who looks for an address that no VMA has passes both VMAs beside it.
TEST_F(VmaTreeTest, TheWayOfTheSearchIsLitDownToTheHole) {
    const Json view = at(2);
    ASSERT_GT(view["searched"], 0);
    std::vector<u64> way;
    for (const Json& node : view["nodes"])
        if (node.contains("searched")) way.push_back(number(node["start"]));
    EXPECT_EQ(way.size(), view["searched"]);
    choose({{"view", "address-space"}});
    const Json placed = describe()["placed"];
    EXPECT_NE(std::find(way.begin(), way.end(), number(placed["hole_end"])), way.end()) << view;
    choose({{"view", "vma-tree"}});
}

// munmap and mprotect look for the VMA of their address.
TEST_F(VmaTreeTest, TheWayOfTheSearchForAnAddressIsLit) {
    const Json view = at(4);
    EXPECT_EQ(view["index"], "rbtree");
    if (view["searched"] == 0) { EXPECT_GT(view["looked"], 0) << "the vmacache had it"; }
    show("6.1", "auto");
    const Json maple = at(4);
    EXPECT_EQ(maple["index"], "maple");
    EXPECT_GT(maple["searched"], 0);
    EXPECT_EQ(maple["searched"], maple["looked"]) << "a node a level of the tree as it was";
}

// Each node of the maple tree with the slots that it uses.
TEST_F(VmaTreeTest, TheMapleTreeIsDrawnAsItIs) {
    show("6.1", "auto");
    const Json view = at(2);
    const mm::maple_tree& tree = processes().mms[0].mm_mt;
    ASSERT_EQ(view["total"], tree.nodes);
    ASSERT_EQ(view["nodes"].size(), tree.nodes);
    EXPECT_EQ(view["nodes"][0]["level"], tree.height);
    EXPECT_EQ(view["nodes"][0]["max_gap"], mm::maple_longest_gap(processes().maple, tree.root));
    const Json mirror = Json::parse(bridge.mirror(), nullptr, false);
    std::size_t slots = 0;
    for (const Json& node : view["nodes"]) slots += node["slots"].get<std::size_t>();
    EXPECT_EQ(mirror["rows"].size(), slots) << "a row a slot";
}

// Seven VMAs and one more: 2.4 has a list of them, and no tree.
TEST_F(VmaTreeTest, AShortListHasNoAvlTree) {
    show("5.10", "avl");
    const Json view = at(2);
    EXPECT_EQ(view["index"], "avl");
    EXPECT_EQ(view["total"], 0);
    const Json mirror = Json::parse(bridge.mirror(), nullptr, false);
    EXPECT_EQ(mirror["rows"].size(), processes().mms[0].map_count);
}

TEST_F(VmaTreeTest, ItIsDrawnInEachSizeThemeAndLanguage) {
    draw_everywhere({1, 2, 3, 4, 5, 6}, {0, 1});
    show("6.1", "maple");
    draw_everywhere({1, 2, 4, 5}, {0, 1});
    show("5.10", "avl");
    draw_everywhere({2, 4}, {0, 1});
}

TEST_F(VmaTreeTest, AClickSelectsTheVmaOfTheProcess) {
    seek(1);
    frame();
    ASSERT_TRUE(press_until(WIDTH / 2, Selection::Kind::address)) << "the root stands in the middle";
    const mm::vm_area_struct& root = processes().vmas[processes().mms[0].root];
    EXPECT_EQ(static_cast<u64>(bridge.app.selection.value), root.vm_start);
    EXPECT_EQ(bridge.app.selection.second, static_cast<mm::i64>(processes().mms[0].space));
}

TEST_F(VmaTreeTest, ALinkKeepsTheProcess) {
    seek(5);
    EXPECT_EQ(describe()["process"], processes().mms[1].pid) << "the step made it";
    choose({{"look", "1"}});
    frame();
    EXPECT_EQ(describe()["process"], processes().mms[0].pid);
    EXPECT_EQ(bridge.open_view()->look(), "1");
    choose({{"look", ""}});
    EXPECT_EQ(bridge.open_view()->look(), "");
}

TEST_F(VmaTreeTest, TheMirrorHasARowForEachVma) {
    seek(4);
    const Json mirror = Json::parse(bridge.mirror(), nullptr, false);
    EXPECT_EQ(mirror["rows"].size(), processes().mms[0].map_count);
    std::size_t roots = 0;
    for (const Json& row : mirror["rows"]) roots += row["cells"][2] == "";
    EXPECT_EQ(roots, 1u) << "only the root hangs below nothing";
}

} // namespace
} // namespace shell
