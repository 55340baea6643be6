#pragma once
// The events of faults, of pages that calls take away, of fork: kinds here; arguments and sentences in fault_event_rows.h.
// Kinds follow those of mappings.
#include "base/event_words.h"
#include "process/events.h"

namespace mm {

enum class fault_event : u16 {
    fault_begins = static_cast<u16>(process_event::count),
    fault_branch,
    zero_page_mapped,
    anon_page_mapped,
    file_page_found,
    file_pages_read,
    shmem_page_added,
    fault_around,
    file_page_mapped,
    page_mkwrite,
    page_dirtied,
    wp_decided,
    page_reused,
    page_copied,
    entry_flags_set,
    fault_spurious,
    huge_page_refused,
    huge_page_mapped,
    huge_zero_mapped,
    huge_page_split,
    fault_beyond_file,
    fault_no_memory,
    fault_retried,
    fault_done,
    user_sigbus,
    user_value_read,
    user_value_written,
    entries_zapped,
    pages_freed,
    entries_protected,
    entries_moved,
    pages_lazyfree,
    pages_made_old,
    fork_begins,
    vma_forked,
    anon_vma_forked,
    entries_copied,
    fork_done,
    fork_failed,
    mm_shared,
    mm_left,
    mm_exited,
    file_resized,
    file_written_back,
    file_written,
    remote_written,
    pages_reclaimed,
    file_unlinked,
    kernel_page_mapped,
    pages_looked_up,
    user_code_fetched,
    collapse_scanned,
    pages_collapsed,
    inode_evicted,
    count,
};

// Of `branch` in fault_branch.
enum class fault_way : u8 {
    anon_read,
    anon_write,
    file_read,
    file_cow,
    file_shared,
    write_protected,
    flags,
    huge_anon_read,
    huge_anon_write,
    huge_write_protected,
    huge_flags,
};
// Of `reason` in wp_decided.
enum class wp_reason : u8 {
    exclusive,    // PageAnonExclusive
    last_owner,   // nobody else holds it
    shared_anon,  // others do
    zero,         // the zero page
    private_file, // of the page cache
    shared_file,  // a shared mapping: no copy
    huge_exclusive,
    huge_last_owner,
    huge_shared,
    huge_zero,
};
// Of `reason` in huge_page_refused.
enum class huge_refusal : u8 { off, not_asked, forbidden, no_room };
// Of `result` in collapse_scanned, and how the collapse ended.
enum class collapse_result : u8 { done, is_huge, no_table, not_anonymous, held, read_only, no_memory };
// Of `way` in vma_forked.
enum class fork_way : u8 { copied, faulted_again, not_at_all, wiped };

[[nodiscard]] EventPart fault_events();

} // namespace mm
