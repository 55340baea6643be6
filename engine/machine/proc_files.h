#pragma once
// The files of /proc and /sys that a machine has, one row a file in its room's row of rooms.cpp. Command line, help and page
// derive their lists from the rows.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "machine/machine.h"

namespace mm {

// What a file is about besides the machine.
enum class ProcSubject : u8 { none, cache, process };
inline constexpr std::string_view proc_subject_names[] = {"", "cache", "process"};

// `subject` is the number of what the file is about: a cache_id, an mm_id. It is there; files without a subject do not look at it.
struct ProcFile {
    std::string_view name; // as the command line and the page call it
    ProcSubject subject = ProcSubject::none;
    std::string (*text)(const Machine& machine, u32 subject);
    std::string (*path)(const Machine& machine, u32 subject) = nullptr; // nullptr: /proc/NAME, of a process /proc/PID/NAME
};

// Of all rooms in their order; those without a subject come first.
[[nodiscard]] std::vector<ProcFile> proc_files();
[[nodiscard]] std::optional<ProcFile> find_proc_file(std::string_view name);
[[nodiscard]] std::string proc_path(const ProcFile& file, const Machine& machine, u32 subject = 0);

// The names of those that can be printed without a subject: a process's are printed of all processes.
[[nodiscard]] std::vector<std::string_view> proc_file_names();
// The text of one of them. Where there are several processes, each has its path above.
[[nodiscard]] std::string proc_text(const Machine& machine, std::string_view name);

} // namespace mm
