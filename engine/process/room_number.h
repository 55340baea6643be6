#pragma once
// The block of numbers of this room's events and functions: the next one behind the rooms that a machine is made of.
#include "base/rooms.h"

namespace mm {

inline constexpr room_id PROCESS_ROOM = room_id::count;

} // namespace mm
