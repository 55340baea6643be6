#pragma once
// The events of translation: kinds here; arguments and sentences in tlb_event_rows.h. Kinds follow those of page tables.
#include "base/event_words.h"
#include "mmu/events.h"

namespace mm {

enum class tlb_event : u16 {
    access = static_cast<u16>(mmu_event::count),
    tlb_hit,
    tlb_stale,
    tlb_conflict,
    tlb_miss,
    walk_begins,
    walk_cached,
    walk_lost,
    tlb_fill,
    access_flag_set,
    dirty_set,
    permission_missing,
    abort_taken,
    page_fault_taken,
    fault_cured,
    fault_ends,
    mm_unchanged,
    mm_switched,
    mm_reserved,
    cr3_loaded,
    asid_current,
    asid_kept,
    asid_new,
    asid_rollover,
    asid_reserved,
    tlb_flush_local,
    tlbi,
    flush_too_long,
    flush_left_out,
    live_entry_set,
    global_of_process,
    global_stays,
    count,
};

// Whose entry it is: the argument "scope".
enum class tlb_scope : u8 { asid, global, until_cr3 };
// The instruction of a flush: the argument "op".
enum class tlbi_op : u8 {
    vmalle1is,
    aside1is,
    vae1is,
    vale1is,
    vaae1is,
    vaale1is,
    invlpg,
    write_cr3,
    toggle_pge,
    count
};
// What is invalidated instead of a range that is too long: the argument "instead".
enum class flush_limit : u8 { process, everything };

[[nodiscard]] EventPart tlb_events();

} // namespace mm
