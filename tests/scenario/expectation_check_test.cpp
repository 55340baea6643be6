#include "scenario/expectation_check.h"

#include <gtest/gtest.h>

#include "both_languages.h"

namespace mm {
namespace {

// A page of the buddy lists, then two repeats of ten; `first` and `last` are what the first and the last step expect.
std::string text_with(const std::string& first, const std::string& last) {
    return R"({"format": "mmscope/1", "title": "Expected", "machine": {"profile": {"memory": "64MiB"}}, "steps": [
      {"op": "alloc_pages", "order": 3, "as": "a", "expect": )" +
           first + R"(},
      {"repeat": {"count": 10, "steps": [{"op": "alloc_page", "as": "b[]"}]}, "expect": {"events": {"mm_page_alloc": 10}}},
      {"repeat": {"count": 10, "steps": [{"op": "__free_pages", "page": "b[]"}]}, "expect": )" +
           last + "}]}";
}

struct Checked {
    explicit Checked(const std::string& text, u64 slice = ~u64{0}) {
        Result<Scenario> scenario = parse_scenario(text, {});
        EXPECT_TRUE(scenario.ok()) << scenario.error().text();
        if (!scenario) return;
        Result<Machine> start = start_machine(*scenario);
        const std::vector<Op> ops = std::move(scenario->ops);
        scenario->ops = {};
        ExpectationCheck check(*scenario, ops, *start);
        for (slices = 1; !check.go_on(slice); ++slices) EXPECT_LT(slices, 1000u);
        of = check.expectations();
        held = check.held();
        checked = check.checked();
        ops_applied = check.ops_applied();
        failures = check.failures();
    }
    u32 slices = 0, of = 0, held = 0, checked = 0, ops_applied = 0;
    std::vector<ExpectationCheck::Failure> failures;
};

TEST(ExpectationCheck, WhatHoldsIsCounted) {
    const Checked done(text_with(R"({"events": ["mm_page_alloc"]})", R"({"events": {"mm_page_free": 10}})"));
    EXPECT_EQ(done.of, 3u);
    EXPECT_EQ(done.held, 3u);
    EXPECT_TRUE(done.failures.empty());
}

TEST(ExpectationCheck, WhatFailsIsToldWithItsStepInBothLanguages) {
    const Checked done(
        text_with(R"({"pfn": "0x1", "no_events": ["mm_page_free"]})", R"({"events": {"mm_page_free": 9}})"));
    EXPECT_EQ(done.of, 4u);
    EXPECT_EQ(done.held, 2u);
    ASSERT_EQ(done.failures.size(), 2u);
    EXPECT_EQ(done.failures[0].first_op, 0u);
    EXPECT_EQ(done.failures[1].first_op, 11u);
    EXPECT_EQ(test::in_both(done.failures[1].error).message, "mm_page_free happened 10 times, expected 9");
    EXPECT_EQ(done.failures[1].error.message_zh, "mm_page_free 发生了 10 次，应当是 9 次");
}

TEST(ExpectationCheck, SmallSlicesComeToTheSame) {
    const std::string text = text_with(R"({"pfn": "0x1"})", R"({"events": {"mm_page_free": 10}})");
    const Checked whole(text), sliced(text, 1);
    EXPECT_EQ(whole.slices, 1u);
    EXPECT_GT(sliced.slices, 20u);
    EXPECT_EQ(sliced.held, whole.held);
    EXPECT_EQ(sliced.failures.size(), 1u);
}

TEST(ExpectationCheck, NothingRunsBehindTheLastExpectation) {
    const Checked done(text_with(R"({"events": ["mm_page_alloc"]})", "{}"));
    EXPECT_EQ(done.of, 2u);
    EXPECT_EQ(done.ops_applied, 11u);
}

} // namespace
} // namespace mm
