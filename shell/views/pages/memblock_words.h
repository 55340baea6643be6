#pragma once
// The phrases of the view of memblock in both languages; words.h holds those that all views share.
#include "views/parts/pen.h"

namespace shell::words {

inline constexpr Phrase MEMBLOCK_TITLE{"memblock: what memory there is, and what of it is in use",
                                       "memblock：内存在哪里，哪部分在用"};
inline constexpr Phrase MEMBLOCK_NOTHING{"Nobody has told memblock of any memory yet.", "还没有内存加入 memblock。"};
inline constexpr Phrase MEMBLOCK_GONE{
    "memblock is gone: kernels of this architecture throw it away after boot. arm64 keeps it.",
    "这类机器的内核启动后不再保留 memblock。arm64 会保留。"};
inline constexpr Phrase MEMBLOCK_FREE{"free", "空闲"};
inline constexpr Phrase MEMBLOCK_MEMORY{"memory", "内存"};
inline constexpr Phrase MEMBLOCK_RESERVED{"reserved", "保留"};
inline constexpr Phrase MEMBLOCK_HOLE{"no memory, drawn short", "无内存，缩短显示"};
inline constexpr Phrase MEMBLOCK_TOP_DOWN{"allocates from the top down", "自上而下分配"};
inline constexpr Phrase MEMBLOCK_BOTTOM_UP{"allocates from the bottom up", "自下而上分配"};
inline constexpr Phrase MEMBLOCK_STATIC{"static array, # × @", "内置数组，# × @"};
inline constexpr Phrase MEMBLOCK_ALLOCATED{"array at @, #, itself reserved", "数组在 @，#，它也要保留"};
inline constexpr Phrase MEMBLOCK_NEXT{"full: doubles to #, @", "满了就换成 # 项，@"};
inline constexpr Phrase MEMBLOCK_NO_DOUBLE{"full: may not double yet", "满了还不能换更大的"};
inline constexpr Phrase MEMBLOCK_REGIONS{"# of @ regions", "# / @ 个区域"};

} // namespace shell::words
