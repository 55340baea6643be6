#pragma once
// A task: what a CPU runs. A process is one, or several that share an mm; a kernel thread has no mm and borrows one.
//
//   task_struct ── mm ─────────► mm_struct   mm_users: tasks whose mm it is
//               └─ active_mm ──► mm_struct   mm_count: 1 for all users together, and 1 for each that borrows it
//
// Mirrors: include/linux/sched.h (struct task_struct; Linux 6.1).
#include "base/names.h"
#include "process/user_pages.h"

namespace mm {

using task_id = u32;
inline constexpr task_id TASK_NONE = 0xffffffffu; // on a CPU: its idle task, swapper, which has pid 0

inline constexpr u32 MAX_TASKS = 8'192; // of a machine, threads and kernel threads included
inline constexpr u32 PID_MAX = 32'768;  // pids are smaller. kernel: PID_MAX_DEFAULT
inline constexpr u32 FIRST_PID = 300;   // about where a system's own end, and where pids begin again: RESERVED_PIDS
inline constexpr std::size_t COMM_LENGTH = 15; // TASK_COMM_LEN without its zero byte
inline constexpr u32 CPU_NONE = 0xffffffffu;

// task_struct::flags
inline constexpr u32 PF_FORKNOEXEC = 0x0000'0040; // was made by fork, and no execve since
inline constexpr u32 PF_KTHREAD = 0x0020'0000;

enum class task_state : u8 {
    running,         // or ready to: TASK_RUNNING
    uninterruptible, // a parent that waits for the child of vfork(): TASK_KILLABLE
};

struct task_struct {
    bool in_use = false;
    task_state state = task_state::running;
    u32 flags = 0;
    u32 cpu = CPU_NONE; // that runs it; CPU_NONE: none does. kernel: on_cpu, thread_info.cpu
    mm_id mm = MM_NONE; // MM_NONE: a kernel thread
    // Whose tables it runs with. Of a kernel thread: what it borrows while it runs; MM_NONE: nothing, init_mm.
    mm_id active_mm = MM_NONE;
    u32 pid = 0, tgid = 0;
    task_id real_parent = TASK_NONE;  // TASK_NONE: init, or kthreadd
    task_id group_leader = TASK_NONE; // itself, of a process's first thread
    u32 nr_threads = 1;               // of its group; the leader's counts. kernel: signal->nr_threads
    task_id vfork_done = TASK_NONE;   // who waits until it calls execve or ends
    task_id vfork_child = TASK_NONE;  // for whom it waits
    name_id comm = NO_NAME;
    u32 slot = 0;     // 1 + the result of the ops that names it; 0: none does
    task_id next = 0; // records not in use: 1 + the next one

    [[nodiscard]] bool kernel_thread() const { return (flags & PF_KTHREAD) != 0; }
    [[nodiscard]] bool waits() const { return state != task_state::running; }
};

// What a CPU runs.
struct cpu_task {
    task_id current = TASK_NONE;
    mm_id idle_mm = MM_NONE; // that its idle task borrows while it runs
};

} // namespace mm
