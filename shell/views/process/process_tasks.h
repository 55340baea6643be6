#pragma once
// Tasks as the list of processes shows them: what each CPU runs and with whose tables, which tasks have an mm, and who borrows it.
#include <map>
#include <string>
#include <vector>

#include "machine/machine.h"
#include "views/parts/teller.h"

namespace shell {

struct ListedTask {
    mm::u32 pid = 0;
    std::string comm;
    mm::u32 cpu = mm::CPU_NONE; // that runs it
    bool waits = false;         // a parent, for its child of vfork()
    bool changed = false;       // by the step: it is new, began or ceased to run or to wait
    friend bool operator==(const ListedTask&, const ListedTask&) = default;
};

// What a CPU runs.
struct CpuRuns {
    mm::u32 cpu = 0;
    std::string task;           // "kswapd0, pid 303"
    bool kernel = false;        // that task has no mm
    mm::mm_id mm = mm::MM_NONE; // whose tables it runs with; MM_NONE: init_mm's
    std::string whose{};        // "300 /bin/prog", "init_mm"
    bool changed = false;       // by the step

    [[nodiscard]] bool borrows() const { return kernel && mm != mm::MM_NONE; }
};

// Tasks by the mm that is theirs, each mm's by pid; those of MM_NONE are kernel threads that no CPU runs.
using TasksByMm = std::map<mm::mm_id, std::vector<ListedTask>>;
[[nodiscard]] TasksByMm listed_tasks(const mm::Machine& at, const mm::Machine& before);
// CPUs that run a task or borrow an mm, or did before the step.
[[nodiscard]] std::vector<CpuRuns> listed_cpus(const mm::Machine& at, const mm::Machine& before);
// Those that are left out: they idle with init_mm.
[[nodiscard]] mm::u32 idle_cpus(const mm::Machine& at, const std::vector<CpuRuns>& listed);

// "301 server on CPU 1"
[[nodiscard]] std::string listed_task_text(const Teller& teller, const ListedTask& task);
// "in the mm of 300 /bin/server", "has no mm: borrows that of 300 /bin/server (active_mm, lazy TLB)"
[[nodiscard]] std::string runs_text(const Teller& teller, const CpuRuns& runs);

} // namespace shell
