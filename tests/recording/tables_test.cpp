#include "recording/tables.h"

#include <gtest/gtest.h>

namespace mm {
namespace {

TEST(RecordingTables, WalksAreReadLevelByLevel) {
    const auto walks =
        parse_walks("### log\n"
                    "WALK ffff000001dc0000 root=41858000 levels=4 va_bits=48\n"
                    "  L0(pgd) table=ffff000001858000 idx=0 raw=180000007fff8003 VT PXNTable=1 -> table phys=7fff8000\n"
                    "  L1(pud) table=ffff00003fff8000 idx=3 raw=0000000000000000 invalid\n"
                    "3 f slot=700 order=0 pfn=4384b pbtype=0\n"
                    "  L2(pmd) table=ffff00003fff8000 idx=3 raw=0000000000000000 belongs to no walk\n"
                    "WALK 0 root=48177c80 levels=5 va_bits=52\n"
                    "  L-1(pgd) table=fff0000008177c80 idx=15 raw=1 V\n");
    ASSERT_EQ(walks.size(), 2u);
    EXPECT_EQ(walks[0].line, 2u);
    EXPECT_EQ(walks[0].address, 0xffff000001dc0000u);
    EXPECT_EQ(walks[0].root, 0x41858000u);
    EXPECT_EQ(walks[0].va_bits, 48u);
    ASSERT_EQ(walks[0].steps.size(), 2u);
    EXPECT_EQ(walks[0].steps[0].raw, 0x180000007fff8003u);
    EXPECT_EQ(walks[0].steps[0].words, "VT PXNTable=1 -> table phys=7fff8000");
    EXPECT_EQ(walks[0].steps[1].index, 3u);
    EXPECT_EQ(walks[0].steps[1].words, "invalid");
    ASSERT_EQ(walks[1].steps.size(), 1u);
    EXPECT_EQ(walks[1].steps[0].level, -1);
    EXPECT_EQ(walks[1].levels, 5u);
}

TEST(RecordingTables, RunsCountsAndVmasBelongToTheirTable) {
    const auto tables = parse_tables("PT kernel root=41858000 levels=4 (runs of equal attributes and contiguous phys)\n"
                                     "ffff000000400000-ffff000001800000     20480K L2 phys=40400000 VB AttrIdx=0 sw=1\n"
                                     "fffffffffffff000-0000000000000000         4K L3 phys=1000 VT\n"
                                     "tables at L3: 526\n"
                                     "MM cat pgd=ffff0000052f1000\n"
                                     "  VMA 400000-5b3000 flags=75 pgoff=0 prot=20000000000fc3 anon_vma=0\n"
                                     "PT user root=452f1000 levels=4 (runs)\n"
                                     "0000000000400000-00000000004c0000       768K L3 phys=486a7000 VT nG=1\n"
                                     "tables at L-1: 1\n");
    ASSERT_EQ(tables.size(), 2u);
    EXPECT_FALSE(tables[0].user);
    EXPECT_TRUE(tables[0].vmas.empty());
    ASSERT_EQ(tables[0].runs.size(), 2u);
    EXPECT_EQ(tables[0].runs[0].end, 0xffff000001800000u);
    EXPECT_EQ(tables[0].runs[0].level, 2);
    EXPECT_EQ(tables[0].runs[0].words, "VB AttrIdx=0 sw=1");
    EXPECT_EQ(tables[0].runs[1].end, 0u);
    ASSERT_EQ(tables[0].counts.size(), 1u);
    EXPECT_EQ(tables[0].counts[0].tables, 526u);
    EXPECT_TRUE(tables[1].user);
    ASSERT_EQ(tables[1].vmas.size(), 1u);
    EXPECT_EQ(tables[1].vmas[0].prot, 0x20000000000fc3u);
    ASSERT_EQ(tables[1].runs.size(), 1u);
    EXPECT_EQ(tables[1].counts[0].level, -1);
}

TEST(RecordingTables, DamagedLinesAreNoRuns) {
    for (const char* line : {"PT none root=1 levels=4", "PT kernel root=x", ""})
        EXPECT_TRUE(parse_tables(line).empty());
    const std::string head = "PT kernel root=1 levels=4\n";
    for (const char* line : {"2000-1000 4K L3 phys=0 VT", "1000-2000 8K L3 phys=0 VT", "1000-2000 4K L9 phys=0 VT",
                             "1000-2000 4K L3 phys= VT", "1000-2000", "tables at L5: 3", "tables at L3: x"}) {
        const auto tables = parse_tables(head + line);
        ASSERT_EQ(tables.size(), 1u);
        EXPECT_TRUE(tables[0].runs.empty() && tables[0].counts.empty()) << line;
    }
    EXPECT_TRUE(parse_walks("  L0(pgd) table=1 idx=0 raw=1 V\nWALK x root=1 levels=4 va_bits=48\n").empty());
}

} // namespace
} // namespace mm
