#pragma once
// SLUB's debugging: red zones, poison and tracking, and the reports when they are damaged.
//
// Models: the slow path that every operation of a debugged cache takes, one object at a time from the node's list.
// Mirrors: mm/slub.c with CONFIG_SLUB_DEBUG (Linux 6.1).
#include "slab/slub.h"

namespace mm {

[[nodiscard]] phys_addr_t slub_debug_alloc(slab_context& cx, cache_id id, gfp_t gfp, int node);
void slub_debug_free(slab_context& cx, cache_id id, slab_id number, obj_index index);

// An address that is no object's beginning is freed.
void slub_free_misplaced(slab_context& cx, cache_id id, phys_addr_t address, object_ref found);

}  // namespace mm
