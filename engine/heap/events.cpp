// Events of malloc: the words of their reasons, and what glibc writes when it ends a process. Their rows are in event_rows.h.
#include "heap/events.h"

#include <algorithm>
#include <iterator>

#include "heap/event_rows.h"
#include "heap/op_fields.h"

namespace mm {

namespace {

using ev = heap_event;

constexpr auto table = event_table(heap_rows::rows, ev::heap_initialized);

// clang-format off
constexpr std::string_view aborts[] = {
    "free(): invalid pointer",
    "free(): invalid size",
    "free(): invalid next size (fast)",
    "free(): invalid next size (normal)",
    "free(): corrupted unsorted chunks",
    "free(): double free detected in tcache 2",
    "free(): too many chunks detected in tcache",
    "free(): unaligned chunk detected in tcache 2",
    "double free or corruption (fasttop)",
    "double free or corruption (top)",
    "double free or corruption (out)",
    "double free or corruption (!prev)",
    "corrupted size vs. prev_size",
    "corrupted size vs. prev_size while consolidating",
    "corrupted size vs. prev_size in fastbins",
    "corrupted double-linked list",
    "corrupted double-linked list (not small)",
    "malloc(): unaligned tcache chunk detected",
    "malloc(): unaligned fastbin chunk detected",
    "malloc(): unaligned fastbin chunk detected 2",
    "malloc(): unaligned fastbin chunk detected 3",
    "malloc(): memory corruption (fast)",
    "malloc(): smallbin double linked list corrupted",
    "malloc(): invalid size (unsorted)",
    "malloc(): invalid next size (unsorted)",
    "malloc(): mismatching next->prev_size (unsorted)",
    "malloc(): unsorted double linked list corrupted",
    "malloc(): invalid next->prev_inuse (unsorted)",
    "malloc(): largebin double linked list corrupted (nextsize)",
    "malloc(): largebin double linked list corrupted (bk)",
    "malloc(): corrupted unsorted chunks",
    "malloc(): corrupted unsorted chunks 2",
    "malloc(): corrupted top size",
    "malloc_consolidate(): unaligned fastbin chunk detected",
    "malloc_consolidate(): invalid chunk size",
    "munmap_chunk(): invalid pointer",
    "mremap_chunk(): invalid pointer",
    "realloc(): invalid pointer",
    "realloc(): invalid old size",
    "realloc(): invalid next size",
    "tcache_thread_shutdown(): unaligned tcache chunk detected",
    "break adjusted to free malloc space",
    "Fatal glibc error: malloc assertion failure in sysmalloc: (old_top == initial_top (av) && old_size == 0) || "
    "((unsigned long) (old_size) >= MINSIZE && prev_inuse (old_top) && ((unsigned long) old_end & (pagesize - 1)) == 0)",
};

constexpr EventWords fixed_words[] = {
    words_for(ev::stashed, "from", 0, "small bin", " small bin "),
    words_for(ev::stashed, "from", 1, "fastbin", " fastbin "),
    words_for(ev::unsorted_fits, "kept", 0, "the tcache has no room for it, so the program gets it", "tcache 放不下，直接给程序"),
    words_for(ev::unsorted_fits, "kept", 1, "the tcache has room for it, and the walk goes on", "先放进 tcache，继续往下看"),
    words_for(ev::unsorted_sorted, "small", 0, "large", "large"),
    words_for(ev::unsorted_sorted, "small", 1, "small", "small"),
    words_for(ev::chunk_cut, "remembered", 0, "", ""),
    words_for(ev::chunk_cut, "remembered", 1, " and are the last remainder", "，并记作 last remainder"),
    words_for(ev::top_too_small, "fast", 0, "The kernel is asked for more", "要向内核要"),
    words_for(ev::top_too_small, "fast", 1, "There are chunks in fastbins: those are merged first, and the search begins again", "fastbin 里还有块：先合并它们，再找一遍"),
    words_for(ev::arena_reused, "how", 0, "There are as many arenas as there may be", "arena 已达上限"),
    words_for(ev::arena_reused, "how", 1, "A thread that ended has left an arena", "有线程结束，留下了 arena"),
    words_for(ev::realloc_moved, "how", 0, "no room was behind it, so the contents are copied and the old chunk is freed (_int_realloc)", "后面没有地方，复制内容，再释放旧块（_int_realloc）"),
    words_for(ev::realloc_moved, "how", 1, "the kernel makes its mapping longer or shorter, and no byte is copied (mremap_chunk)", "由内核改变映射的长度，一个字节也不复制（mremap_chunk）"),
    name_for(ev::parameter_set, "parameter", 1, "M_MXFAST"),
    name_for(ev::parameter_set, "parameter", -1, "M_TRIM_THRESHOLD"),
    name_for(ev::parameter_set, "parameter", -2, "M_TOP_PAD"),
    name_for(ev::parameter_set, "parameter", -3, "M_MMAP_THRESHOLD"),
    name_for(ev::parameter_set, "parameter", -4, "M_MMAP_MAX"),
    name_for(ev::parameter_set, "parameter", -6, "M_PERTURB"),
    name_for(ev::parameter_set, "parameter", -7, "M_ARENA_TEST"),
    name_for(ev::parameter_set, "parameter", -8, "M_ARENA_MAX"),
    words_for(ev::parameter_set, "taken", 0, "is refused, and nothing changes", "不接受，什么也不变"),
    words_for(ev::parameter_set, "taken", 1, "is taken", "已接受"),
    words_for(ev::null_returned, "call", heap_call::malloc, "malloc returns NULL", "malloc 返回 NULL"),
    words_for(ev::null_returned, "call", heap_call::realloc, "realloc returns NULL, and the old memory stays as it is", "realloc 返回 NULL，原来的内存不变"),
    words_for(ev::null_returned, "call", heap_call::calloc, "calloc returns NULL", "calloc 返回 NULL"),
    words_for(ev::null_returned, "call", heap_call::memalign, "memalign returns NULL", "memalign 返回 NULL"),
    words_for(ev::null_returned, "call", heap_call::posix_memalign, "posix_memalign returns an error number and stores no pointer", "posix_memalign 返回错误号，不写入指针"),
    words_for(ev::null_returned, "call", heap_call::realloc_freed, "realloc to 0 bytes has freed the memory and returns NULL", "realloc 到 0 字节等于释放，返回 NULL"),
    words_for(ev::null_returned, "error", 0, "", ""),
    name_for(ev::null_returned, "error", 12, " (ENOMEM)"),
    name_for(ev::null_returned, "error", 22, " (EINVAL)"),
    words_for(ev::heap_unsupported, "why", heap_refusal::page_size, "only with pages of 4 KiB", "只支持 4 KiB 的页"),
    words_for(ev::heap_unsupported, "why", heap_refusal::pointer_size, "only in programs of 64 bits", "只支持 64 位程序"),
    words_for(ev::heap_unsupported, "why", heap_refusal::no_data, "there is no place for the data of the C library", "没有地方放 C 库的数据"),
};
// clang-format on

constexpr std::size_t NR_WORDS = std::size(fixed_words) + std::size(aborts) + 2 * std::size(heap_spec::tunable_names);

consteval std::array<EventWords, NR_WORDS> all_words() {
    std::array<EventWords, NR_WORDS> all{};
    auto at = std::copy(std::begin(fixed_words), std::end(fixed_words), all.begin());
    for (std::size_t i = 0; i < std::size(aborts); ++i) *at++ = name_for(ev::malloc_aborted, "message", i, aborts[i]);
    for (std::size_t i = 0; i < std::size(heap_spec::tunable_names); ++i) {
        *at++ = name_for(ev::tunable_set, "tunable", i, heap_spec::tunable_names[i]);
        *at++ = name_for(ev::tunable_too_late, "tunable", i, heap_spec::tunable_names[i]);
    }
    return all;
}
constexpr std::array<EventWords, NR_WORDS> words = all_words();

} // namespace

std::string_view abort_text(u32 message) { return aborts[message]; }

u32 abort_number(std::string_view text) {
    const auto found = std::find(std::begin(aborts), std::end(aborts), text);
    MM_ASSERT(found != std::end(aborts));
    return static_cast<u32>(found - std::begin(aborts));
}

EventPart heap_events() { return table.with(words); }

} // namespace mm
