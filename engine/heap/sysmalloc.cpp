// More memory from the kernel: a mapping of its own for a large chunk, or a larger top.
#include "heap/call.h"

namespace mm::libc {

using ev = heap_event;

// The old break; NO_BRK: it could not be moved.
u64 call::sbrk(i64 by) {
    const u64 old = kernel.current_brk();
    if (by == 0) return old;
    const u64 wanted = old + static_cast<u64>(by);
    return kernel.brk(wanted) == wanted ? old : NO_BRK;
}

u64 call::sysmalloc_mmap(u64, u64 size) {
    const u64 length = align_up(size + SIZE_SZ, PAGE);
    if (length <= size) return 0;
    const i64 at = kernel.mmap(0, length, true);
    if (at < 0) return 0;
    const auto chunk = static_cast<u64>(at);
    pages_change(chunk, chunk + length);
    store(chunk, 0);
    set_size(chunk, length | IS_MMAPPED);
    par.max_n_mmaps = std::max(par.max_n_mmaps, ++par.n_mmaps);
    par.mmapped_mem += length;
    par.max_mmapped_mem = std::max(par.max_mmapped_mem, par.mmapped_mem);
    if (!over()) sink.emit(ev::chunk_mmapped, chunk + HEADER, size, par.mmap_threshold, length);
    return over() ? 0 : chunk + HEADER;
}

u64 call::sysmalloc(u64 arena, u64 size) {
    const scope in(*this, heap_fn::sysmalloc);
    if (over()) return 0;
    bool tried_mmap = false;
    if (arena == 0 || (size >= par.mmap_threshold && par.n_mmaps < par.n_mmaps_max)) {
        if (const u64 memory = sysmalloc_mmap(arena, size); memory != 0 || over()) return memory;
        tried_mmap = true;
    }
    if (arena == 0) return no_memory();
    const u64 old_top = top(arena), old_size = size_of(old_top), end = old_top + old_size;
    const bool first = old_top == unsorted(arena) && old_size == 0;
    if (!first && (old_size < MINSIZE || !prev_inuse(old_top) || (end & (PAGE - 1)) != 0)) {
        abort("Fatal glibc error: malloc assertion failure in sysmalloc: (old_top == initial_top (av) && old_size == "
              "0) || "
              "((unsigned long) (old_size) >= MINSIZE && prev_inuse (old_top) && ((unsigned long) old_end & (pagesize "
              "- 1)) == 0)");
        return 0;
    }
    if (is_main(arena)) {
        grow_main(size);
    } else {
        u64 mapped = 0;
        grow_arena_heap(arena, size, tried_mmap, mapped);
        if (mapped != 0 || over()) return mapped;
    }
    const u64 have = system_mem(arena);
    if (have > load(arena + AT_MAX_SYSTEM_MEM)) store(arena + AT_MAX_SYSTEM_MEM, have);
    const u64 chunk = top(arena), top_size = size_of(chunk);
    if (top_size >= size + MINSIZE && !over()) {
        set_top(arena, chunk + size);
        set_size(chunk, size | PREV_INUSE | arena_bit(arena));
        set_size(chunk + size, (top_size - size) | PREV_INUSE);
        if (!over()) sink.emit(ev::top_cut, chunk + HEADER, size, top_size - size);
        return over() ? 0 : chunk + HEADER;
    }
    if (!over()) sink.emit(ev::no_memory, size);
    return no_memory();
}

void call::grow_main(u64 size) {
    const u64 arena = heap.main_arena, old_top = top(arena), old_size = size_of(old_top), end = old_top + old_size;
    u64 more = size + par.top_pad + MINSIZE;
    if (contiguous(arena)) more -= old_size;
    more = align_up(more, PAGE);
    u64 brk = static_cast<i64>(more) > 0 ? sbrk(static_cast<i64>(more)) : NO_BRK, second_brk = NO_BRK;
    if (brk == NO_BRK) {
        // A hole that the break cannot pass: at least a mebibyte elsewhere, which is no longer side by side with what was.
        const bool whole = heap.version >= glibc_version::v2_36; // as that one counts: whole mebibytes
        if (contiguous(arena)) more = align_up(more + old_size, whole ? MMAP_AS_MORECORE : PAGE);
        more = std::max(more, whole ? PAGE : MMAP_AS_MORECORE);
        if (more <= size) return;
        const i64 at = kernel.mmap(0, more, true);
        if (at < 0) return;
        brk = static_cast<u64>(at);
        second_brk = brk + more;
        store(arena, load(arena) | NONCONTIGUOUS << 32);
    }
    if (par.sbrk_base == 0) par.sbrk_base = brk;
    pages_change(align_up(brk, PAGE), brk + more);
    add_system_mem(arena, static_cast<i64>(more));
    if (brk == end && second_brk == NO_BRK) {
        set_size(old_top, (more + old_size) | PREV_INUSE);
        if (!over()) sink.emit(ev::top_grown, more, old_size, size, par.top_pad);
        return;
    }
    if (contiguous(arena) && old_size != 0 && brk < end) return abort("break adjusted to free malloc space");
    new_top_elsewhere(arena, brk, second_brk, old_top, old_size, more);
}

void call::new_top_elsewhere(u64 arena, u64 brk, u64 second_brk, u64 old_top, u64 old_size, u64 size) {
    u64 at = brk, correction = 0;
    if (contiguous(arena)) {
        if (old_size != 0) add_system_mem(arena, static_cast<i64>(brk - (old_top + old_size)));
        if (const u64 off = (brk + HEADER) & (ALIGNMENT - 1); off > 0) {
            correction = ALIGNMENT - off;
            at += correction;
        }
        correction += old_size;
        const u64 unaligned_end = brk + size + correction;
        correction += align_up(unaligned_end, PAGE) - unaligned_end;
        if (sbrk(static_cast<i64>(correction)) == NO_BRK) {
            correction = 0;
            second_brk = sbrk(0);
        } else {
            second_brk = kernel.current_brk() - correction;
        }
    } else if (second_brk == NO_BRK) {
        second_brk = sbrk(0);
    }
    heap.regions.push_back(at);
    set_top(arena, at);
    set_size(at, (second_brk - at + correction) | PREV_INUSE);
    add_system_mem(arena, static_cast<i64>(correction));
    if (!over()) sink.emit(ev::top_moved, at, second_brk - at + correction, old_size);
    if (old_size == 0) return;
    // Two chunks of 16 bytes that are never free keep what was the top from merging with what is not ours.
    const u64 left = (old_size - 2 * HEADER) & ~(ALIGNMENT - 1);
    set_size(old_top, left | PREV_INUSE);
    set_size(old_top + left, HEADER | PREV_INUSE);
    set_size(old_top + left + HEADER, HEADER | PREV_INUSE);
    if (!over()) sink.emit(ev::old_top_fenced, old_top + HEADER, left);
    if (left >= MINSIZE) int_free(arena, old_top);
}

void call::grow_arena_heap(u64 arena, u64 size, bool& tried_mmap, u64& mapped) {
    const u64 old_top = top(arena), old_size = size_of(old_top), heap_at = heap_of(old_top);
    const u64 old_heap_size = load(heap_at + AT_HEAP_SIZE), more = MINSIZE + size - old_size;
    if (static_cast<i64>(more) > 0 && grow_heap(heap_at, more)) {
        const u64 now = load(heap_at + AT_HEAP_SIZE);
        add_system_mem(arena, static_cast<i64>(now - old_heap_size));
        set_size(old_top, (heap_at + now - old_top) | PREV_INUSE);
        return;
    }
    constexpr u64 INFO = 48; // sizeof (heap_info)
    if (const u64 made = new_heap(size + MINSIZE + INFO, par.top_pad); made != 0) {
        store(made + AT_HEAP_ARENA, arena);
        store(made + AT_HEAP_PREV, heap_at);
        const u64 made_size = load(made + AT_HEAP_SIZE);
        add_system_mem(arena, static_cast<i64>(made_size));
        set_top(arena, made + INFO);
        set_size(made + INFO, (made_size - INFO) | PREV_INUSE);
        leave_old_top(arena, old_top, old_size);
        return;
    }
    if (!tried_mmap) mapped = sysmalloc_mmap(arena, size);
}

// The old heap ends in a chunk that is never free, so that nothing merges beyond it.
void call::leave_old_top(u64 arena, u64 old_top, u64 old_size) {
    const u64 left = (old_size - MINSIZE) & ~(ALIGNMENT - 1);
    set_size(old_top + left + HEADER, PREV_INUSE);
    if (!over()) sink.emit(ev::old_top_fenced, old_top + HEADER, left);
    if (left < MINSIZE) {
        set_size(old_top, (left + HEADER) | PREV_INUSE);
        set_foot(old_top, left + HEADER);
        return;
    }
    set_size(old_top + left, HEADER | PREV_INUSE);
    set_foot(old_top + left, HEADER);
    set_size(old_top, left | PREV_INUSE | NON_MAIN_ARENA);
    int_free(arena, old_top);
}

void call::munmap_chunk(u64 chunk) {
    const scope in(*this, heap_fn::munmap_chunk);
    const u64 before = prev_size(chunk), block = chunk - before, total = before + size_of(chunk);
    const u64 offset = (chunk + HEADER) & (PAGE - 1);
    if (((block | total) & (PAGE - 1)) != 0 || (offset & (offset - 1)) != 0)
        return abort("munmap_chunk(): invalid pointer");
    --par.n_mmaps;
    par.mmapped_mem -= total;
    kernel.munmap(block, total);
    pages_change(block, block + total);
    if (!over()) sink.emit(ev::chunk_munmapped, chunk + HEADER, total);
}

// glibc: mremap_chunk. The chunk, or 0.
u64 call::mremap_chunk(u64 chunk, u64 size) {
    const scope in(*this, heap_fn::mremap_chunk);
    const u64 before = prev_size(chunk), have = size_of(chunk), block = chunk - before, total = before + have;
    const u64 offset = (chunk + HEADER) & (PAGE - 1);
    if (((block | total) & (PAGE - 1)) != 0 || (offset & (offset - 1)) != 0)
        return abort("mremap_chunk(): invalid pointer"), 0;
    const u64 wanted = align_up(size + before + SIZE_SZ, PAGE);
    if (total == wanted) return chunk;
    const i64 at = kernel.mremap(block, total, wanted);
    if (at < 0) return 0;
    const auto moved = static_cast<u64>(at);
    if (moved != block) heap.words.move(block, block + std::min(total, wanted), moved);
    if (wanted < total) pages_change(moved + wanted, moved + total);
    set_size(moved + before, (wanted - before) | IS_MMAPPED);
    par.mmapped_mem += wanted - have - before;
    par.max_mmapped_mem = std::max(par.max_mmapped_mem, par.mmapped_mem);
    return moved + before;
}

} // namespace mm::libc
