// What the calls of a program point at, as scenarios write it: places in regions, paths, flags.
#include <gtest/gtest.h>

#include "base/names.h"
#include "base/program_place.h"
#include "process/calls.h"
#include "scenario/scenario_text.h"

namespace mm {

using test::error_of;
using test::field;
using test::parsed;
using test::scenario_of;

namespace {

const std::string BEGIN =
    R"({"op": "execve", "as": "p"}, {"op": "mmap", "process": "p", "size": "64KiB", "as": "a"}, )";

std::string unmap_at(const std::string& address) {
    return scenario_of(BEGIN + R"({"op": "munmap", "process": "p", "address": )" + address + R"(, "size": 4096})");
}

i64 place_of(const std::string& address) {
    const Scenario scenario = parsed(unmap_at(address));
    return scenario.ops.size() == 3 ? field(scenario.ops[2], "address") : 0;
}

} // namespace

TEST(Places, AreAddressesOrBytesFromARegion) {
    EXPECT_EQ(place_of("4096"), 4096);
    EXPECT_EQ(place_of("\"0x400000\""), 0x40'0000);
    EXPECT_EQ(place_of("\"0xffff000000000000\""), static_cast<i64>(0xffff'0000'0000'0000));
    EXPECT_EQ(place_of("\"a\""), place_in_result(1, 0));
    EXPECT_EQ(place_of("\"a+0x1000\""), place_in_result(1, 0x1000));
    EXPECT_EQ(place_of("\"a+4096\""), place_in_result(1, 4096));
    EXPECT_EQ(place_of("\"a-1\""), place_in_result(1, -1));
}

TEST(Places, OfARowGoOnWithTheTurns) {
    const Scenario scenario = parsed(scenario_of(
        R"({"op": "execve", "as": "p"}, {"repeat": {"count": 3, "steps": [
            {"op": "mmap", "process": "p", "size": 4096, "as": "r[]"},
            {"op": "munmap", "process": "p", "address": "r[]+0x800", "size": 1}]}},
           {"op": "munmap", "process": "p", "address": "r[2]-4", "size": 1})"));
    ASSERT_EQ(scenario.ops.size(), 8u);
    for (u32 turn = 0; turn < 3; ++turn)
        EXPECT_EQ(field(scenario.ops[2 + 2 * turn], "address"), place_in_result(1 + turn, 0x800)) << turn;
    EXPECT_EQ(field(scenario.ops[7], "address"), place_in_result(3, -4));
}

TEST(Places, ThatNameNothingAreToldWithTheirPlace) {
    EXPECT_NE(error_of(unmap_at("\"b+1\"")).find("steps[2].address: no earlier step makes a result \"b\""),
              std::string::npos);
    EXPECT_EQ(error_of(unmap_at("\"p\"")),
              "steps[2].address: p is an address space, made by execve at steps[0]; expected a region");
    for (const char* wrong :
         {"\"a+\"", "\"a+0x\"", "\"a+1x\"", "\"a+-1\"", "\"a+0x20000000000\"", "\"a+99999999999999\""})
        EXPECT_NE(error_of(unmap_at(wrong)).find("expected bytes behind the sign"), std::string::npos) << wrong;
    EXPECT_NE(error_of(unmap_at("\"0x8000000000000000\"")).find("no CPU can use"), std::string::npos);
    EXPECT_NE(error_of(unmap_at("\"\"")).find("steps[2].address: "), std::string::npos);
    EXPECT_NE(error_of(unmap_at("true")).find("steps[2].address: "), std::string::npos);
}

TEST(Places, AProcessIsNamedByWhatExecveMade) {
    EXPECT_NE(error_of(scenario_of(BEGIN + R"({"op": "exit", "process": "a"})"))
                  .find("steps[2].process: a is a region, made by mmap at steps[1]; expected an address space"),
              std::string::npos);
    EXPECT_NE(error_of(scenario_of(BEGIN + R"({"op": "close", "file": "p"})")).find("expected a file"),
              std::string::npos);
}

TEST(Places, PathsBeginAtTheRoot) {
    const Scenario scenario = parsed(scenario_of(R"({"op": "open", "path": "/dev/shm/a-b.c", "as": "f"})"));
    EXPECT_EQ(name_text(static_cast<name_id>(field(scenario.ops[0], "path"))), "/dev/shm/a-b.c");
    for (const char* wrong : {"f", "/", "/a b", "/a\\u0000", ""})
        EXPECT_NE(
            error_of(scenario_of(R"({"op": "open", "path": ")" + std::string(wrong) + R"("})")).find("is no path"),
            std::string::npos)
            << wrong;
}

TEST(Places, FlagsOfCallsHaveNamesAndOtherBitsInHex) {
    const Scenario scenario = parsed(scenario_of(
        R"({"op": "execve", "as": "p"}, {"op": "mmap", "process": "p", "size": 1, "prot": "PROT_NONE", "flags": "MAP_SHARED|0x800000"})"));
    EXPECT_EQ(field(scenario.ops[1], "prot"), 0);
    EXPECT_EQ(field(scenario.ops[1], "flags"), MAP_SHARED | 0x80'0000);
    EXPECT_NE(
        error_of(
            scenario_of(
                R"({"op": "execve", "as": "p"}, {"op": "mmap", "process": "p", "size": 1, "flags": "MAP_PRIVATES"})"))
            .find("steps[1].flags: \"MAP_PRIVATES\" is no MAP_ flag of Linux 6.1"),
        std::string::npos);
}

} // namespace mm
