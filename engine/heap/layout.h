#pragma once
// Where glibc keeps what, on 64 bits: chunks, arenas, heaps, the tcache. All of it is words of the process's memory.
//
//   chunk ──► prev_size │ size PMA │ fd │ bk │ fd_nextsize │ bk_nextsize │ ...      the first belongs to the chunk before while
//             0           8          16   24   32            40                     that is in use; memory begins at 16
//
// Mirrors: malloc/malloc.c, malloc/arena.c (glibc 2.36, 2.31).
#include "base/types.h"

namespace mm::libc {

inline constexpr u64 SIZE_SZ = 8;
inline constexpr u64 HEADER = 16;    // glibc: CHUNK_HDR_SZ
inline constexpr u64 ALIGNMENT = 16; // glibc: MALLOC_ALIGNMENT
inline constexpr u64 MINSIZE = 32;
inline constexpr u64 CHUNK_STRUCT = 48; // glibc: sizeof (struct malloc_chunk)
inline constexpr u64 PAGE = 4096;

inline constexpr u64 PREV_INUSE = 1;
inline constexpr u64 IS_MMAPPED = 2;
inline constexpr u64 NON_MAIN_ARENA = 4;
inline constexpr u64 SIZE_BITS = 7;

// In a chunk.
inline constexpr u64 AT_SIZE = 8, AT_FD = 16, AT_BK = 24, AT_FD_NEXTSIZE = 32, AT_BK_NEXTSIZE = 40;

// In an arena, a struct malloc_state.
inline constexpr u64 AT_FASTCHUNKS = 8, AT_FASTBINS = 16, AT_TOP = 96, AT_LAST_REMAINDER = 104, AT_BINS = 112;
inline constexpr u64 AT_BINMAP = 2144, AT_NEXT = 2160, AT_NEXT_FREE = 2168, AT_ATTACHED = 2176;
inline constexpr u64 AT_SYSTEM_MEM = 2184, AT_MAX_SYSTEM_MEM = 2192;
inline constexpr u64 ARENA_SIZE = 2200;
inline constexpr u64 NONCONTIGUOUS = 2; // of its flags, in the upper half of the first word

// In a heap of an arena that is not main, a struct heap_info.
inline constexpr u64 AT_HEAP_ARENA = 0, AT_HEAP_PREV = 8, AT_HEAP_SIZE = 16, AT_HEAP_MPROTECT_SIZE = 24;
inline constexpr u64 HEAP_MIN = 32 * 1024;
inline constexpr u64 HEAP_MAX = 64ull << 20;

inline constexpr u32 NFASTBINS = 10;
inline constexpr u32 NBINS = 128;
inline constexpr u32 LAST_BIN = 126;
inline constexpr u32 BINMAP_WORDS = 4; // of 32 bits
inline constexpr u64 MIN_LARGE_SIZE = 1024;
inline constexpr u64 MAX_FAST_REQUEST = 160;
inline constexpr u64 CONSOLIDATION_THRESHOLD = 65'536;
inline constexpr u32 MOST_UNSORTED = 10'000; // that one call looks at

// In the tcache, a struct tcache_perthread_struct.
inline constexpr u32 TCACHE_BINS = 64;
inline constexpr u64 AT_TCACHE_ENTRIES = 128;
inline constexpr u64 TCACHE_SIZE = 640;

inline constexpr u64 MMAP_THRESHOLD = 128 * 1024;
inline constexpr u64 MMAP_THRESHOLD_MAX = 32ull << 20;
inline constexpr u64 MMAP_AS_MORECORE = 1ull << 20;
inline constexpr i32 MMAP_MAX = 65'536;
inline constexpr u64 PTRDIFF_MAX_BYTES = ~0ull >> 1;

[[nodiscard]] constexpr u64 align_up(u64 value, u64 unit) { return (value + unit - 1) & ~(unit - 1); }
[[nodiscard]] constexpr bool aligned(u64 address) { return (address & (ALIGNMENT - 1)) == 0; }

// The chunk that a request needs. glibc: request2size
[[nodiscard]] constexpr u64 chunk_of_request(u64 bytes) {
    const u64 size = (bytes + SIZE_SZ + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    return size < MINSIZE ? MINSIZE : size;
}
[[nodiscard]] constexpr u64 tcache_index(u64 size) { return (size - MINSIZE + ALIGNMENT - 1) / ALIGNMENT; }
[[nodiscard]] constexpr u64 fastbin_index(u64 size) { return ((size >> 4) & 0xfff'ffff) - 2; }
[[nodiscard]] constexpr bool is_small(u64 size) { return size < MIN_LARGE_SIZE; }
// Large bins by what their sizes, shifted, are at most, and which bin 0 would be. What is larger is in the last one.
struct bin_class {
    u32 shift, most, first;
};
inline constexpr bin_class LARGE_BINS[] = {{6, 48, 48}, {9, 20, 91}, {12, 10, 110}, {15, 4, 119}, {18, 2, 124}};
// glibc: smallbin_index, largebin_index_64
[[nodiscard]] constexpr u32 bin_index(u64 size) {
    if (is_small(size)) return static_cast<u32>(size >> 4);
    for (const bin_class& c : LARGE_BINS)
        if ((size >> c.shift) <= c.most) return c.first + static_cast<u32>(size >> c.shift);
    return LAST_BIN;
}
// The header of a bin is a chunk whose fd and bk stand in the arena. glibc: bin_at
[[nodiscard]] constexpr u64 bin_at(u64 arena, u32 index) { return arena + AT_BINS + (u64{index} - 1) * 16 - AT_FD; }
[[nodiscard]] constexpr u64 heap_of(u64 address) { return address & ~(HEAP_MAX - 1); }

} // namespace mm::libc
