#include "views/kernel/tlb_runs.h"

#include "machine/facts/address_facts.h"
#include "mmu/arm64/asid.h"
#include "process/processes.h"
#include "process/tasks.h"
#include "views/kernel/tlb_words.h"

namespace shell {

namespace {

// The name of the space, where its first thread runs: that is what ops call it.
std::string who_runs(const Teller& teller, const mm::process_memory& proc, mm::u32 cpu, mm::mm_id mm,
                     std::string space) {
    const mm::task_id task = mm::current_task(proc, cpu);
    if (mm == mm::MM_NONE || mm::active_mm(proc, cpu) != mm || task == proc.mms[mm].owner) return space;
    const bool borrows = task == mm::TASK_NONE || proc.tasks[task].mm != mm;
    return mm::filled(teller.say(borrows ? words::RUNS_BORROWING : words::RUNS_THREAD), space,
                      mm::task_text(proc, task, cpu));
}

} // namespace

std::string tlb_runs_text(const Teller& teller, const ViewInput& input, mm::u32 cpu) {
    const mm::Machine& machine = input.moment.at;
    const mm::mmu_memory& mmu = machine.mmu;
    const mm::process_memory& proc = machine.processes;
    const mm::tlb_cpu& state = mmu.tlb.cpus[cpu];
    const bool asids = mmu.arch().has_asids;
    if (!mmu.has_space(state.space)) {
        const std::string alone = teller.say(asids ? words::RUNS_KERNEL : words::RUNS_KERNEL_CR3);
        const mm::task_id task = mm::current_task(proc, cpu);
        return task == mm::TASK_NONE ? alone : mm::task_text(proc, task) + " · " + alone;
    }
    const std::string who = who_runs(teller, proc, cpu, process_of_space(proc, state.space),
                                     space_text(machine, state.space, input.scenario.result_names));
    if (!asids) return mm::filled(teller.say(words::RUNS_BY_CR3), {}, who);
    const mm::u64 generation = mm::context_generation(mmu.spaces[state.space].context_id);
    return mm::filled(teller.say(words::RUNS_WITH_ASID), std::to_string(state.asid), who) + " " +
           mm::filled(teller.say(words::OF_GENERATION), grouped(static_cast<mm::i64>(generation)));
}

} // namespace shell
