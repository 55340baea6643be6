#include "process/maple_tree.h"

#include <gtest/gtest.h>

#include <map>

#include "base/rng.h"

namespace mm {
namespace {

constexpr u64 PAGE = 4096;

// A tree, and beside it a list of ranges that is told the same.
struct Maple {
    maple_pool pool;
    maple_tree tree;
    std::map<u64, std::pair<u64, u32>> flat; // first -> last, entry

    maple_report store(u64 first, u64 last, u32 entry) {
        flat_store(first, last, entry);
        return maple_store(pool, tree, first, last, entry);
    }
    maple_report page(u64 at, u32 entry) { return store(at * PAGE, at * PAGE + PAGE - 1, entry); }

    void flat_store(u64 first, u64 last, u32 entry) {
        auto at = flat.upper_bound(first);
        if (at != flat.begin()) --at;
        while (at != flat.end() && at->first <= last) {
            const auto [begin, rest] = *at;
            if (rest.first < first) {
                ++at;
                continue;
            }
            at = flat.erase(at);
            if (begin < first) flat[begin] = {first - 1, rest.second};
            if (rest.first > last) at = flat.emplace(last + 1, rest).first;
        }
        if (entry != MAPLE_NONE) flat[first] = {last, entry};
    }
    // The slots in use of each leaf, in their order.
    [[nodiscard]] std::vector<u32> leaves() const {
        std::vector<u32> counts;
        for (maple_id id = maple_first_leaf(pool, tree); id != MAPLE_NONE; id = maple_next_node(pool, id))
            counts.push_back(pool.nodes[id].count);
        return counts;
    }
    [[nodiscard]] std::string difference() const {
        if (const auto fault = verify_maple(pool, tree)) return *fault;
        auto range = flat.begin();
        u64 first = 0;
        for (maple_id id = maple_first_leaf(pool, tree); id != MAPLE_NONE; id = maple_next_node(pool, id)) {
            const maple_node& leaf = pool.nodes[id];
            for (u32 i = 0; i < leaf.count; first = leaf.pivots[i++] + 1) {
                if (leaf.slots[i] == MAPLE_NONE) continue;
                if (range == flat.end()) return "more entries than there are";
                if (range->first != first || range->second.first != leaf.pivots[i] ||
                    range->second.second != leaf.slots[i])
                    return "another entry at " + std::to_string(first);
                ++range;
            }
        }
        return range == flat.end() ? "" : "entries are missing";
    }
};

using Counts = std::vector<u32>;

// ---- Drawn by hand from the kernel's rules ---------------------------------------------------------------------------

TEST(MapleTree, BeginsAsOneLeaf) {
    Maple m;
    m.page(10, 1);
    EXPECT_EQ(m.leaves(), Counts{3}); // nothing, the entry, nothing
    EXPECT_EQ(m.tree.height, 1);
    EXPECT_EQ(m.page(10, MAPLE_NONE).write, maple_write::emptied);
    EXPECT_EQ(m.tree.root, MAPLE_NONE);
    EXPECT_EQ(m.tree.nodes, 0u);
}

// An entry with nothing beside it takes two slots: eight of them need 17, and the cut at slot 8 would leave a leaf that
// ends with nothing, so it moves up by one.
TEST(MapleTree, EightApartMakeATree) {
    Maple m;
    for (u32 i = 1; i <= 7; ++i) m.page(2 * i, i);
    EXPECT_EQ(m.leaves(), Counts{15});
    const maple_report report = m.page(16, 8);
    EXPECT_EQ(report.write, maple_write::split);
    ASSERT_EQ(report.steps.size(), 2u);
    EXPECT_EQ(report.steps[0].change, maple_change::split);
    EXPECT_EQ(report.steps[1].change, maple_change::root_above);
    EXPECT_EQ(m.leaves(), (Counts{10, 7}));
    EXPECT_EQ(m.tree.height, 2);
    EXPECT_EQ(m.tree.nodes, 3u);
}

// Side by side each takes one: 14 fill a leaf, with nothing at both ends. 17 slots are cut in 9 and 8; the right leaf, full
// again, pushes what it can to the left, which then has 15; full once more, it is cut.
TEST(MapleTree, AppendedSideBySide) {
    Maple m;
    u32 made = 0;
    const auto append_to = [&](u32 count) {
        maple_report last;
        while (made < count) last = m.page(100 + made, made + 1), ++made;
        return last;
    };
    append_to(14);
    EXPECT_EQ(m.leaves(), Counts{16});
    append_to(15);
    EXPECT_EQ(m.leaves(), (Counts{9, 8}));
    append_to(23);
    EXPECT_EQ(m.leaves(), (Counts{9, 16}));
    const maple_report pushed = append_to(24);
    ASSERT_EQ(pushed.steps.size(), 1u);
    EXPECT_EQ(pushed.steps[0].change, maple_change::pushed_left);
    EXPECT_EQ(m.leaves(), (Counts{15, 11}));
    append_to(30);
    EXPECT_EQ(m.leaves(), (Counts{15, 9, 8}));
    EXPECT_EQ(m.difference(), "");
}

// A leaf that would keep six slots joins the next one, and the root goes when one leaf holds all.
TEST(MapleTree, TooFewSlotsJoin) {
    Maple m;
    for (u32 i = 0; i < 15; ++i) m.page(100 + i, i + 1);
    ASSERT_EQ(m.leaves(), (Counts{9, 8}));
    m.page(100, MAPLE_NONE); // what was nothing before it grows
    EXPECT_EQ(m.leaves(), (Counts{8, 8}));
    m.page(101, MAPLE_NONE);
    EXPECT_EQ(m.leaves(), (Counts{7, 8}));
    const maple_report report = m.page(102, MAPLE_NONE);
    EXPECT_EQ(report.write, maple_write::rebalance);
    EXPECT_EQ(m.leaves(), Counts{14});
    EXPECT_EQ(m.tree.height, 1);
    ASSERT_EQ(report.steps.size(), 2u);
    EXPECT_EQ(report.steps[0].change, maple_change::joined);
    EXPECT_EQ(report.steps[1].change, maple_change::root_gone);
}

// Nothing at the end of a leaf cannot stay there: the store goes over to the next leaf.
TEST(MapleTree, NothingAtTheEndOfALeafSpans) {
    Maple m;
    for (u32 i = 0; i < 15; ++i) m.page(100 + i, i + 1);
    const maple_report report = m.page(107, MAPLE_NONE); // the last of the first leaf
    EXPECT_EQ(report.write, maple_write::spanning);
    EXPECT_EQ(m.difference(), "");
    EXPECT_EQ(m.leaves(), (Counts{10, 7})); // 17 slots as before, and slot 8 is nothing now
}

// The root knows the longest gap below each child, and a search passes those that are too short.
TEST(MapleTree, GapsLeadTheSearch) {
    Maple m;
    for (u32 i = 1; i <= 8; ++i) m.page(2 * i, i); // leaves: up to page 10, and behind
    const maple_node& root = m.pool.nodes[m.tree.root];
    EXPECT_EQ(root.gaps[0], 2 * PAGE); // pages 0 and 1
    EXPECT_EQ(root.pivots[0], 11 * PAGE - 1);
    EXPECT_EQ(root.gaps[1], MAPLE_LAST - 17 * PAGE + 1);
    u32 looked = 0;
    const auto gap = maple_lowest_gap(m.pool, m.tree, 3 * PAGE, 0, MAPLE_LAST, looked);
    ASSERT_TRUE(gap);
    EXPECT_EQ(gap->first, 17 * PAGE);
    EXPECT_EQ(gap->below, 8u);
    EXPECT_EQ(looked, 2u); // the root and the right leaf
}

// ---- Against the list ----------------------------------------------------------------------------------------------

TEST(MapleTree, HoldsWhatAListOfRangesHolds) {
    for (u64 seed = 1; seed <= 6; ++seed) {
        Maple m;
        Rng rng(seed);
        const u64 pages = seed < 4 ? 300 : 3000;
        for (u32 turn = 0; turn < 4000; ++turn) {
            const u64 first = rng.below(pages);
            const u64 length = rng.below(20) == 0 ? rng.below(pages / 2) : rng.below(4);
            const bool clears = rng.below(turn / 1000 % 2 == 0 ? 4 : 2) == 0;
            m.store(first * PAGE, (first + length + 1) * PAGE - 1, clears ? MAPLE_NONE : turn);
            ASSERT_EQ(m.difference(), "") << "seed " << seed << " turn " << turn;
            const u64 probe = rng.below(pages) * PAGE;
            const maple_place at = maple_walk(m.pool, m.tree, probe);
            auto above = m.flat.upper_bound(probe);
            const auto in = above == m.flat.begin() ? m.flat.end() : std::prev(above);
            const bool inside = in != m.flat.end() && in->second.first >= probe;
            ASSERT_EQ(at.entry, inside ? in->second.second : MAPLE_NONE);
            u32 looked = 0;
            const maple_place found = maple_find(m.pool, m.tree, probe, looked);
            const auto want = inside ? in : above;
            ASSERT_EQ(found.entry, want == m.flat.end() ? MAPLE_NONE : want->second.second);
        }
        m.store(0, MAPLE_LAST, MAPLE_NONE);
        EXPECT_EQ(m.tree.nodes, 0u);
    }
}

TEST(MapleTree, AnswersForGapsAsAListDoes) {
    Maple m;
    Rng rng(11);
    for (u32 turn = 0; turn < 4000; ++turn) {
        const u64 first = rng.below(400);
        m.store(first * PAGE, (first + rng.below(3) + 1) * PAGE - 1, rng.below(2) == 0 ? MAPLE_NONE : turn);
        const u64 size = (1 + rng.below(9)) * PAGE, low = rng.below(100) * PAGE,
                  high = (200 + rng.below(300)) * PAGE - 1;
        std::optional<u64> lowest, highest;
        u64 begin = 0;
        const auto look = [&](u64 last) {
            const u64 from = std::max(begin, low), to = std::min(last, high);
            if (from > to || to - from < size - 1) return;
            if (!lowest) lowest = from;
            highest = to;
        };
        for (const auto& [at, rest] : m.flat) {
            if (at > begin) look(at - 1);
            begin = rest.first + 1;
        }
        look(MAPLE_LAST);
        u32 looked = 0;
        const auto bottom = maple_lowest_gap(m.pool, m.tree, size, low, high, looked);
        const auto top = maple_highest_gap(m.pool, m.tree, size, low, high, looked);
        ASSERT_EQ(bottom.has_value(), lowest.has_value()) << turn;
        ASSERT_EQ(top.has_value(), highest.has_value()) << turn;
        if (bottom) { ASSERT_EQ(bottom->first, *lowest); }
        if (top) { ASSERT_EQ(top->last, *highest); }
    }
}

// Leaves fill as they are appended to: 65,530 entries apart take two slots each, and no level has more nodes than half-full
// ones would make.
TEST(MapleTree, StaysLow) {
    Maple m;
    for (u32 i = 0; i < 65'530; ++i) maple_store(m.pool, m.tree, 2 * i * PAGE, 2 * i * PAGE + PAGE - 1, i);
    EXPECT_EQ(verify_maple(m.pool, m.tree), std::nullopt);
    EXPECT_LE(m.tree.height, 7); // 131,060 slots: at least 7 a leaf, at least 5 a node above
    const maple_pool copy = m.pool;
    maple_store(m.pool, m.tree, 0, 100'000 * PAGE - 1, MAPLE_NONE);
    u32 looked = 0;
    maple_tree old = m.tree;
    EXPECT_EQ(maple_find(m.pool, m.tree, 0, looked).first, 100'000 * PAGE);
    EXPECT_EQ(verify_maple(m.pool, old), std::nullopt);
    EXPECT_NE(copy.unused, m.pool.unused);
    maple_destroy(m.pool, m.tree);
    EXPECT_EQ(m.tree.nodes, 0u);
}

} // namespace
} // namespace mm
