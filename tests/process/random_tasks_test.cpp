// Random programs of threads, forks, vforks, kernel threads and switches against a model that knows the kernel's four cases alone:
// after each op every invariant holds, and mm_users, mm_count and what each CPU runs are the model's.
#include "base/rng.h"
#include "machine/session.h"
#include "mmu/ops_on_machine.h"
#include "process/tasks.h"

namespace mm {
namespace {

constexpr int IDLE = -1, NO_MM = -1;
constexpr u32 MAX_ALIVE = 12;

struct ModelTask {
    u32 slot = 0;
    int mm = NO_MM; // NO_MM: a kernel thread
    int leader = 0;
    int waits_for = IDLE, waiter = IDLE;
    bool alive = true;
    [[nodiscard]] bool waits() const { return waits_for != IDLE; }
};

struct Model {
    std::vector<ModelTask> tasks;
    int mms = 0;
    std::array<int, 2> current{IDLE, IDLE}, active{NO_MM, NO_MM};

    [[nodiscard]] u32 users(int mm) const {
        u32 n = 0;
        for (const ModelTask& task : tasks) n += task.alive && task.mm == mm;
        return n;
    }
    [[nodiscard]] bool kernel_on(std::size_t cpu) const {
        return current[cpu] == IDLE || tasks[static_cast<std::size_t>(current[cpu])].mm == NO_MM;
    }
    [[nodiscard]] u32 count(int mm) const {
        u32 n = users(mm) > 0 ? 1 : 0;
        for (std::size_t cpu = 0; cpu < 2; ++cpu) n += kernel_on(cpu) && active[cpu] == mm;
        return n;
    }
    ModelTask& at(int task) { return tasks[static_cast<std::size_t>(task)]; }

    void idle_gives_up() {
        for (std::size_t cpu = 0; cpu < 2; ++cpu)
            if (current[cpu] == IDLE && active[cpu] != NO_MM && users(active[cpu]) == 0) active[cpu] = NO_MM;
    }
    void run(std::size_t cpu, int next) {
        if (current[cpu] == next) return;
        if (next != IDLE && current[1 - cpu] == next) current[1 - cpu] = IDLE;
        current[cpu] = next;
        if (next != IDLE && at(next).mm != NO_MM) active[cpu] = at(next).mm;
        idle_gives_up();
    }
    void stop(int task) {
        for (int& runs : current)
            if (runs == task) runs = IDLE;
    }
    void wake_waiter(int task) {
        if (at(task).waiter != IDLE) at(at(task).waiter).waits_for = IDLE;
        at(task).waiter = IDLE;
    }
    void end(int task) {
        wake_waiter(task);
        if (at(task).waits()) at(at(task).waits_for).waiter = IDLE;
        at(task).waits_for = IDLE;
        stop(task);
        at(task).alive = false;
        idle_gives_up();
    }
    void end_group(int task) {
        const int leader = at(task).leader;
        for (int i = 0; i < static_cast<int>(tasks.size()); ++i)
            if (at(i).alive && at(i).leader == leader) end(i);
    }
    int add(ModelTask task, bool own_group) {
        task.slot = static_cast<u32>(tasks.size());
        if (own_group) task.leader = static_cast<int>(tasks.size());
        tasks.push_back(task);
        return static_cast<int>(tasks.size()) - 1;
    }
    void exec(int task) {
        const int leader = at(task).leader;
        for (int i = 0; i < static_cast<int>(tasks.size()); ++i)
            if (i != task && at(i).alive && at(i).leader == leader) end(i);
        at(task).leader = task;
        wake_waiter(task);
        at(task).mm = mms++;
        for (std::size_t cpu = 0; cpu < 2; ++cpu)
            if (current[cpu] == task) active[cpu] = at(task).mm;
        idle_gives_up();
    }
};

class RandomTasks : public test::OpsOnMachine, public testing::WithParamInterface<int> {
  protected:
    RandomTasks()
        : OpsOnMachine(GetParam() % 2 == 0 ? architecture::arm64 : architecture::i386), rng_(77 + GetParam()) {}

    void turn() {
        const auto cpu = static_cast<u16>(rng_.below(2));
        const int task = some_task();
        if (task == IDLE) return start(rng_.below(4) == 0);
        const ModelTask who = model_.at(task);
        const u32 kind = rng_.below(16);
        if (kind == 0) return start(rng_.below(2) == 0);
        if (kind == 1) {
            run("schedule", {}, Op::NO_RESULT, cpu);
            return model_.run(cpu, IDLE);
        }
        if (who.waits()) {
            EXPECT_EQ(run("user_read", {{"process", who.slot}, {"address", 0}}, Op::NO_RESULT, cpu),
                      OpOutcome::refused);
            return;
        }
        if (kind < 7 || who.mm == NO_MM) return schedule_or_end(task, cpu, kind);
        if (kind < 11) {
            run("user_read", {{"process", who.slot}, {"address", 0x40'0000}}, Op::NO_RESULT, cpu);
            return model_.run(cpu, task);
        }
        if (kind < 14) return make(task, kind);
        if (kind == 14) {
            EXPECT_EQ(run("execve", {{"process", who.slot}}, Op::NO_RESULT, cpu), OpOutcome::done);
            return model_.exec(task);
        }
        const bool group = rng_.below(2) == 0;
        run(group ? "exit_group" : "exit", {{"process", who.slot}}, Op::NO_RESULT, cpu);
        if (group || who.leader == task)
            model_.end_group(task);
        else
            model_.end(task);
    }

    void compare() const {
        const process_memory& proc = machine_.processes;
        u32 alive = 0;
        for (const ModelTask& task : model_.tasks) {
            const task_id named = task_of_result(proc, machine_.results[task.slot]);
            alive += task.alive;
            if (!task.alive || task.mm == NO_MM) continue;
            ASSERT_NE(named, TASK_NONE);
            const mm_struct& mm = proc.mms[proc.tasks[named].mm];
            EXPECT_EQ(mm.mm_users, model_.users(task.mm));
            EXPECT_EQ(mm.mm_count, model_.count(task.mm));
            EXPECT_EQ(proc.tasks[named].waits(), task.waits());
        }
        EXPECT_EQ(proc.nr_tasks, alive);
        for (std::size_t cpu = 0; cpu < 2; ++cpu) {
            const mm_id active = active_mm(proc, static_cast<u32>(cpu));
            const int current = model_.current[cpu];
            const u32 slot = current == IDLE ? 0 : model_.tasks[static_cast<std::size_t>(current)].slot;
            EXPECT_EQ(current_task(proc, static_cast<u32>(cpu)),
                      current == IDLE ? TASK_NONE : task_of_result(proc, machine_.results[slot]));
            ASSERT_EQ(active == MM_NONE, model_.active[cpu] == NO_MM);
            if (active == MM_NONE) continue;
            EXPECT_EQ(proc.mms[active].mm_users, model_.users(model_.active[cpu]));
            EXPECT_EQ(proc.mms[active].mm_count, model_.count(model_.active[cpu]));
        }
    }

  private:
    int some_task() {
        std::vector<int> alive;
        for (int i = 0; i < static_cast<int>(model_.tasks.size()); ++i)
            if (model_.at(i).alive) alive.push_back(i);
        return alive.empty() ? IDLE : alive[rng_.below(static_cast<u32>(alive.size()))];
    }
    [[nodiscard]] bool full() const {
        u32 alive = 0;
        for (const ModelTask& task : model_.tasks) alive += task.alive;
        return alive >= MAX_ALIVE;
    }
    void start(bool kernel) {
        if (full()) return;
        ModelTask made;
        if (!kernel) made.mm = model_.mms++;
        const int task = model_.add(made, true);
        EXPECT_EQ(run(kernel ? "kthread_create" : "execve", {}, model_.at(task).slot), OpOutcome::done);
    }
    void schedule_or_end(int task, u16 cpu, u32 kind) {
        const ModelTask who = model_.at(task);
        if (who.mm == NO_MM && kind > 12) {
            run("exit", {{"process", who.slot}}, Op::NO_RESULT, cpu);
            return model_.end(task);
        }
        run("schedule", {{"process", who.slot}}, Op::NO_RESULT, cpu);
        model_.run(cpu, task);
    }
    // A thread, a process that shares, one that copies, the child of vfork().
    void make(int caller, u32 kind) {
        if (full()) return;
        const ModelTask who = model_.at(caller);
        const bool thread = kind == 11, vfork = kind == 12, copies = kind > 11 && rng_.below(2) == 0;
        ModelTask made;
        made.mm = copies ? model_.mms++ : who.mm;
        made.leader = who.leader;
        const int child = model_.add(made, !thread);
        EXPECT_EQ(run("clone", {{"process", who.slot}, {"vm", !copies}, {"thread", thread}, {"vfork", vfork}},
                      model_.at(child).slot),
                  OpOutcome::done);
        if (!vfork) return;
        model_.at(child).waiter = caller;
        model_.at(caller).waits_for = child;
        for (std::size_t cpu = 0; cpu < 2; ++cpu)
            if (model_.current[cpu] == caller) model_.run(cpu, child);
    }

    Model model_;
    Rng rng_;
};

TEST_P(RandomTasks, CountsAreThoseOfTheModel) {
    for (int i = 0; i < 250 && !HasFailure(); ++i) {
        turn();
        compare();
    }
}

TEST_P(RandomTasks, AnyPositionEqualsRunningThereFromTheStart) {
    const Machine start = machine_;
    std::vector<u64> hashes;
    for (int i = 0; i < 120 && !HasFailure(); ++i) {
        const std::size_t before = ops_.size();
        const u64 hash = canonical_hash(machine_);
        turn();
        if (ops_.size() > before) hashes.push_back(hash);
    }
    Session session(start, {.keyframe_bytes = 1u << 20, .first_interval = 8});
    session.append(ops_);
    session.seek({session.steps(), 0});
    ASSERT_EQ(canonical_hash(session.machine()), canonical_hash(machine_));
    Rng any(9);
    for (int i = 0; i < 30; ++i) {
        const u32 step = any.below(static_cast<u32>(hashes.size()));
        session.seek({step, 0});
        ASSERT_EQ(canonical_hash(session.machine()), hashes[step]) << "step " << step;
        const u32 events = static_cast<u32>(session.replay(step).events.size());
        if (events < 2) continue;
        session.seek({step, events / 2});
        session.seek({step, 0});
        ASSERT_EQ(canonical_hash(session.machine()), hashes[step]) << "back to step " << step;
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomTasks, testing::Range(0, 6));

} // namespace
} // namespace mm
