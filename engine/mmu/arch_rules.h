#pragma once
// How architectures differ in page tables, TLBs and faults: rules by name, one value of each for an architecture, set once.
//
//   page_geometry::format ─► arch_rules ─► two_roots, has_asids, break_before_make, ...        what code of this room asks
//                               └► arch_functions (arch_functions.h) ─► arm64/, x86/           what one architecture alone does
//
// State holds the format of its entries, a byte, and the rules are looked up by it: no pointer is in a machine.
//
// arm64 and i386 have page tables here, x86_64 has none yet: arch_rules_of() of it is nullptr, and what begins with a machine
// asks that first. To add it: its formats, a row of rules here, and its functions in x86/.
#include "mmu/arm64/entry_bits.h"
#include "mmu/x86/entry_bits.h"
#include "physical/profile.h"

namespace mm {

// How an entry is laid out (descriptor.h).
enum class table_format : u8 {
    arm64,      // 8 bytes, output addresses of 48 bits
    arm64_lva,  // the same with 64 KiB pages and addresses of 52 bits (FEAT_LPA): bits 51:48 stand in 15:12
    arm64_lpa2, // 4 and 16 KiB pages and addresses of 52 bits (FEAT_LPA2): bits 51:50 stand in 9:8
    i386,       // 4 bytes, two levels
    i386_pae,   // 8 bytes, three levels, the top one with 4 entries
};

// Bits of a leaf by what they mean; 0: the architecture has none.
struct entry_bits {
    u64 write; // software may write to it
    u64 user;
    u64 accessed;
    u64 clean, dirty; // hardware clears the one, or sets the other, at the first write
    u64 special, devmap;
    u64 contiguous;
    u64 page, block;             // that are set in pages alone, and in blocks alone
    u64 of_a_process, of_kernel; // global is what has all of `of_kernel` and nothing of `of_a_process`
    u64 of_build;                // in which builds of one kernel protect their own memory differently

    [[nodiscard]] constexpr bool is_global(u64 entry) const {
        return (entry & (of_a_process | of_kernel)) == of_kernel;
    }
    [[nodiscard]] constexpr u64 made_of_a_process(u64 entry) const { return (entry & ~of_kernel) | of_a_process; }
};

struct arch_functions;

// No rule has a default: a row that leaves one out does not compile.
struct arch_rules {
    architecture arch;

    // ---- addresses
    // User addresses begin at 0, the kernel's end with the last, and between them is a hole: the bits above va_bits are all 0
    // or all 1. Else there are va_bits of addresses, the kernel's from page_offset on.
    bool two_halves;
    u64 page_offset;
    // Each half has a pgd of its own (TTBR0, TTBR1). Else one pgd translates all (CR3).
    bool two_roots;
    // The pte table is level 3, and the level above has the number below. Else the pgd is level 1.
    bool pte_level_is_3;
    // Logical addresses go through segments first.
    bool has_segments;

    // ---- entries
    entry_bits bits;
    // Tables and pages have a bit set that blocks have not: nearly every entry of a walk is told by it alone.
    bool has_table_bit;
    // What a table takes away from all below it stands in bits of its own. Else it allows what a leaf would with the same bits.
    bool has_table_limits;
    bool has_contiguous_hint;
    // Linux maps blocks of 1 GiB where pages have 4 KiB. kernel: pud_sect_supported
    bool has_pud_blocks;
    // A table full of pages in a row, as the linear map has thousands, is one record (page_table::fill).
    bool keeps_filled_tables;

    // ---- accesses
    // Every CPU sets accessed and dirty bits. Else it is the CPU's FEAT_HAFDBS, or faults that the kernel cures.
    bool always_marks_use;
    // A use that rights forbid leaves no mark.
    bool refuses_before_marking;
    bool has_address_size_fault;
    // The kernel's last words name what was forbidden: "write to read-only memory", "execution of user memory".
    bool oops_names_right;

    // ---- TLBs
    // Entries carry the number of their process. Else a switch drops all that is not global.
    bool has_asids;
    // The usual CPU's.
    u32 tlb_entries, walk_entries;
    // One instruction reaches the TLBs of all CPUs. Else each CPU that runs with the tables is told to do it.
    bool broadcasts_flush;
    // A flush may leave walk caches alone when no table went.
    bool has_last_level_flush;
    // A flush of blocks takes steps of blocks.
    bool flushes_by_leaf;
    // One function of the kernel does all flushes of a process: flush_tlb_mm_range().
    bool has_one_flush_function;
    // Invalidations of single pages that a flush may take; 0: as many as a table has entries.
    u32 max_single_flushes;
    // And of a process's pages it may take all of them. Else one fewer.
    bool may_reach_max_flushes;
    // An entry that is valid may not become another valid one at once where TLBs could hold both.
    bool break_before_make;

    const arch_functions* functions;
};

extern const arch_functions arm64_functions, i386_functions;

inline constexpr arch_rules arm64_rules = {
    .arch = architecture::arm64,
    .two_halves = true,
    .page_offset = 0,
    .two_roots = true,
    .pte_level_is_3 = true,
    .has_segments = false,
    .bits = {.write = PTE_WRITE,
             .user = PTE_USER,
             .accessed = PTE_AF,
             .clean = PTE_RDONLY,
             .dirty = 0,
             .special = PTE_SPECIAL,
             .devmap = PTE_DEVMAP,
             .contiguous = PTE_CONT,
             .page = PTE_TABLE_BIT,
             .block = 0,
             .of_a_process = PTE_NG,
             .of_kernel = 0,
             .of_build = PTE_DIRTY | PTE_NG},
    .has_table_bit = true,
    .has_table_limits = true,
    .has_contiguous_hint = true,
    .has_pud_blocks = true,
    .keeps_filled_tables = true,
    .always_marks_use = false,
    .refuses_before_marking = false,
    .has_address_size_fault = true,
    .oops_names_right = true,
    .has_asids = true,
    .tlb_entries = 1024,
    .walk_entries = 64,
    .broadcasts_flush = true,
    .has_last_level_flush = true,
    .flushes_by_leaf = true,
    .has_one_flush_function = false,
    .max_single_flushes = 0,
    .may_reach_max_flushes = false,
    .break_before_make = true,
    .functions = &arm64_functions,
};

inline constexpr arch_rules i386_rules = {
    .arch = architecture::i386,
    .two_halves = false,
    .page_offset = 0xc0000000, // CONFIG_PAGE_OFFSET of a 3G/1G split
    .two_roots = false,
    .pte_level_is_3 = false,
    .has_segments = true,
    .bits = {.write = X86_RW,
             .user = X86_USER,
             .accessed = X86_ACCESSED,
             .clean = 0,
             .dirty = X86_DIRTY,
             .special = X86_SPECIAL,
             .devmap = 0,
             .contiguous = 0,
             .page = 0,
             .block = X86_PSE,
             .of_a_process = 0,
             .of_kernel = X86_GLOBAL,
             .of_build = 0},
    .has_table_bit = false,
    .has_table_limits = false,
    .has_contiguous_hint = false,
    .has_pud_blocks = false,
    .keeps_filled_tables = false,
    .always_marks_use = true,
    .refuses_before_marking = true,
    .has_address_size_fault = false,
    .oops_names_right = false,
    .has_asids = false,
    .tlb_entries = 64,
    .walk_entries = 0,
    .broadcasts_flush = false,
    .has_last_level_flush = false,
    .flushes_by_leaf = false,
    .has_one_flush_function = true,
    .max_single_flushes = 33, // kernel: tlb_single_page_flush_ceiling
    .may_reach_max_flushes = true,
    .break_before_make = false,
    .functions = &i386_functions,
};

[[nodiscard]] constexpr const arch_rules& arch_rules_of(table_format format) {
    switch (format) {
    case table_format::arm64:
    case table_format::arm64_lva:
    case table_format::arm64_lpa2: return arm64_rules;
    case table_format::i386:
    case table_format::i386_pae: break;
    }
    return i386_rules;
}

// nullptr: no page tables here.
[[nodiscard]] constexpr const arch_rules* arch_rules_of(architecture arch) {
    switch (arch) {
    case architecture::arm64: return &arm64_rules;
    case architecture::i386: return &i386_rules;
    case architecture::x86_64: break;
    }
    return nullptr;
}

} // namespace mm
