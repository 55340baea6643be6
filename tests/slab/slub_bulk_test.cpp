// kmem_cache_alloc_bulk() and kmem_cache_free_bulk() with SLUB. Orders, tid and counters are worked out by hand from
// __kmem_cache_alloc_bulk(), build_detached_freelist(), slab_free_freelist_hook() and do_slab_free().
#include <gtest/gtest.h>

#include "base/rng.h"
#include "machines.h"
#include "slab/events.h"
#include "slab/slabs.h"

namespace mm {
namespace {

using test::SlabBench;
using V = kernel_version;
using se = slub_event;

constexpr V VERSIONS[] = {V::v5_10, V::v6_1, V::v6_12};

struct Bulk : SlabBench {
    explicit Bulk(V version) : SlabBench(profile_of(version)) { cache = create("bulk", 512); }

    // Slabs of one page of 8 objects.
    static machine_profile profile_of(V version) {
        machine_profile profile = test::slab_profile(slab_allocator::slub, version);
        profile.slab.freelist_hardened = false;
        return profile;
    }
    std::vector<phys_addr_t> take(u32 nr) {
        std::vector<phys_addr_t> objects(nr, ADDR_NULL);
        slab_context context = cx();
        EXPECT_EQ(kmem_cache_alloc_bulk(context, cache, GFP_KERNEL, nr, objects.data()), nr);
        return objects;
    }
    void give(const std::vector<phys_addr_t>& objects) {
        slab_context context = cx();
        kmem_cache_free_bulk(context, cache, static_cast<u32>(objects.size()), objects.data());
    }
    const kmem_cache_cpu& cpu() { return slabs().cpu_at(cache, 0); }
    std::vector<u32> list(slab_id id, obj_index head) {
        std::vector<u32> out;
        for (; head != OBJ_NONE && out.size() < 100; head = next_free(slabs(), slabs().slabs[id], head))
            out.push_back(head);
        return out;
    }

    cache_id cache = CACHE_NONE;
};

using List = std::vector<u32>;

// The first object comes from a new slab, the others from the freelist that it left: tid grows before the slow path, in it,
// and at the end. Before 6.8 the fast path of a bulk counts nothing.
TEST(SlubBulk, AllocatesInOnePassOverTheFreelist) {
    for (const V version : VERSIONS) {
        Bulk bench(version);
        ASSERT_EQ(bench.slabs().caches[bench.cache].objs, 8u);
        const u64 tid = bench.cpu().tid;
        const auto objects = bench.take(4);
        for (u32 i = 0; i < 4; ++i) EXPECT_EQ(bench.index_of(objects[i]), i);
        EXPECT_EQ(bench.cpu().tid, tid + 3);
        EXPECT_EQ(bench.cpu().stat[ALLOC_FASTPATH], version == V::v6_12 ? 3u : 0u);
        EXPECT_EQ(bench.cpu().stat[ALLOC_SLOWPATH], 1u);
        EXPECT_EQ(bench.count(se::bulk_alloc), 4);
        EXPECT_EQ(bench.count(slab_event::kmem_cache_alloc), 0) << "the kernel has no tracepoint here";
        bench.expect_sound();
        EXPECT_EQ(bench.take(2).size(), 2u);
        EXPECT_EQ(bench.cpu().tid, tid + 4) << "all from the freelist: once for all";
    }
}

// 8 objects a slab: three slow paths for 20 objects.
TEST(SlubBulk, GoesThroughSlabs) {
    for (const V version : VERSIONS) {
        Bulk bench(version);
        const u64 tid = bench.cpu().tid;
        const auto objects = bench.take(20);
        EXPECT_EQ(bench.cpu().stat[ALLOC_SLOWPATH], 3u);
        // 3 × (before and in the slow path), 2 × when a full slab is let go, 1 at the end.
        EXPECT_EQ(bench.cpu().tid, tid + 9);
        EXPECT_EQ(bench.index_of(objects[8]), 0u);
        EXPECT_EQ(bench.index_of(objects[19]), 3u);
        bench.expect_sound();
    }
}

// The last one given is the head, and all go back in one step.
//
//   given 0 1 2 3      freelist before 4 5 6 7      after 3 2 1 0 4 5 6 7
TEST(SlubBulk, FreesToTheCpusSlabInOneStep) {
    for (const V version : VERSIONS) {
        Bulk bench(version);
        const auto objects = bench.take(4);
        const u64 tid = bench.cpu().tid;
        bench.give(objects);
        EXPECT_EQ(bench.cpu().tid, tid + 1);
        EXPECT_EQ(bench.cpu().stat[FREE_FASTPATH], version == V::v6_12 ? 4u : 1u);
        EXPECT_EQ(bench.count(se::bulk_linked), 4);
        EXPECT_EQ(bench.count(se::fast_free), 1);
        EXPECT_EQ(bench.list(bench.cpu().slab, bench.cpu().freelist), (List{3, 2, 1, 0, 4, 5, 6, 7}));
        bench.expect_sound();
    }
}

// A full slab that is not the CPU's: one slow path for its objects, and it goes to the CPU's partial list once.
TEST(SlubBulk, FreesToAnotherSlabInOneStep) {
    for (const V version : VERSIONS) {
        Bulk bench(version);
        const auto objects = bench.take(9); // the ninth opens a second slab
        bench.give({objects[1], objects[5], objects[2]});
        const slab& first = bench.slabs().slabs[bench.slab_of(objects[0])];
        EXPECT_EQ(first.inuse, 5);
        EXPECT_EQ(bench.list(bench.slab_of(objects[0]), first.freelist), (List{2, 5, 1}));
        EXPECT_EQ(first.place, slab_place::cpu_partial);
        EXPECT_EQ(bench.cpu().stat[FREE_SLOWPATH], 1u);
        EXPECT_EQ(bench.cpu().stat[CPU_PARTIAL_FREE], 1u);
        bench.expect_sound();
    }
}

// Objects of three slabs, mixed: each list looks past two others of other slabs for more of its own.
//
//   a0 b0 c0 a1 b1 c1 ... given from the end: c.. looks past b and a (2), the third stops it
TEST(SlubBulk, ListsLookAheadPastTwoOthers) {
    for (const V version : VERSIONS) {
        Bulk bench(version);
        const auto objects = bench.take(17); // slabs a: 0-7, b: 8-15, c: 16
        //  a0 b0 a1 b1 b2: b2, b1 | past a1 | b0 | past a0; then a1, a0
        bench.give({objects[0], objects[8], objects[1], objects[9], objects[10]});
        EXPECT_EQ(bench.cpu().stat[FREE_SLOWPATH], 2u) << kernel_version_name(version);
        const auto freelist = [&](phys_addr_t object) {
            const slab_id id = bench.slab_of(object);
            return bench.list(id, bench.slabs().slabs[id].freelist);
        };
        EXPECT_EQ(freelist(objects[8]), (List{2, 1, 0}));
        EXPECT_EQ(freelist(objects[0]), (List{1, 0}));
        bench.expect_sound();
        // a2 b3 a3 b4 a4 b5: b5 | past a4 | b4 | past a3 | b3 | a2 is the third: stop. Then a4, a3, a2.
        bench.give({objects[2], objects[11], objects[3], objects[12], objects[4], objects[13]});
        EXPECT_EQ(bench.cpu().stat[FREE_SLOWPATH], 4u) << kernel_version_name(version);
        // a5 a6 a7 b6: b6 | past a7, a6 | a5 stops it. Then all three.
        bench.give({objects[5], objects[6], objects[7], objects[14]});
        EXPECT_EQ(bench.cpu().stat[FREE_SLOWPATH], 6u) << kernel_version_name(version);
        bench.expect_sound();
    }
}

// Misuse in a bulk: nothing is lost, and what is told is what single frees tell.
TEST(SlubBulk, AnObjectGivenTwiceIsToldOfAndBreaksNothingElse) {
    for (const V version : VERSIONS) {
        Bulk bench(version);
        const auto objects = bench.take(6);
        bench.give({objects[0], objects[1], objects[0], ADDR_NULL, objects[2] + 8});
        EXPECT_EQ(bench.count(se::double_free_unnoticed), 1);
        EXPECT_EQ(bench.count(slab_event::free_null), 1);
        EXPECT_EQ(bench.count(slub_debug_event::misplaced_free), 1);
        bench.expect_sound();
    }
}

// 6.12 takes slabs from the CPU's partial list without counting a refill.
TEST(SlubBulk, ARefillFromTheCpuPartialListIsCountedUntil6_8) {
    for (const V version : VERSIONS) {
        Bulk bench(version);
        const auto objects = bench.take(9);
        bench.give({objects[0], objects[1]});
        bench.take(7); // what is left of the CPU's slab
        const u32 refills = bench.cpu().stat[ALLOC_REFILL];
        bench.take(1);
        EXPECT_EQ(bench.cpu().stat[CPU_PARTIAL_ALLOC], 1u);
        EXPECT_EQ(bench.cpu().stat[ALLOC_REFILL] - refills, version == V::v6_12 ? 0u : 1u);
        bench.expect_sound();
    }
}

TEST(SlubBulk, RandomBulksLeaveEverySlabSound) {
    for (const V version : VERSIONS) {
        Bulk bench(version);
        Rng rng(9);
        std::vector<phys_addr_t> held;
        for (int i = 0; i < 400; ++i) {
            if (rng.below(2) || held.empty()) {
                const auto got = bench.take(1 + rng.below(20));
                held.insert(held.end(), got.begin(), got.end());
            } else {
                std::vector<phys_addr_t> back;
                const u32 nr = 1 + rng.below(std::min<u32>(20, static_cast<u32>(held.size())));
                for (u32 n = 0; n < nr; ++n) {
                    const u32 which = rng.below(static_cast<u32>(held.size()));
                    back.push_back(held[which]);
                    held[which] = held.back();
                    held.pop_back();
                }
                bench.give(back);
            }
            ASSERT_NO_FATAL_FAILURE(bench.expect_sound()) << i;
        }
        EXPECT_EQ(bench.count(se::double_free_unnoticed), 0);
        bench.give(held);
        slab_context context = bench.cx();
        kmem_cache_destroy(context, bench.cache);
        EXPECT_FALSE(bench.slabs().caches[bench.cache].alive);
    }
}

} // namespace
} // namespace mm
