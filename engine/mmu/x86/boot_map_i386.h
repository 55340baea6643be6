#pragma once
// The kernel's own page table as i386 makes it while it boots: init_mm's, two levels.
//
// Models: the pgd near the end of the kernel's image; tables without entries of the fixmap and the PKMAP.
// Not modelled: entries of the linear map, PAE.
// Mirrors: arch/x86/mm/init_32.c (page_table_range_init, permanent_kmaps_init; Linux 6.1).
#include "mmu/page_table.h"

namespace mm {

// Makes the kernel's address space, the first of all. It takes no page from the page allocator.
void boot_map_i386(mmu_context& cx, const machine_profile& profile);

} // namespace mm
