#include <gtest/gtest.h>

#include "machine/narrate.h"
#include "physical/events.h"
#include "physical/gfp.h"
#include "physical/page_events.h"
#include "slab/events.h"

namespace mm {
namespace {

// An arm64 machine whose memory begins at 1 GiB, as those that the lines below were recorded on.
Machine machine_of(kernel_version kernel, architecture arch = architecture::arm64, u32 page_size = 4096) {
    machine_profile profile;
    profile.kernel = kernel;
    profile.arch = arch;
    profile.page_size = page_size;
    declare_memory(profile, 128ull << 20);
    Result<Machine> machine = make_machine(std::move(profile));
    EXPECT_TRUE(machine) << machine.error().text();
    return std::move(machine.value());
}

Event event_of(physical_event kind, std::initializer_list<i64> args) {
    Event event;
    event.kind = static_cast<u16>(kind);
    std::copy(args.begin(), args.end(), event.arg.begin());
    return event;
}

// An event of the slab allocators whose object stands at this physical address.
Event slab_event_of(slab_event kind, std::initializer_list<i64> args) {
    return event_of(static_cast<physical_event>(kind), args);
}

using ev = physical_event;

TEST(TraceText, LinesOf5_10AreThoseOfTheKernel) {
    const Machine machine = machine_of(kernel_version::v5_10);
    EXPECT_EQ(trace_text(machine, event_of(ev::mm_page_alloc, {285056, 0, 0, 0x400cc0 | GFP_BIT_ZERO})),
              "mm_page_alloc: page=fffffdfffff66000 pfn=285056 order=0 migratetype=0 "
              "gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_ZERO");
    EXPECT_EQ(trace_text(machine, event_of(ev::mm_page_free, {304136, 0})),
              "mm_page_free: page=fffffe0000090200 pfn=304136 order=0");
    EXPECT_EQ(trace_text(machine, event_of(ev::mm_page_alloc_zone_locked, {302080, 9, 1, 0})),
              "mm_page_alloc_zone_locked: page=fffffe0000070000 pfn=302080 order=9 migratetype=1 percpu_refill=0");
}

TEST(TraceText, LinesOf6_1AreThoseOfTheKernel) {
    const Machine machine = machine_of(kernel_version::v6_1);
    EXPECT_EQ(trace_text(machine, event_of(ev::mm_page_alloc, {0x41e9d, 0, 1, 0x140dca})),
              "mm_page_alloc: page=fffffc000007a740 pfn=0x41e9d order=0 migratetype=1 "
              "gfp_flags=GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO");
    EXPECT_EQ(trace_text(machine, event_of(ev::mm_page_free, {0x47c00, 9})),
              "mm_page_free: page=fffffc00001f0000 pfn=0x47c00 order=9");
    EXPECT_EQ(trace_text(machine, event_of(ev::mm_page_alloc_zone_locked, {0x41923, 0, 1, 1})),
              "mm_page_alloc_zone_locked: page=fffffc00000648c0 pfn=0x41923 order=0 migratetype=1 percpu_refill=1");
    EXPECT_EQ(trace_text(machine, event_of(ev::mm_page_pcpu_drain, {0x100f04, 2, 0})),
              "mm_page_pcpu_drain: page=fffffc000303c100 pfn=0x100f04 order=2 migratetype=0");
}

// TP_printk of include/trace/events/page_isolation.h: the same in all three.
TEST(TraceText, AnIsolatedRangeIsToldAsTheKernelTellsIt) {
    const Machine machine = machine_of(kernel_version::v6_1);
    const auto kind = static_cast<ev>(page_event::test_pages_isolated);
    EXPECT_EQ(trace_text(machine, event_of(kind, {0x42000, 0x42100, 0x42200, 0})),
              "test_pages_isolated: start_pfn=0x42000 end_pfn=0x42100 fin_pfn=0x42200 ret=success");
    EXPECT_EQ(trace_text(machine, event_of(kind, {0x42000, 0x42100, 0x42080, 1})),
              "test_pages_isolated: start_pfn=0x42000 end_pfn=0x42100 fin_pfn=0x42080 ret=fail");
}

TEST(TraceText, LinesOf6_12AreThoseOfTheKernel) {
    const Machine machine = machine_of(kernel_version::v6_12);
    EXPECT_EQ(trace_text(machine, event_of(ev::mm_page_alloc, {0x44bf9, 0, 0, 0x2800})),
              "mm_page_alloc: page=fffffdffc012fe40 pfn=0x44bf9 order=0 migratetype=0 gfp_flags=GFP_NOWAIT");
    EXPECT_EQ(trace_text(machine, event_of(ev::mm_page_free, {0x13f697, 0})),
              "mm_page_free: page=fffffdffc3fda5c0 pfn=0x13f697 order=0");
    EXPECT_EQ(trace_text(machine, event_of(ev::mm_page_alloc_extfrag, {0x44400, 0, 10, 9, 0, 2, 0, 1})),
              "mm_page_alloc_extfrag: page=fffffdffc0110000 pfn=0x44400 alloc_order=0 fallback_order=10 "
              "pageblock_order=9 alloc_migratetype=0 fallback_migratetype=2 fragmenting=0 change_ownership=1");
    EXPECT_EQ(trace_text(machine, event_of(ev::mm_page_pcpu_drain, {0x456c9, 0, 0})),
              "mm_page_pcpu_drain: page=fffffdffc015b240 pfn=0x456c9 order=0 migratetype=0");
}

TEST(TraceText, AFailedAllocationIsTracedWithTheNullPage) {
    const Machine machine = machine_of(kernel_version::v6_1);
    EXPECT_EQ(trace_text(machine, event_of(ev::mm_page_alloc_fail, {10, 0, GFP_NOWAIT})),
              "mm_page_alloc: page=0000000000000000 pfn=0x0 order=10 migratetype=0 gfp_flags=GFP_NOWAIT");
    EXPECT_EQ(trace_text(machine, event_of(ev::mm_page_alloc_fail, {11, 0, GFP_NOWAIT})), "")
        << "an order that no list holds is refused before the tracepoint";
}

TEST(TraceText, WithoutAKnownMemMapThereIsNoPageAddress) {
    const Event event = event_of(ev::mm_page_free, {0x1000, 3});
    EXPECT_EQ(trace_text(machine_of(kernel_version::v6_1, architecture::i386), event),
              "mm_page_free: pfn=0x1000 order=3");
    EXPECT_EQ(trace_text(machine_of(kernel_version::v6_1, architecture::arm64, 65536), event),
              "mm_page_free: pfn=0x1000 order=3");
    EXPECT_EQ(trace_text(machine_of(kernel_version::v6_1, architecture::x86_64), event),
              "mm_page_free: page=ffffea0000040000 pfn=0x1000 order=3");
}

// Recorded lines, but for the call site: nobody's code calls here.
TEST(TraceText, SlabLinesAreThoseOfTheKernelOfTheMachine) {
    using se = slab_event;
    const i64 gfp = GFP_KERNEL | GFP_BIT_ACCOUNT | GFP_BIT_ZERO;
    const Machine v5_10 = machine_of(kernel_version::v5_10);
    const Machine v6_1 = machine_of(kernel_version::v6_1);
    const Machine v6_12 = machine_of(kernel_version::v6_12);
    EXPECT_EQ(trace_text(v5_10, slab_event_of(se::kmalloc, {0x45973780, 8, 128, gfp, -1})),
              "kmalloc: call_site=0x0 ptr=ffff000005973780 bytes_req=8 bytes_alloc=128 "
              "gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_ZERO");
    EXPECT_EQ(trace_text(v5_10, slab_event_of(se::kmalloc, {0x45973780, 8, 128, gfp, 0})),
              "kmalloc_node: call_site=0x0 ptr=ffff000005973780 bytes_req=8 bytes_alloc=128 "
              "gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_ZERO node=0");
    EXPECT_EQ(trace_text(v6_1, slab_event_of(se::kmalloc, {0x48226080, 16, 128, gfp, -1})),
              "kmalloc: call_site=0x0 ptr=ffff000008226080 bytes_req=16 bytes_alloc=128 "
              "gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_ZERO node=-1 accounted=true");
    EXPECT_EQ(trace_text(v6_12, slab_event_of(se::kmalloc, {0x439be7e0, 72, 96, GFP_KERNEL | GFP_BIT_ZERO, -1})),
              "kmalloc: call_site=0x0 ptr=ffff0000039be7e0 bytes_req=72 bytes_alloc=96 gfp_flags=GFP_KERNEL|__GFP_ZERO "
              "node=-1 accounted=false");
    EXPECT_EQ(trace_text(v6_1, slab_event_of(se::kfree, {0})), "kfree: call_site=0x0 ptr=0000000000000000");
    EXPECT_EQ(trace_text(v6_1, slab_event_of(se::kfree, {0x43135000})), "kfree: call_site=0x0 ptr=ffff000003135000");
}

TEST(TraceText, SlabLinesNameTheCache) {
    using se = slab_event;
    const Machine machine = machine_of(kernel_version::v6_1);
    const auto cache = static_cast<i64>(machine.slabs.kmalloc_caches[KMALLOC_NORMAL][8]);
    ASSERT_NE(cache, CACHE_NONE);
    EXPECT_EQ(trace_text(machine, slab_event_of(se::kmem_cache_alloc, {0x48184c00, cache, 256, 256, GFP_KERNEL, -1})),
              "kmem_cache_alloc: call_site=0x0 ptr=ffff000008184c00 bytes_req=256 bytes_alloc=256 gfp_flags=GFP_KERNEL "
              "node=-1 accounted=false");
    const Event free = slab_event_of(se::kmem_cache_free, {0x48184c00, cache});
    EXPECT_EQ(trace_text(machine, free), "kmem_cache_free: call_site=0x0 ptr=ffff000008184c00 name=kmalloc-256");
    const Machine old = machine_of(kernel_version::v5_10);
    EXPECT_EQ(trace_text(old, free), "kmem_cache_free: call_site=0x0 ptr=ffff000008184c00");
    const Machine i386 = machine_of(kernel_version::v6_1, architecture::i386);
    EXPECT_EQ(trace_text(i386, slab_event_of(se::kfree, {0x1234560})), "kfree: call_site=0x0 ptr=c1234560");
}

TEST(TraceText, OnlyTracepointsHaveALine) {
    const Machine machine = machine_of(kernel_version::v6_1);
    for (const u16 kind : event_kinds()) {
        Event event;
        event.kind = kind;
        EXPECT_EQ(trace_text(machine, event).empty(), !event_spec(kind).tracepoint) << event_spec(kind).name;
    }
}

} // namespace
} // namespace mm
