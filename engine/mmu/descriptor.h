#pragma once
// An entry of a page table, bit by bit: what hardware reads, what Linux keeps in the bits that hardware ignores.
//
//   63       59 58    55 54 53 52 51 50 47               12 11 10 9  8 7  6  5  4     2 1 0
//   | ignored  | software|UX|PX|C |DB|..| output address    |nG|AF| SH | AP |NS|AttrIdx|T|V|     arm64 block or page
//   |NS|AP |UX |PX| ignored        |..| address of a table  | ignored                  |1|1|     arm64 table
//
// The decoder gives every bit of the entry to exactly one field, highest bit first.
//
// Models: arm64 stage 1 with addresses of 48 and 52 bits; i386 with two levels and PAE; swap entries and PROT_NONE.
// Simplified: of swap entries of PAE one field stands for all bits.
// Not modelled: permission indirection (PIE), HAFT, memory tagging beyond its memory type, migration and marker entries.
// Mirrors: arch/arm64/include/asm/pgtable-hwdef.h, pgtable-prot.h, memory.h (MT_*), arch/arm64/mm/proc.S (MAIR_EL1_SET),
//   arch/x86/include/asm/pgtable_types.h, pgtable-2level.h (Linux 4.3 to 6.12). Arm ARM D8.3, Intel SDM 3A 4.3-4.4.
#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "mmu/geometry.h"
#include "physical/kernel_rules.h"

namespace mm {

using pteval_t = u64; // entries of any level and format; i386's use 32 bits
using pgprot_t = u64; // the bits of an entry without the address

// The entries of these and of all releases between them are known. Older ones keep PTE_WRITE in bit 57, without hardware's help.
inline constexpr linux_release OLDEST_ENTRIES{4, 3}, NEWEST_ENTRIES{6, 12};

// What differs between kernels, by name (as kernel_rules does for the allocators). Entries are read out of reports of any
// kernel, so the rules go by release and not by the kernels that a machine may run.
struct pte_rules {
    linux_release release = release_of(kernel_version::v6_1);

    constexpr pte_rules() = default;
    constexpr pte_rules(kernel_version version) : release(release_of(version)) {}
    constexpr explicit pte_rules(linux_release of) : release(of) {}

    [[nodiscard]] constexpr bool since(u8 version, u8 patchlevel) const { return mm::since(release, version, patchlevel); }
    // Of a machine its kernel; of another release the newest of those that is not newer.
    [[nodiscard]] constexpr kernel_version machine_kernel() const { return debian_kernels[kernel_index(release)].version; }

    // Since 6.10 an entry that is present but not valid has PTE_NG set; before, PTE_PROT_NONE (bit 58) or, since 5.10 and in
    // a pmd that is being split, PMD_PRESENT_INVALID (bit 59).
    [[nodiscard]] bool present_invalid_is_ng() const { return since(6, 10); }
    [[nodiscard]] bool has_pmd_present_invalid() const { return since(5, 10) && !present_invalid_is_ng(); }
    // Since 5.3 bit 57 says that a device's memory is behind the page.
    [[nodiscard]] bool has_devmap() const { return since(5, 3); }
    // Since 6.10 bit 58 tracks write protection by userfaultfd, and since 6.12 bits 62:60 choose a permission overlay.
    [[nodiscard]] bool has_uffd_wp() const { return since(6, 10); }
    [[nodiscard]] bool has_permission_overlay() const { return since(6, 12); }
    // Since 5.19 a swap entry remembers that its page was exclusive (PTE_SWP_EXCLUSIVE).
    [[nodiscard]] bool swap_keeps_exclusive() const { return since(5, 19); }
    // Since 5.13 kernel tables forbid execution to user mode and user tables to the kernel (P?D_TABLE_UXN, P?D_TABLE_PXN).
    [[nodiscard]] bool tables_limit_execution() const { return since(5, 13); }
    // Since 5.10 the linear map has a memory type of its own, for memory tagging.
    [[nodiscard]] bool has_tagged_type() const { return since(5, 10); }
    // Since 6.8 a pud table is marked as one, too. kernel: pagetable_pud_ctor
    [[nodiscard]] bool constructs_pud() const { return since(6, 8); }
    // Since 6.18, and in stable 6.1 and 6.12, pte_mkwrite() leaves a clean entry read-only for hardware.
    [[nodiscard]] bool mkwrite_keeps_clean() const { return since(6, 1); }
    // And protections of normal kernel memory are dirty from the start (recorded in 6.1.192 and 6.12.117).
    [[nodiscard]] bool kernel_memory_is_dirty() const { return since(6, 1); }
    // Since 6.7 fault_info[] knows the codes of level -1, and leaves at level 0.
    [[nodiscard]] bool knows_level_below_zero() const { return since(6, 7); }
    // Section protections allow writing by PTE_WRITE (recorded in 6.12; not in 6.1).
    [[nodiscard]] bool sections_have_write() const { return since(6, 12); }
    // x86: since 6.6 what is read-only is not dirty.
    [[nodiscard]] bool read_only_is_clean() const { return since(6, 6); }
};

// How the entries of one machine are read.
struct pte_format {
    page_geometry geometry;
    pte_rules rules;

    [[nodiscard]] constexpr const arch_rules& arch() const { return geometry.arch(); }
};

enum class descriptor_kind : u8 {
    none,            // all bits 0
    swap,            // not present: a swap entry, or garbage
    present_invalid, // the kernel sees a page, hardware faults: PROT_NONE
    table,
    block,
    page,
    reserved, // valid, but of a type that this level has not: hardware faults
    // Not present, and no swap entry: a page or table that lost its valid bit (debug_pagealloc, KFENCE,
    // set_direct_map_invalid_noflush), or anything else in the kernel's tables, which never swap.
    invalid,
};
[[nodiscard]] std::string_view descriptor_kind_name(descriptor_kind kind);

// Level: as page_geometry counts, 0 is the pte table. Inline is what nearly every entry of a walk is; the others are
// unusual_...()'s, which only this function calls.
[[nodiscard]] descriptor_kind unusual_kind_of(const pte_format& format, pteval_t entry, u8 level);
[[nodiscard]] inline descriptor_kind kind_of(const pte_format& format, pteval_t entry, u8 level) {
    if (format.arch().has_table_bit && (entry & PTE_TYPE_PAGE) == PTE_TYPE_PAGE) [[likely]]
        return level == 0 ? descriptor_kind::page : descriptor_kind::table;
    return unusual_kind_of(format, entry, level);
}

// The same of an entry that is known to stand in a table of the kernel's or of a process.
[[nodiscard]] inline descriptor_kind kind_of(const pte_format& format, pteval_t entry, u8 level, bool kernel_table) {
    const descriptor_kind kind = kind_of(format, entry, level);
    return kernel_table && kind == descriptor_kind::swap ? descriptor_kind::invalid : kind;
}

[[nodiscard]] constexpr bool is_leaf(descriptor_kind kind) {
    return kind == descriptor_kind::block || kind == descriptor_kind::page;
}

// The physical address in a table, block, page or PROT_NONE entry; bits below what the entry maps are 0.
// kernel: __pte_to_phys, __pmd_to_phys
[[nodiscard]] phys_addr_t unusual_output_address(const pte_format& format, pteval_t entry, u8 level);
[[nodiscard]] inline phys_addr_t output_address(const pte_format& format, pteval_t entry, u8 level) {
    if (format.geometry.has_plain_addresses() && (entry & PTE_TYPE_PAGE) == PTE_TYPE_PAGE) [[likely]]
        return entry & (~0ull >> 16) & (~0ull << format.geometry.page_shift);
    return unusual_output_address(format, entry, level);
}
// The other way: the address bits of an entry. Addresses must have no bits beyond the format's. kernel: __phys_to_pte_val
[[nodiscard]] pteval_t address_bits(const pte_format& format, phys_addr_t phys);
// Bits of physical addresses that entries can hold: 48 or 52; i386: 32, PAE: 52 (the kernel's PTE_PFN_MASK).
[[nodiscard]] u8 physical_bits(const pte_format& format);

struct descriptor_field {
    std::string_view name;
    u8 high = 0, low = 0;     // bits, both inclusive
    u64 value = 0;            // the bits alone, shifted down; with is_address the bits in place: a physical address
    bool is_address = false;  // parts of an address that stand apart are fields of their own
    std::string_view meaning; // of this value; empty: the value says it
    std::string_view meaning_zh;
};

// All fields, highest bit first. Their ranges join without gap from bit 63 (i386: 31) to bit 0.
[[nodiscard]] std::vector<descriptor_field> decode_descriptor(const pte_format& format, pteval_t entry, u8 level);

// The field of this name; nullptr: this kind of entry has none.
[[nodiscard]] const descriptor_field* find_field(const std::vector<descriptor_field>& fields, std::string_view name);

} // namespace mm
