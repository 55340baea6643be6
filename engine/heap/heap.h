#pragma once
// The heaps of glibc's malloc, one a process: its parameters, its threads, and the words that it keeps in the process's memory.
//
//   libc_heap ── malloc_par          thresholds and counts of the whole process
//             ── libc_thread ──► tcache, arena
//             ── word_memory         chunks' headers and links, arenas, tcaches: as bytes of the process
//
// Mirrors: malloc/malloc.c, malloc/arena.c (glibc 2.36, 2.31).
#include <array>
#include <string>
#include <vector>

#include "heap/layout.h"
#include "heap/word_memory.h"

namespace mm {

enum class glibc_version : u8 { v2_31, v2_36 };

// glibc: struct malloc_par
struct malloc_par {
    u64 trim_threshold = libc::MMAP_THRESHOLD;
    u64 top_pad = 128 * 1024;
    u64 mmap_threshold = libc::MMAP_THRESHOLD;
    u64 arena_test = 8;
    u64 arena_max = 0;
    i32 n_mmaps = 0;
    i32 n_mmaps_max = libc::MMAP_MAX;
    i32 max_n_mmaps = 0;
    bool no_dyn_threshold = false;
    u64 mmapped_mem = 0;
    u64 max_mmapped_mem = 0;
    u64 sbrk_base = 0;
    u64 tcache_bins = libc::TCACHE_BINS;
    u64 tcache_max_bytes = 1032;
    u64 tcache_count = 7;
    u64 tcache_unsorted_limit = 0; // 0: none
    u64 max_fast = 128;            // largest chunk of the fastbins. glibc: global_max_fast
    u8 perturb = 0;
};

struct libc_thread {
    u32 id = 0;
    bool in_use = false;
    bool ending = false; // it makes no tcache any more. glibc: tcache_shutting_down
    u64 tcache = 0;      // 0: none yet
    u64 arena = 0;       // 0: none yet
};

struct libc_heap {
    bool in_use = false;
    bool initialized = false; // the first call has been. glibc: __malloc_initialized
    bool threaded = false;    // a second thread was made at some time: locks are taken. glibc: SINGLE_THREAD_P is false
    glibc_version version = glibc_version::v2_36;
    malloc_par par;
    u64 main_arena = 0; // address of the struct, in libc's data
    u64 tcache_key = 0;
    u32 narenas = 1;
    u64 narenas_limit = 0;     // 0: not asked for yet
    u64 free_list = 0;         // arenas that no thread has
    u64 next_to_use = 0;       // arena that the next thread shares
    u64 aligned_heap_area = 0; // where the next heap may fit
    u32 processors = 1;
    std::vector<libc_thread> threads; // by number; 0 is the first
    std::vector<u64> regions; // where memory of the main arena begins that is not side by side with what was before
    // The program has written where malloc keeps what it needs, or freed what it did not have: nothing need be right any more.
    bool damaged = false;
    bool lost_threads = false; // some have ended without a word, with what their tcaches held
    // Tables that pages of it were found in last: where to look first, and no state.
    struct known_table {
        u64 page = ~0ull;
        u32 table = 0;
    };
    std::array<known_table, 16> known_tables{};
    // A word is marked where a chunk begins that the program has.
    word_memory words;

    // A list with more members goes round: a line has at most two headers.
    [[nodiscard]] u64 most_chunks() const { return 2 * words.lines() + 1; }
};

// What malloc asks of the process that it runs in.
class heap_kernel {
  public:
    heap_kernel() = default;
    heap_kernel(const heap_kernel&) = delete;
    heap_kernel& operator=(const heap_kernel&) = delete;
    virtual ~heap_kernel() = default;

    // The program reads or writes a page. False: it got a signal.
    virtual bool touch(u64 address, bool write) = 0;
    // What touch() read last could be written without more.
    virtual bool could_write() { return false; }
    // touch() takes the words of a page that was not there: nobody else has to, where pages come and go.
    virtual bool clears_fresh_pages() { return false; }
    // The break after the call: where it was, if it could not be moved.
    virtual u64 brk(u64 address) = 0;
    virtual u64 current_brk() = 0; // without a call
    // An address, or the negative number of an error.
    virtual i64 mmap(u64 address, u64 length, bool accessible) = 0; // not accessible: PROT_NONE and MAP_NORESERVE
    virtual i64 mremap(u64 address, u64 old_length, u64 length) = 0;
    virtual i64 munmap(u64 address, u64 length) = 0;
    virtual i64 make_accessible(u64 address, u64 length) = 0; // mprotect
    virtual i64 discard(u64 address, u64 length) = 0;         // MADV_DONTNEED
};

// How a call of the program ended.
enum class heap_end : u8 {
    returned,
    aborted, // glibc found something wrong, said so and ended the process
    signal,  // an access to its own data got one
};
struct heap_result {
    u64 value = 0; // address, or what the call returned
    i32 error = 0; // errno that it has set; 0: none
    heap_end end = heap_end::returned;
    std::string_view message; // of an abort
};

} // namespace mm
