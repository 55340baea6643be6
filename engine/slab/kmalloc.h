#pragma once
// kmalloc: sizes to caches, and large sizes to the page allocator.
//
//   size ─► index (8, 16, 32, 64, 96, 128, 192, 256, ... 8 KiB) × type (normal, cgroup, reclaimable, DMA) ─► cache
//   above KMALLOC_MAX_CACHE_SIZE ─► a compound page of the order that holds it
//
// Models: kmalloc_index, KMALLOC_MIN_SIZE of the architecture and version, kmalloc types, kmalloc_large, ksize,
//   krealloc in place, the limits of each allocator: SLUB has caches up to 2 pages; SLAB up to KMALLOC_MAX_SIZE (4 MiB
//   with 4 KiB pages, at most 32 MiB), since 6.1 up to 2 pages; SLOB has none. The 128 KiB that old texts name as the limit
//   held for SLAB of early 2.6 kernels and before.
// Mirrors: mm/slab_common.c, include/linux/slab.h (Linux 5.10, 6.1, 6.12).
#include "slab/slab.h"

namespace mm {

// What every kmalloc cache is aligned to, at least; the smallest size follows from it.
[[nodiscard]] u32 kmalloc_min_align(const slab_memory& slabs);
[[nodiscard]] u32 kmalloc_min_size(const slab_memory& slabs);
[[nodiscard]] u64 kmalloc_max_cache_size(const slab_memory& slabs, const physical_memory& mem);
[[nodiscard]] u64 kmalloc_max_size(const slab_memory& slabs, const physical_memory& mem);
[[nodiscard]] kmalloc_cache_type kmalloc_type(const slab_memory& slabs, gfp_t gfp);
// The cache that serves `size`; CACHE_NONE above kmalloc_max_cache_size. 0 < size
[[nodiscard]] cache_id kmalloc_slab(const slab_memory& slabs, const physical_memory& mem, u64 size, gfp_t gfp);
// What a request of `size` really gets.
[[nodiscard]] u64 kmalloc_size_roundup(const slab_memory& slabs, const physical_memory& mem, u64 size);

// size 0 gives ZERO_SIZE_PTR.
[[nodiscard]] phys_addr_t kmalloc_node(slab_context& cx, u64 size, gfp_t gfp, int node);
[[nodiscard]] phys_addr_t krealloc(slab_context& cx, phys_addr_t object, u64 size, gfp_t gfp);
void kfree(slab_context& cx, phys_addr_t object);
// 0 for ZERO_SIZE_PTR and for addresses that kmalloc never gave.
[[nodiscard]] u64 ksize(const slab_memory& slabs, const physical_memory& mem, phys_addr_t object);

} // namespace mm
