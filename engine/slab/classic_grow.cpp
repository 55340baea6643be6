// SLAB: slabs, from new pages to their end. kernel: mm/slab.c (cache_grow_begin, cache_grow_end, slab_destroy)
#include <algorithm>

#include "slab/classic_size.h"
#include "slab/classic_slab.h"
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/kmalloc.h"

namespace mm {

namespace {

using ev = classic_event;

constexpr gfp_t GFP_CONSTRAINT_MASK = GFP_BIT_HARDWALL | GFP_BIT_THISNODE;
constexpr gfp_t GFP_RECLAIM_MASK = GFP_RECLAIM | GFP_BIT_HIGH | GFP_BIT_IO | GFP_BIT_FS | GFP_BIT_NOWARN |
                                   GFP_BIT_RETRY_MAYFAIL | GFP_BIT_NOFAIL | GFP_BIT_NORETRY | GFP_BIT_MEMALLOC |
                                   GFP_BIT_NOMEMALLOC | GFP_BIT_ATOMIC;

// The offset of the next slab: 1, 2, ... colour-1, 0, 1, ... times colour_off. The first slab of a node begins with 1.
u32 next_colour(slab_memory& slabs, cache_id id, u32 node) {
    const kmem_cache& cache = slabs.caches[id];
    kmem_cache_node& n = slabs.node_mut(id, node);
    if (++n.colour_next >= cache.colour) n.colour_next = 0;
    return n.colour_next;
}

//   num 4, random_seq 2 0 3 1, start 1, in object:   holder 0, index array 3 1 2 0   (the holder is taken last)
//   the same on or off the slab:                                index array 0 3 1 2
// kernel: shuffle_freelist
void shuffle(slab_memory& slabs, const kmem_cache& cache, slab& s) {
    u32 at = static_cast<u32>(next_random(slabs) % cache.num);
    const auto next_slot = [&] {
        const obj_index index = slabs.links[cache.random_seq + at].next();
        at = at + 1 == cache.num ? 0 : at + 1;
        return index;
    };
    u32 count = cache.num;
    if (cache.flags & SLAB_OBJFREELIST) {
        s.freelist = next_slot();
        link_mut(slabs, s, static_cast<obj_index>(--count)).set_next(s.freelist);
    }
    for (u32 i = 0; i < count; ++i) link_mut(slabs, s, static_cast<obj_index>(i)).set_next(next_slot());
}

// The index array of a new slab. kernel: cache_init_objs
void build_index(slab_context& cx, cache_id id, slab_id number) {
    slab_memory& slabs = cx.slabs;
    const kmem_cache& cache = slabs.caches[id];
    slab& s = slabs.slabs.mut(number);
    cx.page.sink.charge(s.objects);
    for (u32 i = 0; i < s.objects; ++i) {
        object_link& link = link_mut(slabs, s, static_cast<obj_index>(i));
        link = {};
        link.set_next(static_cast<obj_index>(i));
    }
    if (cache.flags & SLAB_OBJFREELIST) s.freelist = static_cast<obj_index>(s.objects - 1);
    const bool shuffled = cache.random_seq != RUN_NONE;
    if (shuffled) shuffle(slabs, cache, s);
    const freelist_place place = cache.flags & SLAB_OBJFREELIST ? freelist_place::in_object
                                 : cache.flags & SLAB_OFF_SLAB  ? freelist_place::off_slab
                                                                : freelist_place::on_slab;
    const obj_index holder = s.freelist;
    cx.page.sink.emit(ev::index_built, id, s.pfn, s.objects, next_free(slabs, s, 0), holder, cache.freelist_size,
                      shuffled, place);
}

// Off-slab: an object of kmalloc holds the index array. kernel: alloc_slabmgmt
bool take_management(slab_context& cx, cache_id id, slab_id number, gfp_t gfp, u32 node) {
    const kmem_cache& cache = cx.slabs.caches[id];
    if (!(cache.flags & SLAB_OFF_SLAB)) return true;
    const u32 bytes = cache.freelist_size;
    const cache_id from = cache.freelist_cache;
    const phys_addr_t object = cx.slabs.rules.slab_shares_kmalloc()
                                   ? kmalloc_node(cx, bytes, gfp, static_cast<int>(node))
                                   : kmem_cache_alloc_node(cx, from, gfp, static_cast<int>(node));
    if (object == ADDR_NULL) return false;
    cx.slabs.slabs.mut(number).management = object;
    cx.page.sink.emit(ev::index_off_slab, id, cx.slabs.slabs[number].pfn, object, bytes);
    return true;
}

} // namespace

slab_id cache_grow_begin(slab_context& cx, cache_id id, gfp_t gfp, u32 node) {
    CallScope scope(cx.page.sink, slab_fn::cache_grow);
    slab_memory& slabs = cx.slabs;
    const gfp_t local_flags = gfp & (GFP_CONSTRAINT_MASK | GFP_RECLAIM_MASK);
    const u32 order = slabs.caches[id].order;
    const pfn_t pfn = alloc_pages(cx.page, {order, local_flags | slabs.caches[id].allocflags, static_cast<int>(node)});
    if (pfn == PFN_NONE) {
        cx.page.sink.emit(ev::slab_grow_failed, id, node, order, gfp);
        return SLAB_NONE;
    }
    const slab_id number = add_slab(cx, id, pfn, order, slabs.caches[id].num);
    const u32 page_node = slabs.slabs[number].node;
    const u32 colour = next_colour(slabs, id, page_node);
    const u32 offset = colour * slabs.caches[id].colour_off;
    slabs.slabs.mut(number).colour_off = offset;
    cx.page.sink.emit(ev::slab_grown, id, pfn, order, slabs.caches[id].num, page_node, colour, slabs.caches[id].colour,
                      offset);
    if (!take_management(cx, id, number, local_flags & ~GFP_CONSTRAINT_MASK, page_node)) {
        remove_slab(cx, number);
        return SLAB_NONE;
    }
    build_index(cx, id, number);
    return number;
}

void cache_grow_end(slab_context& cx, slab_id number) {
    if (number == SLAB_NONE) return;
    slab_memory& slabs = cx.slabs;
    const slab& s = slabs.slabs[number];
    const cache_id id = s.cache;
    kmem_cache_node& n = slabs.node_mut(id, s.node);
    ++n.nr_slabs;
    n.total_objects += s.objects;
    n.free_objects += static_cast<u32>(s.objects - s.inuse);
    ++slabs.caches.mut(id).grown;
    if (s.inuse > 0) return fixup_slab_list(cx, number);
    list_slab(slabs, number, slab_place::node_free, true);
    cx.page.sink.emit(ev::slab_listed, id, s.node, s.pfn, 0, s.objects, slab_place::node_free);
}

void slab_destroy(slab_context& cx, slab_id number) {
    CallScope scope(cx.page.sink, slab_fn::slab_destroy);
    slab_memory& slabs = cx.slabs;
    if (slabs.slabs[number].corrupt) drop_dangling(cx, number);
    const slab s = slabs.slabs[number];
    cx.page.sink.emit(ev::slab_destroyed, s.cache, s.pfn, s.order, s.objects);
    remove_slab(cx, number);
    if (s.management == ADDR_NULL) return;
    if (slabs.rules.slab_shares_kmalloc())
        kfree(cx, s.management);
    else
        kmem_cache_free(cx, slabs.caches[s.cache].freelist_cache, s.management);
}

//   index array  0 1 2 3, active 1:   object 1 is handed out, active becomes 2
object_ref slab_get_obj(slab_memory& slabs, slab_id number) {
    slab& s = slabs.slabs.mut(number);
    const obj_index index = next_free(slabs, s, static_cast<obj_index>(s.inuse));
    ++s.inuse;
    return {number, index, NO_CPU};
}

slab_list& list_of(kmem_cache_node& n, slab_place place) {
    if (place == slab_place::node_full) return n.full;
    return place == slab_place::node_free ? n.free : n.partial;
}

void unlist_slab(slab_memory& slabs, slab_id number) {
    slab& s = slabs.slabs.mut(number);
    if (s.place == slab_place::none) return;
    list_del(slabs, list_of(slabs.node_mut(s.cache, s.node), s.place), number);
    s.place = slab_place::none;
}

void list_slab(slab_memory& slabs, slab_id number, slab_place place, bool tail) {
    slab& s = slabs.slabs.mut(number);
    s.place = place;
    list_add(slabs, list_of(slabs.node_mut(s.cache, s.node), place), number, tail);
}

void fixup_slab_list(slab_context& cx, slab_id number) {
    slab_memory& slabs = cx.slabs;
    const slab_place before = slabs.slabs[number].place;
    unlist_slab(slabs, number);
    slab& s = slabs.slabs.mut(number);
    s.stamp = cx.page.step;
    const bool full = s.inuse == s.objects;
    // The object that held the index array has been handed out as the last.
    if (full) s.freelist = OBJ_NONE;
    const slab_place place = full ? slab_place::node_full : slab_place::node_partial;
    list_slab(slabs, number, place, false);
    if (place == before) return;
    const slab& now = slabs.slabs[number];
    cx.page.sink.emit(ev::slab_listed, now.cache, now.node, now.pfn, now.inuse, now.objects, place);
}

} // namespace mm
