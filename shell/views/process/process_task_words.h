#pragma once
// The phrases of tasks and CPUs in the list of processes, in both languages.
#include "views/parts/teller.h"

namespace shell::words {

inline constexpr Phrase CPUS_RUN{"What each CPU runs, and with whose tables", "每个 CPU 运行谁，用谁的页表"};
inline constexpr Phrase RUNS_IN_MM{"in its mm, #", "用自己的 mm：#"};
inline constexpr Phrase RUNS_BORROWED{"has no mm: active_mm is that of # (lazy TLB)",
                                      "没有 mm：active_mm 是 # 的（lazy TLB）"};
inline constexpr Phrase RUNS_WITH_INIT_MM{"has no mm: active_mm is init_mm", "没有 mm：active_mm 是 init_mm"};
inline constexpr Phrase IDLE_CPU{"1 more CPU is idle, with init_mm", "另有 1 个 CPU 空闲，用 init_mm"};
inline constexpr Phrase IDLE_CPUS{"# more CPUs are idle, with init_mm", "另有 # 个 CPU 空闲，用 init_mm"};
inline constexpr Phrase TASKS{"tasks", "任务"};
inline constexpr Phrase TASK_ON_CPU{" on CPU #", "，在 CPU #"};
inline constexpr Phrase TASK_WAITS{", waits for vfork's child", "，等 vfork 的子进程"};
inline constexpr Phrase TASK_BORROWS{", borrows it", "，active_mm"};
inline constexpr Phrase NO_TASK{"no task: kept by who borrows it", "没有任务：active_mm 还用着它"};
inline constexpr Phrase KERNEL_THREADS{"kernel threads that wait", "没在运行的内核线程"};

} // namespace shell::words
