// Tasks: whose mm they have, whose they borrow, who waits, and what a CPU switches. Expected values follow from the kernel's rules:
// mm_users counts tasks, mm_count those who borrow and 1 for all users.
#include "process/tasks.h"

#include "base/names.h"
#include "base/program_place.h"
#include "base/rng.h"
#include "machine/proc_files.h"
#include "machine/session.h"
#include "mmu/ops_on_machine.h"
#include "mmu/tlb_events.h"
#include "process/fault_event_rows.h"
#include "process/fork.h"
#include "process/paged_processes.h"
#include "process/task_events.h"

namespace mm {
namespace {

using ev = task_event;
constexpr u32 P = 0, T = 1, U = 2, K = 3, V = 4, A = 5, Q = 6;
constexpr i64 TEXT = 0x40'0000;

class TasksOf : public test::OpsOnMachine {
  protected:
    explicit TasksOf(architecture arch) : OpsOnMachine(arch) { run("execve", {}, P); }

    [[nodiscard]] const process_memory& proc() const { return machine_.processes; }
    [[nodiscard]] task_id named(u32 slot) const { return task_of_result(proc(), machine_.results[slot]); }
    [[nodiscard]] const task_struct& task(u32 slot) const { return proc().tasks[named(slot)]; }
    [[nodiscard]] const mm_struct& mm(u32 slot) const { return proc().mms[task(slot).mm]; }
    OpOutcome on(u32 slot, std::string_view op, u16 cpu = 0) {
        return run(op, {{"process", slot}}, Op::NO_RESULT, cpu);
    }
    OpOutcome make(std::string_view op, u32 of, u32 slot) { return run(op, {{"process", of}}, slot); }
    OpOutcome read(u32 slot, u16 cpu = 0) {
        return run("user_read", {{"process", slot}, {"address", TEXT}}, Op::NO_RESULT, cpu);
    }
    void expect_counts(u32 slot, u32 users, u32 count) {
        EXPECT_EQ(mm(slot).mm_users, users);
        EXPECT_EQ(mm(slot).mm_count, count);
    }
};
class Tasks : public TasksOf {
  protected:
    Tasks() : TasksOf(architecture::arm64) {}
};
class TasksOnI386 : public TasksOf {
  protected:
    TasksOnI386() : TasksOf(architecture::i386) {}
};

TEST_F(Tasks, AProcessIsATask) {
    EXPECT_EQ(task(P).pid, FIRST_PID);
    EXPECT_EQ(task(P).tgid, FIRST_PID);
    EXPECT_EQ(name_text(task(P).comm), "prog");
    EXPECT_EQ(tasks_of(proc(), task(P).mm), std::vector{named(P)});
    expect_counts(P, 1, 1);
    make("fork", P, Q);
    EXPECT_EQ(task(Q).pid, FIRST_PID + 1);
    EXPECT_EQ(task(Q).real_parent, named(P));
    EXPECT_EQ(task(Q).flags, PF_FORKNOEXEC);
    expect_counts(P, 1, 1);
    expect_counts(Q, 1, 1);
    on(P, "exit");
    EXPECT_EQ(task(Q).real_parent, TASK_NONE) << "init takes it";
    EXPECT_EQ(all_tasks(proc()), std::vector{named(Q)});
}

TEST_F(Tasks, ThreadsShareTheMmAndItsPages) {
    run("mmap", {{"process", P}, {"size", 4096}}, A);
    EXPECT_EQ(make("clone", P, T), OpOutcome::done);
    expect_counts(P, 2, 1);
    EXPECT_EQ(task(T).mm, task(P).mm);
    EXPECT_EQ(task(T).tgid, task(P).pid);
    EXPECT_EQ(task(T).pid, FIRST_PID + 1);
    EXPECT_EQ(task(P).nr_threads, 2u);
    run("user_write", {{"process", T}, {"address", place_in_result(A, 0)}, {"value", 7}}, Op::NO_RESULT, 1);
    EXPECT_EQ(current_task(proc(), 1), named(T));
    run("user_read", {{"process", P}, {"address", place_in_result(A, 0)}});
    const Event* value = last(fault_event::user_value_read);
    ASSERT_NE(value, nullptr);
    EXPECT_EQ(Args<fault_event::user_value_read>(*value)["value"], 7);
    EXPECT_EQ(count(fault_event::fault_begins), 0) << "the other thread has paid";
    EXPECT_EQ(on(T, "exit"), OpOutcome::done);
    expect_counts(P, 1, 2); // CPU 1 idles with its tables
    EXPECT_EQ(named(T), TASK_NONE);
    EXPECT_EQ(on(T, "exit"), OpOutcome::no_effect);
    EXPECT_EQ(on(P, "exit"), OpOutcome::done);
    EXPECT_EQ(count(process_event::mm_freed), 1) << "idle CPUs keep nothing";
    EXPECT_EQ(proc().nr_tasks, 0u);
}

TEST_F(Tasks, TheProcessEndsWithAllItsThreads) {
    make("clone", P, T);
    make("clone", T, U);
    read(U, 1);
    EXPECT_EQ(on(U, "exit_group", 1), OpOutcome::done);
    EXPECT_EQ(count(process_event::mm_freed), 1);
    EXPECT_EQ(proc().nr_tasks, 0u);
    for (const u32 slot : {P, T, U}) EXPECT_EQ(read(slot), OpOutcome::no_effect);
}

TEST_F(Tasks, AThreadWithoutCloneVmIsRefused) {
    EXPECT_EQ(run("clone", {{"process", P}, {"vm", 0}}, T), OpOutcome::refused);
    EXPECT_EQ(count(ev::clone_refused), 1);
    EXPECT_EQ(proc().nr_tasks, 1u);
}

TEST_F(Tasks, AProcessThatSharesAnMmKeepsItAlive) {
    run("clone", {{"process", P}, {"thread", 0}}, T);
    EXPECT_EQ(task(T).tgid, task(T).pid);
    EXPECT_EQ(task(T).real_parent, named(P));
    expect_counts(T, 2, 1);
    on(P, "exit");
    EXPECT_EQ(count(ev::mm_owner_changed), 1);
    EXPECT_EQ(count(fault_event::mm_exited), 0);
    expect_counts(T, 1, 1);
    EXPECT_EQ(mm(T).owner, named(T));
    EXPECT_EQ(read(T), OpOutcome::done);
    EXPECT_EQ(read(P), OpOutcome::no_effect);
}

TEST_F(Tasks, TheParentOfVforkWaitsForExecve) {
    run("mmap", {{"process", P}, {"size", 4096}}, A);
    const u64 space = mm(P).space;
    EXPECT_EQ(make("vfork", P, V), OpOutcome::done);
    expect_counts(P, 2, 1);
    EXPECT_TRUE(task(P).waits());
    run("user_write", {{"process", V}, {"address", place_in_result(A, 0)}, {"value", 3}});
    EXPECT_EQ(read(P), OpOutcome::refused);
    EXPECT_EQ(count(ev::task_waits), 1);
    for (const std::string_view op : {"fork", "exit", "exit_group", "vfork", "schedule"})
        EXPECT_EQ(on(P, op), OpOutcome::refused) << op;
    EXPECT_EQ(on(V, "execve"), OpOutcome::done);
    EXPECT_EQ(count(ev::vfork_done), 1);
    EXPECT_FALSE(task(P).waits());
    expect_counts(P, 1, 1);
    expect_counts(V, 1, 1);
    EXPECT_EQ(mm(P).space, space);
    EXPECT_NE(mm(V).space, space);
    EXPECT_EQ(mm(V).pid, task(V).pid);
    EXPECT_EQ(machine_.mmu.tlb.cpus[0].space, mm(V).space) << "exec_mmap() activates the new mm";
    EXPECT_EQ(run("user_read", {{"process", P}, {"address", place_in_result(A, 0)}}), OpOutcome::done);
    EXPECT_EQ(Args<fault_event::user_value_read>(*last(fault_event::user_value_read))["value"], 3);
    EXPECT_EQ(run("user_read", {{"process", V}, {"address", place_in_result(A, 0)}}), OpOutcome::refused);
}

TEST_F(Tasks, TheParentOfVforkWaitsForTheEnd) {
    read(P);
    make("vfork", P, V);
    EXPECT_EQ(current_task(proc(), 0), named(V)) << "the CPU goes on with the child";
    EXPECT_EQ(count(tlb_event::mm_switched), 0);
    make("vfork", V, U); // and that one waits in turn
    EXPECT_EQ(runnable_task(proc(), task(P).mm), named(U));
    expect_counts(P, 3, 1);
    EXPECT_EQ(on(V, "exit"), OpOutcome::refused);
    on(U, "exit");
    EXPECT_TRUE(task(P).waits());
    EXPECT_FALSE(task(V).waits());
    on(V, "exit");
    EXPECT_FALSE(task(P).waits());
    EXPECT_EQ(read(P), OpOutcome::done);
}

TEST_F(Tasks, TheParentMayWaitForAChildWithAnMmOfItsOwn) {
    read(P);
    EXPECT_EQ(run("clone", {{"process", P}, {"vm", 0}, {"thread", 0}, {"vfork", 1}}, V), OpOutcome::done);
    EXPECT_TRUE(task(P).waits());
    EXPECT_NE(task(V).mm, task(P).mm);
    EXPECT_EQ(current_task(proc(), 0), named(V));
    run("switch_mm", {{"mm", P}});
    EXPECT_EQ(current_task(proc(), 0), TASK_NONE) << "who waits runs nowhere";
    EXPECT_EQ(machine_.mmu.tlb.cpus[0].space, SPACE_NONE);
    on(V, "exit");
    EXPECT_FALSE(task(P).waits());
}

TEST_F(Tasks, AThreadMayKillAParentThatWaits) {
    make("clone", P, T);
    make("vfork", P, V);
    expect_counts(P, 3, 1);
    EXPECT_EQ(on(T, "exit_group"), OpOutcome::done);
    expect_counts(V, 1, 1);
    EXPECT_EQ(task(V).vfork_done, TASK_NONE);
    EXPECT_EQ(on(V, "execve"), OpOutcome::done);
    EXPECT_EQ(count(ev::vfork_done), 0);
}

TEST_F(Tasks, ExecveLeavesOneThread) {
    make("clone", P, T);
    make("clone", P, U);
    read(U, 1);
    EXPECT_EQ(run("execve", {{"process", T}, {"program", intern("/bin/new")}}), OpOutcome::done);
    EXPECT_EQ(count(ev::de_thread), 1);
    EXPECT_EQ(proc().nr_tasks, 1u);
    EXPECT_EQ(named(P), named(T)) << "both names are the process's";
    EXPECT_EQ(task(P).pid, FIRST_PID) << "it has the leader's pid";
    EXPECT_EQ(task(P).tgid, FIRST_PID);
    EXPECT_EQ(name_text(task(P).comm), "new");
    EXPECT_EQ(named(U), TASK_NONE);
    expect_counts(P, 1, 1);
    EXPECT_EQ(proc().processes, 1u);
}

// ---- Switches ------------------------------------------------------------------------------------------------------

TEST_F(Tasks, AKernelThreadBorrowsWhatItFinds) {
    run("kthread_create", {}, K);
    on(K, "schedule");
    EXPECT_EQ(count(ev::lazy_tlb_none), 1) << "the CPU had init_mm";
    read(P);
    const auto asid = machine_.mmu.tlb.cpus[0].asid;
    on(K, "schedule");
    expect_counts(P, 1, 2);
    EXPECT_EQ(task(K).active_mm, task(P).mm);
    EXPECT_EQ(count(tlb_event::mm_switched) + count(tlb_event::mm_reserved), 0);
    EXPECT_EQ(borrowing_cpus(proc(), task(P).mm), std::vector<u32>{0});
    EXPECT_EQ(read(K), OpOutcome::no_effect) << "it has no user address";
    EXPECT_EQ(run("pgd_free", {{"mm", K}}), OpOutcome::no_effect) << "nor a pgd of its own";
    read(P);
    EXPECT_EQ(count(tlb_event::mm_switched), 0) << "its tables were there";
    EXPECT_EQ(machine_.mmu.tlb.cpus[0].asid, asid);
    expect_counts(P, 1, 1);
    EXPECT_EQ(task(K).active_mm, MM_NONE);
}

TEST_F(Tasks, WhatIsBorrowedIsPassedOn) {
    run("kthread_create", {}, K);
    run("kthread_create", {}, U);
    read(P);
    on(K, "schedule");
    on(U, "schedule");
    expect_counts(P, 1, 2);
    EXPECT_EQ(task(K).active_mm, MM_NONE);
    EXPECT_EQ(task(U).active_mm, task(P).mm);
    run("schedule", {});
    expect_counts(P, 1, 2);
    EXPECT_EQ(proc().cpus[0].idle_mm, task(P).mm);
    run("execve", {}, Q);
    read(Q);
    EXPECT_EQ(count(tlb_event::mm_switched), 1);
    expect_counts(P, 1, 1);
}

TEST_F(Tasks, ThePgdStaysWhileAKernelThreadHasItLoaded) {
    run("kthread_create", {}, K);
    read(P);
    on(K, "schedule");
    const mm_id mm = task(P).mm;
    const space_id space = machine_.mmu.tlb.cpus[0].space;
    on(P, "exit", 1);
    EXPECT_EQ(count(ev::mm_kept), 1);
    EXPECT_EQ(count(process_event::mm_freed), 0);
    EXPECT_EQ(proc().mms[mm].mm_users, 0u);
    EXPECT_EQ(proc().mms[mm].mm_count, 1u);
    EXPECT_EQ(proc().mms[mm].map_count, 0u);
    EXPECT_EQ(machine_.mmu.tlb.cpus[0].space, space) << "arm64 leaves it in TTBR0";
    EXPECT_TRUE(machine_.mmu.has_space(space));
    EXPECT_EQ(proc_text(machine_, "status"), "");
    run("execve", {}, Q);
    EXPECT_EQ(on(Q, "schedule"), OpOutcome::done);
    EXPECT_EQ(count(ev::lazy_tlb_dropped), 1);
    EXPECT_EQ(count(process_event::mm_freed), 1);
    EXPECT_FALSE(machine_.mmu.has_space(space));
}

TEST_F(Tasks, AKernelThreadThatEndsGivesBackADeadMm) {
    run("kthread_create", {}, K);
    read(P);
    on(K, "schedule");
    on(P, "exit", 1);
    on(K, "exit");
    EXPECT_EQ(count(process_event::mm_freed), 1);
    EXPECT_EQ(machine_.mmu.tlb.cpus[0].space, SPACE_NONE);
}

TEST_F(TasksOnI386, ABorrowerLeavesTablesThatAreFreed) {
    run("kthread_create", {}, K);
    run("user_read", {{"process", P}, {"address", static_cast<i64>(mm(P).start_code)}});
    on(K, "schedule");
    expect_counts(P, 1, 2);
    const mm_id mm = task(P).mm;
    on(P, "exit", 1);
    EXPECT_EQ(machine_.mmu.tlb.cpus[0].space, SPACE_NONE) << "the flush of freed tables loads swapper_pg_dir";
    EXPECT_EQ(proc().mms[mm].mm_count, 1u);
    run("schedule", {});
    EXPECT_EQ(count(process_event::mm_freed), 1);
}

TEST_F(Tasks, ATaskRunsOnOneCpu) {
    read(P, 0);
    read(P, 1);
    EXPECT_EQ(task(P).cpu, 1u);
    EXPECT_EQ(current_task(proc(), 0), TASK_NONE);
    expect_counts(P, 1, 2); // CPU 0 idles with its tables
    EXPECT_EQ(on(P, "schedule", 1), OpOutcome::done);
    EXPECT_EQ(count(ev::sched_same), 1);
}

TEST_F(Tasks, OpsOfTheMmuRoomSayWhoRuns) {
    run("switch_mm", {{"mm", P}}, Op::NO_RESULT, 1);
    EXPECT_EQ(current_task(proc(), 1), named(P));
    run("kthread_create", {}, K);
    on(K, "schedule", 1);
    expect_counts(P, 1, 2);
    run("switch_mm", {}, Op::NO_RESULT, 1);
    EXPECT_EQ(current_task(proc(), 1), TASK_NONE);
    expect_counts(P, 1, 1);
}

// ---- Pids, caps, /proc ---------------------------------------------------------------------------------------------

TEST_F(Tasks, PidsGoOnAndBeginAgain) {
    machine_.processes.last_pid = PID_MAX - 2;
    make("clone", P, T);
    make("clone", P, U);
    EXPECT_EQ(task(T).pid, PID_MAX - 1);
    EXPECT_EQ(task(U).pid, FIRST_PID + 1) << "the first is in use";
    EXPECT_EQ(threads_of(proc(), named(P)), (std::vector{named(P), named(U), named(T)})) << "by pid";
}

TEST(TaskCaps, NothingIsLostAtTheLast) {
    PagedProcesses p;
    mm_context cx = p.of(p.first);
    task_id child = TASK_NONE;
    for (u32 i = 1; i < MAX_TASKS; ++i) ASSERT_EQ(sys_clone(cx, {true, true, false}, child), 0);
    EXPECT_EQ(sys_clone(cx, {true, true, false}, child), error_of(mm_errno::eagain));
    EXPECT_EQ(sys_clone(cx, {true, false, true}, child), error_of(mm_errno::eagain));
    EXPECT_FALSE(p.proc.tasks[p.mm(p.first).owner].waits());
    mm_id copy = MM_NONE;
    EXPECT_EQ(sys_fork(cx, copy), error_of(mm_errno::eagain));
    EXPECT_EQ(kthread_create(p.proc, p.sink, NO_NAME), TASK_NONE);
    EXPECT_EQ(new_process(p.proc, p.pages), MM_NONE);
    EXPECT_EQ(p.count(process_event::too_many), 5);
    EXPECT_EQ(p.mm(p.first).mm_users, MAX_TASKS);
    EXPECT_EQ(p.proc.nr_tasks, MAX_TASKS);
    p.exit(p.first);
    EXPECT_EQ(p.proc.nr_tasks, 0u);
    p.expect_sound();
}

TEST_F(Tasks, StatusTellsOfTheTask) {
    make("clone", P, T);
    make("vfork", P, V);
    const std::string text = proc_text(machine_, "status");
    EXPECT_TRUE(text.starts_with("Name:\tprog\nState:\tD (disk sleep)\nTgid:\t300\nPid:\t300\nPPid:\t1\nVmPeak:\t"))
        << text;
    EXPECT_TRUE(text.ends_with("\nThreads:\t2\n")) << text;
}

} // namespace
} // namespace mm
