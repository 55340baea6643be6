// Expectations and pictures about processes. The numbers are arithmetic: pages of 4 KiB, fixed addresses, sums of sizes.
#include "scenario/process_facts.h"

#include "ran_question.h"
#include "scenario/scenario_text.h"

namespace mm {

using test::error_of;
using test::parsed;
using test::scenario_of;

namespace {

const std::string machine = R"({"profile": {"memory": [{"start": "1GiB", "size": "64MiB"}]}})";

// Process p with 8 pages at 0x1000000000, the third and fourth of them read-only; then the step.
std::string with_process(const std::string& step) {
    return scenario_of(R"({"op": "execve", "kind": "static", "as": "p"},
        {"op": "mmap", "process": "p", "address": "0x1000000000", "size": "32KiB", "flags": "MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED", "as": "a"},
        {"op": "mprotect", "process": "p", "address": "a+8192", "size": "8KiB", "prot": "PROT_READ"}, {)" +
                           step + "}",
                       machine);
}

const std::string hole = R"("op": "munmap", "process": "p", "address": "a+0x5000", "size": "4KiB")";
const std::string sbrk = R"("op": "sbrk", "process": "p", "by": 4096, "as": "s")";

std::string failure_of(const std::string& step, const std::string& expect) {
    const std::vector<Error> failures = check_expectations(parsed(with_process(step + ", \"expect\": " + expect)));
    return failures.empty() ? "holds" : failures.front().path + ": " + failures.front().message;
}
std::string wrong(const std::string& expect) { return error_of(with_process(hole + ", \"expect\": " + expect)); }

constexpr const char* ROWS =
    R"([[0, "8KiB", "rw-p"], [8192, 16384, "r--p"], ["16KiB", 20480, "rw-p"], ["24KiB", "32KiB", "rw-p"]])";

} // namespace

TEST(ProcessFacts, VmasAreToldFromAPlaceWithTheirHoles) {
    EXPECT_EQ(failure_of(hole, std::string(R"({"vmas": {"p": {"a": )") + ROWS + "}}}"), "holds");
    EXPECT_EQ(failure_of(hole, std::string(R"({"vmas": {"p": {"0x1000000000": )") + ROWS + "}}}"), "holds");
    EXPECT_EQ(failure_of(hole, R"({"vmas": {"p": {"a+0x4000": [[0, 4096, "rw-p"], [4096, 8192, "hole"]]}}})"), "holds");
    EXPECT_EQ(failure_of(hole, R"({"vmas": {"p": {"a": [[-4096, 0, "hole"], [0, 8192, "rw-p"]]}}})"), "holds");
    EXPECT_EQ(failure_of(hole, R"({"vmas": {"p": {"0x400000": [[0, "88KiB", "r-xp", "/bin/prog"]]}}})"), "holds");
}

TEST(ProcessFacts, WhatDiffersIsToldAsItIs) {
    EXPECT_EQ(
        failure_of(hole, R"({"vmas": {"p": {"a": [[0, 16384, "rw-p"]]}}})"),
        "steps[3].expect.vmas.p.a: is +0x0 to +0x2000 rw-p, +0x2000 to +0x4000 r--p, expected +0x0 to +0x4000 rw-p");
    EXPECT_EQ(failure_of(hole, R"({"vmas": {"p": {"0x1000005000": [[0, 4096, "r--p"]]}}})"),
              "steps[3].expect.vmas.p.0x1000005000: is 0x1000005000 to 0x1000006000 hole, expected 0x1000005000 to "
              "0x1000006000 r--p");
    // It begins before the range, which is told, too.
    EXPECT_EQ(failure_of(hole, R"({"vmas": {"p": {"a+0x1000": [[0, 4096, "rw-p"]]}}})"),
              "steps[3].expect.vmas.p.a+0x1000: is -0x1000 to +0x1000 rw-p, expected +0x0 to +0x1000 rw-p");
    EXPECT_EQ(failure_of(R"("op": "exit", "process": "p")", R"({"mm": {"p": {"map_count": 0}}})"),
              "steps[3].expect.mm.p.map_count: is not there");
}

TEST(ProcessFacts, AnMmHasItsCountsAndAddresses) {
    const std::string moved = R"("op": "mmap", "process": "p", "address": "a+0x10000", "size": "4KiB", "as": "b")";
    EXPECT_EQ(failure_of(moved, R"({"region": {"b": {"address": "0x1000010000", "from": {"a": 65536}},
                                               "a": {"from": {"b": -65536}}}, "errno": "ENOMEM"})"),
              "steps[3].expect.errno: is 0, expected ENOMEM");
    EXPECT_EQ(failure_of(sbrk, R"({"mm": {"p": {"start_brk": "0x436000", "brk": "0x437000", "locked_vm": 0}}})"),
              "holds");
    EXPECT_EQ(failure_of(sbrk, R"({"mm": {"p": {"brk": "0x436000"}}})"),
              "steps[3].expect.mm.p.brk: is 0x437000, expected 0x436000");
}

TEST(ProcessFacts, AnErrnoIsThatOfTheCallThatFailed) {
    EXPECT_EQ(failure_of(R"("op": "mmap", "process": "p", "size": 0, "as": "b")", R"({"errno": "EINVAL"})"), "holds");
    // The C library's, whatever brk() found inside: here that the address is below the heap.
    EXPECT_EQ(failure_of(R"("op": "brk", "process": "p", "address": "0x400000", "as": "b")", R"({"errno": "ENOMEM"})"),
              "holds");
    EXPECT_EQ(wrong(R"({"errno": "ENOMEN"})").substr(0, 62),
              "steps[3].expect.errno: \"ENOMEN\" is none of its words (did you ");
}

TEST(ProcessFacts, BadInputNamesItsPlace) {
    EXPECT_EQ(wrong(R"({"vmas": {"p": {"a": []}}})"), "steps[3].expect.vmas.p.a: shows no address");
    EXPECT_EQ(wrong(R"({"vmas": {"p": {"a": [[0, 4096]]}}})"),
              "steps[3].expect.vmas.p.a[0]: expected begin, end and rights, as in [0, 4096, \"rw-p\"]");
    EXPECT_EQ(
        wrong(R"({"vmas": {"p": {"a": [[0, 4096, "rwp"]]}}})"),
        "steps[3].expect.vmas.p.a[0][2]: \"rwp\" are no rights: expected four letters as in \"rw-p\", or \"hole\"");
    const std::string by_address = ": expected VMAs by address, one after the other, each with its begin and end";
    EXPECT_EQ(wrong(R"({"vmas": {"p": {"a": [[4096, 4096, "rw-p"]]}}})"), "steps[3].expect.vmas.p.a[0]" + by_address);
    EXPECT_EQ(wrong(R"({"vmas": {"p": {"a": [[0, 8192, "rw-p"], [4096, 12288, "rw-p"]]}}})"),
              "steps[3].expect.vmas.p.a[1]" + by_address);
    EXPECT_EQ(wrong(R"({"vmas": {"p": {"4096": [[0, 4096, "rw-p"]]}}})"),
              "steps[3].expect.vmas.p.4096: \"4096\" is no address, as \"0x400000\", and no region, as \"a+0x1000\"");
    EXPECT_NE(wrong(R"({"vmas": {"a": {"a": [[0, 4096, "rw-p"]]}}})"), "accepted") << "a region is no process";
    EXPECT_NE(wrong(R"({"mm": {"p": {"maps": 1}}})"), "accepted");
    EXPECT_NE(wrong(R"({"region": {"p": {"address": 1}}})"), "accepted");
}

TEST(ProcessFacts, APictureShowsVmas) {
    const std::string picture = R"({"vmas": {"p": {"a": )";
    const test::Ran ran(with_process(hole + R"(, "question": {"text": "Which?", "pictures": [)" + picture +
                                     R"([[0, 8192, "rw-p"], [8192, 16384, "r--p"], [16384, 32768, "rw-p"]]}}}, )" +
                                     picture + ROWS + "}}}]}"));
    const auto right = ran.right();
    ASSERT_TRUE(right);
    EXPECT_EQ(right->value, 1);
    EXPECT_EQ(
        picture_text(ran.question().choices[1], Language::en),
        "+0x0 to +0x2000 rw-p, +0x2000 to +0x4000 r--p, +0x4000 to +0x5000 rw-p, +0x5000 to +0x6000 hole, +0x6000 to "
        "+0x8000 rw-p");
    EXPECT_EQ(picture_text(ran.question().choices[0], Language::zh),
              "+0x0 到 +0x2000 rw-p，+0x2000 到 +0x4000 r--p，+0x4000 到 +0x8000 rw-p");
    EXPECT_EQ(error_of(with_process(hole + R"(, "question": {"text": "?", "pictures": [)" + picture +
                                    R"([[0, 4096, "rw-p"]], "0x400000": [[0, 4096, "rw-p"]]}}}, {}]})")),
              "steps[3].question.pictures[0]: shows 2 rows of VMAs, expected one: {\"vmas\": {\"p\": {\"a\": [...]}}}");
}

TEST(ProcessFacts, PromisedPagesAreAsked) {
    const test::Ran ran(with_process(
        R"("op": "munmap", "process": "p", "address": "a", "size": "32KiB", "question": {"text": "?", "ask": "number",
           "answer": {"mm": {"p": {"brk": "?"}}}})"));
    const auto right = ran.right();
    ASSERT_TRUE(right);
    EXPECT_EQ(right->value, 0x436000);
    EXPECT_EQ(failure_of(R"("op": "exit", "process": "p")", R"({"committed_as": 0})"), "holds");
    EXPECT_EQ(wrong(R"({"committed_as": "many"})").substr(0, 29), "steps[3].expect.committed_as:");
}

// A write that was the first takes one page, which nobody else maps; a read that was the first maps the zero page.
TEST(ProcessFacts, APageIsToldByItsPlace) {
    const std::string write = R"("op": "user_write", "process": "p", "address": "a+4100", "value": 9)";
    EXPECT_EQ(failure_of(write, R"({"page": {"p": {
        "a+0x1000": {"kind": "anon", "mapcount": 1, "value": 9, "level": 0, "exclusive": true, "writable": true, "dirty": true},
        "0x1000000000": {"kind": "none"}}}})"),
              "holds");
    const std::string read = R"("op": "user_read", "process": "p", "address": "a")";
    EXPECT_EQ(failure_of(read, R"({"page": {"p": {"a": {"kind": "zero", "mapcount": 0, "writable": false}}}})"),
              "holds");
    EXPECT_EQ(failure_of(read, R"({"page": {"p": {"a": {"kind": "anon"}}}})"),
              "steps[3].expect.page.p.a.kind: is zero, expected anon");
    EXPECT_EQ(failure_of(read, R"({"page": {"p": {"a": {"writable": true}}}})"),
              "steps[3].expect.page.p.a.writable: is false, expected true");
    EXPECT_EQ(failure_of(read, R"({"page": {"p": {"a+0x1000": {"mapcount": 1}}}})"),
              "steps[3].expect.page.p.a+0x1000.mapcount: is not there");
    EXPECT_NE(wrong(R"({"page": {"p": {"a": {"kind": "file page"}}}})"), "accepted");
    EXPECT_NE(wrong(R"({"page": {"p": {"a": {"exclusive": 1}}}})"), "accepted");
    EXPECT_NE(wrong(R"({"page": {"p": {"nowhere": {"kind": "none"}}}})"), "accepted");
    EXPECT_NE(wrong(R"({"page": {"a": {"a": {"kind": "none"}}}})"), "accepted") << "a region is no process";
}

TEST(ProcessFacts, TheReferenceHasEveryFact) {
    const std::string text = test::read_file(MMSCOPE_SOURCE_DIR "/docs/scenario-format.md");
    for (const ProcessFact& fact : process_facts()) {
        if (fact.of == ProcessFact::Of::machine) {
            EXPECT_NE(text.find("`" + std::string(fact.name) + "`"), std::string::npos) << fact.name;
            continue;
        }
        const std::string row = "| " + std::string(process_fact_subjects[static_cast<std::size_t>(fact.of)]) + " | `" +
                                std::string(fact.name) + "` | " + std::string(fact.help) + " |";
        EXPECT_NE(text.find(row), std::string::npos) << row;
    }
}

} // namespace mm
