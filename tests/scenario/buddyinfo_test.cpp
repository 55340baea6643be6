#include "scenario/buddyinfo.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "both_languages.h"
#include "machine/machine.h"
#include "scenario/scenario.h"

namespace mm {

namespace {

machine_profile small_machine() {
    machine_profile profile;
    profile.memory = {{1ull << 30, 32ull << 20, 0}};
    profile.reserved = {{(1ull << 30) + (2ull << 20), 4ull << 20, 0}};
    return profile;
}

std::vector<buddyinfo_row> rows_of(const std::string& text) {
    const auto rows = read_buddyinfo(text);
    EXPECT_TRUE(rows.ok()) << rows.error().text();
    return rows ? *rows : std::vector<buddyinfo_row>{};
}

std::string misfit(const std::string& text) {
    const auto profile = with_free_blocks(small_machine(), rows_of(text));
    return profile ? "fits" : test::in_both(profile.error()).text();
}

// Free after boot: 0x40000 and 0x40600 of order 9, and six blocks of order 10 from 0x40800 on: 7168 pages.
TEST(Buddyinfo, AMachineGetsTheFreeBlocksOfTheText) {
    const std::string text =
        "Node 0, zone      DMA      3      1      0      2      0      0      0      1      1      1      5 \n";
    const auto profile = with_free_blocks(small_machine(), rows_of(text));
    ASSERT_TRUE(profile.ok()) << profile.error().text();
    const auto machine = make_machine(*profile);
    ASSERT_TRUE(machine.ok()) << machine.error().text();
    EXPECT_EQ(proc_buddyinfo(machine->physical), text);
    EXPECT_EQ(verify(*machine), std::nullopt);
    // No two free buddies of one order: the kernel would have merged them.
    const zone& z = machine->physical.zones[0];
    for (u32 order = 0; order + 1 < machine->physical.nr_orders; ++order) {
        std::vector<pfn_t> free;
        const page_list& list = z.area[order].free_list[MIGRATE_MOVABLE];
        for (pfn_t pfn = list.nr ? list.first : PFN_NONE; pfn != PFN_NONE; pfn = machine->physical.page_at(pfn).next)
            free.push_back(pfn);
        for (pfn_t pfn : free) EXPECT_EQ(std::find(free.begin(), free.end(), pfn ^ (1u << order)), free.end()) << order;
    }
    const auto scenario = parse_scenario(buddyinfo_scenario(*profile), {});
    EXPECT_TRUE(scenario.ok()) << scenario.error().text();
    EXPECT_EQ(scenario->profile.name, COUNTED_MACHINE);
}

TEST(Buddyinfo, ATextThatDoesNotFitSaysWhy) {
    EXPECT_EQ(misfit("Node 0, zone DMA 0 0 0 0 0 0 0 0 0 0 8"),
              "node 0, zone DMA has 8192 free pages here; the zone of this machine manages 7168");
    EXPECT_EQ(misfit("Node 0, zone DMA 0 0 0 0 0 0 0 0 0 0 7"),
              "node 0, zone DMA: 7 free blocks of order 10 do not fit: this machine has room for 6");
    EXPECT_TRUE(with_free_blocks(small_machine(), rows_of("Node 0, zone DMA 0 0 0 0 0 0 0 0 0 0 6")).ok());
    // 15 MiB from 0x1000 on: of the blocks of 4 MiB 0x400 and 0x800 begin and end inside.
    machine_profile dma;
    dma.arch = architecture::x86_64;
    dma.memory = {{0x1000, 15ull << 20, 0}};
    const auto three = with_free_blocks(dma, rows_of("Node 0, zone DMA 0 0 0 0 0 0 0 0 0 0 3"));
    ASSERT_FALSE(three.ok());
    EXPECT_EQ(test::in_both(three.error()).text(),
              "node 0, zone DMA: 3 free blocks of order 10 do not fit: this machine has room for 2");
    // And of those of 2 MiB 0x200 and 0xc00.
    const auto beside = with_free_blocks(dma, rows_of("Node 0, zone DMA 0 0 0 0 0 0 0 0 0 3 2"));
    ASSERT_FALSE(beside.ok());
    EXPECT_EQ(
        test::in_both(beside.error()).text(),
        "node 0, zone DMA: 3 free blocks of order 9 do not fit: beside the larger ones this machine has room for 2");
    EXPECT_TRUE(with_free_blocks(dma, rows_of("Node 0, zone DMA 0 0 0 0 0 0 0 0 0 2 2")).ok());
    EXPECT_EQ(misfit("Node 0, zone Normal 0 0 0 0 0 0 0 0 0 0 1"),
              "this machine has no memory in node 0, zone Normal; it has 0:DMA");
    EXPECT_EQ(misfit("Node 1, zone DMA 0 0 0 0 0 0 0 0 0 0 1"),
              "this machine has no memory in node 1, zone DMA; it has 0:DMA");
    EXPECT_EQ(misfit("Node 0, zone DMA 1 2 3"), "node 0, zone DMA has 3 orders here; this machine has 11");
    machine_profile two = small_machine();
    two.nodes = 2;
    two.memory = {{1ull << 30, 16ull << 20, 0}, {(1ull << 30) + (16ull << 20), 16ull << 20, 1}};
    const auto profile = with_free_blocks(two, rows_of("Node 0, zone DMA 0 0 0 0 0 0 0 0 0 0 1"));
    ASSERT_FALSE(profile.ok());
    EXPECT_EQ(test::in_both(profile.error()).text(), "zone 1:DMA of this machine is missing");
}

// A machine file lists at most 2^22 frames: a file with more would be printed, and not be read back.
TEST(Buddyinfo, MoreBlocksThanAMachineMayListAreRefused) {
    machine_profile large;
    large.memory = {{1ull << 30, 20ull << 30, 0}};
    const auto wrong = with_free_blocks(
        large, rows_of("Node 0, zone DMA 0 0 0 0 0 0 0 0 0 0 1\nNode 0, zone Normal 4194304 0 0 0 0 0 0 0 0 0 0"));
    ASSERT_FALSE(wrong.ok());
    EXPECT_EQ(wrong.error().text(),
              "node 0, zone Normal has 4194304 free blocks here; a machine may list 4194304 in all its zones");
}

TEST(Buddyinfo, ErrorsNameLineAndColumnAndTheTextIsCapped) {
    EXPECT_EQ(test::in_both(read_buddyinfo("Node 0, zone DMA 1 x").error()).text(),
              "line 1, column 20: expected the number of free blocks, a number; found \"x\"");
    EXPECT_EQ(test::in_both(read_buddyinfo(std::string(65537, ' ')).error()).text(),
              "line 1, column 1: the text has more than 65536 bytes; expected that of /proc/buddyinfo");
}

// 11 pages of 4 KiB would be 44 KiB; 4 orders name no page size.
TEST(Buddyinfo, ColumnsThatNoKernelHasAreTold) {
    for (const std::size_t orders : {1u, 10u, 11u, 12u, 13u, 14u}) {
        std::string text = "Node 0, zone Normal";
        for (std::size_t order = 0; order < orders; ++order) text += " 1";
        const auto cut = cut_rows(rows_of(text));
        EXPECT_EQ(cut.has_value(), orders != 11 && orders != 12 && orders != 14) << orders;
        if (!cut) continue;
        EXPECT_TRUE(cut->en.starts_with(std::to_string(orders) + " orders here")) << cut->en;
        EXPECT_NE(cut->zh.find(std::to_string(orders)), std::string::npos) << cut->zh;
    }
}

TEST(Buddyinfo, TheTableHasTotalsAndIndices) {
    EXPECT_EQ(
        buddyinfo_text(rows_of("Node 0, zone Normal 3 0 2 0")),
        "4 orders here; a kernel has 11 (4 KiB pages), 12 (16 KiB) or 14 (64 KiB) by default. The lines may be "
        "cut, and "
        "no page size follows from them.\n\n"
        "Node 0, zone Normal: 11 pages free, in 5 blocks, the largest of order 2\n"
        "  order    free blocks   unusable   fragmentation\n"
        "      0              3      0.000          -1.000\n"
        "      1              0      0.272          -1.000\n"
        "      2              2      0.272          -1.000\n"
        "      3              0      1.000           0.525\n\n"
        "unusable: how much of the free memory is in smaller blocks. fragmentation: why a request of the order "
        "would fail,\ntowards 0 for lack of memory, towards 1 because it is broken up; -1.000: it would succeed.\n");
}

} // namespace

} // namespace mm
