#pragma once
// Words of text mirrors in both languages. They stand in the page alone, so the canvas font need not have their characters;
// what the canvas says too is in the views' own words.
#include <string>

#include "views/parts/teller.h"

namespace shell::mirror_text {

// Columns.
inline constexpr Phrase ZONE{"zone", "内存域"};
inline constexpr Phrase COMPARISON{"last comparison", "最近一次比较"};
inline constexpr Phrase FREE_LIST{"free list", "空闲链表"};
inline constexpr Phrase BLOCKS{"blocks", "块数"};
inline constexpr Phrase PAGES{"pages", "页数"};
inline constexpr Phrase FIRST_BLOCKS{"first blocks", "表头的块"};
inline constexpr Phrase LIST{"list", "链表"};
inline constexpr Phrase LIMITS{"limits", "上限"};
inline constexpr Phrase FIRST_PAGES{"first pages", "表头的页"};
inline constexpr Phrase RANGE{"range", "范围"};
inline constexpr Phrase END{"end", "结尾"};
inline constexpr Phrase SIZE{"size", "大小"};
inline constexpr Phrase PLACE{"place", "位置"};
inline constexpr Phrase STATE{"state", "状态"};
inline constexpr Phrase FRAME{"page frame", "页框"};
inline constexpr Phrase ORDER{"order", "阶"};
inline constexpr Phrase TYPE{"migratetype", "迁移类型"};
inline constexpr Phrase WHAT{"what", "内容"};
inline constexpr Phrase VALUE{"value", "值"};
inline constexpr Phrase MEANING{"meaning", "含义"};
inline constexpr Phrase CACHE{"cache", "缓存"};
inline constexpr Phrase SLAB{"slab", "slab"};
inline constexpr Phrase IN_USE{"in use", "在用"};
inline constexpr Phrase STANDS{"where it stands", "所在"};
inline constexpr Phrase MORE{"more", "其他"};
inline constexpr Phrase OBJECT{"object", "对象"};
inline constexpr Phrase ADDRESS{"address", "地址"};
inline constexpr Phrase NEXT_FREE{"next free", "下一个空闲"};
inline constexpr Phrase SET_COLOURED{"L1 set, with colouring", "L1 组（着色）"};
inline constexpr Phrase SET_PLAIN{"L1 set, without", "L1 组（不着色）"};
inline constexpr Phrase AREA{"area", "区域"};
inline constexpr Phrase FRAMES{"frames", "页框"};
inline constexpr Phrase ENTRY{"entry", "表项"};
inline constexpr Phrase TABLE{"table or entry", "页表或表项"};
inline constexpr Phrase OWNER{"whose", "属于"};
inline constexpr Phrase TOUCH{"this step", "本步"};
inline constexpr Phrase REGION{"region", "区域"};
inline constexpr Phrase LAST{"last address", "最后地址"};
inline constexpr Phrase FORMULA{"why there", "依据"};
inline constexpr Phrase SLOT{"slot", "槽位"};
inline constexpr Phrase COUNT{"count", "计数"};
inline constexpr Phrase MEASURE{"measure", "指标"};

// Captions and rows.
inline constexpr Phrase TOUCHED_BLOCK{"#, touched by the step", "#，本步改动"};
inline constexpr Phrase AROUND{"Blocks around #", "# 附近的块"};
inline constexpr Phrase ARRAY{"array of @", "@ 的数组"};
inline constexpr Phrase NOT_DRAWN{"The picture is still being computed.", "图还在计算中。"};
inline constexpr Phrase WALK_CACHE{"walk cache #", "遍历缓存 #"};

} // namespace shell::mirror_text
