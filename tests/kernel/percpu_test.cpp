// Percpu memory. Sizes of units and places of areas are those that recorded kernels print (dmesg, /proc/vmallocinfo).
#include "kernel/percpu.h"

#include <gtest/gtest.h>

#include <vector>

#include "kernel/bench.h"

namespace mm {
namespace {

using ev = percpu_event;
using V = kernel_version;
using A = architecture;
using test::KernelBench;

struct PercpuBench : KernelBench {
    explicit PercpuBench(A arch = A::arm64, V kernel = V::v6_1, u8 nodes = 1, u16 cpus = 1)
        : KernelBench(nodes > 1 ? 1024 : 256, arch, kernel, nodes, cpus) {}
    u64 get(u64 size, u64 align = 8) {
        kernel_context context = cx();
        const u64 address = alloc_percpu(context, size, align);
        expect_sound();
        return address;
    }
    bool give(u64 address) {
        kernel_context context = cx();
        const bool done = free_percpu(context, address);
        expect_sound();
        return done;
    }
    [[nodiscard]] const percpu_memory& percpu() const { return machine.kernel.percpu; }
    [[nodiscard]] int count_of(ev kind) const {
        int n = 0;
        for (const Event& event : events) n += event.kind == static_cast<u16>(kind);
        return n;
    }
    [[nodiscard]] u64 top() const { return machine.kernel.vmalloc_end; }
};

// dmesg of Debian's kernels: "percpu: Embedded 31 pages/cpu s87272 r8192 d31512 u126976".
TEST(Percpu, UnitsAreCutAsRecordedKernelsDid) {
    struct Recorded {
        percpu_sizes sizes;
        std::vector<u32> groups;
        u32 dyn, unit;
    };
    constexpr u32 ASKED = 28 << 10, KIB4 = 4096, MIB2 = 2 << 20;
    const Recorded recorded[] = {
        {{95576, 8192, ASKED, KIB4}, {1}, 31400, 135168},    // arm64 5.10
        {{87272, 8192, ASKED, KIB4}, {1}, 31512, 126976},    // arm64 6.1
        {{87272, 8192, ASKED, KIB4}, {2, 2}, 31512, 126976}, // two nodes with two CPUs each
        {{101464, 8192, ASKED, KIB4}, {1}, 29608, 139264},   // arm64 6.12
        {{103316, 0, ASKED, KIB4}, {1}, 31852, 135168},      // 686 6.1
        {{217088, 8192, ASKED, MIB2}, {1}, 28672, 2097152},  // amd64 6.1
        {{217088, 8192, ASKED, MIB2}, {2}, 28672, 1048576},
        {{217088, 8192, ASKED, MIB2}, {2, 2}, 28672, 1048576},
        {{217088, 8192, ASKED, MIB2}, {8}, 28672, 262144},
        {{233472, 8192, ASKED, MIB2}, {1}, 28672, 2097152}, // amd64 6.12
    };
    for (const Recorded& one : recorded) {
        const percpu_layout layout = pcpu_build_alloc_info(one.sizes, one.groups, 4096);
        EXPECT_EQ(layout.dyn_size, one.dyn) << one.sizes.static_size;
        EXPECT_EQ(layout.unit_size, one.unit) << one.sizes.static_size << ", groups: " << one.groups.size();
    }
}

struct Placed {
    u64 start, end;
};

// Places these ranges in an empty space, one chunk below the other.
std::vector<Placed> place(u64 start, u64 end, const std::vector<percpu_range>& ranges, u64 align, int chunks) {
    vmap_space space = make_vmap_space(start, end, 12, 4, V::v6_1);
    std::vector<Placed> placed;
    for (int chunk = 0; chunk < chunks; ++chunk) {
        const auto base = find_congruent_base(space, ranges, align, start, end);
        if (!base) break;
        for (const percpu_range& range : ranges) {
            placed.push_back({*base + range.offset, *base + range.end()});
            EXPECT_TRUE(insert_vmap_area(space, placed.back().start, placed.back().end, vmap_state::busy));
        }
    }
    EXPECT_EQ(verify_vmap_space(space, start, end), std::nullopt);
    return placed;
}

void expect_placed(const std::vector<Placed>& placed, const std::vector<Placed>& recorded) {
    ASSERT_EQ(placed.size(), recorded.size());
    for (std::size_t i = 0; i < placed.size(); ++i) {
        EXPECT_EQ(placed[i].start, recorded[i].start) << i;
        EXPECT_EQ(placed[i].end, recorded[i].end) << i;
    }
}

// /proc/vmallocinfo of the recorded machines. What the first chunk's groups are apart is read off there, too.
TEST(Percpu, AreasStandWhereRecordedKernelsPutThem) {
    // arm64 6.1, one CPU: up to VMALLOC_END.
    expect_placed(place(0xffff800008000000, 0xfffffbfff0000000, {{0, 126976}}, 4096, 1),
                  {{0xfffffbffeffe1000, 0xfffffbfff0000000}});
    // arm64 5.10: a second chunk directly below.
    expect_placed(place(0xffff800010000000, 0xfffffdffbfff0000, {{0, 135168}}, 4096, 2),
                  {{0xfffffdffbffcf000, 0xfffffdffbfff0000}, {0xfffffdffbffae000, 0xfffffdffbffcf000}});
    // arm64 6.1, two nodes.
    expect_placed(place(0xffff800008000000, 0xfffffbfff0000000, {{0, 253952}, {0x7f7cf000, 253952}}, 4096, 1),
                  {{0xfffffbff707f3000, 0xfffffbff70831000}, {0xfffffbffeffc2000, 0xfffffbfff0000000}});
    // arm64 5.10, two nodes, two chunks.
    expect_placed(place(0xffff800010000000, 0xfffffdffbfff0000, {{0, 270336}, {0x7f7f1000, 270336}}, 4096, 2),
                  {{0xfffffdff407bd000, 0xfffffdff407ff000},
                   {0xfffffdffbffae000, 0xfffffdffbfff0000},
                   {0xfffffdff4077b000, 0xfffffdff407bd000},
                   {0xfffffdffbff6c000, 0xfffffdffbffae000}});
    // amd64 6.1, two nodes: VMALLOC_END is no multiple of 2 MiB, the areas end below it.
    expect_placed(
        place(0xffffc90000000000, 0xffffe90000000000 - 4096, {{0, 2 << 20}, {0xff000000, 2 << 20}}, 2 << 20, 1),
        {{0xffffe8ff00c00000, 0xffffe8ff00e00000}, {0xffffe8ffffc00000, 0xffffe8ffffe00000}});
}

//   free      [........a........]   [...b...]          two ranges, 8 pages apart
//   chunk                 [1]            [2]           the base goes down until both are in free areas
TEST(Percpu, AllRangesHaveToFitAtOnce) {
    constexpr u64 PAGE = 4096;
    vmap_space space = make_vmap_space(0x100000, 0x100000 + 32 * PAGE, 12, 1, V::v6_1);
    // Taken: pages 16 to 19 and 26 to 31; for 8 pages apart the upper one fits in [20, 26), the lower one in [0, 16).
    ASSERT_TRUE(insert_vmap_area(space, 0x100000 + 16 * PAGE, 0x100000 + 20 * PAGE, vmap_state::busy));
    ASSERT_TRUE(insert_vmap_area(space, 0x100000 + 26 * PAGE, 0x100000 + 32 * PAGE, vmap_state::busy));
    const std::vector<percpu_range> ranges{{0, 2 * PAGE}, {8 * PAGE, 2 * PAGE}};
    const auto base = find_congruent_base(space, ranges, PAGE, 0x100000, 0x100000 + 32 * PAGE);
    ASSERT_TRUE(base.has_value());
    EXPECT_EQ((*base - 0x100000) / PAGE, 14u) << "14 and 22: at 15 or 16 the lower one touches what is taken";
    // 3 pages apart nothing but the lower area has room for both.
    const std::vector<percpu_range> near{{0, 2 * PAGE}, {3 * PAGE, 8 * PAGE}};
    EXPECT_EQ((*find_congruent_base(space, near, PAGE, 0x100000, 0x100000 + 32 * PAGE) - 0x100000) / PAGE, 5u);
    const std::vector<percpu_range> large{{0, 2 * PAGE}, {8 * PAGE, 17 * PAGE}};
    EXPECT_FALSE(find_congruent_base(space, large, PAGE, 0x100000, 0x100000 + 32 * PAGE).has_value());
}

TEST(Percpu, ABootedMachinePutsItsFirstChunkAtTheTop) {
    for (const V kernel : {V::v5_10, V::v6_1, V::v6_12}) {
        PercpuBench bench(A::arm64, kernel);
        const u64 a = bench.get(64);
        EXPECT_EQ(a, bench.top() - bench.percpu().unit_size) << "offset 0 of the unit of CPU 0";
        EXPECT_EQ(bench.count_of(ev::percpu_create_chunk), 1);
        const std::string text = vmallocinfo(bench.machine.kernel, bench.machine.physical);
        const char* caller = kernel == V::v5_10  ? " pcpu_get_vm_areas+0x0/0x10f0 vmalloc\n"
                             : kernel == V::v6_1 ? " pcpu_get_vm_areas+0x0/0x1270 vmalloc\n"
                                                 : " pcpu_get_vm_areas+0x0/0x1120 vmalloc\n";
        EXPECT_NE(text.find(caller), std::string::npos) << text;
    }
    PercpuBench amd64(A::x86_64);
    EXPECT_EQ(amd64.get(64), 0xffffe8ffffc00000u) << "the recorded area of an amd64 machine with one CPU";
}

// Each CPU has its own page, from its own node, at the same offset of its unit.
TEST(Percpu, EveryCpuGetsACopyOnItsNode) {
    PercpuBench bench(A::arm64, V::v6_1, 2, 4);
    const u64 a = bench.get(100);
    const percpu_memory& percpu = bench.percpu();
    EXPECT_EQ(percpu.nr_groups, 2);
    EXPECT_EQ(pcpu_nr_pages(percpu), 4u);
    for (u32 cpu = 0; cpu < 4; ++cpu) {
        const u64 copy = a - percpu.unit_offset(0) + percpu.unit_offset(cpu);
        const frame_t frame = vmalloc_to_pfn(bench.machine.kernel, bench.machine.physical, copy);
        ASSERT_NE(frame, FRAME_NONE) << cpu;
        const physical_memory& mem = bench.machine.physical;
        EXPECT_EQ(mem.zones[mem.page_zone(static_cast<pfn_t>(frame))].node, cpu / 2);
        EXPECT_TRUE(bench.walk_to(copy).found);
        EXPECT_FALSE(bench.walk_to(copy + 4096).found) << "the next page has no memory yet";
    }
}

// Alignment leaves holes, and a later request fills them: first fit.
//   [a 100][4: hole][b 128 at 128]   then c of 24 at 100? it needs 8: 104
TEST(Percpu, TheLowestHoleThatFitsIsTaken) {
    PercpuBench bench;
    const u64 a = bench.get(100, 4), b = bench.get(128, 128), c = bench.get(24, 8), d = bench.get(24, 8);
    EXPECT_EQ(b - a, 128u);
    EXPECT_EQ(c - a, 104u);
    EXPECT_EQ(d - a, 256u);
    EXPECT_TRUE(bench.give(b));
    EXPECT_EQ(bench.get(128, 8) - a, 128u);
    EXPECT_EQ(bench.get(3, 1) - a, 100u) << "sizes are rounded up to 4";
}

// 126976 bytes hold three of 32 KiB; the fourth makes a chunk, below the first.
TEST(Percpu, AChunkIsMadeWhenNoneHasRoom) {
    PercpuBench bench;
    const u64 first = bench.get(32768);
    for (int i = 0; i < 2; ++i) EXPECT_NE(bench.get(32768), 0u);
    EXPECT_EQ(bench.percpu().nr_chunks, 1u);
    const u64 fourth = bench.get(32768);
    EXPECT_EQ(bench.percpu().nr_chunks, 2u);
    EXPECT_EQ(first - fourth, bench.percpu().unit_size);
    EXPECT_EQ(pcpu_nr_pages(bench.percpu()), 32u);
    // 28 KiB are left in the first: the chunk with the shorter hole is asked first.
    EXPECT_EQ(bench.get(16384) - first, 3u * 32768);
}

TEST(Percpu, OneFreeChunkIsKept) {
    PercpuBench bench;
    std::vector<u64> held;
    for (int i = 0; i < 9; ++i) held.push_back(bench.get(32768));
    EXPECT_EQ(bench.percpu().nr_chunks, 3u);
    for (const u64 address : held) EXPECT_TRUE(bench.give(address));
    EXPECT_EQ(bench.percpu().nr_chunks, 1u);
    EXPECT_EQ(bench.count_of(ev::percpu_destroy_chunk), 2);
    EXPECT_EQ(bench.machine.kernel.vmap.vmap_lazy_nr, 2u * 31) << "the addresses wait for the purge";
    EXPECT_EQ(pcpu_nr_pages(bench.percpu()), 24u) << "the kept chunk keeps its pages";
}

// mm/percpu.c warns: "illegal size or align for percpu allocation".
TEST(Percpu, IllegalRequestsAreNull) {
    PercpuBench bench;
    EXPECT_EQ(bench.get(0), 0u);
    EXPECT_EQ(bench.get(32769), 0u);
    EXPECT_EQ(bench.get(8, 24), 0u);
    EXPECT_EQ(bench.get(8, 8192), 0u);
    EXPECT_EQ(bench.count_of(ev::percpu_alloc_percpu_fail), 4);
    EXPECT_EQ(bench.percpu().nr_chunks, 0u);
    EXPECT_NE(bench.get(32768, 4096), 0u);
}

TEST(Percpu, WhatIsNoAllocationIsLeftAlone) {
    PercpuBench bench;
    const u64 a = bench.get(64);
    EXPECT_FALSE(bench.give(0));
    EXPECT_FALSE(bench.give(a + 4));
    EXPECT_FALSE(bench.give(0x1000));
    EXPECT_TRUE(bench.give(a));
    EXPECT_FALSE(bench.give(a));
    EXPECT_EQ(bench.count_of(ev::percpu_free_bad), 3);
    kernel_context context = bench.cx();
    EXPECT_FALSE(vfree(context, a)) << "the begin of its area";
    EXPECT_EQ(bench.count_of(ev::vfree_of_percpu), 1);
}

// Memory runs out: the bytes are free again, and the pages that were taken went back.
TEST(Percpu, WithoutPagesNothingIsLeftBehind) {
    PercpuBench bench(A::arm64, V::v6_1, 1, 2);
    const u64 a = bench.get(64);
    ASSERT_NE(a, 0u);
    while (bench.alloc(GFP_KERNEL) != PFN_NONE) {}
    const u32 free_bytes = bench.percpu().chunks[0].free_bytes;
    EXPECT_EQ(bench.get(8192), 0u);
    EXPECT_EQ(bench.percpu().chunks[0].free_bytes, free_bytes);
    EXPECT_EQ(pcpu_nr_pages(bench.percpu()), 2u);
}

// The coarse map: bytes in use of each page of a unit.
TEST(Percpu, TheMapTellsWhatIsInUseInEachPage) {
    PercpuBench bench;
    static_cast<void>(bench.get(5000, 8));
    static_cast<void>(bench.get(16, 4096));
    const std::vector<u32> used = bytes_in_use(bench.machine.kernel, bench.percpu().chunks[0]);
    ASSERT_EQ(used.size(), 31u);
    EXPECT_EQ(used[0], 4096u);
    EXPECT_EQ(used[1], 5000u - 4096);
    EXPECT_EQ(used[2], 16u);
    EXPECT_EQ(used[3], 0u);
}

// lib/test_vmalloc.c, pcpu_alloc_test in small: sizes up to 1 KiB, alignments of 2 to 2048, then all are freed.
TEST(Percpu, ManyOddRequestsComeAndGo) {
    KernelBench machine(256, A::arm64, V::v6_12, 1, 2, 4096);
    machine.sink = EventSink{};
    kernel_context context = machine.cx();
    std::vector<u64> held;
    u64 random = 7;
    const auto next = [&](u64 below) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        return (random >> 33) % below;
    };
    for (int i = 0; i < 3000; ++i) {
        held.push_back(alloc_percpu(context, 1 + next(1024), u64{2} << next(11)));
        ASSERT_NE(held.back(), 0u) << i;
    }
    machine.expect_sound();
    for (const u64 address : held) EXPECT_TRUE(free_percpu(context, address));
    EXPECT_EQ(machine.machine.kernel.percpu.nr_chunks, 1u);
    machine.expect_sound();
}

} // namespace
} // namespace mm
