// Questions that ask for a way, an order, several places, a picture or a number that may be a little off.
#include "scenario/question.h"
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

// Frames 0x40000 to 0x43fff, of which the kernel has 0x40200 to 0x409ff. So the buddy lists begin with one block of order 9
// at 0x40000 and one at 0x40a00, and thirteen of order 10 from 0x40c00 on, all Movable.
const std::string small = R"({"profile": {"memory": [{"start": "1GiB", "size": "64MiB"}],
    "reserved": [{"start": "0x40200000", "size": "8MiB"}], "sysctl": {"transparent_hugepage": false}}})";

std::string steps(const std::string& list) { return scenario_of(list, small); }

// A movable block of order 4 is cut from 0x40000: five splits, and the right halves 0x40100, 0x40080, 0x40040, 0x40020 and
// 0x40010 of orders 8 to 4 stay free.
std::string block_of_16(const std::string& question) {
    return steps(R"({"op": "alloc_pages", "order": 4, "gfp": "GFP_HIGHUSER_MOVABLE", "as": "a", "question": )" +
                 question + "}");
}

std::string problem_of(const std::string& scenario) {
    const std::vector<Error> failures = check_expectations(parsed(scenario));
    return failures.empty() ? "none" : failures.front().path + ": " + test::in_both(failures.front()).message;
}

} // namespace

TEST(QuestionKinds, TheWayOfARequestIsTheRarestThatItsEventsShow) {
    const Ran split(block_of_16(R"({"text": "How?", "ask": "branch"})"));
    EXPECT_EQ(split.right_text(), "a larger block is split");
    EXPECT_EQ(split.right_text(Language::zh), "拆分一个更大的块");
    EXPECT_EQ(split.verdict(split.positions({"a larger block is split"})), "right");
    EXPECT_EQ(split.verdict(split.positions({"a free block of just this order"})), "wrong");
    EXPECT_EQ(split.verdict("9"), "unread");
    EXPECT_EQ(split.verdict(""), "unread");
    EXPECT_EQ(split.because(), (std::vector<std::string>{"buddy_split"}));
    const auto way_of = [](const std::string& op) {
        return Ran(steps(op + R"(, "question": {"text": "How?", "ask": "branch"}})")).right_text();
    };
    EXPECT_EQ(way_of(R"({"op": "alloc_pages", "order": 9, "gfp": "GFP_HIGHUSER_MOVABLE")"),
              "the CPU's list is empty: it is refilled, then it serves");
    EXPECT_EQ(way_of(R"({"op": "alloc_pages", "order": 10, "gfp": "GFP_HIGHUSER_MOVABLE")"),
              "a free block of just this order");
    EXPECT_EQ(way_of(R"({"op": "alloc_page", "gfp": "GFP_KERNEL")"), "it borrows a block of another migrate type")
        << "it refills the list, too, but that is not the rarest";
    EXPECT_EQ(way_of(R"({"op": "alloc_page", "gfp": "GFP_HIGHUSER_MOVABLE", "as": "a"},
                        {"op": "__free_pages", "page": "a")"),
              "to the CPU's list, and no further");
}

TEST(QuestionKinds, OnlyWaysThatAnOpCouldTakeAreOffered) {
    const Ran one(steps(R"({"op": "alloc_page", "question": {"text": "How?", "ask": "branch"}})"));
    const std::vector<std::string> of_one_page = one.offered();
    const auto has = [](const std::vector<std::string>& items, std::string_view item) {
        return std::find(items.begin(), items.end(), item) != items.end();
    };
    EXPECT_FALSE(has(of_one_page, "a larger block is split")) << "single pages come by the CPU's list";
    EXPECT_TRUE(has(of_one_page, "the CPU's list has one"));
    EXPECT_FALSE(has(of_one_page, "the first zone is too low, so another one serves it")) << "there is one zone";
    EXPECT_FALSE(has(Ran(block_of_16(R"({"text": "How?", "ask": "branch"})")).offered(), "the CPU's list has one"));
    EXPECT_EQ(problem_of(steps(R"({"op": "drain_all_pages", "question": {"text": "How?", "ask": "branch"}})")),
              "steps[0].question: has no answer: the ways of drain_all_pages are not known here");
}

// The ends of the tree of page faults: those that the VMA can lead to, and that there is none.
TEST(QuestionKinds, WhereAFaultEndsIsAsked) {
    const auto asked = [](const std::string& before, const std::string& op) {
        return Ran(test::scenario_of(
            R"({"op": "transparent_hugepage.enabled", "value": "never"}, {"op": "execve", "program": "/bin/p", "as": "p"},
               {"op": "mmap", "process": "p", "size": 65536, "as": "a"},)" +
                before + op + R"(, "question": {"text": "How?", "ask": "branch"}})",
            R"({"profile": {"memory": "64MiB", "kernel": "6.1", "arch": "arm64"}})"));
    };
    const std::string write = R"({"op": "user_write", "process": "p", "address": "a", "value": 1)",
                      read = R"({"op": "user_read", "process": "p", "address": "a")";
    const Ran first = asked("", write);
    EXPECT_EQ(first.right_text(), "a new page of zeroes is mapped");
    EXPECT_EQ(first.because(), (std::vector<std::string>{"anon_page_mapped"}));
    const std::vector<std::string> offered = first.offered();
    EXPECT_EQ(std::count(offered.begin(), offered.end(), "the zero page is mapped, read-only"), 0)
        << "only reads can get it";
    EXPECT_EQ(first.verdict(first.positions({"others have the page too: it is copied"})), "wrong");
    EXPECT_EQ(asked(read + "},", write).right_text(), "a page of zeroes takes the zero page's place");
    EXPECT_EQ(asked(write + "},", write).right_text(), "there is no fault: the entry allows the access");
    EXPECT_EQ(asked("", read).right_text(Language::zh), "映射零页，只读");
    EXPECT_EQ(asked("", R"({"op": "user_read", "process": "p", "address": "0x18")").right_text(),
              "SIGSEGV with SEGV_MAPERR: no VMA has the address");
}

TEST(QuestionKinds, TheZoneIsTheOneOfThePageThatIsReturned) {
    const Ran ran(block_of_16(R"({"text": "Which?", "ask": "branch", "among": "zones"})"));
    EXPECT_EQ(ran.offered(), (std::vector<std::string>{"DMA", "none: NULL"}));
    EXPECT_EQ(ran.verdict("0"), "right");
    EXPECT_EQ(ran.verdict("1"), "wrong");
    const Ran none(steps(R"({"repeat": {"count": 14, "steps": [{"op": "alloc_pages", "order": 10, "as": "a[]"}]},
        "question": {"text": "Which?", "ask": "branch", "among": "zones"}})"));
    EXPECT_EQ(none.right_text(), "none: NULL");
    EXPECT_EQ(none.right_text(Language::zh), "都不行：NULL");
}

TEST(QuestionKinds, WhatHappensIsPutInTheOrderOfItsFirstEvents) {
    const Ran ran(block_of_16(R"({"text": "Order?", "ask": "order", "items": [
        {"text": "handed over", "event": "mm_page_alloc"}, {"text": "asked for", "event": "alloc_request"},
        {"text": {"en": "cut", "zh": "切开"}, "event": "buddy_split"}]})"));
    const std::vector<std::string> order{"asked for", "cut", "handed over"};
    EXPECT_NE(ran.offered(), order) << "they are offered in another order";
    EXPECT_EQ(ran.verdict(ran.positions(order)), "right");
    EXPECT_EQ(ran.verdict(ran.positions({"cut", "asked for", "handed over"})), "wrong");
    EXPECT_EQ(ran.verdict(ran.positions({"asked for", "cut"})), "unread") << "each has a place";
    EXPECT_EQ(ran.verdict("0,1,1"), "unread");
    EXPECT_EQ(ran.verdict("0,1,3"), "unread");
    EXPECT_EQ(ran.right_text(Language::zh), "asked for › 切开 › handed over");
    EXPECT_EQ(problem_of(block_of_16(R"({"text": "Order?", "ask": "order", "items": [
        {"text": "a", "event": "pcp_hit"}, {"text": "b", "event": "buddy_split"}]})")),
              "steps[0].question: has no answer: 1 of its 2 items do not happen in this step");
}

TEST(QuestionKinds, ValuesAndFunctionsArePutInOrder) {
    const Ran orders(block_of_16(R"({"text": "Order?", "ask": "order", "values": {"buddy_split": "new_order"}})"));
    EXPECT_EQ(orders.right_text(), "order 8 › order 7 › order 6 › order 5 › order 4");
    EXPECT_EQ(orders.right_text(Language::zh), "8 阶 › 7 阶 › 6 阶 › 5 阶 › 4 阶");
    EXPECT_EQ(orders.verdict(orders.positions({"order 8", "order 7", "order 6", "order 5", "order 4"})), "right");
    const Ran path(block_of_16(R"({"text": "Order?", "ask": "order", "path_to": "buddy_split"})"));
    EXPECT_TRUE(path.right_text().starts_with("alloc_pages › get_page_from_freelist › rmqueue › "))
        << path.right_text();
    EXPECT_TRUE(path.right_text().ends_with(" › expand")) << path.right_text();
    EXPECT_EQ(path.because(), (std::vector<std::string>{"buddy_split"}));
    EXPECT_EQ(problem_of(block_of_16(R"({"text": "Order?", "ask": "order", "path_to": "pcp_hit"})")),
              "steps[0].question: has 0 things to put in order, expected 2 to 8");
}

TEST(QuestionKinds, SeveralBlocksAreAllPointedAtAndNothingElse) {
    const Ran ran(block_of_16(R"({"text": "Which?", "ask": "several", "values": {"buddy_split": "right"}})"));
    EXPECT_EQ(ran.right_text(), "0x40010, 0x40020, 0x40040, 0x40080, 0x40100");
    EXPECT_EQ(ran.verdict("0x40010,0x40020,0x40040,0x40080,0x40100"), "right");
    EXPECT_EQ(ran.verdict("401ff, 400ff, 4007f, 4003f, 4001f"), "right") << "any frame of each, in any order";
    EXPECT_EQ(ran.verdict("pfn:40010,pfn:40011,pfn:40020,pfn:40040,pfn:40080,pfn:40100"), "right");
    EXPECT_EQ(ran.verdict("0x40010,0x40020,0x40040,0x40080"), "wrong") << "one is missing";
    EXPECT_EQ(ran.verdict("0x40010,0x40020,0x40040,0x40080,0x40100,0x40000"), "wrong") << "one too many";
    EXPECT_EQ(ran.verdict("0x40010,"), "unread");
    std::string many = "0x40010";
    for (const char digit : std::string("123456789abcdef")) many += std::string(",0x4001") + digit;
    EXPECT_EQ(ran.verdict(many), "wrong") << "sixteen are read";
    EXPECT_EQ(ran.verdict(many + ",0x40020"), "unread") << "seventeen are too many";
    EXPECT_EQ(ran.because().size(), 4u) << "no more than four explain it";
    // The block that is cut is one place, however often it is cut.
    const Ran cut(block_of_16(R"({"text": "Which?", "ask": "several", "values": {"buddy_split": "pfn"}})"));
    EXPECT_EQ(cut.right_text(), "0x40000");
    EXPECT_EQ(cut.verdict("0x401ff"), "right");
    EXPECT_EQ(cut.verdict("0x40200"), "wrong");
}

TEST(QuestionKinds, SeveralValuesAreMarked) {
    const Ran ran(block_of_16(R"({"text": "Which?", "ask": "several", "values": {"buddy_split": "new_order"}})"));
    EXPECT_EQ(ran.offered().size(), 11u) << "orders 0 to 10";
    EXPECT_EQ(ran.right_text(), "order 4, order 5, order 6, order 7, order 8");
    EXPECT_EQ(ran.verdict("8,7,6,5,4"), "right");
    EXPECT_EQ(ran.verdict("4,5,6,7"), "wrong");
    EXPECT_EQ(ran.verdict("4,5,6,7,8,9"), "wrong");
    EXPECT_EQ(ran.verdict("11"), "unread");
    EXPECT_EQ(problem_of(block_of_16(R"({"text": "Which?", "ask": "several", "values": {"buddy_merge": "order"}})")),
              "steps[0].question: has no answer: the step tells none of the values");
}

// More places than can be asked for, and more values than are kept.
TEST(QuestionKinds, TooManyPlacesAreAProblem) {
    const auto pages = [](int count) {
        return steps(R"({"repeat": {"count": )" + std::to_string(count) +
                     R"(, "steps": [{"op": "alloc_page", "as": "a[]"}]},
                     "question": {"text": "Which?", "ask": "several", "values": {"mm_page_alloc": "pfn"}}})");
    };
    EXPECT_EQ(problem_of(pages(16)), "none");
    EXPECT_EQ(problem_of(pages(17)), "steps[0].question: has 17 places to point at, expected 1 to 16");
    EXPECT_EQ(problem_of(pages(500)), "steps[0].question: has 64 places to point at, expected 1 to 16");
}

TEST(QuestionKinds, ThePictureIsWhatTheMachineLooksLike) {
    const std::string block = R"({"block": "0x40000", "order": 9, "free": )";
    const std::string halves = R"({"0x40010": 4, "0x40020": 5, "0x40040": 6, "0x40080": 7, "0x40100": 8})";
    const Ran ran(block_of_16(R"({"text": "Which?", "pictures": [)" + block + R"({"0x40100": 8}}, )" + block + halves +
                              R"(}, )" + block + R"({}}]})"));
    EXPECT_EQ(ran.question().kind, Question::Kind::picture);
    EXPECT_EQ(ran.verdict("1"), "right");
    EXPECT_EQ(ran.verdict("0"), "wrong") << "all that is free has to be there";
    EXPECT_EQ(ran.verdict("3"), "unread");
    EXPECT_EQ(picture_text(ran.question().choices[0], Language::en), "free: 0x40100 of order 8");
    EXPECT_EQ(picture_text(ran.question().choices[2], Language::zh), "没有空闲块");
    const Ran lists(block_of_16(R"({"text": "Which?", "pictures": [{"nr_free": {"0:DMA": {"9": 2, "10": 12}}},
                                                                   {"nr_free": {"0:DMA": {"9": 1, "10": 13}}}]})"));
    EXPECT_EQ(lists.right_text(), "order 9: 1, order 10: 13");
    EXPECT_EQ(lists.right_text(Language::zh), "9 阶 1 块，10 阶 13 块");
    EXPECT_EQ(problem_of(block_of_16(R"({"text": "Which?", "pictures": [{"nr_free": {"0:DMA": {"9": 1}}},
                                                                       {"nr_free": {"0:DMA": {"10": 13}}}]})")),
              "steps[0].question: 2 pictures show what is there after the step, expected one");
}

TEST(QuestionKinds, APredictionMayBeOffByAsMuchAsTheQuestionSays) {
    const auto asked = [](const std::string& within) {
        return Ran(block_of_16(R"({"text": "How many?", "ask": "number", "answer": {"free_pages": {"0:DMA": "?"}},
                                   "within": )" +
                               within + "}"));
    };
    const Ran parts = asked("\"10%\""); // of 14320: 1432
    EXPECT_EQ(parts.right_text(), "14320");
    EXPECT_EQ(parts.verdict("12888"), "right");
    EXPECT_EQ(parts.verdict("15752"), "right");
    EXPECT_EQ(parts.verdict("12887"), "wrong");
    EXPECT_EQ(parts.verdict("15753"), "wrong");
    EXPECT_EQ(parts.verdict("-14320"), "wrong");
    EXPECT_EQ(parts.verdict("9223372036854775807"), "wrong");
    EXPECT_EQ(parts.verdict("-9223372036854775807"), "wrong");
    EXPECT_EQ(asked("3").verdict("14323"), "right");
    EXPECT_EQ(asked("3").verdict("14324"), "wrong");
    EXPECT_EQ(asked("0").verdict("14319"), "wrong");
}

TEST(QuestionKinds, WhatIsWrongIsSaidAtItsPlace) {
    const auto wrong = [](const std::string& question) { return error_of(block_of_16(question)); };
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "branch", "choices": []})"),
              "steps[0].question: expected either \"choices\", \"pictures\" or \"ask\"");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "branch", "among": "zone"})"),
              "steps[0].question.among: \"zone\" is unknown (did you mean \"zones\"?)");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "branch", "within": 3})"),
              "steps[0].question.within: does not go with \"ask\": \"branch\"");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "order"})"),
              "steps[0].question: expected one of \"items\", \"path_to\" and \"values\"");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "order", "items": [{"text": "a", "event": "pcp_hit"}]})"),
              "steps[0].question.items: expected at least two things to put in order");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "order", "items": [{"text": "a", "event": "pcp_hit"},
                                                              {"text": "b", "event": "pcp_hit"}]})"),
              "steps[0].question.items[1].event: stands there twice: each thing has an event of its own");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "order", "path_to": "budy_split"})"),
              "steps[0].question.path_to: there is no event \"budy_split\" (did you mean \"buddy_split\"?)");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "several"})"), "steps[0].question.values: is missing");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "several", "values": {}})"),
              "steps[0].question.values: names 0 events, expected 1 to 4");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "several", "values": {"buddy_split": "left"}})"),
              "steps[0].question.values.buddy_split: buddy_split has no argument \"left\" (expected zone, pfn, order, "
              "right, new_order or migratetype)");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "several", "values": {"buddy_split": "pfn", "buddy_merge": "order"}})"),
              "steps[0].question.values.buddy_merge: is of another kind than the argument before it");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "several", "values": {"pcp_hit": "count"}})"),
              "steps[0].question: asks for values that cannot be pointed at: expected page frames, zones, orders, "
              "migrate types, CPUs or nodes");
    EXPECT_EQ(wrong(R"({"text": "?", "ask": "number", "answer": {"events": {"pcp_hit": "?"}}, "within": "101%"})"),
              "steps[0].question.within: \"101%\" is no number and no part like \"10%\", at most \"100%\"");
    EXPECT_EQ(wrong(R"({"text": "?", "pictures": [{"nr_free": {"0:DMA": {"1": 1}}}]})"),
              "steps[0].question.pictures: expected at least two pictures");
    EXPECT_EQ(wrong(R"({"text": "?", "pictures": [{"nr_free": {}}, {"nr_free": {}}]})"),
              "steps[0].question.pictures[0]: shows no list");
    EXPECT_EQ(wrong(R"({"text": "?", "pictures": [{"block": "0x40000", "order": 11, "free": {}}, {}]})"),
              "steps[0].question.pictures[0].order: 11 is above 10");
    EXPECT_EQ(wrong(R"({"text": "?", "pictures": [{"block": "0x40000", "order": 4, "free": {"0x40010": 0}}, {}]})"),
              "steps[0].question.pictures[0].free.0x40010: expected blocks inside \"block\", by address, one after the "
              "other");
    EXPECT_EQ(wrong(R"({"text": "?", "pictures": [{"block": "0x40000", "order": 4, "free": {"x": 0}}, {}]})"),
              "steps[0].question.pictures[0].free.x: expected a page frame number in hex");
    EXPECT_EQ(wrong(R"({"text": "?", "pictures": [{"text": "a"}, {}]})"),
              "steps[0].question.pictures[0].text: no such field (expected nr_free, block or vmas)");
}

TEST(QuestionKinds, EachKindIsPrintedWithItsAnswer) {
    const auto printed = [](const std::string& question) {
        const Scenario scenario = parsed(block_of_16(question));
        std::string out;
        report_json(scenario, *start_machine(scenario), RunOptions{}, [&](std::string_view text) { out += text; });
        const Result<JsonValue> json = parse_json(out);
        if (!json) return json.error().text();
        return json->find("steps")->items[0].find("question")->find("right")->string;
    };
    EXPECT_EQ(printed(R"({"text": "?", "ask": "branch"})"), "a larger block is split");
    EXPECT_EQ(printed(R"({"text": "?", "ask": "several", "values": {"buddy_split": "pfn"}})"), "0x40000");
}

} // namespace mm
