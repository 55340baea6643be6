#pragma once
// What each allocator provides, and what they share below the interface. Only this room includes it.
#include <concepts>
#include <span>

#include "slab/slab.h"

namespace mm {

// What runs a million times is compiled for both kinds of sink (base/event.h).
template <class Sink>
concept any_sink = std::same_as<Sink, EventSink> || std::same_as<Sink, EventCounter>;

// Why kmem_cache_create() refused. The numbers are the `reason` of the event cache_refused.
enum class cache_refusal : u8 { bad_size, bad_align, bad_usersize, no_order, too_many };

// Nothing may join this cache. kernel: slab_unmergeable
[[nodiscard]] bool cache_unmergeable(const slab_memory& slabs, const kmem_cache& cache);
// A cache without looking for one to merge with.
[[nodiscard]] cache_id create_cache(slab_context& cx, const cache_request& request);
// kmalloc's caches. The kernel's own two, kmem_cache and kmem_cache_node, are not made. kernel: create_kmalloc_caches
void create_boot_caches(slab_context& cx);

// open: sizes a new cache, false when it cannot be. shutdown: gives all slabs back, false when objects are left.
// mm/slub.c; slub_alloc() and slub_free() are in slub_fast_path.h
[[nodiscard]] bool slub_open(slab_context& cx, cache_id id);
[[nodiscard]] bool slub_shutdown(slab_context& cx, cache_id id);
void slub_shrink(slab_context& cx, cache_id id);
// How many it got before there was no more. All addresses of slub_free_bulk lie in slabs.
[[nodiscard]] u32 slub_alloc_bulk(slab_context& cx, cache_id id, gfp_t gfp, u32 nr, phys_addr_t* objects);
void slub_free_bulk(slab_context& cx, std::span<const phys_addr_t> addresses);

// mm/slab.c
[[nodiscard]] bool classic_open(slab_context& cx, cache_id id);
[[nodiscard]] bool classic_shutdown(slab_context& cx, cache_id id);
void classic_shrink(slab_context& cx, cache_id id);
[[nodiscard]] phys_addr_t classic_alloc(slab_context& cx, cache_id id, gfp_t gfp, int node);
void classic_free(slab_context& cx, cache_id id, phys_addr_t object, object_ref found);

// mm/slob.c
[[nodiscard]] bool slob_open(slab_context& cx, cache_id id);
[[nodiscard]] phys_addr_t slob_cache_alloc(slab_context& cx, cache_id id, gfp_t gfp, int node);
void slob_cache_free(slab_context& cx, cache_id id, phys_addr_t object);
[[nodiscard]] phys_addr_t slob_kmalloc(slab_context& cx, u64 size, gfp_t gfp, int node);
void slob_kfree(slab_context& cx, phys_addr_t object);
// What a request of this size takes: with its header, or whole pages.
[[nodiscard]] u64 slob_kmalloc_bytes(const slab_memory& slabs, const physical_memory& mem, u64 size);
[[nodiscard]] u64 slob_ksize(const slab_memory& slabs, const physical_memory& mem, phys_addr_t object);

} // namespace mm
