#include "slab/kmalloc.h"

#include <gtest/gtest.h>

#include "machines.h"
#include "slab/events.h"
#include "slab/procfs.h"

namespace mm {
namespace {

using test::slab_profile;
using test::SlabBench;

std::string served_by(SlabBench& bench, u64 size, gfp_t gfp = GFP_KERNEL) {
    const cache_id cache = kmalloc_slab(bench.slabs(), bench.machine.physical, size, gfp);
    return cache == CACHE_NONE ? "none" : std::string(name_text(bench.slabs().caches[cache].name));
}

// x86 and 6.12 have caches from 8 bytes on, and 96 and 192 between the powers of two.
TEST(Kmalloc, SizesFallIntoClasses) {
    SlabBench bench(slab_profile(slab_allocator::slub, kernel_version::v6_12));
    EXPECT_EQ(served_by(bench, 1), "kmalloc-8");
    EXPECT_EQ(served_by(bench, 9), "kmalloc-16");
    EXPECT_EQ(served_by(bench, 65), "kmalloc-96");
    EXPECT_EQ(served_by(bench, 97), "kmalloc-128");
    EXPECT_EQ(served_by(bench, 129), "kmalloc-192");
    EXPECT_EQ(served_by(bench, 193), "kmalloc-256");
    EXPECT_EQ(served_by(bench, 8192), "kmalloc-8k");
    EXPECT_EQ(served_by(bench, 8193), "none");
    EXPECT_EQ(served_by(bench, 100, GFP_KERNEL | GFP_BIT_ACCOUNT), "kmalloc-cg-128");
    EXPECT_EQ(served_by(bench, 100, GFP_KERNEL | GFP_BIT_RECLAIMABLE), "kmalloc-rcl-128");
    EXPECT_EQ(served_by(bench, 100, GFP_KERNEL | GFP_BIT_DMA), "dma-kmalloc-128");
}

TEST(Kmalloc, ALargeSizeIsACompoundPage) {
    SlabBench bench(slab_profile());
    slab_context cx = bench.cx();
    const phys_addr_t object = kmalloc_node(cx, 10000, GFP_KERNEL, -1);
    const pfn_t pfn = static_cast<pfn_t>(object >> 12);
    EXPECT_TRUE(bench.machine.physical.page_at(pfn).compound());
    EXPECT_EQ(ksize(bench.slabs(), bench.machine.physical, object), 16384u);
    kfree(cx, object);
    EXPECT_NE(bench.machine.physical.page_at(pfn).state(), page_state::allocated);
    bench.expect_sound();
}

// What the op tells is what an allocation of that size then has: a cache's size, or pages above the largest cache.
TEST(Kmalloc, TheRoundedSizeIsWhatAnAllocationHas) {
    for (const slab_allocator allocator : {slab_allocator::slub, slab_allocator::slab}) {
        SlabBench bench(slab_profile(allocator));
        slab_context cx = bench.cx();
        for (const u64 size : {1, 100, 4097, 8193, 70000}) {
            const phys_addr_t object = kmalloc_node(cx, size, GFP_KERNEL, -1);
            EXPECT_EQ(kmalloc_size_roundup(bench.slabs(), bench.machine.physical, size),
                      ksize(bench.slabs(), bench.machine.physical, object))
                << size;
        }
        EXPECT_EQ(kmalloc_size_roundup(bench.slabs(), bench.machine.physical, 0), 0u);
    }
    SlabBench slob(slab_profile(slab_allocator::slob));
    EXPECT_EQ(kmalloc_size_roundup(slob.slabs(), slob.machine.physical, 129), 256u)
        << "whole ARCH_KMALLOC_MINALIGN of arm64";
}

TEST(Kmalloc, BeyondTheLargestBlockThereIsNull) {
    SlabBench bench(slab_profile());
    slab_context cx = bench.cx();
    EXPECT_NE(kmalloc_node(cx, 4 << 20, GFP_KERNEL, -1), ADDR_NULL);
    EXPECT_EQ(kmalloc_node(cx, (4 << 20) + 1, GFP_KERNEL, -1), ADDR_NULL);
    EXPECT_EQ(kmalloc_node(cx, 0, GFP_KERNEL, -1), ZERO_SIZE_PTR);
    kfree(cx, ZERO_SIZE_PTR);
    EXPECT_EQ(bench.count(slab_event::free_null), 1);
}

TEST(Kmalloc, ReallocMovesOnlyWhenItMust) {
    SlabBench bench(slab_profile());
    slab_context cx = bench.cx();
    const phys_addr_t object = kmalloc_node(cx, 100, GFP_KERNEL, -1);
    EXPECT_EQ(krealloc(cx, object, 128, GFP_KERNEL), object); // kmalloc-128 has room
    const phys_addr_t larger = krealloc(cx, object, 129, GFP_KERNEL);
    EXPECT_NE(larger, object);
    EXPECT_EQ(ksize(bench.slabs(), bench.machine.physical, larger), 256u);
    EXPECT_EQ(krealloc(cx, larger, 0, GFP_KERNEL), ZERO_SIZE_PTR);
    bench.expect_sound();
}

TEST(Kmalloc, FreeingWhatKmallocNeverGaveIsTold) {
    SlabBench bench(slab_profile());
    slab_context cx = bench.cx();
    kfree(cx, phys_addr_t{bench.machine.physical.base_pfn} << 12);
    kfree(cx, ~phys_addr_t{0});
    EXPECT_EQ(bench.count(slab_event::free_not_slab), 2);
    bench.expect_sound();
}

// A line of a real kernel's file for a cache that nobody has used.
TEST(Slabinfo, LinesAreTheKernels) {
    SlabBench bench(slab_profile());
    const std::string text = slabinfo_text(bench.slabs());
    EXPECT_NE(
        text.find("\ndma-kmalloc-8k         0      0   8192    4    8 : tunables    0    0    0 : slabdata      0      "
                  "0      0\n"),
        std::string::npos);
    slab_context cx = bench.cx();
    EXPECT_NE(kmalloc_node(cx, 100, GFP_KERNEL | GFP_BIT_RECLAIMABLE, -1), ADDR_NULL);
    EXPECT_NE(
        slabinfo_text(bench.slabs())
            .find(
                "\nkmalloc-rcl-128       32     32    128   32    1 : tunables    0    0    0 : slabdata      1      1 "
                "     0\n"),
        std::string::npos);
}

// An address 2^32 frames above an object is that of nothing, though the low bits of its frame number are the object's.
TEST(Kmalloc, AnAddressBehindAllFramesIsNoObjects) {
    SlabBench bench(slab_profile());
    slab_context cx = bench.cx();
    const phys_addr_t object = kmalloc_node(cx, 100, GFP_KERNEL, -1), large = kmalloc_node(cx, 100'000, GFP_KERNEL, -1);
    const u64 behind = 1ull << 44;
    ASSERT_NE(bench.slab_of(object), SLAB_NONE);
    EXPECT_EQ(bench.slab_of(object + behind), SLAB_NONE);
    EXPECT_GT(ksize(bench.slabs(), bench.machine.physical, large), 0u);
    EXPECT_EQ(ksize(bench.slabs(), bench.machine.physical, large + behind), 0u);
    kfree(cx, object + behind);
    kfree(cx, large + behind);
    EXPECT_EQ(bench.count(slab_event::free_not_slab), 2);
    EXPECT_EQ(bench.machine.physical.pfn_of(behind - 4096), PFN_NONE) << "that number says that there is no page";
    EXPECT_FALSE(bench.machine.physical.pfn_valid((object >> 12) + (1ull << 32)));
    bench.expect_sound();
}

} // namespace
} // namespace mm
