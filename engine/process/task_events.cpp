// Events of tasks: the words of their reasons. Their rows are in task_event_rows.h.
#include "process/task_events.h"

#include "process/task_event_rows.h"

namespace mm {

namespace {

using ev = task_event;

constexpr auto table = event_table(task_rows::rows, ev::task_created);

// clang-format off
constexpr EventWords words[] = {
    words_for(ev::task_created, "thread", 0, "a process of its own", "自成一个进程"),
    words_for(ev::task_created, "thread", 1, "a thread of that process (CLONE_THREAD)", "该进程的一个线程（CLONE_THREAD）"),
    words_for(ev::vfork_done, "why", vfork_end::execve, "has called execve() and has another mm now", "调用了 execve()，换了 mm"),
    words_for(ev::vfork_done, "why", vfork_end::exit, "has ended", "已经结束"),
    words_for(ev::task_exited, "kernel", 0, "Thread", "线程"),
    words_for(ev::task_exited, "kernel", 1, "Kernel thread", "内核线程"),
    words_for(ev::de_thread, "leader", 0, "", ""),
    words_for(ev::de_thread, "leader", 1, ", and it gets the pid of the process", "，它接过进程的 pid"),
    words_for(ev::sched_switch, "case", switch_case::user_to_user, "from user to user", "用户到用户"),
    words_for(ev::sched_switch, "case", switch_case::user_to_kernel, "from user to kernel: the page tables stay", "用户到内核：页表不换"),
    words_for(ev::sched_switch, "case", switch_case::kernel_to_user, "from kernel to user", "内核到用户"),
    words_for(ev::sched_switch, "case", switch_case::kernel_to_kernel, "from kernel to kernel: the page tables stay", "内核到内核：页表不换"),
    words_for(ev::sched_switch, "same", 0, "", ""),
    words_for(ev::sched_switch, "same", 1, ", and its mm is the one whose tables are loaded", "，要用的 mm 正是已装着的那个"),
    words_for(ev::lazy_tlb_borrowed, "how", 0, "the task before it had borrowed them, and passes them on", "前一个任务借来的，转交给它"),
    words_for(ev::lazy_tlb_borrowed, "how", 1, "the task borrows them", "由它借用"),
    words_for(ev::lazy_tlb_borrowed, "grab", 0, " (mmgrab)", "（mmgrab）"),
    words_for(ev::lazy_tlb_borrowed, "grab", 1, " (mmgrab_lazy_tlb)", "（mmgrab_lazy_tlb）"),
    words_for(ev::lazy_tlb_dropped, "drop", 0, " (mmdrop)", "（mmdrop）"),
    words_for(ev::lazy_tlb_dropped, "drop", 1, " (mmdrop_lazy_tlb)", "（mmdrop_lazy_tlb）"),
};
// clang-format on

} // namespace

EventPart task_events() { return table.with(words); }

} // namespace mm
