#pragma once
// The slab allocators' state as one looks at it: which slabs a cache has and where each stands, what each object is, how
// many objects callers hold.
//
// SlabLists and CacheNumbers walk lists: a view makes them once a moment, not once a frame. Walks are bounded, because
// misuse may have tied a list to a loop.
#include <vector>

#include "machine/machine.h"

namespace mm {

// ---- objects --------------------------------------------------------------------------------------------------------

enum class ObjectState : u8 {
    allocated,
    cpu_free,  // SLUB: on the lockless freelist of the CPU whose slab this is. SLAB: in the array of a CPU or a node
    slab_free, // on the slab's own freelist
};

// The objects of one slab.
class SlabObjects {
  public:
    SlabObjects(const slab_memory& slabs, slab_id id);

    [[nodiscard]] ObjectState state(u32 index) const { return states_[index]; }
    // In the order in which they will be handed out. SLAB: only the slab's own.
    [[nodiscard]] const std::vector<obj_index>& cpu_list() const { return cpu_list_; }
    [[nodiscard]] const std::vector<obj_index>& own_list() const { return own_list_; }

  private:
    std::vector<ObjectState> states_;
    std::vector<obj_index> cpu_list_, own_list_;
};

// ---- slabs ----------------------------------------------------------------------------------------------------------

// Every slab of a cache, by where it stands; lists in their order.
struct SlabLists {
    using List = std::vector<slab_id>;
    std::vector<List> cpu_partial;                        // by CPU
    std::vector<List> node_partial, node_full, node_free; // by node; SLUB keeps no list of full ones: by address
    List elsewhere; // on no list, and not full: the op has taken them and not yet put them anywhere
};
[[nodiscard]] SlabLists slab_lists(const slab_memory& slabs, cache_id cache);

[[nodiscard]] bool cache_exists(const slab_memory& slabs, i64 cache);
// The cache whose slab holds this address.
[[nodiscard]] cache_id cache_of_address(const Machine& machine, phys_addr_t address);

// ---- numbers --------------------------------------------------------------------------------------------------------

struct CacheNumbers {
    cache_id id = CACHE_NONE;
    u64 in_use = 0; // objects that callers hold
    u64 active = 0; // as /proc/slabinfo counts: those on CPUs' lists and in arrays, too
    u64 total = 0;
    u64 slabs = 0;
    u64 bytes = 0;
    u32 size = 0;
    u32 order = 0;
    u32 objs = 0;
    u64 cpu_slabs = 0; // CPUs' own and those on their partial lists
    u64 partial = 0;   // on the nodes' lists
    bool kmalloc = false;
};
[[nodiscard]] CacheNumbers cache_numbers(const Machine& machine, cache_id cache);
// Of all caches there are, newest first, as the kernel lists them.
[[nodiscard]] std::vector<CacheNumbers> all_cache_numbers(const Machine& machine);

} // namespace mm
