// SLAB: caches, from their sizes to their end. kernel: mm/slab.c (__kmem_cache_create, __kmem_cache_shutdown,
// __kmem_cache_release)
#include "slab/classic_slab.h"

#include "slab/classic_size.h"
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/kmalloc.h"
#include "slab/runs.h"

namespace mm {

namespace {

using ev = classic_event;

void tell_choice(slab_context& cx, cache_id id, const classic_layout& layout) {
    CallScope scope(cx.page.sink, slab_fn::calculate_slab_order);
    const u32 page_size = 1u << cx.page.mem.page_shift;
    for (freelist_place place : {freelist_place::in_object, freelist_place::off_slab, freelist_place::on_slab}) {
        for (const order_attempt& attempt : layout.attempts)
            if (attempt.place == place)
                cx.page.sink.emit(ev::order_tried, id, attempt.order, attempt.num, attempt.left_over, place,
                                  attempt.verdict, (page_size << attempt.order) / 8);
        for (const refused_place& refused : layout.refused)
            if (refused.place == place)
                cx.page.sink.emit(ev::freelist_refused, id, place, refused.reason, refused.index_bytes);
    }
    if (layout.num > 0)
        cx.page.sink.emit(ev::classic_sized, id, layout.size, layout.order, layout.num, layout.left_over, layout.colour,
                          layout.colour_off, layout.place);
}

slab_flags_t place_flag(freelist_place place) {
    switch (place) {
    case freelist_place::in_object: return SLAB_OBJFREELIST;
    case freelist_place::off_slab: return SLAB_OFF_SLAB;
    case freelist_place::on_slab: return 0;
    }
    return 0;
}

void take_layout(slab_context& cx, kmem_cache& cache, const classic_layout& layout) {
    cache.flags |= place_flag(layout.place);
    cache.size = layout.size;
    cache.inuse = layout.size;
    cache.align = layout.align;
    cache.order = static_cast<u8>(layout.order);
    cache.min_order = cache.order;
    cache.num = layout.num;
    cache.objs = static_cast<u16>(layout.num);
    cache.min_objs = cache.objs;
    cache.left_over = layout.left_over;
    cache.colour = layout.colour;
    cache.colour_off = layout.colour_off;
    cache.freelist_size = layout.index_bytes;
    cache.allocflags = GFP_BIT_COMP;
    if (cache.flags & SLAB_CACHE_DMA) cache.allocflags |= GFP_BIT_DMA;
    if (cache.flags & SLAB_CACHE_DMA32) cache.allocflags |= GFP_BIT_DMA32;
    if (cache.flags & SLAB_RECLAIM_ACCOUNT) cache.allocflags |= GFP_BIT_RECLAIMABLE;
    if (layout.place == freelist_place::off_slab)
        cache.freelist_cache = kmalloc_slab(cx.slabs, cx.page.mem, layout.index_bytes, GFP_KERNEL);
}

// kernel: __kmem_cache_release
void release(slab_memory& slabs, cache_id id) {
    kmem_cache& cache = slabs.caches.mut(id);
    free_arrays(slabs, cache.cpu_cache, slabs.nr_cpus);
    cache.cpu_cache = RUN_NONE;
    for (u32 node = 0; node < slabs.nr_nodes; ++node) {
        kmem_cache_node& n = slabs.node_mut(id, node);
        free_arrays(slabs, n.shared, 1);
        free_arrays(slabs, n.alien, slabs.nr_nodes);
        n.shared = RUN_NONE;
        n.alien = RUN_NONE;
    }
    if (cache.random_seq != RUN_NONE) give_run(slabs.links, slabs.link_runs, cache.random_seq, cache.num);
    cache.random_seq = RUN_NONE;
}

} // namespace

bool classic_open(slab_context& cx, cache_id id) {
    slab_memory& slabs = cx.slabs;
    const kmem_cache asked = slabs.caches[id];
    const classic_layout layout =
        classic_calculate(slabs, cx.page.mem, asked.flags, asked.object_size, asked.align, asked.ctor);
    tell_choice(cx, id, layout);
    cx.page.sink.charge(layout.num);
    if (layout.num == 0) return false;
    take_layout(cx, slabs.caches.mut(id), layout);
    if (slabs.config.freelist_random && layout.num >= 2) {
        const u32 sequence = make_random_sequence(slabs, layout.num);
        slabs.caches.mut(id).random_seq = sequence;
    }
    if (enable_cpucache(cx, id)) return true;
    release(slabs, id);
    return false;
}

bool classic_shutdown(slab_context& cx, cache_id id) {
    classic_shrink(cx, id);
    slab_memory& slabs = cx.slabs;
    bool empty = true;
    for (u32 node = 0; node < slabs.nr_nodes; ++node) {
        const kmem_cache_node n = slabs.node_at(id, node);
        if (n.full.nr == 0 && n.partial.nr == 0) continue;
        empty = false;
        cx.page.sink.emit(ev::slabs_remaining, id, node, n.full.nr, n.partial.nr);
    }
    if (empty) release(slabs, id);
    return empty;
}

} // namespace mm
