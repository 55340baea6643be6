#pragma once
// Events of malloc: kinds here, arguments and sentences in event_rows.h.
#include "base/event_words.h"
#include "base/rooms.h"

namespace mm {

enum class heap_event : u16 {
    heap_initialized = first_number(room_id::heap),
    tcache_made,
    tcache_taken,
    tcache_put,
    tcache_full,
    fastbin_taken,
    fastbin_put,
    smallbin_taken,
    stashed,
    unsorted_fits,
    unsorted_sorted,
    last_remainder_cut,
    largebin_taken,
    next_bin_taken,
    chunk_cut,
    top_cut,
    top_too_small,
    fastbins_consolidated,
    merged_behind,
    merged_ahead,
    merged_top,
    unsorted_put,
    chunk_mmapped,
    chunk_munmapped,
    mmap_threshold_moved,
    top_grown,
    top_moved,
    old_top_fenced,
    top_trimmed,
    trim_refused,
    pages_discarded,
    heap_made,
    heap_grown,
    heap_shrunk,
    heap_deleted,
    arena_made,
    arena_reused,
    realloc_in_place,
    realloc_into_top,
    realloc_into_next,
    realloc_moved,
    memalign_cut,
    cleared,
    parameter_set,
    size_refused,
    no_memory,
    malloc_aborted,
    call_signal,
    call_endless,
    malloc_returned,
    freed,
    thread_ended,
    null_returned,
    freed_null,
    trimmed,
    written,
    heap_unsupported,
    tunable_set,
    tunable_too_late,
    count,
};

// Of `reason` in heap_unsupported.
enum class heap_refusal : u8 { page_size, pointer_size, no_data };
// Of `call` in null_returned.
enum class heap_call : u8 { malloc, realloc, calloc, memalign, posix_memalign, realloc_freed };

// What glibc writes before it ends a process, by number: `message` of malloc_aborted.
[[nodiscard]] std::string_view abort_text(u32 message);
[[nodiscard]] u32 abort_number(std::string_view text);

[[nodiscard]] EventPart heap_events();

} // namespace mm
