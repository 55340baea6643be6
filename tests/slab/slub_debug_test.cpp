// Bytes, lists and checks of debugged caches. Offsets are worked from calculate_sizes() by hand.
#include "slab/slub_debug.h"

#include <gtest/gtest.h>

#include "debug_bench.h"
#include "slab/slub_debug_checks.h"

namespace mm {
namespace {

using ev = slub_debug_event;
using test::DEBUG_FZPU;
using test::DebugBench;
using V = kernel_version;

// 64-byte objects with FZPU on a 64-bit 6.1: a word of red zone behind the object (inuse 72), the free pointer at 72,
// two tracks of 8+4+4+4(+4)+8 = 32, a word of padding, a left red zone of 8: 64+8+8+64+8+8 = 160.
//   −8 left │ 0 object │ 64 right │ 72 pointer │ 80 alloc track │ 112 free track │ 144 padding │ 152
// A page holds 25 of them and leaves 96 bytes, which is no more than a sixteenth of it: order 0.
TEST(SlubDebug, PatternsOfAllocatedAndFreeObjects) {
    DebugBench bench(V::v6_1);
    const cache_id cache = bench.create("patterns", 64, 0, DEBUG_FZPU);
    ASSERT_EQ(bench.slabs().caches[cache].size, 160u);
    const phys_addr_t a = bench.alloc(cache);
    EXPECT_EQ(bench.index_of(a), 0u);
    EXPECT_EQ(a % 4096, 8u);
    EXPECT_EQ(bench.runs(a, -8, 72), "cc*8 6b*63 a5 cc*8");
    EXPECT_EQ(bench.runs(a, 144, 152), "5a*8");
    // The next object is free, and points at the one after it.
    EXPECT_EQ(bench.runs(a, 160 - 8, 160 + 72), "bb*8 6b*63 a5 bb*8");
    EXPECT_EQ(bench.number(a, 160 + 72, 8), bench.virt(a + 320));
    EXPECT_EQ(bench.runs(a, 160 + 80, 160 + 152), "00*64 5a*8");
    // The last of 25 ends the list; behind it the slab is padding.
    EXPECT_EQ(bench.number(a, 24 * 160 + 72, 8), 0u);
    EXPECT_EQ(bench.runs(a, 25 * 160 - 8, 4096 - 8), "5a*96");
    bench.expect_sound();
}

// Tracks: caller, (stack), CPU, pid, when. The first op of the bench made the cache, the second allocates, the third frees.
TEST(SlubDebug, TracksNameTheOpAndTheCpu) {
    machine_profile profile = test::slab_profile(slab_allocator::slub, V::v6_1, 2);
    DebugBench bench(profile);
    const cache_id cache = bench.create("tracks", 64, 0, DEBUG_FZPU);
    const phys_addr_t a = bench.alloc(cache, 1);
    EXPECT_NE(bench.number(a, 80, 8), 0u);
    EXPECT_EQ(bench.number(a, 80 + 12, 4), 1u);
    EXPECT_EQ(bench.number(a, 80 + 24, 8), 2u);
    EXPECT_EQ(bench.number(a, 112, 8), 0u);
    bench.free(cache, a, 0);
    EXPECT_EQ(bench.number(a, 112 + 12, 4), 0u);
    EXPECT_EQ(bench.number(a, 112 + 24, 8), 3u);
}

// 5.10 keeps 16 addresses a track: 8 + 128 + 4 + 4 + 8 = 152; 64 + 8 + 8 + 304 + 8 + 8 = 400.
TEST(SlubDebug, TracksOf5_10HoldTheStack) {
    DebugBench bench(V::v5_10);
    const cache_id cache = bench.create("tracks", 64, 0, DEBUG_FZPU);
    ASSERT_EQ(bench.slabs().caches[cache].size, 400u);
    const phys_addr_t a = bench.alloc(cache);
    EXPECT_EQ(bench.number(a, 80 + 144, 8), 2u);
    EXPECT_EQ(bench.runs(a, 80 + 304, 392), "5a*8");
}

// Red zones alone: the pointer stands inside, at 64 / 2; nobody fills the object. 64 + 8 + 8 + 8 = 88.
TEST(SlubDebug, RedZonesAloneLeaveTheObject) {
    DebugBench bench(test::uncleared_profile(V::v6_1));
    const cache_id cache = bench.create("zones", 64, 0, SLAB_RED_ZONE);
    ASSERT_EQ(bench.slabs().caches[cache].size, 88u);
    const phys_addr_t a = bench.alloc(cache);
    EXPECT_EQ(bench.runs(a, -8, 32), "cc*8 00*32");
    EXPECT_EQ(bench.number(a, 32, 8), bench.virt(a + 88)); // what was its free pointer
    EXPECT_EQ(bench.runs(a, 64, 72), "cc*8");
    EXPECT_EQ(bench.number(a, 88 + 32, 8), bench.virt(a + 176));
}

// Hardening: pointer ^ secret ^ the pointer's own address with its bytes turned over.
TEST(SlubDebug, HardenedPointersAreMixed) {
    DebugBench bench(V::v6_1, true);
    const cache_id cache = bench.create("mixed", 64, 0, SLAB_POISON);
    const phys_addr_t a = bench.alloc(cache);
    const kmem_cache& c = bench.slabs().caches[cache];
    const i64 at = static_cast<i64>(c.size + c.offset);
    const u64 where = bench.virt(a) + static_cast<u64>(at);
    EXPECT_EQ(bench.number(a, at, 8), bench.virt(a + 2 * c.size) ^ c.random ^ __builtin_bswap64(where));
}

TEST(SlubDebug, KzallocClearsThePoison) {
    DebugBench bench(V::v6_1);
    const cache_id cache = bench.create("zero", 64, 0, DEBUG_FZPU);
    slab_context context = bench.cx();
    const phys_addr_t a = kmem_cache_alloc_node(context, cache, GFP_KERNEL | GFP_BIT_ZERO, -1);
    EXPECT_EQ(bench.runs(a, -8, 72), "cc*8 00*64 cc*8");
}

// No CPU ever has a slab; a full one goes to the list of full ones, and back to the tail of the partial list.
TEST(SlubDebug, SlabsStayTheNodes) {
    for (const V version : {V::v5_10, V::v6_1, V::v6_12}) {
        DebugBench bench(version);
        const cache_id cache = bench.create("lists", 64, 0, DEBUG_FZPU);
        const u32 objs = bench.slabs().caches[cache].objs;
        std::vector<phys_addr_t> objects;
        for (u32 i = 0; i < objs; ++i) objects.push_back(bench.alloc(cache));
        const slab_id first = bench.slab_of(objects[0]);
        EXPECT_EQ(bench.slabs().slabs[first].place, slab_place::node_full);
        EXPECT_EQ(bench.slabs().node_at(cache, 0).full.nr, 1u);
        EXPECT_EQ(bench.slabs().cpu_at(cache, 0).slab, SLAB_NONE);
        objects.push_back(bench.alloc(cache));
        EXPECT_EQ(bench.slabs().node_at(cache, 0).partial.nr, 1u);
        bench.free(cache, objects[3]);
        EXPECT_EQ(bench.slabs().node_at(cache, 0).full.nr, 0u);
        EXPECT_EQ(bench.slabs().node_at(cache, 0).partial.last, first);
        EXPECT_EQ(bench.slabs().slabs[first].inuse, objs - 1);
        EXPECT_EQ(bench.slabs().nr_slab_errors, 0u);
        bench.expect_sound();
    }
}

// Without SLAB_STORE_USER nobody keeps full slabs.
TEST(SlubDebug, FullSlabsWithoutStoreUserAreOnNoList) {
    DebugBench bench(V::v6_1);
    const cache_id cache = bench.create("nolist", 64, 0, SLAB_POISON);
    const u32 objs = bench.slabs().caches[cache].objs;
    phys_addr_t last = 0;
    for (u32 i = 0; i < objs; ++i) last = bench.alloc(cache);
    EXPECT_EQ(bench.slabs().slabs[bench.slab_of(last)].place, slab_place::none);
    bench.free(cache, last);
    EXPECT_EQ(bench.slabs().slabs[bench.slab_of(last)].place, slab_place::node_partial);
    bench.expect_sound();
}

// 6.1 hands out in the list's order. 5.10 takes the whole list for each object and puts the rest back object by object:
// each but the last in front of those before it, then the last in front of all. 0 1 2 3 ... 8 9 gives 0, then 9 8 ... 1,
// gives 9, then 1 2 ... 8.
TEST(SlubDebug, TheOrderIn5_10TurnsOverWithEachObject) {
    for (const V version : {V::v5_10, V::v6_1}) {
        DebugBench bench(version);
        const cache_id cache = bench.create("order", 64, 0, DEBUG_FZPU);
        const u32 objs = bench.slabs().caches[cache].objs;
        std::vector<u32> got;
        for (int i = 0; i < 4; ++i) got.push_back(bench.index_of(bench.alloc(cache)));
        const std::vector<u32> expected =
            version == V::v5_10 ? std::vector<u32>{0, objs - 1, 1, objs - 2} : std::vector<u32>{0, 1, 2, 3};
        EXPECT_EQ(got, expected);
        bench.expect_sound();
    }
}

// min_partial is 5, and the slab that empties is on the list itself: the fifth to empty finds five there and goes, and so
// does the sixth. Four stay.
TEST(SlubDebug, TheFifthEmptySlabGoesBack) {
    DebugBench bench(V::v6_1);
    const cache_id cache = bench.create("empty", 64, 0, DEBUG_FZPU);
    const u32 objs = bench.slabs().caches[cache].objs;
    std::vector<phys_addr_t> objects;
    for (u32 i = 0; i < 6 * objs; ++i) objects.push_back(bench.alloc(cache));
    for (const phys_addr_t object : objects) bench.free(cache, object);
    EXPECT_EQ(bench.slabs().node_at(cache, 0).nr_slabs, 4u);
    EXPECT_EQ(bench.slabs().nr_slab_errors, 0u);
    bench.expect_sound();
}

// slub_debug= of the command line covers kmalloc's caches too.
TEST(SlubDebug, TheMachineMayDebugAllCaches) {
    machine_profile profile = test::debug_profile();
    profile.slab.debug = DEBUG_FZPU;
    DebugBench bench(profile);
    slab_context context = bench.cx();
    const phys_addr_t a = kmalloc_node(context, 40, GFP_KERNEL, -1);
    const kmem_cache& c = bench.slabs().caches[bench.slabs().slabs[bench.slab_of(a)].cache];
    EXPECT_EQ(c.flags & DEBUG_FZPU, DEBUG_FZPU);
    // orig_size stands behind the tracks: inuse, pointer, 2 × 32.
    EXPECT_EQ(bench.number(a, c.inuse + 8 + 64, 4), 40u);
    bench.write(a, -1, 0x11);
    kfree(context, a);
    EXPECT_EQ(bench.count(ev::bytes_overwritten), 1);
    bench.expect_sound();
}

// ------------------------------------------------------------------------------------------------ what checks find

// The byte behind a 64-byte object is the first of its right red zone. The object is repaired and never freed.
TEST(SlubDebug, AnOverrunIsFoundAtTheFree) {
    for (const V version : {V::v5_10, V::v6_1, V::v6_12}) {
        DebugBench bench(version);
        const cache_id cache = bench.create("overrun", 64, 0, DEBUG_FZPU);
        const phys_addr_t a = bench.alloc(cache);
        bench.write(a, 64, 0x12);
        bench.free(cache, a);
        const Event* report = bench.last(ev::bytes_overwritten);
        ASSERT_NE(report, nullptr);
        EXPECT_EQ(report->arg[2], 0);
        EXPECT_EQ(report->arg[3], static_cast<i64>(checked_part::right_redzone));
        EXPECT_EQ(report->arg[4], 8 + 64);
        EXPECT_EQ(report->arg[5], 1);
        EXPECT_EQ(report->arg[6], 0x12);
        EXPECT_EQ(report->arg[7], 0xcc);
        EXPECT_EQ(bench.count(ev::slub_fix), 2); // restored; not freed
        EXPECT_EQ(bench.count(ev::object_printed), version == V::v6_12 ? 1 : 0);
        EXPECT_EQ(bench.byte(a, 64), 0xcc);
        EXPECT_EQ(bench.slabs().slabs[bench.slab_of(a)].inuse, 1);
        EXPECT_TRUE(bench.machine.physical.log.bad_page);
        bench.expect_sound();
        bench.free(cache, a); // now nothing is wrong with it
        EXPECT_EQ(bench.slabs().slabs[bench.slab_of(a)].inuse, 0);
    }
}

// A use after free: found when the object is taken again. The slab is given up, another one serves.
TEST(SlubDebug, AUseAfterFreeIsFoundAtTheNextAllocation) {
    for (const V version : {V::v5_10, V::v6_1, V::v6_12}) {
        DebugBench bench(version);
        const cache_id cache = bench.create("uaf", 64, 0, DEBUG_FZPU);
        const phys_addr_t a = bench.alloc(cache);
        const phys_addr_t held = bench.alloc(cache);
        bench.free(cache, a);
        bench.write(a, 10, 0x61, 4);
        const phys_addr_t b = bench.alloc(cache);
        EXPECT_NE(bench.slab_of(b), bench.slab_of(a));
        const Event* report = bench.last(ev::bytes_overwritten);
        ASSERT_NE(report, nullptr);
        EXPECT_EQ(report->arg[3], static_cast<i64>(checked_part::poison));
        EXPECT_EQ(report->arg[4], 8 + 10 + static_cast<i64>(bench.index_of(a)) * bench.slabs().caches[cache].size);
        EXPECT_EQ(report->arg[5], 4);
        const slab& failed = bench.slabs().slabs[bench.slab_of(a)];
        EXPECT_EQ(failed.inuse, failed.objects);
        EXPECT_EQ(failed.place, slab_place::none);
        // An object of that slab: 6.12 refuses it, 5.10 and 6.1 take it back.
        bench.free(cache, held);
        EXPECT_EQ(bench.count(ev::slab_error), version == V::v6_12 ? 1 : 0);
        bench.expect_sound();
    }
}

// Up to 6.1 the first damage ends the checks. 6.12 looks at all parts: the object is printed at the first of them, and with
// its padding once more, as check_pad_bytes() does not know of the others.
TEST(SlubDebug, SeveralDamagesAtOnce) {
    for (const V version : {V::v6_1, V::v6_12}) {
        DebugBench bench(version);
        const cache_id cache = bench.create("several", 64, 0, DEBUG_FZPU);
        const phys_addr_t a = bench.alloc(cache);
        bench.write(a, -1, 0x01);
        bench.write(a, 64, 0x02);
        bench.write(a, 151, 0x03);
        bench.free(cache, a);
        EXPECT_EQ(bench.count(ev::bytes_overwritten), version == V::v6_12 ? 3 : 1);
        EXPECT_EQ(bench.count(ev::object_printed), version == V::v6_12 ? 2 : 0);
    }
}

// Object padding alone is repaired and otherwise forgiven until 6.11.
TEST(SlubDebug, PaddingDoesNotKeepTheObjectUntil6_11) {
    for (const V version : {V::v6_1, V::v6_12}) {
        DebugBench bench(version);
        const cache_id cache = bench.create("padding", 64, 0, DEBUG_FZPU);
        const phys_addr_t a = bench.alloc(cache);
        bench.write(a, 144, 0x00, 8);
        bench.free(cache, a);
        EXPECT_EQ(bench.slabs().slabs[bench.slab_of(a)].inuse, version == V::v6_12 ? 1 : 0);
    }
}

// 5.10 and 6.1 clear the free pointer before they check: a double free cuts the list, which the report does not say. 6.12
// looks first. Three objects came back: c b a in list order; b again.
TEST(SlubDebug, ADoubleFreeIsReported) {
    for (const V version : {V::v5_10, V::v6_1, V::v6_12}) {
        DebugBench bench(version);
        const cache_id cache = bench.create("twice", 64, 0, DEBUG_FZPU);
        const phys_addr_t a = bench.alloc(cache);
        const phys_addr_t b = bench.alloc(cache);
        static_cast<void>(bench.alloc(cache));
        bench.free(cache, a);
        bench.free(cache, b);
        const u32 inuse = bench.slabs().slabs[bench.slab_of(b)].inuse;
        bench.free(cache, b);
        const Event* report = bench.last(ev::object_error);
        ASSERT_NE(report, nullptr);
        EXPECT_EQ(report->arg[3], static_cast<i64>(object_fault::already_free));
        const slab& s = bench.slabs().slabs[bench.slab_of(b)];
        EXPECT_EQ(s.inuse, inuse);
        EXPECT_EQ(bench.count(ev::freelist_lost), version == V::v6_12 ? 0 : 1);
        EXPECT_EQ(freelist_length(bench.slabs(), s, s.freelist), version == V::v6_12 ? u32{s.objects} - inuse : 1u);
        EXPECT_EQ(s.corrupt, version != V::v6_12);
        bench.expect_sound();
    }
}

// The free pointer behind an allocated object: 6.12 finds it at the free; before, the free overwrites it first.
TEST(SlubDebug, ACorruptFreepointerBehindAnAllocatedObject) {
    for (const V version : {V::v6_1, V::v6_12}) {
        DebugBench bench(version);
        const cache_id cache = bench.create("pointer", 64, 0, DEBUG_FZPU);
        const phys_addr_t a = bench.alloc(cache);
        bench.write(a, 72, 0x77, 8);
        bench.free(cache, a);
        EXPECT_EQ(bench.count(ev::object_error), version == V::v6_12 ? 1 : 0);
        bench.expect_sound();
    }
}

// Nothing is in use: 6.1 and later count before they look for the object.
TEST(SlubDebug, ADoubleFreeInAnEmptySlabFailsTheCount) {
    for (const V version : {V::v5_10, V::v6_1, V::v6_12}) {
        DebugBench bench(version);
        const cache_id cache = bench.create("count", 64, 0, DEBUG_FZPU);
        const phys_addr_t a = bench.alloc(cache);
        bench.free(cache, a);
        bench.free(cache, a);
        EXPECT_EQ(bench.count(ev::slab_error), version == V::v5_10 ? 0 : 1);
        EXPECT_EQ(bench.count(ev::object_error), version == V::v5_10 ? 1 : 0);
        bench.expect_sound();
    }
}

TEST(SlubDebug, AnAddressInsideAnObjectIsNotFreed) {
    DebugBench bench(V::v6_12);
    const cache_id cache = bench.create("inside", 64, 0, DEBUG_FZPU);
    const phys_addr_t a = bench.alloc(cache);
    bench.free(cache, a + 16);
    const Event* report = bench.last(ev::slab_error);
    ASSERT_NE(report, nullptr);
    EXPECT_EQ(report->arg[2], static_cast<i64>(slab_fault::invalid_pointer));
    EXPECT_EQ(report->arg[5], static_cast<i64>(a + 16));
    EXPECT_EQ(bench.slabs().slabs[bench.slab_of(a)].inuse, 1);
    bench.expect_sound();
}

// 6.1 writes a NULL pointer at the address + 72 before it checks: over the object's own tracks, from 16 + 72 = 88 on.
TEST(SlubDebug, AnAddressInsideAnObjectIsWrittenToBefore6_8) {
    DebugBench bench(V::v6_1);
    const cache_id cache = bench.create("inside", 64, 0, DEBUG_FZPU);
    const phys_addr_t a = bench.alloc(cache);
    const u64 cpu_and_handle_before = bench.number(a, 80, 8);
    EXPECT_NE(cpu_and_handle_before, 0u);
    bench.write(a, 88, 0xee, 8);
    bench.free(cache, a + 16);
    EXPECT_EQ(bench.number(a, 88, 8), 0u);
    EXPECT_EQ(bench.count(ev::slab_error), 1);
}

TEST(SlubDebug, SlabPaddingIsCheckedWithEveryObject) {
    DebugBench bench(V::v6_1);
    const cache_id cache = bench.create("tail", 64, 0, DEBUG_FZPU);
    const phys_addr_t a = bench.alloc(cache);
    bench.write(a, 25 * 160 - 8 + 5, 0x99, 2);
    static_cast<void>(bench.alloc(cache));
    const Event* report = bench.last(ev::slab_padding_overwritten);
    ASSERT_NE(report, nullptr);
    EXPECT_EQ(report->arg[2], 4000 + 5);
    EXPECT_EQ(report->arg[3], 2);
    EXPECT_EQ(bench.byte(a, 25 * 160 - 8 + 5), 0x5a);
}

// Objects are looked at once more before their slab's pages go back.
TEST(SlubDebug, AUseAfterFreeIsFoundWhenTheSlabGoesBack) {
    DebugBench bench(V::v6_1);
    const cache_id cache = bench.create("last", 64, 0, DEBUG_FZPU);
    const phys_addr_t a = bench.alloc(cache);
    bench.free(cache, a);
    bench.write(a, 63, 0x00);
    bench.destroy(cache);
    const Event* report = bench.last(ev::bytes_overwritten);
    ASSERT_NE(report, nullptr);
    EXPECT_EQ(report->arg[3], static_cast<i64>(checked_part::end_poison));
    EXPECT_EQ(bench.slabs().caches[cache].alive, false);
    bench.expect_sound();
}

// ------------------------------------------------------------------------------------------------ without debugging

// The free pointer of a plain free object stands in its middle: 64 / 2. Zeroes end an unhardened list there.
TEST(SlubDebug, APlainUseAfterFreeEndsTheList) {
    DebugBench bench(V::v6_1);
    const cache_id cache = bench.create("plain", 64);
    const phys_addr_t a = bench.alloc(cache);
    bench.free(cache, a);
    bench.write(a, 32, 0, 8);
    ASSERT_NE(bench.last(ev::freepointer_overwritten), nullptr);
    EXPECT_EQ(bench.last(ev::freepointer_overwritten)->arg[4], static_cast<i64>(pointer_fate::null));
    EXPECT_EQ(bench.alloc(cache), a);
    EXPECT_NE(bench.slab_of(bench.alloc(cache)), bench.slab_of(a)); // the other 63 are lost
    EXPECT_EQ(bench.slabs().nr_slab_errors, 0u);
    bench.expect_sound();
}

// Hardened, any byte makes the pointer garbage: the kernel would fault two allocations later.
TEST(SlubDebug, AHardenedPointerTurnsToGarbage) {
    DebugBench bench(V::v6_1, true);
    const cache_id cache = bench.create("plain", 64);
    const phys_addr_t a = bench.alloc(cache);
    bench.free(cache, a);
    bench.write(a, 32, static_cast<u8>(~0x00), 8);
    EXPECT_EQ(bench.last(ev::freepointer_overwritten)->arg[4], static_cast<i64>(pointer_fate::nowhere));
    EXPECT_EQ(bench.alloc(cache), a);
    EXPECT_EQ(bench.count(slub_event::freelist_damaged), 0);
    EXPECT_NE(bench.alloc(cache), ADDR_NULL);
    EXPECT_EQ(bench.count(slub_event::freelist_damaged), 1);
    bench.expect_sound();
}

// A write next door: the neighbour's bytes change, nothing tells.
TEST(SlubDebug, APlainOverrunHitsTheNeighbour) {
    DebugBench bench(V::v6_1);
    const cache_id cache = bench.create("plain", 64);
    const phys_addr_t a = bench.alloc(cache);
    const phys_addr_t b = bench.alloc(cache);
    ASSERT_EQ(b, a + 64);
    bench.write(a, 60, 0x41, 8);
    EXPECT_EQ(bench.runs(b, 0, 8), "41*4 00*4");
    bench.free(cache, a);
    bench.free(cache, b);
    EXPECT_EQ(bench.slabs().nr_slab_errors, 0u);
    bench.expect_sound();
}

// BUG_ON(object == fp) is in all three. Before 6.8 the free has cleared the head's pointer by then, so the list behind it
// is lost; since then it is as it was.
TEST(SlubDebug, TheStateAfterACaughtDoubleFree) {
    for (const V version : {V::v5_10, V::v6_1, V::v6_12}) {
        DebugBench bench(version, true);
        const cache_id cache = bench.create("bug", 64);
        const phys_addr_t a = bench.alloc(cache);
        bench.free(cache, a);
        bench.free(cache, a);
        EXPECT_EQ(bench.count(slub_event::double_free_caught), 1);
        EXPECT_EQ(bench.count(ev::freelist_lost), version == V::v6_12 ? 0 : 1);
        EXPECT_EQ(bench.slabs().slabs[bench.slab_of(a)].corrupt, version != V::v6_12);
        EXPECT_EQ(bench.alloc(cache), a);
        EXPECT_EQ(bench.slab_of(bench.alloc(cache)) == bench.slab_of(a), version == V::v6_12);
        bench.expect_sound();
    }
}

// Nothing looks without CONFIG_SLAB_FREELIST_HARDENED: the head points at itself then, and the cache hands out nothing else.
// SLAB_STORE_USER alone is debugging that does not look at all either.
TEST(SlubDebug, WithoutHardeningTheHeadFreedAgainIsUnnoticed) {
    for (const V version : {V::v5_10, V::v6_1, V::v6_12})
        for (const slab_flags_t flags : {slab_flags_t{0}, slab_flags_t{SLAB_STORE_USER}}) {
            DebugBench bench(test::uncleared_profile(version));
            const cache_id cache = bench.create("twice", 64, 0, flags);
            const phys_addr_t a = bench.alloc(cache);
            static_cast<void>(bench.alloc(cache)); // more objects are in use than are freed
            bench.free(cache, a);
            bench.free(cache, a);
            EXPECT_EQ(bench.count(slub_event::double_free_caught), 0);
            EXPECT_EQ(bench.count(slub_event::double_free_unnoticed), 1);
            for (int i = 0; i < 3; ++i) EXPECT_EQ(bench.alloc(cache), a);
        }
}

// Debian's kernels clear an object when it is handed out, and its free pointer with it. Of a debugged cache, whose free pointers
// are read from the object, the self-made loop ends after its second turn.
TEST(SlubDebug, ClearingAnObjectEndsTheLoopThatItsFreePointerMade) {
    for (const V version : {V::v5_10, V::v6_1, V::v6_12}) {
        DebugBench bench(version, false);
        const cache_id cache = bench.create("twice", 64, 0, SLAB_STORE_USER);
        const phys_addr_t a = bench.alloc(cache);
        static_cast<void>(bench.alloc(cache));
        bench.free(cache, a);
        bench.free(cache, a);
        EXPECT_EQ(bench.alloc(cache), a);
        EXPECT_EQ(bench.alloc(cache), a);
        EXPECT_NE(bench.alloc(cache), a);
    }
}

// Not the head: nobody notices, hardened or not, and two callers get the same memory.
TEST(SlubDebug, ADoubleFreeOfAnotherThanTheHeadIsUnnoticed) {
    for (const bool hardened : {false, true}) {
        DebugBench bench(V::v6_1, hardened);
        const cache_id cache = bench.create("twice", 64);
        const phys_addr_t a = bench.alloc(cache);
        const phys_addr_t b = bench.alloc(cache);
        bench.free(cache, a);
        bench.free(cache, b);
        bench.free(cache, a);
        EXPECT_EQ(bench.count(slub_event::double_free_unnoticed), 1);
        EXPECT_EQ(bench.alloc(cache), a);
        EXPECT_EQ(bench.alloc(cache), b);
        EXPECT_EQ(bench.alloc(cache), a);
        bench.expect_sound();
    }
}

TEST(SlubDebug, WritesElsewhereAreIgnored) {
    DebugBench bench(V::v6_1);
    const cache_id cache = bench.create("plain", 64);
    const phys_addr_t a = bench.alloc(cache);
    bench.write(a, 8192, 1);
    bench.write(phys_addr_t{1} << 60, 0, 1);
    bench.write(a, -4096, 1, 16);
    EXPECT_EQ(bench.count(ev::write_unseen), 3);
    EXPECT_EQ(bench.slabs().slabs[bench.slab_of(a)].content, RUN_NONE);
}

} // namespace
} // namespace mm
