// The views of processes and of the reverse map: sums against the kernel's own counts, who shares what, which entries map a frame
// before and after a write, links and selections; and the program listing of the bridge.
#include <gtest/gtest.h>

#include <map>

#include "base/hex.h"
#include "machine/facts/process_facts.h"
#include "process/smaps.h"
#include "view_test.h"
#include "views/process/process_sums.h"

namespace shell {
namespace {

using mm::u64;

// Two pages of private memory, one of shared, a fork, writes and reads of both, an exit.
constexpr std::string_view FORK = R"({
  "format": "mmscope/1", "title": {"en": "Fork", "zh": "Fork"},
  "machine": {"profile": {"memory": "64MiB", "kernel": "6.1", "arch": "arm64"}},
  "steps": [
    {"op": "transparent_hugepage.enabled", "value": "never"},
    {"op": "execve", "program": "/bin/p", "kind": "static", "as": "p"},
    {"op": "mmap", "process": "p", "size": "16KiB", "as": "a"},
    {"op": "touch", "process": "p", "address": "a", "size": "8KiB", "value": 5},
    {"op": "fork", "process": "p", "as": "c"},
    {"op": "user_write", "process": "c", "address": "a", "value": 6},
    {"op": "user_write", "process": "p", "address": "a", "value": 7},
    {"op": "exit", "process": "c"},
    {"op": "user_read", "process": "p", "address": "a+0x3000"}
  ]
})";

class ProcessViewsTest : public test::ViewTest {
  protected:
    void SetUp() override {
        load(FORK);
        choose({{"reducedMotion", true}});
    }
    const mm::Machine& machine() { return bridge.app.session->machine(); }
    u64 a() { return machine().results[1].value; }
    mm::mapped_page page(mm::mm_id id, u64 address) {
        return mm::page_at_address(machine().processes, machine().mmu, machine().physical, id, address);
    }
};

// ---- processes ------------------------------------------------------------------------------------------------------

TEST_F(ProcessViewsTest, SumsAreWhatSmapsAndTheCountersSay) {
    for (mm::u32 step = 2; step <= 9; ++step) {
        seek(step);
        for (const ProcessSum& sum : process_sums(machine()).processes) {
            const mm::mm_struct& mm = machine().processes.mms[sum.id];
            ASSERT_TRUE(sum.counted);
            EXPECT_EQ(sum.kinds[0].all(), mm.rss.anon) << step;
            EXPECT_EQ(sum.kinds[1].all(), mm.rss.file) << step;
            EXPECT_EQ(sum.kinds[2].all(), mm.rss.shmem) << step;
            EXPECT_EQ(sum.pss, mm::smaps_of(machine().processes, {machine().mmu, machine().physical}, sum.id).pss)
                << step;
        }
    }
}

TEST_F(ProcessViewsTest, AForkSharesAllAnonymousPagesAndAWriteTakesOneOut) {
    const Json forked = (seek(5), describe("processes"));
    ASSERT_EQ(forked["processes"].size(), 2u);
    const u64 anon = machine().processes.mms[0].rss.anon;
    ASSERT_EQ(forked["shared"].size(), 1u);
    EXPECT_EQ(forked["shared"][0]["pids"], Json({300, 301}));
    EXPECT_EQ(forked["shared"][0]["pages"][0], anon);
    EXPECT_EQ(forked["processes"][1]["mapped_by"][0], Json({0, anon, 0})) << "the child has nothing alone";
    const Json written = at(6);
    EXPECT_EQ(written["shared"][0]["pages"][0], anon - 1);
    EXPECT_EQ(written["processes"][1]["mapped_by"][0], Json({1, anon - 1, 0}));
    const Json ended = at(8);
    EXPECT_EQ(ended["processes"].size(), 1u);
    EXPECT_EQ(ended["ended"], 1);
    EXPECT_TRUE(ended["shared"].empty());
}

TEST_F(ProcessViewsTest, WhatIsTooMuchIsLeftOutAndSaidSo) {
    seek(6);
    const ProcessSums none = process_sums(machine(), 0);
    EXPECT_FALSE(none.shared_whole);
    for (const ProcessSum& sum : none.processes) EXPECT_FALSE(sum.counted);
    // Enough for the first alone.
    const mm::mm_struct& first = machine().processes.mms[0];
    const ProcessSums one = process_sums(machine(), first.rss.total() + first.map_count);
    EXPECT_TRUE(one.processes[0].counted);
    EXPECT_FALSE(one.processes[1].counted);
}

TEST_F(ProcessViewsTest, AClickSelectsAProcess) {
    seek(6);
    choose({{"view", "processes"}});
    frame();
    ASSERT_TRUE(press_until(60, Selection::Kind::address));
    EXPECT_EQ(bridge.app.selection.second, static_cast<mm::i64>(machine().processes.mms[0].space));
}

TEST_F(ProcessViewsTest, TheListIsDrawnInEachSizeThemeAndLanguage) {
    choose({{"view", "processes"}});
    draw_everywhere({1, 2, 5, 6, 8}, {0, 1});
}

TEST_F(ProcessViewsTest, TheMirrorHasARowAProcessAndOneAGroup) {
    seek(5);
    choose({{"view", "processes"}});
    const Json mirror = Json::parse(bridge.mirror(), nullptr, false);
    ASSERT_EQ(mirror["rows"].size(), 3u) << mirror;
    EXPECT_EQ(mirror["rows"][0]["cells"][0], "300 /bin/p");
    EXPECT_EQ(mirror["rows"][2]["cells"][0], "300 + 301");
    for (const Json& row : mirror["rows"]) EXPECT_EQ(row["cells"].size(), mirror["columns"].size());
}

// ---- reverse map ----------------------------------------------------------------------------------------------------

TEST_F(ProcessViewsTest, TheReverseMapOfTheOldFrameBeforeAndAfterTheWrite) {
    seek(5);
    const mm::pfn_t old = page(0, a()).pfn;
    const Json view = (seek(6), describe("reverse-map"));
    EXPECT_EQ(view["frame"], old) << "the frame that the access met, before its copy";
    EXPECT_EQ(view["was"], Json({2, 2, false}));
    EXPECT_EQ(view["now"], Json({1, 1, false}));
    ASSERT_EQ(view["rows"].size(), 2u);
    EXPECT_EQ(view["rows"][0]["fate"], "mapped");
    EXPECT_EQ(view["rows"][1]["fate"], "gone");
    EXPECT_EQ(view["rows"][1]["address"], mm::address_hex(a()));
    // A step later the child's VMA is looked at in vain.
    choose({{"look", mm::hex(old)}});
    frame();
    const Json kept = at(7);
    EXPECT_EQ(kept["frame"], old);
    EXPECT_EQ(kept["now"], Json({1, 1, true}));
    ASSERT_EQ(kept["rows"].size(), 2u) << "the parent's anon_vma leads to the child's VMA still";
    EXPECT_EQ(kept["rows"][0]["fate"], "changed") << "its entry may be written now";
    EXPECT_EQ(kept["rows"][1]["fate"], "looked");
}

TEST_F(ProcessViewsTest, TheCopyIsFoundInTheChildAlone) {
    seek(6);
    const mm::pfn_t copy = page(1, a()).pfn;
    choose({{"view", "reverse-map"}});
    choose({{"look", mm::hex(copy)}});
    frame();
    const Json view = describe();
    EXPECT_EQ(view["frame"], copy);
    ASSERT_EQ(view["rows"].size(), 1u);
    EXPECT_EQ(view["rows"][0]["fate"], "new");
    EXPECT_EQ(view["anon_vma"], view["rows"][0]["anon_vma"]);
    EXPECT_EQ(bridge.open_view()->look(), mm::hex(copy));
    for (const char* look : {"", "zz", "ffffffff", "-1"}) {
        choose({{"look", look}});
        frame();
    }
    EXPECT_EQ(describe()["frame"], page(0, a()).pfn) << "without a look it is the frame of the step";
}

TEST_F(ProcessViewsTest, ASelectedFrameIsShownAndQuietVmasAreTold) {
    seek(6);
    const mm::pfn_t old = page(0, a()).pfn;
    choose({{"view", "reverse-map"}, {"select", "pfn:" + mm::hex(old)}});
    seek(9); // the child has ended
    EXPECT_EQ(describe()["frame"], old);
    EXPECT_EQ(describe()["rows"].size(), 1u);
    choose({{"select", "address:" + mm::hex(a() + 0x1000) + "/1"}});
    EXPECT_EQ(describe()["frame"], page(0, a() + 0x1000).pfn);
}

TEST_F(ProcessViewsTest, TheZeroPageHasNoReverseMap) {
    const Json view = (seek(9), describe("reverse-map"));
    EXPECT_EQ(view["zero"], true);
    const Json mirror = Json::parse(bridge.mirror(), nullptr, false);
    EXPECT_TRUE(mirror["rows"].empty());
    EXPECT_NE(mirror["note"].get<std::string>().find("zero page"), std::string::npos);
}

TEST_F(ProcessViewsTest, TheReverseMapIsDrawnInEachSizeThemeAndLanguage) {
    choose({{"view", "reverse-map"}});
    draw_everywhere({1, 4, 6, 7, 8, 9}, {0, 1});
}

TEST_F(ProcessViewsTest, APressOnTheFrameSelectsItAndOnAnEntryItsAddress) {
    seek(6);
    choose({{"view", "reverse-map"}});
    frame();
    ASSERT_TRUE(press_until(60, Selection::Kind::pfn));
    EXPECT_EQ(bridge.app.selection.value, static_cast<mm::i64>(page(0, a()).pfn));
    ASSERT_TRUE(press_until(WIDTH - 60, Selection::Kind::address));
    EXPECT_EQ(static_cast<u64>(bridge.app.selection.value), a());
}

TEST_F(ProcessViewsTest, TheMirrorOfTheReverseMapComparesTheEntries) {
    seek(6);
    choose({{"view", "reverse-map"}});
    const Json mirror = Json::parse(bridge.mirror(), nullptr, false);
    std::map<std::string, std::string> changes;
    for (const Json& row : mirror["rows"])
        changes[row["cells"][0].get<std::string>()] = row.value("change", std::string());
    EXPECT_EQ(changes["301 /bin/p " + mm::address_hex(a())], "gone") << mirror;
    EXPECT_EQ(changes["300 /bin/p " + mm::address_hex(a())], "") << mirror;
}

// ---- the program listing --------------------------------------------------------------------------------------------

TEST_F(ProcessViewsTest, TheProgramTellsResultsOfLinesThatAreDone) {
    seek(6);
    const Json program = Json::parse(bridge.program(0, 100), nullptr, false);
    ASSERT_EQ(program["lines"].size(), 9u);
    EXPECT_EQ(program["processes"], (Json{{{"name", "p"}, {"depth", 0}}, {{"name", "c"}, {"depth", 1}}}));
    EXPECT_EQ(program["lines"][4]["text"], "pid_t c = fork();");
    EXPECT_EQ(program["lines"][4]["result"], "pid 301");
    EXPECT_EQ(program["lines"][5]["result"], "minor fault");
    EXPECT_EQ(program["lines"][5]["process"], 1);
    for (std::size_t i = 6; i < 9; ++i) EXPECT_FALSE(program["lines"][i].contains("result")) << "it has not run";
    EXPECT_EQ(program["more"], false);
    seek(3);
    EXPECT_FALSE(Json::parse(bridge.program(4, 1), nullptr, false)["lines"][0].contains("result"));
    choose({{"language", "zh"}});
    seek(9);
    EXPECT_EQ(Json::parse(bridge.program(5, 1), nullptr, false)["lines"][0]["result"], "次要缺页");
    EXPECT_EQ(Json::parse(bridge.scenario(), nullptr, false)["program"], true);
    EXPECT_EQ(Json::parse(bridge.program(50, 9), nullptr, false)["lines"].size(), 0u);
}

} // namespace
} // namespace shell
