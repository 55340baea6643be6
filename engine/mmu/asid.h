#pragma once
// Which process a CPU translates for, and the number that keeps the TLB entries of processes apart.
//
//   context.id   | generation                     | ASID |      equal generations: the ASID is the process's own
//                                                               an older one: it has to be given again
//
//   no ASID is free:  generation + 1, the map is cleared; ASIDs that CPUs run with now stay reserved; every CPU drops its
//                     whole TLB before it switches the next time, since ASIDs mean other processes from now on
//
// Models: new_context() with its cursor, ASIDs of an earlier life and of CPUs that ran during the rollover, the fast path,
//   half of the ASIDs kept for KPTI until the first rollover; TTBR0 with the reserved table when a CPU runs the kernel
//   alone. i386: CR3, whose loading drops all entries but the global ones (no PCID with 32 bits).
// Simplified: a CPU that runs a kernel thread loads the kernel's tables alone; the kernel keeps those of the last process until
//   they go (lazy TLB). The generation counts from 1 and stands above 16 bits of ASID also where ASIDs have 8.
// Not modelled: pinned ASIDs, KPTI's pairs, CnP, locks and races.
// Mirrors: arch/arm64/mm/context.c, asm/mmu_context.h (Linux 5.10, 6.1), arch/x86/mm/tlb.c (switch_mm_irqs_off).
#include "mmu/page_table.h"

namespace mm {

inline constexpr u32 CONTEXT_ASID_BITS = 16;

[[nodiscard]] constexpr u16 context_asid(u64 context_id) { return static_cast<u16>(context_id); }
[[nodiscard]] constexpr u64 context_generation(u64 context_id) { return context_id >> CONTEXT_ASID_BITS; }

// How many ASIDs there are. kernel: NUM_USER_ASIDS
[[nodiscard]] constexpr u32 nr_asids(const tlb_memory& tlb) { return 1u << tlb.config.asid_bits; }
[[nodiscard]] inline bool asid_taken(const tlb_memory& tlb, u16 asid) {
    return tlb.asid_map[asid / 64] >> asid % 64 & 1;
}

// The CPU runs with this space from now on. SPACE_NONE, or a space of the kernel: with the kernel's tables alone.
// kernel: switch_mm, check_and_switch_context; x86: switch_mm_irqs_off
void switch_mm(mmu_context& cx, u32 cpu, space_id space);

// Before a space goes: CPUs that run with it run with the kernel's tables alone.
void leave_space(mmu_context& cx, space_id space);

} // namespace mm
