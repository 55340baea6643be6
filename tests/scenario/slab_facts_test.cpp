// Expectations about caches, slabs and objects. The numbers are those of SLUB on a machine with one CPU and 4 KiB pages:
// objects of 192 bytes, 21 of them in a slab of order 0 with 64 bytes left over, handed out from index 0 on as the
// freelists are not shuffled.
#include "scenario/slab_facts.h"

#include "base/hex.h"
#include "scenario/run.h"
#include "scenario/scenario_text.h"

namespace mm {

using test::error_of;
using test::parsed;
using test::scenario_of;

namespace {

const std::string machine = R"({"profile": {"memory": [{"start": "1GiB", "size": "64MiB"}],
    "reserved": [{"start": "0x40200000", "size": "8MiB"}], "slab": {"freelist_random": false}}})";

// 22 objects o[0] to o[21]: a full slab and one object of the next one. Then `step` with the expectation.
std::string with_cache(const std::string& step, const std::string& expect) {
    return scenario_of(R"({"op": "kmem_cache_create", "name": "mine", "size": 192, "usersize": 192, "as": "c"},
        {"repeat": {"count": 22, "steps": [{"op": "kmem_cache_alloc", "cache": "c", "as": "o[]"}]}}, {)" +
                           step + ", \"expect\": " + expect + "}",
                       machine);
}

const std::string shrink = R"("op": "kmem_cache_shrink", "cache": "c")";
const std::string alloc = R"("op": "kmem_cache_alloc", "cache": "c", "as": "p")";

std::string failure_of(const std::string& step, const std::string& expect) {
    const std::vector<Error> failures = check_expectations(parsed(with_cache(step, expect)));
    return failures.empty() ? "holds" : failures.front().path + ": " + failures.front().message;
}

} // namespace

TEST(SlabFacts, ACacheTellsItsSlabs) {
    EXPECT_EQ(failure_of(alloc, R"({"cache": {"c": {"name": "mine", "object_size": 192, "objs": 21, "order": 0,
        "nr_slabs": 2, "pages": 2, "total_objects": 42, "objects_in_use": 23, "aliases": 0}}})"),
              "holds");
    EXPECT_EQ(failure_of(alloc, R"({"cache": {"mine": {"nr_partial": {"0": 0}, "cpu_partial": {"0": 0},
        "freelist": {"0": [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]}}}})"),
              "holds");
    // An object of the full slab comes back: the CPU keeps that slab on its partial list.
    EXPECT_EQ(failure_of(R"("op": "kmem_cache_free", "cache": "c", "object": "o[4]")",
                         R"({"cache": {"c": {"cpu_partial": {"0": 1}, "nr_partial": {"0": 0}, "objects_in_use": 21}},
                             "slab": {"o[4]": {"freelist": [4], "inuse": 20, "objects_in_use": 20, "frozen": true,
                                               "cache": "mine", "order": 0, "objects": 21}},
                             "object": {"o[4]": {"allocated": false}, "o[5]": {"allocated": true}}})"),
              "holds");
}

TEST(SlabFacts, AnObjectTellsWhereItStands) {
    EXPECT_EQ(failure_of(alloc, R"({"object": {"o[0]": {"index": 0, "cache": "mine"},
        "o[20]": {"index": 20, "from": {"o[0]": 3840, "o[19]": 192}}, "o[21]": {"index": 0},
        "p": {"index": 1, "from": {"o[21]": 192}}}})"),
              "holds");
    EXPECT_EQ(failure_of(alloc, R"({"object": {"p": {"from": {"o[21]": 0}}}})"),
              "steps[2].expect.object.p.from.o[21]: is 192, expected 0");
    EXPECT_EQ(failure_of(alloc, R"({"object": {"o[21]": {"from": {"p": -192}}}})"), "holds");
}

TEST(SlabFacts, AFrameNamesASlab) {
    const Scenario scenario = parsed(with_cache(alloc, "{}"));
    ScenarioRun run(scenario, *start_machine(scenario));
    while (run.next()) {}
    const u64 object = run.machine().results[scenario.ops.back().result].value;
    const std::string pfn = address_hex(object >> 12);
    EXPECT_EQ(failure_of(alloc, "{\"slab\": {\"" + pfn + R"(": {"inuse": 21, "objects_in_use": 2}},
        "cache": {"c": {"cpu_slab": {"0": ")" +
                                    pfn + R"("}}}, "object": {"p": {"slab": ")" + pfn + "\"}}}"),
              "holds");
    EXPECT_EQ(failure_of(alloc, R"({"cache": {"c": {"cpu_slab": {"0": null}}}})"),
              "steps[2].expect.cache.c.cpu_slab.0: is " + pfn + ", expected null");
    EXPECT_EQ(failure_of(alloc, R"({"slab": {"0x10": {"inuse": 1}}})"),
              "steps[2].expect.slab.0x10.inuse: is not there");
}

TEST(SlabFacts, AFailureSaysWhatIs) {
    EXPECT_EQ(failure_of(alloc, R"({"cache": {"c": {"nr_slabs": 3}}})"),
              "steps[2].expect.cache.c.nr_slabs: is 2, expected 3");
    EXPECT_EQ(failure_of(alloc, R"({"cache": {"c": {"name": "kmalloc-256"}}})"),
              "steps[2].expect.cache.c.name: is mine, expected kmalloc-256");
    EXPECT_EQ(failure_of(alloc, R"({"slab": {"p": {"frozen": false}}})"),
              "steps[2].expect.slab.p.frozen: is true, expected false");
    EXPECT_EQ(failure_of(shrink, R"({"slab": {"o[0]": {"freelist": [3, 4]}}})"),
              "steps[2].expect.slab.o[0].freelist: is [], expected [3, 4]");
    EXPECT_EQ(failure_of(R"("op": "kmem_cache_destroy", "cache": "c")", R"({"cache": {"mine": {"objs": 21}}})"),
              "holds")
        << "a cache with objects stays, and the kernel still knows it by its name";
}

TEST(SlabFacts, NamesOfTheKernelAreKnownToo) {
    EXPECT_EQ(failure_of(alloc, R"({"cache": {"kmalloc-256": {"object_size": 256, "size": 256}}})"), "holds");
    EXPECT_EQ(error_of(with_cache(alloc, R"({"cache": {"kmalloc-255": {"objs": 1}}})")),
              "steps[2].expect.cache.kmalloc-255: there is no cache \"kmalloc-255\" (did you mean \"kmalloc-256\"?)");
}

// By letters "kmalloc-64" would be near to "kmalloc-8k". Caches of 6.1: on arm64 from 128 bytes on, as a cache line may be
// shared with a device, and so without 96 and 192; on x86_64 from 8 on. Both end at two pages.
TEST(SlabFacts, CachesOfKmallocAreNearByTheirSizes) {
    const auto meant = [](const std::string& name, const std::string& arch) {
        const std::string steps =
            R"({"op": "kmalloc", "size": 60, "as": "p", "expect": {"cache": {")" + name + R"(": {"pages": 1}}}})";
        const std::string error =
            error_of(scenario_of(steps, R"({"profile": {"memory": "64MiB", "arch": ")" + arch + "\"}}"));
        const std::string start = "steps[0].expect.cache." + name + ": there is no cache \"" + name + "\" (";
        EXPECT_TRUE(error.starts_with(start)) << error;
        return error.substr(std::min(start.size(), error.size()));
    };
    for (const std::string name : {"kmalloc-64", "kmalloc-96", "kmalloc-8", "kmalloc-127", "kmalloc-0"})
        EXPECT_EQ(meant(name, "arm64"), "the smallest of this machine is \"kmalloc-128\")") << name;
    EXPECT_EQ(meant("kmalloc-rcl-64", "arm64"), "the smallest of this machine is \"kmalloc-rcl-128\")");
    EXPECT_EQ(meant("dma-kmalloc-32", "arm64"), "the smallest of this machine is \"dma-kmalloc-128\")");
    EXPECT_EQ(meant("kmalloc-192", "arm64"), "did you mean \"kmalloc-256\"?)");
    EXPECT_EQ(meant("kmalloc-200", "x86_64"), "did you mean \"kmalloc-192\"?)");
    EXPECT_EQ(meant("kmalloc-97", "x86_64"), "did you mean \"kmalloc-96\"?)");
    EXPECT_EQ(meant("kmalloc-1024", "x86_64"), "did you mean \"kmalloc-1k\"?)");
    EXPECT_EQ(meant("kmalloc-2K", "x86_64"), "did you mean \"kmalloc-2k\"?)");
    EXPECT_EQ(meant("kmalloc-3k", "x86_64"), "did you mean \"kmalloc-4k\"?)");
    EXPECT_EQ(meant("kmalloc-4", "x86_64"), "the smallest of this machine is \"kmalloc-8\")");
    for (const std::string name : {"kmalloc-16k", "kmalloc-1M", "kmalloc-99999999999999999999"})
        EXPECT_EQ(meant(name, "x86_64"), "the largest of this machine is \"kmalloc-8k\")") << name;
    EXPECT_EQ(meant("kmaloc-64", "x86_64"), "did you mean \"kmalloc-64\"?)") << "by letters, as any name";
    // Both ways say it alike in Chinese, too.
    for (const std::string wrong : {"kmalloc-97", "kmaloc-96"}) {
        const auto read = parse_scenario(
            scenario_of(R"({"op": "kmalloc", "size": 60, "expect": {"cache": {")" + wrong + R"(": {"pages": 1}}}})",
                        R"({"profile": {"memory": "64MiB", "arch": "x86_64"}})"),
            test::shipped_machine);
        ASSERT_FALSE(read.ok());
        EXPECT_EQ(read.error().message_zh, "没有缓存 \"" + wrong + "\"（是否指 \"kmalloc-96\"？）");
    }
}

TEST(SlabFacts, AFrameThatIsTooLargeIsToldAsThat) {
    EXPECT_EQ(
        error_of(with_cache(alloc, R"({"slab": {"0x100040000": {"objects": 1}}})")),
        "steps[2].expect.slab.0x100040000: \"0x100040000\" is too large: the last page frame that may be named is "
        "fffffffe");
    EXPECT_EQ(error_of(with_cache(alloc, R"({"slab": {"0x4000g": {"objects": 1}}})")),
              "steps[2].expect.slab.0x4000g: \"0x4000g\" is no frame");
}

// A lesson for SLUB can be tried with SLOB: it loads.
TEST(SlabFacts, SlobHasNoCachesOfKmallocToKnow) {
    const std::string steps =
        R"({"op": "kmalloc", "size": 60, "as": "p", "expect": {"cache": {"kmalloc-64": {"pages": 1}}}})";
    EXPECT_EQ(error_of(scenario_of(steps, R"({"profile": {"memory": "64MiB", "allocator": "slob"}})")), "accepted");
}

TEST(SlabFacts, UnknownNamesAndWrongKindsAreErrorsOfTheFile) {
    const auto wrong = [](const std::string& expect) { return error_of(with_cache(alloc, expect)); };
    EXPECT_EQ(wrong(R"({"cache": {"c": {"nr_slab": 2}}})"),
              "steps[2].expect.cache.c.nr_slab: no such field (did you mean \"nr_slabs\"?)");
    EXPECT_EQ(wrong(R"({"cache": {"p": {"objs": 2}}})"),
              "steps[2].expect.cache.p: p is an object, made by kmem_cache_alloc at steps[2]; expected a cache");
    EXPECT_EQ(wrong(R"({"object": {"c": {"index": 2}}})"),
              "steps[2].expect.object.c: c is a cache, made by kmem_cache_create at steps[0]; expected an object");
    EXPECT_EQ(wrong(R"({"object": {"o": {"index": 2}}})"),
              "steps[2].expect.object.o: o is a row of results: choose one of o[0] to o[21]");
    EXPECT_EQ(wrong(R"({"object": {"p": {"from": {"q": 2}}}})"),
              "steps[2].expect.object.p.from.q: no earlier step makes a result \"q\" (expected o or p)");
    EXPECT_EQ(wrong(R"({"cache": {"c": {"nr_partial": {"1": 0}}}})"),
              "steps[2].expect.cache.c.nr_partial.1: expected a number from 0 to 0");
    EXPECT_EQ(wrong(R"({"cache": {"c": {"freelist": {"0": 3}}}})"),
              "steps[2].expect.cache.c.freelist.0: found a number, expected a list [...]");
    EXPECT_EQ(wrong(R"({"slab": {"0xzz": {"inuse": 3}}})"), "steps[2].expect.slab.0xzz: \"0xzz\" is no frame");
}

// SLAB of 64 objects: the array of a CPU is empty at first. One that was not used lately is filled by 16 objects at most
// (BATCHREFILL_LIMIT), of which one goes to the caller.
TEST(SlabFacts, SlabHasArraysInsteadOfFreelists) {
    const std::string slab = R"({"profile": {"memory": "64MiB", "allocator": "slab"}})";
    const std::string steps = R"({"op": "kmem_cache_create", "name": "mine", "size": 64, "usersize": 64, "as": "c",
            "expect": {"cache": {"c": {"avail": {"0": 0}, "nr_slabs": 0}}}},
        {"op": "kmem_cache_alloc", "cache": "c", "as": "o", "expect": {"cache": {"c": {"avail": {"0": 15}, "nr_slabs": 1,
            "objects_in_use": 1, "nr_partial": {"0": 1}, "nr_full": {"0": 0}, "nr_free": {"0": 0}}}}})";
    const std::vector<Error> failures = check_expectations(parsed(scenario_of(steps, slab)));
    for (const Error& failure : failures) ADD_FAILURE() << failure.text();
    EXPECT_EQ(check_expectations(
                  parsed(scenario_of(
                      R"({"op": "kmalloc", "size": 8, "expect": {"cache": {"kmalloc-128": {"avail": {"0": 1}}}}})")))
                  .front()
                  .message,
              "is not there")
        << "SLUB has none";
}

TEST(SlabFacts, AnAllocatorWithoutSuchRecordsSaysSo) {
    const std::string slob = R"({"profile": {"memory": "64MiB", "allocator": "slob"}})";
    const std::vector<Error> failures = check_expectations(parsed(
        scenario_of(R"({"op": "kmalloc", "size": 100, "as": "o", "expect": {"object": {"o": {"index": 0}}}})", slob)));
    ASSERT_EQ(failures.size(), 1u);
    EXPECT_EQ(failures[0].message, "is not there");
}

TEST(SlabFacts, TheFormatPageTellsEachOfThem) {
    const std::string page = test::read_file(MMSCOPE_SOURCE_DIR "/docs/scenario-format.md");
    for (const SlabFact& fact : slab_facts()) {
        const std::string row = "| " + std::string(slab_fact_subjects[static_cast<std::size_t>(fact.of)]) + " | `" +
                                std::string(fact.name) + "` | " + std::string(fact.help) + " |\n";
        EXPECT_NE(page.find(row), std::string::npos) << row;
    }
}

} // namespace mm
