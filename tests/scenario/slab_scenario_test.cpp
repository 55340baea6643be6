// Steps of the slab allocators: names of caches and objects, rows, flags, random runs.
#include "scenario/run.h"
#include "scenario/run_report.h"
#include "scenario/scenario_text.h"
#include "slab/slab_flags.h"

namespace mm {

using test::error_of;
using test::field;
using test::op_name;
using test::parsed;
using test::scenario_of;

namespace {

const std::string cache = R"({"op": "kmem_cache_create", "name": "my_cache", "size": 192, "as": "c"})";
const std::string four_cpus = R"({"profile": {"memory": "64MiB", "cpus": 4}})";

std::string after_cache(const std::string& steps) { return scenario_of(cache + ", " + steps); }
std::string cache_error(const std::string& fields) {
    return error_of(scenario_of(R"({"op": "kmem_cache_create", )" + fields + "}"));
}

std::vector<i64> slots_of(const Scenario& scenario, std::string_view op, std::string_view name) {
    std::vector<i64> slots;
    for (const Op& one : scenario.ops)
        if (op_name(one) == op) slots.push_back(field(one, name));
    return slots;
}

} // namespace

TEST(SlabSteps, ACacheHasItsNameSizeAndFlags) {
    const Scenario scenario = parsed(scenario_of(
        R"({"op": "kmem_cache_create", "name": "my-cache:1", "size": "1KiB", "align": 64,
            "flags": "SLAB_HWCACHE_ALIGN|SLAB_PANIC", "ctor": true, "as": "c"})"));
    const Op& op = scenario.ops[0];
    EXPECT_EQ(name_text(static_cast<name_id>(field(op, "name"))), "my-cache:1");
    EXPECT_EQ(field(op, "size"), 1024);
    EXPECT_EQ(field(op, "align"), 64);
    EXPECT_EQ(field(op, "flags"), SLAB_HWCACHE_ALIGN | SLAB_PANIC);
    EXPECT_EQ(field(op, "ctor"), 1);
    EXPECT_EQ(field(parsed(scenario_of(cache)).ops[0], "flags"), 0);
}

TEST(SlabSteps, ANameThatSlabinfoCouldNotPrintIsAnError) {
    EXPECT_EQ(cache_error(R"("size": 8)"), "steps[0].name: is missing");
    EXPECT_EQ(cache_error(R"("name": "", "size": 8)"),
              "steps[0].name: \"\" is no name: letters, digits and _ - . : , @ +");
    EXPECT_EQ(cache_error(R"("name": "my cache", "size": 8)"),
              "steps[0].name: \"my cache\" is no name: letters, digits and _ - . : , @ +");
    EXPECT_EQ(cache_error("\"name\": \"" + std::string(64, 'x') + "\", \"size\": 8"),
              "steps[0].name: 64 characters of text are above 63");
    EXPECT_EQ(cache_error("\"name\": \"" + std::string(63, 'x') + "\", \"size\": 8"), "accepted");
    EXPECT_EQ(cache_error(R"("name": "x")"), "steps[0].size: is missing");
}

TEST(SlabSteps, AFlagIsOneThatTheKernelOfTheMachineTakes) {
    EXPECT_EQ(cache_error(R"("name": "x", "size": 8, "flags": "SLAB_PANIK")"),
              "steps[0].flags: \"SLAB_PANIK\" is no flag that kmem_cache_create takes in Linux 6.1 (did you mean "
              "\"SLAB_PANIC\"?)");
    EXPECT_EQ(cache_error(R"("name": "x", "size": 8, "flags": "SLAB_KMALLOC")").substr(0, 68),
              "steps[0].flags: \"SLAB_KMALLOC\" is no flag that kmem_cache_create tak");
    EXPECT_EQ(cache_error(R"("name": "x", "size": 8, "flags": "0")"), "accepted");
    const std::string no_merge = R"({"op": "kmem_cache_create", "name": "x", "size": 8, "flags": "SLAB_NO_MERGE"})";
    EXPECT_EQ(error_of(scenario_of(no_merge, R"({"profile": {"memory": "64MiB", "kernel": "6.12"}})")), "accepted");
    EXPECT_NE(error_of(scenario_of(no_merge)), "accepted");
}

TEST(SlabSteps, ANameStandsForOneKindOfResult) {
    EXPECT_EQ(error_of(after_cache(R"({"op": "__free_pages", "page": "c"})")),
              "steps[1].page: c is a cache, made by kmem_cache_create at steps[0]; expected pages");
    EXPECT_EQ(error_of(after_cache(R"({"op": "kfree", "object": "c"})")),
              "steps[1].object: c is a cache, made by kmem_cache_create at steps[0]; expected an object");
    EXPECT_EQ(error_of(scenario_of(R"({"op": "alloc_page", "as": "a"}, {"op": "kmem_cache_alloc", "cache": "a"})")),
              "steps[1].cache: a is pages, made by alloc_page at steps[0]; expected a cache");
    EXPECT_EQ(error_of(scenario_of(R"({"random": {"count": 4, "as": "r"}}, {"op": "kfree", "object": "r[0]"})")),
              "steps[1].object: r is pages, made by random at steps[0]; expected an object");
    EXPECT_EQ(error_of(after_cache(R"({"repeat": {"count": 2, "steps": [{"op": "kmem_cache_alloc", "cache": "c", "as":
              "o[]"}]}}, {"op": "__free_pages", "page": "o[1]"})")),
              "steps[2].page: o is an object, made by kmem_cache_alloc at steps[1].repeat.steps[0]; expected pages");
    EXPECT_EQ(error_of(scenario_of(R"({"op": "kmem_cache_alloc"})")), "steps[0].cache: is missing");
    EXPECT_EQ(error_of(after_cache(R"({"op": "kmem_cache_free", "cache": "d"})")),
              "steps[1].cache: no earlier step makes a result \"d\" (expected c)");
    EXPECT_EQ(error_of(after_cache(R"({"op": "kmem_cache_free", "cache": "c", "as": "x"})")),
              "steps[1].as: no such field (expected op, cpu, cache, object, note, view, question or expect)");
}

TEST(SlabSteps, ARepeatFillsARowOnSeveralCpus) {
    const Scenario scenario = parsed(scenario_of(
        cache + R"(, {"repeat": {"count": 40, "steps": [{"op": "kmem_cache_alloc", "cache": "c", "as": "o[]"},
                     {"op": "kmem_cache_alloc", "cache": "c", "cpu": 3, "as": "p[]"}]}},
                  {"repeat": {"count": 20, "stride": 2, "steps": [{"op": "kmem_cache_free", "cache": "c", "object": "o[]",
                     "cpu": 1}]}})",
        four_cpus));
    ASSERT_EQ(scenario.ops.size(), 101u);
    EXPECT_EQ(scenario.ops[2].cpu, 3);
    EXPECT_EQ(scenario.ops[3].result, 2u);
    EXPECT_EQ(scenario.ops[4].result, 42u);
    EXPECT_EQ(slots_of(scenario, "kmem_cache_free", "object")[19], 1 + 38);
    EXPECT_TRUE(check_scenario(scenario).failures.empty());
}

TEST(SlabSteps, ARowIsMadeAndTakenAtOnce) {
    const Scenario scenario = parsed(after_cache(
        R"({"op": "kmem_cache_alloc_bulk", "cache": "c", "nr": 8, "as": "b[]"},
           {"op": "kmem_cache_free_bulk", "cache": "c", "objects": "b[4]", "nr": 4},
           {"op": "kmem_cache_free_bulk", "cache": "c", "objects": "b[]", "nr": 3},
           {"op": "kmem_cache_free", "cache": "c", "object": "b[3]"})"));
    EXPECT_EQ(scenario.result_names[8], "b[7]");
    EXPECT_EQ(scenario.ops[1].result, 1u);
    EXPECT_EQ(slots_of(scenario, "kmem_cache_free_bulk", "objects"), (std::vector<i64>{5, 1}));
    const CheckReport report = check_scenario(scenario);
    EXPECT_TRUE(report.failures.empty());
    std::string told;
    report_text(scenario, *start_machine(scenario), {}, [&](std::string_view text) { told += text; });
    EXPECT_NE(told.find("kmem_cache_alloc_bulk(cache=c, nr=8, gfp=GFP_KERNEL) as b[0] to b[7]"), std::string::npos)
        << told;
    EXPECT_NE(told.find("kmem_cache_free_bulk(cache=c, objects=b[4] to b[7], nr=4)"), std::string::npos) << told;
}

TEST(SlabSteps, ARowInARepeatGoesOnWhereTheTurnBeforeEnded) {
    const Scenario scenario = parsed(after_cache(
        R"({"repeat": {"count": 3, "steps": [{"op": "kmem_cache_alloc_bulk", "cache": "c", "nr": 4, "as": "b[]"}]}},
           {"repeat": {"count": 3, "first": 2, "stride": -1, "steps": [
               {"op": "kmem_cache_free_bulk", "cache": "c", "objects": "b[]", "nr": 4}]}})"));
    EXPECT_EQ(scenario.result_names.size(), 13u);
    EXPECT_EQ(scenario.ops[3].result, 9u);
    EXPECT_EQ(slots_of(scenario, "kmem_cache_free_bulk", "objects"), (std::vector<i64>{9, 5, 1}));
    EXPECT_TRUE(check_scenario(scenario).failures.empty());
}

TEST(SlabSteps, ARowThatDoesNotFitIsAnError) {
    const std::string row = R"({"op": "kmem_cache_alloc_bulk", "cache": "c", "nr": 8, "as": "b[]"}, )";
    const auto free_error = [&](const std::string& fields) {
        return error_of(after_cache(row + R"({"op": "kmem_cache_free_bulk", "cache": "c", )" + fields + "}"));
    };
    EXPECT_EQ(error_of(after_cache(R"({"op": "kmem_cache_alloc_bulk", "cache": "c", "nr": 8, "as": "b"})")),
              "steps[1].as: kmem_cache_alloc_bulk makes a row of results: write \"b[]\"");
    EXPECT_EQ(error_of(after_cache(R"({"op": "kmem_cache_alloc_bulk", "cache": "c", "nr": 1025, "as": "b[]"})")),
              "steps[1].nr: 1025 is above 1024");
    EXPECT_EQ(free_error(R"("objects": "b[]", "nr": 9)"), "steps[2].objects: b[8] is outside b[0] to b[7]");
    EXPECT_EQ(free_error(R"("objects": "b[5]", "nr": 4)"), "steps[2].objects: b[8] is outside b[0] to b[7]");
    EXPECT_EQ(free_error(R"("objects": "b", "nr": 2)"),
              "steps[2].objects: b is a row of results: choose one of b[0] to b[7]");
    EXPECT_EQ(free_error(R"("objects": "b[]")"), "steps[2].nr: is missing");
    EXPECT_EQ(error_of(after_cache(R"({"op": "kmalloc", "size": 8, "as": "o"},
                                      {"op": "kmem_cache_free_bulk", "cache": "c", "objects": "o", "nr": 1})")),
              "steps[2].objects: o is one result, not a row of 1");
    EXPECT_EQ(error_of(after_cache(R"({"repeat": {"count": 2000, "steps": [
                  {"op": "kmem_cache_alloc_bulk", "cache": "c", "nr": 1024, "as": "b[]"}]}})")),
              "steps[1].repeat.steps[0].as: more than 1048576 results");
}

TEST(SlabSteps, ARowBeyondTheLastResultIsRefused) {
    const Scenario scenario = parsed(scenario_of(cache));
    const Machine machine = *start_machine(scenario);
    Op op;
    op.kind = *find_op("kmem_cache_alloc_bulk");
    op.arg = {0, 1024, 0, 0, 0, 0};
    op.result = MAX_RESULTS - 1000;
    ASSERT_TRUE(check_op(machine, op).has_value());
    EXPECT_EQ(check_op(machine, op)->path, "as");
    op.result = MAX_RESULTS - 1024;
    EXPECT_FALSE(check_op(machine, op).has_value());
}

TEST(SlabRandom, ObjectsGoBackToTheCacheThatTheyCameFrom) {
    const Scenario scenario =
        parsed(scenario_of(cache + R"(, {"op": "kmem_cache_create", "name": "other", "size": 512, "as": "d"},
                  {"random": {"count": 3000, "cache": ["c", "d"], "slots": 200, "all_cpus": true, "as": "o"}})",
                           four_cpus));
    std::vector<i64> cache_of_slot(scenario.result_names.size(), -1);
    u32 freed = 0, on_last_cpu = 0;
    for (const Op& op : std::span(scenario.ops).subspan(2)) {
        on_last_cpu += op.cpu == 3;
        if (op_name(op) == "kmem_cache_alloc") {
            cache_of_slot[op.result] = field(op, "cache");
        } else {
            ASSERT_EQ(op_name(op), "kmem_cache_free");
            ++freed;
            EXPECT_EQ(field(op, "cache"), cache_of_slot[static_cast<std::size_t>(field(op, "object"))]);
        }
    }
    EXPECT_GT(freed, 1000u);
    EXPECT_GT(on_last_cpu, 500u);
    EXPECT_TRUE(check_scenario(scenario).failures.empty());
}

TEST(SlabRandom, SizesBecomeKmalloc) {
    const Scenario scenario = parsed(scenario_of(
        R"({"random": {"count": 500, "size": [8, 100, "4KiB"], "gfp": ["GFP_KERNEL", "GFP_ATOMIC"], "as": "o"}})"));
    std::array<u32, 3> seen{};
    for (const Op& op : scenario.ops) {
        if (op_name(op) == "kfree") continue;
        ASSERT_EQ(op_name(op), "kmalloc");
        const i64 size = field(op, "size");
        ++seen[size == 8 ? 0 : size == 100 ? 1 : 2];
    }
    for (u32 n : seen) EXPECT_GT(n, 50u);
    EXPECT_TRUE(check_scenario(scenario).failures.empty());
}

TEST(SlabRandom, WhatExcludesEachOtherIsAnError) {
    const auto random_error = [](const std::string& fields) {
        return error_of(after_cache("{\"random\": {\"count\": 9, " + fields + "}}"));
    };
    EXPECT_EQ(random_error(R"("cache": ["c"], "size": [8])"),
              "steps[1].random: \"cache\" (kmem_cache_alloc) and \"size\" (kmalloc) exclude each other");
    EXPECT_EQ(random_error(R"("size": [8], "max_order": 1)"),
              "steps[1].random: \"max_order\" is for random pages; this run allocates objects");
    EXPECT_EQ(random_error(R"("cache": [])"), "steps[1].random.cache: expected at least one cache");
    EXPECT_EQ(random_error(R"("cache": ["x"])"),
              "steps[1].random.cache[0]: no earlier step makes a result \"x\" (expected c)");
    EXPECT_EQ(random_error(R"("size": ["1XB"])").substr(0, 40), "steps[1].random.size[0]: found \"1XB\", ex");
}

} // namespace mm
