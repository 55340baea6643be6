// "repeat" and "random": steps that stand for many ops.
#include "scenario/run.h"
#include "scenario/scenario_text.h"
#include "physical/gfp.h"

namespace mm {

using test::error_of;
using test::field;
using test::op_name;
using test::parsed;
using test::scenario_of;

namespace {

const std::string allocs = R"({"repeat": {"count": 6, "steps": [{"op": "alloc_page", "as": "a[]"}]}})";

std::vector<i64> freed_slots(const Scenario& scenario) {
    std::vector<i64> slots;
    for (const Op& op : scenario.ops)
        if (op_name(op) == "__free_pages") slots.push_back(field(op, "page"));
    return slots;
}

std::string random_error(const std::string& fields) { return error_of(scenario_of("{\"random\": {" + fields + "}}")); }

} // namespace

TEST(Repeat, ARowHasOneResultATurn) {
    const Scenario scenario = parsed(scenario_of(allocs));
    ASSERT_EQ(scenario.ops.size(), 6u);
    for (u32 i = 0; i < 6; ++i) EXPECT_EQ(scenario.ops[i].result, i);
    EXPECT_EQ(scenario.result_names, (std::vector<std::string>{"a[0]", "a[1]", "a[2]", "a[3]", "a[4]", "a[5]"}));
}

TEST(Repeat, WhatMayNotStandInsideIsTold) {
    const auto inside = [](const std::string& step) {
        return error_of(scenario_of("{\"repeat\": {\"count\": 2, \"steps\": [" + step + "]}}"));
    };
    EXPECT_EQ(
        inside(R"({"repeat": {"count": 2, "steps": [{"op": "alloc_page"}]}})"),
        "steps[0].repeat.steps[0].repeat: found a repeat inside a repeat, expected an op: write the inner steps out, "
        "or make it a repeat of its own");
    EXPECT_EQ(
        inside(R"({"random": {"count": 2}})"),
        "steps[0].repeat.steps[0].random: found a random run inside a repeat, expected an op: make it a step of its "
        "own");
    for (const char* key : {"note", "view", "question", "expect"})
        EXPECT_EQ(inside("{\"op\": \"alloc_page\", \"" + std::string(key) + "\": {}}"),
                  "steps[0].repeat.steps[0]." + std::string(key) +
                      ": belongs to the repeat as a whole: write it beside \"repeat\"");
    const Result<Scenario> scenario =
        parse_scenario(scenario_of("{\"repeat\": {\"count\": 2, \"steps\": [\n  {\"repeat\": {}}]}}"), nullptr);
    ASSERT_FALSE(scenario.ok());
    EXPECT_EQ(scenario.error().line, 2);
    EXPECT_EQ(scenario.error().column, 4);
}

TEST(Repeat, FirstAndStrideChooseTheTurnsNumber) {
    const auto freed = [](const std::string& numbers) {
        return freed_slots(parsed(scenario_of(allocs + ", {\"repeat\": {" + numbers +
                                              R"(, "steps": [{"op": "__free_pages", "page": "a[]"}]}})")));
    };
    EXPECT_EQ(freed(R"("count": 3)"), (std::vector<i64>{0, 1, 2}));
    EXPECT_EQ(freed(R"("count": 3, "stride": 2)"), (std::vector<i64>{0, 2, 4}));
    EXPECT_EQ(freed(R"("count": 3, "first": 1, "stride": 2)"), (std::vector<i64>{1, 3, 5}));
    EXPECT_EQ(freed(R"("count": 6, "first": 5, "stride": -1)"), (std::vector<i64>{5, 4, 3, 2, 1, 0}));
    EXPECT_EQ(freed(R"("count": 2, "first": 4, "stride": 0)"), (std::vector<i64>{4, 4}));
}

TEST(Repeat, OneMemberOfARowCanBeNamed) {
    EXPECT_EQ(freed_slots(parsed(scenario_of(allocs + R"(, {"op": "__free_pages", "page": "a[4]"})"))),
              (std::vector<i64>{4}));
}

TEST(Repeat, ANameWithoutBracketsIsOneResultForAllTurns) {
    const Scenario scenario = parsed(scenario_of(
        R"({"repeat": {"count": 3, "steps": [{"op": "alloc_page", "as": "x"}, {"op": "__free_pages", "page": "x"}]}})"));
    EXPECT_EQ(scenario.result_names, (std::vector<std::string>{"x"}));
    EXPECT_EQ(freed_slots(scenario), (std::vector<i64>{0, 0, 0}));
    EXPECT_TRUE(check_scenario(scenario).failures.empty());
}

TEST(Repeat, ErrorsNameTheFieldWithinTheLoop) {
    const auto repeat_error = [](const std::string& fields) {
        return error_of(scenario_of(allocs + ", {\"repeat\": {" + fields + "}}"));
    };
    const std::string free_a = R"("steps": [{"op": "__free_pages", "page": "a[]"}])";
    EXPECT_EQ(repeat_error(R"("count": 2)"), "steps[1].repeat.steps: is missing");
    EXPECT_EQ(repeat_error(R"("count": 0, "steps": [])"), "steps[1].repeat.count: 0 is below 1");
    EXPECT_EQ(repeat_error(R"("count": 1, "steps": [])"), "steps[1].repeat.steps: a repeat has at least one step");
    EXPECT_EQ(repeat_error(R"("count": 7, )" + free_a), "steps[1].repeat.steps[0].page: a[6] is outside a[0] to a[5]");
    EXPECT_EQ(repeat_error(R"("count": 3, "stride": -1, )" + free_a),
              "steps[1].repeat.steps[0].page: a[-2] is outside a[0] to a[5]");
    EXPECT_EQ(repeat_error(R"("count": 1, "steps": [{"op": "alloc_page", "as": "b[]", "note": "x"}])"),
              "steps[1].repeat.steps[0].note: belongs to the repeat as a whole: write it beside \"repeat\"");
    EXPECT_EQ(repeat_error(R"("count": 1, "steps": [{"repeat": {}}])"),
              "steps[1].repeat.steps[0].repeat: found a repeat inside a repeat, expected an op: write the inner steps "
              "out, or make it a repeat of its own");
    EXPECT_EQ(repeat_error(R"("count": 3, "stride": -1, "steps": [{"op": "alloc_page", "as": "b[]"}])"),
              "steps[1].repeat.steps[0].as: the repeat counts below 0");
    EXPECT_EQ(error_of(scenario_of(allocs + R"(, {"op": "__free_pages", "page": "a"})")),
              "steps[1].page: a is a row of results: choose one of a[0] to a[5]");
    EXPECT_EQ(error_of(scenario_of(allocs + R"(, {"op": "__free_pages", "page": "a[6]"})")),
              "steps[1].page: a[6] is outside a[0] to a[5]");
    for (const std::string index : {"1048577", "4294967296", "99999999999", "99999999999999999999999"})
        EXPECT_EQ(error_of(scenario_of(allocs + R"(, {"op": "__free_pages", "page": "a[)" + index + "]\"}")),
                  "steps[1].page: a[" + index + "] is outside a[0] to a[5]");
    EXPECT_EQ(error_of(scenario_of(allocs + R"(, {"op": "__free_pages", "page": "a[x]"})")),
              "steps[1].page: found \"a[x]\", expected a number between [ and ]");
}

TEST(Repeat, OpsAndResultsAreCapped) {
    EXPECT_EQ(error_of(scenario_of(R"({"repeat": {"count": 1000001, "steps": [{"op": "alloc_page"}]}})")),
              "steps[0].repeat.count: 1000001 is above 1000000");
    EXPECT_EQ(error_of(scenario_of(
                  R"({"repeat": {"count": 600000, "steps": [{"op": "alloc_page"}, {"op": "alloc_page"}]}})")),
              "steps[0].repeat: the scenario has more than 1000000 ops here");
    EXPECT_EQ(error_of(scenario_of(
                  R"({"repeat": {"count": 600000, "stride": 2, "steps": [{"op": "alloc_page", "as": "a[]"}]}})")),
              "steps[0].repeat.steps[0].as: more than 1048576 results");
    EXPECT_EQ(parsed(scenario_of(R"({"repeat": {"count": 1000000, "steps": [{"op": "alloc_page", "as": "a[]"}]}})"))
                  .ops.size(),
              1'000'000u);
}

TEST(Random, TheSameSeedMakesTheSameOps) {
    const auto run = [](int seed) {
        return parsed(scenario_of(R"({"random": {"count": 2000, "seed": )" + std::to_string(seed) + "}}")).ops;
    };
    EXPECT_EQ(run(7), run(7));
    EXPECT_NE(run(7), run(8));
}

// Computed by hand from splitmix64 and the rule in docs/scenario-format.md. A change would make every link to a random
// run show something else.
TEST(Random, TheOpsOfASeedNeverChange) {
    const Scenario scenario = parsed(scenario_of(
        R"({"random": {"count": 12, "seed": 1, "max_order": 3, "gfp": ["GFP_KERNEL", "GFP_ATOMIC"], "slots": 4}})"));
    std::string text;
    for (const Op& op : scenario.ops) {
        const bool frees = op_name(op) == "__free_pages";
        text += frees ? "-" + std::to_string(field(op, "page"))
                      : "+" + std::to_string(op.result) + "o" + std::to_string(field(op, "order")) +
                            (field(op, "gfp") == GFP_KERNEL ? "k" : "a");
        text += " ";
    }
    EXPECT_EQ(text, "+0o3k -0 +0o2a -0 +0o0a -0 +0o3a -0 +0o0k -0 +0o2a +1o1k ");
}

TEST(Random, OnlyHeldBlocksAreFreed) {
    const Scenario scenario = parsed(scenario_of(R"({"random": {"count": 5000, "seed": 3, "slots": 50}})"));
    std::vector<bool> held(50);
    for (const Op& op : scenario.ops) {
        const bool frees = op_name(op) == "__free_pages";
        const auto slot = static_cast<std::size_t>(frees ? field(op, "page") : i64{op.result});
        ASSERT_LT(slot, held.size());
        EXPECT_EQ(held[slot], frees);
        held[slot] = !frees;
    }
}

TEST(Random, ItsNumbersAreWhatTheyPromise) {
    const Scenario scenario = parsed(scenario_of(
        R"({"random": {"count": 20000, "seed": 5, "max_order": 2, "free_percent": 25, "slots": 20000, "all_cpus": true, "as": "x"}})",
        R"({"profile": {"memory": "64MiB", "cpus": 4}})"));
    std::array<int, 3> orders{};
    std::array<int, 4> cpus{};
    int frees = 0;
    for (const Op& op : scenario.ops) {
        ++cpus[op.cpu];
        if (op_name(op) == "__free_pages")
            ++frees;
        else
            ++orders[static_cast<std::size_t>(field(op, "order"))];
    }
    // 20000 ops: a quarter of them frees, orders 1/2, 1/4 and the rest, CPUs in equal parts; within 3 %.
    EXPECT_NEAR(frees, 5000, 150);
    EXPECT_NEAR(orders[0], 7500, 225);
    EXPECT_NEAR(orders[1], 3750, 150);
    EXPECT_NEAR(orders[2], 3750, 150);
    for (int n : cpus) EXPECT_NEAR(n, 5000, 150);
    EXPECT_EQ(scenario.result_names[17], "x[17]");
}

TEST(Random, ErrorsNameTheField) {
    EXPECT_EQ(random_error(""), "steps[0].random.count: is missing");
    EXPECT_EQ(random_error(R"("count": 0)"), "steps[0].random.count: 0 is below 1");
    EXPECT_EQ(random_error(R"("count": 1, "max_order": 11)"), "steps[0].random.max_order: 11 is above 10");
    EXPECT_EQ(random_error(R"("count": 1, "slots": 65537)"), "steps[0].random.slots: 65537 is above 65536");
    EXPECT_EQ(random_error(R"("count": 1, "gfp": [])"), "steps[0].random.gfp: expected at least one gfp mask");
    EXPECT_EQ(random_error(R"("count": 1, "gfp": ["GFP_USR"])"),
              "steps[0].random.gfp[0]: \"GFP_USR\" is no gfp flag of Linux 6.1 (did you mean \"GFP_USER\"?)");
    EXPECT_EQ(random_error(R"("count": 1, "free_percent": 101)"), "steps[0].random.free_percent: 101 is above 100");
    EXPECT_EQ(random_error(R"("count": 1, "cpu": 1)"), "steps[0].random.cpu: CPU 1 does not exist; the machine has 1");
    EXPECT_EQ(random_error(R"("count": 1, "as": "a b")"), "steps[0].random.as: \"a b\" is no name of a result");
    EXPECT_EQ(error_of(scenario_of(R"({"random": {"count": 1}}, {"random": {"count": 1}})")),
              "steps[1].random: an earlier step made \"r\": choose another name with \"as\"");
}

} // namespace mm
