#include "recording/state.h"

#include <gtest/gtest.h>

namespace mm {
namespace {

StateReader read_all(std::string_view text, std::vector<StateLine>* kinds = nullptr) {
    StateReader reader;
    LineReader lines(text);
    std::string_view line;
    while (lines.next(line)) {
        const StateLine kind = reader.read(line);
        if (kinds) kinds->push_back(kind);
    }
    return reader;
}

TEST(RecordingState, DumpHasListsInOrderForEveryZone) {
    const StateReader reader =
        read_all("ZONE 0 DMA start_pfn=40000 spanned=400 present=400 managed=3f0 free=21 cmafree=3 wm=10,20,30\n"
                 "FL 0 DMA o=0 mt=0: 40010 40003 4000f\n"
                 "FL 0 DMA o=3 mt=4: 40100\n"
                 "PCP 0 DMA cpu=0 pcp=3/1219/63 free_factor=2 l0:40001,40002(2) l3:40006(1)\n"
                 "PB 0 DMA (pageblock_order=9; runs first_pfn+count:type): 40000+1:0 40200+1:-2\n"
                 "ZONE 1 Normal start_pfn=100000 spanned=200 present=200 managed=200 free=0 wm=1,2,3\n");
    ASSERT_EQ(reader.dumps.size(), 1u);
    const RecordedDump& dump = reader.dumps[0];
    ASSERT_EQ(dump.zones.size(), 2u);
    const recorded_zone& zone = dump.zones[0];
    EXPECT_EQ(zone.start_pfn, 0x40000u);
    EXPECT_EQ(zone.managed_pages, 0x3f0u);
    EXPECT_EQ(zone.nr_free_pages, 21);
    EXPECT_EQ(zone.nr_free_cma, 3);
    EXPECT_EQ(zone.watermark, (std::array<u32, 3>{10, 20, 30}));
    ASSERT_EQ(zone.free_lists.size(), 2u);
    EXPECT_EQ(zone.free_lists[0].pfns, (std::vector<pfn_t>{0x40010, 0x40003, 0x4000f}));
    EXPECT_EQ(zone.free_lists[1].order, 3);
    EXPECT_EQ(zone.free_lists[1].type, MIGRATE_CMA);
    ASSERT_EQ(zone.cpus.size(), 1u);
    EXPECT_EQ(zone.cpus[0].high, 1219);
    EXPECT_EQ(zone.cpus[0].free_factor, 2);
    ASSERT_EQ(zone.cpus[0].lists.size(), 2u);
    EXPECT_EQ(zone.cpus[0].lists[1].index, 3);
    EXPECT_EQ(zone.block_types[1].type, -2);
    EXPECT_EQ(dump.pageblock_order, 9u);
    EXPECT_EQ(dump.zones[1].type, zone_type::normal);
    EXPECT_EQ(dump.zones[1].nr_free_cma, -1); // 5.10 without CMA: not printed
}

// Recorded on 6.1 amd64: movable pages in pageblocks that unmovable requests have claimed since.
TEST(RecordingState, RememberedTypesBelongToTheirCpu) {
    const std::string lines = "ZONE 0 DMA32 start_pfn=1000 spanned=1000 present=1000 managed=1000 free=0 wm=1,2,3\n"
                              "PCP 0 DMA32 cpu=0 pcp=3/1168/63 free_factor=0 l1:420e,420c,29ce(3)\n"
                              "PB 0 DMA32 (pageblock_order=9; runs first_pfn+count:type): 1000+16:1 4200+1:0\n";
    const StateReader none = read_all(lines);
    EXPECT_FALSE(none.dumps[0].tells_remembered);
    const StateReader reader = read_all(lines + "PCPMT 0 DMA32 cpu=0 (pfn:remembered type): 420e:1 29ce:4 420c:1\n");
    EXPECT_TRUE(reader.dumps[0].tells_remembered);
    const auto& remembered = reader.dumps[0].zones[0].cpus[0].remembered;
    ASSERT_EQ(remembered.size(), 2u);
    EXPECT_EQ(remembered[0].type, MIGRATE_MOVABLE);
    EXPECT_EQ(remembered[0].pfns, (std::vector<pfn_t>{0x420e, 0x420c}));
    EXPECT_EQ(remembered[1].type, MIGRATE_CMA);
    EXPECT_EQ(remembered[1].pfns, std::vector<pfn_t>{0x29ce});
}

TEST(RecordingState, PcpLineOf612HasItsFactors) {
    const StateReader reader = read_all(
        "ZONE 0 DMA start_pfn=0 spanned=1 present=1 managed=1 free=0 cmafree=0 wm=0,0,0\n"
        "PCP 0 DMA cpu=3 pcp=12/252/63 high_min=252 high_max=300 flags=3 alloc_factor=2 free_count=-7 l13:200(1)\n");
    const auto& cpu = reader.dumps[0].zones[0].cpus[0];
    EXPECT_EQ(cpu.cpu, 3);
    EXPECT_EQ(cpu.high_min, 252);
    EXPECT_EQ(cpu.high_max, 300);
    EXPECT_EQ(cpu.flags, 3);
    EXPECT_EQ(cpu.alloc_factor, 2);
    EXPECT_EQ(cpu.free_count, -7);
}

TEST(RecordingState, SummaryHasNodesZonelistsZonesAndCounters) {
    const StateReader reader = read_all(
        "NODE 0 start=40000 spanned=80000 present=80000 totalreserve=2022\n"
        "  zonelist[0]: 0:DMA(idx0) 1:Normal(idx2)\n"
        "  zonelist[1]: 0:DMA(idx0)\n"
        "  zone[0] DMA start=40000 spanned=524288 present=524288 managed=509200 wm=1004,1513,2022 boost=512 "
        "lowmem_reserve=0,0,964,964 highatomic=0\n"
        "   0:DMA free=495912 nr=1,3,3 pcp=716/756/63 l0:48364,48365(31) l1:41e09(1)\n"
        "  zone[1] DMA32 start=0 spanned=0 present=0 managed=0 wm=0,0,0 boost=0 lowmem_reserve=0,0,0,0 highatomic=0\n"
        "NODE 1 start=c0000 spanned=80000 present=80000 totalreserve=2917\n");
    ASSERT_EQ(reader.summaries.size(), 1u);
    ASSERT_EQ(reader.summaries[0].size(), 2u);
    const RecordedNodeSummary& node = reader.summaries[0][0];
    EXPECT_EQ(node.totalreserve, 2022);
    ASSERT_EQ(node.zonelists.size(), 2u);
    EXPECT_EQ(node.zonelists[0][1], (RecordedZoneRef{1, zone_type::normal}));
    ASSERT_EQ(node.zones.size(), 2u);
    EXPECT_EQ(node.zones[0].boost, 512);
    EXPECT_EQ(node.zones[0].lowmem_reserve, (std::vector<i64>{0, 0, 964, 964}));
    ASSERT_TRUE(node.zones[0].counters.has_value());
    EXPECT_EQ(node.zones[0].counters->lists[0].length, 31u);
    EXPECT_EQ(node.zones[0].counters->nr_free, (std::vector<u32>{1, 3, 3}));
    EXPECT_FALSE(node.zones[1].counters.has_value());
}

TEST(RecordingState, SecondDumpBeginsWhereAZoneComesAgain) {
    const std::string zone = "ZONE 0 DMA start_pfn=0 spanned=1 present=1 managed=1 free=0 cmafree=0 wm=0,0,0\n";
    EXPECT_EQ(read_all(zone + zone).dumps.size(), 2u);
}

TEST(RecordingState, DamagedLinesAreUnreadableAndChangeNothing) {
    const std::vector<std::string> damaged = {
        "NODE 9 start=0 spanned=0 present=0 totalreserve=0",
        "NODE 0 start=",
        "  zonelist[0]: 0:DMA(idx0)", // no node before
        "  zone[0] DMA start=0",
        "ZONE 0 DMA start_pfn=zz",
        "ZONE 0 Nowhere start_pfn=0 spanned=1 present=1 managed=1 free=0 cmafree=0 wm=0,0,0",
        "ZONE 0 DMA start_pfn=0 spanned=1 present=1 managed=1 free=0 cmafree=0 wm=0,0",
        "ZONE 0 DMA start_pfn=ffffffffffffffffff spanned=1 present=1 managed=1 free=0 wm=0,0,0",
        "FL 0 DMA o=0 mt=0: 1", // no zone before
        "PCP 0 DMA cpu=0 pcp=0/0/0",
        "PB 0 DMA (pageblock_order=9; runs first_pfn+count:type): 0+1:0",
        "PCPMT 0 DMA cpu=0 (pfn:remembered type): 1:1",
        "   0:DMA free=1 nr= pcp=0/0/0",
        "   0:DMA free=1 nr=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 pcp=0/0/0",
        "   0:DMA free=1 nr=1 pcp=0/0/0 l99:1(1)",
        "   0:DMA free=1 nr=1 pcp=0/0/0 l0:1(1",
    };
    for (const std::string& line : damaged) {
        std::vector<StateLine> kinds;
        const StateReader reader = read_all(line, &kinds);
        EXPECT_EQ(kinds, std::vector<StateLine>{StateLine::unreadable}) << line;
        EXPECT_TRUE(reader.dumps.empty() && reader.summaries.empty()) << line;
    }
}

TEST(RecordingState, DamagedLinesInsideADumpAreUnreadable) {
    const std::string zone = "ZONE 0 DMA start_pfn=0 spanned=1 present=1 managed=1 free=0 cmafree=0 wm=0,0,0\n";
    for (const std::string line :
         {"FL 0 Normal o=0 mt=0: 1", "FL 0 DMA o=14 mt=0: 1", "FL 0 DMA o=0 mt=6: 1", "FL 0 DMA o=0 mt=0: ffffffff",
          "FL 0 DMA o=0 mt=0: 1 x", "PCP 0 DMA cpu=64 pcp=0/0/0", "PCP 0 DMA cpu=0 pcp=0/16777217/1",
          "PCP 0 DMA cpu=0 pcp=0/0/1 high_min=1 high_max=2147483647",
          "PCP 0 DMA cpu=1 pcp=0/0/0\nPCP 0 DMA cpu=1 pcp=0/0/0", "PCPMT 0 DMA cpu=0 (pfn:remembered type): 1:1",
          "PCP 0 DMA cpu=1 pcp=0/0/0\nPCPMT 0 DMA cpu=1 (pfn:remembered type): 1:6",
          "PCP 0 DMA cpu=1 pcp=0/0/0\nPCPMT 0 DMA cpu=1 (pfn:remembered type): 1:1 2",
          "PCP 0 DMA cpu=1 pcp=0/0/0\nPCPMT 0 DMA cpu=1 (pfn:remembered type): 1:1\n"
          "PCPMT 0 DMA cpu=1 (pfn:remembered type): 1:1",
          "ZONE 1 DMA start_pfn=0 spanned=1 present=1 managed=1 free=-9223372036854775807 wm=0,0,0",
          "PCP 0 DMA cpu=0 pcp=2/0/0 l0:1,2(3)", "PB 0 DMA (pageblock_order=9; x): 0+99999999999:0",
          "PB 0 DMA (pageblock_order=9; x): 0+1:7"}) {
        std::vector<StateLine> kinds;
        const StateReader reader = read_all(zone + line, &kinds);
        EXPECT_EQ(kinds.back(), StateLine::unreadable) << line;
    }
}

TEST(RecordingState, OtherTextIsNotState) {
    for (const std::string line :
         {"", "PAGE_OFFSET=ffff000000000000", "WALK 0 root=0", "  L0(pgd) table=0", "   text"}) {
        StateReader reader;
        EXPECT_EQ(reader.read(line), StateLine::not_state) << line;
    }
}

} // namespace
} // namespace mm
