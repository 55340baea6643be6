#pragma once
// The macros and regions of arm64's layouts, as formulas. Only arm64/layout.cpp includes it.
#include "mmu/layout_rows.h"

namespace mm::layouts {

// clang-format off

// Given: PAGE_SHIFT, PAGE_SIZE, PUD_SIZE, VA_BITS, VA_BITS_MIN, vabits_actual, TASK_SIZE_32.

// Linux 4.6 to 5.3: the linear map is the upper half.
inline constexpr layout_macro_row arm64_4_19[] = {
    {"VA_START", "-(1 << VA_BITS)"},
    {"PAGE_OFFSET", "-(1 << (VA_BITS - 1))"},
    {"MODULES_VADDR", "VA_START"},
    {"MODULES_VSIZE", "SZ_128M"},
    {"MODULES_END", "MODULES_VADDR + MODULES_VSIZE"},
    {"KIMAGE_VADDR", "MODULES_END"},
    {"STRUCT_PAGE_MAX_SHIFT", "6"},
    {"VMEMMAP_SIZE", "1 << (VA_BITS - PAGE_SHIFT - 1 + STRUCT_PAGE_MAX_SHIFT)"},
    {"VMEMMAP_START", "PAGE_OFFSET - VMEMMAP_SIZE"},
    {"PCI_IO_SIZE", "SZ_16M"},
    {"PCI_IO_END", "VMEMMAP_START - SZ_2M"},
    {"PCI_IO_START", "PCI_IO_END - PCI_IO_SIZE"},
    {"FIXADDR_TOP", "PCI_IO_START - SZ_2M"},
    {"VMALLOC_START", "MODULES_END"},
    {"VMALLOC_END", "PAGE_OFFSET - PUD_SIZE - VMEMMAP_SIZE - SZ_64K"},
    {"TASK_SIZE_64", "1 << VA_BITS"},
};
inline constexpr layout_region_row arm64_4_19_regions[] = {
    {"user", "用户空间", region_kind::user, "0", "TASK_SIZE_64"},
    {"modules", "模块", region_kind::modules, "MODULES_VADDR", "MODULES_END"},
    {"vmalloc", "vmalloc 区", region_kind::vmalloc, "VMALLOC_START", "VMALLOC_END"},
    {"fixmap (from the top down)", "固定映射（自顶向下）", region_kind::fixmap, "VMALLOC_END", "FIXADDR_TOP"},
    {"PCI I/O", "PCI I/O", region_kind::pci_io, "PCI_IO_START", "PCI_IO_END"},
    {"vmemmap", "vmemmap", region_kind::vmemmap, "VMEMMAP_START", "VMEMMAP_START + VMEMMAP_SIZE"},
    {"linear map", "线性映射", region_kind::linear, "PAGE_OFFSET", ""},
};

// Linux 5.4 turned it over, so that the kernel's part is the same whether the CPU has 48 bits or 52.
inline constexpr layout_macro_row arm64_5_10[] = {
    {"PAGE_OFFSET", "-(1 << VA_BITS)"},
    {"PAGE_END", "-(1 << (VA_BITS_MIN - 1))"},
    {"BPF_JIT_REGION_START", "PAGE_END"},
    {"BPF_JIT_REGION_SIZE", "SZ_128M"},
    {"BPF_JIT_REGION_END", "BPF_JIT_REGION_START + BPF_JIT_REGION_SIZE"},
    {"MODULES_VADDR", "BPF_JIT_REGION_END"},
    {"MODULES_VSIZE", "SZ_128M"},
    {"MODULES_END", "MODULES_VADDR + MODULES_VSIZE"},
    {"KIMAGE_VADDR", "MODULES_END"},
    {"STRUCT_PAGE_MAX_SHIFT", "6"},
    {"VMEMMAP_SIZE", "(PAGE_END - PAGE_OFFSET) >> (PAGE_SHIFT - STRUCT_PAGE_MAX_SHIFT)"},
    {"VMEMMAP_START", "-VMEMMAP_SIZE - SZ_2M"},
    {"VMEMMAP_END", "VMEMMAP_START + VMEMMAP_SIZE"},
    {"PCI_IO_SIZE", "SZ_16M"},
    {"PCI_IO_END", "VMEMMAP_START - SZ_2M"},
    {"PCI_IO_START", "PCI_IO_END - PCI_IO_SIZE"},
    {"FIXADDR_TOP", "PCI_IO_START - SZ_2M"},
    {"VMALLOC_START", "MODULES_END"},
    {"VMALLOC_END", "-PUD_SIZE - VMEMMAP_SIZE - SZ_64K"},
    {"TASK_SIZE_64", "1 << vabits_actual"},
};
inline constexpr layout_region_row arm64_5_10_regions[] = {
    {"user", "用户空间", region_kind::user, "0", "TASK_SIZE_64"},
    {"linear map", "线性映射", region_kind::linear, "-(1 << vabits_actual)", "PAGE_END"},
    {"BPF JIT", "BPF JIT", region_kind::bpf_jit, "BPF_JIT_REGION_START", "BPF_JIT_REGION_END"},
    {"modules", "模块", region_kind::modules, "MODULES_VADDR", "MODULES_END"},
    {"vmalloc", "vmalloc 区", region_kind::vmalloc, "VMALLOC_START", "VMALLOC_END"},
    {"fixmap (from the top down)", "固定映射（自顶向下）", region_kind::fixmap, "VMALLOC_END", "FIXADDR_TOP"},
    {"PCI I/O", "PCI I/O", region_kind::pci_io, "PCI_IO_START", "PCI_IO_END"},
    {"vmemmap", "vmemmap", region_kind::vmemmap, "VMEMMAP_START", "VMEMMAP_END"},
};

// Linux 5.11 to 6.8: vmemmap begins at a power of two below the top.
inline constexpr layout_macro_row arm64_6_1[] = {
    {"PAGE_OFFSET", "-(1 << VA_BITS)"},
    {"PAGE_END", "-(1 << (VA_BITS_MIN - 1))"},
    {"MODULES_VADDR", "PAGE_END"},
    {"MODULES_VSIZE", "SZ_128M"},
    {"MODULES_END", "MODULES_VADDR + MODULES_VSIZE"},
    {"KIMAGE_VADDR", "MODULES_END"},
    {"STRUCT_PAGE_MAX_SHIFT", "6"},
    {"VMEMMAP_SHIFT", "PAGE_SHIFT - STRUCT_PAGE_MAX_SHIFT"},
    {"VMEMMAP_SIZE", "(PAGE_END - PAGE_OFFSET) >> VMEMMAP_SHIFT"},
    {"VMEMMAP_START", "-(1 << (VA_BITS - VMEMMAP_SHIFT))"},
    {"VMEMMAP_END", "VMEMMAP_START + VMEMMAP_SIZE"},
    {"PCI_IO_SIZE", "SZ_16M"},
    {"PCI_IO_END", "VMEMMAP_START - SZ_8M"},
    {"PCI_IO_START", "PCI_IO_END - PCI_IO_SIZE"},
    {"FIXADDR_TOP", "VMEMMAP_START - SZ_32M"},
    {"VMALLOC_START", "MODULES_END"},
    {"VMALLOC_END", "VMEMMAP_START - SZ_256M"},
    {"TASK_SIZE_64", "1 << vabits_actual"},
};
inline constexpr layout_region_row arm64_6_1_regions[] = {
    {"user", "用户空间", region_kind::user, "0", "TASK_SIZE_64"},
    {"linear map", "线性映射", region_kind::linear, "-(1 << vabits_actual)", "PAGE_END"},
    {"modules", "模块", region_kind::modules, "MODULES_VADDR", "MODULES_END"},
    {"vmalloc", "vmalloc 区", region_kind::vmalloc, "VMALLOC_START", "VMALLOC_END"},
    {"fixmap (from the top down)", "固定映射（自顶向下）", region_kind::fixmap, "VMALLOC_END", "FIXADDR_TOP"},
    {"PCI I/O", "PCI I/O", region_kind::pci_io, "PCI_IO_START", "PCI_IO_END"},
    {"vmemmap", "vmemmap", region_kind::vmemmap, "VMEMMAP_START", "VMEMMAP_END"},
};

// Linux 6.9 on: vmemmap ends 1 GiB below the top, where PCI I/O and fixmap are now; modules got 2 GiB (6.5). vmemmap is as
// long as 52 bits need; on a CPU with fewer, vmalloc takes its unused beginning.
inline constexpr layout_macro_row arm64_6_12[] = {
    {"PAGE_OFFSET", "-(1 << VA_BITS)"},
    {"PAGE_END", "-(1 << (VA_BITS_MIN - 1))"},
    {"MODULES_VADDR", "PAGE_END"},
    {"MODULES_VSIZE", "SZ_2G"},
    {"MODULES_END", "MODULES_VADDR + MODULES_VSIZE"},
    {"KIMAGE_VADDR", "MODULES_END"},
    {"STRUCT_PAGE_SIZE", "64"},
    {"VMEMMAP_RANGE", "PAGE_END - PAGE_OFFSET"},
    {"VMEMMAP_SIZE", "(VMEMMAP_RANGE >> PAGE_SHIFT) * STRUCT_PAGE_SIZE"},
    {"VMEMMAP_END", "-SZ_1G"},
    {"VMEMMAP_START", "VMEMMAP_END - VMEMMAP_SIZE"},
    {"PCI_IO_SIZE", "SZ_16M"},
    {"PCI_IO_START", "VMEMMAP_END + SZ_8M"},
    {"PCI_IO_END", "PCI_IO_START + PCI_IO_SIZE"},
    {"FIXADDR_TOP", "-SZ_8M"},
    {"VMEMMAP_UNUSED_NPAGES", "(-(1 << vabits_actual) - PAGE_OFFSET) >> PAGE_SHIFT"},
    {"VMALLOC_START", "MODULES_END"},
    {"VMALLOC_END", "VMEMMAP_START + VMEMMAP_UNUSED_NPAGES * STRUCT_PAGE_SIZE - SZ_8M"},
    {"TASK_SIZE_64", "1 << vabits_actual"},
};
inline constexpr layout_region_row arm64_6_12_regions[] = {
    {"user", "用户空间", region_kind::user, "0", "TASK_SIZE_64"},
    {"linear map", "线性映射", region_kind::linear, "-(1 << vabits_actual)", "PAGE_END"},
    {"modules", "模块", region_kind::modules, "MODULES_VADDR", "MODULES_END"},
    {"vmalloc", "vmalloc 区", region_kind::vmalloc, "VMALLOC_START", "VMALLOC_END"},
    {"vmemmap", "vmemmap", region_kind::vmemmap, "VMALLOC_END + SZ_8M", "VMEMMAP_END"},
    {"PCI I/O", "PCI I/O", region_kind::pci_io, "PCI_IO_START", "PCI_IO_END"},
    {"fixmap (from the top down)", "固定映射（自顶向下）", region_kind::fixmap, "PCI_IO_END + SZ_8M", "FIXADDR_TOP"},
};
// clang-format on

} // namespace mm::layouts
