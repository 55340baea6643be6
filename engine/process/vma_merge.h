#pragma once
// How VMAs become one and how one becomes two: the cases of each kernel, and what must be alike.
//
//   two touch, and flags, file, offset and anon_vma fit   →   one VMA; the record of one of them is kept
//
// Mirrors: mm/mmap.c: vma_merge, __vma_adjust, vma_expand, __split_vma (Linux 5.10, 6.1); mm/vma.c:
// vma_merge_existing_range,
//   vma_merge_new_range (6.12).
#include "process/errno.h"
#include "process/events.h"
#include "process/mm.h"

namespace mm {

// What is to be mapped in a hole, or what a part of a VMA is to become.
struct vma_proposal {
    u64 start = 0, end = 0;
    vm_flags_t flags = 0;
    u64 pgoff = 0;
    anon_vma_id anon_vma = 0;
    file_id file = 0;
};

enum class merge_way : u8 {
    both,        // vma_merge(), vma_merge_new_range()
    prefer_next, // mmap_region() of 6.1
    only_before, // brk() since 6.1
};

// Makes the VMAs beside a hole longer, where one fits. VMA_NONE: none does.
[[nodiscard]] vma_id merge_new_range(mm_context& cx, vma_id prev, vma_id next, const vma_proposal& proposal,
                                     merge_way way);

// Gives [start, end) of `vma` to the neighbours that have these flags already. `prev`: the VMA before `start`, which is
// `vma`
// itself where start lies in it. The VMA that holds the range now; VMA_NONE: no neighbour fits, nothing has changed.
[[nodiscard]] vma_id merge_existing_range(mm_context& cx, vma_id prev, vma_id vma, u64 start, u64 end,
                                          vm_flags_t flags);

// Cuts at an address inside. The lower part keeps its number; the upper one is returned. kernel: __split_vma
[[nodiscard]] vma_id split_vma_at(mm_context& cx, vma_id vma, u64 address);

struct modified_vma {
    vma_id vma = VMA_NONE;
    mm_errno error = mm_errno::none;
};
// The range as a VMA of its own, or as part of a neighbour that has the flags already. The caller sets them then.
// kernel: vma_modify_flags
[[nodiscard]] modified_vma modify_vma(mm_context& cx, mm_call call, vma_id prev, vma_id vma, u64 start, u64 end,
                                      vm_flags_t flags);

} // namespace mm
