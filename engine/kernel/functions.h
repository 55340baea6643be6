#pragma once
// The kernel functions of this room that an event's call path may name, by their names in the kernel.
#include <array>
#include <string_view>

#include "base/rooms.h"

namespace mm {

enum class kernel_fn : u16 {
    vmalloc_node_range = first_number(room_id::kernel),
    get_vm_area_node,
    alloc_vmap_area,
    vm_area_alloc_pages,
    vmalloc_area_node,
    vfree,
    remove_vm_area,
    free_vmap_area_noflush,
    purge_vmap_area_lazy,
    vmap,
    vunmap,
    ioremap_caller,
    ioremap_prot,
    generic_ioremap_prot,
    iounmap,
    free_vm_area,
    kmap,
    kunmap,
    map_new_virtual,
    flush_all_zero_pkmaps,
    kmap_flush_unused,
    kmap_local,
    kunmap_local,
    kmap_atomic_high_prot,
    kunmap_atomic_high,
    virt_to_phys,
    phys_to_virt,
    vmalloc_to_page,
    count,
};

inline constexpr std::array<std::string_view, numbers_of<kernel_fn>(room_id::kernel)> kernel_function_names = {
    "__vmalloc_node_range",
    "__get_vm_area_node",
    "alloc_vmap_area",
    "vm_area_alloc_pages",
    "__vmalloc_area_node",
    "vfree",
    "remove_vm_area",
    "free_vmap_area_noflush",
    "__purge_vmap_area_lazy",
    "vmap",
    "vunmap",
    "__ioremap_caller",
    "ioremap_prot",
    "generic_ioremap_prot",
    "iounmap",
    "free_vm_area",
    "kmap_high",
    "kunmap_high",
    "map_new_virtual",
    "flush_all_zero_pkmaps",
    "kmap_flush_unused",
    "__kmap_local_page_prot",
    "kunmap_local_indexed",
    "kmap_atomic_high_prot",
    "kunmap_atomic_high",
    "virt_to_phys",
    "phys_to_virt",
    "vmalloc_to_page",
};

} // namespace mm
