#pragma once
// What a CPU reports when it cannot translate, and which function of the kernel takes it. Pure functions.
//
//   ESR_EL1    31     26 25 24                    9   6   5      0          #PF error code   4   3    2   1   0
//              |   EC   |IL|ISV ...          |EA|CM|..|WnR|  FSC  |                          |I/D|RSVD|U/S|W/R|P|
//
// Models: aborts of stage 1 with their class, level and direction; fault_info[] of those; x86's error code.
// Simplified: IL is 1, since it is for every abort without ISV. RSVD stays 0: entries with reserved bits set are not told apart.
// Not modelled: external aborts, tag check faults, alignment, the level of a fault in TTBR itself, FnV, overlays.
// Mirrors: arch/arm64/mm/fault.c (fault_info, do_mem_abort, do_translation_fault, __do_kernel_fault), asm/esr.h,
//   arch/x86/mm/fault.c, asm/trap_pf.h (Linux 5.10, 6.1, 6.12). Arm ARM D17.2.37 (ESR_EL1), Intel SDM 3A 4.7.
#include <string>
#include <string_view>

#include "mmu/descriptor.h"

namespace mm {

enum class access_kind : u8 { read, write, exec };

enum class fault_kind : u8 {
    none,
    translation,  // an entry on the way is not valid, or the address is in no half
    access_flag,  // the leaf's AF is 0
    permission,   // the leaf, or a table above it, forbids this
    address_size, // an entry names memory above what the CPU puts out
};
[[nodiscard]] std::string_view fault_kind_name(fault_kind kind);

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

// x86. kernel: X86_PF_*
inline constexpr u32 PF_PROT = 1, PF_WRITE = 2, PF_USER = 4, PF_INSTR = 16;
// has_nx: instruction fetches are told only where pages can be made not executable (PAE).
[[nodiscard]] u32 x86_error_code(fault_kind kind, access_kind access, bool user, bool has_nx);

// The functions that a fault goes through behind do_mem_abort() or exc_page_fault().
enum class fault_handler : u8 {
    do_translation_fault, // a user address goes on to do_page_fault(), any other to do_bad_area()
    do_page_fault,
    do_bad,
    do_user_addr_fault, // x86
    do_kern_addr_fault, // x86
    count,
};
[[nodiscard]] std::string_view fault_handler_name(fault_handler handler);

// A row of fault_info[].
struct fault_info_row {
    fault_handler handler = fault_handler::do_bad;
    std::string_view signal; // when nothing else can be done for a process
    std::string_view code;
    std::string name; // as the kernel prints it: "level 3 permission fault"
};
[[nodiscard]] fault_info_row fault_info(const pte_rules& rules, u32 fsc);

// How it ends.
enum class fault_end : u8 {
    none,
    made_young,  // the access flag was all that was missing: set, and the access runs again
    made_dirty,  // a first write to a writable page: noted, and the access runs again
    spurious,    // the tables allow it already: the TLB knew less
    needs_vma,   // do_page_fault() looks for a VMA: what it finds decides
    segv,        // no VMA can be at a kernel address: SIGSEGV
    sigkill,     // do_bad() cannot handle it: SIGKILL
    oops_null,   // "Unable to handle kernel NULL pointer dereference"
    oops_paging, // "Unable to handle kernel paging request"
    oops_write,  // "Unable to handle kernel write to read-only memory"
    oops_exec,   // "Unable to handle kernel execute from non-executable memory"
    oops_read,   // "Unable to handle kernel read from unreadable memory"
    oops_user,   // "Unable to handle kernel execution of user memory"
    oops_bad,    // "Unhandled fault"
    count,
};
// Of a fault that changing an entry's flags does not cure. user_address: it belongs to the half of processes.
[[nodiscard]] fault_end end_of_fault(fault_kind kind, access_kind access, bool user, bool user_address, bool has_mm,
                                     u64 address, u64 page_size, bool arm64);

} // namespace mm
