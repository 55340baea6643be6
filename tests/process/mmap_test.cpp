#include <gtest/gtest.h>

#include "process/one_process.h"

namespace mm {
namespace {

// ---- Places --------------------------------------------------------------------------------------------------------

//   mmap_base
//   │ a │ b b │ hole of 1 │ c │        one page goes into the hole, two go below
TEST(Mmap, TheHighestHoleThatFitsIsTaken) {
    OneProcess p;
    const auto base = static_cast<i64>(p.cx.mm().mmap_base);
    const auto page = static_cast<i64>(PAGE);
    EXPECT_EQ(p.map_anywhere(1), base - page);
    EXPECT_EQ(p.map_anywhere(2, PROT_NONE), base - 3 * page);
    EXPECT_EQ(p.map_anywhere(1, PROT_READ), base - 4 * page);
    EXPECT_EQ(p.map_anywhere(1), base - 5 * page);
    EXPECT_EQ(sys_munmap(p.cx, static_cast<u64>(base - 4 * page), PAGE), 0);
    EXPECT_EQ(p.map_anywhere(2), base - 7 * page);
    EXPECT_EQ(p.map_anywhere(1), base - 4 * page);
}

// Since 6.7 whole 2 MiB are aligned to them.
TEST(Mmap, LargeMapsAreAlignedSince6_7) {
    const u64 huge = 2ull << 20;
    for (const kernel_version kernel : {kernel_version::v6_1, kernel_version::v6_12}) {
        OneProcess p(kernel);
        p.cx.mm_mut().mmap_base -= 16 * PAGE;
        const u64 base = p.cx.mm().mmap_base;
        const u64 expected = kernel == kernel_version::v6_1 ? base - huge : (base - huge) & ~(huge - 1);
        EXPECT_EQ(p.map_anywhere(huge / PAGE), static_cast<i64>(expected));
    }
}

// 256 pages below what grows down stay free of mappings without an address; an order goes there.
TEST(Mmap, TheGapBelowAStackStaysFree) {
    OneProcess p;
    p.map(1000, 4, RW, FIXED | MAP_GROWSDOWN);
    p.cx.mm_mut().mmap_base = ARENA + 1000 * PAGE;
    EXPECT_EQ(p.map_anywhere(1), static_cast<i64>(ARENA + (1000 - 257) * PAGE));
    EXPECT_EQ(p.map(900, 1), static_cast<i64>(ARENA + 900 * PAGE));
    const mmap_request wish{ARENA + 950 * PAGE, PAGE, RW, PRIVATE};
    EXPECT_NE(sys_mmap(p.cx, wish), static_cast<i64>(wish.address));
}

TEST(Mmap, AWishIsTakenWhenItIsFree) {
    OneProcess p;
    const mmap_request wish{ARENA + 123, PAGE, RW, PRIVATE};
    EXPECT_EQ(sys_mmap(p.cx, wish), static_cast<i64>(ARENA));
    EXPECT_NE(sys_mmap(p.cx, wish), static_cast<i64>(ARENA)) << "it is taken now";
}

// ---- Errors --------------------------------------------------------------------------------------------------------

TEST(Mmap, EachErrorHasItsReason) {
    OneProcess p;
    p.map(0, 2);
    EXPECT_EQ(p.map(0, 0), error(mm_errno::einval)) << "no length";
    EXPECT_EQ(sys_mmap(p.cx, {ARENA + 1, PAGE, RW, FIXED}), error(mm_errno::einval)) << "no whole page";
    EXPECT_EQ(sys_mmap(p.cx, {0, ~0ull, RW, PRIVATE}), error(mm_errno::enomem)) << "length wraps";
    EXPECT_EQ(sys_mmap(p.cx, {(1ull << 48) - PAGE, 2 * PAGE, RW, FIXED}), error(mm_errno::enomem)) << "above TASK_SIZE";
    EXPECT_EQ(p.map(1, 2, RW, PRIVATE | MAP_FIXED_NOREPLACE), error(mm_errno::eexist));
    EXPECT_EQ(p.map(4, 1, RW, MAP_ANONYMOUS | MAP_FIXED), error(mm_errno::einval)) << "neither shared nor private";
    EXPECT_EQ(p.map(4, 1, RW, MAP_PRIVATE | MAP_FIXED), error(mm_errno::ebadf)) << "no file";
    const file_id read_only = p.file(false);
    EXPECT_EQ(p.map(4, 1, RW, MAP_SHARED | MAP_FIXED, read_only), error(mm_errno::eacces));
    EXPECT_EQ(p.map(4, 1, RW, MAP_PRIVATE | MAP_FIXED, read_only), static_cast<i64>(ARENA + 4 * PAGE))
        << "copied on write";
    EXPECT_EQ(p.map(5, 1, PROT_READ, MAP_SHARED | MAP_FIXED, read_only), static_cast<i64>(ARENA + 5 * PAGE));
    EXPECT_EQ(p.protect(5, 1, RW), error(mm_errno::eacces));
    EXPECT_EQ(sys_munmap(p.cx, ARENA + 1, PAGE), error(mm_errno::einval));
    EXPECT_EQ(p.unmap(0, 0), error(mm_errno::einval));
    EXPECT_EQ(p.unmap(100, 1), 0) << "nothing is there, and that is no error";
    p.cx.mm_mut().privileged = false;
    EXPECT_EQ(sys_mmap(p.cx, {0, PAGE, RW, FIXED}), error(mm_errno::eperm)) << "below mmap_min_addr";
}

// RLIMIT_AS of 10 pages: what MAP_FIXED replaces makes room for itself.
TEST(Mmap, LimitsCountPages) {
    OneProcess p;
    p.cx.mm_mut().rlim.as = 10 * PAGE;
    EXPECT_EQ(p.map(0, 10), static_cast<i64>(ARENA));
    EXPECT_EQ(p.map(20, 1), error(mm_errno::enomem));
    EXPECT_EQ(p.map(9, 1, PROT_READ), static_cast<i64>(ARENA + 9 * PAGE));
    p.cx.mm_mut().rlim = {RLIM_INFINITY, 9 * PAGE, STACK_RLIMIT, 0};
    EXPECT_EQ(p.map(20, 1), error(mm_errno::enomem)) << "9 pages of data are there";
    EXPECT_EQ(p.map(20, 5, PROT_READ), static_cast<i64>(ARENA + 20 * PAGE)) << "that is no data";
    EXPECT_EQ(p.protect(20, 1, RW), error(mm_errno::enomem));
    p.cx.mm_mut().privileged = false;
    EXPECT_EQ(sys_mlock(p.cx, ARENA, PAGE), error(mm_errno::eperm)) << "RLIMIT_MEMLOCK is 0";
}

// At the limit a mapping in the middle of nothing fails, and so does a cut; a hole at the end does not.
TEST(Mmap, MapCountHasALimit) {
    OneProcess p;
    p.proc.max_map_count = 3;
    p.map(0, 3);
    p.map(10, 1);
    p.map(20, 1);
    EXPECT_EQ(p.unmap(1, 1), error(mm_errno::enomem)) << "would be a fourth";
    EXPECT_EQ(p.protect(0, 1, PROT_READ), error(mm_errno::enomem));
    EXPECT_EQ(p.unmap(2, 1), 0);
    EXPECT_EQ(p.map(30, 1), static_cast<i64>(ARENA + 30 * PAGE)) << "one more than the limit: it asks before";
    EXPECT_EQ(p.map(40, 1), error(mm_errno::enomem));
}

// ---- Split and merge -----------------------------------------------------------------------------------------------

TEST(VmaMerge, SplitAndBack) {
    OneProcess p;
    p.map(0, 10);
    EXPECT_EQ(p.protect(3, 2, PROT_READ), 0);
    EXPECT_EQ(p.areas(), "0-3 rw-p, 3-5 r--p, 5-10 rw-p");
    EXPECT_EQ(p.protect(4, 1, RW), 0);
    EXPECT_EQ(p.areas(), "0-3 rw-p, 3-4 r--p, 4-10 rw-p") << "the border moves";
    EXPECT_EQ(p.protect(3, 1, RW), 0);
    EXPECT_EQ(p.areas(), "0-10 rw-p");
    EXPECT_EQ(p.unmap(4, 2), 0);
    EXPECT_EQ(p.areas(), "0-4 rw-p, 6-10 rw-p");
    EXPECT_EQ(p.map(4, 2), static_cast<i64>(ARENA + 4 * PAGE));
    EXPECT_EQ(p.areas(), "0-10 rw-p");
    EXPECT_EQ(p.cx.mm().total_vm, 10u);
    EXPECT_EQ(p.cx.mm().data_vm, 10u);
}

// Two that were written have two anon_vmas, so that what fills the hole between them can join one alone: in 6.1 the
// next one.
//
//   A . B   →   6.1: A|BB     5.10, 6.12: AA|B
TEST(VmaMerge, BetweenTwoAnonVmasOneSideWins) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        OneProcess p(kernel);
        p.map(0, 1);
        p.write(0);
        p.map(2, 1);
        p.write(2);
        p.map(1, 1);
        EXPECT_EQ(p.areas(), kernel == kernel_version::v6_1 ? "0-1 rw-p, 1-3 rw-p" : "0-2 rw-p, 2-3 rw-p");
    }
}

TEST(VmaMerge, WhatDiffersKeepsApart) {
    OneProcess p;
    p.map(0, 1);
    p.map(1, 1, PROT_READ);
    p.map(2, 1, PROT_READ, FIXED | MAP_NORESERVE);
    p.map(3, 1, PROT_READ, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
    p.map(4, 1, PROT_READ, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
    EXPECT_EQ(p.cx.mm().map_count, 5u) << "flags, reserve, and each shared one has a file of its own";
    const file_id file = p.file(), again = p.file();
    p.map(10, 1, RW, MAP_SHARED | MAP_FIXED, file, 0);
    p.map(11, 1, RW, MAP_SHARED | MAP_FIXED, file, 1);
    EXPECT_EQ(p.at(10).vm_end, ARENA + 12 * PAGE) << "the offsets follow";
    p.map(12, 1, RW, MAP_SHARED | MAP_FIXED, file, 9);
    p.map(13, 1, RW, MAP_SHARED | MAP_FIXED, again, 10);
    EXPECT_EQ(p.cx.mm().map_count, 8u) << "an offset that does not follow, and another struct file";
}

// A neighbour that differs in its rights alone lends its anon_vma: so mprotect() may join them later.
TEST(VmaMerge, ANeighbourLendsItsAnonVma) {
    OneProcess p;
    p.map(0, 1);
    p.write(0);
    p.map(1, 1, RW | PROT_EXEC);
    p.write(1);
    EXPECT_EQ(p.areas(), "0-1 rw-p, 1-2 rwxp");
    EXPECT_EQ(p.at(1).anon_vma, p.at(0).anon_vma);
    EXPECT_EQ(p.protect(1, 1, RW), 0);
    EXPECT_EQ(p.areas(), "0-2 rw-p");
    p.map(3, 1);
    p.write(3);
    EXPECT_NE(p.at(3).anon_vma, p.at(0).anon_vma) << "it touches nobody";
}

// vm_ops->close keeps VMAs apart until 6.11; since then only what must vanish stays.
TEST(VmaMerge, CloseForbidsLessSince6_12) {
    for (const kernel_version kernel : {kernel_version::v6_1, kernel_version::v6_12}) {
        OneProcess p(kernel);
        const file_id file = p.file();
        p.map(0, 2, RW, MAP_SHARED | MAP_FIXED, file, 0);
        p.cx.vma_mut(vma_lookup(p.cx, ARENA)).close = true;
        p.map(2, 1, RW, MAP_SHARED | MAP_FIXED, file, 2);
        EXPECT_EQ(p.areas(), kernel == kernel_version::v6_1 ? "0-2 rw-s, 2-3 rw-s" : "0-3 rw-s");
    }
}

} // namespace
} // namespace mm
