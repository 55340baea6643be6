#include "kernel/vmalloc.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "kernel/bench.h"
#include "kernel/events.h"
#include "machine/deciding_event.h"
#include "machine/machine.h"
#include "mmu/arm64/boot_map.h"
#include "physical/page_alloc.h"

namespace mm {
namespace {

class Vmalloc : public testing::Test {
  protected:
    explicit Vmalloc(u64 mib = 64, kernel_version kernel = kernel_version::v6_1) : machine_(machine_of(mib, kernel)) {
        sink_.store_in(&events_);
    }

    static Machine machine_of(u64 mib, kernel_version kernel) {
        machine_profile profile;
        profile.arch = architecture::arm64;
        profile.kernel = kernel;
        declare_memory(profile, mib << 20);
        return std::move(make_machine(std::move(profile)).value());
    }
    kernel_context cx() { return {machine_.kernel, machine_.mmu, {machine_.physical, sink_, 0, ++machine_.step}}; }
    u64 alloc(u64 size) {
        kernel_context context = cx();
        return vmalloc_node(context, size, GFP_KERNEL, -1);
    }
    void free(u64 address) {
        kernel_context context = cx();
        vfree(context, address);
    }
    // The kernel image stands 64 KiB behind the begin of the space, and a guard page behind its last part.
    u64 behind_image() const {
        const image_part last = image_parts(*machine_.profile).back();
        return last.virt + last.size + 4096;
    }
    u64 offset(u64 address) const { return address - machine_.kernel.vmalloc_start; }
    u64 free_pages_now() const {
        u64 pages = 0;
        for (const zone& z : machine_.physical.zones) pages += static_cast<u64>(z.nr_free_pages);
        return pages;
    }
    int count(kernel_event kind) const {
        int n = 0;
        for (const Event& event : events_) n += event.kind == static_cast<u16>(kind);
        return n;
    }
    void expect_sound() const { EXPECT_EQ(verify(machine_).value_or("all is well"), "all is well"); }

    Machine machine_;
    EventSink sink_;
    std::vector<Event> events_;
};

// The addresses that a recorded 6.1 kernel prints: VMALLOC_START=ffff800008000000 VMALLOC_END=fffffbfff0000000.
TEST_F(Vmalloc, BeginsWhereTheKernelsDoes) {
    EXPECT_EQ(machine_.kernel.vmalloc_start, 0xffff800008000000u);
    EXPECT_EQ(machine_.kernel.vmalloc_end, 0xfffffbfff0000000u);
}

TEST_F(Vmalloc, AGuardPageFollowsEachArea) {
    EXPECT_EQ(offset(alloc(1)), 0u);
    EXPECT_EQ(offset(alloc(4096)), 0x2000u);
    EXPECT_EQ(offset(alloc(4097)), 0x4000u);
    EXPECT_EQ(offset(alloc(1)), 0x7000u) << "two pages and the guard page";
    expect_sound();
}

TEST_F(Vmalloc, EachPageIsItsOwn) {
    const u64 address = alloc(40960);
    for (u64 i = 0; i < 10; ++i) {
        const frame_t frame = vmalloc_to_pfn(machine_.kernel, machine_.physical, address + i * 4096 + 5);
        ASSERT_TRUE(machine_.physical.has_frame(frame));
        const auto pfn = static_cast<pfn_t>(frame);
        EXPECT_EQ(machine_.physical.page_at(pfn).refcount, 1);
        EXPECT_EQ(machine_.physical.page_at(pfn).order(), 0);
    }
    EXPECT_EQ(vmalloc_to_pfn(machine_.kernel, machine_.physical, address + 40960), FRAME_NONE) << "the guard page";
    EXPECT_EQ(machine_.kernel.nr_vmalloc_pages, 10u);
    free(address);
    EXPECT_EQ(machine_.kernel.nr_vmalloc_pages, 0u);
    EXPECT_EQ(vmalloc_to_pfn(machine_.kernel, machine_.physical, address), FRAME_NONE);
    expect_sound();
}

TEST_F(Vmalloc, FreedAddressesWaitForThePurge) {
    const u64 first = alloc(8192);
    free(first);
    EXPECT_EQ(offset(alloc(8192)), 0x3000u);
    kernel_context context = cx();
    purge_vmap_areas(context);
    EXPECT_EQ(alloc(8192), first);
    expect_sound();
}

// 8 bytes a page: 512 pages fill a page of pointers, 513 need an area.
TEST_F(Vmalloc, ALongArrayOfPagesIsAnAreaItself) {
    const u64 small = alloc(512 * 4096);
    EXPECT_EQ(count(kernel_event::vmalloc_array), 0);
    EXPECT_EQ(small, behind_image());
    const u64 large = alloc(513 * 4096);
    EXPECT_EQ(count(kernel_event::vmalloc_array), 1);
    EXPECT_EQ(offset(alloc(1)), 0x3000u) << "8 KiB of pointers and a guard page stand in front of the image";
    EXPECT_EQ(machine_.kernel.nr_vmalloc_pages, 512u + 513 + 2 + 1);
    free(large);
    EXPECT_EQ(machine_.kernel.nr_vmalloc_pages, 512u + 1);
    EXPECT_EQ(machine_.kernel.vmap.vmap_lazy_nr, 514u + 3);
    expect_sound();
}

// 32 MiB of addresses may wait on one CPU: the area whose vfree passes that is the last to wait.
TEST_F(Vmalloc, TooManyLazyPagesArePurged) {
    std::vector<u64> held;
    for (int i = 0; i < 9; ++i) {
        held.push_back(alloc(1023 * 4096));
        free(held.back());
    }
    // 1024 pages of addresses each and 3 of the array of pages: 8 × 1027 are 8216, above 8192.
    EXPECT_EQ(count(kernel_event::vmap_purge), 1);
    EXPECT_EQ(held[0], behind_image());
    EXPECT_EQ(held[8], behind_image()) << "after the purge the first addresses are free again";
    expect_sound();
}

TEST_F(Vmalloc, WhatCannotBeHadIsNull) {
    const u64 free_before = free_pages_now();
    EXPECT_EQ(alloc(0), 0u);
    EXPECT_EQ(alloc(u64{1} << 40), 0u);
    EXPECT_EQ(alloc(63 << 20), 0u) << "not so many pages are free";
    EXPECT_EQ(count(kernel_event::vmalloc_failed), 3);
    EXPECT_EQ(machine_.kernel.nr_vmalloc_pages, 0u);
    EXPECT_LE(free_before - free_pages_now(), 600u) << "what is missing waits on per-CPU lists";
    expect_sound();
}

// lib/test_vmalloc.c, align_shift_alloc_test: a page at 1 << i. arm64's space, 124 TiB less, holds a multiple of 64 TiB with as much
// before it, and no area of 128 TiB. What cannot be had is NULL and leaves nothing.
TEST(VmallocAligned, APageAtEachPowerOfTwo) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        test::KernelBench bench(256, architecture::arm64, kernel);
        for (u32 i = 0; i < 64; ++i) {
            kernel_context cx = bench.cx();
            purge_vmap_areas(cx);
            const u64 before = canonical_hash(bench.machine);
            vmalloc_request request{.size = 4096, .node = 0};
            request.align = u64{1} << i;
            const u64 address = vmalloc(cx, request);
            EXPECT_EQ(address != 0, i < 47) << i;
            if (address == 0) {
                EXPECT_EQ(canonical_hash(bench.machine), before) << i;
            } else {
                EXPECT_EQ(address & (request.align - 1), 0u) << i;
                EXPECT_TRUE(vfree(cx, address));
            }
        }
        bench.expect_sound();
    }
}

// fix_align_alloc_test: five pages at THREAD_ALIGN << 1, which is 32 KiB here.
TEST(VmallocAligned, FivePagesAtTwoStacks) {
    test::KernelBench bench(256);
    u64 before = 0;
    for (int i = 0; i < 20; ++i) {
        kernel_context cx = bench.cx();
        const u64 address = vmalloc(cx, {.size = 5 * 4096, .align = 32768});
        EXPECT_EQ(address % 32768, 0u);
        EXPECT_GT(address, before);
        before = address;
    }
    bench.expect_sound();
}

// A 32-bit kernel's alignment has 32 bits.
TEST(VmallocAligned, WhatIsNoPowerOfTwoIsRefused) {
    for (const kernel_version kernel : {kernel_version::v6_1, kernel_version::v6_12}) {
        test::KernelBench bench(256, architecture::arm64, kernel);
        kernel_context cx = bench.cx();
        for (const u64 align : {u64{0}, u64{12288}}) {
            EXPECT_EQ(vmalloc(cx, {.size = 4096, .align = align}), 0u);
            EXPECT_EQ(bench.last(kernel_event::vmalloc_failed).arg[1],
                      static_cast<i64>(kernel == kernel_version::v6_12 ? vmalloc_failure::bad_align
                                                                       : vmalloc_failure::bad_align_bug));
        }
    }
    test::KernelBench narrow(1024, architecture::i386);
    kernel_context cx = narrow.cx();
    EXPECT_EQ(vmalloc(cx, {.size = 4096, .align = u64{1} << 32}), 0u);
}

// i386: the space is small, and what is left of it is not in one piece.
TEST(VmallocHoles, AFailureNamesTheLargestHoleAndTheWholeSpace) {
    test::KernelBench bench(2048, architecture::i386);
    kernel_context cx = bench.cx();
    const u64 space = bench.machine.kernel.vmalloc_end - bench.machine.kernel.vmalloc_start;
    EXPECT_EQ(vmalloc_node(cx, 200 << 20, GFP_KERNEL, -1), 0u);
    const Event none = bench.last(kernel_event::vmap_area_none);
    EXPECT_EQ(none.arg[0], (200 << 20) + 4096);
    EXPECT_EQ(static_cast<u64>(none.arg[2]), space);
    EXPECT_EQ(static_cast<u64>(none.arg[3]), space);
    // Three areas of 1 MiB with their guard pages; the middle one is freed and purged: two holes, the larger behind.
    std::array<u64, 3> areas{};
    for (u64& area : areas) area = vmalloc_node(cx, 1 << 20, GFP_KERNEL, -1);
    EXPECT_TRUE(vfree(cx, areas[1]));
    purge_vmap_areas(cx);
    EXPECT_EQ(vmalloc_node(cx, 200 << 20, GFP_KERNEL, -1), 0u);
    EXPECT_EQ(static_cast<u64>(bench.last(kernel_event::vmap_area_none).arg[2]), space - 3 * ((1 << 20) + 4096));
    EXPECT_EQ(bench.last(kernel_event::vmap_area_none).arg[4], 0);
    EXPECT_EQ(deciding_event(bench.events),
              std::find_if(bench.events.begin(), bench.events.end(), [](const Event& event) {
                  return event.kind == static_cast<u16>(kernel_event::vmap_area_none);
              }) - bench.events.begin());
}

TEST_F(Vmalloc, FreeingWhatIsNotThereIsWarnedOf) {
    const u64 address = alloc(4096);
    free(0);
    EXPECT_EQ(count(kernel_event::vfree_null), 1);
    free(address + 1);
    free(address + 4096);
    free(address);
    free(address);
    EXPECT_EQ(count(kernel_event::vfree_bad), 3);
    EXPECT_EQ(count(kernel_event::vfree), 1);
    expect_sound();
}

TEST_F(Vmalloc, VmapShowsPagesThatStayTheCallers) {
    physical_context page{machine_.physical, sink_, 0, 0};
    const pfn_t block = alloc_pages(page, {2, GFP_KERNEL, -1});
    const std::vector<pfn_t> pages{block + 3, block, block + 1};
    kernel_context context = cx();
    const u64 address = vmap(context, pages);
    EXPECT_EQ(vmalloc_to_pfn(machine_.kernel, machine_.physical, address), block + 3);
    EXPECT_EQ(vmalloc_to_pfn(machine_.kernel, machine_.physical, address + 4096), block);
    EXPECT_EQ(machine_.kernel.nr_vmalloc_pages, 0u);
    vunmap(context, address);
    EXPECT_EQ(machine_.physical.page_at(block).state(), page_state::allocated);
    EXPECT_EQ(count(kernel_event::vunmap_loses_pages), 0);
    expect_sound();
}

// __vunmap(addr, 0) drops the record of the pages and frees none of them.
TEST_F(Vmalloc, VunmapOfAVmallocAreaLosesItsPages) {
    const u64 address = alloc(3 * 4096);
    const pfn_t pfn = vmalloc_to_pfn(machine_.kernel, machine_.physical, address);
    kernel_context context = cx();
    EXPECT_TRUE(vunmap(context, address));
    EXPECT_EQ(count(kernel_event::vunmap_loses_pages), 1);
    EXPECT_EQ(machine_.physical.page_at(pfn).state(), page_state::allocated);
    EXPECT_EQ(machine_.kernel.nr_vmalloc_pages, 3u);
    free(address);
    EXPECT_EQ(count(kernel_event::vfree_bad), 1) << "nothing is at the address any more";
    expect_sound();
}

// The kernel image's lines are not among them: they depend on how much of the image a small machine has room for.
TEST_F(Vmalloc, VmallocinfoIsWrittenAsTheKernelDoes) {
    alloc(4096);
    const u64 freed = alloc(8192);
    const u64 large = alloc(600 * 4096);
    free(freed);
    EXPECT_EQ(large, behind_image());
    std::string others, image;
    const std::string text = vmallocinfo(machine_.kernel, machine_.physical);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at) + 1;
        const std::string line = text.substr(at, end - at);
        (line.find(" phys=") == std::string::npos ? others : image) += line;
        at = end;
    }
    char expected[64];
    std::snprintf(expected, sizeof expected, "0x%016llx-0x%016llx 2461696", static_cast<unsigned long long>(large),
                  static_cast<unsigned long long>(large + 601 * 4096));
    EXPECT_EQ(others, "0xffff800008000000-0xffff800008002000    8192 pages=1 vmalloc N0=1\n"
                      "0xffff800008005000-0xffff800008008000   12288 pages=2 vmalloc N0=2\n" +
                          std::string(expected) +
                          " pages=600 vmalloc vpages N0=600\n"
                          "0xffff800008002000-0xffff800008005000   12288 unpurged vm_area\n");
    EXPECT_EQ(std::count(image.begin(), image.end(), '\n'), 5);
    EXPECT_TRUE(image.starts_with("0xffff800008010000-")) << image;
}

} // namespace
} // namespace mm
