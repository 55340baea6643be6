// ZONE_MOVABLE and ZONE_DEVICE. Expected values are worked out by hand from the rules of the kernel functions that the
// tests name; 4 KiB pages, largest block 1024 pages.
#include <gtest/gtest.h>

#include "both_languages.h"
#include "physical/boot.h"
#include "physical/events.h"
#include "physical/machines.h"
#include "physical/procfs.h"

namespace mm {
namespace {

constexpr u64 MiB = 1ull << 20, GiB = 1ull << 30;

// arm64, memory from 1 GiB up, nothing reserved: ZONE_DMA below 4 GiB (0x40000 to 0x100000), ZONE_NORMAL above.
machine_profile arm64(u64 bytes, kernel_version kernel = kernel_version::v6_1) {
    machine_profile profile;
    profile.kernel = kernel;
    profile.memory = {{GiB, bytes, 0}};
    profile.sysctl.transparent_hugepage = false;
    return profile;
}

const zone& zone_at(const physical_memory& mem, u8 node, zone_type type) {
    for (const zone& z : mem.zones)
        if (z.node == node && z.type == type) return z;
    ADD_FAILURE() << "no such zone";
    return mem.zones.front();
}

struct Span {
    pfn_t start, end;
    friend bool operator==(const Span&, const Span&) = default;
    friend void PrintTo(const Span& span, std::ostream* out) { *out << std::hex << span.start << " to " << span.end; }
};

Span span(const physical_memory& mem, u8 node, zone_type type) {
    const zone& z = zone_at(mem, node, type);
    EXPECT_EQ(z.spanned_pages, z.present_pages);
    return {z.start_pfn, z.end_pfn()};
}

constexpr Span NONE{0, 0};

// find_zone_movable_pfns_for_nodes: zones below movable_zone count as kernelcore. 3 GiB of ZONE_DMA are more than the
// 2 GiB that are asked for, so all of ZONE_NORMAL becomes ZONE_MOVABLE.
TEST(ZoneMovable, LowZonesAreKernelcoreInAnyCase) {
    machine_profile profile = arm64(4 * GiB);
    profile.kernelcore.bytes = 2 * GiB;
    test::Bench bench(profile);
    EXPECT_EQ(bench.mem().movable_zone, zone_type::normal);
    EXPECT_EQ(span(bench.mem(), 0, zone_type::dma), (Span{0x40000, 0x100000}));
    EXPECT_EQ(span(bench.mem(), 0, zone_type::normal), NONE);
    EXPECT_EQ(span(bench.mem(), 0, zone_type::movable), (Span{0x100000, 0x140000}));
    bench.expect_sound();
}

// 1048576 − 131072 pages are kernelcore, 786432 of them below ZONE_NORMAL: 131072 = 0x20000 remain in it.
TEST(ZoneMovable, MovablecoreComesOutOfTheEndOfTheHighestZone) {
    machine_profile profile = arm64(4 * GiB);
    profile.movablecore.bytes = 512 * MiB;
    test::Bench bench(profile);
    EXPECT_EQ(span(bench.mem(), 0, zone_type::normal), (Span{0x100000, 0x120000}));
    EXPECT_EQ(span(bench.mem(), 0, zone_type::movable), (Span{0x120000, 0x140000}));
    bench.expect_sound();
}

// 131073 pages become 132096, whole blocks: the start moves down by one block of 0x400.
TEST(ZoneMovable, MovablecoreIsRoundedUpToWholeBlocks) {
    machine_profile profile = arm64(4 * GiB);
    profile.movablecore.bytes = 512 * MiB + 4096;
    test::Bench bench(profile);
    EXPECT_EQ(span(bench.mem(), 0, zone_type::movable), (Span{0x11fc00, 0x140000}));
}

// 80% of 1048576 is 838860; less 786432 it is 52428 = 0xcccc, rounded up to 0xd000.
TEST(ZoneMovable, PercentIsOfAllMemoryAndTheStartIsRoundedUp) {
    machine_profile profile = arm64(4 * GiB);
    profile.kernelcore.percent = 80;
    test::Bench bench(profile);
    EXPECT_EQ(span(bench.mem(), 0, zone_type::normal), (Span{0x100000, 0x10d000}));
    EXPECT_EQ(span(bench.mem(), 0, zone_type::movable), (Span{0x10d000, 0x140000}));
}

TEST(ZoneMovable, TheLargerDemandForKernelcoreWins) {
    machine_profile profile = arm64(4 * GiB);
    profile.movablecore.bytes = 512 * MiB; // leaves 3584 MiB
    profile.kernelcore.bytes = 3840 * MiB; // 983040 pages: 0x30000 of them in ZONE_NORMAL
    test::Bench bench(profile);
    EXPECT_EQ(span(bench.mem(), 0, zone_type::movable), (Span{0x130000, 0x140000}));
}

TEST(ZoneMovable, IsNotThereWhenKernelcoreIsNothingOrEverything) {
    machine_profile all = arm64(GiB);
    all.kernelcore.bytes = GiB;
    EXPECT_FALSE(zone_at(test::Bench(all).mem(), 0, zone_type::movable).populated());
    machine_profile nothing = arm64(GiB);
    nothing.movablecore.bytes = 2 * GiB; // more than there is: corepages is 0
    EXPECT_FALSE(zone_at(test::Bench(nothing).mem(), 0, zone_type::movable).populated());
}

// Nodes of 1 GiB each, all of it ZONE_DMA: half of the 1 GiB of kernelcore in each.
TEST(ZoneMovable, KernelcoreIsSpreadEvenlyOverNodes) {
    machine_profile profile = arm64(GiB);
    profile.nodes = 2;
    profile.memory = {{GiB, GiB, 0}, {2 * GiB, GiB, 1}};
    profile.kernelcore.bytes = GiB;
    test::Bench bench(profile);
    EXPECT_EQ(bench.mem().movable_zone, zone_type::dma);
    EXPECT_EQ(span(bench.mem(), 0, zone_type::movable), (Span{0x60000, 0x80000}));
    EXPECT_EQ(span(bench.mem(), 1, zone_type::movable), (Span{0xa0000, 0xc0000}));
    bench.expect_sound();
}

// Node 0 has 256 MiB, less than its share of 512. The rest goes to node 1 in the next pass: 768 MiB = 0x30000 pages.
TEST(ZoneMovable, ANodeTooSmallForItsShareLeavesTheRestToOthers) {
    machine_profile profile = arm64(GiB);
    profile.nodes = 2;
    profile.memory = {{GiB, 256 * MiB, 0}, {GiB + 256 * MiB, 1792 * MiB, 1}};
    profile.kernelcore.bytes = GiB;
    test::Bench bench(profile);
    EXPECT_EQ(span(bench.mem(), 0, zone_type::dma), (Span{0x40000, 0x50000}));
    EXPECT_EQ(span(bench.mem(), 0, zone_type::movable), NONE);
    EXPECT_EQ(span(bench.mem(), 1, zone_type::dma), (Span{0x50000, 0x80000}));
    EXPECT_EQ(span(bench.mem(), 1, zone_type::movable), (Span{0x80000, 0xc0000}));
}

// i386: movable_zone is HighMem, so ZONE_MOVABLE is highmem too (is_highmem_idx): min = 16384 / 1024, at least 32.
TEST(ZoneMovable, OfI386ComesOutOfHighmemAndIsHighmem) {
    machine_profile profile;
    profile.arch = architecture::i386;
    profile.memory = {{0, GiB, 0}};
    profile.movablecore.bytes = 64 * MiB;
    profile.sysctl.transparent_hugepage = false;
    test::Bench bench(profile);
    EXPECT_EQ(bench.mem().movable_zone, zone_type::highmem);
    EXPECT_EQ(span(bench.mem(), 0, zone_type::highmem), (Span{0x36bfe, 0x3c000}));
    EXPECT_EQ(span(bench.mem(), 0, zone_type::movable), (Span{0x3c000, 0x40000}));
    EXPECT_EQ(zone_at(bench.mem(), 0, zone_type::movable).watermark[WMARK_MIN], 32u);
}

// __setup_per_zone_wmarks. min_free_kbytes 8192 is 2048 pages; DMA 786432, Normal and Movable 131072 managed pages each.
machine_profile marked(kernel_version kernel) {
    machine_profile profile = arm64(4 * GiB, kernel);
    profile.movablecore.bytes = 512 * MiB;
    profile.sysctl.min_free_kbytes = 8192;
    profile.sysctl.user_min_free = true;
    return profile;
}

using Marks = std::array<u32, NR_WMARK>;

// Before 6.6 ZONE_MOVABLE shares in min_free_kbytes: 2048 × 131072 / 1048576 = 256, and the gap is
// max(256 / 4, 131072 / 1000) = 131. DMA: 2048 × 786432 / 1048576 = 1536, gap 786.
TEST(ZoneMovable, SharesTheMinWatermarkBefore6_6) {
    for (kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1}) {
        test::Bench bench(marked(kernel));
        EXPECT_EQ(zone_at(bench.mem(), 0, zone_type::movable).watermark, (Marks{256, 387, 518}));
        EXPECT_EQ(zone_at(bench.mem(), 0, zone_type::dma).watermark, (Marks{1536, 2322, 3108}));
    }
}

// Since 6.6 it does not: min is 131072 / 1024 = 128, and the others share by 917504 pages: DMA 2048 × 786432 / 917504.
TEST(ZoneMovable, HasASmallMinWatermarkSince6_6) {
    test::Bench bench(marked(kernel_version::v6_12));
    EXPECT_EQ(zone_at(bench.mem(), 0, zone_type::movable).watermark, (Marks{128, 259, 390}));
    EXPECT_EQ(zone_at(bench.mem(), 0, zone_type::dma).watermark, (Marks{1755, 2541, 3327}));
    EXPECT_EQ(zone_at(bench.mem(), 0, zone_type::normal).watermark, (Marks{292, 423, 554}));
}

// setup_per_zone_lowmem_reserve: DMA keeps 131072 / 256 from Normal's requests and 262144 / 256 from Movable's, Normal
// keeps 131072 / 32. 6.12 has one column more, ZONE_DEVICE, which adds no pages.
TEST(ZoneMovable, LowZonesAreProtectedFromRequestsThatMayUseIt) {
    using Reserve = std::array<u32, MAX_NR_ZONES>;
    for (kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        test::Bench bench(marked(kernel));
        const bool device = kernel == kernel_version::v6_12;
        EXPECT_EQ(zone_at(bench.mem(), 0, zone_type::dma).lowmem_reserve,
                  (Reserve{0, 0, 512, 1024, device ? 1024u : 0u, 0}));
        EXPECT_EQ(zone_at(bench.mem(), 0, zone_type::normal).lowmem_reserve,
                  (Reserve{0, 0, 0, 4096, device ? 4096u : 0u, 0}));
        EXPECT_EQ(zone_at(bench.mem(), 0, zone_type::movable).lowmem_reserve, Reserve{});
    }
}

std::vector<std::string> zonelist(const physical_memory& mem) {
    std::vector<std::string> names;
    for (u8 number : mem.nodes[0].node_zonelists[ZONELIST_FALLBACK]) names.emplace_back(mem.zones[number].name());
    return names;
}

TEST(ZoneMovable, ServesOnlyRequestsForMovableHighmem) {
    test::Bench bench(marked(kernel_version::v6_1));
    EXPECT_EQ(zonelist(bench.mem()), (std::vector<std::string>{"Movable", "Normal", "DMA"}));
    const auto zone_of = [&](gfp_t gfp) { return bench.mem().zones[bench.mem().page_zone(bench.alloc(0, gfp))].type; };
    EXPECT_EQ(zone_of(GFP_HIGHUSER_MOVABLE), zone_type::movable);
    EXPECT_EQ(zone_of(GFP_HIGHUSER), zone_type::normal);
    EXPECT_EQ(zone_of(GFP_USER | GFP_BIT_MOVABLE), zone_type::normal);
    EXPECT_EQ(zone_of(GFP_KERNEL), zone_type::normal);
    EXPECT_EQ(zone_of(GFP_KERNEL | GFP_BIT_DMA), zone_type::dma);
}

// The kernel's own requests fail while ZONE_MOVABLE is full of free pages.
TEST(ZoneMovable, IsNoRefugeForKernelRequests) {
    machine_profile profile = arm64(128 * MiB);
    profile.movablecore.bytes = 64 * MiB;
    test::Bench bench(profile);
    while (bench.alloc(10, GFP_KERNEL) != PFN_NONE) {}
    EXPECT_LT(zone_at(bench.mem(), 0, zone_type::dma).nr_free_pages, 2048);
    EXPECT_EQ(zone_at(bench.mem(), 0, zone_type::movable).area[10].nr_free, 16u);
    // Movable requests go on below it once it is empty.
    for (int i = 0; i < 15; ++i) EXPECT_NE(bench.alloc(10, GFP_HIGHUSER_MOVABLE), PFN_NONE);
    bench.expect_sound();
}

TEST(ZoneMovable, TheBootTellsTheArithmetic) {
    machine_profile profile = arm64(4 * GiB);
    profile.movablecore.bytes = 512 * MiB;
    std::vector<Event> events;
    EventSink sink;
    sink.store_in(&events);
    static_cast<void>(boot(profile, sink));
    const auto find = [&](physical_event kind) {
        for (const Event& event : events)
            if (event.kind == static_cast<u16>(kind)) return event.arg;
        return decltype(Event::arg){-1};
    };
    EXPECT_EQ(find(physical_event::kernelcore_required), (decltype(Event::arg){1048576, 131072, 917504}));
    EXPECT_EQ(find(physical_event::zone_movable_placed), (decltype(Event::arg){0, 1, 0x120000, 2, 1024}));
}

// move_pfn_range_to_zone grows zone and node; nothing adds to present_pages or managed_pages (online_pages would).
TEST(ZoneDevice, IsSpannedButNeitherPresentNorManaged) {
    machine_profile profile = arm64(GiB, kernel_version::v6_12);
    profile.device = {{4 * GiB, 256 * MiB, 0}};
    test::Bench bench(profile);
    const zone& z = zone_at(bench.mem(), 0, zone_type::device);
    EXPECT_EQ(z.start_pfn, 0x100000u);
    EXPECT_EQ(z.spanned_pages, 65536u);
    EXPECT_EQ(z.present_pages, 0u);
    EXPECT_EQ(z.managed_pages, 0u);
    EXPECT_EQ(bench.mem().nodes[0].node_spanned_pages, 0x110000u - 0x40000u);
    EXPECT_EQ(bench.mem().nodes[0].node_present_pages, 262144u);
    EXPECT_EQ(zonelist(bench.mem()), std::vector<std::string>{"DMA"});
    EXPECT_NE(proc_zoneinfo(bench.mem())
                  .find("Node 0, zone   Device\n"
                        "  pages free     0\n"
                        "        boost    0\n"
                        "        min      0\n"
                        "        low      0\n"
                        "        high     0\n"
                        "        promo    0\n"
                        "        spanned  65536\n"
                        "        present  0\n"
                        "        managed  0\n"
                        "        cma      0\n"
                        "        protection: (0, 0, 0, 0, 0)\n"),
              std::string::npos)
        << proc_zoneinfo(bench.mem());
    EXPECT_EQ(proc_buddyinfo(bench.mem()).find("Device"), std::string::npos);
    bench.expect_sound();
}

TEST(ZoneDevice, LeavesTheOtherZonesAsTheyWere) {
    machine_profile profile = arm64(GiB, kernel_version::v6_12);
    const std::string without = proc_buddyinfo(test::Bench(profile).mem());
    profile.device = {{4 * GiB, 256 * MiB, 0}};
    EXPECT_EQ(proc_buddyinfo(test::Bench(profile).mem()), without);
}

// __init_zone_device_page sets PageReserved and a refcount of 1.
TEST(ZoneDevice, ItsPagesAreReserved) {
    machine_profile profile = arm64(GiB, kernel_version::v6_12);
    profile.device = {{4 * GiB, 2 * MiB, 0}};
    test::Bench bench(profile);
    EXPECT_EQ(bench.mem().page_at(0x100000).state(), page_state::reserved);
    EXPECT_EQ(bench.mem().page_at(0x100000).refcount, 1);
    EXPECT_EQ(bench.mem().zones[bench.mem().page_zone(0x1001ff)].type, zone_type::device);
    bench.free(0x100000, 0);
    ASSERT_NE(bench.find(physical_event::bad_page), nullptr);
    bench.expect_sound();
}

std::string complaint(const machine_profile& profile) {
    const auto error = check_profile(profile);
    return error ? error->path + ": " + test::in_both(*error).message : "accepted";
}

TEST(ZoneDevice, ErrorsSayWhatDoesNotFit) {
    machine_profile old = arm64(GiB);
    old.device = {{4 * GiB, 2 * MiB, 0}};
    EXPECT_EQ(complaint(old), "device: needs ZONE_DEVICE; Debian's 6.1 for arm64 is built without it");
    old.arch = architecture::x86_64;
    EXPECT_EQ(complaint(old), "accepted");
    machine_profile within = arm64(GiB, kernel_version::v6_12);
    within.device = {{GiB + 512 * MiB, 2 * MiB, 0}};
    EXPECT_EQ(complaint(within), "device[0].start: overlaps memory; a device brings memory of its own");
    machine_profile odd = arm64(GiB, kernel_version::v6_12);
    odd.device = {{4 * GiB + 4096, 2 * MiB, 0}};
    EXPECT_EQ(complaint(odd), "device[0].start: is not a whole number of subsections of 2 MiB");
    machine_profile percent = arm64(GiB);
    percent.kernelcore.percent = 101;
    EXPECT_EQ(complaint(percent), "kernelcore: 101% is above 100%");
}

} // namespace
} // namespace mm
