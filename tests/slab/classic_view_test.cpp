// What views of SLAB draw. Expected values are address arithmetic by hand.
#include <gtest/gtest.h>

#include "slab/classic_machines.h"
#include "slab/classic_view.h"

namespace mm {

void PrintTo(const slab_range& range, std::ostream* out) {
    *out << static_cast<int>(range.part) << ": " << range.start << " to " << range.end;
}
void PrintTo(const object_lines& lines, std::ostream* out) { *out << lines.lines << " from set " << lines.first_set; }

namespace {

using test::allocator_profile;
using test::ClassicBench;

// 32 KiB / (8 × 64) = 64 sets: bits 6 to 11 of the address. 320 bytes are 5 lines.
TEST(L1Lines, FollowTheAddressBits) {
    const l1_cache l1;
    EXPECT_EQ(l1.sets(), 64u);
    EXPECT_EQ(l1_lines(l1, 0x1000, 320, 2), (std::vector<object_lines>{{0, 5}, {5, 5}}));
    EXPECT_EQ(l1_lines(l1, 0x1fc0, 64, 1), (std::vector<object_lines>{{63, 1}}));
    EXPECT_EQ(l1_lines(l1, 60, 100, 1), (std::vector<object_lines>{{0, 3}})) << "bytes 60 to 159";
    EXPECT_TRUE(l1_lines({32768, 0, 64}, 0, 64, 1).empty());
    EXPECT_TRUE(l1_lines({64, 2, 64}, 0, 64, 1).empty()) << "not one line a way";
}

TEST(L1Load, CountsTheLinesOfASet) {
    const std::vector<u32> load = l1_load({4096, 1, 64}, {{63, 2}, {0, 1}});
    ASSERT_EQ(load.size(), 64u);
    EXPECT_EQ(load[63], 1u);
    EXPECT_EQ(load[0], 2u);
    EXPECT_EQ(load[1], 0u);
}

// Object 0 of four slabs: on set 0 four times without colours, with them on sets 1, 2, 3 and 0.
TEST(L1Load, ColoursSpreadTheSlabs) {
    ClassicBench bench(allocator_profile(slab_allocator::slab));
    const cache_id cache = bench.create("box", 320);
    std::vector<u32> plain, coloured;
    for (int i = 0; i < 4; ++i) {
        const slab_id id = bench.object(bench.take_many(cache, 12).front()).slab;
        plain.push_back(l1_lines({}, bench.slabs(), bench.mem(), id, false)[0].first_set);
        coloured.push_back(l1_lines({}, bench.slabs(), bench.mem(), id, true)[0].first_set);
    }
    EXPECT_EQ(plain, (std::vector<u32>{0, 0, 0, 0}));
    EXPECT_EQ(coloured, (std::vector<u32>{1, 2, 3, 0}));
}

// 704 × 11 = 7744 of 8192 with the first colour, 64; the index array is 11 bytes at the end.
TEST(SlabParts, AddUpToTheSlab) {
    ClassicBench bench(allocator_profile(slab_allocator::slab));
    const cache_id cache = bench.create("made", 700, 0, true);
    const slab_id id = bench.object(bench.take(cache)).slab;
    EXPECT_EQ(slab_parts(bench.slabs(), bench.mem(), id),
              (std::vector<slab_range>{{slab_part::colour, 0, 64},
                                       {slab_part::objects, 64, 7808},
                                       {slab_part::left_over, 7808, 8181},
                                       {slab_part::index_array, 8181, 8192}}));
}

TEST(ClassicPlaces, TellWhereEachObjectIs) {
    ClassicBench bench(allocator_profile(slab_allocator::slab, kernel_version::v6_1, architecture::x86_64, 2, 2, 128));
    const cache_id cache = bench.create("box", 320);
    const std::vector<phys_addr_t> objects = bench.take_many(cache, 2);
    bench.give(cache, objects[0], 1);
    const std::vector<object_place> places = classic_object_places(bench.slabs(), bench.object(objects[0]).slab);
    ASSERT_EQ(places.size(), 12u);
    EXPECT_EQ(places[11].where, classic_object::in_alien);
    EXPECT_EQ(places[11].owner, 1);
    EXPECT_EQ(places[11].warm_cpu, 1);
    EXPECT_EQ(places[10].where, classic_object::allocated);
    EXPECT_EQ(places[9].where, classic_object::in_cpu_array);
    EXPECT_EQ(places[9].warm_cpu, NO_CPU);
}

} // namespace
} // namespace mm
