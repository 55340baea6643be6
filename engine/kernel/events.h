#pragma once
// Events of the kernel's own virtual memory. Their kinds follow those of translation; rows in events.cpp.
#include <span>

#include "base/event.h"
#include "base/event_words.h"
#include "mmu/tlb_events.h"

namespace mm {

enum class kernel_event : u16 {
    vmap_area_taken = static_cast<u16>(tlb_event::count),
    vmap_area_none,
    vmalloc_array,
    vmalloc_pages,
    vmalloc_mapped,
    vmalloc,
    vmalloc_failed,
    vmap,
    vfree,
    vunmap,
    vunmap_loses_pages,
    vfree_null,
    vfree_bad,
    vmap_area_lazy,
    vmap_purge,
    vmalloc_to_page,
    kvmalloc_falls_back,
    count,
};

[[nodiscard]] std::span<const EventSpec> kernel_events();
[[nodiscard]] std::span<const EventWords> kernel_event_words();

} // namespace mm
