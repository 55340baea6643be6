// The budget of work: what a scenario may ask for, counted the same way however it runs, and what happens beyond.
#include <filesystem>

#include "base/rng.h"
#include "machine/session.h"
#include "scenario/run.h"
#include "scenario/scenario_text.h"

namespace mm {

namespace {

Scenario work_file(const std::string& name) {
    return test::parsed(test::read_file(MMSCOPE_SOURCE_DIR "/tests/budget/" + name + ".json"));
}

std::vector<Scenario> shipped() {
    std::vector<Scenario> all;
    for (const auto& entry : std::filesystem::directory_iterator(MMSCOPE_SOURCE_DIR "/scenarios"))
        if (entry.path().extension() == ".json" && entry.path().filename() != "index.json")
            all.push_back(test::parsed(test::read_file(entry.path())));
    return all;
}

Machine start_of(const Scenario& scenario) {
    Result<Machine> start = start_machine(scenario);
    EXPECT_TRUE(start.ok()) << start.error().text();
    return std::move(*start);
}

// An eighth of the budget for a run: the same ops are too much by the same rules, and the tests are done sooner.
constexpr work_budget SMALL{SCENARIO_WORK.op, SCENARIO_WORK.run / 8};

Session small_session(const Scenario& scenario) {
    Session::Options options;
    options.budget = SMALL;
    Session session(start_of(scenario), options);
    session.append(scenario.ops);
    return session;
}

// The number of ops that fit, counted from what each takes by itself, with nobody watching.
struct Fit {
    u32 ops = 0;
    u64 work = 0;
    u64 hash = 0; // of the machine behind them
};
Fit fit_of(const Scenario& scenario) {
    Fit fit;
    Machine machine = start_of(scenario);
    for (const Op& op : scenario.ops) {
        EventSink quiet;
        quiet.set_limit(SMALL.op);
        apply(machine, op, quiet);
        if (quiet.work() > SMALL.op.work || quiet.count() > SMALL.op.events || fit.work + quiet.work() > SMALL.run)
            break;
        fit.work += quiet.work();
        ++fit.ops;
    }
    Machine again = start_of(scenario);
    for (u32 i = 0; i < fit.ops; ++i) {
        EventSink quiet;
        apply(again, scenario.ops[i], quiet);
    }
    fit.hash = canonical_hash(again);
    return fit;
}

// Each file of tests/budget that asks for too much: the op that may not run, its step and the bound.
struct TooMuch {
    const char* file;
    const char* step;
    int line;
    const char* op;
    const char* bound;
};
constexpr TooMuch too_much[] = {
    {"slob-first-fit", "steps[0]", 6, "kmalloc(size=3000 bytes", "the most for one scenario"},
    {"map-pages", "steps[1]", 7, "create_pgd_mapping", "the most for one op"},
    {"protect-large", "steps[4]", 13, "change_protection", "the most for one op"},
    {"protect-often", "steps[2]", 9, "change_protection", "the most for one scenario"},
    {"shrink-poison", "steps[4]", 10, "kmem_cache_", "the most for one scenario"},
    {"validate-often", "steps[2]", 8, "validate", "the most for one scenario"},
};

} // namespace

TEST(Work, EveryLessonFits) {
    for (const Scenario& scenario : shipped()) {
        const std::optional<Error> error = check_work(scenario);
        EXPECT_FALSE(error) << scenario.title.en << ": " << (error ? error->text() : "");
    }
}

TEST(Work, AMillionPlainOpsFit) {
    for (const char* file : {"plain-million", "address-spaces"}) {
        const Scenario scenario = work_file(file);
        const std::optional<Error> error = check_work(scenario);
        EXPECT_FALSE(error) << file << ": " << (error ? error->text() : "");
    }
}

TEST(Work, TooMuchIsRefusedWithLineStepAndOp) {
    for (const TooMuch& expected : too_much) {
        const Scenario scenario = work_file(expected.file);
        const std::optional<Error> error = check_work(scenario, SMALL);
        ASSERT_TRUE(error) << expected.file;
        EXPECT_EQ(error->path, expected.step) << expected.file;
        EXPECT_EQ(error->line, expected.line) << expected.file;
        const std::string op = "op ";
        EXPECT_TRUE(test::in_both(*error).message.starts_with(op)) << error->message;
        EXPECT_NE(error->message.find(expected.op), std::string::npos) << error->message;
        EXPECT_NE(error->message.find(expected.bound), std::string::npos) << error->message;
    }
}

// A session stops before the op, whichever way it comes there, with the machine that the ops before it have made.
TEST(Work, ASessionStandsBeforeTheOpThatMayNotRun) {
    for (const TooMuch& expected : too_much) {
        const Scenario scenario = work_file(expected.file);
        const Fit fit = fit_of(scenario);
        ASSERT_LT(fit.ops, scenario.ops.size()) << expected.file;

        Session session = small_session(scenario);
        session.seek({session.steps(), 0});
        ASSERT_TRUE(session.refusal()) << expected.file;
        EXPECT_EQ(session.refusal()->step, fit.ops) << expected.file;
        EXPECT_EQ(session.position(), (Position{fit.ops, 0})) << expected.file;
        EXPECT_EQ(session.work(), fit.work) << expected.file;
        EXPECT_EQ(canonical_hash(session.machine()), fit.hash) << expected.file;
        EXPECT_TRUE(session.replay(fit.ops).events.empty()) << expected.file;
        session.next_event();
        EXPECT_EQ(session.position(), (Position{fit.ops, 0})) << expected.file;
        EXPECT_EQ(verify(session.machine()), std::nullopt) << expected.file;
    }
}

// The events of the op that may not run come first: it is looked at before anybody seeks behind it.
TEST(Work, TheOpThatMayNotRunHasNoEvents) {
    const Scenario scenario = work_file("map-pages");
    Session session = small_session(scenario);
    session.seek({1, 0});
    const u64 before = canonical_hash(session.machine());
    EXPECT_FALSE(session.refusal());
    EXPECT_EQ(session.show({1, 7}).position, (Position{1, 0}));
    ASSERT_TRUE(session.refusal());
    EXPECT_EQ(session.refusal()->step, 1u);
    session.seek({1, 7});
    EXPECT_EQ(session.position(), (Position{1, 0}));
    EXPECT_EQ(canonical_hash(session.machine()), before);
}

// With all events stored and the kernel's log written, the same op is the one that may not run.
TEST(Work, WatchedRunsAreRefusedAtTheSameOp) {
    for (const auto& [file, step, line, op, bound] : too_much) {
        const Scenario scenario = work_file(file);
        const Fit fit = fit_of(scenario);
        ScenarioRun run(scenario, start_of(scenario), SMALL);
        while (run.next()) continue;
        ASSERT_TRUE(run.refusal()) << file;
        EXPECT_EQ(run.ops_applied(), fit.ops) << file;
        EXPECT_EQ(run.work(), fit.work) << file;
        EXPECT_EQ(run.refusal()->text(), check_work(scenario, SMALL)->text()) << file;
    }
}

// Fast paths, counting paths and the full way with stored events: the same number for every op.
TEST(Work, IsCountedTheSameWatchedOrNot) {
    std::vector<Scenario> scenarios = shipped();
    const std::string small = R"({"profile": {"memory": "32MiB", "kernel": "5.10", "allocator": "slob"}})";
    scenarios.push_back(
        test::parsed(test::scenario_of(R"({"random": {"count": 3000, "size": [20, 300, 3000, 9000]}})", small)));
    scenarios.push_back(
        test::parsed(test::scenario_of(R"({"random": {"count": 5000, "max_order": 9, "slots": 4000}})")));
    for (const Scenario& scenario : scenarios) {
        Machine quiet_machine = start_of(scenario), told_machine = quiet_machine;
        for (u32 i = 0; i < scenario.ops.size(); ++i) {
            EventSink quiet, told;
            std::vector<Event> events;
            told.store_in(&events);
            apply(quiet_machine, scenario.ops[i], quiet);
            apply(told_machine, scenario.ops[i], told);
            ASSERT_EQ(quiet.work(), told.work()) << scenario.title.en << ", op " << i + 1;
            ASSERT_EQ(quiet.count(), events.size()) << scenario.title.en << ", op " << i + 1;
        }
    }
}

// Whatever the limit, an op ends, nothing of ours breaks, and what fits under it is what it is without one.
TEST(Work, AnOpEndsEarlyAtAnyLimit) {
    Rng rng(14);
    for (const Scenario& scenario : shipped()) {
        Machine machine = start_of(scenario);
        const u32 steps = std::min<u32>(static_cast<u32>(scenario.ops.size()), 400);
        for (u32 i = 0; i < steps; ++i) {
            Machine after = machine;
            EventSink whole;
            apply(after, scenario.ops[i], whole);
            Machine cut = machine;
            EventSink limited;
            limited.set_limit({rng.below(static_cast<u32>(whole.work()) + 2), ~u64{0}});
            apply(cut, scenario.ops[i], limited);
            const bool whole_too = !limited.spent();
            machine = std::move(after);
            if (!whole_too) continue;
            EXPECT_EQ(limited.work(), whole.work()) << scenario.title.en;
            ASSERT_TRUE(i % 16 != 0 || canonical_hash(cut) == canonical_hash(machine)) << scenario.title.en;
        }
    }
}

TEST(Work, PreparingGoesThereInPartsAndLeavesTheCursor) {
    const Scenario scenario =
        test::parsed(test::scenario_of(R"({"random": {"count": 20000, "max_order": 4, "slots": 900}})"));
    Session whole(start_of(scenario));
    whole.append(scenario.ops);
    whole.seek({20000, 0});

    Session session(start_of(scenario));
    session.append(scenario.ops);
    session.seek({3, 0});
    const u64 here = canonical_hash(session.machine());
    u32 calls = 0, last = 0;
    while (!session.prepare(20000, 5000)) {
        ASSERT_GT(session.prepared(), last);
        last = session.prepared();
        ASSERT_LT(++calls, 20000u);
        ASSERT_EQ(session.position(), (Position{3, 0}));
    }
    EXPECT_GT(calls, 10u);
    EXPECT_EQ(canonical_hash(session.machine()), here);
    session.seek({20000, 0});
    EXPECT_EQ(canonical_hash(session.machine()), canonical_hash(whole.machine()));
    EXPECT_EQ(session.work(), whole.work());
}

// One op of all the work that there may be lies between keyframes at most, however few ops that are.
TEST(Work, KeyframesFollowTheWork) {
    const Scenario scenario = work_file("slob-first-fit");
    Session::Options options;
    options.budget.run = u64{1} << 19;
    options.first_work_interval = u64{1} << 14;
    Session session(start_of(scenario), options);
    session.append(scenario.ops);
    session.seek({session.steps(), 0});
    EXPECT_LT(session.position().step, 1024u); // none is due by the number of ops
    EXPECT_GE(session.keyframe_count(), 16u);
}

TEST(Work, ASmallBudgetStopsAnywhere) {
    const Scenario scenario = test::parsed(test::scenario_of(R"({"random": {"count": 2000, "max_order": 4}})"));
    u64 all = 0;
    {
        Session session(start_of(scenario));
        session.append(scenario.ops);
        session.seek({2000, 0});
        all = session.work();
    }
    for (const u64 budget : {u64{0}, u64{20}, all / 3, all - 1, all}) {
        Session::Options options;
        options.budget.run = budget;
        options.first_interval = 64;
        Session session(start_of(scenario), options);
        session.append(scenario.ops);
        session.seek({2000, 0});
        EXPECT_EQ(session.refusal().has_value(), budget < all) << budget;
        EXPECT_LE(session.work(), budget) << budget;
        const u32 end = session.position().step;
        const u64 hash = canonical_hash(session.machine());
        session.seek({end / 2, 0});
        session.seek({2000, 0});
        EXPECT_EQ(session.position(), (Position{end, 0})) << budget;
        EXPECT_EQ(canonical_hash(session.machine()), hash) << budget;
        work_budget same = SCENARIO_WORK;
        same.run = budget;
        EXPECT_EQ(check_work(scenario, same).has_value(), budget < all) << budget;
    }
}

namespace {

// The work of the last op behind `before`.
u64 work_of(const std::string& before, const std::string& last, const std::string& machine) {
    const Scenario scenario = test::parsed(test::scenario_of(before + last, machine));
    Machine at = start_of(scenario);
    u64 work = 0;
    for (const Op& op : scenario.ops) {
        EventSink quiet;
        apply(at, op, quiet);
        work = quiet.work();
    }
    return work;
}

// What an op goes through `from` or `to` of: the more of it cost `least`. So nothing of which a person can make
// much is free.
struct Passed {
    const char* what;
    const char* machine;
    const char* before; // "$n" stands for the number
    const char* op;
    u32 from, to;
    u64 least;
};
constexpr const char* MIB_256 = R"({"profile": {"memory": "256MiB"}})";
constexpr const char* SLOB = R"({"profile": {"memory": "64MiB", "kernel": "5.10", "allocator": "slob"}})";
// Two objects of 2048 bytes in turn, of which the first goes: 16 stand in a slab, so every slab is half empty.
constexpr const char* HALF_EMPTY =
    R"({"op": "kmem_cache_create", "name": "c", "size": 2048, "as": "c"},
       {"repeat": {"count": $n, "steps": [{"op": "kmem_cache_alloc", "cache": "c", "as": "a[]"},
                                          {"op": "kmem_cache_alloc", "cache": "c", "as": "b[]"}]}},
       {"repeat": {"count": $n, "steps": [{"op": "kmem_cache_free", "cache": "c", "object": "a[]"}]}},)";
constexpr Passed passed[] = {
    // 256 pages of 1 MiB: each is looked at before (2), changed (2) and forgotten by the TLB (1).
    {"entries that are protected", MIB_256,
     R"({"op": "pgd_alloc", "as": "m"}, {"op": "create_pgd_mapping", "mm": "m", "address": 0, "phys": 0,
         "size": "$nMiB", "page_mappings_only": true},)",
     R"({"op": "change_protection", "mm": "m", "address": 0, "size": "$nMiB"})", 4, 8, 4 * 256 * 5},
    // 1 GiB of addresses where nothing is mapped is one entry of the pud table: looked at before (2), and passed (1).
    {"entries that are empty", MIB_256,
     R"({"op": "pgd_alloc", "as": "m"}, {"op": "create_pgd_mapping", "mm": "m", "address": 0, "phys": 0, "size": "4KiB"},)",
     R"({"op": "change_protection", "mm": "m", "address": 0, "size": "$nGiB"})", 100, 200, 100 * 3},
    // 257 entries of one table, or one.
    {"entries that are mapped", MIB_256, R"({"op": "pgd_alloc", "as": "m"},)",
     R"({"op": "create_pgd_mapping", "mm": "m", "address": 0, "phys": 4096, "size": "$nKiB", "page_mappings_only": true})",
     4, 1028, 256},
    // 8,000 objects more are 500 slabs, each of them on the node's partial list.
    {"slabs that are shrunk", MIB_256, HALF_EMPTY, R"({"op": "kmem_cache_shrink", "cache": "c"})", 400, 4400, 500},
    // Counted, and counted again.
    {"slabs that a shrinker counts", MIB_256, HALF_EMPTY, R"({"op": "shrink_slab"})", 400, 4400, 2 * 500},
    // An object (2) of the slab (1): its red zones and its padding (3) are compared.
    {"objects that are validated", MIB_256,
     R"({"op": "kmem_cache_create", "name": "c", "size": 64,
         "flags": "SLAB_POISON|SLAB_RED_ZONE|SLAB_CONSISTENCY_CHECKS|SLAB_STORE_USER", "as": "c"},
        {"repeat": {"count": $n, "steps": [{"op": "kmem_cache_alloc", "cache": "c", "as": "o[]"}]}},)",
     R"({"op": "validate", "cache": "c"})", 1000, 2000, 1000 * 6},
    // 64 bytes behind a header of 128: 21 of them stand in the page where the next one is looked for.
    {"blocks of a page of SLOB", SLOB,
     R"({"repeat": {"count": $n, "steps": [{"op": "kmalloc", "size": 64, "as": "o[]"}]}},)",
     R"({"op": "kmalloc", "size": 64})", 4, 14, 10},
    {"blocks of a page of SLOB where one is freed", SLOB,
     R"({"repeat": {"count": $n, "steps": [{"op": "kmalloc", "size": 64, "as": "o[]"}]}},)",
     R"({"op": "kfree", "object": "o[3]"})", 4, 14, 10},
};

std::string with_number(std::string text, u32 n) {
    for (std::size_t at; (at = text.find("$n")) != std::string::npos;) text.replace(at, 2, std::to_string(n));
    return text;
}

// The longest row that one op frees stays within the budget, also when it is freed twice; a longer one is refused where it
// stands, before anything runs.
TEST(Work, ARowOfPagesIsFreedInPiecesThatFit) {
    const auto freed = [](const char* kernel, int pages) {
        return R"({"format": "mmscope/1", "title": "t", "machine": {"profile": {"memory": "4GiB", "arch": "arm64", "kernel": ")" +
               std::string(kernel) + R"("}}, "steps": [
            {"op": "alloc_contig_range", "start": "0x80000", "nr_pages": 262144, "as": "a"},
            {"op": "free_contig_range", "page": "a", "nr_pages": )" +
               std::to_string(pages) + R"(},
            {"op": "free_contig_range", "pfn": "0x80000", "nr_pages": 65536}]})";
    };
    for (const char* kernel : {"5.10", "6.1", "6.12"}) {
        const std::optional<Error> over = check_work(test::parsed(freed(kernel, 65536)));
        EXPECT_FALSE(over.has_value()) << kernel << ": " << over->text();
    }
    const Result<Scenario> longer = parse_scenario(freed("6.1", 65537), test::shipped_machine);
    ASSERT_FALSE(longer.ok());
    EXPECT_EQ(longer.error().path, "steps[1].nr_pages");
    EXPECT_NE(longer.error().message.find("65536"), std::string::npos) << longer.error().message;
}

} // namespace

TEST(Work, WhatAnOpGoesThroughIsCharged) {
    for (const Passed& p : passed) {
        SCOPED_TRACE(p.what);
        const u64 few = work_of(with_number(p.before, p.from), with_number(p.op, p.from), p.machine);
        const u64 many = work_of(with_number(p.before, p.to), with_number(p.op, p.to), p.machine);
        EXPECT_GE(many, few + p.least);
    }
    // A fresh table takes memory for each of its 512 entries.
    EXPECT_GE(work_of("", R"({"op": "pgd_alloc", "as": "m"})", MIB_256), 512u);
}

// Too many pages are freed, so that later requests meet pages with a negative count, one after the other: each report is some
// lines, whatever a page is. Three were allocated; of 64 KiB pages 697 are wrong, of 4 KiB pages 8,189.
TEST(Work, AReportOfABadPageIsChargedAsItsLines) {
    const auto exact = [](const char* nr_pages, const char* page_size) {
        return test::parsed(
            R"({"format": "mmscope/1", "title": "exact", "machine": {"profile": {"arch": "arm64", "kernel": "6.12",
            "memory": [{"start": "0x40000000", "size": "128MiB"}], "page_size": )" +
            std::string(page_size) + R"(}}, "steps": [{"op": "alloc_pages_exact", "nr_pages": 3, "as": "v"},
            {"op": "free_pages_exact", "page": "v", "nr_pages": )" +
            nr_pages + R"(}, {"op": "alloc_pages", "order": 1, "as": "b"}]})");
    };
    for (const Scenario& scenario : {exact("700", "65536"), exact("8192", "4096")}) {
        const std::optional<Error> error = check_work(scenario);
        EXPECT_FALSE(error) << error->text();
        Machine machine = start_of(scenario);
        u64 reports = 0, work = 0, events = 0;
        for (const Op& op : scenario.ops) {
            EventSink sink;
            const u32 before = machine.physical.log.nr_records;
            apply(machine, op, sink);
            reports = machine.physical.log.nr_records - before;
            work = sink.work();
            events = sink.count();
        }
        EXPECT_GT(reports, 100u);
        EXPECT_GE(work, events + reports * SHORT_RECORD_WORK);
    }
}

// The bound of events is one of its own: an op within all work is refused, too.
TEST(Work, AnOpOfTooManyEventsIsRefused) {
    const Scenario scenario = test::parsed(test::scenario_of(R"({"op": "alloc_page", "as": "a"})"));
    EventSink quiet;
    Machine machine = start_of(scenario);
    apply(machine, scenario.ops[0], quiet);
    ASSERT_GT(quiet.count(), 1u);
    for (const u64 most : {quiet.count(), quiet.count() - 1}) {
        work_budget budget = SCENARIO_WORK;
        budget.op.events = most;
        Session::Options options;
        options.budget = budget;
        Session session(start_of(scenario), options);
        session.append(scenario.ops);
        session.seek({1, 0});
        const std::optional<Error> error = check_work(scenario, budget);
        const bool fits = most == quiet.count();
        EXPECT_EQ(session.position(), (Position{fits ? 1u : 0u, 0}));
        ASSERT_EQ(session.refusal().has_value(), !fits);
        ASSERT_EQ(error.has_value(), !fits);
        if (fits) continue;
        EXPECT_EQ(session.refusal()->why, over_work::events);
        EXPECT_NE(error->message.find("events, the most for one op"), std::string::npos) << error->message;
    }
}

} // namespace mm
