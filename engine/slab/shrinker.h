#pragma once
// The door that reclaim uses: what could be given back, and giving it back.
//
// Models: struct shrinker's two questions. Each allocator answers for its empty slabs; a room that keeps objects in
//   caches (dentries, inodes) will answer for those.
// Mirrors: include/linux/shrinker.h (Linux 6.1).
#include "slab/slab.h"

namespace mm {

struct shrink_control {
    u32 node = 0;
    u32 nr_to_scan = 0; // objects that reclaim wants looked at
    u32 nr_scanned = 0; // out
};

// Objects that could be freed: SLUB and SLAB count empty slabs' objects on the node, SLOB none.
[[nodiscard]] u64 count_objects(const slab_memory& slabs, const shrink_control& control);
// Frees up to nr_to_scan of them. The number of pages given back.
u64 scan_objects(slab_context& cx, shrink_control& control);

} // namespace mm
