// Where the C library's functions stand that malloc's events name (engine/heap/functions.h): by file of glibc 2.36.
export const RELEASE = 'glibc-2.36';

const FILES = {
  'malloc/malloc.c': [
    'malloc', 'free', 'realloc', 'calloc', 'memalign', 'posix_memalign', 'malloc_trim', 'mallopt', '_int_malloc', '_int_free',
    '_int_realloc', '_int_memalign', 'sysmalloc', 'systrim', 'munmap_chunk', 'mremap_chunk', 'malloc_consolidate',
  ],
  'malloc/arena.c': ['arena_get2', 'new_heap', 'grow_heap', 'heap_trim', '__malloc_arena_thread_freeres'],
};

/** 'malloc/malloc.c'; undefined: it is none of them. */
export function fileOf(name) {
  return Object.keys(FILES).find((file) => FILES[file].includes(name));
}
