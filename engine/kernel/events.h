#pragma once
// Events of the kernel's own virtual memory: kinds here; arguments and sentences in event_rows.h, event_rows_ram.h and
// event_rows_percpu.h. Each table's kinds follow those of the one before.
#include "base/event_words.h"
#include "base/rooms.h"

namespace mm {

enum class kernel_event : u16 {
    vmap_area_taken = first_number(room_id::kernel),
    vmap_area_none,
    vmalloc_array,
    vmalloc_pages,
    vmalloc_mapped,
    vmalloc,
    vmalloc_failed,
    vmap,
    vfree,
    vunmap,
    vunmap_loses_pages,
    vfree_null,
    vfree_bad,
    vmap_area_lazy,
    vmap_purge,
    vmalloc_to_page,
    vmalloc_to_page_null,
    vmalloc_to_page_linear,
    vmalloc_to_page_device,
    kvmalloc_falls_back,
    vmalloc_huge_wanted,
    vmalloc_small_pages,
    vmalloc_huge_pages,
    vmalloc_huge_falls_back,
    ioremap_begins,
    ioremap,
    ioremap_refused,
    ioremap_linear,
    ioremap_covers_memory,
    iounmap,
    iounmap_ignored,
    kmap_lowmem,
    pkmap_entry_set,
    pkmap_flush,
    kmap,
    kmap_would_sleep,
    kmap_wake_up,
    kunmap_lowmem,
    kunmap,
    kmap_bug,
    kmap_local,
    kunmap_local,
    kunmap_local_order,
    kunmap_local_nothing,
    virt_to_phys,
    virt_to_phys_garbage,
    debug_virtual,
    phys_to_virt,
    phys_to_virt_garbage,
    function_missing,
    count,
};

// vm_map_ram() and its blocks.
enum class vmap_block_event : u16 {
    vmap_area_taken_bare = static_cast<u16>(kernel_event::count),
    vmap_block_new,
    vmap_block_take,
    vm_map_ram_large,
    vm_map_ram,
    vm_map_ram_failed,
    vm_unmap_ram,
    vm_unmap_ram_area,
    vmap_block_damaged,
    vmap_block_freed,
    vmap_blocks_dirty,
    vm_unmap_ram_bug,
    count,
};

// Percpu memory (mm/percpu.c).
enum class percpu_event : u16 {
    percpu_create_chunk = static_cast<u16>(vmap_block_event::count),
    pcpu_area_placed,
    pcpu_no_base,
    pcpu_populated,
    percpu_alloc_percpu,
    percpu_alloc_percpu_fail,
    percpu_free_percpu,
    percpu_free_bad,
    percpu_destroy_chunk,
    vfree_of_percpu,
    count,
};

// What a kernel has not got yet: the numbers of `reason` in the event function_missing.
enum class missing_function : u8 { vmalloc_huge, kmap_local };

[[nodiscard]] EventPart kernel_events();
[[nodiscard]] EventPart vmap_block_events();
[[nodiscard]] EventPart percpu_events();

} // namespace mm
