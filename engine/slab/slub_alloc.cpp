// SLUB: taking an object. kernel: mm/slub.c (slab_alloc_node, ___slab_alloc)
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/slub_debug.h"
#include "slab/slub_fast_path.h"

namespace mm {

namespace {

using ev = slub_event;

// The caller of an object's slab: the address that it gets, and the mark that somebody holds it.
phys_addr_t hand_out(slab_context& cx, slab_id id, obj_index index) {
    const slab& s = cx.slabs.slabs[id];
    link_mut(cx.slabs, s, index).set_allocated(true);
    return object_address(cx.slabs, cx.page.mem, {id, index, 0});
}

// The slab's own freelist, all of it, for its CPU. A slab without free objects is left alone. kernel: get_freelist
obj_index get_freelist(slab_context& cx, slab_id id) {
    slab& s = cx.slabs.slabs.mut(id);
    const obj_index freelist = s.freelist;
    s.freelist = OBJ_NONE;
    s.frozen = freelist != OBJ_NONE;
    s.inuse = s.objects;
    s.stamp = cx.page.step;
    return freelist;
}

// The first object becomes the caller's, the rest the CPU's freelist.
phys_addr_t load_freelist(slab_context& cx, cache_id id, slab_id slab_number, obj_index freelist) {
    set_cpu_slab(cx, id, slab_number);
    kmem_cache_cpu& c = cx.slabs.cpu_mut(id, cx.page.cpu);
    c.freelist = next_free(cx.slabs, cx.slabs.slabs[slab_number], freelist);
    c.tid += cx.slabs.tid_step;
    return hand_out(cx, slab_number, freelist);
}

void make_cpu_slab(slab_context& cx, slab_id id) {
    slab& s = cx.slabs.slabs.mut(id);
    s.frozen = true;
    s.place = slab_place::cpu;
    s.cpu = static_cast<u8>(cx.page.cpu);
}

// Freezes a slab that comes from a node's list, with all its objects. kernel: acquire_slab, freeze_slab
obj_index take_frozen(slab_context& cx, slab_id id) {
    const obj_index freelist = get_freelist(cx, id);
    make_cpu_slab(cx, id);
    return freelist;
}

// The first partial slab for the CPU, and more of them for its partial list, up to half of what that list may hold.
// kernel: get_partial_node
object_ref get_partial_node(slab_context& cx, cache_id id, u32 node) {
    slab_memory& slabs = cx.slabs;
    const kmem_cache& cache = slabs.caches[id];
    const kernel_rules rules = slabs.rules;
    if (kmem_cache_debug(cache) && rules.debug_takes_single_objects()) return alloc_single_from_partial(cx, id, node);
    const bool keeps_more = kmem_cache_has_cpu_partial(slabs, cache);
    const u32 limit = rules.cpu_partial_by_slabs() ? cache.cpu_partial_slabs : cache.cpu_partial;
    slab_id taken = SLAB_NONE;
    u32 available = 0;
    for (slab_id at = slabs.node_at(id, node).partial.first; at != SLAB_NONE;) {
        const slab& s = slabs.slabs[at];
        const slab_id next = s.next;
        const u32 free = static_cast<u32>(s.objects - s.inuse);
        const pfn_t pfn = s.pfn;
        remove_partial(cx, at);
        if (taken == SLAB_NONE) {
            taken = at;
            count(cx, id, ALLOC_FROM_PARTIAL);
            cx.page.sink.emit(ev::node_partial_take, id, node, pfn, free, slabs.node_at(id, node).partial.nr);
            if (!rules.cpu_partial_by_slabs()) available += free;
        } else {
            slabs.slabs.mut(at).frozen = rules.cpu_partial_frozen();
            put_cpu_partial(cx, at, false);
            count(cx, id, CPU_PARTIAL_NODE);
            available += rules.cpu_partial_by_slabs() ? 1 : free;
        }
        if (!keeps_more) break;
        if (available > limit / 2) break;
        at = next;
    }
    return {taken, OBJ_NONE, 0};
}

// Other nodes, in the order of the zonelist, as long as they have more than they want to keep. kernel: get_any_partial
object_ref get_any_partial(slab_context& cx, cache_id id, u32 local) {
    const physical_memory& mem = cx.page.mem;
    const u32 min_partial = cx.slabs.caches[id].min_partial;
    for (u8 number : mem.nodes[local].node_zonelists[ZONELIST_FALLBACK]) {
        const u32 node = mem.zones[number].node;
        const u32 nr_partial = cx.slabs.node_at(id, node).partial.nr;
        if (nr_partial <= min_partial) continue;
        cx.page.sink.emit(ev::any_partial, id, node, nr_partial, min_partial);
        const object_ref found = get_partial_node(cx, id, node);
        if (found.slab != SLAB_NONE) return found;
    }
    return {};
}

object_ref get_partial(slab_context& cx, cache_id id, int node, bool this_node_only) {
    CallScope scope(cx.page.sink, slab_fn::get_partial);
    const u32 local = static_cast<u32>(cx.page.mem.node_of_cpu(static_cast<int>(cx.page.cpu)));
    const u32 search = node == NUMA_NO_NODE ? local : static_cast<u32>(node);
    const object_ref found = get_partial_node(cx, id, search);
    if (found.slab != SLAB_NONE || (node != NUMA_NO_NODE && this_node_only)) return found;
    return get_any_partial(cx, id, local);
}

// Lets the CPU's slab go, because the request needs another node's.
void drop_cpu_slab(slab_context& cx, cache_id id) {
    kmem_cache_cpu& c = cx.slabs.cpu_mut(id, cx.page.cpu);
    const slab_id slab_number = c.slab;
    const obj_index freelist = c.freelist;
    c.freelist = OBJ_NONE;
    c.tid += cx.slabs.tid_step;
    set_cpu_slab(cx, id, SLAB_NONE);
    deactivate_slab(cx, id, slab_number, freelist);
}

// From the CPU's own slab: what others have freed into it. ADDR_NULL: it has nothing, and is the CPU's no longer.
phys_addr_t alloc_from_cpu_slab(slab_context& cx, cache_id id, int node, bool from_partial) {
    slab_memory& slabs = cx.slabs;
    const kmem_cache_cpu c = slabs.cpu_at(id, cx.page.cpu);
    if (!node_match(slabs, c.slab, node)) {
        count(cx, id, ALLOC_NODE_MISMATCH);
        drop_cpu_slab(cx, id);
        return ADDR_NULL;
    }
    if (c.freelist != OBJ_NONE) return load_freelist(cx, id, c.slab, c.freelist);
    CallScope scope(cx.page.sink, slab_fn::get_freelist);
    const obj_index freelist = get_freelist(cx, c.slab);
    const slab& s = slabs.slabs[c.slab];
    if (freelist == OBJ_NONE) {
        const pfn_t pfn = s.pfn;
        slabs.slabs.mut(c.slab).place = slab_place::none;
        set_cpu_slab(cx, id, SLAB_NONE);
        kmem_cache_cpu& full = slabs.cpu_mut(id, cx.page.cpu);
        full.tid += slabs.tid_step;
        ++full.stat[DEACTIVATE_BYPASS];
        cx.page.sink.emit(ev::cpu_slab_full, id, cx.page.cpu, pfn);
        return ADDR_NULL;
    }
    if (!from_partial || slabs.rules.counts_cpu_partial_as_refill()) count(cx, id, ALLOC_REFILL);
    const u32 length = freelist_length(slabs, s, freelist);
    cx.page.sink.charge(length);
    cx.page.sink.emit(ev::freelist_refill, id, cx.page.cpu, s.pfn, length);
    return load_freelist(cx, id, c.slab, freelist);
}

// The newest slab of the CPU's partial list becomes its slab. False: there is none.
bool take_cpu_partial(slab_context& cx, cache_id id) {
    slab_memory& slabs = cx.slabs;
    const slab_id head = slabs.cpu_at(id, cx.page.cpu).partial;
    if (head == SLAB_NONE) return false;
    set_cpu_slab(cx, id, head);
    kmem_cache_cpu& c = slabs.cpu_mut(id, cx.page.cpu);
    const slab& s = slabs.slabs[head];
    c.partial = s.next;
    ++c.stat[CPU_PARTIAL_ALLOC];
    const pfn_t pfn = s.pfn;
    const u32 free = static_cast<u32>(s.objects - s.inuse);
    slabs.slabs.mut(head).next = SLAB_NONE;
    make_cpu_slab(cx, head);
    cx.page.sink.emit(ev::cpu_partial_take, id, cx.page.cpu, pfn, free);
    return true;
}

// 6.12 passes slabs of the wrong node on to their nodes instead of making them the CPU's first.
void pass_on_wrong_nodes(slab_context& cx, cache_id id, int node) {
    slab_memory& slabs = cx.slabs;
    for (;;) {
        const slab_id head = slabs.cpu_at(id, cx.page.cpu).partial;
        if (head == SLAB_NONE || node_match(slabs, head, node)) return;
        slabs.cpu_mut(id, cx.page.cpu).partial = slabs.slabs[head].next;
        slab& s = slabs.slabs.mut(head);
        s.next = SLAB_NONE;
        if (s.inuse == 0 && slabs.node_at(id, s.node).partial.nr >= slabs.caches[id].min_partial) {
            s.place = slab_place::none;
            discard_slab(cx, head);
        } else {
            add_partial(cx, head, true);
        }
    }
}

} // namespace

void set_cpu_slab(slab_context& cx, cache_id id, slab_id slab_number) {
    kmem_cache_cpu& c = cx.slabs.cpu_mut(id, cx.page.cpu);
    c.slab = slab_number;
    c.objects = 0;
    if (slab_number == SLAB_NONE) return;
    const slab& s = cx.slabs.slabs[slab_number];
    c.objects = s.objects;
    c.links = s.links;
    c.first_object = object_address(cx.slabs, cx.page.mem, {slab_number, 0, 0});
    c.size = cx.slabs.caches[id].size;
    c.reciprocal_size = static_cast<u32>(((u64{1} << 32) + c.size - 1) / c.size);
}

object_ref slab_from_elsewhere(slab_context& cx, cache_id id, gfp_t gfp, int node) {
    const bool wanted_first =
        cx.slabs.rules.tries_wanted_node_first() && node != NUMA_NO_NODE && !(gfp & GFP_BIT_THISNODE);
    bool this_node_only = wanted_first || gfp & GFP_BIT_THISNODE || !cx.slabs.rules.tries_wanted_node_first();
    gfp_t flags = wanted_first ? (GFP_NOWAIT | GFP_BIT_THISNODE) : gfp;
    for (bool first = true;; first = false) {
        const object_ref found = get_partial(cx, id, node, this_node_only);
        if (found.slab != SLAB_NONE) return found;
        const slab_id made = new_slab(cx, id, flags, node);
        if (made != SLAB_NONE || !wanted_first || !first) {
            if (made != SLAB_NONE) count(cx, id, ALLOC_SLAB);
            return {made, OBJ_NONE, 0};
        }
        flags = gfp;
        this_node_only = false;
    }
}

phys_addr_t slab_alloc_slow(slab_context& cx, cache_id id, gfp_t gfp, int node) {
    CallScope scope(cx.page.sink, slab_fn::slab_alloc_slow);
    slab_memory& slabs = cx.slabs;
    const kmem_cache& cache = slabs.caches[id];
    const kmem_cache_cpu before = slabs.cpu_at(id, cx.page.cpu);
    slow_reason reason = slow_reason::no_slab;
    if (kmem_cache_debug(cache))
        reason = slow_reason::debugging;
    else if (before.slab != SLAB_NONE)
        reason = node_match(slabs, before.slab, node) ? slow_reason::freelist_empty : slow_reason::other_node;
    count(cx, id, ALLOC_SLOWPATH);
    cx.page.sink.emit(ev::slow_alloc, id, cx.page.cpu, reason);
    if (kmem_cache_debug(cache)) return slub_debug_alloc(cx, id, gfp, node);

    if (before.slab != SLAB_NONE)
        if (const phys_addr_t object = alloc_from_cpu_slab(cx, id, node, false)) return object;
    if (!slabs.rules.cpu_partial_frozen()) pass_on_wrong_nodes(cx, id, node);
    while (take_cpu_partial(cx, id))
        if (const phys_addr_t object = alloc_from_cpu_slab(cx, id, node, true)) return object;

    const slab_id found = slab_from_elsewhere(cx, id, gfp, node).slab;
    if (found == SLAB_NONE) return ADDR_NULL;
    const obj_index freelist = take_frozen(cx, found);
    return load_freelist(cx, id, found, freelist);
}

phys_addr_t slub_alloc_not_fast(slab_context& cx, cache_id id, gfp_t gfp, int node) {
    const kmem_cache_cpu c = cx.slabs.cpu_at(id, cx.page.cpu);
    // Misuse has written over a free pointer, and the freelist leads to no object: the kernel would follow it and fault.
    if (c.slab != SLAB_NONE && c.freelist != OBJ_NONE && node_match(cx.slabs, c.slab, node)) {
        cx.page.sink.emit(ev::freelist_damaged, id, cx.slabs.slabs[c.slab].pfn, c.freelist);
        cx.slabs.cpu_mut(id, cx.page.cpu).freelist = OBJ_NONE;
    }
    return slab_alloc_slow(cx, id, gfp, node);
}

// One pass with interrupts off: tid grows before each slow path and at the end. kernel: __kmem_cache_alloc_bulk
u32 slub_alloc_bulk(slab_context& cx, cache_id id, gfp_t gfp, u32 nr, phys_addr_t* objects) {
    slab_memory& slabs = cx.slabs;
    for (u32 i = 0; i < nr; ++i) {
        kmem_cache_cpu& c = slabs.cpu_mut(id, cx.page.cpu);
        obj_index index = c.freelist;
        if (index != OBJ_NONE && index >= slabs.slabs[c.slab].objects) [[unlikely]] {
            cx.page.sink.emit(ev::freelist_damaged, id, slabs.slabs[c.slab].pfn, index);
            index = c.freelist = OBJ_NONE;
        }
        if (index == OBJ_NONE) {
            c.tid += slabs.tid_step;
            objects[i] = slab_alloc_slow(cx, id, gfp, NUMA_NO_NODE);
            if (objects[i] == ADDR_NULL) return i;
        } else {
            object_link& link = link_mut(slabs, slabs.slabs[c.slab], index);
            c.freelist = link.next();
            link.set_allocated(true);
            if (slabs.rules.counts_bulk_objects()) ++c.stat[ALLOC_FASTPATH];
            objects[i] = object_address(slabs, cx.page.mem, {c.slab, index, 0});
        }
        const object_ref taken = object_of_address(slabs, cx.page.mem, objects[i]);
        cx.page.sink.emit(ev::bulk_alloc, id, cx.page.cpu, slabs.slabs[taken.slab].pfn, taken.index,
                          slabs.cpu_at(id, cx.page.cpu).freelist);
    }
    slabs.cpu_mut(id, cx.page.cpu).tid += slabs.tid_step;
    return nr;
}

} // namespace mm
