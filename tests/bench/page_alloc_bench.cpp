// Cost of the page allocator and of time travel. `./dev bench` runs this file native and as wasm under node and keeps
// the figures with machine and date in RESULTS.md.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "base/rng.h"
#include "machine/session.h"
#include "physical/gfp.h"
#include "physical/page_alloc.h"

namespace {

using namespace mm;

Machine machine_of(u64 mib) {
    machine_profile profile;
    profile.arch = architecture::x86_64; // its RAM begins at 0, so that 64 GiB fits below any limit
    declare_memory(profile, mib << 20);
    return std::move(make_machine(std::move(profile)).value());
}

// One request and its free, in a row: the per-CPU fast path.
void OrderZeroThroughPcp(benchmark::State& state) {
    Machine machine = machine_of(static_cast<u64>(state.range(0)));
    EventSink sink;
    physical_context cx{machine.physical, sink, 0, 0};
    for (auto _ : state) {
        ++cx.step;
        const pfn_t pfn = alloc_pages(cx, {0, GFP_KERNEL, -1});
        free_pages(cx, pfn, 0);
    }
    state.counters["events/op"] =
        benchmark::Counter(static_cast<double>(sink.count()) / static_cast<double>(state.iterations()));
}

// A working set of blocks: each iteration frees one at random and allocates another of random order. The numbers are drawn
// beforehand, so that only requests are measured.
void Mixed(benchmark::State& state, u32 max_order) {
    Machine machine = machine_of(static_cast<u64>(state.range(0)));
    EventSink sink;
    Rng rng(1);
    struct Turn {
        u16 slot, order;
    };
    constexpr u32 TURNS = 1 << 16;
    std::vector<Turn> turns(TURNS);
    for (Turn& turn : turns) turn = {static_cast<u16>(rng.below(512)), static_cast<u16>(rng.below(max_order + 1))};
    struct Held {
        pfn_t pfn;
        u32 order;
    };
    std::vector<Held> held(512, {PFN_NONE, 0});
    physical_context cx{machine.physical, sink, 0, 0};
    for (auto _ : state) {
        const Turn turn = turns[++cx.step % TURNS];
        Held& slot = held[turn.slot];
        if (slot.pfn != PFN_NONE) free_pages(cx, slot.pfn, slot.order);
        slot.order = turn.order;
        slot.pfn = alloc_pages(cx, {slot.order, GFP_NOWAIT, -1});
    }
    state.counters["events/op"] =
        benchmark::Counter(static_cast<double>(sink.count()) / static_cast<double>(state.iterations()));
}

void Orders0To3(benchmark::State& state) { Mixed(state, 3); }
void RandomOrders(benchmark::State& state) { Mixed(state, 10); }

// A snapshot, one op, and the snapshot's end: what one kept moment costs.
void SnapshotAfterOneOp(benchmark::State& state) {
    Machine machine = machine_of(4096);
    EventSink sink;
    Rng rng(3);
    std::vector<pfn_t> held;
    for (int i = 0; i < 20000; ++i) {
        physical_context cx{machine.physical, sink, 0, ++machine.step};
        held.push_back(alloc_pages(cx, {rng.below(4), GFP_NOWAIT, -1}));
    }
    for (auto _ : state) {
        const Machine snapshot = machine;
        benchmark::DoNotOptimize(snapshot.step);
        physical_context cx{machine.physical, sink, 0, ++machine.step};
        free_pages(cx, alloc_pages(cx, {0, GFP_KERNEL, -1}), 0);
    }
}

std::vector<Op> random_ops(u32 count) {
    Rng rng(7);
    const u16 alloc = *find_op("alloc_pages");
    const u16 free = *find_op("__free_pages");
    constexpr u32 slots = 20000;
    std::vector<bool> live(slots, false);
    std::vector<Op> ops(count);
    for (Op& op : ops) {
        const u32 slot = rng.below(slots);
        if (live[slot]) {
            op.kind = free;
            op.arg = {slot, -1, -1};
        } else {
            op.kind = alloc;
            op.result = slot;
            op.arg = {rng.below(8) ? rng.below(4) : rng.below(11), GFP_NOWAIT | (rng.below(2) ? GFP_BIT_MOVABLE : 0u),
                      -1};
        }
        live[slot] = !live[slot];
    }
    return ops;
}

// Random seeks in a session of a million ops on 4 GiB. The median and p99 of each seek, and what the keyframes hold.
void SeekInAMillionOps(benchmark::State& state) {
    Session session(machine_of(4096));
    session.append(random_ops(1'000'000));
    session.seek({1'000'000, 0});
    Rng rng(5);
    std::vector<double> ms;
    for (auto _ : state) {
        const u32 step = rng.below(1'000'000);
        const auto start = std::chrono::steady_clock::now();
        session.seek({step, 0});
        ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    std::sort(ms.begin(), ms.end());
    state.counters["median_ms"] = ms[ms.size() / 2];
    state.counters["p99_ms"] = ms[ms.size() * 99 / 100];
    state.counters["max_ms"] = ms.back();
    state.counters["keyframes"] = static_cast<double>(session.keyframe_count());
    state.counters["held_MB"] = static_cast<double>(session.bytes_held()) / 1e6;
}

BENCHMARK(OrderZeroThroughPcp)->Arg(64)->Arg(4096)->Arg(65536);
BENCHMARK(Orders0To3)->Arg(64)->Arg(4096)->Arg(65536);
BENCHMARK(RandomOrders)->Arg(64)->Arg(4096)->Arg(65536);
BENCHMARK(SnapshotAfterOneOp);
BENCHMARK(SeekInAMillionOps)->Iterations(400)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
