#include "kernel/bench.h"

namespace mm {
namespace {

using test::KernelBench;
using enum kernel_version;

constexpr u64 MIB = 1 << 20;
constexpr u64 HUGE_PAGE = 2 * MIB;

u64 alloc_huge(KernelBench& bench, u64 size, int node = -1) {
    kernel_context cx = bench.cx();
    return vmalloc_node(cx, size, GFP_KERNEL, node, VM_ALLOW_HUGE_VMAP);
}

void free(KernelBench& bench, u64 address) {
    kernel_context cx = bench.cx();
    vfree(cx, address);
}

// The dentry hash of recorded machines with two nodes: 4 MiB, "pages=1024 vmalloc vpages N0=512 N1=512", with a guard page of
// 4 KiB. 6.1: ffff80000a200000, 6.12: ffff800082c00000, both multiples of 2 MiB; 5.10: ffff800011b31000, none. And the 2 MiB of
// another hash, pages=512: a node's share is less than a huge page, 6.1 ffff80000a601000.
TEST(HugeVmalloc, IsAlignedWhereEveryNodeGetsAHugePage) {
    for (const kernel_version kernel : {v6_1, v6_12}) {
        KernelBench bench(256, architecture::arm64, kernel, 2);
        const u64 large = alloc_huge(bench, 2 * HUGE_PAGE);
        EXPECT_EQ(large % HUGE_PAGE, 0u);
        EXPECT_EQ(bench.machine.kernel
                      .vms[bench.machine.kernel.vmap.areas[find_vmap_area(bench.machine.kernel.vmap, large)].vm]
                      .size,
                  4198400u);
        const u64 small = alloc_huge(bench, HUGE_PAGE);
        EXPECT_EQ(small, large + 2 * HUGE_PAGE + 4096) << "the lowest hole, not aligned";
        EXPECT_EQ(bench.count(kernel_event::vmalloc_small_pages), 1);
        EXPECT_EQ(bench.walk_to(large).leaf_size, HUGE_PAGE);
        EXPECT_EQ(bench.walk_to(small).leaf_size, 4096u);
        bench.expect_sound();
    }
}

TEST(HugeVmalloc, ANodeThatIsNamedNeedsNoShares) {
    KernelBench bench(256, architecture::arm64, v6_1, 2);
    EXPECT_EQ(bench.walk_to(alloc_huge(bench, HUGE_PAGE, 0)).leaf_size, HUGE_PAGE);
    bench.expect_sound();
}

//   3 MiB:  │ huge page │ huge page │g│     the second one is the area's, too
TEST(HugeVmalloc, TheLengthIsRoundedUpToHugePages) {
    KernelBench bench(256);
    const u64 address = alloc_huge(bench, 3 * MIB);
    EXPECT_EQ(bench.machine.kernel.nr_vmalloc_pages, 1024u + 2) << "and two pages of the array of pages";
    EXPECT_TRUE(bench.walk_to(address + 4 * MIB - 1).found);
    EXPECT_FALSE(bench.walk_to(address + 4 * MIB).found);
    bench.expect_sound();
}

// split_page(): each page has its own count, and any of them may be given away.
TEST(HugeVmalloc, PagesAreIndependent) {
    KernelBench bench(256);
    const u64 address = alloc_huge(bench, HUGE_PAGE);
    const kernel_memory& kernel = bench.machine.kernel;
    const pfn_t first = vmalloc_to_pfn(kernel, bench.machine.physical, address);
    EXPECT_EQ(first % 512, 0u);
    for (pfn_t pfn = first; pfn < first + 512; ++pfn) {
        ASSERT_EQ(bench.machine.physical.page_at(pfn).refcount, 1);
        ASSERT_EQ(bench.machine.physical.page_at(pfn).order(), 0);
    }
    EXPECT_EQ(vmalloc_to_pfn(kernel, bench.machine.physical, address + 5 * 4096), first + 5);
    free(bench, address);
    EXPECT_EQ(kernel.nr_vmalloc_pages, 0u);
    EXPECT_FALSE(bench.walk_to(address).found);
    bench.expect_sound();
}

TEST(HugeVmalloc, WithoutABlockItIsTriedAgainWithSmallPages) {
    KernelBench bench(64);
    // Each block of 2 MiB loses a page.
    std::vector<pfn_t> all;
    for (pfn_t pfn = bench.alloc(GFP_KERNEL | GFP_BIT_NOWARN); pfn != PFN_NONE;
         pfn = bench.alloc(GFP_KERNEL | GFP_BIT_NOWARN))
        all.push_back(pfn);
    physical_context page{bench.machine.physical, bench.sink, 0, ++bench.machine.step};
    for (const pfn_t pfn : all)
        if (pfn % 2) free_pages(page, pfn, 0);
    const u64 address = alloc_huge(bench, HUGE_PAGE);
    EXPECT_NE(address, 0u);
    EXPECT_EQ(bench.count(kernel_event::vmalloc_huge_falls_back), 1);
    EXPECT_EQ(bench.last(kernel_event::vmalloc_huge_falls_back).arg[1], static_cast<i64>(vmalloc_failure::no_block));
    EXPECT_EQ(bench.walk_to(address).leaf_size, 4096u);
    bench.expect_sound();
}

TEST(HugeVmalloc, OtherKernelsHaveNone) {
    KernelBench i386(512, architecture::i386);
    EXPECT_NE(alloc_huge(i386, 4 * MIB), 0u);
    EXPECT_EQ(i386.last(kernel_event::vmalloc_small_pages).arg[1], static_cast<i64>(small_pages::no_huge_vmalloc));
    i386.expect_sound();
    KernelBench old(256, architecture::arm64, v5_10);
    Op op;
    op.kind = *find_op("vmalloc_huge");
    op.arg[0] = 4 * MIB;
    EXPECT_EQ(apply(old.machine, op, old.sink), OpOutcome::refused);
    EXPECT_EQ(old.count(kernel_event::function_missing), 1);
}

// PMD_SIZE of 16 KiB and 64 KiB pages: 32 MiB and 512 MiB.
TEST(HugeVmalloc, AHugePageIsWhatAPmdMaps) {
    for (const u32 page_size : {16384u, 65536u}) {
        KernelBench bench(2048, architecture::arm64, v6_1, 1, 1, page_size);
        const u64 huge = page_size == 16384 ? 32 * MIB : 512 * MIB;
        const u64 address = alloc_huge(bench, huge);
        EXPECT_EQ(address % huge, 0u);
        EXPECT_EQ(bench.walk_to(address).leaf_size, huge);
        bench.expect_sound();
    }
}

} // namespace
} // namespace mm
