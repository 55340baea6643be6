#pragma once
// The integer types that every room shares.
//
// All state is made of fixed-width integers, so that a Machine has the same bytes on every platform.
#include <cstdint>

namespace mm {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i8 = std::int8_t;
using i16 = std::int16_t;
using i32 = std::int32_t;
using i64 = std::int64_t;

// Page frame number: physical address >> page_shift. 32 bits reach 16 TiB with 4 KiB pages.
using pfn_t = u32;

// "No page": the end of a list, the result of a failed allocation.
inline constexpr pfn_t PFN_NONE = 0xffffffffu;

using phys_addr_t = u64;

} // namespace mm
