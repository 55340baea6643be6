// The text mirror: rows that are compared with those before the op, and one for every view.
#include <gtest/gtest.h>

#include <set>

#include "machine/facts/place.h"
#include "view_scenarios.h"
#include "view_test.h"
#include "views/parts/mirror.h"

namespace shell {
namespace {

MirrorRow row_of(std::vector<std::string> cells) { return {std::move(cells)}; }

std::vector<std::string> names_of(const Mirror& mirror) {
    std::vector<std::string> names;
    for (const MirrorRow& row : mirror.rows) names.push_back(row.name());
    return names;
}

// before   a 1 x     now   a 1 x
//          b 2 x           b 3 x     was 2
//          c 4             d 5       new, and c is gone behind b
TEST(Mirror, RowsAreComparedByTheirNames) {
    Mirror before, now;
    before.rows = {row_of({"a", "1", "x"}), row_of({"b", "2", "x"}), row_of({"c", "4", ""})};
    now.rows = {row_of({"a", "1", "x"}), row_of({"b", "3", "x"}), row_of({"d", "5", ""})};
    mark_changes(now, before);
    EXPECT_EQ(names_of(now), (std::vector<std::string>{"a", "b", "c", "d"}));
    EXPECT_EQ(now.rows[0].change, RowChange::none);
    EXPECT_EQ(now.rows[1].change, RowChange::changed);
    EXPECT_EQ(now.rows[1].was, (std::vector<std::string>{"", "2", ""}));
    EXPECT_EQ(now.rows[2].change, RowChange::gone);
    EXPECT_EQ(now.rows[2].cells[1], "4");
    EXPECT_EQ(now.rows[3].change, RowChange::added);
}

TEST(Mirror, WhatStoodFirstOrAloneAndIsGoneIsTold) {
    Mirror before, now;
    before.rows = {row_of({"a"}), row_of({"b"})};
    now.rows = {row_of({"b"})};
    mark_changes(now, before);
    EXPECT_EQ(names_of(now), (std::vector<std::string>{"a", "b"}));
    Mirror empty;
    mark_changes(empty, before);
    EXPECT_EQ(names_of(empty), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(empty.rows[0].change, RowChange::gone);
}

// A row that the op has touched and that says the same is touched, and nothing more.
TEST(Mirror, ATouchedRowThatSaysTheSameStaysTouched) {
    Mirror before, now;
    before.rows = {row_of({"a", "1"})};
    now.rows = {{{"a", "1"}, {}, RowChange::touched}};
    mark_changes(now, before);
    EXPECT_EQ(now.rows[0].change, RowChange::touched);
    EXPECT_TRUE(now.rows[0].was.empty());
}

Mirror numbered(std::size_t nr) {
    Mirror out;
    for (std::size_t i = 0; i < nr; ++i) out.rows.push_back(row_of({std::to_string(i)}));
    return out;
}

// 100 rows, 20 are told: a quarter of them before the touched one.
TEST(Mirror, RowsAroundWhatWasTouchedAreKept) {
    Mirror mirror = numbered(100);
    mirror.rows[50].change = RowChange::changed;
    keep_in_sight(mirror, {}, 20);
    ASSERT_EQ(mirror.rows.size(), 20u);
    EXPECT_EQ(mirror.rows.front().name(), "45");
    EXPECT_EQ(mirror.above, 45u);
    EXPECT_EQ(mirror.below, 35u);
}

TEST(Mirror, ElseRowsAroundWhatIsSelectedElseTheFirstOnes) {
    Mirror mirror = numbered(100);
    mirror.rows[98].place = {Selection::Kind::pfn, 7, 0, 0};
    Mirror first = mirror;
    keep_in_sight(mirror, {Selection::Kind::pfn, 7, 0, 0}, 20);
    EXPECT_EQ(mirror.above, 80u);
    EXPECT_EQ(mirror.below, 0u);
    keep_in_sight(first, {}, 20);
    EXPECT_EQ(first.above, 0u);
    EXPECT_EQ(first.rows.back().name(), "19");
}

// ---- the views ------------------------------------------------------------------------------------------------------

using test::ARM64, test::I386, test::PAGES, test::PROCESSES;

class MirrorsTest : public test::ViewTest {
  protected:
    Json mirror() { return Json::parse(bridge.mirror(), nullptr, false); }
    Json mirror(const char* view) {
        choose({{"view", view}});
        return mirror();
    }
    // The row of this name; null when there is none.
    static Json row(const Json& mirror, std::string_view name) {
        for (const Json& one : mirror["rows"])
            if (one["cells"][0] == name) return one;
        return {};
    }
    // Rows have a cell for each column, a name of their own, and a place that can be selected.
    void expect_readable(const Json& told, const std::string& where) {
        EXPECT_NE(told["caption"], "") << where;
        EXPECT_TRUE(!told["rows"].empty() || told.contains("note")) << where;
        std::set<std::string> names;
        for (const Json& one : told["rows"]) {
            EXPECT_EQ(one["cells"].size(), told["columns"].size()) << where << one;
            EXPECT_NE(one["cells"][0], "") << where;
            EXPECT_TRUE(names.insert(one["cells"][0].get<std::string>()).second) << where << one;
            if (!one.contains("place")) continue;
            const auto place = one["place"].get<std::string>();
            EXPECT_TRUE(mm::parse_place(bridge.app.session->machine(), place)) << where << place;
        }
    }
};

TEST_F(MirrorsTest, EveryViewHasOneAtEveryStepInBothLanguages) {
    std::set<std::string_view> with_rows;
    for (const std::string_view scenario : {PAGES, ARM64, I386, PROCESSES}) {
        load(scenario);
        for (const auto& view : own) {
            choose({{"view", view->id()}});
            frame();
            for (const mm::u32 step : all_steps()) {
                for (const mm::u32 event : {0u, 2u}) {
                    seek(step, event);
                    for (const char* language : {"en", "zh"}) {
                        choose({{"language", language}});
                        const Json told = mirror();
                        expect_readable(told, std::string(view->id()) + " at " + std::to_string(step) + " ");
                        if (!told["rows"].empty()) with_rows.insert(view->id());
                    }
                }
            }
        }
    }
    for (const auto& view : own) EXPECT_TRUE(with_rows.contains(view->id())) << view->id() << " never has a row";
}

// Order 4 does not go through the per-CPU lists: the zone has 16 pages less, and its free lists have split one block.
TEST_F(MirrorsTest, AStepSaysWhatItsNumbersWere) {
    load(PAGES);
    seek(1);
    const Json zones = mirror("zones");
    const Json* changed = nullptr;
    for (const Json& one : zones["rows"])
        if (one.value("change", "") == "changed" && one["was"][1] != "") changed = &one;
    ASSERT_NE(changed, nullptr) << zones;
    const auto number = [](std::string text) {
        std::erase(text, ',');
        return std::stoi(text);
    };
    EXPECT_EQ(number((*changed)["was"][1]) - number((*changed)["cells"][1]), 16) << *changed;
    EXPECT_EQ(zones["columns"][1], "free");

    const Json lists = mirror("free-lists");
    int blocks = 0;
    for (const Json& one : lists["rows"])
        if (one.value("change", "") == "changed") blocks += number(one["cells"][1]) - number(one["was"][1]);
    int splits = 0;
    for (const mm::Event& event : bridge.app.session->moment().events)
        splits += mm::event_spec(event.kind).name == std::string_view("buddy_split");
    EXPECT_EQ(blocks, splits - 1) << "one block is taken, each split leaves a half behind: " << lists;
}

// The page allocator's one page, from the list of its CPU and back.
TEST_F(MirrorsTest, TheMapTellsTheBlockThatTheStepGaveOut) {
    load(PAGES);
    seek(2);
    const auto pfn = bridge.app.session->machine().results[1].value;
    const Json map = mirror("map");
    const std::string place =
        "pfn:" + mm::place_text(bridge.app.session->machine(), {mm::Place::Kind::pfn, static_cast<mm::i64>(pfn), 0, 0})
                     .substr(4);
    const auto is_it = [&](const Json& one) {
        return one.value("place", "") == place && one["cells"][1] == "allocated";
    };
    EXPECT_TRUE(std::any_of(map["rows"].begin(), map["rows"].end(), is_it)) << map;
}

TEST_F(MirrorsTest, AtTheStartNothingIsMarked) {
    load(ARM64);
    for (const auto& view : own) {
        choose({{"view", view->id()}});
        const Json told = mirror();
        for (const Json& one : told["rows"]) EXPECT_FALSE(one.contains("change")) << view->id() << one;
    }
}

// 3,000 areas: some hundred rows, and how many more there are.
TEST_F(MirrorsTest, ManyRowsAreLeftOut) {
    load(
        R"({"format": "mmscope/1", "title": "many", "machine": {"profile": {"memory": "64MiB", "kernel": "6.1", "arch": "arm64"}},
        "steps": [{"repeat": {"count": 3000, "steps": [{"op": "vmalloc", "size": 4096, "as": "v[]"}]}}]})");
    seek(end);
    const Json told = mirror("vmalloc");
    EXPECT_EQ(told["rows"].size(), MIRROR_ROWS);
    EXPECT_GT(told["above"].get<int>() + told["below"].get<int>(), 2000);
}

} // namespace
} // namespace shell
