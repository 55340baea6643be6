#pragma once
// The events of segmentation: kinds here; arguments and sentences in segment_event_rows.h. Kinds follow those of
// translation.
#include "base/event_words.h"
#include "mmu/tlb_events.h"

namespace mm {

enum class segment_event : u16 {
    logical_access = static_cast<u16>(tlb_event::count),
    selector_decoded,
    descriptor_fetched,
    segment_loaded,
    descriptor_accessed,
    linear_address,
    segment_fault,
    segment_fault_ends,
    gdt_entry_written,
    no_segments,
    count,
};

// What the kernel makes of a fault: the argument "end".
enum class segment_end : u8 { sigsegv, sigbus, oops, count };

[[nodiscard]] EventPart segment_events();

} // namespace mm
