// Address, page tables, layout: what the views tell, drawn in each size, and what pressing does. Expected numbers follow from
// the shifts of the geometry and the macros of the layout.
#include <gtest/gtest.h>

#include "kernel/vmalloc.h"
#include "machine/facts/address_facts.h"
#include "view_test.h"
#include "views/kernel/layout.h"

namespace shell {
namespace {

constexpr std::string_view ARM64 = R"({
  "format": "mmscope/1",
  "title": {"en": "Walks", "zh": "查表"},
  "machine": {"profile": {"memory": "256MiB", "kernel": "6.1", "arch": "arm64"}},
  "steps": [
    {"op": "vmalloc", "size": 8192, "as": "a"},
    {"op": "vmalloc_to_page", "area": "a", "offset": 4660},
    {"op": "pgd_alloc", "as": "p"},
    {"op": "alloc_pages", "order": 1, "as": "u"},
    {"op": "vm_insert_pages", "mm": "p", "address": "0x400000", "page": "u"},
    {"op": "show_pte", "mm": "p", "address": "0x401234"},
    {"op": "show_pte", "mm": "p", "address": "0x402000"},
    {"op": "create_pgd_mapping", "mm": "p", "address": "0x40000000", "phys": "0x48000000", "size": "2MiB"},
    {"op": "unmap_page_range", "mm": "p", "address": "0x400000", "size": 8192}
  ]
})";
constexpr std::string_view I386 = R"({
  "format": "mmscope/1",
  "title": {"en": "Two levels", "zh": "两级"},
  "machine": {"profile": {"memory": "128MiB", "kernel": "6.1", "arch": "i386"}},
  "steps": [
    {"op": "vmalloc", "size": 4096, "as": "a"},
    {"op": "vmalloc_to_page", "area": "a", "offset": 0}
  ]
})";
constexpr std::string_view SEGMENTS = R"({
  "format": "mmscope/1",
  "title": {"en": "Segments", "zh": "段"},
  "machine": {"profile": {"memory": "128MiB", "kernel": "6.1", "arch": "i386"}},
  "steps": [
    {"op": "pgd_alloc", "as": "p"}, {"op": "alloc_page", "as": "u"},
    {"op": "vm_insert_pages", "mm": "p", "address": "0x8048000", "page": "u"}, {"op": "switch_mm", "mm": "p"},
    {"op": "logical_access", "selector": "0x7b", "offset": "0x8048123"},
    {"op": "logical_access", "selector": "0x68", "offset": "0x8048123"}
  ]
})";
constexpr std::string_view X86_64 = R"({
  "format": "mmscope/1",
  "title": {"en": "None", "zh": "无"},
  "machine": {"profile": {"memory": "64MiB", "kernel": "6.1", "arch": "x86_64"}},
  "steps": [{"op": "alloc_page", "as": "a"}]
})";

using AddressViewsTest = test::ViewTest;

TEST_F(AddressViewsTest, AreDrawnAtEachStepOnEachMachineInEachSizeThemeAndLanguage) {
    for (const std::string_view scenario : {ARM64, I386, SEGMENTS, X86_64}) {
        load(scenario);
        for (const char* view : {"address", "page-tables", "layout"}) {
            choose({{"view", view}});
            draw_everywhere(all_steps(), {0, 1, 2, 4});
        }
    }
}

// 0x401234 = pgd 0, pud 0, pmd 2, pte 1, offset 0x234: 0x400000 >> 21 is 2, 0x1000 >> 12 is 1.
TEST_F(AddressViewsTest, AnAddressIsTakenApart) {
    load(ARM64);
    seek(6);
    const Json all = describe("address");
    EXPECT_EQ(all["address"], "0x401234");
    EXPECT_EQ(all["from"], "events");
    EXPECT_EQ(all["region"], "user");
    EXPECT_EQ(all["half"], "user");
    EXPECT_EQ(all["space"], "p");
    const std::vector<std::tuple<std::string, std::string, mm::u64>> parts = {
        {"TTBR", "63:48", 0}, {"pgd", "47:39", 0}, {"pud", "38:30", 0},
        {"pmd", "29:21", 2},  {"pte", "20:12", 1}, {"offset", "11:0", 0x234}};
    ASSERT_EQ(all["parts"].size(), parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        EXPECT_EQ(all["parts"][i]["name"], std::get<0>(parts[i]));
        EXPECT_EQ(all["parts"][i]["bits"], std::get<1>(parts[i]));
        EXPECT_EQ(all["parts"][i]["value"], std::get<2>(parts[i]));
    }
    ASSERT_EQ(all["steps"].size(), 4u);
    EXPECT_EQ(all["steps"][3]["level"], "pte");
    EXPECT_EQ(all["steps"][3]["kind"], "page");
    EXPECT_EQ(all["leaf"], 4096);
    EXPECT_EQ(all["by"], "tables");
    // The second page of the block of two.
    const mm::pfn_t block = bridge.app.session->machine().results[2].pfn();
    EXPECT_EQ(all["phys"], hex_pfn(block + 1) + "234");
    EXPECT_EQ(all["owner"], "allocated, block of order 1 at " + hex_pfn(block));
}

TEST_F(AddressViewsTest, AnAddressOfTheKernelIsThatOfTheEvents) {
    load(ARM64);
    seek(2);
    const Json now = describe("address");
    const mm::Machine& machine = bridge.app.session->machine();
    const mm::u64 area = machine.results[0].value;
    char address[32];
    std::snprintf(address, sizeof address, "0x%llx", static_cast<unsigned long long>(area + 0x1234));
    EXPECT_EQ(now["address"], address);
    EXPECT_EQ(now["region"], "vmalloc");
    EXPECT_EQ(now["half"], "kernel");
    EXPECT_EQ(now["space"], "init_mm");
    EXPECT_EQ(now["parts"][0]["value"], 0xffff);
    EXPECT_EQ(now["steps"].size(), 4u);
    EXPECT_EQ(now["phys"], hex_pfn(mm::vmalloc_to_pfn(machine.kernel, machine.physical, area + 0x1000)) + "234");
    std::snprintf(address, sizeof address, "0x%llx", static_cast<unsigned long long>(area));
    EXPECT_EQ(now["owner"], "page of the vmalloc area at " + std::string(address));
}

TEST_F(AddressViewsTest, LevelsAppearOneAfterAnother) {
    load(ARM64);
    for (mm::u32 event = 1; event <= 4; ++event) {
        seek(5, event);
        const Json now = describe("address");
        EXPECT_EQ(now["address"], "0x401234") << "the op's own address, before an event names it";
        EXPECT_EQ(now["steps"].size(), event);
        EXPECT_FALSE(now.contains("phys"));
    }
    seek(6);
    EXPECT_TRUE(describe("address").contains("phys"));
}

TEST_F(AddressViewsTest, AnAccessGoesThroughTheTablesThatItsCpuRunsWith) {
    load(R"({"format": "mmscope/1", "title": "Access", "machine": {"profile": {"memory": "256MiB", "arch": "arm64"}},
        "steps": [{"op": "pgd_alloc", "as": "p"}, {"op": "alloc_page", "as": "u"},
                  {"op": "vm_insert_pages", "mm": "p", "address": "0x400000", "page": "u"},
                  {"op": "switch_mm", "mm": "p"}, {"op": "access", "address": "0x400000"}]})");
    seek(5);
    const Json now = describe("address");
    EXPECT_EQ(now["address"], "0x400000");
    EXPECT_EQ(now["space"], "p");
    const mm::pfn_t pfn = bridge.app.session->machine().results[1].pfn();
    EXPECT_EQ(now["phys"], hex_pfn(pfn) + "000");
}

TEST_F(AddressViewsTest, AFaultSaysWhichEntryAndWhatTheCpuReports) {
    load(ARM64);
    seek(7);
    EXPECT_EQ(describe("address")["fault"],
              "the entry of the pte table is 0: nothing is mapped. translation fault, level 3");
    seek(9); // the pages are gone, and with them the pte table and the pmd above; the block keeps the pud
    choose({{"select", "address:400000/1"}});
    EXPECT_EQ(describe("address")["fault"],
              "the entry of the pud table is 0: nothing is mapped. translation fault, level 1");
    choose({{"select", "address:400000"}});
    EXPECT_NE(std::string(describe("address")["fault"]).find("the other half"), std::string::npos);
    choose({{"select", "address:1234000000000000"}});
    EXPECT_NE(std::string(describe("address")["fault"]).find("level 0"), std::string::npos);
}

// PAGE_OFFSET is 0xc0000000, and memory begins at 0. Bits 31:22 choose entry 769, which is a block of 4 MiB.
TEST_F(AddressViewsTest, LowMemoryOfI386IsInTheTables) {
    load(I386);
    seek(1);
    choose({{"select", "address:c0523456"}});
    const Json now = describe("address");
    EXPECT_EQ(now["region"], "lowmem");
    EXPECT_EQ(now["phys"], "0x523456");
    EXPECT_EQ(now["by"], "tables");
    EXPECT_EQ(now["leaf"], 4 << 20);
    ASSERT_EQ(now["steps"].size(), 1u);
    EXPECT_EQ(now["steps"][0]["index"], 769);
    EXPECT_EQ(now["steps"][0]["entry"], "0x4001e3");
    EXPECT_FALSE(now.contains("fault"));
}

TEST_F(AddressViewsTest, WhatAnOpHasUnmappedIsArithmetic) {
    load(R"({"format": "mmscope/1", "title": "Gone",
        "machine": {"profile": {"memory": "128MiB", "kernel": "6.1", "arch": "i386"}},
        "steps": [{"op": "unmap_page_range", "address": "0xc0400000", "size": "4MiB"}]})");
    seek(1);
    choose({{"select", "address:c0523456"}});
    const Json now = describe("address");
    EXPECT_EQ(now["phys"], "0x523456");
    EXPECT_EQ(now["by"], "arithmetic");
    EXPECT_EQ(now["fault"], "the entry of the pgd table is 0: nothing is mapped. page fault, P = 0");
    frame();
}

TEST_F(AddressViewsTest, TwoLevelsOfI386) {
    load(I386);
    seek(2);
    const Json now = describe("address");
    ASSERT_EQ(now["parts"].size(), 3u); // 10, 10 and 12 bits
    EXPECT_EQ(now["parts"][0]["bits"], "31:22");
    EXPECT_EQ(now["parts"][1]["bits"], "21:12");
    EXPECT_EQ(now["steps"].size(), 2u);
    EXPECT_EQ(now["leaf"], 4096);
}

// Events of the step: logical access, selector, descriptor, register, accessed bit, linear address.
TEST_F(AddressViewsTest, TheSegmentOfALogicalAddressAppearsPartByPart) {
    load(SEGMENTS);
    seek(4, 1);
    Json now = describe("address");
    EXPECT_EQ(now["segment"]["logical"], "0x7b : 0x8048123");
    EXPECT_FALSE(now["segment"].contains("selector"));
    EXPECT_FALSE(now.contains("address"));
    seek(4, 2);
    now = describe("address");
    EXPECT_EQ(now["segment"]["selector"], Json({{"index", 15}, {"ti", 0}, {"rpl", 3}}));
    EXPECT_FALSE(now["segment"].contains("descriptor"));
    seek(4, 3);
    now = describe("address");
    EXPECT_EQ(now["segment"]["descriptor"]["value"], "0xcff2000000ffff");
    EXPECT_EQ(now["segment"]["descriptor"]["fields"].size(), 12u);
    EXPECT_EQ(now["segment"]["descriptor"]["limit"], "0xffffffff");
    EXPECT_FALSE(now["segment"].contains("linear"));
    seek(5);
    now = describe("address");
    EXPECT_EQ(now["segment"]["linear"], "0x8048123");
    EXPECT_EQ(now["address"], "0x8048123");
    EXPECT_EQ(now["space"], "p");
    EXPECT_EQ(now["steps"].size(), 2u);
    const mm::pfn_t pfn = bridge.app.session->machine().results[1].pfn();
    EXPECT_EQ(now["phys"], hex_pfn(pfn) + "123");
}

TEST_F(AddressViewsTest, ASegmentThatFaultsHasNoWalk) {
    load(SEGMENTS);
    seek(6);
    const Json now = describe("address");
    EXPECT_EQ(now["segment"]["fault"]["name"], "#GP");
    EXPECT_EQ(now["segment"]["fault"]["code"], "0x68");
    EXPECT_FALSE(now.contains("address"));
    EXPECT_FALSE(now.contains("steps"));
    choose({{"select", "address:8048000/1"}});
    EXPECT_FALSE(describe("address").contains("segment")) << "another address was chosen";
    EXPECT_EQ(describe("address")["address"], "0x8048000");
}

TEST_F(AddressViewsTest, PressingATablesFrameSelectsItAndTheAddressStays) {
    load(ARM64);
    choose({{"view", "address"}, {"reducedMotion", true}});
    seek(6);
    ASSERT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
    ASSERT_TRUE(press_until(160, Selection::Kind::pfn));
    frame();
    EXPECT_EQ(describe("address")["address"], "0x401234");
    EXPECT_EQ(bridge.open_view()->look(), "401234/1");
    choose({{"select", ""}, {"look", ""}});
    ASSERT_TRUE(press_until(80, Selection::Kind::address)); // a neighbour
    EXPECT_NE(describe("address")["address"], "0x401234");
}

TEST_F(AddressViewsTest, TheTreeHasATableForEachLevelOnTheWay) {
    load(ARM64);
    seek(5);
    const Json pages = describe("page-tables");
    EXPECT_EQ(pages["space"], "p");
    EXPECT_EQ(pages["spaces"], Json({"init_mm", "p"}));
    EXPECT_EQ(pages["levels"], Json({{"pgd", 1}, {"pud", 1}, {"pmd", 1}, {"pte", 1}}));
    EXPECT_EQ(pages["mapped"], 8192);
    ASSERT_EQ(pages["tables"].size(), 4u);
    EXPECT_EQ(pages["tables"][2]["entries"], Json::parse(R"([[2, "table"]])"));
    EXPECT_EQ(pages["tables"][3]["entries"], Json::parse(R"([[0, "page"], [1, "page"]])"));
    EXPECT_EQ(pages["tables"][3]["marked"], Json({0, 1}));
    EXPECT_EQ(pages["tables"][2]["marked"], Json::array({2}));
    seek(8); // a block in the next pud entry
    const Json blocks = describe("page-tables");
    EXPECT_EQ(blocks["levels"], Json({{"pgd", 1}, {"pud", 1}, {"pmd", 2}, {"pte", 1}}));
    EXPECT_EQ(blocks["mapped"], 8192 + (2 << 20));
    EXPECT_EQ(blocks["tables"][4]["entries"], Json::parse(R"([[0, "block"]])"));
    choose({{"look", "0"}});
    EXPECT_EQ(describe("page-tables")["space"], "init_mm");
    EXPECT_EQ(bridge.open_view()->look(), "0");
    choose({{"look", ""}});
}

TEST_F(AddressViewsTest, ThousandsOfTablesAreDrawnWhereTheyAreSeen) {
    load(R"({"format": "mmscope/1", "title": {"en": "Many", "zh": "多"},
             "machine": {"profile": {"memory": "512MiB", "kernel": "6.1", "arch": "arm64"}},
             "steps": [{"op": "pgd_alloc", "as": "p"},
                       {"op": "create_pgd_mapping", "mm": "p", "address": "0x40000000", "phys": "0x40000000", "size": "4GiB", "page_mappings_only": true}]})");
    choose({{"view", "page-tables"}});
    seek(2);
    EXPECT_EQ(describe("page-tables")["levels"]["pte"], 2048); // 2 MiB each
    frame();
    EXPECT_LT(ImGui::GetDrawData()->TotalVtxCount, 150000); // all of them would be a million entries
}

TEST_F(AddressViewsTest, TheLayoutIsTheMachinesUntilAnotherIsChosen) {
    load(ARM64);
    const Json own_layout = describe("layout");
    EXPECT_EQ(own_layout["kernel"], "6.1");
    EXPECT_EQ(own_layout["own"], true);
    EXPECT_EQ(own_layout["first"], "0xffff000000000000");
    const auto region = [](const Json& json, std::string_view name) {
        for (const Json& one : json["regions"])
            if (one["name"] == name) return one;
        return Json();
    };
    EXPECT_EQ(region(own_layout, "vmalloc")["start"], "0xffff800008000000");
    EXPECT_EQ(region(own_layout, "vmalloc")["formula"], "VMALLOC_START = MODULES_END");
    EXPECT_EQ(bridge.open_view()->look(), "");

    choose({{"look", "419-4k-b48-z2"}});
    frame();
    const Json old = describe("layout");
    EXPECT_EQ(old["kernel"], "4.19");
    EXPECT_EQ(old["own"], false);
    EXPECT_EQ(region(old, "linear map")["start"], "0xffff800000000000"); // -(1 << 47)
    EXPECT_EQ(bridge.open_view()->look(), "419-4k-b48-z2");
    for (const char* look :
         {"i386-61-pae-z1", "612-64k-b52-z3", "612-4k-b52-c48", "510-4k-b39", "61-4k-b99", "--z-b-", "zzz", "z7777"}) {
        choose({{"look", look}});
        frame();
        EXPECT_GT(ImGui::GetDrawData()->TotalVtxCount, 100) << look;
    }
    choose({{"look", ""}});
}

TEST_F(AddressViewsTest, EveryLayoutHasZoomsThatLieInEachOther) {
    for (const auto version :
         {mm::layout_version::v4_19, mm::layout_version::v5_10, mm::layout_version::v6_1, mm::layout_version::v6_12})
        for (const mm::u32 page_size : {4096u, 16384u, 65536u})
            for (const mm::u8 bits : {36, 39, 42, 47, 48, 52}) {
                mm::layout_config config;
                config.version = version;
                config.page_size = page_size;
                config.va_bits = bits;
                const auto layout = mm::make_layout(config);
                if (!layout) continue;
                const std::vector<LayoutZoom> zooms = zooms_of(*layout);
                EXPECT_EQ(zooms.size(), 4u);
                for (const LayoutZoom& zoom : zooms) {
                    EXPECT_LT(zoom.first, zoom.last);
                    if (zoom.inside < 0) continue;
                    EXPECT_GE(zoom.first, zooms[static_cast<std::size_t>(zoom.inside)].first);
                    EXPECT_LE(zoom.last, zooms[static_cast<std::size_t>(zoom.inside)].last);
                }
                EXPECT_EQ(zooms[1].first, 0 - (1ull << bits));
            }
}

TEST_F(AddressViewsTest, AnAddressIsAPlace) {
    load(ARM64);
    seek(9);
    for (const char* place :
         {"address:0", "address:ffff800008000000", "address:ffffffffffffffff", "address:400000/1"}) {
        choose({{"select", place}});
        EXPECT_EQ(place_text(bridge.app.session->machine(), bridge.app.selection), place);
        const Json inspected = Json::parse(bridge.inspect(), nullptr, false);
        EXPECT_EQ(inspected["select"], place);
        EXPECT_FALSE(inspected["structs"].empty());
    }
    for (const char* bad : {"address:", "address:xyz", "address:11112222333344445", "address:0/", "address:0/7",
                            "address:0/x", "address:-1"}) {
        const Json reply = Json::parse(bridge.choose(Json({{"select", bad}}).dump()), nullptr, false);
        EXPECT_EQ(reply["refused"].size(), 1u) << bad;
    }
}

} // namespace
} // namespace shell
