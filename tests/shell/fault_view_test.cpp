// The view of a page fault: the way of the step's fault with what decided, the fault that is chosen among several, only what has
// happened; drawn in each size, clicked, linked, as a table.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/hex.h"
#include "machine/facts/fault_tree.h"
#include "view_test.h"

namespace shell {
namespace {

// 4 a read of nothing, 5 a write to the zero page, 6 no fault, 7 four pages, 8 NULL, 9 MAP_POPULATE.
constexpr std::string_view FAULTS = R"({
  "format": "mmscope/1", "title": {"en": "Faults", "zh": "缺页"},
  "machine": {"profile": {"memory": "64MiB", "kernel": "6.1", "arch": "arm64"}},
  "steps": [
    {"op": "transparent_hugepage.enabled", "value": "never"},
    {"op": "execve", "program": "/bin/first", "as": "p"},
    {"op": "mmap", "process": "p", "size": 65536, "as": "a"},
    {"op": "user_read", "process": "p", "address": "a"},
    {"op": "user_write", "process": "p", "address": "a", "value": 42},
    {"op": "user_write", "process": "p", "address": "a", "value": 43},
    {"op": "touch", "process": "p", "address": "a+0x4000", "size": 16384},
    {"op": "user_read", "process": "p", "address": "0x18"},
    {"op": "mmap", "process": "p", "size": 8192, "flags": "MAP_PRIVATE|MAP_ANONYMOUS|MAP_POPULATE", "as": "b"}
  ]
})";

class FaultViewTest : public test::ViewTest {
  protected:
    void SetUp() override {
        load(FAULTS);
        choose({{"view", "fault"}, {"reducedMotion", true}});
    }
    static std::vector<std::string> functions(const Json& view) {
        std::vector<std::string> names;
        for (const Json& node : view["way"]) names.push_back(node["function"]);
        return names;
    }
    static std::string text_of(const std::string& lesson) {
        std::ifstream file(MMSCOPE_SOURCE_DIR "/scenarios/" + lesson + ".json");
        return {std::istreambuf_iterator<char>(file), {}};
    }
    const mm::Machine& machine() { return bridge.app.session->machine(); }
    std::string svg_text(float width, float height) {
        for (int i = 0; i < 6; ++i) screen.frame(bridge, width, height);
        return Json::parse(bridge.export_svg(""), nullptr, false).value("svg", "");
    }
};

TEST_F(FaultViewTest, TheWayOfTheFaultIsToldWithWhatDecided) {
    const Json view = at(5);
    EXPECT_EQ(view["faults"], 1);
    EXPECT_EQ(functions(view),
              (std::vector<std::string>{"do_page_fault", "find_vma", "__do_page_fault", "__handle_mm_fault",
                                        "handle_pte_fault", "handle_pte_fault", "do_wp_page", "wp_page_copy"}));
    const mm::process_memory& proc = machine().processes;
    const Json& rights = view["way"][2];
    EXPECT_EQ(rights["answer"], "yes");
    EXPECT_EQ(rights["numbers"], "rw-p · write");
    EXPECT_EQ(view["way"][6]["answer"], "zero page");
    char zero[32];
    std::snprintf(zero, sizeof zero, "frame 0x%x", proc.user.zero_pfn);
    EXPECT_EQ(view["way"][6]["numbers"], zero);
    EXPECT_EQ(view["way"][7]["answer"], "") << "an end has none";
}

TEST_F(FaultViewTest, OnlyWhatHasHappenedIsLit) {
    const std::size_t all = at(5)["way"].size();
    seek(4, 1);
    std::size_t before = 0;
    for (mm::u32 event = 1; event < bridge.app.session->moment().events.size(); ++event) {
        const Json view = at(4, event);
        const std::size_t lit = view["faults"] == 0 ? 0 : view["way"].size();
        EXPECT_GE(lit, before) << event;
        before = lit;
    }
    EXPECT_LE(before, all);
    EXPECT_GT(before, 0u);
}

TEST_F(FaultViewTest, AStepWithoutAFaultSaysSo) {
    for (const mm::u32 step : {0u, 3u, 6u}) EXPECT_EQ(at(step)["faults"], 0) << step;
    EXPECT_NE(svg_text(1100, 700).find("No page fault in this step"), std::string::npos);
    const Json mirror = Json::parse(bridge.mirror(), nullptr, false);
    EXPECT_EQ(mirror["rows"].size(), static_cast<std::size_t>(mm::fault_node::bad_tables)) << "all questions";
}

TEST_F(FaultViewTest, OfSeveralFaultsTheLastIsShownUnlessAnotherIsChosen) {
    const mm::u64 a = (seek(3), machine().results[1].value);
    Json view = at(7);
    EXPECT_EQ(view["faults"], 4);
    EXPECT_EQ(view["shown"], 4);
    EXPECT_EQ(view["address"], mm::address_hex(a + 0x7000));
    choose({{"look", "2"}});
    frame();
    view = describe();
    EXPECT_EQ(view["address"], mm::address_hex(a + 0x5000));
    EXPECT_EQ(bridge.open_view()->look(), "2");
    seek(5);
    frame();
    EXPECT_EQ(bridge.open_view()->look(), "") << "another step has its own faults";
    view = at(9);
    EXPECT_EQ(view["faults"], 2);
    EXPECT_EQ(functions(view).front(), "__handle_mm_fault") << "no access: the kernel brings the pages";
}

TEST_F(FaultViewTest, ASignalEndsTheWay) {
    const Json view = at(8);
    EXPECT_EQ(functions(view),
              (std::vector<std::string>{"do_page_fault", "find_vma", "expand_stack", "force_sig_fault"}));
    EXPECT_EQ(view["way"][1]["answer"], "none");
}

TEST_F(FaultViewTest, ItIsDrawnInEachSizeThemeAndLanguage) { draw_everywhere({0, 4, 5, 7, 8, 9}, {0, 1, 6}); }

// With room for it the whole tree stands there, else the way alone with the names of the other answers.
TEST_F(FaultViewTest, TheTreeIsWholeWhereThereIsRoom) {
    seek(5);
    const std::string wide = svg_text(1100, 700), small = svg_text(390, 250);
    EXPECT_NE(wide.find("do_anonymous_page"), std::string::npos) << "a question that this fault was not asked";
    EXPECT_EQ(small.find("do_anonymous_page"), std::string::npos);
}

// The last node of the way is in sight at each size.
TEST_F(FaultViewTest, TheEndOfTheWayIsInSight) {
    for (const auto& [width, height] :
         {std::pair{1100.0f, 700.0f}, {390.0f, 250.0f}, {480.0f, 200.0f}, {900.0f, 400.0f}}) {
        for (const mm::u32 step : {4u, 5u, 8u}) {
            seek(step);
            const std::string svg = svg_text(width, height);
            const bool wide = width > 700;
            const char* last = step == 4u   ? (wide ? "read: zero page" : "The zero page is mapped, read-only")
                               : step == 5u ? (wide ? "zero page: new page" : "A page of zeroes takes the zero page")
                                            : (wide ? "no: SIGSEGV, MAPERR" : "SIGSEGV with SEGV_MAPERR");
            EXPECT_NE(svg.find(last), std::string::npos) << width << " " << step;
        }
    }
}

TEST_F(FaultViewTest, AClickOnTheEndSelectsTheFrame) {
    seek(5);
    frame();
    bool found = false;
    for (float y = 10; y < HEIGHT - 10 && !found; y += 7)
        for (float x = 420; x < WIDTH - 10 && !found; x += 40) {
            press(x, y);
            found = bridge.app.selection.kind == Selection::Kind::pfn;
        }
    ASSERT_TRUE(found);
    const mm::Machine& at = machine();
    EXPECT_EQ(bridge.app.selection.value,
              mm::page_at_address(at.processes, at.mmu, at.physical, 0, at.results[1].value).pfn);
}

TEST_F(FaultViewTest, TheMirrorIsTheWay) {
    seek(5);
    const Json mirror = Json::parse(bridge.mirror(), nullptr, false);
    ASSERT_EQ(mirror["rows"].size(), 8u);
    EXPECT_EQ(mirror["columns"], Json({"question", "answer", "what decided", "function"}));
    EXPECT_EQ(mirror["rows"][1]["cells"][0], "2. Which VMA has the address?");
    EXPECT_EQ(mirror["rows"][1]["cells"][3], "find_vma (mm/mmap.c)");
}

// Every fault of every lesson goes along answers of the tree, and comes to an end.
TEST_F(FaultViewTest, EachFaultOfTheLessonsComesToAnEnd) {
    bridge.add_machine("arm64-6.1-1g", text_of("machines/arm64-6.1-1g"));
    std::size_t faults = 0;
    for (const char* lesson : {"65-mmap-is-not-memory", "66-fork-copy-on-write", "67-sigsegv", "68-stack-growth",
                               "69-file-mappings", "70-huge-pages"}) {
        load(text_of(lesson));
        for (mm::u32 step = 1; step <= end; ++step) {
            seek(step);
            for (const mm::FaultRun& run : mm::fault_runs(bridge.app.session->moment().events)) {
                ++faults;
                EXPECT_TRUE(run.ended()) << lesson << " at " << step;
                for (std::size_t i = 0; i + 1 < run.steps.size(); ++i)
                    EXPECT_TRUE(mm::edge_between(run.steps[i].node, run.steps[i + 1].node)) << lesson << " at " << step;
            }
        }
    }
    EXPECT_GT(faults, 100u);
}

} // namespace
} // namespace shell
