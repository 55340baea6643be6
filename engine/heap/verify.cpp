#include "heap/verify.h"

#include <algorithm>
#include <unordered_set>

#include "base/hex.h"
#include "heap/chunks.h"
#include "heap/info.h"
#include "process/user_tables.h"

namespace mm {

namespace {

using namespace libc;
using broken = std::optional<std::string>;

class check {
  public:
    check(const libc_heap& heap, const process_memory& proc, const mmu_memory& mmu, mm_id mm)
        : heap_(heap), proc_(proc), mmu_(mmu), mm_(mm) {}

    broken run() {
        if (heap_.damaged || !heap_.initialized) return {};
        lists_ = lists_of(heap_);
        for (const heap_list& list : lists_)
            if (auto bad = check_list(list)) return bad;
        u64 walked = 0;
        for (const heap_region& region : regions_of(heap_)) {
            chunks_ = chunks_of(heap_, region, lists_);
            if (!all_present()) return {};
            if (auto bad = check_region(region)) return bad;
            for (const heap_chunk& chunk : chunks_)
                if (chunk.state != chunk_state::in_use && chunk.state != chunk_state::kept &&
                    chunk.state != chunk_state::fence && chunk.state != chunk_state::top)
                    ++walked;
        }
        if (walked != listed_.size())
            return "heap of process " + pid() + ": " + std::to_string(listed_.size()) + " chunks in lists, " +
                   std::to_string(walked) + " of them found side by side";
        return check_counts();
    }

  private:
    [[nodiscard]] std::string pid() const { return std::to_string(proc_.mms[mm_].pid); }
    [[nodiscard]] u64 load(u64 at) const { return heap_.words.load(at); }
    [[nodiscard]] std::string wrong(u64 chunk, std::string_view what) const {
        return "heap of process " + pid() + ", chunk " + address_hex(chunk) + ": " + std::string(what);
    }

    // A page without an entry has no contents: the program gave it away.
    [[nodiscard]] bool all_present() const {
        u64 page = ~0ull;
        for (const heap_chunk& chunk : chunks_) {
            if ((chunk.at + AT_SIZE) / PAGE == page) continue;
            page = (chunk.at + AT_SIZE) / PAGE;
            const table_slot slot = find_slot(mmu_, static_cast<space_id>(proc_.mms[mm_].space), chunk.at + AT_SIZE);
            if (!pte_present(mmu_.format, slot.entry)) return false;
        }
        return true;
    }

    broken check_list(const heap_list& list) {
        const bool cached = list.kind == chunk_state::tcache, fast = list.kind == chunk_state::fastbin;
        if (list.count != list.chunks.size())
            return wrong(list.chunks.empty() ? 0 : list.chunks[0], "miscounted tcache bin");
        u64 before = cached || fast ? 0 : bin_at(list.arena, list.index), size_before = ~0ull;
        for (const u64 chunk : list.chunks) {
            if (!listed_.insert(chunk).second) return wrong(chunk, "stands in two lists");
            if (heap_.words.marked(chunk)) return wrong(chunk, "is the program's and in a list");
            const u64 size = load(chunk + AT_SIZE) & ~SIZE_BITS;
            if ((cached || fast) && size != list.size) return wrong(chunk, "in the list of another size");
            if (cached || fast) continue;
            if (load(chunk + AT_BK) != before) return wrong(chunk, "bk does not name the chunk before it");
            if (list.index > 1 && bin_index(size) != list.index) return wrong(chunk, "in the bin of another size");
            if (list.kind == chunk_state::largebin && size > size_before)
                return wrong(chunk, "larger than the one before it");
            before = chunk;
            size_before = size;
        }
        if (cached || fast || list.index == 1) return {};
        const u64 map = load(list.arena + AT_BINMAP + list.index / 64 * 8) >> list.index % 64 & 1;
        return map == 1 ? broken{} : wrong(list.chunks[0], "the map of bins does not name its bin");
    }

    broken check_region(const heap_region& region) const {
        u64 at = region.start;
        bool free_before = false;
        for (std::size_t i = 0; i < chunks_.size(); ++i) {
            const heap_chunk& chunk = chunks_[i];
            const bool fence = chunk.state == chunk_state::fence, last = i + 1 == chunks_.size();
            if (chunk.at != at) return wrong(chunk.at, "not side by side");
            if (!fence && (chunk.size() < MINSIZE || (chunk.state != chunk_state::top && !aligned(chunk.size()))))
                return wrong(chunk.at, "a size that no chunk has");
            const bool prev_inuse = (chunk.word & PREV_INUSE) != 0;
            if (prev_inuse == free_before) return wrong(chunk.at, "P does not tell whether the one before is free");
            if (free_before && load(chunk.at) != chunks_[i - 1].size()) return wrong(chunk.at, "prev_size is wrong");
            const bool is_free = chunk.state == chunk_state::unsorted || chunk.state == chunk_state::smallbin ||
                                 chunk.state == chunk_state::largebin;
            if (is_free && free_before) return wrong(chunk.at, "two free chunks side by side");
            if (chunk.state == chunk_state::kept && !heap_.lost_threads && !is_tcache(chunk.memory()))
                return wrong(chunk.at, "neither the program's nor in a list");
            if (chunk.state == chunk_state::in_use && region.heap != 0 && (chunk.word & NON_MAIN_ARENA) == 0)
                return wrong(chunk.at, "A is 0 in an arena that is not main");
            free_before = is_free;
            at += fence && chunk.size() == 0 ? HEADER : chunk.size();
            if (last && at != region.end) return wrong(chunk.at, "the last one does not end where its region does");
        }
        return {};
    }

    [[nodiscard]] bool is_tcache(u64 memory) const {
        return std::any_of(heap_.threads.begin(), heap_.threads.end(),
                           [&](const libc_thread& thread) { return thread.tcache == memory; });
    }

    broken check_counts() const {
        u64 mapped = 0, bytes = 0;
        for (const heap_chunk& chunk : mapped_chunks(heap_)) ++mapped, bytes += chunk.size() + load(chunk.at);
        if (mapped != static_cast<u64>(heap_.par.n_mmaps) || bytes != heap_.par.mmapped_mem)
            return "heap of process " + pid() + ": n_mmaps " + std::to_string(heap_.par.n_mmaps) + " and " +
                   std::to_string(heap_.par.mmapped_mem) + " bytes, but " + std::to_string(mapped) + " and " +
                   std::to_string(bytes);
        for (const u64 arena : arenas_of(heap_)) {
            const bool any = std::any_of(lists_.begin(), lists_.end(), [&](const heap_list& list) {
                return list.arena == arena && list.kind == chunk_state::fastbin;
            });
            if (any && (load(arena + AT_FASTCHUNKS) & 1) == 0)
                return wrong(arena, "have_fastchunks is 0 with chunks in fastbins");
            u64 system = 0;
            if (arena == heap_.main_arena) continue;
            for (const heap_region& region : regions_of(heap_))
                if (region.arena == arena) system += load(region.heap + AT_HEAP_SIZE);
            if (system != load(arena + AT_SYSTEM_MEM)) return wrong(arena, "system_mem is not what its heaps have");
        }
        return {};
    }

    const libc_heap& heap_;
    const process_memory& proc_;
    const mmu_memory& mmu_;
    mm_id mm_;
    std::vector<heap_list> lists_;
    std::vector<heap_chunk> chunks_;
    std::unordered_set<u64> listed_;
};

void hash_par(const malloc_par& par, Hasher& hasher) {
    for (const u64 value : {par.trim_threshold, par.top_pad, par.mmap_threshold, par.arena_test, par.arena_max,
                            par.mmapped_mem, par.max_mmapped_mem, par.sbrk_base, par.tcache_bins, par.tcache_max_bytes,
                            par.tcache_count, par.tcache_unsorted_limit, par.max_fast, u64{par.perturb}})
        hasher.add(value);
    hasher.add_signed(par.n_mmaps);
    hasher.add_signed(par.n_mmaps_max);
    hasher.add_signed(par.max_n_mmaps);
    hasher.add(par.no_dyn_threshold);
}

// Lines have no order: their hashes are added.
u64 hash_of_words(const word_memory& words) {
    u64 sum = 0;
    words.each([&](u64 address, const word_memory::line_words& line) {
        if (std::all_of(std::begin(line.word), std::end(line.word), [](u64 word) { return word == 0; })) return;
        Hasher one;
        one.add(address);
        for (const u64 word : line.word) one.add(word);
        for (u64 i = 0; i < word_memory::LINE_BYTES; i += ALIGNMENT) one.add(words.marked(address + i));
        sum += one.value();
    });
    return sum;
}

} // namespace

broken verify_heaps(const heap_memory& heaps, const process_memory& proc, const mmu_memory& mmu) {
    for (u32 i = 0; i < heaps.slots.size(); ++i) {
        const heap_memory::slot& slot = heaps.slots[i];
        if (!slot.heap) continue;
        if (!proc.mms[slot.mm].in_use || proc.mms[slot.mm].heap != i + 1)
            return "heap " + std::to_string(i) + " is of a process that does not name it";
        if (auto bad = check(*slot.heap, proc, mmu, slot.mm).run()) return bad;
    }
    for (mm_id id = 0; id < proc.mms_used; ++id)
        if (const u32 heap = proc.mms[id].heap;
            heap != 0 && (heap > heaps.slots.size() || heaps.slots[heap - 1].mm != id))
            return "process " + std::to_string(proc.mms[id].pid) + " names a heap that is not its own";
    return {};
}

void hash_heaps(const heap_memory& heaps, const process_memory& proc, Hasher& hasher) {
    for (mm_id id = 0; id < proc.mms_used; ++id) {
        const libc_heap* heap = heap_of_process(heaps, proc, id);
        if (heap == nullptr) continue;
        hasher.add(proc.mms[id].pid);
        hash_par(heap->par, hasher);
        for (const u64 value :
             {u64{heap->initialized}, u64{heap->threaded}, heap->main_arena, heap->tcache_key, u64{heap->narenas},
              heap->narenas_limit, heap->free_list, heap->next_to_use, heap->aligned_heap_area, u64{heap->damaged}})
            hasher.add(value);
        for (const libc_thread& thread : heap->threads)
            if (thread.in_use) hasher.add(thread.id), hasher.add(thread.tcache), hasher.add(thread.arena);
        hasher.add(hash_of_words(heap->words));
    }
}

} // namespace mm
