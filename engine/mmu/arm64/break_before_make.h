#pragma once
// Which changes of a valid entry arm64's kernel allows itself without breaking it first. What hardware allows is
// live_change_of() (flush.h).
//
// Mirrors: arch/arm64/mm/mmu.c (pgattr_change_is_safe). Arm ARM D8.14 (break-before-make).
#include "mmu/flush.h"

namespace mm {

// The kernel's own opinion when it maps for itself: BUG() when false.
[[nodiscard]] bool pgattr_change_is_safe(const pte_format& format, pteval_t before, pteval_t after, u8 level);

} // namespace mm
