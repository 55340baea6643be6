#pragma once
// What a program can ask malloc about its heap: counts and texts, as glibc writes them. They read words and touch no page.
//
// Mirrors: malloc/malloc.c: __malloc_info, int_mallinfo, __malloc_stats (glibc 2.36).
#include <string>
#include <vector>

#include "heap/heap.h"

namespace mm::libc {

// glibc: struct mallinfo2
struct mallinfo {
    u64 arena = 0;    // bytes of all arenas
    u64 ordblks = 0;  // free chunks that are not in fastbins, the tops among them
    u64 smblks = 0;   // free chunks in fastbins
    u64 hblks = 0;    // mapped chunks
    u64 hblkhd = 0;   // bytes of them
    u64 usmblks = 0;  // always 0
    u64 fsmblks = 0;  // bytes in fastbins
    u64 uordblks = 0; // bytes in use; what a tcache keeps is
    u64 fordblks = 0; // free bytes
    u64 keepcost = 0; // bytes of the main arena's top
};
[[nodiscard]] mallinfo mallinfo_of(const libc_heap& heap);
[[nodiscard]] std::string malloc_info_text(const libc_heap& heap);
[[nodiscard]] std::string malloc_stats_text(const libc_heap& heap);

// The main arena first, then the newest. At most so many as the heap has made.
[[nodiscard]] std::vector<u64> arenas_of(const libc_heap& heap);

} // namespace mm::libc
