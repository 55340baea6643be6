#pragma once
// How slabs are shown, the same in every view.
#include "machine/facts/slab_state.h"
#include "views/parts/palette.h"
#include "views/parts/view.h"

namespace shell {

// Hollow free, hatched on the CPU's freelist, filled allocated.
[[nodiscard]] BlockInk object_ink(const Palette& palette, mm::ObjectState state);

// Why there are no slabs to list: the allocator is not up, or it is SLOB. Null when there may be some.
[[nodiscard]] const mm::Phrase* why_no_slabs(const mm::slab_memory& slabs);
// The beginning of a view's mirror: its title, and a note where there are no slabs to list.
[[nodiscard]] Mirror slab_mirror(const View& view, const ViewInput& input, const mm::slab_memory& slabs);

} // namespace shell
