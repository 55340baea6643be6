#pragma once
// Tasks and CPUs as pictures in a list.
//
//   mm_users 1 → 2 · mm_count 2   [300 server|CPU 0] [301 server]  ¦303 kswapd0|CPU 1¦      dashed: it only borrows the mm
//
//   [CPU 0] kswapd0, pid 303      has no mm: active_mm is that of 300 /bin/server (lazy TLB)
#include <string>
#include <vector>

#include "views/parts/pen.h"
#include "views/parts/scroll_area.h"
#include "views/process/process_tasks.h"

namespace shell {

struct TaskBox {
    std::string text;
    std::string cpu;      // that runs it; empty: none does
    bool borrows = false; // it has no mm of its own
    bool changed = false; // by the step
};
[[nodiscard]] TaskBox box_of(const Teller& teller, const ListedTask& task);
// A kernel thread or an idle task.
[[nodiscard]] TaskBox box_of(const Teller& teller, const CpuRuns& runs);

// Boxes beside `label`, in as many lines as they need. Returns where the last one ends.
float draw_task_boxes(Pen& pen, const Rect& row, std::string_view label, bool label_changed,
                      const std::vector<TaskBox>& boxes);
// A line a CPU, two where it is narrow.
float draw_cpu_line(Pen& pen, const Rect& row, const CpuRuns& runs);

} // namespace shell
