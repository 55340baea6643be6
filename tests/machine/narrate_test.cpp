#include "machine/narrate.h"

#include <gtest/gtest.h>

#include "golden_file.h"
#include "kernel/events.h"
#include "physical/event_words.h"
#include "physical/events.h"
#include "physical/functions.h"
#include "physical/gfp.h"
#include "slab/events.h"
#include "slab/slab_flags.h"

namespace mm {
namespace {

Machine machine_of(kernel_version kernel = kernel_version::v6_1, architecture arch = architecture::arm64, u8 nodes = 1,
                   u32 page_size = 4096) {
    machine_profile profile;
    profile.kernel = kernel;
    profile.arch = arch;
    profile.nodes = nodes;
    profile.page_size = page_size;
    profile.cpus = 2;
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

// --------------------------------------------------------------------------------------------------------------- words

TEST(Narrate, ValuesAreRunsOfTheirOwnWithUnitAndValue) {
    const Machine machine = machine_of();
    const std::vector<TextRun> runs =
        narrate(machine, event_of(physical_event::free_keeps_reference, {0x41e6b, 2}), Language::en);
    ASSERT_EQ(runs.size(), 5u);
    EXPECT_EQ(runs[0].text, "The count of ");
    EXPECT_EQ(runs[0].unit, Unit::none);
    EXPECT_EQ(runs[1].text, "0x41e6b");
    EXPECT_EQ(runs[1].unit, Unit::pfn);
    EXPECT_EQ(runs[1].value, 0x41e6b);
    EXPECT_EQ(runs[3].text, "2");
    EXPECT_EQ(runs[3].unit, Unit::number);
    EXPECT_EQ(runs[4].text, ", not 0: nothing is freed.");
}

TEST(Narrate, TheWordsOfAReasonHoldLinksToo) {
    const Machine machine = machine_of();
    const Event event = event_of(physical_event::buddy_stay, {0x40000, 0x40004, 2, 4 /* other_order */, 1});
    EXPECT_EQ(narrate_plain(machine, event, Language::en),
              "0x40000 stays at order 2: its buddy 0x40004 is split; what is free there has order 1.");
    EXPECT_EQ(narrate_plain(machine, event, Language::zh),
              "页框 0x40000 停在 2 阶：伙伴 0x40004 已被拆分，那里空闲的块是 1 阶。");
    bool buddy_is_linked = false;
    for (const TextRun& run : narrate(machine, event, Language::en))
        buddy_is_linked = buddy_is_linked || (run.unit == Unit::pfn && run.value == 0x40004);
    EXPECT_TRUE(buddy_is_linked);
}

TEST(Narrate, WordsGoByTheNumber) {
    const Machine machine = machine_of();
    const auto told = [&](i64 slabs) {
        Event event;
        event.kind = static_cast<u16>(slab_event::cache_shrunk);
        event.arg = {machine.slabs.kmalloc_caches[KMALLOC_NORMAL][9], slabs};
        return narrate_plain(machine, event, Language::en);
    };
    EXPECT_EQ(told(0), "All empty slabs of kmalloc-512 have gone back; 0 slabs remain.");
    EXPECT_EQ(told(1), "All empty slabs of kmalloc-512 have gone back; 1 slab remains.");
    EXPECT_EQ(told(2), "All empty slabs of kmalloc-512 have gone back; 2 slabs remain.");
}

// __vmalloc_node(4096, 1 << 63): 2^63 / 2^20 = 8796093022208.
TEST(Narrate, AnAlignmentMayHaveTheHighestBit) {
    const Machine machine = machine_of();
    Event event;
    event.kind = static_cast<u16>(kernel_event::vmap_area_none);
    event.arg = {8192, static_cast<i64>(u64{1} << 63), 4096, 8192, 0, GFP_KERNEL};
    EXPECT_EQ(
        narrate_plain(machine, event, Language::en),
        "No hole of vmalloc's space holds 8192 bytes, aligned to 8388608 TiB: the largest has 4096 bytes, of "
        "8192 bytes in all. Lazily freed addresses of 0 pages wait. The request: GFP_KERNEL.");
}

TEST(Narrate, ACodeWithoutWordsIsShownAsItsNumber) {
    const Machine machine = machine_of();
    EXPECT_EQ(narrate_plain(machine, event_of(physical_event::sysctl_set, {99, 5}), Language::en), "99 is set to 5.");
}

TEST(Narrate, EveryUnitIsWritten) {
    const Machine machine = machine_of();
    for (int i = 0; i < static_cast<int>(Unit::count); ++i)
        for (const i64 value : {i64{-1}, i64{0}, i64{1}, i64{0x7fffffffffffffff}}) {
            // The name with the number 0 is the empty text.
            if ((static_cast<Unit>(i) == Unit::name || static_cast<Unit>(i) == Unit::path) && value == 0) continue;
            EXPECT_NE(unit_text(machine, static_cast<Unit>(i), value), "") << unit_row(static_cast<Unit>(i)).name;
        }
}

i64 sample_value(const ArgSpec& arg, i64 position) {
    switch (arg.unit) {
    case Unit::pages: return 1000 + 16 * position;
    case Unit::number: return 10 + position;
    case Unit::order: return 2 + position;
    case Unit::pfn: return 0x40000 + (position << 8);
    case Unit::kib: return 4096 + position;
    case Unit::gfp: return GFP_KERNEL;
    case Unit::migratetype: return position % MIGRATE_PCPTYPES;
    case Unit::pcp_list: return 7;
    case Unit::zone_index: return 2;
    case Unit::virt_address:
    case Unit::phys_address:
    case Unit::address_term:
    case Unit::pte: return static_cast<i64>(0xffff000000001000ull + (static_cast<u64>(position) << 12));
    case Unit::name:
    case Unit::path: return intern("a_name"); // its number depends on who asked before
    default: return 1;
    }
}

Event sample_event(u16 kind) {
    Event event;
    event.kind = kind;
    const EventSpec& spec = event_spec(kind);
    for (std::size_t i = 0; i < spec.args.size(); ++i) event.arg[i] = sample_value(spec.args[i], static_cast<i64>(i));
    return event;
}

// Each event once, and once more for each code of its reasons and flags.
std::string every_event(const Machine& machine, Language language) {
    std::string out;
    for (const u16 kind : event_kinds()) {
        const EventSpec& spec = event_spec(kind);
        Event event = sample_event(kind);
        bool told = false;
        for (const EventWords& words : all_event_words()) {
            if (words.kind != kind) continue;
            if (words.value == -1)
                out += std::string(spec.name) + ": " + narrate_plain(machine, event, language) + "\n";
            for (std::size_t i = 0; i < spec.args.size(); ++i)
                if (spec.args[i].name == words.arg) event.arg[i] = words.value;
            out += std::string(spec.name) + ": " + narrate_plain(machine, event, language) + "\n";
            told = true;
        }
        if (!told) out += std::string(spec.name) + ": " + narrate_plain(machine, event, language) + "\n";
    }
    return out;
}

TEST(Narrate, EverySentenceReadsAsReviewed) {
    const Machine machine = machine_of();
    test::expect_golden("narration/every_event.en.txt", every_event(machine, Language::en));
    test::expect_golden("narration/every_event.zh.txt", every_event(machine, Language::zh));
}

Op op_of(std::string_view name, std::initializer_list<i64> args, u32 result = Op::NO_RESULT) {
    Op op;
    op.kind = *find_op(name);
    op.result = result;
    std::copy(args.begin(), args.end(), op.arg.begin());
    return op;
}

// An op, its events with the function where each happens, and the sentence.
std::string tell(Machine& machine, const Op& op, Language language) {
    std::vector<Event> events;
    EventSink sink;
    sink.store_in(&events);
    apply(machine, op, sink);
    std::string out = op_text(machine, op, {"a", "b", "c"}, language) + "\n";
    for (const Event& event : events) {
        const std::vector<std::string_view> path = call_path(event);
        out += "  " + std::string(path.empty() ? "" : path.back()) + ": ";
        out += narrate_plain(machine, event, language) + "\n";
    }
    return out;
}

std::string tell_buddy_lesson(Language language) {
    Machine machine = machine_of();
    const Op ops[] = {
        op_of("alloc_pages", {4, GFP_KERNEL, -1}, 0), op_of("alloc_pages", {0, GFP_HIGHUSER_MOVABLE, -1}, 1),
        op_of("__free_pages", {0, -1, -1}),           op_of("__free_pages", {1, -1, -1}),
        op_of("__free_pages", {1, -1, -1}),           op_of("alloc_pages", {10, GFP_KERNEL | GFP_BIT_DMA32, -1}, 2),
        op_of("vm.min_free_kbytes", {90112}),         op_of("alloc_pages", {10, GFP_KERNEL, -1}, 2),
    };
    std::string out;
    for (const Op& op : ops) out += tell(machine, op, language);
    return out;
}

TEST(Narrate, ABuddyLessonReadsAsReviewed) {
    test::expect_golden("narration/buddy_lesson.en.txt", tell_buddy_lesson(Language::en));
    test::expect_golden("narration/buddy_lesson.zh.txt", tell_buddy_lesson(Language::zh));
}

// --------------------------------------------------------------------------------------------------------------- units

TEST(UnitText, EachUnitIsWrittenInItsWay) {
    const Machine machine = machine_of();
    EXPECT_EQ(unit_text(machine, Unit::number, -5), "-5");
    EXPECT_EQ(unit_text(machine, Unit::pages, 1234567), "1234567");
    EXPECT_EQ(unit_text(machine, Unit::pfn, 0x41e6b), "0x41e6b");
    EXPECT_EQ(unit_text(machine, Unit::pfn, PFN_NONE), "none");
    EXPECT_EQ(unit_text(machine, Unit::pfn, -1), "none");
    EXPECT_EQ(unit_text(machine, Unit::zone, 2), "Normal");
    EXPECT_EQ(unit_text(machine, Unit::zone_index, 3), "Movable");
    EXPECT_EQ(unit_text(machine, Unit::migratetype, MIGRATE_CMA), "CMA");
    EXPECT_EQ(unit_text(machine, Unit::gfp, GFP_KERNEL | GFP_BIT_ZERO), "GFP_KERNEL|__GFP_ZERO");
    EXPECT_EQ(unit_text(machine, Unit::wmark, WMARK_HIGH), "high");
    EXPECT_EQ(unit_text(machine, Unit::kib, 4096), "4096 KiB");
    EXPECT_EQ(unit_text(machine, Unit::bytes, 4096), "4096 bytes");
    EXPECT_EQ(unit_text(machine, Unit::result, 3), "#3");
}

TEST(UnitText, CachesObjectsAndSlabsAreWrittenInTheirWay) {
    const Machine machine = machine_of();
    const auto cache = static_cast<i64>(machine.slabs.kmalloc_caches[KMALLOC_NORMAL][9]);
    EXPECT_EQ(unit_text(machine, Unit::cache, cache), "kmalloc-512");
    EXPECT_EQ(unit_text(machine, Unit::cache, CACHE_NONE), "none");
    EXPECT_EQ(unit_text(machine, Unit::slab, 0x41e6b), "0x41e6b");
    EXPECT_EQ(unit_text(machine, Unit::slab, -1), "none");
    EXPECT_EQ(unit_text(machine, Unit::object, 0), "NULL");
    EXPECT_EQ(unit_text(machine, Unit::object_index, 7), "#7");
    EXPECT_EQ(unit_text(machine, Unit::hex, 0xbb), "0xbb");
    EXPECT_EQ(unit_text(machine, Unit::name, intern("my_cache")), "my_cache");
    EXPECT_EQ(unit_text(machine, Unit::name, i64{name_count()}), std::to_string(name_count()));
    EXPECT_EQ(unit_text(machine, Unit::slab_flags, SLAB_PANIC | SLAB_ACCOUNT), "SLAB_PANIC|SLAB_ACCOUNT");
}

TEST(UnitText, AFewUnitsAreWordsAndFollowTheLanguage) {
    const Machine machine = machine_of();
    EXPECT_EQ(unit_text(machine, Unit::bytes, 1), "1 byte");
    EXPECT_EQ(unit_text(machine, Unit::bytes, 192, Language::zh), "192 字节");
    EXPECT_EQ(unit_text(machine, Unit::pfn, -1, Language::zh), "无");
    EXPECT_EQ(unit_text(machine, Unit::cache, CACHE_NONE, Language::zh), "无");
}

TEST(Narrate, ChineseWordsStandWithoutASpace) {
    const Machine machine = machine_of();
    Event event;
    event.kind = static_cast<u16>(slab_event::kmalloc_large);
    event.arg = {65536, 4, 65536};
    EXPECT_EQ(narrate_plain(machine, event, Language::zh),
              "65536 字节超过 kmalloc 所有缓存的大小，直接向页分配器要 4 阶：65536 字节。");
}

TEST(UnitText, AListOfPerCpuPagesIsNamedByTypeAndOrder) {
    const Machine v6_1 = machine_of();
    EXPECT_EQ(unit_text(v6_1, Unit::pcp_list, 0), "Unmovable/0");
    EXPECT_EQ(unit_text(v6_1, Unit::pcp_list, 7), "Movable/2");
    EXPECT_EQ(unit_text(v6_1, Unit::pcp_list, 12), "non-Movable/9");
    EXPECT_EQ(unit_text(v6_1, Unit::pcp_list, 13), "Movable/9");
    EXPECT_EQ(unit_text(machine_of(kernel_version::v5_10), Unit::pcp_list, 2), "Reclaimable/0");
}

TEST(UnitText, ZonesNameTheirNodeWhereThereAreSeveral) {
    const Machine machine = machine_of(kernel_version::v6_1, architecture::arm64, 2);
    EXPECT_EQ(unit_text(machine, Unit::zone, 0), "DMA (node 0)");
    const i64 second = machine.physical.nr_zone_types;
    EXPECT_EQ(unit_text(machine, Unit::zone, second), "DMA (node 1)");
}

TEST(UnitText, ZonesHaveNamesBeforeTheMachineHasBooted) {
    machine_profile profile;
    profile.arch = architecture::x86_64;
    declare_memory(profile, 128ull << 20);
    const Result<Machine> machine = make_unbooted_machine(std::move(profile));
    ASSERT_TRUE(machine) << machine.error().text();
    EXPECT_EQ(unit_text(*machine, Unit::zone, 1), "DMA32");
    EXPECT_EQ(unit_text(*machine, Unit::zone, 99), "99");
    EXPECT_EQ(unit_text(*machine, Unit::gfp, GFP_NOWAIT), "GFP_NOWAIT");
}

TEST(UnitText, ValuesThatCannotBeAreNumbers) {
    const Machine machine = machine_of();
    for (const Unit unit : {Unit::zone, Unit::zone_index, Unit::migratetype, Unit::wmark, Unit::pcp_list}) {
        EXPECT_EQ(unit_text(machine, unit, -7), "-7");
        EXPECT_EQ(unit_text(machine, unit, 1000), "1000");
    }
}

TEST(OpText, FieldsStandByNameAndResultsByTheirOwn) {
    const Machine machine = machine_of();
    const std::vector<std::string> names = {"a", ""};
    EXPECT_EQ(op_text(machine, op_of("alloc_pages", {3, GFP_KERNEL, -1}, 0), names),
              "alloc_pages(order=3, gfp=GFP_KERNEL) as a");
    EXPECT_EQ(op_text(machine, op_of("alloc_pages", {3, GFP_KERNEL, 0}, 1), names),
              "alloc_pages(order=3, gfp=GFP_KERNEL, node=0) as #1");
    EXPECT_EQ(op_text(machine, op_of("__free_pages", {0, -1, -1}), names), "__free_pages(page=a)");
    EXPECT_EQ(op_text(machine, op_of("__free_pages", {-1, 2, 0x41e6b}), names), "__free_pages(order=2, pfn=0x41e6b)");
    Op drain = op_of("drain_all_pages", {});
    drain.cpu = 1;
    EXPECT_EQ(op_text(machine, drain, {}), "drain_all_pages() on CPU 1");
}

TEST(OpText, WhatIsNotTheKernelsIsInTheLanguageOfTheReader) {
    const Machine machine = machine_of();
    Op request = op_of("alloc_pages", {3, GFP_KERNEL, -1}, 0);
    EXPECT_EQ(op_text(machine, request, {"a"}, Language::zh), "alloc_pages(order=3, gfp=GFP_KERNEL)，记为 a");
    request.cpu = 1;
    EXPECT_EQ(op_text(machine, request, {"a"}, Language::zh),
              "alloc_pages(order=3, gfp=GFP_KERNEL)，在 CPU 1 上，记为 a");
    EXPECT_EQ(op_text(machine, op_of("kmalloc", {100, GFP_KERNEL}), {}, Language::zh),
              "kmalloc(size=100 字节, gfp=GFP_KERNEL)");
    EXPECT_EQ(op_text(machine, op_of("kmalloc", {100, GFP_KERNEL}), {}), "kmalloc(size=100 bytes, gfp=GFP_KERNEL)");
}

TEST(CallPath, NamesTheKernelFunctionsOutermostFirst) {
    Machine machine = machine_of();
    std::vector<Event> events;
    EventSink sink;
    sink.store_in(&events);
    apply(machine, op_of("alloc_pages", {4, GFP_KERNEL, -1}, 0), sink);
    for (const Event& event : events)
        if (event.kind == static_cast<u16>(physical_event::buddy_split)) {
            EXPECT_EQ(call_path(event),
                      (std::vector<std::string_view>{"alloc_pages", "get_page_from_freelist", "rmqueue",
                                                     "rmqueue_buddy", "__rmqueue", "__rmqueue_smallest", "expand"}));
            return;
        }
    FAIL() << "no split";
}

} // namespace
} // namespace mm
