// SLAB: taking an object. kernel: mm/slab.c (____cache_alloc, cache_alloc_refill, ____cache_alloc_node, fallback_alloc)
#include <algorithm>

#include "slab/classic_slab.h"
#include "slab/events.h"
#include "slab/functions.h"

namespace mm {

namespace {

using ev = classic_event;

constexpr object_ref NO_OBJECT{};

// Where a refill may come from without waiting: this node, no reclaim. kernel: gfp_exact_node
gfp_t gfp_exact_node(const slab_memory& slabs, gfp_t gfp) {
    if (!has_numa(slabs)) return gfp & ~static_cast<gfp_t>(GFP_BIT_NOFAIL);
    return (gfp | GFP_BIT_THISNODE | GFP_BIT_NOWARN) & ~(GFP_RECLAIM | GFP_BIT_NOFAIL);
}

// Partial slabs first, then free ones. kernel: get_first_slab
slab_id get_first_slab(slab_memory& slabs, cache_id id, u32 node) {
    kmem_cache_node& n = slabs.node_mut(id, node);
    if (n.partial.first != SLAB_NONE) return n.partial.first;
    n.free_touched = true;
    return n.free.first;
}

// Up to `batchcount` objects of a slab for the CPU's array. What is still missing. kernel: alloc_block
u32 alloc_block(slab_context& cx, cache_id id, u32 array, slab_id number, u32 batchcount) {
    slab_memory& slabs = cx.slabs;
    refill_source from = refill_source::grown;
    if (slabs.slabs[number].place == slab_place::node_partial) from = refill_source::partial;
    if (slabs.slabs[number].place == slab_place::node_free) from = refill_source::free;
    u32 taken = 0;
    for (; slabs.slabs[number].inuse < slabs.slabs[number].objects && taken < batchcount; ++taken)
        push_object(slabs, array, slab_get_obj(slabs, number));
    const slab& s = slabs.slabs[number];
    cx.page.sink.charge(taken);
    cx.page.sink.emit(ev::slab_refill, id, cx.page.cpu, s.pfn, taken, s.inuse, s.objects, from);
    return batchcount - taken;
}

// kernel: the loop of cache_alloc_refill()
void refill_from_slabs(slab_context& cx, cache_id id, u32 array, u32 node, u32 batchcount) {
    slab_memory& slabs = cx.slabs;
    while (batchcount > 0) {
        const slab_id number = get_first_slab(slabs, id, node);
        if (number == SLAB_NONE) break;
        batchcount = alloc_block(cx, id, array, number, batchcount);
        fixup_slab_list(cx, number);
    }
    slabs.node_mut(id, node).free_objects -= slabs.arrays[array].avail;
}

// From the node's shared array, else its slabs. False: the node has nothing.
bool refill(slab_context& cx, cache_id id, u32 array, u32 node, u32 batchcount) {
    slab_memory& slabs = cx.slabs;
    const u32 shared = slabs.node_at(id, node).shared;
    const bool shared_has = shared != RUN_NONE && slabs.arrays[shared].avail > 0;
    if (!shared_has && slabs.node_at(id, node).free_objects == 0) return false;
    if (shared_has) {
        CallScope scope(cx.page.sink, slab_fn::transfer_objects);
        const u32 moved = transfer_objects(slabs, array, shared, batchcount);
        cx.page.sink.charge(moved);
        slabs.arrays.mut(shared).touched = 1;
        cx.page.sink.emit(ev::shared_refill, id, cx.page.cpu, node, moved, slabs.arrays[shared].avail);
    } else {
        refill_from_slabs(cx, id, array, node, batchcount);
    }
    return slabs.arrays[array].avail > 0;
}

object_ref pop_object(slab_memory& slabs, u32 array) {
    array_cache& ac = slabs.arrays.mut(array);
    ac.touched = 1;
    return slabs.entries[ac.entries + --ac.avail];
}

object_ref cache_alloc_refill(slab_context& cx, cache_id id, gfp_t gfp) {
    CallScope scope(cx.page.sink, slab_fn::cache_alloc_refill);
    slab_memory& slabs = cx.slabs;
    const u32 node = local_node(cx);
    const u32 array = slabs.caches[id].cpu_cache + cx.page.cpu;
    const array_cache& ac = slabs.arrays[array];
    const bool idle = !ac.touched && ac.batchcount > BATCHREFILL_LIMIT;
    const u32 batchcount = idle ? BATCHREFILL_LIMIT : ac.batchcount;
    cx.page.sink.emit(ev::array_empty, id, cx.page.cpu, batchcount, idle);
    if (!refill(cx, id, array, node, batchcount)) {
        const slab_id number = cache_grow_begin(cx, id, gfp_exact_node(slabs, gfp), node);
        if (number == SLAB_NONE) return NO_OBJECT;
        alloc_block(cx, id, array, number, batchcount);
        cache_grow_end(cx, number);
    }
    return pop_object(slabs, array);
}

// 0: the object comes from a slab, 1: this CPU freed it, 2: another CPU did.
u32 warmth(const slab_context& cx, object_ref object) {
    if (object.warm_cpu == NO_CPU) return 0;
    return object.warm_cpu == cx.page.cpu ? 1 : 2;
}

object_ref cache_alloc(slab_context& cx, cache_id id, gfp_t gfp) {
    CallScope scope(cx.page.sink, slab_fn::cache_alloc);
    slab_memory& slabs = cx.slabs;
    const u32 array = slabs.caches[id].cpu_cache + cx.page.cpu;
    array_cache& ac = slabs.arrays.mut(array);
    if (ac.avail == 0) {
        ++ac.misses;
        return cache_alloc_refill(cx, id, gfp);
    }
    ++ac.hits;
    const object_ref object = pop_object(slabs, array);
    cx.page.sink.emit(ev::array_hit, id, cx.page.cpu, object_address(slabs, cx.page.mem, object),
                      slabs.arrays[array].avail, warmth(cx, object));
    return object;
}

object_ref cache_alloc_node(slab_context& cx, cache_id id, gfp_t gfp, u32 node);

// Other nodes' objects, in the order of the zonelist; then pages from anywhere. kernel: fallback_alloc
object_ref fallback_alloc(slab_context& cx, cache_id id, gfp_t gfp) {
    if (gfp & GFP_BIT_THISNODE) return NO_OBJECT;
    CallScope scope(cx.page.sink, slab_fn::fallback_alloc);
    slab_memory& slabs = cx.slabs;
    const physical_memory& mem = cx.page.mem;
    const u32 local = local_node(cx);
    const gfp_t exact = gfp_exact_node(slabs, gfp);
    const u32 highest = gfp_zone_index(mem, gfp);
    for (u8 number : mem.nodes[local].node_zonelists[ZONELIST_FALLBACK]) {
        const u32 node = mem.zones[number].node;
        const u32 free_objects = slabs.node_at(id, node).free_objects;
        if (number % mem.nr_zone_types > highest || free_objects == 0) continue;
        cx.page.sink.emit(ev::fallback_node, id, node, free_objects);
        const object_ref object = cache_alloc_node(cx, id, exact, node);
        if (object.slab != SLAB_NONE) return object;
    }
    cx.page.sink.emit(ev::fallback_grow, id, local, gfp);
    const slab_id grown = cache_grow_begin(cx, id, gfp, local);
    cache_grow_end(cx, grown);
    return grown == SLAB_NONE ? NO_OBJECT : cache_alloc_node(cx, id, exact, slabs.slabs[grown].node);
}

// One object from a node's slabs, past all arrays. kernel: ____cache_alloc_node
object_ref cache_alloc_node(slab_context& cx, cache_id id, gfp_t gfp, u32 node) {
    CallScope scope(cx.page.sink, slab_fn::cache_alloc_node);
    slab_memory& slabs = cx.slabs;
    object_ref object;
    if (const slab_id number = get_first_slab(slabs, id, node); number != SLAB_NONE) {
        object = slab_get_obj(slabs, number);
        --slabs.node_mut(id, node).free_objects;
        fixup_slab_list(cx, number);
    } else if (const slab_id grown = cache_grow_begin(cx, id, gfp_exact_node(slabs, gfp), node); grown != SLAB_NONE) {
        object = slab_get_obj(slabs, grown);
        cache_grow_end(cx, grown);
    } else {
        return fallback_alloc(cx, id, gfp);
    }
    cx.page.sink.emit(ev::node_object_taken, id, node, slabs.slabs[object.slab].pfn, object.index,
                      slabs.node_at(id, node).free_objects);
    return object;
}

} // namespace

phys_addr_t classic_alloc(slab_context& cx, cache_id id, gfp_t gfp, int node) {
    slab_memory& slabs = cx.slabs;
    const u32 local = local_node(cx);
    const u32 wanted = node < 0 ? local : static_cast<u32>(node);
    object_ref object;
    if (wanted == local) object = cache_alloc(cx, id, gfp);
    if (object.slab == SLAB_NONE && has_numa(slabs)) object = cache_alloc_node(cx, id, gfp, wanted);
    if (object.slab == SLAB_NONE) return ADDR_NULL;
    link_mut(slabs, slabs.slabs[object.slab], object.index).set_allocated(true);
    return object_address(slabs, cx.page.mem, object);
}

} // namespace mm
