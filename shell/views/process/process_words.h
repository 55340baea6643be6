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
inline constexpr Phrase TREE_OF_KERNEL{
    "A red-black tree by address beside a list; each node knows the longest hole below it. A task's vmacache has 4 "
    "VMAs.",
    "链表旁边一棵按地址的红黑树，每个节点知道下面最长的空洞。任务的 vmacache 存 4 个 VMA。"};
inline constexpr Phrase TREE_OF_AVL{
    "A list and an AVL tree by address, as 2.4 had them: no side is more than a level higher. mm->mmap_cache is the "
    "VMA found last.",
    "2.4 的链表和按地址的 AVL 树：左右高度最多差一层。mm->mmap_cache 是上次找到的 VMA。"};
inline constexpr Phrase LIST_ALONE{"A list by address. With # VMAs an AVL tree will stand beside it.",
                                   "按地址的链表。VMA 到 # 个时，旁边会建一棵 AVL 树。"};
inline constexpr Phrase TREE_FOR_MAPLE{
    "A maple tree: a leaf has 16 slots, an inner node 10 and the longest gap below each; a node takes 256 bytes.",
    "Maple 树：叶子有 16 个槽，内部节点有 10 个槽，还记着每个槽下面最长的空洞；一个节点 256 字节。"};
inline constexpr Phrase WAY_OF_SEARCH{"Nodes on the way to the hole for @: #.", "为 @ 找空洞，经过 # 个节点。"};
inline constexpr Phrase WAY_TO_ADDRESS{"VMAs that the search for @ looks at: #.", "查找 @，看了 # 个 VMA。"};
inline constexpr Phrase WAY_TO_ADDRESS_NODES{"Nodes that the search for @ reads: #.", "查找 @，读了 # 个节点。"};
inline constexpr Phrase FOUND_IN_CACHE{"# was found in the cache: the tree was not asked.",
                                       "# 在缓存里就找到了，没有查树。"};
inline constexpr Phrase LEVEL_OF_LEAVES{"leaves: #", "叶子：# 个"};
inline constexpr Phrase LEVEL_OF_NODES{"level @, inner nodes: #", "第 @ 层：内部节点 # 个"};
inline constexpr Phrase SLOTS_IN_USE{"# of @ slots", "@ 个槽用了 # 个"};
inline constexpr Phrase EMPTY_SLOT{"nothing", "空"};
inline constexpr Phrase HEIGHT{"height", "高度"};
inline constexpr Phrase TREE_NODE{"node", "节点"};
inline constexpr Phrase HOLDS_TO{"last address", "最后地址"};
inline constexpr Phrase NODE_OF_LEVEL{"level #, @", "第 # 层，@"};
inline constexpr Phrase LIST_TITLE{"The list, by address: #", "链表，按地址：# 个"};
inline constexpr Phrase MORE_IN_LIST{"+#", "+#"};
inline constexpr Phrase WAY_IN_TREE{"way of the search", "查找的路径"};
inline constexpr Phrase LONGEST_GAP{"gap #", "空洞 #"};
inline constexpr Phrase RED{"red", "红"};
inline constexpr Phrase BLACK{"black", "黑"};
inline constexpr Phrase PARENT{"below", "父节点"};
inline constexpr Phrase COLOUR{"colour", "颜色"};

} // namespace shell::words
