#pragma once
// The words and fields of the ops of tasks.
#include "process/op_fields.h"

namespace mm::process_spec {

inline constexpr FieldSpec task_field{
    "process", Unit::space_result, -1, 0, MAX_RESULTS - 1, true, "name of a process, a thread or a kernel thread"};

inline constexpr OpSpec exit_group{
    .name = "exit_group",
    .fields = {process_field},
    .kernel_function = "do_group_exit (kernel/exit.c)",
    .help_en = "Ends a process with all its threads, whichever of them calls.",
    .help_zh = "结束一个进程和它的全部线程，由哪个线程调用都一样。",
};
inline constexpr OpSpec clone{
    .name = "clone",
    .fields = {process_field,
               FieldSpec{"vm", Unit::flag, 1, 0, 1, false, "CLONE_VM: the child runs in the same mm; 0: as fork"},
               FieldSpec{"thread", Unit::flag, 1, 0, 1, false, "CLONE_THREAD: a thread of the same process; wants vm"},
               FieldSpec{"vfork", Unit::flag, 0, 0, 1, false,
                         "CLONE_VFORK: the caller waits until the child calls execve or ends"}},
    .makes = ResultKind::space,
    .kernel_function = "kernel_clone (kernel/fork.c)",
    .help_en = "Makes a task: a thread, as pthread_create does, or a process that shares the caller's mm or copies it.",
    .help_zh = "建一个任务：像 pthread_create 那样建线程，或者建一个共用或复制调用者 mm 的进程。",
    .keeps_pages = true,
};
inline constexpr OpSpec vfork{
    .name = "vfork",
    .fields = {process_field},
    .makes = ResultKind::space,
    .kernel_function = "kernel_clone with CLONE_VFORK and CLONE_VM (kernel/fork.c)",
    .help_en = "Makes a child that runs in its parent's mm. The parent waits until it calls execve or ends.",
    .help_zh = "建一个在父进程的 mm 里运行的子进程。父进程等它调用 execve 或结束。",
    .keeps_pages = true,
};
inline constexpr OpSpec kthread_create{
    .name = "kthread_create",
    .fields = {FieldSpec{"name", Unit::name, 0, 0, MAX_NAME_ID, false, "what it is called; left out: kthread"}},
    .makes = ResultKind::space,
    .kernel_function = "kthread_create_on_node (kernel/kthread.c)",
    .help_en = "Makes a kernel thread: a task without an mm.",
    .help_zh = "建一个内核线程：没有 mm 的任务。",
    .keeps_pages = true,
};
inline constexpr OpSpec schedule{
    .name = "schedule",
    .fields = {FieldSpec{"process", Unit::space_result, -1, -1, MAX_RESULTS - 1, false,
                         "name of a process, a thread or a kernel thread; left out: the CPU's idle task"}},
    .kernel_function = "context_switch (kernel/sched/core.c)",
    .help_en = "The CPU runs another task. Its page tables are switched if they must be.",
    .help_zh = "CPU 换一个任务运行。必要时才换页表。",
    .keeps_pages = true,
};

} // namespace mm::process_spec
