// Cost of page faults by kind, of calls among many VMAs, of fork and exit, of many processes, and of time travel among
// ops of processes, in CPU time. `./dev bench` runs this file native and as wasm under node and keeps the figures in RESULTS.md.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>
#include <vector>

#include "base/program_place.h"
#include "base/rng.h"
#include "machine/machine.h"
#include "machine/session.h"
#include "process/calls.h"
#include "process/fork.h"
#include "process/page_cache.h"
#include "process/processes.h"
#include "process/tasks.h"
#include "process/user_access.h"

namespace {

using namespace mm;

constexpr u64 PAGE = 4096, ARENA = 0x10'0000'0000;
constexpr u64 BATCH = 4096; // faults of one measured row
constexpr u32 RW = PROT_READ | PROT_WRITE;
constexpr u32 PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

struct Bench {
    explicit Bench(u64 mib) : machine(machine_of(mib)) {
        machine.processes.thp_always = false;
        id = new_process(machine.processes, pages);
        machine.processes.mms.mut(id).mmap_base = machine.processes.task_size - (128ull << 20);
    }

    static Machine machine_of(u64 mib) {
        machine_profile profile;
        declare_memory(profile, mib << 20);
        return std::move(make_machine(std::move(profile)).value());
    }
    mm_context of(mm_id process) { return {machine.processes, process, sink, &pages}; }
    void map(u64 page, u64 count, u32 prot = RW, u32 flags = PRIVATE, file_id file = 0) {
        mm_context cx = of(id);
        benchmark::DoNotOptimize(sys_mmap(cx, {ARENA + page * PAGE, count * PAGE, prot, flags, file, 0}));
    }
    void unmap(u64 page, u64 count) {
        mm_context cx = of(id);
        benchmark::DoNotOptimize(sys_munmap(cx, ARENA + page * PAGE, count * PAGE));
    }
    void access_each(u64 count, user_access_kind kind, u64 stride = 1) {
        mm_context cx = of(id);
        for (u64 i = 0; i < count; i += stride) user_access(cx, {ARENA + i * PAGE, kind, 1});
    }
    mm_id fork() {
        mm_context cx = of(id);
        mm_id child = MM_NONE;
        benchmark::DoNotOptimize(sys_fork(cx, child));
        return child;
    }
    void exit(mm_id process) {
        mm_context cx = of(process);
        exit_process(cx);
    }

    Machine machine;
    EventSink sink;
    mmu_context pages{machine.mmu, {machine.physical, sink, 0, 1}};
    mm_id id = 0;
};

// Seconds of CPU: what else the computer does meanwhile does not count.
double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// What `work` takes, shared out to so many of what is measured.
template <class Work>
void measure(benchmark::State& state, u64 share, Work work) {
    const double start = cpu_seconds();
    work();
    state.SetIterationTime((cpu_seconds() - start) / static_cast<double>(share));
}

enum class fault : u8 { zero_page, anon_write, file_around, cow_copy, cow_reuse };

// Each row is the time of one access that faults; the mapping is made anew between rows.
void Fault(benchmark::State& state, fault kind) {
    Bench bench(256);
    const u64 faults = kind == fault::file_around ? BATCH / 16 : BATCH;
    file_id file = 0;
    if (kind == fault::file_around) {
        mapped_file made;
        made.path = intern("/dev/shm/bench");
        made.kind = file_kind::shmem;
        made.opened = true;
        made.size = BATCH * PAGE;
        file = open_file(bench.machine.processes, made);
        mm_context cx = bench.of(bench.id);
        for (u64 i = 0; i < BATCH; ++i) benchmark::DoNotOptimize(write_file_page(cx, file, i, 1));
    }
    for (auto _ : state) {
        bench.map(0, BATCH, RW, file == 0 ? PRIVATE : MAP_SHARED | MAP_FIXED, file);
        if (kind == fault::cow_copy || kind == fault::cow_reuse) bench.access_each(BATCH, user_access_kind::write);
        const mm_id child = kind == fault::cow_copy || kind == fault::cow_reuse ? bench.fork() : MM_NONE;
        if (kind == fault::cow_reuse) bench.exit(child);
        measure(state, faults, [&] {
            if (kind == fault::file_around)
                bench.access_each(BATCH, user_access_kind::read, 16);
            else
                bench.access_each(BATCH, kind == fault::zero_page ? user_access_kind::read : user_access_kind::write);
        });
        if (kind == fault::cow_copy) bench.exit(child);
        bench.unmap(0, BATCH);
    }
    const mm_struct& mm = bench.machine.processes.mms[bench.id];
    state.counters["minflt"] = static_cast<double>(mm.min_flt) / static_cast<double>(state.iterations());
}

// A page of a process's own among so many VMAs, each apart from the others: one at random goes and comes.
void MmapAmongVmas(benchmark::State& state) {
    Bench bench(256);
    const auto vmas = static_cast<u32>(state.range(0));
    bench.machine.processes.max_map_count = 2 * vmas + 16;
    for (u64 i = 0; i < vmas; ++i) bench.map(2 * i, 1);
    Rng rng(1);
    for (auto _ : state) {
        const u64 page = 2 * u64{rng.below(vmas)};
        bench.unmap(page, 1);
        bench.map(page, 1);
    }
    state.counters["vmas"] = bench.machine.processes.mms[bench.id].map_count;
}

// A process with 1 GiB of pages of 4 KiB, all written.
void ForkOfOneGiB(benchmark::State& state, bool measures_exit) {
    Bench bench(2048);
    constexpr u64 pages = (1ull << 30) / PAGE;
    bench.map(0, pages);
    bench.access_each(pages, user_access_kind::write);
    for (auto _ : state) {
        mm_id child = MM_NONE;
        const auto fork = [&] { child = bench.fork(); };
        const auto exit = [&] { bench.exit(child); };
        if (measures_exit) {
            fork();
            measure(state, 1, exit);
        } else {
            measure(state, 1, fork);
            exit();
        }
    }
    state.counters["rss_MiB"] = static_cast<double>(bench.machine.processes.mms[bench.id].rss.total()) * PAGE / 1048576;
}

Op default_op(std::string_view name) {
    Op op;
    op.kind = *find_op(name);
    const OpSpec& spec = op_spec(op.kind);
    for (std::size_t i = 0; i < spec.fields.size(); ++i) op.arg[i] = spec.fields[i].default_value;
    return op;
}

// Programs with their mappings and 64 pages each: what the machine's arrays hold for them.
void ThousandProcesses(benchmark::State& state) {
    for (auto _ : state) {
        Machine machine = Bench::machine_of(2048);
        const u64 before = machine.bytes_copied();
        EventSink sink;
        for (u32 i = 0; i < 1000; ++i) {
            Op exec = default_op("execve");
            exec.result = 3 * i;
            Op map = default_op("mmap");
            map.result = 3 * i + 1;
            map.arg[0] = 3 * i;
            map.arg[2] = 64 * PAGE;
            Op touch = default_op("touch");
            touch.arg[0] = 3 * i;
            touch.arg[1] = place_in_result(3 * i + 1, 0);
            touch.arg[2] = 64 * PAGE;
            for (const Op& op : {exec, map, touch}) apply(machine, op, sink);
        }
        state.counters["processes"] = machine.processes.processes;
        state.counters["MB"] = static_cast<double>(machine.bytes_copied() - before) / 1e6;
    }
}

// Ops of 32 processes, each with 8 mappings of 64 pages at the same places: accesses, advice, rights, mappings, forks and ends.
class RandomProcessOps {
  public:
    explicit RandomProcessOps(u32 count) {
        ops_.reserve(count + REGIONS + 2);
        for (u32 slot = 0; slot < PROCESSES; ++slot) {
            add("execve").result = slot;
            for (u32 region = 0; region < REGIONS; ++region) map(slot, region);
        }
        while (ops_.size() < count) turn();
    }
    [[nodiscard]] const std::vector<Op>& ops() const { return ops_; }

  private:
    static constexpr u32 PROCESSES = 32, REGIONS = 8;
    static constexpr i64 REGION_PAGES = 64, REGION_BYTES = REGION_PAGES * static_cast<i64>(PAGE);

    Op& add(std::string_view name) { return ops_.emplace_back(default_op(name)); }
    Op& call(std::string_view name, u32 slot, i64 address) {
        Op& op = add(name);
        op.arg[0] = slot;
        op.arg[1] = address;
        return op;
    }
    static i64 address_of(u32 region) { return static_cast<i64>(ARENA) + region * 4 * REGION_BYTES; }
    void map(u32 slot, u32 region) {
        Op& op = call("mmap", slot, address_of(region));
        op.arg[2] = REGION_BYTES;
        op.arg[4] = PRIVATE;
    }
    void turn() {
        const u32 slot = rng_.below(PROCESSES), region = rng_.below(REGIONS), way = rng_.below(100);
        const i64 page = address_of(region) + static_cast<i64>(rng_.below(REGION_PAGES) * PAGE);
        if (way < 80) {
            call(way < 45 ? "user_write" : "user_read", slot, page);
        } else if (way < 90) {
            Op& op = call("madvise", slot, page);
            op.arg[2] = PAGE;
            op.arg[3] = 4; // MADV_DONTNEED
        } else if (way < 95) {
            Op& op = call("mprotect", slot, page);
            op.arg[2] = PAGE;
            op.arg[3] = rng_.below(2) == 0 ? RW : u32{PROT_READ};
        } else if (way < 99) {
            call("munmap", slot, address_of(region)).arg[2] = REGION_BYTES;
            map(slot, region);
        } else if (const u32 other = rng_.below(PROCESSES); other != slot) {
            add("exit").arg[0] = other;
            Op& op = add("fork");
            op.arg[0] = slot;
            op.result = other;
        }
    }

    Rng rng_{7};
    std::vector<Op> ops_;
};

void SeekInAMillionProcessOps(benchmark::State& state) {
    Session session(Bench::machine_of(1024));
    session.append(RandomProcessOps(1'000'000).ops());
    session.seek({session.steps(), 0});
    state.counters["reached"] = session.position().step;
    Rng rng(5);
    std::vector<double> ms;
    for (auto _ : state) {
        const u32 step = rng.below(session.steps());
        const double start = cpu_seconds();
        session.seek({step, 0});
        ms.push_back(1000 * (cpu_seconds() - start));
    }
    std::sort(ms.begin(), ms.end());
    state.counters["median_ms"] = ms[ms.size() / 2];
    state.counters["p99_ms"] = ms[ms.size() * 99 / 100];
    state.counters["max_ms"] = ms.back();
    state.counters["keyframes"] = static_cast<double>(session.keyframe_count());
    state.counters["held_MB"] = static_cast<double>(session.bytes_held()) / 1e6;
}

BENCHMARK_CAPTURE(Fault, zero_page, fault::zero_page)->UseManualTime()->Iterations(32);
BENCHMARK_CAPTURE(Fault, anon_write, fault::anon_write)->UseManualTime()->Iterations(32);
BENCHMARK_CAPTURE(Fault, file_around, fault::file_around)->UseManualTime()->Iterations(32);
BENCHMARK_CAPTURE(Fault, cow_copy, fault::cow_copy)->UseManualTime()->Iterations(32);
BENCHMARK_CAPTURE(Fault, cow_reuse, fault::cow_reuse)->UseManualTime()->Iterations(32);
BENCHMARK(MmapAmongVmas)->Arg(10)->Arg(1'000)->Arg(100'000);
BENCHMARK_CAPTURE(ForkOfOneGiB, fork, false)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(5);
BENCHMARK_CAPTURE(ForkOfOneGiB, exit, true)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(5);
BENCHMARK(ThousandProcesses)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(SeekInAMillionProcessOps)->Iterations(400)->Unit(benchmark::kMillisecond);

} // namespace
