#pragma once
// Vmap areas in red-black trees by address, whose links are indices into vmap_space::areas.
//
// With `sized`, each node's subtree_max_size is kept.
// Mirrors: the augmented free tree of mm/vmalloc.c.
#include <algorithm>

#include "base/rb_tree.h"
#include "kernel/vmap.h"

namespace mm {

struct VmapShape {
    using Areas = decltype(vmap_space::areas);

    bool sized = false;

    [[nodiscard]] static u64 key(const vmap_area& area) { return area.va_start; }
    [[nodiscard]] bool measures() const { return sized; }
    void measure(Areas& areas, vmap_id node) const {
        const vmap_area& area = areas[node];
        const auto largest = [&](vmap_id below) { return below == VMAP_NONE ? 0 : areas[below].subtree_max_size; };
        const u64 size = std::max({area.size(), largest(area.left), largest(area.right)});
        if (area.subtree_max_size != size) areas.mut(node).subtree_max_size = size;
    }
};

static_assert(VMAP_NONE == RB_NONE);
using VmapTree = RbTree<VmapShape::Areas, VmapShape>;

// Neighbours in the order of addresses.
[[nodiscard]] inline vmap_id first_area(const vmap_space& space, vmap_id root) { return rb_first(space.areas, root); }
[[nodiscard]] inline vmap_id next_area(const vmap_space& space, vmap_id area) { return rb_next(space.areas, area); }
[[nodiscard]] inline vmap_id previous_area(const vmap_space& space, vmap_id area) {
    return rb_previous(space.areas, area);
}
// The last area that begins at or below `address`.
[[nodiscard]] vmap_id area_not_above(const vmap_space& space, vmap_id root, u64 address);

} // namespace mm
