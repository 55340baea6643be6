#pragma once
// Where a call of a program points: an address, or so many bytes from the address that a named result holds ("a+0x1000",
// "a-1"). One number: bits 63 and 62 are 10 of a place in a result, as of no address that a CPU can use; then come its slot
// and the offset.
#include "base/op.h"

namespace mm {

inline constexpr u32 PLACE_OFFSET_BITS = 42;
inline constexpr i64 MAX_PLACE_OFFSET = (i64{1} << (PLACE_OFFSET_BITS - 1)) - 1; // to both sides
// What the next slot adds to the number.
inline constexpr i64 PLACE_SLOT_STRIDE = i64{1} << PLACE_OFFSET_BITS;
static_assert(u64{MAX_RESULTS} << PLACE_OFFSET_BITS <= u64{1} << 62);

[[nodiscard]] constexpr i64 place_in_result(u32 slot, i64 offset) {
    const u64 low = static_cast<u64>(offset) & (static_cast<u64>(PLACE_SLOT_STRIDE) - 1);
    return static_cast<i64>(u64{2} << 62 | u64{slot} << PLACE_OFFSET_BITS | low);
}
[[nodiscard]] constexpr bool is_in_result(i64 place) { return static_cast<u64>(place) >> 62 == 2; }
[[nodiscard]] constexpr u32 slot_of_place(i64 place) {
    return static_cast<u32>(static_cast<u64>(place) >> PLACE_OFFSET_BITS) & (MAX_RESULTS - 1);
}
[[nodiscard]] constexpr i64 offset_of_place(i64 place) {
    return static_cast<i64>(static_cast<u64>(place) << (64 - PLACE_OFFSET_BITS)) >> (64 - PLACE_OFFSET_BITS);
}
// What a program gets for a place in what a call that failed returned. kernel: MAP_FAILED
inline constexpr u64 NO_ADDRESS = ~u64{0};
// The address that a place stands for.
[[nodiscard]] inline u64 address_of_place(const Results& results, i64 place) {
    if (!is_in_result(place)) return static_cast<u64>(place);
    const OpResult& result = results[slot_of_place(place)];
    return (result.empty() ? NO_ADDRESS : result.value) + static_cast<u64>(offset_of_place(place));
}

} // namespace mm
