#pragma once
// The events of memblock: kinds here, their arguments and words in memblock_events.cpp. They follow those of the page allocator.
#include "physical/events.h"

namespace mm {

enum class memblock_event : u16 {
    range_add = static_cast<u16>(physical_event::count),
    range_capped,
    range_covered,
    region_new,
    region_merge,
    node_conflict,
    range_remove,
    region_split,
    region_gone,
    range_absent,
    node_set,
    array_double,
    array_double_fails,
    array_free,
    alloc_try,
    align_zero,
    hole_tried,
    alloc_again,
    alloc_done,
    alloc_fails,
    region_trim,
    region_trim_away,
    total_stays,
    bottom_up_set,
    limit_set,
    resize_allowed,
    too_late,
    handover,
    no_machine,
    discard,
    count,
};

// Why an array does not double.
enum class double_failure : u8 {
    not_allowed, // memblock_allow_resize() has not been called
    panics,      // the same, where the kernel stops
    no_room,
    our_limit, // MAX_MEMBLOCK_REGIONS
};
enum class alloc_direction : u8 { top_down, bottom_up };
enum class hole_verdict : u8 { fits, too_small, misaligned };
enum class alloc_retry : u8 { any_node, no_minimum };
enum class memblock_lateness : u8 { zones_sized, pages_freed };
// Why free_area_init() cannot begin.
enum class machine_failure : u8 {
    no_memory, // the memory list has no whole page
    no_node_memory,
    our_limits, // of frames, spans and zones (check_profile)
};

[[nodiscard]] EventPart memblock_events();

} // namespace mm
