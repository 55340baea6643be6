// Accesses and fork as ops of a machine, and what they leave there.
#include "base/program_place.h"
#include "machine/proc_files.h"
#include "mmu/events.h"
#include "mmu/ops_on_machine.h"
#include "process/calls.h"
#include "process/fault_event_rows.h"
#include "process/processes.h"

namespace mm {
namespace {

using ev = fault_event;
constexpr u32 P = 0, CHILD = 1, A = 2, F = 3;
constexpr i64 FIXED = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
constexpr i64 PAGE = 4096, ARENA = 0x10'0000'0000;

class AccessOps : public test::OpsOnMachine {
  protected:
    AccessOps() : OpsOnMachine(architecture::arm64) {
        run("execve", {}, P);
        begun_ = mm(); // exec has written to pages of its own
        run("mmap", {{"process", P}, {"address", ARENA}, {"size", 64 * PAGE}, {"flags", FIXED}}, A);
    }
    [[nodiscard]] const mm_struct& mm(u32 slot = P) const {
        return machine_.processes
            .mms[process_of_space(machine_.processes, static_cast<space_id>(machine_.results[slot].value))];
    }
    OpOutcome write(u32 slot, i64 offset, i64 value) {
        return run("user_write", {{"process", slot}, {"address", place_in_result(A, offset)}, {"value", value}});
    }
    OpOutcome read(u32 slot, i64 offset) {
        return run("user_read", {{"process", slot}, {"address", place_in_result(A, offset)}});
    }
    [[nodiscard]] i64 value_read() const {
        const Event* event = last(ev::user_value_read);
        return event == nullptr ? -1 : Args<ev::user_value_read>(*event)["value"];
    }

    mm_struct begun_;
};

TEST_F(AccessOps, AWriteBringsAPageAndAReadFindsIt) {
    EXPECT_EQ(read(P, 0), OpOutcome::done);
    EXPECT_EQ(value_read(), 0);
    EXPECT_EQ(count(ev::zero_page_mapped), 1);
    EXPECT_EQ(write(P, 0, 42), OpOutcome::done);
    EXPECT_EQ(read(P, 8), OpOutcome::done);
    EXPECT_EQ(value_read(), 42);
    EXPECT_EQ(mm().min_flt, begun_.min_flt + 2);
    EXPECT_EQ(mm().rss.anon, begun_.rss.anon + 1);
}

TEST_F(AccessOps, WhatNoVmaAllowsIsRefused) {
    EXPECT_EQ(write(P, 64 * PAGE, 1), OpOutcome::refused);
    EXPECT_EQ(count(process_event::user_sigsegv), 1);
    EXPECT_EQ(run("user_exec", {{"process", P}, {"address", place_in_result(A, 0)}}), OpOutcome::refused);
    EXPECT_EQ(mm().rss.anon, begun_.rss.anon + 0);
}

TEST_F(AccessOps, TouchStopsAtTheFirstSignal) {
    EXPECT_EQ(run("touch", {{"process", P}, {"address", place_in_result(A, 60 * PAGE)}, {"size", 8 * PAGE}}),
              OpOutcome::refused);
    EXPECT_EQ(mm().rss.anon, begun_.rss.anon + 4);
}

TEST_F(AccessOps, ForkMakesAProcessThatSharesPages) {
    write(P, 0, 7);
    EXPECT_EQ(run("fork", {{"process", P}}, CHILD), OpOutcome::done);
    EXPECT_NE(mm(CHILD).pid, mm().pid);
    EXPECT_EQ(read(CHILD, 0), OpOutcome::done);
    EXPECT_EQ(value_read(), 7);
    EXPECT_EQ(write(CHILD, 0, 8), OpOutcome::done);
    read(P, 0);
    EXPECT_EQ(value_read(), 7);
    EXPECT_EQ(run("exit", {{"process", P}}), OpOutcome::done);
    read(CHILD, 0);
    EXPECT_EQ(value_read(), 8);
    EXPECT_NE(proc_text(machine_, "smaps").find("Private_Dirty:         4 kB"), std::string::npos);
    EXPECT_EQ(run("exit", {{"process", CHILD}}), OpOutcome::done);
    EXPECT_EQ(machine_.processes.user.rmap_entries, 0u);
}

TEST_F(AccessOps, OpsOnTablesLeaveThoseOfAProcess) {
    write(P, 0, 7);
    EXPECT_EQ(run("unmap_page_range", {{"mm", P}, {"address", ARENA}, {"size", PAGE}}), OpOutcome::refused);
    EXPECT_EQ(run("create_pgd_mapping", {{"mm", P}, {"address", ARENA + PAGE}, {"phys", 0}, {"size", PAGE}}),
              OpOutcome::refused);
    EXPECT_EQ(count(mmu_event::pgd_of_process), 1);
}

TEST_F(AccessOps, AFileThatIsOpenedShorterTakesItsPagesAlong) {
    run("open", {{"path", intern("/dev/shm/f")}, {"size", 8 * PAGE}}, F);
    run("mmap", {{"process", P}, {"size", 8 * PAGE}, {"flags", MAP_SHARED}, {"file", F}}, A);
    EXPECT_EQ(write(P, 6 * PAGE, 1), OpOutcome::done);
    run("open", {{"path", intern("/dev/shm/f")}, {"size", PAGE}}, CHILD);
    EXPECT_EQ(mm().rss.shmem, 0u);
    EXPECT_EQ(write(P, 6 * PAGE, 1), OpOutcome::refused);
    EXPECT_EQ(count(ev::user_sigbus), 1);
}

} // namespace
} // namespace mm
