// Cost of the slab allocators by path, and of many live objects. `./dev bench` runs this file native and as wasm under
// node and keeps the figures with machine and date in RESULTS.md.
#include <benchmark/benchmark.h>

#include <vector>

#include "base/rng.h"
#include "machine/machine.h"
#include "slab/kmalloc.h"
#include "slab/slab.h"

namespace {

using namespace mm;

struct Bench {
    explicit Bench(slab_allocator allocator, u64 mib = 1024, u16 cpus = 1)
        : machine(machine_of(allocator, mib, cpus)) {}

    static Machine machine_of(slab_allocator allocator, u64 mib, u16 cpus) {
        machine_profile profile;
        profile.arch = architecture::x86_64;
        profile.cpus = cpus;
        profile.slab.allocator = allocator;
        declare_memory(profile, mib << 20);
        return std::move(make_machine(std::move(profile)).value());
    }
    slab_context cx(u32 cpu = 0) { return {machine.slabs, {machine.physical, sink, cpu, ++machine.step}}; }
    cache_id create(u32 size) {
        slab_context context = cx();
        return kmem_cache_create(context, {intern("bench"), size, 0, 0, false, size});
    }
    void count_events(benchmark::State& state) const {
        state.counters["events/op"] =
            benchmark::Counter(static_cast<double>(sink.count()) / static_cast<double>(state.iterations()));
    }

    Machine machine;
    EventSink sink;
};

slab_allocator allocator_of(const benchmark::State& state) { return static_cast<slab_allocator>(state.range(0)); }

// One object taken and given back, in a row: SLUB's fast path on both sides, SLAB's array, SLOB's first fit.
void AllocFree(benchmark::State& state) {
    Bench bench(allocator_of(state));
    const cache_id cache = bench.create(256);
    for (auto _ : state) {
        slab_context cx = bench.cx();
        kmem_cache_free(cx, cache, kmem_cache_alloc_node(cx, cache, GFP_KERNEL, -1));
    }
    bench.count_events(state);
}

// A working set of 4096 objects, one at random replaced each time: mostly slow frees and partial lists.
void RandomReplace(benchmark::State& state) {
    Bench bench(allocator_of(state));
    const cache_id cache = bench.create(256);
    Rng rng(1);
    std::vector<phys_addr_t> held(4096, ADDR_NULL);
    for (auto _ : state) {
        phys_addr_t& slot = held[rng.below(4096)];
        slab_context cx = bench.cx();
        if (slot != ADDR_NULL) kmem_cache_free(cx, cache, slot);
        slot = kmem_cache_alloc_node(cx, cache, GFP_KERNEL, -1);
    }
    bench.count_events(state);
}

// One CPU allocates, another frees: every free is remote.
void RemoteFree(benchmark::State& state) {
    Bench bench(allocator_of(state), 1024, 2);
    const cache_id cache = bench.create(256);
    std::vector<phys_addr_t> queue(64, ADDR_NULL);
    std::size_t at = 0;
    for (auto _ : state) {
        phys_addr_t& slot = queue[at++ % queue.size()];
        if (slot != ADDR_NULL) {
            slab_context other = bench.cx(1);
            kmem_cache_free(other, cache, slot);
        }
        slab_context cx = bench.cx(0);
        slot = kmem_cache_alloc_node(cx, cache, GFP_KERNEL, -1);
    }
    bench.count_events(state);
}

// kmalloc and kfree of sizes from 1 to 8192.
void KmallocMix(benchmark::State& state) {
    Bench bench(allocator_of(state));
    Rng rng(3);
    std::vector<phys_addr_t> held(2048, ADDR_NULL);
    for (auto _ : state) {
        phys_addr_t& slot = held[rng.below(2048)];
        slab_context cx = bench.cx();
        if (slot != ADDR_NULL) kfree(cx, slot);
        slot = kmalloc_node(cx, 1 + rng.below(1u << rng.below(14)), GFP_KERNEL, -1);
    }
    bench.count_events(state);
}

// Ten million objects of 64 bytes alive at once: what the machine's arrays hold for them.
void TenMillionObjects(benchmark::State& state) {
    for (auto _ : state) {
        Bench bench(allocator_of(state), 2048);
        const cache_id cache = bench.create(64);
        slab_context cx = bench.cx();
        u32 live = 0;
        while (live < 10'000'000 && kmem_cache_alloc_node(cx, cache, GFP_KERNEL, -1) != ADDR_NULL) ++live;
        state.counters["objects"] = live;
        state.counters["MB"] = static_cast<double>(bench.machine.bytes_copied()) / 1e6;
    }
}

BENCHMARK(AllocFree)->ArgName("allocator")->DenseRange(0, 2);
BENCHMARK(RandomReplace)->ArgName("allocator")->DenseRange(0, 2);
BENCHMARK(RemoteFree)->ArgName("allocator")->DenseRange(0, 2);
BENCHMARK(KmallocMix)->ArgName("allocator")->DenseRange(0, 2);
BENCHMARK(TenMillionObjects)->ArgName("allocator")->DenseRange(0, 2)->Unit(benchmark::kMillisecond)->Iterations(1);

} // namespace
