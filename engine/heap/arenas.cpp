// Arenas of further threads, and the heaps that they stand in: 64 MiB of addresses each, accessible as far as they are used.
#include "heap/call.h"

namespace mm::libc {

using ev = heap_event;

namespace {

constexpr u64 INFO = 48; // sizeof (heap_info), which begins a heap

} // namespace

u64 call::arena_of(u64 chunk) {
    return (size_word(chunk) & NON_MAIN_ARENA) == 0 ? heap.main_arena : load(heap_of(chunk) + AT_HEAP_ARENA);
}

u64 call::arena_for(u64 bytes) { return thread().arena != 0 ? thread().arena : arena_get2(bytes, 0); }

u64 call::other_arena(u64 arena, u64 bytes) { return is_main(arena) ? arena_get2(bytes, arena) : heap.main_arena; }

// From the arena of the thread; where that has nothing, from another. `room`: what a new arena must have room for.
u64 call::in_an_arena(u64 bytes, u64 (call::*from)(u64 arena, u64 bytes), u64 room) {
    if (!heap.threaded) return (this->*from)(heap.main_arena, bytes);
    const u64 arena = arena_for(room);
    const u64 memory = (this->*from)(arena, bytes);
    if (memory != 0 || over() || arena == 0) return memory;
    return (this->*from)(other_arena(arena, room), bytes);
}

u64 call::arena_get2(u64 bytes, u64 avoid) {
    const scope in(*this, heap_fn::arena_get2);
    if (const u64 arena = take_free_arena(); arena != 0) return arena;
    if (heap.narenas_limit == 0) {
        if (par.arena_max != 0)
            heap.narenas_limit = par.arena_max;
        else if (heap.narenas > par.arena_test)
            heap.narenas_limit = u64{heap.processors} * 8;
    }
    if (heap.narenas_limit != 0 && heap.narenas > heap.narenas_limit - 1) return reused_arena(avoid);
    ++heap.narenas;
    const u64 arena = int_new_arena(bytes);
    if (arena == 0) --heap.narenas;
    return arena;
}

void call::leave_arena(u64 arena) {
    if (arena != 0) store(arena + AT_ATTACHED, load(arena + AT_ATTACHED) - 1);
}

u64 call::take_free_arena() {
    const u64 arena = heap.free_list;
    if (arena == 0) return 0;
    heap.free_list = load(arena + AT_NEXT_FREE);
    store(arena + AT_ATTACHED, 1);
    leave_arena(thread().arena);
    thread().arena = arena;
    if (!over()) sink.emit(ev::arena_reused, arena, 1, 1);
    return arena;
}

u64 call::int_new_arena(u64 bytes) {
    const u64 least = INFO + ARENA_SIZE + ALIGNMENT;
    u64 at = new_heap(bytes + least, par.top_pad);
    if (at == 0) at = new_heap(least, par.top_pad);
    if (at == 0) return 0;
    const u64 arena = at + INFO, size = load(at + AT_HEAP_SIZE);
    store(at + AT_HEAP_ARENA, arena);
    init_state(arena);
    store(arena + AT_ATTACHED, 1);
    store(arena + AT_SYSTEM_MEM, size);
    store(arena + AT_MAX_SYSTEM_MEM, size);
    const u64 first = align_up(arena + ARENA_SIZE, ALIGNMENT);
    set_top(arena, first);
    set_size(first, (at + size - first) | PREV_INUSE);
    const u64 replaced = thread().arena;
    thread().arena = arena;
    store(arena + AT_NEXT, load(heap.main_arena + AT_NEXT));
    store(heap.main_arena + AT_NEXT, arena);
    leave_arena(replaced);
    if (!over()) sink.emit(ev::arena_made, arena, size, heap.narenas);
    return arena;
}

u64 call::reused_arena(u64 avoid) {
    if (heap.next_to_use == 0) heap.next_to_use = heap.main_arena;
    u64 arena = heap.next_to_use; // nobody else runs: its lock is free
    if (arena == avoid) arena = load(arena + AT_NEXT);
    leave_arena(thread().arena);
    for (u64 link = 0, at = heap.free_list; at != 0 && !over(); link = at, at = load(at + AT_NEXT_FREE)) {
        if (at != arena) continue;
        if (link == 0)
            heap.free_list = load(at + AT_NEXT_FREE);
        else
            store(link + AT_NEXT_FREE, load(at + AT_NEXT_FREE));
        break;
    }
    const u64 attached = load(arena + AT_ATTACHED) + 1;
    store(arena + AT_ATTACHED, attached);
    thread().arena = arena;
    heap.next_to_use = load(arena + AT_NEXT);
    if (!over()) sink.emit(ev::arena_reused, arena, attached, 0);
    return arena;
}

void call::thread_ends() {
    const scope in(*this, heap_fn::arena_thread_freeres);
    tcache_thread_shutdown();
    if (over()) return;
    sink.emit(ev::thread_ended, thread().id);
    const u64 arena = thread().arena;
    thread().arena = 0;
    thread().in_use = false;
    if (arena == 0) return;
    leave_arena(arena);
    if (load(arena + AT_ATTACHED) != 0) return;
    store(arena + AT_NEXT_FREE, heap.free_list);
    heap.free_list = arena;
}

// 64 MiB of addresses that 64 MiB divides, none of them accessible yet; 0: none.
u64 call::reserve_heap() {
    const auto off = [](u64 at) { return (at & (HEAP_MAX - 1)) != 0; };
    if (const u64 wish = heap.aligned_heap_area; wish != 0) {
        heap.aligned_heap_area = 0;
        const i64 at = kernel.mmap(wish, HEAP_MAX, false);
        if (at >= 0 && !off(static_cast<u64>(at))) return static_cast<u64>(at);
        if (at >= 0) kernel.munmap(static_cast<u64>(at), HEAP_MAX);
    }
    if (const i64 both = kernel.mmap(0, 2 * HEAP_MAX, false); both >= 0) {
        const auto start = static_cast<u64>(both);
        const u64 at = align_up(start, HEAP_MAX), before = at - start;
        if (before != 0)
            kernel.munmap(start, before);
        else
            heap.aligned_heap_area = at + HEAP_MAX;
        kernel.munmap(at + HEAP_MAX, HEAP_MAX - before);
        return at;
    }
    const i64 at = kernel.mmap(0, HEAP_MAX, false);
    if (at < 0) return 0;
    if (!off(static_cast<u64>(at))) return static_cast<u64>(at);
    kernel.munmap(static_cast<u64>(at), HEAP_MAX);
    return 0;
}

u64 call::new_heap(u64 size, u64 pad) {
    const scope in(*this, heap_fn::new_heap);
    if (over()) return 0;
    if (size + pad < HEAP_MIN)
        size = HEAP_MIN;
    else if (size + pad <= HEAP_MAX)
        size += pad;
    else if (size > HEAP_MAX)
        return 0;
    else
        size = HEAP_MAX;
    size = align_up(size, PAGE);
    const u64 at = reserve_heap();
    if (at == 0) return 0;
    if (kernel.make_accessible(at, size) < 0) {
        kernel.munmap(at, HEAP_MAX);
        return 0;
    }
    pages_change(at, at + HEAP_MAX);
    store(at + AT_HEAP_SIZE, size);
    store(at + AT_HEAP_MPROTECT_SIZE, size);
    store(at + AT_HEAP_MPROTECT_SIZE + SIZE_SZ, PAGE);
    if (!over()) sink.emit(ev::heap_made, at, size, HEAP_MAX);
    return at;
}

bool call::grow_heap(u64 at, u64 more) {
    const scope in(*this, heap_fn::grow_heap);
    const u64 size = load(at + AT_HEAP_SIZE) + align_up(more, PAGE), open = load(at + AT_HEAP_MPROTECT_SIZE);
    if (size > HEAP_MAX) return false;
    if (size > open) {
        if (kernel.make_accessible(at + open, size - open) < 0) return false;
        store(at + AT_HEAP_MPROTECT_SIZE, size);
    }
    store(at + AT_HEAP_SIZE, size);
    if (!over()) sink.emit(ev::heap_grown, at, align_up(more, PAGE), size);
    return true;
}

bool call::shrink_heap(u64 at, u64 less) {
    const u64 size = load(at + AT_HEAP_SIZE);
    if (size < less + INFO) return false;
    kernel.discard(at + size - less, less);
    pages_change(at + size - less, at + size);
    store(at + AT_HEAP_SIZE, size - less);
    if (!over()) sink.emit(ev::heap_shrunk, at, less, size - less);
    return true;
}

// A heap whose only chunk is the top goes back, when the one before has enough left. glibc: heap_trim
void call::trim_heap(u64 at, u64 pad) {
    const scope in(*this, heap_fn::heap_trim);
    if (over()) return;
    const u64 arena = load(at + AT_HEAP_ARENA);
    u64 chunk = top(arena);
    while (chunk == at + INFO && !over()) {
        const u64 before = load(at + AT_HEAP_PREV);
        if (before == 0) break;
        const u64 before_size = load(before + AT_HEAP_SIZE);
        u64 fence = before + before_size - (MINSIZE - 2 * SIZE_SZ);
        const u64 off = fence & (ALIGNMENT - 1);
        fence -= off;
        u64 last = fence - prev_size(fence);
        u64 size = size_of(last) + MINSIZE - 2 * SIZE_SZ + off;
        const bool free_before = !prev_inuse(last);
        if (free_before) size += prev_size(last);
        if (size + (HEAP_MAX - before_size) < pad + MINSIZE + PAGE) break;
        add_system_mem(arena, -static_cast<i64>(load(at + AT_HEAP_SIZE)));
        if (at + HEAP_MAX == heap.aligned_heap_area) heap.aligned_heap_area = 0;
        kernel.munmap(at, HEAP_MAX);
        pages_change(at, at + HEAP_MAX);
        sink.emit(ev::heap_deleted, at);
        at = before;
        if (free_before) {
            last -= prev_size(last);
            unlink(last);
        }
        chunk = last;
        set_top(arena, chunk);
        set_size(chunk, size | PREV_INUSE);
    }
    const u64 have = size_of(chunk);
    if (over() || have < par.trim_threshold) return;
    const u64 spare = have - MINSIZE - 1;
    if (have < MINSIZE + 1 || spare <= pad) return;
    const u64 extra = (spare - pad) & ~(PAGE - 1);
    if (extra == 0 || !shrink_heap(at, extra)) return;
    add_system_mem(arena, -static_cast<i64>(extra));
    set_size(chunk, (have - extra) | PREV_INUSE);
}

} // namespace mm::libc
