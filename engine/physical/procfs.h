#pragma once
// A machine's page allocator as text in the formats of /proc.
//
// Mirrors: mm/vmstat.c (Linux 5.10, 6.1, 6.12): field names, their order and widths.
// Simplified: items of reclaim, page cache and processes print as 0; no room of this machine counts them yet.
#include <string>
#include <string_view>

#include "base/result.h"
#include "physical/memory.h"

namespace mm {

[[nodiscard]] std::string proc_buddyinfo(const physical_memory& mem);
[[nodiscard]] std::string proc_zoneinfo(const physical_memory& mem);
[[nodiscard]] std::string proc_pagetypeinfo(const physical_memory& mem);

struct buddyinfo_row {
    int node = 0;
    std::string zone;
    std::vector<u32> nr_free; // by order
};
// Reads /proc/buddyinfo text, of any machine, as people paste it: behind a shell prompt, quote marks, a code fence or the
// times of a log. Errors name line and column.
[[nodiscard]] Result<std::vector<buddyinfo_row>> parse_buddyinfo(std::string_view text);

} // namespace mm
