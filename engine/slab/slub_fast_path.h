#pragma once
// SLUB as nearly every request meets it: an object is popped from the CPU's freelist, or pushed on it. Inline and for both
// kinds of sink, so that this becomes one function with what calls it in caches.cpp and kmalloc.cpp. What happens to one
// request in many is in slub_alloc.cpp and slub_free.cpp, and tells its events to the sink of the context.
#include "slab/content.h"
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/slub.h"

namespace mm {

// From beyond the CPU's freelist. kernel: ___slab_alloc
[[nodiscard]] phys_addr_t slab_alloc_slow(slab_context& cx, cache_id id, gfp_t gfp, int node);
// Misuse has written over a free pointer, and the freelist leads to no object: the kernel would follow it and fault.
[[nodiscard]] phys_addr_t slab_alloc_damaged(slab_context& cx, cache_id id, gfp_t gfp, int node);
// Any free: also one to another slab than the CPU's own, and misuse.
void slub_free(slab_context& cx, cache_id id, phys_addr_t object, object_ref found);

[[nodiscard]] inline bool node_match(const slab_memory& slabs, slab_id id, int node) {
    constexpr int NUMA_NO_NODE = -1;
    return node == NUMA_NO_NODE || slabs.slabs[id].node == node;
}

// Where object `index` begins, as its holder sees it. SLUB's slabs have no colour.
[[nodiscard]] inline phys_addr_t slub_address(const physical_memory& mem, const kmem_cache& cache, const slab& s,
                                              obj_index index) {
    return (phys_addr_t{s.pfn} << mem.page_shift) + cache.red_left_pad + phys_addr_t{index} * cache.size;
}

// kernel: slab_alloc_node
[[nodiscard]] [[gnu::always_inline]] inline phys_addr_t slub_alloc(slab_context& cx, any_sink auto& sink, cache_id id,
                                                                   gfp_t gfp, int node) {
    slab_memory& slabs = cx.slabs;
    kmem_cache_cpu& c = slabs.cpu_mut(id, cx.page.cpu);
    if (c.freelist == OBJ_NONE || c.slab == SLAB_NONE || !node_match(slabs, c.slab, node)) [[unlikely]]
        return slab_alloc_slow(cx, id, gfp, node);
    const slab& s = slabs.slabs[c.slab];
    const obj_index index = c.freelist;
    if (index >= s.objects) [[unlikely]]
        return slab_alloc_damaged(cx, id, gfp, node);
    object_link& link = link_mut(slabs, s, index);
    c.freelist = link.next();
    ++c.tid;
    ++c.stat[ALLOC_FASTPATH];
    link.set_allocated(true);
    const phys_addr_t object = slub_address(cx.page.mem, slabs.caches[id], s, index);
    sink.emit(slub_event::fast_alloc, id, cx.page.cpu, s.pfn, index, c.freelist, c.tid);
    return object;
}

// The usual free: an object of the CPU's own slab goes to its freelist. False: it is not as usual, and nothing happened.
// The frames of a slab all know it, so that an address inside the slab needs no look at its frame. kernel: do_slab_free
[[nodiscard]] [[gnu::always_inline]] inline bool slub_free_fast(slab_context& cx, any_sink auto& sink, cache_id id,
                                                                phys_addr_t object) {
    slab_memory& slabs = cx.slabs;
    kmem_cache_cpu& c = slabs.cpu_mut(id, cx.page.cpu);
    if (c.slab == SLAB_NONE) return false;
    const slab& s = slabs.slabs[c.slab];
    const u64 position = object - (phys_addr_t{s.pfn} << cx.page.mem.page_shift);
    const kmem_cache& cache = slabs.caches[id];
    if (position >= slab_bytes(cx.page.mem, s) || kmem_cache_debug(cache) || s.content != RUN_NONE) return false;
    const u32 number = static_cast<u32>(position) / cache.size;
    if (number >= s.objects || position != cache.red_left_pad + number * cache.size) [[unlikely]]
        return false;
    const auto index = static_cast<obj_index>(number);
    object_link& link = link_mut(slabs, s, index);
    if (!link.allocated() || index == c.freelist) [[unlikely]] // a double free
        return false;
    CallScope scope(sink, slab_fn::slab_free);
    link.set_next(c.freelist);
    link.set_allocated(false);
    c.freelist = index;
    ++c.tid;
    ++c.stat[FREE_FASTPATH];
    sink.emit(slub_event::fast_free, id, cx.page.cpu, s.pfn, index, c.tid);
    return true;
}

} // namespace mm
