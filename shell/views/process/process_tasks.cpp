#include "views/process/process_tasks.h"

#include <algorithm>

#include "machine/facts/process_facts.h"
#include "machine/phrase.h"
#include "process/tasks.h"
#include "views/process/process_task_words.h"

namespace shell {

namespace {

using mm::mm_id;
using mm::process_memory;
using mm::task_id;
using mm::u32;

ListedTask listed(const process_memory& proc, const process_memory& before, task_id id) {
    const mm::task_struct& task = proc.tasks[id];
    ListedTask out{task.pid, std::string(mm::name_text(task.comm)), task.cpu, task.waits(), false};
    const task_id was = mm::find_task(before, task.pid);
    out.changed = was == mm::TASK_NONE || before.tasks[was].cpu != task.cpu ||
                  before.tasks[was].waits() != task.waits() || before.tasks[was].mm != task.mm;
    return out;
}

bool same_run(const process_memory& a, const process_memory& b, u32 cpu) {
    const task_id one = mm::current_task(a, cpu), other = mm::current_task(b, cpu);
    const bool same =
        one == mm::TASK_NONE || other == mm::TASK_NONE ? one == other : a.tasks[one].pid == b.tasks[other].pid;
    return same && mm::active_mm(a, cpu) == mm::active_mm(b, cpu);
}

bool is_idle(const process_memory& proc, u32 cpu) {
    return mm::current_task(proc, cpu) == mm::TASK_NONE && mm::active_mm(proc, cpu) == mm::MM_NONE;
}

} // namespace

TasksByMm listed_tasks(const mm::Machine& at, const mm::Machine& before) {
    TasksByMm out;
    for (const task_id id : mm::all_tasks(at.processes)) {
        const mm::task_struct& task = at.processes.tasks[id];
        if (task.mm == mm::MM_NONE && task.cpu != mm::CPU_NONE) continue;
        out[task.mm].push_back(listed(at.processes, before.processes, id));
    }
    return out;
}

std::vector<CpuRuns> listed_cpus(const mm::Machine& at, const mm::Machine& before) {
    const process_memory& proc = at.processes;
    std::vector<CpuRuns> out;
    const auto nr = static_cast<u32>(std::max(proc.cpus.size(), before.processes.cpus.size()));
    for (u32 cpu = 0; cpu < nr; ++cpu) {
        if (is_idle(proc, cpu) && is_idle(before.processes, cpu)) continue;
        const task_id task = mm::current_task(proc, cpu);
        CpuRuns runs{.cpu = cpu, .task = mm::task_text(proc, task, cpu), .mm = mm::active_mm(proc, cpu)};
        runs.kernel = task == mm::TASK_NONE || proc.tasks[task].mm == mm::MM_NONE;
        runs.whose = runs.mm == mm::MM_NONE ? "init_mm" : mm::process_text(proc, runs.mm);
        runs.changed = !same_run(proc, before.processes, cpu);
        out.push_back(std::move(runs));
    }
    return out;
}

u32 idle_cpus(const mm::Machine& at, const std::vector<CpuRuns>& listed) {
    const u32 all = at.profile->cpus, told = static_cast<u32>(listed.size());
    return all > told ? all - told : 0;
}

std::string listed_task_text(const Teller& teller, const ListedTask& task) {
    std::string text = std::to_string(task.pid) + (task.comm.empty() ? "" : " " + task.comm);
    if (task.cpu != mm::CPU_NONE) text += mm::filled(teller.say(words::TASK_ON_CPU), std::to_string(task.cpu));
    return task.waits ? text + teller.say(words::TASK_WAITS) : text;
}

std::string runs_text(const Teller& teller, const CpuRuns& runs) {
    const Phrase& said = !runs.kernel     ? words::RUNS_IN_MM
                         : runs.borrows() ? words::RUNS_BORROWED
                                          : words::RUNS_WITH_INIT_MM;
    return mm::filled(teller.say(said), runs.whose);
}

} // namespace shell
