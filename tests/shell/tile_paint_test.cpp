// Tiles: the blocks that they show, and their pixels.
#include "views/pages/tile_paint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "physical/machines.h"
#include "views/parts/spread.h"

namespace shell {
namespace {

using mm::pfn_t;
using mm::u32;
using mm::test::Bench;
using mm::test::profile_of;

std::vector<BlockSpan> blocks_of(const MapLens& lens, pfn_t first, u32 slot = 0) {
    std::vector<BlockSpan> out;
    tile_blocks(lens, first, slot, out);
    return out;
}

TEST(TileBlocks, CoverTheTileInAddressOrder) {
    Bench bench(profile_of(64));
    for (u32 order : {0u, 3u, 0u, 6u, 9u, 1u}) static_cast<void>(bench.alloc(order));
    const MapLens lens{bench.mem()};
    for (pfn_t first = bench.mem().base_pfn; first < bench.mem().end_pfn; first += 1024) {
        u32 next = 0;
        for (const BlockSpan& span : blocks_of(lens, first)) {
            ASSERT_EQ(span.offset, next);
            ASSERT_EQ(span.offset & ((1u << span.order) - 1), 0u);
            next += 1u << span.order;
        }
        ASSERT_EQ(next, 1024u);
    }
}

TEST(TileBlocks, AnAllocatedBlockIsOneSpanWithItsOrder) {
    Bench bench(profile_of(64));
    const pfn_t pfn = bench.alloc(5);
    const MapLens lens{bench.mem()};
    bool found = false;
    for (const BlockSpan& span : blocks_of(lens, pfn & ~1023u)) {
        if (span.head != pfn) continue;
        found = true;
        EXPECT_EQ(span.order, 5);
        EXPECT_EQ(span.look.state, mm::page_state::allocated);
    }
    EXPECT_TRUE(found);
}

TEST(TileBlocks, FramesOfAnotherZoneAreOutside) {
    Bench bench(profile_of(64, mm::kernel_version::v6_1, mm::architecture::x86_64));
    const mm::zone& dma = bench.mem().zones[bench.mem().populated[0]];
    ASSERT_EQ(dma.name(), "DMA");
    for (const BlockSpan& span : blocks_of(MapLens{bench.mem()}, 1024, 1)) EXPECT_TRUE(span.outside);
    for (const BlockSpan& span : blocks_of(MapLens{bench.mem()}, 1024, 0)) EXPECT_FALSE(span.outside);
}

// Every size of a tile, in both layouts: no texel is left unpainted, none outside is touched.
TEST(PaintTile, FillsExactlyItsPixels) {
    Bench bench(profile_of(64));
    static_cast<void>(bench.alloc(3));
    TileScratch scratch;
    for (CellLayout layout : {CellLayout::z_order, CellLayout::linear}) {
        const MapLens lens{bench.mem(), layout};
        for (int shift = min_texel_shift(10, layout); shift <= MAX_TEXEL_SHIFT; ++shift) {
            const TileSize size = tile_size(10, layout, shift);
            constexpr Rgba nothing = 0x12345678;
            const u32 pitch = size.width + 2;
            std::vector<Rgba> pixels(pitch * (size.height + 2), nothing);
            paint_tile(lens, palette_of(Theme::light), bench.mem().base_pfn, 0, shift, &pixels[pitch + 1], pitch,
                       scratch);
            u32 painted = 0;
            for (Rgba pixel : pixels) painted += pixel != nothing;
            EXPECT_EQ(painted, size.width * size.height);
            EXPECT_EQ(pixels[0], nothing);
            EXPECT_EQ(pixels.back(), nothing);
        }
    }
}

TEST(PaintTile, DensityIsTheMeanOfTheFrames) {
    Bench bench(profile_of(64));
    const MapLens lens{bench.mem()};
    const Palette& palette = palette_of(Theme::light);
    TileScratch scratch;
    Rgba one = 0;
    const pfn_t first = bench.mem().end_pfn - 1024;
    paint_tile(lens, palette, first, 0, min_texel_shift(10, lens.layout), &one, 1, scratch);
    std::vector<Rgba> many(16 * 16);
    paint_tile(lens, palette, first, 0, -1, many.data(), 16, scratch);
    mm::u64 red = 0;
    for (Rgba texel : many) red += texel & 0xff;
    EXPECT_NEAR(static_cast<double>(one & 0xff), static_cast<double>(red) / 256, 2);
}

TEST(PaintTile, AgeSaysWhenItsPictureChanges) {
    Bench bench(profile_of(64));
    const pfn_t pfn = bench.alloc(8);
    MapLens lens{bench.mem(), CellLayout::z_order, ColourBy::age, bench.machine.step};
    TileScratch scratch;
    std::vector<Rgba> now(1024), later(1024);
    const u32 change = paint_tile(lens, palette_of(Theme::light), pfn & ~1023u, 0, 0, now.data(), 32, scratch);
    EXPECT_EQ(change, lens.now + 1);
    lens.now = change;
    paint_tile(lens, palette_of(Theme::light), pfn & ~1023u, 0, 0, later.data(), 32, scratch);
    EXPECT_NE(now, later);
}

TEST(Age, BucketsChangeExactlyWhereTheySayTheyDo) {
    for (u32 stamp : {0u, 1u, 7u, 250u}) {
        for (u32 now = std::max(stamp, 1u); now < 20000; now = std::min(next_age_change(stamp, now), 20000u)) {
            const u32 next = next_age_change(stamp, now);
            EXPECT_EQ(age_bucket(stamp, std::min(next - 1, 30000u)), age_bucket(stamp, now));
            if (next >= 20000) continue;
            EXPECT_NE(age_bucket(stamp, next), age_bucket(stamp, now));
        }
    }
}

TEST(Palette, StatesDifferInPatternSoThatColourIsNotNeeded) {
    for (Theme theme : {Theme::light, Theme::dark}) {
        for (ColourBy by : {ColourBy::state, ColourBy::type, ColourBy::order, ColourBy::zone, ColourBy::age}) {
            std::set<Pattern> patterns;
            for (mm::page_state state : {mm::page_state::reserved, mm::page_state::buddy, mm::page_state::pcp,
                                         mm::page_state::allocated, mm::page_state::leaked}) {
                BlockLook look;
                look.state = state;
                patterns.insert(palette_of(theme).block(by, look, 11).pattern);
            }
            EXPECT_EQ(patterns.size(), 5u);
        }
    }
}

TEST(Spread, LabelsKeepTheirDistanceAndTheirOrder) {
    const std::vector<float> placed = spread_labels({50, 52, 51, 200, 10}, 15, 0, 300);
    EXPECT_LE(placed[4] + 15, placed[0]);
    EXPECT_FLOAT_EQ(placed[0] + 15, placed[2]);
    EXPECT_FLOAT_EQ(placed[2] + 15, placed[1]);
    EXPECT_FLOAT_EQ(placed[3], 200);
    EXPECT_FLOAT_EQ(placed[2], 51);
}

TEST(Spread, LabelsStayInsideTheScale) {
    const std::vector<float> placed = spread_labels({299, 300, 300}, 15, 0, 300);
    EXPECT_FLOAT_EQ(*std::max_element(placed.begin(), placed.end()), 300);
    EXPECT_FLOAT_EQ(*std::min_element(placed.begin(), placed.end()), 270);
}

} // namespace
} // namespace shell
