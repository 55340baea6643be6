// SLUB: giving an object back. kernel: mm/slub.c (do_slab_free, __slab_free)
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/slub_debug.h"
#include "slab/slub_fast_path.h"

namespace mm {

namespace {

using ev = slub_event;

// The only check without debugging: a hardened free pointer may not point at its own object, as it would when the head of
// a freelist is freed again. The kernel stops there (BUG). kernel: set_freepointer
bool points_at_itself(slab_context& cx, cache_id id, slab_id number, obj_index index, obj_index head) {
    if (index != head || !cx.slabs.config.freelist_hardened) return false;
    double_free_caught(cx, id, number, index);
    return true;
}

// What nobody notices: the object is free already, and now stands on a freelist twice.
void note_double_free(slab_context& cx, cache_id id, slab_id number, obj_index index) {
    slab& s = cx.slabs.slabs.mut(number);
    s.corrupt = true;
    cx.page.sink.emit(ev::double_free_unnoticed, id, s.pfn, index);
}

// The slab was full: it is on no list, so the CPU may take it. It was partial: it stays where it is, or, empty, goes.
void place_after_free(slab_context& cx, cache_id id, slab_id number, bool was_full) {
    slab_memory& slabs = cx.slabs;
    const kmem_cache& cache = slabs.caches[id];
    if (was_full && kmem_cache_has_cpu_partial(slabs, cache)) {
        put_cpu_partial(cx, number, true);
        count(cx, id, CPU_PARTIAL_FREE);
        return;
    }
    const slab& s = slabs.slabs[number];
    if (!was_full && s.place != slab_place::node_partial) return; // since 6.8: on a CPU's partial list
    const u32 nr_partial = slabs.node_at(id, s.node).partial.nr;
    if (s.inuse == 0) {
        const bool keep = nr_partial < cache.min_partial;
        cx.page.sink.emit(ev::slab_empty, id, s.pfn, nr_partial, cache.min_partial, keep);
        if (!keep) {
            if (!was_full) {
                remove_partial(cx, number);
                count(cx, id, FREE_REMOVE_PARTIAL);
            }
            count(cx, id, FREE_SLAB);
            discard_slab(cx, number);
            return;
        }
    }
    if (was_full) {
        add_partial(cx, number, true);
        count(cx, id, FREE_ADD_PARTIAL);
    }
}

// kernel: __slab_free
void slab_free_slow(slab_context& cx, cache_id id, slab_id number, obj_index index) {
    CallScope scope(cx.page.sink, slab_fn::slab_free_slow);
    slab_memory& slabs = cx.slabs;
    count(cx, id, FREE_SLOWPATH);
    if (kmem_cache_debug(slabs.caches[id])) return slub_debug_free(cx, id, number, index);
    const obj_index prior = slabs.slabs[number].freelist;
    if (points_at_itself(cx, id, number, index, prior)) return;
    if (!is_allocated(slabs, slabs.slabs[number], index)) note_double_free(cx, id, number, index);
    slab& s = slabs.slabs.mut(number);
    set_freepointer(slabs, cx.page.mem, s, index, prior);
    link_mut(slabs, s, index).set_allocated(false);
    s.freelist = index;
    --s.inuse;
    s.stamp = cx.page.step;
    const bool frozen = s.frozen;
    const u32 inuse = s.inuse;
    cx.page.sink.emit(ev::slow_free, id, cx.page.cpu, s.pfn, index, inuse, prior, frozen);
    if (frozen) {
        count(cx, id, FREE_FROZEN);
        return;
    }
    if (inuse == 0 || prior == OBJ_NONE) place_after_free(cx, id, number, prior == OBJ_NONE);
}

} // namespace

void slub_free(slab_context& cx, cache_id id, phys_addr_t object, object_ref found) {
    CallScope scope(cx.page.sink, slab_fn::slab_free);
    slab_memory& slabs = cx.slabs;
    if (found.index == OBJ_NONE || object != object_address(slabs, cx.page.mem, found)) [[unlikely]]
        return slub_free_misplaced(cx, id, object, found);
    const kmem_cache_cpu& before = slabs.cpu_at(id, cx.page.cpu);
    if (before.slab != found.slab || kmem_cache_debug(slabs.caches[id]))
        return slab_free_slow(cx, id, found.slab, found.index);
    // To the CPU's own slab, as slub_free_fast() does it, but the object is free already or its bytes are looked at.
    if (points_at_itself(cx, id, found.slab, found.index, before.freelist)) return;
    if (!is_allocated(slabs, slabs.slabs[found.slab], found.index)) note_double_free(cx, id, found.slab, found.index);
    const slab& s = slabs.slabs[found.slab];
    kmem_cache_cpu& c = slabs.cpu_mut(id, cx.page.cpu);
    set_freepointer(slabs, cx.page.mem, s, found.index, c.freelist);
    link_mut(slabs, s, found.index).set_allocated(false);
    c.freelist = found.index;
    ++c.tid;
    ++c.stat[FREE_FASTPATH];
    cx.page.sink.emit(ev::fast_free, id, cx.page.cpu, s.pfn, found.index, c.tid);
}

} // namespace mm
