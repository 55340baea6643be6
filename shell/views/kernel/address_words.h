#pragma once
// The phrases of addresses, page tables and layouts in both languages; words.h holds those that all views share.
#include "views/parts/pen.h"

namespace shell::words {

// Spaces.
inline constexpr Phrase SPACE_USER{"process", "进程"};
inline constexpr Phrase NO_PAGE_TABLES{
    "Page tables of x86-64 are not modelled: arm64 and i386 are. Boot has to have set up memory, too.",
    "未模拟 x86-64 的页表；arm64 和 i386 有，并且要等启动建好内存。"};

// An address taken apart.
inline constexpr Phrase FROM_SELECTION{"selected", "选中的地址"};
inline constexpr Phrase FROM_EVENTS{"named by this step", "本步提到的地址"};
inline constexpr Phrase FROM_OP{"asked for by this step", "本步要查的地址"};
inline constexpr Phrase FROM_EXAMPLE{"no step names an address yet; this is where vmalloc begins",
                                     "还没有步骤提到地址；这是 vmalloc 区的起点"};
inline constexpr Phrase IN_SPACE{"in", "属于"};
inline constexpr Phrase ALL_ONES{"all 1: TTBR1, kernel", "全 1：TTBR1，内核"};
inline constexpr Phrase ALL_ZEROS{"all 0: TTBR0, user", "全 0：TTBR0，用户"};
inline constexpr Phrase NO_HALF{"mixed: no table", "有 0 有 1：无页表"};
inline constexpr Phrase PAGE_OFFSET_BITS{"offset", "页内偏移"};
inline constexpr Phrase TABLE_IN{"table in frame", "表在页框"};
inline constexpr Phrase CR3_NAMES{"CR3 names frame", "CR3 指向页框"};
inline constexpr Phrase ENTRY_OF{"entry # of @", "第 # 项，共 @ 项"};
inline constexpr Phrase NEXT_TABLE{"next table", "下级表"};
inline constexpr Phrase BLOCK_ENTRY{"block", "块"};
inline constexpr Phrase PAGE_ENTRY{"page", "页"};
inline constexpr Phrase CONT_ENTRY{"contiguous", "连续项"};
inline constexpr Phrase EMPTY_ENTRY{"empty", "空"};
inline constexpr Phrase OFF_ENTRY{"not usable, not 0", "不可用但不为 0"};
inline constexpr Phrase THIS_ENTRY{"this address", "本地址"};
inline constexpr Phrase NOT_WALKED_YET{"not looked at yet", "尚未查到"};
inline constexpr Phrase PHYSICAL{"physical", "物理地址"};
inline constexpr Phrase FRAME{"frame", "页框"};
inline constexpr Phrase LEAF_OF{"leaf of", "映射项大小"};
inline constexpr Phrase NO_TRANSLATION{"no translation", "没有转换"};
inline constexpr Phrase BY_ARITHMETIC{"by arithmetic, the linear map: address - PAGE_OFFSET + PHYS_OFFSET",
                                      "线性映射，由算式得出：地址 - PAGE_OFFSET + PHYS_OFFSET"};
inline constexpr Phrase NO_ENTRY_HERE{
    "No entry here maps it. Boot maps memory; memremap_pages() maps a device's, which is not modelled; an op can take "
    "entries away.",
    "这里没有表项映射它。内存在启动时映射；设备的内存由 memremap_pages() 映射（未模拟）；操作也可能清除了表项。"};
inline constexpr Phrase STRUCT_PAGE{"struct page of frame", "struct page，属于页框"};
inline constexpr Phrase REGION{"region", "区域"};
inline constexpr Phrase OWNER{"whose", "现为"};
inline constexpr Phrase LAST_ENTRY{"The last entry, field by field", "最后一项，逐个字段"};
inline constexpr Phrase TOP_OF_ADDRESSES{"the end", "末尾"};

// The segment of a logical address.
inline constexpr Phrase LOGICAL{"logical address", "逻辑地址"};
inline constexpr Phrase LINEAR{"linear address", "线性地址"};
inline constexpr Phrase SELECTOR_INDEX{"index", "索引"};
inline constexpr Phrase IN_GDT{"GDT", "GDT"};
inline constexpr Phrase IN_LDT{"LDT", "LDT"};
inline constexpr Phrase GDT_ENTRY{"GDT, entry #", "GDT 第 # 项"};
inline constexpr Phrase NO_DESCRIPTOR_YET{"descriptor not read yet", "尚未读描述符"};
inline constexpr Phrase SEGMENT_BASE{"base", "基址"};
inline constexpr Phrase SEGMENT_OFFSET{"offset", "偏移"};
inline constexpr Phrase SEGMENT_LIMIT{"limit", "界限"};
inline constexpr Phrase ERROR_CODE{"error code", "错误码"};
inline constexpr Phrase NO_LINEAR{"no linear address", "没有线性地址"};
inline constexpr Phrase LAST_BYTE{"last byte", "最后一个字节"};

// The tables of a space.
inline constexpr Phrase TABLES_TITLE{"Page tables of", "页表，地址空间："};
inline constexpr Phrase NR_TABLES{"tables", "张表"};
inline constexpr Phrase NR_TABLE{"table", "张表"};
inline constexpr Phrase FOR_MAPPED{"mapped:", "映射了"};
inline constexpr Phrase SET_OF{"set", "项非空"};
inline constexpr Phrase TABLE_ENTRY{"table below", "下级表"};
inline constexpr Phrase NO_ENTRIES{"Nothing is mapped yet: the pgd is all there is.", "还没有映射：只有一张 pgd。"};

// Layouts.
inline constexpr Phrase LAYOUT_TITLE{"Address space of", "地址布局："};
inline constexpr Phrase THIS_MACHINE{"this machine", "本机"};
inline constexpr Phrase ON_THIS_MACHINE{"this machine:", "本机："};
inline constexpr Phrase ZOOM_ALL{"all 2^#", "全部 2^#"};
inline constexpr Phrase ZOOM_KERNEL{"kernel half", "内核一半"};
inline constexpr Phrase ZOOM_TOP{"kernel, 1 GiB", "内核 1 GiB"};
inline constexpr Phrase ZOOM_MODULES{"modules", "模块附近"};
inline constexpr Phrase ZOOM_FIXMAP{"fixmap, PCI I/O", "固定映射附近"};
inline constexpr Phrase ZOOM_VMALLOC{"above low memory", "低端内存以上"};
inline constexpr Phrase BITS{"bits", "位"};
inline constexpr Phrase PAGE_SIZE_OF{"pages", "页"};
inline constexpr Phrase CPU_HAS{"bits, CPU has", "位，CPU 为"};
inline constexpr Phrase KERNEL{"kernel", "内核"};
inline constexpr Phrase SELECTED{"selected", "选中"};
inline constexpr Phrase NO_LAYOUT{"No layout of x86-64 is known here; arm64 and i386 can be chosen.",
                                  "这里没有 x86-64 的布局；可以选择 arm64 和 i386。"};

} // namespace shell::words
