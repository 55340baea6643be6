#pragma once
// The ops of tasks, and whom an op names; their rows stand with the others of this room in ops.cpp.
//
// "process" names who calls: a process, which means its first thread; a thread; the child of vfork(). The access or call runs on the
// op's CPU by that task.
#include <vector>

#include "process/ops.h"
#include "process/task_op_fields.h"
#include "process/tasks.h"

namespace mm {

// Who calls. `mm` MM_NONE: nobody who may, told by an event; `waits` when it is because vfork() has not returned.
struct op_caller {
    mm_id mm = MM_NONE;
    task_id task = TASK_NONE;
    bool waits = false;
};
[[nodiscard]] op_caller named_caller(const process_memory& proc, OpCall& call, i64 slot);

// The results that name threads of a task's process: those of tasks that an op ends are marked afterwards.
class NamesOfGroup {
  public:
    NamesOfGroup(const process_memory& proc, task_id task);
    // The task goes on, as its process's only one, under all names of the group's leader and its own.
    void renew(process_memory& proc, OpCall& call, task_id task, mm_id mm) const;
    void mark_ended(const process_memory& proc, OpCall& call) const;

  private:
    std::vector<u32> slots_;
    u32 leader_ = 0, own_ = 0; // as task_struct::slot
};
// The op's own result names the task from now on.
void keep_task(process_memory& proc, OpCall& call, task_id task, const OpResult& result);

[[nodiscard]] OpOutcome exit_op(process_op_context& room, OpCall& call, Fields<process_spec::exit> in);
[[nodiscard]] OpOutcome exit_group_op(process_op_context& room, OpCall& call, Fields<process_spec::exit_group> in);
[[nodiscard]] OpOutcome clone_op(mm_context& cx, OpCall& call, Fields<process_spec::clone> in);
[[nodiscard]] OpOutcome vfork_op(mm_context& cx, OpCall& call, Fields<process_spec::vfork> in);
[[nodiscard]] OpOutcome kthread_create_op(process_op_context& room, OpCall& call,
                                          Fields<process_spec::kthread_create> in);
[[nodiscard]] OpOutcome schedule_op(process_op_context& room, OpCall& call, Fields<process_spec::schedule> in);

} // namespace mm
