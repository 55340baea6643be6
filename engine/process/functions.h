#pragma once
// The kernel functions of this room that an event's call path may name, by their names in the kernel.
#include <array>
#include <string_view>

#include "base/rooms.h"

namespace mm {

enum class process_fn : u16 {
    do_mmap = first_number(room_id::process),
    get_unmapped_area,
    vm_unmapped_area,
    mmap_region,
    vma_merge,
    split_vma,
    do_munmap,
    do_mprotect_pkey,
    mprotect_fixup,
    sys_brk,
    do_brk_flags,
    sys_mremap,
    move_vma,
    copy_vma,
    do_madvise,
    do_mlock,
    mlock_fixup,
    mm_populate,
    anon_vma_prepare,
    expand_downwards,
    handle_fault,
    load_elf_binary,
    arch_pick_mmap_layout,
    setup_arg_pages,
    elf_map,
    setup_additional_pages,
    do_sys_open,
    vm_enough_memory,
    count,
};

inline constexpr std::array<std::string_view, numbers_of<process_fn>(room_id::process)> process_function_names = {
    "do_mmap",
    "get_unmapped_area",
    "vm_unmapped_area",
    "mmap_region",
    "vma_merge",
    "__split_vma",
    "do_munmap",
    "do_mprotect_pkey",
    "mprotect_fixup",
    "sys_brk",
    "do_brk_flags",
    "sys_mremap",
    "move_vma",
    "copy_vma",
    "do_madvise",
    "do_mlock",
    "mlock_fixup",
    "__mm_populate",
    "__anon_vma_prepare",
    "expand_downwards",
    "do_page_fault",
    "load_elf_binary",
    "arch_pick_mmap_layout",
    "setup_arg_pages",
    "elf_map",
    "arch_setup_additional_pages",
    "do_sys_open",
    "__vm_enough_memory",
};

} // namespace mm
