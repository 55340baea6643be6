#pragma once
// The phrases of the view of the PKMAP in both languages; words.h holds those that all views share.
#include "views/parts/pen.h"

namespace shell::words {

inline constexpr Phrase NO_HIGHMEM{
    "This machine has no high memory: its linear map reaches every page, and kmap() only tells where. Machines of i386 "
    "have a "
    "PKMAP.",
    "这台机器没有高端内存：线性映射覆盖每一页，kmap() 只是给出地址。i386 的机器才有 PKMAP。"};
inline constexpr Phrase PKMAP_TITLE{"PKMAP: one table for kmap() of the whole kernel",
                                    "PKMAP：整个内核共用的 kmap() 表"};
inline constexpr Phrase FIXMAP_TITLE{"fixmap: a stack for each CPU", "fixmap：每个 CPU 一个栈"};
inline constexpr Phrase PKMAP_UNUSED{"0: unused", "0：未用"};
inline constexpr Phrase PKMAP_STALE{"1: unmapped, not flushed yet", "1：已撤销，尚未刷新"};
inline constexpr Phrase PKMAP_USED{"2 and more: in use", "2 及以上：在用"};
inline constexpr Phrase PKMAP_LAST{"last_pkmap_nr", "last_pkmap_nr"};
inline constexpr Phrase PKMAP_IN_USE{"in use", "个在用"};
inline constexpr Phrase PKMAP_WAIT_FLUSH{"wait for the flush", "个等待刷新"};
inline constexpr Phrase PKMAP_SLEEPERS{"tasks sleep", "个任务在睡眠"};
inline constexpr Phrase PKMAP_COUNT{"count", "计数"};

} // namespace shell::words
