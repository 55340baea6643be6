#pragma once
// The kernel functions of this room that an event's call path may name, by their names in the kernel.
#include <array>
#include <string_view>

#include "process/room_number.h"

namespace mm {

enum class process_fn : u16 {
    do_mmap = first_number(PROCESS_ROOM),
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
    handle_mm_fault,
    do_anonymous_page,
    do_huge_pmd_anonymous_page,
    do_huge_pmd_wp_page,
    do_read_fault,
    do_cow_fault,
    do_shared_fault,
    do_fault_around,
    filemap_fault,
    shmem_fault,
    do_page_mkwrite,
    do_wp_page,
    wp_page_copy,
    wp_page_reuse,
    zap_page_range,
    change_protection,
    move_page_tables,
    split_huge_pmd,
    madvise_free,
    madvise_cold,
    dup_mmap,
    copy_page_range,
    anon_vma_fork,
    exit_mmap,
    truncate_pagecache,
    page_mkclean,
    faultin_page,
    count,
};

inline constexpr std::array<std::string_view, numbers_of<process_fn>(PROCESS_ROOM)> process_function_names = {
    "do_mmap",       "get_unmapped_area", "vm_unmapped_area", "mmap_region",        "vma_merge",
    "__split_vma",   "do_munmap",         "do_mprotect_pkey", "mprotect_fixup",     "sys_brk",
    "do_brk_flags",  "sys_mremap",        "move_vma",         "copy_vma",           "do_madvise",
    "do_mlock",      "mlock_fixup",       "__mm_populate",    "__anon_vma_prepare", "expand_downwards",
    "do_page_fault", "handle_mm_fault", "do_anonymous_page", "do_huge_pmd_anonymous_page", "do_huge_pmd_wp_page",
    "do_read_fault", "do_cow_fault", "do_shared_fault", "do_fault_around", "filemap_fault",
    "shmem_fault", "do_page_mkwrite", "do_wp_page", "wp_page_copy", "wp_page_reuse",
    "unmap_page_range", "change_protection", "move_page_tables", "__split_huge_pmd", "madvise_free_pte_range",
    "madvise_cold_or_pageout_pte_range", "dup_mmap", "copy_page_range", "anon_vma_fork", "exit_mmap",
    "truncate_pagecache", "page_mkclean", "faultin_page",
};

} // namespace mm
