#pragma once
// The number that keeps the TLB entries of processes apart.
//
//   context.id   | generation                     | ASID |      equal generations: the ASID is the process's own
//                                                               an older one: it has to be given again
//
//   no ASID is free:  generation + 1, the map is cleared; ASIDs that CPUs run with now stay reserved; every CPU drops its
//                     whole TLB before it switches the next time, since ASIDs mean other processes from now on
//
// Models: new_context() with its cursor, ASIDs of an earlier life and of CPUs that ran during the rollover, the fast path,
//   half of the ASIDs kept for KPTI until the first rollover.
// Simplified: the generation counts from 1 and stands above 16 bits of ASID also where ASIDs have 8.
// Not modelled: pinned ASIDs, KPTI's pairs, CnP, locks and races.
// Mirrors: arch/arm64/mm/context.c, asm/mmu_context.h (Linux 5.10, 6.1).
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

} // namespace mm
