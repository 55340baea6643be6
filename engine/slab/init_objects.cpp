#include "slab/init_objects.h"

#include "slab/events.h"
#include "slab/slub_debug_checks.h"

namespace mm {

namespace {

// kernel: slab_free_hook. The request of a tracked kmalloc object is kept: else its red zone would look overwritten.
u32 write_zeros(slab_context& cx, object_ref object) {
    const debugged_slab d(cx, object.slab);
    const u32 position = d.position(object.index);
    const bool since_6_10 = cx.slabs.rules.clears_behind_info();
    const u32 behind = since_6_10 ? d.layout.info_end : d.cache.inuse;
    const u32 asked = since_6_10 ? orig_size_of(d, object.index) : d.cache.object_size;
    if (d.has_bytes()) {
        cx.page.sink.charge(d.layout.end / WORK_BYTES);
        const u32 request = orig_size_of(d, object.index);
        fill_content(cx.slabs, d.state(), position, asked, 0);
        fill_content(cx.slabs, d.state(), position + behind, d.layout.end - behind, 0);
        if (since_6_10) set_orig_size(d, object.index, request);
        // Who frees an object that is free already has cleared its pointer.
        follow_range(d, position, position + asked);
        follow_range(d, position + behind, position + d.layout.end);
    }
    return asked + d.layout.end - behind;
}

} // namespace

void clear_allocated(slab_context& cx, cache_id cache, gfp_t gfp, phys_addr_t object) {
    if (object == ADDR_NULL || cx.slabs.content.size() == 0) return;
    if (clears(init_reason_of(cx.slabs, cx.slabs.caches[cache], gfp))) zero_object(cx, object);
}

void clear_freed(slab_context& cx, cache_id cache, object_ref object) {
    const kmem_cache& owner = cx.slabs.caches[cache];
    init_reason reason = init_reason::at_free;
    if (keeps_contents(owner)) reason = init_reason::keeps;
    if (owner.ctor) reason = init_reason::ctor;
    u32 bytes = 0;
    if (reason == init_reason::at_free)
        bytes = cx.slabs.config.allocator == slab_allocator::slub ? write_zeros(cx, object) : owner.object_size;
    cx.page.sink.emit(slab_event::object_init_free, object_address(cx.slabs, cx.page.mem, object), cache, bytes,
                      reason);
}

} // namespace mm
