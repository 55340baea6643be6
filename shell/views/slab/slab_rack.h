#pragma once
// Slabs as cards, side by side in the order of their list: each with its page frame, how many of its objects are in use,
// and a grid of them. Only cards in sight are looked up.
//
//   0x48050   12/21     0x48060    3/21
//   [#][#][ ][#]...     [#][ ][ ][ ]...
//   added
#include <optional>

#include "machine/facts/slab_state.h"
#include "views/parts/cell_grid.h"
#include "views/parts/scroll_area.h"
#include "views/parts/view.h"
#include "views/slab/slab_touched.h"

namespace shell {

// What one frame of a view of slabs works on.
struct SlabScene {
    const ViewInput& input;
    ViewActions& actions;
    const mm::slab_memory& slabs;
    mm::cache_id cache;
    const SlabMoment& moment;
    ScrollArea& area;
    Pen& pen;
    bool new_moment;

    [[nodiscard]] const mm::kmem_cache& cache_of() const { return slabs.caches[cache]; }
    [[nodiscard]] const SlabTouches& touches() const { return moment.touches(); }
};

[[nodiscard]] const Phrase& state_words(mm::ObjectState state, mm::slab_allocator allocator);

// The grid of a slab's objects, `shape` as the caller wants it; with labels and arrows along its freelists where
// `large`. Shows what is under the pointer, and selects it when pressed.
void draw_objects(SlabScene& scene, mm::slab_id id, const GridShape& shape, bool large);

// Cards of these slabs from `y` on. Returns where they end.
float draw_rack(SlabScene& scene, const std::vector<mm::slab_id>& slabs, float x0, float y);

// Slabs of the cache that the op has given back: a dashed card each.
float draw_gone_slabs(SlabScene& scene, float x0, float y);

// "0x48050  12 / 21", at most to x1: pressing it selects the slab's first frame. Returns where the text ends.
float draw_slab_name(SlabScene& scene, mm::slab_id id, float x, float y, float x1);

} // namespace shell
