#include "heap/info.h"

#include <algorithm>

namespace mm::libc {

namespace {

struct free_run {
    u64 from = 0, to = 0, total = 0, count = 0;
};

// What is free in an arena.
struct arena_sums {
    std::vector<free_run> fast;                 // by size
    std::vector<std::pair<u32, free_run>> bins; // those that have chunks; their sizes with the bits of the header
    u64 fast_chunks = 0, fast_bytes = 0;
    u64 chunks = 0, bytes = 0, bytes_with_bits = 0; // the top among them
    u64 top = 0;
    u64 system = 0, max_system = 0;
    u64 heaps = 0, heap_bytes = 0, heap_accessible = 0; // of an arena that is not main
};

class reader {
  public:
    explicit reader(const libc_heap& heap) : heap_(heap), most_(heap.most_chunks()) {}

    [[nodiscard]] u64 load(u64 at) const { return heap_.words.load(at & ~(SIZE_SZ - 1)); }
    [[nodiscard]] u64 size_word(u64 chunk) const { return load(chunk + AT_SIZE); }
    [[nodiscard]] u64 revealed(u64 at) const {
        return heap_.version >= glibc_version::v2_36 ? (at >> 12) ^ load(at) : load(at);
    }

    // Lists that a program has damaged may go round: no more steps than there may be chunks.
    [[nodiscard]] arena_sums sums(u64 arena) const {
        arena_sums sums;
        for (u32 i = 0; i < NFASTBINS; ++i) {
            free_run run;
            u64 chunk = load(arena + AT_FASTBINS + 8 * i);
            const u64 size = chunk == 0 ? 0 : size_word(chunk) & ~SIZE_BITS;
            for (; chunk != 0 && run.count < most_; chunk = revealed(chunk + AT_FD)) ++run.count;
            if (run.count == 0) continue;
            run.from = size - (ALIGNMENT - 1), run.to = size, run.total = run.count * size;
            sums.fast_chunks += run.count, sums.fast_bytes += run.total;
            sums.fast.push_back(run);
        }
        const u64 top = load(arena + AT_TOP);
        sums.top = top == bin_at(arena, 1) ? 0 : size_word(top) & ~SIZE_BITS;
        sums.chunks = 1, sums.bytes = sums.bytes_with_bits = sums.top;
        for (u32 i = 1; i < NBINS; ++i) add_bin(arena, i, sums);
        sums.system = load(arena + AT_SYSTEM_MEM), sums.max_system = load(arena + AT_MAX_SYSTEM_MEM);
        if (arena != heap_.main_arena)
            for (u64 at = heap_of(top); at != 0 && sums.heaps < most_; at = load(at + AT_HEAP_PREV)) {
                ++sums.heaps;
                sums.heap_bytes += load(at + AT_HEAP_SIZE);
                sums.heap_accessible += load(at + AT_HEAP_MPROTECT_SIZE);
            }
        return sums;
    }

  private:
    void add_bin(u64 arena, u32 index, arena_sums& sums) const {
        const u64 bin = bin_at(arena, index);
        free_run run;
        run.from = ~0ull;
        for (u64 chunk = load(bin + AT_FD); chunk != bin && chunk != 0 && run.count < most_;
             chunk = load(chunk + AT_FD)) {
            const u64 word = size_word(chunk);
            ++run.count, run.total += word;
            run.from = std::min(run.from, word), run.to = std::max(run.to, word);
            sums.bytes += word & ~SIZE_BITS;
        }
        if (run.count == 0) return;
        sums.chunks += run.count, sums.bytes_with_bits += run.total;
        sums.bins.emplace_back(index, run);
    }

    const libc_heap& heap_;
    u64 most_;
};

std::string quoted(const char* name, u64 value) {
    return std::string(" ") + name + "=\"" + std::to_string(value) + "\"";
}

std::string sizes_line(const char* tag, const free_run& run) {
    return std::string("  <") + tag + quoted("from", run.from) + quoted("to", run.to) + quoted("total", run.total) +
           quoted("count", run.count) + "/>\n";
}
std::string total_line(const char* type, u64 count, u64 size) {
    return std::string("<total type=\"") + type + "\"" + quoted("count", count) + quoted("size", size) + "/>\n";
}
std::string size_line(const char* tag, const char* type, u64 size) {
    return std::string("<") + tag + " type=\"" + type + "\"" + quoted("size", size) + "/>\n";
}

std::string padded(u64 value) {
    const std::string text = std::to_string(value & 0xffff'ffff);
    return std::string(text.size() < 10 ? 10 - text.size() : 0, ' ') + text;
}

} // namespace

std::vector<u64> arenas_of(const libc_heap& heap) {
    std::vector<u64> arenas;
    if (!heap.initialized) return arenas;
    u64 arena = heap.main_arena;
    do {
        arenas.push_back(arena);
        arena = heap.words.load(arena + AT_NEXT);
    } while (arena != heap.main_arena && arena != 0 && arenas.size() < heap.narenas);
    return arenas;
}

mallinfo mallinfo_of(const libc_heap& heap) {
    mallinfo info;
    const reader read(heap);
    for (const u64 arena : arenas_of(heap)) {
        const arena_sums sums = read.sums(arena);
        info.arena += sums.system;
        info.ordblks += sums.chunks;
        info.smblks += sums.fast_chunks;
        info.fsmblks += sums.fast_bytes;
        info.fordblks += sums.bytes + sums.fast_bytes;
        info.uordblks += sums.system - sums.bytes - sums.fast_bytes;
        if (arena == heap.main_arena) info.keepcost = sums.top;
    }
    info.hblks = static_cast<u64>(heap.par.n_mmaps);
    info.hblkhd = heap.par.mmapped_mem;
    return info;
}

std::string malloc_info_text(const libc_heap& heap) {
    const reader read(heap);
    std::string text = "<malloc version=\"1\">\n";
    u64 fast = 0, fast_bytes = 0, rest = 0, rest_bytes = 0, system = 0, max_system = 0, space = 0, accessible = 0;
    const std::vector<u64> arenas = arenas_of(heap);
    for (std::size_t nr = 0; nr < arenas.size(); ++nr) {
        const arena_sums sums = read.sums(arenas[nr]);
        const bool main = nr == 0;
        text += "<heap nr=\"" + std::to_string(nr) + "\">\n<sizes>\n";
        for (const free_run& run : sums.fast) text += sizes_line("size", run);
        for (const auto& [index, run] : sums.bins)
            if (index != 1) text += sizes_line("size", run);
        for (const auto& [index, run] : sums.bins)
            if (index == 1) text += sizes_line("unsorted", run);
        text += "</sizes>\n" + total_line("fast", sums.fast_chunks, sums.fast_bytes) +
                total_line("rest", sums.chunks, sums.bytes_with_bits) + size_line("system", "current", sums.system) +
                size_line("system", "max", sums.max_system);
        const u64 bytes = main ? sums.system : sums.heap_bytes, open = main ? sums.system : sums.heap_accessible;
        text += size_line("aspace", "total", bytes) + size_line("aspace", "mprotect", open);
        if (!main) text += size_line("aspace", "subheaps", sums.heaps);
        text += "</heap>\n";
        fast += sums.fast_chunks, fast_bytes += sums.fast_bytes, rest += sums.chunks,
            rest_bytes += sums.bytes_with_bits;
        system += sums.system, max_system += sums.max_system, space += bytes, accessible += open;
    }
    return text + total_line("fast", fast, fast_bytes) + total_line("rest", rest, rest_bytes) +
           total_line("mmap", static_cast<u64>(heap.par.n_mmaps), heap.par.mmapped_mem) +
           size_line("system", "current", system) + size_line("system", "max", max_system) +
           size_line("aspace", "total", space) + size_line("aspace", "mprotect", accessible) + "</malloc>\n";
}

std::string malloc_stats_text(const libc_heap& heap) {
    const reader read(heap);
    std::string text;
    u64 system = heap.par.mmapped_mem, in_use = heap.par.mmapped_mem;
    const std::vector<u64> arenas = arenas_of(heap);
    const auto both = [](u64 bytes, u64 used) {
        return "system bytes     = " + padded(bytes) + "\nin use bytes     = " + padded(used) + "\n";
    };
    for (std::size_t nr = 0; nr < arenas.size(); ++nr) {
        const arena_sums sums = read.sums(arenas[nr]);
        const u64 used = sums.system - sums.bytes - sums.fast_bytes;
        text += "Arena " + std::to_string(nr) + ":\n" + both(sums.system, used);
        system += sums.system, in_use += used;
    }
    return text + "Total (incl. mmap):\n" + both(system, in_use) +
           "max mmap regions = " + padded(static_cast<u64>(heap.par.max_n_mmaps)) +
           "\nmax mmap bytes   = " + padded(heap.par.max_mmapped_mem) + "\n";
}

} // namespace mm::libc
