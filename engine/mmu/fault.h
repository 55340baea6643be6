#pragma once
// What a CPU reports when it cannot translate, and which function of the kernel takes it. Pure functions.
//
//   address ─► no translation, or a right is missing ─► syndrome ─► the kernel's function ─► how it ends
//                                                       arm64/fault.h: ESR_EL1; x86/fault.h: #PF error code
//
// Models: aborts of stage 1 with their class, level and direction; fault_info[] of those; x86's error code.
// Simplified: ESR's IL is 1, since it is for every abort without ISV. RSVD of x86 stays 0: entries with reserved bits set are not
//   told apart.
// Not modelled: external aborts, tag check faults, alignment, the level of a fault in TTBR itself, FnV, overlays.
// Mirrors: arch/arm64/mm/fault.c (do_mem_abort, do_translation_fault, __do_kernel_fault), arch/x86/mm/fault.c (Linux 5.10, 6.1,
//   6.12).
#include <string_view>

#include "base/types.h"

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

// A fault, as the CPU knows it.
struct fault_report {
    u64 address = 0;
    fault_kind kind = fault_kind::none;
    int level = 0; // as hardware counts
    access_kind access = access_kind::read;
    bool user = true;
    bool kernel_address = false;
};

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
// names_right: arch_rules::oops_names_right.
[[nodiscard]] fault_end end_of_fault(fault_kind kind, access_kind access, bool user, bool user_address, bool has_mm,
                                     u64 address, u64 page_size, bool names_right);

} // namespace mm
