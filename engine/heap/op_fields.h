#pragma once
// The words and fields of this room's ops. Only its ops include it.
#include "base/op.h"
#include "process/op_fields.h"

namespace mm::heap_spec {

using process_spec::place_field;
using process_spec::process_field;

inline constexpr i64 MOST_BYTES = 0x7fff'ffff'ffff'ffff;
inline constexpr i64 MOST_WRITTEN = 1 << 20;
inline constexpr i64 MOST_INT = 0x7fff'ffff;

inline constexpr FieldSpec request_field{
    "size", Unit::bytes, 0, 0, MOST_BYTES, true, "bytes that the program asks for"};
inline constexpr FieldSpec memory_field{"address", Unit::place, 0, 0, 0, true, "what malloc returned; 0: NULL"};
inline constexpr FieldSpec alignment_field{
    "alignment", Unit::bytes, 0, 0, MOST_BYTES, true, "the address is a multiple of it"};

inline constexpr OpSpec malloc{
    .name = "malloc",
    .fields = {process_field, request_field},
    .makes = ResultKind::region,
    .kernel_function = "malloc (glibc: malloc/malloc.c)",
    .help_en = "The program asks its C library for memory: from what that has, or with brk and mmap from the kernel.",
    .help_zh = "程序向 C 库要内存：C 库手里有就给，不够再用 brk、mmap 向内核要。",
    .keeps_pages = true,
};
inline constexpr OpSpec free{
    .name = "free",
    .fields = {process_field, memory_field},
    .kernel_function = "free (glibc: malloc/malloc.c)",
    .help_en =
        "The program gives memory back to its C library, which keeps it for the next call or gives it to the kernel.",
    .help_zh = "程序把内存还给 C 库。C 库留着下次用，或者还给内核。",
    .keeps_pages = true,
};
inline constexpr OpSpec realloc{
    .name = "realloc",
    .fields = {process_field, memory_field, request_field},
    .makes = ResultKind::region,
    .kernel_function = "realloc (glibc: malloc/malloc.c)",
    .help_en = "Makes memory larger or smaller: in place, into what is free behind it, or by moving it.",
    .help_zh = "改变一块内存的大小：就地、并入后面的空闲块，或者搬走。",
    .keeps_pages = true,
};
inline constexpr OpSpec calloc{
    .name = "calloc",
    .fields = {process_field, FieldSpec{"count", Unit::number, 0, 0, MOST_BYTES, true, "how many"}, request_field},
    .makes = ResultKind::region,
    .kernel_function = "calloc (glibc: malloc/malloc.c)",
    .help_en = "Memory for so many things of a size, full of zeros. glibc 2.36 does not look into the tcache for it.",
    .help_zh = "分配若干个同样大小的元素，内容为零。glibc 2.36 分配时不看 tcache。",
    .keeps_pages = true,
};
inline constexpr OpSpec memalign{
    .name = "memalign",
    .fields = {process_field, alignment_field, request_field},
    .makes = ResultKind::region,
    .kernel_function = "memalign, aligned_alloc (glibc: malloc/malloc.c)",
    .help_en = "Memory at an aligned address: more is taken, and what stands before and behind goes back.",
    .help_zh = "按对齐要求分配：先多取一些，再把前后多出的部分还回去。",
    .keeps_pages = true,
};
inline constexpr OpSpec posix_memalign{
    .name = "posix_memalign",
    .fields = {process_field, alignment_field, request_field},
    .makes = ResultKind::region,
    .kernel_function = "posix_memalign (glibc: malloc/malloc.c)",
    .help_en =
        "The same, where the alignment has to be a power of two and a multiple of a pointer's size; else EINVAL.",
    .help_zh = "同上，但对齐值必须是 2 的幂，而且是指针大小的倍数，否则返回 EINVAL。",
    .keeps_pages = true,
};
inline constexpr OpSpec malloc_trim{
    .name = "malloc_trim",
    .fields = {process_field, FieldSpec{"pad", Unit::bytes, 0, 0, MOST_BYTES, false, "bytes that the top keeps"}},
    .kernel_function = "malloc_trim (glibc: malloc/malloc.c)",
    .help_en = "Gives free memory back to the kernel: whole pages within free chunks, and the end of the heap.",
    .help_zh = "把空闲内存还给内核：空闲块里的整页，以及堆尾。",
    .keeps_pages = true,
};

inline constexpr std::string_view mallopt_names[] = {"M_MXFAST",         "M_TRIM_THRESHOLD", "M_TOP_PAD",
                                                     "M_MMAP_THRESHOLD", "M_MMAP_MAX",       "M_PERTURB",
                                                     "M_ARENA_TEST",     "M_ARENA_MAX"};
inline constexpr i32 mallopt_numbers[] = {1, -1, -2, -3, -4, -6, -7, -8};
inline constexpr OpSpec mallopt{
    .name = "mallopt",
    .fields = {process_field,
               FieldSpec{"parameter", Unit::number, 0, 0, std::ssize(mallopt_names) - 1, true, "which", mallopt_names},
               FieldSpec{"value", Unit::number, 0, -MOST_INT - 1, MOST_INT, true, "the value"}},
    .kernel_function = "mallopt (glibc: malloc/malloc.c)",
    .help_en = "Sets a limit of malloc. It merges the fastbins first.",
    .help_zh = "设置 malloc 的一个参数。它会先合并 fastbin。",
    .keeps_pages = true,
};

inline constexpr std::string_view tunable_names[] = {"tcache_count",   "tcache_max",     "tcache_unsorted_limit",
                                                     "mxfast",         "mmap_threshold", "mmap_max",
                                                     "trim_threshold", "top_pad",        "perturb",
                                                     "arena_test",     "arena_max"};
inline constexpr OpSpec tunable{
    .name = "GLIBC_TUNABLES",
    .fields = {process_field,
               FieldSpec{"tunable", Unit::number, 0, 0, std::ssize(tunable_names) - 1, true, "which of glibc.malloc",
                         tunable_names},
               FieldSpec{"value", Unit::number, 0, 0, MOST_BYTES, true, "the value"}},
    .kernel_function = "ptmalloc_init (glibc: malloc/arena.c)",
    .help_en = "The program was started with this in its environment. After the first call of malloc it has no effect.",
    .help_zh = "程序启动时环境变量里有这一项。第一次调用 malloc 之后再设就不起作用。",
    .keeps_pages = true,
};

inline constexpr OpSpec heap_write{
    .name = "heap_write",
    .fields =
        {process_field, place_field, FieldSpec{"size", Unit::bytes, 8, 1, MOST_WRITTEN, false, "how many bytes"},
         FieldSpec{"value", Unit::number, 0, 0, 255, false, "what each of them is"},
         FieldSpec{
             "word", Unit::place, 0, 0, 0, false, "8 bytes as one number, or as an address, instead", {}, "value"}},
    .kernel_function = "memset",
    .help_en = "The program writes bytes on its heap, also where malloc has its headers and links.",
    .help_zh = "程序向堆里写字节，也可以写到 malloc 的块头和链表指针上。",
    .keeps_pages = true,
};
inline constexpr OpSpec pthread_exit{
    .name = "pthread_exit",
    .fields = {process_field},
    .kernel_function = "__malloc_arena_thread_freeres (glibc: malloc/arena.c)",
    .help_en = "A thread ends by way of the C library: its tcache is freed, and its arena is for the next thread.",
    .help_zh = "线程经由 C 库结束：它的 tcache 释放掉，arena 留给下一个线程。",
    .keeps_pages = true,
};

} // namespace mm::heap_spec
