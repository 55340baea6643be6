#include "recording/numa.h"

#include <gtest/gtest.h>

namespace mm {
namespace {

using Kind = RecordedNumaStep::Kind;

constexpr std::string_view FRESH = "fresh: mmap(40000000, 3000, prot=3, flags=32, fd=-1, off=0) = 40000000\n";

TEST(NumaLog, ReadsPagesOfTheNearestNode) {
    const RecordedNuma log =
        parse_numa("-- on cpu 2\n"
                   "==== task policies\n"
                   "set_mempolicy(mode=0, nodes=0, maxnode=0) = 0\n" +
                   std::string(FRESH) +
                   "  nodes first: second: 01-\n"
                   "  numa_maps 40000000 default anon=2 dirty=1 active=0 N0=1 kernelpagesize_kB=4\n");
    ASSERT_EQ(log.steps.size(), 4u);
    EXPECT_EQ(log.steps[0].cpu, 2u);
    EXPECT_EQ(log.steps[1].bytes, 0x3000u);
    EXPECT_EQ(log.steps[2].kind, Kind::nodes);
    EXPECT_EQ(log.steps[2].nodes, "01-");
    EXPECT_EQ(log.steps[3].fields.at("N0"), 1u);
}

// What a policy has placed, or moved, is none of the nearest node's.
TEST(NumaLog, LeavesOutWhatAPolicyDecides) {
    const std::string nodes = "  nodes a: 000\n", fresh(FRESH);
    for (const std::string& before :
         {"set_mempolicy(mode=2, nodes=1, maxnode=64) = 0\n" + fresh,
          fresh + "set_mempolicy(mode=3, nodes=3, maxnode=64) = 0\n",
          fresh + "mbind(40000000, 4000, mode=2, nodes=1, maxnode=64, flags=0) = 0\n",
          fresh + "migrate_pages(0 -> 1) = 0\n",
          fresh + "shared: mmap(40000000, 8000, prot=3, flags=31, fd=-1, off=0) = 40000000\n",
          std::string("==== nothing mapped\n")}) {
        const RecordedNuma log = parse_numa(before + nodes);
        for (const RecordedNumaStep& step : log.steps) EXPECT_EQ(step.kind, Kind::map) << before;
        EXPECT_FALSE(log.other_lines.empty()) << before;
    }
    EXPECT_EQ(parse_numa("set_mempolicy(mode=2, nodes=4, maxnode=64) = EINVAL\n" + fresh + nodes).steps.size(), 2u)
        << "a call that fails changes nothing";
}

TEST(NumaLog, BrokenLinesAreCounted) {
    for (const char* bad : {"-- on cpu x", "fresh: mmap(", "fresh: mmap(40000000, ffffffffff, prot=3", "  nodes a: 0x1",
                            "  nodes", "  numa_maps 40000000 default anon", "  numa_maps 1 default anon=1"})
        EXPECT_EQ(parse_numa(std::string(FRESH) + bad + "\n").steps.size(), 1u) << bad;
}

} // namespace
} // namespace mm
