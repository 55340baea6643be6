// SLAB: how large the arrays are. kernel: mm/slab.c (enable_cpucache, do_tune_cpucache, setup_kmem_cache_node,
// slabinfo_write)
#include "slab/classic_size.h"
#include "slab/classic_slab.h"
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/kmalloc.h"

namespace mm {

namespace {

using ev = classic_event;

constexpr u32 ARRAY_CACHE_BYTES = 16; // struct array_cache without its entries
constexpr u32 PCPU_MIN_UNIT_SIZE =
    32 << 10; // the most that the per-CPU allocator gives at once (include/linux/percpu.h)

u64 array_bytes(const slab_memory& slabs, u64 entries) { return ARRAY_CACHE_BYTES + entries * slabs.pointer_size; }

bool fits_percpu(const slab_memory& slabs, u32 limit) {
    return array_bytes(slabs, limit) <= PCPU_MIN_UNIT_SIZE && slabs.entry_runs.end <= MAX_ENTRIES;
}

bool fits_kmalloc(const slab_context& cx, u64 entries) {
    return array_bytes(cx.slabs, entries) <= kmalloc_max_size(cx.slabs, cx.page.mem) &&
           cx.slabs.entry_runs.end <= MAX_ENTRIES;
}

u32 cpus_of_node(const slab_memory& slabs, const physical_memory& mem, u32 node) {
    u32 cpus = 0;
    for (u32 cpu = 0; cpu < slabs.nr_cpus; ++cpu)
        cpus += static_cast<u32>(mem.node_of_cpu(static_cast<int>(cpu))) == node;
    return cpus;
}

// Every entry of a CPU's former array goes back to its slab.
void empty_former_array(slab_context& cx, cache_id id, u32 cpu, u32 array) {
    slab_memory& slabs = cx.slabs;
    const std::vector<object_ref> objects = take_oldest(cx, array, slabs.arrays[array].avail);
    std::vector<slab_id> doomed;
    free_block(cx, id, static_cast<u32>(cx.page.mem.node_of_cpu(static_cast<int>(cpu))), objects, doomed);
    slabs_destroy(cx, doomed);
}

void set_free_limit(slab_context& cx, cache_id id, u32 node) {
    slab_memory& slabs = cx.slabs;
    const kmem_cache& cache = slabs.caches[id];
    const u32 cpus = cpus_of_node(slabs, cx.page.mem, node);
    const u32 batchcount = cache.batchcount;
    const u32 num = cache.num;
    slabs.node_mut(id, node).free_limit = (1 + cpus) * batchcount + num;
    cx.page.sink.emit(ev::free_limit_set, id, node, cpus, batchcount, num, slabs.node_at(id, node).free_limit);
}

// The objects of the former shared array go back, the new one takes its place. kernel: setup_kmem_cache_node
void replace_shared(slab_context& cx, cache_id id, u32 node) {
    slab_memory& slabs = cx.slabs;
    const u32 former = slabs.node_at(id, node).shared;
    std::vector<slab_id> doomed;
    if (former != RUN_NONE) {
        const std::vector<object_ref> objects = take_oldest(cx, former, slabs.arrays[former].avail);
        free_block(cx, id, node, objects, doomed);
    }
    const kmem_cache& cache = slabs.caches[id];
    const u32 entries = cache.shared * cache.batchcount;
    slabs.node_mut(id, node).shared = entries > 0 ? make_arrays(slabs, 1, entries, NO_BATCHCOUNT) : RUN_NONE;
    free_arrays(slabs, former, 1);
    slabs_destroy(cx, doomed);
}

bool setup_node(slab_context& cx, cache_id id, u32 node) {
    slab_memory& slabs = cx.slabs;
    const kmem_cache& cache = slabs.caches[id];
    if (cache.shared > 0 && !fits_kmalloc(cx, u64{cache.shared} * cache.batchcount)) return false;
    const u32 alien_limit = cache.limit > 1 ? ALIEN_LIMIT : cache.limit;
    set_free_limit(cx, id, node);
    replace_shared(cx, id, node);
    const bool wants_alien = slabs.config.alien_caches && has_numa(slabs) && slabs.nr_nodes > 1;
    if (wants_alien && slabs.node_at(id, node).alien == RUN_NONE)
        slabs.node_mut(id, node).alien = make_arrays(slabs, slabs.nr_nodes, alien_limit, NO_BATCHCOUNT);
    return true;
}

cache_id cache_of_name(const slab_memory& slabs, name_id name) {
    for (cache_id id = slabs.slab_caches; id != CACHE_NONE; id = slabs.caches[id].list_next)
        if (slabs.caches[id].name == name) return id;
    return CACHE_NONE;
}

tune_result tune_by_name(slab_context& cx, name_id name, i64 limit, i64 batchcount, i64 shared) {
    const cache_id id = cache_of_name(cx.slabs, name);
    if (id == CACHE_NONE) return tune_result::no_cache;
    if (limit < 1 || batchcount < 1 || batchcount > limit || shared < 0) return tune_result::bad_numbers;
    return do_tune_cpucache(cx, id, static_cast<u32>(limit), static_cast<u32>(batchcount), static_cast<u32>(shared));
}

} // namespace

bool enable_cpucache(slab_context& cx, cache_id id) {
    CallScope scope(cx.page.sink, slab_fn::enable_cpucache);
    const u32 page_size = 1u << cx.page.mem.page_shift;
    const u32 size = cx.slabs.caches[id].size;
    const u32 limit = classic_limit(size, page_size);
    const u32 shared = size <= page_size && cx.slabs.nr_cpus > 1 ? 8 : 0;
    return do_tune_cpucache(cx, id, limit, (limit + 1) / 2, shared) == tune_result::done;
}

// When memory for the CPUs' arrays is missing nothing changes; when it is missing for a node's, the CPUs have theirs.
tune_result do_tune_cpucache(slab_context& cx, cache_id id, u32 limit, u32 batchcount, u32 shared) {
    CallScope scope(cx.page.sink, slab_fn::do_tune_cpucache);
    slab_memory& slabs = cx.slabs;
    if (!fits_percpu(slabs, limit)) return tune_result::no_memory;
    const u32 former = slabs.caches[id].cpu_cache;
    const u32 arrays = make_arrays(slabs, slabs.nr_cpus, limit, batchcount);
    kmem_cache& cache = slabs.caches.mut(id);
    cache.cpu_cache = arrays;
    cache.limit = limit;
    cache.batchcount = batchcount;
    cache.shared = shared;
    cx.page.sink.emit(ev::array_sized, id, limit, batchcount, shared);
    if (former != RUN_NONE) {
        for (u32 cpu = 0; cpu < slabs.nr_cpus; ++cpu) empty_former_array(cx, id, cpu, former + cpu);
        free_arrays(slabs, former, slabs.nr_cpus);
    }
    for (u32 node = 0; node < slabs.nr_nodes; ++node)
        if (!setup_node(cx, id, node)) return tune_result::no_memory;
    return tune_result::done;
}

tune_result slabinfo_write(slab_context& cx, name_id name, i64 limit, i64 batchcount, i64 shared) {
    const tune_result result = tune_by_name(cx, name, limit, batchcount, shared);
    if (result == tune_result::done)
        cx.page.sink.emit(ev::cache_tuned, name, limit, batchcount, shared);
    else
        cx.page.sink.emit(ev::tune_ignored, name, limit, batchcount, shared, result);
    return result;
}

} // namespace mm
