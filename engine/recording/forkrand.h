#pragma once
// What recorded processes did with pages that they share: user-forkrand-*.txt. Up to six processes, all from one, each with
// 24 private pages and 8 shared ones; after each call what every process has.
//
//   seed=11 n=400 swap=0
//   3 p0 w 24 = 110 -> 0 minflt+1 majflt+0            r, w: a page; fork pN; exit; DONTNEED, FREE, mprotect, munmap,
//   4 p0 FREE 11+2 -> EINVAL minflt+0 majflt+0        mmap-again, PAGEOUT: first page and pages
//     p0 A: - z 0 0c S12 ... B: - 1 ... | Rss:8 Pss:4 vmas:1
//
// A page is nothing (-), the zero page (z), a slot of swap (S12) or a frame, by a number that counts up as frames are met in
// this listing; c behind it: in the swap cache.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace mm {

inline constexpr u32 FORKRAND_PROCESSES = 6;
inline constexpr u32 FORKRAND_PRIVATE_PAGES = 24, FORKRAND_SHARED_PAGES = 8;
inline constexpr u32 FORKRAND_PAGES = FORKRAND_PRIVATE_PAGES + FORKRAND_SHARED_PAGES;

struct RecordedForkProcess {
    u32 line = 0; // of the file, 1-based
    u32 process = 0;
    std::vector<std::string> pages;   // FORKRAND_PAGES, the private ones first
    std::map<std::string, u64> smaps; // kB of the private pages' VMAs; what is 0 is not there
    u32 vmas = 0;
};

struct RecordedForkStep {
    enum class Kind : u8 { write, read, fork, exit, dontneed, free, mprotect, munmap, mmap_again, pageout };

    Kind kind = Kind::write;
    u32 line = 0;
    u32 process = 0;
    u32 page = 0, pages = 1; // the shared ones follow the private ones
    u32 value = 0;           // written, or read
    u32 child = 0;
    bool writable = false; // mprotect: to "rw"
    std::string result;    // "0", "EINVAL", "SIGSEGV MAPERR"
    bool counted = false;  // the line says how many faults there were
    u64 minor = 0, major = 0;
    std::vector<RecordedForkProcess> after;
};

struct RecordedForkLog {
    bool swap = false; // pages are written to swap, too
    std::vector<RecordedForkProcess> start;
    std::vector<RecordedForkStep> steps;
    u64 other_lines = 0;
};

[[nodiscard]] RecordedForkLog parse_forkrand(std::string_view text);

} // namespace mm
