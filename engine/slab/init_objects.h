#pragma once
// What init_on_alloc, init_on_free and __GFP_ZERO do to objects; the rules stand in physical/init_memory.h. Where a slab's bytes are
// kept (content.h) they are written, elsewhere it is told alone.
//
// Simplified: SLOB clears for __GFP_ZERO alone, as the kernel's does; its pages are cleared when they are taken.
// Mirrors: mm/slab.h (slab_want_init_on_alloc, slab_want_init_on_free, slab_post_alloc_hook), mm/slub.c (slab_free_hook)
//   (Linux 5.10, 6.1, 6.12).
#include "physical/init_memory.h"
#include "slab/slab_memory.h"

namespace mm {

// How many bytes of an object are cleared when it is handed out, and why, or why none.
struct object_init {
    u32 bytes = 0;
    init_reason reason = init_reason::nothing;
};

[[nodiscard]] inline bool keeps_contents(const kmem_cache& cache) {
    return cache.flags & (SLAB_TYPESAFE_BY_RCU | SLAB_POISON);
}

[[nodiscard]] [[gnu::always_inline]] inline init_reason init_reason_of(const slab_memory& slabs,
                                                                       const kmem_cache& cache, gfp_t gfp) {
    const bool asked = gfp & GFP_BIT_ZERO;
    const bool by_default = slabs.rules.init_on_alloc && slabs.config.allocator != slab_allocator::slob;
    if (by_default && cache.ctor) return init_reason::ctor;
    if (asked) return init_reason::asked;
    if (!by_default) return init_reason::off;
    return keeps_contents(cache) ? init_reason::keeps : init_reason::by_default;
}

// `request`: bytes that kmalloc was asked for; 0: the whole object. Only a kmalloc cache that keeps them clears no more.
[[nodiscard]] [[gnu::always_inline]] inline object_init
object_init_at_alloc(const slab_memory& slabs, const kmem_cache& cache, gfp_t gfp, u32 request) {
    const init_reason reason = init_reason_of(slabs, cache, gfp);
    if (!clears(reason)) return {0, reason};
    constexpr slab_flags_t tracked = SLAB_STORE_USER | SLAB_KMALLOC;
    const bool knows_request =
        request != 0 && (cache.flags & tracked) == tracked && slabs.rules.checks_kmalloc_redzone();
    return {knows_request ? request : cache.object_size, reason};
}

// Writes what object_init_at_alloc() says, where bytes are kept. `object` may be ADDR_NULL.
void clear_allocated(slab_context& cx, cache_id cache, gfp_t gfp, phys_addr_t object);

// init_on_free: the object is cleared before it goes on a freelist, and what stands behind its red zone, too.
void clear_freed(slab_context& cx, cache_id cache, object_ref object);

} // namespace mm
