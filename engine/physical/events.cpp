// The events of the page allocator as one table: their rows (event_rows.h) with the words of reasons and flags
// (event_words.cpp).
#include "physical/events.h"

#include "physical/event_rows.h"
#include "physical/event_words.h"

namespace mm {

namespace {

using ev = physical_event;

constexpr auto table = event_table(physical_rows::rows, ev::alloc_request);

} // namespace

EventPart physical_events() { return table.with(physical_event_words()); }

} // namespace mm
