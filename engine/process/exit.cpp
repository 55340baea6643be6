// How tasks end, and what they had in common.
#include "mmu/functions.h"
#include "mmu/switch_mm.h"
#include "process/calls.h"
#include "process/context_switch.h"
#include "process/fault_events.h"
#include "process/functions.h"
#include "process/processes.h"
#include "process/task_events.h"
#include "process/user_tables.h"

namespace mm {

namespace {

using ev = task_event;

// Who waited may go on. kernel: complete_vfork_done, from mm_release
void complete_vfork_done(process_memory& proc, EventSink& sink, task_id id, vfork_end why) {
    const task_id parent = proc.tasks[id].vfork_done;
    if (parent == TASK_NONE) return;
    CallScope scope(sink, process_fn::complete_vfork_done);
    proc.tasks.mut(id).vfork_done = TASK_NONE;
    task_struct& waits = proc.tasks.mut(parent);
    waits.vfork_child = TASK_NONE;
    waits.state = task_state::running;
    sink.emit(ev::vfork_done, proc.tasks[parent].pid, proc.tasks[id].pid, why);
}

// kernel: mm_update_next_owner
void update_next_owner(process_memory& proc, EventSink& sink, mm_id mm, task_id gone) {
    if (proc.mms[mm].owner != gone) return;
    sink.charge(proc.tasks_used);
    task_id next = TASK_NONE;
    for (task_id id = 0; id < proc.tasks_used; ++id) {
        const task_struct& task = proc.tasks[id];
        if (!task.in_use || id == gone || task.mm != mm) continue;
        if (next == TASK_NONE || task.pid < proc.tasks[next].pid) next = id;
    }
    mm_struct& of = proc.mms.mut(mm);
    of.owner = next;
    if (next == TASK_NONE) return;
    const u32 before = of.pid;
    of.pid = proc.tasks[next].tgid;
    if (of.pid != before) sink.emit(ev::mm_owner_changed, before, proc.mms[mm].pid);
}

// kernel: exit_mm
void leave_own_mm(process_memory& proc, mmu_context& cx, task_id id) {
    const mm_id mm = proc.tasks[id].mm;
    complete_vfork_done(proc, cx.page.sink, id, vfork_end::exit);
    leave_cpu(proc, cx, id);
    if (mm == MM_NONE) return;
    proc.tasks.mut(id).mm = proc.tasks.mut(id).active_mm = MM_NONE;
    update_next_owner(proc, cx.page.sink, mm, id);
    mm_context call{proc, mm, cx.page.sink, &cx};
    mmput(call);
}

void free_mm(process_memory& proc, mmu_context* tables, EventSink& sink, mm_id id) {
    const mm_struct mm = proc.mms[id];
    mm_context cx{proc, id, sink, tables};
    if (has_tables(cx)) mm_free_pgd(cx);
    drop_mm(proc, id);
    sink.emit(process_event::mm_freed, mm.pid, mm.name);
}

} // namespace

void mmput(mm_context& cx) {
    ++cx.proc.mm_changes;
    const mm_struct mm = cx.mm();
    if (mm.mm_users > 1) {
        const u32 users = --cx.mm_mut().mm_users;
        cx.sink.emit(fault_event::mm_left, mm.pid, users);
        return;
    }
    CallScope scope(cx.sink, mmu_fn::exit_mmap);
    cx.sink.emit(fault_event::mm_exited, mm.pid, mm.map_count, mm.rss.total(), mm.min_flt, mm.maj_flt);
    if (has_tables(cx)) leave_mm(cx);
    unmap_everything(cx);
    if (cx.sink.spent()) return;
    cx.mm_mut().mm_users = 0;
    cx.mm_mut().owner = TASK_NONE;
    if (const u32 count = --cx.mm_mut().mm_count; count > 0) {
        cx.sink.emit(ev::mm_kept, mm.pid, count);
        return;
    }
    free_mm(cx.proc, cx.pages, cx.sink, cx.id);
}

void mmdrop(process_memory& proc, mmu_context& cx, mm_id mm) {
    if (--proc.mms.mut(mm).mm_count > 0) return;
    CallScope scope(cx.page.sink, process_fn::mmdrop);
    free_mm(proc, &cx, cx.page.sink, mm);
}

void exit_task(process_memory& proc, mmu_context& cx, task_id id) {
    const task_struct task = proc.tasks[id];
    EventSink& sink = cx.page.sink;
    if (task.group_leader != id || task.kernel_thread())
        sink.emit(ev::task_exited, task.pid, task.tgid, task.kernel_thread());
    if (task.vfork_child != TASK_NONE) { // killed while it waited
        proc.tasks.mut(task.vfork_child).vfork_done = TASK_NONE;
        proc.tasks.mut(id).vfork_child = TASK_NONE;
        proc.tasks.mut(id).state = task_state::running;
    }
    leave_own_mm(proc, cx, id);
    if (!sink.spent()) release_task(proc, sink, id);
}

void exit_group(process_memory& proc, mmu_context& cx, task_id id) {
    const task_id leader = proc.tasks[id].group_leader;
    EventSink& sink = cx.page.sink;
    if (const u32 threads = proc.tasks[leader].nr_threads; threads > 1) {
        CallScope scope(sink, process_fn::do_group_exit);
        sink.emit(ev::group_exit, proc.tasks[leader].pid, proc.tasks[id].pid, threads);
        sink.charge(proc.tasks_used);
        for (const task_id other : threads_of(proc, id))
            if (other != leader && !sink.spent()) exit_task(proc, cx, other);
    }
    if (!sink.spent()) exit_task(proc, cx, leader);
}

void exit_process(mm_context& cx) {
    const task_id task = cx.task != TASK_NONE ? cx.task : cx.mm().owner;
    if (task == TASK_NONE)
        mmput(cx);
    else
        exit_group(cx.proc, *cx.pages, task);
}

void de_thread(process_memory& proc, mmu_context& cx, task_id id) {
    const task_id leader = proc.tasks[id].group_leader;
    EventSink& sink = cx.page.sink;
    if (proc.tasks[leader].nr_threads == 1) return;
    CallScope scope(sink, process_fn::de_thread);
    sink.emit(ev::de_thread, proc.tasks[id].pid, proc.tasks[leader].pid, proc.tasks[leader].nr_threads - 1,
              leader != id);
    sink.charge(proc.tasks_used);
    for (const task_id other : threads_of(proc, id))
        if (other != id && other != leader && !sink.spent()) exit_task(proc, cx, other);
    if (leader == id || sink.spent()) return;
    const task_struct before = proc.tasks[leader];
    take_pid(proc, id, leader);
    task_struct& task = proc.tasks.mut(id);
    task.group_leader = id;
    task.nr_threads = 1;
    task.real_parent = before.real_parent;
    for (task_id child = 0; child < proc.tasks_used; ++child)
        if (proc.tasks[child].in_use && proc.tasks[child].real_parent == leader) proc.tasks.mut(child).real_parent = id;
    exit_task(proc, cx, leader);
}

void exec_mmap(process_memory& proc, mmu_context& cx, task_id id, mm_id mm) {
    CallScope scope(cx.page.sink, process_fn::exec_mmap);
    complete_vfork_done(proc, cx.page.sink, id, vfork_end::execve);
    const mm_id old = proc.tasks[id].mm;
    if (const u32 cpu = proc.tasks[id].cpu; cpu != CPU_NONE) // kernel: activate_mm
        switch_mm(cx, cpu, static_cast<space_id>(proc.mms[mm].space));
    proc.tasks.mut(id).mm = proc.tasks.mut(id).active_mm = mm;
    proc.mms.mut(mm).owner = id;
    proc.mms.mut(mm).pid = proc.tasks[id].tgid;
    update_next_owner(proc, cx.page.sink, old, id);
    mm_context call{proc, old, cx.page.sink, &cx};
    mmput(call);
}

} // namespace mm
