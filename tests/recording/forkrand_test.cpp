#include "recording/forkrand.h"

#include <gtest/gtest.h>

#include <string>

namespace mm {
namespace {

using Kind = RecordedForkStep::Kind;

// A listing of one process: its first private page and its first shared one, all others empty.
std::string listing(const std::string& process, const std::string& a, const std::string& b, const std::string& rest) {
    std::string text = "  " + process + " A: " + a;
    for (u32 i = 1; i < FORKRAND_PRIVATE_PAGES; ++i) text += " -";
    text += " B: " + b;
    for (u32 i = 1; i < FORKRAND_SHARED_PAGES; ++i) text += " -";
    return text + " |" + rest + " vmas:2\n";
}

TEST(Forkrand, ReadsCallsAndWhatEveryProcessHas) {
    const RecordedForkLog log =
        parse_forkrand("seed=11 n=7 swap=0\n" + listing("p0", "-", "-", "") +
                       "1 p0 w 24 = 110 -> 0 minflt+1 majflt+2\n" + listing("p0", "z", "0", " Rss:8 Pss:4") +
                       "2 p0 fork p3 -> 0\n" + listing("p0", "0", "1", "") + listing("p3", "0c", "S12", "") +
                       "3 p3 r 5 -> SIGSEGV MAPERR\n"
                       "4 p3 r 6 -> 0 value=77 minflt+0 majflt+0\n"
                       "5 p0 mprotect 2+3 r -> 0 minflt+0 majflt+0\n"
                       "6 p0 mprotect 2+3 rw -> ENOMEM minflt+0 majflt+0\n"
                       "7 p3 exit -> 0\nend\n");
    EXPECT_FALSE(log.swap);
    EXPECT_EQ(log.other_lines, 0u);
    ASSERT_EQ(log.start.size(), 1u);
    EXPECT_EQ(log.start[0].vmas, 2u);
    ASSERT_EQ(log.steps.size(), 7u);
    const RecordedForkStep& write = log.steps[0];
    EXPECT_EQ(write.kind, Kind::write);
    EXPECT_EQ(write.page, 24u);
    EXPECT_EQ(write.value, 110u);
    EXPECT_TRUE(write.counted);
    EXPECT_EQ(write.minor, 1u);
    EXPECT_EQ(write.major, 2u);
    ASSERT_EQ(write.after.size(), 1u);
    EXPECT_EQ(write.after[0].pages[0], "z");
    EXPECT_EQ(write.after[0].pages[FORKRAND_PRIVATE_PAGES], "0");
    EXPECT_EQ(write.after[0].smaps.at("Rss"), 8u);
    EXPECT_EQ(log.steps[1].child, 3u);
    EXPECT_FALSE(log.steps[1].counted);
    ASSERT_EQ(log.steps[1].after.size(), 2u);
    EXPECT_EQ(log.steps[1].after[1].process, 3u);
    EXPECT_EQ(log.steps[1].after[1].pages[0], "0c");
    EXPECT_EQ(log.steps[1].after[1].pages[FORKRAND_PRIVATE_PAGES], "S12");
    EXPECT_EQ(log.steps[2].result, "SIGSEGV MAPERR");
    EXPECT_EQ(log.steps[3].value, 77u);
    EXPECT_EQ(log.steps[4].pages, 3u);
    EXPECT_FALSE(log.steps[4].writable);
    EXPECT_TRUE(log.steps[5].writable);
    EXPECT_EQ(log.steps[5].result, "ENOMEM");
    EXPECT_EQ(log.steps[6].kind, Kind::exit);
}

TEST(Forkrand, LinesThatNameWhatIsNotThereAreNoCalls) {
    const RecordedForkLog log =
        parse_forkrand("1 p6 r 1 -> 0\n2 p0 r 32 -> 0\n3 p0 munmap 30+3 -> 0\n4 p0 sleep -> 0\n");
    EXPECT_TRUE(log.steps.empty());
    EXPECT_EQ(log.other_lines, 4u);
}

TEST(Forkrand, TextThatEndsAnywhereIsRead) {
    const std::string text = "seed=1 n=1 swap=1\n" + listing("p0", "-", "-", " Rss:4") +
                             "1 p0 r 3 -> 0 value=1 minflt+0 majflt+0\n" + listing("p0", "0", "-", " Rss:4");
    for (std::size_t length = 0; length <= text.size(); ++length)
        EXPECT_LE(parse_forkrand(std::string_view(text).substr(0, length)).steps.size(), 1u);
}

} // namespace
} // namespace mm
