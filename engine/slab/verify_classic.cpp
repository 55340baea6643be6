// The invariants of SLAB, and its part of the hash.
#include <vector>

#include "slab/classic_slab.h"
#include "slab/verify.h"

namespace mm {

namespace {

class ClassicVerifier {
  public:
    ClassicVerifier(const slab_memory& slabs, const physical_memory& mem)
        : slabs_(slabs), mem_(mem), seen_(slabs.nr_slabs) {}

    std::optional<std::string> run() {
        for (slab_id id = 0; id < slabs_.nr_slabs; ++id)
            if (slabs_.slabs[id].cache != CACHE_NONE) mark_free_part(id);
        for (cache_id id = slabs_.slab_caches; id != CACHE_NONE; id = slabs_.caches[id].list_next) check_cache(id);
        for (slab_id id = 0; id < slabs_.nr_slabs; ++id)
            if (slabs_.slabs[id].cache != CACHE_NONE) check_objects(id);
        return broken_;
    }

  private:
    void fail(const std::string& what) {
        if (!broken_) broken_ = what;
    }
    std::string name_of(slab_id id) const {
        const slab& s = slabs_.slabs[id];
        return "slab at pfn " + std::to_string(s.pfn) + " of cache " +
               std::string(name_text(slabs_.caches[s.cache].name));
    }

    // Notes one place of a free object; a second one is an error.
    void see(slab_id id, u32 index) {
        const slab& s = slabs_.slabs[id];
        if (s.corrupt) return;
        if (index >= s.objects) return fail(name_of(id) + ": there is no object " + std::to_string(index));
        if (seen_[id].empty()) seen_[id].resize(s.objects);
        if (seen_[id][index]++) fail(name_of(id) + ": object " + std::to_string(index) + " is free in two places");
    }

    void mark_free_part(slab_id id) {
        const slab& s = slabs_.slabs[id];
        if (s.inuse > s.objects) return fail(name_of(id) + ": more objects are active than it has");
        for (u32 i = s.inuse; i < s.objects; ++i) see(id, slabs_.links[s.links + i].next());
        const slab_place place = s.inuse == s.objects ? slab_place::node_full
                                 : s.inuse == 0       ? slab_place::node_free
                                                      : slab_place::node_partial;
        if (s.place != place)
            fail(name_of(id) + ": it stands on the wrong list for " + std::to_string(s.inuse) + " active");
        const bool in_object = slabs_.caches[s.cache].flags & SLAB_OBJFREELIST && s.inuse < s.objects;
        if (in_object != (s.freelist != OBJ_NONE))
            fail(name_of(id) + ": its index array has no place, or one too many");
    }

    // Objects of `home` alone are in the array, of any node when home is negative.
    void check_array(cache_id id, u32 array, int home) {
        const array_cache& ac = slabs_.arrays[array];
        const std::string name = "an array of " + std::string(name_text(slabs_.caches[id].name));
        if (ac.avail > ac.limit || ac.limit > ac.capacity) return fail(name + ": avail is above its limit");
        for (u32 i = 0; i < ac.avail; ++i) {
            const object_ref& entry = slabs_.entries[ac.entries + i];
            if (entry.slab >= slabs_.nr_slabs || slabs_.slabs[entry.slab].cache != id)
                return fail(name + ": entry " + std::to_string(i) + " leads to no slab of the cache");
            if (slabs_.slabs[entry.slab].node != home)
                fail(name + ": entry " + std::to_string(i) + " is of another node");
            see(entry.slab, entry.index);
        }
    }

    void check_cache(cache_id id) {
        const kmem_cache& cache = slabs_.caches[id];
        for (u32 cpu = 0; cpu < slabs_.nr_cpus; ++cpu)
            check_array(id, cache.cpu_cache + cpu, mem_.node_of_cpu(static_cast<int>(cpu)));
        for (u32 node = 0; node < slabs_.nr_nodes; ++node) {
            const kmem_cache_node& n = slabs_.node_at(id, node);
            if (n.shared != RUN_NONE) check_array(id, n.shared, static_cast<int>(node));
            for (u32 home = 0; n.alien != RUN_NONE && home < slabs_.nr_nodes; ++home)
                check_array(id, n.alien + home, static_cast<int>(home));
            check_counts(id, node, n);
        }
    }

    void check_counts(cache_id id, u32 node, const kmem_cache_node& n) {
        u32 objects = 0;
        u32 free_objects = 0;
        for (const slab_list* list : {&n.partial, &n.full, &n.free})
            for (slab_id at = list->first; at != SLAB_NONE; at = slabs_.slabs[at].next) {
                objects += slabs_.slabs[at].objects;
                free_objects += static_cast<u32>(slabs_.slabs[at].objects - slabs_.slabs[at].inuse);
            }
        const std::string name = std::string(name_text(slabs_.caches[id].name)) + " on node " + std::to_string(node);
        if (n.nr_slabs != n.partial.nr + n.full.nr + n.free.nr) fail(name + ": a slab is on no list");
        if (n.total_objects != objects) fail(name + ": objects are counted wrong");
        if (n.free_objects != free_objects)
            fail(name + ": free_objects is " + std::to_string(n.free_objects) + ", the slabs have " +
                 std::to_string(free_objects));
    }

    // Each object is allocated, or free in one place.
    void check_objects(slab_id id) {
        const slab& s = slabs_.slabs[id];
        if (s.corrupt) return;
        for (u32 i = 0; i < s.objects; ++i) {
            const bool free = !seen_[id].empty() && seen_[id][i] > 0;
            if (free == is_allocated(slabs_, s, static_cast<obj_index>(i)))
                fail(name_of(id) + ": object " + std::to_string(i) + (free ? " is free and allocated" : " is lost"));
        }
    }

    const slab_memory& slabs_;
    const physical_memory& mem_;
    std::vector<std::vector<u8>> seen_; // by slab and object: places where it is free
    std::optional<std::string> broken_;
};

void hash_array(const slab_memory& slabs, u32 array, Hasher& hasher) {
    const array_cache& ac = slabs.arrays[array];
    hasher.add(static_cast<u64>(ac.avail) << 32 | ac.limit);
    hasher.add(static_cast<u64>(ac.batchcount) << 32 | ac.touched);
    for (u32 i = 0; i < ac.avail; ++i) {
        const object_ref& entry = slabs.entries[ac.entries + i];
        hasher.add(static_cast<u64>(slabs.slabs[entry.slab].pfn) << 32 | static_cast<u64>(entry.index) << 16 |
                   entry.warm_cpu);
    }
}

} // namespace

std::optional<std::string> verify_classic(const slab_memory& slabs, const physical_memory& mem) {
    return ClassicVerifier(slabs, mem).run();
}

void hash_classic(const slab_memory& slabs, Hasher& hasher) {
    for (u32 cpu = 0; cpu < slabs.nr_cpus; ++cpu) hasher.add(slabs.reap_node[cpu]);
    for (cache_id id = slabs.slab_caches; id != CACHE_NONE; id = slabs.caches[id].list_next) {
        const kmem_cache& cache = slabs.caches[id];
        for (u32 cpu = 0; cpu < slabs.nr_cpus; ++cpu) hash_array(slabs, cache.cpu_cache + cpu, hasher);
        for (u32 node = 0; node < slabs.nr_nodes; ++node) {
            const kmem_cache_node& n = slabs.node_at(id, node);
            hasher.add(static_cast<u64>(n.free_limit) << 1 | (n.free_touched ? 1u : 0u));
            if (n.shared != RUN_NONE) hash_array(slabs, n.shared, hasher);
            for (u32 home = 0; n.alien != RUN_NONE && home < slabs.nr_nodes; ++home)
                hash_array(slabs, n.alien + home, hasher);
        }
    }
    for (slab_id id = 0; id < slabs.nr_slabs; ++id)
        if (slabs.slabs[id].cache != CACHE_NONE) hasher.add(slabs.slabs[id].management);
}

} // namespace mm
