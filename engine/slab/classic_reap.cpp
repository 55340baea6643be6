// SLAB: objects and slabs that nobody uses go back. kernel: mm/slab.c (cache_reap, drain_array, drain_freelist, do_drain)
#include <algorithm>
#include <limits>

#include "slab/classic_slab.h"
#include "slab/events.h"
#include "slab/functions.h"

namespace mm {

namespace {

using ev = classic_event;

constexpr u32 ALL = std::numeric_limits<u32>::max();

// The oldest entries of an array: all, or a fifth of what it may hold and at most half of what it holds. kernel:
// drain_array_locked
void drain_entries(slab_context& cx, cache_id id, array_kind kind, u32 array, u32 owner, u32 node, bool all) {
    slab_memory& slabs = cx.slabs;
    const array_cache& ac = slabs.arrays[array];
    if (ac.avail == 0) return;
    u32 tofree = all ? ac.avail : (ac.limit + 4) / 5;
    if (tofree > ac.avail) tofree = (ac.avail + 1) / 2;
    cx.page.sink.emit(ev::array_drained, id, kind, owner, tofree, ac.avail - tofree, ac.limit);
    std::vector<slab_id> doomed;
    const std::vector<object_ref> oldest = take_oldest(cx, array, tofree);
    free_block(cx, id, node, oldest, doomed);
    slabs_destroy(cx, doomed);
}

// An array that was used since the last turn is left alone this time. kernel: drain_array
void drain_array(slab_context& cx, cache_id id, array_kind kind, u32 array, u32 owner, u32 node) {
    if (array == RUN_NONE || cx.slabs.arrays[array].avail == 0) return;
    CallScope scope(cx.page.sink, slab_fn::drain_array);
    if (cx.slabs.arrays[array].touched) {
        cx.slabs.arrays.mut(array).touched = 0;
        cx.page.sink.emit(ev::array_spared, id, kind, owner, cx.slabs.arrays[array].avail);
        return;
    }
    drain_entries(cx, id, kind, array, owner, node, false);
}

// kernel: reap_alien
void reap_alien(slab_context& cx, cache_id id, u32 node, u32 remote) {
    if (cx.slabs.node_at(id, node).alien == RUN_NONE || remote == node) return;
    std::vector<slab_id> doomed;
    drain_alien_cache(cx, id, node, remote, doomed);
    slabs_destroy(cx, doomed);
}

// Free slabs go when none was needed since the last turn: as many as hold a fifth of free_limit.
void reap_free_slabs(slab_context& cx, cache_id id, u32 node) {
    slab_memory& slabs = cx.slabs;
    if (slabs.node_at(id, node).free_touched) {
        slabs.node_mut(id, node).free_touched = false;
        cx.page.sink.emit(ev::free_slabs_spared, id, node, slabs.node_at(id, node).free.nr);
        return;
    }
    if (slabs.node_at(id, node).free.nr == 0) return;
    const u32 num = slabs.caches[id].num;
    const u32 free_limit = slabs.node_at(id, node).free_limit;
    const u32 tofree = static_cast<u32>((u64{free_limit} + 5 * u64{num} - 1) / (5 * u64{num}));
    const u32 freed = drain_freelist(cx, id, node, tofree);
    slabs.caches.mut(id).reaped += freed;
    cx.page.sink.emit(ev::free_slabs_reaped, id, node, free_limit, num, tofree, freed);
}

} // namespace

void cache_reap(slab_context& cx, bool node_turn) {
    CallScope scope(cx.page.sink, slab_fn::cache_reap);
    slab_memory& slabs = cx.slabs;
    const u32 cpu = cx.page.cpu;
    const u32 node = local_node(cx);
    const u32 remote = slabs.reap_node[cpu];
    cx.page.sink.emit(ev::reap_begins, cpu, node, remote, node_turn);
    for (cache_id id = slabs.slab_caches; id != CACHE_NONE; id = slabs.caches[id].list_next) {
        cx.page.sink.charge(4);
        reap_alien(cx, id, node, remote);
        drain_array(cx, id, array_kind::cpu, slabs.caches[id].cpu_cache + cpu, cpu, node);
        if (!node_turn) continue;
        drain_array(cx, id, array_kind::shared, slabs.node_at(id, node).shared, node, node);
        reap_free_slabs(cx, id, node);
    }
    slabs.reap_node[cpu] = static_cast<u8>((remote + 1) % slabs.nr_nodes);
}

// From the tail: the slabs that have been empty longest.
u32 drain_freelist(slab_context& cx, cache_id id, u32 node, u32 tofree) {
    CallScope scope(cx.page.sink, slab_fn::drain_freelist);
    slab_memory& slabs = cx.slabs;
    u32 freed = 0;
    for (; freed < tofree && !cx.page.sink.spent(); ++freed) {
        const slab_id number = slabs.node_at(id, node).free.last;
        if (number == SLAB_NONE) break;
        kmem_cache_node& n = slabs.node_mut(id, node);
        n.free_objects -= slabs.slabs[number].objects;
        n.total_objects -= slabs.slabs[number].objects;
        --n.nr_slabs;
        unlist_slab(slabs, number);
        slab_destroy(cx, number);
    }
    return freed;
}

void drain_cpu_caches(slab_context& cx, cache_id id) {
    CallScope scope(cx.page.sink, slab_fn::drain_cpu_caches);
    slab_memory& slabs = cx.slabs;
    cx.page.sink.charge(u64{slabs.nr_cpus} + u64{slabs.nr_nodes} * slabs.nr_nodes);
    for (u32 cpu = 0; cpu < slabs.nr_cpus; ++cpu) {
        slab_context on_cpu{slabs, {cx.page.mem, cx.page.sink, cpu, cx.page.step}};
        drain_entries(on_cpu, id, array_kind::cpu, slabs.caches[id].cpu_cache + cpu, cpu, local_node(on_cpu), true);
    }
    for (u32 owner = 0; owner < slabs.nr_nodes; ++owner)
        for (u32 remote = 0; remote < slabs.nr_nodes; ++remote) reap_alien(cx, id, owner, remote);
    for (u32 node = 0; node < slabs.nr_nodes; ++node)
        if (const u32 shared = slabs.node_at(id, node).shared; shared != RUN_NONE)
            drain_entries(cx, id, array_kind::shared, shared, node, node, true);
}

// kernel: __kmem_cache_shrink
void classic_shrink(slab_context& cx, cache_id id) {
    drain_cpu_caches(cx, id);
    for (u32 node = 0; node < cx.slabs.nr_nodes; ++node) drain_freelist(cx, id, node, ALL);
}

} // namespace mm
