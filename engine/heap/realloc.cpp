// Another size for a chunk: in place, into what is free behind it, or by moving; and chunks at aligned addresses.
#include "heap/call.h"

namespace mm::libc {

using ev = heap_event;

u64 call::realloc(u64 memory, u64 bytes) {
    const scope in(*this, heap_fn::realloc);
    start();
    if (bytes == 0 && memory != 0) return free(memory), 0;
    if (memory == 0) return malloc(bytes);
    const u64 chunk = memory - HEADER, word = size_word(chunk), have = word & ~SIZE_BITS;
    const bool mapped = (word & IS_MMAPPED) != 0;
    if (!mapped) init_tcache();
    if (over()) return 0;
    if (chunk > ~have + 1 || !aligned(chunk)) return abort("realloc(): invalid pointer"), 0;
    u64 size = 0;
    if (!checked_size(bytes, size)) return 0;
    const auto elsewhere = [&](u64 copied) -> u64 {
        const u64 moved = malloc(bytes);
        if (moved == 0) return 0;
        copy_bytes(memory, copied, moved);
        return over() ? 0 : moved;
    };
    if (!mapped) {
        const u64 arena = arena_of(chunk);
        const u64 moved = int_realloc(arena, chunk, have, size);
        if (moved != 0 || over() || !heap.threaded) return moved;
        const u64 other = elsewhere(have - SIZE_SZ);
        if (other != 0) int_free(arena, chunk);
        return over() ? 0 : other;
    }
    if (const u64 moved = mremap_chunk(chunk, size); moved != 0 || over()) {
        if (!over()) sink.emit(ev::realloc_moved, memory, moved + HEADER, size_of(moved), 1);
        return over() ? 0 : moved + HEADER;
    }
    if (have - SIZE_SZ >= size) return memory;
    const u64 moved = elsewhere(have - HEADER);
    if (moved != 0) munmap_chunk(chunk);
    return over() ? 0 : moved;
}

u64 call::int_realloc(u64 arena, u64 chunk, u64 old_size, u64 size) {
    const scope in(*this, heap_fn::int_realloc);
    const u64 most = system_mem(arena);
    if (size_word(chunk) <= HEADER || old_size >= most) return abort("realloc(): invalid old size"), 0;
    const u64 next = chunk + old_size, next_size = size_of(next);
    if (size_word(next) <= HEADER || next_size >= most) return abort("realloc(): invalid next size"), 0;
    const auto resize = [this](u64 at, u64 to) { set_size(at, (size_word(at) & SIZE_BITS) | to); };
    u64 have = old_size;
    if (old_size < size) {
        have = old_size + next_size;
        if (next == top(arena) && have >= size + MINSIZE) {
            set_size(chunk, (size_word(chunk) & SIZE_BITS) | size | arena_bit(arena));
            set_top(arena, chunk + size);
            set_size(chunk + size, (have - size) | PREV_INUSE);
            if (!over()) sink.emit(ev::realloc_into_top, chunk + HEADER, old_size, size, have - size);
            return over() ? 0 : chunk + HEADER;
        }
        if (next != top(arena) && !inuse(next, next_size) && have >= size) {
            unlink(next);
            if (over()) return 0;
            sink.emit(ev::realloc_into_next, chunk + HEADER, old_size, size, next_size);
        } else {
            const u64 memory = int_malloc(arena, size - (ALIGNMENT - 1));
            if (memory == 0) return 0;
            if (memory - HEADER != next) {
                copy_bytes(chunk + HEADER, old_size - SIZE_SZ, memory);
                if (!over()) sink.emit(ev::realloc_moved, chunk + HEADER, memory, size, 0);
                int_free(arena, chunk);
                return over() ? 0 : memory;
            }
            have = old_size + size_of(next);
        }
    }
    const u64 left = have - size;
    if (left < MINSIZE) {
        resize(chunk, have | arena_bit(arena));
        set_inuse(chunk, have);
    } else {
        resize(chunk, size | arena_bit(arena));
        set_size(chunk + size, left | PREV_INUSE | arena_bit(arena));
        set_inuse(chunk + size, left);
        if (old_size >= size && !over()) sink.emit(ev::realloc_in_place, chunk + HEADER, old_size, size, left);
        int_free(arena, chunk + size);
    }
    return over() ? 0 : chunk + HEADER;
}

u64 call::memalign(u64 alignment, u64 bytes) {
    const scope in(*this, heap_fn::memalign);
    start();
    if (alignment <= ALIGNMENT) return malloc(bytes);
    if (alignment < MINSIZE) alignment = MINSIZE;
    if (alignment > ~0ull / 2 + 1) {
        error_ = 22;
        return 0;
    }
    u64 power = ALIGNMENT * 2;
    while (power < alignment) power <<= 1;
    alignment = power;
    if (!heap.threaded) return int_memalign(heap.main_arena, alignment, bytes);
    const u64 arena = arena_for(bytes + alignment + MINSIZE);
    const u64 memory = int_memalign(arena, alignment, bytes);
    if (memory != 0 || over() || arena == 0) return memory;
    return int_memalign(other_arena(arena, bytes), alignment, bytes);
}

u64 call::posix_memalign(u64 alignment, u64 bytes) {
    const scope in(*this, heap_fn::posix_memalign);
    const u64 words = alignment / SIZE_SZ;
    if (alignment % SIZE_SZ != 0 || words == 0 || (words & (words - 1)) != 0) {
        error_ = 22;
        return 0;
    }
    return memalign(alignment, bytes);
}

u64 call::int_memalign(u64 arena, u64 alignment, u64 bytes) {
    const scope in(*this, heap_fn::int_memalign);
    u64 size = 0;
    if (!checked_size(bytes, size)) return 0;
    const u64 memory = int_malloc(arena, size + alignment + MINSIZE);
    if (memory == 0) return 0;
    u64 chunk = memory - HEADER;
    if (memory % alignment != 0) {
        u64 at = align_up(memory, alignment) - HEADER;
        if (at - chunk < MINSIZE) at += alignment;
        const u64 lead = at - chunk, have = size_of(chunk) - lead;
        if ((size_word(chunk) & IS_MMAPPED) != 0) {
            store(at, prev_size(chunk) + lead);
            set_size(at, have | IS_MMAPPED);
            return over() ? 0 : at + HEADER;
        }
        set_size(at, have | PREV_INUSE | arena_bit(arena));
        set_inuse(at, have);
        set_size(chunk, (size_word(chunk) & SIZE_BITS) | lead | arena_bit(arena));
        if (!over()) sink.emit(ev::memalign_cut, at + HEADER, lead, alignment);
        int_free(arena, chunk);
        chunk = at;
    }
    if ((size_word(chunk) & IS_MMAPPED) == 0) {
        const u64 have = size_of(chunk);
        if (have > size + MINSIZE) {
            set_size(chunk + size, (have - size) | PREV_INUSE | arena_bit(arena));
            set_size(chunk, (size_word(chunk) & SIZE_BITS) | size);
            int_free(arena, chunk + size);
        }
    }
    return over() ? 0 : chunk + HEADER;
}

u64 call::mallopt(i32 parameter, i32 value) {
    const scope in(*this, heap_fn::mallopt);
    start();
    consolidate(heap.main_arena);
    const auto given = static_cast<u64>(i64{value});
    u64 taken = 1;
    switch (parameter) {
    case 1: // M_MXFAST
        taken = given <= MAX_FAST_REQUEST ? 1 : 0;
        if (taken != 0) par.max_fast = given == 0 ? MINSIZE / 2 : (given + SIZE_SZ) & ~(ALIGNMENT - 1);
        break;
    case -1: par.trim_threshold = given, par.no_dyn_threshold = true; break;
    case -2: par.top_pad = given, par.no_dyn_threshold = true; break;
    case -3: par.mmap_threshold = given, par.no_dyn_threshold = true; break;
    case -4: par.n_mmaps_max = value, par.no_dyn_threshold = true; break;
    case -6: par.perturb = static_cast<u8>(value); break;
    case -7:
        if (value > 0) par.arena_test = given;
        break;
    case -8:
        if (value > 0) par.arena_max = given;
        break;
    default: break;
    }
    if (!over()) sink.emit(ev::parameter_set, parameter, value, taken);
    return taken;
}

} // namespace mm::libc
