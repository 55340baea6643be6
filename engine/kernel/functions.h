#pragma once
// The kernel functions of this room that an event's call path may name. Their numbers follow those of page tables.
#include <array>
#include <string_view>

#include "mmu/functions.h"

namespace mm {

enum class kernel_fn : u8 {
    vmalloc_node_range = static_cast<u8>(mmu_fn::count),
    get_vm_area_node,
    alloc_vmap_area,
    vm_area_alloc_pages,
    vfree,
    remove_vm_area,
    free_vmap_area_noflush,
    purge_vmap_area_lazy,
    vmap,
    vunmap,
    ioremap_prot,
    iounmap,
    kmap,
    kunmap,
    map_new_virtual,
    flush_all_zero_pkmaps,
    kmap_flush_unused,
    kmap_local,
    kunmap_local,
    virt_to_phys,
    phys_to_virt,
    vmalloc_to_page,
    count,
};

inline constexpr std::size_t FIRST_KERNEL_FN = static_cast<std::size_t>(mmu_fn::count);
inline constexpr std::array<std::string_view, static_cast<std::size_t>(kernel_fn::count) - FIRST_KERNEL_FN>
    kernel_function_names = {
        "__vmalloc_node_range",
        "__get_vm_area_node",
        "alloc_vmap_area",
        "vm_area_alloc_pages",
        "vfree",
        "remove_vm_area",
        "free_vmap_area_noflush",
        "__purge_vmap_area_lazy",
        "vmap",
        "vunmap",
        "ioremap_prot",
        "iounmap",
        "kmap_high",
        "kunmap_high",
        "map_new_virtual",
        "flush_all_zero_pkmaps",
        "kmap_flush_unused",
        "__kmap_local_page_prot",
        "kunmap_local_indexed",
        "virt_to_phys",
        "phys_to_virt",
        "vmalloc_to_page",
};

} // namespace mm
