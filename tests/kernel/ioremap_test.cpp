#include "kernel/ioremap.h"

#include "kernel/address.h"
#include "kernel/bench.h"
#include "machine/narrate.h"

namespace mm {
namespace {

using test::KernelBench;
using enum kernel_version;
using enum ioremap_memory;

constexpr u64 MIB = 1 << 20;

u64 map(KernelBench& bench, phys_addr_t phys, u64 size, ioremap_memory memory = device) {
    kernel_context cx = bench.cx();
    return ioremap(cx, phys, size, memory);
}

bool unmap(KernelBench& bench, u64 address) {
    kernel_context cx = bench.cx();
    return iounmap(cx, address);
}

ioremap_refusal refusal(const KernelBench& bench) {
    return static_cast<ioremap_refusal>(bench.last(kernel_event::ioremap_refused).arg[2]);
}

// A device may stand behind all memory: as far as an entry reaches, 48 bits with the format of arm64, 52 of x86-64.
TEST(Ioremap, FramesOfDevicesHave64Bits) {
    struct Case {
        architecture arch;
        u32 page_size;
        phys_addr_t phys;
        frame_t frame;
    };
    const Case cases[] = {
        {architecture::arm64, 4096, 0x100000001000, 0x100000001},
        {architecture::arm64, 4096, 0xfffffffff000, 0xfffffffff},
        {architecture::arm64, 16384, 0xffffffffc000, 0x3ffffffff},
        {architecture::x86_64, 4096, 0x100000001000, 0x100000001},
        {architecture::x86_64, 4096, 0xffffffffff000, 0xffffffffff},
        {architecture::i386, 4096, 0xfffff000, 0xfffff},
    };
    for (const Case& c : cases) {
        KernelBench bench(256, c.arch, v6_1, 1, 1, c.page_size);
        const u64 address = map(bench, c.phys, c.page_size);
        ASSERT_NE(address, 0u) << std::hex << c.phys;
        kernel_context cx = bench.cx();
        EXPECT_EQ(vmalloc_to_page(cx, address), c.frame);
        EXPECT_EQ(static_cast<u64>(bench.last(kernel_event::vmalloc_to_page_device).arg[1]), c.frame);
        EXPECT_EQ(vmalloc_to_pfn(bench.machine.kernel, bench.machine.physical, address), c.frame);
        EXPECT_EQ(translate(cx, address + 5), c.phys + 5);
        bench.expect_sound();
        EXPECT_TRUE(unmap(bench, address));
        bench.expect_sound();
    }
    KernelBench bench(256);
    EXPECT_EQ(map(bench, 1ull << 48, 4096), 0u);
    EXPECT_EQ(refusal(bench), ioremap_refusal::above_kernel);
}

// PHYS_MASK of arm64 has 48 bits unless the tables have the format of 52 (TCR_EL1.DS); x86_64 asks the CPU, whose addresses have
// up to 52; phys_addr_t of i386 without PAE has 32. How far memory goes, or another CPU, is not the matter.
TEST(Ioremap, ARefusalSaysHowManyBitsThereAre) {
    struct Case {
        architecture arch;
        phys_addr_t first_refused;
        const char* en;
        const char* zh;
    };
    const Case cases[] = {
        {architecture::arm64, u64{1} << 48, "this kernel has 48 bits of physical addresses on this CPU.",
         "这个内核在此 CPU 上的物理地址只有 48 位。"},
        {architecture::x86_64, u64{1} << 52, "this CPU has 52 bits of physical addresses.",
         "此 CPU 的物理地址只有 52 位。"},
        {architecture::i386, u64{1} << 32, "this kernel has 32 bits of physical addresses on this CPU.",
         "这个内核在此 CPU 上的物理地址只有 32 位。"},
    };
    for (const Case& c : cases) {
        KernelBench bench(256, c.arch);
        EXPECT_NE(map(bench, c.first_refused - 4096, 4096), 0u);
        EXPECT_EQ(map(bench, c.first_refused - 4096, 4097), 0u);
        const Event refused = bench.last(kernel_event::ioremap_refused);
        EXPECT_TRUE(narrate_plain(bench.machine, refused, Language::en).ends_with(c.en))
            << narrate_plain(bench.machine, refused, Language::en);
        EXPECT_TRUE(narrate_plain(bench.machine, refused, Language::zh).ends_with(c.zh))
            << narrate_plain(bench.machine, refused, Language::zh);
    }
}

// A line of the recorded /proc/vmallocinfo, with the caller left out:
//   0xffff800008005000-0xffff800008007000    8192 gicv2m_init_one+0xac/0x238 phys=0x0000000008020000 ioremap
TEST(Ioremap, IsListedAsRecordedKernelsListIt) {
    KernelBench bench(256);
    map(bench, 0x8020000, 4096);
    EXPECT_TRUE(vmallocinfo(bench.machine.kernel, bench.machine.physical)
                    .starts_with("0xffff800008000000-0xffff800008002000    8192 phys=0x0000000008020000 ioremap\n"));
    // 0xf7405000-0xf7407000    8192 hpet_enable+0xc5/0x3da phys=0xfed00000 ioremap
    KernelBench i386(1024, architecture::i386);
    const u64 at = map(i386, 0xfed00000, 0x400);
    char line[80];
    std::snprintf(line, sizeof line, "0x%08llx-0x%08llx    8192 phys=0xfed00000 ioremap\n",
                  static_cast<unsigned long long>(at), static_cast<unsigned long long>(at + 8192));
    EXPECT_EQ(vmallocinfo(i386.machine.kernel, i386.machine.physical), line);
    i386.expect_sound();
}

// of_iomap of the interrupt controller: 64 KiB stand at a multiple of 64 KiB on every recorded kernel, and the 256 MiB of the
// ECAM at a multiple of 256 MiB: 0xffff800010000000 of 6.1, the first behind VMALLOC_START.
TEST(Ioremap, IsAlignedToItsSize) {
    for (const kernel_version kernel : {v5_10, v6_1, v6_12}) {
        KernelBench bench(256, architecture::arm64, kernel);
        const u64 first = map(bench, 0x9000000, 4096);
        EXPECT_EQ(first % 4096, 0u);
        EXPECT_EQ(map(bench, 0x8000000, 0x10000) % 0x10000, 0u);
        const u64 ecam = map(bench, 0x4010000000, 256 * MIB);
        EXPECT_EQ(ecam % (256 * MIB), 0u);
        EXPECT_LT(ecam - first, 512 * MIB);
        if (kernel == v6_1) { EXPECT_EQ(ecam, 0xffff800010000000u); }
        EXPECT_EQ(bench.walk_to(ecam + 5 * MIB).leaf_size, 2 * MIB) << "blocks";
        EXPECT_EQ(bench.walk_to(ecam + 5 * MIB + 7).phys, 0x4010000000u + 5 * MIB + 7);
        bench.expect_sound();
    }
}

// IOREMAP_MAX_ORDER: PUD_SHIFT with 4 KiB pages, else PMD_SHIFT; i386 without PAE has 4 MiB, and no blocks at all.
TEST(Ioremap, AlignmentHasALimit) {
    KernelBench bench(256);
    EXPECT_EQ(map(bench, 0x8000000000, 2048 * MIB) % (1024 * MIB), 0u);
    EXPECT_EQ(bench.last(kernel_event::ioremap_begins).arg[5], 1024 * i64{MIB});
    EXPECT_EQ(bench.walk_to(0xffff800040000000).leaf_size, 1024 * MIB);
    KernelBench large(1024, architecture::arm64, v6_1, 1, 1, 65536);
    map(large, 0x8000000000, 2048 * MIB);
    EXPECT_EQ(large.last(kernel_event::ioremap_begins).arg[5], 512 * i64{MIB});
    KernelBench i386(512, architecture::i386);
    const u64 frame_buffer = map(i386, 0xfd000000, 16 * MIB);
    EXPECT_EQ(i386.last(kernel_event::ioremap_begins).arg[5], 4 * i64{MIB});
    EXPECT_EQ(i386.walk_to(frame_buffer).leaf_size, 4096u);
    i386.expect_sound();
}

//   phys 0x9010ffc, 8 bytes:  │ 0x9010000  ....ffc│ffc+8 0x9011000 │   two pages, and the address ends in ffc
TEST(Ioremap, TheOffsetInThePageStays) {
    KernelBench bench(256);
    const u64 address = map(bench, 0x9010ffc, 8);
    EXPECT_EQ(address & 0xfff, 0xffcu);
    EXPECT_EQ(bench.walk_to(address).phys, 0x9010ffcu);
    EXPECT_EQ(bench.walk_to(address + 4).phys, 0x9011000u);
    EXPECT_FALSE(bench.walk_to(address + 4 + 4096).found) << "the guard page";
    EXPECT_TRUE(unmap(bench, address)) << "any address of the first page will do";
    EXPECT_FALSE(bench.walk_to(address).found);
    bench.expect_sound();
}

// Attributes as the recorded kernels' own tables have them: mod-01-pagetables, ioremap areas.
TEST(Ioremap, EntriesHaveTheAttributesOfADevice) {
    KernelBench bench(256);
    const auto attributes = [&](ioremap_memory memory) {
        const walk_result way = bench.walk_to(map(bench, 0x9000000, 4096, memory));
        return protection_of(bench.machine.mmu.format, way.last().entry, 0);
    };
    EXPECT_EQ(attributes(device), protection::PROT_DEVICE_nGnRE);
    EXPECT_EQ(attributes(write_combining), protection::PROT_NORMAL_NC);
    EXPECT_EQ(attributes(cached), protection::PAGE_KERNEL);
}

TEST(Ioremap, MemoryIsRefused) {
    KernelBench bench(256); // 0x40000000 to 0x50000000
    EXPECT_EQ(map(bench, 0x48000000, 4096), 0u);
    EXPECT_EQ(refusal(bench), ioremap_refusal::memory);
    EXPECT_EQ(map(bench, 0x40200000, 4096), 0u) << "the kernel's image is memory, too";
    // Only the first page is looked at.
    EXPECT_NE(map(bench, 0x3ffff000, 8192), 0u);
    EXPECT_EQ(bench.count(kernel_event::ioremap_covers_memory), 1);
    EXPECT_EQ(bench.last(kernel_event::ioremap_covers_memory).arg[0], 0x40000000);
    bench.expect_sound();
    // x86 looks at every page, but only for those that the page allocator may hand out.
    KernelBench i386(512, architecture::i386);
    EXPECT_EQ(map(i386, 0x8000000, 4096), 0u);
    EXPECT_EQ(refusal(i386), ioremap_refusal::memory_x86);
    EXPECT_EQ(map(i386, 0xa0000, 2 * MIB), 0u) << "memory behind the hole";
    EXPECT_NE(map(i386, 0xa0000, 0x20000), 0u) << "video memory";
    EXPECT_NE(map(i386, 16 * MIB, 4096), 0u) << "reserved by the kernel's image";
    i386.expect_sound();
}

TEST(Ioremap, CachedMemoryOfArm64IsTheLinearMap) {
    KernelBench bench(256);
    EXPECT_EQ(map(bench, 0x48000123, 4096, cached), 0xffff000008000123u);
    EXPECT_EQ(bench.count(kernel_event::ioremap_linear), 1);
    EXPECT_FALSE(unmap(bench, 0xffff000008000123)) << "silently";
    EXPECT_EQ(bench.last(kernel_event::iounmap_ignored).arg[1], static_cast<i64>(iounmap_misuse::not_vmalloc));
    KernelBench i386(512, architecture::i386);
    EXPECT_EQ(map(i386, 0x8000000, 4096, cached), 0u);
}

TEST(Ioremap, WhatCannotBeMappedIsNull) {
    KernelBench bench(256);
    EXPECT_EQ(map(bench, 0x9000000, 0), 0u);
    EXPECT_EQ(refusal(bench), ioremap_refusal::nothing_asked);
    EXPECT_EQ(map(bench, ~0ull - 100, 4096), 0u);
    EXPECT_EQ(refusal(bench), ioremap_refusal::wraps);
    EXPECT_EQ(map(bench, u64{1} << 48, 4096), 0u);
    EXPECT_EQ(refusal(bench), ioremap_refusal::above_kernel);
    KernelBench i386(512, architecture::i386);
    EXPECT_EQ(map(i386, 0xfffff000, 8192), 0u) << "phys_addr_t has 32 bits";
    EXPECT_EQ(refusal(i386), ioremap_refusal::above_kernel);
    EXPECT_EQ(map(i386, 0xc0000000, 512 * MIB), 0u);
    EXPECT_EQ(refusal(i386), ioremap_refusal::no_addresses);
    bench.expect_sound();
    i386.expect_sound();
}

// arch/arm64/mm/ioremap.c of 5.10 added the offset first, and a page was left of 0 bytes.
TEST(Ioremap, NothingAtAnOffsetWasAPageBefore6_1) {
    KernelBench before(256, architecture::arm64, v5_10), after(256);
    EXPECT_NE(map(before, 0x9000004, 0), 0u);
    EXPECT_EQ(map(before, 0x9000000, 0), 0u);
    EXPECT_EQ(map(after, 0x9000004, 0), 0u);
}

TEST(Ioremap, IounmapIgnoresWhatIsNotThere) {
    KernelBench bench(256);
    const u64 address = map(bench, 0x9000000, 4096);
    EXPECT_TRUE(unmap(bench, address));
    EXPECT_FALSE(unmap(bench, address));
    EXPECT_EQ(bench.count(kernel_event::vfree_bad), 1) << "vunmap() of arm64 warns";
    KernelBench i386(512, architecture::i386);
    EXPECT_FALSE(unmap(i386, 0xc0001000));
    EXPECT_EQ(i386.last(kernel_event::iounmap_ignored).arg[1], static_cast<i64>(iounmap_misuse::below_vmalloc));
    EXPECT_FALSE(unmap(i386, i386.machine.kernel.vmalloc_start));
    EXPECT_EQ(i386.last(kernel_event::iounmap_ignored).arg[1], static_cast<i64>(iounmap_misuse::bad_address_x86));
    bench.expect_sound();
}

TEST(Ioremap, AddressesWaitForThePurgeLikeAllOthers) {
    KernelBench bench(256);
    unmap(bench, map(bench, 0x9000000, 4096));
    EXPECT_EQ(bench.machine.kernel.vmap.vmap_lazy_nr, 2u);
    bench.expect_sound();
}

} // namespace
} // namespace mm
