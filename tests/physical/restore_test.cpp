// A recorded state that no kernel can have had is refused with its place, in both languages.
#include <gtest/gtest.h>

#include <functional>

#include "both_languages.h"
#include "physical/boot.h"
#include "physical/verify.h"

namespace mm {
namespace {

// arm64, one CPU: 0x40000 to 0x403ff in ZONE_DMA. Free: 0x40001 as order 0, four blocks of order 4, and 2 pages on CPU 0.
machine_profile recorded_machine() {
    machine_profile profile;
    profile.memory = {{1ull << 30, 4ull << 20, 0}};
    recorded_zone zone;
    zone.type = zone_type::dma;
    zone.start_pfn = 0x40000;
    zone.spanned_pages = zone.present_pages = 1024;
    zone.managed_pages = 1023;
    zone.free_lists = {{0, MIGRATE_UNMOVABLE, {0x40001}}, {4, MIGRATE_MOVABLE, {0x40010, 0x40030, 0x40050, 0x400f0}}};
    recorded_zone::cpu_pages cpu;
    cpu.count = 2;
    cpu.batch = 1;
    cpu.lists = {{1, {0x40003, 0x40002}}};
    zone.cpus = {cpu};
    profile.recorded = {zone};
    return profile;
}

std::string complaint(const std::function<void(machine_profile&)>& change) {
    machine_profile profile = recorded_machine();
    change(profile);
    physical_memory mem;
    const std::optional<Error> error = restore_recorded(mem, profile);
    return error ? test::in_both(*error).text() : "accepted";
}

std::string complaint_of_zone(const std::function<void(recorded_zone&)>& change) {
    return complaint([&](machine_profile& profile) { change(profile.recorded[0]); });
}

} // namespace

TEST(Restore, WhatIsSoundIsAccepted) {
    EXPECT_EQ(complaint([](machine_profile&) {}), "accepted");
}

TEST(Restore, BlocksThatCannotBeFreeAreRefused) {
    const auto with_list = [](u8 order, migratetype type, pfn_t pfn) {
        return complaint_of_zone([&](recorded_zone& zone) { zone.free_lists.push_back({order, type, {pfn}}); });
    };
    EXPECT_EQ(with_list(4, MIGRATE_MOVABLE, 0x40012),
              "recorded[0].free_lists.Movable.4: 0x40012 is not aligned to a block of order 4");
    EXPECT_EQ(with_list(4, MIGRATE_MOVABLE, 0x40400),
              "recorded[0].free_lists.Movable.4: 0x40400 with order 4 leaves zone DMA");
    EXPECT_EQ(with_list(0, MIGRATE_UNMOVABLE, 0x40011),
              "recorded[0].free_lists.Unmovable.0: 0x40011 stands on two lists");
    EXPECT_EQ(with_list(11, MIGRATE_MOVABLE, 0x40000),
              "recorded[0].free_lists.Movable.11: order 11 is above MAX_ORDER 10");
    EXPECT_EQ(with_list(0, static_cast<migratetype>(MIGRATE_TYPES), 0x40000),
              "recorded[0].free_lists.Unmovable.0: has a migrate type that does not exist");
}

// [40000 .. 40200)  hole  [40400 .. 40600)
TEST(Restore, ABlockInAHoleIsRefused) {
    const std::string error = complaint([](machine_profile& profile) {
        profile.memory = {{1ull << 30, 2ull << 20, 0}, {(1ull << 30) + (4ull << 20), 2ull << 20, 0}};
        recorded_zone& zone = profile.recorded[0];
        zone.spanned_pages = 1536;
        zone.free_lists.push_back({3, MIGRATE_MOVABLE, {0x40208}});
    });
    EXPECT_EQ(error, "recorded[0].free_lists.Movable.3: 0x40208 is in a hole of the zone");
}

TEST(Restore, PerCpuListsThatThisMachineDoesNotHaveAreRefused) {
    const auto with_cpu = [](const std::function<void(recorded_zone::cpu_pages&)>& change) {
        return complaint_of_zone([&](recorded_zone& zone) { change(zone.cpus[0]); });
    };
    EXPECT_EQ(with_cpu([](auto& cpu) { cpu.cpu = 1; }), "recorded[0].cpus[0]: CPU 1 does not exist");
    // MIGRATE_PCPTYPES * (PAGE_ALLOC_COSTLY_ORDER + 1) + NR_PCP_THP lists.
    EXPECT_EQ(with_cpu([](auto& cpu) { cpu.lists[0].index = 14; }),
              "recorded[0].cpus[0].lists.14: list 14 does not exist; this kernel has 14");
    EXPECT_EQ(with_cpu([](auto& cpu) { cpu.count = 5; }), "recorded[0].cpus[0]: count is 5 but its lists hold 2 pages");
}

// 1 page and 4 blocks of 16. A CPU may keep 2 pages to itself in so small a zone (calculate_normal_threshold).
TEST(Restore, CountersThatTheListsContradictAreRefused) {
    EXPECT_EQ(complaint_of_zone([](recorded_zone& zone) { zone.nr_free_pages = 67; }), "accepted");
    EXPECT_EQ(complaint_of_zone([](recorded_zone& zone) { zone.nr_free_pages = 1023; }), "accepted");
    EXPECT_EQ(complaint_of_zone([](recorded_zone& zone) { zone.nr_free_pages = 1024; }),
              "recorded[0]: nr_free_pages is 1024 but the zone manages 1023 pages");
    EXPECT_EQ(complaint_of_zone([](recorded_zone& zone) { zone.nr_free_cma = 3; }),
              "recorded[0]: nr_free_cma does not fit the CMA lists");
}

// A report reads counter and lists at different moments: both are kept, and the difference is told.
TEST(Restore, ACounterApartFromItsListsIsKeptAndTold) {
    for (const i64 counter : {0, 62, 63, 65, 67, 68, 1023}) {
        machine_profile profile = recorded_machine();
        profile.recorded[0].nr_free_pages = counter;
        physical_memory mem;
        ASSERT_FALSE(restore_recorded(mem, profile));
        const zone& z = mem.zones[0];
        EXPECT_EQ(z.nr_free_pages, counter) << "which decides watermarks";
        EXPECT_EQ(z.area[0].nr_free + 16 * z.area[4].nr_free, 65u) << "which decide blocks";
        EXPECT_EQ(verify_physical(mem), std::nullopt);
        const std::vector<Told> notes = restore_notes(mem);
        ASSERT_EQ(notes.size(), std::abs(65 - counter) > 2 ? 1u : 0u) << counter;
        if (counter != 68) continue;
        EXPECT_EQ(notes[0].en,
                  "0:DMA: NR_FREE_PAGES says 68 pages, the free lists hold 65; the CPUs' counters explain 2. Both "
                  "are kept: the counter decides watermarks, the lists decide blocks");
        EXPECT_NE(notes[0].zh.find("68"), std::string::npos);
    }
}

TEST(Restore, AZoneOfAnotherMachineIsRefused) {
    EXPECT_EQ(complaint_of_zone([](recorded_zone& zone) { zone.type = zone_type::normal; }),
              "recorded[0]: node 0 has no memory in zone Normal");
    EXPECT_EQ(complaint_of_zone([](recorded_zone& zone) { zone.present_pages = 1000; }),
              "recorded[0]: start 0x40000, spanned 1024, present 1000 does not fit the memory regions, which give "
              "0x40000, 1024, 1024");
    EXPECT_EQ(complaint_of_zone([](recorded_zone& zone) { zone.managed_pages = 2000; }),
              "recorded[0]: managed and cma pages do not fit the present pages");
}

} // namespace mm
