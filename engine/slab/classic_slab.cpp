#include "slab/allocators.h"

namespace mm {

bool classic_open(slab_context&, cache_id) { return false; }
bool classic_shutdown(slab_context&, cache_id) { return true; }
void classic_shrink(slab_context&, cache_id) {}
phys_addr_t classic_alloc(slab_context&, cache_id, gfp_t, int) { return ADDR_NULL; }
void classic_free(slab_context&, cache_id, phys_addr_t, object_ref) {}

}  // namespace mm
