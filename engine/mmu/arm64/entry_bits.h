#pragma once
// Bits of arm64's entries. Where a bit is software's or changed its meaning, descriptor.h and its pte_rules say more.
#include "base/types.h"

namespace mm {

inline constexpr u64 PTE_VALID = 1ull << 0;
inline constexpr u64 PTE_TABLE_BIT = 1ull << 1; // 1: a table, or a page at level 0; 0: a block
inline constexpr u64 PTE_TYPE_PAGE = 3;
inline constexpr int PTE_ATTRINDX_SHIFT = 2;
inline constexpr u64 PTE_ATTRINDX_MASK = 7ull << PTE_ATTRINDX_SHIFT;
inline constexpr u64 PTE_USER = 1ull << 6;   // AP[1]
inline constexpr u64 PTE_RDONLY = 1ull << 7; // AP[2]
inline constexpr u64 PTE_SHARED = 3ull << 8; // inner shareable
inline constexpr u64 PTE_AF = 1ull << 10;
inline constexpr u64 PTE_NG = 1ull << 11;
inline constexpr u64 PTE_GP = 1ull << 50;
inline constexpr u64 PTE_DBM = 1ull << 51;
inline constexpr u64 PTE_WRITE = PTE_DBM; // software: may be written once it is dirty
inline constexpr u64 PTE_CONT = 1ull << 52;
inline constexpr u64 PTE_PXN = 1ull << 53;
inline constexpr u64 PTE_UXN = 1ull << 54;
inline constexpr u64 PTE_DIRTY = 1ull << 55;
inline constexpr u64 PTE_SPECIAL = 1ull << 56;
inline constexpr u64 PTE_DEVMAP = 1ull << 57;
inline constexpr u64 PTE_PROT_NONE = 1ull << 58;       // until 6.9, only when !PTE_VALID
inline constexpr u64 PTE_UFFD_WP = 1ull << 58;         // since 6.10
inline constexpr u64 PMD_PRESENT_INVALID = 1ull << 59; // 5.10 to 6.9, only when !PTE_VALID
inline constexpr u64 TABLE_PXN = 1ull << 59;           // PMD_TABLE_PXN, PUD_TABLE_PXN, ...
inline constexpr u64 TABLE_UXN = 1ull << 60;

} // namespace mm
