#include "machine/deciding_event.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "machine/machine.h"

namespace mm {

namespace {

constexpr DecidingWeight WEIGHTS[] = {
    // ---- the usual way was left
    {"zone_watermark_fail", 3},
    {"zone_watermark_no_block", 3},
    {"mm_page_alloc_extfrag", 3},
    {"free_keeps_reference", 3},
    {"bad_page", 4},
    {"misuse_unseen", 4},
    {"double_free_caught", 4},
    {"double_free_unnoticed", 4},
    {"array_double_free", 4},
    {"array_double_free_caught", 4},
    {"freelist_damaged", 4},
    {"bytes_overwritten", 4},
    {"object_error", 4},
    {"wrong_cache", 4},
    {"wrong_cache_unnoticed", 4},
    {"free_not_slab", 4},
    {"slab_order_fallback", 3},
    {"fallback_node", 3},
    {"alien_put", 3},
    {"kvmalloc_falls_back", 3},
    {"vmalloc_huge_falls_back", 3},
    {"vmap_area_none", 3},
    {"vmap_purge", 3},
    {"vmap_block_new", 3},
    {"vmap_block_freed", 3},
    {"vmap_block_damaged", 4},
    {"vm_unmap_ram_bug", 4},
    {"percpu_create_chunk", 3},
    {"percpu_destroy_chunk", 3},
    {"kfree_rcu_collected_stays", 3},
    {"kfree_rcu_no_batch", 3},
    {"pkmap_flush", 3},
    {"kmap_would_sleep", 4},
    {"tlb_stale", 4},
    {"tlb_conflict", 4},
    {"permission_missing", 3},
    {"walk_fault", 3},
    {"segment_fault", 4},
    {"asid_rollover", 3},
    {"flush_left_out", 3},
    {"flush_too_long", 3},
    // ---- work behind a fast path
    {"buddy_split", 2},
    {"buddy_merge", 2},
    {"buddy_stay", 2},
    {"pcp_refill", 2},
    {"pcp_bulk_free", 2},
    {"slab_new", 2},
    {"node_partial_take", 2},
    {"cpu_partial_take", 2},
    {"any_partial", 2},
    {"freelist_refill", 2},
    {"slab_discard", 2},
    {"cpu_partial_full", 2},
    {"shared_refill", 2},
    {"slab_refill", 2},
    {"slab_grown", 2},
    {"array_full", 2},
    {"slob_page_new", 2},
    {"slob_merged", 2},
    {"vmap_area_taken", 2},
    {"vmap_area_lazy", 2},
    {"tlb_miss", 2},
    // ---- a fast path
    {"zone_watermark_ok", 1},
    {"pcp_hit", 1},
    {"pcp_free", 1},
    {"fast_alloc", 1},
    {"fast_free", 1},
    {"slow_free", 1},
    {"array_hit", 1},
    {"array_put", 1},
    {"slob_block_taken", 1},
    {"slob_block_freed", 1},
    {"tlb_hit", 1},
};

int weight_of_name(std::string_view event) {
    for (const DecidingWeight& row : WEIGHTS)
        if (row.event == event) return row.weight;
    return 0;
}

} // namespace

std::span<const DecidingWeight> deciding_weights() { return WEIGHTS; }

std::ptrdiff_t deciding_event(std::span<const Event> events) {
    // An op may have millions of events of a few kinds.
    std::vector<std::pair<u16, int>> known;
    const auto weight_of = [&](u16 kind) {
        const auto found = std::find_if(known.begin(), known.end(), [&](const auto& row) { return row.first == kind; });
        if (found != known.end()) return found->second;
        return known.emplace_back(kind, weight_of_name(event_spec(kind).name)).second;
    };
    std::ptrdiff_t best = -1;
    int best_weight = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const int weight = weight_of(events[i].kind);
        if (weight <= best_weight) continue;
        best_weight = weight;
        best = static_cast<std::ptrdiff_t>(i);
    }
    return best;
}

} // namespace mm
