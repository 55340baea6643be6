#include "recording/machine.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "oracle/oracle.h"
#include "recording/page_ranges.h"

namespace mm {
namespace {

// A folder in memory.
RecordingFolder folder_of(std::string name, std::map<std::string, std::string> files) {
    RecordingFolder folder;
    folder.name = std::move(name);
    for (const auto& [file, text] : files) folder.files.push_back(file);
    folder.read = [files = std::move(files)](const std::string& file) -> Result<std::string> {
        const auto it = files.find(file);
        if (it == files.end()) return Error{"", "no " + file};
        return it->second;
    };
    return folder;
}

TEST(RecordingMachine, NameTellsKernelAndShape) {
    const RecordingName name = read_recording_name("6.12.117+deb12-arm64-m4096s4n2-cpumax");
    EXPECT_EQ(name.kernel, kernel_version::v6_12);
    EXPECT_EQ(name.arch, architecture::arm64);
    EXPECT_EQ(name.memory_mib, 4096u);
    EXPECT_EQ(name.cpus, 4u);
    EXPECT_EQ(name.nodes, 2u);
    EXPECT_EQ(read_recording_name("6.1.0-50-686-m1024s1").arch, architecture::i386);
    EXPECT_FALSE(read_recording_name("holiday pictures").kernel.has_value());
}

TEST(RecordingMachine, ReleaseBetweenModelledKernelsCountsAsTheOneBefore) {
    EXPECT_EQ(kernel_version_of_release("5.10.0-32"), kernel_version::v5_10);
    EXPECT_EQ(kernel_version_of_release("6.6.9"), kernel_version::v6_1);
    EXPECT_EQ(kernel_version_of_release("7.0"), kernel_version::v6_12);
    EXPECT_FALSE(kernel_version_of_release("4.19").has_value());
}

TEST(RecordingMachine, FoldersThatNoRulesFitAreListedAndDoNotFail) {
    const auto report_of = [](const std::string& name, const std::string& version, bool recorded = true) {
        RecordingFolder folder = folder_of(
            name, {{"static-version.txt", "Linux version " + version + "-1-arm64 (gcc)\n"},
                   {"static-zoneinfo.txt", "Node 0, zone      DMA\n  pages free     1\n        min      1\n"}});
        if (version.empty()) folder.files = {"heap-01.txt"};
        folder.recorded = recorded;
        return compare_recordings({folder}, {{"6.1", "*", "*", "boot.*", "reason", "原因", 100}});
    };
    for (const std::string version : {"4.19", "6.6", "6.18", "7.3"}) {
        const OracleReport other = report_of("x-arm64-m64s1", version + ".9");
        EXPECT_EQ(other.total().compared, 0u);
        EXPECT_TRUE(other.all_explained()) << report_text(other);
        const std::string why = "Linux " + version + " is not modelled";
        EXPECT_NE(report_text(other).find("not compared: x-arm64-m64s1 (2 files): " + why + "\n"), std::string::npos)
            << report_text(other);
        EXPECT_NE(conformance_markdown(other, {}).find("- x-arm64-m64s1 (2 files): " + why), std::string::npos);
        EXPECT_NE(conformance_json(other, {}).find(why), std::string::npos);
    }
    const OracleReport heap = report_of("glibc-2.36-amd64", "", false);
    EXPECT_TRUE(heap.all_explained());
    EXPECT_NE(report_text(heap).find("not compared: glibc-2.36-amd64 (1 files): no recording of a kernel\n"),
              std::string::npos)
        << report_text(heap);
    for (const std::string version : {"5.10", "6.1", "6.12"}) {
        const OracleReport same = report_of("x-arm64-m64s1", version + ".0");
        EXPECT_TRUE(same.folders_not_compared.empty()) << report_text(same);
        EXPECT_GT(same.total().compared, 0u);
        EXPECT_NE(conformance_markdown(same, {}).find("| " + version + " |"), std::string::npos);
    }
}

// Where amd64's kernels of Debian put what they free late, as iomem and boot log of 6.1 say: 2910 pages, all in DMA32.
TEST(RecordingMachine, WhatBootFreesLateIsAllButTheSmpAlternatives) {
    const std::string log = "[    0.0] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable\n"
                            "[    0.0] BIOS-e820: [mem 0x0000000000100000-0x000000003ffd5fff] usable\n"
                            "[    0.0] RAMDISK: [mem 0x3fc44000-0x3ffcffff]\n"
                            "[    0.2] Freeing SMP alternatives memory: 36K\n"
                            "[    1.9] Freeing initrd memory: 3632K\n"
                            "[    2.6] Freeing unused decrypted memory: 2036K\n"
                            "[    2.7] Freeing unused kernel image (initmem) memory: 2824K\n"
                            "[    2.8] Freeing unused kernel image (text/rodata gap) memory: 2040K\n"
                            "[    2.8] Freeing unused kernel image (rodata/data gap) memory: 1108K\n";
    const std::string iomem = "00100000-3ffd5fff : System RAM\n"
                              "  01000000-01e01d31 : Kernel code\n"
                              "  02000000-028eafff : Kernel rodata\n"
                              "  02a00000-02c4897f : Kernel data\n"
                              "  03310000-043fffff : Kernel bss\n";
    const auto machine_of = [&](const std::string& more, const std::string& listed) {
        const auto machine = read_recorded_machine(
            folder_of("6.1.0-56-amd64-m1024s1", {{"static-dmesg.txt", log + more}, {"static-iomem.txt", listed}}));
        EXPECT_TRUE(machine.ok());
        return *machine;
    };
    const RecordedMachine machine = machine_of("", iomem);
    EXPECT_TRUE(machine.freed_known);
    std::vector<std::pair<u64, u64>> freed;
    u64 bytes = 0;
    for (const memory_region& region : machine.freed_later) {
        freed.emplace_back(region.start, region.start + region.size);
        bytes += region.size;
    }
    std::sort(freed.begin(), freed.end());
    // Gap, gap, init behind the data, the end of the bss, the initrd.
    EXPECT_EQ(freed, (std::vector<std::pair<u64, u64>>{{0x1e02000, 0x2000000},
                                                       {0x28eb000, 0x2a00000},
                                                       {0x2c49000, 0x2f0b000},
                                                       {0x4203000, 0x4400000},
                                                       {0x3fc44000, 0x3ffd0000}}));
    EXPECT_EQ(bytes / 4096, 2910u);
    EXPECT_FALSE(machine_of("[    3.0] Freeing something else memory: 4K\n", iomem).freed_known);
    EXPECT_FALSE(machine_of("", "00100000-3ffd5fff : System RAM\n").freed_known);
}

// Two nodes that touch inside one range of the firmware: the boot log says where the second begins.
TEST(RecordingMachine, AnE820RangeIsSplitAtNodes) {
    const auto machine = read_recorded_machine(
        folder_of("6.1.0-56-amd64-m96s2n2",
                  {{"static-dmesg.txt", "[    0.0] BIOS-e820: [mem 0x0000000000100000-0x0000000005ffffff] usable\n"
                                        "[    0.0]   node   0: [mem 0x0000000000100000-0x0000000003ffffff]\n"
                                        "[    0.0]   node   1: [mem 0x0000000004000000-0x0000000005ffffff]\n"}}));
    ASSERT_TRUE(machine.ok()) << machine.error().text();
    ASSERT_EQ(machine->profile.memory.size(), 2u);
    EXPECT_EQ(machine->profile.memory[0].start + machine->profile.memory[0].size, 0x4000000u);
    EXPECT_EQ(machine->profile.memory[1].start, 0x4000000u);
    EXPECT_EQ(machine->profile.memory[1].size, 0x2000000u);
    EXPECT_EQ(machine->profile.memory[1].node, 1);
}

TEST(RecordingMachine, MemblockIsSplitAtNodesAndFreedPagesAreNotReserved) {
    const RecordingFolder folder =
        folder_of("6.1.0-1-arm64-m64s2n2",
                  {{"static-memblock.txt", "memory:   0: 0x0000000040000000..0x0000000043ffffff\n"
                                           "reserved:   0: 0x0000000040200000..0x00000000405fffff\n"
                                           "reserved:   1: 0x0000000043000010..0x000000004300100f\n"
                                           "reserved:   2: 0x0000000043800000..0x00000000439fffff\n"},
                   {"static-dmesg.txt", "[    0.000000]   node   0: [mem 0x0000000040000000-0x0000000041ffffff]\n"
                                        "[    0.000000]   node   1: [mem 0x0000000042000000-0x0000000043ffffff]\n"
                                        "[    0.000000] cma: Reserved 2 MiB at 0x0000000043800000\n"
                                        "[    1.464462] Freeing initrd memory: 8K\n"
                                        "[    3.118623] Freeing unused kernel memory: 1024K\n"},
                   {"static-iomem.txt", "40000000-43ffffff : System RAM\n"
                                        "  40200000-402fffff : Kernel code\n"
                                        "  40300000-403fffff : reserved\n"
                                        "  40400000-405fffff : Kernel data\n"
                                        "  42800000-42802fff : reserved\n"},
                   {"static-nodes.txt",
                    "./node0/distance:10 20\n./node0/cpulist:0\n./node1/distance:20 10\n./node1/cpulist:1\n"}});
    const auto machine = read_recorded_machine(folder);
    ASSERT_TRUE(machine.ok()) << machine.error().text();
    const machine_profile& profile = machine->profile;
    ASSERT_EQ(profile.memory.size(), 2u);
    EXPECT_EQ(profile.memory[1].start, 0x42000000u);
    EXPECT_EQ(profile.memory[1].node, 1);
    EXPECT_EQ(profile.nodes, 2);
    EXPECT_EQ(profile.cpus, 2);
    EXPECT_EQ(profile.cpu_node, (std::vector<u8>{0, 1}));
    EXPECT_EQ(profile.distance, (std::vector<std::vector<u8>>{{10, 20}, {20, 10}}));
    // 40200000   init    40600000   initrd's last page   two pages that are touched
    // [  kept  ][ freed ][  kept  )  [42802]             [43000][43001]
    ASSERT_EQ(profile.reserved.size(), 4u);
    EXPECT_EQ(profile.reserved[0].size, 0x100000u);
    EXPECT_EQ(profile.reserved[1].start, 0x40400000u);
    EXPECT_EQ(profile.reserved[2].start, 0x42802000u);
    EXPECT_EQ(profile.reserved[2].size, 0x1000u);
    EXPECT_EQ(profile.reserved[3].start, 0x43000000u);
    EXPECT_EQ(profile.reserved[3].size, 0x2000u);
    ASSERT_EQ(profile.cma.size(), 1u);
    ASSERT_EQ(machine->freed_later.size(), 2u);
    EXPECT_TRUE(machine->memory_known && machine->reserved_known);
    EXPECT_TRUE(machine->notes.empty());
}

TEST(RecordingMachine, FolderNameIsEnough) {
    const auto machine = read_recorded_machine(folder_of("5.10.0-32-arm64-m128s1", {}));
    ASSERT_TRUE(machine.ok()) << machine.error().text();
    EXPECT_FALSE(machine->memory_known);
    EXPECT_FALSE(machine->notes.empty());
    EXPECT_EQ(machine->profile.kernel, kernel_version::v5_10);
    EXPECT_FALSE(machine->profile.memory.empty());
}

TEST(RecordingMachine, NothingKnownIsAnError) {
    EXPECT_FALSE(read_recorded_machine(folder_of("pictures", {})).ok());
    EXPECT_FALSE(read_recorded_machine(folder_of("6.1.0-arm64", {})).ok());
}

TEST(RecordingMachine, ImpossibleMemoryIsAProblemNotACrash) {
    const OracleReport report = compare_recordings(
        {folder_of("6.1.0-1-arm64-m64s1", {{"static-memblock.txt", "memory:   0: 0x0..0xfffffffffffffffe\n"}})}, {});
    EXPECT_EQ(report.problems.size(), 1u);
    EXPECT_FALSE(report.all_explained());
}

// Frames are counted in 32 bits. Each file that can name memory behind them says so with its name.
TEST(RecordingMachine, MemoryBehindTheLastFrameIsRefusedWithItsFile) {
    const auto error_of = [](std::map<std::string, std::string> files, const char* name = "6.1.0-1-arm64-m64s1") {
        const auto machine = read_recorded_machine(folder_of(name, std::move(files)));
        return machine.ok() ? std::string("accepted") : machine.error().text();
    };
    const std::string sound = "memory:   0: 0x40000000..0x43ffffff\n";
    EXPECT_EQ(error_of({{"static-memblock.txt", sound}}), "accepted");
    EXPECT_EQ(
        error_of({{"static-memblock.txt", sound + "memory:   1: 0x100000000000..0x1000001fffff\n"}}),
        "6.1.0-1-arm64-m64s1/static-memblock.txt: memory at 0x100000000000 ends at 0x100000200000; memory ends at "
        "0xfff00000000 at the latest, with pages of 4096 bytes: the numbers of frames have 32 bits, and the last 2^20 "
        "below 2^32 are kept free");
    const auto names = [](const std::string& error, std::string_view file, std::string_view what) {
        return error.find("/" + std::string(file) + ": " + std::string(what)) != std::string::npos;
    };
    EXPECT_TRUE(
        names(error_of({{"static-memblock.txt", sound + "reserved: 0: 0xfffffffffffff000..0xfffffffffffffffe\n"}}),
              "static-memblock.txt", "reserved memory at 0xfffffffffffff000 "));
    EXPECT_TRUE(names(error_of({{"static-memblock.txt", sound},
                                {"static-dmesg.txt", "cma: Reserved 64 MiB at 0xfffffffffff00000\n"}}),
                      "static-dmesg.txt", "the CMA area at 0xfffffffffff00000 "));
    EXPECT_TRUE(names(error_of({{"dmesg-1.txt", "BIOS-e820: [mem 0x0000100000000000-0x00001000001fffff] usable\n"}},
                               "6.1.0-1-amd64-m64s1"),
                      "dmesg-1.txt", "usable memory at 0x100000000000 "));
    EXPECT_TRUE(names(error_of({{"static-memblock.txt", sound},
                                {"static-dmesg.txt", "RAMDISK: [mem 0x100000000000-0x1000001fffff]\n"}}),
                      "static-dmesg.txt", "the initrd at 0x100000000000 "));
    EXPECT_TRUE(names(error_of({{"static-memblock.txt", sound},
                                {"static-iomem.txt", "  40200000-402fffff : Kernel code\n"
                                                     "  100000000000-1000000fffff : Kernel data\n"}}),
                      "static-iomem.txt", "the kernel at 0x100000000000 "));
}

TEST(PageRanges, AddMergesWhatTouches) {
    PageRanges set;
    set.add({10, 20});
    set.add({30, 40});
    set.add({20, 30}); // ####____#### + ____ = ############
    ASSERT_EQ(set.ranges().size(), 1u);
    EXPECT_EQ(set.ranges()[0].start, 10u);
    EXPECT_EQ(set.ranges()[0].end, 40u);
    set.subtract({15, 16});
    ASSERT_EQ(set.ranges().size(), 2u);
    EXPECT_EQ(set.ranges()[1].start, 16u);
    set.subtract({0, 100});
    EXPECT_TRUE(set.ranges().empty());
}

} // namespace
} // namespace mm
