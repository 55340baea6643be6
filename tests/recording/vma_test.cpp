#include "recording/vma.h"

#include <gtest/gtest.h>

#include <string>

namespace mm {
namespace {

using Kind = RecordedVmaStep::Kind;

TEST(VmaLog, ReadsCallsMapsAccessesAndDumps) {
    const RecordedVmaLog log =
        parse_vma_log("==== start\n"
                      "00400000-00482000 r-xp 00001000 00:02 50      /k/a file\n"
                      "7000-8000 rw-p 00000000 00:00 0 \n"
                      "\n"
                      "MM exe pgd=f(pa 4) mmap_base=8000 task_size=9000 map_count=2 total_vm=30 locked_vm=1 "
                      "data_vm=3 exec_vm=4 stack_vm=5 hiwater_rss=0 def_flags=2000\n"
                      "  code=400000-481490 data=49c730-4a2030 brk=508000-52a000 stack=7de0 arg=1-2 env=3-4\n"
                      "  VMA 400000-482000 flags=75 pgoff=1 prot=0 anon_vma=ff file=aa\n"
                      "A b: mmap(0, 1000, prot=3, flags=22, fd=-1, off=0) = -ENOMEM\n"
                      "munmap(7000, 1000) = 0\n"
                      "  access w 7008 -> SIGSEGV SEGV_MAPERR si_addr=7008 esr=92000047 minflt+0 majflt+0\n"
                      "madvise(7000, 1000, DONTNEED past the end (hole)) = ENOMEM\n"
                      "mlock(+1p,2p) = 0\n"
                      "something else\n");
    ASSERT_EQ(log.steps.size(), 7u);
    ASSERT_EQ(log.steps[0].maps.size(), 2u);
    EXPECT_EQ(log.steps[0].maps[0].name, "/k/a file");
    EXPECT_EQ(log.steps[0].maps[0].offset, 0x1000u);
    EXPECT_EQ(log.steps[0].maps[1].name, "");
    ASSERT_EQ(log.mms.size(), 1u);
    EXPECT_EQ(log.mms[0].total_vm, 30u);
    EXPECT_EQ(log.mms[0].start_brk, 0x508000u);
    ASSERT_EQ(log.mms[0].vmas.size(), 1u);
    EXPECT_EQ(log.mms[0].vmas[0].flags, 0x75u);
    EXPECT_EQ(log.steps[2].title, "A b");
    EXPECT_EQ(log.steps[2].args[4], ~0ull);
    EXPECT_EQ(log.steps[2].error, "ENOMEM");
    EXPECT_EQ(log.steps[3].kind, Kind::munmap);
    EXPECT_EQ(log.steps[3].args[0], 0x7000u);
    EXPECT_EQ(log.steps[4].error, "SIGSEGV SEGV_MAPERR");
    EXPECT_EQ(log.steps[4].fault_address, 0x7008u);
    EXPECT_EQ(log.steps[5].word, "DONTNEED");
    EXPECT_EQ(log.steps[5].error, "ENOMEM");
    EXPECT_EQ(log.steps[6].args[1], 2u);
    EXPECT_EQ(log.other_lines.size(), 1u);
}

TEST(VmaLog, ReadsPagesSmapsStatusAndFaults) {
    const RecordedVmaLog log = parse_vma_log(
        "==== a\n"
        "echo never > /sys/kernel/mm/transparent_hugepage/enabled\n"
        "VmPTE after mmap=28 kB\n"
        "  access w 7000 -> ok minflt+1 majflt+2\n"
        "  access r 9000 -> SIGBUS BUS_ADRERR si_addr=9000 esr=92000007 minflt+0 majflt+0\n"
        "  page two words 7000: pagemap=8100000000041d42 present=1 swap=0 file=0 softdirty=0 excl=1 pfn=41d42 count=3 "
        "flags=MMAP,ANON,\n"
        "WALK 7000 root=43824000 levels=4 va_bits=48\n"
        "  L0(pgd) table=ffff000003824000 idx=0 raw=0000000000000000 invalid\n"
        "    7000-9000 rw-p 00000000 00:00 0 \n"
        "    Rss:                  12 kB\n"
        "    VmFlags: rd wr mr mw me ac \n"
        "    VmPeak:\t    1496 kB\n"
        "    VmRSS:\t       4 kB\n"
        "minflt+32 majflt+0\n"
        "  after one read at page 20: 16 pages mapped, from 16 to 31 (fault-around)\n"
        "  after one private write at page 20: 1 pages mapped\n"
        "mincore=0 vec=0010\n");
    ASSERT_EQ(log.steps.size(), 12u);
    EXPECT_TRUE(log.other_lines.empty());
    EXPECT_EQ(log.steps[0].kind, Kind::thp);
    EXPECT_EQ(log.steps[0].word, "never");
    EXPECT_EQ(log.steps[1].fields.at("VmPTE"), 28u);
    EXPECT_EQ(log.steps[2].minor, 1u);
    EXPECT_EQ(log.steps[2].major, 2u);
    EXPECT_EQ(log.steps[3].esr, 0x92000007u);
    EXPECT_EQ(log.steps[4].page.name, "two words");
    EXPECT_EQ(log.steps[4].page.address, 0x7000u);
    EXPECT_EQ(log.steps[4].page.pagemap & PAGEMAP_PFN, 0x41d42u);
    EXPECT_TRUE((log.steps[4].page.pagemap & PAGEMAP_EXCLUSIVE) != 0);
    EXPECT_EQ(log.steps[4].page.mapcount, 3u);
    EXPECT_EQ(log.steps[4].page.flags, "MMAP,ANON,");
    EXPECT_EQ(log.steps[5].kind, Kind::walk);
    ASSERT_EQ(log.walks.size(), 1u);
    EXPECT_EQ(log.steps[6].args[0], 0x7000u);
    EXPECT_EQ(log.steps[6].fields.at("Rss"), 12u);
    EXPECT_EQ(log.steps[6].flags, "rd wr mr mw me ac ");
    EXPECT_EQ(log.steps[7].fields.at("VmPeak"), 1496u);
    EXPECT_EQ(log.steps[7].fields.at("VmRSS"), 4u);
    EXPECT_EQ(log.steps[8].minor, 32u);
    EXPECT_EQ(log.steps[9].args[2], 31u);
    EXPECT_EQ(log.steps[10].args[0], 1u);
    EXPECT_EQ(log.steps[10].args[3], 0u);
    EXPECT_EQ(log.steps[11].word, "0010");
}

// The program prints no fork: its scenes say where the child goes on.
TEST(VmaLog, ProcessesTakeTurnsWhereTheProgramForks) {
    const RecordedVmaLog log = parse_vma_log("==== fork\n"
                                             "zp: mmap(7000, 1000, prot=3, flags=32, fd=-1, off=0) = 7000\n"
                                             "  access r 7000 -> ok minflt+1 majflt+0\n"
                                             "  page child zp 41100000: pagemap=0 count=0 flags=\n"
                                             "  page child zp after write 41100000: pagemap=0 count=0 flags=\n"
                                             "  page parent zp 41100000: pagemap=0 count=0 flags=\n"
                                             "other: mmap(7000, 1000, prot=3, flags=32, fd=-1, off=0) = 7000\n"
                                             "  page child zp 41100000: pagemap=0 count=0 flags=\n");
    std::vector<Kind> kinds;
    for (const RecordedVmaStep& step : log.steps) kinds.push_back(step.kind);
    EXPECT_EQ(kinds, (std::vector<Kind>{Kind::mmap, Kind::access, Kind::fork, Kind::page, Kind::page, Kind::exit,
                                        Kind::page, Kind::mmap, Kind::page}));
}

TEST(VmaLog, TextThatEndsAnywhereIsRead) {
    const std::string text =
        "seed=11 n=2\n---- 0\nmmap(0, 1000, prot=3, flags=22, fd=-1, off=0) = 7000\nMM exe mmap_base=8";
    for (std::size_t length = 0; length <= text.size(); ++length) {
        const RecordedVmaLog log = parse_vma_log(std::string_view(text).substr(0, length));
        EXPECT_LE(log.steps.size(), 2u);
    }
}

} // namespace
} // namespace mm
