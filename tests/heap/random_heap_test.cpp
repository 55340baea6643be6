// Random calls of malloc by threads of several processes: whatever glibc does inside, what the program has never overlaps, is
// aligned and large enough, and after each op every invariant of every room holds.
#include <map>

#include "base/program_place.h"
#include "base/rng.h"
#include "base/work.h"
#include "heap/chunks.h"
#include "heap/info.h"
#include "machine/session.h"
#include "mmu/ops_on_machine.h"
#include "process/tasks.h"

namespace mm {
namespace {

constexpr u32 FIRST_BLOCK = 16, BLOCKS = 300, TASKS = 8; // results: tasks stand before blocks

// What the program of one process has: address by result.
using Blocks = std::map<u32, u64>;

class RandomHeap {
  public:
    RandomHeap(kernel_version kernel, u32 seed) : rng_(seed) {
        machine_profile profile;
        profile.kernel = kernel;
        profile.cpus = 2;
        declare_memory(profile, 64ull << 20);
        start = std::move(make_machine(std::move(profile)).value());
        machine = start;
        apply_op("execve", {}, 0);
        group_[0] = 0;
        has_.emplace(0, Blocks{});
    }

    void step() {
        const u32 task = some_task();
        Blocks& blocks = has_.at(group_.at(task));
        const u32 way = rng_.below(100);
        if (way < 45) return take(task, blocks);
        if (way < 85) return give(task, blocks);
        if (way < 92) return resize(task, blocks);
        if (way < 94)
            return static_cast<void>(apply_op("malloc_trim", {{"process", task}, {"pad", rng_.below(2) * 8192}}));
        if (way < 95)
            return static_cast<void>(
                apply_op("mallopt", {{"process", task}, {"parameter", 0}, {"value", rng_.below(2) * 64}}));
        if (way < 97) return new_task(task, "clone");
        if (way < 98) return new_task(task, "fork");
        end(task);
    }

    Machine start, machine;
    std::vector<Op> ops;
    std::vector<u64> hashes; // before each op

  private:
    using Fields = std::vector<std::pair<std::string_view, i64>>;

    OpOutcome apply_op(std::string_view name, const Fields& fields, u32 result = Op::NO_RESULT) {
        Op op{.kind = find_op(name).value(), .cpu = static_cast<u16>(rng_.below(2)), .result = result};
        const auto specs = op_spec(op.kind).field_list();
        for (std::size_t i = 0; i < specs.size(); ++i) op.arg[i] = specs[i].default_value;
        for (const auto& [field, value] : fields)
            op.arg[static_cast<std::size_t>(op_spec(op.kind).field_index(field))] = value;
        hashes.push_back(canonical_hash(machine));
        ops.push_back(op);
        EventSink sink;
        const OpOutcome outcome = apply(machine, op, sink);
        EXPECT_EQ(verify(machine).value_or("all is well"), "all is well") << "op " << ops.size() << ": " << name;
        return outcome;
    }
    u32 some_task() {
        auto it = group_.begin();
        std::advance(it, rng_.below(static_cast<u32>(group_.size())));
        return it->first;
    }
    i64 some_size() {
        const u32 way = rng_.below(20);
        return rng_.below(way < 12 ? 200 : way < 16 ? 5000 : way < 19 ? 70'000 : 400'000);
    }
    u32 free_block(const Blocks& blocks) {
        for (u32 tries = 0; tries < BLOCKS; ++tries)
            if (const u32 slot = FIRST_BLOCK + rng_.below(BLOCKS); !blocks.contains(slot)) return slot;
        return FIRST_BLOCK + BLOCKS;
    }
    const libc_heap& heap(u32 task) const {
        return *heap_of_process(machine.heaps, machine.processes,
                                machine.processes.tasks[task_of_result(machine.processes, machine.results[task])].mm);
    }
    void has_now(u32 task, Blocks& blocks, u32 slot, u64 size, u64 alignment) {
        if (machine.results[slot].empty()) return;
        const u64 address = machine.results[slot].value;
        EXPECT_EQ(address % alignment, 0u);
        const u64 word = heap(task).words.load(address - 8), usable = (word & ~7ull) - ((word & 2) != 0 ? 16 : 8);
        EXPECT_GE(usable, size);
        for (const auto& [other, at] : blocks) {
            const u64 bytes = (heap(task).words.load(at - 8) & ~7ull) - 16;
            EXPECT_TRUE(address + size <= at || at + bytes <= address) << slot << " overlaps " << other;
        }
        blocks[slot] = address;
    }

    void take(u32 task, Blocks& blocks) {
        const u32 slot = free_block(blocks);
        const i64 size = some_size();
        switch (rng_.below(6)) {
        case 0:
            apply_op("calloc", {{"process", task}, {"count", 2}, {"size", size}}, slot);
            return has_now(task, blocks, slot, static_cast<u64>(2 * size), 16);
        case 1: {
            const i64 alignment = i64{16} << rng_.below(9);
            apply_op("memalign", {{"process", task}, {"alignment", alignment}, {"size", size}}, slot);
            return has_now(task, blocks, slot, static_cast<u64>(size), static_cast<u64>(alignment));
        }
        default:
            apply_op("malloc", {{"process", task}, {"size", size}}, slot);
            return has_now(task, blocks, slot, static_cast<u64>(size), 16);
        }
    }
    void give(u32 task, Blocks& blocks) {
        if (blocks.empty()) return;
        auto it = blocks.begin();
        std::advance(it, rng_.below(static_cast<u32>(blocks.size())));
        EXPECT_EQ(apply_op("free", {{"process", task}, {"address", static_cast<i64>(it->second)}}), OpOutcome::done);
        blocks.erase(it);
    }
    void resize(u32 task, Blocks& blocks) {
        if (blocks.empty()) return;
        auto it = blocks.begin();
        std::advance(it, rng_.below(static_cast<u32>(blocks.size())));
        const u32 slot = it->first;
        const i64 size = some_size() + 1, address = static_cast<i64>(it->second);
        const Blocks before = blocks;
        blocks.erase(it);
        if (apply_op("realloc", {{"process", task}, {"address", address}, {"size", size}}, slot) == OpOutcome::done)
            has_now(task, blocks, slot, static_cast<u64>(size), 16);
        else
            blocks = before;
    }
    void new_task(u32 task, std::string_view how) {
        u32 slot = 1;
        while (slot < TASKS && group_.contains(slot)) ++slot;
        if (slot == TASKS || apply_op(how, {{"process", task}}, slot) != OpOutcome::done) return;
        if (how == "clone") {
            group_[slot] = group_.at(task);
            return;
        }
        group_[slot] = slot;
        has_[slot] = has_.at(group_.at(task));
    }
    void end(u32 task) {
        if (group_.at(task) == task) return; // a process's first thread stays
        apply_op(rng_.below(4) == 0 ? "exit" : "pthread_exit", {{"process", task}});
        group_.erase(task);
    }

    Rng rng_;
    std::map<u32, u32> group_; // tasks by result: the first thread of each one's process
    std::map<u32, Blocks> has_;
};

TEST(RandomHeap, WhatProgramsHaveNeverOverlapsAndEveryInvariantHolds) {
    for (const kernel_version kernel : {kernel_version::v6_1, kernel_version::v6_12}) {
        RandomHeap random(kernel, static_cast<u32>(kernel) + 7);
        for (int i = 0; i < 400 && !testing::Test::HasFailure(); ++i) random.step();
    }
}

TEST(RandomHeap, AnyPositionEqualsRunningThereFromTheStart) {
    RandomHeap random(kernel_version::v6_1, 3);
    for (int i = 0; i < 300 && !testing::Test::HasFailure(); ++i) random.step();
    Session session(random.start, {.keyframe_bytes = 1u << 20, .first_interval = 16});
    session.append(random.ops);
    session.seek({session.steps(), 0});
    EXPECT_EQ(canonical_hash(session.machine()), canonical_hash(random.machine));
    Rng rng(5);
    for (int i = 0; i < 60; ++i) {
        const u32 step = rng.below(static_cast<u32>(random.ops.size()));
        session.seek({step, 0});
        ASSERT_EQ(canonical_hash(session.machine()), random.hashes[step]) << "step " << step;
        const u32 events = static_cast<u32>(session.replay(step).events.size());
        if (events < 2) continue;
        session.seek({step, events / 2});
        session.seek({step, 0});
        ASSERT_EQ(canonical_hash(session.machine()), random.hashes[step]) << "back to step " << step;
    }
}

// A program that writes sizes and links at random, and frees what it likes: each call returns, aborts or gets a signal, and what
// is not the heap's stays whole.
TEST(RandomHeap, WhateverAProgramDoesToItsHeapACallComesToItsEnd) {
    machine_profile profile;
    declare_memory(profile, 64ull << 20);
    Machine machine = std::move(make_machine(std::move(profile)).value());
    Rng rng(17);
    const auto run = [&](std::string_view name, std::initializer_list<std::pair<std::string_view, i64>> fields,
                         u32 result) {
        Op op{.kind = find_op(name).value(), .result = result};
        const OpSpec& spec = op_spec(op.kind);
        for (std::size_t i = 0; i < spec.field_list().size(); ++i) op.arg[i] = spec.fields[i].default_value;
        for (const auto& [field, value] : fields) op.arg[static_cast<std::size_t>(spec.field_index(field))] = value;
        EventSink sink;
        sink.set_limit(SCENARIO_WORK.op);
        apply(machine, op, sink);
        EXPECT_FALSE(sink.spent()) << name;
        EXPECT_EQ(verify(machine).value_or("all is well"), "all is well") << name;
    };
    const auto near = [&] { return place_in_result(1 + rng.below(24), i64{rng.below(40)} * 8 - 64); };
    u32 ended = 0;
    for (int i = 0; i < 3000 && !testing::Test::HasFailure(); ++i) {
        if (machine.results[0].empty() || machine.results[0].freed != 0) {
            ++ended;
            run("execve", {}, 0);
        }
        const u32 slot = 1 + rng.below(24);
        switch (rng.below(8)) {
        case 0:
            run("heap_write",
                {{"process", 0}, {"address", near()}, {"word", rng.below(2) == 0 ? i64{rng.below(0x500)} : near()}},
                Op::NO_RESULT);
            break;
        case 1: run("free", {{"process", 0}, {"address", near()}}, Op::NO_RESULT); break;
        case 2:
            run("realloc", {{"process", 0}, {"address", place_in_result(slot, 0)}, {"size", rng.below(3000)}}, slot);
            break;
        case 3: run("free", {{"process", 0}, {"address", place_in_result(slot, 0)}}, Op::NO_RESULT); break;
        case 4: run(rng.below(4) == 0 ? "malloc_trim" : "mallopt", {{"process", 0}}, Op::NO_RESULT); break;
        default: run("malloc", {{"process", 0}, {"size", rng.below(rng.below(8) == 0 ? 200'000 : 1500)}}, slot);
        }
    }
    EXPECT_GT(ended, 20u);
}

// The words of glibc's struct mallinfo2 against what is found side by side.
TEST(RandomHeap, MallinfoCountsWhatIsThere) {
    RandomHeap random(kernel_version::v6_1, 11);
    for (int i = 0; i < 300; ++i) random.step();
    for (const heap_memory::slot& slot : random.machine.heaps.slots) {
        if (!slot.heap || !slot.heap->initialized) continue;
        const libc::mallinfo info = libc::mallinfo_of(*slot.heap);
        u64 free_chunks = libc::arenas_of(*slot.heap).size(), fast = 0;
        for (const libc::heap_list& list : libc::lists_of(*slot.heap)) {
            if (list.kind == libc::chunk_state::fastbin) fast += list.chunks.size();
            if (list.kind != libc::chunk_state::fastbin && list.kind != libc::chunk_state::tcache)
                free_chunks += list.chunks.size();
        }
        EXPECT_EQ(info.ordblks, free_chunks) << "each arena's top is one";
        EXPECT_EQ(info.smblks, fast);
        EXPECT_EQ(info.hblks, libc::mapped_chunks(*slot.heap).size());
        EXPECT_EQ(info.arena, info.uordblks + info.fordblks);
    }
}

} // namespace
} // namespace mm
