#include "process/context_switch.h"

#include "mmu/switch_mm.h"
#include "process/functions.h"
#include "process/processes.h"
#include "process/task_events.h"

namespace mm {

namespace {

using ev = task_event;

class Switch {
  public:
    Switch(process_memory& proc, mmu_context& cx, u32 cpu, task_id next, switch_telling telling)
        : proc_(proc), cx_(cx), sink_(cx.page.sink), cpu_(cpu), prev_(current_task(proc, cpu)), next_(next),
          told_(telling == switch_telling::whole) {}

    void run() {
        CallScope scope(sink_, process_fn::context_switch);
        static_cast<void>(cpu_of(proc_, cpu_));
        const mm_id from = mm_of(prev_), to = mm_of(next_), active = active_mm(proc_, cpu_);
        const bool same = to != MM_NONE && to == active;
        if (told_ || (same && prev_ != TASK_NONE) || (from == MM_NONE && prev_ != TASK_NONE))
            sink_.emit(ev::sched_switch, cpu_, pid_of(prev_), pid_of(next_), case_of(from, to), same);
        mm_id dropped = MM_NONE;
        if (to == MM_NONE)
            to_kernel(from, active);
        else
            dropped = to_user(from, to, active);
        if (prev_ != TASK_NONE) proc_.tasks.mut(prev_).cpu = CPU_NONE;
        if (next_ != TASK_NONE) proc_.tasks.mut(next_).cpu = cpu_;
        proc_.cpus[cpu_].current = next_;
        if (dropped != MM_NONE) finish(dropped);
    }

  private:
    [[nodiscard]] mm_id mm_of(task_id task) const { return task == TASK_NONE ? MM_NONE : proc_.tasks[task].mm; }
    [[nodiscard]] u32 pid_of(task_id task) const { return task == TASK_NONE ? 0 : proc_.tasks[task].pid; }
    static switch_case case_of(mm_id from, mm_id to) {
        if (to == MM_NONE) return from == MM_NONE ? switch_case::kernel_to_kernel : switch_case::user_to_kernel;
        return from == MM_NONE ? switch_case::kernel_to_user : switch_case::user_to_user;
    }
    void set_active(task_id task, mm_id mm) {
        if (task == TASK_NONE)
            proc_.cpus[cpu_].idle_mm = mm;
        else
            proc_.tasks.mut(task).active_mm = mm;
    }

    // Tables stay. kernel: enter_lazy_tlb
    void to_kernel(mm_id from, mm_id active) {
        if (from == MM_NONE) set_active(prev_, MM_NONE);
        set_active(next_, active);
        if (active == MM_NONE) {
            if (told_) sink_.emit(ev::lazy_tlb_none, cpu_, pid_of(next_));
            return;
        }
        if (from != MM_NONE) mmgrab(proc_, active);
        const mm_struct& mm = proc_.mms[active];
        if (told_)
            sink_.emit(ev::lazy_tlb_borrowed, pid_of(next_), mm.pid, from != MM_NONE, mm.mm_count,
                       proc_.rules.has_lazy_tlb_refs());
    }

    // What the CPU gives back, if it borrowed anything.
    mm_id to_user(mm_id from, mm_id to, mm_id active) {
        const auto space = static_cast<space_id>(proc_.mms[to].space);
        if (told_ || cx_.mmu.tlb.cpus[cpu_].space != space) switch_mm(cx_, cpu_, space);
        if (from != MM_NONE) return MM_NONE;
        set_active(prev_, MM_NONE);
        return active;
    }

    // kernel: finish_task_switch
    void finish(mm_id mm) {
        CallScope scope(sink_, process_fn::finish_task_switch);
        const mm_struct of = proc_.mms[mm];
        if (told_ || prev_ != TASK_NONE)
            sink_.emit(ev::lazy_tlb_dropped, pid_of(prev_), of.pid, of.mm_count - 1, of.mm_users,
                       proc_.rules.has_lazy_tlb_refs());
        mmdrop(proc_, cx_, mm);
    }

    process_memory& proc_;
    mmu_context& cx_;
    EventSink& sink_;
    u32 cpu_;
    task_id prev_, next_;
    bool told_;
};

// An idle CPU keeps no mm without users.
void idle_gives_up(process_memory& proc, mmu_context& cx, u32 cpu) {
    cpu_task& idle = cpu_of(proc, cpu);
    const mm_id mm = idle.idle_mm;
    if (idle.current != TASK_NONE || mm == MM_NONE || proc.mms[mm].mm_users > 0) return;
    idle.idle_mm = MM_NONE;
    if (cx.mmu.tlb.cpus[cpu].space != SPACE_NONE) switch_mm(cx, cpu, SPACE_NONE);
    mmdrop(proc, cx, mm);
}

} // namespace

void context_switch(process_memory& proc, mmu_context& cx, u32 cpu, task_id next, switch_telling telling) {
    if (current_task(proc, cpu) == next) {
        if (telling == switch_telling::whole)
            cx.page.sink.emit(ev::sched_same, cpu, next == TASK_NONE ? 0 : proc.tasks[next].pid);
        return;
    }
    if (next != TASK_NONE && proc.tasks[next].cpu != CPU_NONE)
        context_switch(proc, cx, proc.tasks[next].cpu, TASK_NONE, telling);
    Switch(proc, cx, cpu, next, telling).run();
    idle_gives_up(proc, cx, cpu);
}

void run_task(process_memory& proc, mmu_context& cx, task_id task) {
    if (current_task(proc, cx.page.cpu) != task) context_switch(proc, cx, cx.page.cpu, task, switch_telling::brief);
}

void follow_tables(process_memory& proc, mmu_context& cx, u32 cpu) {
    const space_id loaded = cx.mmu.tlb.cpus[cpu].space;
    const mm_id active = active_mm(proc, cpu);
    const mm_id mm = loaded == SPACE_NONE ? MM_NONE : process_of_space(proc, loaded);
    const bool left = active != MM_NONE && proc.mms[active].mm_users == 0 && mm == MM_NONE &&
                      proc.rules.borrowers_leave_freed_tables();
    if (mm == active || left) return;
    if (const task_id task = mm == MM_NONE ? TASK_NONE : runnable_task(proc, mm); task != TASK_NONE) {
        context_switch(proc, cx, cpu, task, switch_telling::brief);
        return;
    }
    // Nobody runs there: not even who waits for another task.
    if (mm != MM_NONE && proc.mms[mm].owner != TASK_NONE) switch_mm(cx, cpu, SPACE_NONE);
    context_switch(proc, cx, cpu, TASK_NONE, switch_telling::brief);
    cpu_task& idle = cpu_of(proc, cpu);
    const mm_id borrowed = idle.idle_mm;
    idle.idle_mm = MM_NONE;
    if (borrowed != MM_NONE) mmdrop(proc, cx, borrowed);
}

void leave_cpu(process_memory& proc, mmu_context& cx, task_id task) {
    if (const u32 cpu = proc.tasks[task].cpu; cpu != CPU_NONE)
        context_switch(proc, cx, cpu, TASK_NONE, switch_telling::brief);
}

void leave_mm(mm_context& cx) {
    mmu_memory& mmu = cx.pages->mmu;
    const auto space = static_cast<space_id>(cx.mm().space);
    for (u32 cpu = 0; cpu < mmu.tlb.cpus.size(); ++cpu) {
        const bool idle = current_task(cx.proc, cpu) == TASK_NONE;
        if (mmu.tlb.cpus[cpu].space == space && (idle || cx.proc.rules.borrowers_leave_freed_tables()))
            switch_mm(*cx.pages, cpu, SPACE_NONE);
        if (!idle || active_mm(cx.proc, cpu) != cx.id) continue;
        cpu_of(cx.proc, cpu).idle_mm = MM_NONE;
        --cx.mm_mut().mm_count;
    }
}

} // namespace mm
