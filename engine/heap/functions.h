#pragma once
// The functions of glibc that an event's call path may name.
#include <array>
#include <string_view>

#include "base/rooms.h"

namespace mm {

enum class heap_fn : u16 {
    malloc = first_number(room_id::heap),
    free,
    realloc,
    calloc,
    memalign,
    posix_memalign,
    malloc_trim,
    mallopt,
    int_malloc,
    int_free,
    int_realloc,
    int_memalign,
    sysmalloc,
    systrim,
    munmap_chunk,
    mremap_chunk,
    malloc_consolidate,
    arena_get2,
    new_heap,
    grow_heap,
    heap_trim,
    arena_thread_freeres,
    count,
};

inline constexpr std::array<std::string_view, numbers_of<heap_fn>(room_id::heap)> heap_function_names = {
    "malloc",
    "free",
    "realloc",
    "calloc",
    "memalign",
    "posix_memalign",
    "malloc_trim",
    "mallopt",
    "_int_malloc",
    "_int_free",
    "_int_realloc",
    "_int_memalign",
    "sysmalloc",
    "systrim",
    "munmap_chunk",
    "mremap_chunk",
    "malloc_consolidate",
    "arena_get2",
    "new_heap",
    "grow_heap",
    "heap_trim",
    "__malloc_arena_thread_freeres",
};

} // namespace mm
