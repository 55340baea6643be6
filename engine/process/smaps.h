#pragma once
// What /proc says of a process's pages: smaps, smaps_rollup, status, statm, pagemap.
//
// Mirrors: fs/proc/task_mmu.c (Linux 5.10, 6.1, 6.12).
#include <string>

#include "process/mm.h"

namespace mm {

struct smaps_counts {
    u64 size = 0, rss = 0, shared_clean = 0, shared_dirty = 0, private_clean = 0, private_dirty = 0;
    u64 referenced = 0, anonymous = 0, lazyfree = 0, anon_huge = 0, shmem_huge = 0, file_huge = 0; // bytes
    u64 pss = 0, pss_dirty = 0, pss_locked = 0; // bytes << 12, as the kernel adds them up
    u64 pss_anon = 0, pss_file = 0, pss_shmem = 0;
};
// Where pages stand: tables and frames.
struct page_places {
    const mmu_memory& mmu;
    const physical_memory& mem;
};
[[nodiscard]] smaps_counts smaps_of(const process_memory& proc, const page_places& places, mm_id mm, vma_id vma);
// Of all VMAs.
[[nodiscard]] smaps_counts smaps_of(const process_memory& proc, const page_places& places, mm_id mm);

[[nodiscard]] std::string smaps_text(const process_memory& proc, const page_places& places, mm_id mm);
// The lines of one VMA, with that of maps.
[[nodiscard]] std::string smaps_text_of(const process_memory& proc, const page_places& places, mm_id mm, vma_id vma);
[[nodiscard]] std::string smaps_rollup_text(const process_memory& proc, const page_places& places, mm_id mm);
// The Vm and Rss lines.
[[nodiscard]] std::string status_text(const process_memory& proc, const page_places& places, mm_id mm);
[[nodiscard]] std::string statm_text(const process_memory& proc, mm_id mm);
// kernel: pagemap_pte_hole, pte_to_pagemap_entry
[[nodiscard]] u64 pagemap_entry(const process_memory& proc, const page_places& places, mm_id mm, u64 address);
// VmPTE: tables below the pgd, and those kept for huge pages. kernel: mm_pgtables_bytes
[[nodiscard]] u64 mm_pgtables_bytes(const mmu_memory& mmu, const mm_struct& mm);

} // namespace mm
