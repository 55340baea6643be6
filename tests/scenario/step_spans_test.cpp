// Steps as the file writes them, and the ops that they make.
#include "scenario/step_spans.h"

#include "scenario/scenario_text.h"

namespace mm {
namespace {

// Drawn by hand:
//
//   step   1      2              3    4 (no ops)   5
//   ops    0  |  1  2  3    |    4  |            | 5  6
ScenarioStep step_of(u32 first, u32 nr) {
    ScenarioStep step;
    step.first_op = first;
    step.nr_ops = nr;
    return step;
}
const std::vector<ScenarioStep> STEPS = {step_of(0, 1), step_of(1, 3), step_of(4, 1), step_of(5, 0), step_of(5, 2)};

TEST(StepSpans, APositionIsWrittenAsStepOpAndEvent) {
    const struct {
        Position at;
        std::string_view text;
    } cases[] =
        {
            {{0, 0}, "0"},     {{0, 2}, "1.1.2"}, {{1, 0}, "1"},     {{1, 1}, "2.1.1"},
            {{2, 0}, "2.1"},   {{2, 9}, "2.2.9"}, {{3, 0}, "2.2"},   {{3, 4}, "2.3.4"},
            {{4, 0}, "2"},     {{4, 1}, "3.1.1"}, {{5, 0}, "4"}, // step 3 is done, and with it the step behind it, which makes no op
            {{5, 3}, "5.1.3"}, {{6, 0}, "5.1"},   {{6, 1}, "5.2.1"}, {{7, 0}, "5"},
        };
    for (const auto& [at, text] : cases) {
        EXPECT_EQ(position_text(STEPS, at), text);
        const ReadPosition read = read_position(STEPS, text);
        EXPECT_EQ(read.at, at) << text;
        EXPECT_TRUE(read.problem.empty()) << read.problem.en;
    }
}

TEST(StepSpans, AnotherWayToWriteAPlaceLeadsThereToo) {
    EXPECT_EQ(read_position(STEPS, "2.3").at, (Position{4, 0})) << "the last op of a step is its end";
    EXPECT_EQ(read_position(STEPS, "1.1").at, (Position{1, 0}));
    EXPECT_EQ(read_position(STEPS, "3").at, (Position{5, 0})) << "behind it stands a step without ops";
    EXPECT_EQ(read_position(STEPS, "04.0017").problem.en, "step 4 has no ops: its only position is 4");
}

TEST(StepSpans, WhatIsNotThereLeadsToTheNearestPlaceWithTheReason) {
    const struct {
        std::string_view text;
        Position nearest;
        std::string_view problem;
    } cases[] = {
        {"6", {7, 0}, "there are 5 steps: 1 to 5"},
        {"9999999999.1.1", {7, 0}, "there are 5 steps: 1 to 5"},
        {"2.4", {4, 0}, "step 2 has 3 ops: 2.1 to 2.3"},
        {"3.2", {5, 0}, "step 3 has one op, 3.1; the events in it are 3.1.1, 3.1.2 and so on"},
        {"3.99.7", {5, 0}, "step 3 has one op, 3.1; the events in it are 3.1.1, 3.1.2 and so on"},
        {"4.1", {5, 0}, "step 4 has no ops: its only position is 4"},
    };
    for (const auto& [text, nearest, problem] : cases) {
        const ReadPosition read = read_position(STEPS, text);
        EXPECT_EQ(read.at, nearest) << text;
        EXPECT_EQ(read.problem.en, problem);
        EXPECT_FALSE(read.problem.zh.empty());
    }
    EXPECT_EQ(read_position({}, "1").at, Position{});
    EXPECT_EQ(read_position({}, "1").problem.en, "there are no steps: the only position is 0");
    EXPECT_EQ(read_position(std::span(STEPS).first(1), "2").problem.en, "there is one step: 1");
    EXPECT_EQ(position_text({}, {3, 0}), "0");
}

TEST(StepSpans, AnOpHasANameOfItsOwn) {
    const char* names[] = {"1.1", "2.1", "2.2", "2.3", "3.1", "5.1", "5.2"};
    for (u32 op = 0; op < std::size(names); ++op) EXPECT_EQ(op_position(STEPS, op), names[op]);
}

TEST(StepSpans, EventsThatAreNotThereAreToldByThoseThatAre) {
    EXPECT_EQ(no_such_event(STEPS, 2, 12).en, "op 2.2 has 12 events: 2.2.1 to 2.2.12");
    EXPECT_EQ(no_such_event(STEPS, 0, 1).en, "op 1.1 has one event: 1.1.1");
    EXPECT_EQ(no_such_event(STEPS, 4, 0).en, "op 3.1 has no events: its only position is 3.1");
    EXPECT_EQ(no_such_event(STEPS, 2, 12).zh, "操作 2.2 有 12 个事件：2.2.1 至 2.2.12");
}

TEST(StepSpans, OtherTextIsNoPosition) {
    for (const std::string_view text :
         {"",      ".",   "4.",    ".4",    "4..1",    "-1",  "+1",  " 4",          "4 ",  "four",           "0.1",
          "0.1.1", "4.0", "4.0.1", "2.1.0", "1.1.1.1", "1e3", "0x2", "12345678901", "4,1", "1.1.12345678901"}) {
        const ReadPosition read = read_position(STEPS, text);
        EXPECT_FALSE(read.at) << text;
        EXPECT_NE(read.problem.en.find("is no position"), std::string::npos) << text;
        EXPECT_NE(read.problem.zh.find("不是位置"), std::string::npos) << text;
    }
}

TEST(StepSpans, AnOpTellsItsStep) {
    EXPECT_EQ(step_of_op(STEPS, 0), 0u);
    EXPECT_EQ(step_of_op(STEPS, 3), 1u);
    EXPECT_EQ(step_of_op(STEPS, 4), 2u);
    EXPECT_EQ(step_of_op(STEPS, 5), 4u) << "not the step without ops before it";
    EXPECT_EQ(step_of_op(STEPS, 7), std::nullopt);
    EXPECT_EQ(steps_done(STEPS, 0), 0u);
    EXPECT_EQ(steps_done(STEPS, 3), 1u);
    EXPECT_EQ(steps_done(STEPS, 7), 5u);
}

// The reader knows which ops a step makes: one, a turn times the turns, or as many as are drawn at random.
TEST(StepSpans, TheReaderCountsTheOpsOfEachStep) {
    const Scenario scenario = test::parsed(test::scenario_of(
        R"({"op": "alloc_pages", "as": "a"},
           {"repeat": {"count": 4, "steps": [{"op": "alloc_pages", "as": "b[]"}, {"op": "__free_pages", "page": "b[]"}]}},
           {"random": {"count": 5}},
           {"op": "__free_pages", "page": "a"})"));
    ASSERT_EQ(scenario.steps.size(), 4u);
    const u32 first[] = {0, 1, 9, 14}, ops[] = {1, 8, 5, 1}, turn[] = {1, 2, 0, 1};
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(scenario.steps[i].first_op, first[i]);
        EXPECT_EQ(scenario.steps[i].nr_ops, ops[i]);
        EXPECT_EQ(scenario.steps[i].turn_ops, turn[i]);
    }
    EXPECT_EQ(position_text(scenario.steps, {5, 0}), "2.4");
}

} // namespace
} // namespace mm
