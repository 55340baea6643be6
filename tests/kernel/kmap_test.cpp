#include "kernel/kmap.h"

#include "kernel/bench.h"

namespace mm {
namespace {

using test::KernelBench;
using enum kernel_version;

constexpr gfp_t HIGH = GFP_KERNEL | GFP_BIT_HIGHMEM;

// 1 GiB: high memory begins at frame 0x36bfe, as on the recorded machine (start_pfn 224254).
class Kmap : public testing::Test {
  protected:
    explicit Kmap(kernel_version kernel = v6_1) : bench(1024, architecture::i386, kernel, 1, 2) {}

    pfn_t high_page() {
        const pfn_t pfn = bench.alloc(HIGH);
        EXPECT_TRUE(is_highmem(bench.machine.kernel, pfn));
        return pfn;
    }
    u64 map(pfn_t pfn) {
        kernel_context cx = bench.cx();
        return kmap(cx, pfn);
    }
    bool unmap(pfn_t pfn) {
        kernel_context cx = bench.cx();
        return kunmap(cx, pfn);
    }
    u64 map_local(pfn_t pfn, u32 cpu = 0, kmap_kind kind = kmap_kind::local) {
        kernel_context cx = bench.cx(cpu);
        return kmap_local(cx, pfn, kind);
    }
    bool unmap_local(u64 address, u32 cpu = 0) {
        kernel_context cx = bench.cx(cpu);
        return kunmap_local(cx, address);
    }
    [[nodiscard]] const kmap_memory& state() const { return bench.machine.kernel.kmap; }
    [[nodiscard]] u32 count_of(u32 slot) const { return state().slots[slot].count; }
    [[nodiscard]] kmap_bug last_bug() const { return static_cast<kmap_bug>(bench.last(kernel_event::kmap_bug).arg[0]); }

    KernelBench bench;
};

class Kmap5_10 : public Kmap {
  protected:
    Kmap5_10() : Kmap(v5_10) {}
};

TEST_F(Kmap, LowMemoryHasItsAddressAlready) {
    const pfn_t pfn = bench.alloc(GFP_KERNEL);
    EXPECT_EQ(map(pfn), 0xc0000000u + (u64{pfn} << 12));
    EXPECT_EQ(map_local(pfn), 0xc0000000u + (u64{pfn} << 12));
    EXPECT_FALSE(unmap(pfn));
    EXPECT_EQ(bench.count(kernel_event::kmap_lowmem), 2);
    EXPECT_EQ(bench.count(kernel_event::kmap_bug), 0);
    bench.expect_sound();
}

// last_pkmap_nr begins with 0 and is increased before it is used: entry 1 is the first.
TEST_F(Kmap, HighMemoryGetsTheNextEntry) {
    const pfn_t a = high_page(), b = high_page();
    const u64 base = state().pkmap_base;
    EXPECT_EQ(base % (4 << 20), 0u) << "PKMAP_BASE is a whole page directory entry";
    EXPECT_EQ(state().nr_slots, 1024u);
    EXPECT_EQ(map(a), base + 4096);
    EXPECT_EQ(map(b), base + 8192);
    EXPECT_EQ(map(a), base + 4096) << "known already";
    EXPECT_EQ(count_of(1), 3u);
    EXPECT_EQ(count_of(2), 2u);
    EXPECT_EQ(bench.walk_to(base + 4096 + 5).phys, (u64{a} << 12) + 5);
    EXPECT_EQ(bench.count(kernel_event::pkmap_entry_set), 2);
    bench.expect_sound();
}

TEST_F(Kmap, TheTableIsThereSinceBoot) {
    const pfn_t pfn = high_page();
    const auto pages = [&] {
        u64 free = 0;
        for (const zone& z : bench.machine.physical.zones) free += static_cast<u64>(z.nr_free_pages);
        return free;
    };
    const u64 before = pages();
    map(pfn);
    map_local(pfn);
    EXPECT_EQ(pages(), before) << "no page was taken for a table";
    bench.expect_sound();
}

//   [ ][3][ ]  →  [ ][1][ ]   the entry stays, and a kmap() finds it again:  →  [ ][2][ ]
TEST_F(Kmap, AnUnusedEntryStaysUntilTheFlush) {
    const pfn_t pfn = high_page();
    const u64 address = map(pfn);
    map(pfn);
    EXPECT_TRUE(unmap(pfn));
    EXPECT_TRUE(unmap(pfn));
    EXPECT_EQ(count_of(1), 1u);
    EXPECT_TRUE(bench.walk_to(address).found);
    EXPECT_EQ(map(pfn), address);
    EXPECT_EQ(count_of(1), 2u);
    unmap(pfn);
    kernel_context cx = bench.cx();
    kmap_flush_unused(cx);
    EXPECT_EQ(count_of(1), 0u);
    EXPECT_FALSE(bench.walk_to(address).found);
    EXPECT_EQ(address_of_frame(bench.machine.kernel, pfn), 0u);
    bench.expect_sound();
}

TEST_F(Kmap, OneKunmapTooManyIsABug) {
    const pfn_t pfn = high_page();
    EXPECT_FALSE(unmap(pfn));
    EXPECT_EQ(last_bug(), kmap_bug::not_mapped);
    map(pfn);
    EXPECT_TRUE(unmap(pfn));
    EXPECT_FALSE(unmap(pfn));
    EXPECT_EQ(last_bug(), kmap_bug::unmapped);
    EXPECT_EQ(map(PFN_NONE), 0u);
    EXPECT_EQ(last_bug(), kmap_bug::no_page);
    bench.expect_sound();
}

//   1, 2, ... 1023, then round to 0: flush, and the next unused one
TEST_F(Kmap, ComingRoundFlushes) {
    const pfn_t first = high_page();
    const u64 address = map(first);
    unmap(first);
    for (u32 i = 2; i < 1024; ++i) ASSERT_EQ(map(high_page()), state().pkmap_base + (u64{i} << 12));
    EXPECT_EQ(bench.count(kernel_event::pkmap_flush), 0);
    EXPECT_EQ(map(high_page()), state().pkmap_base) << "entry 0";
    EXPECT_EQ(bench.count(kernel_event::pkmap_flush), 1);
    EXPECT_EQ(bench.last(kernel_event::pkmap_flush).arg[0], 1) << "the first page's";
    EXPECT_EQ(count_of(1), 0u);
    EXPECT_EQ(map(high_page()), address) << "entry 1 is the next";
    bench.expect_sound();
}

TEST_F(Kmap, AFullTableMakesOneSleep) {
    std::vector<pfn_t> pages;
    for (u32 i = 0; i < 1024; ++i) {
        pages.push_back(high_page());
        ASSERT_NE(map(pages.back()), 0u);
    }
    const pfn_t late = high_page();
    EXPECT_EQ(map(late), 0u);
    EXPECT_EQ(map(late), 0u);
    EXPECT_EQ(state().nr_waiting, 2u);
    EXPECT_EQ(state().last_pkmap_nr, 1023u) << "it went once round from 0";
    EXPECT_EQ(map(pages[7]), state().pkmap_base + 8 * 4096) << "a page that is mapped needs no entry";
    unmap(pages[7]);
    EXPECT_EQ(bench.count(kernel_event::kmap_wake_up), 0) << "it is still in use";
    unmap(pages[7]);
    EXPECT_EQ(bench.count(kernel_event::kmap_wake_up), 1);
    EXPECT_EQ(state().nr_waiting, 0u);
    EXPECT_EQ(map(late), state().pkmap_base + 8 * 4096);
    bench.expect_sound();
}

// __fix_to_virt(FIX_KMAP_BEGIN + idx + KM_MAX_IDX * cpu): addresses go down from FIXADDR_TOP, 16 a CPU.
TEST_F(Kmap, LocalMappingsAreAStackOfEachCpu) {
    const pfn_t a = high_page(), b = high_page();
    const u64 first = map_local(a), second = map_local(b, 0, kmap_kind::atomic), other = map_local(b, 1);
    EXPECT_EQ(first, 0xfffff000u - 68 * 4096);
    EXPECT_EQ(second, first - 4096);
    EXPECT_EQ(other, first - 16 * 4096);
    EXPECT_EQ(bench.walk_to(second).phys, u64{b} << 12);
    EXPECT_TRUE(unmap_local(second + 0x123)) << "any address of the page";
    EXPECT_FALSE(bench.walk_to(second).found) << "at once, without waiting";
    EXPECT_TRUE(unmap_local(first));
    EXPECT_TRUE(bench.walk_to(other).found);
    bench.expect_sound();
}

TEST_F(Kmap, AnotherOrderClearsTheWrongEntry) {
    const u64 first = map_local(high_page()), second = map_local(high_page());
    EXPECT_TRUE(unmap_local(first));
    EXPECT_EQ(bench.count(kernel_event::kunmap_local_order), 1);
    EXPECT_TRUE(bench.walk_to(first).found);
    EXPECT_FALSE(bench.walk_to(second).found);
    bench.expect_sound();
}

// BUG_ON(current->kmap_ctrl.idx >= KM_MAX_IDX) behind the increment: the sixteenth is one too many.
TEST_F(Kmap, FifteenAreTheLimit) {
    for (int i = 0; i < 15; ++i) ASSERT_NE(map_local(high_page()), 0u);
    EXPECT_EQ(map_local(high_page()), 0u);
    EXPECT_EQ(last_bug(), kmap_bug::too_deep);
    EXPECT_EQ(state().depth[0], 15);
    bench.expect_sound();
}

// KM_TYPE_NR is 20, and nothing but the next CPU's entries stops more of them.
TEST_F(Kmap5_10, HasNoLimitButTheNextCpu) {
    for (int i = 0; i < 20; ++i) ASSERT_NE(map_local(high_page(), 0, kmap_kind::atomic), 0u);
    EXPECT_EQ(map_local(high_page(), 0, kmap_kind::atomic), 0xfffff000u - (68 + 20) * 4096u) << "CPU 1's first";
    EXPECT_EQ(map_local(high_page(), 1, kmap_kind::atomic), 0u);
    EXPECT_EQ(last_bug(), kmap_bug::occupied);
    bench.expect_sound();
    Op op;
    op.kind = *find_op("kmap_local_page");
    op.arg[0] = -1;
    EXPECT_EQ(apply(bench.machine, op, bench.sink), OpOutcome::refused);
    EXPECT_EQ(bench.count(kernel_event::function_missing), 1);
}

TEST_F(Kmap, WhatIsNoSuchMappingIsLeftAlone) {
    EXPECT_FALSE(unmap_local(0xc1000000));
    EXPECT_EQ(bench.last(kernel_event::kunmap_local_nothing).arg[1], 0);
    EXPECT_FALSE(unmap_local(0x1000));
    EXPECT_EQ(bench.last(kernel_event::kunmap_local_nothing).arg[1], 1) << "WARN_ON_ONCE(addr < PAGE_OFFSET)";
    EXPECT_FALSE(unmap_local(0xfffff000 - 68 * 4096));
    EXPECT_EQ(last_bug(), kmap_bug::too_many);
    bench.expect_sound();
}

TEST(KmapElsewhere, AKernelOf64BitsHasNoHighMemory) {
    KernelBench bench(256);
    kernel_context cx = bench.cx();
    const pfn_t pfn = bench.alloc(HIGH);
    EXPECT_EQ(kmap(cx, pfn), bench.machine.kernel.arch.map.phys_to_virt(u64{pfn} << 12));
    EXPECT_EQ(kmap_local(cx, pfn, kmap_kind::local), bench.machine.kernel.arch.map.phys_to_virt(u64{pfn} << 12));
    EXPECT_FALSE(kunmap_local(cx, 0xffff000000000000));
    EXPECT_FALSE(bench.machine.kernel.kmap.up);
    bench.expect_sound();
}

// page_address() of the physical room asks kmap.
TEST_F(Kmap, PageAddressKnowsWhatIsMapped) {
    const pfn_t pfn = high_page();
    Op op;
    op.kind = *find_op("page_address");
    op.arg[0] = -1;
    op.arg[1] = pfn;
    EXPECT_EQ(apply(bench.machine, op, bench.sink), OpOutcome::returned_null);
    map(pfn);
    EXPECT_EQ(apply(bench.machine, op, bench.sink), OpOutcome::done);
}

} // namespace
} // namespace mm
