// SLAB: giving an object back. kernel: mm/slab.c (___cache_free, cache_flusharray, free_block, __cache_free_alien)
#include <algorithm>

#include "slab/classic_slab.h"
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/init_objects.h"

namespace mm {

namespace {

using ev = classic_event;

void mark_corrupt(slab_memory& slabs, slab_id number) { slabs.slabs.mut(number).corrupt = true; }

// The only check: with CONFIG_SLAB_FREELIST_HARDENED an object may not be the array's last entry already. kernel:
// __free_one
bool is_last_entry(const slab_memory& slabs, u32 array, object_ref object) {
    const array_cache& ac = slabs.arrays[array];
    if (!slabs.config.freelist_hardened || ac.avail == 0) return false;
    const object_ref& last = slabs.entries[ac.entries + ac.avail - 1];
    return last.slab == object.slab && last.index == object.index;
}

// What nobody notices: the object is free already, and will be in an array or on its slab twice.
void note_double_free(slab_context& cx, cache_id id, object_ref object) {
    if (is_allocated(cx.slabs, cx.slabs.slabs[object.slab], object.index)) return;
    mark_corrupt(cx.slabs, object.slab);
    cx.page.sink.emit(ev::array_double_free, id, cx.slabs.slabs[object.slab].pfn, object.index);
}

// Puts the object at the end of an array that has room. False: caught as a double free, and left out.
bool free_one(slab_context& cx, cache_id id, u32 array, object_ref object) {
    if (is_last_entry(cx.slabs, array, object)) {
        cx.page.sink.emit(ev::array_double_free_caught, id, cx.slabs.slabs[object.slab].pfn, object.index);
        return false;
    }
    note_double_free(cx, id, object);
    link_mut(cx.slabs, cx.slabs.slabs[object.slab], object.index).set_allocated(false);
    push_object(cx.slabs, array, object);
    return true;
}

//   index array  0 1 2 3, active 2; object 0 comes back:   index array 0 0 2 3, active 1: the next one out is 0
// False: no object was out, so misuse has given back more than there is. The kernel would write before the index array.
// kernel: slab_put_obj
bool slab_put_obj(slab_context& cx, cache_id id, object_ref object) {
    slab_memory& slabs = cx.slabs;
    slab& s = slabs.slabs.mut(object.slab);
    if (s.inuse == 0) {
        s.corrupt = true;
        cx.page.sink.emit(ev::active_underflow, id, s.pfn, object.index);
        return false;
    }
    --s.inuse;
    s.stamp = cx.page.step;
    link_mut(slabs, s, s.inuse).set_next(object.index);
    if (slabs.caches[id].flags & SLAB_OBJFREELIST && s.freelist == OBJ_NONE) {
        s.freelist = object.index;
        cx.page.sink.emit(ev::index_moved, id, s.pfn, object.index);
    }
    return true;
}

void put_object(slab_context& cx, cache_id id, u32 node, object_ref object) {
    slab_memory& slabs = cx.slabs;
    if (!slab_put_obj(cx, id, object)) return;
    unlist_slab(slabs, object.slab);
    ++slabs.node_mut(id, node).free_objects;
    // A partial slab goes to the tail: the longest time for its other objects to come back, too.
    const bool empty = slabs.slabs[object.slab].inuse == 0;
    const slab_place place = empty ? slab_place::node_free : slab_place::node_partial;
    list_slab(slabs, object.slab, place, !empty);
    const slab& s = slabs.slabs[object.slab];
    cx.page.sink.emit(ev::object_put, id, node, s.pfn, object.index, s.inuse, s.objects, place);
}

// Empty slabs, the one that has been empty longest first, while the node has too many free objects.
void trim_free_slabs(slab_context& cx, cache_id id, u32 node, std::vector<slab_id>& doomed) {
    slab_memory& slabs = cx.slabs;
    for (;;) {
        kmem_cache_node& n = slabs.node_mut(id, node);
        const u32 free_objects = n.free_objects;
        if (free_objects <= n.free_limit || n.free.last == SLAB_NONE) return;
        const slab_id number = n.free.last;
        const u32 num = slabs.slabs[number].objects;
        n.free_objects -= num;
        --n.nr_slabs;
        n.total_objects -= num;
        unlist_slab(slabs, number);
        doomed.push_back(number);
        cx.page.sink.emit(ev::over_free_limit, id, node, slabs.slabs[number].pfn, free_objects,
                          slabs.node_at(id, node).free_limit, num);
    }
}

// The array is full: its oldest entries leave, to the shared array as far as that has room, else to their slabs.
//   before   array [a b c d e f], batchcount 3      after   array [d e f], shared [... a b c]
// kernel: cache_flusharray
void cache_flusharray(slab_context& cx, cache_id id, u32 array) {
    CallScope scope(cx.page.sink, slab_fn::cache_flusharray);
    slab_memory& slabs = cx.slabs;
    const u32 node = local_node(cx);
    u32 batchcount = slabs.arrays[array].batchcount;
    cx.page.sink.emit(ev::array_full, id, cx.page.cpu, slabs.arrays[array].avail, batchcount);
    const u32 shared = slabs.node_at(id, node).shared;
    const u32 room = shared == RUN_NONE ? 0 : slabs.arrays[shared].limit - slabs.arrays[shared].avail;
    if (room > 0) {
        batchcount = std::min(batchcount, room);
        for (const object_ref& object : take_oldest(cx, array, batchcount)) push_object(slabs, shared, object);
        cx.page.sink.emit(ev::shared_put, id, node, batchcount, slabs.arrays[shared].avail, slabs.arrays[shared].limit);
        return;
    }
    std::vector<slab_id> doomed;
    const std::vector<object_ref> oldest = take_oldest(cx, array, batchcount);
    free_block(cx, id, node, oldest, doomed);
    slabs_destroy(cx, doomed);
}

// Straight to the object's own node: there are no alien arrays.
void free_to_node(slab_context& cx, cache_id id, u32 node, object_ref object) {
    note_double_free(cx, id, object);
    link_mut(cx.slabs, cx.slabs.slabs[object.slab], object.index).set_allocated(false);
    std::vector<slab_id> doomed;
    free_block(cx, id, node, {object}, doomed);
    slabs_destroy(cx, doomed);
}

// kernel: __cache_free_alien
void cache_free_alien(slab_context& cx, cache_id id, u32 local, u32 node, object_ref object) {
    CallScope scope(cx.page.sink, slab_fn::cache_free_alien);
    slab_memory& slabs = cx.slabs;
    const u32 alien = slabs.node_at(id, local).alien;
    if (alien == RUN_NONE) return free_to_node(cx, id, node, object);
    const u32 array = alien + node;
    std::vector<slab_id> doomed;
    if (slabs.arrays[array].avail == slabs.arrays[array].limit) {
        cx.page.sink.emit(ev::alien_full, id, local, node, slabs.arrays[array].avail);
        drain_alien_cache(cx, id, local, node, doomed);
    }
    if (free_one(cx, id, array, object))
        cx.page.sink.emit(ev::alien_put, id, cx.page.cpu, local, node, object_address(slabs, cx.page.mem, object),
                          slabs.arrays[array].avail, slabs.arrays[array].limit);
    slabs_destroy(cx, doomed);
}

// Nobody checks that an address is the beginning of an object. False: it is not even inside one.
bool check_address(slab_context& cx, cache_id id, phys_addr_t address, object_ref found) {
    if (found.index == OBJ_NONE) {
        cx.page.sink.emit(ev::free_beside_objects, id, cx.slabs.slabs[found.slab].pfn, address);
        return false;
    }
    if (address != object_address(cx.slabs, cx.page.mem, found)) {
        mark_corrupt(cx.slabs, found.slab);
        cx.page.sink.emit(ev::free_inside_object, id, cx.slabs.slabs[found.slab].pfn, address, found.index);
    }
    return true;
}

} // namespace

void free_block(slab_context& cx, cache_id id, u32 node, const std::vector<object_ref>& objects,
                std::vector<slab_id>& doomed) {
    CallScope scope(cx.page.sink, slab_fn::free_block);
    for (const object_ref& object : objects) {
        if (cx.page.sink.spent()) return;
        put_object(cx, id, node, object);
    }
    trim_free_slabs(cx, id, node, doomed);
}

// The kernel chains them at the head of a list: the last one goes first.
void slabs_destroy(slab_context& cx, const std::vector<slab_id>& doomed) {
    for (auto number = doomed.rbegin(); number != doomed.rend() && !cx.page.sink.spent(); ++number)
        slab_destroy(cx, *number);
}

// Objects of `node` that were freed on node `owner`: to their node's shared array, what does not fit to their slabs.
void drain_alien_cache(slab_context& cx, cache_id id, u32 owner, u32 node, std::vector<slab_id>& doomed) {
    slab_memory& slabs = cx.slabs;
    const u32 array = slabs.node_at(id, owner).alien + node;
    if (slabs.arrays[array].avail == 0) return;
    CallScope scope(cx.page.sink, slab_fn::drain_alien_cache);
    const u32 shared = slabs.node_at(id, node).shared;
    u32 moved = 0;
    if (shared != RUN_NONE) moved = transfer_objects(slabs, shared, array, slabs.arrays[array].limit);
    const u32 left = slabs.arrays[array].avail;
    cx.page.sink.emit(ev::alien_drained, id, owner, node, moved, left);
    const std::vector<object_ref> rest = take_oldest(cx, array, left);
    free_block(cx, id, node, rest, doomed);
}

void classic_free(slab_context& cx, cache_id id, phys_addr_t address, object_ref found) {
    CallScope scope(cx.page.sink, slab_fn::cache_free);
    slab_memory& slabs = cx.slabs;
    if (!check_address(cx, id, address, found)) return;
    const object_ref object{found.slab, found.index, static_cast<u16>(cx.page.cpu)};
    if (slabs.rules.init_on_free) clear_freed(cx, id, object);
    const u32 local = local_node(cx);
    const u32 node = slabs.slabs[object.slab].node;
    if (slabs.nr_nodes > 1 && node != local) return cache_free_alien(cx, id, local, node, object);

    const u32 array = slabs.caches[id].cpu_cache + cx.page.cpu;
    array_cache& ac = slabs.arrays.mut(array);
    if (ac.avail < ac.limit) {
        ++ac.free_hits;
    } else {
        ++ac.free_misses;
        const pfn_t pfn = slabs.slabs[object.slab].pfn;
        cache_flusharray(cx, id, array);
        // The flush may have given back the very slab that a double free made look empty.
        if (slabs.slabs[object.slab].cache != id) return cx.page.sink.emit(ev::dangling_entries, id, pfn, 1);
    }
    if (free_one(cx, id, array, object))
        cx.page.sink.emit(ev::array_put, id, cx.page.cpu, object_address(slabs, cx.page.mem, object),
                          slabs.arrays[array].avail, slabs.arrays[array].limit);
}

} // namespace mm
