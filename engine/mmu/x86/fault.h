#pragma once
// What a CPU of x86 reports when it cannot translate.
//
//   #PF error code   4   3    2   1   0
//                    |I/D|RSVD|U/S|W/R|P|
//
// Mirrors: arch/x86/mm/fault.c, asm/trap_pf.h (Linux 5.10, 6.1, 6.12). Intel SDM 3A 4.7.
#include "mmu/fault.h"

namespace mm {

// kernel: X86_PF_*
inline constexpr u32 PF_PROT = 1, PF_WRITE = 2, PF_USER = 4, PF_INSTR = 16;
// has_nx: instruction fetches are told only where pages can be made not executable (PAE).
[[nodiscard]] u32 x86_error_code(fault_kind kind, access_kind access, bool user, bool has_nx);

} // namespace mm
