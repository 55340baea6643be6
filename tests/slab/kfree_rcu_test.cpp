// kfree_rcu: what is given away stays until a grace period that was asked for has passed. Cases by hand, from the lists
// of kernel/rcu/tree.c.
#include "slab/kfree_rcu.h"

#include <gtest/gtest.h>

#include "machines.h"
#include "physical/page_alloc.h"
#include "slab/events.h"
#include "slab/slabs.h"

namespace mm {
namespace {

using ev = rcu_event;
using V = kernel_version;

constexpr V VERSIONS[] = {V::v5_10, V::v6_1, V::v6_12};

struct RcuBench : test::SlabBench {
    explicit RcuBench(V kernel = V::v6_1, u16 cpus = 1, slab_allocator allocator = slab_allocator::slub)
        : SlabBench(test::slab_profile(allocator, kernel, cpus)) {}

    void give(phys_addr_t object, u32 cpu = 0) {
        with(cpu, [&](slab_context& context) { kfree_rcu(context, object); });
    }
    void monitor(u32 cpu = 0) { with(cpu, kfree_rcu_monitor); }
    void synchronize() { with(0, synchronize_rcu); }
    void barrier() { with(0, rcu_barrier); }
    [[nodiscard]] u32 pending() const { return machine.slabs.rcu.nr_pending; }
    bool held(phys_addr_t object) {
        const object_ref found = object_of_address(slabs(), machine.physical, object);
        return found.slab != SLAB_NONE && is_allocated(slabs(), slabs().slabs[found.slab], found.index);
    }
    OpOutcome apply_op(std::string_view name, i64 first = -1, u32 result = Op::NO_RESULT) {
        Op op;
        op.kind = *find_op(name);
        op.result = result;
        op.arg[0] = first;
        return apply(machine, op, sink);
    }

  private:
    template <class Function>
    void with(u32 cpu, Function function) {
        slab_context context = cx(cpu);
        function(context);
        expect_sound();
    }
};

//   given: [a][b]   monitor: waiting [a][b]   grace period: free
TEST(KfreeRcu, ObjectsStayUntilAGracePeriodThatWasAskedFor) {
    for (const V kernel : VERSIONS) {
        RcuBench bench(kernel);
        const cache_id cache = bench.create("dentry_like", 192);
        const phys_addr_t a = bench.alloc(cache), b = bench.alloc(cache);
        bench.give(a);
        bench.give(b);
        EXPECT_TRUE(bench.held(a) && bench.held(b));
        bench.monitor();
        EXPECT_TRUE(bench.held(a) && bench.held(b));
        bench.synchronize();
        EXPECT_FALSE(bench.held(a) || bench.held(b));
        EXPECT_EQ(bench.pending(), 0u);
        EXPECT_EQ(bench.slabs().nr_slab_errors, 0u);
    }
}

// Neither knows of a pointer that the monitor has not handed on.
TEST(KfreeRcu, WhatIsStillCollectedIsNobodysCallback) {
    for (const V kernel : VERSIONS) {
        RcuBench bench(kernel);
        const phys_addr_t a = bench.alloc(bench.create("a", 64));
        bench.give(a);
        bench.synchronize();
        bench.barrier();
        EXPECT_TRUE(bench.held(a));
        EXPECT_EQ(bench.count(ev::kfree_rcu_collected_stays), 2);
        EXPECT_EQ(bench.count(ev::rcu_grace_period), 1) << "rcu_barrier() has nothing to wait for";
    }
}

// Since 6.3 the monitor looks whether a grace period has passed meanwhile; before, it asks for another one.
TEST(KfreeRcu, APassedGracePeriodCountsSinceSixThree) {
    for (const V kernel : VERSIONS) {
        RcuBench bench(kernel);
        const phys_addr_t a = bench.alloc(bench.create("a", 64));
        bench.give(a);
        bench.synchronize();
        bench.monitor();
        EXPECT_EQ(bench.held(a), kernel != V::v6_12);
        bench.synchronize();
        EXPECT_FALSE(bench.held(a));
    }
}

// The newest pointer decides: it was given after the grace period.
TEST(KfreeRcu, WhatWasGivenAfterwardsWaitsForTheNextOne) {
    RcuBench bench(V::v6_12);
    const cache_id cache = bench.create("a", 64);
    const phys_addr_t a = bench.alloc(cache), b = bench.alloc(cache);
    bench.give(a);
    bench.synchronize();
    bench.give(b);
    bench.monitor();
    EXPECT_TRUE(bench.held(b));
    EXPECT_EQ(bench.count(ev::kfree_rcu_batch), 1);
}

// KFREE_N_BATCHES is 2.
TEST(KfreeRcu, AThirdBatchHasToStayCollected) {
    for (const V kernel : VERSIONS) {
        RcuBench bench(kernel);
        const cache_id cache = bench.create("a", 64);
        std::array<phys_addr_t, 3> objects{};
        for (phys_addr_t& object : objects) {
            object = bench.alloc(cache);
            bench.give(object);
            bench.monitor();
        }
        EXPECT_EQ(bench.count(ev::kfree_rcu_batch), 2);
        EXPECT_EQ(bench.count(ev::kfree_rcu_no_batch), 1);
        bench.synchronize();
        EXPECT_FALSE(bench.held(objects[0]) || bench.held(objects[1]));
        EXPECT_TRUE(bench.held(objects[2]));
    }
}

TEST(KfreeRcu, EachCpuCollectsForItself) {
    RcuBench bench(V::v6_1, 2);
    const cache_id cache = bench.create("a", 64);
    const phys_addr_t a = bench.alloc(cache), b = bench.alloc(cache, 1);
    bench.give(a, 0);
    bench.give(b, 1);
    bench.monitor(1);
    bench.synchronize();
    EXPECT_TRUE(bench.held(a));
    EXPECT_FALSE(bench.held(b));
}

// Without CONFIG_DEBUG_OBJECTS_RCU_HEAD nobody sees that a pointer is given twice: it is freed twice, and that is seen.
TEST(KfreeRcu, APointerGivenTwiceIsFreedTwice) {
    RcuBench bench(V::v6_1);
    const phys_addr_t a = bench.alloc(bench.create("a", 64));
    bench.give(a);
    bench.give(a);
    bench.monitor();
    bench.synchronize();
    EXPECT_GE(bench.count(slub_event::double_free_caught) + bench.count(slub_event::double_free_unnoticed), 1);
}

TEST(KfreeRcu, NullIsNothing) {
    RcuBench bench;
    bench.give(ADDR_NULL);
    EXPECT_EQ(bench.pending(), 0u);
    EXPECT_EQ(bench.count(slab_event::free_null), 1);
}

// kmalloc's large blocks and SLAB's and SLOB's objects come back, too.
TEST(KfreeRcu, EveryAllocatorGetsItsMemoryBack) {
    for (const slab_allocator allocator : {slab_allocator::slub, slab_allocator::slab, slab_allocator::slob}) {
        RcuBench bench(V::v6_1, 1, allocator);
        for (const u64 size : {u64{100}, u64{64} << 10}) {
            slab_context context = bench.cx();
            const u32 live = bench.slabs().nr_live_objects;
            const phys_addr_t a = kmalloc_node(context, size, GFP_KERNEL, -1);
            bench.give(a);
            bench.monitor();
            bench.synchronize();
            EXPECT_EQ(bench.slabs().nr_live_objects, live);
            EXPECT_EQ(bench.pending(), 0u);
        }
    }
}

TEST(KfreeRcu, TheBarrierEmptiesAllCpusAndComesWithSixTwelve) {
    for (const V kernel : VERSIONS) {
        RcuBench bench(kernel, 2);
        const cache_id cache = bench.create("a", 64);
        for (u32 cpu = 0; cpu < 2; ++cpu)
            for (int batch = 0; batch < 3; ++batch) {
                bench.give(bench.alloc(cache, cpu), cpu);
                if (batch < 2) bench.monitor(cpu);
            }
        const OpOutcome outcome = bench.apply_op("kvfree_rcu_barrier");
        EXPECT_EQ(outcome, kernel == V::v6_12 ? OpOutcome::done : OpOutcome::refused);
        EXPECT_EQ(bench.pending(), kernel == V::v6_12 ? 0u : 6u);
        bench.expect_sound();
    }
}

// kvfree_rcu() of a vmalloc area: mapping and pages stay as long.
TEST(KfreeRcu, AnAreaWaitsAsAnObjectDoes) {
    RcuBench bench;
    Op op;
    op.kind = *find_op("vmalloc");
    op.result = 0;
    op.arg[0] = 8192;
    ASSERT_EQ(apply(bench.machine, op, bench.sink), OpOutcome::done);
    EXPECT_EQ(bench.apply_op("kvfree_rcu", 0), OpOutcome::done);
    EXPECT_EQ(bench.machine.kernel.nr_vmalloc_pages, 2u);
    bench.apply_op("kfree_rcu_monitor");
    bench.apply_op("rcu_barrier");
    EXPECT_EQ(bench.machine.kernel.nr_vmalloc_pages, 0u);
    bench.expect_sound();
}

// The object comes back at once, its slab's pages with the grace period.
TEST(KfreeRcu, PagesOfATypesafeCacheWait) {
    for (const V kernel : VERSIONS) {
        RcuBench bench(kernel);
        const cache_id cache = bench.create("sighand_like", 2000, 0, SLAB_TYPESAFE_BY_RCU);
        const phys_addr_t a = bench.alloc(cache);
        const pfn_t slab_pfn = bench.slabs().slabs[bench.slab_of(a)].pfn;
        bench.free(cache, a);
        slab_context context = bench.cx();
        kmem_cache_destroy(context, cache);
        EXPECT_FALSE(bench.slabs().caches[cache].alive);
        const bool waits = kernel != V::v6_12; // which waits inside of kmem_cache_destroy()
        EXPECT_EQ(bench.machine.physical.page_at(slab_pfn).state() == page_state::allocated, waits);
        bench.expect_sound();
        bench.barrier();
        EXPECT_NE(bench.machine.physical.page_at(slab_pfn).state(), page_state::allocated);
        EXPECT_EQ(bench.pending(), 0u);
    }
}

TEST(KfreeRcu, StatesThatDifferInWhatWaitsHaveOtherHashes) {
    RcuBench bench;
    const phys_addr_t a = bench.alloc(bench.create("a", 64));
    const u64 before = canonical_hash(bench.machine);
    bench.give(a);
    const u64 given = canonical_hash(bench.machine);
    bench.monitor();
    const u64 queued = canonical_hash(bench.machine);
    EXPECT_NE(before, given);
    EXPECT_NE(given, queued);
}

} // namespace
} // namespace mm
