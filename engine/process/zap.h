#pragma once
// Entries of a range of a process: taken away, given another protection, moved. Work of the calls on pages.
//
// Tables stay, but where free_pgtables() is called: it frees those that translate nothing but what no VMA is near.
// Mirrors: mm/memory.c (unmap_page_range, zap_pte_range), mm/mprotect.c (change_pte_range), mm/mremap.c (move_ptes), mm/madvise.c,
//   mm/huge_memory.c (__split_huge_pmd; Linux 5.10, 6.1, 6.12).
#include "process/mm.h"

namespace mm {

// All of these do nothing in an mm without tables.

// Pages of [start, end) are unmapped, and TLBs forget them. kernel: zap_page_range
void zap_page_range(mm_context& cx, vma_id vma, u64 start, u64 end);
// The same of pages of the page cache alone: private copies stay.
void zap_file_pages(mm_context& cx, vma_id vma, u64 start, u64 end);
// Of VMAs that are gone: tables that no VMA between `floor` and `ceiling` needs. kernel: free_pgtables
void free_pgtables(mm_context& cx, u64 start, u64 end, u64 floor, u64 ceiling);
// After the VMA got its flags. kernel: change_protection
void change_protection(mm_context& cx, vma_id vma, u64 start, u64 end);
// Entries of [from, from + length) stand at `to` from now on. kernel: move_page_tables
void move_page_tables(mm_context& cx, u64 from, u64 to, u64 length);
// MADV_FREE, MADV_COLD and MADV_PAGEOUT. kernel: madvise_free_pte_range, madvise_cold_or_pageout_pte_range
void free_pages_lazily(mm_context& cx, vma_id vma, u64 start, u64 end);
void make_pages_old(mm_context& cx, vma_id vma, u64 start, u64 end);
// A page for the table that a huge page may need one day. False: no memory. kernel: pgtable_trans_huge_deposit
[[nodiscard]] bool deposit_table(mm_context& cx);
// The huge page at the address, if one is there, is mapped by 512 entries from now on. False: no memory. kernel: __split_huge_pmd
[[nodiscard]] bool split_huge_pmd(mm_context& cx, u64 address);
// A huge page that a new border of VMAs cuts becomes small ones. kernel: vma_adjust_trans_huge
void split_at_border(mm_context& cx, u64 address);

} // namespace mm
