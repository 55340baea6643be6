#pragma once
// Bits that the entries of both of i386's formats have. kernel: _PAGE_PRESENT and so on
#include "base/types.h"

namespace mm {

inline constexpr u64 X86_PRESENT = 1ull << 0;
inline constexpr u64 X86_RW = 1ull << 1;
inline constexpr u64 X86_USER = 1ull << 2;
inline constexpr u64 X86_PWT = 1ull << 3;
inline constexpr u64 X86_PCD = 1ull << 4;
inline constexpr u64 X86_ACCESSED = 1ull << 5;
inline constexpr u64 X86_DIRTY = 1ull << 6;
inline constexpr u64 X86_PSE = 1ull << 7;
inline constexpr u64 X86_GLOBAL = 1ull << 8;
inline constexpr u64 X86_PROTNONE = X86_GLOBAL; // only when !X86_PRESENT
inline constexpr u64 X86_SPECIAL = 1ull << 9;
inline constexpr u64 X86_NX = 1ull << 63; // PAE

} // namespace mm
