// The cases of the kernel's own lib/slub_kunit.c. It counts each report (slab_err, object_err, check_bytes_and_report) and
// each repair (slab_fix); the numbers that it expects are the numbers here.
#include <gtest/gtest.h>

#include "debug_bench.h"
#include "slab/kfree_rcu.h"

namespace mm {
namespace {

using test::DebugBench;
using V = kernel_version;

constexpr V VERSIONS[] = {V::v5_10, V::v6_1, V::v6_12};

// Right Redzone overwritten; restored.
TEST(SlubKunit, ClobberZone) {
    for (const V version : VERSIONS) {
        DebugBench bench(version, true);
        const cache_id cache = bench.create("TestSlub_RZ_alloc", 64, 0, SLAB_RED_ZONE);
        const phys_addr_t p = bench.alloc(cache);
        bench.write(p, 64, 0x12);
        EXPECT_EQ(bench.validate(cache), 2u);
        bench.free(cache, p);
        bench.destroy(cache);
        EXPECT_FALSE(bench.slabs().caches[cache].alive);
    }
}

// First: the chain is corrupt, the count wrong and adjusted. With the pointer repaired: wrong again, adjusted. Then nothing.
TEST(SlubKunit, NextPointer) {
    for (const V version : VERSIONS) {
        DebugBench bench(version, true);
        const cache_id cache = bench.create("TestSlub_next_ptr_free", 64, 0, SLAB_POISON);
        const phys_addr_t p = bench.alloc(cache);
        bench.free(cache, p);
        const i64 offset = bench.slabs().caches[cache].offset;
        const u64 before = bench.number(p, offset, 8);
        bench.write(p, offset, static_cast<u8>(~before));
        EXPECT_EQ(bench.validate(cache), 3u);
        for (i64 i = 0; i < 8; ++i) bench.write(p, offset + i, static_cast<u8>(before >> (8 * i)));
        EXPECT_EQ(bench.validate(cache), 2u);
        EXPECT_EQ(bench.validate(cache), 0u);
        bench.destroy(cache);
        EXPECT_FALSE(bench.slabs().caches[cache].alive);
    }
}

// Poison overwritten; restored.
TEST(SlubKunit, FirstWord) {
    for (const V version : VERSIONS) {
        DebugBench bench(version, true);
        const cache_id cache = bench.create("TestSlub_1th_word_free", 64, 0, SLAB_POISON);
        const phys_addr_t p = bench.alloc(cache);
        bench.free(cache, p);
        bench.write(p, 0, 0x78);
        EXPECT_EQ(bench.validate(cache), 2u);
        bench.destroy(cache);
    }
}

TEST(SlubKunit, Clobber50thByte) {
    for (const V version : VERSIONS) {
        DebugBench bench(version, true);
        const cache_id cache = bench.create("TestSlub_50th_word_free", 64, 0, SLAB_POISON);
        const phys_addr_t p = bench.alloc(cache);
        bench.free(cache, p);
        bench.write(p, 50, 0x9a);
        EXPECT_EQ(bench.validate(cache), 2u);
        bench.destroy(cache);
    }
}

TEST(SlubKunit, ClobberRedzoneFree) {
    for (const V version : VERSIONS) {
        DebugBench bench(version, true);
        const cache_id cache = bench.create("TestSlub_RZ_free", 64, 0, SLAB_RED_ZONE);
        const phys_addr_t p = bench.alloc(cache);
        bench.free(cache, p);
        bench.write(p, 64, 0xab);
        EXPECT_EQ(bench.validate(cache), 2u);
        bench.destroy(cache);
    }
}

// Since 6.2: kmalloc Redzone overwritten; restored. 6.1 knows the request, and does not look.
TEST(SlubKunit, KmallocRedzoneAccess) {
    for (const V version : {V::v6_1, V::v6_12}) {
        DebugBench bench(version, true);
        const cache_id cache =
            bench.create("TestSlub_RZ_kmalloc", 32, 0, SLAB_KMALLOC | SLAB_STORE_USER | SLAB_RED_ZONE);
        slab_context context = bench.cx();
        context.request = 18;
        const phys_addr_t p = kmem_cache_alloc_node(context, cache, GFP_KERNEL, -1);
        bench.write(p, 18, 0xab);
        bench.write(p, 19, 0xab);
        EXPECT_EQ(bench.validate(cache), version == V::v6_12 ? 2u : 0u);
        bench.free(cache, p);
        bench.destroy(cache);
        EXPECT_FALSE(bench.slabs().caches[cache].alive);
    }
}

// 6.12: "Objects remaining", and the object that is listed below it.
TEST(SlubKunit, LeakDestroy) {
    DebugBench bench(V::v6_12, true);
    const cache_id cache = bench.create("TestSlub_leak_destroy", 64, 0, SLAB_NO_MERGE);
    static_cast<void>(bench.alloc(cache));
    const u32 before = bench.slabs().nr_slab_errors;
    bench.destroy(cache);
    EXPECT_EQ(bench.slabs().nr_slab_errors - before, 2u);
    EXPECT_TRUE(bench.slabs().caches[cache].alive);
}

// 6.12's kmem_cache_destroy() waits for what kfree_rcu() was given: no report. Before, the object remains: one report.
TEST(SlubKunit, KfreeRcu) {
    for (const V version : VERSIONS) {
        DebugBench bench(version, true);
        const cache_id cache = bench.create("TestSlub_kfree_rcu", 64, 0, SLAB_NO_MERGE);
        const phys_addr_t p = bench.alloc(cache);
        slab_context context = bench.cx();
        kfree_rcu(context, p);
        bench.destroy(cache);
        const bool waits = version == V::v6_12;
        EXPECT_EQ(bench.slabs().nr_slab_errors, waits ? 0u : 1u);
        EXPECT_EQ(bench.slabs().caches[cache].alive, !waits);
        EXPECT_EQ(bench.machine.physical.log.warned, version == V::v6_1) << "WARN since 5.18, a line before";
        bench.expect_sound();
    }
}

// /sys/kernel/slab/X/validate of a cache without debugging: EINVAL since 6.1.
TEST(SlubKunit, PlainCachesAreValidatedIn5_10Alone) {
    for (const V version : VERSIONS) {
        DebugBench bench(version, true);
        const cache_id cache = bench.create("plain", 64);
        static_cast<void>(bench.alloc(cache));
        slab_context context = bench.cx();
        EXPECT_EQ(validate_slab_cache(context, cache), version == V::v5_10 ? 1 : -1);
        EXPECT_EQ(bench.slabs().nr_slab_errors, 0u);
        bench.expect_sound();
    }
}

} // namespace
} // namespace mm
