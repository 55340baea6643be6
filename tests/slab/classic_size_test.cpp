// SLAB's sizes. Every expected value is worked out by hand from the rules of mm/slab.c that classic_size.h states:
// 4 KiB pages, one byte an index, slab_max_order 1, cache lines of 64 bytes, kmalloc's smallest cache 32 bytes, except
// where a test says otherwise.
#include <gtest/gtest.h>

#include "slab/classic_machines.h"

namespace mm {
namespace {

using test::allocator_profile;
using test::ClassicBench;

classic_layout layout_of(ClassicBench& bench, u32 size, slab_flags_t flags = 0, bool ctor = false, u32 align = 8) {
    return classic_calculate(bench.slabs(), bench.mem(), flags, size, align, ctor);
}

struct Want {
    u32 size, order, num, left_over, colour;
    freelist_place place;
};

void expect_layout(const classic_layout& layout, const Want& want) {
    EXPECT_EQ(layout.size, want.size);
    EXPECT_EQ(layout.order, want.order);
    EXPECT_EQ(layout.num, want.num);
    EXPECT_EQ(layout.left_over, want.left_over);
    EXPECT_EQ(layout.colour, want.colour);
    EXPECT_EQ(layout.colour_off, 64u);
    EXPECT_EQ(layout.place, want.place);
}

std::vector<order_verdict> verdicts(const classic_layout& layout, freelist_place place) {
    std::vector<order_verdict> found;
    for (const order_attempt& attempt : layout.attempts)
        if (attempt.place == place) found.push_back(attempt.verdict);
    return found;
}

struct ClassicSize : ::testing::Test {
    ClassicBench bench{allocator_profile(slab_allocator::slab)};
};

// 64 × 64 = 4096, and 64 indices are as long as one object.
TEST_F(ClassicSize, TheIndexArrayStandsInAnObjectThatIsLongEnough) {
    expect_layout(layout_of(bench, 64), {64, 0, 64, 0, 0, freelist_place::in_object});
}

// In an object: 4096 / 32 = 128 indices are longer than 32 bytes. Off: kmalloc-128 is more than half of 32; order 1 would
// have 256 objects, more than a byte can number. On the slab: 4096 / 33 = 124, 4096 − 124 × 33 = 4.
TEST_F(ClassicSize, SmallObjectsHaveTheIndexArrayAtTheEndOfTheSlab) {
    const classic_layout layout = layout_of(bench, 32);
    expect_layout(layout, {32, 0, 124, 4, 0, freelist_place::on_slab});
    EXPECT_EQ(verdicts(layout, freelist_place::in_object), (std::vector{order_verdict::little_waste}));
    EXPECT_EQ(verdicts(layout, freelist_place::off_slab),
              (std::vector{order_verdict::no_benefit, order_verdict::too_many}));
    ASSERT_EQ(layout.refused.size(), 2u);
    EXPECT_EQ(layout.refused[0].reason, place_refusal::too_long);
    EXPECT_EQ(layout.refused[1].reason, place_refusal::no_order);
}

// SLAB_OBJ_MIN_SIZE: 16 bytes, so that 4096 / 16 fits a byte; 256 do not, 4096 / 17 = 240 do, 16 bytes are left over.
TEST_F(ClassicSize, NoObjectIsSmallerThanSixteenBytes) {
    expect_layout(layout_of(bench, 1), {16, 0, 240, 16, 0, freelist_place::on_slab});
}

// 12 × 320 = 3840; 256 left over are at most 512, and 256 / 64 = 4.
TEST_F(ClassicSize, WhatIsLeftOverGivesTheColours) {
    expect_layout(layout_of(bench, 320), {320, 0, 12, 256, 4, freelist_place::in_object});
}

// 704: 5 × 704 leave 576 of 4096, more than 512; 11 × 704 leave 448 of 8192, and order 1 is the largest.
TEST_F(ClassicSize, MoreThanAnEighthOfWasteAsksForTheNextOrder) {
    const classic_layout layout = layout_of(bench, 700);
    expect_layout(layout, {704, 1, 11, 448, 7, freelist_place::in_object});
    EXPECT_EQ(verdicts(layout, freelist_place::in_object),
              (std::vector{order_verdict::wasteful, order_verdict::largest}));
}

TEST_F(ClassicSize, ReclaimableSlabsStayAsSmallAsTheyCan) {
    const classic_layout layout = layout_of(bench, 700, SLAB_RECLAIM_ACCOUNT);
    expect_layout(layout, {704, 0, 5, 576, 9, freelist_place::in_object});
    EXPECT_EQ(verdicts(layout, freelist_place::in_object), (std::vector{order_verdict::reclaimable}));
}

// kmem_cache_init: slab_max_order stays 0 up to 32 MiB of memory, and slab_max_order= sets it.
TEST(ClassicMaxOrder, FollowsMemoryAndCommandLine) {
    ClassicBench small(allocator_profile(slab_allocator::slab, kernel_version::v6_1, architecture::x86_64, 1, 1, 32));
    EXPECT_EQ(slab_max_order(small.slabs(), small.mem()), 0u);
    expect_layout(layout_of(small, 700), {704, 0, 5, 576, 9, freelist_place::in_object});
    machine_profile profile = allocator_profile(slab_allocator::slab);
    profile.slab.slab_max_order = 3;
    ClassicBench large(profile);
    EXPECT_EQ(slab_max_order(large.slabs(), large.mem()), 3u);
    // order 1: 448 ≤ 1024
    EXPECT_EQ(verdicts(layout_of(large, 700), freelist_place::in_object).back(), order_verdict::little_waste);
}

// With a constructor free objects keep their contents. 4 × 1024 leave nothing over; 4 indices fit kmalloc-32 ≤ 512.
TEST_F(ClassicSize, ConstructedObjectsPutTheIndexArrayOffTheSlab) {
    const classic_layout layout = layout_of(bench, 1024, 0, true);
    expect_layout(layout, {1024, 0, 4, 0, 0, freelist_place::off_slab});
    ASSERT_EQ(layout.refused.size(), 1u);
    EXPECT_EQ(layout.refused[0].reason, place_refusal::keeps_contents);
    EXPECT_EQ(layout_of(bench, 1024, SLAB_TYPESAFE_BY_RCU).place, freelist_place::off_slab);
}

// Off the slab, order 1 would leave 448 over, enough for 11 indices: back on the slab, 8192 / 705 = 11, 437 left over.
TEST_F(ClassicSize, AnIndexArrayThatFitsWhatIsLeftOverStaysOnTheSlab) {
    const classic_layout layout = layout_of(bench, 700, 0, true);
    expect_layout(layout, {704, 1, 11, 437, 6, freelist_place::on_slab});
    ASSERT_EQ(layout.refused.size(), 2u);
    EXPECT_EQ(layout.refused[1].reason, place_refusal::fits_on_slab);
}

// 5000 need order 1, 20000 order 3: above slab_max_order, but nothing smaller holds one.
TEST_F(ClassicSize, LargeObjectsGetTheFirstOrderThatHoldsOne) {
    expect_layout(layout_of(bench, 5000), {5000, 1, 1, 3192, 49, freelist_place::in_object});
    expect_layout(layout_of(bench, 20000), {20000, 3, 1, 12768, 199, freelist_place::in_object});
    EXPECT_EQ(layout_of(bench, 64, 0, false, 64u << 20).num, 0u) << "no order holds 64 MiB";
}

// The offset between colours is at least the alignment: 4096 / 512 = 8 objects, nothing left over.
TEST_F(ClassicSize, ColoursKeepTheAlignment) {
    const classic_layout layout = layout_of(bench, 900, 0, false, 256);
    EXPECT_EQ(layout.size, 1024u);
    EXPECT_EQ(layout.colour_off, 256u);
}

// 64 KiB pages: two bytes an index. 1024 × 2 are longer than 64; off the slab kmalloc-2k and more are above 32;
// 65536 / 66 = 992, 64 left over make one colour.
TEST(ClassicSize64K, IndicesTakeTwoBytes) {
    machine_profile profile;
    profile.page_size = 65536;
    declare_memory(profile, 1ull << 30);
    profile.slab.allocator = slab_allocator::slab;
    ClassicBench bench(profile);
    EXPECT_EQ(freelist_index_bytes(65536), 2u);
    EXPECT_EQ(slab_obj_max_num(65536), 65535u);
    expect_layout(layout_of(bench, 64), {64, 0, 992, 64, 1, freelist_place::on_slab});
    bench.expect_sound();
}

// enable_cpucache: 1, 8, 24, 54, 120 above 128 KiB, a page, 1024, 256 and below.
TEST(ClassicLimit, ByTheSizeOfAnObject) {
    EXPECT_EQ(classic_limit(131073, 4096), 1u);
    EXPECT_EQ(classic_limit(131072, 4096), 8u);
    EXPECT_EQ(classic_limit(4097, 4096), 8u);
    EXPECT_EQ(classic_limit(4096, 4096), 24u);
    EXPECT_EQ(classic_limit(1024, 4096), 54u);
    EXPECT_EQ(classic_limit(256, 4096), 120u);
}

// batchcount = (limit + 1) / 2; shared 8 with several CPUs and objects up to a page; free_limit of __init_cache_node:
// (1 + CPUs of the node) × batchcount + num.
TEST(ClassicCache, ArraysAndLimitsOfANewCache) {
    ClassicBench one(allocator_profile(slab_allocator::slab));
    const cache_id alone = one.create("alone", 320);
    EXPECT_EQ(one.cache(alone).limit, 54u);
    EXPECT_EQ(one.cache(alone).batchcount, 27u);
    EXPECT_EQ(one.node(alone).shared, RUN_NONE);
    EXPECT_EQ(one.node(alone).free_limit, 2u * 27 + 12);

    ClassicBench four(allocator_profile(slab_allocator::slab, kernel_version::v6_1, architecture::x86_64, 2, 4, 128));
    const cache_id many = four.create("many", 320);
    EXPECT_EQ(four.node(many, 1).free_limit, 3u * 27 + 12) << "two CPUs a node";
    EXPECT_EQ(four.shared(many).limit, 8u * 27);
    EXPECT_EQ(four.shared(many).batchcount, 0xbaadf00du);
    EXPECT_EQ(four.alien(many, 0, 1).limit, 12u);
    const cache_id huge = four.create("huge", 5000);
    EXPECT_EQ(four.cache(huge).shared, 0u) << "more than a page";
    EXPECT_EQ(four.cache(huge).batchcount, 4u);
}

cache_id named(ClassicBench& bench, std::string_view name) {
    for (cache_id id = bench.slabs().slab_caches; id != CACHE_NONE; id = bench.cache(id).list_next)
        if (name_text(bench.cache(id).name) == name) return id;
    return CACHE_NONE;
}

// include/linux/slab.h of 5.10: KMALLOC_SHIFT_LOW 5, KMALLOC_SHIFT_HIGH the largest order up to 32 MiB: 4 MiB here. 6.1:
// two pages, as SLUB.
TEST(ClassicKmalloc, HasCachesUpToTheLimitOfTheVersion) {
    ClassicBench old(allocator_profile(slab_allocator::slab, kernel_version::v5_10));
    EXPECT_EQ(named(old, "kmalloc-16"), CACHE_NONE);
    EXPECT_NE(named(old, "kmalloc-32"), CACHE_NONE);
    EXPECT_NE(named(old, "kmalloc-4M"), CACHE_NONE);
    EXPECT_EQ(kmalloc_max_size(old.slabs(), old.mem()), 4u << 20);
    const phys_addr_t block = old.kmalloc(8193);
    EXPECT_EQ(old.cache(old.slabs().slabs[old.object(block).slab].cache).object_size, 16384u);

    ClassicBench newer(allocator_profile(slab_allocator::slab, kernel_version::v6_1));
    EXPECT_EQ(named(newer, "kmalloc-16k"), CACHE_NONE);
    EXPECT_NE(named(newer, "kmalloc-8k"), CACHE_NONE);
    EXPECT_EQ(newer.object(newer.kmalloc(8193)).slab, SLAB_NONE);
    EXPECT_EQ(newer.count(slab_event::kmalloc_large), 1);
}

// ARCH_KMALLOC_FLAGS is SLAB_HWCACHE_ALIGN: 96 bytes are more than half a line, so they take 128. ksize is the object's.
TEST(ClassicKmalloc, AlignsToCacheLines) {
    ClassicBench bench(allocator_profile(slab_allocator::slab));
    EXPECT_EQ(bench.cache(named(bench, "kmalloc-96")).size, 128u);
    EXPECT_EQ(bench.cache(named(bench, "kmalloc-192")).size, 192u);
    EXPECT_EQ(ksize(bench.slabs(), bench.mem(), bench.kmalloc(70)), 96u);
    // kmem_cache_node of 64 bits takes kmalloc-128, which is therefore made first.
    EXPECT_EQ(name_text(bench.cache(bench.slabs().slab_caches_last).name), "kmalloc-128");
    ClassicBench arm(allocator_profile(slab_allocator::slab, kernel_version::v6_1, architecture::arm64));
    EXPECT_EQ(ksize(arm.slabs(), arm.mem(), arm.kmalloc(8)), 128u) << "ARCH_DMA_MINALIGN";
}

} // namespace
} // namespace mm
