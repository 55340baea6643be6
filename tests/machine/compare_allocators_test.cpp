// Comparing allocators: the numbers of one cache, worked out by hand for each allocator.
#include "machine/compare_allocators.h"

#include <gtest/gtest.h>

#include "base/names.h"
#include "machine/session.h"
#include "physical/gfp.h"
#include "physical/machines.h"

namespace mm {
namespace {

constexpr u32 BOX = 0, FIRST = 1; // result slots

machine_profile small(kernel_version kernel = kernel_version::v6_1) {
    machine_profile profile = test::profile_of(64, kernel, architecture::x86_64);
    profile.slab.freelist_random = false;
    profile.slab.max_order = 0; // slub_max_order: slabs of one page
    return profile;
}

Op op_of(std::string_view name, std::initializer_list<i64> args, u32 result = Op::NO_RESULT) {
    Op op;
    op.kind = *find_op(name);
    op.result = result;
    std::size_t i = 0;
    for (const FieldSpec& field : op_spec(op.kind).field_list()) op.arg[i++] = field.default_value;
    std::copy(args.begin(), args.end(), op.arg.begin());
    return op;
}

Session session_of(const machine_profile& profile, const std::vector<Op>& ops) {
    Session session(std::move(make_machine(profile).value()));
    session.append(ops);
    return session;
}

// A cache of 1000 bytes that stand 1024 apart, and nine objects.
std::vector<Op> nine_boxes() {
    std::vector<Op> ops{op_of("kmem_cache_create", {intern("box"), 1000, 1024}, BOX)};
    for (u32 i = 0; i < 9; ++i) ops.push_back(op_of("kmem_cache_alloc", {BOX, GFP_KERNEL}, FIRST + i));
    return ops;
}

Comparison compared(const machine_profile& profile, const Session& session) {
    Comparison comparison(profile, false, session.steps());
    while (comparison.advance(session.ops(), 3)) continue;
    return comparison;
}

const AllocatorNumbers& last_of(const Comparison& comparison, slab_allocator allocator) {
    for (const AllocatorRun& run : comparison.runs())
        if (run.allocator == allocator) return run.points.back().numbers;
    ADD_FAILURE() << "no run of this allocator";
    return comparison.runs().front().points.back().numbers;
}

// Four objects a page: two full slabs, one with one object. The first, fifth and ninth need the slow path.
TEST(Compare, SlubsNumbersOfOneCache) {
    const Session session = session_of(small(), nine_boxes());
    const Comparison comparison = compared(small(), session);
    const AllocatorNumbers& n = last_of(comparison, slab_allocator::slub);
    EXPECT_EQ(n.pages, 3u);
    EXPECT_EQ(n.bytes.pages, 3u * 4096);
    EXPECT_EQ(n.bytes.asked, 9u * 1000);
    EXPECT_EQ(n.bytes.rounding, 9u * 24);
    EXPECT_EQ(n.bytes.free, 3u * 1024);
    EXPECT_EQ(n.bytes.rest, 0u);
    EXPECT_EQ(n.full, 2u);
    EXPECT_EQ(n.partial, 1u);
    EXPECT_EQ(n.empty, 0u);
    EXPECT_EQ(n.slow_allocs, 3u);
    EXPECT_EQ(n.fast_allocs, 6u);
    EXPECT_EQ(n.failed, 0u);
}

// Four objects a page here too, the index array in a free object. Each refill grows one slab and puts all of it into the
// CPU's array, so all three slabs are full for SLAB.
TEST(Compare, SlabsNumbersOfOneCache) {
    const Session session = session_of(small(), nine_boxes());
    const Comparison comparison = compared(small(), session);
    const AllocatorNumbers& n = last_of(comparison, slab_allocator::slab);
    EXPECT_EQ(n.pages, 3u);
    EXPECT_EQ(n.bytes.asked, 9u * 1000);
    EXPECT_EQ(n.bytes.rounding, 9u * 24);
    EXPECT_EQ(n.bytes.free, 3u * 1024);
    EXPECT_EQ(n.bytes.rest, 0u);
    EXPECT_EQ(n.full, 3u);
    EXPECT_EQ(n.slow_allocs, 3u);
    EXPECT_EQ(n.fast_allocs, 6u);
}

// Blocks of exactly 1000 bytes at multiples of 1024: what is between them stays free.
TEST(Compare, SlobsNumbersOfOneCache) {
    const Session session = session_of(small(), nine_boxes());
    const Comparison comparison = compared(small(), session);
    const AllocatorNumbers& n = last_of(comparison, slab_allocator::slob);
    EXPECT_EQ(n.pages, 3u);
    EXPECT_EQ(n.bytes.asked, 9u * 1000);
    EXPECT_EQ(n.bytes.rounding, 0u);
    EXPECT_EQ(n.bytes.free, 3u * 4096 - 9000);
    EXPECT_EQ(n.partial, 3u);
}

// kmalloc(40): SLUB and SLAB take objects of 64 bytes. SLOB takes the 40 bytes and puts a header of 8 in front.
TEST(Compare, HeadersAreMetadataAndSizeClassesAreRounding) {
    std::vector<Op> ops;
    for (u32 i = 0; i < 8; ++i) ops.push_back(op_of("kmalloc", {40, GFP_KERNEL}, FIRST + i));
    const Session session = session_of(small(), ops);
    const Comparison comparison = compared(small(), session);
    for (const slab_allocator allocator : {slab_allocator::slub, slab_allocator::slab}) {
        EXPECT_EQ(last_of(comparison, allocator).bytes.rounding, 8u * 24);
        EXPECT_EQ(last_of(comparison, allocator).bytes.asked, 8u * 40);
    }
    EXPECT_EQ(last_of(comparison, slab_allocator::slob).bytes.metadata, 8u * 8);
    EXPECT_EQ(last_of(comparison, slab_allocator::slob).bytes.rounding, 0u);
    ops.push_back(op_of("kfree", {FIRST}));
    const Session freed = session_of(small(), ops);
    EXPECT_EQ(last_of(compared(small(), freed), slab_allocator::slob).bytes.metadata, 7u * 8);
}

// Four objects of 896 bytes leave 512 of a page: 8 colours of 64 bytes, and the first slab has the second one. The index
// array stands in the object that is taken from the slab last, so nothing else is taken.
TEST(Compare, ColoursAreCountedApartFromWhatIsLeftOver) {
    std::vector<Op> ops{op_of("kmem_cache_create", {intern("dev"), 896, 0}, BOX)};
    for (u32 i = 0; i < 8; ++i) ops.push_back(op_of("kmem_cache_alloc", {BOX, GFP_KERNEL}, FIRST + i));
    const Session session = session_of(small(), ops);
    const Comparison comparison = compared(small(), session);
    const AllocatorBytes& bytes = last_of(comparison, slab_allocator::slab).bytes;
    EXPECT_EQ(bytes.colour, 64u + 128);
    EXPECT_EQ(bytes.rest, 2u * 512 - 64 - 128);
    EXPECT_EQ(last_of(comparison, slab_allocator::slub).bytes.colour, 0u);
}

// Red zones on both sides, and the free pointer behind the object: SLUB's metadata.
TEST(Compare, DebuggingIsMetadata) {
    std::vector<Op> ops{op_of("kmem_cache_create", {intern("dbg"), 64, 8, SLAB_RED_ZONE | SLAB_POISON}, BOX)};
    for (u32 i = 0; i < 3; ++i) ops.push_back(op_of("kmem_cache_alloc", {BOX, GFP_KERNEL}, FIRST + i));
    const Session session = session_of(small(), ops);
    const Comparison comparison = compared(small(), session);
    const AllocatorBytes& bytes = last_of(comparison, slab_allocator::slub).bytes;
    EXPECT_EQ(bytes.asked, 3u * 64);
    EXPECT_EQ(bytes.metadata, 3u * (8 + 8 + 8)) << "left and right red zone, free pointer";
    EXPECT_EQ(bytes.rounding, 3u * 8) << "an empty word behind it, to catch what writes before the next object";
}

// 100,000 bytes are a block of 32 pages from the page allocator, for each allocator of 6.1.
TEST(Compare, LargeRequestsCountTheirPages) {
    std::vector<Op> ops{op_of("kmalloc", {100'000, GFP_KERNEL}, FIRST)};
    Session session = session_of(small(), ops);
    Comparison comparison = compared(small(), session);
    for (const AllocatorRun& run : comparison.runs()) {
        EXPECT_EQ(run.points.back().numbers.pages, 32u);
        EXPECT_EQ(run.points.back().numbers.bytes.asked, 100'000u);
        EXPECT_EQ(run.points.back().numbers.bytes.rounding, 32u * 4096 - 100'000);
    }
    ops.push_back(op_of("kfree", {FIRST}));
    session = session_of(small(), ops);
    comparison = compared(small(), session);
    for (const AllocatorRun& run : comparison.runs()) {
        EXPECT_EQ(run.points.back().numbers.bytes.asked, 0u);
        EXPECT_EQ(run.points.back().numbers.pages, 0u);
    }
}

TEST(Compare, PointsBeginAtTheStartAndEndAtTheEnd) {
    std::vector<Op> ops = nine_boxes();
    for (u32 i = 0; i < 9; ++i) ops.push_back(op_of("kmem_cache_free", {BOX, FIRST + i}));
    const Session session = session_of(small(), ops);
    const Comparison comparison = compared(small(), session);
    EXPECT_EQ(comparison.done(), 19u);
    for (const AllocatorRun& run : comparison.runs()) {
        ASSERT_EQ(run.points.size(), 20u);
        EXPECT_EQ(run.points.front().step, 0u);
        EXPECT_EQ(run.points.front().numbers.pages, 0u);
        EXPECT_EQ(run.at(10).numbers.bytes.asked, 9000u);
        EXPECT_EQ(run.at(99).step, 19u);
        EXPECT_EQ(run.points.back().numbers.bytes.asked, 0u);
        for (const ComparePoint& point : run.points) {
            const AllocatorBytes& b = point.numbers.bytes;
            EXPECT_EQ(b.asked + b.rounding + b.metadata + b.free + b.colour + b.rest, b.pages) << point.step;
        }
    }
}

TEST(Compare, LongSessionsAreSampledAndCut) {
    std::vector<Op> ops;
    for (u32 i = 0; i < MAX_COMPARED_OPS / 2 + 500; ++i) {
        ops.push_back(op_of("kmalloc", {64, GFP_KERNEL}, FIRST));
        ops.push_back(op_of("kfree", {FIRST}));
    }
    const Session session = session_of(small(), ops);
    Comparison comparison(small(), false, session.steps());
    EXPECT_TRUE(comparison.is_cut());
    EXPECT_TRUE(comparison.advance(session.ops(), 10));
    EXPECT_EQ(comparison.done(), 10u);
    while (comparison.advance(session.ops(), MAX_COMPARED_OPS)) continue;
    EXPECT_EQ(comparison.done(), MAX_COMPARED_OPS);
    for (const AllocatorRun& run : comparison.runs()) EXPECT_LE(run.points.size(), COMPARED_POINTS + 2);
}

TEST(Compare, KernelsWithoutSlabAndSlobHaveSlubAlone) {
    const Session session = session_of(small(kernel_version::v6_12), nine_boxes());
    const Comparison comparison = compared(small(kernel_version::v6_12), session);
    ASSERT_EQ(comparison.runs().size(), 1u);
    EXPECT_EQ(comparison.runs()[0].allocator, slab_allocator::slub);
    EXPECT_EQ(last_of(comparison, slab_allocator::slub).pages, 3u);
}

TEST(Compare, OpsThatFailAreCounted) {
    const Session session = session_of(small(), {op_of("kmalloc", {i64{1} << 30, GFP_KERNEL}, FIRST)});
    const Comparison comparison = compared(small(), session);
    for (const AllocatorRun& run : comparison.runs()) EXPECT_EQ(run.points.back().numbers.failed, 1u);
}

// An op of more work than one may take: for the comparison, too, it does not run, nor does what stands behind it.
TEST(Compare, EndsBeforeTheOpOfTooMuchWork) {
    // 20 GiB in pages: 10,240 tables of 512 entries, above 2^23 units for their records alone.
    std::vector<Op> ops{op_of("pgd_alloc", {}, BOX)};
    const auto map = [] {
        Op op = op_of("create_pgd_mapping", {}, Op::NO_RESULT);
        const auto fields = op_spec(op.kind).field_list();
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (fields[i].name == "mm") op.arg[i] = BOX;
            if (fields[i].name == "address" || fields[i].name == "phys") op.arg[i] = 0;
            if (fields[i].name == "size") op.arg[i] = i64{20} << 30;
            if (fields[i].name == "page_mappings_only") op.arg[i] = 1;
        }
        return op;
    }();
    ops.push_back(map);
    const Session session = session_of(test::profile_of(64, kernel_version::v6_1, architecture::arm64), ops);
    const Comparison comparison = compared(test::profile_of(64, kernel_version::v6_1, architecture::arm64), session);
    EXPECT_TRUE(comparison.is_cut());
    for (const AllocatorRun& run : comparison.runs()) EXPECT_LE(run.points.back().step, 1u);
}

} // namespace
} // namespace mm
