// "expect": what is read, what holds, and what a failure says.
#include "scenario/run.h"
#include "scenario/scenario_text.h"

namespace mm {

using test::error_of;
using test::parsed;
using test::scenario_of;

namespace {

// A step with an expectation after an allocation of order 4 on the small machine (first free Movable block 0x40c00,
// 14336 free pages: 16384 less the 8 MiB that are reserved).
const std::string small = R"({"profile": {"memory": [{"start": "1GiB", "size": "64MiB"}],
    "reserved": [{"start": "0x40200000", "size": "8MiB"}], "sysctl": {"transparent_hugepage": false}}})";

std::string step(const std::string& expect) {
    return scenario_of(R"({"op": "alloc_pages", "order": 4, "as": "a", "expect": )" + expect + "}", small);
}

std::string failure_of(const std::string& expect) {
    const std::vector<Error> failures = check_expectations(parsed(step(expect)));
    if (failures.empty()) return "holds";
    return failures.front().path + ": " + failures.front().message;
}

} // namespace

TEST(Expect, WhatTheEngineDidHolds) {
    EXPECT_EQ(failure_of(R"({"pfn": "0x40c00", "outcome": "done", "type": "Unmovable"})"), "holds");
    EXPECT_EQ(failure_of(R"({"events": ["buddy_split", "mm_page_alloc"], "no_events": ["pcp_hit"]})"), "holds");
    EXPECT_EQ(failure_of(R"({"events": {"buddy_split": 6, "pcp_hit": 0}})"), "holds");
    EXPECT_EQ(failure_of(R"({"nr_free": {"0:DMA": {"4": 1, "5": 1, "10": 12}}, "free_pages": {"0:DMA": 14320}})"),
              "holds");
    EXPECT_EQ(failure_of(R"({"watermark": {"0:DMA": {"min": 239, "low": 298, "high": 357}}})"), "holds");
    EXPECT_EQ(failure_of(R"({"managed_pages": {"0:DMA": 14336}, "pcp_count": {"0:DMA": {"0": 0}}})"), "holds");
    EXPECT_EQ(failure_of(R"({"lowmem_reserve": {"0:DMA": {"0": 0, "3": 0}}})"), "holds");
    EXPECT_EQ(failure_of("{}"), "holds");
}

TEST(Expect, AFailureNamesTheFieldWhatIsAndWhatWasExpected) {
    EXPECT_EQ(failure_of(R"({"pfn": "0x40c10"})"), "steps[0].expect.pfn: is 0x40c00, expected 0x40c10");
    EXPECT_EQ(failure_of(R"({"outcome": "refused"})"), "steps[0].expect.outcome: is done, expected refused");
    EXPECT_EQ(failure_of(R"({"type": "Movable"})"), "steps[0].expect.type: is Unmovable, expected Movable");
    EXPECT_EQ(failure_of(R"({"events": ["pcp_hit"]})"),
              "steps[0].expect.events[0]: pcp_hit happened 0 times, expected at least once");
    EXPECT_EQ(failure_of(R"({"events": {"buddy_split": 2}})"),
              "steps[0].expect.events.buddy_split: buddy_split happened 6 times, expected 2");
    EXPECT_EQ(failure_of(R"({"no_events": ["buddy_split"]})"),
              "steps[0].expect.no_events[0]: buddy_split happened 6 times, expected never");
    EXPECT_EQ(failure_of(R"({"nr_free": {"0:DMA": {"4": 9}}})"), "steps[0].expect.nr_free.0:DMA.4: is 1, expected 9");
    EXPECT_EQ(failure_of(R"({"watermark": {"0:DMA": {"low": 1}}})"),
              "steps[0].expect.watermark.0:DMA.low: is 298, expected 1");
    EXPECT_EQ(failure_of(R"({"free_pages": {"0:DMA": 1}})"), "steps[0].expect.free_pages.0:DMA: is 14320, expected 1");
}

// Order 4 out of a block of order 10: the first split leaves a half of order 9 over, the last one of order 4.
TEST(Expect, ArgumentsAreThoseOfTheFirstAndOfTheLastEvent) {
    EXPECT_EQ(failure_of(R"({"first": {"buddy_split": {"new_order": 9}}, "last": {"buddy_split": {"new_order": 4}}})"),
              "holds");
    EXPECT_EQ(failure_of(R"({"last": {"mm_page_alloc": {"pfn": "0x40c00", "order": 4}}})"), "holds");
    EXPECT_EQ(failure_of(R"({"last": {"buddy_split": {"new_order": 9}}})"),
              "steps[0].expect.last.buddy_split.new_order: is 4, expected 9");
    EXPECT_EQ(failure_of(R"({"first": {"mm_page_alloc": {"pfn": "0x40c10"}}})"),
              "steps[0].expect.first.mm_page_alloc.pfn: is 0x40c00, expected 0x40c10");
    EXPECT_EQ(failure_of(R"({"first": {"pcp_hit": {"order": 0}}})"),
              "steps[0].expect.first.pcp_hit.order: is not there");
}

TEST(Expect, AddressesHaveAllBits) {
    const std::string vmalloc =
        R"({"op": "vmalloc", "size": 1, "as": "a", "expect": {"last": {"vmalloc": {"address": )";
    EXPECT_TRUE(check_expectations(parsed(scenario_of(vmalloc + R"("0xffff800008000000"}}}})", small))).empty());
    const std::vector<Error> failures = check_expectations(parsed(scenario_of(vmalloc + R"("0x8000000"}}}})", small)));
    ASSERT_EQ(failures.size(), 1u);
    EXPECT_EQ(failures.front().message, "is 0xffff800008000000, expected 0x8000000");
}

TEST(Expect, AReasonIsWrittenWithItsWords) {
    const std::string asked = R"({"op": "vfree", "expect": {"no_events": ["vfree_bad"]}},
        {"op": "vmalloc", "size": 0, "as": "a", "expect": {"last": {"vmalloc_failed": {"reason": ")";
    EXPECT_TRUE(check_expectations(parsed(scenario_of(asked + R"(0 bytes are asked for, with a warning"}}}})", small)))
                    .empty());
    const std::vector<Error> failures =
        check_expectations(parsed(scenario_of(asked + R"(no hole of addresses is long enough"}}}})", small)));
    ASSERT_EQ(failures.size(), 1u);
    EXPECT_EQ(failures.front().message,
              "is \"0 bytes are asked for, with a warning\", expected \"no hole of addresses is long enough\"");
    EXPECT_EQ(error_of(scenario_of(asked + R"(0 bytes"}}}})", small)).substr(0, 87),
              "steps[1].expect.last.vmalloc_failed.reason: \"0 bytes\" is none of its words (expected 0 ");
}

TEST(Expect, OnlyArgumentsThatMeanTheSameEverywhereAreRead) {
    EXPECT_EQ(error_of(step(R"({"first": {"budy_split": {"order": 9}}})")),
              "steps[0].expect.first.budy_split: there is no event \"budy_split\" (did you mean \"buddy_split\"?)");
    EXPECT_EQ(
        error_of(step(R"({"first": {"vfree_bad": {"adress": 9}}})")),
        "steps[0].expect.first.vfree_bad.adress: vfree_bad has no argument \"adress\" that can be expected (did you "
        "mean \"address\"?)");
    EXPECT_EQ(error_of(step(R"({"last": {"vfree_bad": {"reason": 1}}})")),
              "steps[0].expect.last.vfree_bad.reason: found a number, expected text");
    EXPECT_EQ(error_of(step(R"({"last": {"buddy_split": {"zone": 1}}})")).substr(0, 82),
              "steps[0].expect.last.buddy_split.zone: buddy_split has no argument \"zone\" that can");
    EXPECT_EQ(error_of(step(R"({"first": 3})")), "steps[0].expect.first: found a number, expected an object {...}");
}

TEST(Expect, AFailureStandsAtItsLineAndColumn) {
    const std::string text = "{\"format\": \"mmscope/1\", \"title\": \"t\", \"machine\": " + small + ",\n" +
                             " \"steps\": [{\"op\": \"alloc_page\", \"as\": \"a\",\n" +
                             "   \"expect\": {\"pfn\": \"0x1\"}}]}";
    const std::vector<Error> failures = check_expectations(parsed(text));
    ASSERT_EQ(failures.size(), 1u);
    EXPECT_EQ(failures[0].text().substr(0, 43), "line 4, column 22: steps[0].expect.pfn: is ");
}

TEST(Expect, APageIsThatOfTheResultOrTheOneFreed) {
    EXPECT_TRUE(check_expectations(parsed(scenario_of(R"({"op": "alloc_pages", "order": 4, "as": "a"},
        {"op": "__free_pages", "page": "a", "expect": {"pfn": "0x40c00"}},
        {"op": "__free_pages", "pfn": "0x10", "expect": {"pfn": "0x10"}})",
                                                      small)))
                    .empty());
    const auto nameless =
        check_expectations(parsed(scenario_of(R"({"op": "alloc_page", "expect": {"pfn": "0x40c00"}})", small)));
    ASSERT_EQ(nameless.size(), 1u);
    EXPECT_EQ(nameless[0].message, "has no page: the request failed, or its result has no name (\"as\")");
}

TEST(Expect, EventsOfAStepOfManyOpsAreCountedTogether) {
    const std::string steps =
        R"({"op": "alloc_page"}, {"repeat": {"count": 5, "steps": [{"op": "alloc_page", "as": "a[]"}]},
           "expect": {"events": {"mm_page_alloc": 5}, "pfn": "0x40c05"}}, {"op": "alloc_page", "expect": {"events": {"mm_page_alloc": 1}}})";
    const std::vector<Error> failures = check_expectations(parsed(scenario_of(steps, small)));
    EXPECT_TRUE(failures.empty()) << failures[0].text();
}

TEST(Expect, OnlyTheFirstTwentyFailuresAreTold) {
    std::string steps;
    for (int i = 0; i < 30; ++i)
        steps += std::string(i ? "," : "") +
                 R"({"op": "drain_all_pages", "expect": {"outcome": "refused", "events": ["pcp_hit"]}})";
    EXPECT_EQ(check_expectations(parsed(scenario_of(steps))).size(), MAX_CHECK_FAILURES);
    EXPECT_EQ(check_scenario(parsed(scenario_of(steps))).failures.size(), MAX_CHECK_FAILURES);
}

TEST(Expect, AZoneThatIsNotThereYetFails) {
    const std::vector<Error> failures =
        check_expectations(parsed(R"({"format": "mmscope/1", "title": "t", "boot": "stepped",
        "machine": {"profile": {"memory": "64MiB"}},
        "steps": [{"op": "alloc_page", "expect": {"outcome": "refused", "free_pages": {"0:DMA": 0}}}]})"));
    ASSERT_EQ(failures.size(), 1u);
    EXPECT_EQ(failures[0].message, "is not there");
}

TEST(Expect, UnknownNamesAreErrorsOfTheFile) {
    EXPECT_EQ(error_of(step(R"({"pfns": 1})")), "steps[0].expect.pfns: no such field (did you mean \"pfn\"?)");
    EXPECT_EQ(error_of(step(R"({"events": ["budy_split"]})")),
              "steps[0].expect.events[0]: there is no event \"budy_split\" (did you mean \"buddy_split\"?)");
    EXPECT_EQ(error_of(step(R"({"events": {"budy_split": 1}})")),
              "steps[0].expect.events.budy_split: there is no event \"budy_split\" (did you mean \"buddy_split\"?)");
    const std::string forms =
        ", expected events that happen, [\"buddy_split\"], or how often each does, {\"buddy_split\": 3}";
    EXPECT_EQ(error_of(step(R"({"events": "buddy_split"})")), "steps[0].expect.events: found text" + forms);
    EXPECT_EQ(error_of(step(R"({"events": 3})")), "steps[0].expect.events: found a number" + forms);
    EXPECT_EQ(error_of(step(R"({"events": null})")), "steps[0].expect.events: found null" + forms);
    EXPECT_EQ(error_of(step(R"({"outcome": "nul"})")),
              "steps[0].expect.outcome: \"nul\" is unknown (expected done, returned_null, refused or no_effect)");
    EXPECT_EQ(error_of(step(R"({"nr_free": {"0:DMA16": {"1": 1}}})")),
              "steps[0].expect.nr_free.0:DMA16: this machine has no such zone (did you mean \"0:DMA\"?)");
    EXPECT_EQ(error_of(step(R"({"nr_free": {"0:DMA": {"14": 1}}})")),
              "steps[0].expect.nr_free.0:DMA.14: expected a number from 0 to 13");
    EXPECT_EQ(error_of(step(R"({"pcp_count": {"0:DMA": {"1": 1}}})")),
              "steps[0].expect.pcp_count.0:DMA.1: expected a number from 0 to 0");
    EXPECT_EQ(error_of(step(R"({"watermark": {"0:DMA": {"mid": 1}}})")),
              "steps[0].expect.watermark.0:DMA.mid: no such field (did you mean \"min\"?)");
    EXPECT_EQ(error_of(step(R"({"nr_free": 3})")), "steps[0].expect.nr_free: found a number, expected an object {...}");
    EXPECT_EQ(error_of(step(R"({"pfn": -1})")), "steps[0].expect.pfn: -1 is below 0");
}

} // namespace mm
