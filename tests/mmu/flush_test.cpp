#include "mmu/flush.h"

#include "mmu/translation.h"

namespace mm::test {
namespace {

constexpr u64 DATA = 0x10000000;

tlbi_op op_of(const Event* event) { return static_cast<tlbi_op>(event->arg[0]); }

// arm64 with 4 KiB pages: 511 pages one by one, 512 and more as the whole process.
TEST(Flush, ARangeThatIsTooLongBecomesTheWholeProcess) {
    Cpus t;
    const space_id mm = t.space();
    t.run(0, mm);
    mmu_context cx = t.cx();
    flush_tlb_range(cx, mm, DATA, DATA + 511 * 4096);
    EXPECT_EQ(op_of(t.last(tlb_event::tlbi)), tlbi_op::vae1is);
    EXPECT_EQ(t.last(tlb_event::tlbi)->arg[2], 511);
    EXPECT_EQ(t.last(tlb_event::tlbi)->arg[3], 2);
    flush_tlb_range(cx, mm, DATA, DATA + 512 * 4096);
    EXPECT_EQ(op_of(t.last(tlb_event::tlbi)), tlbi_op::aside1is);
    EXPECT_EQ(t.last(tlb_event::flush_too_long)->arg[1], 512);
    // Blocks take steps of blocks.
    flush_tlb_range(cx, mm, DATA, DATA + 511 * 2 * MiB, 1);
    EXPECT_EQ(t.last(tlb_event::tlbi)->arg[2], 511);
    // The kernel's ranges may be one page longer.
    flush_tlb_kernel_range(cx, KERNEL, KERNEL + 512 * 4096);
    EXPECT_EQ(op_of(t.last(tlb_event::tlbi)), tlbi_op::vaale1is);
    flush_tlb_kernel_range(cx, KERNEL, KERNEL + 513 * 4096);
    EXPECT_EQ(op_of(t.last(tlb_event::tlbi)), tlbi_op::vmalle1is);
    EXPECT_EQ(max_tlbi_ops(*arm64_geometry(16384, 48)), 2048u);
    EXPECT_EQ(max_tlbi_ops(*arm64_geometry(65536, 48)), 8192u);
}

TEST(Flush, X86FlushesUpToThirtyThreePagesOneByOne) {
    Cpus t({}, 2, i386_geometry(false));
    const space_id mm = t.space(), other = t.space();
    t.run(0, mm);
    t.run(1, other);
    mmu_context cx = t.cx();
    flush_tlb_range(cx, mm, DATA, DATA + 33 * 4096);
    EXPECT_EQ(op_of(t.last(tlb_event::tlbi)), tlbi_op::invlpg);
    EXPECT_EQ(t.last(tlb_event::tlbi)->arg[5], 1); // only CPU 0 runs with these tables
    flush_tlb_range(cx, mm, DATA, DATA + 34 * 4096);
    EXPECT_EQ(op_of(t.last(tlb_event::tlbi)), tlbi_op::write_cr3);
    flush_tlb_kernel_range(cx, 0xc0000000, 0xc0000000 + 34 * 4096);
    EXPECT_EQ(op_of(t.last(tlb_event::tlbi)), tlbi_op::toggle_pge);
    EXPECT_EQ(t.last(tlb_event::tlbi)->arg[5], 2);
}

// Only from the first to the last page that is mapped, and with tables when some went.
//
//   asked:   |                                  |
//   mapped:        AA      B
//   flushed:       ^^^^^^^^^
TEST(Flush, UnmappingFlushesWhatWasMapped) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA + 16 * KiB, DEVICE, 8 * KiB, protection::PAGE_READONLY);
    t.map(mm, DATA + 40 * KiB, DEVICE, 4 * KiB, protection::PAGE_READONLY);
    t.map(mm, DATA + MiB, DEVICE, 4 * KiB, protection::PAGE_READONLY);
    t.run(0, mm);
    t.unmap(mm, DATA, 64 * KiB);
    const Event* flush = t.last(tlb_event::tlbi);
    EXPECT_EQ(op_of(flush), tlbi_op::vale1is); // the pte table stays
    EXPECT_EQ(static_cast<u64>(flush->arg[1]), DATA + 16 * KiB);
    EXPECT_EQ(flush->arg[2], 7);
    t.unmap(mm, DATA, 2 * MiB);
    EXPECT_EQ(op_of(t.last(tlb_event::tlbi)), tlbi_op::vae1is);
    EXPECT_EQ(t.last(tlb_event::tlbi)->arg[2], 1);
    // Nothing was mapped: nothing is flushed.
    const int before = t.count(tlb_event::tlbi);
    t.unmap(mm, DATA, GiB);
    EXPECT_EQ(t.count(tlb_event::tlbi), before);
    // Blocks in steps of 2 MiB.
    t.map(mm, GiB, DEVICE, 8 * MiB, protection::PAGE_READONLY);
    t.unmap(mm, GiB, 8 * MiB);
    EXPECT_EQ(t.last(tlb_event::tlbi)->arg[2], 4);
    t.expect_sound();
}

TEST(Flush, OfOnePageLeavesTheOthers) {
    Cpus t;
    const space_id kernel = t.space(true), a = t.space(), b = t.space();
    t.map(kernel, KERNEL, DEVICE, 4096, protection::PAGE_KERNEL);
    for (const space_id mm : {a, b}) {
        t.map(mm, DATA, DEVICE, 8 * KiB, protection::PAGE_READONLY);
        for (u32 cpu = 0; cpu < 2; ++cpu) {
            t.run(cpu, mm);
            EXPECT_TRUE(t.touch(DATA, access_kind::read, true, cpu).ok());
            EXPECT_TRUE(t.touch(DATA + 4096, access_kind::read, true, cpu).ok());
            EXPECT_TRUE(t.touch(KERNEL, access_kind::read, false, cpu).ok());
        }
    }
    EXPECT_EQ(t.valid(0), 5u);
    mmu_context cx = t.cx();
    flush_tlb_page(cx, a, DATA);
    EXPECT_EQ(t.valid(0), 4u);
    EXPECT_EQ(t.valid(1), 4u);
    EXPECT_EQ(t.counters(1).invalidated, 1u);
    flush_tlb_mm(cx, b);
    EXPECT_EQ(t.valid(0), 2u);
    flush_tlb_kernel_range(cx, KERNEL, KERNEL + 4096);
    EXPECT_EQ(t.valid(0), 1u);
    flush_tlb_all(cx);
    EXPECT_EQ(t.valid(0) + t.valid(1), 0u);
    t.expect_sound();
}

// The kernel keeps an empty pte table; a block takes its place, and walk caches have to forget the table.
TEST(Flush, ABlockInPlaceOfATableIsToldToWalkCaches) {
    Cpus t;
    const space_id kernel = t.space(true);
    t.map(kernel, KERNEL, DEVICE, 4096, protection::PAGE_KERNEL);
    EXPECT_TRUE(t.touch(KERNEL, access_kind::read, false).ok());
    t.unmap(kernel, KERNEL, 4096);
    t.map(kernel, KERNEL, DEVICE, 2 * MiB, protection::PAGE_KERNEL);
    EXPECT_EQ(op_of(t.last(tlb_event::tlbi)), tlbi_op::vaae1is);
    EXPECT_EQ(t.last(tlb_event::tlbi)->arg[2], 1);
    const access_result result = t.touch(KERNEL + MiB, access_kind::write, false);
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(result.phys, DEVICE + MiB);
    t.expect_sound();
}

TEST(Flush, TheKernelsUnmappingReachesAllProcesses) {
    Cpus t;
    const space_id kernel = t.space(true), mm = t.space();
    t.map(kernel, KERNEL, DEVICE, 8 * KiB, protection::PAGE_KERNEL);
    t.run(1, mm);
    EXPECT_TRUE(t.touch(KERNEL, access_kind::write, false, 0).ok());
    EXPECT_TRUE(t.touch(KERNEL, access_kind::write, false, 1).ok());
    t.protect(kernel, KERNEL, 8 * KiB, protection::PAGE_KERNEL_RO);
    EXPECT_EQ(op_of(t.last(tlb_event::tlbi)), tlbi_op::vaale1is);
    EXPECT_EQ(t.touch(KERNEL, access_kind::write, false, 1).end, fault_end::oops_write);
    t.unmap(kernel, KERNEL, 8 * KiB);
    EXPECT_EQ(t.touch(KERNEL, access_kind::read, false, 0).end, fault_end::oops_paging);
    t.expect_sound();
}

} // namespace
} // namespace mm::test
