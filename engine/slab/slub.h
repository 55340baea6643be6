#pragma once
// SLUB: a CPU allocates from one slab of its own, and the rest waits on lists.
//
//   kmem_cache_cpu.freelist ──► kmem_cache_cpu.slab->freelist ──► kmem_cache_cpu.partial ──► node's partial ──► new slab
//     fast path                  get_freelist                      CPU partial list           get_partial       pages
//
//   free to the CPU's slab: onto its freelist. Elsewhere: onto the slab's freelist; a slab that was full goes to the CPU's
//   partial list, and all of that list to the node when it is full; an empty slab is given back when the node has
//   min_partial others.
//
// Models: both freelists, tid, frozen, inuse, partial lists of CPU and node in order, min_partial, cpu_partial (objects
//   before 5.16, slabs since), remote frees, flushing, shrinking, fallback to the minimum order, shuffled freelists, the
//   one check of hardened pointers (an object that is freed twice in a row), merging; bulk: one pass over the CPU's
//   freelist, and for frees a detached list a slab.
// Simplified: with slabs of other nodes, the random decision of remote_node_defrag_ratio (1001 of 1024) always says yes.
//   A bulk free with misuse in it (an object twice, free already, no object) frees that slab's objects one by one, as it
//   does for debugged caches, whose reports therefore come in the order of the caller's array.
// Not modelled: pfmemalloc slabs, KFENCE, memcg's object lists.
// Mirrors: mm/slub.c (Linux 5.10, 6.1, 6.12).
#include "slab/allocators.h"
#include "slab/slabs.h"

namespace mm {

// Why the fast path could not serve. The numbers are the `reason` of the event slow_alloc.
enum class slow_reason : u8 { no_slab, freelist_empty, other_node, debugging };

// How a CPU's slab left it. The numbers are the `mode` of the event deactivate.
enum class deactivate_mode : u8 { to_head, to_tail, full, discarded };

[[nodiscard]] inline bool kmem_cache_debug(const kmem_cache& cache) { return cache.flags & SLAB_DEBUG_FLAGS; }
[[nodiscard]] inline bool kmem_cache_has_cpu_partial(const slab_memory& slabs, const kmem_cache& cache) {
    return slabs.config.cpu_partial && !kmem_cache_debug(cache);
}

// A new slab with its freelist built, on no list and not frozen. SLAB_NONE: no pages.
[[nodiscard]] slab_id new_slab(slab_context& cx, cache_id id, gfp_t gfp, int node);
void discard_slab(slab_context& cx, slab_id id);

void add_partial(slab_context& cx, slab_id id, bool tail);
void remove_partial(slab_context& cx, slab_id id);
// What is on a CPU's partial list moves to the nodes' lists, or back to the page allocator.
void unfreeze_partials(slab_context& cx, cache_id id, u32 cpu);
// Puts a slab on the running CPU's partial list; `drain`: a full list first moves to the node.
void put_cpu_partial(slab_context& cx, slab_id id, bool drain);
// The CPU's slab with the objects of its freelist goes back where it belongs.
void deactivate_slab(slab_context& cx, cache_id id, slab_id slab, obj_index freelist);
// Makes a slab the running CPU's own, or takes it away (SLAB_NONE), without its freelist.
void set_cpu_slab(slab_context& cx, cache_id id, slab_id slab);
// Everything that a CPU holds. kernel: flush_cpu_slab
void flush_cpu_slab(slab_context& cx, cache_id id, u32 cpu);

// A slab that this CPU does not have yet: from a node's list, or new pages. For debugged caches that take single objects
// a slab from a list comes with the object that was taken; otherwise index is OBJ_NONE.
[[nodiscard]] object_ref slab_from_elsewhere(slab_context& cx, cache_id id, gfp_t gfp, int node);

inline void count(slab_context& cx, cache_id id, slub_stat item) { ++cx.slabs.cpu_mut(id, cx.page.cpu).stat[item]; }

} // namespace mm
