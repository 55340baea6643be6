#pragma once
// The VMAs of a process by address, and the holes between them.
//
// A red-black tree whose nodes know the longest hole at and below them, so that every question here takes as many steps
// as the
// tree is high, however many VMAs there are.
#include <optional>

#include "process/mm.h"

namespace mm {

// A new record with these values, which stands in no tree yet. It is one more that maps its file.
[[nodiscard]] vma_id new_vma(process_memory& proc, const vm_area_struct& vma);
// Of one that stands in no tree.
void drop_vma(process_memory& proc, vma_id vma);

void link_vma(mm_context& cx, vma_id vma);
void unlink_vma(mm_context& cx, vma_id vma);
// Gives a VMA of the tree another begin and end, which do not pass its neighbours.
void set_vma_range(mm_context& cx, vma_id vma, u64 start, u64 end);

[[nodiscard]] vma_id first_vma(const mm_context& cx);
[[nodiscard]] vma_id next_vma(const mm_context& cx, vma_id vma);
[[nodiscard]] vma_id previous_vma(const mm_context& cx, vma_id vma);
// The first VMA that ends above the address. kernel: find_vma
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
