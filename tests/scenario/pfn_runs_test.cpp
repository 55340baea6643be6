#include "scenario/pfn_runs.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "both_languages.h"

namespace mm {

namespace {

std::vector<pfn_t> read(std::string_view text, std::size_t room = MAX_RUN_PFNS) {
    std::vector<pfn_t> pfns;
    const auto wrong = read_pfn_runs(text, room, pfns);
    EXPECT_FALSE(wrong.has_value()) << wrong->en;
    return pfns;
}

std::string error_of(std::string_view text, std::size_t room = MAX_RUN_PFNS) {
    std::vector<pfn_t> pfns;
    const auto wrong = read_pfn_runs(text, room, pfns);
    return wrong ? test::in_both(*wrong).en : "accepted";
}

std::string written(const std::vector<pfn_t>& pfns) {
    std::string out;
    for (const std::string& word : pfn_run_words(pfns)) out += (out.empty() ? "" : " ") + word;
    return out;
}

} // namespace

TEST(PfnRuns, AListKeepsItsOrder) {
    EXPECT_EQ(read("45349 4384f  46400+400*3\n45858-1*2"),
              (std::vector<pfn_t>{0x45349, 0x4384f, 0x46400, 0x46800, 0x46c00, 0x45858, 0x45857}));
    EXPECT_TRUE(read("").empty());
}

TEST(PfnRuns, ThreeFramesAtOneDistanceBecomeARun) {
    EXPECT_EQ(written({0x10, 0x20, 0x30, 0x40}), "10+10*4");
    EXPECT_EQ(written({0x40, 0x3f, 0x3e}), "40-1*3");
    EXPECT_EQ(written({0x10, 0x20}), "10 20");
    EXPECT_EQ(written({1, 2, 3, 10, 20, 30}), "1+1*3 a+a*3");
    EXPECT_EQ(written({5, 5, 5}), "5 5 5");
    EXPECT_EQ(written({}), "");
}

TEST(PfnRuns, WhatIsWrittenIsReadBack) {
    Rng rng(5);
    for (int round = 0; round < 300; ++round) {
        std::vector<pfn_t> pfns;
        while (pfns.size() < 40) {
            pfn_t pfn = rng.below(1u << 20) + 64 * 64;
            const u32 length = rng.below(6);
            const i64 stride = static_cast<i64>(rng.below(127)) - 63;
            for (u32 i = 0; i <= length; ++i, pfn = static_cast<pfn_t>(pfn + stride)) pfns.push_back(pfn);
        }
        EXPECT_EQ(read(written(pfns)), pfns);
    }
}

TEST(PfnRuns, ErrorsQuoteTheWord) {
    for (const char* word : {"0x45349", "xyz", "45+", "45+0*3", "45+1*0", "45*3", "45+1*3x", "45+1*", "-5", "45,46"})
        EXPECT_EQ(error_of("12 " + std::string(word)), "found \"" + std::string(word) +
                                                           "\", expected page frames in hex (45349) or runs of them "
                                                           "(46400+400*219)");
    EXPECT_EQ(error_of("10-8*4"), "\"10-8*4\" leaves the range of page frames");
    EXPECT_EQ(error_of("fffffff0+1*16"), "\"fffffff0+1*16\" leaves the range of page frames");
    EXPECT_EQ(error_of("fffffff0+1*15"), "accepted");
    EXPECT_EQ(error_of("e-1*15"), "accepted");
    EXPECT_EQ(error_of("e-1*16"), "\"e-1*16\" leaves the range of page frames");
}

// It is hex, and that is not what is wrong with it: PFN_NONE is ffffffff.
TEST(PfnRuns, ANumberThatIsTooLargeIsToldAsThat) {
    for (const std::string word : {"ffffffff", "100040000", "1ffffffff", "100040000+1*3", "ffffffffffffffffff"})
        EXPECT_EQ(error_of("12 " + word),
                  "\"" + word + "\" is too large: the last page frame that may be named is fffffffe");
    EXPECT_EQ(error_of("fffffffe"), "accepted");
    for (const std::string word : {"10+ffffffff*2", "10+100000000*2", "10-fffffffffffffffff*1"})
        EXPECT_EQ(error_of(word), "\"" + word + "\" leaves the range of page frames");
    for (const std::string word : {"10+1*4294967296", "10+1*99999999999999999999"})
        EXPECT_EQ(error_of(word), "\"" + word + "\" names more page frames than a machine may list");
    EXPECT_EQ(error_of("ffffffffffffffffffx"), "found \"ffffffffffffffffffx\", expected page frames in hex (45349) or "
                                               "runs of them (46400+400*219)");
}

TEST(PfnRuns, ARunCannotExhaustMemory) {
    EXPECT_EQ(error_of("0+1*4000000000"), "\"0+1*4000000000\" names more page frames than a machine may list");
    EXPECT_EQ(error_of("0+ffffffff*4294967295"),
              "\"0+ffffffff*4294967295\" names more page frames than a machine may list");
    EXPECT_EQ(error_of("1 2 3", 2), "\"3\" names more page frames than a machine may list");
    EXPECT_EQ(error_of("1 2 3", 3), "accepted");
}

TEST(PfnRuns, LinesHoldAsManyWordsAsFit) {
    EXPECT_EQ(wrap_words({"aa", "bb", "cc"}, 5), (std::vector<std::string>{"aa bb", "cc"}));
    EXPECT_EQ(wrap_words({"aaaaaaa", "b"}, 5), (std::vector<std::string>{"aaaaaaa", "b"}));
    EXPECT_TRUE(wrap_words({}, 5).empty());
}

} // namespace mm
