#pragma once
// MADV_COLLAPSE: small pages of private anonymous memory become a huge page, at once.
//
//   512 entries: page, zero page, nothing ... ──copied──► one block of order 9 ──► one entry of the pmd, the table kept
//
// What the background task khugepaged would ask of the range (how many pages may be missing or shared, whether it was used) is not
// asked of who advises it: one page that may be written is enough.
// Not modelled: files and shared memory, which are refused.
// Mirrors: mm/khugepaged.c: madvise_collapse, hpage_collapse_scan_pmd, collapse_huge_page (Linux 6.1, 6.12).
#include "process/errno.h"
#include "process/mm.h"

namespace mm {

// Each huge page that lies in [start, end) whole. 0, or the negative number of an error, which is told.
[[nodiscard]] i64 madvise_collapse(mm_context& cx, vma_id vma, u64 start, u64 end);

} // namespace mm
