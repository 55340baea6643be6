#include "machine/facts/slab_state.h"

#include <algorithm>

#include "slab/classic_view.h"
#include "slab/procfs.h"
#include "slab/slab.h"
#include "slab/slabs.h"

namespace mm {

namespace {

// A freelist, as far as it goes without coming round: misuse may have tied it to a ring.
std::vector<obj_index> walk_objects(const slab_memory& slabs, const slab& s, obj_index head) {
    std::vector<obj_index> out;
    std::vector<bool> seen(s.objects, false);
    for (obj_index at = head; at < s.objects && !seen[at]; at = next_free(slabs, s, at)) {
        seen[at] = true;
        out.push_back(at);
    }
    return out;
}

SlabLists::List walk_slabs(const slab_memory& slabs, slab_id first) {
    SlabLists::List out;
    for (slab_id id = first; id < slabs.nr_slabs && out.size() < slabs.nr_slabs; id = slabs.slabs[id].next)
        out.push_back(id);
    return out;
}

bool stands_on_a_list(const slab_memory& slabs, slab_id id, const slab& s) {
    switch (s.place) {
    case slab_place::cpu: return s.cpu < slabs.nr_cpus && slabs.cpu_at(s.cache, s.cpu).slab == id;
    case slab_place::cpu_partial:
    case slab_place::node_partial:
    case slab_place::node_free: return true;
    default: return false;
    }
}

u64 free_on_partial(const slab_memory& slabs, slab_id first) {
    u64 free = 0;
    for (slab_id id : walk_slabs(slabs, first))
        free += static_cast<u64>(slabs.slabs[id].objects - slabs.slabs[id].inuse);
    return free;
}

u64 kept_in_arrays(const slab_memory& slabs, cache_id cache) {
    u64 kept = 0;
    const u32 arrays = slabs.caches[cache].cpu_cache;
    for (u32 cpu = 0; cpu < slabs.nr_cpus && arrays != RUN_NONE; ++cpu) kept += slabs.arrays[arrays + cpu].avail;
    for (u32 node = 0; node < slabs.nr_nodes; ++node) {
        const kmem_cache_node& n = slabs.node_at(cache, node);
        if (n.shared != RUN_NONE) kept += slabs.arrays[n.shared].avail;
        for (u32 owner = 0; owner < slabs.nr_nodes && n.alien != RUN_NONE; ++owner)
            kept += slabs.arrays[n.alien + owner].avail;
    }
    return kept;
}

// Objects that are free, but that the kernel counts as active: those which are kept ready for CPUs.
u64 kept_by_cpus(const slab_memory& slabs, cache_id cache) {
    if (slabs.config.allocator == slab_allocator::slab) return kept_in_arrays(slabs, cache);
    u64 kept = 0;
    if (slabs.config.allocator != slab_allocator::slub) return kept;
    for (u32 cpu = 0; cpu < slabs.nr_cpus; ++cpu) {
        const kmem_cache_cpu& c = slabs.cpu_at(cache, cpu);
        if (c.slab < slabs.nr_slabs) {
            const slab& s = slabs.slabs[c.slab];
            kept += freelist_length(slabs, s, c.freelist) + static_cast<u64>(s.objects - s.inuse);
        }
        kept += free_on_partial(slabs, c.partial);
    }
    return kept;
}

} // namespace

// ---- objects --------------------------------------------------------------------------------------------------------

SlabObjects::SlabObjects(const slab_memory& slabs, slab_id id) {
    const slab& s = slabs.slabs[id];
    states_.assign(s.objects, ObjectState::allocated);
    if (s.links == RUN_NONE) return;
    if (slabs.config.allocator == slab_allocator::slab) {
        const std::vector<object_place> places = classic_object_places(slabs, id);
        for (u32 i = 0; i < s.objects; ++i) {
            const classic_object where = places[i].where;
            if (where == classic_object::allocated) continue;
            states_[i] = where == classic_object::in_slab ? ObjectState::slab_free : ObjectState::cpu_free;
        }
        for (u32 i = s.inuse; i < s.objects; ++i) {
            const obj_index index = slabs.links[s.links + i].next();
            if (index < s.objects) own_list_.push_back(index);
        }
        return;
    }
    if (s.place == slab_place::cpu && s.cpu < slabs.nr_cpus) {
        const kmem_cache_cpu& c = slabs.cpu_at(s.cache, s.cpu);
        if (c.slab == id) cpu_list_ = walk_objects(slabs, s, c.freelist);
    }
    own_list_ = walk_objects(slabs, s, s.freelist);
    for (u32 i = 0; i < s.objects; ++i)
        if (!is_allocated(slabs, s, static_cast<obj_index>(i))) states_[i] = ObjectState::slab_free;
    // After misuse an object may stand on a freelist and be somebody's.
    for (const obj_index index : cpu_list_)
        if (states_[index] == ObjectState::slab_free) states_[index] = ObjectState::cpu_free;
}

// ---- slabs ----------------------------------------------------------------------------------------------------------

bool cache_exists(const slab_memory& slabs, i64 cache) {
    return cache >= 0 && cache < slabs.nr_caches && slabs.caches[static_cast<u32>(cache)].alive;
}

SlabLists slab_lists(const slab_memory& slabs, cache_id cache) {
    SlabLists out;
    out.node_full.resize(slabs.nr_nodes);
    const bool slub = slabs.config.allocator == slab_allocator::slub;
    for (u32 cpu = 0; cpu < slabs.nr_cpus; ++cpu)
        out.cpu_partial.push_back(slub ? walk_slabs(slabs, slabs.cpu_at(cache, cpu).partial) : SlabLists::List());
    for (u32 node = 0; node < slabs.nr_nodes; ++node) {
        const kmem_cache_node& n = slabs.node_at(cache, node);
        out.node_partial.push_back(walk_slabs(slabs, n.partial.first));
        out.node_free.push_back(walk_slabs(slabs, n.free.first));
        out.node_full[node] = walk_slabs(slabs, n.full.first);
    }
    for (slab_id id = 0; id < slabs.nr_slabs; ++id) {
        const slab& s = slabs.slabs[id];
        if (s.cache != cache || stands_on_a_list(slabs, id, s)) continue;
        if (s.inuse < s.objects)
            out.elsewhere.push_back(id);
        else if (s.node < slabs.nr_nodes && slabs.node_at(cache, s.node).full.nr == 0)
            out.node_full[s.node].push_back(id);
    }
    return out;
}

cache_id cache_of_address(const Machine& machine, phys_addr_t address) {
    const slab_id id = slab_of_address(machine.slabs, machine.physical, address);
    return id < machine.slabs.nr_slabs ? machine.slabs.slabs[id].cache : CACHE_NONE;
}

// ---- numbers --------------------------------------------------------------------------------------------------------

namespace {

// By cache: misuse has damaged a slab, and its lists and counters do not tell what callers hold.
std::vector<bool> damaged_caches(const slab_memory& slabs) {
    std::vector<bool> out(slabs.nr_caches, false);
    for (slab_id id = 0; id < slabs.nr_slabs; ++id) {
        const slab& s = slabs.slabs[id];
        if (s.corrupt && s.cache < slabs.nr_caches) out[s.cache] = true;
    }
    return out;
}

u64 held_objects(const slab_memory& slabs, cache_id cache) {
    u64 held = 0;
    for (slab_id id = 0; id < slabs.nr_slabs; ++id) {
        if (slabs.slabs[id].cache != cache) continue;
        const SlabObjects objects(slabs, id);
        for (u32 i = 0; i < slabs.slabs[id].objects; ++i) held += objects.state(i) == ObjectState::allocated;
    }
    return held;
}

CacheNumbers numbers_of(const Machine& machine, cache_id id, bool damaged) {
    const slab_memory& slabs = machine.slabs;
    const kmem_cache& cache = slabs.caches[id];
    const slabinfo info = get_slabinfo(slabs, id);
    CacheNumbers out;
    out.id = id;
    out.active = info.active_objs;
    out.in_use =
        damaged ? held_objects(slabs, id) : info.active_objs - std::min(info.active_objs, kept_by_cpus(slabs, id));
    out.total = info.num_objs;
    out.slabs = info.num_slabs;
    out.bytes = info.num_slabs << (machine.physical.page_shift + info.cache_order);
    out.size = cache.size;
    out.order = info.cache_order;
    out.objs = info.objects_per_slab;
    out.kmalloc = cache.kmalloc_type != 0;
    for (u32 node = 0; node < slabs.nr_nodes; ++node) out.partial += slabs.node_at(id, node).partial.nr;
    for (u32 cpu = 0; slabs.config.allocator == slab_allocator::slub && cpu < slabs.nr_cpus; ++cpu) {
        const kmem_cache_cpu& c = slabs.cpu_at(id, cpu);
        out.cpu_slabs += (c.slab != SLAB_NONE) + walk_slabs(slabs, c.partial).size();
    }
    return out;
}

} // namespace

CacheNumbers cache_numbers(const Machine& machine, cache_id id) {
    return numbers_of(machine, id, damaged_caches(machine.slabs)[id]);
}

std::vector<CacheNumbers> all_cache_numbers(const Machine& machine) {
    std::vector<CacheNumbers> out;
    const slab_memory& slabs = machine.slabs;
    if (!slabs.up) return out;
    const std::vector<bool> damaged = damaged_caches(slabs);
    for (cache_id id = slabs.slab_caches; id != CACHE_NONE && out.size() < slabs.nr_caches;
         id = slabs.caches[id].list_next)
        out.push_back(numbers_of(machine, id, damaged[id]));
    return out;
}

} // namespace mm
