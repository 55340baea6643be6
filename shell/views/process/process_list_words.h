#pragma once
// The phrases of the list of processes and of the reverse map in both languages.
#include "views/parts/pen.h"

namespace shell::words {

inline constexpr Phrase PROCESSES_TITLE{"Processes", "进程"};
inline constexpr Phrase KIND_ANON{"anonymous", "匿名"};
inline constexpr Phrase KIND_FILE{"of files", "文件"};
inline constexpr Phrase KIND_SHMEM{"shared memory", "共享内存"};
inline constexpr Phrase BY_ONE{"mapped by one entry", "一个表项映射"};
inline constexpr Phrase BY_TWO{"by two", "两个"};
inline constexpr Phrase BY_MORE{"by three or more", "三个以上"};
inline constexpr Phrase PSS_BAR{"Pss: each page divided by who maps it", "Pss：每页按映射数平分"};
inline constexpr Phrase RSS_SCALE{"to scale: the longest bar is #", "按比例：最长的是 #"};
inline constexpr Phrase PAGE_TABLES{"page tables", "页表"};
inline constexpr Phrase NOT_COUNTED{"too many pages to count here", "页太多，这里不数"};
inline constexpr Phrase PROCESS_NEW{"new", "新建"};
inline constexpr Phrase PROCESS_ENDED{"ended", "结束"};
inline constexpr Phrase SHARED_TITLE{"Pages that processes have together", "进程共用的页"};
inline constexpr Phrase NOTHING_SHARED{"No page is mapped by two processes.", "没有页被两个进程映射。"};
inline constexpr Phrase SHARED_LEFT_OUT{"Not all are counted: there are too many pages.", "页太多，没有全部数。"};
inline constexpr Phrase PAGES_AND_SIZE{"# pages, @", "# 页，@"};
inline constexpr Phrase ONE_PAGE_AND_SIZE{"# page, @", "# 页，@"};
inline constexpr Phrase AND_MORE{"and # more", "还有 # 个"};

// The reverse map.
inline constexpr Phrase RMAP_TITLE{"Reverse map", "反向映射"};
inline constexpr Phrase RMAP_NO_FRAME{
    "Select a page frame that a process maps, or an address of one that has a page: here is every entry that names it.",
    "选择一个进程映射着的页框，或进程的一个有页的地址：这里列出指向它的每个表项。"};
inline constexpr Phrase RMAP_ZERO{"The zero page: all may map it, and nobody counts who does. It has no reverse map.",
                                  "零页：谁都可以映射它，没有谁去数。它没有反向映射。"};
inline constexpr Phrase RMAP_NOBODY{"No process maps this frame.", "没有进程映射这个页框。"};
inline constexpr Phrase RMAP_FRAME{"page frame", "页框"};
inline constexpr Phrase RMAP_PAGE_OF{"page # of @", "@ 的第 # 页"};
inline constexpr Phrase RMAP_SHARED_MEMORY{"shared memory", "共享内存"};
inline constexpr Phrase RMAP_HUGE{"part of a huge page", "大页的一部分"};
inline constexpr Phrase RMAP_ANON_VMA{"anon_vma #", "anon_vma #"};
inline constexpr Phrase RMAP_BELOW{"forked from it: anon_vma #", "从它 fork 出：anon_vma #"};
inline constexpr Phrase RMAP_I_MMAP{"i_mmap of inode #", "inode # 的 i_mmap"};
inline constexpr Phrase RMAP_SUM{"VMAs looked at: #, mapping the frame: @", "要看 # 个 VMA，其中 @ 个映射着它"};
inline constexpr Phrase RMAP_LOOKED{"looked at, not mapped", "看过，没有映射"};
inline constexpr Phrase RMAP_NO_ENTRY{"no entry", "没有表项"};
inline constexpr Phrase RMAP_OTHER{"names @", "指向 @"};
inline constexpr Phrase RMAP_NEW{"new", "新增"};
inline constexpr Phrase RMAP_CHANGED{"changed", "改变"};
inline constexpr Phrase RMAP_GONE{"gone", "去掉"};
inline constexpr Phrase RMAP_MAPS{"maps it", "映射着它"};
inline constexpr Phrase RMAP_FREED{"free now", "现已空闲"};
inline constexpr Phrase RMAP_LEFT_OUT{"There are more VMAs than are asked here.", "VMA 太多，这里没有全部问到。"};
inline constexpr Phrase RMAP_ENTRY{"entry", "表项"};
inline constexpr Phrase RMAP_FLAGS{"flags", "标志"};
inline constexpr Phrase RMAP_PROCESS{"process", "进程"};

} // namespace shell::words
