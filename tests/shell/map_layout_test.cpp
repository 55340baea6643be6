// Where cells stand in the map, and where the camera looks.
#include "views/pages/map_layout.h"

#include <gtest/gtest.h>

#include "physical/machines.h"

namespace shell {
namespace {

using mm::pfn_t;
using mm::u32;
using mm::test::Bench;
using mm::test::profile_of;

constexpr MapSpace SPACE{.width = 900, .height = 600, .gutter = 60, .header = 24, .gap = 20};

// Two gigabytes with a hole of one between them.
mm::machine_profile profile_with_hole() {
    mm::machine_profile profile = profile_of(64, mm::kernel_version::v6_1, mm::architecture::x86_64);
    profile.memory = {{0x1000000, 512u << 20, 0}, {0x60000000, 512u << 20, 0}};
    profile.reserved = {{0x1000000, 16u << 20}};
    return profile;
}

TEST(MapLayout, EveryPresentFrameHasAPlaceThatLeadsBackToIt) {
    for (CellLayout cells : {CellLayout::z_order, CellLayout::linear}) {
        Bench bench(profile_of(128, mm::kernel_version::v6_1, mm::architecture::arm64, 2));
        const mm::physical_memory& mem = bench.mem();
        const MapLayout layout(mem, cells, SPACE);
        for (pfn_t pfn = mem.base_pfn; pfn < mem.end_pfn; pfn += 37) {
            if (mem.page_at(pfn).state() == mm::page_state::hole) continue;
            const auto box = layout.block_box(mem, pfn, 0);
            ASSERT_TRUE(box.has_value()) << pfn;
            const auto place = layout.place_at(box->centre());
            ASSERT_TRUE(place.has_value()) << pfn;
            ASSERT_EQ(place->pfn, pfn);
            ASSERT_EQ(place->group->zone, mem.page_zone(pfn));
        }
    }
}

TEST(MapLayout, AGroupStandsForEachPopulatedZone) {
    Bench bench(profile_of(128, mm::kernel_version::v6_1, mm::architecture::arm64, 2));
    const MapLayout layout(bench.mem(), CellLayout::z_order, SPACE);
    ASSERT_EQ(layout.groups().size(), bench.mem().populated.size());
    for (std::size_t i = 0; i < layout.groups().size(); ++i) {
        EXPECT_EQ(layout.groups()[i].zone, bench.mem().populated[i]);
        if (i == 0) continue;
        EXPECT_GE(layout.groups()[i].y, layout.groups()[i - 1].end_y);
    }
}

TEST(MapLayout, AHoleTakesNoRowsButIsNamed) {
    Bench bench(profile_with_hole());
    const MapLayout layout(bench.mem(), CellLayout::z_order, SPACE);
    mm::u64 missing = 0, rows = 0;
    for (const MapGroup& group : layout.groups()) {
        for (const MapRows& run : group.rows) {
            missing += run.missing_frames;
            rows += run.nr_rows;
        }
    }
    EXPECT_EQ(missing, (0x60000000ull - 0x21000000ull) >> 12);
    EXPECT_LE(rows * layout.columns(), 2 * 256 + 4 * layout.columns());
}

TEST(MapLayout, RowsBeginAtMultiplesOfTheColumns) {
    Bench bench(profile_of(1024));
    const MapLayout layout(bench.mem(), CellLayout::z_order, SPACE);
    EXPECT_EQ(layout.columns() & (layout.columns() - 1), 0u);
    const MapGroup& group = layout.groups().front();
    const u32 first_of_row = group.rows.front().first_row * layout.columns();
    const auto box = layout.cell_box(group, std::max(first_of_row, group.first_cell));
    ASSERT_TRUE(box.has_value());
    EXPECT_EQ(box->x0, (group.first_cell - first_of_row) * layout.pitch_x());
}

TEST(MapLayout, AllOfItFitsTheWindow) {
    for (mm::u64 mib : {16ull, 1024ull, 16384ull}) {
        Bench bench(profile_of(mib));
        const MapLayout layout(bench.mem(), CellLayout::z_order, SPACE);
        EXPECT_LE(layout.bounds().width() * layout.fit_scale(), SPACE.width * 1.01);
        EXPECT_LE(layout.bounds().height() * layout.fit_scale(), SPACE.height * 1.01);
        EXPECT_TRUE(layout.fits(bench.mem(), CellLayout::z_order));
        EXPECT_FALSE(layout.fits(bench.mem(), CellLayout::linear));
    }
}

TEST(Camera, ZoomKeepsThePointUnderThePointer) {
    const Box window{0, 0, 800, 600};
    const Camera before{{100, 50}, 2};
    const Point pointer{13, 577};
    const Point world = before.to_world(pointer, window);
    const Camera after = zoomed(before, 1.7, pointer, window, 0.1, 100);
    EXPECT_DOUBLE_EQ(after.scale, 3.4);
    EXPECT_NEAR(after.to_screen(world, window).x, pointer.x, 1e-9);
    EXPECT_NEAR(after.to_screen(world, window).y, pointer.y, 1e-9);
}

TEST(Camera, AFlightStartsAndEndsWhereItShould) {
    const Camera from{{10, 20}, 0.5}, to{{300, -40}, 30};
    EXPECT_NEAR(between(from, to, 0).centre.x, from.centre.x, 1e-9);
    EXPECT_NEAR(between(from, to, 1).centre.y, to.centre.y, 1e-9);
    EXPECT_NEAR(between(from, to, 1).scale, to.scale, 1e-9);
    const Camera level{{90, 20}, 0.5};
    EXPECT_NEAR(between(from, level, 0.5).centre.x, 50, 1e-9);
}

TEST(Camera, FittedShowsAllOfABox) {
    const Box window{100, 100, 500, 300}, world{-10, 0, 90, 200};
    const Camera camera = fitted(world, window, 10, 1000);
    const Box seen = camera.to_screen(world, window);
    EXPECT_GE(seen.x0, window.x0);
    EXPECT_GE(seen.y0, window.y0 + 10 - 1e-9);
    EXPECT_LE(seen.y1, window.y1 - 10 + 1e-9);
}

} // namespace
} // namespace shell
