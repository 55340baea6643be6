// The view of a process's addresses: what the step made of each VMA, where a mapping was placed, marks and counters, the pages of
// a VMA; what an address of a process is in links, in the way to it and in the inspector.
#include <gtest/gtest.h>

#include "base/hex.h"
#include "machine/facts/process_facts.h"
#include "view_test.h"
#include "views/parts/palette.h"
#include "views/process/space_band.h"
#include "views/process/vma_look.h"

namespace shell {
namespace {

using mm::u64;

// Two mappings side by side become one VMA; then it is cut, gets other rights in part, is filled and loses its beginning.
//
//   3   [ b        a                ]
//   4   [ b        a  ]....[        ]        a+0x2000 to a+0x4000 go
//   5   [b][       a  ]    [        ]        the first page of b becomes read-only
//   6   [b][       a                ]        filled again
//   7   ...[       a                ]
constexpr std::string_view MAPPINGS = R"({
  "format": "mmscope/1", "title": {"en": "Mappings", "zh": "映射"},
  "machine": {"profile": {"memory": "256MiB", "kernel": "6.1", "arch": "arm64"}},
  "steps": [
    {"op": "execve", "program": "/bin/first", "as": "p"},
    {"op": "mmap", "process": "p", "size": 32768, "as": "a"},
    {"op": "mmap", "process": "p", "size": 16384, "as": "b"},
    {"op": "munmap", "process": "p", "address": "a+0x2000", "size": 8192},
    {"op": "mprotect", "process": "p", "address": "b", "size": 4096, "prot": "PROT_READ"},
    {"op": "mmap", "process": "p", "address": "a+0x2000", "size": 8192, "flags": "MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED", "as": "c"},
    {"op": "munmap", "process": "p", "address": "b", "size": 4096},
    {"op": "sbrk", "process": "p", "by": 8192, "as": "h"},
    {"op": "execve", "program": "/bin/second", "as": "q"},
    {"op": "exit", "process": "p"}
  ]
})";

class AddressSpaceTest : public test::ViewTest {
  protected:
    void SetUp() override {
        load(MAPPINGS);
        choose({{"view", "address-space"}, {"reducedMotion", true}});
    }
    u64 result(std::size_t slot) { return bridge.app.session->machine().results[static_cast<mm::u32>(slot)].value; }
    // Where a stands, and b below it.
    u64 a() { return seek(3), result(1); }
    u64 b() { return seek(3), result(2); }
    // "start end fate" of what the step made something of.
    std::vector<std::string> changed(mm::u32 step) {
        std::vector<std::string> out;
        const Json view = at(step);
        for (const Json& piece : view["pieces"])
            if (piece["fate"] != "same" && piece["fate"] != "hole")
                out.push_back(piece["start"].get<std::string>() + " " + piece["end"].get<std::string>() + " " +
                              piece["fate"].get<std::string>());
        return out;
    }
    static std::string piece(u64 start, u64 end, const char* fate) {
        return mm::address_hex(start) + " " + mm::address_hex(end) + " " + fate;
    }
};

using Pieces = std::vector<std::string>;

TEST_F(AddressSpaceTest, WhatAStepMadeOfEachVmaIsTold) {
    const u64 a = this->a(), b = this->b();
    ASSERT_EQ(b, a - 0x4000) << "top down: the second mapping is placed right below the first";
    EXPECT_EQ(changed(2), Pieces{piece(a, a + 0x8000, "new")});
    EXPECT_EQ(changed(3), Pieces{piece(b, a + 0x8000, "longer")});
    EXPECT_EQ(changed(4), (Pieces{piece(b, a + 0x2000, "cut"), piece(a + 0x2000, a + 0x4000, "removed"),
                                  piece(a + 0x4000, a + 0x8000, "cut")}));
    EXPECT_EQ(changed(5), (Pieces{piece(b, b + 0x1000, "flags changed"), piece(b + 0x1000, a + 0x2000, "cut")}));
    EXPECT_EQ(changed(6), Pieces{piece(b + 0x1000, a + 0x8000, "merged")});
    EXPECT_EQ(at(6)["seams"], Json({mm::address_hex(a + 0x2000), mm::address_hex(a + 0x4000)}));
    EXPECT_EQ(changed(7), Pieces{piece(b, b + 0x1000, "removed")});
}

TEST_F(AddressSpaceTest, PiecesAreAllAddressesOfTheProgramInARow) {
    for (const mm::u32 step : {1u, 3u, 4u, 7u, 8u}) {
        std::string reached = "0x0";
        const Json view = at(step);
        for (const Json& piece : view["pieces"]) {
            EXPECT_EQ(piece["start"], reached) << step;
            reached = piece["end"];
        }
        EXPECT_EQ(reached, mm::address_hex(bridge.app.session->machine().processes.task_size)) << step;
    }
}

TEST_F(AddressSpaceTest, CountersTellBeforeAndAfter) {
    // 16 KiB are four pages.
    const Json at_3 = at(3)["counters"];
    const mm::mm_struct& mm = bridge.app.session->machine().processes.mms[0];
    EXPECT_EQ(at_3["map_count"], std::to_string(mm.map_count)) << "a longer VMA is still one";
    const auto total = static_cast<mm::i64>(mm.total_vm);
    EXPECT_EQ(at_3["total_vm"], std::to_string(total - 4) + " → " + std::to_string(total));
    EXPECT_EQ(at_3["locked_vm"], "0");
    const mm::u32 count = mm.map_count;
    EXPECT_EQ(at(4)["counters"]["map_count"], std::to_string(count) + " → " + std::to_string(count + 1));
}

TEST_F(AddressSpaceTest, ThePlaceAndItsHoleAreTold) {
    const u64 a = this->a();
    const Json view = at(2);
    EXPECT_EQ(view["placed"]["start"], mm::address_hex(a));
    EXPECT_EQ(view["placed"]["hole_end"], mm::address_hex(a + 0x8000)) << "at the end of the hole";
    EXPECT_EQ(view["placed"]["limit"], view["marks"]["mmap_base"]);
    EXPECT_FALSE(at(6).contains("placed")) << "MAP_FIXED looks for nothing";
}

TEST_F(AddressSpaceTest, TheBreakMovesItsMark) {
    seek(8);
    const mm::mm_struct& mm = bridge.app.session->machine().processes.mms[0];
    EXPECT_EQ(mm.brk, mm.start_brk + 8192);
    const Json marks = at(8)["marks"];
    EXPECT_EQ(marks["brk"], mm::address_hex(mm.brk));
    EXPECT_EQ(marks["start_brk"], mm::address_hex(mm.start_brk));
    EXPECT_TRUE(at(7)["marks"].contains("start_brk = brk")) << "two marks at one address are one";
    EXPECT_EQ(changed(8).size(), 1u);
}

TEST_F(AddressSpaceTest, TheStepChoosesTheProcess) {
    const auto pid_at = [&](mm::u32 step) {
        seek(step);
        frame();
        return describe()["process"].get<mm::u32>();
    };
    const mm::u32 first = pid_at(1);
    EXPECT_EQ(pid_at(9), first + 1);
    EXPECT_EQ(pid_at(10), first + 1) << "the other one is gone";
    EXPECT_EQ(pid_at(8), first);
    choose({{"look", "1"}});
    EXPECT_EQ(bridge.open_view()->look(), "1");
    seek(0);
    EXPECT_TRUE(describe()["process"].is_null());
}

// Each fate of each step with its own words; a row that is gone is the one before.
TEST_F(AddressSpaceTest, TheMirrorIsTheListOfMapsWithWhatChanged) {
    const u64 a = this->a(), b = this->b();
    seek(4);
    const Json mirror = Json::parse(bridge.mirror(), nullptr, false);
    std::vector<std::string> marked;
    for (const Json& row : mirror["rows"])
        if (row.contains("change"))
            marked.push_back(row["cells"][0].get<std::string>() + " " + row["change"].get<std::string>());
    EXPECT_NE(std::find(marked.begin(), marked.end(), mm::address_hex(b) + " changed"), marked.end()) << mirror;
    EXPECT_NE(std::find(marked.begin(), marked.end(), mm::address_hex(a + 0x4000) + " added"), marked.end());
    EXPECT_NE(std::find(marked.begin(), marked.end(), "hole " + mm::address_hex(a + 0x2000) + " added"), marked.end());
    EXPECT_NE(std::find(marked.begin(), marked.end(), "map_count changed"), marked.end());
    EXPECT_EQ(mirror["caption"], "Address space 300 /bin/first");
}

TEST_F(AddressSpaceTest, ItIsDrawnInEachSizeThemeAndLanguage) {
    draw_everywhere(all_steps(), {0, 1});
    choose({{"look", "1-400000"}});
    draw_everywhere({1, 8}, {0});
}

TEST_F(AddressSpaceTest, AClickSelectsAnAddressOfTheProcess) {
    seek(4);
    frame();
    ASSERT_TRUE(press_until(500, Selection::Kind::address));
    EXPECT_EQ(bridge.app.selection.second, 1);
    EXPECT_TRUE(bridge.open_view()->row().shows(bridge.app.session->machine(), bridge.app.selection));
}

TEST_F(AddressSpaceTest, PlusOpensThePagesOfTheSelectedVmaAndMinusClosesThem) {
    seek(1);
    const u64 code = bridge.app.session->machine().processes.mms[0].start_code;
    choose({{"select", "address:" + mm::hex(code) + "/1"}});
    frame();
    key(ImGuiKey_Equal);
    // The code begins where its VMA begins.
    EXPECT_EQ(describe()["opened"], mm::address_hex(code));
    EXPECT_EQ(bridge.open_view()->look(), "-" + mm::hex(code));
    key(ImGuiKey_Minus);
    EXPECT_FALSE(describe().contains("opened"));
    EXPECT_EQ(bridge.open_view()->look(), "");
}

TEST_F(AddressSpaceTest, ALinkOpensTheVmaOfTheProcess) {
    seek(1);
    for (const char* look : {"1", "1-400000", "-400000"}) {
        choose({{"look", look}});
        frame();
        EXPECT_EQ(bridge.open_view()->look(), look);
    }
    for (const char* look : {"", "x", "1x", "99999999999", "-", "-xyz", "1-400000-5"}) {
        choose({{"look", look}});
        frame();
        const std::string kept = bridge.open_view()->look();
        EXPECT_TRUE(kept.empty() || kept == "1" || kept == "-400000") << look << " " << kept;
    }
}

TEST_F(AddressSpaceTest, AnAddressOfAProcessIsWrittenWithItsSpace) {
    seek(9);
    const mm::Machine& machine = bridge.app.session->machine();
    for (const char* text : {"address:400000/1", "address:400000/2", "address:0/1", "address:fffffffff000/2"}) {
        const auto place = mm::parse_place(machine, text);
        ASSERT_TRUE(place) << text;
        EXPECT_EQ(mm::place_text(machine, *place), text);
    }
    EXPECT_FALSE(mm::parse_place(machine, "address:400000/3")) << "there is no third process";
    seek(10);
    EXPECT_FALSE(mm::parse_place(bridge.app.session->machine(), "address:400000/1")) << "it has ended";
}

TEST_F(AddressSpaceTest, TheWayToAnAddressLeadsThroughProcessAndVma) {
    seek(7);
    const u64 a = result(1);
    choose({{"select", "address:" + mm::hex(a) + "/1"}});
    std::vector<std::string> way;
    const Json crumbs = Json::parse(bridge.crumbs(), nullptr, false);
    for (const Json& crumb : crumbs["crumbs"])
        way.push_back(crumb["text"].get<std::string>() + "|" + crumb["view"].get<std::string>());
    EXPECT_EQ(way, (std::vector<std::string>{"|map", "300 /bin/first|address-space", "rw-p|address-space",
                                             mm::address_hex(a) + "|address"}));
    const Json inspected = Json::parse(bridge.inspect(), nullptr, false);
    const Json& structs = inspected["structs"];
    ASSERT_EQ(structs.size(), 4u) << "what the address is, the VMA, the mm, its one task";
    EXPECT_EQ(structs[1]["title"], "struct vm_area_struct rw-p");
    EXPECT_EQ(structs[1]["fields"][0]["value"], mm::address_hex(a - 0x3000));
    EXPECT_EQ(structs[1]["fields"][1]["value"], mm::address_hex(a + 0x8000));
    EXPECT_EQ(structs[2]["title"], "struct mm_struct 300 /bin/first");
    EXPECT_EQ(structs[3]["title"], "struct task_struct first, pid 300");
    EXPECT_EQ(structs[3]["fields"][0]["name"], "__state");
    EXPECT_EQ(structs[3]["fields"][0]["value"], "R (running)");
}

TEST_F(AddressSpaceTest, WhereNothingIsSelectedTheInspectorShowsTheProcessOfTheStep) {
    const u64 a = this->a();
    const auto shown = [this](mm::u32 step) {
        seek(step);
        return Json::parse(bridge.inspect(), nullptr, false);
    };
    const Json mapped = shown(2);
    EXPECT_EQ(mapped["select"], "");
    EXPECT_TRUE(mapped["of_process"].get<bool>());
    ASSERT_EQ(mapped["structs"].size(), 3u) << "the VMA that the step made, the mm, its task";
    EXPECT_EQ(mapped["structs"][0]["fields"][0]["value"], mm::address_hex(a));
    EXPECT_EQ(mapped["structs"][1]["title"], "struct mm_struct 300 /bin/first");
    const Json start = shown(0);
    EXPECT_FALSE(start["of_process"].get<bool>());
    EXPECT_EQ(start["structs"][1]["title"], "struct pglist_data node 0");
}

// Pages that may be written and pages that may not, in turn: none merges with the next.
TEST_F(AddressSpaceTest, ThousandsOfVmasAreDrawnAsFarAsTheyAreInSightAndTheTouchedOneIs) {
    load(
        R"({"format": "mmscope/1", "title": "Many", "machine": {"profile": {"memory": "64MiB", "kernel": "6.1", "arch": "arm64"}},
             "steps": [{"op": "execve", "as": "p"}, {"op": "mmap", "process": "p", "size": 4096, "as": "first"},
             {"repeat": {"count": 1000, "steps": [{"op": "mmap", "process": "p", "size": 4096, "prot": "PROT_READ"},
                                                  {"op": "mmap", "process": "p", "size": 4096}]}},
             {"op": "munmap", "process": "p", "address": "first", "size": 4096}]})");
    seek(end);
    ASSERT_GT(bridge.app.session->machine().processes.mms[0].map_count, 2000u);
    for (const char* view : {"address-space", "vma-tree"}) {
        choose({{"view", view}});
        ASSERT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
        EXPECT_LT(ImGui::GetDrawData()->TotalVtxCount, 40000) << view;
    }
    choose({{"view", "address-space"}});
    seek(2);
    seek(end);
    ASSERT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
    EXPECT_TRUE(test::Screen::shows_colour(palette_of(bridge.app.theme).accent))
        << "the page that goes is the last of all";
}

TEST_F(AddressSpaceTest, TheMapsAreThoseOfTheStepsProcessElseOfTheSelectedOne) {
    const auto path = [&] { return Json::parse(bridge.proc("maps"), nullptr, false)["path"].get<std::string>(); };
    seek(9);
    choose({{"select", "address:400000/1"}});
    EXPECT_EQ(path(), "/proc/301/maps") << "the step makes the second process";
    load(
        R"({"format": "mmscope/1", "title": "Two", "machine": {"profile": {"memory": "256MiB", "kernel": "6.1", "arch": "arm64"}},
             "steps": [{"op": "execve", "as": "p"}, {"op": "execve", "as": "q"}, {"op": "alloc_page", "as": "a"}]})");
    seek(3);
    EXPECT_EQ(path(), "/proc/300/maps") << "the first";
    choose({{"select", "address:400000/2"}});
    EXPECT_EQ(path(), "/proc/301/maps");
}

// ---- the band -------------------------------------------------------------------------------------------------------

// A VMA of 1 MiB, one of 4 KiB, and the holes around them.
SpacePicture two_vmas() {
    SpacePicture picture;
    picture.pieces = {{VmaFate::hole, false, 0, 0x10'0000, mm::VMA_NONE},
                      {VmaFate::same, false, 0x10'0000, 0x20'0000, 0},
                      {VmaFate::hole, false, 0x20'0000, 0x40'0000, mm::VMA_NONE},
                      {VmaFate::same, false, 0x40'0000, 0x40'1000, 1}};
    return picture;
}

TEST(SpaceBand, WhatIsSmallerThanALineIsAsHighAsOneAndTheRestIsToScale) {
    const SpacePicture picture = two_vmas();
    const SpaceBand band(picture, std::vector<bool>(4, true), {.line = 20, .hole = 30, .room = 480});
    EXPECT_NEAR(band.height(), 480, 0.5);
    EXPECT_EQ(band.top(1), 30) << "holes are folded";
    EXPECT_NEAR(band.bottom(1) - band.top(1), 480 - 30 - 30 - 20, 0.5);
    EXPECT_NEAR(band.bottom(3) - band.top(3), 20, 0.1);
    EXPECT_NEAR(band.bytes_per_pixel(), 1048576.0 / 400, 5);
    // A quarter of the VMA is a quarter of its height.
    EXPECT_NEAR(band.y_of(picture, 0x14'0000), 30 + 100, 0.5);
    EXPECT_EQ(band.first_below(0), 0u);
    EXPECT_EQ(band.first_below(31), 1u);
    EXPECT_EQ(band.first_below(479), 3u);
}

TEST(SpaceBand, WhatIsNotShownTakesNoRoomAndManyLinesNeedMoreThanTheWindow) {
    const SpacePicture picture = two_vmas();
    const SpaceBand folded(picture, {false, false, true, true}, {.line = 20, .hole = 30, .room = 40});
    EXPECT_EQ(folded.top(2), 0);
    EXPECT_EQ(folded.bottom(2), 30);
    EXPECT_NEAR(folded.height(), (30 + 20) * 1.25f, 0.5) << "a quarter higher than the lines";
}

TEST(SpaceBand, WhereOnlyFoldsAreShownNothingIsToScale) {
    const SpaceBand band(two_vmas(), {true, false, true, false}, {.line = 20, .hole = 30, .room = 480});
    EXPECT_EQ(band.height(), 60);
    EXPECT_EQ(band.bytes_per_pixel(), 0);
}

TEST(SpaceBand, APieceIsAsHighAsTheNamesOfItsMarks) {
    SpacePicture picture = two_vmas();
    for (const u64 address : {0x40'0000, 0x40'0100, 0x40'0200, 0x40'0300})
        picture.marks.push_back({"mark", address, address});
    const SpaceBand band(picture, std::vector<bool>(4, true), {.line = 20, .hole = 30, .mark = 15, .room = 480});
    EXPECT_GE(band.bottom(3) - band.top(3), 4 * 15);
}

TEST(SpaceRange, IsWrittenAsMapsWritesIt) {
    EXPECT_EQ(range_text(0x400000, 0x480000), "00400000-00480000");
    EXPECT_EQ(range_text(0xffff'f7fc'd000, 0xffff'f7fc'f000), "fffff7fcd000-fffff7fcf000");
}

} // namespace
} // namespace shell
