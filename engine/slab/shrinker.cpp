#include "slab/shrinker.h"

#include "slab/allocators.h"

namespace mm {

namespace {

u64 empty_objects(const slab_memory& slabs, cache_id id, u32 node) {
    const kmem_cache_node& n = slabs.node_at(id, node);
    u64 objects = 0;
    const slab_id lists[] = {n.partial.first, n.free.first};
    for (slab_id first : lists)
        for (slab_id at = first; at != SLAB_NONE; at = slabs.slabs[at].next)
            if (slabs.slabs[at].inuse == 0) objects += slabs.slabs[at].objects;
    return objects;
}

} // namespace

u64 count_objects(const slab_memory& slabs, const shrink_control& control) {
    if (control.node >= slabs.nr_nodes) return 0;
    u64 objects = 0;
    for (cache_id id = slabs.slab_caches; id != CACHE_NONE; id = slabs.caches[id].list_next)
        objects += empty_objects(slabs, id, control.node);
    return objects;
}

// Cache after cache, oldest first, until enough objects were looked at.
u64 scan_objects(slab_context& cx, shrink_control& control) {
    slab_memory& slabs = cx.slabs;
    if (control.node >= slabs.nr_nodes) return 0;
    u64 pages = 0;
    for (cache_id id = slabs.slab_caches_last; id != CACHE_NONE; id = slabs.caches[id].list_prev) {
        if (control.nr_scanned >= control.nr_to_scan) break;
        const u64 objects = empty_objects(slabs, id, control.node);
        if (objects == 0) continue;
        const u32 slabs_before = slabs.node_at(id, control.node).nr_slabs;
        kmem_cache_shrink(cx, id);
        control.nr_scanned += static_cast<u32>(objects);
        pages += u64{slabs_before - slabs.node_at(id, control.node).nr_slabs} << slabs.caches[id].order;
    }
    return pages;
}

} // namespace mm
