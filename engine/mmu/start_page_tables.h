#pragma once
// From when on a machine has page tables.
#include "mmu/page_table.h"

namespace mm {

// Page tables from here on, with the kernel's own: arm64's as boot_map() makes it (arm64/boot_map.h); i386's as
// boot_map_i386() does (x86/boot_map_i386.h). x86-64 has none here.
void start_page_tables(mmu_memory& mmu, physical_memory& mem, const machine_profile& profile);

} // namespace mm
