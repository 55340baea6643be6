#pragma once
// struct page as far as the page allocator needs it, in 16 bytes a frame.
//
// Models: page->lru (as links by pfn), _refcount, page_private (the order of a free block), page->index as the
//   migratetype a per-CPU page was taken with, the zone in page->flags, PageBuddy, PageReserved, PageHead, PageSlab.
// Simplified: the tail pages of a block carry no state of their own; find_block() finds their head. `stamp`, the op
//   that touched the block last, is ours: the views colour by age with it.
// Simplified: the slab view of the union is one number, that of the record in slab_memory::slabs.
// Not modelled: mapping and mapcount; the rooms that own them keep them.
// Mirrors: include/linux/mm_types.h, include/linux/page-flags.h (Linux 6.1).
#include "base/types.h"
#include "physical/migratetype.h"

namespace mm {

// Exactly one holds for each frame. `tail` belongs to the head before it, whatever that is.
enum class page_state : u8 {
    hole,      // no memory here: not present, or outside every zone
    reserved,  // present, never given to the allocator (PageReserved)
    tail,      // inside a block whose head stands at a lower pfn
    buddy,     // head of a free block on a free_area list (PageBuddy)
    pcp,       // head of a block on a per-CPU list
    allocated, // head of a block that somebody holds
    leaked,    // head of a block that bad_page() took out of use
};

struct page {
    pfn_t
        next; // page->lru, valid while on a list; PFN_NONE ends it. PageSlab: the slab's record, in each of its frames
    pfn_t prev;
    u32 stamp; // number of the op that changed the block's state last; 0: at boot
    i16 refcount;
    u16 bits;

    [[nodiscard]] page_state state() const { return static_cast<page_state>(bits & 7); }
    [[nodiscard]] u8 order() const { return static_cast<u8>((bits >> 3) & 15); } // of the block whose head this is
    [[nodiscard]] migratetype type() const { return static_cast<migratetype>((bits >> 7) & 7); }
    [[nodiscard]] u8 zone_slot() const { return static_cast<u8>((bits >> 10) & 15); } // physical_memory::populated
    [[nodiscard]] bool compound() const { return (bits >> 14) & 1; } // allocated with __GFP_COMP: PageHead

    [[nodiscard]] bool slab() const { return bits >> 15; } // PageSlab, set for every frame of a slab

    void set_state(page_state state) { bits = static_cast<u16>((bits & ~7u) | static_cast<u32>(state)); }
    void set_order(u32 order) { bits = static_cast<u16>((bits & ~(15u << 3)) | order << 3); }
    void set_type(migratetype type) { bits = static_cast<u16>((bits & ~(7u << 7)) | static_cast<u32>(type) << 7); }
    void set_zone_slot(u32 slot) { bits = static_cast<u16>((bits & ~(15u << 10)) | slot << 10); }
    void set_slab(bool slab) { bits = static_cast<u16>((bits & ~(1u << 15)) | (slab ? 1u << 15 : 0u)); }
    // All of the block at once; the zone stays.
    void set_block(page_state state, u32 order, migratetype type, bool head) {
        bits = static_cast<u16>((bits & ~(7u | 15u << 3 | 7u << 7 | 1u << 14)) | static_cast<u32>(state) | order << 3 |
                                static_cast<u32>(type) << 7 | (head ? 1u << 14 : 0u));
    }
    void set_compound(bool head) { bits = static_cast<u16>((bits & ~(1u << 14)) | (head ? 1u << 14 : 0u)); }
};
static_assert(sizeof(page) == 16);

} // namespace mm
