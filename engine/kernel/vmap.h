#pragma once
// Which kernel addresses of vmalloc's space are taken, which are free, and which wait to be purged.
//
//   every address of the space belongs to one vmap_area, and every area stands in one of three red-black trees by address:
//     free   nobody's; each node also knows the longest free area at or below it, so that the lowest area that fits is
//            found in one descent
//     busy   taken by vmalloc(), vmap(), ioremap(), ...
//     lazy   given back, but TLBs may still know it: not to be handed out before a purge (flush of all TLBs) frees all of
//            them at once
//
// Areas are known by index (vmap_id); an index is used again after its area is gone. Lengths are bytes, multiples of the
// page size. Nothing here touches page tables or pages.
//
// Models: the search for the lowest free area that fits, with the shape of the tree (where the search prefers one area to
//   another, the shape decides); the four ways of taking a part of an area; merging with both neighbours; the lazy list
//   with its limit. Lazily freed areas are a stack in 5.10, newest first; since 5.12 a tree, whose neighbours merge at once
//   until 6.9.
// Not modelled: 6.12's several nodes of busy and lazy areas, which spread locks, not addresses, and
//   its pools of areas of 1 to 256 pages, which a purge fills: until the first purge they are empty.
// Mirrors: mm/vmalloc.c: find_vmap_lowest_match, adjust_va_to_fit_type (va_clip), merge_or_add_vmap_area,
//   free_vmap_area_noflush, __purge_vmap_area_lazy (Linux 5.10, 6.1, 6.12).
#include <optional>
#include <string_view>
#include <vector>

#include "base/cow_array.h"
#include "base/types.h"
#include "physical/kernel_rules.h"

namespace mm {

using vmap_id = u32;
inline constexpr vmap_id VMAP_NONE = 0xffffffffu;
inline constexpr u32 VM_NONE = 0xffffffffu;

enum class vmap_state : u8 { unused, free, busy, lazy };

struct vmap_area {
    u64 va_start = 0;
    u64 va_end = 0;           // first address behind it
    u64 subtree_max_size = 0; // free areas: the longest of this area and those below it in the tree
    vmap_id parent = VMAP_NONE;
    vmap_id left = VMAP_NONE;
    vmap_id right = VMAP_NONE;
    vmap_id next = VMAP_NONE; // unused areas: the next one; lazy areas of 5.10: the one that was freed before
    u32 vm = VM_NONE;         // busy areas: index of what is known of them (vmalloc.h: vm_struct)
    vmap_state state = vmap_state::unused;
    bool red = false;

    [[nodiscard]] u64 size() const { return va_end - va_start; }
};

struct vmap_space {
    CowArray<vmap_area, 6, 7> areas;
    u32 areas_used = 0; // indices below were handed out at some time
    vmap_id unused = VMAP_NONE;
    vmap_id free_root = VMAP_NONE;
    vmap_id busy_root = VMAP_NONE;
    vmap_id lazy_root = VMAP_NONE;   // since 5.12
    vmap_id lazy_newest = VMAP_NONE; // 5.10
    u64 vmap_lazy_nr = 0;            // pages of all lazy areas
    u32 page_shift = 12;
    u32 cpus = 1; // online
    kernel_rules rules;
};

// A space from `start` up to `end`, all of it free. kernel: vmap_init_free_space
[[nodiscard]] vmap_space make_vmap_space(u64 start, u64 end, u32 page_shift, u32 cpus, kernel_version version);

// The lowest `size` bytes that are free between vstart and vend and begin at a multiple of `align` (a power of two): where
// they begin, and in which free area. kernel: find_vmap_lowest_match
struct vmap_hole {
    vmap_id area;
    u64 start;
};
[[nodiscard]] std::optional<vmap_hole> find_hole(const vmap_space& space, u64 size, u64 align, u64 vstart, u64 vend);
// The free areas that find_hole() descends to, from the root on.
[[nodiscard]] std::vector<vmap_id> hole_search(const vmap_space& space, u64 size, u64 align, u64 vstart, u64 vend);
// Takes `size` bytes from the begin of a hole that was just found: a busy area.
[[nodiscard]] vmap_id take_hole(vmap_space& space, const vmap_hole& hole, u64 size);
// Bytes of the longest hole; 0: there is none.
[[nodiscard]] u64 largest_hole(const vmap_space& space);

// Both. VMAP_NONE when there is no such hole: the caller purges and tries once more. kernel: __alloc_vmap_area
[[nodiscard]] vmap_id alloc_vmap_area(vmap_space& space, u64 size, u64 align, u64 vstart, u64 vend);

// The same at an address that is already decided, to restore a recorded state. False when not all of it is free.
bool insert_vmap_area(vmap_space& space, u64 start, u64 end, vmap_state state);

// The busy area that begins at or holds `address`.
[[nodiscard]] vmap_id find_vmap_area(const vmap_space& space, u64 address);
// The area of any state that holds `address`; VMAP_NONE outside of the space.
[[nodiscard]] vmap_id vmap_area_at(const vmap_space& space, u64 address);

// Pages that may be lazily freed before a purge. kernel: lazy_max_pages
[[nodiscard]] u64 lazy_max_pages(const vmap_space& space);

// Gives a busy area back, lazily. True when more than lazy_max_pages() now wait: a purge is due.
// kernel: free_vmap_area_noflush
bool free_vmap_area_noflush(vmap_space& space, vmap_id area);

// Frees all lazy areas. How many pages they held. kernel: __purge_vmap_area_lazy
u64 purge_vmap_area_lazy(vmap_space& space);

// Areas of one state in the order in which the kernel lists them: by address; lazy ones of 5.10 newest first.
[[nodiscard]] std::vector<vmap_id> vmap_areas(const vmap_space& space, vmap_state state);

// What is wrong with the trees: order, colours, largest sizes, gaps, overlaps. Nothing when all is well.
[[nodiscard]] std::optional<std::string_view> verify_vmap_space(const vmap_space& space, u64 start, u64 end);

} // namespace mm
