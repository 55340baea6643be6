#pragma once
// Recordings of page tables in tests/oracle, as its README.md describes them.
//
//   mod-01-pagetables   the whole kernel table and one user table as runs of equal attributes
//   mod-60-vmalloc      vmalloc areas, each page walked
//   mod-62-walks        walks of the linear map, the kernel image, vmemmap and a process
//   user-fault          walks of a process around faults, fork and huge pages
//   static-meminfo      /proc/meminfo: VmallocTotal
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "golden_file.h"
#include "recording/gunzip.h"
#include "mmu/descriptor.h"

namespace mm::test {

struct RecordedMachine {
    std::string folder;
    kernel_version kernel = kernel_version::v6_1;
    u8 va_bits = 48; // of the CPU: what its walks say
};

inline std::vector<RecordedMachine> recorded_arm64_machines() {
    using enum kernel_version;
    return {{"5.10.0-32-arm64-m1024s1", v5_10, 48},        {"5.10.0-32-arm64-m4096s4n2", v5_10, 48},
            {"6.1.0-56-arm64-m1024s1", v6_1, 48},          {"6.1.0-56-arm64-m4096s4n2", v6_1, 48},
            {"6.1.0-56-arm64-m8192s2", v6_1, 48},          {"6.12.117+deb12-arm64-m1024s1", v6_12, 48},
            {"6.12.117+deb12-arm64-m4096s4n2", v6_12, 48}, {"6.12.117+deb12-arm64-m1024s1-cpumax", v6_12, 52}};
}

inline pte_format format_of(const RecordedMachine& machine) {
    return {*arm64_geometry(4096, machine.va_bits), {machine.kernel}};
}

// The lines of a recording; none when the folder has no such file.
inline std::vector<std::string> recorded_lines(const std::string& path) {
    const std::string packed = read_file(MMSCOPE_SOURCE_DIR "/tests/" + path + ".txt.gz");
    std::vector<std::string> lines;
    if (packed.empty()) return lines;
    const auto text = gunzip(packed, 1 << 24);
    EXPECT_TRUE(text.ok()) << path;
    if (!text.ok()) return lines;
    std::istringstream in(*text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

inline std::vector<std::string> recorded_lines(const RecordedMachine& machine, const std::string& file) {
    return recorded_lines("oracle/" + machine.folder + "/" + file);
}

} // namespace mm::test
