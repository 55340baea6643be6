// Cost of the kernel's own virtual memory: areas by how many there are, and entries of the page table. Benchmarks run in the
// order of their files' names: what leaves a million areas' worth of holes in the heap comes last.
#include <benchmark/benchmark.h>

#include <array>
#include <set>
#include <vector>

#include "base/rng.h"
#include "kernel/vmalloc.h"
#include "kernel/vmap_tree.h"
#include "machine/machine.h"
#include "physical/page_alloc.h"

namespace {

using namespace mm;

struct Bench {
    explicit Bench(u64 mib) : machine(machine_of(mib)) {
        physical_context page{machine.physical, sink, 0, ++machine.step};
        shared = alloc_pages(page, {0, GFP_KERNEL, -1});
    }

    static Machine machine_of(u64 mib) {
        machine_profile profile;
        declare_memory(profile, mib << 20);
        return std::move(make_machine(std::move(profile)).value());
    }
    kernel_context cx() { return {machine.kernel, machine.mmu, {machine.physical, sink, 0, ++machine.step}}; }
    // An area that shows one page which all of them share.
    u64 map() {
        kernel_context context = cx();
        const std::array<pfn_t, 1> pages{shared};
        return vmap(context, pages);
    }
    void unmap(u64 address) {
        kernel_context context = cx();
        vunmap(context, address);
    }

    Machine machine;
    EventSink sink;
    pfn_t shared = PFN_NONE;
};

// vmap() and vunmap() of a page while so many other areas stand; every second of them was freed and purged, so that the tree
// of holes is as large as that of areas. It may grow no faster than the logarithm.
void VmapAmongAreas(benchmark::State& state) {
    Bench bench(512);
    const auto areas = static_cast<std::size_t>(state.range(0));
    std::vector<u64> held(2 * areas);
    for (u64& address : held) address = bench.map();
    for (std::size_t i = 0; i < held.size(); i += 2) bench.unmap(held[i]);
    kernel_context context = bench.cx();
    purge_vmap_areas(context);
    Rng rng(1);
    for (auto _ : state) {
        // Another area each time: its neighbours are holes, and vmap() finds the lowest one.
        u64& address = held[2 * rng.below(static_cast<u32>(areas)) + 1];
        bench.unmap(address);
        address = bench.map();
    }
    state.counters["areas"] = static_cast<double>(areas);
    // A look-up's steps: the part of the cost that is ours. What a step costs is memory's part (SetAmongAsMany).
    const vmap_space& space = bench.machine.kernel.vmap;
    u64 steps = 0, busy = 0;
    for (vmap_id id = first_area(space, space.busy_root); id != VMAP_NONE; id = next_area(space, id), ++busy)
        for (vmap_id up = id; up != VMAP_NONE; up = space.areas[up].parent) ++steps;
    state.counters["depth"] = static_cast<double>(steps) / static_cast<double>(busy);
}

// What the standard library's red-black tree takes for as many numbers: one leaves it and another joins, as an area and then
// its hole do. It grows by as many steps, and by what memory far away costs.
void SetAmongAsMany(benchmark::State& state) {
    const auto areas = static_cast<u32>(state.range(0));
    std::set<u64> busy, holes;
    Rng rng(1);
    for (u32 i = 0; i < areas; ++i) {
        busy.insert(busy.end(), 2 * i + 1);
        holes.insert(holes.end(), 2 * i);
    }
    for (auto _ : state) {
        const u64 number = 2 * rng.below(areas) + 1;
        busy.erase(number);
        holes.insert(number);
        holes.erase(number);
        busy.insert(number);
    }
}

// The same without what was freed: areas side by side, one hole behind them. ns for each of a million.
void VmapAMillion(benchmark::State& state) {
    for (auto _ : state) {
        Bench bench(512);
        for (int i = 0; i < 1'000'000; ++i) benchmark::DoNotOptimize(bench.map());
    }
    state.SetItemsProcessed(state.iterations() * 1'000'000);
}

// Pages mapped and unmapped in a row, in a table that stands: pages of 4 KiB one by one (map_pages), pages in a row (map_range).
constexpr u64 AT = 0xffff900000000000;

void MapPages(benchmark::State& state) {
    Bench bench(64);
    const std::vector<pfn_t> pages(static_cast<std::size_t>(state.range(0)), bench.shared);
    const u64 bytes = u64{pages.size()} << 12;
    mmu_context cx{bench.machine.mmu, {bench.machine.physical, bench.sink, 0, 1}};
    const pgprot_t prot = pgprot_of(bench.machine.mmu.format, protection::PAGE_KERNEL);
    for (auto _ : state) {
        benchmark::DoNotOptimize(map_pages(cx, INIT_MM, AT, pages, prot));
        benchmark::DoNotOptimize(unmap_range(cx, INIT_MM, AT, bytes));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void MapRange(benchmark::State& state) {
    Bench bench(64);
    map_request request;
    request.space = INIT_MM;
    request.virt = AT;
    request.phys = 0x9000000;
    request.size = static_cast<u64>(state.range(0)) << 12;
    request.prot = pgprot_of(bench.machine.mmu.format, protection::PROT_DEVICE_nGnRE);
    request.blocks = request.contiguous = false;
    mmu_context cx{bench.machine.mmu, {bench.machine.physical, bench.sink, 0, 1}};
    for (auto _ : state) {
        benchmark::DoNotOptimize(map_range(cx, request));
        benchmark::DoNotOptimize(unmap_range(cx, INIT_MM, request.virt, request.size));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(VmapAmongAreas)->Arg(1'000)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);
BENCHMARK(SetAmongAsMany)->Arg(1'000)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);
BENCHMARK(VmapAMillion)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(MapPages)->Arg(1)->Arg(512);
BENCHMARK(MapRange)->Arg(1)->Arg(512);

} // namespace
