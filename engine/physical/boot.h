#pragma once
// From a profile to a page allocator that serves requests, in the stages of the kernel's own boot.
//
// Models: memblock regions to nodes and zones (free_area_init), handing free ranges to the buddy allocator
//   (memblock_free_all: low to high, largest aligned blocks, appended at the tail), CMA areas (freed a pageblock at a
//   time, at the head), zonelists by node distance, per-CPU lists, watermarks, ZONE_DEVICE (memremap_pages).
// Simplified: all CPUs are online from the start; no deferred struct page initialisation; the struct pages of device
//   memory stand in the device itself (altmap).
// Mirrors: mm/page_alloc.c, mm/memblock.c, mm/cma.c (Linux 6.1; mm/mm_init.c since 6.4), mm/memremap.c.
#include "physical/memory.h"
#include "physical/profile.h"

namespace mm {

// Boots completely. The profile has passed check_profile().
[[nodiscard]] physical_memory boot(const machine_profile& profile, EventSink& sink);

// The stages, for stepping through a boot. Each expects the one before.
void free_area_init(physical_context& cx, const machine_profile& profile);    // nodes, zones, zonelists, mem_map
void memblock_free_all(physical_context& cx, const machine_profile& profile); // free ranges to the buddy allocator
void setup_per_cpu_pageset(physical_context& cx);                             // batch and lists
void page_alloc_init_late(physical_context& cx, const machine_profile& profile); // memblock goes, where it is not kept
void init_per_zone_wmark_min(physical_context& cx);                           // watermarks, reserves, pcp->high

// After boot: the drivers of device memory give it struct pages in ZONE_DEVICE. It is spanned, but neither present nor
// managed, and in no zonelist.
void memremap_pages(physical_context& cx, const machine_profile& profile);

// How many zones boot would give memory, device memory included. For check_profile(), which has looked at all else.
[[nodiscard]] u32 nr_zones_with_memory(const machine_profile& profile);

// Replaces lists, counters and block types by a recorded state. Errors name the zone and the frame that do not fit.
[[nodiscard]] std::optional<Error> restore_recorded(physical_memory& mem, const machine_profile& profile);
// What is to be told of a state that was restored: each zone whose counter and lists stand apart (zone::nr_free_apart).
[[nodiscard]] std::vector<Told> restore_notes(const physical_memory& mem);

} // namespace mm
