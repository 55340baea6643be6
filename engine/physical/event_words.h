#pragma once
// The words of the reason and flag arguments of the page allocator's events.
#include <span>

#include "base/event_words.h"

namespace mm {

// Every value that an argument of unit reason or flag can have, has a row; values of one argument stand together.
[[nodiscard]] std::span<const EventWords> physical_event_words();

} // namespace mm
