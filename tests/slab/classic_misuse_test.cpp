// Misuse of SLAB: what the kernel does not notice is told and shown, and nothing crashes. A cache of 320 bytes has 12
// objects a slab; expected values are worked out by hand from mm/slab.c (___cache_free, free_block, __free_one).
#include <gtest/gtest.h>

#include "slab/classic_machines.h"

namespace mm {
namespace {

using test::allocator_profile;
using test::ClassicBench;
using ev = classic_event;

struct ClassicMisuse : ::testing::Test {
    ClassicBench bench{allocator_profile(slab_allocator::slab)};
    cache_id cache = bench.create("box", 320);
};

TEST_F(ClassicMisuse, ADoubleFreeGoesUnnoticedAndGivesTheObjectToTwo) {
    const phys_addr_t object = bench.take(cache);
    bench.give(cache, object);
    bench.give(cache, object);
    EXPECT_EQ(bench.count(ev::array_double_free), 1);
    EXPECT_EQ(bench.take(cache), object);
    EXPECT_EQ(bench.take(cache), object);
    bench.expect_sound();
}

TEST(ClassicHardened, TheSecondFreeInARowIsCaught) {
    machine_profile profile = allocator_profile(slab_allocator::slab);
    profile.slab.freelist_hardened = true;
    ClassicBench bench(profile);
    const cache_id cache = bench.create("box", 320);
    const std::vector<phys_addr_t> objects = bench.take_many(cache, 2);
    bench.give(cache, objects[0]);
    bench.give(cache, objects[0]);
    EXPECT_EQ(bench.count(ev::array_double_free_caught), 1);
    EXPECT_EQ(bench.array(cache).avail, 11u);
    bench.expect_sound();
    bench.give(cache, objects[1]);
    bench.give(cache, objects[0]);
    EXPECT_EQ(bench.count(ev::array_double_free), 1) << "another free in between";
}

TEST_F(ClassicMisuse, AddressesThatAreNoObjectsAreTold) {
    const phys_addr_t object = bench.take(cache);
    const phys_addr_t page = object & ~phys_addr_t{4095};
    bench.give(cache, page); // in the first colour's 64 bytes
    EXPECT_EQ(bench.count(ev::free_beside_objects), 1);
    bench.give(cache, page + 4095); // left over
    EXPECT_EQ(bench.count(ev::free_beside_objects), 2);
    bench.expect_sound();
    bench.give(cache, object + 8);
    EXPECT_EQ(bench.count(ev::free_inside_object), 1);
    EXPECT_EQ(bench.take(cache), object);
}

// The same object twice in the flushed batch: the slab seems empty while one of its objects is still out, and goes.
TEST_F(ClassicMisuse, ASlabThatOnlySeemsEmptyMayGo) {
    const std::vector<phys_addr_t> objects = bench.take_many(cache, 12);
    bench.give(cache, objects[0]);
    for (std::size_t i = 0; i < 11; ++i) bench.give(cache, objects[i]); // objects[0] again
    slab_context cx = bench.scx();
    kmem_cache_shrink(cx, cache);
    EXPECT_EQ(bench.node(cache).nr_slabs, 0u);
    bench.give(cache, objects[11]);
    EXPECT_EQ(bench.count(slab_event::free_not_slab), 1);
    bench.expect_sound();
}

} // namespace
} // namespace mm
