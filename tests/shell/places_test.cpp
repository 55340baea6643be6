// Places: the views that each offers, the way from the machine to the byte, and the view in which a step is best seen.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/hex.h"
#include "bridge/bridge.h"
#include "scenario/view_names.h"
#include "views/views.h"

namespace shell {
namespace {

using Json = nlohmann::ordered_json;

class PlacesTest : public testing::Test {
  protected:
    void load(const std::string& profile, const std::string& steps, const std::string& more = "") {
        const std::string text = R"({"format": "mmscope/1", "title": "t", "machine": {"profile": )" + profile + "}" +
                                 more + R"(, "steps": [)" + steps + "]}";
        const Json reply = Json::parse(bridge.load("test", text), nullptr, false);
        ASSERT_FALSE(reply.contains("error")) << reply;
        static_cast<void>(bridge.move(Motion::last));
    }
    void select(const std::string& place) {
        const Json reply = Json::parse(bridge.choose(Json{{"select", place}}.dump()), nullptr, false);
        ASSERT_TRUE(reply["refused"].empty()) << place;
    }
    // "text|place|view" of each.
    std::vector<std::string> way() {
        std::vector<std::string> all;
        const Json reply = Json::parse(bridge.crumbs(), nullptr, false);
        for (const Json& crumb : reply["crumbs"])
            all.push_back(crumb["text"].get<std::string>() + "|" + crumb["place"].get<std::string>() + "|" +
                          crumb["view"].get<std::string>());
        return all;
    }
    std::string best() { return Json::parse(bridge.state(), nullptr, false)["best"]; }
    mm::u64 result(std::size_t i) const { return bridge.app.session->machine().results[i].value; }

    std::vector<std::unique_ptr<View>> all_views = make_views();
    Bridge bridge{all_views};
};

using Ways = std::vector<std::string>;
const std::string X86 = R"({"memory": "64MiB", "kernel": "6.1", "arch": "x86_64", "cpus": 2})";
const std::string ARM64 = R"({"memory": "256MiB", "kernel": "6.1", "arch": "arm64"})";

TEST_F(PlacesTest, EachPlaceHasAViewAndEachViewAPlace) {
    const Json hello = Json::parse(bridge.hello(), nullptr, false);
    std::set<std::string> offered, of_views;
    for (const Json& place : hello["places"]) offered.insert(place["id"].get<std::string>());
    for (const Json& view : hello["views"]) of_views.insert(view["place"].get<std::string>());
    EXPECT_EQ(offered, of_views);
    EXPECT_EQ(hello["views"].size(), all_views.size());
}

TEST_F(PlacesTest, TheWayLeadsThroughNodeAndZoneToTheFrame) {
    load(X86, R"({"op": "alloc_page", "as": "a"})");
    EXPECT_EQ(way(), Ways{"||map"});
    select("zone:0/DMA32");
    EXPECT_EQ(way(), (Ways{"||map", "node 0|zone:0/DMA32|zones", "zone DMA32|zone:0/DMA32|zones"}));
    select("list:0/DMA32/3/Movable");
    EXPECT_EQ(way().back(), "order 3 Movable|list:0/DMA32/3/Movable|free-lists");
    select("pcp:0/DMA32/1/2");
    EXPECT_EQ(way().back(), "CPU 1, list 2|pcp:0/DMA32/1/2|pcp");
    select("pfn:1800"); // 24 MiB: above the 16 MiB of ZONE_DMA
    EXPECT_EQ(way(),
              (Ways{"||map", "node 0|zone:0/DMA32|zones", "zone DMA32|zone:0/DMA32|zones", "pfn 0x1800|pfn:1800|map"}));
    static_cast<void>(bridge.choose(R"({"language": "zh"})"));
    EXPECT_EQ(way()[1], "节点 0|zone:0/DMA32|zones");
}

// 64 MiB: 16 of them are ZONE_DMA, the rest ZONE_DMA32.
TEST_F(PlacesTest, ASelectedZoneMakesRoomForTheZoneOfTheStep) {
    load(X86, R"({"op": "alloc_page", "as": "a"}, {"op": "alloc_page", "gfp": "GFP_KERNEL|GFP_DMA", "as": "b"})",
         R"(, "view": {"open": "zones", "select": {"zone": "0:DMA32"}})");
    const auto at = [&](mm::u32 step) {
        static_cast<void>(bridge.seek(step, 0));
        return way().back();
    };
    const std::string dma = "zone DMA|zone:0/DMA|zones", dma32 = "zone DMA32|zone:0/DMA32|zones";
    EXPECT_EQ(at(2), dma);
    EXPECT_EQ(at(1), dma32);
    select("list:0/DMA32/3/Movable");
    EXPECT_EQ(way().back(), "order 3 Movable|list:0/DMA32/3/Movable|free-lists") << "until the next step";
    EXPECT_EQ(at(2), dma);
    select("pfn:1800");
    EXPECT_EQ(at(1), "pfn 0x1800|pfn:1800|map") << "what is no zone is watched";
    EXPECT_EQ(at(2), "pfn 0x1800|pfn:1800|map");
    static_cast<void>(bridge.choose(R"({"follow": false, "select": "zone:0/DMA"})"));
    EXPECT_EQ(at(1), dma) << "the person does not want to follow";
}

TEST_F(PlacesTest, TheWayEndsInTheSlabsObject) {
    load(R"({"memory": "256MiB", "kernel": "6.1", "arch": "arm64",
             "slab": {"freelist_random": false, "freelist_hardened": false}})",
         R"({"op": "kmem_cache_create", "name": "task", "size": 1000, "flags": "0", "as": "c"},
                   {"op": "kmem_cache_alloc", "cache": "c", "as": "a"})");
    const std::string object = "object:" + mm::hex(result(1)), pfn = mm::hex(result(1) >> 12);
    select(object);
    const Ways to_object = way();
    ASSERT_EQ(to_object.size(), 6u);
    EXPECT_EQ(to_object[3], "pfn 0x" + pfn + "|pfn:" + pfn + "|map");
    EXPECT_EQ(to_object[4], "task|cache:task|cache");
    EXPECT_EQ(to_object[5], "object 0|" + object + "|slab");
    select("pfn:" + pfn);
    EXPECT_EQ(way().back(), "slab of task|pfn:" + pfn + "|slab");
    select("cache:task");
    EXPECT_EQ(way(), (Ways{"||map", "slab caches|cache:task|caches", "task|cache:task|cache"}));
}

TEST_F(PlacesTest, TheWayOfAnAddressEndsInItsFrameAndOfATablesFrameInTheTable) {
    load(ARM64, R"({"op": "vmalloc", "size": 8192, "as": "a"})");
    const std::string address = mm::hex(result(0));
    select("address:" + address);
    const Ways there = way();
    ASSERT_EQ(there.size(), 4u);
    EXPECT_EQ(there[1], "init_mm|address:" + address + "|page-tables");
    EXPECT_EQ(there[2], "0x" + address + "|address:" + address + "|address");
    EXPECT_TRUE(there[3].starts_with("pfn 0x") && there[3].ends_with("|map")) << there[3];
    const std::string frame = there[3].substr(6, there[3].find('|') - 6);
    select("pfn:" + frame);
    EXPECT_EQ(way().back(), "vmalloc area 0x" + address + "|address:" + address + "|vmalloc");
    // Its last table, as Inspector names it: "pte in frame".
    select("address:" + address);
    const Json inspected = Json::parse(bridge.inspect(), nullptr, false);
    for (const Json& field : inspected["structs"][0]["fields"])
        if (field["name"].get<std::string>().starts_with("pte") && field.contains("place")) {
            select(field["place"]);
            EXPECT_EQ(way().back(), "pte table, init_mm|" + field["place"].get<std::string>() + "|page-tables");
            return;
        }
    FAIL() << "no table of the last level in " << inspected["structs"][0];
}

TEST_F(PlacesTest, WhateverIsSelectedHasAWayThroughViewsThatThereAre) {
    load(
        ARM64,
        R"({"op": "alloc_page", "as": "p"}, {"op": "__free_pages", "page": "p"}, {"op": "kmalloc", "size": 100, "as": "o"})");
    std::set<std::string_view> known;
    for (const auto& view : all_views) known.insert(view->id());
    for (const char* place :
         {"", "pfn:40000", "pfn:43fff", "zone:0/DMA", "object:40c00001", "address:0", "address:ffffffffffffffff"}) {
        static_cast<void>(bridge.choose(Json{{"select", place}}.dump()));
        const Json reply = Json::parse(bridge.crumbs(), nullptr, false);
        ASSERT_FALSE(reply["crumbs"].empty()) << place;
        for (const Json& crumb : reply["crumbs"])
            EXPECT_TRUE(known.contains(crumb["view"].get<std::string>())) << crumb;
    }
}

TEST_F(PlacesTest, AStepIsBestSeenWhereItSaysElseWhereItsScenarioSays) {
    const std::string steps =
        R"({"op": "alloc_page", "as": "p", "view": "pcp"}, {"op": "kmalloc", "size": 8, "as": "o"},
                                 {"repeat": {"count": 2, "steps": [{"op": "alloc_page"}]}, "view": "zones"},
                                 {"op": "alloc_page"})";
    load(ARM64, steps, R"(, "view": {"open": "free-lists"})");
    Ways seen;
    for (mm::u32 step = 0; step <= 5; ++step) {
        static_cast<void>(bridge.seek(step, 0));
        seen.push_back(best());
    }
    EXPECT_EQ(seen, (Ways{"free-lists", "pcp", "free-lists", "zones", "zones", "free-lists"}));
}

TEST_F(PlacesTest, WithoutAWordOfTheScenarioTheKindOfOpDecides) {
    load(ARM64,
         R"({"op": "alloc_page", "as": "p"}, {"op": "vm.min_free_kbytes", "value": 4096}, {"op": "drain_all_pages"},
                   {"op": "kmalloc", "size": 8, "as": "o"}, {"op": "vmalloc", "size": 8192, "as": "a"},
                   {"op": "pgd_alloc", "as": "mm"}, {"op": "virt_to_phys", "area": "a"})");
    Ways seen;
    for (mm::u32 step = 0; step <= 7; ++step) {
        static_cast<void>(bridge.seek(step, 0));
        seen.push_back(best());
    }
    EXPECT_EQ(seen, (Ways{"", "map", "zones", "pcp", "cache", "vmalloc", "page-tables", "layout"}));
}

TEST_F(PlacesTest, EachNameThatAScenarioMayOpenHasAView) {
    std::vector<std::string_view> ids;
    for (const auto& view : all_views) ids.push_back(view->id());
    EXPECT_TRUE(std::is_permutation(ids.begin(), ids.end(), mm::VIEW_NAMES.begin(), mm::VIEW_NAMES.end()))
        << testing::PrintToString(ids);
}

// A name that no op begins with would be a row that nobody meets.
TEST_F(PlacesTest, EachNameOfARowBeginsAnOpsName) {
    for (const auto& view : all_views)
        for (const std::string_view begin : view->row().ops) {
            if (begin.empty()) continue;
            bool found = false;
            for (mm::u16 kind = 0; kind < mm::op_count(); ++kind) found |= mm::op_spec(kind).name.starts_with(begin);
            EXPECT_TRUE(found) << begin << " of " << view->id();
        }
}

} // namespace
} // namespace shell
