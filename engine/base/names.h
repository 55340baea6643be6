#pragma once
// Names that ops carry: text kept once, for the life of the program, and known by a number.
//
// An op is a row of numbers (op.h), so a name in it is the number that intern() gave. Numbers depend on the order of
// interning: they never go into a hash or a file; the text does.
// Not thread-safe. Errors: none.
#include <string_view>

#include "base/types.h"

namespace mm {

using name_id = u32;

inline constexpr name_id NO_NAME = 0; // the empty text
inline constexpr std::size_t MAX_NAME_LENGTH = 63;

// The number of this text; the same text always has the same.
[[nodiscard]] name_id intern(std::string_view text);

// Valid for the life of the program.
[[nodiscard]] std::string_view name_text(name_id id);

[[nodiscard]] name_id name_count();

} // namespace mm
