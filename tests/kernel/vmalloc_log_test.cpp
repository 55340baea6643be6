// What the kernel prints where vmalloc() fails. Lines are written out by hand from the formats of mm/vmalloc.c and warn_alloc().
#include "kernel/vmalloc_log.h"

#include "kernel/bench.h"
#include "machine/kernel_log.h"
#include "machine/session.h"
#include "physical/events.h"

namespace mm::test {
namespace {

constexpr auto v5_10 = kernel_version::v5_10, v6_1 = kernel_version::v6_1, v6_12 = kernel_version::v6_12;

struct LogBench : KernelBench {
    using KernelBench::KernelBench;

    // What the last call has printed.
    [[nodiscard]] std::string log() const {
        std::string text;
        for (const Event& event : events) text += kernel_log_text(machine, event);
        return text;
    }
};

std::string with_mode(const std::string& words, const std::string& mode = "0xcc0(GFP_KERNEL)") {
    return "mmscope: " + words + ", mode:" + mode + ", nodemask=(null),cpuset=/,mems_allowed=0\n";
}

// 1 GiB of low memory leaves about 120 MiB for vmalloc on i386: 200 MiB and the guard page find no hole.
TEST(VmallocLog, NoHoleIsToldAsEachKernelDoes) {
    for (const kernel_version kernel : {v5_10, v6_1, v6_12}) {
        LogBench bench(2048, architecture::i386, kernel);
        kernel_context cx = bench.cx();
        const u32 before = bench.machine.physical.log.nr_records;
        EXPECT_EQ(vmalloc_node(cx, 200 << 20, GFP_KERNEL, -1), 0u);
        char range[64];
        std::snprintf(range, sizeof range, "0x%llx - 0x%llx", static_cast<unsigned long long>(cx.kernel.vmalloc_start),
                      static_cast<unsigned long long>(cx.kernel.vmalloc_end));
        const std::string area =
            kernel == v6_12 ? "vmalloc_node_range for size 209719296 failed: Address range restricted to " +
                                  std::string(range) + "\n"
                            : "vmap allocation for size 209719296 failed: use vmalloc=<size> to increase size\n";
        EXPECT_EQ(bench.log(),
                  area + with_mode(kernel == v5_10 ? "vmalloc: allocation failure: 209715200 bytes"
                                                   : "vmalloc error: size 209715200, vm_struct allocation failed"));
        EXPECT_EQ(bench.machine.physical.log.nr_records, before + 2);
    }
}

TEST(VmallocLog, NoWarnIsKept) {
    LogBench bench(2048, architecture::i386);
    kernel_context cx = bench.cx();
    EXPECT_EQ(vmalloc_node(cx, 200 << 20, GFP_KERNEL | GFP_BIT_NOWARN, -1), 0u);
    EXPECT_EQ(bench.count(kernel_event::vmalloc_failed), 1);
    EXPECT_EQ(bench.log(), "");
}

TEST(VmallocLog, MoreThanAllMemory) {
    for (const kernel_version kernel : {v5_10, v6_1, v6_12}) {
        LogBench bench(64, architecture::arm64, kernel);
        kernel_context cx = bench.cx();
        EXPECT_EQ(vmalloc_node(cx, 65 << 20, GFP_KERNEL, -1), 0u);
        EXPECT_EQ(bench.log(), with_mode(kernel == v5_10 ? "vmalloc: allocation failure: 68157440 bytes"
                                                         : "vmalloc error: size 68157440, exceeds total pages"));
    }
}

// Until all pages are gone: 5.10 and 6.1 set __GFP_NOWARN for the pages and so for the warning, too. 6.12 says how far it came.
TEST(VmallocLog, NoPagesAreToldSinceSixTwelve) {
    for (const kernel_version kernel : {v5_10, v6_1, v6_12}) {
        LogBench bench(64, architecture::arm64, kernel);
        kernel_context cx = bench.cx();
        ASSERT_NE(vmalloc_node(cx, 32 << 20, GFP_KERNEL, -1), 0u);
        bench.events.clear();
        EXPECT_EQ(vmalloc_node(cx, 32 << 20, GFP_KERNEL, -1), 0u);
        const Event failed = bench.last(kernel_event::vmalloc_failed);
        ASSERT_EQ(failed.arg[1], static_cast<i64>(vmalloc_failure::no_pages));
        // Each page that was taken is given back.
        i64 given = 0;
        for (const Event& event : bench.events) given += event.kind == static_cast<u16>(physical_event::mm_page_free);
        EXPECT_GT(given, 0);
        EXPECT_EQ(failed.arg[3] % 4096, 0);
        EXPECT_LE(failed.arg[3] / 4096, given);
        EXPECT_EQ(bench.log(), kernel == v6_12 ? with_mode("vmalloc error: size " + std::to_string(failed.arg[3]) +
                                                               ", failed to allocate pages",
                                                           "0xcc2(GFP_KERNEL|__GFP_HIGHMEM)")
                                               : "");
    }
}

TEST(VmallocLog, VmapTellsOfAddressesAlone) {
    LogBench bench(2048, architecture::i386);
    kernel_context cx = bench.cx();
    // So much is mapped already that what is left holds no MiB.
    while (vmalloc_node(cx, 1 << 20, GFP_KERNEL | GFP_BIT_NOWARN, -1) != 0) {}
    const std::vector<pfn_t> pages(256, bench.alloc(GFP_KERNEL));
    bench.events.clear();
    EXPECT_EQ(vmap(cx, pages), 0u);
    EXPECT_EQ(bench.log(), "vmap allocation for size 1052672 failed: use vmalloc=<size> to increase size\n");
}

} // namespace
} // namespace mm::test
