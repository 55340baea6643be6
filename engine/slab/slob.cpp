#include "slab/allocators.h"

namespace mm {

bool slob_open(slab_context&, cache_id) { return false; }
phys_addr_t slob_cache_alloc(slab_context&, cache_id, gfp_t, int) { return ADDR_NULL; }
void slob_cache_free(slab_context&, cache_id, phys_addr_t) {}
phys_addr_t slob_kmalloc(slab_context&, u64, gfp_t, int) { return ADDR_NULL; }
void slob_kfree(slab_context&, phys_addr_t) {}
u64 slob_ksize(const slab_memory&, const physical_memory&, phys_addr_t) { return 0; }

}  // namespace mm
