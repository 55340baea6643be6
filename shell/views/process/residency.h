#pragma once
// Which pages of a process have a frame, as its Rss counts them: the zero page is none.
#include <string>
#include <vector>

#include "machine/machine.h"
#include "views/parts/teller.h"
#include "views/process/space_picture.h"

namespace shell {

struct Residency {
    mm::u64 pages = 0, all = 0;
    std::vector<SpaceRange> runs; // addresses side by side, ascending; at most MOST_RUNS, the first

    static constexpr std::size_t MOST_RUNS = 512;
};

// Of the addresses [start, end) of a process.
[[nodiscard]] Residency residency_of(const mm::Machine& machine, mm::mm_id process, mm::u64 start, mm::u64 end);
// False: it has so many pages or VMAs that they are not looked through at each step.
[[nodiscard]] bool residency_is_told(const mm::Machine& machine, mm::mm_id process);
// "3 of 256 pages in memory"
[[nodiscard]] std::string resident_text(const Teller& teller, mm::u64 pages, mm::u64 all);

} // namespace shell
