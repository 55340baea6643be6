#include "heap/call.h"

namespace mm::libc {

using ev = heap_event;

u64 call::load_first(u64 address) {
    if ((loads_ & (LOADS_AT_ONCE - 1)) == 0) charge_loads();
    touch_range(address, SIZE_SZ, false);
    return over() ? 0 : heap.words.load(address & ~(SIZE_SZ - 1));
}

// Lists that a program has damaged may go round for ever, as in glibc.
void call::charge_loads() {
    sink.charge(LOADS_AT_ONCE / LOADS_FOR_ONE_UNIT);
    if (over() || (!sink.spent() && loads_ < MOST_LOADS)) return;
    end_ = heap_end::signal;
    sink.emit(ev::call_endless, loads_);
}

void call::touch_range(u64 start, u64 bytes, bool write) {
    for (u64 page = start / PAGE; bytes > 0 && page <= (start + bytes - 1) / PAGE && !over(); ++page)
        touch_page(page, page == start / PAGE ? start : page * PAGE, write);
}

void call::touch_page(u64 page, u64 address, bool write) {
    touched_page* known = nullptr;
    for (touched_page& one : touched_)
        if (one.page == page) known = &one;
    if (!known) {
        known = &touched_[next_touched_];
        next_touched_ = (next_touched_ + 1) % touched_.size();
    } else if (known->write || !write) {
        last_ = *known;
        return;
    }
    if (kernel.touch(address, write)) {
        last_ = *known = {page, write || kernel.could_write()};
        return;
    }
    end_ = heap_end::signal;
    sink.emit(ev::call_signal, address);
}

void call::zero_bytes(u64 start, u64 bytes) {
    touch_range(start, bytes, true);
    sink.charge(bytes / word_memory::LINE_BYTES);
    if (!over()) heap.words.zero(start, start + bytes);
}

void call::copy_bytes(u64 start, u64 bytes, u64 to) {
    touch_range(start, bytes, false);
    touch_range(to, bytes, true);
    sink.charge(bytes / word_memory::LINE_BYTES);
    if (!over()) heap.words.copy(start, start + bytes, to);
}

void call::abort(std::string_view message) {
    if (over()) return;
    end_ = heap_end::aborted;
    message_ = message;
    sink.emit(ev::malloc_aborted, abort_number(message), thread().id);
}

u64 call::no_memory() {
    if (!over()) error_ = 12;
    return 0;
}

bool call::checked_size(u64 bytes, u64& chunk) {
    if (bytes > PTRDIFF_MAX_BYTES) {
        sink.emit(ev::size_refused, bytes);
        error_ = 12;
        return false;
    }
    chunk = chunk_of_request(bytes);
    return true;
}

void call::init_state(u64 arena) {
    for (u32 i = 1; i < NBINS; ++i) {
        const u64 bin = bin_at(arena, i);
        set_fd(bin, bin);
        set_bk(bin, bin);
    }
    if (!is_main(arena)) store(arena, NONCONTIGUOUS << 32);
    set_fastchunks(arena, false);
    set_top(arena, unsorted(arena));
}

void call::start() {
    if (heap.initialized) return;
    heap.initialized = true;
    init_state(heap.main_arena);
    store(heap.main_arena + AT_NEXT, heap.main_arena);
    store(heap.main_arena + AT_ATTACHED, 1);
    thread().arena = heap.main_arena;
    sink.emit(ev::heap_initialized, heap.main_arena);
}

} // namespace mm::libc
