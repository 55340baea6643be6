#pragma once
// One object by the machine's allocator, and its way back, for kmem_cache_alloc() and kmalloc(). No tracepoints here.
#include "slab/init_objects.h"
#include "slab/slub_debug.h"
#include "slab/slub_fast_path.h"

namespace mm {

[[nodiscard]] [[gnu::always_inline]] inline phys_addr_t allocate_object(slab_context& cx, any_sink auto& sink,
                                                                        cache_id cache, gfp_t gfp, int node) {
    if (cx.slabs.config.allocator == slab_allocator::slub) [[likely]] {
        const phys_addr_t object = slub_alloc(cx, sink, cache, gfp, node);
        if (!cx.slabs.plain) [[unlikely]]
            clear_allocated(cx, cache, gfp, object);
        return object;
    }
    return cx.slabs.config.allocator == slab_allocator::slab ? classic_alloc(cx, cache, gfp, node)
                                                             : slob_cache_alloc(cx, cache, gfp, node);
}

void free_object(slab_context& cx, any_sink auto& sink, cache_id cache, phys_addr_t object, object_ref found) {
    if (cx.slabs.config.allocator == slab_allocator::slab) return classic_free(cx, cache, object, found);
    if (!slub_free_fast<any_item>(cx, sink, cache, object)) slub_free(cx, cache, object, found);
}

} // namespace mm
