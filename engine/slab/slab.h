#pragma once
// The interface of the slab allocators: what the rest of the kernel calls. The machine's allocator does it.
//
//   kmem_cache_alloc ─► slub.h | classic_slab.h | slob.h ─► new slab: alloc_pages (physical/page_alloc.h)
//   kmem_cache_free  ─► address ─► page ─► slab ─► index ─► the same
//
// Addresses are physical; linear-map addresses are made where they are shown. ADDR_NULL is NULL.
// Misuse (double free, wrong cache, use after free) is what the kernel makes of it: a report, a silently damaged
// freelist, or nothing. It is told by an event and never crashes the engine.
// Mirrors: include/linux/slab.h, mm/slab_common.c (Linux 5.10, 6.1, 6.12).
#include <string_view>

#include "base/result.h"
#include "slab/slab_memory.h"

namespace mm {

struct cache_request {
    name_id name = NO_NAME;
    u32 size = 0;  // of an object, 1 to KMALLOC_MAX_SIZE
    u32 align = 0; // 0 or a power of two
    slab_flags_t flags = 0;
    bool ctor = false;
    u32 usersize = 0; // not 0: kmem_cache_create_usercopy; such a cache does not merge
};

// kmem_cache_init(): the boot caches and kmalloc's, as the machine's kernel and configuration make them.
void kmem_cache_init(slab_context& cx);

// The live cache of this name, also when it is an alias; CACHE_NONE: there is none.
[[nodiscard]] cache_id find_cache(const slab_memory& slabs, std::string_view name);
// A new cache, or the one that it merged into. CACHE_NONE: refused as the kernel refuses it (event cache_refused).
[[nodiscard]] cache_id kmem_cache_create(slab_context& cx, const cache_request& request);
// With objects left the cache stays, and the report is given.
void kmem_cache_destroy(slab_context& cx, cache_id cache);
// Gives empty slabs back. The number of slabs that remain.
u32 kmem_cache_shrink(slab_context& cx, cache_id cache);

// `node` -1: the node of the running CPU. ADDR_NULL when the page allocator has nothing.
[[nodiscard]] phys_addr_t kmem_cache_alloc_node(slab_context& cx, cache_id cache, gfp_t gfp, int node);
void kmem_cache_free(slab_context& cx, cache_id cache, phys_addr_t object);
// All `nr` objects or none: the number written to `objects`.
u32 kmem_cache_alloc_bulk(slab_context& cx, cache_id cache, gfp_t gfp, u32 nr, phys_addr_t* objects);
void kmem_cache_free_bulk(slab_context& cx, cache_id cache, u32 nr, const phys_addr_t* objects);

// The slab that holds an address, SLAB_NONE when its frame is not a slab's. Constant time.
[[nodiscard]] slab_id slab_of_address(const slab_memory& slabs, const physical_memory& mem, phys_addr_t address);
[[nodiscard]] inline phys_addr_t slab_base(const slab_memory& slabs, const physical_memory& mem, slab_id id) {
    return phys_addr_t{slabs.slabs[id].pfn} << mem.page_shift;
}
// Where object `index` begins, as its holder sees it (after the left red zone).
[[nodiscard]] phys_addr_t object_address(const slab_memory& slabs, const physical_memory& mem, object_ref object);
// The object that holds an address; index OBJ_NONE when the address is in no slab, or before or after the objects.
[[nodiscard]] object_ref object_of_address(const slab_memory& slabs, const physical_memory& mem, phys_addr_t address);

} // namespace mm
