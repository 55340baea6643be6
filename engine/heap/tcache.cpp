// What each thread keeps of small chunks for itself.
#include "heap/call.h"

namespace mm::libc {

using ev = heap_event;

// glibc: tcache_init
void call::init_tcache() {
    if (thread().tcache != 0 || thread().ending || par.tcache_bins == 0) return;
    const u64 memory = in_an_arena(TCACHE_SIZE, &call::int_malloc, TCACHE_SIZE);
    if (memory == 0) return;
    thread().tcache = memory;
    for (u64 at = 0; at < TCACHE_SIZE; at += SIZE_SZ) store(memory + at, 0);
    sink.emit(ev::tcache_made, memory, par.tcache_bins, par.tcache_count);
}

call::tcache_bin_state call::tcache_bin(u64 size) {
    const u64 index = tcache_index(size);
    return {index, thread().tcache != 0 && index < par.tcache_bins};
}

// Counts have 16 bits.
u64 call::tcache_count(u64 index) { return load(thread().tcache + index / 4 * SIZE_SZ) >> (index % 4 * 16) & 0xffff; }
void call::set_tcache_count(u64 index, u64 count) {
    const u64 at = thread().tcache + index / 4 * SIZE_SZ;
    const u64 shift = index % 4 * 16;
    store(at, (load(at) & ~(u64{0xffff} << shift)) | (count & 0xffff) << shift);
}

void call::tcache_put(u64 chunk, u64 index) {
    const u64 memory = chunk + HEADER;
    store(memory + SIZE_SZ, safe_linking() ? heap.tcache_key : thread().tcache);
    store(memory, mangled(memory, tcache_head(index)));
    set_tcache_head(index, memory);
    set_tcache_count(index, tcache_count(index) + 1);
}

u64 call::tcache_get(u64 index) {
    const u64 memory = tcache_head(index);
    if (safe_linking() && !aligned(memory)) return abort("malloc(): unaligned tcache chunk detected"), 0;
    set_tcache_head(index, mangled(memory, load(memory)));
    set_tcache_count(index, tcache_count(index) - 1);
    store(memory + SIZE_SZ, 0);
    return memory;
}

// True: it went there, or the call is over.
bool call::freed_into_tcache(u64 chunk, u64 size) {
    const tcache_bin_state bin = tcache_bin(size);
    if (!bin.usable) return false;
    const u64 memory = chunk + HEADER, key = safe_linking() ? heap.tcache_key : thread().tcache;
    if (load(memory + SIZE_SZ) == key) {
        // It may be there already, or hold that number by chance: the bin is searched.
        u64 seen = 0;
        for (u64 at = tcache_head(bin.index); at != 0 && !over(); at = mangled(at, load(at)), ++seen) {
            if (safe_linking() && seen >= par.tcache_count)
                return abort("free(): too many chunks detected in tcache"), true;
            if (safe_linking() && !aligned(at)) return abort("free(): unaligned chunk detected in tcache 2"), true;
            if (at == memory) return abort("free(): double free detected in tcache 2"), true;
            if (!safe_linking() && seen > MOST_UNSORTED) return abort("free(): double free detected in tcache 2"), true;
        }
    }
    if (over()) return true;
    const u64 count = tcache_count(bin.index);
    if (count >= par.tcache_count) {
        sink.emit(ev::tcache_full, size, count);
        return false;
    }
    tcache_put(chunk, bin.index);
    sink.emit(ev::tcache_put, memory, size, count + 1);
    return true;
}

void call::tcache_thread_shutdown() {
    const u64 tcache = thread().tcache;
    thread().ending = true;
    if (tcache == 0) return;
    thread().tcache = 0;
    for (u64 i = 0; i < TCACHE_BINS && !over(); ++i) {
        const u64 head = tcache + AT_TCACHE_ENTRIES + 8 * i;
        while (const u64 memory = load(head)) {
            if (safe_linking() && !aligned(memory))
                return abort("tcache_thread_shutdown(): unaligned tcache chunk detected");
            store(head, mangled(memory, load(memory)));
            free(memory);
            if (over()) return;
        }
    }
    free(tcache);
}

} // namespace mm::libc
