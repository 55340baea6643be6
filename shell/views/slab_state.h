#pragma once
// The slab allocators' state as views draw it: which slabs a cache has and where each stands, what each object is, how
// many objects callers hold.
//
// SlabLists and CacheNumbers walk lists: a view makes them once a moment, not once a frame. Walks are bounded, because
// misuse may have tied a list to a loop.
#include <optional>
#include <vector>

#include "machine/machine.h"
#include "views/palette.h"

namespace shell {

// ---- objects --------------------------------------------------------------------------------------------------------

enum class ObjectState : mm::u8 {
    allocated,
    cpu_free,  // SLUB: on the lockless freelist of the CPU whose slab this is. SLAB: in the array of a CPU or a node
    slab_free, // on the slab's own freelist
};

// The objects of one slab.
class SlabObjects {
  public:
    SlabObjects(const mm::slab_memory& slabs, mm::slab_id id);

    [[nodiscard]] ObjectState state(mm::u32 index) const { return states_[index]; }
    // In the order in which they will be handed out. SLAB: only the slab's own.
    [[nodiscard]] const std::vector<mm::obj_index>& cpu_list() const { return cpu_list_; }
    [[nodiscard]] const std::vector<mm::obj_index>& own_list() const { return own_list_; }

  private:
    std::vector<ObjectState> states_;
    std::vector<mm::obj_index> cpu_list_, own_list_;
};

// Hollow free, hatched on the CPU's freelist, filled allocated.
[[nodiscard]] BlockInk object_ink(const Palette& palette, ObjectState state);

// ---- slabs ----------------------------------------------------------------------------------------------------------

// Every slab of a cache, by where it stands; lists in their order.
struct SlabLists {
    using List = std::vector<mm::slab_id>;
    std::vector<List> cpu_partial;                        // by CPU
    std::vector<List> node_partial, node_full, node_free; // by node; SLUB keeps no list of full ones: by address
    List elsewhere; // on no list, and not full: the op has taken them and not yet put them anywhere
};
[[nodiscard]] SlabLists slab_lists(const mm::slab_memory& slabs, mm::cache_id cache);

[[nodiscard]] bool cache_exists(const mm::slab_memory& slabs, mm::i64 cache);
// The cache whose slab holds this address.
[[nodiscard]] mm::cache_id cache_of_address(const mm::Machine& machine, mm::phys_addr_t address);
// The cache that a selection is about: itself, the cache of an object or of a slab's page.
[[nodiscard]] mm::cache_id selected_cache(const mm::Machine& machine, const Selection& selection);
[[nodiscard]] mm::slab_id selected_slab(const mm::Machine& machine, const Selection& selection);
// The frame that a selection stands in, when it is a frame, an object or an address that is mapped.
[[nodiscard]] std::optional<mm::pfn_t> selected_frame(const mm::Machine& machine, const Selection& selection);

// ---- numbers --------------------------------------------------------------------------------------------------------

struct CacheNumbers {
    mm::cache_id id = mm::CACHE_NONE;
    mm::u64 in_use = 0; // objects that callers hold
    mm::u64 active = 0; // as /proc/slabinfo counts: those on CPUs' lists and in arrays, too
    mm::u64 total = 0;
    mm::u64 slabs = 0;
    mm::u64 bytes = 0;
    mm::u32 size = 0;
    mm::u32 order = 0;
    mm::u32 objs = 0;
    mm::u64 cpu_slabs = 0; // CPUs' own and those on their partial lists
    mm::u64 partial = 0;   // on the nodes' lists
    bool kmalloc = false;
};
[[nodiscard]] CacheNumbers cache_numbers(const mm::Machine& machine, mm::cache_id cache);
// Of all caches there are, newest first, as the kernel lists them.
[[nodiscard]] std::vector<CacheNumbers> all_cache_numbers(const mm::Machine& machine);

} // namespace shell
