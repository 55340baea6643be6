#pragma once
// Runs of entries in the growing arrays of slab_memory: links of a slab, entries of an array_cache, bytes of a slab.
//
//   take 21 ─► class 5 (32 entries): the head of the class's free list, or 32 fresh entries at the end
//   give   ─► the run goes to the head of its class's list, which is threaded through the runs' first entries
//
// A run begins at a multiple of RUN_LEAST entries, so the number in it never crosses a chunk of the array. Entries of a
// run that was in use before are not cleared. Sizes are at most 2^(NR_RUN_CLASSES - 1).
#include <algorithm>
#include <bit>
#include <cstring>

#include "base/assert.h"
#include "slab/slab_memory.h"

namespace mm {

template <class Array>
inline constexpr u32 RUN_LEAST =
    static_cast<u32>((sizeof(u32) + sizeof(typename Array::value_type) - 1) / sizeof(typename Array::value_type));

// The class of the smallest runs that hold `count` entries, and the number of the next free run.
template <class Array>
[[nodiscard]] constexpr u32 run_class(u32 count) {
    return static_cast<u32>(std::bit_width(std::max(count, RUN_LEAST<Array>) - 1));
}

template <class Array>
[[nodiscard]] u32 take_run(Array& array, run_pool& pool, u32 count) {
    const u32 size = run_class<Array>(count);
    MM_ASSERT(size < NR_RUN_CLASSES);
    const u32 run = pool.free[size];
    if (run == RUN_NONE) {
        const u32 fresh = pool.end;
        pool.end += 1u << size;
        array.grow(pool.end);
        return fresh;
    }
    std::memcpy(&pool.free[size], &array[run], sizeof(u32));
    return run;
}

template <class Array>
void give_run(Array& array, run_pool& pool, u32 run, u32 count) {
    u32& head = pool.free[run_class<Array>(count)];
    std::memcpy(static_cast<void*>(&array.mut(run)), &head, sizeof(u32));
    head = run;
}

} // namespace mm
