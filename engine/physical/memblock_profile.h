#pragma once
// Between a machine's profile and memblock: the lists that a profile gives, and the profile that lists make.
//
// A profile may give memory as firmware does: ranges in any order, that overlap or touch, that are no whole pages. They go
// through memblock one by one, as e820__memblock_setup() and early_init_dt_scan_memory() feed it, and what memblock has then
// is the machine's memory. A list that needs nothing of this stays as it is.
//
// Mirrors: arch/x86/kernel/e820.c (e820__memblock_setup: all ranges, then memblock_trim_memory), drivers/of/fdt.c
//   (early_init_dt_add_memory_arch: each range is cut to whole pages by itself), mm/memblock.c (memblock_discard).
#include "physical/memblock.h"
#include "physical/profile.h"

namespace mm {

[[nodiscard]] memblock_config memblock_config_of(const machine_profile& profile);

// The lists when boot begins: the profile's, or empty ones where machine_profile::memblock_empty says so.
[[nodiscard]] memblock_state memblock_of(const machine_profile& profile);

// Are the profile's lists what memblock would make of them?
[[nodiscard]] bool is_settled(const machine_profile& profile);
void settle_memory(machine_profile& profile);

// The profile with the memory and the reserved ranges that memblock has: whole pages of memory, and the areas of CMA that
// are still reserved. Memory without a node is node 0's.
[[nodiscard]] machine_profile profile_of_memblock(const machine_profile& profile, const memblock_state& blocks);

// Where lists do not stay after boot they are thrown away, and pages of their arrays go to the buddy allocator. Calls
// free_pages(start, bytes) for each array that was allocated.
template <class FreeArray>
void memblock_discard(memblock_context& cx, FreeArray free_array) {
    memblock_state& blocks = cx.blocks;
    if (cx.config.keeps || blocks.discarded) return;
    for (const memblock_list which : {memblock_list::reserved, memblock_list::memory}) {
        const memblock_type& list = blocks.list(which);
        if (list.array == 0) continue;
        const u64 page = cx.config.page_size;
        free_array(list.array, (memblock_array_bytes(cx.config, list.max) + page - 1) / page * page);
    }
    blocks.memory = blocks.reserved = {};
    blocks.discarded = true;
}

} // namespace mm
