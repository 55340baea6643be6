#pragma once
// Ops fall in three groups, which the timeline and sums tell apart: they take memory, give it back, or change something else.
#include <array>
#include <string_view>

#include "base/op.h"

namespace mm {

enum class OpKind : u8 { alloc, free, other };
inline constexpr std::array<std::string_view, 3> OP_KIND_NAMES = {"alloc", "free", "other"};

[[nodiscard]] OpKind kind_of(const OpSpec& spec);

} // namespace mm
