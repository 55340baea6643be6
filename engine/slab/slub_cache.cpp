// SLUB: caches and slabs as a whole. kernel: mm/slub.c
#include <algorithm>
#include <bit>
#include <vector>

#include "slab/events.h"
#include "slab/functions.h"
#include "slab/runs.h"
#include "slab/slub.h"
#include "slab/slub_debug.h"

namespace mm {

namespace {

using ev = slub_event;

constexpr u32 SHRINK_PROMOTE_MAX = 32;
constexpr gfp_t GFP_RECLAIM_BITS = GFP_BIT_DIRECT_RECLAIM | GFP_BIT_KSWAPD_RECLAIM;
// Zone, mobility and contents are the cache's business, not the caller's. kernel: GFP_RECLAIM_MASK | GFP_CONSTRAINT_MASK
constexpr gfp_t NOT_FOR_SLABS = GFP_ZONEMASK | GFP_BIT_RECLAIMABLE | GFP_BIT_ZERO | GFP_BIT_COMP | GFP_BIT_ACCOUNT;

// One shuffled order of objects, which every slab of the cache follows from another start. kernel: init_cache_random_seq
void init_random_seq(slab_memory& slabs, kmem_cache& cache) {
    if (!slabs.config.freelist_random || cache.objs < 2) return;
    cache.random_seq = make_random_sequence(slabs, cache.objs);
    cache.next_random_start = static_cast<u32>(next_random(slabs) % cache.objs);
}

//   slab of 4, random_seq 2 0 3 1, start 1:   freelist 0 -> 3 -> 1 -> 2
// kernel: shuffle_freelist
bool shuffle_freelist(slab_memory& slabs, kmem_cache& cache, slab& s) {
    if (s.objects < 2 || cache.random_seq == RUN_NONE) return false;
    u32 at = cache.next_random_start;
    cache.next_random_start = static_cast<u32>(next_random(slabs) % cache.objs);
    obj_index last = OBJ_NONE;
    for (u32 seen = 0; seen < cache.objs; ++seen) {
        const obj_index index = slabs.links[cache.random_seq + at].next();
        at = at + 1 == cache.objs ? 0 : at + 1;
        if (index >= s.objects) continue; // a slab of the minimum order has fewer objects
        if (last == OBJ_NONE)
            s.freelist = index;
        else
            link_mut(slabs, s, last).set_next(index);
        last = index;
    }
    link_mut(slabs, s, last).set_next(OBJ_NONE);
    return true;
}

void build_freelist(slab_context& cx, cache_id id, slab_id slab_number) {
    slab_memory& slabs = cx.slabs;
    slab& s = slabs.slabs.mut(slab_number);
    kmem_cache& cache = slabs.caches.mut(id);
    cx.page.sink.charge(s.objects);
    for (u32 i = 0; i < s.objects; ++i) slabs.links.mut(s.links + i) = object_link{};
    const bool shuffled = shuffle_freelist(slabs, cache, s);
    if (!shuffled) {
        s.freelist = 0;
        for (u32 i = 0; i < s.objects; ++i)
            link_mut(slabs, s, static_cast<obj_index>(i))
                .set_next(i + 1 == s.objects ? OBJ_NONE : static_cast<obj_index>(i + 1));
    }
    const pfn_t pfn = s.pfn;
    const u32 objects = s.objects;
    const obj_index first = s.freelist;
    if (kmem_cache_debug(cache)) slub_debug_new_slab(cx, slab_number);
    cx.page.sink.emit(ev::freelist_built, id, pfn, objects, first, shuffled);
}

} // namespace

bool slub_open(slab_context& cx, cache_id id) {
    CallScope scope(cx.page.sink, slab_fn::calculate_sizes);
    slab_memory& slabs = cx.slabs;
    const slab_limits limits = limits_of(slabs, cx.page.mem);
    kmem_cache& cache = slabs.caches.mut(id);
    const object_layout layout = slub_object_layout(limits, cache.flags, cache.object_size, cache.align, cache.ctor);
    cache.flags = layout.flags;
    cache.size = layout.size;
    cache.inuse = layout.inuse;
    cache.offset = layout.offset;
    cache.red_left_pad = layout.red_left_pad;
    const auto order = slub_calculate_order(limits, cache.size);
    if (!order) return false;
    cache.order = static_cast<u8>(order->order);
    cache.min_order = static_cast<u8>(order_of_size(limits, cache.size));
    cache.objs = static_cast<u16>(std::min((limits.page_size << cache.order) / cache.size, MAX_OBJS_PER_SLAB));
    cache.min_objs = static_cast<u16>(std::min((limits.page_size << cache.min_order) / cache.size, MAX_OBJS_PER_SLAB));
    if (cache.order > 0) cache.allocflags |= GFP_BIT_COMP;
    if (cache.flags & SLAB_CACHE_DMA) cache.allocflags |= GFP_BIT_DMA;
    if (cache.flags & SLAB_CACHE_DMA32) cache.allocflags |= GFP_BIT_DMA32;
    if (cache.flags & SLAB_RECLAIM_ACCOUNT) cache.allocflags |= GFP_BIT_RECLAIMABLE;
    cache.min_partial = slub_min_partial(cache.size);
    cache.cpu_partial = slub_cpu_partial(limits, cache.flags, cache.size);
    cache.cpu_partial_slabs = slub_cpu_partial_slabs(limits, cache.cpu_partial, cache.objs);
    cx.page.sink.charge(cache.objs);
    cache.random = slabs.config.freelist_hardened ? next_random(slabs) : 0;
    init_random_seq(slabs, cache);
    const kmem_cache made = cache;
    cx.page.sink.emit(slab_event::cache_sized, id, made.object_size, made.inuse, made.offset, made.align, made.size);
    cx.page.sink.emit(slab_event::cache_order, id, made.order, made.objs, order->min_objects, order->fraction,
                      order->waste);
    return true;
}

// kernel: allocate_slab, new_slab
slab_id new_slab(slab_context& cx, cache_id id, gfp_t gfp, int node) {
    CallScope outer(cx.page.sink, slab_fn::new_slab);
    CallScope scope(cx.page.sink, slab_fn::allocate_slab);
    const kmem_cache& cache = cx.slabs.caches[id];
    const u32 order = cache.order;
    const u32 min_order = cache.min_order;
    const gfp_t flags = (gfp & ~NOT_FOR_SLABS) | cache.allocflags;
    // The first try may fail at no cost: under pressure a slab of the minimum order does as well.
    gfp_t eager = (flags | GFP_BIT_NOWARN | GFP_BIT_NORETRY) & ~static_cast<gfp_t>(GFP_BIT_NOFAIL);
    if (eager & GFP_BIT_DIRECT_RECLAIM && order > min_order) eager = (eager | GFP_BIT_NOMEMALLOC) & ~GFP_RECLAIM_BITS;
    u32 got_order = order;
    pfn_t pfn = alloc_pages(cx.page, {order, eager, node});
    if (pfn == PFN_NONE) {
        got_order = min_order;
        pfn = alloc_pages(cx.page, {min_order, flags, node});
        if (pfn == PFN_NONE) {
            cx.page.sink.emit(ev::slab_no_memory, id, min_order, gfp);
            return SLAB_NONE;
        }
        count(cx, id, ORDER_FALLBACK);
        cx.page.sink.emit(ev::slab_order_fallback, id, order, min_order);
    }
    const u32 objects = got_order == order ? cx.slabs.caches[id].objs : cx.slabs.caches[id].min_objs;
    const slab_id made = add_slab(cx, id, pfn, got_order, objects);
    const u32 slab_node = cx.slabs.slabs[made].node;
    kmem_cache_node& n = cx.slabs.node_mut(id, slab_node);
    ++n.nr_slabs;
    n.total_objects += objects;
    cx.page.sink.emit(ev::slab_new, id, pfn, got_order, objects, slab_node);
    build_freelist(cx, id, made);
    return made;
}

void discard_slab(slab_context& cx, slab_id id) {
    CallScope scope(cx.page.sink, slab_fn::discard_slab);
    const slab& s = cx.slabs.slabs[id];
    const cache_id cache = s.cache;
    const u32 objects = s.objects;
    kmem_cache_node& n = cx.slabs.node_mut(cache, s.node);
    --n.nr_slabs;
    n.total_objects -= objects;
    if (kmem_cache_debug(cx.slabs.caches[cache])) slub_debug_free_slab(cx, id);
    cx.page.sink.emit(ev::slab_discard, cache, cx.slabs.slabs[id].pfn, cx.slabs.slabs[id].order, objects);
    remove_slab(cx, id);
}

void flush_cpu_slab(slab_context& cx, cache_id id, u32 cpu) {
    CallScope scope(cx.page.sink, slab_fn::flush_slab);
    slab_context on_cpu{cx.slabs, {cx.page.mem, cx.page.sink, cpu, cx.page.step}};
    const kmem_cache_cpu held = cx.slabs.cpu_at(id, cpu);
    if (held.slab != SLAB_NONE) {
        set_cpu_slab(on_cpu, id, SLAB_NONE);
        kmem_cache_cpu& c = cx.slabs.cpu_mut(id, cpu);
        ++c.stat[CPUSLAB_FLUSH];
        c.freelist = OBJ_NONE;
        c.tid += cx.slabs.tid_step;
        cx.page.sink.emit(ev::cpu_flush, id, cpu, cx.slabs.slabs[held.slab].pfn);
        deactivate_slab(on_cpu, id, held.slab, held.freelist);
    }
    unfreeze_partials(on_cpu, id, cpu);
}

namespace {

void flush_all(slab_context& cx, cache_id id) {
    for (u32 cpu = 0; cpu < cx.slabs.nr_cpus; ++cpu) {
        const kmem_cache_cpu& c = cx.slabs.cpu_at(id, cpu);
        if (c.slab != SLAB_NONE || c.partial != SLAB_NONE) flush_cpu_slab(cx, id, cpu);
    }
}

std::vector<slab_id> members(slab_context& cx, const slab_list& list) {
    const slab_memory& slabs = cx.slabs;
    std::vector<slab_id> ids;
    cx.page.sink.charge(list.nr);
    for (slab_id id = list.first; id != SLAB_NONE; id = slabs.slabs[id].next) ids.push_back(id);
    return ids;
}

//   before   partial: a (9 free)  b (all free)  c (1 free)  d (40 free)
//   after    partial: c  a  d     and b is given back
// The fullest slabs come first, so that the emptiest have time to empty. kernel: __kmem_cache_do_shrink
void shrink_node(slab_context& cx, cache_id id, u32 node) {
    slab_memory& slabs = cx.slabs;
    const std::vector<slab_id> before = members(cx, slabs.node_at(id, node).partial);
    std::vector<slab_id> empty, few, many;
    const auto free_of = [&](slab_id number) { return slabs.slabs[number].objects - slabs.slabs[number].inuse; };
    for (slab_id number : before) {
        if (slabs.slabs[number].inuse == 0)
            empty.push_back(number);
        else
            (static_cast<u32>(free_of(number)) <= SHRINK_PROMOTE_MAX ? few : many).push_back(number);
    }
    // list_move() turns over those of one count, list_splice() puts smaller counts in front.
    std::reverse(few.begin(), few.end());
    std::stable_sort(few.begin(), few.end(), [&](slab_id a, slab_id b) { return free_of(a) < free_of(b); });
    for (slab_id number : before) list_del(slabs, slabs.node_mut(id, node).partial, number);
    for (slab_id number : few) list_add(slabs, slabs.node_mut(id, node).partial, number, true);
    for (slab_id number : many) list_add(slabs, slabs.node_mut(id, node).partial, number, true);
    cx.page.sink.emit(ev::partial_sorted, id, node, few.size() + many.size(), empty.size());
    std::reverse(empty.begin(), empty.end());
    for (slab_id number : empty) {
        if (cx.page.sink.spent()) return;
        slabs.slabs.mut(number).place = slab_place::none;
        discard_slab(cx, number);
    }
}

} // namespace

void slub_shrink(slab_context& cx, cache_id id) {
    flush_all(cx, id);
    for (u32 node = 0; node < cx.slabs.nr_nodes; ++node) shrink_node(cx, id, node);
}

bool slub_shutdown(slab_context& cx, cache_id id) {
    flush_all(cx, id);
    slab_memory& slabs = cx.slabs;
    bool empty = true;
    for (u32 node = 0; node < slabs.nr_nodes; ++node) {
        for (slab_id number : members(cx, slabs.node_at(id, node).partial)) {
            if (cx.page.sink.spent()) return false;
            if (slabs.slabs[number].inuse == 0) {
                remove_partial(cx, number);
                discard_slab(cx, number);
            } else {
                const slab& s = slabs.slabs[number];
                cx.page.sink.emit(ev::objects_remaining, id, s.pfn, s.inuse, s.objects);
                slabs.nr_slab_errors += 1u + (slabs.rules.counts_remaining_objects() ? s.inuse : 0u);
                note_record(cx.page, record_work(cx.page.mem.page_shift)); // its objects are listed
                note_taint(cx);
            }
        }
        empty = empty && slabs.node_at(id, node).nr_slabs == 0;
    }
    if (!empty) return false;
    kmem_cache& cache = slabs.caches.mut(id);
    if (cache.random_seq != RUN_NONE) give_run(slabs.links, slabs.link_runs, cache.random_seq, cache.objs);
    cache.random_seq = RUN_NONE;
    return true;
}

} // namespace mm
