#include "process/tasks.h"

#include <algorithm>

#include "base/assert.h"
#include "mmu/page_table.h"
#include "process/events.h"

namespace mm {

namespace {

template <class Which>
std::vector<task_id> by_pid(const process_memory& proc, Which which) {
    std::vector<task_id> found;
    for (task_id id = 0; id < proc.tasks_used; ++id)
        if (const task_struct& task = proc.tasks[id]; task.in_use && which(task)) found.push_back(id);
    std::sort(found.begin(), found.end(), [&](task_id a, task_id b) { return proc.tasks[a].pid < proc.tasks[b].pid; });
    return found;
}

void bind_pid(process_memory& proc, u32 pid, u32 task) {
    if (pid >= proc.task_of_pid.size()) proc.task_of_pid.grow(std::max(512u, 2 * pid));
    proc.task_of_pid.mut(pid) = task;
}

constexpr u32 PID_BITS = 32; // of a result: the space stands below

} // namespace

std::vector<task_id> all_tasks(const process_memory& proc) {
    return by_pid(proc, [](const task_struct&) { return true; });
}

std::vector<task_id> tasks_of(const process_memory& proc, mm_id mm) {
    return by_pid(proc, [&](const task_struct& task) { return task.mm == mm; });
}

std::vector<task_id> threads_of(const process_memory& proc, task_id task) {
    const u32 tgid = proc.tasks[task].tgid;
    return by_pid(proc, [&](const task_struct& other) { return other.tgid == tgid; });
}

std::vector<u32> borrowing_cpus(const process_memory& proc, mm_id mm) {
    std::vector<u32> found;
    for (u32 cpu = 0; cpu < proc.cpus.size(); ++cpu) {
        const task_id current = proc.cpus[cpu].current;
        const bool kernel = current == TASK_NONE || proc.tasks[current].mm == MM_NONE;
        if (kernel && active_mm(proc, cpu) == mm) found.push_back(cpu);
    }
    return found;
}

task_id current_task(const process_memory& proc, u32 cpu) {
    return cpu < proc.cpus.size() ? proc.cpus[cpu].current : TASK_NONE;
}

mm_id active_mm(const process_memory& proc, u32 cpu) {
    if (cpu >= proc.cpus.size()) return MM_NONE;
    const cpu_task& runs = proc.cpus[cpu];
    return runs.current == TASK_NONE ? runs.idle_mm : proc.tasks[runs.current].active_mm;
}

task_id find_task(const process_memory& proc, u32 pid) {
    return pid < proc.task_of_pid.size() ? proc.task_of_pid[pid] - 1 : TASK_NONE;
}

task_id runnable_task(const process_memory& proc, mm_id mm) {
    task_id task = proc.mms[mm].owner;
    while (task != TASK_NONE && proc.tasks[task].waits()) task = proc.tasks[task].vfork_child;
    return task != TASK_NONE && proc.tasks[task].mm == mm ? task : TASK_NONE;
}

std::string task_text(const process_memory& proc, task_id task, u32 cpu) {
    if (task == TASK_NONE) return "swapper/" + std::to_string(cpu) + ", pid 0";
    const std::string comm(name_text(proc.tasks[task].comm));
    return (comm.empty() ? "" : comm + ", ") + "pid " + std::to_string(proc.tasks[task].pid);
}

std::string_view state_text(const process_memory& proc, task_id task) {
    if (task == TASK_NONE) return "R (running)";
    return proc.tasks[task].waits() ? "D (disk sleep)" : "R (running)";
}

OpResult process_result(const process_memory& proc, mm_id mm) { return {proc.mms[mm].space, ResultKind::space, 0, 0}; }

OpResult task_result(const process_memory& proc, task_id task) {
    const task_struct& of = proc.tasks[task];
    const u64 space = of.mm == MM_NONE ? SPACE_NONE : proc.mms[of.mm].space;
    return {u64{of.pid} << PID_BITS | space, ResultKind::space, 0, 0};
}

task_id task_of_result(const process_memory& proc, const OpResult& result) {
    if (result.kind != ResultKind::space || result.freed) return TASK_NONE;
    if (const u64 pid = result.value >> PID_BITS; pid != 0) return find_task(proc, static_cast<u32>(pid));
    const auto space = static_cast<u32>(result.value);
    const mm_id mm = space < proc.process_of.size() ? proc.process_of[space] - 1 : MM_NONE;
    return mm == MM_NONE ? TASK_NONE : proc.mms[mm].owner;
}

u32 next_pid(const process_memory& proc) {
    u32 pid = proc.last_pid;
    do { pid = pid + 1 < PID_MAX ? pid + 1 : FIRST_PID; } while (find_task(proc, pid) != TASK_NONE);
    return pid;
}

task_id new_task(process_memory& proc, EventSink& sink, task_struct made) {
    if (proc.nr_tasks >= MAX_TASKS) {
        sink.emit(process_event::too_many, capped_kind::tasks, MAX_TASKS);
        return TASK_NONE;
    }
    task_id id = proc.task_unused;
    if (id != 0) {
        proc.task_unused = proc.tasks[--id].next;
    } else {
        id = proc.tasks_used++;
        if (id >= proc.tasks.size()) proc.tasks.grow(std::max(16u, 2 * proc.tasks.size()));
    }
    made.in_use = true;
    made.cpu = CPU_NONE;
    made.slot = made.next = 0;
    made.nr_threads = 1;
    made.pid = proc.last_pid = next_pid(proc);
    if (made.group_leader == TASK_NONE) {
        made.group_leader = id;
        made.tgid = made.pid;
    } else {
        ++proc.tasks.mut(made.group_leader).nr_threads;
    }
    proc.tasks.mut(id) = made;
    bind_pid(proc, made.pid, id + 1);
    ++proc.nr_tasks;
    return id;
}

bool new_owner(process_memory& proc, EventSink& sink, mm_id mm, task_id parent) {
    task_struct made;
    if (parent != TASK_NONE) {
        made.flags = PF_FORKNOEXEC;
        made.comm = proc.tasks[parent].comm;
        made.real_parent = proc.tasks[parent].group_leader;
    }
    made.mm = made.active_mm = mm;
    const task_id task = new_task(proc, sink, made);
    if (task == TASK_NONE) return false;
    mm_struct& of = proc.mms.mut(mm);
    of.owner = task;
    of.pid = proc.tasks[task].pid;
    return true;
}

void release_task(process_memory& proc, EventSink& sink, task_id id) {
    const task_struct task = proc.tasks[id];
    MM_ASSERT(task.cpu == CPU_NONE && task.mm == MM_NONE);
    if (task.group_leader != id) --proc.tasks.mut(task.group_leader).nr_threads;
    sink.charge(proc.tasks_used); // its children are looked for: init takes them. kernel: forget_original_parent
    for (task_id child = 0; child < proc.tasks_used; ++child)
        if (proc.tasks[child].in_use && proc.tasks[child].real_parent == id)
            proc.tasks.mut(child).real_parent = TASK_NONE;
    if (find_task(proc, task.pid) == id) bind_pid(proc, task.pid, 0);
    proc.tasks.mut(id) = task_struct{};
    proc.tasks.mut(id).next = proc.task_unused;
    proc.task_unused = id + 1;
    --proc.nr_tasks;
}

void take_pid(process_memory& proc, task_id task, task_id from) {
    bind_pid(proc, proc.tasks[task].pid, 0);
    const u32 pid = proc.tasks[from].pid;
    proc.tasks.mut(task).pid = pid;
    bind_pid(proc, pid, task + 1);
}

void set_comm(process_memory& proc, task_id task, name_id program) {
    std::string_view name = name_text(program);
    if (const std::size_t slash = name.rfind('/'); slash != std::string_view::npos) name.remove_prefix(slash + 1);
    proc.tasks.mut(task).comm = intern(name.substr(0, COMM_LENGTH));
}

cpu_task& cpu_of(process_memory& proc, u32 cpu) {
    if (cpu >= proc.cpus.size()) proc.cpus.resize(cpu + 1);
    return proc.cpus[cpu];
}

void mmget(process_memory& proc, mm_id mm) {
    ++proc.mms.mut(mm).mm_users;
    ++proc.mm_changes;
}

void mmgrab(process_memory& proc, mm_id mm) { ++proc.mms.mut(mm).mm_count; }

} // namespace mm
