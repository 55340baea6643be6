#include <gtest/gtest.h>

#include "machine/narrate.h"
#include "physical/events.h"
#include "physical/gfp.h"

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

TEST(TraceText, OnlyTracepointsHaveALine) {
    const Machine machine = machine_of(kernel_version::v6_1);
    for (u16 kind = 0; kind < event_count(); ++kind) {
        Event event;
        event.kind = kind;
        EXPECT_EQ(trace_text(machine, event).empty(), !event_spec(kind).tracepoint) << event_spec(kind).name;
    }
}

}  // namespace
}  // namespace mm
