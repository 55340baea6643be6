#include "process/task_ops.h"

#include "process/context_switch.h"
#include "process/fork.h"
#include "process/task_events.h"

namespace mm {

namespace {

namespace spec = process_spec;
using ev = process_event;

OpResult named(const OpCall& call, i64 slot) { return slot < 0 ? OpResult{} : call.results[static_cast<u32>(slot)]; }

mmu_context tables_of(process_op_context& room, OpCall& call) {
    return {room.mmu, {room.mem, call.sink, call.op.cpu, call.step}};
}

// The task that a slot names, whatever it is; TASK_NONE, told: none, or it waits.
op_caller named_task(const process_memory& proc, OpCall& call, i64 slot) {
    const OpResult result = named(call, slot);
    const task_id task = task_of_result(proc, result);
    if (task == TASK_NONE) {
        const bool space = result.kind == ResultKind::space && !result.freed && result.value >> 32 == 0;
        call.sink.emit(ev::not_a_process, space ? no_process::space_alone : no_process::ended);
        return {};
    }
    if (const task_struct& of = proc.tasks[task]; of.waits()) {
        call.sink.emit(task_event::task_waits, of.pid, proc.tasks[of.vfork_child].pid);
        return {MM_NONE, TASK_NONE, true};
    }
    return {proc.tasks[task].mm, task, false};
}

OpOutcome end_task(process_op_context& room, OpCall& call, i64 slot, bool group) {
    const op_caller who = named_task(room.proc, call, slot);
    if (who.task == TASK_NONE) return who.waits ? OpOutcome::refused : OpOutcome::no_effect;
    const NamesOfGroup names(room.proc, who.task);
    mmu_context tables = tables_of(room, call);
    if (group || room.proc.tasks[who.task].group_leader == who.task)
        exit_group(room.proc, tables, who.task);
    else
        exit_task(room.proc, tables, who.task);
    call.mark_freed(slot);
    names.mark_ended(room.proc, call);
    return OpOutcome::done;
}

OpOutcome clone_as(mm_context& cx, OpCall& call, const clone_flags& flags) {
    task_id child = TASK_NONE;
    call.keep({});
    if (is_error(sys_clone(cx, flags, child))) return OpOutcome::refused;
    const mm_id mm = cx.proc.tasks[child].mm;
    keep_task(cx.proc, call, child, flags.vm ? task_result(cx.proc, child) : process_result(cx.proc, mm));
    return OpOutcome::done;
}

} // namespace

op_caller named_caller(const process_memory& proc, OpCall& call, i64 slot) {
    op_caller who = named_task(proc, call, slot);
    if (who.task == TASK_NONE || who.mm != MM_NONE) return who;
    call.sink.emit(ev::not_a_process, no_process::kernel_thread);
    return {};
}

NamesOfGroup::NamesOfGroup(const process_memory& proc, task_id task) {
    const task_id leader = proc.tasks[task].group_leader;
    leader_ = proc.tasks[leader].slot;
    own_ = proc.tasks[task].slot;
    if (proc.tasks[leader].nr_threads == 1) {
        if (leader_ != 0) slots_.push_back(leader_ - 1);
        return;
    }
    for (const task_id other : threads_of(proc, task))
        if (const u32 slot = proc.tasks[other].slot; slot != 0) slots_.push_back(slot - 1);
}

void NamesOfGroup::renew(process_memory& proc, OpCall& call, task_id task, mm_id mm) const {
    const OpResult made = process_result(proc, mm);
    for (const u32 slot : {leader_, own_})
        if (slot != 0 && call.results[slot - 1].kind == ResultKind::space && !call.results[slot - 1].freed)
            call.results.mut(slot - 1) = made;
    proc.tasks.mut(task).slot = leader_ != 0 ? leader_ : own_;
}

void NamesOfGroup::mark_ended(const process_memory& proc, OpCall& call) const {
    for (const u32 slot : slots_)
        if (const OpResult& result = call.results[slot];
            result.kind == ResultKind::space && task_of_result(proc, result) == TASK_NONE)
            call.mark_freed(slot);
}

void keep_task(process_memory& proc, OpCall& call, task_id task, const OpResult& result) {
    call.keep(result);
    if (call.op.result != Op::NO_RESULT) proc.tasks.mut(task).slot = call.op.result + 1;
}

OpOutcome exit_op(process_op_context& room, OpCall& call, Fields<spec::exit> in) {
    return end_task(room, call, in["process"], false);
}

OpOutcome exit_group_op(process_op_context& room, OpCall& call, Fields<spec::exit_group> in) {
    return end_task(room, call, in["process"], true);
}

OpOutcome clone_op(mm_context& cx, OpCall& call, Fields<spec::clone> in) {
    return clone_as(cx, call, {in["vm"] != 0, in["thread"] != 0, in["vfork"] != 0});
}

OpOutcome vfork_op(mm_context& cx, OpCall& call, Fields<spec::vfork>) {
    return clone_as(cx, call, {true, false, true});
}

OpOutcome kthread_create_op(process_op_context& room, OpCall& call, Fields<spec::kthread_create> in) {
    const task_id task = kthread_create(room.proc, call.sink, in.as<name_id>("name"));
    call.keep({});
    if (task == TASK_NONE) return OpOutcome::returned_null;
    keep_task(room.proc, call, task, task_result(room.proc, task));
    return OpOutcome::done;
}

OpOutcome schedule_op(process_op_context& room, OpCall& call, Fields<spec::schedule> in) {
    op_caller who;
    if (in["process"] >= 0) {
        who = named_task(room.proc, call, in["process"]);
        if (who.task == TASK_NONE) return who.waits ? OpOutcome::refused : OpOutcome::no_effect;
    }
    mmu_context tables = tables_of(room, call);
    context_switch(room.proc, tables, call.op.cpu, who.task, switch_telling::whole);
    return OpOutcome::done;
}

} // namespace mm
