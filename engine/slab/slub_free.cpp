// SLUB: giving an object back. kernel: mm/slub.c (do_slab_free, __slab_free)
#include <algorithm>
#include <span>
#include <vector>

#include "slab/events.h"
#include "slab/functions.h"
#include "slab/init_objects.h"
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

// Objects of one slab on their way back, in the order in which they will stand on a freelist.
using object_run = std::span<const obj_index>;

void link_before(slab_context& cx, const slab& s, object_run run, obj_index next) {
    for (std::size_t i = 0; i < run.size(); ++i) {
        set_freepointer(cx.slabs, cx.page.mem, s, run[i], i + 1 < run.size() ? run[i + 1] : next);
        link_mut(cx.slabs, s, run[i]).set_allocated(false);
    }
}

// kernel: __slab_free
void slab_free_slow(slab_context& cx, cache_id id, slab_id number, object_run run) {
    CallScope scope(cx.page.sink, slab_fn::slab_free_slow);
    slab_memory& slabs = cx.slabs;
    count(cx, id, FREE_SLOWPATH);
    if (kmem_cache_debug(slabs.caches[id])) {
        for (std::size_t i = run.size(); i-- > 0;) slub_debug_free(cx, id, number, run[i]);
        return;
    }
    const obj_index prior = slabs.slabs[number].freelist;
    if (points_at_itself(cx, id, number, run.back(), prior)) return;
    if (run.size() == 1 && !is_allocated(slabs, slabs.slabs[number], run[0])) note_double_free(cx, id, number, run[0]);
    slab& s = slabs.slabs.mut(number);
    link_before(cx, s, run, prior);
    s.freelist = run.front();
    s.inuse = static_cast<u16>(s.inuse - run.size());
    s.stamp = cx.page.step;
    const bool frozen = s.frozen;
    const u32 inuse = s.inuse;
    cx.page.sink.emit(ev::slow_free, id, cx.page.cpu, s.pfn, run.front(), inuse, prior, frozen);
    if (frozen) {
        count(cx, id, FREE_FROZEN);
        return;
    }
    if (inuse == 0 || prior == OBJ_NONE) place_after_free(cx, id, number, prior == OBJ_NONE);
}

// kernel: do_slab_free
void free_run(slab_context& cx, cache_id id, slab_id number, object_run run) {
    slab_memory& slabs = cx.slabs;
    if (slabs.rules.init_on_free)
        for (const obj_index index : run) clear_freed(cx, id, {number, index, 0});
    const kmem_cache_cpu& before = slabs.cpu_at(id, cx.page.cpu);
    if (before.slab != number || kmem_cache_debug(slabs.caches[id])) return slab_free_slow(cx, id, number, run);
    if (points_at_itself(cx, id, number, run.back(), before.freelist)) return;
    if (run.size() == 1 && !is_allocated(slabs, slabs.slabs[number], run[0])) [[unlikely]]
        note_double_free(cx, id, number, run[0]);
    const slab& s = slabs.slabs[number];
    kmem_cache_cpu& c = slabs.cpu_mut(id, cx.page.cpu);
    link_before(cx, s, run, c.freelist);
    c.freelist = run.front();
    c.tid += slabs.tid_step;
    c.stat[FREE_FASTPATH] += slabs.rules.counts_bulk_objects() ? static_cast<u32>(run.size()) : 1;
    cx.page.sink.emit(ev::fast_free, id, cx.page.cpu, s.pfn, run.front(), c.tid);
}

// How far a detached list looks for more objects of its slab: past two others.
constexpr int LOOKAHEAD = 3;

// Takes what goes into one detached list out of `objects`, from the end: the last object, and others of its slab.
//
//   5.10  holes stay where objects were taken; what begins after the first one that was passed over waits
//   6.1   what was passed over moves up, into the holes
//
// kernel: build_detached_freelist
std::vector<object_ref> take_detached(std::vector<object_ref>& objects, bool leaves_holes) {
    std::vector<object_ref> taken{objects.back()};
    const slab_id slab = objects.back().slab;
    objects.pop_back();
    int lookahead = LOOKAHEAD;
    std::size_t size = objects.size();
    std::size_t same = size;
    while (size > 0) {
        const std::size_t at = --size;
        if (objects[at].slab == SLAB_NONE) continue;
        if (objects[at].slab == slab) {
            taken.push_back(objects[at]);
            if (leaves_holes)
                objects[at] = {};
            else if (--same != at)
                std::swap(objects[at], objects[same]);
            continue;
        }
        if (--lookahead == 0) break;
    }
    if (!leaves_holes) objects.resize(same);
    while (!objects.empty() && objects.back().slab == SLAB_NONE) objects.pop_back();
    return taken;
}

// Every object begins where one begins, is held, and comes once: only then the list is what it should be.
bool all_in_order(slab_context& cx, std::span<const object_ref> list) {
    std::vector<obj_index> seen;
    for (const object_ref& object : list) {
        if (object.index == OBJ_NONE || !is_allocated(cx.slabs, cx.slabs.slabs[object.slab], object.index))
            return false;
        seen.push_back(object.index);
    }
    std::sort(seen.begin(), seen.end());
    return std::adjacent_find(seen.begin(), seen.end()) == seen.end();
}

} // namespace

void slub_free(slab_context& cx, cache_id id, phys_addr_t object, object_ref found) {
    CallScope scope(cx.page.sink, slab_fn::slab_free);
    if (found.index == OBJ_NONE || object != object_address(cx.slabs, cx.page.mem, found)) [[unlikely]]
        return slub_free_misplaced(cx, id, object, found);
    free_run(cx, id, found.slab, std::span(&found.index, 1));
}

void slub_free_unchecked(slab_context& cx, cache_id id, phys_addr_t object, object_ref found) {
    CallScope scope(cx.page.sink, slab_fn::slab_free);
    if (found.index == OBJ_NONE || object != object_address(cx.slabs, cx.page.mem, found))
        return slub_free_misplaced(cx, id, object, found);
    if (cx.slabs.rules.init_on_free) clear_freed(cx, id, found);
    slab_free_slow(cx, id, found.slab, std::span(&found.index, 1));
}

void slub_free_bulk(slab_context& cx, std::span<const phys_addr_t> addresses) {
    std::vector<object_ref> objects;
    for (const phys_addr_t address : addresses) {
        object_ref found = object_of_address(cx.slabs, cx.page.mem, address);
        const cache_id owner = cx.slabs.slabs[found.slab].cache;
        if (found.index != OBJ_NONE && address == object_address(cx.slabs, cx.page.mem, found))
            objects.push_back(found);
        else
            slub_free(cx, owner, address, found);
    }
    while (!objects.empty()) {
        cx.page.sink.charge(objects.size());
        const std::vector<object_ref> list = take_detached(objects, cx.slabs.rules.bulk_free_leaves_holes());
        const slab_id number = list.front().slab;
        const cache_id id = cx.slabs.slabs[number].cache;
        if (id == CACHE_NONE) continue; // the slab went with the same object, given twice
        CallScope scope(cx.page.sink, slab_fn::slab_free);
        if (list.size() == 1 || !all_in_order(cx, list)) {
            for (std::size_t i = list.size(); i-- > 0;) {
                // A slab may be gone after one of its objects came back; an object that came twice has no place then.
                if (cx.slabs.slabs[number].cache != id) break;
                free_run(cx, id, number, std::span(&list[i].index, 1));
            }
            continue;
        }
        std::vector<obj_index> run;
        for (const object_ref& object : list) run.push_back(object.index);
        for (std::size_t i = 0; i < run.size(); ++i)
            cx.page.sink.emit(ev::bulk_linked, id, cx.slabs.slabs[number].pfn, run[i],
                              i + 1 < run.size() ? run[i + 1] : OBJ_NONE);
        free_run(cx, id, number, run);
    }
}

} // namespace mm
