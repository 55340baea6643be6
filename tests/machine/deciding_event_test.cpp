// What is told first at the end of an op.
#include "machine/deciding_event.h"

#include <gtest/gtest.h>

#include <set>

#include "machine/machine.h"
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

TEST(DecidingEvent, ASplitDecidesMoreThanAnEnoughOfFreePages) {
    const Event events[] = {event_of(ev::zone_watermark_ok), event_of(ev::buddy_take), event_of(ev::buddy_split),
                            event_of(ev::buddy_split), event_of(ev::mm_page_alloc)};
    EXPECT_EQ(deciding_event(events), 2);
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
