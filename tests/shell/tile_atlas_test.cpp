// Textures of the map: what they remember, and what makes them forget.
#include "views/pages/tile_atlas.h"

#include <gtest/gtest.h>

#include "physical/machines.h"
#include "screen.h"

namespace shell {
namespace {

using mm::test::Bench;
using mm::test::profile_of;

class TileAtlasTest : public testing::Test {
  protected:
    bool knows(const MapLens& as, const Palette& palette = palette_of(Theme::light)) const {
        return atlas.last_painted(as, palette, first, 0).texture != nullptr;
    }
    void paint() {
        atlas.begin_frame(lens, palette_of(Theme::light), 0);
        EXPECT_NE(atlas.tile(lens, first, 0).texture, nullptr);
    }

    test::Screen screen; // textures are known to Dear ImGui
    Bench bench{profile_of(64)};
    MapLens lens{bench.mem()};
    mm::pfn_t first = bench.mem().base_pfn;
    TileAtlas atlas;
};

TEST_F(TileAtlasTest, ATileIsKnownAfterItWasPainted) {
    EXPECT_FALSE(knows(lens));
    paint();
    EXPECT_TRUE(knows(lens));
}

TEST_F(TileAtlasTest, ATileIsStillKnownWhenItsFramesHaveChanged) {
    paint();
    static_cast<void>(bench.alloc(3));
    EXPECT_TRUE(knows(MapLens{bench.mem()}));
}

TEST_F(TileAtlasTest, WhatWasPaintedInOtherColoursOrAnotherLayoutIsNotShown) {
    paint();
    MapLens by_type = lens;
    by_type.by = ColourBy::type;
    MapLens linear = lens;
    linear.layout = CellLayout::linear;
    EXPECT_FALSE(knows(by_type));
    EXPECT_FALSE(knows(linear));
    EXPECT_FALSE(knows(lens, palette_of(Theme::dark)));
    EXPECT_TRUE(knows(lens));
}

TEST_F(TileAtlasTest, MemoryOfAnotherSizeIsNotShown) {
    paint();
    Bench larger(profile_of(128));
    EXPECT_FALSE(knows(MapLens{larger.mem()}));
}

TEST_F(TileAtlasTest, AfterForgettingNothingIsShownUntilItIsPaintedAgain) {
    paint();
    atlas.forget();
    EXPECT_FALSE(knows(lens));
    paint();
    EXPECT_TRUE(knows(lens));
}

TEST_F(TileAtlasTest, TexturesThatTheBackendLostAreSentAgain) {
    paint();
    ImTextureData& texture = *atlas.last_painted(lens, palette_of(Theme::light), first, 0).texture;
    screen.frame(100, 100, [] {});
    ASSERT_EQ(texture.Status, ImTextureStatus_OK);
    test::Screen::lose_textures();
    atlas.restore_textures();
    EXPECT_EQ(texture.Status, ImTextureStatus_WantCreate);
}

} // namespace
} // namespace shell
