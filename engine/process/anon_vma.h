#pragma once
// The anon_vma of a VMA: what its private pages are found by again. The first page makes it, or takes that of a
// neighbour.
//
// Mirrors: mm/rmap.c: __anon_vma_prepare; mm/mmap.c: find_mergeable_anon_vma, reusable_anon_vma, anon_vma_compatible
// (Linux 6.1).
#include "process/mm.h"

namespace mm {

// Before a private page is mapped. Nothing happens when the VMA has one.
void anon_vma_prepare(mm_context& cx, vma_id vma);

} // namespace mm
