#pragma once
// What a CPU of arm64 reports when it cannot translate, and the row of the kernel's table that it leads to.
//
//   ESR_EL1    31     26 25 24                    9   6   5      0
//              |   EC   |IL|ISV ...          |EA|CM|..|WnR|  FSC  |
//
// Mirrors: arch/arm64/mm/fault.c (fault_info), asm/esr.h (Linux 5.10, 6.1, 6.12). Arm ARM D17.2.37 (ESR_EL1).
#include <string>

#include "mmu/descriptor.h"
#include "mmu/fault.h"

namespace mm {

enum class abort_class : u8 { data_lower, data_same, instruction_lower, instruction_same };

inline constexpr u32 ESR_EC_SHIFT = 26;
inline constexpr u32 ESR_IL = 1u << 25;
inline constexpr u32 ESR_WNR = 1u << 6;
inline constexpr u32 ESR_FSC = 0x3f;
inline constexpr u32 FSC_TLB_CONFLICT = 0x30;

// Level: as hardware counts, -1 to 3.
[[nodiscard]] u32 fault_status_code(fault_kind kind, int level);
[[nodiscard]] u32 esr_el1(fault_kind kind, int level, access_kind access, bool user);
[[nodiscard]] abort_class abort_class_of(access_kind access, bool user);

// A row of fault_info[].
struct fault_info_row {
    fault_handler handler = fault_handler::do_bad;
    std::string_view signal; // when nothing else can be done for a process
    std::string_view code;
    std::string name; // as the kernel prints it: "level 3 permission fault"
};
[[nodiscard]] fault_info_row fault_info(const pte_rules& rules, u32 fsc);

} // namespace mm
