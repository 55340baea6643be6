#pragma once
// The shape of page tables: how many levels, which bits of an address choose the entry in each, what an entry may map.
//
//   47        39 38       30 29       21 20       12 11          0      4 KiB pages, 48 bits, 4 levels
//   | pgd index | pud index | pmd index | pte index | page offset |
//
// Levels are counted from the leaf: 0 is the pte table, levels - 1 the pgd. Linux has five names; a kernel with fewer
// levels folds the missing ones into the pgd: 4 levels have no p4d, 3 no pud, 2 no pmd. What is folded has the shift of the
// pgd and one entry (pmd_shift() and the like say so).
//
// Models: arm64 with 4, 16 and 64 KiB pages, each width that Linux can be built with; i386 with two levels and PAE.
// Not modelled: arm64's stage 2, x86_64.
// Mirrors: arch/arm64/include/asm/pgtable-hwdef.h, arch/arm64/Kconfig (CONFIG_PGTABLE_LEVELS, ARM64_CONT_PTE_SHIFT),
//   arch/x86/include/asm/pgtable-2level_types.h, pgtable-3level_types.h, asm-generic/pgtable-nop4d.h, -nopud.h,
//   -nopmd.h (Linux 6.1; 4 KiB and 16 KiB pages with 52 bits: 6.12).
#include <optional>
#include <span>
#include <string_view>

#include "mmu/arch_rules.h"

namespace mm {

inline constexpr u8 MAX_LEVELS = 5;
inline constexpr std::string_view level_names[MAX_LEVELS] = {"pte", "pmd", "pud", "p4d", "pgd"};

// kernel: a set of macros, fixed when the kernel is built
struct page_geometry {
    table_format format = table_format::arm64;
    u8 page_shift = 12; // PAGE_SHIFT: 12, 14 or 16
    u8 va_bits = 48;    // of one half of the address space (arm64: VA_BITS); i386: 32, there is one half
    u8 levels = 4;      // CONFIG_PGTABLE_LEVELS
    u8 index_bits = 9;  // bits that choose an entry of a table below the pgd

    [[nodiscard]] constexpr u8 root() const { return static_cast<u8>(levels - 1); } // the pgd's level
    [[nodiscard]] constexpr u64 page_size() const { return 1ull << page_shift; }
    [[nodiscard]] constexpr u32 entry_bytes() const { return format == table_format::i386 ? 4 : 8; }
    // Of physical addresses that entries can hold; PAE: the kernel's PTE_PFN_MASK.
    [[nodiscard]] constexpr u8 physical_bits() const {
        return format == table_format::arm64 ? 48 : format == table_format::i386 ? 32 : 52;
    }
    // arm64 with addresses of 48 bits: they stand in an entry as they are.
    [[nodiscard]] constexpr bool has_plain_addresses() const { return format == table_format::arm64; }
    // FEAT_LPA, FEAT_LPA2
    [[nodiscard]] constexpr bool has_lpa() const {
        return format == table_format::arm64_lva || format == table_format::arm64_lpa2;
    }
    [[nodiscard]] constexpr const arch_rules& arch() const { return arch_rules_of(format); }

    // Bits below those that choose an entry of this level: PAGE_SHIFT, PMD_SHIFT, ...; an entry maps 1 << shift bytes.
    [[nodiscard]] constexpr u8 shift(u8 level) const { return static_cast<u8>(page_shift + level * index_bits); }
    [[nodiscard]] constexpr u64 size(u8 level) const { return 1ull << shift(level); }
    // PTRS_PER_PTE and so on; the pgd takes the bits that are left.
    [[nodiscard]] constexpr u32 entries(u8 level) const {
        return 1u << (level == root() ? va_bits - shift(level) : index_bits);
    }
    // pte_index() ... pgd_index()
    [[nodiscard]] constexpr u32 index(u8 level, u64 address) const {
        return static_cast<u32>(address >> shift(level)) & (entries(level) - 1);
    }
    // Bytes of a table; the pgd may need less than a page (PGD_SIZE).
    [[nodiscard]] constexpr u32 table_bytes(u8 level) const { return entries(level) * entry_bytes(); }

    // The number of the architecture: 3 for the pte table of arm64, up to -1 for a fifth level. i386: levels from the top.
    [[nodiscard]] constexpr int hardware_level(u8 level) const {
        return arch().pte_level_is_3 ? 3 - level : levels - level;
    }

    // "pte", "pmd", "pud", "p4d"; the top level is the "pgd" whatever it folds. Events carry the number of the name.
    [[nodiscard]] constexpr u8 name_index(u8 level) const { return level == root() ? 4 : level; }
    [[nodiscard]] std::string_view level_name(u8 level) const { return level_names[name_index(level)]; }

    // May an entry of this level map memory itself? Architecture and kernel agree on pmd blocks; of larger ones the kernel
    // uses those of 1 GiB with 4 KiB pages (pud_sect_supported). i386: 4 MiB (PSE), with PAE 2 MiB.
    [[nodiscard]] bool may_hold_block(u8 level) const;

    // Entries in a row that the contiguous bit may join: CONT_PTES at level 0, CONT_PMDS at level 1; 0: none.
    [[nodiscard]] u32 contiguous_entries(u8 level) const;
    [[nodiscard]] u64 contiguous_size(u8 level) const { return contiguous_entries(level) * size(level); }

    // The macros by name, with what is folded: PMD_SHIFT of two levels is PGDIR_SHIFT.
    [[nodiscard]] constexpr u8 pmd_shift() const { return shift(levels > 2 ? 1 : root()); }
    [[nodiscard]] constexpr u8 pud_shift() const { return shift(levels > 3 ? 2 : root()); }
    [[nodiscard]] constexpr u8 pgdir_shift() const { return shift(root()); }
    [[nodiscard]] constexpr u32 ptrs_per_pte() const { return entries(0); }
    [[nodiscard]] constexpr u32 ptrs_per_pmd() const { return levels > 2 ? entries(1) : 1; }
    [[nodiscard]] constexpr u32 ptrs_per_pud() const { return levels > 3 ? entries(2) : 1; }
    [[nodiscard]] constexpr u32 ptrs_per_pgd() const { return entries(root()); }

    friend bool operator==(const page_geometry&, const page_geometry&) = default;
};

// Which half of the addresses it is in: the lower (arm64: TTBR0 translates it) or the upper (TTBR1). The bits above va_bits must
// be all 0 or all 1; any other address has no translation. i386: there are no halves, all 32 bits count as the lower.
enum class address_half : u8 { user, kernel, none };
[[nodiscard]] constexpr address_half half_of(const page_geometry& geometry, u64 address) {
    const u64 above = address >> geometry.va_bits;
    if (above == 0) return address_half::user;
    return geometry.arch().two_halves && above == ~0ull >> geometry.va_bits ? address_half::kernel : address_half::none;
}
// Is the address in the kernel's part?
[[nodiscard]] constexpr bool is_kernel_address(const page_geometry& geometry, u64 address) {
    const arch_rules& arch = geometry.arch();
    return arch.two_halves ? half_of(geometry, address) == address_half::kernel : address >= arch.page_offset;
}

// nullopt: Linux cannot be built so. Widths: 4 KiB 39, 48, 52; 16 KiB 36, 47, 48, 52; 64 KiB 42, 48, 52.
[[nodiscard]] std::optional<page_geometry> arm64_geometry(u64 page_size, u32 va_bits);
[[nodiscard]] page_geometry i386_geometry(bool pae);

// Every geometry that there is, arm64's by page size and width, then i386's.
[[nodiscard]] std::span<const page_geometry> all_geometries();

} // namespace mm
