#pragma once
// The events of page tables: kinds here; arguments and sentences in event_rows.h.
#include "base/event_words.h"
#include "base/rooms.h"

namespace mm {

enum class mmu_event : u16 {
    pgd_allocated = first_number(room_id::mmu),
    pgd_freed,
    table_allocated,
    table_unlinked,
    table_freed,
    table_no_memory,
    entries_set,
    entries_cleared,
    block_invalidated,
    block_split,
    contiguous_broken,
    contiguous_unfolded,
    map_begins,
    map_refused,
    unmap_begins,
    unmap_refused,
    pages_mapped,
    protect_begins,
    protect_refused,
    entries_protected,
    pte_changed,
    pte_asked,
    pte_missing,
    no_page_tables,
    walk_step,
    walk_found,
    walk_fault,
    boot_mapped,
    boot_init_unmapped,
    boot_map_done,
    tables_made,
    pgd_of_process,
    count,
};

// The numbers of `what` in the event boot_mapped.
enum class boot_mapping : u8 {
    head,
    text,
    rodata,
    init,
    data,
    device_tree,
    trampoline,
    linear,
    alias, // of text and rodata in the linear map
    vmemmap,
    pci_io,
};

[[nodiscard]] EventPart mmu_events();

} // namespace mm
