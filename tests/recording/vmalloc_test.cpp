#include "recording/vmalloc.h"

#include <gtest/gtest.h>

namespace mm {
namespace {

TEST(RecordingVmalloc, LinesOfVmallocinfo) {
    const std::vector<VmallocLine> lines = parse_vmallocinfo(
        "0xffff80000a09d000-0xffff80000a09f000    8192 o_write+0x18b0/0x1e64 [oracle] pages=1 vmalloc N0=1\n"
        "something else\n"
        "0xffff80000a033000-0xffff80000a038000   20480 unpurged vm_area\n"
        "0xffff80000a033000-0xffff80000a038000   20481 a size that is not that of the range\n"
        "0xffff80000a038000-0xffff80000a033000   20480 backwards\n");
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0].start, 0xffff80000a09d000u);
    EXPECT_EQ(lines[0].end, 0xffff80000a09f000u);
    EXPECT_FALSE(lines[0].unpurged);
    EXPECT_EQ(lines[0].what, "o_write+0x18b0/0x1e64 [oracle] pages=1 vmalloc N0=1");
    EXPECT_EQ(lines[1].line, 3u);
    EXPECT_TRUE(lines[1].unpurged);
}

TEST(RecordingVmalloc, EntriesOfALog) {
    const std::vector<VmallocEntry> log =
        parse_vmalloc_log("### script\nv 0 4097\nvm 10 4\nvf 0\n### log\n"
                          "1 v slot=0 size=4097 -> ffff80000a035000 pfns 43951 452e2\n"
                          "WALK ffff80000a033000 root=41858000 levels=4 va_bits=48\n"
                          "2 vm slot=10 n=4 -> ffff80000a27f000 pfns 4384c\n"
                          "3 vf slot=0 ffff80000a035000\n"
                          "4 a slot=0 order=0 gfp=2800 -> pfn=46000 zone=0:DMA\n");
    ASSERT_EQ(log.size(), 3u);
    EXPECT_EQ(log[0].kind, VmallocEntry::Kind::vmalloc);
    EXPECT_EQ(log[0].size, 4097u);
    EXPECT_EQ(log[0].address, 0xffff80000a035000u);
    EXPECT_EQ(log[1].kind, VmallocEntry::Kind::vmap);
    EXPECT_EQ(log[1].pages, 4u);
    EXPECT_EQ(log[1].slot, 10u);
    EXPECT_EQ(log[1].line, 8u);
    EXPECT_EQ(log[2].kind, VmallocEntry::Kind::free);
    EXPECT_EQ(log[2].address, 0xffff80000a035000u);
    EXPECT_EQ(log[2].command, 3u);
}

TEST(RecordingVmalloc, APrintedAddressStandsByItsName) {
    const std::string text = "PAGE_OFFSET=ffff000000000000 VMALLOC_START=ffff800008000000\n"
                             "PHYS_OFFSET(memstart_addr)=40000000 tcr_el1=5\n";
    EXPECT_EQ(printed_address(text, "VMALLOC_START"), 0xffff800008000000u);
    EXPECT_EQ(printed_address(text, "tcr_el1"), 5u);
    EXPECT_EQ(printed_address(text, "VMALLOC_END"), std::nullopt);
}

} // namespace
} // namespace mm
