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
// What slub_alloc_fast() does not serve: the slow path, and freelists that misuse has damaged.
[[nodiscard]] phys_addr_t slub_alloc_not_fast(slab_context& cx, cache_id id, gfp_t gfp, int node);
// Any free: also one to another slab than the CPU's own, and misuse.
void slub_free(slab_context& cx, cache_id id, phys_addr_t object, object_ref found);
// An object of this cache that was freed to another one, unchecked: always to the slab's own freelist.
void slub_free_unchecked(slab_context& cx, cache_id id, phys_addr_t object, object_ref found);

[[nodiscard]] inline bool node_match(const slab_memory& slabs, slab_id id, int node) {
    return node == NUMA_NO_NODE || slabs.slabs[id].node == node;
}

// How a fast path gets at what it changes: any item, or only one that nobody shares, so that it calls nothing at all.
struct any_item {
    template <class Array, class T>
    [[gnu::always_inline]] static bool find(Array& array, u32 index, T*& item) {
        item = &array.mut(index);
        return true;
    }
};
struct owned_item {
    template <class Array, class T>
    [[gnu::always_inline]] static bool find(Array& array, u32 index, T*& item) {
        return array.find_owned(index, item);
    }
};

// From the CPU's freelist. ADDR_NULL: it cannot serve, and nothing happened. A CPU without a slab has 0 objects, and the
// end of a freelist is beyond all objects. kernel: slab_alloc_node
template <class Item>
[[nodiscard]] [[gnu::always_inline]] inline phys_addr_t slub_alloc_fast(slab_context& cx, any_sink auto& sink,
                                                                        cache_id id, int node) {
    slab_memory& slabs = cx.slabs;
    kmem_cache_cpu* cpu = nullptr;
    if (!Item::find(slabs.cpus, u32{id} * slabs.nr_cpus + cx.page.cpu, cpu)) [[unlikely]]
        return ADDR_NULL;
    kmem_cache_cpu& c = *cpu;
    const obj_index index = c.freelist;
    if (index >= c.objects || !node_match(slabs, c.slab, node)) [[unlikely]]
        return ADDR_NULL;
    object_link* entry = nullptr;
    if (!Item::find(slabs.links, c.links + index, entry)) [[unlikely]]
        return ADDR_NULL;
    object_link& link = *entry;
    c.freelist = link.next();
    c.tid += slabs.tid_step;
    ++c.stat[ALLOC_FASTPATH];
    link.set_allocated(true);
    const phys_addr_t object = c.first_object + phys_addr_t{index} * c.size;
    sink.emit(slub_event::fast_alloc, id, cx.page.cpu, slabs.slabs[c.slab].pfn, index, c.freelist, c.tid);
    return object;
}

[[nodiscard]] [[gnu::always_inline]] inline phys_addr_t slub_alloc(slab_context& cx, any_sink auto& sink, cache_id id,
                                                                   gfp_t gfp, int node) {
    const phys_addr_t object = slub_alloc_fast<any_item>(cx, sink, id, node);
    if (object != ADDR_NULL) [[likely]]
        return object;
    return slub_alloc_not_fast(cx, id, gfp, node);
}

// The usual free: an object of the CPU's own slab goes to its freelist. False: it is not as usual, and nothing happened.
//
//   index = (object - first_object) / size, which the reciprocal gives without a division: exactly where an object
//   begins, since index < 2^15 and size <= 2^26; elsewhere index * size leads to another place.
//
// kernel: do_slab_free
template <class Item>
[[nodiscard]] [[gnu::always_inline]] inline bool slub_free_fast(slab_context& cx, any_sink auto& sink, cache_id id,
                                                                phys_addr_t object) {
    slab_memory& slabs = cx.slabs;
    if (!slabs.plain) [[unlikely]] // free pointers may have to be written, or objects cleared
        return false;
    kmem_cache_cpu* cpu = nullptr;
    if (!Item::find(slabs.cpus, u32{id} * slabs.nr_cpus + cx.page.cpu, cpu)) [[unlikely]]
        return false;
    kmem_cache_cpu& c = *cpu;
    const u64 position = object - c.first_object;
    const u32 number = static_cast<u32>(u64{static_cast<u32>(position)} * c.reciprocal_size >> 32);
    if (number >= c.objects || u64{number} * c.size != position) return false;
    const auto index = static_cast<obj_index>(number);
    object_link* entry = nullptr;
    if (!Item::find(slabs.links, c.links + index, entry)) [[unlikely]]
        return false;
    object_link& link = *entry;
    if (!link.allocated() || index == c.freelist) [[unlikely]] // a double free
        return false;
    CallScope scope(sink, slab_fn::slab_free);
    link.set_next(c.freelist);
    link.set_allocated(false);
    c.freelist = index;
    c.tid += slabs.tid_step;
    ++c.stat[FREE_FASTPATH];
    sink.emit(slub_event::fast_free, id, cx.page.cpu, slabs.slabs[c.slab].pfn, index, c.tid);
    return true;
}

} // namespace mm
