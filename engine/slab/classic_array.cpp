// SLAB: arrays of objects. kernel: mm/slab.c
#include <algorithm>

#include "slab/classic_slab.h"
#include "slab/events.h"
#include "slab/runs.h"

namespace mm {

namespace {

using ev = classic_event;

// The entries of one array that do not lead into this slab move together. How many did.
u32 drop_from(slab_memory& slabs, u32 array, slab_id id) {
    array_cache& ac = slabs.arrays.mut(array);
    u32 kept = 0;
    for (u32 i = 0; i < ac.avail; ++i) {
        const object_ref entry = slabs.entries[ac.entries + i];
        if (entry.slab != id) slabs.entries.mut(ac.entries + kept++) = entry;
    }
    const u32 dropped = ac.avail - kept;
    ac.avail = kept;
    return dropped;
}

} // namespace

u32 make_arrays(slab_memory& slabs, u32 count, u32 limit, u32 batchcount) {
    const u32 first = take_run(slabs.arrays, slabs.array_runs, count);
    for (u32 array = first; array < first + count; ++array) {
        array_cache ac;
        ac.limit = limit;
        ac.capacity = limit;
        ac.batchcount = batchcount;
        ac.entries = take_run(slabs.entries, slabs.entry_runs, limit);
        slabs.arrays.mut(array) = ac;
    }
    return first;
}

void free_arrays(slab_memory& slabs, u32 first, u32 count) {
    if (first == RUN_NONE) return;
    for (u32 array = first; array < first + count; ++array) {
        const array_cache ac = slabs.arrays[array];
        give_run(slabs.entries, slabs.entry_runs, ac.entries, ac.capacity);
    }
    give_run(slabs.arrays, slabs.array_runs, first, count);
}

//   from  a b c d e      to  x            max 3, room for 4
//   from  a b            to  x c d e
u32 transfer_objects(slab_memory& slabs, u32 to, u32 from, u32 max) {
    array_cache& target = slabs.arrays.mut(to);
    array_cache& source = slabs.arrays.mut(from);
    const u32 nr = std::min({source.avail, max, target.limit - target.avail});
    for (u32 i = 0; i < nr; ++i)
        slabs.entries.mut(target.entries + target.avail + i) = slabs.entries[source.entries + source.avail - nr + i];
    source.avail -= nr;
    target.avail += nr;
    return nr;
}

std::vector<object_ref> take_oldest(slab_context& cx, u32 array, u32 count) {
    slab_memory& slabs = cx.slabs;
    array_cache& ac = slabs.arrays.mut(array);
    count = std::min(count, ac.avail);
    cx.page.sink.charge(ac.avail);
    std::vector<object_ref> taken;
    for (u32 i = 0; i < count; ++i) taken.push_back(slabs.entries[ac.entries + i]);
    for (u32 i = count; i < ac.avail; ++i) slabs.entries.mut(ac.entries + i - count) = slabs.entries[ac.entries + i];
    ac.avail -= count;
    return taken;
}

void drop_dangling(slab_context& cx, slab_id id) {
    slab_memory& slabs = cx.slabs;
    const cache_id cache = slabs.slabs[id].cache;
    u32 dropped = 0;
    const auto drop = [&](u32 first, u32 count) {
        for (u32 i = 0; first != RUN_NONE && i < count; ++i) cx.page.sink.charge(1 + slabs.arrays[first + i].avail);
        for (u32 i = 0; first != RUN_NONE && i < count; ++i) dropped += drop_from(slabs, first + i, id);
    };
    drop(slabs.caches[cache].cpu_cache, slabs.nr_cpus);
    for (u32 node = 0; node < slabs.nr_nodes; ++node) {
        drop(slabs.node_at(cache, node).shared, 1);
        drop(slabs.node_at(cache, node).alien, slabs.nr_nodes);
    }
    if (dropped > 0) cx.page.sink.emit(ev::dangling_entries, cache, slabs.slabs[id].pfn, dropped);
}

} // namespace mm
