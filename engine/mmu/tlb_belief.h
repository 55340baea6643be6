#pragma once
// What an entry of a TLB says against what the tables say now: a TLB learns of a change only by being invalidated.
//
//   entry   0x400000 ─► 0x41000  rw-        tables  0x400000 ─► 0x41000  r--      more_rights
//
// Pure: nothing is looked up in the TLB's order of use, nothing is counted. Accessed and dirty marks are no news that an
// entry has to follow.
//
// Simplified: of a block that has become more than 512 smaller leaves, 512 are compared.
#include "mmu/page_table.h"

namespace mm {

enum class tlb_belief : u8 {
    holds,
    nobodys,      // its ASID is no process's now
    unmapped,     // no table translates the address
    other_memory, // the tables name another frame, or the walk goes through another table
    more_rights,  // it allows what the tables do not
    fewer_rights, // the other way: an access may fault that the tables allow
    two_answers,  // another entry of this TLB translates its address, too
    count,
};

// The space that an entry with this address and ASID translates for on this CPU; SPACE_NONE: nobody's. One that is global
// translates for whatever process the CPU runs.
[[nodiscard]] space_id space_of_entry(const mmu_memory& mmu, u32 cpu, u64 virt, u16 asid, bool global = false);

// Of a valid entry: slot as tlb_memory::entries has it.
[[nodiscard]] tlb_belief belief_of(const mmu_memory& mmu, u32 slot);
// Of a valid entry of the walk cache: slot as tlb_memory::walks has it.
[[nodiscard]] tlb_belief walk_belief_of(const mmu_memory& mmu, u32 slot);

} // namespace mm
