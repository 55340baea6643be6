// The kernel's report texts. Lines are written out by hand from the formats of mm/slub.c and lib/hexdump.c.
#include "slab/slub_report.h"

#include <gtest/gtest.h>

#include "debug_bench.h"
#include "machine/session.h"

namespace mm {
namespace {

using ev = slub_debug_event;
using test::DEBUG_FZPU;
using test::DebugBench;
using V = kernel_version;

constexpr const char* DOUBLE_LINE = "=============================================================================\n";
constexpr const char* SINGLE_LINE = "-----------------------------------------------------------------------------\n\n";

std::string hex(u64 value) {
    char text[32];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
    return text;
}

std::string report(DebugBench& bench, const Event& event) {
    return slub_report(bench.slabs(), bench.machine.physical, event, bench.machine.step);
}

// An op by its name, with its fields in order.
Op op(const char* name, std::initializer_list<i64> args, u32 result = Op::NO_RESULT) {
    Op made;
    made.kind = *find_op(name);
    made.result = result;
    std::size_t i = 0;
    for (const i64 arg : args) made.arg[i++] = arg;
    return made;
}

// Standing at the event of the check, the machine still has the bytes as they were found: the overrun's 0x12.
//   step 1 kmem_cache_create, 2 kmem_cache_alloc, 3 write, 4 kmem_cache_free
TEST(SlubReport, ARightRedzoneAsTheKernelPrintsIt) {
    auto started = make_machine(test::debug_profile());
    ASSERT_TRUE(started.ok());
    Session session(std::move(started.value()));
    session.append(op("kmem_cache_create", {static_cast<i64>(intern("overrun")), 64, 0, DEBUG_FZPU, 0, 0}, 0));
    session.append(op("kmem_cache_alloc", {0, GFP_KERNEL}, 1));
    session.append(op("write", {1, 64, 0x12, 1}));
    session.append(op("kmem_cache_free", {0, 1}));
    const auto replay = session.replay(3);
    u32 at = 0;
    while (at < replay.events.size() && replay.events[at].kind != static_cast<u16>(ev::bytes_overwritten)) ++at;
    ASSERT_LT(at, replay.events.size());
    session.seek({3, at + 1});
    const Machine& machine = session.machine();
    const phys_addr_t object = machine.results[1].value;
    const u64 base = linear_address(machine.slabs, object) - 8;
    ASSERT_EQ(base % 4096, 0u);
    const pfn_t pfn = static_cast<pfn_t>(object >> 12);
    const u64 memstart_pfn = (u64{machine.physical.base_pfn} >> 18) << 18;
    const u64 page = 0xfffffc0000000000ull + (pfn - memstart_pfn) * 64;
    const u32 zone = machine.physical.zones[machine.physical.page_zone(pfn)].index;

    std::string expected = DOUBLE_LINE;
    expected += "BUG overrun (Not tainted): Right Redzone overwritten\n";
    expected += SINGLE_LINE;
    expected += "0x" + hex(base + 72) + "-0x" + hex(base + 72) + " @offset=72. First byte 0x12 instead of 0xcc\n";
    expected += "Allocated in op_2 age=2 cpu=0 pid=0\n";
    expected += "Slab 0x" + hex(page) + " objects=25 used=1 fp=0x" + hex(base + 168) +
                " flags=0x200(slab|node=0|zone=" + std::to_string(zone) + ")\n";
    expected += "Object 0x" + hex(base + 8) + " @offset=8 fp=0x" + hex(0) + "\n\n";
    expected += "Redzone  " + hex(base) + ": cc cc cc cc cc cc cc cc                          ........\n";
    for (int row = 0; row < 3; ++row)
        expected += "Object   " + hex(base + 8 + 16 * static_cast<u64>(row)) +
                    ": 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk\n";
    expected += "Object   " + hex(base + 56) + ": 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b a5  kkkkkkkkkkkkkkk.\n";
    expected += "Redzone  " + hex(base + 72) + ": 12 cc cc cc cc cc cc cc                          ........\n";
    expected += "Padding  " + hex(base + 152) + ": 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ\n";
    // 6.1 has cleared the free pointer on the way (fp is NULL).
    EXPECT_EQ(slub_report(machine.slabs, machine.physical, replay.events[at], machine.step), expected);
    EXPECT_EQ(slub_report(machine.slabs, machine.physical, replay.events[at + 1], machine.step),
              "FIX overrun: Restoring Right Redzone 0x" + hex(base + 72) + "-0x" + hex(base + 72) + "=0xcc\n");
    EXPECT_EQ(slub_report(machine.slabs, machine.physical, replay.events[at + 2], machine.step),
              "FIX overrun: Object at 0x" + hex(base + 8) + " not freed\n");
}

// 5.10: "INFO: " before each line of facts, page flags as a number, no name in the repair, and an empty line behind it.
TEST(SlubReport, TheWordsOf5_10) {
    DebugBench bench(V::v5_10);
    const cache_id cache = bench.create("old", 64, 0, DEBUG_FZPU);
    const phys_addr_t a = bench.alloc(cache);
    bench.write(a, 64, 0x12);
    bench.free(cache, a);
    const std::string text = report(bench, *bench.last(ev::bytes_overwritten));
    EXPECT_NE(text.find("INFO: 0x" + hex(bench.virt(a) + 64)), std::string::npos) << text;
    EXPECT_NE(text.find("INFO: Allocated in op_2 age="), std::string::npos) << text;
    EXPECT_NE(text.find("INFO: Slab 0x"), std::string::npos) << text;
    EXPECT_NE(text.find(" flags=0x"), std::string::npos) << text;
    EXPECT_EQ(text.find("(slab|"), std::string::npos) << text;
    for (const Event& event : bench.events) {
        if (event.kind != static_cast<u16>(ev::slub_fix)) continue;
        const std::string where = "0x" + hex(bench.virt(a) + 64);
        EXPECT_EQ(report(bench, event), "FIX old: Restoring " + where + "-" + where + "=0xcc\n\n");
        break;
    }
}

std::string warning(const std::string& function) {
    return "------------[ cut here ]------------\nWARNING: at mm/slub.c " + function +
           "\n---[ end trace 0000000000000000 ]---\n";
}

// 6.12.117: one line for the bytes, a report of its own for the object as it was found, with a WARN, and then the repair.
TEST(SlubReport, TheWordsOf6_12) {
    DebugBench bench(V::v6_12);
    const cache_id cache = bench.create("new", 64, 0, DEBUG_FZPU);
    const phys_addr_t a = bench.alloc(cache);
    static_cast<void>(bench.alloc(cache));
    bench.write(a, 64, 0x12);
    struct Printed {
        const DebugBench& bench;
        std::vector<std::string> texts;
    } printed{bench, {}};
    EventSink sink;
    sink.listen(
        [](void* context, const Event& event) {
            auto& to = *static_cast<Printed*>(context);
            const Machine& machine = to.bench.machine;
            const std::string text = slub_report(machine.slabs, machine.physical, event, machine.step);
            if (!text.empty()) to.texts.push_back(text);
        },
        &printed);
    slab_context context{bench.machine.slabs, {bench.machine.physical, sink, 0, bench.machine.step}};
    kmem_cache_free(context, cache, a);
    const std::string where = "0x" + hex(bench.virt(a) + 64);
    ASSERT_EQ(printed.texts.size(), 4u);
    EXPECT_EQ(printed.texts[0],
              "[Right Redzone overwritten] " + where + "-" + where + " @offset=72. First byte 0x12 instead of 0xcc\n");
    const std::string& object = printed.texts[1];
    EXPECT_TRUE(object.starts_with(std::string(DOUBLE_LINE) + "BUG new (Not tainted): Object corrupt\n" + SINGLE_LINE +
                                   "Allocated in op_"))
        << object;
    EXPECT_NE(object.find("Object 0x" + hex(bench.virt(a)) + " @offset=8 fp="), std::string::npos) << object;
    EXPECT_NE(object.find("Redzone  " + hex(bench.virt(a) + 64) + ": 12 cc cc cc cc cc cc cc "), std::string::npos);
    EXPECT_TRUE(object.ends_with(warning("object_err"))) << object;
    EXPECT_EQ(printed.texts[2], "FIX new: Restoring Right Redzone " + where + "-" + where + "=0xcc\n");
    EXPECT_EQ(printed.texts[3], "FIX new: Object at 0x" + hex(bench.virt(a)) + " not freed\n");
    // A WARN taints, too.
    bench.free(cache, a);
    bench.free(cache, a);
    EXPECT_NE(report(bench, *bench.last(ev::object_error))
                  .find("BUG new (Tainted: G    B   W         ): Object already free\n"),
              std::string::npos)
        << report(bench, *bench.last(ev::object_error));
}

// What the padding holds: 6.12.117 shows it before the slab (slab_pad_check, __slab_err), the others behind it.
TEST(SlubReport, ThePaddingOfASlab) {
    for (const V version : {V::v5_10, V::v6_1, V::v6_12}) {
        DebugBench bench(version);
        const cache_id cache = bench.create("pad", 640, 0, DEBUG_FZPU);
        const phys_addr_t a = bench.alloc(cache);
        const slab s = bench.slabs().slabs[bench.slab_of(a)];
        const u64 base = u64{s.pfn} << 12;
        const u32 bytes = 4096u << s.order;
        ASSERT_GT(bytes % bench.slabs().caches[cache].size, 0u);
        bench.write(a, static_cast<i64>(base + bytes - 1 - a), 0x11);
        bench.validate(cache);
        const std::string text = report(bench, *bench.last(ev::slab_padding_overwritten));
        const std::size_t slab_line = text.find("Slab 0x"), padding = text.find("\nPadding ffff");
        ASSERT_NE(slab_line, std::string::npos) << text;
        ASSERT_NE(padding, std::string::npos) << text;
        EXPECT_EQ(padding < slab_line, version == V::v6_12) << text;
        EXPECT_EQ(text.ends_with(warning("__slab_err")), version == V::v6_12) << text;
    }
}

// The second report of a kernel says that it is tainted: G, four blanks, B, and a blank for each flag that follows.
TEST(SlubReport, TheSecondReportIsTainted) {
    DebugBench bench(V::v6_1);
    const cache_id cache = bench.create("twice", 64, 0, DEBUG_FZPU);
    const phys_addr_t a = bench.alloc(cache);
    static_cast<void>(bench.alloc(cache));
    bench.free(cache, a);
    bench.free(cache, a);
    const std::string text = report(bench, *bench.last(ev::object_error));
    EXPECT_NE(text.find("BUG twice (Tainted: G    B             ): Object already free\n"), std::string::npos) << text;
    EXPECT_NE(text.find("Freed in op_4 age="), std::string::npos) << text;
}

// Without red zones the 16 bytes before the object are shown, where there are 16.
TEST(SlubReport, BytesBeforeAnObjectWithoutRedZones) {
    DebugBench bench(V::v6_1);
    const cache_id cache = bench.create("poison", 64, 0, SLAB_POISON | SLAB_CONSISTENCY_CHECKS);
    const phys_addr_t a = bench.alloc(cache);
    const phys_addr_t b = bench.alloc(cache);
    bench.free(cache, b);
    bench.free(cache, b);
    const std::string text = report(bench, *bench.last(ev::object_error));
    EXPECT_NE(text.find("Bytes b4 " + hex(bench.virt(b) - 16) + ": "), std::string::npos) << text;
    EXPECT_EQ(text.find("Redzone"), std::string::npos);
    EXPECT_EQ(text.find("Allocated"), std::string::npos);
    static_cast<void>(a);
}

TEST(SlubReport, ObjectsRemaining) {
    DebugBench bench(V::v6_1);
    const cache_id cache = bench.create("leak", 64, 0, DEBUG_FZPU);
    const phys_addr_t a = bench.alloc(cache);
    const phys_addr_t b = bench.alloc(cache);
    bench.free(cache, a);
    bench.destroy(cache);
    const std::string text = report(bench, *bench.last(slub_event::objects_remaining));
    EXPECT_NE(text.find("): Objects remaining in leak on __kmem_cache_shutdown()\n"), std::string::npos) << text;
    EXPECT_NE(text.find("Object 0x" + hex(bench.virt(b)) + " @offset=168\nAllocated in op_3 age="), std::string::npos)
        << text;
    EXPECT_EQ(text.find("Object 0x" + hex(bench.virt(a)) + " @"), std::string::npos) << text;
}

// list_slab_objects() of 6.12.117: no name of the cache, which the line has anyway; the objects, and the slab behind them.
TEST(SlubReport, ObjectsRemainingIn6_12) {
    DebugBench bench(V::v6_12);
    const cache_id cache = bench.create("leak", 64, 0, DEBUG_FZPU);
    const phys_addr_t a = bench.alloc(cache);
    bench.destroy(cache);
    const std::string text = report(bench, *bench.last(slub_event::objects_remaining));
    EXPECT_TRUE(
        text.starts_with(std::string(DOUBLE_LINE) +
                         // The machine is as it is after the report, whose WARN has tainted it.
                         "BUG leak (Tainted: G    B   W         ): Objects remaining on __kmem_cache_shutdown()\n" +
                         SINGLE_LINE + "Object 0x" + hex(bench.virt(a)) + " @offset=8\nAllocated in op_2 age="))
        << text;
    const std::size_t slab_line = text.find("\nSlab 0x");
    ASSERT_NE(slab_line, std::string::npos) << text;
    EXPECT_EQ(text.substr(text.find('\n', slab_line + 1) + 1), warning("__slab_err"));
}

// cache_from_obj() of all three kernels looks with CONFIG_SLAB_FREELIST_HARDENED or when the cache that is named has
// SLAB_CONSISTENCY_CHECKS; else it returns what it was given, and the object goes to its own slab, past the CPU's freelist.
TEST(SlubReport, TheWrongCacheIsNoticedOnlyWhereTheKernelLooks) {
    for (const V version : {V::v5_10, V::v6_1, V::v6_12}) {
        for (const bool hardened : {false, true}) {
            for (const slab_flags_t flags : {slab_flags_t{0}, slab_flags_t{SLAB_CONSISTENCY_CHECKS}}) {
                DebugBench bench(version, hardened);
                const cache_id right = bench.create("right", 256);
                const cache_id wrong = bench.create("wrong", 512, 0, flags);
                const phys_addr_t object = bench.alloc(right);
                bench.free(wrong, object);
                const bool looks = hardened || flags != 0;
                EXPECT_EQ(bench.count(slab_event::wrong_cache), looks) << static_cast<int>(version);
                EXPECT_EQ(bench.count(slab_event::wrong_cache_unnoticed), !looks) << static_cast<int>(version);
                EXPECT_EQ(bench.machine.physical.log.warned, looks);
                EXPECT_EQ(bench.count(slub_event::slow_free), !looks) << "the CPU's slab of the wrong cache is another";
                EXPECT_EQ(bench.count(slub_event::fast_free), looks);
                EXPECT_NE(bench.alloc(wrong), object);
                EXPECT_EQ(verify(bench.machine), std::nullopt);
            }
        }
    }
}

TEST(SlubReport, TheWrongCacheAndTheWrongCount) {
    DebugBench bench(V::v6_12);
    const cache_id cache = bench.create("right", 64, 0, DEBUG_FZPU);
    const cache_id other = bench.create("wrong", 64, 0, DEBUG_FZPU);
    const phys_addr_t a = bench.alloc(cache);
    bench.free(other, a);
    const std::string text = report(bench, *bench.last(slab_event::wrong_cache));
    EXPECT_EQ(text.find("------------[ cut here ]------------\n"
                        "cache_from_obj: Wrong slab cache. wrong but object is from right\n"
                        "---[ end trace 0000000000000000 ]---\nAllocated in op_3 age="),
              0u)
        << text;
    bench.write(a, 72, 0, 8); // its free pointer: the list ends at once
    bench.validate(cache);
    EXPECT_NE(report(bench, *bench.last(ev::slab_error)).find("Wrong object count. Counter is 0 but counted were 24\n"),
              std::string::npos);
    // The 24 count as in use from then on, and so their red zones are wrong, too: the first repair is that of the count.
    for (const Event& event : bench.events) {
        if (event.kind != static_cast<u16>(ev::slub_fix)) continue;
        EXPECT_EQ(report(bench, event), "FIX right: Object count adjusted\n");
        break;
    }
    EXPECT_NE(bench.last(ev::bytes_overwritten), nullptr);
}

// SLAB_TRACE, from slub_debug=T.
TEST(SlubReport, Trace) {
    machine_profile profile = test::debug_profile();
    profile.slab.debug = SLAB_TRACE;
    DebugBench bench(profile);
    const cache_id cache = bench.create("traced", 64);
    const phys_addr_t a = bench.alloc(cache);
    const std::string text = report(bench, *bench.last(ev::object_traced));
    EXPECT_EQ(text, "TRACE traced alloc 0x" + hex(bench.virt(a)) + " inuse=1 fp=0x" + hex(bench.virt(a + 64)) + "\n");
}

} // namespace
} // namespace mm
