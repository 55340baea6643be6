// Machines that are made for pasted /proc/buddyinfo. The texts are of the form that kernels of each architecture print.
#include "scenario/counted_machine.h"

#include <gtest/gtest.h>

#include "both_languages.h"
#include "machine/machine.h"
#include "scenario/buddyinfo.h"
#include "scenario/scenario.h"

namespace mm {
namespace {

std::vector<buddyinfo_row> rows_of(const std::string& text) {
    const auto rows = read_buddyinfo(text);
    EXPECT_TRUE(rows.ok()) << rows.error().text();
    return rows ? *rows : std::vector<buddyinfo_row>{};
}

// As the kernel writes them: the name in 8 columns, each count in 6.
struct Sample {
    const char* name;
    architecture arch;
    u32 page_size;
    const char* text;
};
const Sample samples[] = {
    // 3,975 pages: all that a PC's DMA zone has.
    {"a PC", architecture::x86_64, 4096,
     "Node 0, zone      DMA      1      1      0      0      2      1      1      0      1      1      3 \n"
     "Node 0, zone    DMA32   4021   2873   1501    733    301    120     44     17      5      2    310 \n"
     "Node 0, zone   Normal  91223  40218  11234   4122   1200    377    101     33     11      3    702 \n"},
    {"a PC with 2 GiB", architecture::x86_64, 4096,
     "Node 0, zone      DMA      0      0      0      0      0      0      0      0      1      1      2 \n"
     "Node 0, zone    DMA32   1201    833    501    233    101     60     24      7      5      2    400 \n"},
    {"two nodes", architecture::x86_64, 4096,
     "Node 0, zone      DMA      0      0      0      0      0      0      0      0      1      1      2 \n"
     "Node 0, zone    DMA32     12      8      5      3      1      6      4      7      5      2    500 \n"
     "Node 0, zone   Normal    991    402    112     41     12     37     10      3      1      3    102 \n"
     "Node 1, zone   Normal   1991   1402    512    141    112     57     30      9      4      1     77 \n"},
    {"32 bits", architecture::i386, 4096,
     "Node 0, zone      DMA      2      1      2      1      2      2      1      0      1      1      2 \n"
     "Node 0, zone   Normal    812    411    206     98     44     20      9      4      2      1    120 \n"
     "Node 0, zone  HighMem   1022    611    306    198     84     40     19      8      4      2    220 \n"},
    {"arm64", architecture::arm64, 4096,
     "Node 0, zone      DMA    812    411    206     98     44     20      9      4      2      1    420 \n"
     "Node 0, zone   Normal   1022    611    306    198     84     40     19      8      4      2    220 \n"},
    {"arm64 with 16 KiB pages", architecture::arm64, 16384,
     "Node 0, zone      DMA    812    411    206     98     44     20      9      4      2      1      3     20 \n"},
    {"arm64 with 64 KiB pages", architecture::arm64, 65536,
     "Node 0, zone      DMA     12     11      6      8      4      2      9      4      2      1      3      2      1 "
     "     1 \n"
     "Node 0, zone   Normal      2      1      6      8      4      2      9      4      2      1      3      2      1 "
     "     2 \n"},
    {"nothing below 4 GiB", architecture::x86_64, 4096,
     "Node 0, zone   Normal      0      0      0      0      0      0      0      0      0      0      7 \n"},
    {"nothing free", architecture::arm64, 4096,
     "Node 0, zone      DMA      0      0      0      0      0      0      0      0      0      0      0 \n"},
};

TEST(CountedMachine, HasTheFreeBlocksOfTheTextItIsMadeFor) {
    for (const auto& [name, arch, page_size, text] : samples) {
        const auto profile = machine_of_counts(rows_of(text));
        ASSERT_TRUE(profile.ok()) << name << ": " << profile.error().text();
        EXPECT_EQ(profile->arch, arch) << name;
        EXPECT_EQ(profile->page_size, page_size) << name;
        const auto machine = make_machine(*profile);
        ASSERT_TRUE(machine.ok()) << name << ": " << machine.error().text();
        EXPECT_EQ(proc_buddyinfo(machine->physical), text) << name;
        EXPECT_EQ(verify(*machine), std::nullopt) << name;
        const auto scenario = parse_scenario(buddyinfo_scenario(*profile), {});
        ASSERT_TRUE(scenario.ok()) << name << ": " << scenario.error().text();
        EXPECT_EQ(scenario->profile.name, COUNTED_MACHINE);
    }
}

// arm64 with more free below 4 GiB than from 1 GiB on, and more than fits there at all.
TEST(CountedMachine, RamBeginsWhereThereIsRoomForIt) {
    const auto from_zero = machine_of_counts(rows_of("Node 0, zone DMA 0 0 0 0 0 0 0 0 0 0 800\n"
                                                     "Node 0, zone Normal 0 0 0 0 0 0 0 0 0 0 1"));
    ASSERT_TRUE(from_zero.ok()) << from_zero.error().text();
    EXPECT_EQ(from_zero->memory.front().start, 0u);
    const auto above = machine_of_counts(rows_of("Node 0, zone DMA 0 0 0 0 0 0 0 0 0 0 2000"));
    ASSERT_TRUE(above.ok()) << above.error().text();
    EXPECT_EQ(above->memory.front().start, 4ull << 30);
}

TEST(CountedMachine, WhereNoneCanBeMadeTheReasonHasItsNumbers) {
    const auto why = [](const std::string& text) {
        const auto profile = machine_of_counts(rows_of(text));
        return profile ? "made" : test::in_both(profile.error()).text();
    };
    EXPECT_TRUE(why("Node 0, zone DMA 1 2 3").starts_with("3 orders here; a kernel has 11"));
    EXPECT_EQ(why("Node 0, zone Fast 0 0 0 0 0 0 0 0 0 0 1"), "no kernel has a zone Fast");
    EXPECT_EQ(why("Node 0, zone DMA 0 0 0 0 0 0 0 0 0 0 1\nNode 0, zone Movable 0 0 0 0 0 0 0 0 0 0 1"),
              "how large zone Movable is was told to the kernel, and does not follow from its free blocks");
    EXPECT_EQ(why("Node 8, zone Normal 0 0 0 0 0 0 0 0 0 0 1"), "node 8: a machine has at most 8 nodes here");
    EXPECT_EQ(why("Node 1, zone Normal 0 0 0 0 0 0 0 0 0 0 1"), "there is node 1, but no line of node 0");
    // A PC's DMA zone has three whole blocks of 4 MiB.
    EXPECT_EQ(why("Node 0, zone DMA 0 0 0 0 0 0 0 0 0 0 4\nNode 0, zone DMA32 0 0 0 0 0 0 0 0 0 0 1"),
              "made as x86_64: node 0, zone DMA has 4096 free pages here; the zone of this machine manages 3998");
    // 65 GiB in blocks of 4 MiB, and a 16th of it, and two blocks: 17,826,816 pages and those of the zone below.
    EXPECT_TRUE(
        why("Node 0, zone Normal 0 0 0 0 0 0 0 0 0 0 16640").ends_with(" pages; a machine has at most 16777216 here"));
}

} // namespace
} // namespace mm
