#pragma once
// Whose is a frame: of no list, of a free list or a CPU's, of a page table, a slab, an area of vmalloc, of processes or the page
// cache, or somebody's.
#include <optional>
#include <string>

#include "machine/facts/place.h"
#include "machine/narrate.h"

namespace mm {

enum class FrameUse : u8 {
    no_memory,
    reserved,
    free,    // on a free list
    per_cpu, // on a list of a CPU
    page_table,
    slab,
    vmalloc,   // a page of a vmalloc or vmap area
    process,   // processes map it, or the page cache has it
    zero_page, // what processes read where they have written nothing
    allocated, // somebody's, and nothing here knows more
    unlisted,  // between a list and its user
    bad,
};

struct FrameOwner {
    FrameUse use = FrameUse::no_memory;
    pfn_t pfn = PFN_NONE;
    pfn_t head = PFN_NONE; // of the block
    u8 order = 0;
    table_id table = TABLE_NONE;       // page_table
    cache_id cache = CACHE_NONE;       // slab
    std::optional<phys_addr_t> object; // slab: the object that holds the address
    u32 object_index = 0;
    u64 area = 0; // vmalloc: where it begins
    // process
    user_page_kind page_kind = user_page_kind::none;
    u32 mappings = 0;      // entries that map it
    mm_id mm = MM_NONE;    // of the first of them; MM_NONE: only the page cache has it
    u64 address = 0;       // where that one maps it
    space_id space = SPACE_NONE; // whose page tables have it
};
[[nodiscard]] FrameOwner owner_of(const Machine& machine, phys_addr_t phys);

// "allocated, block of order 3 at 0x45340", "page table: pmd of init_mm", "slab of kmalloc-64, object 3"
[[nodiscard]] std::string owner_text(const Machine& machine, const FrameOwner& owner, Language language);
// What the text is about, to be selected: the object, the area's address, else the frame; Kind::none without memory.
[[nodiscard]] Place owner_place(const FrameOwner& owner);

} // namespace mm
