#pragma once
// struct page as far as the page allocator needs it, in 16 bytes a frame.
//
// Models: page->lru (as links by pfn), _refcount, page_private (the order of a free block), page->index as the
//   migratetype a per-CPU page was taken with, the zone in page->flags, PageBuddy, PageReserved, PageHead, PageSlab, PageTable.
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
    pfn_t prev; // the same, in blocks behind the list's first
    u32 stamp;  // number of the op that changed the block's state last; 0: at boot
    i16 refcount;
    u16 bits;

    static constexpr u32 STATE_BITS = 7;
    static constexpr u32 ORDER_SHIFT = 3, ORDER_BITS = 15u << ORDER_SHIFT;
    static constexpr u32 TYPE_SHIFT = 7, TYPE_BITS = 7u << TYPE_SHIFT;
    static constexpr u32 ZONE_SHIFT = 10, ZONE_BITS = 15u << ZONE_SHIFT;
    static constexpr u32 COMPOUND_SHIFT = 14, COMPOUND_BIT = 1u << COMPOUND_SHIFT;
    static constexpr u32 OWNED_SHIFT = 15,
                         OWNED_BIT = 1u << OWNED_SHIFT; // a slab's, a process's, or with a table in it

    static constexpr pfn_t OF_TABLE = PFN_NONE - 1; // `next` of an owned page that is no slab's
    static constexpr pfn_t OF_USER = PFN_NONE - 2;  // of one that processes map or the page cache has
    static constexpr pfn_t TABLE_TYPED = 1u << 0, TABLE_FREED = 1u << 1; // `prev` of such a page

    [[nodiscard]] page_state state() const { return static_cast<page_state>(bits & STATE_BITS); }
    [[nodiscard]] u8 order() const { return static_cast<u8>((bits & ORDER_BITS) >> ORDER_SHIFT); } // of a head's block
    [[nodiscard]] migratetype type() const { return static_cast<migratetype>((bits & TYPE_BITS) >> TYPE_SHIFT); }
    // Index in physical_memory::populated.
    [[nodiscard]] u8 zone_slot() const { return static_cast<u8>((bits & ZONE_BITS) >> ZONE_SHIFT); }
    [[nodiscard]] bool compound() const { return bits & COMPOUND_BIT; } // allocated with __GFP_COMP: PageHead
    // PageSlab, set for every frame of a slab.
    [[nodiscard]] bool slab() const { return bits & OWNED_BIT && next != OF_TABLE && next != OF_USER; }
    // References that processes and the page cache have, which nobody else may drop; 0: it is not theirs.
    [[nodiscard]] u32 user_references() const { return bits & OWNED_BIT && next == OF_USER ? prev : 0; }
    // A page table stands in it, and somebody else would free it. Not those that boot has taken from reserved memory.
    [[nodiscard]] bool table() const { return bits & OWNED_BIT && next == OF_TABLE; }
    [[nodiscard]] bool table_typed() const { return table() && prev & TABLE_TYPED; } // PageTable: the kernel can see it
    [[nodiscard]] bool table_freed() const {
        return table() && prev & TABLE_FREED;
    } // misuse: it was freed under the table

    void set_state(page_state state) { put(STATE_BITS, static_cast<u32>(state)); }
    void set_order(u32 order) { put(ORDER_BITS, order << ORDER_SHIFT); }
    void set_type(migratetype type) { put(TYPE_BITS, static_cast<u32>(type) << TYPE_SHIFT); }
    void set_zone_slot(u32 slot) { put(ZONE_BITS, slot << ZONE_SHIFT); }
    void set_compound(bool head) { put(COMPOUND_BIT, u32{head} << COMPOUND_SHIFT); }
    void set_slab(bool slab) { put(OWNED_BIT, u32{slab} << OWNED_SHIFT); } // `next` is the caller's
    void set_table(bool typed) {
        put(OWNED_BIT, OWNED_BIT);
        next = OF_TABLE;
        prev = typed ? TABLE_TYPED : 0;
    }
    void set_user_references(u32 references) {
        put(OWNED_BIT, references > 0 ? OWNED_BIT : 0);
        next = references > 0 ? OF_USER : PFN_NONE;
        prev = references > 0 ? references : PFN_NONE;
    }
    void clear_table() {
        put(OWNED_BIT, 0);
        next = prev = PFN_NONE;
    }
    // All of the block at once; the zone stays.
    void set_block(page_state state, u32 order, migratetype type, bool head) {
        put(STATE_BITS | ORDER_BITS | TYPE_BITS | COMPOUND_BIT, static_cast<u32>(state) | order << ORDER_SHIFT |
                                                                    static_cast<u32>(type) << TYPE_SHIFT |
                                                                    u32{head} << COMPOUND_SHIFT);
    }

  private:
    void put(u32 mask, u32 value) { bits = static_cast<u16>((bits & ~mask) | value); }
};
static_assert(sizeof(page) == 16);

} // namespace mm
