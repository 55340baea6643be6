#pragma once
// Where a mapping goes that has no fixed address: the wish of the program, else the highest hole that holds it.
//
//   mmap_base ──┐
//               ▼ from the top down, past the gap below what may grow
//   [ VMA ]  hole  [ VMA ]  hole   gap[ stack ]
//
// Mirrors: mm/mmap.c: get_unmapped_area, vm_unmapped_area, generic_get_unmapped_area_topdown;
//   arch/x86/kernel/sys_x86_64.c; mm/huge_memory.c: thp_get_unmapped_area (Linux 5.10, 6.1, 6.12).
#include "process/errno.h"
#include "process/events.h"
#include "process/mm.h"

namespace mm {

struct area_wish {
    u64 address = 0; // whole pages
    u64 length = 0;  // whole pages
    u64 pgoff = 0;
    file_id file = 0;
    bool fixed = false;
    bool shared = false;
    bool low = false; // MAP_32BIT
};

// An address, or an error. kernel: get_unmapped_area
[[nodiscard]] i64 get_unmapped_area(mm_context& cx, mm_call call, const area_wish& wish);

} // namespace mm
