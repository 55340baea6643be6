#include "recording/memblock.h"

#include <gtest/gtest.h>

namespace mm {
namespace {

using Kind = RecordedMemblockStep::Kind;

// As a kernel prints it, shortened.
constexpr std::string_view LOG =
    "[    0.000000] memblock_add: [0x0000000000001000-0x000000000009fbff] e820__memblock_setup+0x65/0x7d\n"
    "[    0.000000] MEMBLOCK configuration:\n"
    "[    0.000000]  memory size = 0x000000000009ec00 reserved size = 0x0000000000010000\n"
    "[    0.000000]  memory.cnt  = 0x1\n"
    "[    0.000000]  memory[0x0]\t[0x0000000000001000-0x000000000009efff], 0x000000000009e000 bytes flags: 0x0\n"
    "[    0.000000]  reserved.cnt  = 0x1\n"
    "[    0.000000]  reserved[0x0]\t[0x0000000000000000-0x000000000000ffff], 0x0000000000010000 bytes on node 0 flags: "
    "0x0\n"
    "[    0.000000] memblock_phys_alloc_range: 28672 bytes align=0x1000 from=0x0000000000000000 "
    "max_addr=0x0000000000100000 reserve_real_mode+0x50/0x89\n"
    "[    0.000000] memblock_reserve: [0x0000000000098000-0x000000000009efff] memblock_alloc_range_nid+0xb0/0x13d\n"
    "[    0.000000] memblock_phys_free: [0x0000000000098000-0x0000000000098fff] somebody+0x22e/0x31f\n"
    "[    0.000000] RAMDISK: [mem 0x3fc44000-0x3ffcffff]\n"
    "[    0.000000] ACPI: SRAT: Node 1 PXM 1 [mem 0x100000000-0x17fffffff]\n"
    "[    0.000000] ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x0009ffff]\n"
    "[    0.000000] ACPI: SRAT: Node 0 PXM 0 [mem 0x00100000-0x7fffffff]\n"
    "[    0.000000] memblock_reserve: [0x000000000001a000-0x0000000000043fff] memblock_alloc_range_nid+0xb0/0x13d\n"
    "[    0.000000] NODE_DATA(0) allocated [mem 0x0001a000-0x00043fff]\n"
    "[    0.000000] memblock_alloc_exact_nid_raw: 4096 bytes align=0x40 nid=1 from=0x1000 max_addr=0x0 "
    "sparse+0x40/0x65\n"
    "[    2.048283] Freeing initrd memory: 3632K\n"
    "[    3.031770] Freeing unused decrypted memory: 2036K\n"
    "[    3.165559] Freeing unused kernel image (initmem) memory: 2824K\n";

TEST(RecordedMemblock, CallsAreReadInOrder) {
    const RecordedMemblock log = parse_memblock_log(LOG);
    EXPECT_EQ(log.lines_of_memblock, 6u);
    EXPECT_EQ(log.unreadable, 0u);
    ASSERT_EQ(log.steps.size(), 7u);
    EXPECT_EQ(log.steps[0].kind, Kind::add);
    EXPECT_EQ(log.steps[0].base, 0x1000u);
    EXPECT_EQ(log.steps[0].end, 0x9fc00u) << "the last byte is part of it";
    const RecordedMemblockStep& alloc = log.steps[2];
    EXPECT_EQ(alloc.kind, Kind::alloc);
    EXPECT_EQ(alloc.call, "memblock_phys_alloc_range");
    EXPECT_EQ(alloc.size, 28672u);
    EXPECT_EQ(alloc.align, 0x1000u);
    EXPECT_EQ(alloc.max_addr, 0x100000u);
    EXPECT_EQ(alloc.node, -1);
    EXPECT_EQ(alloc.base, 0x98000u) << "what the next line reserved";
    EXPECT_EQ(log.steps[3].kind, Kind::free);
    EXPECT_EQ(log.steps[6].call, "memblock_alloc_exact_nid_raw");
    EXPECT_EQ(log.steps[6].node, 1);
    EXPECT_EQ(log.steps[6].end, 0u) << "nothing was reserved: it failed";
}

TEST(RecordedMemblock, ListsHaveTheirTotalsAndNodes) {
    const RecordedMemblockLists lists = parse_memblock_log(LOG).steps[1].lists;
    EXPECT_EQ(lists.memory_size, 0x9ec00u);
    EXPECT_EQ(lists.reserved_size, 0x10000u);
    EXPECT_EQ(lists.memory_cnt, 1u);
    ASSERT_EQ(lists.memory.size(), 1u);
    EXPECT_EQ(lists.memory[0].end, 0x9f000u);
    EXPECT_EQ(lists.memory[0].node, -1);
    ASSERT_EQ(lists.reserved.size(), 1u);
    EXPECT_EQ(lists.reserved[0].node, 0);
}

// Node 0 has two ranges with a hole between them and nothing of another node: they are one.
TEST(RecordedMemblock, NodesHoldBeforeTheNextCall) {
    const RecordedMemblock log = parse_memblock_log(LOG);
    const RecordedMemblockStep& nodes = log.steps[4];
    ASSERT_EQ(nodes.kind, Kind::nodes);
    ASSERT_EQ(nodes.nodes.size(), 2u);
    EXPECT_EQ(nodes.nodes[0].base, 0u);
    EXPECT_EQ(nodes.nodes[0].end, 0x80000000u);
    EXPECT_EQ(nodes.nodes[1].node, 1);
    EXPECT_EQ(log.steps[5].kind, Kind::node_data);
    EXPECT_EQ(log.steps[5].size, 0x2a000u);
}

TEST(RecordedMemblock, WhatIsFreedLaterIsCounted) {
    const RecordedMemblock log = parse_memblock_log(LOG);
    EXPECT_EQ(log.ramdisk, 0x3fc44000u);
    EXPECT_EQ(log.initrd_freed_kib, 3632u);
    EXPECT_EQ(log.image_freed_kib, 2036u + 2824u);
}

TEST(RecordedMemblock, LinesThatMakeNoSenseAreCounted) {
    for (const char* line :
         {"memblock_add: [0x2000-0x1fff] x", "memblock_add: 0x1000", "memblock_grow: [0x1000-0x1fff] x",
          "memblock_alloc_try_nid: many bytes", "memblock_reserve: [0x0-0xffffffffffffffff] x",
          "memblock_alloc_try_nid: 8 bytes align=0x8 nid=-2 from=0x0 max_addr=0x0 x", "memblock_"}) {
        const RecordedMemblock log = parse_memblock_log(line);
        EXPECT_EQ(log.unreadable, 1u) << line;
        EXPECT_TRUE(log.steps.empty()) << line;
    }
    EXPECT_TRUE(parse_memblock_log("").steps.empty());
    EXPECT_TRUE(parse_memblock_log("NODE_DATA(0) allocated [mem 0x1000-0x1fff]\n memory.cnt  = 0x1\n[ half a time")
                    .steps.empty());
}

} // namespace
} // namespace mm
