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

// Page frame number of memory: physical address >> page_shift. 32 bits reach 16 TiB with 4 KiB pages.
using pfn_t = u32;

// Number of any frame that an address or an entry of a page table can name. A device may stand behind all memory: CPUs have
// up to 52 bits.
using frame_t = u64;

// "No page": the end of a list, the result of a failed allocation.
inline constexpr pfn_t PFN_NONE = 0xffffffffu;

// The same where any frame may stand.
inline constexpr frame_t FRAME_NONE = ~0ull;

using phys_addr_t = u64;

} // namespace mm
