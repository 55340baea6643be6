#include "mmu/x86/boot_map_i386.h"

#include "base/rng.h"
#include "mmu/events.h"
#include "mmu/ops_on_machine.h"
#include "mmu/recordings.h"
#include "mmu/start_page_tables.h"
#include "mmu/x86/segment_events.h"
#include "physical/boot.h"
#include "physical/linear_map.h"

namespace mm {
namespace {

using enum kernel_version;

constexpr u64 KiB = 1024, MiB = KiB << 10, GiB = MiB << 10;
constexpr u64 PAGE_OFFSET = 0xc0000000;

machine_profile declared(u64 bytes, kernel_version kernel = v6_1) {
    machine_profile profile;
    profile.arch = architecture::i386;
    profile.kernel = kernel;
    declare_memory(profile, bytes);
    return profile;
}

// What 6.1.0-50-686-m1024s1 tells: usable ranges of BIOS-e820 without page 0, and the image up to the end of its bss.
machine_profile recorded_1g() {
    machine_profile profile;
    profile.arch = architecture::i386;
    profile.memory = {{0x1000, 0x9f000 - 0x1000, 0}, {0x100000, 0x3ffd7000 - 0x100000, 0}};
    profile.reserved = {{0x1000000, 0xee6000, 0}};
    return profile;
}

Machine machine_of(machine_profile profile) { return std::move(make_machine(std::move(profile)).value()); }

walk_result walk_to(const Machine& machine, u64 address) { return walk(machine.mmu, INIT_MM, address); }
// The last entry on the way.
u64 entry(const Machine& machine, u64 address) { return walk_to(machine, address).last().entry; }

// Leaves between PAGE_OFFSET and the end of low memory, in KiB: /proc/meminfo's DirectMap4k and DirectMap4M.
struct DirectMap {
    u64 pages = 0, blocks = 0;
    friend bool operator==(const DirectMap&, const DirectMap&) = default;
};
DirectMap direct_map(const Machine& machine) {
    const linear_map map = linear_map_of(*machine.profile);
    DirectMap counted;
    for (u64 address = PAGE_OFFSET; address < map.end;) {
        const walk_result way = walk_to(machine, address);
        const u64 size = way.nr_steps == 1 && way.found ? 4 * MiB : 4 * KiB;
        if (way.found) (size > 4 * KiB ? counted.blocks : counted.pages) += size / KiB;
        address += size;
    }
    return counted;
}

//   pgd[768]  c0000000  table: 0163, 1163, ...            163 = P RW A D G; 1e3 with PS
//   pgd[769]  c0400000  4001e3
//   pgd[986]  f6800000  table: 36800163 ... 36bfd163, 0, 0
TEST(BootMapI386, HandDrawnEntriesOf1GiB) {
    const Machine machine = machine_of(declared(GiB));
    EXPECT_EQ(entry(machine, 0xc0000000), 0x163u);
    EXPECT_EQ(entry(machine, 0xc0001fff), 0x1163u);
    EXPECT_EQ(entry(machine, 0xc00a0000), 0xa0163u) << "video memory, where there is no RAM";
    EXPECT_EQ(entry(machine, 0xc03ff000), 0x3ff163u);
    EXPECT_EQ(entry(machine, 0xc0400000), 0x4001e3u);
    EXPECT_EQ(entry(machine, 0xc3000123), 0x30001e3u);
    EXPECT_EQ(entry(machine, 0xf67fffff), 0x364001e3u);
    EXPECT_EQ(entry(machine, 0xf6800000), 0x36800163u);
    EXPECT_EQ(entry(machine, 0xf6bfdfff), 0x36bfd163u);
    EXPECT_EQ(entry(machine, 0xf6bfe000), 0u);
    EXPECT_EQ(entry(machine, 0xf6c00000), 0u);
    const walk_result low = walk_to(machine, 0xc0000000), block = walk_to(machine, 0xc0400000);
    ASSERT_EQ(low.nr_steps, 2u);
    EXPECT_EQ(low.steps[0].index, 768u);
    EXPECT_EQ(low.steps[0].entry & 0xfff, 0x67u) << "_PAGE_TABLE";
    ASSERT_EQ(block.nr_steps, 1u);
    EXPECT_EQ(block.steps[0].index, 769u);
    EXPECT_EQ(block.leaf_size, 4 * MiB);
}

TEST(BootMapI386, LowMemoryIsThePhysicalAddressPlusPageOffset) {
    Rng random(38);
    for (const kernel_version kernel : {v5_10, v6_1, v6_12})
        for (const u64 mib : {4u, 16u, 64u, 130u, 512u, 1024u, 3072u}) {
            const Machine machine = machine_of(declared(mib * MiB, kernel));
            const linear_map map = linear_map_of(*machine.profile);
            const memory_region& last = machine.profile->memory.back();
            const u64 end = std::min(last.start + last.size, map.lowmem_end);
            for (int i = 0; i < 500; ++i) {
                const u64 phys = i == 0 ? 0 : i == 1 ? end - 1 : random.below(static_cast<u32>(end));
                const walk_result way = walk_to(machine, phys + PAGE_OFFSET);
                ASSERT_TRUE(way.found) << mib << " MiB, " << std::hex << phys;
                EXPECT_EQ(way.phys, phys);
                EXPECT_EQ(way.phys, map.virt_to_phys(phys + PAGE_OFFSET));
                EXPECT_EQ(way.leaf_size, phys < 4 * MiB || phys >= end / (4 * MiB) * (4 * MiB) ? 4 * KiB : 4 * MiB);
            }
            EXPECT_FALSE(walk_to(machine, end + PAGE_OFFSET).found);
            EXPECT_EQ(verify(machine).value_or("all is well"), "all is well") << mib;
        }
}

//   64 MiB │ block │ block │ 256 pages ┊ hole ┊ block ... │        pages begin and end where a piece does
//          64      ...     80         81      96
TEST(BootMapI386, PiecesBeginAndEndInPages) {
    machine_profile profile = declared(64 * MiB);
    profile.memory = {{0x1000, 0x9e000, 0}, {MiB, 80 * MiB, 0}, {96 * MiB, 5 * MiB, 0}, {101 * MiB, 7 * MiB, 0}};
    const Machine machine = machine_of(profile);
    EXPECT_EQ(walk_to(machine, PAGE_OFFSET + 76 * MiB).leaf_size, 4 * MiB);
    EXPECT_EQ(walk_to(machine, PAGE_OFFSET + 80 * MiB).leaf_size, 4 * KiB);
    EXPECT_TRUE(walk_to(machine, PAGE_OFFSET + 81 * MiB - 1).found);
    EXPECT_FALSE(walk_to(machine, PAGE_OFFSET + 81 * MiB).found);
    EXPECT_FALSE(walk_to(machine, PAGE_OFFSET + 96 * MiB - 1).found);
    EXPECT_EQ(walk_to(machine, PAGE_OFFSET + 96 * MiB).leaf_size, 4 * MiB);
    EXPECT_EQ(walk_to(machine, PAGE_OFFSET + 100 * MiB).leaf_size, 4 * MiB) << "regions that touch are one piece";
    // 1024 pages below 4 MiB and 256 at 80 MiB; 19 blocks to 80 MiB and 3 from 96 MiB.
    EXPECT_EQ(direct_map(machine), (DirectMap{(1024 + 256) * 4, (19 + 3) * 4096}));
    EXPECT_EQ(verify(machine).value_or("all is well"), "all is well");
}

u64 number_in(std::string_view file, std::string_view before, int base) {
    for (const std::string& line : test::recorded_lines("oracle/6.1.0-50-686-m1024s1/" + std::string(file)))
        if (const std::size_t at = line.find(before); at != std::string::npos)
            return std::stoull(line.substr(at + before.size()), nullptr, base);
    ADD_FAILURE() << "no line of " << file << " has " << before;
    return 0;
}

TEST(BootMapI386, ARecordedMachineHasTheseLeavesAndOneBlockSplitByMarkRodataRo) {
    const Machine booted = machine_of(recorded_1g());
    const DirectMap recorded = {number_in("static-meminfo", "DirectMap4k:", 10),
                                number_in("static-meminfo", "DirectMap4M:", 10)};
    EXPECT_EQ(direct_map(booted), (DirectMap{recorded.pages - 4096, recorded.blocks + 4096}));
    EXPECT_EQ(recorded.pages + recorded.blocks, number_in("static-dmesg", "low ram: 0 - ", 16) / KiB);
    // What mark_rodata_ro() does, from the first byte of the image on.
    const u64 text = PAGE_OFFSET + booted.profile->reserved.front().start;
    const u64 size = number_in("static-dmesg", "Write protecting kernel text and read-only data: ", 10) * KiB;
    Machine running = booted;
    EventSink quiet;
    mmu_context cx{running.mmu, {running.physical, quiet, 0, 1}};
    const pgprot_t read_only = pgprot_of(running.mmu.format, protection::PAGE_KERNEL_RO);
    ASSERT_EQ(protect_range(cx, INIT_MM, text, size, read_only).bytes, size);
    EXPECT_EQ(direct_map(running), recorded);
    EXPECT_EQ(entry(running, 0xc1000000), 0x10001e1u);
    EXPECT_EQ(entry(running, 0xc1c38000), 0x1c38161u);
    EXPECT_EQ(entry(running, 0xc1c39000), 0x1c39163u);
}

TEST(BootMapI386, TablesAreReservedFramesOfLowMemory) {
    for (const u64 mib : {16u, 64u, 1024u}) {
        const machine_profile profile = declared(mib * MiB);
        EventSink quiet;
        physical_memory mem = boot(profile, quiet);
        const physical_memory before = mem;
        mmu_memory mmu;
        start_page_tables(mmu, mem, profile);
        EXPECT_GE(mmu.nr_records, 5u); // pgd, first 4 MiB, two of the fixmap, PKMAP
        for (table_id id = 0; id < mmu.nr_records; ++id) {
            const pfn_t pfn = mmu.tables[id].pfn;
            EXPECT_EQ(mem.page_at(pfn).state(), page_state::reserved);
            EXPECT_TRUE(linear_map_of(profile).has_address(u64{pfn} << 12));
            EXPECT_EQ(walk(mmu, INIT_MM, PAGE_OFFSET + (u64{pfn} << 12)).phys, u64{pfn} << 12);
        }
        for (std::size_t i = 0; i < mem.zones.size(); ++i)
            EXPECT_EQ(mem.zones[i].nr_free_pages, before.zones[i].nr_free_pages);
    }
}

TEST(BootMapI386, AMachineThatReservesNothingHasItsTablesBehindTheMemory) {
    machine_profile profile = declared(64 * MiB);
    profile.reserved.clear();
    const Machine machine = machine_of(profile);
    EXPECT_EQ(walk_to(machine, 0xc0000000).steps[0].table, 64 * MiB / 4096);
    EXPECT_EQ(walk_to(machine, 0xc0123456).phys, 0x123456u);
    EXPECT_EQ(verify(machine).value_or("all is well"), "all is well");
}

TEST(BootMapI386, HighMemoryBeginsWhereTheProfileSaysAndNotAboveMaxmem) {
    machine_profile profile = declared(GiB);
    profile.highmem_start_pfn = 0x10010;
    EXPECT_TRUE(walk_to(machine_of(profile), PAGE_OFFSET + 0x1000f000).found);
    EXPECT_FALSE(walk_to(machine_of(profile), PAGE_OFFSET + 0x10010000).found);
    profile.highmem_start_pfn = 1 << 20;
    EXPECT_TRUE(walk_to(machine_of(profile), 0xf6bfdfff).found);
    EXPECT_FALSE(walk_to(machine_of(profile), 0xf6bfe000).found);
}

// ---- through ops, with 64 MiB

class LowMemoryOps : public test::OpsOnMachine {
  protected:
    static constexpr i64 KERNEL_DS = 0x68, USER_DS = 0x7b, WRITE = 1;

    LowMemoryOps() : OpsOnMachine(architecture::i386) {}
};

TEST_F(LowMemoryOps, ShowPteFindsIt) {
    EXPECT_EQ(run("show_pte", {{"address", 0xc3000123}}), OpOutcome::done);
    EXPECT_EQ(count(mmu_event::walk_step), 1);
    const Event* found = find(mmu_event::walk_found);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->arg[1], 0x3000123);
    EXPECT_EQ(found->arg[2], i64{4 * MiB});
    EXPECT_EQ(run("show_pte", {{"address", 0xc0000123}}), OpOutcome::done);
    EXPECT_EQ(count(mmu_event::walk_step), 2);
}

// 0x68 is __KERNEL_DS: base 0, so the offset is the linear address.
TEST_F(LowMemoryOps, TheKernelWritesToItWithoutAnOops) {
    run("alloc_page", {}, PAGES);
    const u64 phys = u64{machine_.results[PAGES].pfn()} << 12;
    const auto address = static_cast<i64>(PAGE_OFFSET + phys + 0x123);
    const Fields access = {{"selector", KERNEL_DS}, {"offset", address}, {"kind", WRITE}, {"cpl", 0}};
    EXPECT_EQ(run("logical_access", access), OpOutcome::done);
    ASSERT_NE(find(mmu_event::walk_found), nullptr);
    EXPECT_EQ(find(mmu_event::walk_found)->arg[1], static_cast<i64>(phys + 0x123));
    EXPECT_EQ(find(tlb_event::fault_ends), nullptr);
    EXPECT_EQ(run("logical_access", access), OpOutcome::done);
    EXPECT_EQ(count(tlb_event::tlb_hit), 1);
}

// P = 1, U = 1: a page is there, and a process may not have it.
TEST_F(LowMemoryOps, AProcessMayNotReadIt) {
    map_a_page(0x8048000);
    run("switch_mm", {{"mm", SPACE}});
    EXPECT_EQ(run("logical_access", {{"selector", USER_DS}, {"offset", 0xc3000000}}), OpOutcome::refused);
    ASSERT_NE(find(tlb_event::page_fault_taken), nullptr);
    EXPECT_EQ(find(tlb_event::page_fault_taken)->arg[1], 5);
}

TEST_F(LowMemoryOps, UnmappingAPageSplitsItsBlock) {
    EXPECT_EQ(run("unmap_page_range", {{"address", 0xc3001000}, {"size", 4096}}), OpOutcome::done);
    EXPECT_EQ(count(mmu_event::block_split), 1);
    EXPECT_EQ(entry(machine_, 0xc3000000), 0x3000163u);
    EXPECT_EQ(entry(machine_, 0xc3001000), 0u);
    EXPECT_EQ(entry(machine_, 0xc33ff000), 0x33ff163u);
}

} // namespace
} // namespace mm
