#pragma once
// Ops on references to pages, and requests for many pages at once. They stand behind those of ops.cpp.
#include <span>

#include "physical/ops.h"

namespace mm {

[[nodiscard]] std::span<const PhysicalOp> page_ops();

} // namespace mm
