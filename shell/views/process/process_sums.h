#pragma once
// What processes have in memory, and what of it they have together: pages by kind, by how many entries map them, and PSS.
//
// It is counted in the page tables, once a moment; what would take longer than `budget` entries is left out and says so.
#include <array>
#include <vector>

#include "machine/machine.h"

namespace shell {

inline constexpr std::size_t PAGE_KINDS = 3; // anonymous, of files, of shared memory
inline constexpr mm::u64 SUMS_BUDGET = mm::u64{1} << 19;

// Pages that one entry maps, two, or more.
struct MappedBy {
    mm::u64 one = 0, two = 0, more = 0;

    [[nodiscard]] mm::u64 all() const { return one + two + more; }
};

struct ProcessSum {
    mm::mm_id id = mm::MM_NONE;
    bool counted = false; // else it has too many pages: `kinds` and `pss` are unknown
    std::array<MappedBy, PAGE_KINDS> kinds{};
    mm::u64 pss = 0; // bytes << 12, as the kernel adds them up
};

// Processes that map the same pages.
struct SharedPages {
    std::vector<mm::mm_id> who; // ascending
    std::array<mm::u64, PAGE_KINDS> pages{};

    [[nodiscard]] mm::u64 all() const { return pages[0] + pages[1] + pages[2]; }
};

struct ProcessSums {
    std::vector<ProcessSum> processes; // by number
    std::vector<SharedPages> shared;   // those with most pages first
    bool shared_whole = true;          // false: the budget did not reach for all of them
};

[[nodiscard]] ProcessSums process_sums(const mm::Machine& machine, mm::u64 budget = SUMS_BUDGET);

} // namespace shell
