#pragma once
// The kernel's own page table as i386 makes it while it boots: init_mm's, two levels.
//
//   physical  0     1 MiB     4 MiB                                     a multiple of 4 MiB     end of low memory
//             │ pages (BIOS)  │ blocks of 4 MiB, one entry of the pgd each  │ pages             │ high memory: no entry
//   virtual   c0000000        c0400000                                                          high_memory
//
//   tables    at the end of what the machine reserves first, its kernel's image: ... │ 1st │ 2nd │ ... │ pgd │
//
// Low memory stands at PAGE_OFFSET: virt = phys + 0xc0000000, for as much as lies below high_memory. The first 4 MiB are pages
// whatever lies there: fixed-range MTRRs give the CPU several memory types in them. A piece of memory that begins or ends
// within 4 MiB is pages there; a hole between two pieces has no entries, except below 1 MiB. Of the fixmap and the PKMAP there
// are tables without entries.
//
// Models: ranges, leaves, protection and the order of tables of init_mem_mapping(), early_ioremap_page_table_range_init() and
//   paging_init(), without PAE, on a CPU with PSE and PGE. A recorded machine of 1 GiB (tests/oracle, 6.1.0-50-686) counts one
//   block less and 4 MiB more in pages in /proc/meminfo: mark_rodata_ro() has split it.
// Simplified: all of it is PAGE_KERNEL, as init_mem_mapping() leaves it. mark_rodata_ro() later takes the right to write from
//   the image's text and read-only data; where those lie, a machine here does not tell. Tables are in the last frames of the
//   image, which the kernel extends by them (brk), and the pgd behind them; the kernel's pgd is in its bss. What does not fit
//   there comes from the top of reserved low memory, else stands behind the end of memory.
// Not modelled: PAE, initial_page_table and its identity map, what boot sets in the fixmap (APICs), debug_pagealloc.
// Mirrors: arch/x86/mm/init.c (init_mem_mapping, split_mem_range), init_32.c (kernel_physical_mapping_init,
//   page_table_range_init, permanent_kmaps_init) (Linux 5.10, 6.1, 6.12).
#include "mmu/page_table.h"

namespace mm {

// Makes the kernel's address space, the first of all. It takes no page from the page allocator.
// kernel: init_mem_mapping, paging_init
void boot_map_i386(mmu_context& cx, const machine_profile& profile);

} // namespace mm
