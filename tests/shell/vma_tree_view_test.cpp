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

class VmaTreeTest : public test::ViewTest {
  protected:
    void SetUp() override {
        load(test::PROCESSES);
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
    for (const mm::u32 step : {3u, 4u}) EXPECT_EQ(at(step)["searched"], 0) << "munmap and mprotect look for no hole";
}

TEST_F(VmaTreeTest, ItIsDrawnInEachSizeThemeAndLanguage) { draw_everywhere({1, 2, 3, 4, 5, 6}, {0, 1}); }

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
