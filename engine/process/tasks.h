#pragma once
// The tasks of a machine: which there are, whose mm they have, what CPUs run; how a task and an mm's references begin and end.
//
//   clone, fork, vfork ─► copy_mm: one more in mm_users, or an mm of its own
//   execve            ─► the others of the group end (de_thread), a new mm (exec_mmap)
//   exit              ─► one less in mm_users ─0─► mappings go (mmput) ─► one less in mm_count ─0─► pgd and mm go (mmdrop)
//
// Models: threads, vfork and who waits for it, kernel threads, pids in the kernel's order, mm_users and mm_count, lazy TLB.
// Simplified: a task that ends is waited for at once, so none is a zombie; a process's name in ops means its first thread, which
//   ends with the process alone. Where an mm's last task ends, its CPU and idle CPUs load the kernel's tables at once; a kernel's go on
//   with those of the dead mm until they switch. Kernel threads that are not borrowers alone (kthread_use_mm) are not modelled.
// Mirrors: kernel/fork.c, kernel/exit.c, fs/exec.c (de_thread, exec_mmap), kernel/pid.c (Linux 5.10, 6.1, 6.12).
#include <string>
#include <vector>

#include "base/op.h"
#include "process/mm.h"

namespace mm {

// ---- reading

// Every task, by pid. Idle tasks are no records.
[[nodiscard]] std::vector<task_id> all_tasks(const process_memory& proc);
// Those whose mm it is, by pid: as many as mm_users says.
[[nodiscard]] std::vector<task_id> tasks_of(const process_memory& proc, mm_id mm);
// The threads of a task's process, by pid.
[[nodiscard]] std::vector<task_id> threads_of(const process_memory& proc, task_id task);
// CPUs whose kernel thread or idle task borrows it: as many as mm_count says, less 1 while the mm has users.
[[nodiscard]] std::vector<u32> borrowing_cpus(const process_memory& proc, mm_id mm);
// What a CPU runs; TASK_NONE: its idle task.
[[nodiscard]] task_id current_task(const process_memory& proc, u32 cpu);
// Whose tables it runs with; MM_NONE: init_mm's.
[[nodiscard]] mm_id active_mm(const process_memory& proc, u32 cpu);
// TASK_NONE: nobody has it.
[[nodiscard]] task_id find_task(const process_memory& proc, u32 pid);
// The owner, or the child of vfork() that runs in its place; TASK_NONE: it waits, and the child has another mm.
[[nodiscard]] task_id runnable_task(const process_memory& proc, mm_id mm);
// "prog, pid 300"; of TASK_NONE "swapper/1, pid 0".
[[nodiscard]] std::string task_text(const process_memory& proc, task_id task, u32 cpu = 0);
// "R (running)", as /proc has it.
[[nodiscard]] std::string_view state_text(const process_memory& proc, task_id task);

// What ops call a task by: the space of its mm, none of a kernel thread, and above it the pid of one that is not a process's first thread.
[[nodiscard]] OpResult process_result(const process_memory& proc, mm_id mm);
[[nodiscard]] OpResult task_result(const process_memory& proc, task_id task);
// Whom a result names; TASK_NONE: nobody any more.
[[nodiscard]] task_id task_of_result(const process_memory& proc, const OpResult& result);

// ---- tasks

// The pid that the next task gets. kernel: alloc_pid
[[nodiscard]] u32 next_pid(const process_memory& proc);
// A record with its own pid and, where `made` has no leader, its own group. TASK_NONE, told: MAX_TASKS. kernel: copy_process
[[nodiscard]] task_id new_task(process_memory& proc, EventSink& sink, task_struct made);
// The first task of a new mm: its owner. False: MAX_TASKS.
[[nodiscard]] bool new_owner(process_memory& proc, EventSink& sink, mm_id mm, task_id parent);
// It runs nowhere any more, and has no mm.
void release_task(process_memory& proc, EventSink& sink, task_id task);
// Another task has a pid of a task from now on; that one has none. kernel: de_thread, exchange_tids
void take_pid(process_memory& proc, task_id task, task_id from);
// Its program's name without the path. kernel: __set_task_comm
void set_comm(process_memory& proc, task_id task, name_id program);
// A CPU's place in `cpus`.
[[nodiscard]] cpu_task& cpu_of(process_memory& proc, u32 cpu);

// ---- references

// One more task in the mm. kernel: mmget
void mmget(process_memory& proc, mm_id mm);
// Somebody borrows it. kernel: mmgrab; since 6.4 mmgrab_lazy_tlb
void mmgrab(process_memory& proc, mm_id mm);
// One less; with the last one the pgd and the mm go. kernel: mmdrop; since 6.4 mmdrop_lazy_tlb
void mmdrop(process_memory& proc, mmu_context& cx, mm_id mm);
// A task less; the last one takes mappings away. kernel: mmput, exit_mmap
void mmput(mm_context& cx);

// ---- ends

// A task ends: a thread, or the only one of its process. kernel: do_exit
void exit_task(process_memory& proc, mmu_context& cx, task_id task);
// A task's process ends with all its threads. kernel: do_group_exit
void exit_group(process_memory& proc, mmu_context& cx, task_id task);
// The same of the process whose mm it is; of an mm without tasks, the mm. kernel: do_exit
void exit_process(mm_context& cx);
// All others of its group end, and it has the group's pid. kernel: de_thread
void de_thread(process_memory& proc, mmu_context& cx, task_id task);
// It goes on in another mm. kernel: exec_mmap
void exec_mmap(process_memory& proc, mmu_context& cx, task_id task, mm_id mm);

} // namespace mm
