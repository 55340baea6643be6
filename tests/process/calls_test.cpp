#include <gtest/gtest.h>

#include "process/one_process.h"

namespace mm {
namespace {

constexpr u64 HEAP = 0x50'0000;

TEST(Brk, MovesByBytesAndMapsPages) {
    OneProcess p;
    EXPECT_EQ(sys_brk(p.cx, 0), static_cast<i64>(HEAP)) << "too low: it only tells";
    EXPECT_EQ(sys_brk(p.cx, HEAP + 1), static_cast<i64>(HEAP + 1));
    EXPECT_EQ(p.cx.mm().data_vm, 1u);
    EXPECT_EQ(sys_brk(p.cx, HEAP + PAGE), static_cast<i64>(HEAP + PAGE)) << "the same page";
    EXPECT_EQ(p.cx.mm().data_vm, 1u);
    EXPECT_EQ(sys_brk(p.cx, HEAP + 3 * PAGE), static_cast<i64>(HEAP + 3 * PAGE));
    EXPECT_EQ(p.cx.mm().map_count, 1u) << "it grows";
    EXPECT_EQ(sys_brk(p.cx, HEAP), static_cast<i64>(HEAP));
    EXPECT_EQ(p.cx.mm().map_count, 0u);
    EXPECT_EQ(sys_brk(p.cx, ~0ull), static_cast<i64>(HEAP));
}

// A page stays free between the heap and the next mapping.
TEST(Brk, KeepsAPageBeforeTheNext) {
    OneProcess p;
    ASSERT_GT(sys_mmap(p.cx, {HEAP + 4 * PAGE, PAGE, PROT_READ, FIXED}), 0);
    EXPECT_EQ(sys_brk(p.cx, HEAP + 3 * PAGE), static_cast<i64>(HEAP + 3 * PAGE));
    EXPECT_EQ(sys_brk(p.cx, HEAP + 4 * PAGE), static_cast<i64>(HEAP + 3 * PAGE));
}

TEST(Mprotect, GoesUpToTheHole) {
    OneProcess p;
    p.map(0, 2);
    p.map(3, 2);
    EXPECT_EQ(p.protect(1, 3, PROT_READ), error(mm_errno::enomem));
    EXPECT_EQ(p.areas(), "0-1 rw-p, 1-2 r--p, 3-5 rw-p");
    EXPECT_EQ(p.protect(2, 1, PROT_READ), error(mm_errno::enomem));
    EXPECT_EQ(p.protect(0, 0, PROT_READ), 0);
    EXPECT_EQ(p.protect(0, 1, RW | PROT_SEM), 0);
    EXPECT_EQ(p.protect(0, 1, 0x40), error(mm_errno::einval));
    EXPECT_EQ(p.protect(0, 1, PROT_READ | PROT_GROWSDOWN), error(mm_errno::einval)) << "it does not grow";
}

// Since 6.7 memory that nobody has touched leaves the account when it becomes read-only.
TEST(Mprotect, AccountOfWhatIsUntouched) {
    for (const kernel_version kernel : {kernel_version::v6_1, kernel_version::v6_12}) {
        OneProcess p(kernel);
        p.map(0, 4);
        EXPECT_EQ(p.proc.vm_committed, 4u);
        p.protect(0, 4, PROT_READ);
        EXPECT_EQ(p.proc.vm_committed, kernel == kernel_version::v6_1 ? 4u : 0u);
        p.protect(0, 4, RW);
        EXPECT_EQ(p.proc.vm_committed, 4u);
        p.unmap(0, 4);
        EXPECT_EQ(p.proc.vm_committed, 0u);
    }
}

class Mremap : public testing::Test {
  protected:
    i64 resize(u64 page, u64 old_pages, u64 new_pages, u32 flags = 0, u64 new_page = 0) {
        return sys_mremap(p.cx,
                          {ARENA + page * PAGE, old_pages * PAGE, new_pages * PAGE, flags, ARENA + new_page * PAGE});
    }
    OneProcess p;
};

TEST_F(Mremap, GrowsAndShrinksInPlace) {
    p.map(0, 4);
    EXPECT_EQ(resize(0, 4, 2), static_cast<i64>(ARENA));
    EXPECT_EQ(p.areas(), "0-2 rw-p");
    EXPECT_EQ(resize(0, 2, 5), static_cast<i64>(ARENA));
    EXPECT_EQ(p.areas(), "0-5 rw-p");
    p.map(6, 1, PROT_READ);
    EXPECT_EQ(resize(0, 5, 8), error(mm_errno::enomem)) << "something is in the way, and it may not move";
    EXPECT_EQ(p.cx.mm().total_vm, 6u);
}

// It keeps its offset when it was written, and takes that of its place when not.
TEST_F(Mremap, MovesWithItsOffset) {
    p.map(0, 2);
    p.write(0);
    p.map(10, 2);
    EXPECT_EQ(resize(0, 2, 2, MREMAP_MAYMOVE | MREMAP_FIXED, 100), static_cast<i64>(ARENA + 100 * PAGE));
    EXPECT_EQ(p.at(100).vm_pgoff, ARENA / PAGE);
    EXPECT_EQ(resize(10, 2, 3, MREMAP_MAYMOVE | MREMAP_FIXED, 200), static_cast<i64>(ARENA + 200 * PAGE));
    EXPECT_EQ(p.at(200).vm_pgoff, ARENA / PAGE + 200);
    EXPECT_EQ(p.areas(), "100-102 rw-p, 200-203 rw-p");
    EXPECT_EQ(p.proc.vm_committed, 5u);
}

TEST_F(Mremap, EachErrorHasItsReason) {
    p.map(0, 2);
    p.map(2, 2, PROT_READ);
    EXPECT_EQ(resize(0, 2, 0), error(mm_errno::einval));
    EXPECT_EQ(resize(0, 2, 2, MREMAP_FIXED, 9), error(mm_errno::einval)) << "FIXED wants MAYMOVE";
    EXPECT_EQ(resize(0, 2, 3, MREMAP_MAYMOVE | MREMAP_DONTUNMAP), error(mm_errno::einval)) << "no other size";
    EXPECT_EQ(resize(0, 4, 6, MREMAP_MAYMOVE), error(mm_errno::efault)) << "two VMAs";
    EXPECT_EQ(resize(50, 1, 2, MREMAP_MAYMOVE), error(mm_errno::efault)) << "nothing is there";
    EXPECT_EQ(resize(0, 0, 1, MREMAP_MAYMOVE), error(mm_errno::einval)) << "private memory is not doubled";
    EXPECT_EQ(resize(0, 2, 2, MREMAP_MAYMOVE | MREMAP_FIXED, 1), error(mm_errno::einval)) << "overlap";
}

TEST_F(Mremap, DontunmapLeavesAnEmptyMapping) {
    p.map(0, 2);
    p.write(0);
    EXPECT_EQ(resize(0, 2, 2, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, 20),
              static_cast<i64>(ARENA + 20 * PAGE));
    EXPECT_EQ(p.areas(), "0-2 rw-p, 20-22 rw-p");
    EXPECT_EQ(p.at(0).anon_vma, 0u);
    EXPECT_NE(p.at(20).anon_vma, 0u);
}

TEST(Mlock, SplitsCountsAndHasALimit) {
    OneProcess p;
    p.cx.mm_mut().privileged = false;
    p.cx.mm_mut().rlim.memlock = 2 * PAGE;
    p.map(0, 6);
    EXPECT_EQ(sys_mlock(p.cx, ARENA + PAGE, 2 * PAGE), 0);
    EXPECT_EQ(p.areas(), "0-1 rw-p, 1-3 rw-p, 3-6 rw-p");
    EXPECT_EQ(p.cx.mm().locked_vm, 2u);
    EXPECT_EQ(sys_mlock(p.cx, ARENA + PAGE, PAGE), 0) << "locked already";
    EXPECT_EQ(sys_mlock(p.cx, ARENA + 4 * PAGE, PAGE), error(mm_errno::enomem));
    EXPECT_EQ(p.map(20, 1, RW, FIXED | MAP_LOCKED), error(mm_errno::eagain));
    EXPECT_EQ(sys_munlock(p.cx, ARENA + PAGE, 2 * PAGE), 0);
    EXPECT_EQ(p.cx.mm().locked_vm, 0u);
    EXPECT_EQ(sys_mlockall(p.cx, 0), error(mm_errno::einval));
    EXPECT_EQ(sys_mlockall(p.cx, MCL_FUTURE), 0);
    EXPECT_EQ(p.map(30, 2), static_cast<i64>(ARENA + 30 * PAGE));
    EXPECT_EQ(p.cx.mm().locked_vm, 2u);
}

TEST(Madvise, ChangesFlagsOfAPart) {
    OneProcess p;
    p.map(0, 4);
    const auto advise = [&](u64 page, u64 pages, madvice advice) {
        return sys_madvise(p.cx, ARENA + page * PAGE, pages * PAGE, static_cast<u32>(advice));
    };
    EXPECT_EQ(advise(1, 1, madvice::DONTFORK), 0);
    EXPECT_EQ(p.at(1).vm_flags & VM_DONTCOPY, VM_DONTCOPY);
    EXPECT_EQ(p.cx.mm().map_count, 3u);
    EXPECT_EQ(advise(1, 1, madvice::DOFORK), 0);
    EXPECT_EQ(p.cx.mm().map_count, 1u);
    EXPECT_EQ(advise(3, 2, madvice::DONTNEED), error(mm_errno::enomem)) << "a hole behind it";
    EXPECT_EQ(sys_madvise(p.cx, ARENA, PAGE, 999), error(mm_errno::einval));
    p.map(10, 1, RW, MAP_SHARED | MAP_FIXED, p.file());
    EXPECT_EQ(advise(10, 1, madvice::WIPEONFORK), error(mm_errno::einval));
    EXPECT_EQ(advise(10, 1, madvice::FREE), error(mm_errno::einval));
    OneProcess old(kernel_version::v5_10);
    old.map(0, 1);
    EXPECT_EQ(sys_madvise(old.cx, ARENA, PAGE, static_cast<u32>(madvice::POPULATE_WRITE)), error(mm_errno::einval))
        << "since 5.14";
}

TEST(Access, SaysWhyItMayNot) {
    OneProcess p;
    p.map(0, 1, PROT_NONE);
    p.map(1, 1, PROT_READ);
    p.map(2, 1, PROT_WRITE);
    EXPECT_EQ(p.access(0, user_access_kind::read), SEGV_ACCERR);
    EXPECT_EQ(p.access(1, user_access_kind::read), 0);
    EXPECT_EQ(p.write(1), SEGV_ACCERR);
    EXPECT_EQ(p.access(2, user_access_kind::read), 0) << "what may be written may be read";
    EXPECT_EQ(p.access(2, user_access_kind::exec), SEGV_ACCERR);
    EXPECT_EQ(p.access(3, user_access_kind::read), SEGV_MAPERR);
}

// A stack grows by what is touched, as far as its limit and the gap to what is below allow; PROT_NONE needs no gap.
TEST(Access, AStackGrowsDownToItsGap) {
    OneProcess p;
    p.map(1000, 4, RW, FIXED | MAP_GROWSDOWN);
    EXPECT_EQ(p.write(990), 0);
    EXPECT_EQ(p.areas(), "990-1004 rw-p");
    EXPECT_EQ(p.cx.mm().stack_vm, 14u);
    p.map(700, 1);
    EXPECT_EQ(p.write(957), 0) << "256 pages are between";
    EXPECT_EQ(p.write(956), SEGV_MAPERR);
    p.map(700, 1, PROT_NONE);
    EXPECT_EQ(p.write(956), 0);
    p.cx.mm_mut().rlim.stack = 50 * PAGE;
    EXPECT_EQ(p.write(954), 0);
    EXPECT_EQ(p.write(953), SEGV_MAPERR) << "51 pages";
}

} // namespace
} // namespace mm
