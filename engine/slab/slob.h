#pragma once
// SLOB: pages cut into blocks of any size, first fit. For machines with very little memory.
//
//   free_slob_small (blocks below 256 bytes) ─► page ─► page        only pages with room are on a list
//   free_slob_medium (below 1024)            ─► page
//   free_slob_large                          ─► page ─► page
//
//   a page of 2048 units, its blocks in address order:       | used 0-39 | free 40-79 | used 80-99 | free 100-2047 |
//     in the kernel a free block's first unit holds its size, and the second where the next free one begins; a block of
//     one unit holds the negative of that place
//
//   allocation  the first page of the list with enough units, in it the first block that fits, after alignment; the list
//               is then turned so that the next search begins at this page; no page fits: a new one
//   free        the block merges with free neighbours; a page that was full joins the list of this block's size; a page
//               that becomes empty goes back
//   kmalloc     prepends a header with the size, as long as the alignment; sizes from PAGE_SIZE less the header go to the
//               page allocator. kmem_cache_alloc() knows the size from the cache and needs no header.
//
// Models: the free blocks of a page in their order, both ways of freeing, three lists, alignment of the block behind its
//   header, node matching.
// Simplified: misuse (a block that is free, or never was one, or has another size) damages the kernel's lists; here an event
//   tells of it and the block is left alone. SLAB_TYPESAFE_BY_RCU frees without delay.
// Ours: the list of full pages, and a record for each block, free or not, by which views and checks know those in use.
// Mirrors: mm/slob.c (Linux 5.10, 6.1). Removed in 6.4.
#include <optional>
#include <vector>

#include "slab/allocators.h"

namespace mm {

inline constexpr u32 SLOB_BREAK1 = 256;
inline constexpr u32 SLOB_BREAK2 = 1024;

// What was wrong with an address that was freed. The numbers are the `reason` of the event slob_misuse.
enum class slob_misuse : u8 { no_slob_page, no_block, other_size, no_header, has_header };
// Why a page of the list did not serve. The numbers are the `reason` of the event slob_page_passed.
enum class slob_pass : u8 { other_node, too_few_units, no_block_fits };
// Which neighbour a freed block merged with. The numbers are the `side` of the event slob_merged.
enum class slob_side : u8 { next, prev };

// Bytes of a unit: 2, or 4 where a page has more than 32767 × 2 bytes. kernel: SLOB_UNIT
[[nodiscard]] inline u32 slob_unit_bytes(const physical_memory& mem) { return mem.page_shift >= 16 ? 4 : 2; }
[[nodiscard]] inline u32 slob_page_units(const physical_memory& mem) {
    return (1u << mem.page_shift) / slob_unit_bytes(mem);
}
[[nodiscard]] inline u32 slob_units(const physical_memory& mem, u64 bytes) {
    return static_cast<u32>((bytes + slob_unit_bytes(mem) - 1) / slob_unit_bytes(mem));
}
[[nodiscard]] inline slob_list slob_list_of(u64 size) {
    return size < SLOB_BREAK1 ? SLOB_SMALL : size < SLOB_BREAK2 ? SLOB_MEDIUM : SLOB_LARGE;
}

// A block of a page, in units. In use: `bytes` as asked for with the header, `header` bytes of that.
struct slob_block {
    u32 unit = 0;
    u32 units = 0;
    bool free = false;
    u32 bytes = 0;
    u32 header = 0;

    friend bool operator==(const slob_block&, const slob_block&) = default;
};
[[nodiscard]] bool is_slob_page(const slab_memory& slabs, const physical_memory& mem, pfn_t pfn);
// All blocks of a page in address order. Empty when it is not SLOB's.
[[nodiscard]] std::vector<slob_block> slob_blocks(const slab_memory& slabs, const physical_memory& mem, pfn_t pfn);

// The block in use that begins at this unit.
[[nodiscard]] std::optional<slob_record> slob_block_in_use(const slab_memory& slabs, const physical_memory& mem,
                                                           pfn_t pfn, u32 unit);

// Within pages: slob_page.cpp. Units count from the page's first.
inline constexpr u32 NO_UNIT = 0xffffffffu;
struct slob_demand {
    u32 units = 0;
    u32 bytes = 0;  // with the header
    u32 header = 0; // bytes
    u64 align = 0;  // of the byte behind the header; 0 or a power of two
};
// The first unit of the block, NO_UNIT when none fits. Does not change the list that the page is on.
[[nodiscard]] u32 slob_page_alloc(slab_context& cx, pfn_t pfn, const slob_demand& demand);
// The block in use that begins at `unit` is free, and one with free neighbours.
void slob_page_free(slab_context& cx, pfn_t pfn, u32 unit);
// A new page: one free block. And the end of one.
void slob_page_open(slab_memory& slabs, const physical_memory& mem, pfn_t pfn);
void slob_page_close(slab_memory& slabs, const physical_memory& mem, pfn_t pfn);

void slob_link(slab_memory& slabs, const physical_memory& mem, pfn_t pfn, slob_list list); // at the head
void slob_unlink(slab_memory& slabs, const physical_memory& mem, pfn_t pfn);
//   before  a b c d, to c      after  c d a b
void slob_rotate(slab_memory& slabs, const physical_memory& mem, pfn_t pfn);

} // namespace mm
