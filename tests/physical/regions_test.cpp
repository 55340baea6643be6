// Lists of memory regions: what is refused with its place, and pageblocks that zones and nodes share.
#include "both_languages.h"
#include "physical/boot.h"
#include "physical/buddy.h"
#include "physical/events.h"
#include "physical/fallback.h"
#include "physical/machines.h"

namespace mm {
namespace {

using test::Bench;
using enum kernel_version;

constexpr u64 KiB = 1ull << 10, MiB = 1ull << 20, GiB = 1ull << 30;

machine_profile profile_with(std::vector<memory_region> memory, kernel_version kernel = v6_1,
                             architecture arch = architecture::arm64, u32 page_size = 4096) {
    machine_profile profile;
    profile.arch = arch;
    profile.kernel = kernel;
    profile.page_size = page_size;
    profile.memory = std::move(memory);
    for (const memory_region& region : profile.memory) profile.nodes = std::max<u8>(profile.nodes, region.node + 1);
    return profile;
}

std::string complaint(const machine_profile& profile) {
    const auto error = check_profile(profile);
    return error ? error->path + ": " + test::in_both(*error).message : "accepted";
}

std::string list_complaint(const machine_profile& profile) { return complaint(profile).substr(0, 60); }

// ---- frames ------------------------------------------------------------------------------------------------------------

// pfn_t has 32 bits. 2^20 of them are kept for what stands behind the memory, so memory ends at frame 0xfff00000.
TEST(Regions, MemoryEndsWhereFrameNumbersDo) {
    for (const u64 page : {4 * KiB, 16 * KiB, 64 * KiB}) {
        const u64 limit = 0xfff00000ull * page;
        const u64 size = 512 * page * 8; // whole pageblocks with 4 KiB
        machine_profile fits =
            profile_with({{limit - size, size, 0}}, v6_12, architecture::arm64, static_cast<u32>(page));
        EXPECT_EQ(complaint(fits), "accepted") << page;
        Bench bench(fits);
        bench.expect_sound();
        const pfn_t last = bench.alloc(0);
        EXPECT_GE(last, 0xfff00000u - size / page);
        EXPECT_LT(last, 0xfff00000u);
        machine_profile over = fits;
        over.memory[0].start += page;
        char wrong[200];
        std::snprintf(wrong, sizeof wrong,
                      "memory[0].start: ends at 0x%llx; memory ends at 0x%llx at the latest, with pages of %llu bytes: "
                      "the numbers of "
                      "frames have 32 bits, and the last 2^20 below 2^32 are kept free",
                      static_cast<unsigned long long>(limit + page), static_cast<unsigned long long>(limit),
                      static_cast<unsigned long long>(page));
        EXPECT_EQ(complaint(over), wrong);
        // An end of exactly 2^32 frames is 0 in 32 bits; what lies behind wraps to frames that there are.
        for (const u64 frame : {0x100000000ull - 512, 0x100000000ull, 0x100000001ull, 0x100000000ull * 15})
            EXPECT_EQ(complaint(profile_with({{frame * page, 512 * page, 0}}, v6_1, architecture::arm64,
                                             static_cast<u32>(page)))
                          .substr(0, 25),
                      "memory[0].start: ends at ");
    }
    EXPECT_EQ(list_complaint(profile_with({{~0ull - 4095, 8192, 0}})),
              "memory[0].start: ends behind the last address of 64 bits; me");
}

TEST(Regions, EveryListIsHeldToTheFrames) {
    const memory_region high{1ull << 44, 4 * MiB, 0};
    const machine_profile sound = profile_with({{GiB, 64 * MiB, 0}}, v6_12);
    ASSERT_EQ(complaint(sound), "accepted");
    machine_profile reserved = sound, cma = sound, device = sound, memory = sound;
    memory.memory.push_back(high);
    reserved.reserved.push_back(high);
    cma.cma.push_back(high);
    device.device.push_back(high);
    const std::string wrong = "].start: ends at 0x100000400000; memory ends at 0xfff00000000 ";
    EXPECT_TRUE(complaint(memory).starts_with("memory[1" + wrong)) << complaint(memory);
    EXPECT_TRUE(complaint(reserved).starts_with("reserved[0" + wrong)) << complaint(reserved);
    EXPECT_TRUE(complaint(cma).starts_with("cma[0" + wrong)) << complaint(cma);
    EXPECT_TRUE(complaint(device).starts_with("device[0" + wrong)) << complaint(device);
}

// Entries of i386 have 32 bits: memory, and the tables that boot makes behind it, end at 4 GiB.
TEST(Regions, I386EndsAt4GiB) {
    const u64 limit = 4 * GiB - 4 * MiB;
    const machine_profile fits = profile_with({{limit - 16 * MiB, 16 * MiB, 0}}, v6_1, architecture::i386);
    EXPECT_EQ(complaint(fits), "accepted");
    Bench bench(fits);
    bench.expect_sound();
    const machine_profile over = profile_with({{limit, MiB, 0}}, v6_1, architecture::i386);
    EXPECT_EQ(complaint(over),
              "memory[0].start: ends at 0xffd00000; memory ends at 0xffc00000 at the latest, with pages "
              "of 4096 bytes: i386 without PAE has physical addresses of 32 bits, and the last 2^10 "
              "frames below 2^20 are kept free");
}

// ---- lists -------------------------------------------------------------------------------------------------------------

// Memory and reserved ranges come from firmware and are joined (memblock_test.cpp); areas that nobody but a profile gives are
// not.
TEST(Regions, AreasThatOverlapAreRefusedWithTheirPlace) {
    const std::string wrong = "[1].start: overlaps the region before it; regions stand in ascending order";
    EXPECT_EQ(complaint(profile_with({{GiB, 64 * MiB, 0}, {GiB + 64 * MiB - 4096, MiB, 0}})), "accepted");
    EXPECT_EQ(complaint(profile_with({{GiB, 64 * MiB, 0}, {GiB - MiB, MiB, 0}})), "accepted") << "not ascending";
    EXPECT_EQ(complaint(profile_with({{GiB, 64 * MiB, 0}, {GiB + 64 * MiB, MiB, 0}})), "accepted") << "they touch";
    machine_profile reserved = profile_with({{GiB, 64 * MiB, 0}}, v6_12), cma = reserved, device = reserved;
    reserved.reserved = {{GiB, 100, 0}, {GiB + 99, 100, 0}};
    EXPECT_EQ(complaint(reserved), "accepted");
    cma.cma = {{GiB, 8 * MiB, 0}, {GiB + 4 * MiB, 8 * MiB, 0}};
    EXPECT_EQ(complaint(cma), "cma" + wrong);
    device.device = {{2 * GiB, 4 * MiB, 0}, {2 * GiB + 2 * MiB, 4 * MiB, 0}};
    EXPECT_EQ(complaint(device), "device" + wrong);
    // A device that only begins, and one that only ends, in the memory.
    for (const u64 start : {GiB - 2 * MiB, GiB + 62 * MiB}) {
        device.device = {{start, 4 * MiB, 0}};
        EXPECT_EQ(complaint(device), "device[0].start: overlaps memory; a device brings memory of its own");
    }
}

// Before 5.18 CMA merges with others up to the largest block, so areas are aligned to it. kernel: cma_declare_contiguous,
// CMA_MIN_ALIGNMENT_BYTES
TEST(Regions, CmaIsAlignedAsTheKernelAlignsIt) {
    machine_profile profile = profile_with({{GiB, 64 * MiB, 0}}, v5_10);
    profile.cma = {{GiB + 2 * MiB, 2 * MiB, 0}};
    EXPECT_EQ(complaint(profile), "cma[0].start: is not a whole number of blocks of 4194304 bytes");
    profile.cma = {{GiB + 4 * MiB, 4 * MiB, 0}};
    EXPECT_EQ(complaint(profile), "accepted");
    Bench(profile).expect_sound();
    profile.kernel = v6_1;
    profile.cma = {{GiB + 2 * MiB, 2 * MiB, 0}};
    EXPECT_EQ(complaint(profile), "accepted");
    Bench(profile).expect_sound();
    profile.cma[0].start += MiB;
    EXPECT_EQ(complaint(profile), "cma[0].start: is not a whole number of pageblocks of 2097152 bytes");
}

// ---- pageblocks that are shared ----------------------------------------------------------------------------------------

// The page allocator alone, as it has booted.
struct Memory {
    explicit Memory(const machine_profile& profile) : mem(boot(profile, sink)) {
        EXPECT_FALSE(check_profile(profile)) << complaint(profile);
    }
    physical_context cx() { return {mem, sink, 0, 1}; }
    zone& zone_of(pfn_t pfn) { return mem.zones[mem.page_zone(pfn)]; }
    u32 free_of(const zone& z, migratetype type) const {
        u32 pages = 0;
        for (u32 order = 0; order < mem.nr_orders; ++order) pages += z.area[order].free_list[type].nr << order;
        return pages;
    }
    void expect_sound() const { EXPECT_EQ(verify_physical(mem).value_or("sound"), "sound"); }

    EventSink sink;
    physical_memory mem;
};

//   pageblock   0x40000                         0x40200
//               [ node 0, 256 │ node 1, 256 ]   [ node 0, 512 ]
TEST(SharedPageblock, OnlyPagesOfTheZoneMove) {
    for (const kernel_version kernel : {v5_10, v6_1, v6_12}) {
        Memory m(profile_with({{GiB, MiB, 0}, {GiB + MiB, MiB, 1}, {GiB + 2 * MiB, 2 * MiB, 0}}, kernel));
        zone &near = m.zone_of(0x40000), &far = m.zone_of(0x40100);
        ASSERT_NE(near.number, far.number);
        physical_context cx = m.cx();
        EXPECT_EQ(move_freepages_block(cx, near, 0x40000, MIGRATE_UNMOVABLE), 256u);
        EXPECT_EQ(m.free_of(near, MIGRATE_UNMOVABLE), 256u);
        EXPECT_EQ(m.free_of(near, MIGRATE_MOVABLE), 512u);
        EXPECT_EQ(m.free_of(far, MIGRATE_UNMOVABLE), 0u);
        EXPECT_EQ(m.free_of(far, MIGRATE_MOVABLE), 256u);
        m.expect_sound();
    }
}

// Takes from another type for a request, and says whether the whole pageblock was claimed.
bool claims(Memory& m, zone& z, migratetype type) {
    std::vector<Event> events;
    m.sink.store_in(&events);
    physical_context cx = m.cx();
    if (m.mem.rules.fallback_by_mode())
        static_cast<void>(rmqueue_claim(cx, z, 0, type, 0));
    else
        EXPECT_TRUE(rmqueue_fallback(cx, z, 0, type, 0));
    return std::any_of(events.begin(), events.end(), [](const Event& event) {
        return event.kind == static_cast<u16>(physical_event::pageblock_claim);
    });
}

// A movable request claims an unmovable pageblock of which half is free: 256 of 512 pages. Node 0 has 256, or one less; what
// node 1 has free there must not help.
TEST(SharedPageblock, OnlyFreePagesOfTheZoneCount) {
    for (const kernel_version kernel : {v5_10, v6_1, v6_12}) {
        for (const bool one_less : {false, true}) {
            machine_profile profile =
                profile_with({{GiB, MiB, 0}, {GiB + MiB, MiB, 1}, {GiB + 2 * MiB, 2 * MiB, 0}}, kernel);
            if (one_less) profile.reserved.push_back({GiB, 4096, 0});
            profile.reserved.push_back({GiB + 2 * MiB, 2 * MiB, 0});
            Memory m(profile);
            zone& near = m.zone_of(0x40000);
            physical_context cx = m.cx();
            EXPECT_EQ(move_freepages_block(cx, near, 0x40000, MIGRATE_UNMOVABLE), one_less ? 255u : 256u);
            m.mem.set_block_type(0x40000, MIGRATE_UNMOVABLE);
            EXPECT_EQ(claims(m, near, MIGRATE_MOVABLE), !one_less);
        }
    }
}

// A reclaimable request claims a movable pageblock unless more than half of it holds movable pages. Node 0 has 128 of them;
// with the 256 of node 1 it would be too many.
TEST(SharedPageblock, OnlyPagesInUseOfTheZoneCount) {
    for (const kernel_version kernel : {v5_10, v6_1, v6_12}) {
        machine_profile profile =
            profile_with({{GiB, MiB, 0}, {GiB + MiB, MiB, 1}, {GiB + 2 * MiB, 2 * MiB, 0}}, kernel);
        profile.reserved.push_back({GiB + 2 * MiB, 2 * MiB, 0});
        Memory m(profile);
        zone &near = m.zone_of(0x40000), &far = m.zone_of(0x40100);
        physical_context cx = m.cx();
        for (const pfn_t held :
             {rmqueue_smallest(cx, near, 7, MIGRATE_MOVABLE), rmqueue_smallest(cx, far, 8, MIGRATE_MOVABLE)}) {
            ASSERT_NE(held, PFN_NONE);
            page& head = m.mem.page_mut(held); // as a recorded machine has them
            head.set_state(page_state::allocated);
            head.stamp = 0;
        }
        EXPECT_TRUE(claims(m, near, MIGRATE_RECLAIMABLE));
    }
}

// A zone that begins inside a pageblock, and one that ends there.
//
//   0x40000          0x40080           0x40200                    0x40300     0x40400
//   [ no memory      │ zone            │ zone                     │ no memory ]
TEST(SharedPageblock, ABlockAtTheZonesBeginMovesFromThePageOn) {
    Memory m(profile_with({{GiB + 512 * KiB, 2 * MiB + 512 * KiB, 0}}));
    zone& z = m.zone_of(0x40080);
    physical_context cx = m.cx();
    EXPECT_EQ(move_freepages_block(cx, z, 0x40100, MIGRATE_UNMOVABLE), 256u) << "0x40100 to 0x401ff";
    EXPECT_EQ(m.free_of(z, MIGRATE_MOVABLE), 128u + 256u);
    m.expect_sound();
}

TEST(SharedPageblock, ABlockAtTheZonesEndDoesNotMove) {
    Memory m(profile_with({{GiB + 512 * KiB, 2 * MiB + 512 * KiB, 0}}));
    zone& z = m.zone_of(0x40080);
    physical_context cx = m.cx();
    EXPECT_EQ(move_freepages_block(cx, z, 0x40200, MIGRATE_UNMOVABLE), 0u);
    EXPECT_EQ(m.free_of(z, MIGRATE_UNMOVABLE), 0u);
    m.expect_sound();
}

// 6.12 leaves such a pageblock its type: a request takes a page of another type instead. kernel: prep_move_freepages_block
TEST(SharedPageblock, IsNotClaimed) {
    for (const u64 start : {GiB, GiB + MiB}) { // the zone ends in the pageblock; it begins there
        Memory m(profile_with({{start, MiB, 0}}, v6_12));
        zone& z = m.zone_of(static_cast<pfn_t>(start >> 12));
        physical_context cx = m.cx();
        EXPECT_EQ(rmqueue_claim(cx, z, 0, MIGRATE_UNMOVABLE, 0), PFN_NONE);
        m.expect_sound();
        EXPECT_NE(rmqueue_steal(cx, z, 0, MIGRATE_UNMOVABLE), PFN_NONE);
        EXPECT_EQ(m.mem.block_type(static_cast<pfn_t>(start >> 12)), MIGRATE_MOVABLE);
    }
}

// 208 MiB of CMA make the zone large enough for a reserve; what is not CMA is half a pageblock, at its end or its begin.
// kernel: reserve_highatomic_pageblock, where move_freepages_block() says -1 since 6.10
TEST(SharedPageblock, IsNotReservedForAtomicRequestsSince610) {
    for (const kernel_version kernel : {v6_1, v6_12}) {
        for (const bool at_end : {true, false}) {
            const u64 cma = GiB + 4 * MiB, half = at_end ? cma + 208 * MiB : cma - MiB;
            machine_profile profile = profile_with({{std::min(cma, half), 209 * MiB, 0}}, kernel);
            profile.cma = {{cma, 208 * MiB, 0}};
            profile.sysctl.min_free_kbytes = 128;
            profile.sysctl.user_min_free = true;
            Memory m(profile);
            physical_context cx = m.cx();
            const gfp_t atomic =
                kernel == v6_12 ? GFP_NOWAIT | GFP_BIT_HIGH : GFP_NOWAIT | GFP_BIT_HIGH | GFP_BIT_ATOMIC;
            // The first ones are served from what is above the low watermark.
            pfn_t pfn = PFN_NONE;
            for (int i = 0; i < 8; ++i) pfn = alloc_pages(cx, {1, atomic, -1});
            ASSERT_NE(pfn, PFN_NONE);
            ASSERT_EQ(pfn >> 9 << 9, static_cast<pfn_t>(half >> 12) >> 9 << 9) << "the half pageblock";
            EXPECT_EQ(m.zone_of(pfn).nr_reserved_highatomic, kernel == v6_12 ? 0u : 512u);
            EXPECT_EQ(m.mem.block_type(pfn) == MIGRATE_HIGHATOMIC, kernel != v6_12);
            m.expect_sound();
        }
    }
}

// Nodes that alternate inside pageblocks, the case that no firmware has: any request, until nothing is left, and back.
TEST(SharedPageblock, AlternatingNodesServeUntilNothingIsLeft) {
    for (const kernel_version kernel : {v5_10, v6_1, v6_12}) {
        for (const architecture arch : {architecture::arm64, architecture::x86_64, architecture::i386}) {
            std::vector<memory_region> memory;
            u64 at = 15 * MiB; // with ZONE_DMA's end of x86 inside
            for (u32 i = 0; i < 24; ++i) {
                const u64 size = i % 3 == 2 ? 3 * MiB / 2 : MiB;
                memory.push_back({at, size, static_cast<u8>(i % 3 % 2)});
                at += size;
            }
            Bench bench(profile_with(memory, kernel, arch));
            std::vector<std::pair<pfn_t, u32>> got;
            const gfp_t kinds[] = {GFP_KERNEL, GFP_KERNEL | GFP_BIT_RECLAIMABLE,
                                   GFP_KERNEL | GFP_BIT_HIGHMEM | GFP_BIT_MOVABLE, GFP_NOWAIT | GFP_BIT_HIGH};
            for (u32 i = 0, failed = 0; failed < 16; ++i) {
                const u32 order = i % 7 == 0 ? 3 : i % 3;
                const pfn_t pfn = bench.alloc(order, kinds[i % 4], static_cast<int>(i / 5 % 2));
                if (pfn == PFN_NONE)
                    ++failed;
                else
                    got.emplace_back(pfn, order);
            }
            ASSERT_GT(got.size(), 1000u);
            bench.expect_sound();
            for (std::size_t i = 0; i < got.size(); i += 2) bench.free(got[i].first, got[i].second);
            bench.expect_sound();
            for (std::size_t i = 1; i < got.size(); i += 2) bench.free(got[i].first, got[i].second);
            bench.expect_sound();
        }
    }
}

// They touch on a pageblock's border: nothing is shared.
TEST(SharedPageblock, NodesThatTouchOnItsBorderShareNothing) {
    Memory m(profile_with({{GiB, 2 * MiB, 0}, {GiB + 2 * MiB, 2 * MiB, 1}}, v6_12));
    zone& near = m.zone_of(0x40000);
    physical_context cx = m.cx();
    EXPECT_EQ(move_freepages_block(cx, near, 0x40000, MIGRATE_UNMOVABLE), 512u);
    EXPECT_EQ(m.free_of(m.zone_of(0x40200), MIGRATE_MOVABLE), 512u);
    m.expect_sound();
}

} // namespace
} // namespace mm
