// Cost of a translation: found in the TLB, walked through four levels, and what invalidation takes.
#include <benchmark/benchmark.h>

#include "mmu/access.h"
#include "mmu/flush.h"
#include "mmu/switch_mm.h"
#include "physical/boot.h"

namespace {

using namespace mm;

constexpr u64 START = 0x10000000;

struct Bench {
    explicit Bench(tlb_config config = {}) {
        machine_profile profile;
        declare_memory(profile, 64ull << 20);
        mem = boot(profile, sink);
        mmu_init(mmu, {*arm64_geometry(4096, 48), {profile.kernel}}, mem);
        tlb_init(mmu.tlb, config, mmu.geometry(), 4);
        mmu_context context = cx();
        space = create_space(context, false);
        map_request request{space, START, 0x4000000000, 32ull << 20, pgprot_of(mmu.format, protection::PAGE_READONLY)};
        request.blocks = request.contiguous = false;
        if (map_range(context, request).error != map_error::none) std::abort();
        switch_mm(context, 0, space);
    }
    mmu_context cx() { return {mmu, {mem, sink, 0, 1}}; }

    physical_memory mem;
    mmu_memory mmu;
    EventSink sink; // counts
    space_id space = SPACE_NONE;
};

// 512 pages in turn, all in the TLB.
void TlbHit(benchmark::State& state) {
    Bench bench;
    mmu_context cx = bench.cx();
    u64 page = 0;
    for (auto _ : state) { benchmark::DoNotOptimize(access(cx, 0, {START + (page++ & 511) * 4096}).phys); }
    state.counters["missed"] = static_cast<double>(bench.mmu.tlb.cpus[0].counters.misses);
}

// 8192 pages in turn, which 1024 entries never hold. Without a walk cache each miss reads four entries.
void TlbMiss(benchmark::State& state) {
    Bench bench({.walk_entries = static_cast<i32>(state.range(0))});
    mmu_context cx = bench.cx();
    u64 page = 0;
    for (auto _ : state) { benchmark::DoNotOptimize(access(cx, 0, {START + (page++ & 8191) * 4096}).phys); }
    const tlb_counters& counters = bench.mmu.tlb.cpus[0].counters;
    state.counters["reads/walk"] = static_cast<double>(counters.entries_read) / static_cast<double>(counters.walks);
}

// One page after the other is found and invalidated on four CPUs.
void FlushPage(benchmark::State& state) {
    Bench bench;
    mmu_context cx = bench.cx();
    u64 page = 0;
    for (auto _ : state) {
        const u64 address = START + (page++ & 511) * 4096;
        benchmark::DoNotOptimize(access(cx, 0, {address}).phys);
        flush_tlb_page(cx, bench.space, address);
    }
}

BENCHMARK(TlbHit);
BENCHMARK(TlbMiss)->ArgName("walk_entries")->Arg(0)->Arg(64);
BENCHMARK(FlushPage);

} // namespace
