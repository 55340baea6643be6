// Debugged slabs as a whole: their first bytes, the list of full ones, what validation looks at.
// kernel: mm/slub.c (setup_slab_debug, add_full, free_slab, validate_slab_cache)
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/slub_debug_checks.h"

namespace mm {

namespace {

using ev = slub_debug_event;

constexpr slab_flags_t WRITES_BYTES = SLAB_POISON | SLAB_RED_ZONE | SLAB_STORE_USER;

// kernel: validate_slab
void validate_slab(slab_context& cx, slab_id id) {
    const debugged_slab d(cx, id);
    if (!check_slab(d) || !on_freelist(d, OBJ_NONE)) return;
    const slab s = d.state();
    cx.page.sink.charge(s.objects);
    std::vector<u8> free(s.objects, 0);
    u32 seen = 0;
    for (obj_index at = s.freelist; at < s.objects && seen < s.objects; at = d.next(at), ++seen) free[at] = 1;
    for (u32 i = 0; i < s.objects; ++i)
        if (!check_object(d, static_cast<obj_index>(i), free[i] ? SLUB_RED_INACTIVE : SLUB_RED_ACTIVE)) return;
}

u32 validate_list(slab_context& cx, const slab_list& list) {
    u32 nr = 0;
    for (slab_id at = list.first; at != SLAB_NONE && !cx.page.sink.spent(); at = cx.slabs.slabs[at].next, ++nr)
        validate_slab(cx, at);
    return nr;
}

// kernel: validate_slab_node
u32 validate_slab_node(slab_context& cx, cache_id id, u32 node) {
    u32 nr = validate_list(cx, slab_list(cx.slabs.node_at(id, node).partial));
    if (!(cx.slabs.caches[id].flags & SLAB_STORE_USER)) return nr;
    nr += validate_list(cx, slab_list(cx.slabs.node_at(id, node).full));
    const u32 nr_slabs = cx.slabs.node_at(id, node).nr_slabs;
    if (nr != nr_slabs) {
        cx.page.sink.emit(ev::slabs_miscounted, id, node, nr, nr_slabs);
        ++cx.slabs.nr_slab_errors;
        note_record(cx.page, SHORT_RECORD_WORK);
    }
    return nr;
}

} // namespace

void slub_debug_new_slab(slab_context& cx, slab_id id) {
    const kmem_cache& cache = cx.slabs.caches[cx.slabs.slabs[id].cache];
    if (!(cache.flags & WRITES_BYTES)) return;
    const u8 first = cache.flags & SLAB_POISON ? POISON_INUSE : 0;
    const bool kept = give_content(cx.slabs, cx.page.mem, id, first);
    const debugged_slab d(cx, id);
    cx.page.sink.charge(2 * u64{d.state().objects} + slab_bytes(cx.page.mem, d.state()) / WORK_BYTES);
    for (u32 i = 0; kept && i < d.state().objects; ++i) {
        init_object(d, static_cast<obj_index>(i), SLUB_RED_INACTIVE);
        clear_tracks(d, static_cast<obj_index>(i));
        d.set_next(static_cast<obj_index>(i), next_free(cx.slabs, d.state(), static_cast<obj_index>(i)));
    }
    cx.page.sink.emit(ev::slab_marked, d.number, d.state().pfn, d.state().objects, d.cache.flags & SLAB_DEBUG_FLAGS,
                      kept);
}

void slub_debug_free_slab(slab_context& cx, slab_id id) {
    const debugged_slab d(cx, id);
    if (!d.checks()) return;
    slab_pad_check(d);
    for (u32 i = 0; i < d.state().objects; ++i)
        static_cast<void>(check_object(d, static_cast<obj_index>(i), SLUB_RED_INACTIVE));
}

void add_full(slab_context& cx, slab_id id) {
    slab& s = cx.slabs.slabs.mut(id);
    const cache_id cache = s.cache;
    if (!(cx.slabs.caches[cache].flags & SLAB_STORE_USER)) return;
    s.place = slab_place::node_full;
    s.stamp = cx.page.step;
    const u32 node = s.node;
    list_add(cx.slabs, cx.slabs.node_mut(cache, node).full, id, false);
    cx.page.sink.emit(ev::full_add, cache, node, cx.slabs.slabs[id].pfn, cx.slabs.node_at(cache, node).full.nr);
}

void remove_full(slab_context& cx, slab_id id) {
    slab& s = cx.slabs.slabs.mut(id);
    if (s.place != slab_place::node_full) return; // a slab that failed its checks is on no list
    s.place = slab_place::none;
    const cache_id cache = s.cache;
    const u32 node = s.node;
    list_del(cx.slabs, cx.slabs.node_mut(cache, node).full, id);
    cx.page.sink.emit(ev::full_remove, cache, node, cx.slabs.slabs[id].pfn, cx.slabs.node_at(cache, node).full.nr);
}

i64 validate_slab_cache(slab_context& cx, cache_id id) {
    CallScope scope(cx.page.sink, slab_fn::validate_slab_cache);
    const bool debugged = kmem_cache_debug(cx.slabs.caches[id]);
    if (!debugged && cx.slabs.rules.debug_takes_single_objects()) {
        cx.page.sink.emit(ev::validate_refused, id);
        return -1;
    }
    cx.page.sink.charge(cx.slabs.nr_cpus);
    for (u32 cpu = 0; cpu < cx.slabs.nr_cpus; ++cpu) {
        const kmem_cache_cpu& c = cx.slabs.cpu_at(id, cpu);
        if (c.slab != SLAB_NONE || c.partial != SLAB_NONE) flush_cpu_slab(cx, id, cpu);
    }
    const u32 before = cx.slabs.nr_slab_errors;
    u32 nr = 0;
    for (u32 node = 0; node < cx.slabs.nr_nodes; ++node) nr += validate_slab_node(cx, id, node);
    cx.page.sink.emit(ev::validated, id, nr, cx.slabs.nr_slab_errors - before);
    return nr;
}

} // namespace mm
