// MADV_COLLAPSE by hand, after mm/khugepaged.c of 6.1: what it needs, what it makes, what it answers.
#include "process/fault_event_rows.h"
#include "process/paged_processes.h"
#include "process/zap.h"

namespace mm {
namespace {

using kind = mapped_page::page_kind;
constexpr u64 HUGE_PAGES = 512;

class CollapseCalls : public testing::Test {
  protected:
    i64 collapse(u64 page, u64 count) { return p.advise(p.first, page, count, madvice::COLLAPSE); }
    [[nodiscard]] u64 anon() const { return p.proc.mms[p.first].rss.anon; }
    [[nodiscard]] i64 scanned() {
        const auto last = std::find_if(p.events.rbegin(), p.events.rend(), [](const Event& event) {
            return event.kind == static_cast<u16>(fault_event::collapse_scanned);
        });
        return last == p.events.rend() ? -1 : Args<fault_event::collapse_scanned>(*last)["result"];
    }

    PagedProcesses p{kernel_version::v6_1};
};

TEST_F(CollapseCalls, PagesBecomeAHugePageWithTheirBytesAndZeroesBetween) {
    p.map(p.first, 0, 2 * HUGE_PAGES);
    for (const u64 page : {u64{0}, u64{7}, u64{511}}) p.write(p.first, page, static_cast<u8>(page + 1));
    const u64 before = anon();
    EXPECT_EQ(collapse(0, HUGE_PAGES), 0);
    EXPECT_EQ(anon(), before + HUGE_PAGES - 3);
    EXPECT_EQ(p.at(p.first, 7).level, 1);
    EXPECT_EQ(p.at(p.first, 7).value, 8);
    EXPECT_EQ(p.at(p.first, 511).value, 0) << "511 + 1 is 256, a byte has none";
    EXPECT_EQ(p.at(p.first, 8).value, 0);
    EXPECT_EQ(p.read(p.first, 100).minflt, 0u);
    p.expect_sound();
    EXPECT_EQ(collapse(0, HUGE_PAGES), 0) << "it is one already";
    EXPECT_EQ(scanned(), static_cast<i64>(collapse_result::is_huge));
    EXPECT_EQ(collapse(HUGE_PAGES, HUGE_PAGES), error_of(mm_errno::einval)) << "nothing was ever there";
    EXPECT_EQ(scanned(), static_cast<i64>(collapse_result::no_table));
    p.expect_sound();
}

TEST_F(CollapseCalls, WhatTheVmaDoesNotAllowIsInvalid) {
    p.map(p.first, 1, HUGE_PAGES);
    p.write(p.first, 1, 1);
    EXPECT_EQ(collapse(1, HUGE_PAGES), error_of(mm_errno::einval)) << "no aligned 2 MiB";
    p.map(p.first, 2 * HUGE_PAGES, HUGE_PAGES);
    EXPECT_EQ(collapse(2 * HUGE_PAGES, HUGE_PAGES), error_of(mm_errno::einval)) << "it has no anon_vma";
    p.write(p.first, 2 * HUGE_PAGES, 1);
    EXPECT_EQ(p.advise(p.first, 2 * HUGE_PAGES, HUGE_PAGES, madvice::NOHUGEPAGE), 0);
    EXPECT_EQ(collapse(2 * HUGE_PAGES, HUGE_PAGES), error_of(mm_errno::einval));
    p.map(p.first, 4 * HUGE_PAGES, HUGE_PAGES, RW, SHARED);
    p.write(p.first, 4 * HUGE_PAGES, 1);
    EXPECT_EQ(collapse(4 * HUGE_PAGES, HUGE_PAGES), error_of(mm_errno::einval));
    p.map(p.first, 6 * HUGE_PAGES, HUGE_PAGES);
    p.write(p.first, 6 * HUGE_PAGES, 1);
    EXPECT_EQ(p.protect(p.first, 6 * HUGE_PAGES, HUGE_PAGES, PROT_READ), 0);
    EXPECT_EQ(collapse(6 * HUGE_PAGES, HUGE_PAGES), error_of(mm_errno::einval)) << "none may be written";
    EXPECT_EQ(scanned(), static_cast<i64>(collapse_result::read_only));
    p.expect_sound();
}

TEST_F(CollapseCalls, ARangeWithinAHugePageIsInvalidAndAnEmptyOneIsNot) {
    p.map(p.first, 0, 2 * HUGE_PAGES);
    p.write(p.first, 0, 1);
    EXPECT_EQ(collapse(1, 4), error_of(mm_errno::einval)) << "up to 512 and down to 0: less than none";
    EXPECT_EQ(collapse(1, HUGE_PAGES), 0) << "up to 512 and down to 512";
    EXPECT_EQ(p.at(p.first, 0).level, 0);
}

TEST_F(CollapseCalls, PiecesOfASplitHugePageBecomeOneAgain) {
    p.map(p.first, 0, HUGE_PAGES);
    p.write(p.first, 3, 7);
    EXPECT_EQ(collapse(0, HUGE_PAGES), 0);
    mm_context cx = p.of(p.first);
    EXPECT_TRUE(split_huge_pmd(cx, ARENA));
    EXPECT_EQ(p.at(p.first, 3).level, 0);
    EXPECT_EQ(collapse(0, HUGE_PAGES), 0);
    EXPECT_EQ(p.at(p.first, 3).level, 1);
    EXPECT_EQ(p.at(p.first, 3).value, 7);
    p.expect_sound();
}

TEST_F(CollapseCalls, AfterForkTheChildKeepsItsPagesAndTheParentGetsAHugePage) {
    p.map(p.first, 0, HUGE_PAGES);
    for (u64 page = 0; page < 4; ++page) p.write(p.first, page, static_cast<u8>(10 + page));
    const mm_id child = p.fork(p.first);
    EXPECT_EQ(collapse(0, HUGE_PAGES), error_of(mm_errno::einval)) << "fork has made all entries read-only";
    p.write(p.first, 4, 14);
    EXPECT_EQ(collapse(0, HUGE_PAGES), 0);
    EXPECT_EQ(p.at(p.first, 2).level, 1);
    EXPECT_EQ(p.at(child, 2).level, 0);
    EXPECT_EQ(p.at(child, 2).mapcount, 1u);
    EXPECT_EQ(p.read(child, 3).value, 13);
    p.expect_sound();
}

} // namespace
} // namespace mm
