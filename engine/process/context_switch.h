#pragma once
// What a CPU runs next, and with whose tables.
//
//   to \ from │ user                               │ kernel
//   ──────────┼────────────────────────────────────┼──────────────────────────────────────────────
//   kernel    │ tables stay, active_mm is borrowed │ tables stay, what was borrowed is passed on
//   user      │ switch_mm, if the mm is another    │ switch_mm, if another; the borrowed mm is dropped
//
// An access, and a call on page tables that names an mm, runs on its CPU by a task: if another one runs there, that is switched first.
// Such a switch is told by what switch_mm() says; where the tables stay, by sched_switch.
// Mirrors: kernel/sched/core.c: context_switch, finish_task_switch (Linux 5.10, 6.1, 6.12).
#include "process/tasks.h"

namespace mm {

enum class switch_telling : bool { brief, whole };

// TASK_NONE: the idle task. A task that another CPU runs leaves that one to its idle task. kernel: context_switch
void context_switch(process_memory& proc, mmu_context& cx, u32 cpu, task_id next, switch_telling telling);
// Before an access of the task on the CPU of `cx`.
void run_task(process_memory& proc, mmu_context& cx, task_id task);
// An op of the MMU room has run on this CPU: whose tables are loaded there now says who runs.
void follow_tables(process_memory& proc, mmu_context& cx, u32 cpu);
// The CPU that runs it goes idle. kernel: do_task_dead
void leave_cpu(process_memory& proc, mmu_context& cx, task_id task);
// The mm has no users any more: idle CPUs load the kernel's tables, and, on x86, those of kernel threads. kernel: leave_mm
void leave_mm(mm_context& cx);

} // namespace mm
