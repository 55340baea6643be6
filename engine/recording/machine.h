#pragma once
// A machine_profile from what a recorded machine says about itself in static-*.txt.
//
// Reads: kernel release (static-version), memory regions and what of them is reserved (static-memblock; i386 has none:
//   BIOS-e820 of the boot log), nodes and their ranges (boot log, static-nodes), CPUs (static-nodes, zoneinfo), page
//   size (static-config-mm), settings (static-sysctl-vm), the kernel's init memory and initrd, which boot frees
//   later (boot log, static-iomem), CMA areas (boot log).
// What is missing falls back to the folder's name, KERNEL-m<MiB>s<CPUs>[n<nodes>], and is told in `notes`.
#include <map>

#include "recording/folder.h"
#include "physical/profile.h"

namespace mm {

struct RecordedMachine {
    machine_profile profile; // as boot leaves it: `reserved` is what stays reserved
    std::string kernel;      // as recorded, "6.6"; profile.kernel is the one whose rules stand in for it
    std::vector<memory_region>
        freed_later;             // init memory and initrd: free in the end, reserved when watermarks were set first
    bool memory_known = false;   // regions as the kernel found them, not guessed from sizes
    bool freed_known = false;    // freed_later is complete
    bool reserved_known = false; // managed pages follow from the regions
    std::map<std::string, std::string> sysctl; // /proc/sys/vm when the kernel had booted
    std::vector<std::string> notes;            // what is guessed, one sentence each
};

[[nodiscard]] Result<RecordedMachine> read_recorded_machine(const RecordingFolder& folder);

// What a folder's name says: "6.1.0-56-arm64-m4096s4n2-cpumax".
struct RecordingName {
    std::optional<kernel_version> kernel;
    std::string release; // "6.12"; empty: it names none. Of a kernel before 5.10, too, which `kernel` lacks
    std::optional<architecture> arch;
    u32 memory_mib = 0;
    u32 cpus = 0;
    u32 nodes = 0; // 0: not said, one
};
[[nodiscard]] RecordingName read_recording_name(std::string_view name);
// The same with what static-version.txt says, which goes before the folder's name.
[[nodiscard]] RecordingName identify_recording(const RecordingFolder& folder);

// "6.6.9" -> "6.6"; empty when it is no release.
[[nodiscard]] std::string series_of_release(std::string_view release);

// "6.1.0-56-arm64 ..." -> v6_1. A release between the modelled kernels counts as the one before it.
[[nodiscard]] std::optional<kernel_version> kernel_version_of_release(std::string_view release);

} // namespace mm
