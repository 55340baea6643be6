#include "kernel/address.h"

#include "kernel/bench.h"
#include "kernel/ioremap.h"
#include "kernel/kmap.h"

namespace mm {
namespace {

using test::KernelBench;
using enum kernel_version;

// mod-62-walks of the recorded machines: the linear map and the image, each with its physical address. KIMAGE_VADDR of 6.1 is
// ffff800008000000, where 0x40200000 is.
TEST(Address, VirtToPhysOfArm64TakesAllElseForTheImage) {
    KernelBench bench(256);
    const kernel_memory& kernel = bench.machine.kernel;
    EXPECT_EQ(kernel_virt_to_phys(kernel, 0xffff00000384b123), 0x4384b123u);
    EXPECT_EQ(kernel_virt_to_phys(kernel, 0xffff800008010000), 0x40210000u) << "_text";
    kernel_context cx = bench.cx();
    const u64 area = vmalloc_node(cx, 4096, GFP_KERNEL, -1);
    EXPECT_FALSE(virt_to_phys(cx, area));
    const Event told = bench.last(kernel_event::virt_to_phys_garbage);
    EXPECT_EQ(told.arg[1], static_cast<i64>(address_place::vmalloc));
    EXPECT_EQ(told.arg[2], 0x40200000) << "the kernel's image";
    EXPECT_EQ(told.arg[3], static_cast<i64>(phys_place::low_memory));
    const phys_addr_t mapped = vmalloc_to_pfn(kernel, bench.machine.physical, area) << 12;
    EXPECT_EQ(static_cast<u64>(told.arg[6]), mapped) << "what the page table says";
    EXPECT_EQ(bench.count(kernel_event::debug_virtual), 1);
}

// 48 bits of address, Linux 6.1: vmemmap is the last 4 TiB but what the linear map's 2^35 pages do not need: 2 TiB.
TEST(Address, AStructPageIsNotLinear) {
    KernelBench bench(256);
    kernel_context cx = bench.cx();
    constexpr u64 start = 0xfffffc0000000000, end = 0xfffffe0000000000;
    for (const u64 address : {start, start + 64 * 0x123, end - 1}) {
        EXPECT_FALSE(virt_to_phys(cx, address));
        EXPECT_EQ(bench.last(kernel_event::virt_to_phys_garbage).arg[1], static_cast<i64>(address_place::vmemmap));
    }
    for (const u64 address : {start - 1, end}) EXPECT_EQ(place_of(bench.machine.kernel, address), address_place::other);
}

TEST(Address, VirtToPhysOfALinearAddressIsRight) {
    KernelBench bench(256);
    kernel_context cx = bench.cx();
    const pfn_t pfn = bench.alloc(GFP_KERNEL);
    const u64 address = address_of_frame(bench.machine.kernel, pfn);
    EXPECT_TRUE(virt_to_phys(cx, address + 0x123));
    EXPECT_EQ(bench.last(kernel_event::virt_to_phys).arg[4], (i64{pfn} << 12) + 0x123);
    EXPECT_TRUE(phys_to_virt(cx, (u64{pfn} << 12) + 0x123));
    EXPECT_EQ(bench.last(kernel_event::phys_to_virt).arg[3], static_cast<i64>(address + 0x123));
    EXPECT_EQ(bench.count(kernel_event::debug_virtual), 0);
}

// __pa() of i386 is a subtraction, __va() an addition, both in 32 bits.
//
//   phys 0x38000000 of high memory + 0xc0000000 = 0xf8000000, vmalloc's space
//   phys 0x40000000                + 0xc0000000 = 0, user space
TEST(Address, ArithmeticOfI386Wraps) {
    KernelBench bench(2048, architecture::i386);
    const kernel_memory& kernel = bench.machine.kernel;
    EXPECT_EQ(kernel_virt_to_phys(kernel, 0xc0001234), 0x1234u);
    EXPECT_EQ(kernel_virt_to_phys(kernel, 0xf8000000), 0x38000000u);
    EXPECT_EQ(kernel_virt_to_phys(kernel, 0x1000), 0x40001000u);
    EXPECT_EQ(kernel_phys_to_virt(kernel, 0x38000000), 0xf8000000u);
    EXPECT_EQ(kernel_phys_to_virt(kernel, 0x40001000), 0x1000u);
    kernel_context cx = bench.cx();
    EXPECT_FALSE(phys_to_virt(cx, 0x38000000));
    EXPECT_EQ(bench.last(kernel_event::phys_to_virt_garbage).arg[1], static_cast<i64>(phys_place::high_memory));
    EXPECT_EQ(bench.last(kernel_event::phys_to_virt_garbage).arg[3], static_cast<i64>(address_place::vmalloc));
    EXPECT_FALSE(phys_to_virt(cx, 0x40001000));
    EXPECT_EQ(bench.last(kernel_event::phys_to_virt_garbage).arg[3], static_cast<i64>(address_place::user));
    EXPECT_FALSE(phys_to_virt(cx, 0xfed00000)) << "a device";
    EXPECT_EQ(bench.last(kernel_event::phys_to_virt_garbage).arg[1], static_cast<i64>(phys_place::nothing));
}

TEST(Address, OfAKmappedPageOnlyThePageTableKnows) {
    KernelBench bench(1024, architecture::i386);
    kernel_context cx = bench.cx();
    const pfn_t pfn = bench.alloc(GFP_KERNEL | GFP_BIT_HIGHMEM);
    const u64 address = kmap(cx, pfn);
    EXPECT_FALSE(virt_to_phys(cx, address));
    EXPECT_EQ(bench.last(kernel_event::virt_to_phys_garbage).arg[1], static_cast<i64>(address_place::pkmap));
    EXPECT_EQ(bench.last(kernel_event::virt_to_phys_garbage).arg[6], i64{pfn} << 12);
    EXPECT_EQ(vmalloc_to_page(cx, address), pfn);
    const u64 local = kmap_local(cx, pfn, kmap_kind::local);
    EXPECT_EQ(place_of(bench.machine.kernel, local), address_place::fixmap);
    EXPECT_EQ(vmalloc_to_page(cx, local), pfn);
}

TEST(Address, VmallocToPageOfADeviceHasNoStructPage) {
    KernelBench bench(256);
    kernel_context cx = bench.cx();
    const u64 address = ioremap(cx, 0x9000000, 4096, ioremap_memory::device);
    EXPECT_EQ(vmalloc_to_page(cx, address), 0x9000u);
    EXPECT_EQ(bench.count(kernel_event::vmalloc_to_page_device), 1);
    EXPECT_EQ(vmalloc_to_page(cx, address + 4096), FRAME_NONE) << "the guard page";
    EXPECT_EQ(bench.count(kernel_event::vmalloc_to_page_null), 1);
}

// Until 5.13 pmd_bad() of a block ended the walk; x86 maps low memory in blocks.
TEST(Address, VmallocToPageOfALinearAddressIsANeedlessWalk) {
    for (const kernel_version kernel : {v5_10, v6_1}) {
        KernelBench bench(512, architecture::i386, kernel);
        kernel_context cx = bench.cx();
        EXPECT_EQ(vmalloc_to_page(cx, 0xc8000000), kernel == v5_10 ? FRAME_NONE : frame_t{0x8000});
        EXPECT_EQ(bench.count(kernel_event::vmalloc_to_page_linear), 1);
    }
}

TEST(Address, HugePagesAreFoundPageByPage) {
    KernelBench bench(256);
    kernel_context cx = bench.cx();
    const u64 address = vmalloc_node(cx, 2 << 20, GFP_KERNEL, -1, VM_ALLOW_HUGE_VMAP);
    EXPECT_EQ(vmalloc_to_page(cx, address + 7 * 4096 + 1), vmalloc_to_page(cx, address) + 7);
}

} // namespace
} // namespace mm
