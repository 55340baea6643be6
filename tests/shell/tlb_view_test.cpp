// The view of TLBs: what it tells at each step of a small story, drawn in each size, and what pressing and keys do.
#include <gtest/gtest.h>

#include "view_test.h"
#include "views/kernel/tlb_state.h"

namespace shell {
namespace {

// 8 entries in 2 sets of 4 ways: pages 8 KiB apart share a set.
constexpr std::string_view ARM64 = R"({
  "format": "mmscope/1",
  "title": {"en": "TLB", "zh": "TLB"},
  "machine": {"profile": {"memory": "64MiB", "kernel": "6.1", "arch": "arm64", "cpus": 2, "tlb": {"entries": 8, "ways": 4}}},
  "steps": [
    {"op": "pgd_alloc", "as": "m"},
    {"op": "create_pgd_mapping", "mm": "m", "address": "0x400000", "phys": "0x41000000", "size": "80KiB", "prot": "PAGE_SHARED", "page_mappings_only": true},
    {"op": "access", "mm": "m", "address": "0x400000"},
    {"op": "access", "address": "0x400123"},
    {"op": "access", "address": "0x402000"},
    {"op": "access", "address": "0x404000"},
    {"op": "access", "address": "0x406000"},
    {"op": "access", "address": "0x408000"},
    {"op": "access", "cpu": 1, "mm": "m", "address": "0x401000"},
    {"op": "change_protection", "mm": "m", "address": "0x401000", "size": "4KiB", "prot": "PAGE_NONE", "flush": false},
    {"op": "flush_tlb_range", "mm": "m", "address": "0x400000", "size": "16KiB"},
    {"op": "switch_mm"},
    {"op": "flush_tlb_all"}
  ]
})";
constexpr std::string_view I386 = R"({
  "format": "mmscope/1",
  "title": {"en": "CR3", "zh": "CR3"},
  "machine": {"profile": {"memory": "128MiB", "kernel": "6.1", "arch": "i386"}},
  "steps": [
    {"op": "pgd_alloc", "as": "m"},
    {"op": "alloc_page", "as": "u"},
    {"op": "vm_insert_pages", "mm": "m", "address": "0x400000", "page": "u"},
    {"op": "access", "mm": "m", "address": "0x400000"},
    {"op": "switch_mm"}
  ]
})";
constexpr std::string_view X86_64 = R"({
  "format": "mmscope/1",
  "title": {"en": "None", "zh": "无"},
  "machine": {"profile": {"memory": "64MiB", "kernel": "6.1", "arch": "x86_64"}},
  "steps": [{"op": "alloc_page", "as": "a"}]
})";

class TlbViewTest : public test::ViewTest {
  protected:
    void load(std::string_view scenario) {
        ViewTest::load(scenario);
        choose({{"view", "tlb"}});
    }
    // "0x400000 hit", "0x408000 replaced 0x400000", "0x401000 more_rights": entries of a CPU in the order of their slots.
    static std::vector<std::string> entries(const Json& cpu, const char* list = "entries") {
        std::vector<std::string> out;
        for (const Json& entry : cpu[list]) {
            std::string text = entry["address"];
            for (const char* name : {"touch", "was", "belief"})
                if (entry.contains(name)) text += " " + std::string(entry[name]);
            out.push_back(text);
        }
        return out;
    }
    using Texts = std::vector<std::string>;
};

TEST_F(TlbViewTest, IsDrawnAtEachStepOnEachMachineInEachSizeThemeAndLanguage) {
    for (const std::string_view scenario : {ARM64, I386, X86_64}) {
        load(scenario);
        draw_everywhere(all_steps(), {0, 1, 3, 6});
    }
}

TEST_F(TlbViewTest, AMissFillsAHitUsesAFullSetGivesWayTheOldest) {
    load(ARM64);
    const Json before = at(2);
    EXPECT_EQ(before["sets"], 2);
    EXPECT_EQ(before["ways"], 4);
    EXPECT_EQ(before["serves"], Json({"code", "data"}));
    EXPECT_TRUE(before["cpus"][0]["entries"].empty());
    EXPECT_FALSE(before["cpus"][0].contains("space"));

    const Json filled = at(3)["cpus"][0];
    EXPECT_EQ(filled["space"], "m");
    EXPECT_EQ(filled["asid"], 2);
    EXPECT_EQ(filled["generation"], 1);
    EXPECT_EQ(entries(filled), Texts{"0x400000 filled"});
    EXPECT_EQ(filled["entries"][0]["frame"], "0x41000");
    EXPECT_EQ(filled["entries"][0]["rights"], "r--/r--");
    EXPECT_EQ(filled["entries"][0]["size"], 4096);
    EXPECT_EQ(filled["reach"], 4096);
    // The tables on the way: pud, pmd and pte.
    EXPECT_EQ(filled["walk_cache"].size(), 3u);
    EXPECT_EQ(filled["walk_cache"][0]["touch"], "filled");

    const Json hit = at(4)["cpus"][0];
    EXPECT_EQ(entries(hit), Texts{"0x400000 hit"});
    EXPECT_EQ(hit["hits"], 1);
    EXPECT_EQ(hit["misses"], 1);

    const Json shortened = at(5)["cpus"][0];
    EXPECT_EQ(shortened["walk_cache_hits"], 1);
    EXPECT_EQ(shortened["entries_read"], 5); // four, and the pte alone

    const Json full = at(7)["cpus"][0];
    EXPECT_EQ(entries(full), (Texts{"0x400000", "0x402000", "0x404000", "0x406000 filled"}));
    EXPECT_EQ(full["entries"][0]["rank"], 4);
    EXPECT_EQ(full["entries"][3]["rank"], 1);
    const Json evicted = at(8)["cpus"][0];
    EXPECT_EQ(entries(evicted), (Texts{"0x408000 replaced 0x400000", "0x402000", "0x404000", "0x406000"}));
    EXPECT_EQ(evicted["evictions"], 1);
    EXPECT_EQ(evicted["reach"], 16384);
}

TEST_F(TlbViewTest, TheEventsOfAStepTellOneAfterAnother) {
    load(ARM64);
    const auto nr = static_cast<mm::u32>(bridge.app.session->replay(2).events.size());
    EXPECT_TRUE(at(2, 1)["cpus"][0]["entries"].empty());
    EXPECT_EQ(entries(at(2, nr)["cpus"][0]), Texts{"0x400000 filled"});
}

TEST_F(TlbViewTest, WhatWasNotInvalidatedIsStale) {
    load(ARM64);
    EXPECT_EQ(entries(at(9)["cpus"][1]), Texts{"0x401000 filled"});
    EXPECT_EQ(entries(at(10)["cpus"][1]), Texts{"0x401000 unmapped"});
}

TEST_F(TlbViewTest, WhatAFlushDropsIsShownWhereItStood) {
    load(ARM64);
    const Json range = at(11); // 0x400000 to 0x403fff
    EXPECT_EQ(entries(range["cpus"][0]), (Texts{"0x408000", "0x402000 invalidated", "0x404000", "0x406000"}));
    EXPECT_EQ(entries(range["cpus"][1]), Texts{"0x401000 invalidated"});
    EXPECT_EQ(range["cpus"][0]["invalidated"], 1);
    EXPECT_EQ(range["cpus"][0]["walk_cache"][0]["touch"], "invalidated");
    const Json alone = at(12);
    EXPECT_FALSE(alone["cpus"][0].contains("space"));
    const Json all = at(13);
    EXPECT_EQ(entries(all["cpus"][0]), (Texts{"0x408000 invalidated", "0x404000 invalidated", "0x406000 invalidated"}));
    EXPECT_EQ(all["cpus"][0]["reach"], 0);
}

TEST_F(TlbViewTest, I386HasNoAsidsAndDropsEntriesWithCr3) {
    load(I386);
    EXPECT_EQ(at(4)["serves"], Json({"code", "data", "large pages"}));
    const Json filled = at(4)["cpus"][0];
    EXPECT_EQ(filled["space"], "m");
    EXPECT_FALSE(filled.contains("asid"));
    EXPECT_EQ(entries(filled), Texts{"0x400000 filled"});
    EXPECT_TRUE(filled["walk_cache"].empty());
    EXPECT_EQ(entries(at(5)["cpus"][0]), Texts{"0x400000 invalidated"});
}

TEST_F(TlbViewTest, AMachineWithoutTlbsSaysSo) {
    load(X86_64);
    EXPECT_EQ(at(1), Json({{"tlb", false}}));
}

TEST_F(TlbViewTest, PressingAnEntrySelectsItsAddressAndItsFrameTheFrame) {
    load(ARM64);
    choose({{"reducedMotion", true}});
    static_cast<void>(at(4));
    ASSERT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
    bool address = false, frame = false;
    for (float y = 100; y < 500 && !(address && frame); y += 5) {
        press(12 + 46 + 16, y);
        address |= bridge.app.selection == Selection{Selection::Kind::address, 0x400000, 1, 0};
        frame |= bridge.app.selection == Selection{Selection::Kind::pfn, 0x41000, 0, 0};
    }
    EXPECT_TRUE(address);
    EXPECT_TRUE(frame);
}

TEST_F(TlbViewTest, TheKeysGoFromEntryToEntry) {
    load(ARM64);
    static_cast<void>(at(7));
    choose({{"reducedMotion", true}, {"select", "address:400000/1"}});
    ASSERT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
    key(ImGuiKey_Enter);
    key(ImGuiKey_RightArrow);
    key(ImGuiKey_Enter);
    EXPECT_EQ(bridge.app.selection, (Selection{Selection::Kind::address, 0x402000, 1, 0}));
    key(ImGuiKey_Escape);
}

TEST_F(TlbViewTest, WhereTheCpusDoNotFitOneIsChosenAndLinked) {
    load(ARM64);
    choose({{"reducedMotion", true}});
    static_cast<void>(at(4));
    EXPECT_EQ(bridge.open_view()->look(), "");
    for (float y = 40; y < 120 && bridge.open_view()->look().empty(); y += 4) press(12 + 70, y); // the second chip
    EXPECT_EQ(bridge.open_view()->look(), "1");
    for (const char* look : {"1", "77", "x", "1x", "-1", ""}) {
        choose({{"look", look}});
        frame();
        EXPECT_GT(ImGui::GetDrawData()->TotalVtxCount, 100) << look;
    }
    EXPECT_EQ(bridge.open_view()->look(), "");
}

TEST_F(TlbViewTest, AFullTlbIsDrawnWhereItIsSeen) {
    std::string steps =
        R"({"op": "pgd_alloc", "as": "m"}, {"op": "create_pgd_mapping", "mm": "m", "address": "0x40000000",
                           "phys": "0x40000000", "size": "2MiB", "page_mappings_only": true})";
    for (int page = 0; page < 512; ++page) {
        char address[32];
        std::snprintf(address, sizeof address, "0x%x", 0x40000000 + (page << 12));
        steps += R"(, {"op": "access", "mm": "m", "address": ")" + std::string(address) + R"("})";
    }
    load(R"({"format": "mmscope/1", "title": "Full", "machine": {"profile": {"memory": "64MiB", "arch": "arm64",
             "tlb": {"entries": 256}}}, "steps": [)" +
         steps + "]}");
    const Json now = at(end);
    EXPECT_EQ(now["cpus"][0]["reach"], 256 * 4096);
    frame();
    EXPECT_LT(ImGui::GetDrawData()->TotalVtxCount, 40000);
}

} // namespace
} // namespace shell
