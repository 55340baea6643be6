// Questions: read from the file, answered by the engine.
#include "scenario/question.h"

#include "base/hex.h"
#include "scenario/ran_question.h"
#include "scenario/run_report.h"
#include "scenario/scenario_text.h"
#include "json/json.h"

namespace mm {

using test::error_of;
using test::parsed;
using test::Ran;
using test::scenario_of;

namespace {

// As in expectations_test.cpp: alloc_pages of order 4 takes 0x40c00 after 6 splits.
const std::string small = R"({"profile": {"memory": [{"start": "1GiB", "size": "64MiB"}],
    "reserved": [{"start": "0x40200000", "size": "8MiB"}], "sysctl": {"transparent_hugepage": false},
    "slab": {"freelist_random": false}}})";

std::string page_step(const std::string& question) {
    return scenario_of(R"({"op": "alloc_pages", "order": 4, "as": "a", "question": )" + question + "}", small);
}

const std::string splits = R"({"text": {"en": "Is a block split?", "zh": "要拆分吗？"}, "choices": [
    {"text": "no", "when": {"no_events": ["buddy_split"]}},
    {"text": {"en": "yes", "zh": "要"}, "when": {"events": ["buddy_split"]}}]})";

std::string problem_of(const std::string& question) {
    const std::vector<Error> failures = check_expectations(parsed(page_step(question)));
    return failures.empty() ? "none" : failures.front().path + ": " + test::in_both(failures.front()).message;
}

} // namespace

TEST(Question, TheRightChoiceIsTheOneWhoseConditionHolds) {
    const Ran ran(page_step(splits));
    EXPECT_EQ(ran.question().kind, Question::Kind::choices);
    EXPECT_EQ(ran.right()->value, 1);
    EXPECT_EQ(ran.right_text(), "yes");
    EXPECT_EQ(ran.right_text(Language::zh), "要");
    EXPECT_EQ(ran.verdict("1"), "right");
    EXPECT_EQ(ran.verdict("0"), "wrong");
    EXPECT_EQ(ran.verdict("2"), "unread");
    EXPECT_EQ(ran.verdict("yes"), "unread");
    EXPECT_EQ(ran.because(), (std::vector<std::string>{"buddy_split"}));
}

TEST(Question, ANumberIsWhatTheEngineCounts) {
    const Ran ran(
        page_step(R"({"text": "How many splits?", "ask": "number", "answer": {"events": {"buddy_split": "?"}}})"));
    EXPECT_EQ(ran.right_text(), "6");
    EXPECT_EQ(ran.verdict(" 6 "), "right");
    EXPECT_EQ(ran.verdict("0x6"), "right");
    EXPECT_EQ(ran.verdict("7"), "wrong");
    EXPECT_EQ(ran.verdict("-6"), "wrong");
    EXPECT_EQ(ran.verdict("six"), "unread");
    EXPECT_EQ(ran.verdict(""), "unread");
    EXPECT_EQ(ran.verdict("99999999999999999999999"), "unread");
    EXPECT_EQ(ran.because(), (std::vector<std::string>{"buddy_split"}));
    const Ran state(page_step(R"({"text": "Free?", "ask": "number", "answer": {"free_pages": {"0:DMA": "?"}}})"));
    EXPECT_EQ(state.right_text(), "14320");
    EXPECT_EQ(state.because(), (std::vector<std::string>{"mm_page_alloc"})) << "the last event of the step";
}

TEST(Question, ANumberIsAnArgumentOfAnEvent) {
    const Ran ran(page_step(R"({"text": "Of which order is the half that is left over last?", "ask": "number",
                                "answer": {"last": {"buddy_split": {"new_order": "?"}}}})"));
    EXPECT_EQ(ran.right_text(), "4");
    EXPECT_EQ(ran.because(), (std::vector<std::string>{"buddy_split"}));
}

// Two arguments of one event are one explanation; the first and the last of a kind are two.
TEST(Question, AnEventExplainsOnce) {
    const auto asked = [](const std::string& when) {
        return Ran(page_step(R"({"text": "Which?", "choices": [{"text": "this", "when": {)" + when +
                             R"(}}, {"text": "none", "when": {"no_events": ["buddy_split"]}}]})"))
            .because();
    };
    using names = std::vector<std::string>;
    EXPECT_EQ(asked(R"("last": {"buddy_split": {"new_order": 4, "order": 5}})"), (names{"buddy_split"}));
    EXPECT_EQ(asked(R"("first": {"buddy_split": {"new_order": 9}}, "last": {"buddy_split": {"new_order": 4}})"),
              (names{"buddy_split", "buddy_split"}));
}

TEST(Question, AnyFrameOfTheBlockIsTheRightPage) {
    const Ran ran(page_step(R"({"text": "Which page?", "ask": "page", "because": ["buddy_split", "mm_page_alloc"]})"));
    EXPECT_EQ(ran.right_text(), "0x40c00");
    EXPECT_EQ(ran.verdict("0x40c00"), "right");
    EXPECT_EQ(ran.verdict("40c0f"), "right");
    EXPECT_EQ(ran.verdict("0x40c10"), "wrong");
    EXPECT_EQ(ran.verdict("0xffffffffff"), "unread");
    EXPECT_EQ(ran.verdict("page"), "unread");
    EXPECT_EQ(ran.because(), (std::vector<std::string>{"buddy_split", "buddy_split", "mm_page_alloc"}));
}

TEST(Question, APageOfAnEarlierResultCanBeMeant) {
    const Ran ran(scenario_of(R"({"op": "alloc_page", "as": "a"}, {"op": "alloc_page", "as": "b", "question":
        {"text": "Where was a?", "ask": "page", "of": "a"}})",
                              small));
    EXPECT_EQ(ran.verdict(ran.right_text()), "right");
    EXPECT_EQ(ran.right()->value, i64{ran.run.machine().results[0].pfn()});
}

// Objects of 192 bytes from index 0 on, as in slab_facts_test.cpp.
TEST(Question, AnObjectIsKnownByItsAddressOrItsIndex) {
    const Ran ran(scenario_of(R"({"op": "kmem_cache_create", "name": "mine", "size": 192, "usersize": 192, "as": "c"},
        {"op": "kmem_cache_alloc", "cache": "c", "as": "o"},
        {"op": "kmem_cache_alloc", "cache": "c", "as": "p", "question": {"text": "Which one?", "ask": "object"}})",
                              small));
    const u64 address = ran.run.machine().results[2].value;
    EXPECT_EQ(address % 4096, 192u);
    EXPECT_EQ(ran.verdict(address_hex(address)), "right");
    EXPECT_EQ(ran.verdict(address_hex(address + 191)), "right");
    EXPECT_EQ(ran.verdict(address_hex(address - 0x40000000 + 0xffff000000000000)), "right") << "in the linear map";
    EXPECT_EQ(ran.verdict("0xfffffffffffffff0"), "unread");
    EXPECT_EQ(ran.verdict(address_hex(address + 192)), "wrong");
    EXPECT_EQ(ran.verdict(address_hex(address - 1)), "wrong");
    EXPECT_EQ(ran.verdict("0x7fffffffffffffff"), "wrong");
    EXPECT_EQ(ran.verdict("#1"), "right");
    EXPECT_EQ(ran.verdict("#0"), "wrong");
    EXPECT_EQ(ran.verdict("#21"), "unread") << "a slab has 21 objects";
    EXPECT_TRUE(ran.right_text().ends_with(" (#1)")) << ran.right_text();
}

TEST(Question, CheckWantsExactlyOneRightAnswer) {
    EXPECT_EQ(problem_of(splits), "none");
    EXPECT_EQ(problem_of(R"({"text": "?", "choices": [{"text": "a", "when": {"events": ["buddy_split"]}},
        {"text": "b", "when": {"outcome": "done"}}, {"text": "c", "when": {"outcome": "refused"}}]})"),
              "steps[0].question: 2 choices are right, expected one: \"when\" of choices 0, 1 holds");
    EXPECT_EQ(problem_of(R"({"text": "?", "choices": [{"text": "a", "when": {"events": ["pcp_hit"]}},
        {"text": "b", "when": {"outcome": "refused"}}]})"),
              "steps[0].question: no choice is right: \"when\" of none holds after the step");
    EXPECT_EQ(problem_of(R"({"text": "?", "ask": "object"})"),
              "steps[0].question: has no answer: no object is returned, or its result has no name (\"as\")");
    const Scenario nameless =
        parsed(scenario_of(R"({"op": "alloc_page", "question": {"text": "?", "ask": "page"}})", small));
    ASSERT_EQ(check_expectations(nameless).size(), 1u);
    EXPECT_EQ(check_scenario(nameless).questions, 1u);
}

TEST(Question, AStepOfManyOpsIsAskedAboutAsAWhole) {
    const Ran ran(scenario_of(R"({"repeat": {"count": 5, "steps": [{"op": "alloc_page", "as": "a[]"}]},
        "question": {"text": "How often?", "ask": "number", "answer": {"events": {"mm_page_alloc": "?"}}}})",
                              small));
    EXPECT_EQ(ran.right_text(), "5");
}

TEST(Question, WhatIsWrongWithAQuestionIsSaidAtItsPlace) {
    const auto wrong = [](const std::string& question) { return error_of(page_step(question)); };
    EXPECT_EQ(wrong(R"({"text": "?"})"), "steps[0].question: expected either \"choices\", \"pictures\" or \"ask\"");
    EXPECT_EQ(wrong(R"({"ask": "page"})"), "steps[0].question.text: is missing");
    EXPECT_EQ(wrong(R"({"text": "", "ask": "page"})"), "steps[0].question.text: is empty");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "pfn"})"),
              "steps[0].question.ask: \"pfn\" is unknown (expected number, page, object, branch, order or several)");
    EXPECT_EQ(wrong(R"({"text": "?", "choices": [{"text": "a", "when": {"outcome": "done"}}]})"),
              "steps[0].question.choices: expected at least two choices");
    EXPECT_EQ(wrong(R"({"text": "?", "choices": [{"text": "a", "when": {}}, {"text": "b", "when": {}}]})"),
              "steps[0].question.choices[0].when: says nothing that could hold or not");
    EXPECT_EQ(wrong(R"({"text": "?", "choices": [], "answer": {}})"),
              "steps[0].question.answer: does not go with \"choices\": the right one is the one whose \"when\" holds");
    EXPECT_EQ(
        wrong(R"({"text": "?", "ask": "number", "answer": {"events": {"buddy_split": 6}}})"),
        "steps[0].question.answer.events.buddy_split: expected \"?\": the number is what the engine is asked for");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "number", "answer": {"pfn": "?"}})"),
              "steps[0].question.answer.pfn: is no number that can be asked for");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "number", "answer": {"nr_free": {"0:DMA": {"1": "?", "2": "?"}}}})"),
              "steps[0].question.answer: asks for 2 numbers, expected one");
    EXPECT_EQ(
        wrong(R"({"text": "?", "ask": "number", "answer": {"cache": {"kmalloc-256": {"cpu_slab": {"0": null}}}}})"),
        "steps[0].question.answer.cache.kmalloc-256.cpu_slab.0: is no number that can be asked for");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "number", "answer": {"cache": {"kmalloc-256": {"objs": "?"}}}})"),
              "accepted");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "number", "answer": {}})"),
              "steps[0].question.answer: asks for 0 numbers, expected one");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "number", "of": "a"})"),
              "steps[0].question.of: does not go with \"ask\": \"number\"");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "object", "of": "a"})"),
              "steps[0].question.of: a is pages, made by alloc_pages at steps[0]; expected an object");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "page", "because": ["budy_split"]})"),
              "steps[0].question.because[0]: there is no event \"budy_split\" (did you mean \"buddy_split\"?)");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "page", "right": 1})"),
              "steps[0].question.right: no such field (expected text, choices, pictures, ask, answer, within, of, "
              "among, items, path_to, values or "
              "because)");
}

TEST(Question, ARunPrintsTheQuestionAndItsAnswer) {
    const Scenario scenario = parsed(page_step(splits));
    const auto printed = [&](auto report, Language language) {
        std::string out;
        RunOptions options;
        options.language = language;
        report(scenario, *start_machine(scenario), options, [&](std::string_view text) { out += text; });
        return out;
    };
    EXPECT_NE(printed(report_text, Language::en).find("\n        ? Is a block split? yes\n"), std::string::npos);
    EXPECT_NE(printed(report_text, Language::zh).find("\n        ? 要拆分吗？ 要\n"), std::string::npos);
    const std::string text = printed(report_json, Language::en);
    const Result<JsonValue> json = parse_json(text);
    ASSERT_TRUE(json.ok()) << json.error().text();
    const JsonValue* question = json->find("steps")->items[0].find("question");
    ASSERT_NE(question, nullptr) << text;
    EXPECT_EQ(question->find("kind")->string, "choices");
    EXPECT_EQ(question->find("choices")->items.size(), 2u);
    EXPECT_EQ(question->find("right")->string, "yes");
    EXPECT_EQ(question->find("explanation")->items.size(), 1u);
}

} // namespace mm
