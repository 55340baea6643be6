#pragma once
// Logical addresses on a machine: through its GDT to the linear address, and on through the page tables.
//
//   selector ─► entry of the GDT ─► may the register hold it? ─► inside the limit? ─► base + offset ─► access()
//      └► #GP                └► #GP, #NP, #SS                └► #GP, #SS                              └► #PF
//
// Models: the stages of segment.h with the machine's GDT; the accessed bit of descriptors; what Linux makes of #GP, #NP and #SS.
// Simplified: one GDT for all CPUs, without an address of its own; Linux has one for each CPU. The segment register is loaded for
//   each access, so a changed entry counts at once; a real register keeps the descriptor that it was loaded with. Of an
//   access that crosses a page, the page of the first byte is walked.
// Not modelled: the exception table, which cures faults of single kernel instructions; jumps through gates.
// Mirrors: Intel SDM 3A 3.4 and 5.2 to 5.7; arch/x86/include/asm/desc.h (native_write_gdt_entry), arch/x86/kernel/traps.c
//   (exc_general_protection, exc_segment_not_present, exc_stack_segment; Linux 6.1).
#include "mmu/page_table.h"

namespace mm {

// `entry`: from 1 to GDT_ENTRIES - 1. kernel: native_write_gdt_entry
void write_gdt_entry(mmu_context& cx, u32 entry, u64 descriptor);

// One access of a CPU by a logical address, on i386. False: it faulted, in its segment or in the page tables.
[[nodiscard]] bool logical_access(mmu_context& cx, u32 cpu, const logical_address& address);

} // namespace mm
