#include "slab/slub_debug.h"

#include "slab/events.h"

namespace mm {

phys_addr_t slub_debug_alloc(slab_context&, cache_id, gfp_t, int) { return ADDR_NULL; }
void slub_debug_free(slab_context&, cache_id, slab_id, obj_index) {}
void slub_free_misplaced(slab_context&, cache_id, phys_addr_t, object_ref) {}

}  // namespace mm
