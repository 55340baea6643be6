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

// A process without mappings: its page tables and its mm. MM_NONE, told by an event: no memory for its pgd, or MAX_PROCESSES.
// kernel: mm_alloc
[[nodiscard]] mm_id new_process(process_memory& proc, mmu_context& cx);
// Its mappings, its tables and its mm. kernel: mmput
void end_process(process_memory& proc, mmu_context& cx, mm_id id);

} // namespace mm
