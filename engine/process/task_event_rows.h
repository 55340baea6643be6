#pragma once
// The rows of the events of tasks: what each carries, and the sentence that it becomes.
#include "base/event_args.h"
#include "process/task_events.h"

namespace mm {

namespace task_rows {

using ev = task_event;

constexpr ArgSpec number(std::string_view name) { return {name, Unit::number}; }
constexpr ArgSpec reason(std::string_view name) { return {name, Unit::reason}; }
inline constexpr ArgSpec CPU{"cpu", Unit::cpu};

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    event(ev::task_created, "task_newtask", {number("pid"), number("tgid"), reason("thread"), number("process")},
          "A new task has pid {pid} and tgid {tgid}: {thread}. It gets no page tables and no VMAs: its mm is that of process {process} (CLONE_VM).",
          "新任务的 pid 为 {pid}，tgid 为 {tgid}：{thread}。不为它建页表，也不复制 VMA：它的 mm 就是进程 {process} 的（CLONE_VM）。"),
    event(ev::clone_refused, "clone_refused", {number("pid")},
          "clone() by task {pid} ends with EINVAL: CLONE_THREAD without CLONE_VM. Threads of a process share its mm.",
          "任务 {pid} 的 clone() 以 EINVAL 失败：有 CLONE_THREAD 而没有 CLONE_VM。同一进程的线程必须共用 mm。"),
    event(ev::kthread_created, "kthread_created", {number("pid"), {"comm", Unit::name}},
          "The kernel thread {comm} has pid {pid}. Its mm is NULL: it has no user addresses, and runs with whatever page tables its CPU has.",
          "内核线程 {comm} 的 pid 为 {pid}。它的 mm 为 NULL：没有用户地址，CPU 上装着谁的页表，它就用谁的。"),
    event(ev::vfork_waits, "vfork_waits", {number("parent"), number("child")},
          "Task {parent} waits until task {child} calls execve() or ends (vfork_done): both have one mm, and what the child writes, the parent would trip over.",
          "任务 {parent} 要等任务 {child} 调用 execve() 或结束（vfork_done）：两者用同一个 mm，父任务若同时运行，会踩到子任务写的内容。"),
    event(ev::vfork_done, "vfork_done", {number("parent"), number("child"), reason("why")},
          "Task {parent} may run again: task {child} {why}.",
          "任务 {parent} 可以继续运行：任务 {child} {why}。"),
    event(ev::task_waits, "task_waits", {number("pid"), number("child")},
          "Task {pid} cannot do that: it waits in vfork() until task {child}, its child, calls execve() or ends.",
          "任务 {pid} 做不了这件事：它正在 vfork() 中等待，直到子任务 {child} 调用 execve() 或结束。"),
    event(ev::task_exited, "sched_process_exit", {number("pid"), number("tgid"), reason("kernel")},
          "{kernel} {pid} of group {tgid} ends.",
          "{kernel} {pid}（所在线程组 {tgid}）结束。"),
    event(ev::group_exit, "group_exit", {number("tgid"), number("pid"), number("threads")},
          "Process {tgid} ends, called for by task {pid}: all its {threads} threads end, one by one.",
          "任务 {pid} 要求进程 {tgid} 结束：{threads} 个线程逐个结束。"),
    event(ev::de_thread, "de_thread", {number("pid"), number("tgid"), number("others"), reason("leader")},
          "execve() by task {pid} leaves one thread of process {tgid}: {others} {others|other ends|others end}{leader}.",
          "任务 {pid} 调用 execve()，进程 {tgid} 只留一个线程：另外 {others} 个结束{leader}。"),
    event(ev::mm_owner_changed, "mm_owner_changed", {number("before"), number("pid")},
          "The mm of process {before} has a task of process {pid} as its owner from now on: mm_users is not 0 yet.",
          "进程 {before} 的 mm 从此归进程 {pid} 的任务：mm_users 还没有到 0。"),
    event(ev::mm_kept, "mm_kept", {number("pid"), number("count")},
          "mm_users of process {pid} is 0: mappings, pages and tables are gone. The mm_struct and its pgd stay, for {count} {count|CPU has|CPUs have} "
          "them still in use (mm_count {count}).",
          "进程 {pid} 的 mm_users 为 0：映射、页和各级页表都没了。但 mm_struct 和 pgd 留着：还有 {count} 个 CPU 在用（mm_count 为 {count}）。"),
    event(ev::sched_switch, "sched_switch", {CPU, number("prev"), number("next"), reason("case"), reason("same")},
          "CPU {cpu}: task {prev} stops, task {next} runs; {case}{same}.",
          "CPU {cpu}：任务 {prev} 停下，任务 {next} 运行；{case}{same}。"),
    event(ev::sched_same, "sched_same", {CPU, number("pid")},
          "CPU {cpu} runs task {pid} already.",
          "CPU {cpu} 已经在运行任务 {pid}。"),
    event(ev::lazy_tlb_none, "lazy_tlb_none", {CPU, number("pid")},
          "CPU {cpu} has the kernel's tables alone (init_mm): task {pid} has nobody's to borrow.",
          "CPU {cpu} 只装着内核的页表（init_mm）：任务 {pid} 没有谁的可借。"),
    event(ev::lazy_tlb_borrowed, "lazy_tlb_borrowed", {number("pid"), number("process"), reason("how"), number("count"), reason("grab")},
          "Task {pid} has no mm and needs no user address, so the CPU keeps the tables of process {process}: {how} (active_mm). mm_count is {count}{grab}.",
          "任务 {pid} 没有 mm，也用不到用户地址，CPU 就留着进程 {process} 的页表：{how}（active_mm）。mm_count 为 {count}{grab}。"),
    event(ev::lazy_tlb_dropped, "lazy_tlb_dropped", {number("pid"), number("process"), number("count"), number("users"), reason("drop")},
          "Task {pid} has stopped and gives back the mm of process {process}, which it had borrowed: mm_count is {count}, mm_users {users}{drop}.",
          "任务 {pid} 已停下，归还借来的进程 {process} 的 mm：mm_count 为 {count}，mm_users 为 {users}{drop}。"),
};
// clang-format on

} // namespace task_rows

[[nodiscard]] constexpr std::span<const EventRow<task_event>> event_rows(task_event) { return task_rows::rows; }

} // namespace mm
