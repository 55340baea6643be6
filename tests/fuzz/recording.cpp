// Any bytes as the folder of a recorded machine: readers and comparisons end, whatever the files say. A line "@NAME"
// begins a file; what stands before the first is the folder's name.
#include <cstddef>
#include <cstdint>
#include <map>

#include "recording/gunzip.h"
#include "oracle/oracle.h"

namespace {

using namespace mm;

constexpr u64 MAX_BOOT_BYTES = 256ull << 20; // of memory: booting larger machines takes long and tells nothing new

RecordingFolder folder_of(std::string_view text) {
    RecordingFolder folder;
    std::map<std::string, std::string> files;
    std::string* current = &folder.name;
    LineReader lines(text);
    std::string_view line;
    while (lines.next(line)) {
        if (line.starts_with("@") && files.size() < 32) {
            current = &files[std::string(line.substr(1))];
        } else {
            if (!current->empty()) *current += '\n';
            *current += line;
        }
    }
    for (const auto& [name, content] : files) folder.files.push_back(name);
    folder.read = [files = std::move(files)](const std::string& name) -> Result<std::string> {
        const auto it = files.find(name);
        if (it == files.end()) return Error{"", "no " + name};
        return it->second;
    };
    return folder;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static_cast<void>(gunzip(text, 1u << 20));
    static_cast<void>(parse_known_differences(text));
    const RecordingFolder folder = folder_of(text);
    const auto machine = read_recorded_machine(folder);
    u64 bytes = 0;
    if (machine)
        for (const memory_region& region : machine->profile.memory) bytes += region.size;
    if (bytes > MAX_BOOT_BYTES) return 0;
    const OracleReport report = compare_recordings({folder}, {});
    static_cast<void>(report_text(report, 100));
    static_cast<void>(conformance_json(report, {}));
    static_cast<void>(conformance_markdown(report, {}));
    return 0;
}
