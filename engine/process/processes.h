#pragma once
// The processes of a machine: how the room begins, which process an address space is, how one begins and ends.
#include "mmu/page_table.h"
#include "process/mm.h"

namespace mm {

// What every call needs of the machine, from its profile. Without page tables there are no processes.
void start_processes(process_memory& proc, const machine_profile& profile, const mmu_memory& mmu,
                     const physical_memory& mem);

// MM_NONE: the space is no process's.
[[nodiscard]] mm_id process_of_space(const process_memory& proc, space_id space);

// An mm without mappings and tasks, with a pgd. MM_NONE, told by an event: no memory for its pgd, or MAX_PROCESSES.
// kernel: mm_alloc
[[nodiscard]] mm_id new_mm(process_memory& proc, mmu_context& cx);
// The same with its first task. MM_NONE, told: as above, or MAX_TASKS.
[[nodiscard]] mm_id new_process(process_memory& proc, mmu_context& cx);
// The page tables of an mm that create_mm() has made. False: no memory. kernel: mm_alloc_pgd
[[nodiscard]] bool mm_alloc_pgd(mm_context& cx);
// Nothing is mapped any more. kernel: mm_free_pgd
void mm_free_pgd(mm_context& cx);

} // namespace mm
