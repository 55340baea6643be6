// Page faults of private anonymous memory, of shared memory and of files; the entries are those of a recorded arm64 machine but
// for their frame numbers.
#include "physical/events.h"
#include "process/fault_events.h"
#include "process/paged_processes.h"

namespace mm {
namespace {

using kind = mapped_page::page_kind;

// As Linux 6.1 on Cortex-A57 had them.
constexpr u64 WRITTEN = 0x00e8000000000f43, ZERO = 0x0160000000000fc3;
constexpr u64 FORKED_PARENT = 0x00e0000000000fc3, FORKED_CHILD = 0x00e0000000000bc3;

TEST(AnonymousFault, ReadGetsTheZeroPageAndAWriteAPage) {
    PagedProcesses p;
    p.map(p.first, 0, 4);
    const user_access_result read = p.read(p.first, 0);
    EXPECT_EQ(read.signal, 0);
    EXPECT_EQ(read.minflt, 1u);
    EXPECT_EQ(p.at(p.first, 0).kind, kind::zero);
    EXPECT_EQ(p.bits(p.first, 0), ZERO);
    EXPECT_EQ(p.mm(p.first).rss.total(), 0u);

    const user_access_result write = p.write(p.first, 0, 9);
    EXPECT_EQ(write.minflt, 1u);
    const mapped_page page = p.at(p.first, 0);
    EXPECT_EQ(page.kind, kind::anon);
    EXPECT_TRUE(page.exclusive);
    EXPECT_EQ(page.mapcount, 1u);
    EXPECT_EQ(page.count, 1u);
    EXPECT_EQ(p.bits(p.first, 0), WRITTEN);
    EXPECT_EQ(p.mm(p.first).rss.anon, 1u);
    EXPECT_EQ(p.read(p.first, 0).value, 9);
    EXPECT_EQ(p.read(p.first, 0).minflt, 0u);
    p.expect_sound();
}

TEST(AnonymousFault, EveryPageIsOneFault) {
    PagedProcesses p;
    p.map(p.first, 0, 64);
    u32 faults = 0;
    for (u64 i = 0; i < 64; ++i) faults += p.write(p.first, i, 1).minflt;
    EXPECT_EQ(faults, 64u);
    EXPECT_EQ(p.mm(p.first).min_flt, 64u);
    EXPECT_EQ(p.mm(p.first).rss.anon, 64u);
}

TEST(AnonymousFault, SignalsSayWhy) {
    PagedProcesses p;
    p.map(p.first, 0, 1, PROT_READ);
    const user_access_result denied = p.write(p.first, 0, 1);
    EXPECT_EQ(denied.signal, SIGSEGV_NUMBER);
    EXPECT_EQ(denied.si_code, SEGV_ACCERR);
    EXPECT_EQ(denied.si_address, ARENA);
    const user_access_result none = p.read(p.first, 5);
    EXPECT_EQ(none.signal, SIGSEGV_NUMBER);
    EXPECT_EQ(none.si_code, SEGV_MAPERR);
    p.map(p.first, 2, 1, PROT_NONE);
    EXPECT_EQ(p.read(p.first, 2).si_code, SEGV_ACCERR);
}

TEST(AnonymousFault, MunmapGivesPagesAndTablesBack) {
    PagedProcesses p;
    p.map(p.first, 0, 1);
    p.write(p.first, 0, 1);
    p.exit(p.fork(p.first)); // what is taken once is there now
    p.unmap(p.first, 0, 1);
    const u64 before = p.held_frames();
    EXPECT_EQ(p.page_tables(p.first), 0u);
    p.map(p.first, 0, 16);
    for (u64 i = 0; i < 16; ++i) p.write(p.first, i, 1);
    EXPECT_EQ(p.page_tables(p.first), 3u);
    EXPECT_EQ(p.unmap(p.first, 0, 16), 0);
    EXPECT_EQ(p.held_frames(), before);
    EXPECT_EQ(p.page_tables(p.first), 0u);
    p.expect_sound();
}

TEST(AnonymousFault, TablesStayWhereAMappingIsNear) {
    PagedProcesses p;
    p.map(p.first, 0, 1);
    p.map(p.first, 8, 1); // never touched
    p.write(p.first, 0, 1);
    p.unmap(p.first, 0, 1);
    EXPECT_EQ(p.page_tables(p.first), 3u);
    p.unmap(p.first, 8, 1);
    EXPECT_EQ(p.page_tables(p.first), 0u);
}

TEST(AnonymousFault, DontneedLeavesTablesAndBringsZeroes) {
    PagedProcesses p;
    p.map(p.first, 0, 4);
    p.write(p.first, 1, 5);
    EXPECT_EQ(p.advise(p.first, 0, 4, madvice::DONTNEED), 0);
    EXPECT_EQ(p.at(p.first, 1).kind, kind::none);
    EXPECT_EQ(p.page_tables(p.first), 3u);
    EXPECT_EQ(p.mm(p.first).rss.anon, 0u);
    EXPECT_EQ(p.read(p.first, 1).value, 0);
    p.expect_sound();
}

TEST(AnonymousFault, FreedPagesAreCleanUntilTheyAreWritten) {
    PagedProcesses p;
    p.map(p.first, 0, 1);
    p.write(p.first, 0, 5);
    EXPECT_EQ(p.advise(p.first, 0, 1, madvice::FREE), 0);
    EXPECT_FALSE(p.at(p.first, 0).dirty);
    EXPECT_FALSE(p.at(p.first, 0).young);
    EXPECT_EQ(p.write(p.first, 0, 6).minflt, 1u); // Cortex-A57 marks nothing by itself
    EXPECT_TRUE(p.at(p.first, 0).dirty);
    p.expect_sound();
}

TEST(AnonymousFault, MprotectAndBackNeedsNoFaultSinceSix) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        PagedProcesses p(kernel);
        p.map(p.first, 0, 1);
        p.write(p.first, 0, 5);
        const pfn_t frame = p.at(p.first, 0).pfn;
        EXPECT_EQ(p.protect(p.first, 0, 1, PROT_READ), 0);
        EXPECT_EQ(p.write(p.first, 0, 6).si_code, SEGV_ACCERR);
        EXPECT_EQ(p.protect(p.first, 0, 1, RW), 0);
        EXPECT_EQ(p.write(p.first, 0, 7).minflt, kernel == kernel_version::v5_10 ? 1u : 0u);
        EXPECT_EQ(p.at(p.first, 0).pfn, frame);
        p.expect_sound();
    }
}

TEST(AnonymousFault, HardwareMarksEntriesWhereTheCpuCan) {
    tlb_config config;
    config.hafdbs = hardware_update::dbm;
    PagedProcesses p(kernel_version::v6_1, false, 64, config);
    p.map(p.first, 0, 1);
    p.write(p.first, 0, 5);
    EXPECT_EQ(p.advise(p.first, 0, 1, madvice::FREE), 0);
    EXPECT_EQ(p.write(p.first, 0, 6).minflt, 0u);
    EXPECT_TRUE(p.at(p.first, 0).dirty);
    p.expect_sound();
}

TEST(AnonymousFault, MremapTakesTheFrameAlong) {
    PagedProcesses p;
    p.map(p.first, 0, 4);
    p.write(p.first, 1, 5);
    const pfn_t frame = p.at(p.first, 1).pfn;
    mm_context cx = p.of(p.first);
    EXPECT_EQ(sys_mremap(cx, {ARENA, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, ARENA + 1000 * PAGE}),
              static_cast<i64>(ARENA + 1000 * PAGE));
    EXPECT_EQ(p.at(p.first, 1001).pfn, frame);
    EXPECT_EQ(p.at(p.first, 1001).mapcount, 1u);
    const user_access_result read = p.read(p.first, 1001);
    EXPECT_EQ(read.value, 5);
    EXPECT_EQ(read.minflt, 0u);
    p.expect_sound();
}

TEST(AnonymousFault, PopulateFaultsEachPage) {
    PagedProcesses p;
    p.map(p.first, 0, 32, RW, PRIVATE | MAP_POPULATE);
    EXPECT_EQ(p.mm(p.first).min_flt, 32u);
    EXPECT_EQ(p.mm(p.first).rss.anon, 32u);
    EXPECT_EQ(p.write(p.first, 3, 1).minflt, 0u);
    p.expect_sound();
}

// ---- Fork ----------------------------------------------------------------------------------------------------------

TEST(Fork, PagesAreSharedUntilOneWrites) {
    PagedProcesses p;
    p.map(p.first, 0, 16);
    for (u64 i = 0; i < 16; ++i) p.write(p.first, i, static_cast<u8>(i + 1));
    const pfn_t frame = p.at(p.first, 0).pfn;
    const mm_id child = p.fork(p.first);
    p.expect_sound();
    EXPECT_EQ(p.at(child, 0).pfn, frame);
    EXPECT_EQ(p.at(child, 0).mapcount, 2u);
    EXPECT_EQ(p.at(child, 0).count, 2u);
    EXPECT_FALSE(p.at(child, 0).exclusive);
    EXPECT_EQ(p.bits(p.first, 0), FORKED_PARENT);
    EXPECT_EQ(p.bits(child, 0), FORKED_CHILD);
    EXPECT_EQ(p.smaps(child).pss >> 12, 32u << 10);
    EXPECT_EQ(p.smaps(child).shared_dirty, 64u << 10);
    EXPECT_EQ(p.smaps(child).referenced, 0u);
    EXPECT_EQ(p.smaps(p.first).referenced, 64u << 10);

    EXPECT_EQ(p.read(child, 0).minflt, 1u); // the flag alone
    const user_access_result write = p.write(child, 0, 77);
    EXPECT_EQ(write.minflt, 1u);
    EXPECT_NE(p.at(child, 0).pfn, frame);
    EXPECT_EQ(p.bits(child, 0), WRITTEN);
    EXPECT_EQ(p.read(p.first, 0).value, 1);
    EXPECT_EQ(p.read(child, 0).value, 77);
    EXPECT_EQ(p.smaps(child).pss >> 12, 34u << 10);
    p.expect_sound();

    // The last owner keeps the frame.
    EXPECT_EQ(p.write(p.first, 0, 78).minflt, 1u);
    EXPECT_EQ(p.at(p.first, 0).pfn, frame);
    EXPECT_TRUE(p.at(p.first, 0).exclusive);
    p.exit(child);
    EXPECT_EQ(p.at(p.first, 5).mapcount, 1u);
    EXPECT_EQ(p.write(p.first, 5, 1).minflt, 1u);
    EXPECT_EQ(p.bits(p.first, 5), WRITTEN);
    p.expect_sound();
}

TEST(Fork, WhatIsNotCopied) {
    PagedProcesses p;
    p.map(p.first, 0, 1);  // read alone: no anon_vma
    p.map(p.first, 8, 1);  // MADV_DONTFORK
    p.map(p.first, 16, 1); // MADV_WIPEONFORK
    p.map(p.first, 24, 1, RW, SHARED);
    p.read(p.first, 0);
    for (const u64 page : {8, 16, 24}) p.write(p.first, page, 3);
    EXPECT_EQ(p.advise(p.first, 8, 1, madvice::DONTFORK), 0);
    EXPECT_EQ(p.advise(p.first, 16, 1, madvice::WIPEONFORK), 0);
    const mm_id child = p.fork(p.first);
    EXPECT_EQ(p.at(child, 0).kind, kind::none);
    EXPECT_EQ(p.read(child, 8).si_code, SEGV_MAPERR);
    EXPECT_EQ(p.read(child, 16).value, 0);
    EXPECT_EQ(p.at(child, 24).kind, kind::none);
    EXPECT_EQ(p.read(child, 24).value, 3);
    EXPECT_EQ(p.at(child, 24).pfn, p.at(p.first, 24).pfn);
    p.expect_sound();
}

TEST(Fork, TheReverseMapKnowsEveryEntry) {
    PagedProcesses p;
    p.map(p.first, 3, 1);
    p.write(p.first, 3, 1);
    const mm_id child = p.fork(p.first), grandchild = p.fork(child);
    const std::vector<frame_mapping> who = rmap_walk(p.proc.user, p.at(p.first, 3).pfn);
    ASSERT_EQ(who.size(), 3u);
    for (const mm_id id : {p.first, child, grandchild}) {
        EXPECT_EQ(who[id].mm, id);
        EXPECT_EQ(who[id].address, ARENA + 3 * PAGE);
    }
    p.exit(p.first);
    p.exit(grandchild);
    EXPECT_EQ(rmap_walk(p.proc.user, p.at(child, 3).pfn).size(), 1u);
    p.expect_sound();
}

TEST(Fork, ExitGivesEverythingBack) {
    PagedProcesses p;
    p.map(p.first, 0, 64);
    p.map(p.first, 100, 64, RW, SHARED);
    p.exit(p.fork(p.first));
    for (u64 i = 0; i < 64; ++i) p.write(p.first, i, 1);
    const u64 before = p.held_frames();
    const mm_id child = p.fork(p.first);
    for (u64 i = 0; i < 64; i += 3) p.write(child, i, 2);
    p.exit(child);
    EXPECT_EQ(p.held_frames(), before);
    p.expect_sound();
}

TEST(Fork, ThreadsShareTheMm) {
    PagedProcesses p;
    p.map(p.first, 0, 1);
    p.write(p.first, 0, 1);
    mm_context cx = p.of(p.first);
    task_id thread = TASK_NONE;
    EXPECT_EQ(sys_clone(cx, {true, true, false}, thread), 0);
    EXPECT_EQ(p.mm(p.first).mm_users, 2u);
    exit_task(p.proc, p.pages, thread);
    EXPECT_EQ(p.read(p.first, 0).value, 1);
    p.exit(p.first);
    EXPECT_FALSE(p.mm(p.first).in_use);
    p.expect_sound();
}

// ---- Shared memory and files ---------------------------------------------------------------------------------------

TEST(SharedFault, OneFaultMapsWhatIsInMemoryAround) {
    PagedProcesses p;
    p.map(p.first, 0, 64, RW, SHARED);
    u32 faults = 0;
    for (u64 i = 0; i < 64; ++i) faults += p.write(p.first, i, 1).minflt;
    EXPECT_EQ(faults, 64u);
    EXPECT_EQ(p.mm(p.first).rss.shmem, 64u);
    EXPECT_EQ(p.bits(p.first, 0), WRITTEN);
    EXPECT_EQ(p.advise(p.first, 0, 64, madvice::DONTNEED), 0);
    faults = 0;
    for (u64 i = 0; i < 64; ++i) faults += p.read(p.first, i).minflt;
    EXPECT_EQ(faults, 4u);
    EXPECT_EQ(p.write(p.first, 0, 2).minflt, 1u); // the dirty flag
    p.expect_sound();
}

TEST(SharedFault, TheFaultThatDirtiesWasMajorUntilSix) {
    PagedProcesses p(kernel_version::v5_10);
    p.map(p.first, 0, 4, RW, SHARED);
    const user_access_result write = p.write(p.first, 0, 1);
    EXPECT_EQ(write.minflt, 0u);
    EXPECT_EQ(write.majflt, 1u);
    p.expect_sound();
}

TEST(SharedFault, MemoryGoesWithItsLastMapping) {
    PagedProcesses p;
    p.map(p.first, 0, 8, RW, SHARED);
    p.write(p.first, 0, 1);
    p.unmap(p.first, 0, 8);
    EXPECT_EQ(p.proc.user.cached, 0u);
    p.map(p.first, 0, 8, RW, SHARED);
    p.write(p.first, 2, 9);
    const mm_id child = p.fork(p.first);
    p.exit(p.first);
    EXPECT_EQ(p.proc.user.cached, 1u);
    EXPECT_EQ(p.read(child, 2).value, 9);
    p.exit(child);
    EXPECT_EQ(p.proc.user.cached, 0u);
    p.expect_sound();
}

TEST(FileFault, PrivateWritesCopyThePage) {
    PagedProcesses p;
    const file_id file = p.file(64 * PAGE);
    mm_context cx = p.of(p.first);
    for (u64 i = 0; i < 64; ++i) ASSERT_TRUE(write_file_page(cx, file, i, static_cast<u8>(i)));
    p.map(p.first, 0, 64, RW, MAP_PRIVATE | MAP_FIXED, file);
    EXPECT_EQ(p.write(p.first, 20, 99).minflt, 1u);
    EXPECT_EQ(p.mm(p.first).rss.anon, 1u);
    EXPECT_EQ(p.mm(p.first).rss.shmem, 0u);
    EXPECT_EQ(p.read(p.first, 21).value, 21);
    EXPECT_EQ(p.mm(p.first).rss.shmem, 15u); // 16 to 31 but the copy
    EXPECT_EQ(p.write(p.first, 21, 98).minflt, 1u);
    EXPECT_EQ(p.mm(p.first).rss.anon, 2u);
    EXPECT_EQ(p.mm(p.first).rss.shmem, 14u);
    EXPECT_EQ(p.advise(p.first, 20, 2, madvice::DONTNEED), 0);
    EXPECT_EQ(p.read(p.first, 20).value, 20);
    p.expect_sound();
}

TEST(FileFault, PastTheEndIsSigbus) {
    PagedProcesses p;
    const file_id file = p.file(8 * PAGE + 100);
    p.map(p.first, 0, 12, RW, MAP_SHARED | MAP_FIXED, file);
    EXPECT_EQ(p.write(p.first, 8, 1).signal, 0);
    const user_access_result bus = p.read(p.first, 9);
    EXPECT_EQ(bus.signal, SIGBUS_NUMBER);
    EXPECT_EQ(bus.si_code, BUS_ADRERR);
    EXPECT_EQ(bus.minflt, 0u);
    mm_context cx = p.of(p.first);
    truncate_file(cx, file, 4 * PAGE);
    EXPECT_EQ(p.write(p.first, 8, 1).signal, SIGBUS_NUMBER);
    EXPECT_EQ(p.mm(p.first).rss.total(), 0u);
    p.expect_sound();
}

TEST(FileFault, ADiskIsReadAroundTheFaultOnce) {
    PagedProcesses p;
    const file_id file = p.file(256 * PAGE, file_kind::regular);
    p.map(p.first, 0, 256, PROT_READ, MAP_SHARED | MAP_FIXED, file);
    const user_access_result first = p.read(p.first, 100);
    EXPECT_EQ(first.majflt, 1u);
    EXPECT_EQ(first.minflt, 0u);
    EXPECT_EQ(p.proc.user.cached, 32u);     // 84 to 115
    EXPECT_EQ(p.mm(p.first).rss.file, 16u); // 96 to 111
    EXPECT_EQ(p.read(p.first, 90).minflt, 1u);
    p.expect_sound();
}

TEST(FileFault, CleanPagesOfADiskAreNoticedWhenWritten) {
    PagedProcesses p;
    const file_id file = p.file(4 * PAGE, file_kind::regular);
    mm_context cx = p.of(p.first);
    ASSERT_TRUE(write_file_page(cx, file, 0, 1));
    p.map(p.first, 0, 4, RW, MAP_SHARED | MAP_FIXED, file);
    EXPECT_EQ(p.write(p.first, 0, 2).minflt, 1u);
    EXPECT_EQ(p.write(p.first, 0, 3).minflt, 0u);
    EXPECT_EQ(sys_msync(cx, ARENA, 4 * PAGE, MS_SYNC), 0);
    EXPECT_FALSE(p.at(p.first, 0).dirty);
    EXPECT_EQ(p.write(p.first, 0, 4).minflt, 1u);
    EXPECT_EQ(p.count(fault_event::page_mkwrite), 2);
    p.expect_sound();
}

// ---- Huge pages ----------------------------------------------------------------------------------------------------

constexpr u64 HUGE_PAGE = 512; // pages; ARENA is aligned to it

TEST(HugeFault, OneFaultBringsAHugePage) {
    PagedProcesses p(kernel_version::v6_1, true);
    p.map(p.first, 0, 2 * HUGE_PAGE);
    EXPECT_EQ(p.write(p.first, 5, 4).minflt, 1u);
    EXPECT_EQ(p.mm(p.first).rss.anon, HUGE_PAGE);
    EXPECT_EQ(p.at(p.first, 100).level, 1);
    EXPECT_EQ(p.smaps(p.first).anon_huge, 2048u << 10);
    EXPECT_EQ(p.read(p.first, 5).value, 4);
    EXPECT_EQ(p.read(p.first, 6).value, 0);
    EXPECT_EQ(p.read(p.first, HUGE_PAGE).minflt, 1u);
    EXPECT_EQ(p.at(p.first, HUGE_PAGE).kind, kind::zero);
    EXPECT_EQ(p.write(p.first, HUGE_PAGE, 1).minflt, 1u);
    EXPECT_EQ(p.mm(p.first).rss.anon, HUGE_PAGE + 1);
    p.expect_sound();
    p.unmap(p.first, 0, 2 * HUGE_PAGE);
    EXPECT_EQ(p.page_tables(p.first), 0u);
    EXPECT_EQ(p.mm(p.first).nr_deposits, 0u);
    p.expect_sound();
}

TEST(HugeFault, MprotectOfAPageSplitsIt) {
    PagedProcesses p(kernel_version::v6_1, true);
    p.map(p.first, 0, HUGE_PAGE);
    p.write(p.first, 0, 4);
    EXPECT_EQ(p.protect(p.first, 10, 1, PROT_READ), 0);
    EXPECT_EQ(p.at(p.first, 0).level, 0);
    EXPECT_EQ(p.bits(p.first, 10), 0x0060000000000fc3u);
    EXPECT_EQ(p.bits(p.first, 0), 0x0068000000000fc3u);
    EXPECT_EQ(p.mm(p.first).rss.anon, HUGE_PAGE);
    EXPECT_EQ(p.smaps(p.first).private_dirty, 2048u << 10);
    p.expect_sound();
    EXPECT_EQ(p.advise(p.first, 20, 1, madvice::DONTNEED), 0);
    EXPECT_EQ(p.mm(p.first).rss.anon, HUGE_PAGE - 1);
    EXPECT_EQ(p.write(p.first, 20, 1).minflt, 1u);
    p.expect_sound();
    p.unmap(p.first, 0, HUGE_PAGE);
    p.expect_sound();
}

TEST(HugeFault, ForkSharesItAndAWriteSplitsIt) {
    PagedProcesses p(kernel_version::v6_1, true);
    p.map(p.first, 0, HUGE_PAGE);
    p.write(p.first, 0, 4);
    const mm_id child = p.fork(p.first);
    p.expect_sound();
    EXPECT_EQ(p.at(child, 0).level, 1);
    EXPECT_EQ(p.write(child, 0, 5).minflt, 1u);
    EXPECT_EQ(p.at(child, 0).level, 0);
    EXPECT_EQ(p.at(child, 1).mapcount, 2u);
    EXPECT_EQ(p.smaps(child).pss >> 12, 1026u << 10);
    EXPECT_EQ(p.smaps(child).shared_dirty, 2044u << 10);
    p.expect_sound();
    p.exit(child);
    EXPECT_EQ(p.write(p.first, 0, 6).minflt, 1u);
    EXPECT_EQ(p.at(p.first, 0).level, 1);
    p.expect_sound();
}

// kernel: pgtable_trans_huge_withdraw
TEST(HugePage, ASplitTakesTheTableThatWasKept) {
    PagedProcesses p(kernel_version::v6_1, true);
    p.map(p.first, 0, 512);
    p.write(p.first, 0, 1);
    ASSERT_EQ(p.at(p.first, 0).level, 1);
    const u64 held = p.held_frames(), tables = p.page_tables(p.first);
    p.events.clear();
    EXPECT_EQ(p.protect(p.first, 0, 1, PROT_READ), 0);
    EXPECT_EQ(p.at(p.first, 0).level, 0);
    EXPECT_EQ(p.held_frames(), held);
    EXPECT_EQ(p.page_tables(p.first), tables);
    EXPECT_EQ(p.count(physical_event::mm_page_alloc) + p.count(physical_event::mm_page_free), 0);
    p.expect_sound();
}

} // namespace
} // namespace mm
