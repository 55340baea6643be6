// By the kernel's rules (mm/mseal.c of 6.12): no recording has mseal().
#include "process/one_process.h"

namespace mm {
namespace {

class Mseal : public testing::Test {
  protected:
    i64 seal(u64 page, u64 pages) { return sys_mseal(p.cx, ARENA + page * PAGE, pages * PAGE); }

    OneProcess p{kernel_version::v6_12};
};

TEST_F(Mseal, SealsAPartAndForbidsEveryChangeOfIt) {
    p.map(0, 6);
    EXPECT_EQ(seal(2, 2), 0);
    EXPECT_EQ(p.areas(), "0-2 rw-p, 2-4 rw-p, 4-6 rw-p");
    EXPECT_EQ(p.unmap(3, 1), error(mm_errno::eperm));
    EXPECT_EQ(p.protect(2, 2, PROT_READ), error(mm_errno::eperm));
    EXPECT_EQ(p.map(2, 1), error(mm_errno::eperm)) << "MAP_FIXED would replace it";
    EXPECT_EQ(sys_mremap(p.cx, {ARENA + 2 * PAGE, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE}), error(mm_errno::eperm));
    EXPECT_EQ(p.protect(0, 2, PROT_READ), 0) << "what is beside it may change";
    EXPECT_EQ(p.unmap(4, 2), 0);
    EXPECT_EQ(p.areas(), "0-2 r--p, 2-4 rw-p");
}

TEST_F(Mseal, ARangeThatReachesIntoItStaysMappedButMayBeCut) {
    p.map(0, 6);
    EXPECT_EQ(seal(4, 2), 0);
    EXPECT_EQ(p.unmap(2, 4), error(mm_errno::eperm));
    EXPECT_EQ(p.areas(), "0-2 rw-p, 2-4 rw-p, 4-6 rw-p") << "it was cut at page 2 before the sealed one was met";
}

TEST_F(Mseal, OnlyWhatAProgramCouldWriteItselfIsThrownAway) {
    p.map(0, 2);
    p.map(2, 2, PROT_READ);
    EXPECT_EQ(seal(0, 4), 0);
    const auto advise = [&](u64 page, madvice advice) {
        return sys_madvise(p.cx, ARENA + page * PAGE, 2 * PAGE, static_cast<u32>(advice));
    };
    EXPECT_EQ(advise(0, madvice::DONTNEED), 0);
    EXPECT_EQ(advise(2, madvice::DONTNEED), error(mm_errno::eperm));
    EXPECT_EQ(advise(2, madvice::WILLNEED), 0);
}

TEST_F(Mseal, HolesAndPartsOfPagesAreRefusedBeforeAnythingIsSealed) {
    p.map(0, 2);
    p.map(3, 2);
    EXPECT_EQ(seal(0, 5), error(mm_errno::enomem));
    EXPECT_EQ(seal(2, 1), error(mm_errno::enomem));
    EXPECT_EQ(seal(4, 2), error(mm_errno::enomem)) << "nothing behind page 5";
    EXPECT_EQ(sys_mseal(p.cx, ARENA + 1, PAGE), error(mm_errno::einval));
    EXPECT_EQ(sys_mseal(p.cx, ARENA, 0), 0);
    EXPECT_EQ(p.unmap(0, 2), 0);
}

TEST_F(Mseal, SealedNeighboursMergeAndAProcessEndsWithThem) {
    p.map(0, 2);
    p.map(2, 2, PROT_READ);
    EXPECT_EQ(p.protect(2, 2, RW), 0);
    EXPECT_EQ(p.areas(), "0-4 rw-p");
    EXPECT_EQ(seal(0, 2), 0);
    EXPECT_EQ(seal(2, 2), 0);
    EXPECT_EQ(p.areas(), "0-4 rw-p");
    unmap_everything(p.cx);
    EXPECT_EQ(p.areas(), "");
    EXPECT_EQ(p.cx.mm().total_vm, 0u);
}

TEST(MsealRules, ItCameWith6_10AndNeedsTheBitsOf64) {
    for (const kernel_version before : {kernel_version::v5_10, kernel_version::v6_1}) {
        OneProcess p(before);
        p.map(0, 1);
        EXPECT_EQ(sys_mseal(p.cx, ARENA, PAGE), error(mm_errno::enosys));
    }
    EXPECT_FALSE((vma_rules{kernel_version::v6_12, architecture::i386}.has_mseal()));
}

} // namespace
} // namespace mm
