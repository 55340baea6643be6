#pragma once
// The phrases of the views of processes in both languages; words.h holds those that all views share.
#include "views/parts/pen.h"

namespace shell::words {

inline constexpr Phrase SPACE_TITLE{"Address space", "地址空间"};
inline constexpr Phrase NO_PROCESS{"There is no process yet. execve makes one, with its code, data, heap and stack.",
                                   "还没有进程。execve 建立一个，带着它的代码、数据、堆和栈。"};
inline constexpr Phrase NO_PROCESSES_HERE{
    "Processes need page tables, which this architecture does not have here; machines of arm64 and i386 have them.",
    "进程需要页表，而这里的这种架构没有页表；arm64 和 i386 的机器才有。"};
inline constexpr Phrase SPACE_SCALE{"to scale: # a line of text; what is smaller is as high as a line",
                                    "按比例：一行文字高 #，更小的也占一行"};
inline constexpr Phrase SPACE_HOLE{"hole of #", "空洞 #"};
inline constexpr Phrase PLACE_DOWN{"A place for #: looked for downwards from @.", "为 # 找地址：从 @ 向下找。"};
inline constexpr Phrase PLACE_UP{"A place for #: looked for upwards from @.", "为 # 找地址：从 @ 向上找。"};
inline constexpr Phrase PLACE_FOUND{"The first hole that holds it: #, up to @.", "第一个放得下的空洞：#，到 @ 为止。"};
inline constexpr Phrase ANONYMOUS{"anonymous", "匿名"};
inline constexpr Phrase RIGHTS{"rights", "权限"};
inline constexpr Phrase VMA_NAME{"name", "名称"};
inline constexpr Phrase HOLE_ROW{"hole", "空洞"};

// What the step made of a VMA.
inline constexpr Phrase VMA_FRESH{"new", "新建"};
inline constexpr Phrase VMA_GROWN{"longer", "变长"};
inline constexpr Phrase VMA_SHORTER{"shorter", "变短"};
inline constexpr Phrase VMA_MERGED{"merged", "合并"};
inline constexpr Phrase VMA_CUT{"cut", "切开"};
inline constexpr Phrase VMA_CHANGED{"flags changed", "标志改变"};
inline constexpr Phrase VMA_GONE{"removed", "撤销"};

// Rights and pages.
inline constexpr Phrase MAY_READ{"read only", "只读"};
inline constexpr Phrase MAY_WRITE{"write", "可写"};
inline constexpr Phrase MAY_EXEC{"execute", "可执行"};
inline constexpr Phrase MAY_WRITE_EXEC{"write and execute", "可写又可执行"};
inline constexpr Phrase MAY_NOTHING{"no access", "不可访问"};
inline constexpr Phrase SHARED{"shared", "共享"};
inline constexpr Phrase ADDED_HERE{"added by this step", "本步新增"};
inline constexpr Phrase PAGES_OPEN{"pages", "看页"};
inline constexpr Phrase PAGES_CLOSE{"back to scale", "回到比例"};
inline constexpr Phrase PAGE_MAPPED{"page with a frame", "有页框的页"};
inline constexpr Phrase PAGE_PROMISED{"promised, no frame yet", "已许诺，还没有页框"};
inline constexpr Phrase PAGES_BEFORE{"# pages below", "前面还有 # 页"};
inline constexpr Phrase PAGES_BEHIND{"# pages above", "后面还有 # 页"};
inline constexpr Phrase SPACE_KEYS{"arrows move, Enter selects, + and - zoom, Esc ends",
                                   "方向键移动，Enter 选择，+ - 缩放，Esc 结束"};

// The index of VMAs as a tree.
inline constexpr Phrase VMA_TREE_TITLE{"VMAs as a tree", "VMA 的树"};
inline constexpr Phrase TREE_OF_KERNEL{"A red-black tree by address, as the kernel has it beside its list.",
                                       "按地址的红黑树，内核除链表外就用它。"};
inline constexpr Phrase TREE_FOR_MAPLE{
    "A red-black tree by address, as kernels had it before 6.1. This kernel has a maple tree, which answers the same.",
    "按地址的红黑树，6.1 之前的内核用它。这个内核用 maple tree，查到的结果相同。"};
inline constexpr Phrase WAY_OF_SEARCH{"The way to the hole for @ passes # VMAs.", "为 @ 找空洞，经过 # 个 VMA。"};
inline constexpr Phrase WAY_IN_TREE{"way of the search", "查找的路径"};
inline constexpr Phrase LONGEST_GAP{"gap #", "空洞 #"};
inline constexpr Phrase RED{"red", "红"};
inline constexpr Phrase BLACK{"black", "黑"};
inline constexpr Phrase PARENT{"below", "父节点"};
inline constexpr Phrase COLOUR{"colour", "颜色"};

} // namespace shell::words
