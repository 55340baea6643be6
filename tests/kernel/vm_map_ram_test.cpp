// vm_map_ram: blocks, their counts and what becomes of them. Numbers follow from the formulas of mm/vmalloc.c, cases
// are by hand.
#include "kernel/vm_map_ram.h"

#include <gtest/gtest.h>

#include <vector>

#include "kernel/bench.h"
#include "kernel/vm_area.h"

namespace mm {
namespace {

using ev = vmap_block_event;
using V = kernel_version;
using A = architecture;
using test::KernelBench;

struct RamBench : KernelBench {
    explicit RamBench(V kernel = V::v6_1, A arch = A::arm64, u16 cpus = 1, u32 page_size = 4096)
        : KernelBench(arch == A::i386 ? 1024 : 128, arch, kernel, 1, cpus, page_size) {
        for (u32 i = 0; i < 1024; ++i) pages.push_back(0);
        const pfn_t block = alloc(GFP_KERNEL, 9);
        for (u32 i = 0; i < pages.size(); ++i) pages[i] = block + i % 512;
    }
    u64 map(u32 count, u32 cpu = 0) {
        kernel_context context = cx(cpu);
        return vm_map_ram(context, std::span<const pfn_t>(pages).first(count));
    }
    bool unmap(u64 address, u32 count) {
        kernel_context context = cx();
        const bool done = vm_unmap_ram(context, address, count);
        expect_sound();
        return done;
    }
    void purge() {
        kernel_context context = cx();
        purge_vmap_areas(context);
        expect_sound();
    }
    [[nodiscard]] int count_of(ev kind) const {
        int n = 0;
        for (const Event& event : events) n += event.kind == static_cast<u16>(kind);
        return n;
    }
    [[nodiscard]] const vmap_block& block(u32 id = 0) const { return machine.kernel.ram.blocks[id]; }
    [[nodiscard]] u32 bits() const { return machine.kernel.ram.bits; }
    [[nodiscard]] u64 line(u64 pages_behind) const { return pages_behind * 4096; }

    std::vector<pfn_t> pages;
};

// VMAP_BBMAP_BITS: 128 GiB of pages (32 bits: 128 MiB) over the CPUs that the kernel is built for, and 16; at least two
// requests of the longest kind, at most 1024. CONFIG_NR_CPUS: arm64 256 and 512, amd64 8192, 686 32 (recorded
// configurations).
TEST(VmMapRam, ABlockIsASixteenthOfACpusShare) {
    EXPECT_EQ(RamBench(V::v6_1).bits(), 1024u) << "(128 GiB / 4 KiB) / 256 / 16 = 8192";
    EXPECT_EQ(RamBench(V::v6_1, A::x86_64).bits(), 256u) << "(128 GiB / 4 KiB) / 8192 / 16";
    EXPECT_EQ(RamBench(V::v6_1, A::i386).bits(), 64u) << "(128 MiB / 4 KiB) / 32 / 16 = 64, which is twice 32";
    EXPECT_EQ(RamBench(V::v6_1, A::arm64, 1, 65536).bits(), 512u) << "(128 GiB / 64 KiB) / 256 / 16";
    EXPECT_EQ(RamBench(V::v6_12, A::arm64, 1, 65536).bits(), 256u) << "the same with 512 CPUs";
}

// BITS_PER_LONG pages are still cut from a block.
TEST(VmMapRam, ALongsBitsOfPagesIsTheMostThatABlockGives) {
    for (const A arch : {A::arm64, A::x86_64, A::i386}) {
        RamBench bench(V::v6_1, arch);
        const u32 most = arch == A::i386 ? 32 : 64;
        const u64 small = bench.map(most);
        EXPECT_EQ(bench.count_of(ev::vmap_block_new), 1);
        EXPECT_EQ(small % (u64{bench.bits()} * 4096), 0u) << "a block is aligned to its size";
        const u64 large = bench.map(most + 1);
        EXPECT_EQ(bench.count_of(ev::vm_map_ram_large), 1);
        const vmap_space& space = bench.machine.kernel.vmap;
        EXPECT_EQ(space.areas[find_vmap_area(space, large)].size(), u64{most + 1} * 4096) << "no guard page";
        bench.expect_sound();
        EXPECT_TRUE(bench.unmap(large, most + 1));
        EXPECT_TRUE(bench.unmap(small, most));
    }
}

//   1 page   3 pages (take 4)   2 pages   →   [A][B B B .][C C][ free ...
TEST(VmMapRam, RequestsTakePowersOfTwoOneBehindTheOther) {
    RamBench bench;
    const u64 a = bench.map(1), b = bench.map(3), c = bench.map(2);
    EXPECT_EQ(b - a, bench.line(1));
    EXPECT_EQ(c - b, bench.line(4));
    EXPECT_EQ(bench.block().free, 1024u - 7);
    EXPECT_EQ(vmalloc_to_pfn(bench.machine.kernel, bench.machine.physical, b + bench.line(2)), bench.pages[2]);
    EXPECT_EQ(vmalloc_to_pfn(bench.machine.kernel, bench.machine.physical, b + bench.line(3)), FRAME_NONE);
    EXPECT_TRUE(bench.walk_to(c + bench.line(1)).found);
    bench.expect_sound();
}

TEST(VmMapRam, WhatIsUnmappedIsDirtyAndNotHandedOutAgain) {
    RamBench bench;
    const u64 a = bench.map(4);
    EXPECT_TRUE(bench.unmap(a, 4));
    EXPECT_FALSE(bench.walk_to(a).found);
    EXPECT_EQ(bench.map(4) - a, bench.line(4)) << "the next pages, though a's are unmapped";
    EXPECT_EQ(bench.block().dirty, 4u);
    EXPECT_EQ(bench.machine.kernel.vmap.vmap_lazy_nr, 0u);
}

// lib/test_vmalloc.c, vm_map_ram_test: the same pages mapped and unmapped; a block lasts for bits / 2^n of them.
TEST(VmMapRam, ABlockThatIsAllDirtyGoes) {
    for (const u32 pages : {1u, 5u, 64u}) {
        RamBench bench;
        const u32 slots = std::bit_ceil(pages);
        for (u32 i = 0; i < bench.bits() / slots; ++i) EXPECT_TRUE(bench.unmap(bench.map(pages), pages));
        EXPECT_EQ(bench.count_of(ev::vmap_block_freed), 1);
        EXPECT_EQ(bench.machine.kernel.vmap.vmap_lazy_nr, bench.bits());
        EXPECT_FALSE(bench.block().in_use);
        static_cast<void>(bench.map(pages));
        EXPECT_EQ(bench.count_of(ev::vmap_block_new), 2);
    }
}

// "It could consume lots of address space through fragmentation": one page holds 1024.
TEST(VmMapRam, OneMappingHoldsAWholeBlock) {
    RamBench bench;
    const u64 kept = bench.map(1);
    for (u32 i = 1; i < bench.bits(); ++i) EXPECT_TRUE(bench.unmap(bench.map(1), 1));
    EXPECT_TRUE(bench.block().in_use);
    EXPECT_EQ(bench.block().dirty, bench.bits() - 1);
    bench.purge();
    EXPECT_TRUE(bench.block().in_use);
    EXPECT_TRUE(bench.unmap(kept, 1));
    EXPECT_FALSE(bench.block().in_use);
}

TEST(VmMapRam, EachCpuHasBlocksOfItsOwn) {
    RamBench bench(V::v6_1, A::arm64, 2);
    const u64 a = bench.map(1, 0), b = bench.map(1, 1);
    EXPECT_EQ(bench.count_of(ev::vmap_block_new), 2);
    EXPECT_EQ(bench.map(1, 0) - a, bench.line(1));
    EXPECT_EQ(bench.map(1, 1) - b, bench.line(1));
    EXPECT_TRUE(bench.unmap(b, 1)) << "by another CPU";
}

// Nothing in the block is mapped: vm_unmap_aliases() takes it away, since 6.5 only when less than a quarter of it was
// never used.
TEST(VmMapRam, FragmentedBlocksArePurged) {
    for (const V kernel : {V::v5_10, V::v6_1, V::v6_12}) {
        RamBench bench(kernel);
        EXPECT_TRUE(bench.unmap(bench.map(64), 64));
        bench.purge();
        EXPECT_EQ(bench.block().in_use, kernel == V::v6_12);
        RamBench full(kernel);
        for (u32 i = 0; i < 13; ++i) EXPECT_TRUE(full.unmap(full.map(64), 64)); // 192 of 1024 are left
        full.purge();
        EXPECT_FALSE(full.block().in_use);
    }
}

// Since 6.5 a dirty range is flushed once, before at each vm_unmap_aliases().
TEST(VmMapRam, DirtyPagesOfBlocksInUseAreFlushedToo) {
    for (const V kernel : {V::v5_10, V::v6_1, V::v6_12}) {
        RamBench bench(kernel);
        static_cast<void>(bench.map(1));
        const u64 b = bench.map(2);
        EXPECT_TRUE(bench.unmap(b, 2));
        bench.purge();
        bench.purge();
        EXPECT_EQ(bench.count_of(ev::vmap_blocks_dirty), kernel == V::v6_12 ? 1 : 2);
        for (const Event& event : bench.events)
            if (event.kind == static_cast<u16>(ev::vmap_blocks_dirty)) {
                EXPECT_EQ(static_cast<u64>(event.arg[0]), b);
                EXPECT_EQ(static_cast<u64>(event.arg[1]), b + bench.line(2));
            }
    }
}

// Before 6.5 a block without a free page was on no list, and its dirty pages were not looked for.
TEST(VmMapRam, BlocksWithoutAFreePageWereForgottenBeforeSixFive) {
    for (const V kernel : {V::v6_1, V::v6_12}) {
        RamBench bench(kernel);
        const u64 first = bench.map(64);
        for (u32 i = 1; i < bench.bits() / 64; ++i) static_cast<void>(bench.map(64));
        EXPECT_EQ(bench.block().free, 0u);
        EXPECT_TRUE(bench.unmap(first, 64));
        bench.purge();
        EXPECT_EQ(bench.count_of(ev::vmap_blocks_dirty), kernel == V::v6_12 ? 1 : 0);
    }
}

// i386: no hole is left; the blocks that nobody uses go before the search is tried again.
TEST(VmMapRam, BlocksMakeRoomWhenThereIsNoHole) {
    RamBench bench(V::v6_1, A::i386);
    const u64 a = bench.map(1);
    EXPECT_TRUE(bench.unmap(a, 1));
    kernel_context context = bench.cx();
    const u64 hole = largest_hole(bench.machine.kernel.vmap);
    EXPECT_NE(get_vm_area(context, {hole - 4096, VM_ALLOC}), VM_NONE);
    const u32 second = get_vm_area(context, {63 * 4096, VM_ALLOC});
    EXPECT_NE(second, VM_NONE) << "64 pages: where the block was";
    EXPECT_EQ(bench.count_of(ev::vmap_block_freed), 1);
}

// vm_unmap_ram() takes the count that it is given.
TEST(VmMapRam, AWrongCountSpoilsTheBlock) {
    RamBench few;
    const u64 a = few.map(4);
    EXPECT_TRUE(few.unmap(a, 1));
    EXPECT_FALSE(few.block().damaged) << "three pages stay, mapped for ever";
    EXPECT_TRUE(few.walk_to(a + few.line(1)).found);
    RamBench many;
    const u64 b = many.map(1), c = many.map(1);
    EXPECT_TRUE(many.unmap(b, 2));
    EXPECT_FALSE(many.walk_to(c).found) << "the neighbour's page went, too";
    EXPECT_TRUE(many.unmap(c, 1));
    EXPECT_TRUE(many.block().damaged);
    EXPECT_EQ(many.count_of(ev::vmap_block_damaged), 1);
}

TEST(VmMapRam, MisuseIsTheKernelsOutcome) {
    for (const V kernel : {V::v6_1, V::v6_12}) {
        RamBench bench(kernel);
        const u64 block = bench.map(1), large = bench.map(100);
        kernel_context context = bench.cx();
        const u64 area = vmalloc_node(context, 4096, GFP_KERNEL, -1);
        const struct {
            u64 address;
            u32 count;
            unmap_ram_bug reason;
        } cases[] = {
            {0, 1, unmap_ram_bug::null},
            {0x1000, 1, unmap_ram_bug::not_vmalloc},
            {block + 5, 1, unmap_ram_bug::unaligned},
            {area, 1, unmap_ram_bug::no_block},
            {large, 64, unmap_ram_bug::no_block},
            {block + bench.line(1023), 2, unmap_ram_bug::behind_block},
            {block, 65, unmap_ram_bug::others_area},
            {area, 65, unmap_ram_bug::others_area},
            {area + bench.line(2), 65, kernel == V::v6_12 ? unmap_ram_bug::no_area_warns : unmap_ram_bug::no_area_bug},
        };
        for (const auto& one : cases) {
            EXPECT_FALSE(bench.unmap(one.address, one.count));
            EXPECT_EQ(bench.events.back().arg[2], static_cast<i64>(one.reason)) << one.address << " " << one.count;
        }
        // Its va->vm is NULL: nobody finds a vm_struct there.
        EXPECT_FALSE(vfree(context, large));
        EXPECT_EQ(bench.last(kernel_event::vfree_bad).arg[1], static_cast<i64>(vfree_misuse::no_area));
        bench.expect_sound();
    }
}

TEST(VmMapRam, VmallocinfoNamesBlocksAndAreas) {
    RamBench bench;
    const u64 block = bench.map(1), large = bench.map(65);
    const std::string text = vmallocinfo(bench.machine.kernel, bench.machine.physical);
    char line[96];
    std::snprintf(line, sizeof line, "0x%016llx-0x%016llx 4194304 vm_map_ram\n", static_cast<unsigned long long>(block),
                  static_cast<unsigned long long>(block + 1024 * 4096));
    EXPECT_NE(text.find(line), std::string::npos) << text;
    std::snprintf(line, sizeof line, "0x%016llx-0x%016llx  266240 vm_map_ram\n", static_cast<unsigned long long>(large),
                  static_cast<unsigned long long>(large + 65 * 4096));
    EXPECT_NE(text.find(line), std::string::npos) << text;
}

} // namespace
} // namespace mm
