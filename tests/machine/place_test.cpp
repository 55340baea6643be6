// Places as text: what is written can be read again, and a link of the page may hold it.
#include "machine/facts/place.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

#include "golden_file.h"
#include "physical/machines.h"

namespace mm {
namespace {

Machine booted() {
    return std::move(make_machine(test::profile_of(64, kernel_version::v6_1, architecture::arm64, 1, 2)).value());
}

// One of each kind, and those of a kind that are written in more than one way.
std::vector<Place> places_of(const Machine& machine) {
    using Kind = Place::Kind;
    const i64 pfn = machine.physical.base_pfn;
    return {{Kind::pfn, pfn, 0, 0},
            {Kind::zone, 0, 0, 0},
            {Kind::free_list, 0, 3, MIGRATE_MOVABLE},
            {Kind::pcp_list, 0, 2, 1},
            {Kind::cache, machine.slabs.slab_caches, 0, 0},
            {Kind::object, pfn << machine.physical.page_shift, 0, 0},
            {Kind::address, static_cast<i64>(0xffff800008000000), INIT_MM, 0}};
}

TEST(Place, EachKindIsWrittenAndReadAgain) {
    const Machine machine = booted();
    std::vector<bool> seen(place_kind_names.size(), false);
    for (const Place& place : places_of(machine)) {
        const std::string text = place_text(machine, place);
        const std::optional<Place> again = parse_place(machine, text);
        ASSERT_TRUE(again) << text;
        EXPECT_EQ(place_text(machine, *again), text);
        EXPECT_EQ(*again, place) << text;
        const auto kind = static_cast<std::size_t>(place.kind);
        EXPECT_TRUE(text.starts_with(std::string(place_kind_names[kind]) + ":")) << text;
        seen[kind] = true;
    }
    for (std::size_t kind = 1; kind < seen.size(); ++kind) EXPECT_TRUE(seen[kind]) << place_kind_names[kind];
}

// web/js/link.js looks at the form of a place before the engine is there.
TEST(Place, TheLinksOfThePageMayHoldEachKind) {
    const std::string script = test::read_file(MMSCOPE_SOURCE_DIR "/web/js/link.js");
    const std::size_t begin = script.find("const PLACE = /^("), end = script.find(")$/;", begin);
    ASSERT_NE(end, std::string::npos);
    std::string pattern = script.substr(begin, end - begin);
    pattern.erase(0, pattern.find('('));
    const std::regex place_of_link(pattern + ")");
    const Machine machine = booted();
    for (const Place& place : places_of(machine)) {
        const std::string text = place_text(machine, place);
        EXPECT_TRUE(std::regex_match(text, place_of_link)) << text;
    }
    EXPECT_FALSE(std::regex_match("frame:48050", place_of_link));
}

TEST(Place, WhatIsNoPlaceIsRefused) {
    const Machine machine = booted();
    for (const char* text : {"none", ":", "x", "frame:0", "pfn:", "pfn:1/2", "zone:0", "zone:9/DMA", "zone:0/DMA/1/2",
                             "list:0/DMA/3", "list:0/DMA/99/Movable", "pcp:0/DMA/9/0", "cache:no such cache",
                             "object:xyz", "address:", "address:0/1/2", "address:0/4000"})
        EXPECT_FALSE(parse_place(machine, text)) << text;
    EXPECT_EQ(parse_place(machine, ""), Place{});
}

TEST(Place, AnAnswerMayBeClickedOrWritten) {
    EXPECT_EQ(without_place_kind("pfn:48050"), "48050");
    EXPECT_EQ(without_place_kind("object:48050a40"), "48050a40");
    EXPECT_EQ(without_place_kind("0x48050"), "0x48050");
    EXPECT_EQ(without_place_kind("zone:0/DMA"), "zone:0/DMA");
}

} // namespace
} // namespace mm
