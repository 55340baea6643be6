#pragma once
// The phrases of the canvas in both languages. Kernel terms and field names are the same in both and stand where they
// are drawn. The Chinese characters here are those that the canvas font must have.
#include <string>

#include "views/parts/pen.h"

namespace shell::words {

// States of a block.
inline constexpr Phrase FREE{"free", "空闲"};
inline constexpr Phrase ALLOCATED{"allocated", "已分配"};
inline constexpr Phrase PER_CPU{"per-CPU", "每 CPU"};
inline constexpr Phrase RESERVED{"reserved", "保留"};
inline constexpr Phrase HOLE{"no memory", "无内存"};
inline constexpr Phrase LEAKED{"bad page", "坏页"};
inline constexpr Phrase ON_NO_LIST{"neither on a list nor in use", "没有入链，没有分配"};
inline constexpr Phrase THIS_STEP{"this step", "本步"};

// Legend of the map.
inline constexpr Phrase ORDER{"order", "阶"};
inline constexpr Phrase ORDER_OF{"order #", "# 阶"};
inline constexpr Phrase THIS_OP{"this op", "本操作"};
inline constexpr Phrase OPS_AGO{"ops ago", "步内"};
inline constexpr Phrase LONGER_AGO{"longer ago", "更早"};
inline constexpr Phrase AT_BOOT{"at boot", "启动时"};

// Map.
inline constexpr Phrase NODE{"node", "节点"};
inline constexpr Phrase PAGES_FREE{"pages free", "页空闲"};
inline constexpr Phrase NOT_PRESENT{"no memory of this zone", "没有该内存域的内存"};
inline constexpr Phrase SHOW_STEP{"Show this step", "查看本步"};
inline constexpr Phrase SHOW_ALL{"Show all", "查看全部"};
inline constexpr Phrase NO_ZONES{"Memory has no zones yet: boot has not sized them.",
                                 "内存还没有划分内存域：启动尚未到这一步。"};
inline constexpr Phrase STEP_OF{"touched at step", "改动于步骤"};
inline constexpr Phrase BLOCK_OF{"in block", "属于块"};
inline constexpr Phrase KEYS{"arrows move, + and - zoom, Esc ends", "方向键移动，+ - 缩放，Esc 结束"};

// What the keys do while they belong to the picture.
inline constexpr Phrase PICK_KEYS{"arrows move, Enter selects, Esc ends", "方向键移动，Enter 选择，Esc 结束"};

// What an op did to a block: the tag at its mark.
inline constexpr Phrase CHECKED{"checked", "检查"};
inline constexpr Phrase KEPT{"kept", "留用"};
inline constexpr Phrase SPLIT_OFF{"split off", "拆出"};
inline constexpr Phrase LISTED{"listed", "入链"};
inline constexpr Phrase MOVED{"moved", "移动"};
inline constexpr Phrase CACHED{"cached", "缓存"};
inline constexpr Phrase GIVEN{"allocated", "分配"};

// Lists.
inline constexpr Phrase HEAD{"head", "表头"};
inline constexpr Phrase TAIL{"tail", "表尾"};
inline constexpr Phrase MORE{"more", "个"};
inline constexpr Phrase EMPTY{"empty", "空"};
inline constexpr Phrase WAS_EMPTY{"was empty", "原为空"};
inline constexpr Phrase TAKEN{"taken", "取走"};
inline constexpr Phrase FREED{"freed", "归还"};
inline constexpr Phrase DRAINED{"drained", "退回"};
inline constexpr Phrase REFILLED{"refilled", "补入"};
inline constexpr Phrase SPLIT{"split", "拆分"};
inline constexpr Phrase ADDED{"added", "放入"};
inline constexpr Phrase MERGED{"merged", "合并"};
inline constexpr Phrase BLOCK{"block", "个块"};
inline constexpr Phrase BLOCKS{"blocks", "个块"};

// Where there is little room.
inline constexpr Phrase FOLDED_ONE{"1 row without a part in this step: show", "1 行与本步无关：显示"};
inline constexpr Phrase FOLDED{"# rows without a part in this step: show", "# 行与本步无关：显示"};
inline constexpr Phrase FOLD_AGAIN{"only what has a part in this step", "只显示本步有关的"};
inline constexpr Phrase LEGEND{"colours", "颜色"};

// Zones.
inline constexpr Phrase PASSES{"passes", "通过"};
inline constexpr Phrase FAILS{"fails", "不通过"};
inline constexpr Phrase NO_BLOCK{"enough, but no block of the order", "页数足够，但没有该阶的块"};

// "1 slab", "8 slabs"
[[nodiscard]] inline std::string counted(const Teller& pen, mm::u64 number, const Phrase& one, const Phrase& many) {
    return grouped(static_cast<mm::i64>(number)) + " " + pen.say(number == 1 ? one : many);
}

// "order 3"
[[nodiscard]] inline std::string order_of(const Teller& pen, mm::u32 order) {
    std::string text = pen.say(ORDER_OF);
    return text.replace(text.find('#'), 1, std::to_string(order));
}

} // namespace shell::words
