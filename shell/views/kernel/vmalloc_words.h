#pragma once
// The phrases of the view of vmalloc in both languages; words.h holds those that all views share.
#include "views/parts/pen.h"

namespace shell::words {

inline constexpr Phrase NO_VMALLOC{"vmalloc has not come up yet: it starts when the page allocator serves requests.",
                                   "vmalloc 尚未启动：页分配器可用之后它才启动。"};
inline constexpr Phrase VMALLOC_TITLE{"vmalloc: neighbours by address, pages from anywhere",
                                      "vmalloc：地址相邻，页来自各处"};
inline constexpr Phrase AREA_PAGE{"page, with its frame", "页及其页框号"};
inline constexpr Phrase SHOWN_PAGE{"page of somebody else (vmap)", "别人的页（vmap）"};
inline constexpr Phrase DEVICE_PAGE{"page of a device (ioremap)", "设备的页（ioremap）"};
inline constexpr Phrase HUGE_PAGES{"in huge pages", "用大页"};
inline constexpr Phrase GUARD_PAGE{"guard page: no mapping", "保护页：不映射"};
inline constexpr Phrase LAZY_AREA{"freed, waits for the purge", "已释放，等待清理"};
inline constexpr Phrase KERNEL_IMAGE{"kernel image", "内核映像"};
inline constexpr Phrase HOLE_AREA{"hole", "空洞"};
inline constexpr Phrase LAZY_ONE_PAGE{"page waits for the purge; it comes above", "页等待清理，上限"};
inline constexpr Phrase LAZY_PAGES{"pages wait for the purge; it comes above", "页等待清理，上限"};
inline constexpr Phrase ARRAY_OF_PAGES{"its array of pages is an area too", "页数组自己也是一个区域"};

// Blocks of vm_map_ram and chunks of percpu memory.
inline constexpr Phrase DIRTY_PAGE{"dirty: unmapped, free with its whole block", "脏：已撤销，随整块归还"};
inline constexpr Phrase UNUSED_PAGE{"not used yet", "尚未用过"};
inline constexpr Phrase ROUNDING_PAGE{"taken by rounding up to a power of two", "取整到 2 的幂而多占"};
inline constexpr Phrase UNPOPULATED_PAGE{"no memory yet (percpu)", "还没有内存（每 CPU）"};
inline constexpr Phrase FIRST_CHUNK{
    "Percpu: the first chunk lies in the linear map, # pages a CPU; further ones stand here, units of @ apart",
    "每 CPU 内存：第一块在线性映射里，每个 CPU # 页；后来的块在这里，单元间隔 @"};
inline constexpr Phrase BLOCK_OF_CPU{"block of CPU @: # used", "CPU @ 的块：在用 #"};
inline constexpr Phrase BLOCK_REST{", @ dirty, # unused", "，脏 @，未用 #"};
inline constexpr Phrase PERCPU_GROUP{"group @: units of # CPUs", "第 @ 组：# 个 CPU 的单元"};

// The areas as the kernel's trees.
inline constexpr Phrase BY_ADDRESS{"by address", "按地址"};
inline constexpr Phrase AS_TREES{"as trees", "按树"};
inline constexpr Phrase FREE_TREE{"free_vmap_area_root: free areas, by address; each knows the longest at or below it",
                                  "free_vmap_area_root：空闲区域，按地址排序；每个节点记着子树中最长的一段"};
inline constexpr Phrase BUSY_TREE{"vmap_area_root: areas in use", "vmap_area_root：在用的区域"};
inline constexpr Phrase LAZY_TREE{"purge_vmap_area_root: areas that wait for the purge",
                                  "purge_vmap_area_root：等待清理的区域"};
inline constexpr Phrase TREE_EMPTY{"empty", "空"};
inline constexpr Phrase RED_NODE{"red", "红"};
inline constexpr Phrase BLACK_NODE{"black", "黑"};
inline constexpr Phrase SEARCHED{"on the way to the lowest hole that fits", "查找最低可用空洞时经过"};
inline constexpr Phrase SEARCH_OF{"The last search, for @, went through # of the free areas.",
                                  "最近一次查找 @，经过 # 个空闲区域。"};
inline constexpr Phrase LONGEST{"longest #", "最长 #"};

} // namespace shell::words
