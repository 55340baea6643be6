#pragma once
// The macros and regions of i386's layouts, as formulas. Only x86/layout.cpp includes it.
#include "mmu/layout_rows.h"

namespace mm::layouts {

// clang-format off

// Given: PAGE_SIZE, PMD_SIZE, NR_CPUS, LAST_PKMAP, FIXADDR_PAGES, CPU_ENTRY_AREA_PAGES_EACH, memory_end.

inline constexpr layout_macro_row i386_2_6[] = {
    {"PAGE_OFFSET", "0xc0000000"},
    {"TASK_SIZE", "PAGE_OFFSET"},
    {"PMD_MASK", "~(PMD_SIZE - 1)"},
    {"FIXADDR_TOP", "0xfffff000"},
    {"FIXADDR_BOOT_START", "FIXADDR_TOP - FIXADDR_PAGES * PAGE_SIZE"},
    {"PKMAP_BASE", "(FIXADDR_BOOT_START - PAGE_SIZE * (LAST_PKMAP + 1)) & PMD_MASK"},
    {"VMALLOC_RESERVE", "SZ_128M"},
    {"MAXMEM", "0x100000000 - PAGE_OFFSET - VMALLOC_RESERVE"},
    {HIGH_MEMORY, ""},
    {"VMALLOC_OFFSET", "SZ_8M"},
    {"VMALLOC_START", "(high_memory + 2 * VMALLOC_OFFSET - 1) & ~(VMALLOC_OFFSET - 1)"},
    {"VMALLOC_END", "PKMAP_BASE - 2 * PAGE_SIZE"},
};
inline constexpr layout_region_row i386_2_6_regions[] = {
    {"user", "用户空间", region_kind::user, "0", "TASK_SIZE"},
    {"lowmem", "低端内存（线性映射）", region_kind::linear, "PAGE_OFFSET", "high_memory"},
    {"vmalloc", "vmalloc 区", region_kind::vmalloc, "VMALLOC_START", "VMALLOC_END"},
    {"pkmap", "永久内核映射", region_kind::pkmap, "PKMAP_BASE", "PKMAP_BASE + LAST_PKMAP * PAGE_SIZE"},
    {"fixmap", "固定映射", region_kind::fixmap, "FIXADDR_BOOT_START", "FIXADDR_TOP"},
};

// Since 4.15 the CPU entry areas and a place for the LDT stand between kmap's and the fixmap.
inline constexpr layout_macro_row i386_4_15[] = {
    {"PAGE_OFFSET", "0xc0000000"},
    {"TASK_SIZE", "PAGE_OFFSET"},
    {"PMD_MASK", "~(PMD_SIZE - 1)"},
    {"FIXADDR_TOP", "0xfffff000"},
    {"FIXADDR_TOT_START", "FIXADDR_TOP - FIXADDR_PAGES * PAGE_SIZE"},
    {"CPU_ENTRY_AREA_PAGES", "NR_CPUS * CPU_ENTRY_AREA_PAGES_EACH"},
    {"CPU_ENTRY_AREA_BASE", "(FIXADDR_TOT_START - PAGE_SIZE * (CPU_ENTRY_AREA_PAGES + 1)) & PMD_MASK"},
    {"LDT_BASE_ADDR", "(CPU_ENTRY_AREA_BASE - PAGE_SIZE) & PMD_MASK"},
    {"LDT_END_ADDR", "LDT_BASE_ADDR + PMD_SIZE"},
    {"PKMAP_BASE", "(LDT_BASE_ADDR - PAGE_SIZE) & PMD_MASK"},
    {"VMALLOC_END", "PKMAP_BASE - 2 * PAGE_SIZE"},
    {"VMALLOC_RESERVE", "SZ_128M"},
    {"MAXMEM", "VMALLOC_END - PAGE_OFFSET - VMALLOC_RESERVE"},
    {HIGH_MEMORY, ""},
    {"VMALLOC_OFFSET", "SZ_8M"},
    {"VMALLOC_START", "high_memory + VMALLOC_OFFSET"},
};
inline constexpr layout_region_row i386_4_15_regions[] = {
    {"user", "用户空间", region_kind::user, "0", "TASK_SIZE"},
    {"lowmem", "低端内存（线性映射）", region_kind::linear, "PAGE_OFFSET", "high_memory"},
    {"vmalloc", "vmalloc 区", region_kind::vmalloc, "VMALLOC_START", "VMALLOC_END"},
    {"pkmap", "永久内核映射", region_kind::pkmap, "PKMAP_BASE", "PKMAP_BASE + LAST_PKMAP * PAGE_SIZE"},
    {"LDT", "LDT", region_kind::ldt, "LDT_BASE_ADDR", "LDT_END_ADDR"},
    {"CPU entry areas", "CPU 入口区", region_kind::cpu_entry_area, "CPU_ENTRY_AREA_BASE",
     "CPU_ENTRY_AREA_BASE + PAGE_SIZE * (CPU_ENTRY_AREA_PAGES + 1)"},
    {"fixmap", "固定映射", region_kind::fixmap, "FIXADDR_TOT_START", "FIXADDR_TOP"},
};
// clang-format on

} // namespace mm::layouts
