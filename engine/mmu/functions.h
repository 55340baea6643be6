#pragma once
// The kernel functions of this room that an event's call path may name. Their numbers follow those of the slab allocators.
#include <array>
#include <string_view>

#include "slab/functions.h"

namespace mm {

enum class mmu_fn : u8 {
    pgd_alloc = static_cast<u8>(slab_fn::count),
    pgd_free,
    table_alloc,
    map_range,
    map_block,
    map_pages,
    unmap_range,
    split_block,
    free_pgtables,
    walk,
    insert_pages,
    change_protection,
    set_pte,
    vmap_pages,
    paging_init,
    check_and_switch_context,
    new_context,
    flush_context,
    switch_mm_irqs_off,
    flush_tlb_all,
    flush_tlb_mm,
    flush_tlb_page,
    flush_tlb_range,
    flush_tlb_kernel_range,
    flush_tlb_kernel_pgtable,
    do_mem_abort,
    exc_page_fault,
    ptep_set_access_flags,
    write_gdt_entry,
    exc_general_protection,
    exc_segment_not_present,
    exc_stack_segment,
    count,
};
// Call paths hold the numbers in a byte.
static_assert(static_cast<u32>(slab_fn::count) < 200);

inline constexpr std::size_t FIRST_MMU_FN = static_cast<std::size_t>(slab_fn::count);
inline constexpr std::array<std::string_view, static_cast<std::size_t>(mmu_fn::count) - FIRST_MMU_FN>
    mmu_function_names = {
        "pgd_alloc",
        "pgd_free",
        "__pte_alloc",
        "__create_pgd_mapping",
        "alloc_init_pmd",
        "alloc_init_cont_pte",
        "unmap_page_range",
        "__split_huge_pmd",
        "free_pgtables",
        "show_pte",
        "vm_insert_pages",
        "change_protection",
        "set_pte_at",
        "vmap_pages_range",
        "paging_init",
        "check_and_switch_context",
        "new_context",
        "flush_context",
        "switch_mm_irqs_off",
        "flush_tlb_all",
        "flush_tlb_mm",
        "flush_tlb_page",
        "__flush_tlb_range",
        "flush_tlb_kernel_range",
        "__flush_tlb_kernel_pgtable",
        "do_mem_abort",
        "exc_page_fault",
        "ptep_set_access_flags",
        "native_write_gdt_entry",
        "exc_general_protection",
        "exc_segment_not_present",
        "exc_stack_segment",
};

} // namespace mm
