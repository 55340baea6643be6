// SLOB. Expected values are worked out by hand from the functions of mm/slob.c that the tests name: pages of 2048 units of
// 2 bytes, headers of kmalloc of 8 bytes on x86_64 (ARCH_KMALLOC_MINALIGN) and 128 on arm64.
#include <gtest/gtest.h>

#include "slab/classic_machines.h"

namespace mm {

void PrintTo(const slob_block& block, std::ostream* out) {
    *out << (block.free ? "free " : "used ") << block.units << " at " << block.unit << ", " << block.bytes
         << " bytes, header " << block.header;
}

namespace {

using test::allocator_profile;
using test::ClassicBench;
using ev = slob_event;

machine_profile slob_profile(kernel_version kernel = kernel_version::v6_1, architecture arch = architecture::x86_64) {
    return allocator_profile(slab_allocator::slob, kernel, arch);
}

slob_block used(u32 unit, u32 units, u32 bytes, u32 header) { return {unit, units, false, bytes, header}; }
slob_block hole(u32 unit, u32 units) { return {unit, units, true, 0, 0}; }

struct Slob : ::testing::Test {
    ClassicBench bench{slob_profile()};

    std::vector<slob_block> blocks(phys_addr_t address) {
        return slob_blocks(bench.slabs(), bench.mem(), bench.pfn(address));
    }
    const slob_page& page(phys_addr_t address) {
        return bench.slabs().slob_pages[bench.pfn(address) - bench.mem().base_pfn];
    }
    // The pages of a list by their pfn, in search order.
    std::vector<pfn_t> pages(slob_list list) {
        std::vector<pfn_t> found;
        for (pfn_t pfn = bench.slabs().slob_first[list]; pfn != PFN_NONE;
             pfn = bench.slabs().slob_pages[pfn - bench.mem().base_pfn].next)
            found.push_back(pfn);
        return found;
    }
};

// 100 + 8 bytes are 54 units. The rest is one block of 1994 units.
TEST_F(Slob, KmallocPutsAHeaderBeforeTheObject) {
    const phys_addr_t object = bench.kmalloc(100);
    EXPECT_EQ(object & 4095, 8u);
    EXPECT_EQ(blocks(object), (std::vector<slob_block>{used(0, 54, 108, 8), hole(54, 1994)}));
    EXPECT_EQ(ksize(bench.slabs(), bench.mem(), object), 100u);
    EXPECT_EQ(ksize(bench.slabs(), bench.mem(), bench.kmalloc(101)), 102u) << "whole units";
    bench.expect_sound();
}

// slob_page_alloc aligns the byte behind the header: from byte 108, 116 goes up to 128, so the block begins at 120. The 6
// units between stay free.
TEST_F(Slob, APowerOfTwoIsAlignedToItself) {
    bench.kmalloc(100);
    const phys_addr_t object = bench.kmalloc(64);
    EXPECT_EQ(object & 4095, 128u);
    EXPECT_EQ(blocks(object),
              (std::vector<slob_block>{used(0, 54, 108, 8), hole(54, 6), used(60, 36, 72, 8), hole(96, 1952)}));
    bench.expect_sound();
}

// A block of 99 units and alignment to 8 bytes leave a hole of one unit.
TEST_F(Slob, AHoleMayHaveOneUnit) {
    const cache_id cache = bench.create("odd", 198);
    const phys_addr_t first = bench.take(cache);
    bench.take(cache);
    EXPECT_EQ(blocks(first),
              (std::vector<slob_block>{used(0, 99, 198, 0), hole(99, 1), used(100, 99, 198, 0), hole(199, 1849)}));
    bench.expect_sound();
}

// A, B, C, D of 100 units each. D merges with what is behind it, C with B before and D behind, A empties the page.
TEST_F(Slob, FreeNeighboursMerge) {
    const cache_id cache = bench.create("hundred", 200);
    const std::vector<phys_addr_t> objects = bench.take_many(cache, 4);
    const phys_addr_t a = objects[0];
    bench.give(cache, objects[1]);
    EXPECT_EQ(blocks(a), (std::vector<slob_block>{used(0, 100, 200, 0), hole(100, 100), used(200, 100, 200, 0),
                                                  used(300, 100, 200, 0), hole(400, 1648)}));
    EXPECT_EQ(bench.count(ev::slob_merged), 0);
    bench.give(cache, objects[3]);
    EXPECT_EQ(bench.count(ev::slob_merged), 1);
    bench.give(cache, objects[2]);
    EXPECT_EQ(bench.count(ev::slob_merged), 3);
    EXPECT_EQ(blocks(a), (std::vector<slob_block>{used(0, 100, 200, 0), hole(100, 1948)}));
    bench.expect_sound();
    bench.give(cache, a);
    EXPECT_EQ(bench.slabs().slob_nr_pages, 0u);
    EXPECT_EQ(bench.count(ev::slob_page_freed), 1);
    bench.expect_sound();
}

TEST_F(Slob, TheFirstHoleThatFitsIsTaken) {
    const cache_id large = bench.create("large", 240), small = bench.create("small", 100);
    const std::vector<phys_addr_t> objects = bench.take_many(large, 4);
    const phys_addr_t little = bench.take(small);
    bench.take(small);
    bench.give(small, little);     // 50 units at 480
    bench.give(large, objects[1]); // 120 units at 120
    EXPECT_EQ(bench.take(small), objects[1]) << "not the hole of its own size further back";
    EXPECT_EQ(blocks(little)[2], hole(170, 70)) << "50 of 120 units are taken";
    bench.expect_sound();
}

// 255 bytes stay small, 256 and kmalloc(250) with its header are medium, 1024 large.
TEST_F(Slob, ThreeListsBySize) {
    EXPECT_EQ(slob_list_of(255), SLOB_SMALL);
    EXPECT_EQ(slob_list_of(256), SLOB_MEDIUM);
    EXPECT_EQ(slob_list_of(1023), SLOB_MEDIUM);
    EXPECT_EQ(slob_list_of(1024), SLOB_LARGE);
    EXPECT_EQ(page(bench.kmalloc(240)).list, SLOB_SMALL);
    EXPECT_EQ(page(bench.kmalloc(250)).list, SLOB_MEDIUM);
    EXPECT_EQ(page(bench.kmalloc(1500)).list, SLOB_LARGE);
    EXPECT_EQ(bench.slabs().slob_nr_pages, 3u);
}

// 20 objects of 100 units leave 48 units a page; new pages come first. A block of 45 units fits each of the three; the
// page that served comes first, those before it go behind.
TEST_F(Slob, TheListIsTurnedToThePageThatServed) {
    const cache_id hundred = bench.create("hundred", 200), ninety = bench.create("ninety", 90);
    const std::vector<phys_addr_t> objects = bench.take_many(hundred, 60);
    const pfn_t p1 = bench.pfn(objects[0]), p2 = bench.pfn(objects[20]), p3 = bench.pfn(objects[40]);
    EXPECT_EQ(pages(SLOB_SMALL), (std::vector<pfn_t>{p3, p2, p1}));
    EXPECT_EQ(bench.pfn(bench.take(ninety)), p3);
    EXPECT_EQ(bench.count(ev::slob_rotated), 0) << "it is first already";
    EXPECT_EQ(bench.pfn(bench.take(ninety)), p2);
    EXPECT_EQ(pages(SLOB_SMALL), (std::vector<pfn_t>{p2, p1, p3}));
    EXPECT_EQ(bench.pfn(bench.take(ninety)), p1);
    EXPECT_EQ(pages(SLOB_SMALL), (std::vector<pfn_t>{p1, p3, p2}));
    bench.expect_sound();
}

// Four blocks of 512 units fill a page: it is on no list. Freeing one puts it back on the list of 1024 bytes.
TEST_F(Slob, AFullPageLeavesItsListAndComesBack) {
    const cache_id cache = bench.create("quarter", 1024);
    const std::vector<phys_addr_t> objects = bench.take_many(cache, 4);
    EXPECT_TRUE(pages(SLOB_LARGE).empty());
    EXPECT_EQ(pages(SLOB_FULL).size(), 1u);
    bench.give(cache, objects[2]);
    EXPECT_EQ(pages(SLOB_LARGE).size(), 1u);
    EXPECT_EQ(blocks(objects[0])[2], hole(1024, 512));
    bench.expect_sound();
}

// __do_kmalloc_node: below PAGE_SIZE − 8 with a header, from there on by pages.
TEST_F(Slob, SizesFromAPageLessTheHeaderAreWholePages) {
    const phys_addr_t inside = bench.kmalloc(4087);
    EXPECT_EQ(inside & 4095, 8u);
    EXPECT_EQ(page(inside).list, SLOB_FULL) << "4095 bytes are 2048 units";
    const phys_addr_t outside = bench.kmalloc(4088);
    EXPECT_EQ(outside & 4095, 0u);
    EXPECT_FALSE(is_slob_page(bench.slabs(), bench.mem(), bench.pfn(outside)));
    EXPECT_EQ(ksize(bench.slabs(), bench.mem(), outside), 4096u);
    EXPECT_EQ(ksize(bench.slabs(), bench.mem(), bench.kmalloc(5000)), 8192u);
    bench.kfree(outside);
    bench.kfree(inside);
    EXPECT_EQ(bench.slabs().slob_nr_pages, 0u);
    bench.expect_sound();
}

// kmalloc(2048): the block begins at 2040, so that byte 2048 is the object's first; both parts of the page are used.
TEST_F(Slob, ALargePowerOfTwoStillFitsAnEmptyPage) {
    const phys_addr_t object = bench.kmalloc(2048);
    EXPECT_EQ(object & 4095, 2048u);
    EXPECT_EQ(blocks(object), (std::vector<slob_block>{hole(0, 1020), used(1020, 1028, 2056, 8)}));
    bench.expect_sound();
}

TEST(SlobArm64, HeadersAre128Bytes) {
    ClassicBench bench(slob_profile(kernel_version::v6_1, architecture::arm64));
    const phys_addr_t object = bench.kmalloc(100);
    EXPECT_EQ(object & 4095, 128u);
    EXPECT_EQ(slob_blocks(bench.slabs(), bench.mem(), bench.pfn(object))[0], used(0, 114, 228, 128));
    bench.kfree(object);
    EXPECT_EQ(bench.slabs().slob_nr_pages, 0u);
}

// Pages of 64 KiB: 16384 units of 4 bytes. 128 + 100 bytes are 57.
TEST(Slob64K, UnitsAreFourBytes) {
    machine_profile profile;
    profile.page_size = 65536;
    declare_memory(profile, 1ull << 30);
    profile.slab.allocator = slab_allocator::slob;
    ClassicBench bench(profile);
    const phys_addr_t object = bench.kmalloc(100);
    EXPECT_EQ(slob_blocks(bench.slabs(), bench.mem(), bench.pfn(object)),
              (std::vector<slob_block>{used(0, 57, 228, 128), hole(57, 16327)}));
    bench.expect_sound();
}

TEST(SlobNodes, OnlyPagesOfTheWantedNodeServe) {
    ClassicBench bench(allocator_profile(slab_allocator::slob, kernel_version::v6_1, architecture::x86_64, 2, 2, 128));
    const phys_addr_t here = bench.kmalloc(100, 0, 0);
    const phys_addr_t there = bench.kmalloc(100, 0, 1);
    EXPECT_NE(bench.pfn(here), bench.pfn(there));
    ASSERT_NE(bench.find(ev::slob_page_passed), nullptr);
    EXPECT_EQ(bench.find(ev::slob_page_passed)->arg[3], static_cast<i64>(slob_pass::other_node));
    bench.expect_sound();
}

// An object of RCU needs room for struct slob_rcu behind it: 24 bytes on 64 bits.
TEST_F(Slob, CachesKeepTheirSize) {
    EXPECT_EQ(bench.cache(bench.create("plain", 61)).size, 61u);
    EXPECT_EQ(bench.cache(bench.create("rcu", 61, SLAB_TYPESAFE_BY_RCU)).size, 85u);
    const cache_id pages = bench.create("pages", 5000);
    const phys_addr_t object = bench.take(pages);
    EXPECT_EQ(object & 4095, 0u);
    bench.give(pages, object);
    EXPECT_EQ(bench.slabs().slob_nr_pages, 0u);
    bench.expect_sound();
}

TEST_F(Slob, WithoutMemoryTheAnswerIsNull) {
    const phys_addr_t last = bench.kmalloc(100);
    physical_context pages = bench.cx();
    for (u32 order : {9u, 3u, 0u})
        while (alloc_pages(pages, {order, GFP_KERNEL | GFP_BIT_MEMALLOC, 0}) != PFN_NONE) {}
    EXPECT_EQ(bench.kmalloc(3000), ADDR_NULL);
    EXPECT_EQ(bench.kmalloc(5000), ADDR_NULL);
    EXPECT_EQ(bench.count(ev::slob_no_memory), 2);
    EXPECT_EQ(bench.pfn(bench.kmalloc(100)), bench.pfn(last)) << "its page has room";
    bench.expect_sound();
}

// ------------------------------------------------------------------------------------------------------------ misuse
TEST_F(Slob, MisuseIsToldAndChangesNothing) {
    const cache_id cache = bench.create("hundred", 200), other = bench.create("other", 220);
    const phys_addr_t object = bench.take(cache), kept = bench.take(cache), block = bench.kmalloc(64);
    const auto expect_misuse = [&](slob_misuse reason) {
        ASSERT_NE(bench.find(ev::slob_misuse), nullptr);
        EXPECT_EQ(bench.find(ev::slob_misuse)->arg[1], static_cast<i64>(reason));
        bench.events.clear();
        bench.expect_sound();
    };
    bench.give(cache, object);
    bench.give(cache, object);
    expect_misuse(slob_misuse::no_block);
    bench.give(cache, kept + 8);
    expect_misuse(slob_misuse::no_block);
    bench.give(other, kept);
    expect_misuse(slob_misuse::other_size);
    bench.kfree(kept);
    expect_misuse(slob_misuse::no_block);
    bench.give(cache, block - 8);
    expect_misuse(slob_misuse::has_header);
    bench.give(cache, object + (1 << 20));
    expect_misuse(slob_misuse::no_slob_page);
    bench.kfree(object);
    expect_misuse(slob_misuse::no_header);
    bench.give(cache, kept);
    bench.kfree(block);
    EXPECT_EQ(bench.slabs().slob_nr_pages, 0u);
}

// slob_alloc stops with BUG when not even an empty page holds the block: alignment above a page, and a page that is not.
TEST_F(Slob, AnAlignmentAboveAPageMayNotFit) {
    const cache_id cache = bench.create("wide", 100, 0, false, 65536);
    for (int i = 0; i < 20; ++i) {
        const phys_addr_t object = bench.take(cache);
        if (object == ADDR_NULL) break;
        EXPECT_EQ(object & 65535, 0u);
    }
    EXPECT_GT(bench.count(ev::slob_no_fit), 0);
    bench.expect_sound();
}

} // namespace
} // namespace mm
