// How fork() fails, and what it tells; and that a page which takes another's place raises no high water mark. By hand, after
// kernel/fork.c: dup_mmap, copy_process; mm/memory.c: wp_page_copy.
#include "mmu/ops_on_machine.h"
#include "process/calls.h"
#include "process/event_rows.h"
#include "process/fault_event_rows.h"
#include "process/processes.h"
#include "process/tasks.h"

namespace mm {
namespace {

constexpr u32 P = 0, A = 1, CHILD = 2;
constexpr i64 MIB = 1 << 20, PAGE = 4096, ARENA = 0x10'0000'0000;

class ForkErrors : public test::OpsOnMachine {
  protected:
    ForkErrors() : OpsOnMachine(architecture::arm64) { run("execve", {}, P); }
    [[nodiscard]] Args<process_event::mm_call_failed> told() const {
        return Args<process_event::mm_call_failed>(*last(process_event::mm_call_failed));
    }
};

TEST_F(ForkErrors, UnderOvercommitTwoTheLimitIsCommitLimit) {
    run("mmap", {{"process", P}, {"size", 20 * MIB}}, A);
    run("vm.overcommit_memory", {{"value", 2}});
    EXPECT_EQ(run("fork", {{"process", P}}, CHILD), OpOutcome::refused);
    EXPECT_EQ(told()["errno"], static_cast<i64>(mm_errno::enomem));
    EXPECT_EQ(told()["reason"], static_cast<i64>(mm_failure::commit_limit));
    EXPECT_EQ(told()["b"], Args<process_event::committed>(*last(process_event::committed))["allowed"]);
    EXPECT_EQ((Args<fault_event::fork_failed>(*last(fault_event::fork_failed))["pages"]), 20 * MIB / PAGE);
    EXPECT_EQ(machine_.processes.processes, 1u);
}

TEST_F(ForkErrors, TooManyTasksAreEagain) {
    while (machine_.processes.nr_tasks < MAX_TASKS) {
        Op op;
        op.kind = find_op("clone").value();
        const auto fields = op_spec(op.kind).field_list();
        for (std::size_t i = 0; i < fields.size(); ++i) op.arg[i] = fields[i].default_value;
        op.arg[static_cast<std::size_t>(op_spec(op.kind).field_index("process"))] = P;
        ASSERT_EQ(apply(machine_, op, sink_), OpOutcome::done);
        events_.clear();
    }
    for (const char* call : {"fork", "clone", "vfork"}) {
        EXPECT_EQ(run(call, {{"process", P}}, CHILD), OpOutcome::refused) << call;
        EXPECT_EQ(told()["errno"], static_cast<i64>(mm_errno::eagain)) << call;
        EXPECT_EQ(told()["b"], i64{MAX_TASKS}) << call;
    }
}

TEST_F(ForkErrors, ACopyRaisesNoHighWaterMark) {
    const auto mm = [&](u32 slot) -> const mm_struct& {
        return machine_.processes
            .mms[process_of_space(machine_.processes, static_cast<space_id>(machine_.results[slot].value))];
    };
    run("mmap",
        {{"process", P}, {"address", ARENA}, {"size", PAGE}, {"flags", MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED}}, A);
    run("user_write", {{"process", P}, {"address", ARENA}, {"value", 1}});
    const u64 peak = mm(P).hiwater_rss;
    EXPECT_EQ(peak, mm(P).rss.total());
    run("fork", {{"process", P}}, CHILD);
    run("user_write", {{"process", P}, {"address", ARENA}, {"value", 2}});
    EXPECT_EQ(count(fault_event::page_copied), 1);
    EXPECT_EQ(mm(P).hiwater_rss, peak);
}

} // namespace
} // namespace mm
