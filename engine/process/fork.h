#pragma once
// How a process becomes two, or gets another task.
//
//   parent ─ VMA by VMA ─┬─ private pages that were touched: the entry in both, read-only in both, one more mapping of the page
//                        ├─ shared, or never written: no entry, the child's own fault brings it
//                        └─ MADV_DONTFORK: no VMA; MADV_WIPEONFORK: a VMA without pages
//   CLONE_VM ─ no copy: one more in mm_users; CLONE_VFORK: the caller waits until the child calls execve or ends
//
// Mirrors: kernel/fork.c (dup_mmap, copy_mm, wait_for_vfork_done), mm/memory.c (copy_page_range), mm/rmap.c (anon_vma_fork; Linux 5.10, 6.1, 6.12).
#include "process/errno.h"
#include "process/mm.h"

namespace mm {

// 0, and the child's mm, which has the parent's name; or the negative number of an error.
[[nodiscard]] i64 sys_fork(mm_context& parent, mm_id& child);
// What clone() is asked for: CLONE_VM, CLONE_THREAD, CLONE_VFORK.
struct clone_flags {
    bool vm = true;
    bool thread = false;
    bool vfork = false;
};
// 0 and the child, or the negative number of an error. Without CLONE_VM as fork(). kernel: kernel_clone
[[nodiscard]] i64 sys_clone(mm_context& parent, const clone_flags& flags, task_id& child);
// TASK_NONE, told: MAX_TASKS. kernel: kthread_create_on_node
[[nodiscard]] task_id kthread_create(process_memory& proc, EventSink& sink, name_id name);

} // namespace mm
