// Lines of user-proc.txt, written by hand.
#include <gtest/gtest.h>

#include <algorithm>

#include "recording/c_call.h"
#include "recording/vma.h"

namespace mm {
namespace {

using Step = RecordedVmaStep;
using Kind = RecordedVmaStep::Kind;

std::vector<Kind> kinds(const RecordedVmaLog& log) {
    std::vector<Kind> all;
    for (const Step& step : log.steps) all.push_back(step.kind);
    return all;
}

TEST(CCall, ReadsSumsProductsNamesAndConstants) {
    const std::vector<CName> names = {{"A", 0x4000'0000}, {"f", 0}};
    const auto args = [&](std::string_view text) {
        const auto call = read_c_call(text, names);
        return call ? call->args : std::vector<u64>{~u64{0}};
    };
    EXPECT_EQ(args("msync((void *)A, 8 * PS, MS_SYNC | MS_ASYNC) = EINVAL"),
              (std::vector<u64>{0x4000'0000, 0x8000, 5}));
    EXPECT_EQ(args("mlock((void *)(A + 2 * PS), 3 * PS)"), (std::vector<u64>{0x4000'2000, 0x3000}));
    EXPECT_EQ(args("ftruncate(f, 5 * PS + 100)"), (std::vector<u64>{0, 5 * 4096 + 100}));
    EXPECT_EQ(args("prctl(0x53564d41, 0, A, 2 * PS, \"a name\")"),
              (std::vector<u64>{0x5356'4d41, 0, 0x4000'0000, 0x2000, 0}));
    EXPECT_EQ(args("munlockall()"), std::vector<u64>{});
    EXPECT_EQ(read_c_call("syscall(SYS_mlock2, A, PS, MLOCK_ONFAULT) = 0", names)->name, "mlock2");
    EXPECT_EQ(read_c_call("fsync(f) = 0", names)->rest, " = 0");
    for (const char* bad : {"", "msync", "msync(", "msync(B)", "msync(A", "msync(A +",
                            "f((((((((((((((((((((1))))))))))))))))))))", "f(1,2,3,4,5,6,7,8,9)", "prctl(\"open)"})
        EXPECT_FALSE(read_c_call(bad, names)) << bad;
}

TEST(ProcLog, ReadsFactsInOneLine) {
    const RecordedVmaLog log = parse_proc_log(
        "==== one\n"
        "it: mmap(7000, 2000, prot=3, flags=32, fd=-1, off=0) = 7000\n"
        "  page 0 two words 7000: L3=00e8000043955f43(AF,WRITE,DIRTY) present pfn=43955 excl=1 file=0 mapcount=2 "
        "flags=UPTODATE,MMAP [high=8]\n"
        "  page 1 8000: L1=0000000000000000 none\n"
        "  where it 7000: P -\n"
        "  mapcounts now it 7000: 2 -\n"
        "  mincore after 7000: 10\n"
        "  smaps it 7000: Size:8 Rss:4 Pss:2 VmFlags:rd wr mr mw me ac \n"
        "  status now: VmPeak:1304 VmSize:1300 VmSwap:0 statm=326 1 0 135 0 184 0\n"
        "  vmstat write (all: of it): nr_dirty+1 nr_mapped-8\n"
        "  vmstat nothing:\n"
        "  locked mlock(a+100, 1): VmLck=16 kB nr_mlock=4 nr_unevictable=3\n"
        "madvise(7000, 1000, DONTNEED of a mapping) = 0 minflt+3 majflt+1\n"
        "msync((void *)A, PS, MS_SYNC) = EBUSY\n"
        "  it: minflt+8 majflt+0\n"
        "    7000-8000 rw-p 00000000 00:00 0  VmFlags: rd wr mr mw me ac \n"
        "    8000-9000 rw-p 00000000 00:00 0  VmFlags: rd wr mr mw me rr ac \n");
    ASSERT_EQ(kinds(log), (std::vector<Kind>{Kind::mmap, Kind::entry, Kind::entry, Kind::where, Kind::mapcounts,
                                             Kind::mincore_at, Kind::smaps, Kind::status, Kind::vmstat, Kind::vmstat,
                                             Kind::locked, Kind::madvise, Kind::msync, Kind::faults, Kind::maps_part}));
    EXPECT_EQ(log.steps[1].entry.name, "0 two words");
    EXPECT_EQ(log.steps[1].entry.raw, 0x00e8'0000'4395'5f43u);
    EXPECT_EQ(log.steps[1].entry.mapcount, 2u);
    EXPECT_EQ(log.steps[1].entry.flags, "UPTODATE,MMAP,");
    EXPECT_FALSE(log.steps[2].entry.present);
    EXPECT_EQ(log.steps[2].entry.level, 1u);
    EXPECT_EQ(log.steps[3].words, (std::vector<std::string>{"P", "-"}));
    EXPECT_EQ(log.steps[4].args[0], 0x7000u);
    EXPECT_EQ(log.steps[5].word, "10");
    EXPECT_EQ(log.steps[6].fields.at("Pss"), 2u);
    EXPECT_EQ(log.steps[6].fields.at("Referenced"), 0u) << "what is not there is 0";
    EXPECT_EQ(log.steps[6].flags, "rd wr mr mw me ac ");
    EXPECT_EQ(log.steps[7].fields.at("VmSize"), 1300u);
    EXPECT_EQ(log.steps[7].words.size(), 7u);
    EXPECT_EQ(log.steps[8].changes, (std::map<std::string, i64>{{"nr_dirty", 1}, {"nr_mapped", -8}}));
    EXPECT_TRUE(log.steps[9].changes.empty());
    EXPECT_EQ(log.steps[10].fields.at("nr_mlock"), 4u);
    EXPECT_EQ(log.steps[11].minor, 3u);
    EXPECT_TRUE(log.steps[11].counted);
    EXPECT_EQ(log.steps[12].args[0], 0x7000u) << "A is the first mapping";
    EXPECT_EQ(log.steps[12].error, "EBUSY");
    EXPECT_EQ(log.steps[13].minor, 8u);
    ASSERT_EQ(log.steps[14].maps.size(), 2u);
    EXPECT_EQ(log.steps[14].maps[1].flags, "rd wr mr mw me rr ac ");
    EXPECT_TRUE(log.other_lines.empty());
}

TEST(ProcLog, KnowsWhatTheProgramDoesWithoutSayingSo) {
    const RecordedVmaLog log = parse_proc_log("==== fork depth: 2\n"
                                              "pages: mmap(7000, 2000, prot=3, flags=32, fd=-1, off=0) = 7000\n"
                                              "-- generation 0\n"
                                              "-- generation 1\n"
                                              "  access w 8000 -> ok minflt+1 majflt+0\n"
                                              "-- generation 0, its child has ended\n"
                                              "==== DONTFORK in the child\n"
                                              "    7000-8000 rw-p 00000000 00:00 0  VmFlags: rd \n"
                                              "    7000-8000 rw-p 00000000 00:00 0 \n"
                                              "==== layout with a 64 MiB stack limit\n"
                                              "-- after exec\n"
                                              "==== KSM: pages\n"
                                              "  access w 8000 -> ok minflt+1 majflt+0\n");
    EXPECT_EQ(kinds(log), (std::vector<Kind>{Kind::munmap, Kind::mmap, Kind::fill, Kind::fork, Kind::access, Kind::exit,
                                             Kind::maps_part, Kind::fork, Kind::maps_part, Kind::exit, Kind::fork,
                                             Kind::exec, Kind::exit}));
    EXPECT_TRUE(log.steps[0].silent);
    EXPECT_EQ(log.steps[0].args[0], 0x7000u);
    EXPECT_EQ(log.steps[2].args[1], 2u) << "pages that are filled";
    EXPECT_EQ(log.steps[11].args[0], 64u << 20);
    EXPECT_EQ(log.other_lines.size(), 1u) << "KSM is not modelled";
}

// Whatever is cut off or changed in a line, nothing but less is read.
TEST(ProcLog, BrokenLinesAreCounted) {
    const std::string good =
        "  page 0 7000: L3=00e8000043955f43(AF) present pfn=43955 excl=1 file=0 mapcount=2 flags=MMAP";
    for (std::size_t length = 0; length < good.size() - 11; ++length) {
        const RecordedVmaLog log = parse_proc_log("==== one\n" + good.substr(0, length) + "\n");
        EXPECT_TRUE(log.steps.empty()) << good.substr(0, length);
    }
    for (const char* bad :
         {"  where it:", "  smaps it 7000:", "  smaps it 7000: Size:x",
          "  smaps :", "  locked x: VmLck=", "  vmstat x: nr_dirty", "  status x: VmPeak:", "msync((void *)B, PS) = 0",
          "pwrite(/proc/self/mem) = ", "  value=zz", "  child's 2=", "    -7 rw-p", "  smaps heap zz"})
        (void)parse_proc_log(std::string("==== brk: x\n") + bad + "\n");
}

} // namespace
} // namespace mm
