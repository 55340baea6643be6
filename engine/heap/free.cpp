// Where a chunk goes: tcache, fastbin, back to the kernel, or merged with free neighbours to the unsorted list or the top.
#include "heap/call.h"

namespace mm::libc {

using ev = heap_event;

void call::free(u64 memory) {
    const scope in(*this, heap_fn::free);
    if (memory == 0 || over()) return;
    const u64 chunk = memory - HEADER, word = size_word(chunk);
    if (over()) return;
    if ((word & IS_MMAPPED) != 0) {
        // The comparison is of the word, with its bits.
        if (!par.no_dyn_threshold && word > par.mmap_threshold && word <= MMAP_THRESHOLD_MAX) {
            const u64 old = par.mmap_threshold;
            par.mmap_threshold = word & ~SIZE_BITS;
            par.trim_threshold = 2 * par.mmap_threshold;
            sink.emit(ev::mmap_threshold_moved, old, par.mmap_threshold, par.trim_threshold);
        }
        return munmap_chunk(chunk);
    }
    if (heap.initialized) init_tcache();
    int_free(arena_of(chunk), chunk);
}

void call::int_free(u64 arena, u64 chunk) {
    const scope in(*this, heap_fn::int_free);
    if (over()) return;
    const u64 size = size_of(chunk);
    if (chunk > ~size + 1 || !aligned(chunk)) return abort("free(): invalid pointer");
    if (size < MINSIZE || !aligned(size)) return abort("free(): invalid size");
    if (freed_into_tcache(chunk, size)) return;
    if (size <= par.max_fast) return free_to_fastbin(arena, chunk, size);
    free_to_unsorted(arena, chunk, size);
}

void call::free_to_fastbin(u64 arena, u64 chunk, u64 size) {
    const u64 behind = size_word(chunk + size);
    if (behind <= HEADER || (behind & ~SIZE_BITS) >= system_mem(arena))
        return abort("free(): invalid next size (fast)");
    if (par.perturb != 0) touch_range(chunk + HEADER, size - HEADER, true);
    set_fastchunks(arena, true);
    const u64 head = fastbin_at(arena, fastbin_index(size)), first = load(head);
    if (first == chunk) return abort("double free or corruption (fasttop)");
    set_fd(chunk, mangled(chunk + AT_FD, first));
    store(head, chunk);
    if (!over()) sink.emit(ev::fastbin_put, chunk + HEADER, size);
}

void call::free_to_unsorted(u64 arena, u64 chunk, u64 size) {
    const u64 next = chunk + size, top_chunk = top(arena);
    if (chunk == top_chunk) return abort("double free or corruption (top)");
    if (contiguous(arena) && next >= top_chunk + size_of(top_chunk)) return abort("double free or corruption (out)");
    if (!prev_inuse(next)) return abort("double free or corruption (!prev)");
    if (size_word(next) <= HEADER || size_of(next) >= system_mem(arena))
        return abort("free(): invalid next size (normal)");
    if (par.perturb != 0) touch_range(chunk + HEADER, size - HEADER, true);
    const u64 made = merge_and_link(arena, chunk, size, "corrupted size vs. prev_size while consolidating", true);
    if (made < CONSOLIDATION_THRESHOLD || over()) return;
    if (have_fastchunks(arena)) consolidate(arena);
    if (!is_main(arena)) {
        trim_heap(heap_of(top(arena)), par.top_pad);
    } else if (const u64 have = size_of(top(arena)); have >= par.trim_threshold) {
        trim_main(par.top_pad);
    }
}

//   [ free before ][ chunk ][ free behind, or the top ]     becomes one; its size is returned
u64 call::merge_and_link(u64 arena, u64 chunk, u64 size, std::string_view mismatch, bool checks_list) {
    const u64 next = chunk + size, next_size = size_of(next);
    if (!prev_inuse(chunk)) {
        const u64 before = prev_size(chunk);
        size += before;
        chunk -= before;
        if (size_of(chunk) != before) return abort(mismatch), 0;
        unlink(chunk);
        if (over()) return 0;
        sink.emit(ev::merged_behind, chunk + HEADER, before, size);
    }
    if (next == top(arena)) {
        size += next_size;
        set_size(chunk, size | PREV_INUSE);
        set_top(arena, chunk);
        if (!over()) sink.emit(ev::merged_top, chunk + HEADER, size);
        return size;
    }
    if (inuse(next, next_size)) {
        set_size(next, size_word(next) & ~PREV_INUSE);
    } else {
        unlink(next);
        if (over()) return 0;
        size += next_size;
        sink.emit(ev::merged_ahead, chunk + HEADER, next_size, size);
    }
    const u64 list = unsorted(arena), first = fd(list);
    if (checks_list && bk(first) != list) return abort("free(): corrupted unsorted chunks"), 0;
    set_fd(chunk, first), set_bk(chunk, list);
    if (!is_small(size)) store(chunk + AT_FD_NEXTSIZE, 0), store(chunk + AT_BK_NEXTSIZE, 0);
    set_fd(list, chunk), set_bk(first, chunk);
    set_size(chunk, size | PREV_INUSE);
    set_foot(chunk, size);
    if (!over()) sink.emit(ev::unsorted_put, chunk + HEADER, size);
    return size;
}

// glibc: malloc_consolidate
void call::consolidate(u64 arena) {
    const scope in(*this, heap_fn::malloc_consolidate);
    set_fastchunks(arena, false);
    u64 moved = 0;
    for (u64 index = 0; index < NFASTBINS && !over(); ++index) {
        const u64 head = fastbin_at(arena, index);
        u64 chunk = load(head);
        if (chunk == 0) continue;
        store(head, 0);
        for (; chunk != 0 && !over(); ++moved) {
            if (safe_linking() && !aligned(chunk))
                return abort("malloc_consolidate(): unaligned fastbin chunk detected");
            if (fastbin_index(size_of(chunk)) != index) return abort("malloc_consolidate(): invalid chunk size");
            const u64 next = mangled(chunk + AT_FD, fd(chunk));
            merge_and_link(arena, chunk, size_of(chunk), "corrupted size vs. prev_size in fastbins", false);
            chunk = next;
        }
    }
    if (!over()) sink.emit(ev::fastbins_consolidated, moved);
}

// Out of the list that it stands in. glibc: unlink_chunk
void call::unlink(u64 chunk) {
    const u64 word = size_word(chunk);
    if ((word & ~SIZE_BITS) != prev_size(chunk + (word & ~SIZE_BITS))) return abort("corrupted size vs. prev_size");
    const u64 next = fd(chunk), before = bk(chunk);
    if (bk(next) != chunk || fd(before) != chunk) return abort("corrupted double-linked list");
    set_bk(next, before), set_fd(before, next);
    if (is_small(word)) return;
    const u64 smaller = load(chunk + AT_FD_NEXTSIZE), larger = load(chunk + AT_BK_NEXTSIZE);
    if (smaller == 0) return;
    if (load(smaller + AT_BK_NEXTSIZE) != chunk || load(larger + AT_FD_NEXTSIZE) != chunk)
        return abort("corrupted double-linked list (not small)");
    const auto link = [this](u64 to_smaller, u64 to_larger) {
        store(to_larger + AT_FD_NEXTSIZE, to_smaller);
        store(to_smaller + AT_BK_NEXTSIZE, to_larger);
    };
    if (load(next + AT_FD_NEXTSIZE) != 0) return link(smaller, larger);
    // The next is of the same size, and stands for it from now on.
    if (smaller == chunk) return link(next, next);
    link(smaller, next);
    link(next, larger);
}

// glibc: systrim
bool call::trim_main(u64 pad) {
    const scope in(*this, heap_fn::systrim);
    const u64 arena = heap.main_arena, chunk = top(arena), have = size_of(chunk);
    const u64 spare = have - MINSIZE - 1;
    if (spare <= pad || have < MINSIZE + 1) return false;
    const u64 extra = (spare - pad) & ~(PAGE - 1);
    if (extra == 0) return false;
    const u64 old = kernel.current_brk();
    if (old != chunk + have) {
        sink.emit(ev::trim_refused, old, chunk + have);
        return false;
    }
    if (sbrk(-static_cast<i64>(extra)) == NO_BRK) return false;
    const u64 released = old - kernel.current_brk();
    if (released == 0) return false;
    pages_change(old - released, old);
    add_system_mem(arena, -static_cast<i64>(released));
    set_size(chunk, (have - released) | PREV_INUSE);
    if (!over()) sink.emit(ev::top_trimmed, released, have - released, pad);
    return true;
}

u64 call::malloc_trim(u64 pad) {
    const scope in(*this, heap_fn::malloc_trim);
    start();
    bool any = false;
    u64 arena = heap.main_arena;
    do {
        consolidate(arena);
        const u32 from = bin_index(PAGE);
        for (u32 i = 1; i < NBINS && !over(); i = i == 1 ? from : i + 1) {
            const u64 bin = bin_at(arena, i);
            u64 steps = 0;
            for (u64 chunk = bk(bin); chunk != bin && !over() && steps <= heap.most_chunks();
                 chunk = bk(chunk), ++steps) {
                const u64 size = size_of(chunk), start = align_up(chunk + CHUNK_STRUCT, PAGE);
                if (size <= PAGE - 1 + CHUNK_STRUCT || size - (start - chunk) <= PAGE - 1) continue;
                const u64 length = (size - (start - chunk)) & ~(PAGE - 1);
                kernel.discard(start, length);
                pages_change(start, start + length);
                sink.emit(ev::pages_discarded, start, length);
                any = true;
            }
        }
        if (is_main(arena) && trim_main(pad)) any = true;
        arena = load(arena + AT_NEXT);
    } while (arena != heap.main_arena && !over());
    return any ? 1 : 0;
}

} // namespace mm::libc
