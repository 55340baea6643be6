#pragma once
// How a process becomes two, and how one ends.
//
//   parent ─ VMA by VMA ─┬─ private pages that were touched: the entry in both, read-only in both, one more mapping of the page
//                        ├─ shared, or never written: no entry, the child's own fault brings it
//                        └─ MADV_DONTFORK: no VMA; MADV_WIPEONFORK: a VMA without pages
//
// Mirrors: kernel/fork.c (dup_mmap, exit_mm), mm/memory.c (copy_page_range), mm/rmap.c (anon_vma_fork; Linux 5.10, 6.1, 6.12).
#include "process/errno.h"
#include "process/mm.h"

namespace mm {

// 0, and the child's mm, which has the parent's name; or the negative number of an error.
[[nodiscard]] i64 sys_fork(mm_context& parent, mm_id& child);
// A thread, or a child of vfork(): one more that runs in the mm. kernel: clone with CLONE_VM
void share_mm(mm_context& cx);
// A task of the mm ends; the last one takes all of it away. kernel: exit_mm, exit_mmap
void exit_mm(mm_context& cx);

} // namespace mm
