#include "slab/verify.h"

#include <vector>

#include "slab/content.h"
#include "slab/kfree_rcu.h"
#include "slab/slub.h"

namespace mm {

namespace {

class Verifier {
  public:
    Verifier(const slab_memory& slabs, const physical_memory& mem) : slabs_(slabs), mem_(mem) {}

    std::optional<std::string> run() {
        for (slab_id id = 0; id < slabs_.nr_slabs && !broken_; ++id)
            if (slabs_.slabs[id].cache != CACHE_NONE) check_slab(id);
        for (cache_id id = slabs_.slab_caches; id != CACHE_NONE && !broken_; id = slabs_.caches[id].list_next)
            check_cache(id);
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

    // Each object is allocated, or stands on one freelist once.
    void check_slab(slab_id id) {
        const slab& s = slabs_.slabs[id];
        if (s.corrupt) return;
        for (pfn_t at = s.pfn; at < s.pfn + (1u << s.order); ++at)
            if (!mem_.page_at(at).slab() || mem_.page_at(at).next != id)
                fail(name_of(id) + ": a frame does not know it");
        if (slabs_.config.allocator == slab_allocator::slub) check_slub(id, s);
    }

    void check_slub(slab_id id, const slab& s) {
        std::vector<u8> seen(s.objects, 0);
        const u32 own = walk(id, s, s.freelist, seen);
        if (own != static_cast<u32>(s.objects - s.inuse))
            fail(name_of(id) + ": inuse is " + std::to_string(s.inuse) + ", but " + std::to_string(own) + " of " +
                 std::to_string(s.objects) + " are on its freelist");
        if (s.place == slab_place::cpu) {
            const kmem_cache_cpu& c = slabs_.cpu_at(s.cache, s.cpu);
            if (c.slab != id) fail(name_of(id) + ": its CPU has another slab");
            if (c.objects != s.objects || c.links != s.links || c.size != slabs_.caches[s.cache].size ||
                c.first_object != object_address(slabs_, mem_, {id, 0, 0}))
                fail(name_of(id) + ": its CPU knows it otherwise");
            walk(id, s, c.freelist, seen);
        }
        for (u32 i = 0; i < s.objects; ++i)
            if ((seen[i] != 0) == is_allocated(slabs_, s, static_cast<obj_index>(i)))
                fail(name_of(id) + ": object " + std::to_string(i) + (seen[i] ? " is free and allocated" : " is lost"));
        if (s.content != RUN_NONE) check_pointers(id, s, seen);
        const kmem_cache& cache = slabs_.caches[s.cache];
        const bool full = s.inuse == s.objects && kmem_cache_debug(cache);
        if (full && (cache.flags & SLAB_STORE_USER) && s.place != slab_place::node_full)
            fail(name_of(id) + ": full, but not on the list of full slabs");
        if (s.place == slab_place::node_full && !full) fail(name_of(id) + ": on the list of full slabs, but not full");
        const bool listed = s.place == slab_place::cpu || s.place == slab_place::cpu_partial;
        if (s.frozen && !listed) fail(name_of(id) + ": frozen, but no CPU has it");
    }

    // The bytes of free objects say what the links say.
    void check_pointers(slab_id id, const slab& s, const std::vector<u8>& is_free) {
        for (u32 i = 0; i < s.objects; ++i) {
            const auto index = static_cast<obj_index>(i);
            if (is_free[i] && get_freepointer(slabs_, mem_, s, index) != next_free(slabs_, s, index))
                fail(name_of(id) + ": the free pointer of object " + std::to_string(i) +
                     " says something else than its link");
        }
    }

    u32 walk(slab_id id, const slab& s, obj_index head, std::vector<u8>& seen) {
        u32 length = 0;
        for (; head != OBJ_NONE; head = next_free(slabs_, s, head), ++length) {
            if (head >= s.objects || seen[head]) {
                fail(name_of(id) + ": its freelist has no end");
                return length;
            }
            seen[head] = 1;
        }
        return length;
    }

    void check_cache(cache_id id) {
        const std::string name(name_text(slabs_.caches[id].name));
        for (u32 cpu = 0; cpu < slabs_.nr_cpus; ++cpu) {
            const kmem_cache_cpu& c = slabs_.cpu_at(id, cpu);
            if (c.slab == SLAB_NONE && (c.objects != 0 || c.freelist != OBJ_NONE))
                fail(name + ": a CPU without a slab has objects");
        }
        for (u32 node = 0; node < slabs_.nr_nodes; ++node) {
            const kmem_cache_node& n = slabs_.node_at(id, node);
            check_list(name, n.partial, slab_place::node_partial);
            check_list(name, n.full, slab_place::node_full);
            check_list(name, n.free, slab_place::node_free);
        }
    }

    void check_list(const std::string& name, const slab_list& list, slab_place place) {
        u32 nr = 0;
        slab_id prev = SLAB_NONE;
        for (slab_id at = list.first; at != SLAB_NONE && nr <= list.nr; prev = at, at = slabs_.slabs[at].next, ++nr) {
            if (slabs_.slabs[at].place != place) fail(name + ": a slab stands on a list of another place than its own");
            if (slabs_.slabs[at].prev != prev) fail(name + ": a list's links do not agree");
        }
        if (nr != list.nr)
            fail(name + ": a list counts " + std::to_string(list.nr) + " slabs, and has " + std::to_string(nr));
    }

    const slab_memory& slabs_;
    const physical_memory& mem_;
    std::optional<std::string> broken_;
};

void hash_list(const slab_memory& slabs, const slab_list& list, Hasher& hasher) {
    hasher.add(list.nr);
    for (slab_id at = list.first; at != SLAB_NONE; at = slabs.slabs[at].next) hasher.add(slabs.slabs[at].pfn);
}

void hash_slab(const slab_memory& slabs, const physical_memory& mem, const slab& s, Hasher& hasher) {
    hasher.add(static_cast<u64>(s.pfn) << 16 | s.cache);
    hasher.add(static_cast<u64>(s.inuse) << 32 | static_cast<u64>(s.objects) << 16 | s.freelist);
    hasher.add(static_cast<u64>(s.place) << 16 | static_cast<u64>(s.cpu) << 8 | (s.frozen ? 1u : 0u));
    hasher.add(s.colour_off);
    hasher.add(static_cast<u64>(s.cpu_partial_objects) << 1 | u64{s.corrupt});
    for (u32 i = 0; i < s.objects; ++i) hasher.add(slabs.links[s.links + i].bits);
    if (s.content == RUN_NONE) return;
    for (u32 at = 0; at < slab_bytes(mem, s); at += 8) hasher.add(load_content(slabs, s, at, 8));
}

} // namespace

std::optional<std::string> verify_slabs(const slab_memory& slabs, const physical_memory& mem) {
    if (auto broken = Verifier(slabs, mem).run()) return broken;
    if (auto broken = verify_rcu(slabs.rcu)) return broken;
    switch (slabs.config.allocator) {
    case slab_allocator::slub: return std::nullopt;
    case slab_allocator::slab: return verify_classic(slabs, mem);
    case slab_allocator::slob: return verify_slob(slabs, mem);
    }
    return std::nullopt;
}

void hash_slabs(const slab_memory& slabs, const physical_memory& mem, Hasher& hasher) {
    hasher.add(static_cast<u64>(slabs.config.allocator));
    hasher.add(slabs.rng);
    if (slabs.nr_slab_errors > 0)
        hasher.add(static_cast<u64>(slabs.nr_slab_errors) << 1 | (mem.log.bad_page ? 1u : 0u));
    for (cache_id id = slabs.slab_caches; id != CACHE_NONE; id = slabs.caches[id].list_next) {
        const kmem_cache& cache = slabs.caches[id];
        hasher.add_text(name_text(cache.name));
        hasher.add(static_cast<u64>(cache.size) << 32 | cache.object_size);
        hasher.add(static_cast<u64>(cache.flags) << 8 | cache.order);
        hasher.add_signed(cache.refcount);
        hasher.add(cache.next_random_start);
        for (u32 cpu = 0; cpu < slabs.nr_cpus; ++cpu) {
            const kmem_cache_cpu& c = slabs.cpu_at(id, cpu);
            hasher.add(c.tid);
            hasher.add(c.freelist);
            hasher.add(c.slab == SLAB_NONE ? PFN_NONE : slabs.slabs[c.slab].pfn);
            for (slab_id at = c.partial; at != SLAB_NONE; at = slabs.slabs[at].next) hasher.add(slabs.slabs[at].pfn);
        }
        for (u32 node = 0; node < slabs.nr_nodes; ++node) {
            const kmem_cache_node& n = slabs.node_at(id, node);
            hash_list(slabs, n.partial, hasher);
            hash_list(slabs, n.full, hasher);
            hash_list(slabs, n.free, hasher);
            hasher.add(static_cast<u64>(n.free_objects) << 32 | n.colour_next);
        }
    }
    for (const cache_alias& alias : slabs.aliases) {
        hasher.add_text(name_text(alias.name));
        hasher.add(alias.cache);
    }
    for (slab_id id = 0; id < slabs.nr_slabs; ++id)
        if (slabs.slabs[id].cache != CACHE_NONE) hash_slab(slabs, mem, slabs.slabs[id], hasher);
    if (slabs.config.allocator == slab_allocator::slab) hash_classic(slabs, hasher);
    if (slabs.config.allocator == slab_allocator::slob) hash_slob(slabs, mem, hasher);
    hash_rcu(slabs.rcu, hasher);
}

} // namespace mm
