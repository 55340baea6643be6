#pragma once
// Which process a CPU translates for.
//
// Models: arm64: ASIDs (arm64/asid.h); TTBR0 with the reserved table when a CPU runs the kernel alone. i386: CR3, whose loading
//   drops all entries but the global ones (no PCID with 32 bits).
// Simplified: a CPU that runs a kernel thread loads the kernel's tables alone; the kernel keeps those of the last process until
//   they go (lazy TLB).
// Mirrors: arch/arm64/include/asm/mmu_context.h (Linux 5.10, 6.1), arch/x86/mm/tlb.c (switch_mm_irqs_off).
#include "mmu/page_table.h"

namespace mm {

// The CPU runs with this space from now on. SPACE_NONE, or a space of the kernel: with the kernel's tables alone.
// kernel: switch_mm, check_and_switch_context; x86: switch_mm_irqs_off
void switch_mm(mmu_context& cx, u32 cpu, space_id space);

// Before a space goes: CPUs that run with it run with the kernel's tables alone.
void leave_space(mmu_context& cx, space_id space);

} // namespace mm
