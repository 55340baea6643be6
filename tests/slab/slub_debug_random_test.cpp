// Random allocations, frees, double frees, writes and validations: nothing of it may crash the engine, and slabs that
// misuse has not damaged stay sound.
#include <gtest/gtest.h>

#include "base/rng.h"
#include "debug_bench.h"

namespace mm {
namespace {

using test::DEBUG_FZPU;
using test::DebugBench;

constexpr slab_flags_t MIXES[] = {0,
                                  DEBUG_FZPU,
                                  SLAB_RED_ZONE,
                                  SLAB_POISON,
                                  SLAB_STORE_USER,
                                  SLAB_CONSISTENCY_CHECKS,
                                  SLAB_POISON | SLAB_CONSISTENCY_CHECKS,
                                  SLAB_RED_ZONE | SLAB_STORE_USER};

void step(DebugBench& bench, Rng& rng, std::vector<std::pair<cache_id, phys_addr_t>>& held,
          const std::vector<cache_id>& caches, bool misuse) {
    const auto [cache, object] =
        held.empty() ? std::pair{caches[0], ADDR_NULL} : held[rng.below(static_cast<u32>(held.size()))];
    switch (rng.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3: {
        const cache_id from = caches[rng.below(static_cast<u32>(caches.size()))];
        const phys_addr_t got = bench.alloc(from, rng.below(2));
        if (got != ADDR_NULL) held.push_back({from, got});
        break;
    }
    case 4:
    case 5:
    case 6:
        if (held.empty()) break;
        bench.free(cache, object, rng.below(2));
        // Sometimes it is forgotten that it was freed.
        if (!misuse || rng.below(4)) std::erase(held, std::pair{cache, object});
        break;
    case 7:
        if (misuse && object) bench.free(cache, object + rng.below(80));
        break;
    case 8:
    case 9:
        if (object == ADDR_NULL) break;
        if (misuse)
            bench.write(object, static_cast<i64>(rng.below(400)) - 100, static_cast<u8>(rng.below(256)),
                        1 + rng.below(40));
        else
            bench.write(object, rng.below(24), static_cast<u8>(rng.below(256)), 1);
        break;
    case 10: bench.validate(caches[rng.below(static_cast<u32>(caches.size()))]); break;
    default: {
        slab_context context = bench.cx(rng.below(2));
        kmem_cache_shrink(context, caches[rng.below(static_cast<u32>(caches.size()))]);
    }
    }
}

void run(kernel_version version, u64 seed, bool hardened, bool misuse) {
    machine_profile profile = test::slab_profile(slab_allocator::slub, version, 2);
    profile.slab.freelist_hardened = hardened;
    profile.slab.freelist_random = seed % 2;
    profile.slab.seed = seed;
    DebugBench bench(profile);
    std::vector<cache_id> caches;
    for (const slab_flags_t flags : MIXES)
        caches.push_back(bench.create("mix" + std::to_string(flags), 24 + 8 * static_cast<u32>(caches.size()), 0,
                                      flags | SLAB_NO_MERGE));
    Rng rng(seed);
    std::vector<std::pair<cache_id, phys_addr_t>> held;
    for (int i = 0; i < 1500; ++i) {
        step(bench, rng, held, caches, misuse);
        if (i % 100 == 0) bench.expect_sound();
        // Texts of events that have long passed are poor, but they are texts.
        for (const Event& event : bench.events)
            if (has_slub_report(event.kind))
                static_cast<void>(slub_report(bench.slabs(), bench.machine.physical, event, bench.machine.step));
        if (i % 10 == 0) bench.events.clear();
    }
    if (!misuse) { EXPECT_EQ(bench.slabs().nr_slab_errors, 0u); }
    for (const cache_id cache : caches) bench.destroy(cache);
    bench.expect_sound();
}

constexpr kernel_version VERSIONS[] = {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12};

TEST(SlubDebugRandom, RightUseIsNeverReported) {
    for (const kernel_version version : VERSIONS)
        for (u64 seed = 1; seed <= 2; ++seed) run(version, seed, seed == 2, false);
}

TEST(SlubDebugRandom, MisuseDoesNotCrash) {
    for (const kernel_version version : VERSIONS)
        for (u64 seed = 1; seed <= 4; ++seed) run(version, seed, seed % 2 == 0, true);
}

} // namespace
} // namespace mm
