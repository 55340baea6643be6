// SLUB: partial lists of CPUs and nodes. kernel: mm/slub.c
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/slub.h"
#include "slab/slub_debug.h"

namespace mm {

namespace {

using ev = slub_event;

} // namespace

void add_partial(slab_context& cx, slab_id id, bool tail) {
    slab& s = cx.slabs.slabs.mut(id);
    s.place = slab_place::node_partial;
    s.stamp = cx.page.step;
    const cache_id cache = s.cache;
    const u32 node = s.node;
    list_add(cx.slabs, cx.slabs.node_mut(cache, node).partial, id, tail);
    cx.page.sink.emit(ev::node_partial_add, cache, node, cx.slabs.slabs[id].pfn, tail,
                      cx.slabs.node_at(cache, node).partial.nr);
}

void remove_partial(slab_context& cx, slab_id id) {
    slab& s = cx.slabs.slabs.mut(id);
    s.place = slab_place::none;
    s.stamp = cx.page.step;
    const cache_id cache = s.cache;
    const u32 node = s.node;
    list_del(cx.slabs, cx.slabs.node_mut(cache, node).partial, id);
    cx.page.sink.emit(ev::node_partial_remove, cache, node, cx.slabs.slabs[id].pfn,
                      cx.slabs.node_at(cache, node).partial.nr);
}

//   CPU's partial list: c -> b -> a       node's partial list: ... c b a   (at the tail, in this order)
// An empty slab is given back instead when the node has min_partial already. kernel: __unfreeze_partials, __put_partials
void unfreeze_partials(slab_context& cx, cache_id id, u32 cpu) {
    slab_memory& slabs = cx.slabs;
    slab_id at = slabs.cpu_at(id, cpu).partial;
    if (at == SLAB_NONE) return;
    CallScope scope(cx.page.sink, slab_fn::unfreeze_partials);
    slabs.cpu_mut(id, cpu).partial = SLAB_NONE;
    const u32 min_partial = slabs.caches[id].min_partial;
    slab_id discard = SLAB_NONE;
    while (at != SLAB_NONE) {
        slab& s = slabs.slabs.mut(at);
        const slab_id next = s.next;
        s.next = SLAB_NONE;
        s.frozen = false;
        if (s.inuse == 0 && slabs.node_at(id, s.node).partial.nr >= min_partial) {
            s.place = slab_place::none;
            s.next = discard;
            discard = at;
        } else {
            add_partial(cx, at, true);
            ++slabs.cpu_mut(id, cpu).stat[FREE_ADD_PARTIAL];
        }
        at = next;
    }
    while (discard != SLAB_NONE) {
        const slab_id next = slabs.slabs[discard].next;
        slabs.slabs.mut(discard).next = SLAB_NONE;
        kmem_cache_cpu& c = slabs.cpu_mut(id, cpu);
        ++c.stat[DEACTIVATE_EMPTY];
        ++c.stat[FREE_SLAB];
        discard_slab(cx, discard);
        discard = next;
    }
}

//   before   partial -> b (2) -> a (1)          the number is what the head counts: slabs on the list
//   after    partial -> new (3) -> b -> a
void put_cpu_partial(slab_context& cx, slab_id id, bool drain) {
    CallScope scope(cx.page.sink, slab_fn::put_cpu_partial);
    slab_memory& slabs = cx.slabs;
    const cache_id cache_number = slabs.slabs[id].cache;
    const kmem_cache& cache = slabs.caches[cache_number];
    const u32 cpu = cx.page.cpu;
    const bool by_slabs = slabs.rules.cpu_partial_by_slabs();
    const u32 limit = by_slabs ? cache.cpu_partial_slabs : cache.cpu_partial;
    const slab_id old = slabs.cpu_at(cache_number, cpu).partial;
    u32 nr_slabs = 0;
    u32 nr_objects = 0;
    if (old != SLAB_NONE) {
        nr_slabs = slabs.slabs[old].cpu_partial_slabs;
        nr_objects = slabs.slabs[old].cpu_partial_objects;
        const bool full = by_slabs ? nr_slabs >= limit : nr_objects > limit;
        if (drain && full) {
            cx.page.sink.emit(ev::cpu_partial_full, cache_number, cpu, nr_slabs, by_slabs ? nr_slabs : nr_objects,
                              limit, by_slabs);
            unfreeze_partials(cx, cache_number, cpu);
            ++slabs.cpu_mut(cache_number, cpu).stat[CPU_PARTIAL_DRAIN];
            nr_slabs = 0;
            nr_objects = 0;
        }
    }
    slab& s = slabs.slabs.mut(id);
    s.next = slabs.cpu_at(cache_number, cpu).partial;
    s.prev = SLAB_NONE;
    s.place = slab_place::cpu_partial;
    s.cpu = static_cast<u8>(cpu);
    s.frozen = slabs.rules.cpu_partial_frozen();
    s.cpu_partial_slabs = static_cast<u16>(nr_slabs + 1);
    s.cpu_partial_objects = nr_objects + s.objects - s.inuse;
    s.stamp = cx.page.step;
    const u32 shown = by_slabs ? s.cpu_partial_slabs : s.cpu_partial_objects;
    const pfn_t pfn = s.pfn;
    const u32 free = static_cast<u32>(s.objects - s.inuse);
    slabs.cpu_mut(cache_number, cpu).partial = id;
    cx.page.sink.emit(ev::cpu_partial_put, cache_number, cpu, pfn, free, shown, limit, by_slabs);
    // 5.10: a limit of 0 keeps nothing.
    if (!by_slabs && limit == 0) unfreeze_partials(cx, cache_number, cpu);
}

namespace {

// 5.10: every object but the last goes to the slab's freelist one by one, which turns their order over; then the last.
obj_index turn_over(slab_memory& slabs, const physical_memory& mem, const slab& s, obj_index freelist, obj_index onto,
                    u32& moved) {
    for (obj_index at = freelist; at != OBJ_NONE && at < s.objects && moved < s.objects; ++moved) {
        const obj_index next = next_free(slabs, s, at);
        set_freepointer(slabs, mem, s, at, onto);
        onto = at;
        at = next;
    }
    return onto;
}

//   CPU's freelist 3 -> 5 in front of the slab's own 1 -> 2:   3 -> 5 -> 1 -> 2
obj_index splice(slab_memory& slabs, const physical_memory& mem, const slab& s, obj_index freelist, obj_index onto,
                 u32& moved) {
    obj_index tail = OBJ_NONE;
    for (obj_index at = freelist; at != OBJ_NONE && at < s.objects && moved < s.objects; ++moved) {
        tail = at;
        at = next_free(slabs, s, at);
    }
    if (tail == OBJ_NONE) return onto;
    set_freepointer(slabs, mem, s, tail, onto);
    return freelist;
}

} // namespace

void deactivate_slab(slab_context& cx, cache_id id, slab_id number, obj_index freelist) {
    CallScope scope(cx.page.sink, slab_fn::deactivate_slab);
    slab_memory& slabs = cx.slabs;
    const physical_memory& mem = cx.page.mem;
    slab& s = slabs.slabs.mut(number);
    // Objects that other CPUs have freed are cache-cold here: the slab goes to the tail.
    const bool tail = s.freelist != OBJ_NONE;
    if (tail) count(cx, id, DEACTIVATE_REMOTE_FREES);
    u32 moved = 0;
    s.freelist = slabs.rules.deactivate_splices() ? splice(slabs, mem, s, freelist, s.freelist, moved)
                                                  : turn_over(slabs, mem, s, freelist, s.freelist, moved);
    cx.page.sink.charge(moved);
    s.inuse = static_cast<u16>(s.inuse - moved);
    s.frozen = false;
    s.place = slab_place::none;
    s.stamp = cx.page.step;
    const kmem_cache_node& n = slabs.node_at(id, s.node);
    const u32 nr_partial = n.partial.nr;
    const u32 min_partial = slabs.caches[id].min_partial;
    deactivate_mode mode = deactivate_mode::full;
    if (s.inuse == 0 && nr_partial >= min_partial)
        mode = deactivate_mode::discarded;
    else if (s.freelist != OBJ_NONE)
        mode = tail ? deactivate_mode::to_tail : deactivate_mode::to_head;
    cx.page.sink.emit(ev::deactivate, id, s.pfn, s.inuse, s.objects, moved, mode, nr_partial, min_partial);
    switch (mode) {
    case deactivate_mode::to_head:
    case deactivate_mode::to_tail:
        add_partial(cx, number, tail);
        count(cx, id, tail ? DEACTIVATE_TO_TAIL : DEACTIVATE_TO_HEAD);
        break;
    case deactivate_mode::full:
        count(cx, id, DEACTIVATE_FULL);
        if (kmem_cache_debug(slabs.caches[id])) add_full(cx, number);
        break;
    case deactivate_mode::discarded:
        count(cx, id, DEACTIVATE_EMPTY);
        count(cx, id, FREE_SLAB);
        discard_slab(cx, number);
        break;
    }
}

} // namespace mm
