// Where a chunk comes from: tcache, fastbin, small bin, the unsorted list, a large bin, the next larger one, the top.
#include "heap/call.h"

namespace mm::libc {

using ev = heap_event;

u64 call::malloc(u64 bytes) {
    const scope in(*this, heap_fn::malloc);
    start();
    u64 size = 0;
    if (!checked_size(bytes, size)) return 0;
    init_tcache();
    if (const tcache_bin_state bin = tcache_bin(size); bin.usable && tcache_count(bin.index) > 0) {
        const u64 memory = tcache_get(bin.index);
        if (!over()) sink.emit(ev::tcache_taken, memory, size, tcache_count(bin.index));
        return memory;
    }
    return in_an_arena(bytes, &call::int_malloc, bytes);
}

u64 call::malloc_usable_size(u64 memory) {
    if (memory == 0) return 0;
    const u64 chunk = memory - HEADER, word = size_word(chunk);
    if ((word & IS_MMAPPED) != 0) return (word & ~SIZE_BITS) - HEADER;
    return inuse(chunk, word & ~SIZE_BITS) ? (word & ~SIZE_BITS) - SIZE_SZ : 0;
}

u64 call::int_malloc(u64 arena, u64 bytes) {
    const scope in(*this, heap_fn::int_malloc);
    u64 size = 0;
    if (over() || !checked_size(bytes, size)) return 0;
    if (arena == 0) return sysmalloc(0, size);
    if (size <= par.max_fast)
        if (const u64 memory = from_fastbin(arena, size); memory != 0 || over()) return memory;
    if (is_small(size)) {
        if (const u64 memory = from_smallbin(arena, size); memory != 0 || over()) return memory;
    } else if (have_fastchunks(arena)) {
        consolidate(arena);
    }
    while (!over()) {
        const unsorted_walk walk = walk_unsorted(arena, size);
        if (walk.chunk != 0 || over()) return walk.chunk;
        if (walk.cached) {
            const u64 memory = tcache_get(tcache_index(size));
            if (!over()) sink.emit(ev::tcache_taken, memory, size, tcache_count(tcache_index(size)));
            return memory;
        }
        if (!is_small(size))
            if (const u64 memory = from_largebin(arena, size); memory != 0 || over()) return memory;
        if (const u64 memory = from_next_bin(arena, size, bin_index(size) + 1); memory != 0 || over()) return memory;
        if (const u64 memory = from_top(arena, size); memory != 0 || over()) return memory;
        if (!have_fastchunks(arena)) return sysmalloc(arena, size);
        consolidate(arena);
    }
    return 0;
}

u64 call::from_fastbin(u64 arena, u64 size) {
    const u64 index = fastbin_index(size), head = fastbin_at(arena, index), chunk = load(head);
    if (chunk == 0) return 0;
    if (safe_linking() && !aligned(chunk)) return abort("malloc(): unaligned fastbin chunk detected 2"), 0;
    const u64 next = mangled(chunk + AT_FD, fd(chunk));
    if (heap.threaded && safe_linking() && !aligned(next))
        return abort("malloc(): unaligned fastbin chunk detected"), 0;
    store(head, next);
    if (fastbin_index(size_of(chunk)) != index) return abort("malloc(): memory corruption (fast)"), 0;
    sink.emit(ev::fastbin_taken, chunk + HEADER, size);
    u64 moved = 0;
    for (const tcache_bin_state bin = tcache_bin(size); tcache_has_room(bin) && !over(); ++moved) {
        const u64 other = load(head);
        if (other == 0) break;
        if (safe_linking() && !aligned(other)) return abort("malloc(): unaligned fastbin chunk detected 3"), 0;
        store(head, mangled(other + AT_FD, fd(other)));
        tcache_put(other, bin.index);
    }
    if (moved > 0) sink.emit(ev::stashed, size, moved, 1);
    return over() ? 0 : chunk + HEADER;
}

u64 call::from_smallbin(u64 arena, u64 size) {
    const u64 bin = bin_at(arena, bin_index(size)), chunk = bk(bin);
    if (chunk == bin) return 0;
    const u64 before = bk(chunk);
    if (fd(before) != chunk) return abort("malloc(): smallbin double linked list corrupted"), 0;
    const auto take = [&](u64 one) {
        const u64 next = bk(one);
        set_inuse(one, size);
        if (!is_main(arena)) set_size(one, size_word(one) | NON_MAIN_ARENA);
        set_bk(bin, next);
        set_fd(next, bin);
    };
    take(chunk);
    sink.emit(ev::smallbin_taken, chunk + HEADER, size);
    u64 moved = 0;
    for (const tcache_bin_state cache = tcache_bin(size); tcache_has_room(cache) && bk(bin) != bin && !over();
         ++moved) {
        const u64 other = bk(bin);
        take(other);
        tcache_put(other, cache.index);
    }
    if (moved > 0) sink.emit(ev::stashed, size, moved, 0);
    return over() ? 0 : chunk + HEADER;
}

bool call::unsorted_is_sane(u64 arena, u64 chunk, u64 size) {
    const u64 list = unsorted(arena), most = system_mem(arena), next = chunk + size;
    const char* wrong = nullptr;
    if (size <= HEADER || size > most)
        wrong = "malloc(): invalid size (unsorted)";
    else if (size_word(next) < HEADER || size_word(next) > most)
        wrong = "malloc(): invalid next size (unsorted)";
    else if ((prev_size(next) & ~SIZE_BITS) != size)
        wrong = "malloc(): mismatching next->prev_size (unsorted)";
    else if (fd(bk(chunk)) != chunk || fd(chunk) != list)
        wrong = "malloc(): unsorted double linked list corrupted";
    else if (prev_inuse(next))
        wrong = "malloc(): invalid next->prev_inuse (unsorted)";
    if (wrong && !over()) abort(wrong);
    return !over();
}

// From the oldest on: each goes out, if it fits, into the tcache, or into its bin.
call::unsorted_walk call::walk_unsorted(u64 arena, u64 size) {
    const u64 list = unsorted(arena);
    unsorted_walk walk;
    const tcache_bin_state cache = tcache_bin(size);
    for (u32 seen = 0; seen < MOST_UNSORTED && !over(); ++seen) {
        const u64 chunk = bk(list);
        if (chunk == list) break;
        const u64 have = size_of(chunk), before = bk(chunk);
        if (!unsorted_is_sane(arena, chunk, have)) return {};
        if (is_small(size) && before == list && chunk == load(arena + AT_LAST_REMAINDER) && have > size + MINSIZE) {
            const u64 rest = chunk + size;
            set_bk(list, rest), set_fd(list, rest);
            store(arena + AT_LAST_REMAINDER, rest);
            set_bk(rest, list), set_fd(rest, list);
            if (!is_small(have - size)) store(rest + AT_FD_NEXTSIZE, 0), store(rest + AT_BK_NEXTSIZE, 0);
            set_size(chunk, size | PREV_INUSE | arena_bit(arena));
            set_size(rest, (have - size) | PREV_INUSE);
            set_foot(rest, have - size);
            sink.emit(ev::last_remainder_cut, chunk + HEADER, size, have - size);
            return {over() ? 0 : chunk + HEADER, false};
        }
        set_bk(list, before);
        set_fd(before, list);
        if (have != size) {
            sort_into_bin(arena, chunk, have);
            if (walk.cached && par.tcache_unsorted_limit > 0 && seen >= par.tcache_unsorted_limit) return walk;
            continue;
        }
        set_inuse(chunk, have);
        if (!is_main(arena)) set_size(chunk, size_word(chunk) | NON_MAIN_ARENA);
        const bool kept = tcache_has_room(cache);
        if (!over()) sink.emit(ev::unsorted_fits, chunk + HEADER, have, kept ? 1 : 0);
        if (!kept) return {over() ? 0 : chunk + HEADER, false};
        tcache_put(chunk, cache.index);
        walk.cached = true;
    }
    return walk;
}

// In a large bin chunks stand by size, the largest first; of each size the first is linked to the next smaller and larger.
void call::link_large(u64 bin, u64 chunk, u64 size, u64& before, u64& behind) {
    const auto next_smaller = [this](u64 at) { return load(at + AT_FD_NEXTSIZE); };
    const auto next_larger = [this](u64 at) { return load(at + AT_BK_NEXTSIZE); };
    const auto link = [this](u64 smaller, u64 larger) {
        store(larger + AT_FD_NEXTSIZE, smaller);
        store(smaller + AT_BK_NEXTSIZE, larger);
    };
    if (behind == before) return link(chunk, chunk);
    if (size < size_of(bk(bin))) {
        const u64 largest = fd(bin), smallest = next_larger(largest);
        behind = bin;
        before = bk(bin);
        link(chunk, smallest);
        link(largest, chunk);
        return;
    }
    for (u32 steps = 0; size < size_of(behind) && !over() && steps < heap.most_chunks(); ++steps)
        behind = next_smaller(behind);
    if (size == size_of(behind)) {
        behind = fd(behind); // always the second: the first need not be linked anew
    } else {
        const u64 larger = next_larger(behind);
        if (next_smaller(larger) != behind) return abort("malloc(): largebin double linked list corrupted (nextsize)");
        link(behind, chunk);
        link(chunk, larger);
    }
    before = bk(behind);
    if (fd(before) != behind) abort("malloc(): largebin double linked list corrupted (bk)");
}

void call::sort_into_bin(u64 arena, u64 chunk, u64 size) {
    const u32 index = bin_index(size);
    const u64 bin = bin_at(arena, index);
    u64 before = bin, behind = fd(bin);
    if (!is_small(size)) link_large(bin, chunk, size, before, behind);
    set_binmap(arena, index / 32, binmap(arena, index / 32) | 1u << index % 32);
    set_bk(chunk, before);
    set_fd(chunk, behind);
    set_bk(behind, chunk);
    set_fd(before, chunk);
    if (!over()) sink.emit(ev::unsorted_sorted, chunk + HEADER, size, index, is_small(size) ? 1 : 0);
}

u32 call::binmap(u64 arena, u32 block) {
    return static_cast<u32>(load(arena + AT_BINMAP + block / 2 * 8) >> (block % 2 * 32));
}
void call::set_binmap(u64 arena, u32 block, u32 bits) {
    const u64 at = arena + AT_BINMAP + block / 2 * 8, shift = block % 2 * 32;
    store(at, (load(at) & ~(u64{0xffff'ffff} << shift)) | u64{bits} << shift);
}

// What is needed of a chunk that was taken out of its bin; the rest is for the unsorted list.
u64 call::cut(u64 arena, u64 chunk, u64 have, u64 size, bool remember, std::string_view corrupted) {
    const u64 left = have - size;
    if (left < MINSIZE) {
        set_inuse(chunk, have);
        if (!is_main(arena)) set_size(chunk, size_word(chunk) | NON_MAIN_ARENA);
        return over() ? 0 : chunk + HEADER;
    }
    const u64 rest = chunk + size, list = unsorted(arena), first = fd(list);
    if (bk(first) != list) return abort(corrupted), 0;
    set_bk(rest, list), set_fd(rest, first);
    set_fd(list, rest), set_bk(first, rest);
    if (remember) store(arena + AT_LAST_REMAINDER, rest);
    if (!is_small(left)) store(rest + AT_FD_NEXTSIZE, 0), store(rest + AT_BK_NEXTSIZE, 0);
    set_size(chunk, size | PREV_INUSE | arena_bit(arena));
    set_size(rest, left | PREV_INUSE);
    set_foot(rest, left);
    sink.emit(ev::chunk_cut, chunk + HEADER, size, left, remember ? 1 : 0);
    return over() ? 0 : chunk + HEADER;
}

u64 call::from_largebin(u64 arena, u64 size) {
    const u64 bin = bin_at(arena, bin_index(size));
    u64 chunk = fd(bin);
    if (chunk == bin || size_word(chunk) < size) return 0;
    chunk = load(chunk + AT_BK_NEXTSIZE); // the smallest
    u64 have = size_of(chunk), looked = 1;
    for (; have < size && !over() && looked <= heap.most_chunks(); ++looked) {
        chunk = load(chunk + AT_BK_NEXTSIZE);
        have = size_of(chunk);
    }
    if (over() || have < size) return 0;
    if (chunk != bk(bin) && size_word(chunk) == size_word(fd(chunk))) chunk = fd(chunk);
    unlink(chunk);
    if (over()) return 0;
    sink.emit(ev::largebin_taken, chunk + HEADER, have, size, bin_index(size), looked);
    return cut(arena, chunk, have, size, false, "malloc(): corrupted unsorted chunks");
}

// The first bin of larger chunks that has one, by the map of bins.
u64 call::from_next_bin(u64 arena, u64 size, u32 index) {
    for (; index < NBINS && !over(); ++index) {
        const u32 block = index / 32, bits = binmap(arena, block) >> index % 32;
        if (bits == 0) {
            index = (block + 1) * 32 - 1;
            continue;
        }
        if ((bits & 1) == 0) continue;
        const u64 bin = bin_at(arena, index), chunk = bk(bin);
        if (chunk == bin) {
            set_binmap(arena, block, binmap(arena, block) & ~(1u << index % 32));
            continue;
        }
        const u64 have = size_of(chunk);
        unlink(chunk);
        if (over()) return 0;
        sink.emit(ev::next_bin_taken, chunk + HEADER, have, size, index);
        return cut(arena, chunk, have, size, is_small(size), "malloc(): corrupted unsorted chunks 2");
    }
    return 0;
}

u64 call::from_top(u64 arena, u64 size) {
    const u64 chunk = top(arena), have = size_of(chunk);
    if (have > system_mem(arena)) return abort("malloc(): corrupted top size"), 0;
    if (have < size + MINSIZE) {
        if (!over()) sink.emit(ev::top_too_small, have, size, have_fastchunks(arena) ? 1 : 0);
        return 0;
    }
    set_top(arena, chunk + size);
    set_size(chunk, size | PREV_INUSE | arena_bit(arena));
    set_size(chunk + size, (have - size) | PREV_INUSE);
    if (!over()) sink.emit(ev::top_cut, chunk + HEADER, size, have - size);
    return over() ? 0 : chunk + HEADER;
}

u64 call::calloc(u64 count, u64 size) {
    const scope in(*this, heap_fn::calloc);
    start();
    if (size != 0 && count > ~0ull / size) return sink.emit(ev::size_refused, count), no_memory();
    const u64 bytes = count * size;
    init_tcache();
    const u64 arena = heap.threaded ? arena_for(bytes) : heap.main_arena;
    u64 old_top = 0, old_top_size = 0;
    if (arena != 0) {
        old_top = top(arena);
        old_top_size = size_of(old_top);
        const u64 end = is_main(arena) ? par.sbrk_base + load(arena + AT_MAX_SYSTEM_MEM)
                                       : heap_of(old_top) + load(heap_of(old_top) + AT_HEAP_MPROTECT_SIZE);
        if (!is_main(arena) || contiguous(arena))
            if (end > old_top && old_top_size < end - old_top) old_top_size = end - old_top;
    }
    u64 memory = int_malloc(arena, bytes);
    if (memory == 0 && !over() && heap.threaded && arena != 0) memory = int_malloc(other_arena(arena, bytes), bytes);
    if (memory == 0) return 0;
    const u64 chunk = memory - HEADER, word = size_word(chunk);
    if ((word & IS_MMAPPED) != 0) return memory;
    u64 clear = word & ~SIZE_BITS;
    if (par.perturb == 0 && chunk == old_top && clear > old_top_size) clear = old_top_size;
    clear -= SIZE_SZ;
    zero_bytes(memory, clear);
    if (!over()) sink.emit(ev::cleared, memory, clear);
    return over() ? 0 : memory;
}

} // namespace mm::libc
