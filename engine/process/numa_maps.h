#pragma once
// /proc/PID/numa_maps: of each VMA, how many pages of which kind it maps, and on which nodes they lie.
//
// Simplified: the policy is always "default". A locked page counts as active, as one that reclaim leaves alone.
// Not modelled: pages in the swap cache and under write-back, huge pages of hugetlbfs.
// Mirrors: fs/proc/task_mmu.c: show_numa_map, gather_pte_stats, gather_stats (Linux 6.1).
#include "process/smaps.h"

namespace mm {

[[nodiscard]] std::string numa_maps_text(const process_memory& proc, const page_places& places, mm_id mm);

} // namespace mm
