// What expectations say about malloc: the numbers of recorded calls of glibc 2.36, and each state that a chunk can be in.
#include <gtest/gtest.h>

#include "scenario/run.h"
#include "scenario/scenario_text.h"

namespace mm {
namespace {

constexpr const char* ARM64 = R"({"profile": {"memory": "64MiB", "arch": "arm64", "kernel": "6.1"}})";

// The first that does not hold. check_scenario() seeks to places of the run, too.
std::string verdict(const std::string& steps) {
    const CheckReport report = check_scenario(test::parsed(test::scenario_of(steps, ARM64)));
    EXPECT_GT(report.expectations, 0u);
    return report.failures.empty() ? "all hold" : report.failures.front().text();
}

TEST(HeapFacts, SayWhatMallocHasAndWhereAChunkIs) {
    EXPECT_EQ(verdict(R"(
        {"op": "transparent_hugepage.enabled", "value": "never"},
        {"op": "execve", "as": "p"},
        {"op": "malloc", "process": "p", "size": 24, "as": "a",
         "expect": {"heap": {"p": {"arenas": 1, "top": 134480, "system_mem": 135168, "mmap_threshold": 131072, "in_use": 1, "in_use_bytes": 32, "tcache": 0}},
                    "chunk": {"p": {"a": {"size": 32, "state": "in_use", "prev_inuse": true, "mmapped": false}}}}},
        {"op": "malloc", "process": "p", "size": "200KiB", "as": "b",
         "expect": {"heap": {"p": {"mapped": 1, "mapped_bytes": 208896, "in_use": 2}}, "chunk": {"p": {"b": {"mmapped": true, "size": 208896}}}}},
        {"op": "free", "process": "p", "address": "b",
         "expect": {"heap": {"p": {"mapped": 0, "mmap_threshold": 208896, "trim_threshold": 417792}}}},
        {"op": "free", "process": "p", "address": "a",
         "expect": {"heap": {"p": {"tcache": 1, "in_use": 0}}, "chunk": {"p": {"a": {"state": "tcache"}}}}},
        {"op": "malloc", "process": "p", "size": 2000, "as": "c"},
        {"op": "malloc", "process": "p", "size": 2000, "as": "d"},
        {"op": "free", "process": "p", "address": "c",
         "expect": {"heap": {"p": {"unsorted": 1, "bins": 0}}, "chunk": {"p": {"c": {"state": "unsorted", "size": 2016}, "d": {"prev_inuse": false}}}}},
        {"op": "malloc", "process": "p", "size": 4000,
         "expect": {"heap": {"p": {"unsorted": 0, "bins": 1}}, "chunk": {"p": {"c": {"state": "largebin"}}}}})"),
              "all hold");
}

} // namespace
} // namespace mm
