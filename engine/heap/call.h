#pragma once
// One call of the program into malloc: which heap, which thread, what it touches, and how it ends.
//
// glibc ends a process where its data make no sense. Here a call then goes on to its end without effect: `over()` is true, what is
// read is 0 and what is written is lost; every loop asks.
#include <array>

#include "base/event.h"
#include "heap/events.h"
#include "heap/functions.h"
#include "heap/heap.h"

namespace mm::libc {

class call {
  public:
    call(libc_heap& of, heap_kernel& asked, EventSink& told, u32 by)
        : heap(of), par(of.par), kernel(asked), sink(told), thread_(by) {}

    // ---- what the program calls; each returns memory, or 0
    u64 malloc(u64 bytes);
    void free(u64 memory);
    u64 realloc(u64 memory, u64 bytes);
    u64 calloc(u64 count, u64 size);
    u64 memalign(u64 alignment, u64 bytes);
    u64 posix_memalign(u64 alignment, u64 bytes); // error() tells why not
    u64 malloc_trim(u64 pad);                     // 1: something went back
    u64 mallopt(i32 parameter, i32 value);        // 1: taken
    u64 malloc_usable_size(u64 memory);
    // A thread ends: its tcache is freed, its arena is for others.
    void thread_ends();

    [[nodiscard]] bool over() const { return end_ != heap_end::returned; }
    [[nodiscard]] heap_result result(u64 value) const { return {over() ? 0 : value, error_, end_, message_}; }
    [[nodiscard]] i32 error() const { return error_; }

    libc_heap& heap;
    malloc_par& par;
    heap_kernel& kernel;
    EventSink& sink;

    // ---- words
    // An access a page and a call, and one more where the first only read: then the page is there, and what follows cannot fault.
    [[nodiscard]] u64 load(u64 address) {
        const bool charges = (++loads_ & (LOADS_AT_ONCE - 1)) == 0;
        const bool known = address / PAGE == last_.page && address % SIZE_SZ == 0 && !over();
        if (!known || charges) [[unlikely]]
            return load_first(address);
        return heap.words.load(address);
    }
    void store(u64 address, u64 value) {
        const bool known = address / PAGE == last_.page && last_.write && address % SIZE_SZ == 0;
        if (!known) [[unlikely]]
            touch_range(address, SIZE_SZ, true);
        if (!over()) heap.words.store(address & ~(SIZE_SZ - 1), value);
    }
    // The pages have gone, or will be new ones.
    void pages_change(u64 start, u64 end) {
        if (!kernel.clears_fresh_pages()) heap.words.clear(start, end);
    }
    // memset() to 0 and memcpy() of the program's bytes there.
    void zero_bytes(u64 start, u64 bytes);
    void copy_bytes(u64 start, u64 bytes, u64 to);
    // The program's own bytes there are read or written.
    void touch_range(u64 start, u64 bytes, bool write);

    // ---- chunks
    [[nodiscard]] u64 size_word(u64 chunk) { return load(chunk + AT_SIZE); } // with its bits
    [[nodiscard]] u64 size_of(u64 chunk) { return size_word(chunk) & ~SIZE_BITS; }
    [[nodiscard]] u64 prev_size(u64 chunk) { return load(chunk); }
    [[nodiscard]] bool prev_inuse(u64 chunk) { return (size_word(chunk) & PREV_INUSE) != 0; }
    [[nodiscard]] bool inuse(u64 chunk, u64 size) { return prev_inuse(chunk + size); }
    void set_size(u64 chunk, u64 word) { store(chunk + AT_SIZE, word); }
    void set_foot(u64 chunk, u64 size) { store(chunk + size, size); }
    void set_inuse(u64 chunk, u64 size) { set_size(chunk + size, size_word(chunk + size) | PREV_INUSE); }
    [[nodiscard]] u64 fd(u64 chunk) { return load(chunk + AT_FD); }
    [[nodiscard]] u64 bk(u64 chunk) { return load(chunk + AT_BK); }
    void set_fd(u64 chunk, u64 to) { store(chunk + AT_FD, to); }
    void set_bk(u64 chunk, u64 to) { store(chunk + AT_BK, to); }
    // A link of tcache and fastbins as it stands at `at`, mangled where this glibc does that; the same the other way.
    // glibc: PROTECT_PTR, REVEAL_PTR
    [[nodiscard]] u64 mangled(u64 at, u64 pointer) const { return safe_linking() ? (at >> 12) ^ pointer : pointer; }
    [[nodiscard]] bool safe_linking() const { return heap.version >= glibc_version::v2_36; }

    // ---- arenas
    [[nodiscard]] bool is_main(u64 arena) const { return arena == heap.main_arena; }
    [[nodiscard]] u64 arena_bit(u64 arena) const { return is_main(arena) ? 0 : NON_MAIN_ARENA; }
    [[nodiscard]] u64 top(u64 arena) { return load(arena + AT_TOP); }
    void set_top(u64 arena, u64 chunk) { store(arena + AT_TOP, chunk); }
    [[nodiscard]] bool contiguous(u64 arena) { return (load(arena) >> 32 & NONCONTIGUOUS) == 0; }
    [[nodiscard]] bool have_fastchunks(u64 arena) { return (load(arena + AT_FASTCHUNKS) & 0xffff'ffff) != 0; }
    void set_fastchunks(u64 arena, bool have) { store(arena + AT_FASTCHUNKS, have ? 1 : 0); }
    [[nodiscard]] u64 system_mem(u64 arena) { return load(arena + AT_SYSTEM_MEM); }
    void add_system_mem(u64 arena, i64 bytes) {
        store(arena + AT_SYSTEM_MEM, system_mem(arena) + static_cast<u64>(bytes));
    }
    [[nodiscard]] static u64 unsorted(u64 arena) { return bin_at(arena, 1); }
    [[nodiscard]] static u64 fastbin_at(u64 arena, u64 index) { return arena + AT_FASTBINS + 8 * index; }

    // ---- parts of what the program calls, as glibc has them (each in the file of its name)
    [[nodiscard]] bool checked_size(u64 bytes, u64& chunk);
    void start(); // ptmalloc_init
    void init_state(u64 arena);
    u64 int_malloc(u64 arena, u64 bytes);
    void int_free(u64 arena, u64 chunk);
    u64 int_realloc(u64 arena, u64 chunk, u64 old_size, u64 size);
    u64 int_memalign(u64 arena, u64 alignment, u64 bytes);
    u64 sysmalloc(u64 arena, u64 size);
    void consolidate(u64 arena);
    bool trim_main(u64 pad); // systrim
    void trim_heap(u64 heap, u64 pad);
    void unlink(u64 chunk);
    void munmap_chunk(u64 chunk);
    u64 mremap_chunk(u64 chunk, u64 size);

    // ---- arenas.cpp
    [[nodiscard]] u64 arena_of(u64 chunk);               // arena_for_chunk
    [[nodiscard]] u64 arena_for(u64 bytes);              // arena_get
    [[nodiscard]] u64 other_arena(u64 arena, u64 bytes); // arena_get_retry
    u64 new_heap(u64 size, u64 pad);
    bool grow_heap(u64 heap, u64 more);
    bool shrink_heap(u64 heap, u64 less);
    u64 in_an_arena(u64 bytes, u64 (call::*from)(u64 arena, u64 bytes), u64 room);

    [[nodiscard]] libc_thread& thread() { return heap.threads[thread_]; }

    // glibc writes this and ends the process.
    void abort(std::string_view message);
    u64 no_memory();

    // The function of glibc that runs, for call paths. They have room for the kernel's, so no more than the outer ones are told.
    class scope {
      public:
        scope(call& of, heap_fn function) : of_(of), told_(of.depth_++ < MOST_TOLD) {
            if (told_) of_.sink.enter(static_cast<u16>(function));
        }
        ~scope() {
            --of_.depth_;
            if (told_) of_.sink.leave();
        }
        scope(const scope&) = delete;
        scope& operator=(const scope&) = delete;

      private:
        static constexpr u32 MOST_TOLD = 3;
        call& of_;
        bool told_;
    };

  private:
    struct tcache_bin_state {
        u64 index;
        bool usable; // there is a tcache, and it has such a bin
    };
    // ---- tcache.cpp
    void init_tcache();
    [[nodiscard]] tcache_bin_state tcache_bin(u64 size);
    [[nodiscard]] u64 tcache_count(u64 index);
    void set_tcache_count(u64 index, u64 count);
    [[nodiscard]] u64 tcache_head(u64 index) { return load(thread().tcache + AT_TCACHE_ENTRIES + 8 * index); }
    void set_tcache_head(u64 index, u64 memory) { store(thread().tcache + AT_TCACHE_ENTRIES + 8 * index, memory); }
    u64 tcache_get(u64 index);
    void tcache_put(u64 chunk, u64 index);
    [[nodiscard]] bool tcache_has_room(const tcache_bin_state& bin) {
        return bin.usable && tcache_count(bin.index) < par.tcache_count;
    }
    bool freed_into_tcache(u64 chunk, u64 size);
    void tcache_thread_shutdown();

    // ---- malloc.cpp
    u64 from_fastbin(u64 arena, u64 size);
    u64 from_smallbin(u64 arena, u64 size);
    struct unsorted_walk {
        u64 chunk = 0;       // found: not 0
        bool cached = false; // an exact fit went into the tcache
    };
    unsorted_walk walk_unsorted(u64 arena, u64 size);
    [[nodiscard]] bool unsorted_is_sane(u64 arena, u64 chunk, u64 size);
    void sort_into_bin(u64 arena, u64 chunk, u64 size);
    void link_large(u64 bin, u64 chunk, u64 size, u64& before, u64& behind);
    u64 from_largebin(u64 arena, u64 size);
    u64 from_next_bin(u64 arena, u64 size, u32 index);
    u64 cut(u64 arena, u64 chunk, u64 have, u64 size, bool remember, std::string_view corrupted);
    u64 from_top(u64 arena, u64 size);
    [[nodiscard]] u32 binmap(u64 arena, u32 block);
    void set_binmap(u64 arena, u32 block, u32 bits);

    // ---- free.cpp
    void free_to_fastbin(u64 arena, u64 chunk, u64 size);
    void free_to_unsorted(u64 arena, u64 chunk, u64 size);
    u64 merge_and_link(u64 arena, u64 chunk, u64 size, std::string_view mismatch, bool checks_list);

    // ---- sysmalloc.cpp
    u64 sysmalloc_mmap(u64 arena, u64 size);
    void grow_arena_heap(u64 arena, u64 size, bool& tried_mmap, u64& mapped);
    void grow_main(u64 size);
    void new_top_elsewhere(u64 arena, u64 brk, u64 second_brk, u64 old_top, u64 old_size, u64 size);
    void leave_old_top(u64 arena, u64 old_top, u64 old_size);
    [[nodiscard]] u64 sbrk(i64 by); // NO_BRK: it could not be moved

    // ---- arenas.cpp
    u64 arena_get2(u64 bytes, u64 avoid);
    u64 take_free_arena();
    u64 int_new_arena(u64 bytes);
    u64 reused_arena(u64 avoid);
    void leave_arena(u64 arena);
    u64 reserve_heap();

    u32 thread_;
    i32 error_ = 0;
    heap_end end_ = heap_end::returned;
    std::string_view message_;
    // Pages that this call has touched: an access a page is enough to fault it in.
    struct touched_page {
        u64 page = ~0ull;
        bool write = false;
    };
    std::array<touched_page, 8> touched_{};
    touched_page last_; // of them
    void touch_page(u64 page, u64 address, bool write);
    u32 next_touched_ = 0;
    u32 depth_ = 0; // functions of glibc that run
    static constexpr u64 LOADS_AT_ONCE = 1024, LOADS_FOR_ONE_UNIT = 8, MOST_LOADS = u64{1} << 26;
    u64 loads_ = 0;
    u64 load_first(u64 address);
    void charge_loads();
};

inline constexpr u64 NO_BRK = ~0ull;

} // namespace mm::libc
