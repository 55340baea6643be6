// write(), ftruncate(), fallocate(), fsync() and their effect on mappings; writes from outside; MADV_PAGEOUT of the page cache.
// The cases are those of user-proc, and by hand.
#include "process/fault_events.h"
#include "process/paged_processes.h"

namespace mm {
namespace {

using kind = mapped_page::page_kind;

class FileCalls : public testing::TestWithParam<kernel_version> {
  protected:
    [[nodiscard]] std::string where(u64 first, u64 pages) const {
        std::string text;
        for (u64 page = first; page < first + pages; ++page) text += p.at(p.first, page).kind == kind::none ? '-' : 'P';
        return text;
    }
    file_id cached_file(u64 pages, file_kind of = file_kind::regular) {
        const file_id file = p.file(pages * PAGE, of);
        for (u64 page = 0; page < pages; ++page) EXPECT_TRUE(write_file_page(cx, file, page, static_cast<u8>(page)));
        EXPECT_EQ(sys_fsync(cx, file), 0);
        return file;
    }
    i64 remote(u64 page, u8 value, bool force = true) { return write_remote(cx, ARENA + page * PAGE, value, force); }

    PagedProcesses p{GetParam()};
    mm_context cx = p.of(p.first);
};
INSTANTIATE_TEST_SUITE_P(Kernels, FileCalls,
                         testing::Values(kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12),
                         [](const auto& tested) {
                             return std::string(kernel_version_name(tested.param)).replace(1, 1, "_");
                         });

TEST_P(FileCalls, AWriteIsSeenThroughEveryMappingButACopy) {
    const file_id file = p.file(4 * PAGE, file_kind::regular);
    p.map(p.first, 0, 4, RW, MAP_SHARED | MAP_FIXED, file);
    p.map(p.first, 16, 4, RW, MAP_PRIVATE | MAP_FIXED, file);
    EXPECT_EQ(p.read(p.first, 0).majflt, 1u) << "a hole of the file";
    EXPECT_EQ(p.read(p.first, 16).minflt, 1u);
    EXPECT_EQ(sys_pwrite(cx, file, 0, 0x5a), 0);
    EXPECT_EQ(p.read(p.first, 0).value, 0x5a);
    EXPECT_EQ(p.read(p.first, 16).value, 0x5a);
    p.write(p.first, 16, 1);
    EXPECT_EQ(sys_pwrite(cx, file, 10, 0x51), 0);
    EXPECT_EQ(p.read(p.first, 0).value, 0x51);
    EXPECT_EQ(p.read(p.first, 16).value, 1);
    EXPECT_EQ(p.count(fault_event::file_written), 2);
    p.expect_sound();
}

TEST_P(FileCalls, AWriteBehindTheEndMakesTheFileLonger) {
    const file_id file = p.file(PAGE);
    p.map(p.first, 0, 4, RW, MAP_SHARED | MAP_FIXED, file);
    EXPECT_EQ(p.read(p.first, 2).signal, SIGBUS_NUMBER);
    EXPECT_EQ(sys_pwrite(cx, file, 2 * PAGE + 5, 7), 0);
    EXPECT_EQ(p.proc.files[file].size, 2 * PAGE + 6);
    EXPECT_EQ(p.read(p.first, 2).value, 7);
    EXPECT_EQ(p.read(p.first, 1).value, 0);
    p.expect_sound();
}

TEST_P(FileCalls, TruncationTakesPrivateCopiesAndExtensionGivesZeroes) {
    const file_id file = cached_file(8);
    p.map(p.first, 0, 8, RW, MAP_SHARED | MAP_FIXED, file);
    p.map(p.first, 16, 8, RW, MAP_PRIVATE | MAP_FIXED, file);
    p.write(p.first, 19, 1);
    p.write(p.first, 22, 1);
    p.read(p.first, 6);
    EXPECT_EQ(where(0, 8) + " " + where(16, 8), "PPPPPPPP ---P--P-");
    EXPECT_EQ(sys_ftruncate(cx, file, 5 * PAGE + 100), 0);
    EXPECT_EQ(where(0, 8) + " " + where(16, 8), "PPPPPP-- ---P----");
    EXPECT_EQ(p.read(p.first, 6).signal, SIGBUS_NUMBER);
    EXPECT_EQ(p.read(p.first, 22).signal, SIGBUS_NUMBER);
    EXPECT_EQ(sys_ftruncate(cx, file, 8 * PAGE), 0);
    EXPECT_EQ(p.read(p.first, 6).majflt, 1u) << "it is read anew, from a hole";
    EXPECT_EQ(p.read(p.first, 6).value, 0);
    p.expect_sound();
}

TEST_P(FileCalls, AHoleLeavesPrivateCopies) {
    const file_id file = cached_file(8);
    p.map(p.first, 0, 8, RW, MAP_SHARED | MAP_FIXED, file);
    p.map(p.first, 16, 8, RW, MAP_PRIVATE | MAP_FIXED, file);
    p.read(p.first, 0);
    p.write(p.first, 19, 1);
    p.read(p.first, 16);
    const u32 both = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    EXPECT_EQ(sys_fallocate(cx, file, both, 2 * PAGE, 2 * PAGE), 0);
    EXPECT_EQ(where(0, 8) + " " + where(16, 8), "PP--PPPP PP-PPPPP");
    EXPECT_EQ(p.proc.files[file].size, 8 * PAGE);
    EXPECT_EQ(sys_fallocate(cx, file, both, 0, 0), error_of(mm_errno::einval));
    EXPECT_EQ(sys_fallocate(cx, file, both, PAGE, ~u64{0}), error_of(mm_errno::einval));
    EXPECT_EQ(sys_fallocate(cx, file, FALLOC_FL_KEEP_SIZE, 0, PAGE), error_of(mm_errno::eopnotsupp));
    p.expect_sound();
}

TEST_P(FileCalls, FsyncMakesEntriesReadOnlyAndThePageClean) {
    const file_id file = cached_file(4);
    p.map(p.first, 0, 4, RW, MAP_SHARED | MAP_FIXED, file);
    p.write(p.first, 1, 9);
    EXPECT_TRUE(p.at(p.first, 1).dirty);
    EXPECT_EQ(sys_fsync(cx, file), 0);
    EXPECT_FALSE(p.at(p.first, 1).dirty);
    EXPECT_FALSE(p.at(p.first, 1).writable);
    EXPECT_EQ(p.smaps(p.first).private_dirty, 0u);
    EXPECT_EQ(p.read(p.first, 1).value, 9);
    p.expect_sound();
}

TEST_P(FileCalls, WhoMayNotWriteTheFileIsRefused) {
    const file_id file = p.file(PAGE);
    p.proc.files.mut(file).writable = false;
    EXPECT_EQ(sys_pwrite(cx, file, 0, 1), error_of(mm_errno::ebadf));
    EXPECT_EQ(sys_ftruncate(cx, file, 0), error_of(mm_errno::einval));
    EXPECT_EQ(sys_fallocate(cx, file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE), error_of(mm_errno::ebadf));
    EXPECT_EQ(sys_pwrite(cx, 0, 0, 1), error_of(mm_errno::ebadf));
    EXPECT_EQ(sys_fsync(cx, 0), error_of(mm_errno::ebadf));
}

// ---- From outside --------------------------------------------------------------------------------------------------

TEST_P(FileCalls, AForcedWriteCopiesAPageThatMayOnlyBeRead) {
    const file_id file = cached_file(1);
    p.map(p.first, 0, 1, PROT_READ, MAP_PRIVATE | MAP_FIXED, file);
    p.read(p.first, 0);
    EXPECT_EQ(p.at(p.first, 0).kind, kind::file);
    EXPECT_EQ(remote(0, 'W', false), error_of(mm_errno::efault)) << "process_vm_writev() asks the VMA";
    EXPECT_EQ(remote(0, 'W'), 0);
    EXPECT_EQ(p.at(p.first, 0).kind, kind::anon);
    EXPECT_TRUE(p.at(p.first, 0).dirty);
    EXPECT_FALSE(p.at(p.first, 0).writable);
    EXPECT_EQ(p.read(p.first, 0).value, 'W');
    EXPECT_EQ(p.write(p.first, 0, 1).signal, SIGSEGV_NUMBER) << "the process itself may not, now as before";
    const pfn_t copy = p.at(p.first, 0).pfn;
    EXPECT_EQ(remote(0, 'X'), 0);
    EXPECT_EQ(p.at(p.first, 0).pfn, copy) << "the copy is its own";
    EXPECT_EQ(p.smaps(p.first).anonymous, PAGE);
    p.expect_sound();
}

TEST_P(FileCalls, ASharedMappingIsNeverForced) {
    const file_id file = cached_file(1);
    p.map(p.first, 0, 1, PROT_READ, MAP_SHARED | MAP_FIXED, file);
    EXPECT_EQ(remote(0, 1), error_of(mm_errno::efault));
    EXPECT_EQ(remote(3, 1), error_of(mm_errno::efault)) << "nothing is mapped there";
    p.map(p.first, 8, 1);
    EXPECT_EQ(remote(8, 5, false), 0);
    EXPECT_EQ(p.read(p.first, 8).value, 5);
    p.expect_sound();
}

// ---- MADV_PAGEOUT --------------------------------------------------------------------------------------------------

TEST_P(FileCalls, PageoutUnmapsSharedMemoryAndLeavesAnonymousPages) {
    p.map(p.first, 0, 8, RW, SHARED);
    p.map(p.first, 16, 8);
    for (u64 page = 0; page < 8; ++page) p.write(p.first, page, 7), p.write(p.first, 16 + page, 7);
    EXPECT_EQ(p.advise(p.first, 2, 3, madvice::PAGEOUT), 0);
    EXPECT_EQ(p.advise(p.first, 18, 3, madvice::PAGEOUT), 0);
    EXPECT_EQ(where(0, 8) + " " + where(16, 8), "PP---PPP PPPPPPPP");
    EXPECT_EQ(p.read(p.first, 3).value, 7) << "dirty pages wait in the page cache";
    p.expect_sound();
}

TEST_P(FileCalls, PageoutDropsCleanPagesOfAFileThatNobodyElseMaps) {
    const file_id file = cached_file(4);
    p.map(p.first, 0, 4, RW, MAP_SHARED | MAP_FIXED, file);
    p.map(p.first, 16, 1, PROT_READ, MAP_SHARED | MAP_FIXED, file, 1);
    p.read(p.first, 0);
    p.read(p.first, 16);
    p.write(p.first, 2, 9);
    EXPECT_EQ(p.advise(p.first, 0, 4, madvice::PAGEOUT), 0);
    EXPECT_EQ(where(0, 4), "-P--") << "page 1 is mapped twice";
    EXPECT_EQ(p.proc.user.cached, 2u) << "page 1, and page 2 which is dirty";
    p.expect_sound();
}

TEST_P(FileCalls, PageoutAsksWhoseFileItIs) {
    const file_id file = cached_file(4);
    p.proc.files.mut(file).writable = false;
    cx.mm_mut().privileged = false;
    p.map(p.first, 0, 4, PROT_READ, MAP_SHARED | MAP_FIXED, file);
    p.read(p.first, 0);
    EXPECT_EQ(p.advise(p.first, 0, 4, madvice::PAGEOUT), 0);
    EXPECT_EQ(where(0, 4), "PPPP");
}

// ---- READ_IMPLIES_EXEC ---------------------------------------------------------------------------------------------

TEST_P(FileCalls, WhatMayBeReadMayBeRunAsTheProcessWishes) {
    cx.mm_mut().personality = READ_IMPLIES_EXEC;
    p.map(p.first, 0, 1, PROT_READ);
    p.map(p.first, 1, 1, PROT_NONE);
    const auto flags = [&](u64 page) { return cx.vma(vma_lookup(cx, ARENA + page * PAGE)).vm_flags & VM_ACCESS_FLAGS; };
    EXPECT_EQ(flags(0), VM_READ | VM_EXEC);
    EXPECT_EQ(flags(1), 0u);
    p.protect(p.first, 1, 1, RW);
    EXPECT_EQ(flags(1), VM_READ | VM_WRITE | VM_EXEC);
    const mm_id child = p.fork(p.first);
    EXPECT_EQ(p.mm(child).personality, READ_IMPLIES_EXEC);
    const u64 brk = cx.mm().brk + PAGE;
    EXPECT_EQ(sys_brk(cx, brk), static_cast<i64>(brk));
    EXPECT_NE(cx.vma(vma_lookup(cx, cx.mm().start_brk)).vm_flags & VM_EXEC, 0u);
}

} // namespace
} // namespace mm
