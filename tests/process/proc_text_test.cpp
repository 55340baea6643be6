// numa_maps and pagemap of a process. Lines are those that recorded kernels printed of the same pages.
#include "process/numa_maps.h"
#include "process/paged_processes.h"
#include "process/pagemap_text.h"

namespace mm {
namespace {

std::string numa_maps(const PagedProcesses& p, mm_id id) { return numa_maps_text(p.proc, {p.mmu, p.mem}, id); }
std::string pagemap(const PagedProcesses& p, mm_id id) { return pagemap_text(p.proc, {p.mmu, p.mem}, id); }

TEST(NumaMaps, PagesThatWereWrittenAreAnonymousAndDirty) {
    PagedProcesses p;
    mm_context cx = p.of(p.first);
    ASSERT_EQ(sys_mmap(cx, {0x4000'0000, 24 * PAGE, RW, PRIVATE}), 0x4000'0000);
    EXPECT_EQ(numa_maps(p, p.first), "40000000 default\n");
    for (u64 i = 0; i < 24; ++i) user_access(cx, {0x4000'0000 + i * PAGE, user_access_kind::write, 1});
    EXPECT_EQ(numa_maps(p, p.first), "40000000 default anon=24 dirty=24 active=0 N0=24 kernelpagesize_kB=4\n");
}

TEST(NumaMaps, SharedPagesTellHowOftenTheyAreMapped) {
    PagedProcesses p;
    p.map(p.first, 0, 3);
    p.write(p.first, 0, 1);
    p.write(p.first, 1, 1);
    p.read(p.first, 2); // the zero page is nobody's
    p.fork(p.first);
    EXPECT_EQ(numa_maps(p, p.first), "1000000000 default anon=2 dirty=2 mapmax=2 active=0 N0=2 kernelpagesize_kB=4\n");
}

TEST(NumaMaps, FilesAndTheHeapHaveNames) {
    PagedProcesses p;
    const file_id file = p.file(2 * PAGE);
    p.map(p.first, 0, 2, PROT_READ, MAP_SHARED | MAP_FIXED, file);
    p.read(p.first, 0);
    mm_context cx = p.of(p.first);
    ASSERT_EQ(sys_brk(cx, 0x50'1000), 0x50'1000);
    EXPECT_EQ(numa_maps(p, p.first), "00500000 default heap\n"
                                     "1000000000 default file=/data/f mapped=1 active=0 N0=1 kernelpagesize_kB=4\n");
}

TEST(NumaMaps, AHugePageCountsItsPages) {
    PagedProcesses p(kernel_version::v6_1, true);
    mm_context cx = p.of(p.first);
    ASSERT_EQ(sys_mmap(cx, {0x4000'0000, 512 * PAGE, RW, PRIVATE}), 0x4000'0000);
    user_access(cx, {0x4000'0000, user_access_kind::write, 1});
    EXPECT_EQ(numa_maps(p, p.first), "40000000 default anon=512 dirty=512 active=0 N0=512 kernelpagesize_kB=4\n");
}

// Bits as Documentation/admin-guide/mm/pagemap.rst has them: 63 present, 61 of a file or shared, 56 exclusive.
TEST(Pagemap, SaysOfEachPageWhatItsBitsMean) {
    PagedProcesses p;
    p.map(p.first, 0, 10);
    p.write(p.first, 2, 1);
    char line[96];
    const pfn_t pfn = p.at(p.first, 2).pfn;
    std::snprintf(line, sizeof line, "1000002000 8100000000%06x present exclusive pfn=%x\n", pfn, pfn);
    EXPECT_EQ(pagemap(p, p.first), std::string("1000000000 0000000000000000 no-page pages=2\n") + line +
                                       "1000003000 0000000000000000 no-page pages=7\n");
    p.fork(p.first);
    std::snprintf(line, sizeof line, "1000002000 8000000000%06x present pfn=%x\n", pfn, pfn);
    EXPECT_NE(pagemap(p, p.first).find(line), std::string::npos);
}

TEST(Pagemap, ALargeMappingWithoutPagesIsOneLineAndManyPagesEnd) {
    PagedProcesses p;
    p.map(p.first, 0, 1ull << 24, PROT_READ, PRIVATE | MAP_NORESERVE);
    EXPECT_EQ(pagemap(p, p.first), "1000000000 0000000000000000 no-page pages=16777216\n");
    p.unmap(p.first, 0, 1ull << 24);
    p.map(p.first, 0, MAX_PAGEMAP_LINES + 5);
    for (u64 i = 0; i < MAX_PAGEMAP_LINES + 5; ++i) p.write(p.first, i, 1);
    EXPECT_TRUE(pagemap(p, p.first).ends_with("\n... 5 more pages\n"));
}

} // namespace
} // namespace mm
