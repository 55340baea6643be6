// Which objects are cleared, when, and how much of them: the cases of lib/test_meminit.c, by the rules of mm/slab.h
// (slab_want_init_on_alloc, slab_want_init_on_free).
#include "debug_bench.h"
#include "slab/init_objects.h"

namespace mm {
namespace {

using test::DebugBench;
using se = slab_event;

constexpr kernel_version VERSIONS[] = {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12};
constexpr u8 GARBAGE = 0x5a; // what somebody writes into an object

struct Meminit : DebugBench {
    Meminit(kernel_version kernel, bool on_alloc, bool on_free, slab_allocator allocator = slab_allocator::slub)
        : DebugBench(profile(kernel, on_alloc, on_free, allocator)) {}

    static machine_profile profile(kernel_version kernel, bool on_alloc, bool on_free, slab_allocator allocator) {
        machine_profile p = test::slab_profile(allocator, kernel);
        p.slab.freelist_hardened = false;
        p.init_on_alloc = on_alloc;
        p.init_on_free = on_free;
        return p;
    }
    cache_id cache_of(u32 size, bool ctor, slab_flags_t flags = 0) {
        slab_context context = cx();
        return kmem_cache_create(context, {intern("meminit"), size, 0, flags, ctor, 0});
    }
    phys_addr_t take(cache_id cache, gfp_t gfp = GFP_KERNEL) {
        slab_context context = cx();
        return kmem_cache_alloc_node(context, cache, gfp, -1);
    }
    // The last event of this kind: bytes cleared and why.
    template <class Kind>
    std::pair<i64, init_reason> told(Kind kind, std::size_t bytes) const {
        for (std::size_t i = events.size(); i-- > 0;)
            if (events[i].kind == static_cast<u16>(kind))
                return {events[i].arg[bytes], static_cast<init_reason>(events[i].arg[bytes + 1])};
        return {-1, init_reason::nothing};
    }
    std::pair<i64, init_reason> at_alloc() const { return told(se::kmem_cache_alloc, 6); }
    std::pair<i64, init_reason> at_free() const { return told(se::object_init_free, 2); }
    // Writes garbage all over an object, frees it, and takes it again.
    phys_addr_t again(cache_id cache, u32 size, gfp_t gfp = GFP_KERNEL) {
        const phys_addr_t object = take(cache);
        write(object, 0, GARBAGE, size);
        free(cache, object);
        const phys_addr_t next = take(cache, gfp);
        EXPECT_EQ(next, object);
        return next;
    }
};
using Told = std::pair<i64, init_reason>;

TEST(Meminit, AnObjectIsClearedWhenItIsHandedOut) {
    for (const kernel_version kernel : VERSIONS) {
        Meminit bench(kernel, true, false);
        const cache_id cache = bench.cache_of(96, false);
        const phys_addr_t object = bench.again(cache, 96);
        EXPECT_EQ(bench.runs(object, 0, 96), "00*96");
        EXPECT_EQ(bench.at_alloc(), Told(96, init_reason::by_default));
        EXPECT_EQ(bench.count(se::object_init_free), 0);
    }
}

// The free pointer stands in the object: what is left is garbage but for that.
TEST(Meminit, WithNeitherTheNextOwnerReadsWhatWasLeft) {
    for (const kernel_version kernel : VERSIONS) {
        Meminit bench(kernel, false, false);
        const cache_id cache = bench.cache_of(96, false);
        const phys_addr_t object = bench.again(cache, 96);
        EXPECT_EQ(bench.byte(object, 0), GARBAGE);
        EXPECT_EQ(bench.byte(object, 95), GARBAGE);
        EXPECT_EQ(bench.at_alloc(), Told(0, init_reason::off));
        const phys_addr_t asked = bench.again(cache, 96, GFP_KERNEL | GFP_BIT_ZERO);
        EXPECT_EQ(bench.runs(asked, 0, 96), "00*96");
        EXPECT_EQ(bench.at_alloc(), Told(96, init_reason::asked));
    }
}

TEST(Meminit, ConstructedObjectsAndThoseUnderRcuKeepWhatIsInThem) {
    for (const kernel_version kernel : VERSIONS) {
        for (const bool on_free : {false, true}) {
            Meminit bench(kernel, true, on_free);
            const cache_id built = bench.cache_of(96, true);
            EXPECT_EQ(bench.byte(bench.again(built, 96), 40), GARBAGE);
            EXPECT_EQ(bench.at_alloc(), Told(0, init_reason::ctor));
            const cache_id rcu = bench.cache_of(96, false, SLAB_TYPESAFE_BY_RCU);
            EXPECT_EQ(bench.byte(bench.again(rcu, 96), 40), GARBAGE);
            EXPECT_EQ(bench.at_alloc(), Told(0, init_reason::keeps));
            if (on_free) { EXPECT_EQ(bench.at_free(), Told(0, init_reason::keeps)); }
            // __GFP_ZERO clears the one, and not the other.
            EXPECT_EQ(bench.byte(bench.again(rcu, 96, GFP_KERNEL | GFP_BIT_ZERO), 40), 0);
            EXPECT_EQ(bench.at_alloc(), Told(96, init_reason::asked));
            EXPECT_EQ(bench.byte(bench.again(built, 96, GFP_KERNEL | GFP_BIT_ZERO), 40), GARBAGE);
            EXPECT_EQ(bench.at_alloc(), Told(0, init_reason::ctor));
        }
    }
}

// Until 6.9 from the object's end, which may hold nothing; the object itself in any case.
TEST(Meminit, AnObjectIsClearedWhenItComesBack) {
    for (const kernel_version kernel : VERSIONS) {
        Meminit bench(kernel, false, true);
        const cache_id cache = bench.cache_of(96, false);
        const phys_addr_t object = bench.take(cache);
        bench.write(object, 0, GARBAGE, 96);
        bench.free(cache, object);
        EXPECT_EQ(bench.byte(object, 0), 0);
        EXPECT_EQ(bench.byte(object, 95), 0);
        EXPECT_EQ(bench.at_free(), Told(96, init_reason::at_free));
        EXPECT_EQ(bench.take(cache), object);
        bench.expect_sound();
    }
}

TEST(Meminit, BulkRequestsAreClearedEach) {
    for (const kernel_version kernel : VERSIONS) {
        Meminit bench(kernel, true, false);
        const cache_id cache = bench.cache_of(96, false);
        std::vector<phys_addr_t> objects(8, ADDR_NULL);
        slab_context context = bench.cx();
        ASSERT_EQ(kmem_cache_alloc_bulk(context, cache, GFP_KERNEL, 8, objects.data()), 8u);
        for (const phys_addr_t object : objects) bench.write(object, 0, GARBAGE, 96);
        kmem_cache_free_bulk(context, cache, 8, objects.data());
        ASSERT_EQ(kmem_cache_alloc_bulk(context, cache, GFP_KERNEL, 8, objects.data()), 8u);
        for (const phys_addr_t object : objects) EXPECT_EQ(bench.runs(object, 0, 96), "00*96");
        EXPECT_EQ(bench.told(se::objects_init, 2), Told(96, init_reason::by_default));
        bench.expect_sound();
    }
}

TEST(Meminit, BulkFreesAreClearedEach) {
    for (const kernel_version kernel : VERSIONS) {
        Meminit bench(kernel, false, true);
        const cache_id cache = bench.cache_of(96, false);
        std::vector<phys_addr_t> objects(8, ADDR_NULL);
        slab_context context = bench.cx();
        ASSERT_EQ(kmem_cache_alloc_bulk(context, cache, GFP_KERNEL, 8, objects.data()), 8u);
        bench.events.clear();
        kmem_cache_free_bulk(context, cache, 8, objects.data());
        EXPECT_EQ(bench.count(se::object_init_free), 8);
        bench.expect_sound();
    }
}

// With SLAB_POISON free objects hold a pattern that must stay.
TEST(Meminit, PoisonGoesBeforeIt) {
    for (const kernel_version kernel : VERSIONS) {
        Meminit bench(kernel, true, true);
        const cache_id cache = bench.cache_of(96, false, test::DEBUG_FZPU);
        const phys_addr_t object = bench.take(cache);
        EXPECT_EQ(bench.byte(object, 0), 0x6b);
        EXPECT_EQ(bench.at_alloc(), Told(0, init_reason::keeps));
        bench.free(cache, object);
        EXPECT_EQ(bench.at_free(), Told(0, init_reason::keeps));
        EXPECT_EQ(bench.validate(cache), 0u);
    }
}

// Red zones alone: the object is cleared, the zones around it are not.
TEST(Meminit, RedZonesStay) {
    for (const kernel_version kernel : VERSIONS) {
        Meminit bench(kernel, true, true);
        const cache_id cache = bench.cache_of(96, false, SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE);
        const phys_addr_t object = bench.take(cache);
        bench.write(object, 0, GARBAGE, 96);
        bench.free(cache, object);
        // Afterwards the free pointer is written into its middle.
        EXPECT_EQ(bench.runs(object, 0, 48), "00*48");
        EXPECT_EQ(bench.runs(object, 56, 96), "00*40");
        EXPECT_EQ(bench.validate(cache), 0u);
        EXPECT_EQ(bench.runs(bench.take(cache), 0, 96), "00*96");
    }
}

// The bytes are cleared before anybody sees that the object is free already: its pointer, too, and the list follows its bytes.
TEST(Meminit, AnObjectThatIsFreedTwiceHasLostItsPointer) {
    for (const kernel_version kernel : VERSIONS) {
        for (const bool hardened : {false, true}) {
            for (const u32 flags : {0u, u32{SLAB_RED_ZONE}, u32{SLAB_STORE_USER}, u32{SLAB_CONSISTENCY_CHECKS}}) {
                machine_profile profile = Meminit::profile(kernel, false, true, slab_allocator::slub);
                profile.slab.freelist_hardened = hardened;
                test::DebugBench bench(profile);
                const cache_id cache = bench.create("twice", 64, 0, flags);
                const phys_addr_t object = bench.alloc(cache);
                bench.write(object, 0, GARBAGE, 64); // the slab has bytes from now on
                bench.free(cache, object);
                bench.expect_sound();
                bench.free(cache, object);
                bench.expect_sound();
                EXPECT_EQ(bench.count(slab_event::object_init_free), 2);
            }
        }
    }
}

// kmalloc: the whole object of the size class; whole pages are the page allocator's.
TEST(Meminit, KmallocClearsTheSizeClass) {
    for (const kernel_version kernel : VERSIONS) {
        Meminit bench(kernel, true, false);
        slab_context context = bench.cx();
        ASSERT_NE(kmalloc_node(context, 300, GFP_KERNEL, -1), ADDR_NULL);
        EXPECT_EQ(bench.told(se::kmalloc, 5), Told(512, init_reason::by_default));
        ASSERT_NE(kmalloc_node(context, 100000, GFP_KERNEL, -1), ADDR_NULL);
        EXPECT_EQ(bench.told(se::kmalloc, 5), Told(0, init_reason::pages));
    }
}

// SLAB goes by the same rules; SLOB clears for who asks.
TEST(Meminit, TheOtherAllocators) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1}) {
        Meminit slab(kernel, true, true, slab_allocator::slab);
        const cache_id cache = slab.cache_of(96, false);
        slab.free(cache, slab.take(cache));
        EXPECT_EQ(slab.at_alloc(), Told(96, init_reason::by_default));
        EXPECT_EQ(slab.at_free(), Told(96, init_reason::at_free));
        Meminit slob(kernel, true, true, slab_allocator::slob);
        const cache_id list = slob.cache_of(96, false);
        slob.free(list, slob.take(list));
        EXPECT_EQ(slob.at_alloc(), Told(0, init_reason::off));
        EXPECT_EQ(slob.count(se::object_init_free), 0);
        static_cast<void>(slob.take(list, GFP_KERNEL | GFP_BIT_ZERO));
        EXPECT_EQ(slob.at_alloc(), Told(96, init_reason::asked));
    }
}

TEST(Meminit, WatchedAndUnwatchedGoTheSameWay) {
    for (const kernel_version kernel : VERSIONS) {
        Meminit watched(kernel, true, true), unwatched(kernel, true, true);
        unwatched.sink = EventSink{};
        for (Meminit* bench : {&watched, &unwatched}) {
            const cache_id cache = bench->cache_of(96, false);
            for (int turn = 0; turn < 200; ++turn) {
                const phys_addr_t object = bench->take(cache);
                if (turn % 3) bench->free(cache, object);
            }
        }
        EXPECT_EQ(watched.events.size(), unwatched.sink.count());
        EXPECT_EQ(canonical_hash(watched.machine), canonical_hash(unwatched.machine));
    }
}

} // namespace
} // namespace mm
