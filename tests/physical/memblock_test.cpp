// memblock: the recorded cases, allocation by hand-made holes, arrays that double, what a profile may give, and what boot makes
// of lists that ops have made.
#include "physical/memblock.h"

#include <algorithm>
#include <bit>
#include <bitset>

#include "base/rng.h"
#include "both_languages.h"
#include "golden_file.h"
#include "physical/boot.h"
#include "physical/machines.h"
#include "physical/memblock_event_rows.h"
#include "physical/memblock_profile.h"
#include "json/json.h"

namespace mm {
namespace {

using enum kernel_version;
using enum memblock_list;

constexpr u64 KiB = 1ull << 10, MiB = 1ull << 20, GiB = 1ull << 30;
constexpr kernel_version KERNELS[] = {v5_10, v6_1, v6_12};

// ---- a machine before boot, and ops on it ------------------------------------------------------------------------------

struct OpField {
    std::string_view name;
    u64 value;
};

class Early {
  public:
    explicit Early(kernel_version kernel = v6_1, architecture arch = architecture::x86_64, u8 nodes = 1)
        : Early(empty_profile(kernel, arch, nodes)) {}
    explicit Early(machine_profile profile) : machine(std::move(make_unbooted_machine(std::move(profile)).value())) {}

    static machine_profile empty_profile(kernel_version kernel, architecture arch, u8 nodes) {
        machine_profile profile = test::profile_of(64 * nodes, kernel, arch, nodes);
        profile.memblock_empty = true;
        return profile;
    }

    OpOutcome apply(std::string_view name, std::initializer_list<OpField> fields) {
        Op op;
        op.kind = find_op(name).value();
        const auto specs = op_spec(op.kind).field_list();
        for (std::size_t i = 0; i < specs.size(); ++i) {
            op.arg[i] = specs[i].default_value;
            for (const OpField& field : fields)
                if (field.name == specs[i].name) op.arg[i] = static_cast<i64>(field.value);
        }
        events.clear();
        EventSink sink;
        sink.store_in(&events);
        const OpOutcome outcome = mm::apply(machine, op, sink);
        const auto broken = verify(machine);
        EXPECT_FALSE(broken.has_value()) << name << ": " << *broken;
        return outcome;
    }
    OpOutcome add(u64 base, u64 size) { return apply("memblock_add", {{"base", base}, {"size", size}}); }
    OpOutcome add(u64 base, u64 size, u64 node) {
        return apply("memblock_add", {{"base", base}, {"size", size}, {"node", node}});
    }
    OpOutcome reserve(u64 base, u64 size) { return apply("memblock_reserve", {{"base", base}, {"size", size}}); }
    // 0: NULL.
    u64 alloc(std::initializer_list<OpField> fields) {
        apply("memblock_alloc", fields);
        const Event* found = find(memblock_event::alloc_done);
        return found ? Args<memblock_event::alloc_done>(*found).as<u64>("start") : 0;
    }
    const Event* find(memblock_event kind) const {
        for (const Event& event : events)
            if (event.kind == static_cast<u16>(kind)) return &event;
        return nullptr;
    }
    const memblock_state& blocks() const { return machine.physical.memblock; }
    std::string list(memblock_list which) const {
        std::string out;
        for (const memblock_region& region : blocks().list(which).regions) {
            char text[64];
            std::snprintf(text, sizeof text, "%s%llx-%llx", out.empty() ? "" : " ",
                          static_cast<unsigned long long>(region.base), static_cast<unsigned long long>(region.end()));
            out += text;
            if (region.nid != NUMA_NO_NODE) out += "@" + std::to_string(region.nid);
        }
        return out;
    }

    Machine machine;
    std::vector<Event> events;
};

// ---- the cases ---------------------------------------------------------------------------------------------------------

u64 hex_of(const JsonValue& value) { return std::stoull(value.string, nullptr, 16); }

std::vector<std::pair<u64, u64>> ranges_of(const JsonValue& list) {
    std::vector<std::pair<u64, u64>> ranges;
    for (const JsonValue& item : list.items) ranges.emplace_back(hex_of(item.items[0]), hex_of(item.items[1]));
    return ranges;
}

TEST(Memblock, ListsAreAsInTheKernelsOwnCases) {
    const auto file = parse_json(test::read_file(MMSCOPE_SOURCE_DIR "/tests/physical/memblock_cases.json"));
    ASSERT_TRUE(file.ok()) << file.error().text();
    const JsonValue* cases = file->find("cases");
    ASSERT_NE(cases, nullptr);
    EXPECT_EQ(cases->items.size(), 36u);
    for (const JsonValue& item : cases->items) {
        for (const kernel_version kernel : KERNELS) {
            const std::string name = item.find("name")->string + " " + std::string(kernel_version_name(kernel));
            const memblock_list which = item.find("list")->string == "memory" ? memory : reserved;
            Early early(kernel);
            for (const auto& [base, end] : ranges_of(*item.find("before")))
                which == memory ? early.add(base, end - base) : early.reserve(base, end - base);
            const std::string& call = item.find("call")->string;
            const OpOutcome outcome =
                item.find("align")
                    ? early.apply(call, {{"align", hex_of(*item.find("align"))}})
                    : early.apply(call, {{"base", hex_of(*item.find("base"))}, {"size", hex_of(*item.find("size"))}});
            EXPECT_EQ(outcome, OpOutcome::done) << name;
            std::vector<std::pair<u64, u64>> after;
            for (const memblock_region& region : early.blocks().list(which).regions)
                after.emplace_back(region.base, region.end());
            EXPECT_EQ(after, ranges_of(*item.find("after"))) << name;
            const memblock_type& list = early.blocks().list(which);
            if (const JsonValue* cnt = item.find("cnt")) {
                const std::string release(kernel_version_name(kernel));
                const i64 expected = cnt->kind == JsonValue::Kind::object ? cnt->find(release)->integer : cnt->integer;
                EXPECT_EQ(memblock_cnt({kernel}, list), expected) << name;
            }
            if (const JsonValue* total = item.find("total")) { EXPECT_EQ(list.total_size, hex_of(*total)) << name; }
        }
    }
}

// ---- lists against a plain model ---------------------------------------------------------------------------------------

// Bytes of a small space, each in the list or not. The list is minimal: as many regions as there are runs.
TEST(Memblock, ListsHoldTheBytesOfAPlainSet) {
    constexpr u64 SPACE = 400;
    Rng rng(17);
    const auto random = [&](u64 below) { return rng.next() % below; };
    for (int round = 0; round < 20; ++round) {
        Early early(KERNELS[round % 3]);
        std::bitset<SPACE> set;
        for (int step = 0; step < 60; ++step) {
            const u64 base = random(SPACE), size = random(std::min<u64>(SPACE - base, 40) + 1);
            const bool adds = random(3) > 0;
            ASSERT_EQ(early.apply(adds ? "memblock_reserve" : "memblock_free", {{"base", base}, {"size", size}}),
                      OpOutcome::done);
            for (u64 at = base; at < base + size; ++at) set[at] = adds;
            std::size_t runs = 0;
            for (u64 at = 0; at < SPACE; ++at) runs += set[at] && (at == 0 || !set[at - 1]);
            const memblock_type& list = early.blocks().reserved;
            EXPECT_EQ(list.regions.size(), runs);
            EXPECT_EQ(list.total_size, set.count());
            for (const memblock_region& region : list.regions)
                for (u64 at = region.base; at < region.end(); ++at) EXPECT_TRUE(set[at]) << at;
        }
    }
}

// The highest, or lowest, aligned place where no byte is taken, by trying each.
TEST(Memblock, AnAllocationTakesTheFirstPlaceFromItsEnd) {
    constexpr u64 BASE = 0x10000, SPACE = 512; // above the first page
    Rng rng(23);
    const auto random = [&](u64 below) { return rng.next() % below; };
    for (int round = 0; round < 60; ++round) {
        Early early(KERNELS[round % 3]);
        const bool bottom_up = round % 2 == 1;
        early.apply("memblock_set_bottom_up", {{"enable", bottom_up}});
        early.add(BASE, SPACE);
        std::bitset<SPACE> taken;
        for (int step = 0; step < 12; ++step) {
            const u64 base = random(SPACE), size = random(30) + 1;
            early.reserve(BASE + base, size);
            for (u64 at = base; at < std::min(base + size, SPACE); ++at) taken[at] = true;
        }
        for (int step = 0; step < 12; ++step) {
            const u64 size = random(40) + 1, align = 1ull << random(7), low = random(SPACE), high = low + random(SPACE);
            u64 expected = 0;
            for (u64 at = 0; at + size <= SPACE; ++at) {
                bool fits = at >= low && at + size <= high && (BASE + at) % align == 0;
                for (u64 i = at; fits && i < at + size; ++i) fits = !taken[i];
                if (!fits) continue;
                if (expected == 0 || !bottom_up) expected = BASE + at;
            }
            early.apply("memblock_phys_alloc_range",
                        {{"size", size}, {"align", align}, {"min_addr", BASE + low}, {"max_addr", BASE + high}});
            const Event* done = early.find(memblock_event::alloc_done);
            EXPECT_EQ(done ? Args<memblock_event::alloc_done>(*done).as<u64>("start") : 0, expected)
                << size << " bytes, align " << align << ", " << low << " to " << high;
            for (u64 at = expected - BASE; expected && at < expected - BASE + size; ++at) taken[at] = true;
        }
    }
}

// ---- allocation, by hand -----------------------------------------------------------------------------------------------

//   1M ──────────────────────────────── 17M        reserved: 8M..9M
TEST(MemblockAlloc, TopDownTakesTheEndOfTheHighestHole) {
    for (const kernel_version kernel : KERNELS) {
        Early early(kernel);
        early.add(MiB, 16 * MiB);
        early.reserve(8 * MiB, MiB);
        EXPECT_EQ(early.alloc({{"size", MiB}}), 16 * MiB);
        EXPECT_EQ(early.alloc({{"size", 100}}), 16 * MiB - 128) << "aligned down to a cache line";
        EXPECT_EQ(early.list(reserved), "800000-900000 ffff80-ffffe4 1000000-1100000");
        EXPECT_EQ(early.alloc({{"size", 28}, {"align", 4}}), 16 * MiB - 28) << "the crumb behind those 100 bytes";
        EXPECT_EQ(early.alloc({{"size", 8 * MiB}}), 0u) << "no hole is so large";
        EXPECT_EQ(early.alloc({{"size", 7 * MiB}, {"align", MiB}}), MiB);
    }
}

TEST(MemblockAlloc, BottomUpTakesTheBeginOfTheLowestHole) {
    Early early;
    early.add(0, 16 * MiB);
    early.apply("memblock_set_bottom_up", {{"enable", 1}});
    EXPECT_EQ(early.alloc({{"size", 64}}), 4096u) << "never the first page";
    EXPECT_EQ(early.alloc({{"size", 64}, {"min_addr", MiB + 1}}), MiB + 64);
    EXPECT_EQ(early.alloc({{"size", 64}, {"align", 2 * MiB}}), 2 * MiB);
}

TEST(MemblockAlloc, LimitsAboveHoldAndLimitsBelowAreWishes) {
    Early early;
    early.add(MiB, 15 * MiB);
    EXPECT_EQ(early.alloc({{"size", MiB}, {"max_addr", 4 * MiB}}), 3 * MiB);
    EXPECT_EQ(early.alloc({{"size", 2 * MiB}, {"min_addr", 15 * MiB}}), 14 * MiB) << "below it";
    ASSERT_NE(early.find(memblock_event::alloc_again), nullptr);
    EXPECT_EQ(
        early.apply("memblock_phys_alloc_range", {{"size", 2 * MiB}, {"min_addr", 13 * MiB}, {"max_addr", 14 * MiB}}),
        OpOutcome::returned_null)
        << "this call does not give it up";
    early.apply("memblock_set_current_limit", {{"limit", 2 * MiB}});
    EXPECT_EQ(early.alloc({{"size", 64}}), 2 * MiB - 64);
    EXPECT_EQ(early.alloc({{"size", 64}, {"max_addr", 8 * MiB}}), 2 * MiB - 128) << "the lower of the two limits";
    EXPECT_EQ(early.alloc({{"size", 2 * MiB}}), 0u);
}

//   node 0: 16M..32M   node 1: 32M..48M
TEST(MemblockAlloc, TheNodeIsAWishUnlessItIsExact) {
    Early early(v6_1, architecture::x86_64, 2);
    early.add(16 * MiB, 16 * MiB, 0);
    early.add(32 * MiB, 16 * MiB, 1);
    EXPECT_EQ(early.list(memory), "1000000-2000000@0 2000000-3000000@1");
    EXPECT_EQ(early.alloc({{"size", MiB}, {"node", 0}}), 31 * MiB);
    EXPECT_EQ(early.alloc({{"size", MiB}, {"node", 1}}), 47 * MiB);
    EXPECT_EQ(early.alloc({{"size", 15 * MiB}, {"node", 0}}), 16 * MiB);
    EXPECT_EQ(early.alloc({{"size", MiB}, {"node", 0}, {"exact", 1}}), 0u) << "node 0 is full";
    EXPECT_EQ(early.alloc({{"size", MiB}, {"node", 0}}), 46 * MiB) << "another will do";
}

TEST(MemblockAlloc, AnAlignmentOfZeroIsACacheLineWithAWarning) {
    Early early;
    early.add(MiB, MiB);
    EXPECT_EQ(early.alloc({{"size", 1}, {"align", 0}}), 2 * MiB - 64);
    EXPECT_NE(early.find(memblock_event::align_zero), nullptr);
}

// ---- nodes -------------------------------------------------------------------------------------------------------------

TEST(Memblock, NodesCutRegionsAndAlikeOnesJoin) {
    Early early(v6_12, architecture::x86_64, 2);
    early.add(0x1000, 0x9000);
    early.apply("memblock_set_node", {{"base", 0x4000}, {"size", 0x2000}, {"node", 1}});
    EXPECT_EQ(early.list(memory), "1000-4000 4000-6000@1 6000-a000");
    early.apply("memblock_set_node", {{"base", 0}, {"size", 0x100000}, {"node", 1}});
    EXPECT_EQ(early.list(memory), "1000-a000@1");
    EXPECT_EQ(early.add(0, 0x2000, 0), OpOutcome::done);
    EXPECT_EQ(early.list(memory), "0-1000@0 1000-a000@1") << "what is there keeps its node";
    EXPECT_NE(early.find(memblock_event::node_conflict), nullptr);
}

TEST(Memblock, I386HasNoNodesAndAddressesOf32Bits) {
    Early early(v6_1, architecture::i386);
    early.add(0xfff00000, 2 * MiB);
    EXPECT_EQ(early.list(memory), "fff00000-ffffffff");
    EXPECT_NE(early.find(memblock_event::range_capped), nullptr);
    EXPECT_EQ(early.apply("memblock_set_node", {{"base", 0xfff00000}, {"size", MiB}, {"node", 0}}), OpOutcome::done);
    EXPECT_EQ(early.list(memory), "fff00000-ffffffff");
}

// ---- arrays ------------------------------------------------------------------------------------------------------------

// Regions of one byte, two apart. They stay in the first MiB, so that the array cannot be among them.
void fill_reserved(Early& early, u32 from, u32 to) {
    for (u32 i = from; i < to; ++i) ASSERT_EQ(early.reserve(0x1000 + 2 * i, 1), OpOutcome::done) << i;
}

// 256 regions of 24 bytes take 6,144, two pages; 512 take three. kernel: sizeof(struct memblock_region)
TEST(MemblockArray, DoublesAndReservesItself) {
    for (const kernel_version kernel : KERNELS) {
        Early early(kernel);
        early.add(0x1000, 16 * MiB);
        early.apply("memblock_allow_resize", {});
        fill_reserved(early, 0, 128);
        EXPECT_EQ(early.blocks().reserved.max, 128u);
        EXPECT_EQ(early.blocks().reserved.array, 0u);
        fill_reserved(early, 128, 129);
        EXPECT_EQ(early.blocks().reserved.max, 256u);
        EXPECT_EQ(early.blocks().reserved.array, 16 * MiB + 0x1000 - 8 * KiB);
        EXPECT_EQ(early.blocks().reserved.regions.size(), 130u) << "129, and the array";
        fill_reserved(early, 129, 256);
        EXPECT_EQ(early.blocks().reserved.max, 512u);
        EXPECT_EQ(early.blocks().reserved.array, 16 * MiB + 0x1000 - 20 * KiB) << "below the old one";
        EXPECT_EQ(early.blocks().reserved.regions.back(),
                  (memblock_region{16 * MiB + 0x1000 - 20 * KiB, 12 * KiB, NUMA_NO_NODE}))
            << "the old array is free again";
    }
}

TEST(MemblockArray, OfTheMemoryListIsReservedMemory) {
    Early early;
    early.apply("memblock_allow_resize", {});
    early.add(GiB, MiB);
    for (u32 i = 0; i < 128; ++i) ASSERT_EQ(early.add(0x1000 + 2 * i, 1), OpOutcome::done);
    EXPECT_EQ(early.blocks().memory.max, 256u);
    EXPECT_EQ(early.list(reserved), "400fe000-40100000");
}

// The new array must not stand in the range that is just being reserved.
TEST(MemblockArray, AvoidsTheRangeThatIsBeingReserved) {
    Early early;
    early.apply("memblock_allow_resize", {});
    early.add(0x1000, 16 * MiB);
    fill_reserved(early, 0, 128);
    EXPECT_EQ(early.reserve(8 * MiB, 8 * MiB + 0x1000), OpOutcome::done);
    EXPECT_EQ(early.blocks().reserved.array, 8 * MiB - 8 * KiB);
}

TEST(MemblockArray, MayNotDoubleBeforeItIsAllowed) {
    for (const kernel_version kernel : KERNELS) {
        Early early(kernel);
        early.add(0x1000, 16 * MiB);
        fill_reserved(early, 0, 128);
        const memblock_type before = early.blocks().reserved;
        EXPECT_EQ(early.reserve(8 * MiB, 1), OpOutcome::refused);
        const Event* why = early.find(memblock_event::array_double_fails);
        ASSERT_NE(why, nullptr);
        EXPECT_EQ(Args<memblock_event::array_double_fails>(*why).as<double_failure>("reason"),
                  kernel == v6_12 ? double_failure::panics : double_failure::not_allowed);
        EXPECT_EQ(early.blocks().reserved.regions, before.regions);
        EXPECT_EQ(early.alloc({{"size", 4096}}), 0u) << "found, but it cannot be reserved";
    }
}

TEST(MemblockArray, StopsWhereNoHoleIsLeftAndAtOurLimit) {
    Early early;
    early.apply("memblock_allow_resize", {});
    early.add(0x1000, 0x1000); // one page is not enough for 256 regions
    fill_reserved(early, 0, 128);
    EXPECT_EQ(early.reserve(0x1fff, 1), OpOutcome::refused);
    EXPECT_EQ(Args<memblock_event::array_double_fails>(*early.find(memblock_event::array_double_fails))
                  .as<double_failure>("reason"),
              double_failure::no_room);
    early.add(MiB, 16 * MiB);
    u32 regions = 128;
    while (regions < 4096 && early.reserve(0x1000 + 2 * regions, 1) == OpOutcome::done) ++regions;
    EXPECT_EQ(early.blocks().reserved.max, MAX_MEMBLOCK_REGIONS);
    EXPECT_EQ(early.blocks().reserved.regions.size(), MAX_MEMBLOCK_REGIONS);
    EXPECT_EQ(Args<memblock_event::array_double_fails>(*early.find(memblock_event::array_double_fails))
                  .as<double_failure>("reason"),
              double_failure::our_limit);
}

// The costliest op: one range over as many regions as there may be, with a gap behind each.
TEST(MemblockArray, ARangeOverAllRegionsFitsTheBudget) {
    Early early;
    early.apply("memblock_allow_resize", {});
    early.add(GiB, 16 * MiB); // for the arrays
    fill_reserved(early, 0, 1000);
    EventSink sink;
    const memblock_config config = memblock_config_of(*early.machine.profile);
    memblock_context cx{early.machine.physical.memblock, sink, config};
    EXPECT_TRUE(memblock_add_range(cx, reserved, 0, 64 * MiB));
    EXPECT_EQ(early.blocks().reserved.max, MAX_MEMBLOCK_REGIONS);
    EXPECT_EQ(early.blocks().reserved.regions.size(), 2u) << "the range and the array";
    EXPECT_LT(sink.work(), SCENARIO_WORK.op.work);
}

// ---- trimming ----------------------------------------------------------------------------------------------------------

// The recorded kernels print 0xc00 bytes more than the regions have: 0x9fbff is cut to 0x9efff.
TEST(Memblock, TrimmingDoesNotChangeTheTotal) {
    Early early;
    early.add(0x1000, 0x9ec00);
    early.add(MiB, 0x3fed6000);
    early.apply("memblock_trim_memory", {{"align", 4096}});
    EXPECT_EQ(early.list(memory), "1000-9f000 100000-3ffd6000");
    EXPECT_EQ(early.blocks().memory.total_size, 0x3ff74c00u);
    EXPECT_EQ(early.blocks().memory.held(), 0x3ff74000u);
    early.apply("memblock_remove", {{"base", 0}, {"size", GiB}});
    EXPECT_EQ(early.blocks().memory.total_size, 0xc00u);
    early.add(MiB, MiB);
    EXPECT_EQ(early.blocks().memory.total_size, MiB) << "the first region of an empty list sets it";
}

// ---- profiles ----------------------------------------------------------------------------------------------------------

using Given = std::vector<memory_region>;

std::string text_of(const Given& regions) {
    std::string out;
    for (const memory_region& region : regions) {
        char text[64];
        std::snprintf(text, sizeof text, "%s%llx+%llx", out.empty() ? "" : " ",
                      static_cast<unsigned long long>(region.start), static_cast<unsigned long long>(region.size));
        out += text;
        if (region.node > 0) out += "@" + std::to_string(region.node);
    }
    return out;
}

std::string settled(architecture arch, Given given, u8 nodes = 1) {
    machine_profile profile;
    profile.arch = arch;
    profile.nodes = nodes;
    profile.memory = std::move(given);
    if (const auto bad = check_profile(profile)) return bad->text();
    settle_memory(profile);
    EXPECT_TRUE(is_settled(profile));
    return text_of(profile.memory);
}

TEST(MemblockProfile, FirmwaresRangesAreTakenAsTheyAre) {
    const architecture pc = architecture::x86_64;
    EXPECT_EQ(settled(pc, {{MiB, 63 * MiB, 0}, {0x1000, 0x9ec00, 0}}), "1000+9e000 100000+3f00000") << "any order";
    EXPECT_EQ(settled(pc, {{MiB, 8 * MiB, 0}, {4 * MiB, 8 * MiB, 0}}), "100000+b00000") << "they overlap";
    EXPECT_EQ(settled(pc, {{MiB, MiB, 0}, {2 * MiB, MiB, 0}}), "100000+200000") << "they touch";
    EXPECT_EQ(settled(pc, {{MiB, MiB, 0}, {2 * MiB, MiB, 1}}, 2), "100000+100000 200000+100000@1") << "of two nodes";
    EXPECT_EQ(settled(pc, {{2 * MiB, MiB, 1}, {MiB, 2 * MiB, 0}}, 2), "100000+100000 200000+100000@1")
        << "the first one that says it keeps its node";
    // 0x800 bytes at the end of one and the begin of the next are a page together, for who trims at the end.
    const Given halves = {{MiB, 0x1800, 0}, {MiB + 0x1800, 0x1800, 0}};
    EXPECT_EQ(settled(pc, halves), "100000+3000");
    EXPECT_EQ(settled(architecture::arm64, halves), "100000+1000 102000+1000");
    EXPECT_EQ(settled(pc, {{MiB + 1, 4096, 0}}), "memory: has no whole page");
}

TEST(MemblockProfile, ReservedRangesMayOverlapToo) {
    machine_profile profile = test::profile_of(64);
    profile.reserved = {{GiB + 8 * MiB, MiB, 0}, {GiB + 1, 100, 0}, {GiB + 8 * MiB + 5, MiB, 0}};
    EXPECT_FALSE(check_profile(profile).has_value());
    const Machine machine = std::move(make_machine(profile).value());
    EXPECT_EQ(text_of(machine.profile->reserved), "40000001+64 40800000+100005");
    u64 managed = 0;
    for (const zone& z : machine.physical.zones) managed += z.managed_pages;
    EXPECT_EQ(managed, 16384u - 1 - 257);
}

// A list that memblock would not change stays as it is, touching reserved ranges too: the first one is the kernel's image.
TEST(MemblockProfile, ListsInOrderStayAsTheyAre) {
    machine_profile profile = test::profile_of(64);
    profile.reserved = {{GiB + 2 * MiB, MiB, 0}, {GiB + 3 * MiB, MiB, 0}};
    EXPECT_TRUE(is_settled(profile));
    settle_memory(profile);
    EXPECT_EQ(text_of(profile.reserved), "40200000+100000 40300000+100000");
}

// ---- boot --------------------------------------------------------------------------------------------------------------

u32 managed_pages(const Machine& machine) {
    u32 pages = 0;
    for (const zone& z : machine.physical.zones) pages += z.managed_pages;
    return pages;
}

TEST(MemblockBoot, OpsMakeTheMachineThatAProfileMakes) {
    for (const kernel_version kernel : KERNELS) {
        machine_profile profile = test::profile_of(64, kernel, architecture::x86_64);
        const Machine whole = std::move(make_machine(profile).value());
        profile.memblock_empty = true;
        Early early(profile);
        for (auto region = profile.memory.rbegin(); region != profile.memory.rend(); ++region)
            early.add(region->start, region->size);
        for (const memory_region& region : profile.reserved) early.reserve(region.start, region.size);
        for (const char* stage :
             {"free_area_init", "memblock_free_all", "setup_per_cpu_pageset", "init_per_zone_wmark_min"})
            ASSERT_EQ(early.apply(stage, {}), OpOutcome::done) << stage;
        EXPECT_EQ(text_of(early.machine.profile->memory), text_of(whole.profile->memory));
        EXPECT_EQ(managed_pages(early.machine), managed_pages(whole));
        for (pfn_t pfn = whole.physical.base_pfn; pfn < whole.physical.end_pfn; ++pfn)
            ASSERT_EQ(early.machine.physical.page_at(pfn).bits, whole.physical.page_at(pfn).bits) << pfn;
    }
}

TEST(MemblockBoot, WhatIsReservedAfterZonesWereSizedIsNotHandedOut) {
    Early early(test::profile_of(64, v6_1, architecture::x86_64));
    const std::size_t given = early.blocks().reserved.regions.size();
    EXPECT_EQ(early.apply("free_area_init", {}), OpOutcome::done);
    EXPECT_EQ(early.reserve(8 * MiB, 5 * 4096 + 1), OpOutcome::done);
    EXPECT_EQ(early.blocks().reserved.regions.size(), given + 1);
    EXPECT_EQ(early.add(GiB, MiB), OpOutcome::refused) << "too late for memory";
    EXPECT_EQ(early.apply("memblock_free_all", {}), OpOutcome::done);
    const Machine whole = std::move(make_machine(test::profile_of(64, v6_1, architecture::x86_64)).value());
    EXPECT_EQ(managed_pages(early.machine), managed_pages(whole) - 6) << "a page that is reserved in part is not free";
    EXPECT_EQ(early.reserve(9 * MiB, 1), OpOutcome::refused) << "too late for all";
    EXPECT_NE(early.find(memblock_event::too_late), nullptr);
}

TEST(MemblockBoot, AMachineWithoutMemoryDoesNotBoot) {
    Early early;
    EXPECT_EQ(early.apply("free_area_init", {}), OpOutcome::refused);
    ASSERT_NE(early.find(memblock_event::no_machine), nullptr);
    EXPECT_EQ(early.machine.physical.stage, boot_stage::none);
    early.add(0x1fff, 2); // no whole page
    EXPECT_EQ(early.apply("free_area_init", {}), OpOutcome::refused);
    early.add(1ull << 60, MiB);
    EXPECT_EQ(early.apply("free_area_init", {}), OpOutcome::refused);
    EXPECT_EQ(Args<memblock_event::no_machine>(*early.find(memblock_event::no_machine)).as<machine_failure>("reason"),
              machine_failure::our_limits);
    early.apply("memblock_remove", {{"base", 1ull << 60}, {"size", MiB}});
    early.add(MiB, 16 * MiB);
    EXPECT_EQ(early.apply("free_area_init", {}), OpOutcome::done);
    EXPECT_EQ(early.list(memory), "1fff-2001@0 100000-1100000@0") << "memory of no node is node 0's";
}

TEST(MemblockBoot, AnEmptyMemblockNeedsBootInSteps) {
    const auto machine = make_machine(Early::empty_profile(v6_1, architecture::x86_64, 1));
    ASSERT_FALSE(machine.ok());
    EXPECT_EQ(machine.error().path, "memblock");
    EXPECT_TRUE(test::in_both(machine.error()).message.starts_with("is \"empty\""));
}

// amd64 throws memblock away, and the pages of its array are free then; arm64 keeps it.
TEST(MemblockBoot, ArraysAreFreedWhereMemblockIsThrownAway) {
    for (const architecture arch : {architecture::x86_64, architecture::arm64}) {
        Early early(v6_1, arch);
        early.apply("memblock_allow_resize", {});
        early.add(GiB, 64 * MiB);
        for (u32 i = 0; i < 129; ++i) early.reserve(GiB + 2 * i, 1); // all in one page
        ASSERT_EQ(early.blocks().reserved.max, 256u);
        for (const char* stage : {"free_area_init", "memblock_free_all", "setup_per_cpu_pageset"})
            early.apply(stage, {});
        EXPECT_EQ(managed_pages(early.machine), 16384u - 1 - 2);
        early.apply("init_per_zone_wmark_min", {});
        const bool keeps = arch == architecture::arm64;
        EXPECT_EQ(managed_pages(early.machine), keeps ? 16381u : 16383u);
        EXPECT_EQ(early.blocks().discarded, !keeps);
        EXPECT_EQ(early.find(memblock_event::discard) != nullptr, !keeps);
        EXPECT_EQ(early.blocks().memory.regions.empty(), !keeps);
    }
}

// ---- text --------------------------------------------------------------------------------------------------------------

// Of the recordings 5.10.0-32-arm64-m4096s4n2 and 6.12.117+deb12-arm64-m4096s4n2: the same memory, told in two ways.
TEST(Memblock, TextIsAsInDebugfs) {
    for (const kernel_version kernel : KERNELS) {
        Early early(kernel, architecture::arm64, 2);
        const memblock_config config = memblock_config_of(*early.machine.profile);
        const std::string empty = kernel == v6_12 ? "" : "   0: 0x0000000000000000..0xffffffffffffffff\n";
        EXPECT_EQ(memblock_text(early.blocks(), config, memory), empty);
        early.add(0x40000000, 0x80000000, 0);
        early.add(0xc0000000, 0x80000000, 1);
        early.reserve(0x40200000, 0x1d00000);
        EXPECT_EQ(memblock_text(early.blocks(), config, memory),
                  kernel == v6_12 ? "   0: 0x0000000040000000..0x00000000bfffffff    0 NONE\n"
                                    "   1: 0x00000000c0000000..0x000000013fffffff    1 NONE\n"
                                  : "   0: 0x0000000040000000..0x00000000bfffffff\n"
                                    "   1: 0x00000000c0000000..0x000000013fffffff\n");
        for (const char* stage : {"free_area_init", "memblock_free_all"}) early.apply(stage, {});
        EXPECT_EQ(memblock_text(early.blocks(), config, reserved),
                  kernel == v6_12 ? "   0: 0x0000000040200000..0x0000000041efffff    0 NONE\n"
                                  : "   0: 0x0000000040200000..0x0000000041efffff\n")
            << "6.12 gives reserved regions their node at the end";
    }
}

// ---- the state ---------------------------------------------------------------------------------------------------------

TEST(Memblock, OnlyWhatOpsHaveMadeIsHashed) {
    const machine_profile profile = test::profile_of(64, v6_1, architecture::x86_64);
    Early early(profile), other(profile);
    EXPECT_EQ(canonical_hash(early.machine), canonical_hash(other.machine));
    other.machine.physical.memblock.current_limit = MiB; // no op did that
    EXPECT_EQ(canonical_hash(early.machine), canonical_hash(other.machine));
    early.reserve(MiB, 1);
    Early again(profile);
    again.reserve(MiB, 1);
    EXPECT_EQ(canonical_hash(early.machine), canonical_hash(again.machine));
    again.machine.physical.memblock.current_limit = MiB;
    EXPECT_NE(canonical_hash(early.machine), canonical_hash(again.machine));
}

TEST(Memblock, VerifyFindsWhatIsWrong) {
    const auto broken = [](auto&& change) {
        memblock_state blocks;
        blocks.memory.regions = {{0x1000, 0x1000, 0}, {0x4000, 0x1000, 0}};
        blocks.memory.total_size = 0x2000;
        change(blocks.memory);
        return verify_memblock(blocks).value_or("sound");
    };
    EXPECT_EQ(broken([](memblock_type&) {}), "sound");
    EXPECT_EQ(broken([](memblock_type& list) { list.regions[1].size = 0; }),
              "memblock.memory[1]: is empty or passes the last address");
    EXPECT_EQ(broken([](memblock_type& list) { list.regions[1].base = 0x1800; }),
              "memblock.memory[1]: overlaps the region before it, or stands below it");
    EXPECT_EQ(broken([](memblock_type& list) { list.regions[1].base = 0x2000; }),
              "memblock.memory[1]: touches the region before it and is of the same node, but they are two");
    EXPECT_EQ(broken([](memblock_type& list) { list.total_size = 0x1fff; }),
              "memblock.memory: total_size is not what its regions hold");
    EXPECT_EQ(broken([](memblock_type& list) { list.max = 1; }),
              "memblock.memory: more regions than its array has room for");
}

} // namespace
} // namespace mm
