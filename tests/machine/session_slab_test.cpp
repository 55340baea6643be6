// Time travel over ops of the slab allocators, and the kernel's log at any position.
#include <gtest/gtest.h>

#include "base/names.h"
#include "base/rng.h"
#include "machine/kernel_log.h"
#include "machine/session.h"
#include "physical/gfp.h"

namespace mm {
namespace {

struct Variant {
    slab_allocator allocator = slab_allocator::slub;
    kernel_version kernel = kernel_version::v6_1;
    slab_flags_t debug = 0;
};

constexpr slab_flags_t FZPU = SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER;
constexpr Variant VARIANTS[] = {
    {slab_allocator::slub, kernel_version::v5_10, 0},   {slab_allocator::slub, kernel_version::v6_1, 0},
    {slab_allocator::slub, kernel_version::v6_12, 0},   {slab_allocator::slub, kernel_version::v5_10, FZPU},
    {slab_allocator::slub, kernel_version::v6_1, FZPU}, {slab_allocator::slub, kernel_version::v6_12, FZPU},
    {slab_allocator::slab, kernel_version::v5_10, 0},   {slab_allocator::slab, kernel_version::v6_1, 0},
    {slab_allocator::slob, kernel_version::v5_10, 0},   {slab_allocator::slob, kernel_version::v6_1, 0},
};

Machine start_of(const Variant& variant) {
    machine_profile profile;
    profile.kernel = variant.kernel;
    profile.cpus = 2;
    profile.slab.allocator = variant.allocator;
    profile.slab.debug = variant.debug;
    declare_memory(profile, 64ull << 20);
    return std::move(make_machine(std::move(profile)).value());
}

Op op_of(const char* name, std::initializer_list<i64> args, u32 result, u32 cpu) {
    Op op;
    op.kind = *find_op(name);
    op.result = result;
    op.cpu = static_cast<u16>(cpu);
    std::size_t i = 0;
    for (const i64 arg : args) op.arg[i++] = arg;
    return op;
}

// Two caches, then objects one by one and in bulk, kmalloc, writes outside of objects, double frees, shrinking.
std::vector<Op> random_ops(u32 count, u64 seed) {
    Rng rng(seed);
    std::vector<Op> ops = {op_of("kmem_cache_create", {static_cast<i64>(intern("seek-a")), 100, 0, 0, 0, 0}, 0, 0),
                           op_of("kmem_cache_create", {static_cast<i64>(intern("seek-b")), 700, 0, 0, 0, 0}, 1, 0)};
    struct Held {
        u32 slot;
        i64 cache; // -1: kmalloc
    };
    std::vector<Held> held;
    u32 slot = 10;
    while (ops.size() < count) {
        const u32 cpu = rng.below(2);
        const i64 cache = rng.below(2);
        const u32 what = rng.below(20);
        if (what < 7 || held.empty()) {
            ops.push_back(op_of("kmem_cache_alloc", {cache, GFP_KERNEL}, slot, cpu));
            held.push_back({slot++, cache});
        } else if (what < 9) {
            ops.push_back(op_of("kmem_cache_alloc_bulk", {cache, 5, GFP_KERNEL}, slot, cpu));
            for (u32 i = 0; i < 5; ++i) held.push_back({slot++, cache});
        } else if (what < 11) {
            ops.push_back(op_of("kmalloc", {1 + rng.below(3000), GFP_KERNEL}, slot, cpu));
            held.push_back({slot++, -1});
        } else if (what < 17) {
            const u32 which = rng.below(static_cast<u32>(held.size()));
            const Held object = held[which];
            if (object.cache < 0)
                ops.push_back(op_of("kfree", {object.slot}, Op::NO_RESULT, cpu));
            else
                ops.push_back(op_of("kmem_cache_free", {object.cache, object.slot}, Op::NO_RESULT, cpu));
            if (rng.below(12)) held.erase(held.begin() + which); // else it will be freed again
        } else if (what < 18) {
            ops.push_back(op_of("kmem_cache_free_bulk", {cache, held[rng.below(static_cast<u32>(held.size()))].slot, 3},
                                Op::NO_RESULT, cpu));
        } else if (what < 19) {
            ops.push_back(op_of("write", {held[rng.below(static_cast<u32>(held.size()))].slot, rng.below(120), 0x41, 2},
                                Op::NO_RESULT, cpu));
        } else {
            ops.push_back(op_of("kmem_cache_shrink", {cache}, Op::NO_RESULT, cpu));
        }
    }
    return ops;
}

TEST(SlabSession, AnyPositionEqualsRunningThereFromTheStart) {
    for (const Variant& variant : VARIANTS) {
        const Machine start = start_of(variant);
        const std::vector<Op> ops = random_ops(500, 11);
        for (const Op& op : ops) ASSERT_FALSE(check_op(start, op).has_value());
        std::vector<u64> hashes;
        Machine machine = start;
        EventSink sink;
        for (const Op& op : ops) {
            hashes.push_back(canonical_hash(machine));
            apply(machine, op, sink);
            const auto broken = verify(machine);
            ASSERT_FALSE(broken.has_value()) << *broken << " after op " << hashes.size();
        }
        hashes.push_back(canonical_hash(machine));
        Session session(start, {.keyframe_bytes = 1u << 20, .first_interval = 16});
        session.append(ops);
        session.seek({session.steps(), 0});
        Rng rng(5);
        for (int i = 0; i < 60; ++i) {
            const u32 step = rng.below(static_cast<u32>(ops.size()) + 1);
            session.seek({step, 0});
            ASSERT_EQ(canonical_hash(session.machine()), hashes[step]) << "step " << step;
            if (step == ops.size()) continue;
            // Into the op, at once and event by event.
            const u32 events = static_cast<u32>(session.replay(step).events.size());
            if (events < 2) continue;
            session.seek({step, events / 2});
            const u64 at_once = canonical_hash(session.machine());
            session.seek({step, 0});
            for (u32 n = 0; n < events / 2; ++n) session.next_event();
            ASSERT_EQ(canonical_hash(session.machine()), at_once) << "step " << step << ", event " << events / 2;
        }
    }
}

TEST(SlabSession, TheLogAtAnyPositionIsThatOfARunFromTheStart) {
    u32 printed = 0;
    for (const Variant& variant : VARIANTS) {
        const Machine start = start_of(variant);
        const std::vector<Op> ops = random_ops(300, 23);
        std::vector<std::string> logs{""};
        Machine machine = start;
        for (const Op& op : ops) {
            logs.push_back(logs.back());
            EventSink quiet;
            apply_with_log(machine, op, quiet, logs.back());
            trim_kernel_log(logs.back());
        }
        printed += logs.back().empty() ? 0 : 1;
        Session session(start, {.keyframe_bytes = 1u << 20, .first_interval = 16});
        session.append(ops);
        session.seek({session.steps(), 0});
        EXPECT_EQ(session.kernel_log(), logs.back());
        Rng rng(6);
        for (int i = 0; i < 40; ++i) {
            const u32 step = rng.below(static_cast<u32>(ops.size()) + 1);
            session.seek({step, 0});
            ASSERT_EQ(session.kernel_log(), logs[step]) << "step " << step;
        }
        // Inside an op that prints: its first lines, then more.
        for (u32 step = 0; step < ops.size(); ++step) {
            if (logs[step + 1] == logs[step] || logs[step + 1].size() < logs[step].size()) continue;
            session.seek({step, 1});
            const std::string early = session.kernel_log();
            session.seek({step + 1, 0});
            EXPECT_TRUE(session.kernel_log().starts_with(early));
            EXPECT_EQ(session.kernel_log({step, 0}), logs[step]);
            break;
        }
    }
    EXPECT_GE(printed, 3u) << "debugged caches report what the random writes damage";
}

TEST(SlabSession, TheKernelLogIsThatOfThePosition) {
    Session session(start_of({slab_allocator::slub, kernel_version::v6_1, FZPU}));
    session.append(op_of("kmem_cache_create", {static_cast<i64>(intern("twice")), 64, 0, 0, 0, 0}, 0, 0));
    session.append(op_of("kmem_cache_alloc", {0, GFP_KERNEL}, 1, 0));
    session.append(op_of("kmem_cache_alloc", {0, GFP_KERNEL}, 2, 0));
    session.append(op_of("kmem_cache_free", {0, 1}, Op::NO_RESULT, 0));
    session.append(op_of("kmem_cache_free", {0, 1}, Op::NO_RESULT, 0));
    session.seek({5, 0});
    EXPECT_NE(session.kernel_log().find("BUG twice (Not tainted): Object already free"), std::string::npos);
    session.seek({3, 0});
    EXPECT_EQ(session.kernel_log(), "");
    session.seek({5, 0});
    EXPECT_NE(session.kernel_log().find("Object already free"), std::string::npos);
}

TEST(SlabSession, ALogThatIsFullDropsWholeLinesFromItsBeginning) {
    std::string log;
    for (int i = 0; i < 20000; ++i) log += "line " + std::to_string(i) + "\n";
    trim_kernel_log(log);
    EXPECT_LE(log.size(), KERNEL_LOG_BYTES);
    EXPECT_GT(log.size(), KERNEL_LOG_BYTES - 20);
    EXPECT_TRUE(log.starts_with("line "));
    EXPECT_TRUE(log.ends_with("line 19999\n"));
}

} // namespace
} // namespace mm
