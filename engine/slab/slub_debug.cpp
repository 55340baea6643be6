// Debugged caches: taking and giving back one object. kernel: mm/slub.c (alloc_single_from_partial,
// alloc_debug_processing, free_debug_processing, free_to_partial_list)
#include "slab/slub_debug.h"

#include "slab/events.h"
#include "slab/functions.h"
#include "slab/slub_debug_checks.h"

namespace mm {

namespace {

using ev = slub_debug_event;

// What the checks before an allocation say. A slab that fails is given up: all its objects count as in use.
bool alloc_debug_processing(const debugged_slab& d, obj_index index) {
    CallScope scope(d.cx.page.sink, slab_fn::alloc_debug_processing);
    if (d.checks() && !(check_slab(d) && check_object(d, index, SLUB_RED_INACTIVE))) {
        slab_fix(d, slab_repair::all_used);
        slab& s = d.mut();
        s.inuse = s.objects;
        s.freelist = OBJ_NONE;
        s.corrupt = true;
        s.frozen = s.frozen || d.cx.slabs.rules.disables_failed_slabs();
        return false;
    }
    trace_object(d, index, true);
    const u32 request = d.cx.request ? d.cx.request : d.cache.object_size;
    set_orig_size(d, index, request);
    init_object(d, index, SLUB_RED_ACTIVE);
    return true;
}

phys_addr_t hand_out(const debugged_slab& d, obj_index index) {
    set_track(d, index, track_item::alloc);
    slab& s = d.mut();
    s.stamp = d.cx.page.step;
    link_mut(d.cx.slabs, s, index).set_allocated(true);
    const slab now = s;
    d.cx.page.sink.emit(ev::debug_alloc, d.number, now.node, now.pfn, index, now.inuse, now.objects, d.checks());
    return object_address(d.cx.slabs, d.cx.page.mem, {d.id, index, 0});
}

// The head of a freelist is no object: the kernel follows it and faults. What is left of the slab is given up.
bool head_is_object(const debugged_slab& d) {
    const slab s = d.state();
    if (s.freelist < s.objects) return true;
    d.cx.page.sink.emit(slub_event::freelist_damaged, d.number, s.pfn, s.freelist);
    slab& lost = d.mut();
    lost.freelist = OBJ_NONE;
    lost.inuse = lost.objects;
    lost.corrupt = true;
    return false;
}

// The first object leaves the slab's freelist; false when it does not pass.
bool take_first(const debugged_slab& d, obj_index& index) {
    if (!head_is_object(d)) return false;
    index = d.state().freelist;
    const obj_index next = d.next(index);
    slab& s = d.mut();
    s.freelist = next;
    ++s.inuse;
    return alloc_debug_processing(d, index);
}

// kernel: alloc_single_from_new_slab
phys_addr_t alloc_single_from_new_slab(slab_context& cx, slab_id id) {
    const debugged_slab d(cx, id);
    obj_index index = OBJ_NONE;
    if (!take_first(d, index)) return ADDR_NULL;
    const slab s = d.state();
    if (s.inuse == s.objects)
        add_full(cx, id);
    else
        add_partial(cx, id, false);
    return hand_out(d, index);
}

// Since 6.1: slabs of debugged caches never belong to a CPU.
phys_addr_t alloc_single(slab_context& cx, cache_id id, gfp_t gfp, int node) {
    const object_ref found = slab_from_elsewhere(cx, id, gfp, node);
    if (found.slab == SLAB_NONE) return ADDR_NULL;
    if (found.index == OBJ_NONE) return alloc_single_from_new_slab(cx, found.slab);
    return hand_out(debugged_slab(cx, found.slab), found.index);
}

// 5.10 puts the objects back one by one; where one's free pointer leads nowhere, the list is cut before it. What is left
// of the list.
obj_index isolate_damaged(const debugged_slab& d, obj_index head) {
    obj_index before = OBJ_NONE;
    u32 seen = 0;
    d.cx.page.sink.charge(d.state().objects);
    if (head != OBJ_NONE && head >= d.state().objects) return OBJ_NONE; // the checks were off, and nobody looked
    for (obj_index at = head; at != OBJ_NONE && seen <= d.state().objects; ++seen) {
        const obj_index next = d.next(at);
        if (next != OBJ_NONE && next >= d.state().objects) {
            if (d.checks()) {
                object_err(d, at, object_fault::freechain_corrupt);
                slab_fix(d, slab_repair::isolated);
            } else {
                d.cx.page.sink.emit(slub_event::freelist_damaged, d.number, d.state().pfn, next);
            }
            d.mut().corrupt = true;
            if (before == OBJ_NONE) return OBJ_NONE;
            d.set_next(before, OBJ_NONE);
            return head;
        }
        before = at;
        at = next;
    }
    return head;
}

// Until 6.1: the whole slab is frozen, one object taken, and the rest goes back to the node.
phys_addr_t alloc_by_freezing(slab_context& cx, cache_id id, gfp_t gfp, int node) {
    for (;;) {
        const object_ref found = slab_from_elsewhere(cx, id, gfp, node);
        if (found.slab == SLAB_NONE) return ADDR_NULL;
        const debugged_slab d(cx, found.slab);
        if (!head_is_object(d)) continue;
        slab& s = d.mut();
        const obj_index index = s.freelist;
        s.freelist = OBJ_NONE;
        s.inuse = s.objects;
        s.frozen = true;
        if (!alloc_debug_processing(d, index)) continue;
        const obj_index rest = isolate_damaged(d, d.next(index));
        cx.slabs.cpu_mut(id, cx.page.cpu).tid += cx.slabs.tid_step;
        deactivate_slab(cx, id, found.slab, rest);
        return hand_out(d, index);
    }
}

// kernel: free_consistency_checks
bool free_consistency_checks(const debugged_slab& d, obj_index index) {
    if (on_freelist(d, index)) {
        object_err(d, index, object_fault::already_free);
        return false;
    }
    return check_object(d, index, SLUB_RED_ACTIVE);
}

bool free_debug_processing(const debugged_slab& d, obj_index index) {
    CallScope scope(d.cx.page.sink, slab_fn::free_debug_processing);
    bool right = !d.checks() || check_slab(d);
    if (right && d.cx.slabs.rules.debug_takes_single_objects() && d.state().inuse < 1) {
        slab_err(d, slab_fault::too_few_allocated, d.state().inuse, 1);
        right = false;
    }
    if (right && d.checks()) right = free_consistency_checks(d, index);
    if (!right) {
        slab_fix(d, slab_repair::not_freed, object_address(d.cx.slabs, d.cx.page.mem, {d.id, index, 0}));
        return false;
    }
    set_track(d, index, track_item::free);
    trace_object(d, index, false);
    init_object(d, index, SLUB_RED_INACTIVE);
    return true;
}

// The slab's place after one of its objects came back. kernel: free_to_partial_list, __slab_free
void place_after_free(slab_context& cx, cache_id id, slab_id number, bool was_full) {
    slab_memory& slabs = cx.slabs;
    const slab s = slabs.slabs[number];
    const u32 min_partial = slabs.caches[id].min_partial;
    const u32 nr_partial = slabs.node_at(id, s.node).partial.nr;
    bool discard = false;
    if (s.inuse == 0) {
        discard = nr_partial >= min_partial;
        cx.page.sink.emit(slub_event::slab_empty, id, s.pfn, nr_partial, min_partial, !discard);
    }
    if (was_full) {
        remove_full(cx, number);
        // A slab whose list was cut short may stand on the partial list without a free object.
        if (s.place == slab_place::node_partial) {
            if (discard) remove_partial(cx, number);
        } else if (!discard) {
            add_partial(cx, number, true);
            count(cx, id, FREE_ADD_PARTIAL);
        }
    } else if (discard && s.place == slab_place::node_partial) {
        remove_partial(cx, number);
        count(cx, id, FREE_REMOVE_PARTIAL);
    }
    if (!discard) return;
    count(cx, id, FREE_SLAB);
    discard_slab(cx, number);
}

} // namespace

object_ref alloc_single_from_partial(slab_context& cx, cache_id id, u32 node) {
    slab_memory& slabs = cx.slabs;
    for (slab_id at = slabs.node_at(id, node).partial.first; at != SLAB_NONE;) {
        const slab_id next = slabs.slabs[at].next;
        const debugged_slab d(cx, at);
        obj_index index = OBJ_NONE;
        const bool taken = take_first(d, index);
        const slab s = d.state();
        if (!taken || s.inuse == s.objects) remove_partial(cx, at);
        if (taken) {
            if (s.inuse == s.objects) add_full(cx, at);
            return {at, index, 0};
        }
        at = next;
    }
    return {};
}

phys_addr_t slub_debug_alloc(slab_context& cx, cache_id id, gfp_t gfp, int node) {
    if (cx.slabs.rules.debug_takes_single_objects()) return alloc_single(cx, id, gfp, node);
    return alloc_by_freezing(cx, id, gfp, node);
}

void slub_debug_free(slab_context& cx, cache_id id, slab_id number, obj_index index) {
    const debugged_slab d(cx, number);
    // Before any check; an object that is free already loses the rest of its list by it.
    if (cx.slabs.rules.free_clears_pointer_first()) {
        const bool lost = !is_allocated(cx.slabs, d.state(), index) && d.next(index) != OBJ_NONE;
        d.set_next(index, OBJ_NONE);
        if (lost) {
            d.mut().corrupt = true;
            cx.page.sink.emit(ev::freelist_lost, id, d.state().pfn, index);
        }
    }
    if (!free_debug_processing(d, index)) return;
    const slab before = d.state();
    slab& s = d.mut();
    --s.inuse;
    s.stamp = cx.page.step;
    if (index == before.freelist && cx.slabs.config.freelist_hardened) {
        s.corrupt = true;
        return double_free_caught(cx, id, number, index);
    }
    if (!is_allocated(cx.slabs, before, index)) {
        s.corrupt = true;
        cx.page.sink.emit(slub_event::double_free_unnoticed, id, before.pfn, index);
    }
    d.set_next(index, before.freelist);
    link_mut(cx.slabs, before, index).set_allocated(false);
    d.mut().freelist = index;
    cx.page.sink.emit(ev::debug_free, id, before.pfn, index, d.state().inuse, before.freelist, d.checks());
    if (before.frozen) {
        count(cx, id, FREE_FROZEN);
        return;
    }
    const bool was_full = before.freelist == OBJ_NONE;
    if (was_full || d.state().inuse == 0) place_after_free(cx, id, number, was_full);
}

void double_free_caught(slab_context& cx, cache_id id, slab_id number, obj_index index) {
    const slab s = cx.slabs.slabs[number];
    cx.page.sink.emit(slub_event::double_free_caught, id, s.pfn, index);
    note_record(cx.page, SHORT_RECORD_WORK);
    if (!cx.slabs.rules.free_clears_pointer_first() || next_free(cx.slabs, s, index) == OBJ_NONE) return;
    // The pointer of the head was cleared on the way: the objects behind it are lost.
    set_freepointer(cx.slabs, cx.page.mem, s, index, OBJ_NONE);
    cx.slabs.slabs.mut(number).corrupt = true;
    cx.page.sink.emit(ev::freelist_lost, id, s.pfn, index);
}

void slub_free_misplaced(slab_context& cx, cache_id id, phys_addr_t address, object_ref found) {
    const debugged_slab d(cx, found.slab);
    slab_memory& slabs = cx.slabs;
    const slab s = d.state();
    const phys_addr_t base = slab_base(slabs, cx.page.mem, found.slab);
    if (d.cx.slabs.rules.free_clears_pointer_first() && d.has_bytes()) {
        const u64 at = address - base + d.cache.offset;
        if (at + d.layout.word <= slab_bytes(cx.page.mem, s)) overwrite_pointer(d, static_cast<u32>(at));
    }
    cx.page.sink.emit(ev::misplaced_free, id, s.pfn, address, address - base, d.checks());
    if (!d.checks()) {
        d.mut().corrupt = true;
        return;
    }
    CallScope scope(cx.page.sink, slab_fn::free_debug_processing);
    if (check_slab(d)) slab_err(d, slab_fault::invalid_pointer, 0, 0, address);
    slab_fix(d, slab_repair::not_freed, address);
}

} // namespace mm
