#pragma once
// The VMAs of a process by address, and the holes between them: the index that the machine's kernel has.
//
//   avl      a list, and from 32 VMAs on an AVL tree beside it (2.4 before 2.4.10); mmap_cache
//   rbtree   a list and a red-black tree (to 6.0); vmacache
//   maple    a maple tree (since 6.1)
//
// The index answers itself: every question takes as many steps as its tree is high. Three things are simpler than there:
// nodes of the AVL tree know the longest hole below them, as those of the red-black tree do (2.4 walked the list for a
// hole); VMAs are linked with their neighbours under every index (a maple tree's kernel asks the tree); and fork stores one
// VMA after the other (6.1 packs the nodes of a child, 6.8 and later copy them).
#include <optional>
#include <vector>

#include "process/mm.h"

namespace mm {

// A new record with these values, which stands in no tree yet. It is one more that maps its file.
[[nodiscard]] vma_id new_vma(process_memory& proc, const vm_area_struct& vma);
// Of one that stands in no tree.
void drop_vma(process_memory& proc, vma_id vma);

// A list of fewer VMAs has no AVL tree beside it. kernel: AVL_MIN_MAP_COUNT
inline constexpr u32 AVL_MIN_MAP_COUNT = 32;

// What becomes of addresses that a VMA leaves: a maple tree writes nothing over them, or what comes next takes them over.
enum class left_range : u8 { emptied, taken };

void link_vma(mm_context& cx, vma_id vma);
void unlink_vma(mm_context& cx, vma_id vma, left_range left = left_range::emptied);
// Gives a VMA of the index another begin and end, which do not pass its neighbours.
void set_vma_range(mm_context& cx, vma_id vma, u64 start, u64 end, left_range left = left_range::emptied);
// The addresses of all VMAs in [start, end) leave a maple tree by one store; then their VMAs go as taken.
// kernel: vma_iter_clear_gfp
void clear_vma_range(mm_context& cx, u64 start, u64 end);

// How an address is looked for.
enum class search_way : u8 { maple, rbtree, avl, list, vmacache, mmap_cache };
struct vma_search {
    vma_id found = VMA_NONE; // the first VMA that ends above the address
    search_way way = search_way::maple;
    u32 looked = 0; // nodes of the tree, or VMAs of the list
};
// `path`: the VMAs, or the nodes of the maple tree, from the root on. It asks no cache.
[[nodiscard]] vma_search search_vma(const process_memory& proc, mm_id id, u64 address,
                                    std::vector<u32>* path = nullptr);
// The kernel's own search, which asks the cache first and is told. kernel: find_vma
[[nodiscard]] vma_id find_vma_told(mm_context& cx, u64 address);

[[nodiscard]] vma_id first_vma(const mm_context& cx);
[[nodiscard]] vma_id next_vma(const mm_context& cx, vma_id vma);
[[nodiscard]] vma_id previous_vma(const mm_context& cx, vma_id vma);
// The first VMA that ends above the address.
[[nodiscard]] vma_id find_vma(const mm_context& cx, u64 address);
// The VMA that the address lies in. kernel: vma_lookup
[[nodiscard]] vma_id vma_lookup(const mm_context& cx, u64 address);
// The first VMA that has addresses of [start, end). kernel: find_vma_intersection
[[nodiscard]] vma_id find_vma_intersection(const mm_context& cx, u64 start, u64 end);
// The last VMA that ends at or below the address.
[[nodiscard]] vma_id vma_before(const mm_context& cx, u64 address);

struct vma_hole {
    u64 start = 0, end = 0;                    // what of it lies in the limits
    vma_id below = VMA_NONE, above = VMA_NONE; // the VMAs around it
};
// The highest and the lowest hole that has `length` addresses in [low, high). kernel: mas_empty_area_rev,
// mas_empty_area
[[nodiscard]] std::optional<vma_hole> highest_hole(const mm_context& cx, u64 length, u64 low, u64 high);
[[nodiscard]] std::optional<vma_hole> lowest_hole(const mm_context& cx, u64 length, u64 low, u64 high);

} // namespace mm
