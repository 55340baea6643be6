#pragma once
// SLAB: arrays of objects in front of lists of slabs. A CPU takes from its array and gives back to it.
//
//   CPU's array ◄──► shared array of the node ◄──► slabs: partial ─ free ─ full ◄──► page allocator
//      LIFO            batchcount × shared          kmem_cache_node                    cache_grow_begin
//                                   ▲
//   object of another node ─► alien array (12 objects a pair of nodes)
//
//   allocation  array's last entry; an empty array is refilled with batchcount objects: from the shared array, else from
//               partial slabs, else free ones, else a new slab
//   free        array's end; a full array first hands its oldest batchcount entries to the shared array, or when that is
//               full to their slabs; empty slabs go back while the node has more than free_limit free objects
//
// Models: the three arrays with avail, limit, batchcount and touched, hit and miss counters; slabs with colours and index
//   arrays (classic_size.h); free_objects, free_limit, free_touched; cache_reap in turns; shrinking; tuning by
//   /proc/slabinfo; nodes with fallback; the shuffled index array; the one check of hardened freelists (an object freed
//   twice in a row).
// Simplified: boot's small arrays of one entry are skipped, caches have their final arrays at once. SLAB_TYPESAFE_BY_RCU
//   frees pages without delay. An address inside an object stands for the whole object once an array has it.
// Not modelled: pfmemalloc slabs, memory policies, CPU and memory hotplug, CONFIG_DEBUG_SLAB.
// Mirrors: mm/slab.c (Linux 5.10, 6.1).
#include <vector>

#include "slab/allocators.h"
#include "slab/slabs.h"

namespace mm {

inline constexpr u32 BATCHREFILL_LIMIT = 16; // objects that an idle array is refilled with at most
inline constexpr u32 ALIEN_LIMIT = 12;
inline constexpr u32 NO_BATCHCOUNT = 0xbaadf00d; // of arrays that nobody refills by batches
inline constexpr u32 MAX_ENTRIES = 1u << 26; // of all arrays of a machine: tuning beyond it fails like lack of memory

// Which array. The numbers are the `array` of events.
enum class array_kind : u8 { cpu, shared };
// Where a CPU's array was refilled from. The numbers are the `from` of the event slab_refill.
enum class refill_source : u8 { partial, free, grown };
// What became of a request to tune a cache. The numbers are the `reason` of the event tune_ignored.
enum class tune_result : u8 { done, bad_numbers, no_cache, no_memory };

// Arrays: classic_array.cpp
// `count` arrays in a row, empty.
[[nodiscard]] u32 make_arrays(slab_memory& slabs, u32 count, u32 limit, u32 batchcount);
void free_arrays(slab_memory& slabs, u32 first, u32 count);
// The last `max` entries of `from`, as far as they are there and fit, go to the end of `to`. Their number.
u32 transfer_objects(slab_memory& slabs, u32 to, u32 from, u32 max);
// The first `count` entries, the oldest; the others move up.
[[nodiscard]] std::vector<object_ref> take_oldest(slab_context& cx, u32 array, u32 count);
// Entries that lead into a slab that is about to go: misuse left them. They are dropped.
void drop_dangling(slab_context& cx, slab_id id);
inline void push_object(slab_memory& slabs, u32 array, object_ref object) {
    array_cache& ac = slabs.arrays.mut(array);
    slabs.entries.mut(ac.entries + ac.avail++) = object;
}

// Slabs: classic_grow.cpp
[[nodiscard]] slab_id cache_grow_begin(slab_context& cx, cache_id id, gfp_t gfp, u32 node); // SLAB_NONE: no memory
void cache_grow_end(slab_context& cx, slab_id number);
void slab_destroy(slab_context& cx, slab_id number);
[[nodiscard]] object_ref slab_get_obj(slab_memory& slabs, slab_id number);
// After objects were taken: to the head of the full or the partial list.
void fixup_slab_list(slab_context& cx, slab_id number);
[[nodiscard]] slab_list& list_of(kmem_cache_node& n, slab_place place);
void unlist_slab(slab_memory& slabs, slab_id number);
void list_slab(slab_memory& slabs, slab_id number, slab_place place, bool tail);

// Giving back: classic_free.cpp. Slabs that have to go are added to `doomed`, for slabs_destroy().
void free_block(slab_context& cx, cache_id id, u32 node, const std::vector<object_ref>& objects,
                std::vector<slab_id>& doomed);
void slabs_destroy(slab_context& cx, const std::vector<slab_id>& doomed);
void drain_alien_cache(slab_context& cx, cache_id id, u32 owner, u32 node, std::vector<slab_id>& doomed);

// Arrays and slabs that nobody uses: classic_reap.cpp
// One turn of CPU's periodic work on every cache. `node_turn`: the shared array and free slabs of its node are due, too.
// The kernel does the one every 2 s, the other every 4 s.
void cache_reap(slab_context& cx, bool node_turn);
u32 drain_freelist(slab_context& cx, cache_id id, u32 node, u32 tofree);
void drain_cpu_caches(slab_context& cx, cache_id id);

// Array sizes: classic_tune.cpp
[[nodiscard]] bool enable_cpucache(slab_context& cx, cache_id id);
[[nodiscard]] tune_result do_tune_cpucache(slab_context& cx, cache_id id, u32 limit, u32 batchcount, u32 shared);
// echo "name limit batchcount shared" > /proc/slabinfo. Numbers that make no sense change nothing, and yet the write
// succeeds; only an unknown name is EINVAL.
tune_result slabinfo_write(slab_context& cx, name_id name, i64 limit, i64 batchcount, i64 shared);

[[nodiscard]] inline u32 local_node(const slab_context& cx) {
    return static_cast<u32>(cx.page.mem.node_of_cpu(static_cast<int>(cx.page.cpu)));
}
// CONFIG_NUMA, as distributions build their kernels.
[[nodiscard]] inline bool has_numa(const slab_memory& slabs) {
    return slabs.arch != architecture::i386 || slabs.nr_nodes > 1;
}

} // namespace mm
