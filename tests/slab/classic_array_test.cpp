// SLAB's arrays, slabs and lists. Expected values are worked out by hand from the functions of mm/slab.c that the tests
// name. A cache of 320 bytes: 12 objects a slab of one page, 4 colours 64 bytes apart, limit 54, batchcount 27; on one
// CPU free_limit 66 and no shared array (classic_size_test.cpp).
#include <gtest/gtest.h>

#include <algorithm>

#include "slab/classic_machines.h"
#include "slab/classic_view.h"
#include "slab/procfs.h"

namespace mm {
namespace {

using test::allocator_profile;
using test::ClassicBench;
using ev = classic_event;

machine_profile two_cpus(u8 nodes = 1) {
    return allocator_profile(slab_allocator::slab, kernel_version::v6_1, architecture::x86_64, nodes, 2,
                             nodes == 1 ? 64 : 128);
}

struct ClassicArray : ::testing::Test {
    ClassicBench bench{allocator_profile(slab_allocator::slab)};
    cache_id cache = bench.create("box", 320);
};

// cache_alloc_refill: the new slab's 12 objects are fewer than the 16 of an idle array. The last entry goes out first,
// which is the slab's last object: 11, 10, ...
TEST_F(ClassicArray, AFirstAllocationFillsTheArrayFromANewSlab) {
    const phys_addr_t first = bench.take(cache);
    EXPECT_EQ(bench.object(first).index, 11);
    EXPECT_EQ(bench.array(cache).avail, 11u);
    EXPECT_EQ(bench.node(cache).full.nr, 1u);
    EXPECT_EQ(bench.node(cache).free_objects, 0u);
    EXPECT_EQ(bench.object(bench.take(cache)).index, 10);
    ASSERT_NE(bench.find(ev::array_empty), nullptr);
    EXPECT_EQ(bench.find(ev::array_empty)->arg[2], 16) << "BATCHREFILL_LIMIT: the array was idle";
    EXPECT_EQ(bench.array(cache).misses, 1u);
    EXPECT_EQ(bench.array(cache).hits, 1u);
    bench.expect_sound();
}

// cache_grow_begin: colour_next goes up before it is used: 64, 128, 192, 0, 64.
TEST_F(ClassicArray, ColoursGoRound) {
    std::vector<u32> offsets;
    for (int i = 0; i < 5; ++i) {
        const std::vector<phys_addr_t> objects = bench.take_many(cache, 12);
        const u32 within_page = static_cast<u32>(objects.back() & 4095); // object 0 goes out last
        offsets.push_back(within_page);
    }
    EXPECT_EQ(offsets, (std::vector<u32>{64, 128, 192, 0, 64}));
}

TEST_F(ClassicArray, WhatWasFreedLastIsTakenFirst) {
    const std::vector<phys_addr_t> objects = bench.take_many(cache, 3);
    bench.give(cache, objects[0]);
    bench.give(cache, objects[2]);
    EXPECT_EQ(bench.take(cache), objects[2]);
    EXPECT_EQ(bench.take(cache), objects[0]);
    EXPECT_EQ(bench.events.back().kind, static_cast<u16>(slab_event::kmem_cache_alloc));
}

// cache_flusharray: the 55th free finds 54 in the array; the 27 oldest go to their slabs, 27 + 1 stay.
TEST_F(ClassicArray, AFullArrayGivesItsOldestBatchBack) {
    const std::vector<phys_addr_t> objects = bench.take_many(cache, 60);
    ASSERT_EQ(bench.array(cache).avail, 0u);
    for (int i = 0; i < 54; ++i) bench.give(cache, objects[static_cast<std::size_t>(i)]);
    EXPECT_EQ(bench.array(cache).avail, 54u);
    EXPECT_EQ(bench.count(ev::array_full), 0);
    bench.give(cache, objects[54]);
    EXPECT_EQ(bench.array(cache).avail, 28u);
    EXPECT_EQ(bench.node(cache).free_objects, 27u);
    const auto where = [&](int i) {
        const object_ref object = bench.object(objects[static_cast<std::size_t>(i)]);
        return classic_object_places(bench.slabs(), object.slab)[object.index].where;
    };
    EXPECT_EQ(where(0), classic_object::in_slab);
    EXPECT_EQ(where(26), classic_object::in_slab);
    EXPECT_EQ(where(27), classic_object::in_cpu_array);
    EXPECT_EQ(where(55), classic_object::allocated);
    // 27 = 12 + 12 + 3: two slabs are empty, one is partial, two are full.
    EXPECT_EQ(bench.node(cache).free.nr, 2u);
    EXPECT_EQ(bench.node(cache).partial.nr, 1u);
    EXPECT_EQ(bench.node(cache).full.nr, 2u);
    bench.expect_sound();
}

// 240 objects of 20 slabs come back in the order of allocation. Flushes at the 55th free and every 27 after it: 7 of them.
// free_block adds 27 and takes 12 off while more than 66 are free: 27, 54, 81→57, 84→60, 87→63, 90→66, 93→57.
TEST_F(ClassicArray, FreeLimitKeepsAFewEmptySlabs) {
    for (phys_addr_t object : bench.take_many(cache, 240)) bench.give(cache, object);
    EXPECT_EQ(bench.count(ev::array_full), 7);
    EXPECT_EQ(bench.count(ev::over_free_limit), 2 + 2 + 2 + 2 + 3);
    EXPECT_EQ(bench.node(cache).free_objects, 57u);
    EXPECT_EQ(bench.array(cache).avail, 240u - 7 * 27);
    EXPECT_EQ(bench.node(cache).nr_slabs, 20u - 11);
    bench.expect_sound();
}

// free_block puts a slab that becomes partial at the tail, fixup_slab_list at the head: the slab that is being used up
// comes first, the one that others free into last.
TEST_F(ClassicArray, PartialSlabsAreUsedFromTheHead) {
    slab_context cx = bench.scx();
    ASSERT_EQ(slabinfo_write(cx, intern("box"), 1, 1, 0), tune_result::done);
    const std::vector<phys_addr_t> objects = bench.take_many(cache, 36);
    // limit 1, batchcount 1: each free but the first sends the one before to its slab.
    bench.give(cache, objects[0]);  // slab 1
    bench.give(cache, objects[12]); // slab 2; objects[0] goes home
    bench.give(cache, objects[24]); // slab 3; objects[12] goes home
    EXPECT_EQ(bench.slabs().slabs[bench.node(cache).partial.first].pfn, bench.pfn(objects[0]));
    EXPECT_EQ(bench.slabs().slabs[bench.node(cache).partial.last].pfn, bench.pfn(objects[12]));
    EXPECT_EQ(bench.take(cache), objects[24]);
    EXPECT_EQ(bench.take(cache), objects[0]);
    bench.expect_sound();
}

// On two CPUs the flush goes to the shared array of 216; the other CPU's idle array then takes the newest 16 of it.
TEST(ClassicShared, ObjectsPassFromCpuToCpu) {
    ClassicBench bench(two_cpus());
    const cache_id cache = bench.create("box", 320);
    const std::vector<phys_addr_t> objects = bench.take_many(cache, 60);
    for (int i = 0; i < 55; ++i) bench.give(cache, objects[static_cast<std::size_t>(i)]);
    EXPECT_EQ(bench.shared(cache).avail, 27u);
    EXPECT_EQ(bench.node(cache).free_objects, 0u) << "objects in arrays count as active";
    EXPECT_EQ(bench.take(cache, 1), objects[26]) << "the newest entry of the shared array";
    EXPECT_EQ(bench.shared(cache).avail, 11u);
    EXPECT_EQ(bench.array(cache, 1).avail, 15u);
    const slabinfo info = get_slabinfo(bench.slabs(), cache);
    EXPECT_EQ(info.active_objs, 60u);
    EXPECT_EQ(info.shared_avail, 11u);
    EXPECT_EQ(bench.shared(cache).touched, 1u);
    bench.expect_sound();
}

TEST(ClassicShared, TheNextTakerOfAnotherCpusObjectIsToldThatItIsCold) {
    ClassicBench bench(two_cpus());
    const cache_id cache = bench.create("box", 320);
    const std::vector<phys_addr_t> objects = bench.take_many(cache, 60);
    for (int i = 0; i < 55; ++i) bench.give(cache, objects[static_cast<std::size_t>(i)]);
    bench.take(cache, 1);
    bench.events.clear();
    bench.take(cache, 1);
    ASSERT_NE(bench.find(ev::array_hit), nullptr);
    EXPECT_EQ(bench.find(ev::array_hit)->arg[4], 2) << "CPU 0 freed it";
    bench.events.clear();
    bench.take(cache, 0);
    EXPECT_EQ(bench.find(ev::array_hit)->arg[4], 1);
}

// cache_reap: an array with the mark `touched` only loses the mark; the next turn drains (54 + 4) / 5 = 11 of 28. Two free
// slabs are (66 + 5 × 12 − 1) / (5 × 12) = 2, and none was looked for since.
TEST_F(ClassicArray, ReapingTakesTurns) {
    const std::vector<phys_addr_t> objects = bench.take_many(cache, 60);
    for (int i = 0; i < 55; ++i) bench.give(cache, objects[static_cast<std::size_t>(i)]);
    ASSERT_EQ(bench.node(cache).free.nr, 2u);
    bench.reap(0, false);
    EXPECT_EQ(bench.array(cache).avail, 28u);
    EXPECT_EQ(bench.array(cache).touched, 0u);
    EXPECT_EQ(bench.node(cache).free.nr, 2u) << "not the node's turn";
    bench.reap(0, true);
    EXPECT_EQ(bench.array(cache).avail, 17u);
    // 11 came back: 3 + 9 fill up slab 3, which is empty too; 2 of slab 4. Two of the three empty slabs go.
    EXPECT_EQ(bench.node(cache).free.nr, 1u);
    EXPECT_EQ(bench.cache(cache).reaped, 2u);
    EXPECT_EQ(bench.node(cache).free_objects, 14u);
    bench.expect_sound();
}

// get_first_slab sets free_touched when the partial list is empty: the next turn spares the free slabs.
TEST_F(ClassicArray, ReapingSparesFreeSlabsThatWereLookedFor) {
    const phys_addr_t object = bench.take(cache);
    slab_context cx = bench.scx();
    kmem_cache_shrink(cx, cache); // 11 objects go back to the slab, which is partial now
    EXPECT_EQ(bench.node(cache).partial.nr, 1u);
    bench.take(cache); // takes 11, wants 27: the partial list is empty after that
    EXPECT_TRUE(bench.node(cache).free_touched);
    bench.events.clear();
    bench.reap();
    EXPECT_FALSE(bench.node(cache).free_touched);
    EXPECT_EQ(bench.count(ev::free_slabs_spared), 1);
    bench.give(cache, object);
}

TEST_F(ClassicArray, ShrinkingEmptiesArraysAndGivesFreeSlabsBack) {
    const std::vector<phys_addr_t> objects = bench.take_many(cache, 30);
    for (std::size_t i = 1; i < objects.size(); ++i) bench.give(cache, objects[i]);
    slab_context cx = bench.scx();
    EXPECT_EQ(kmem_cache_shrink(cx, cache), 1u);
    EXPECT_EQ(bench.array(cache).avail, 0u);
    EXPECT_EQ(bench.node(cache).free_objects, 11u);
    kmem_cache_destroy(cx, cache);
    EXPECT_TRUE(bench.cache(cache).alive) << "an object is left";
    EXPECT_EQ(bench.count(ev::slabs_remaining), 1);
    bench.expect_sound();
}

TEST_F(ClassicArray, ADestroyedCacheLeavesNothing) {
    const u64 before = bench.node(cache).nr_slabs;
    EXPECT_EQ(before, 0u);
    const u32 entries = bench.slabs().entry_runs.end;
    for (phys_addr_t object : bench.take_many(cache, 30)) bench.give(cache, object);
    slab_context cx = bench.scx();
    kmem_cache_destroy(cx, cache);
    EXPECT_FALSE(bench.cache(cache).alive);
    bench.create("again", 320);
    EXPECT_EQ(bench.slabs().entry_runs.end, entries) << "the arrays' entries are used again";
    bench.expect_sound();
}

// slabinfo_write: nonsense is ignored and the write succeeds; an unknown name is EINVAL. The per-CPU allocator gives at
// most 32 KiB: 16 + 4094 × 8.
TEST_F(ClassicArray, TuningChecksItsNumbers) {
    slab_context cx = bench.scx();
    const name_id name = intern("box");
    EXPECT_EQ(slabinfo_write(cx, name, 0, 1, 0), tune_result::bad_numbers);
    EXPECT_EQ(slabinfo_write(cx, name, 10, 0, 0), tune_result::bad_numbers);
    EXPECT_EQ(slabinfo_write(cx, name, 10, 11, 0), tune_result::bad_numbers);
    EXPECT_EQ(slabinfo_write(cx, name, 10, 5, -1), tune_result::bad_numbers);
    EXPECT_EQ(slabinfo_write(cx, intern("no such cache"), 10, 5, 0), tune_result::no_cache);
    EXPECT_EQ(slabinfo_write(cx, name, 4095, 5, 0), tune_result::no_memory);
    EXPECT_EQ(bench.cache(cache).limit, 54u);
    EXPECT_EQ(slabinfo_write(cx, name, 4094, 5, 0), tune_result::done);
    EXPECT_EQ(bench.array(cache).limit, 4094u);
}

// do_tune_cpucache: the old array's objects go to their slabs, free_limit becomes (1 + 1) × 5 + 12.
TEST_F(ClassicArray, TuningReplacesTheArrays) {
    bench.take(cache);
    slab_context cx = bench.scx();
    ASSERT_EQ(slabinfo_write(cx, intern("box"), 10, 5, 2), tune_result::done);
    EXPECT_EQ(bench.array(cache).avail, 0u);
    EXPECT_EQ(bench.array(cache).limit, 10u);
    EXPECT_EQ(bench.node(cache).free_objects, 11u);
    EXPECT_EQ(bench.node(cache).free_limit, 22u);
    EXPECT_EQ(bench.shared(cache).limit, 10u);
    bench.expect_sound();
}

// A constructed cache of 1024 bytes has its index array in kmalloc-32: it comes with the slab and goes with it.
TEST(ClassicOffSlab, TheIndexArrayComesFromKmalloc) {
    for (kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1}) {
        ClassicBench bench(allocator_profile(slab_allocator::slab, kernel));
        const cache_id cache = bench.create("made", 1024, 0, true);
        const phys_addr_t object = bench.take(cache);
        const phys_addr_t management = bench.slabs().slabs[bench.object(object).slab].management;
        ASSERT_NE(management, ADDR_NULL);
        EXPECT_EQ(ksize(bench.slabs(), bench.mem(), management), 32u);
        EXPECT_EQ(bench.count(slab_event::kmalloc), kernel == kernel_version::v5_10 ? 0 : 1);
        bench.give(cache, object);
        slab_context cx = bench.scx();
        kmem_cache_shrink(cx, cache);
        EXPECT_EQ(bench.node(cache).nr_slabs, 0u);
        bench.expect_sound();
        EXPECT_EQ(bench.kmalloc(32), management) << "it was freed last";
    }
}

// CONFIG_SLAB_FREELIST_RANDOM: every object once, not in address order, the holder of the index array last.
TEST(ClassicRandom, ShufflesTheIndexArray) {
    machine_profile profile = allocator_profile(slab_allocator::slab);
    profile.slab.freelist_random = true;
    ClassicBench bench(profile);
    const cache_id cache = bench.create("box", 320);
    slab_context cx = bench.scx();
    ASSERT_EQ(slabinfo_write(cx, intern("box"), 1, 1, 0), tune_result::done); // objects go out one by one
    std::vector<u32> order;
    u32 holder = OBJ_NONE;
    for (int i = 0; i < 12; ++i) {
        const object_ref object = bench.object(bench.take(cache));
        if (i == 0) holder = bench.slabs().slabs[object.slab].freelist;
        order.push_back(object.index);
    }
    EXPECT_EQ(order.back(), holder);
    EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
    std::sort(order.begin(), order.end());
    for (u32 i = 0; i < 12; ++i) EXPECT_EQ(order[i], i);
    bench.expect_sound();
}

// __cache_free_alien: objects of node 0 freed on node 1 wait in an array of 12; the 13th sends them to node 0's shared
// array.
TEST(ClassicAlien, ObjectsOfAnotherNodeWaitForTheirWayHome) {
    ClassicBench bench(two_cpus(2));
    const cache_id cache = bench.create("box", 320);
    const std::vector<phys_addr_t> objects = bench.take_many(cache, 13, 0);
    for (int i = 0; i < 12; ++i) bench.give(cache, objects[static_cast<std::size_t>(i)], 1);
    EXPECT_EQ(bench.alien(cache, 1, 0).avail, 12u);
    EXPECT_EQ(bench.array(cache, 1).avail, 0u);
    bench.give(cache, objects[12], 1);
    EXPECT_EQ(bench.alien(cache, 1, 0).avail, 1u);
    EXPECT_EQ(bench.shared(cache, 0).avail, 12u);
    bench.expect_sound();
    // init_reap_node: CPU 1 begins with the node after its own, which is 0; one turn later it is its own.
    bench.reap(1);
    EXPECT_EQ(bench.alien(cache, 1, 0).avail, 0u);
    EXPECT_EQ(bench.shared(cache, 0).avail, 13u);
    EXPECT_EQ(bench.slabs().reap_node[1], 1u);
    bench.expect_sound();
}

TEST(ClassicAlien, WithoutAlienArraysTheyGoStraightToTheirSlabs) {
    machine_profile profile = two_cpus(2);
    profile.slab.alien_caches = false;
    ClassicBench bench(profile);
    const cache_id cache = bench.create("box", 320);
    const phys_addr_t object = bench.take(cache, 0);
    EXPECT_EQ(bench.node(cache, 1).alien, RUN_NONE);
    bench.give(cache, object, 1);
    EXPECT_EQ(bench.node(cache, 0).free_objects, 1u);
    EXPECT_EQ(bench.node(cache, 0).partial.nr, 1u);
    bench.expect_sound();
}

// ____cache_alloc_node: one object from the node's slab, no array. The slab of 12 stays partial.
TEST(ClassicNode, AnotherNodesObjectsComeStraightFromItsSlabs) {
    ClassicBench bench(two_cpus(2));
    const cache_id cache = bench.create("box", 320);
    const phys_addr_t object = bench.take(cache, 0, 1);
    EXPECT_EQ(bench.slabs().slabs[bench.object(object).slab].node, 1);
    EXPECT_EQ(bench.node(cache, 1).free_objects, 11u);
    EXPECT_EQ(bench.array(cache, 0).avail, 0u);
    EXPECT_EQ(bench.array(cache, 1).avail, 0u);
    bench.expect_sound();
}

// fallback_alloc: when node 0 has no page left, free objects elsewhere come first, then pages from anywhere.
TEST(ClassicNode, AFullNodeFallsBackToAnother) {
    ClassicBench bench(two_cpus(2));
    const cache_id cache = bench.create("box", 320);
    physical_context pages = bench.cx();
    for (u32 order : {9u, 3u, 0u})
        while (alloc_pages(pages, {order, GFP_KERNEL | GFP_BIT_THISNODE | GFP_BIT_MEMALLOC, 0}) != PFN_NONE) {}
    bench.events.clear();
    const phys_addr_t object = bench.take(cache, 0);
    ASSERT_NE(object, ADDR_NULL);
    EXPECT_EQ(bench.slabs().slabs[bench.object(object).slab].node, 1);
    EXPECT_EQ(bench.count(ev::fallback_grow), 1);
    EXPECT_EQ(bench.count(ev::slab_grow_failed), 2) << "the CPU's refill, and the wanted node's slab";
    EXPECT_EQ(bench.node(cache, 1).free_objects, 11u);
    bench.events.clear();
    ASSERT_NE(bench.take(cache, 0), ADDR_NULL);
    EXPECT_EQ(bench.count(ev::fallback_node), 1);
    EXPECT_EQ(bench.count(ev::fallback_grow), 0);
    EXPECT_EQ(bench.take(cache, 0, 0, GFP_KERNEL | GFP_BIT_THISNODE), ADDR_NULL);
    bench.expect_sound();
}

// A machine of one node without a free page: NULL, after the CPU's refill, the node's slab and the fallback have failed.
TEST_F(ClassicArray, WithoutMemoryTheAnswerIsNull) {
    physical_context pages = bench.cx();
    for (u32 order : {9u, 3u, 0u})
        while (alloc_pages(pages, {order, GFP_KERNEL | GFP_BIT_MEMALLOC, 0}) != PFN_NONE) {}
    EXPECT_EQ(bench.take(cache), ADDR_NULL);
    EXPECT_EQ(bench.count(ev::slab_grow_failed), 3);
    bench.expect_sound();
}

} // namespace
} // namespace mm
