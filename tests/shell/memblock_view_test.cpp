// The view of memblock: the lists and their arrays while boot makes them, the scale, and what is left after boot.
#include <gtest/gtest.h>

#include "golden_file.h"
#include "view_test.h"
#include "views/pages/memblock.h"

namespace shell {
namespace {

constexpr mm::u64 MiB = 1ull << 20, GiB = 1ull << 30;

class MemblockViewTest : public test::ViewTest {
  protected:
    void load_lesson() {
        ViewTest::load(mm::test::read_file(MMSCOPE_SOURCE_DIR "/scenarios/52-memblock.json"));
        choose({{"view", "memblock"}, {"reducedMotion", true}});
    }
};

TEST_F(MemblockViewTest, TellsTheListsAsTheyGrow) {
    load_lesson();
    const Json nothing = at(0);
    EXPECT_EQ(nothing["memory"]["regions"].size(), 0u);
    EXPECT_EQ(nothing["memory"]["cnt"], 1) << "6.1 counts one";
    EXPECT_EQ(nothing["memory"]["max"], 128);
    EXPECT_EQ(nothing["can_resize"], false);
    const Json two = at(3);
    EXPECT_EQ(two["memory"]["regions"],
              Json({{{"start", "0x1000"}, {"end", "0x9fc00"}}, {{"start", "0x100000"}, {"end", "0x3f00000"}}}));
    EXPECT_EQ(two["free"], 0x9ec00 + 0x3e00000);
    const Json trimmed = at(5);
    EXPECT_EQ(trimmed["memory"]["total_size"], 0x3f9e800);
    EXPECT_EQ(trimmed["memory"]["regions"][1]["end"], "0x3fff000");
    EXPECT_EQ(at(end)["discarded"], true);
}

TEST_F(MemblockViewTest, TellsWhatAnArrayCosts) {
    load_lesson();
    const mm::u32 doubled = end - 5;
    const Json before = at(doubled - 1), after = at(doubled);
    EXPECT_EQ(before["reserved"]["max"], 128);
    EXPECT_FALSE(before["reserved"].contains("array"));
    EXPECT_EQ(before["reserved"]["array_bytes"], 128 * 24);
    EXPECT_EQ(after["reserved"]["max"], 256);
    EXPECT_EQ(after["reserved"]["array"], "0x3ffa000");
    EXPECT_EQ(after["reserved"]["array_bytes"], 256 * 24);
    EXPECT_EQ(after["free"].get<mm::u64>(), before["free"].get<mm::u64>() - 32 - 8192);
}

TEST_F(MemblockViewTest, IsDrawnInEachSizeThemeAndLanguage) {
    load_lesson();
    draw_everywhere({0, 3, 5, 11, end - 5, end - 4, end}, {0, 1});
    ViewTest::load(R"({"format": "mmscope/1", "title": "t", "machine": {"profile": {"memory": "64MiB", "nodes": 2}},
                       "steps": [{"op": "alloc_page", "as": "a"}]})");
    choose({{"view", "memblock"}});
    draw_everywhere({0, 1}, {0});
}

mm::memblock_state lists(std::vector<mm::memblock_region> memory) {
    mm::memblock_state blocks;
    blocks.memory.regions = std::move(memory);
    return blocks;
}

// 1 MiB, a long hole, 3 MiB, a short hole, 4 MiB.
TEST(AddressScale, GivesMemoryItsShareAndShortensLongHoles) {
    const AddressScale scale(lists({{0, MiB}, {GiB, 3 * MiB}, {GiB + 3 * MiB + 4096, 4 * MiB}}), 100, 900);
    ASSERT_EQ(scale.pieces().size(), 5u);
    EXPECT_TRUE(scale.pieces()[1].shortened);
    EXPECT_FALSE(scale.pieces()[3].shortened) << "4 KiB beside 8 MiB are drawn as they are";
    const auto width = [&](std::size_t piece) { return scale.pieces()[piece].x1 - scale.pieces()[piece].x0; };
    EXPECT_NEAR(width(2), 3 * width(0), 0.5f);
    EXPECT_NEAR(width(4), 4 * width(0), 0.5f);
    EXPECT_FLOAT_EQ(scale.x_of(0), 100);
    EXPECT_NEAR(scale.x_of(GiB + 7 * MiB + 4096), 900, 0.01f);
    EXPECT_NEAR(scale.x_of(MiB / 2), 100 + width(0) / 2, 0.01f);
    float last = 0;
    for (mm::u64 address = 0; address < 2 * GiB; address += 37 * 4096 * 64) {
        EXPECT_GE(scale.x_of(address), last);
        last = scale.x_of(address);
    }
}

TEST(AddressScale, OfNothingIsEmpty) {
    EXPECT_TRUE(AddressScale(mm::memblock_state{}, 0, 100).pieces().empty());
    EXPECT_FLOAT_EQ(AddressScale(mm::memblock_state{}, 0, 100).x_of(4096), 0);
}

// Regions that reach the last address, and reserved ones outside of memory.
TEST(AddressScale, TakesAnyAddresses) {
    mm::memblock_state blocks = lists({{4096, 4096}, {~0ull - 4096, 4096}});
    blocks.reserved.regions = {{0, 64}, {1ull << 40, 64}};
    const AddressScale scale(blocks, 0, 800);
    for (const AddressScale::Piece& piece : scale.pieces()) {
        EXPECT_LT(piece.start, piece.end);
        EXPECT_LE(piece.x0, piece.x1);
        EXPECT_GE(piece.x0, 0);
        EXPECT_LE(piece.x1, 801);
    }
}

} // namespace
} // namespace shell
