// What is told first at the end of an op.
#include "machine/deciding_event.h"

#include <gtest/gtest.h>

#include <set>

#include "kernel/events.h"
#include "machine/machine.h"
#include "mmu/events.h"
#include "physical/events.h"

namespace mm {
namespace {

using ev = physical_event;

Event event_of(ev kind) {
    Event event;
    event.kind = static_cast<u16>(kind);
    return event;
}

TEST(DecidingEvent, ALowZoneDecidesMoreThanTheZoneThatServes) {
    const Event events[] = {event_of(ev::alloc_request),       event_of(ev::zone_watermark_fail),
                            event_of(ev::zone_watermark_fail), event_of(ev::zone_watermark_ok),
                            event_of(ev::buddy_split),         event_of(ev::mm_page_alloc)};
    EXPECT_EQ(deciding_event(events), 1) << "the first of the greatest weight";
}

TEST(DecidingEvent, WhereZonesAreTooLowTheOneThatServesIsToldToo) {
    const Event events[] = {
        event_of(ev::alloc_request),       event_of(ev::zone_watermark_fail), event_of(ev::zone_watermark_no_block),
        event_of(ev::zone_watermark_fail), event_of(ev::zone_watermark_ok),   event_of(ev::buddy_take),
        event_of(ev::mm_page_alloc)};
    EXPECT_EQ(serving_event(events, deciding_event(events)), 4);
    EXPECT_EQ(serving_event(std::span(events).first(4), 1), -1) << "none served";
    const Event usual[] = {event_of(ev::zone_watermark_ok), event_of(ev::buddy_split), event_of(ev::mm_page_alloc)};
    EXPECT_EQ(serving_event(usual, deciding_event(usual)), -1) << "no zone was too low";
    EXPECT_EQ(serving_event({}, -1), -1);
}

TEST(DecidingEvent, ASplitDecidesMoreThanAnEnoughOfFreePages) {
    const Event events[] = {event_of(ev::zone_watermark_ok), event_of(ev::buddy_take), event_of(ev::buddy_split),
                            event_of(ev::buddy_split), event_of(ev::mm_page_alloc)};
    EXPECT_EQ(deciding_event(events), 2);
}

// A mapping asks for pages for its tables: what the page allocator does for it does not decide it.
TEST(DecidingEvent, AnOpIsDecidedByItsOwnEventsNotByAnAllocationInsideIt) {
    const auto mmu = [](mmu_event kind) { return event_of(static_cast<ev>(kind)); };
    const Event map[] = {mmu(mmu_event::map_begins),  event_of(ev::alloc_request), event_of(ev::zone_watermark_fail),
                         event_of(ev::buddy_split),   event_of(ev::mm_page_alloc), mmu(mmu_event::table_allocated),
                         mmu(mmu_event::entries_set), mmu(mmu_event::tables_made)};
    EXPECT_EQ(deciding_event(map), 7) << "the tables that were made";
    const Event one_entry[] = {mmu(mmu_event::map_begins), mmu(mmu_event::entries_set)};
    EXPECT_EQ(deciding_event(one_entry), 0);
    const auto kernel = [](kernel_event kind) { return event_of(static_cast<ev>(kind)); };
    const Event vmalloc[] = {kernel(kernel_event::vmap_area_taken), event_of(ev::zone_watermark_fail),
                             event_of(ev::buddy_split), mmu(mmu_event::table_allocated), kernel(kernel_event::vmalloc)};
    EXPECT_EQ(deciding_event(vmalloc), 0);
    const Event wrong[] = {kernel(kernel_event::vfree), kernel(kernel_event::vmap_area_lazy), event_of(ev::bad_page)};
    EXPECT_EQ(deciding_event(wrong), 2) << "what went wrong decides, wherever it did";
}

TEST(DecidingEvent, WhatOnlyTellsDecidesNothing) {
    const Event events[] = {event_of(ev::alloc_request), event_of(ev::mm_page_alloc)};
    EXPECT_EQ(deciding_event(events), -1);
    EXPECT_EQ(deciding_event({}), -1);
}

TEST(DecidingEvent, EveryKindWithAWeightIsAnEventAndStandsThereOnce) {
    std::set<u16> weighed;
    for (const DecidingWeight& row : deciding_weights()) {
        ASSERT_TRUE(is_event_kind(row.kind)) << row.kind;
        EXPECT_TRUE(weighed.insert(row.kind).second) << event_spec(row.kind).name << " stands there twice";
    }
}

} // namespace
} // namespace mm
