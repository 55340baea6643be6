#pragma once
// The heap of a process as it can be looked at: regions of chunks side by side, bins with their lists, tcaches, and what an
// address is. Reads words alone, and touches nothing.
//
//   region ──► chunk ─ chunk ─ chunk ─ ... ─ top, or the fence where the region was left
#include <optional>
#include <string>
#include <vector>

#include "heap/heap.h"

namespace mm::libc {

enum class chunk_state : u8 {
    in_use, // the program has it
    kept,   // neither the program nor a list: a tcache itself, or what a thread lost
    tcache,
    fastbin,
    unsorted,
    smallbin,
    largebin,
    top,
    fence, // never free, so that nothing merges beyond the region
};

struct heap_chunk {
    u64 at = 0;   // the header; the program's memory begins 16 bytes behind
    u64 word = 0; // size and P, M, A as they stand there
    chunk_state state = chunk_state::in_use;
    u32 bin = 0; // of arena lists its number, of fastbins and tcaches the index

    [[nodiscard]] u64 size() const { return word & ~SIZE_BITS; }
    [[nodiscard]] u64 memory() const { return at + HEADER; }
};

struct heap_region {
    u64 arena = 0;
    u64 heap = 0;  // of an arena that is not main: the heap_info; 0: the main arena's
    u64 start = 0; // of the first chunk
    u64 end = 0;   // behind the last
};

// A list as its links lead, from its head on. A damaged one may end anywhere; none is longer than the heap may have chunks.
struct heap_list {
    chunk_state kind = chunk_state::unsorted;
    u64 arena = 0;  // of a tcache 0
    u32 thread = 0; // of a tcache: its place in libc_heap::threads
    u32 index = 0;
    u64 size = 0;  // of its chunks: of a large bin the smallest that may be there; of the unsorted list 0
    u64 count = 0; // of a tcache: as it counts
    std::vector<u64> chunks;
};

// The main arena's first. Of an uninitialized heap none.
[[nodiscard]] std::vector<heap_region> regions_of(const libc_heap& heap);
// Lists that are not empty: of each arena fastbins, unsorted, small and large bins, then tcaches by thread.
[[nodiscard]] std::vector<heap_list> lists_of(const libc_heap& heap);
// In the order of addresses, up to `most`. `lists`: of the heap.
[[nodiscard]] std::vector<heap_chunk> chunks_of(const libc_heap& heap, const heap_region& region,
                                                const std::vector<heap_list>& lists, u64 most = ~0ull);
// Chunks that are mappings of their own, by address.
[[nodiscard]] std::vector<heap_chunk> mapped_chunks(const libc_heap& heap);

// What stands at an address of the heap.
struct heap_place {
    heap_chunk chunk;
    heap_region region; // of a mapped chunk all 0
    u64 offset = 0;     // from the header
};
[[nodiscard]] std::optional<heap_place> heap_place_at(const libc_heap& heap, u64 address);

// The smallest chunk that a bin of an arena may have. 0: the unsorted list.
[[nodiscard]] u64 smallest_of_bin(u32 index);

} // namespace mm::libc
