#pragma once
// Lines of what a recorded process has in memory.
//
//   page seq 40000000: pagemap=8100000000041d42 present=1 swap=0 file=0 softdirty=0 excl=1 pfn=41d42 count=1 flags=MMAP,ANON,
//   Rss:                  48 kB          a line of smaps or status
#include <map>
#include <string>
#include <string_view>

#include "base/types.h"

namespace mm {

// Bits of a pagemap entry.
inline constexpr u64 PAGEMAP_PRESENT = 1ull << 63, PAGEMAP_SWAP = 1ull << 62, PAGEMAP_FILE = 1ull << 61;
inline constexpr u64 PAGEMAP_EXCLUSIVE = 1ull << 56, PAGEMAP_SOFT_DIRTY = 1ull << 55;
inline constexpr u64 PAGEMAP_PFN = PAGEMAP_SOFT_DIRTY - 1;

struct RecordedPage {
    std::string name;
    u64 address = 0;
    u64 pagemap = 0;
    u64 mapcount = 0;  // kpagecount
    std::string flags; // kpageflags by name: "UPTODATE,MMAP,ANON,"
};
[[nodiscard]] bool read_page(std::string_view text, RecordedPage& page);

//   page 0 read 40000000: L3=0060000043955fc3(AF,RDONLY) present pfn=43955 excl=1 file=1 mapcount=1 flags=UPTODATE,LRU,MMAP [high=8]
struct RecordedEntry {
    std::string name;
    u64 address = 0;
    u64 level = 0; // as the module numbers them: 3 is the last
    u64 raw = 0;
    bool present = false;
    u64 pfn = 0, exclusive = 0, file = 0, mapcount = 0;
    std::string flags;
};
[[nodiscard]] bool read_entry(std::string_view text, RecordedEntry& entry);

// "Rss:   48 kB" into `fields`; false: it is no such line.
[[nodiscard]] bool read_field(std::string_view text, std::map<std::string, u64>& fields);

} // namespace mm
