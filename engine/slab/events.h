#pragma once
// The events of the slab allocators: kinds here; arguments and sentences in event_rows_common.h, event_rows_slub.h,
// event_rows_debug.h, event_rows_classic.h, event_rows_slob.h and event_rows_rcu.h. Each table's kinds follow those of the one before.
#include "base/event_words.h"
#include "base/rooms.h"

namespace mm {

// Caches, kmalloc and what the allocators share (mm/slab_common.c).
enum class slab_event : u16 {
    cache_created = first_number(room_id::slab),
    cache_merged,
    cache_refused,
    cache_sized,
    cache_order,
    cache_destroyed,
    cache_busy,
    cache_shrunk,
    kmem_cache_alloc, // tracepoint
    kmem_cache_free,  // tracepoint
    kmalloc,          // tracepoint
    kfree,            // tracepoint
    kmalloc_index,
    kmalloc_large,
    kmalloc_refused,
    kcalloc_overflow,
    kmalloc_zero,
    krealloc_fits,
    krealloc_moves,
    ksize,
    kmalloc_size_roundup,
    free_null,
    free_not_slab,
    wrong_cache,
    wrong_cache_unnoticed,
    shrinker_count,
    shrinker_scan,
    objects_init,
    object_init_free,
    count,
};

// mm/slub.c
enum class slub_event : u16 {
    fast_alloc = static_cast<u16>(slab_event::count),
    slow_alloc,
    freelist_refill,
    cpu_slab_full,
    cpu_partial_take,
    node_partial_take,
    any_partial,
    slab_new,
    slab_order_fallback,
    slab_no_memory,
    freelist_built,
    fast_free,
    slow_free,
    cpu_partial_put,
    cpu_partial_full,
    node_partial_add,
    node_partial_remove,
    slab_empty,
    slab_discard,
    deactivate,
    cpu_flush,
    partial_sorted,
    objects_remaining,
    double_free_caught,
    double_free_unnoticed,
    freelist_damaged,
    bulk_alloc,
    bulk_linked,
    count,
};

// Red zones, poison, tracking (mm/slub.c, CONFIG_SLUB_DEBUG).
enum class slub_debug_event : u16 {
    slab_marked = static_cast<u16>(slub_event::count),
    debug_alloc,
    debug_free,
    full_add,
    full_remove,
    object_traced,
    // reports and repairs
    bytes_overwritten,
    slab_padding_overwritten,
    object_error,
    slab_error,
    object_printed,
    slub_fix,
    // validation
    validated,
    validate_refused,
    slabs_miscounted,
    // misuse
    object_written,
    write_unseen,
    freepointer_overwritten,
    freelist_lost,
    misplaced_free,
    count,
};

// mm/slab.c
enum class classic_event : u16 {
    order_tried = static_cast<u16>(slub_debug_event::count),
    freelist_refused,
    classic_sized,
    array_sized,
    free_limit_set,
    array_hit,
    array_empty,
    shared_refill,
    slab_refill,
    slab_listed,
    slab_grown,
    index_built,
    index_off_slab,
    slab_grow_failed,
    node_object_taken,
    fallback_node,
    fallback_grow,
    array_put,
    array_full,
    shared_put,
    object_put,
    index_moved,
    over_free_limit,
    slab_destroyed,
    alien_put,
    alien_full,
    alien_drained,
    reap_begins,
    array_spared,
    array_drained,
    free_slabs_spared,
    free_slabs_reaped,
    cache_tuned,
    tune_ignored,
    slabs_remaining,
    array_double_free_caught,
    array_double_free,
    free_inside_object,
    free_beside_objects,
    active_underflow,
    dangling_entries,
    count,
};

// mm/slob.c
enum class slob_event : u16 {
    slob_search = static_cast<u16>(classic_event::count),
    slob_page_passed,
    slob_aligned,
    slob_block_taken,
    slob_page_full,
    slob_rotated,
    slob_page_new,
    slob_no_memory,
    slob_no_fit,
    slob_header,
    slob_large,
    slob_block_freed,
    slob_merged,
    slob_page_partial,
    slob_page_freed,
    slob_misuse,
    count,
};

// What RCU keeps from being freed (kernel/rcu/tree.c).
enum class rcu_event : u16 {
    kfree_rcu = static_cast<u16>(slob_event::count),
    kvfree_rcu,
    kfree_rcu_batch,
    kfree_rcu_nothing,
    kfree_rcu_no_batch,
    kfree_rcu_ready,
    rcu_grace_period,
    kfree_rcu_freed,
    rcu_barrier,
    kfree_rcu_collected_stays,
    kvfree_rcu_barrier,
    rcu_slab_waits,
    rcu_slab_freed,
    kvfree_rcu_barrier_missing,
    count,
};

// The tables, one file each.
[[nodiscard]] EventPart common_events();
[[nodiscard]] EventPart slub_events();
[[nodiscard]] EventPart slub_debug_events();
[[nodiscard]] EventPart classic_events();
[[nodiscard]] EventPart slob_events();
[[nodiscard]] EventPart rcu_events();

} // namespace mm
