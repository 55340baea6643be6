#pragma once
// How objects of slabs are drawn, the same in every view.
#include "machine/facts/slab_state.h"
#include "views/parts/palette.h"

namespace shell {

// Hollow free, hatched on the CPU's freelist, filled allocated.
[[nodiscard]] BlockInk object_ink(const Palette& palette, mm::ObjectState state);

} // namespace shell
