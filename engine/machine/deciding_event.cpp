#include "machine/deciding_event.h"

#include <algorithm>

#include "heap/events.h"
#include "kernel/events.h"
#include "mmu/events.h"
#include "mmu/x86/segment_events.h"
#include "physical/events.h"
#include "physical/memblock_events.h"
#include "physical/page_events.h"
#include "process/events.h"
#include "process/fault_events.h"
#include "slab/events.h"

namespace mm {

namespace {

template <class Kind>
constexpr DecidingWeight decides(Kind kind, int weight) {
    return {static_cast<u16>(kind), weight};
}

constexpr int WENT_WRONG = 4;

constexpr DecidingWeight WEIGHTS[] = {
    // ---- the usual way was left
    decides(physical_event::zone_watermark_fail, 3),
    decides(physical_event::zone_watermark_no_block, 3),
    decides(physical_event::mm_page_alloc_extfrag, 3),
    decides(physical_event::free_keeps_reference, 3),
    decides(page_event::block_left_to_first, 3),
    decides(page_event::page_get_refused, 4),
    decides(page_event::bulk_one_page, 3),
    decides(page_event::bulk_missing, 4),
    decides(page_event::contig_refused, 4),
    decides(page_event::isolate_refused, 3),
    decides(page_event::test_pages_isolated, 3),
    decides(page_event::contig_still_in_use, 4),
    decides(physical_event::bad_page, 4),
    decides(physical_event::misuse_unseen, 4),
    decides(memblock_event::array_double, 3),
    decides(memblock_event::array_double_fails, 4),
    decides(memblock_event::node_conflict, 4),
    decides(memblock_event::alloc_again, 3),
    decides(memblock_event::alloc_fails, 3),
    decides(memblock_event::too_late, 4),
    decides(memblock_event::no_machine, 4),
    decides(slub_event::double_free_caught, 4),
    decides(slub_event::double_free_unnoticed, 4),
    decides(classic_event::array_double_free, 4),
    decides(classic_event::array_double_free_caught, 4),
    decides(slub_event::freelist_damaged, 4),
    decides(slub_debug_event::bytes_overwritten, 4),
    decides(slub_debug_event::object_error, 4),
    decides(slab_event::wrong_cache, 4),
    decides(slab_event::wrong_cache_unnoticed, 4),
    decides(slab_event::free_not_slab, 4),
    decides(slub_event::slab_order_fallback, 3),
    decides(classic_event::fallback_node, 3),
    decides(classic_event::alien_put, 3),
    decides(kernel_event::kvmalloc_falls_back, 3),
    decides(kernel_event::vmalloc_huge_falls_back, 3),
    decides(kernel_event::vmap_area_none, 3),
    decides(kernel_event::vmalloc_failed, 2),
    decides(kernel_event::vmap_purge, 3),
    decides(vmap_block_event::vmap_block_new, 3),
    decides(vmap_block_event::vmap_block_freed, 3),
    decides(vmap_block_event::vmap_block_damaged, 4),
    decides(vmap_block_event::vm_unmap_ram_bug, 4),
    decides(percpu_event::percpu_create_chunk, 3),
    decides(percpu_event::percpu_destroy_chunk, 3),
    decides(rcu_event::kfree_rcu_collected_stays, 3),
    decides(rcu_event::kfree_rcu_no_batch, 3),
    decides(kernel_event::pkmap_flush, 3),
    decides(kernel_event::kmap_would_sleep, 4),
    decides(tlb_event::tlb_stale, 4),
    decides(tlb_event::tlb_conflict, 4),
    decides(tlb_event::permission_missing, 3),
    decides(mmu_event::walk_fault, 3),
    decides(segment_event::segment_fault, 4),
    decides(tlb_event::asid_rollover, 3),
    decides(tlb_event::flush_left_out, 3),
    decides(tlb_event::flush_too_long, 3),
    decides(mmu_event::pgd_of_process, 4),
    decides(process_event::mm_call_failed, 4),
    decides(process_event::user_sigsegv, 4),
    decides(process_event::not_a_process, 4),
    decides(process_event::too_many, 4),
    decides(process_event::vma_hole_none, 3),
    decides(process_event::vma_hole_guarded, 3),
    decides(process_event::mmap_hint_passed, 3),
    decides(process_event::mmap_huge_aligned, 3),
    decides(process_event::mmap_base_legacy, 3),
    decides(process_event::vma_merged, 3),
    decides(process_event::vma_split, 3),
    decides(process_event::vma_stack_grown, 3),
    decides(fault_event::user_sigbus, 4),
    decides(fault_event::fault_no_memory, 4),
    decides(fault_event::fork_failed, 4),
    decides(fault_event::wp_decided, 3),
    decides(fault_event::fault_beyond_file, 3),
    decides(fault_event::file_pages_read, 3),
    decides(fault_event::huge_page_split, 3),
    // ---- work behind a fast path
    decides(physical_event::buddy_split, 2),
    decides(physical_event::buddy_merge, 2),
    decides(physical_event::buddy_stay, 2),
    decides(physical_event::pcp_refill, 2),
    decides(physical_event::pcp_bulk_free, 2),
    decides(memblock_event::region_merge, 2),
    decides(memblock_event::region_split, 2),
    decides(memblock_event::region_trim, 2),
    decides(slub_event::slab_new, 2),
    decides(slub_event::node_partial_take, 2),
    decides(slub_event::cpu_partial_take, 2),
    decides(slub_event::any_partial, 2),
    decides(slub_event::freelist_refill, 2),
    decides(slub_event::slab_discard, 2),
    decides(slub_event::cpu_partial_full, 2),
    decides(classic_event::shared_refill, 2),
    decides(classic_event::slab_refill, 2),
    decides(classic_event::slab_grown, 2),
    decides(classic_event::array_full, 2),
    decides(slob_event::slob_page_new, 2),
    decides(slob_event::slob_merged, 2),
    decides(kernel_event::vmap_area_taken, 2),
    decides(kernel_event::vmap_area_lazy, 2),
    decides(tlb_event::tlb_miss, 2),
    decides(mmu_event::tables_made, 2),
    decides(mmu_event::block_split, 2),
    decides(mmu_event::contiguous_broken, 2),
    decides(mmu_event::table_no_memory, 3),
    decides(process_event::mmap_base_chosen, 2),
    decides(process_event::vma_hole_found, 2),
    decides(process_event::mmap_hint_used, 2),
    decides(process_event::vma_new, 2),
    decides(process_event::vma_removed, 2),
    decides(process_event::vma_flags_changed, 2),
    decides(process_event::vma_locked, 2),
    decides(process_event::committed, 2),
    decides(process_event::brk, 2),
    decides(process_event::mremap, 2),
    decides(fault_event::fault_branch, 2),
    decides(fault_event::fault_around, 2),
    decides(fault_event::entries_copied, 2),
    decides(fault_event::fork_done, 2),
    decides(fault_event::mm_exited, 2),
    // ---- a fast path
    decides(physical_event::zone_watermark_ok, 1),
    decides(physical_event::pcp_hit, 1),
    decides(physical_event::pcp_free, 1),
    decides(page_event::page_get, 1),
    decides(page_event::page_put, 1),
    decides(page_event::bulk_taken, 1),
    decides(slub_event::fast_alloc, 1),
    decides(slub_event::fast_free, 1),
    decides(slub_event::slow_free, 1),
    decides(classic_event::array_hit, 1),
    decides(classic_event::array_put, 1),
    decides(slob_event::slob_block_taken, 1),
    decides(slob_event::slob_block_freed, 1),
    decides(tlb_event::tlb_hit, 1),
    decides(mmu_event::pgd_allocated, 1),
    decides(mmu_event::pgd_freed, 1),
    decides(mmu_event::map_begins, 1),
    decides(mmu_event::pages_mapped, 1),
    decides(mmu_event::unmap_begins, 1),
    decides(mmu_event::protect_begins, 1),
    decides(process_event::mmap, 1),
    decides(process_event::munmap, 1),
    decides(process_event::mprotect, 1),
    decides(process_event::madvise, 1),
    decides(process_event::mlock, 1),
    decides(process_event::msync, 1),
    decides(process_event::mseal, 1),
    decides(process_event::user_access, 1),
    decides(process_event::mm_freed, 1),
    decides(process_event::file_opened, 1),
    decides(process_event::file_closed, 1),
    decides(process_event::rlimit_set, 1),
    decides(process_event::sysctl_changed, 1),
    decides(process_event::personality_set, 1),
    decides(fault_event::file_written, 1),
    decides(fault_event::remote_written, 1),
    decides(fault_event::pages_reclaimed, 1),
    // ---- malloc: an op of it is decided among these
    decides(heap_event::malloc_aborted, 4),
    decides(heap_event::call_signal, 4),
    decides(heap_event::null_returned, 4),
    decides(heap_event::mmap_threshold_moved, 3),
    decides(heap_event::chunk_mmapped, 3),
    decides(heap_event::top_grown, 3),
    decides(heap_event::top_moved, 3),
    decides(heap_event::top_trimmed, 3),
    decides(heap_event::fastbins_consolidated, 3),
    decides(heap_event::heap_made, 3),
    decides(heap_event::heap_deleted, 3),
    decides(heap_event::arena_made, 3),
    decides(heap_event::arena_reused, 3),
    decides(heap_event::heap_unsupported, 3),
    decides(heap_event::tunable_too_late, 3),
    decides(heap_event::tcache_full, 2),
    decides(heap_event::smallbin_taken, 2),
    decides(heap_event::unsorted_fits, 2),
    decides(heap_event::last_remainder_cut, 2),
    decides(heap_event::largebin_taken, 2),
    decides(heap_event::next_bin_taken, 2),
    decides(heap_event::chunk_cut, 2),
    decides(heap_event::merged_top, 2),
    decides(heap_event::unsorted_put, 2),
    decides(heap_event::realloc_in_place, 2),
    decides(heap_event::realloc_into_top, 2),
    decides(heap_event::realloc_into_next, 2),
    decides(heap_event::realloc_moved, 2),
    decides(heap_event::memalign_cut, 2),
    decides(heap_event::chunk_munmapped, 2),
    decides(heap_event::pages_discarded, 2),
    decides(heap_event::cleared, 2),
    decides(heap_event::thread_ended, 2),
    decides(heap_event::tcache_taken, 1),
    decides(heap_event::tcache_put, 1),
    decides(heap_event::fastbin_taken, 1),
    decides(heap_event::fastbin_put, 1),
    decides(heap_event::top_cut, 1),
    decides(heap_event::parameter_set, 1),
    decides(heap_event::trimmed, 1),
    decides(heap_event::written, 1),
    decides(heap_event::freed_null, 1),
    decides(heap_event::tunable_set, 1),
};

} // namespace

int deciding_weight(u16 kind) {
    for (const DecidingWeight& row : WEIGHTS)
        if (row.kind == kind) return row.weight;
    return 0;
}

std::span<const DecidingWeight> deciding_weights() { return WEIGHTS; }

std::ptrdiff_t deciding_event(std::span<const Event> events) {
    room_id own = room_id::physical;
    for (const Event& event : events) own = std::max(own, room_of(event.kind));
    const auto rank = [&](const Event& event) {
        const int weight = deciding_weight(event.kind);
        if (weight >= WENT_WRONG) return 2 * WENT_WRONG;
        return weight > 0 && room_of(event.kind) == own ? WENT_WRONG - 1 + weight : weight;
    };
    std::ptrdiff_t best = -1;
    int best_rank = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const int of_this = rank(events[i]);
        if (of_this <= best_rank) continue;
        best_rank = of_this;
        best = static_cast<std::ptrdiff_t>(i);
    }
    return best;
}

std::ptrdiff_t serving_event(std::span<const Event> events, std::ptrdiff_t deciding) {
    const auto is = [&](std::ptrdiff_t i, physical_event kind) {
        return events[static_cast<std::size_t>(i)].kind == static_cast<u16>(kind);
    };
    if (deciding < 0) return -1;
    if (!is(deciding, physical_event::zone_watermark_fail) && !is(deciding, physical_event::zone_watermark_no_block))
        return -1;
    for (std::ptrdiff_t i = std::ssize(events) - 1; i > deciding; --i)
        if (is(i, physical_event::zone_watermark_ok)) return i;
    return -1;
}

} // namespace mm
