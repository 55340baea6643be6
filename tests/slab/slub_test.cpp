#include "slab/slub.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/rng.h"
#include "machines.h"
#include "physical/events.h"
#include "slab/events.h"
#include "slab/procfs.h"
#include "slab/shrinker.h"

namespace mm {
namespace {

using test::slab_profile;
using test::SlabBench;

// 1024 bytes: on one CPU min_objects is 4 * (fls(1) + 1) = 8, so a slab has order 1 and 8 objects.
TEST(Slub, TheObjectFreedLastComesBackFirst) {
    SlabBench bench(slab_profile());
    const cache_id cache = bench.create("lifo", 1024);
    const phys_addr_t a = bench.alloc(cache);
    const phys_addr_t b = bench.alloc(cache);
    EXPECT_EQ(b - a, 1024u);
    bench.free(cache, a);
    bench.free(cache, b);
    EXPECT_EQ(bench.alloc(cache), b);
    EXPECT_EQ(bench.alloc(cache), a);
    EXPECT_EQ(bench.count(slub_event::slab_new), 1);
    bench.expect_sound();
}

// The index of an object comes from its place without a division: every object of every size must find its own, and what
// is no beginning of an object must not.
TEST(Slub, TheFastFreeKnowsEveryObjectOfEverySize) {
    SlabBench bench(slab_profile());
    for (u32 size = 8; size <= 8192; size += size < 600 ? 8 : 488) {
        const cache_id cache = bench.create("size-" + std::to_string(size), size, 0, SLAB_NO_MERGE);
        const u32 objs = bench.slabs().caches[cache].objs;
        std::vector<phys_addr_t> objects;
        for (u32 i = 0; i < objs; ++i) objects.push_back(bench.alloc(cache));
        bench.events.clear();
        for (u32 i = 0; i < objs; ++i) bench.free(cache, objects[i]);
        EXPECT_EQ(bench.count(slub_event::fast_free), static_cast<int>(objs)) << size;
        for (u32 i = 0; i < objs; ++i) EXPECT_EQ(bench.alloc(cache), objects[objs - 1 - i]) << size;
        bench.events.clear();
        bench.free(cache, objects[objs / 2] + 4);
        bench.free(cache, objects[0] + bench.slabs().caches[cache].size - 4);
        EXPECT_EQ(bench.count(slub_event::fast_free), 0) << size;
        EXPECT_EQ(bench.count(slub_debug_event::misplaced_free), 2) << size;
    }
}

// A slab that was full is on no list; the first free puts it on the CPU's partial list, and the CPU takes it from there
// when its own slab is used up.
TEST(Slub, AFullSlabComesBackThroughTheCpusPartialList) {
    SlabBench bench(slab_profile());
    const cache_id cache = bench.create("partial", 1024);
    std::vector<phys_addr_t> objects;
    for (int i = 0; i < 16; ++i) objects.push_back(bench.alloc(cache));
    const slab_id first = bench.slab_of(objects[0]);
    const slab_id second = bench.slab_of(objects[8]);
    ASSERT_NE(first, second);
    EXPECT_EQ(bench.slabs().slabs[first].place, slab_place::none);

    bench.free(cache, objects[3]);
    EXPECT_EQ(bench.slabs().slabs[first].place, slab_place::cpu_partial);
    EXPECT_EQ(bench.slabs().slabs[first].inuse, 7);
    EXPECT_EQ(bench.alloc(cache), objects[3]);
    EXPECT_EQ(bench.count(slub_event::cpu_partial_take), 1);
    bench.expect_sound();
}

// Another CPU frees into the slab that CPU 0 allocates from: the slab's own freelist gets it, and CPU 0 takes that list
// over when its own is empty (get_freelist).
TEST(Slub, RemoteFreesWaitOnTheSlabsOwnFreelist) {
    SlabBench bench(slab_profile(slab_allocator::slub, kernel_version::v6_1, 2));
    const cache_id cache = bench.create("remote", 1024);
    const u32 objs = bench.slabs().caches[cache].objs;
    std::vector<phys_addr_t> objects;
    for (u32 i = 0; i < objs; ++i) objects.push_back(bench.alloc(cache, 0));
    bench.free(cache, objects[1], 1);
    bench.free(cache, objects[5], 1);
    const slab& s = bench.slabs().slabs[bench.slab_of(objects[0])];
    EXPECT_EQ(s.freelist, 5);
    EXPECT_EQ(s.inuse, objs - 2);
    EXPECT_EQ(bench.slabs().cpu_at(cache, 0).freelist, OBJ_NONE);
    EXPECT_EQ(bench.alloc(cache, 0), objects[5]);
    EXPECT_EQ(bench.alloc(cache, 0), objects[1]);
    EXPECT_EQ(bench.count(slub_event::freelist_refill), 1) << "one refill takes both";
    bench.expect_sound();
}

// min_partial of 1 KiB objects is max(5, log2(1024) / 2) = 5. A slab that becomes empty counts in nr_partial itself, so the
// first four stay, and each of the next five finds nr_partial at 5 and goes. The tenth slab is the CPU's own.
TEST(Slub, TheNodeKeepsMinPartialEmptySlabs) {
    machine_profile profile = slab_profile();
    profile.slab.cpu_partial = false;
    SlabBench bench(std::move(profile));
    const cache_id cache = bench.create("empty", 1024);
    std::vector<phys_addr_t> objects;
    for (int i = 0; i < 80; ++i) objects.push_back(bench.alloc(cache));
    ASSERT_EQ(bench.count(slub_event::slab_new), 10);
    for (int i = 0; i < 72; ++i) bench.free(cache, objects[static_cast<std::size_t>(i)]);
    EXPECT_EQ(bench.slabs().node_at(cache, 0).partial.nr, 4u);
    EXPECT_EQ(bench.count(slub_event::slab_discard), 5);
    EXPECT_EQ(bench.slabs().node_at(cache, 0).nr_slabs, 5u);
    bench.expect_sound();
}

TEST(Slub, AnObjectOfTheWantedNodeIsReturned) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        SlabBench bench(slab_profile(slab_allocator::slub, kernel, 2, 2));
        const cache_id cache = bench.create("numa", 512);
        for (int i = 0; i < 40; ++i) {
            const int node = i % 2;
            const phys_addr_t object = bench.alloc(cache, 0, node);
            EXPECT_EQ(bench.slabs().slabs[bench.slab_of(object)].node, node);
        }
        EXPECT_GT(bench.slabs().cpu_at(cache, 0).stat[ALLOC_NODE_MISMATCH], 0u);
        bench.expect_sound();
    }
}

// shrink puts slabs with fewer free objects first and gives empty ones back.
TEST(Slub, ShrinkSortsThePartialList) {
    machine_profile profile = slab_profile();
    profile.slab.cpu_partial = false;
    SlabBench bench(std::move(profile));
    const cache_id cache = bench.create("shrink", 1024);
    std::vector<phys_addr_t> objects;
    for (int i = 0; i < 33; ++i) objects.push_back(bench.alloc(cache));
    const auto free_of_slab = [&](int slab_number, int n) {
        for (int i = 0; i < n; ++i) bench.free(cache, objects[static_cast<std::size_t>(8 * slab_number + i)]);
    };
    free_of_slab(0, 5);
    free_of_slab(1, 8);
    free_of_slab(2, 1);
    free_of_slab(3, 3);
    slab_context cx = bench.cx();
    EXPECT_EQ(kmem_cache_shrink(cx, cache), 4u);
    std::vector<u32> inuse;
    for (slab_id id = bench.slabs().node_at(cache, 0).partial.first; id != SLAB_NONE; id = bench.slabs().slabs[id].next)
        inuse.push_back(bench.slabs().slabs[id].inuse);
    EXPECT_EQ(inuse, (std::vector<u32>{7, 5, 3, 1})); // the last was the CPU's own slab
    bench.expect_sound();
}

TEST(Slub, CachesOfEqualKindMerge) {
    SlabBench bench(slab_profile());
    const cache_id a = bench.create("first", 200);
    const cache_id b = bench.create("second", 196);
    EXPECT_EQ(a, b); // 196 rounds up to 200
    EXPECT_NE(bench.create("rcu", 200, 0, SLAB_TYPESAFE_BY_RCU), a);
    EXPECT_NE(bench.create("account", 200, 0, SLAB_ACCOUNT), a);
    EXPECT_NE(bench.create("small", 190), a); // 192 and 200 are a pointer apart
    EXPECT_EQ(sysfs_slab_name(bench.slabs(), a), ":0000200");
    slab_context cx = bench.cx();
    kmem_cache_destroy(cx, a);
    EXPECT_TRUE(bench.slabs().caches[a].alive) << "the alias still uses it";
    kmem_cache_destroy(cx, a);
    EXPECT_FALSE(bench.slabs().caches[a].alive);
}

TEST(Slub, ACacheWithObjectsIsNotDestroyed) {
    SlabBench bench(slab_profile());
    const cache_id cache = bench.create("busy", 512);
    const phys_addr_t object = bench.alloc(cache);
    slab_context cx = bench.cx();
    kmem_cache_destroy(cx, cache);
    EXPECT_EQ(bench.count(slab_event::cache_busy), 1);
    EXPECT_TRUE(bench.slabs().caches[cache].alive);
    bench.free(cache, object);
    bench.expect_sound();
}

// Under pressure a slab of the order that holds one object has to do: 700 bytes want order 1 and fit order 0.
TEST(Slub, WithoutLargeBlocksASlabOfTheMinimumOrderIsMade) {
    SlabBench bench(slab_profile());
    const cache_id cache = bench.create("fallback", 700);
    ASSERT_EQ(bench.slabs().caches[cache].order, 1);
    std::vector<pfn_t> pages;
    {
        physical_context page = bench.cx().page;
        for (pfn_t pfn = alloc_pages(page, {0, GFP_NOWAIT, -1}); pfn != PFN_NONE;
             pfn = alloc_pages(page, {0, GFP_NOWAIT, -1}))
            pages.push_back(pfn);
        // Single pages whose buddies stay in use: no block of order 1 can form.
        for (pfn_t pfn : pages)
            if (pfn % 2 == 0) free_pages(page, pfn, 0);
        while (alloc_pages(page, {1, GFP_NOWAIT, -1}) != PFN_NONE) {} // what the watermark had kept back
    }
    const phys_addr_t object = bench.alloc(cache);
    ASSERT_NE(object, ADDR_NULL);
    EXPECT_EQ(bench.slabs().slabs[bench.slab_of(object)].order, 0);
    EXPECT_EQ(bench.slabs().slabs[bench.slab_of(object)].objects, 4096 / 704);
    EXPECT_EQ(bench.count(slub_event::slab_order_fallback), 1);
    bench.expect_sound();
}

// PG_slab is among the flags that no page may have when it is freed.
TEST(Slub, APageOfASlabIsNotFreedUnderIt) {
    SlabBench bench(slab_profile());
    const cache_id cache = bench.create("page", 512);
    const phys_addr_t object = bench.alloc(cache);
    slab_context cx = bench.cx();
    free_pages(cx.page, static_cast<pfn_t>(object >> 12), 0);
    EXPECT_EQ(bench.count(physical_event::bad_page), 1);
    EXPECT_EQ(bench.slabs().slabs[bench.slab_of(object)].cache, cache);
    bench.expect_sound();
    bench.free(cache, object);
    EXPECT_EQ(kmem_cache_shrink(cx, cache), 0u);
    bench.expect_sound();
}

TEST(Slub, AHardenedFreelistCatchesTheHeadFreedAgain) {
    SlabBench bench(slab_profile());
    const cache_id cache = bench.create("double", 512);
    const phys_addr_t object = bench.alloc(cache);
    bench.free(cache, object);
    bench.free(cache, object);
    EXPECT_EQ(bench.count(slub_event::double_free_caught), 1);
    bench.expect_sound();
}

TEST(Slub, WithoutChecksTheSameObjectIsHandedOutTwice) {
    SlabBench bench(slab_profile());
    const cache_id cache = bench.create("double", 512);
    const phys_addr_t a = bench.alloc(cache);
    const phys_addr_t b = bench.alloc(cache);
    bench.free(cache, a);
    bench.free(cache, b);
    bench.free(cache, a); // not the head: nobody notices
    EXPECT_EQ(bench.count(slub_event::double_free_unnoticed), 1);
    EXPECT_EQ(bench.alloc(cache), a);
    EXPECT_EQ(bench.alloc(cache), b);
    EXPECT_EQ(bench.alloc(cache), a);
}

// Every slab of a shuffled cache follows one order from another start.
TEST(Slub, SlabsOfAShuffledCacheAreRotationsOfOneOrder) {
    machine_profile profile = slab_profile();
    profile.slab.freelist_random = true;
    SlabBench bench(std::move(profile));
    const cache_id cache = bench.create("random", 256);
    const u32 objs = bench.slabs().caches[cache].objs;
    std::vector<std::vector<u32>> orders(4);
    for (std::vector<u32>& order : orders)
        for (u32 i = 0; i < objs; ++i) order.push_back(bench.index_of(bench.alloc(cache)));
    for (std::vector<u32>& order : orders) {
        EXPECT_EQ(std::set<u32>(order.begin(), order.end()).size(), objs);
        std::rotate(order.begin(), std::find(order.begin(), order.end(), 0u), order.end());
    }
    for (const std::vector<u32>& order : orders) EXPECT_EQ(order, orders[0]);
    std::vector<u32> sorted = orders[0];
    std::sort(sorted.begin(), sorted.end());
    EXPECT_NE(orders[0], sorted);
}

TEST(Slub, ReclaimIsToldWhatEmptySlabsHold) {
    machine_profile profile = slab_profile();
    profile.slab.cpu_partial = false;
    SlabBench bench(std::move(profile));
    const cache_id cache = bench.create("reclaim", 1024);
    std::vector<phys_addr_t> objects;
    for (int i = 0; i < 24; ++i) objects.push_back(bench.alloc(cache));
    for (int i = 0; i < 16; ++i) bench.free(cache, objects[static_cast<std::size_t>(i)]);
    shrink_control control{0, 100, 0};
    EXPECT_EQ(count_objects(bench.slabs(), control), 16u);
    slab_context cx = bench.cx();
    EXPECT_EQ(scan_objects(cx, control), 4u) << "two slabs of order 1";
    EXPECT_EQ(count_objects(bench.slabs(), control), 0u);
    bench.expect_sound();
}

// Any mix of allocations and frees on several CPUs and nodes leaves every object allocated or on one freelist.
TEST(Slub, RandomWorkKeepsEveryObjectOnce) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        for (const u8 nodes : {u8{1}, u8{2}}) {
            SlabBench bench(slab_profile(slab_allocator::slub, kernel, 4, nodes));
            const cache_id caches[] = {bench.create("a", 64), bench.create("b", 700), bench.create("c", 3000)};
            std::vector<std::pair<cache_id, phys_addr_t>> held;
            Rng rng(7);
            for (int i = 0; i < 6000; ++i) {
                const u32 cpu = rng.below(4);
                if (held.empty() || rng.below(1000) < (i < 3000 ? 600u : 350u)) {
                    const cache_id cache = caches[rng.below(3)];
                    const int node = rng.below(4) == 0 ? static_cast<int>(rng.below(nodes)) : -1;
                    held.emplace_back(cache, bench.alloc(cache, cpu, node));
                    ASSERT_NE(held.back().second, ADDR_NULL);
                } else {
                    const u32 at = rng.below(static_cast<u32>(held.size()));
                    bench.free(held[at].first, held[at].second, cpu);
                    held[at] = held.back();
                    held.pop_back();
                }
                if (i % 64 == 0) bench.expect_sound();
                bench.events.clear();
            }
            std::set<phys_addr_t> distinct;
            for (const auto& [cache, object] : held) EXPECT_TRUE(distinct.insert(object).second);
            for (const auto& [cache, object] : held) bench.free(cache, object);
            for (const cache_id cache : caches) {
                slab_context cx = bench.cx();
                EXPECT_EQ(kmem_cache_shrink(cx, cache), 0u);
            }
            bench.expect_sound();
        }
    }
}

} // namespace
} // namespace mm
