// The picture as an SVG file: what the pen writes, by hand-drawn cases, and every view of it.
#include <gtest/gtest.h>

#include <cmath>

#include "view_scenarios.h"
#include "view_test.h"
#include "views/pages/tile_cells.h"
#include "views/parts/svg_sheet.h"
#include "xml_check.h"

namespace shell {
namespace {

using test::XmlCheck;
using test::XmlElement;

constexpr Rgba RED = rgb(0xff0000), BLUE = rgb(0x0000ff), PAPER = rgb(0xffffff);
constexpr Rect CLIP{0, 0, 100, 100};

// ---- the sheet ------------------------------------------------------------------------------------------------------

class SheetTest : public testing::Test {
  protected:
    SvgSheet sheet;
    SvgSpot at{&sheet, CLIP};

    XmlCheck finished(std::string title = "title", std::string description = "") {
        const void* layers[] = {&sheet};
        text = sheet.finished({{200, 100}, PAPER, std::move(title), std::move(description), "en"}, layers).value_or("");
        return XmlCheck(text);
    }
    // The elements of this name that were drawn: the first rectangle is the paper.
    std::vector<XmlElement> drawn(std::string_view name) {
        std::vector<XmlElement> out;
        const XmlCheck check = finished();
        EXPECT_EQ(check.problem, "") << text;
        for (const XmlElement& element : check.elements)
            if (element.name == name) out.push_back(element);
        if (name == "rect") out.erase(out.begin());
        return out;
    }
    std::string text;
};

TEST_F(SheetTest, NothingDrawnIsPaperOfTheSize) {
    const XmlCheck check = finished("a title", "what it is");
    ASSERT_EQ(check.problem, "");
    EXPECT_EQ(check.elements[0].attribute("viewBox"), "0 0 200 100");
    EXPECT_EQ(check.elements[0].attribute("xmlns"), "http://www.w3.org/2000/svg");
    EXPECT_EQ(check.texts("title"), std::vector<std::string>{"a title"});
    EXPECT_EQ(check.texts("desc"), std::vector<std::string>{"what it is"});
    EXPECT_EQ(check.count("rect"), 1u);
}

TEST_F(SheetTest, NumbersAreRoundedToHundredths) {
    sheet.rect(at, {1.0f / 3, -0.001f + 1, 2.5f + 1.0f / 3, 11}, RED, 0);
    const auto rects = drawn("rect");
    ASSERT_EQ(rects.size(), 1u);
    EXPECT_EQ(rects[0].attribute("x"), "0.33");
    EXPECT_EQ(rects[0].attribute("y"), "1");
    EXPECT_EQ(rects[0].attribute("width"), "2.5");
    EXPECT_EQ(rects[0].attribute("height"), "10");
    EXPECT_EQ(rects[0].attribute("fill"), "#ff0000");
}

// 90 to 110 in a window that ends at 100; and beside it.
TEST_F(SheetTest, WhatTheWindowCutsOffIsNotThere) {
    sheet.rect(at, {90, 90, 110, 110}, RED, 0);
    sheet.rect(at, {100, 0, 120, 20}, BLUE, 0);
    sheet.line(at, {0, 200}, {100, 200}, BLUE, 1);
    sheet.text(at, {150, 50, 30, "beside", {RED}});
    const auto rects = drawn("rect");
    ASSERT_EQ(rects.size(), 1u);
    EXPECT_EQ(rects[0].attribute("width"), "10");
    EXPECT_EQ(text.find("<line"), std::string::npos);
    EXPECT_EQ(text.find("beside"), std::string::npos);
}

// Two lines that leave the window share a group with its clip; what lies in another window stands outside of it.
TEST_F(SheetTest, WhatCannotBeCutIsClipped) {
    sheet.line(at, {50, 50}, {150, 50}, RED, 1);
    sheet.line(at, {50, 60}, {150, 60}, RED, 1);
    sheet.line({&sheet, {0, 0, 200, 100}}, {50, 70}, {150, 70}, BLUE, 1);
    const XmlCheck check = finished();
    ASSERT_EQ(check.problem, "") << text;
    EXPECT_EQ(check.count("clipPath"), 1u);
    EXPECT_EQ(check.count("line"), 3u);
    const std::size_t group = text.find("<g clip-path"), end = text.find("</g>", group);
    EXPECT_LT(text.find("y1=\"60\""), end);
    EXPECT_GT(text.find("y1=\"70\""), end);
}

TEST_F(SheetTest, EqualHatchesAreOnePattern) {
    for (const float x : {0.0f, 30.0f}) sheet.hatch(at, {x, 0, x + 20, 20}, RED, 6, 1);
    sheet.hatch(at, {60, 0, 80, 20}, BLUE, 6, 1);
    EXPECT_EQ(drawn("pattern").size(), 2u);
    EXPECT_EQ(drawn("pattern")[0].attribute("width"), "6");
    EXPECT_EQ(drawn("rect").size(), 3u);
}

TEST_F(SheetTest, TransparencyIsAPartOfOne) {
    sheet.dot(at, {20, 20}, 5, with_alpha(RED, 0.4f));
    sheet.dot(at, {20, 20}, 5, with_alpha(RED, 0));
    const auto dots = drawn("circle");
    ASSERT_EQ(dots.size(), 1u) << "what is not seen is not there";
    EXPECT_EQ(dots[0].attribute("fill-opacity"), "0.4");
}

TEST_F(SheetTest, WhatIsDrawnBehindStandsFirst) {
    sheet.rect(at, {0, 0, 1, 1}, RED, 0);
    sheet.begin_front(at);
    sheet.text(at, {10, 20, 30, "front", {RED}});
    sheet.begin_behind(at);
    sheet.rect(at, {0, 0, 50, 50}, BLUE, 0);
    sheet.end_behind(at);
    EXPECT_EQ(drawn("rect").size(), 2u);
    EXPECT_LT(text.find("#ff0000"), text.find("#0000ff"));
    EXPECT_LT(text.find("#0000ff"), text.find("front"));
}

TEST_F(SheetTest, TextKeepsItsMeasuredWidth) {
    sheet.text(at, {10, 20, 33.333f, "a < b", {RED, 12, Face::mono}});
    const auto texts = drawn("text");
    ASSERT_EQ(texts.size(), 1u);
    EXPECT_EQ(texts[0].text, "a < b");
    EXPECT_EQ(texts[0].attribute("textLength"), "33.33");
    EXPECT_EQ(texts[0].attribute("font-size"), "12");
    EXPECT_NE(texts[0].attribute("font-family").find("monospace"), std::string::npos);
}

// 200,000 rectangles of 50 bytes and more.
TEST_F(SheetTest, TooMuchIsNoFile) {
    for (int i = 0; i < 200'000; ++i) sheet.rect(at, {1, 1, 2, 2}, RED, 0);
    const void* layers[] = {&sheet};
    EXPECT_FALSE(sheet.finished({{200, 100}, PAPER, "", "", "en"}, layers));
}

TEST_F(SheetTest, CellsThatWouldTakeTooMuchAreNotDrawn) {
    const std::vector<SvgCell> cells(100, {{1, 1, 2, 2}, RED});
    EXPECT_FALSE(sheet.cells(at, cells, 500));
    EXPECT_TRUE(drawn("path").empty());
    EXPECT_TRUE(sheet.cells(at, cells, 5000));
    EXPECT_EQ(drawn("path").size(), 1u) << "one of each colour";
}

TEST(Xml, HostileTextIsText) {
    const std::string hostile = "<script>&\"' \x01\x7f\xff \u202e \ufffe \uffff 空";
    const XmlCheck check("<a b=\"" + xml_text(hostile) + "\">" + xml_text(hostile) + "</a>");
    ASSERT_EQ(check.problem, "");
    ASSERT_EQ(check.elements.size(), 1u);
    EXPECT_EQ(check.elements[0].text, "<script>&\"' \\u0001\\u007f\\xff \\u202e \\ufffe \\uffff 空");
    EXPECT_EQ(check.elements[0].attribute("b"), check.elements[0].text);
}

// What the check itself must not let pass.
TEST(Xml, ABrokenFileIsFound) {
    for (const char* broken : {"<a>", "<a></b>", "<a/><b/>", "<a>&</a>", "<a b=\"<\"/>", "<a b=\"1\" b=\"2\"/>",
                               "<a>\x01</a>", "text<a/>", "<a>\xff</a>", "<!--a--><a/>"})
        EXPECT_NE(XmlCheck(broken).problem, "") << broken;
}

// ---- texels ---------------------------------------------------------------------------------------------------------

// R R P      a 2 x 2 square, paper at the right of it,
// R R B      and blue below the paper, which goes on
// P B B      where it is wider: another rectangle
TEST(TileCells, EqualTexelsAreOneRectangle) {
    const std::vector<Rgba> texels = {RED, RED, PAPER, RED, RED, BLUE, PAPER, BLUE, BLUE};
    std::vector<SvgCell> cells;
    add_cells(texels, {3, 3}, {10, 20, 40, 50}, PAPER, cells);
    ASSERT_EQ(cells.size(), 3u);
    const auto is_there = [&](const Rect& box, Rgba colour) {
        return std::any_of(cells.begin(), cells.end(),
                           [&](const SvgCell& cell) { return cell.box == box && cell.colour == colour; });
    };
    EXPECT_TRUE(is_there({10, 20, 30, 40}, RED));
    EXPECT_TRUE(is_there({30, 30, 40, 40}, BLUE));
    EXPECT_TRUE(is_there({20, 40, 40, 50}, BLUE));
}

// Whatever the texels are, the rectangles cover those that are no paper, once.
TEST(TileCells, EveryTexelIsCoveredOnce) {
    constexpr mm::u32 side = 16;
    mm::u32 seed = 7;
    for (int round = 0; round < 50; ++round) {
        std::vector<Rgba> texels(side * side);
        for (Rgba& texel : texels) {
            seed = seed * 1664525 + 1013904223;
            texel = std::array{PAPER, RED, BLUE}[seed >> 24 & 1 ? 0 : (seed >> 20) % 3];
        }
        std::vector<SvgCell> cells;
        add_cells(texels, {side, side}, {0, 0, side, side}, PAPER, cells);
        std::vector<Rgba> covered(side * side, PAPER);
        for (const SvgCell& cell : cells)
            for (int y = static_cast<int>(cell.box.y0); y < static_cast<int>(cell.box.y1); ++y)
                for (int x = static_cast<int>(cell.box.x0); x < static_cast<int>(cell.box.x1); ++x) {
                    Rgba& texel = covered[static_cast<std::size_t>(y) * side + static_cast<std::size_t>(x)];
                    EXPECT_EQ(texel, PAPER) << "covered twice";
                    texel = cell.colour;
                }
        EXPECT_EQ(covered, texels);
    }
}

// ---- the views ------------------------------------------------------------------------------------------------------

class SvgTest : public test::ViewTest {
  protected:
    Json reply(std::string_view link = "") { return Json::parse(bridge.export_svg(link), nullptr, false); }
    std::string svg(std::string_view link = "") { return reply(link).value("svg", ""); }
    std::string svg_of(const char* view) {
        choose({{"view", view}});
        frame();
        return svg();
    }
    // Only what a picture needs, at finite places; the same once more.
    void expect_whole(const std::string& text, const std::string& where) {
        const XmlCheck check(text);
        EXPECT_EQ(check.problem, "") << where;
        static const std::set<std::string> known = {"svg",  "title", "desc", "defs",   "clipPath", "pattern",
                                                    "rect", "path",  "line", "circle", "text",     "g"};
        for (const std::string& name : check.names()) EXPECT_TRUE(known.contains(name)) << where << name;
        for (const XmlElement& element : check.elements)
            for (const auto& [name, value] : element.attributes) {
                EXPECT_FALSE(name.starts_with("on") || name == "style" || name.ends_with("href")) << where << name;
                EXPECT_EQ(value.find("nan"), std::string::npos) << where << name;
            }
        EXPECT_GT(check.count("text"), 0u) << where << "no text";
        EXPECT_EQ(svg(), text) << where << "another text the second time";
    }
};

// Light and English within, dark and Chinese at the end.
TEST_F(SvgTest, EveryViewIsAWellFormedFileAndTheSameTwice) {
    for (const std::string_view scenario : {test::PAGES, test::ARM64, test::I386, test::PROCESSES}) {
        load(scenario);
        for (const char* theme : {"light", "dark"}) {
            choose({{"theme", theme}, {"language", theme == std::string("light") ? "en" : "zh"}});
            for (const auto& view : own) {
                choose({{"view", view->id()}});
                seek(theme == std::string("light") ? 2 : end);
                frame();
                expect_whole(svg(), std::string(view->id()) + " " + theme + " ");
            }
        }
    }
}

TEST_F(SvgTest, TheMapIsThereAtEveryZoomInEveryColourAndLayout) {
    load(test::PAGES);
    seek(1);
    for (const char* colour : {"state", "type", "order", "zone", "age"}) {
        for (const char* layout : {"z-order", "linear"}) {
            choose({{"view", "map"}, {"colour", colour}, {"layout", layout}, {"reducedMotion", true}, {"look", "all"}});
            for (int i = 0; i < 6; ++i) {
                ImGui::GetIO().AddMousePosEvent(400, 300);
                for (int turn = 0; turn < 5; ++turn) ImGui::GetIO().AddMouseWheelEvent(0, 1);
                screen.settle(bridge, WIDTH, HEIGHT);
                expect_whole(svg(), std::string(colour) + " " + layout + " " + std::to_string(i) + " ");
            }
        }
    }
}

// What stands in the picture can be found and copied as text: names of zones, and what was given out.
TEST_F(SvgTest, TextIsText) {
    load(test::PAGES);
    seek(1);
    const XmlCheck zones(svg_of("zones"));
    const std::vector<std::string> texts = zones.texts("text");
    const mm::Machine& machine = bridge.app.session->machine();
    for (const mm::u8 zone : machine.physical.populated) {
        const std::string name = mm::unit_text(machine, mm::Unit::zone, zone);
        EXPECT_NE(std::find(texts.begin(), texts.end(), name), texts.end()) << name;
    }
}

TEST_F(SvgTest, TheFileSaysWhatItShows) {
    load(test::PAGES);
    seek(2);
    choose({{"view", "free-lists"}});
    frame();
    const XmlCheck english(svg("https://example.org/#s=\"<x>&at=2"));
    EXPECT_EQ(english.texts("title"), std::vector<std::string>{"Pages"});
    EXPECT_EQ(english.texts("desc"),
              std::vector<std::string>{"Step 2 of 6. View: Free lists. https://example.org/#s=\"<x>&at=2"});
    choose({{"language", "zh"}});
    const XmlCheck chinese(svg());
    EXPECT_EQ(chinese.texts("title"), std::vector<std::string>{"页"});
    EXPECT_EQ(chinese.texts("desc"), std::vector<std::string>{"第 2 步，共 6 步。视图：空闲链表。"});
}

TEST_F(SvgTest, WhatSomebodyHasWrittenStaysText) {
    load(R"({"format": "mmscope/1", "title": "<script>alert(1)</script> & \"'",
             "machine": {"profile": {"memory": "64MiB", "kernel": "6.1", "arch": "arm64"}},
             "steps": [{"op": "alloc_page", "as": "a"}]})");
    seek(1);
    const std::string text = svg_of("map");
    expect_whole(text, "map");
    EXPECT_EQ(XmlCheck(text).texts("title"), std::vector<std::string>{"<script>alert(1)</script> & \"'"});
}

// Neither the pointer nor the keys are in the picture, and the canvas is as it was.
TEST_F(SvgTest, ItIsAPictureAtRestAndChangesNothing) {
    load(test::PAGES);
    seek(1);
    choose({{"view", "free-lists"}});
    ASSERT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
    const std::string still = svg();
    ImGui::GetIO().AddMousePosEvent(100, 250);
    ASSERT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
    const int vertices = ImGui::GetDrawData()->TotalVtxCount;
    const Selection selection = bridge.app.selection;
    EXPECT_EQ(svg(), still);
    EXPECT_FALSE(bridge.app.reduced_motion);
    EXPECT_EQ(bridge.app.selection, selection);
    EXPECT_FALSE(frame().tell_page);
    EXPECT_EQ(ImGui::GetDrawData()->TotalVtxCount, vertices);
}

TEST_F(SvgTest, WithoutAPictureItSaysWhy) {
    frame();
    EXPECT_TRUE(reply().contains("error")) << "nothing is loaded";
    load(test::PAGES);
    ImGui::GetIO().DisplaySize = {0, 0};
    const Json told = reply()["error"]["message"];
    EXPECT_NE(told["en"], "");
    EXPECT_NE(told["zh"], "");
}

} // namespace
} // namespace shell
