#pragma once
// One access of a CPU to memory: from the address through TLB and tables to the physical address, or to a fault and what the
// kernel makes of it.
//
//   address ─► which half? ─► TLB ─hit──────────────────────────────────────► rights ─► physical address
//              TTBR0, TTBR1     └miss► walk cache ─► table ─► ... ─► leaf ─► fill ─┘  └► fault ─► do_mem_abort()
//                                      each step can fault with its own level
//
// Models: both halves with the ASID of TTBR0's process; a walk from the top or from the walk cache; translation, address size,
//   access flag and permission faults in the order of hardware; AP, PXN, UXN and the limits of tables (APTable, PXNTable,
//   UXNTable); access flag and dirty state by hardware (FEAT_HAFDBS) or by a fault that handle_pte_fault() cures; a TLB that
//   still believes what tables no longer say, and two entries for one address. i386: P, R/W and U/S of both levels, NX
//   with PAE, accessed and dirty bits by hardware, CR0.WP set.
// Simplified: instead of a VMA the entry itself says what may be done: only faults that end with a flag set in a valid entry are
//   cured, for the rest the outcome names who decides. Kernel accesses to user addresses count as made by copy_to_user() and its
//   like. i386: addresses above PAGE_OFFSET are walked in the kernel's own tables, which real pgds have copies of. Where
//   the TLB has two entries for an address, the smaller one answers; architecture allows a TLB conflict abort, or a mix.
// Not modelled: PAN, UAO, MTE, BTI and address tags; alignment; stage 2; copy on write (do_wp_page()).
// Mirrors: Arm ARM D8.2 to D8.4, AArch64.S1Walk; arch/arm64/mm/fault.c (ptep_set_access_flags), mm/memory.c
//   (handle_pte_fault; Linux 6.1); Intel SDM 3A 4.3 to 4.8.
#include "mmu/fault.h"
#include "mmu/page_table.h"

namespace mm {

struct access_request {
    u64 address = 0;
    access_kind kind = access_kind::read;
    bool user = true;   // EL0, ring 3
    bool handle = true; // a fault that the kernel cures is cured, and the access runs again
};

struct access_result {
    phys_addr_t phys = 0; // when there is no fault
    fault_kind fault = fault_kind::none;
    i8 level = 0;     // of the fault, as hardware counts
    u32 syndrome = 0; // ESR_EL1; i386: the error code
    u64 address = 0;  // FAR_EL1; i386: CR2
    fault_end end = fault_end::none;
    u8 nr_cured = 0;      // faults before it that the kernel cured
    bool hit = false;     // the last attempt found it in the TLB
    bool stale = false;   // and the tables say something else
    bool unknown = false; // a walk went through a page that is no table any more: what it reads there nobody knows

    [[nodiscard]] bool ok() const { return fault == fault_kind::none && !unknown; }
};

[[nodiscard]] access_result access(mmu_context& cx, u32 cpu, const access_request& request);

// ---- rights, as pure functions

// What a table's entry takes away from all below it. arm64: APTable, UXNTable, PXNTable; i386: R/W, U/S and NX are
// limits, too.
inline constexpr u8 LIMIT_NO_USER = 1, LIMIT_NO_WRITE = 2, LIMIT_PXN = 4, LIMIT_UXN = 8;
[[nodiscard]] u8 limits_of_rights(const pte_format& format, pteval_t table_entry, u8 level);
[[nodiscard]] inline u8 table_limits(const pte_format& format, pteval_t table_entry, u8 level) {
    if (!format.arch().has_table_limits) return limits_of_rights(format, table_entry, level);
    // APTable in bits 62:61, UXNTable 60, PXNTable 59
    return static_cast<u8>((table_entry >> 61 & 3) | (table_entry >> 59 & 3) << 2);
}
// All limits on the way to the last step.
[[nodiscard]] u8 limits_above(const pte_format& format, const walk_result& way);

// RIGHT_ bits of a leaf below tables with these limits. `update`: of the CPU, for entries that hardware makes dirty.
[[nodiscard]] u8 rights_of(const pte_format& format, pteval_t leaf, u8 limits, hardware_update update);
[[nodiscard]] constexpr u8 right_for(access_kind kind, bool user) {
    return static_cast<u8>((user ? RIGHT_USER_READ : RIGHT_KERNEL_READ) << static_cast<u8>(kind));
}

// Why a right is missing. Order and meaning are part of the event permission_missing.
enum class denial : u8 {
    none,
    not_user,        // AP[1] = 0, U/S = 0
    read_only,       // AP[2] = 1, R/W = 0
    clean,           // read-only until the first write is noted: AP[2] = 1 and DBM = 1, and hardware does not note it
    uxn,             // UXN = 1, NX = 1
    pxn,             // PXN = 1
    user_writable,   // privileged code may not run from what user mode may write
    table_not_user,  // APTable[0]; U/S = 0 above
    table_read_only, // APTable[1]; R/W = 0 above
    table_uxn,       // UXNTable; NX above
    table_pxn,       // PXNTable
    count,
};
[[nodiscard]] denial denial_of(const pte_format& format, pteval_t leaf, u8 limits, access_kind kind, bool user);

} // namespace mm
