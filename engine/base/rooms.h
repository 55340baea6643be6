#pragma once
// The rooms of a machine in their order, and the block of numbers that each has: its events and its kernel functions count
// from first_number() on. So a number tells its room, and no room needs to know how many numbers the one before it takes.
//
//   physical 0..1023 | slab 1024..2047 | mmu 2048..3071 | ...
//
// What a room is made of stands in one row of machine/rooms.cpp.
#include <cstddef>

#include "base/types.h"

namespace mm {

enum class room_id : u8 { physical, slab, mmu, kernel, process, heap, count };

inline constexpr std::size_t NR_ROOMS = static_cast<std::size_t>(room_id::count);
inline constexpr u32 ROOM_SHIFT = 10;
inline constexpr u32 ROOM_NUMBERS = 1u << ROOM_SHIFT;
static_assert(NR_ROOMS << ROOM_SHIFT <= 1u << 16, "a number has 16 bits");

[[nodiscard]] constexpr u16 first_number(room_id room) {
    return static_cast<u16>(static_cast<u32>(room) << ROOM_SHIFT);
}
// room_id::count or beyond: the number is no room's.
[[nodiscard]] constexpr room_id room_of(u16 number) { return static_cast<room_id>(number >> ROOM_SHIFT); }
[[nodiscard]] constexpr std::size_t place_in_room(u16 number) { return number & (ROOM_NUMBERS - 1); }

// Not constant, so that calling it stops the compiler, which then says its name.
void a_room_has_more_numbers_than_its_block();

// How many numbers an enum counts from the room's first one to `count`. More than the block holds do not compile.
template <class Kind>
[[nodiscard]] consteval std::size_t numbers_of(room_id room) {
    const std::size_t first = first_number(room), end = static_cast<std::size_t>(Kind::count);
    if (end < first || end > first + ROOM_NUMBERS) a_room_has_more_numbers_than_its_block();
    return end - first;
}

} // namespace mm
