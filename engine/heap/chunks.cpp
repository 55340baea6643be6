#include "heap/chunks.h"

#include <algorithm>
#include <unordered_map>

#include "heap/info.h"

namespace mm::libc {

namespace {

constexpr u64 INFO = 48; // sizeof (heap_info)

class reader {
  public:
    explicit reader(const libc_heap& heap) : heap_(heap), most_(heap.most_chunks()) {}

    [[nodiscard]] u64 load(u64 at) const { return heap_.words.load(at & ~(SIZE_SZ - 1)); }
    [[nodiscard]] u64 size_word(u64 chunk) const { return load(chunk + AT_SIZE); }
    [[nodiscard]] u64 revealed(u64 at) const {
        return heap_.version >= glibc_version::v2_36 ? (at >> 12) ^ load(at) : load(at);
    }
    [[nodiscard]] u64 most() const { return most_; }

    void add_fastbins(u64 arena, std::vector<heap_list>& out) const {
        for (u32 i = 0; i < NFASTBINS; ++i) {
            heap_list list{chunk_state::fastbin, arena, 0, i, MINSIZE + ALIGNMENT * i, 0, {}};
            for (u64 at = load(arena + AT_FASTBINS + 8 * i); at != 0 && list.chunks.size() < most_;
                 at = revealed(at + AT_FD))
                list.chunks.push_back(at);
            keep(std::move(list), out);
        }
    }
    void add_bins(u64 arena, std::vector<heap_list>& out) const {
        for (u32 i = 1; i < NBINS; ++i) {
            const chunk_state kind = i == 1   ? chunk_state::unsorted
                                     : i < 64 ? chunk_state::smallbin
                                              : chunk_state::largebin;
            heap_list list{kind, arena, 0, i, smallest_of_bin(i), 0, {}};
            const u64 bin = bin_at(arena, i);
            for (u64 at = load(bin + AT_FD); at != bin && at != 0 && list.chunks.size() < most_; at = load(at + AT_FD))
                list.chunks.push_back(at);
            keep(std::move(list), out);
        }
    }
    void add_tcache(u32 thread, std::vector<heap_list>& out) const {
        const u64 tcache = heap_.threads[thread].tcache;
        if (tcache == 0) return;
        for (u32 i = 0; i < TCACHE_BINS; ++i) {
            heap_list list{chunk_state::tcache, 0, thread, i, MINSIZE + ALIGNMENT * i, 0, {}};
            list.count = load(tcache + i / 4 * SIZE_SZ) >> (i % 4 * 16) & 0xffff;
            for (u64 memory = load(tcache + AT_TCACHE_ENTRIES + 8 * i); memory != 0 && list.chunks.size() < most_;
                 memory = revealed(memory))
                list.chunks.push_back(memory - HEADER);
            if (list.count != 0 || !list.chunks.empty()) out.push_back(std::move(list));
        }
    }

  private:
    static void keep(heap_list list, std::vector<heap_list>& out) {
        list.count = list.chunks.size();
        if (list.count != 0) out.push_back(std::move(list));
    }

    const libc_heap& heap_;
    u64 most_;
};

// Of a region that was left: where its last chunk ends, which is a fence.
u64 end_of_left(const reader& read, u64 start) {
    u64 at = start;
    for (u64 steps = 0; steps < read.most(); ++steps) {
        const u64 size = read.size_word(at) & ~SIZE_BITS;
        if (size == 0) return at + HEADER;
        at += size;
        if (size == HEADER && (read.size_word(at) & ~SIZE_BITS) == HEADER) return at + HEADER;
    }
    return at;
}

void add_heaps(const reader& read, u64 arena, std::vector<heap_region>& out) {
    const u64 top = read.load(arena + AT_TOP), newest = heap_of(top);
    std::vector<heap_region> regions;
    for (u64 at = newest; at != 0 && regions.size() <= read.most(); at = read.load(at + AT_HEAP_PREV)) {
        const bool first = at + INFO == arena;
        const u64 start = first ? align_up(arena + ARENA_SIZE, ALIGNMENT) : at + INFO;
        const u64 end = at == newest ? top + (read.size_word(top) & ~SIZE_BITS) : end_of_left(read, start);
        regions.push_back({arena, at, start, end});
        if (first) break;
    }
    out.insert(out.end(), regions.rbegin(), regions.rend());
}

struct listed {
    chunk_state state;
    u32 bin;
};
using listing = std::unordered_map<u64, listed>;

listing by_chunk(const std::vector<heap_list>& lists) {
    listing found;
    for (const heap_list& list : lists)
        for (const u64 chunk : list.chunks) found.try_emplace(chunk, listed{list.kind, list.index});
    return found;
}

heap_chunk chunk_at(const libc_heap& heap, const listing& lists, u64 at, u64 top) {
    heap_chunk chunk{at, heap.words.load(at + AT_SIZE), chunk_state::in_use, 0};
    if (const auto found = lists.find(at); found != lists.end()) {
        chunk.state = found->second.state;
        chunk.bin = found->second.bin;
    } else if (at == top) {
        chunk.state = chunk_state::top;
    } else if (chunk.size() <= HEADER) {
        chunk.state = chunk_state::fence;
    } else if (!heap.words.marked(at)) {
        chunk.state = chunk_state::kept;
    }
    return chunk;
}

} // namespace

u64 smallest_of_bin(u32 index) {
    if (index <= 1) return 0;
    if (index < 64) return u64{index} * ALIGNMENT;
    u64 behind = MIN_LARGE_SIZE; // all that the classes before have
    for (const bin_class& c : LARGE_BINS) {
        if (index <= c.first + c.most) return std::max(behind, u64{index - c.first} << c.shift);
        behind = (c.most + 1) << c.shift;
    }
    return behind;
}

std::vector<heap_region> regions_of(const libc_heap& heap) {
    std::vector<heap_region> regions;
    if (!heap.initialized) return regions;
    const reader read(heap);
    const u64 top = read.load(heap.main_arena + AT_TOP);
    for (const u64 start : heap.regions) {
        const bool last = start == heap.regions.back();
        const u64 end = last ? top + (read.size_word(top) & ~SIZE_BITS) : end_of_left(read, start);
        regions.push_back({heap.main_arena, 0, start, end});
    }
    for (const u64 arena : arenas_of(heap))
        if (arena != heap.main_arena) add_heaps(read, arena, regions);
    return regions;
}

std::vector<heap_list> lists_of(const libc_heap& heap) {
    std::vector<heap_list> lists;
    const reader read(heap);
    for (const u64 arena : arenas_of(heap)) {
        read.add_fastbins(arena, lists);
        read.add_bins(arena, lists);
    }
    for (u32 thread = 0; thread < heap.threads.size(); ++thread) read.add_tcache(thread, lists);
    return lists;
}

std::vector<heap_chunk> chunks_of(const libc_heap& heap, const heap_region& region, const std::vector<heap_list>& lists,
                                  u64 most) {
    std::vector<heap_chunk> chunks;
    const listing found = by_chunk(lists);
    const u64 top = heap.words.load(region.arena + AT_TOP);
    for (u64 at = region.start; at < region.end && chunks.size() < most;) {
        chunks.push_back(chunk_at(heap, found, at, top));
        if (chunks.back().size() == 0) break;
        at += chunks.back().size();
    }
    return chunks;
}

std::vector<heap_chunk> mapped_chunks(const libc_heap& heap) {
    std::vector<heap_chunk> chunks;
    heap.words.each([&](u64 line, const word_memory::line_words& words) {
        for (u64 i = 0; i < word_memory::LINE_BYTES / ALIGNMENT; ++i)
            if (const u64 at = line + i * ALIGNMENT; heap.words.marked(at) && (words.word[2 * i + 1] & IS_MMAPPED) != 0)
                chunks.push_back({at, words.word[2 * i + 1], chunk_state::in_use, 0});
    });
    std::sort(chunks.begin(), chunks.end(), [](const heap_chunk& a, const heap_chunk& b) { return a.at < b.at; });
    return chunks;
}

std::optional<heap_place> heap_place_at(const libc_heap& heap, u64 address) {
    for (const heap_chunk& chunk : mapped_chunks(heap))
        if (address >= chunk.at && address < chunk.at + chunk.size()) return heap_place{chunk, {}, address - chunk.at};
    const std::vector<heap_list> lists = lists_of(heap);
    for (const heap_region& region : regions_of(heap)) {
        if (address < region.start || address >= region.end) continue;
        for (const heap_chunk& chunk : chunks_of(heap, region, lists))
            if (address - chunk.at < chunk.size()) return heap_place{chunk, region, address - chunk.at};
    }
    return std::nullopt;
}

} // namespace mm::libc
