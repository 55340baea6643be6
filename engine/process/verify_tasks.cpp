#include "process/processes.h"
#include "process/tasks.h"
#include "process/verify.h"

namespace mm {

namespace {

using Fault = std::optional<std::string>;

std::string of_task(const process_memory& proc, task_id id, const char* what) {
    return "task " + std::to_string(proc.tasks[id].pid) + " " + what;
}

Fault verify_task(const process_memory& proc, task_id id) {
    const task_struct& task = proc.tasks[id];
    if (find_task(proc, task.pid) != id) return of_task(proc, id, "is not found by its pid");
    const task_id leader = task.group_leader;
    if (leader >= proc.tasks_used || !proc.tasks[leader].in_use || proc.tasks[leader].tgid != task.tgid ||
        proc.tasks[leader].pid != task.tgid || proc.tasks[leader].group_leader != leader)
        return of_task(proc, id, "has no leader");
    if (leader != id && proc.tasks[leader].mm != task.mm) return of_task(proc, id, "has another mm than its leader");
    if (leader == id && threads_of(proc, id).size() != task.nr_threads)
        return of_task(proc, id, "counts its threads wrongly");
    if (task.kernel_thread() != (task.mm == MM_NONE)) return of_task(proc, id, "has an mm as a kernel thread, or none");
    if (!task.kernel_thread() && task.active_mm != task.mm) return of_task(proc, id, "runs with the tables of another");
    if (task.kernel_thread() && task.cpu == CPU_NONE && task.active_mm != MM_NONE)
        return of_task(proc, id, "borrows while it does not run");
    if (task.waits() != (task.vfork_child != TASK_NONE)) return of_task(proc, id, "waits for nobody");
    if (task.waits() && (task.cpu != CPU_NONE || proc.tasks[task.vfork_child].vfork_done != id))
        return of_task(proc, id, "runs while it waits, or for somebody else");
    if (task.vfork_done != TASK_NONE && proc.tasks[task.vfork_done].vfork_child != id)
        return of_task(proc, id, "is waited for by nobody");
    if (task.cpu != CPU_NONE && current_task(proc, task.cpu) != id)
        return of_task(proc, id, "is not what its CPU runs");
    return std::nullopt;
}

Fault verify_cpu(const process_memory& proc, const mmu_memory& mmu, u32 cpu) {
    const std::string name = "CPU " + std::to_string(cpu) + " ";
    const task_id current = current_task(proc, cpu);
    if (current != TASK_NONE && proc.tasks[current].cpu != cpu) return name + "runs a task that runs elsewhere";
    if (cpu < proc.cpus.size() && current != TASK_NONE && proc.cpus[cpu].idle_mm != MM_NONE)
        return name + "borrows for an idle task that does not run";
    const mm_id active = active_mm(proc, cpu);
    const space_id loaded = mmu.tlb.cpus[cpu].space;
    const mm_id there = loaded == SPACE_NONE ? MM_NONE : process_of_space(proc, loaded);
    if (there == active || (there != MM_NONE && proc.mms[there].owner == TASK_NONE && active == MM_NONE))
        return std::nullopt;
    const bool left = active != MM_NONE && loaded == SPACE_NONE && proc.mms[active].mm_users == 0 &&
                      proc.rules.borrowers_leave_freed_tables();
    if (!left) return name + "has loaded other tables than its task's active_mm";
    return std::nullopt;
}

Fault verify_references(const process_memory& proc, mm_id id) {
    const mm_struct& mm = proc.mms[id];
    const std::string name = "mm of process " + std::to_string(mm.pid) + ": ";
    if (mm.owner == TASK_NONE && mm.mm_users > 0) return std::nullopt; // without tasks
    if (mm.mm_users != tasks_of(proc, id).size()) return name + "mm_users is not the number of its tasks";
    if (mm.mm_count != (mm.mm_users > 0 ? 1 : 0) + borrowing_cpus(proc, id).size())
        return name + "mm_count is not the number of those who borrow it and 1 for its users";
    if (mm.owner != TASK_NONE && (!proc.tasks[mm.owner].in_use || proc.tasks[mm.owner].mm != id))
        return name + "its owner has another mm";
    if (mm.mm_users == 0 && mm.map_count != 0) return name + "nobody uses it, and it has mappings";
    return std::nullopt;
}

} // namespace

std::optional<std::string> verify_tasks(const process_memory& proc, const mmu_memory& mmu) {
    u32 tasks = 0;
    for (task_id id = 0; id < proc.tasks_used; ++id) {
        if (!proc.tasks[id].in_use) continue;
        ++tasks;
        if (Fault fault = verify_task(proc, id)) return fault;
    }
    if (tasks != proc.nr_tasks || tasks > MAX_TASKS) return "nr_tasks is not the number of tasks";
    for (u32 cpu = 0; cpu < mmu.tlb.cpus.size(); ++cpu)
        if (Fault fault = verify_cpu(proc, mmu, cpu)) return fault;
    for (mm_id id = 0; id < proc.mms_used; ++id)
        if (proc.mms[id].in_use)
            if (Fault fault = verify_references(proc, id)) return fault;
    return std::nullopt;
}

void hash_tasks(const process_memory& proc, Hasher& hasher) {
    const auto pid_of = [&](task_id id) { return id == TASK_NONE ? 0 : proc.tasks[id].pid; };
    const auto space_of = [&](mm_id id) { return id == MM_NONE ? 0 : proc.mms[id].space; };
    for (const task_id id : all_tasks(proc)) {
        const task_struct& task = proc.tasks[id];
        hasher.add(u64{task.pid} << 32 | task.tgid);
        hasher.add(u64{pid_of(task.real_parent)} << 32 | pid_of(task.vfork_child));
        hasher.add(u64{space_of(task.mm)} << 32 | space_of(task.active_mm));
        hasher.add(u64{task.cpu} << 32 | task.flags);
        hasher.add_text(name_text(task.comm));
    }
    for (const cpu_task& cpu : proc.cpus)
        if (cpu.idle_mm != MM_NONE) hasher.add(space_of(cpu.idle_mm));
}

} // namespace mm
