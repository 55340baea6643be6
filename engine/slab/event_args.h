#pragma once
// Arguments that the event tables of this room share. Only they include it.
#include "base/event_table.h"

namespace mm::slab_args {

inline constexpr ArgSpec CACHE{"cache", Unit::cache};
inline constexpr ArgSpec OBJECT{"object", Unit::object};
inline constexpr ArgSpec INDEX{"index", Unit::object_index};
inline constexpr ArgSpec SLAB{"slab", Unit::slab};
inline constexpr ArgSpec CPU{"cpu", Unit::cpu};
inline constexpr ArgSpec NODE{"node", Unit::node};
inline constexpr ArgSpec ORDER{"order", Unit::order};
inline constexpr ArgSpec GFP{"gfp", Unit::gfp};
inline constexpr ArgSpec REASON{"reason", Unit::reason};

constexpr ArgSpec number(std::string_view name) { return {name, Unit::number}; }
constexpr ArgSpec bytes(std::string_view name) { return {name, Unit::bytes}; }
constexpr ArgSpec flag(std::string_view name) { return {name, Unit::flag}; }

} // namespace mm::slab_args
