#pragma once
// The machine that recorded processes run on: page allocator, page tables, TLBs, processes. Only the oracle includes it.
//
// x86-64 has no page tables in the engine. Its processes run on tables of arm64, of a CPU that sets access flags and dirty
// bits by itself, as every x86-64 does: which frame stands where, faults and counts are decided above the tables. What
// entries hold is not compared there.
#include "mmu/page_table.h"
#include "oracle/vma_replay.h"

namespace mm {

// As values: a copy is another machine in the same state.
struct UserMachine {
    physical_memory mem;
    mmu_memory mmu;
    process_memory proc;
    architecture arch = architecture::arm64;
};

[[nodiscard]] UserMachine recorded_user_machine(const OracleMachine& machine);
// 1 GiB, one CPU.
[[nodiscard]] UserMachine tested_user_machine(const TestedKernel& kernel);

// One that runs.
class RunningMachine {
  public:
    explicit RunningMachine(UserMachine machine)
        : machine_(std::move(machine)), pages_{machine_.mmu, {machine_.mem, sink_, 0, 0}} {}
    RunningMachine(const RunningMachine&) = delete;
    RunningMachine& operator=(const RunningMachine&) = delete;

    [[nodiscard]] mm_context context(mm_id id) { return {machine_.proc, id, sink_, &pages_}; }
    [[nodiscard]] process_memory& proc() { return machine_.proc; }
    [[nodiscard]] EventSink& sink() { return sink_; }
    [[nodiscard]] mmu_context& pages() { return pages_; }
    // The entries are those of the recorded machine.
    [[nodiscard]] bool own_tables() const { return machine_.arch == architecture::arm64; }

  private:
    UserMachine machine_;
    EventSink sink_;
    mmu_context pages_;
};

} // namespace mm
