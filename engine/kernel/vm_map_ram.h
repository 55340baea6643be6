#pragma once
// vm_map_ram: short-lived mappings of a few pages, without a search for a hole each time.
//
//   count <= VMAP_MAX_ALLOC   a block of this CPU: the next 2^n free pages of it. No hole is searched, no TLB is told
//   more                      an area of its own, without a guard page
//
//   block  [A A][B][dirty][C C C C][............. free .............]
//          unmapped pages are dirty: they become free only with the whole block, when all of it is dirty, or when nothing in it is
//          used any more and a purge comes by. So one long-lived mapping holds a whole block.
//
// Models: sizes of blocks (by CONFIG_NR_CPUS and the length of a pointer), requests rounded to powers of two, queues a
//   CPU, dirty ranges and their flush by vm_unmap_aliases(), the purge of fragmented blocks when there is no hole and
//   by vm_unmap_aliases() (since 6.5 only of those with less than a quarter free), counts that go wrong with a wrong
//   count, the BUGs.
// Simplified: a wrong call that would free another's area or write behind the block is told and does nothing. One NULL
//   among the pages takes no slot.
// Not modelled: the records of blocks and areas (kmalloc; the kernel frees them by kfree_rcu), flush_cache_vmap,
//   debug_pagealloc.
// Mirrors: mm/vmalloc.c (vm_map_ram, vm_unmap_ram, vb_alloc, vb_free, new_vmap_block, purge_fragmented_blocks,
//   _vm_unmap_aliases; Linux 5.10, 6.1, 6.12).
#include <optional>
#include <span>
#include <string>

#include "base/hash.h"
#include "kernel/kernel_memory.h"
#include "physical/profile.h"

namespace mm {

void vmap_block_init(kernel_memory& kernel, const machine_profile& profile);

// Why vm_map_ram() returns NULL: the numbers of `reason` in the event vm_map_ram_failed.
enum class map_ram_failure : u8 { no_page, no_addresses, no_tables };

// What stops the kernel, or should: the numbers of `reason` in the event vm_unmap_ram_bug.
enum class unmap_ram_bug : u8 {
    null,          // BUG_ON(!addr)
    not_vmalloc,   // BUG_ON(addr < VMALLOC_START), BUG_ON(addr > VMALLOC_END)
    unaligned,     // BUG_ON(!PAGE_ALIGNED(addr))
    no_block,      // a small count where no block is: a NULL pointer is followed
    behind_block,  // the count goes on behind the block's last page
    free_left,     // all pages are dirty, and some were never taken: BUG_ON(vb->free)
    no_area_bug,   // a large count, and no area: BUG_ON(!va)
    no_area_warns, // the same since 6.3: WARN_ON_ONCE(!va)
    others_area,   // a large count in an area that is no such mapping: it goes, with all that is in it
};

// Why a block goes: the numbers of `reason` in the event vmap_block_freed.
enum class block_end : u8 { all_dirty, fragmented };

// The address of the first page, or 0. The pages stay the caller's.
u64 vm_map_ram(kernel_context& cx, std::span<const pfn_t> pages);
// False: nothing was unmapped.
bool vm_unmap_ram(kernel_context& cx, u64 address, u32 count);

// Frees blocks in which nothing is used; `all`: also those with room left. kernel: purge_fragmented_blocks_allcpus
void purge_fragmented_blocks(kernel_context& cx, bool all);
// The addresses between which blocks are dirty, as vm_unmap_aliases() collects them before it flushes.
struct unflushed_span;
[[nodiscard]] unflushed_span collect_dirty(kernel_context& cx);

// Of a page of a block: the frame is free, used or dirty.
enum class block_page : u8 { free, used, dirty };
[[nodiscard]] block_page page_of_block(const kernel_memory& kernel, const vmap_block& block, u32 page);

[[nodiscard]] std::optional<std::string> verify_vmap_blocks(const kernel_memory& kernel);
// Adds nothing while there is no block.
void hash_vmap_blocks(const kernel_memory& kernel, Hasher& hasher);

} // namespace mm
