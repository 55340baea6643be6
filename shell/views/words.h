#pragma once
// The phrases of the canvas in both languages. Kernel terms and field names are the same in both and stand where they
// are drawn. The Chinese characters here are those that the canvas font must have.
#include "views/pen.h"

namespace shell::words {

// States of a block.
inline constexpr Phrase FREE{"free", "空闲"};
inline constexpr Phrase ALLOCATED{"allocated", "已分配"};
inline constexpr Phrase PER_CPU{"per-CPU", "每 CPU"};
inline constexpr Phrase RESERVED{"reserved", "保留"};
inline constexpr Phrase HOLE{"no memory", "无内存"};
inline constexpr Phrase LEAKED{"bad page", "坏页"};
inline constexpr Phrase THIS_STEP{"this step", "本步"};

// Legend of the map.
inline constexpr Phrase ORDER{"order", "阶"};
inline constexpr Phrase TOUCHED{"touched", "最近改动"};
inline constexpr Phrase THIS_OP{"this op", "本操作"};
inline constexpr Phrase OPS_AGO{"ops ago", "步以内"};
inline constexpr Phrase LONGER_AGO{"longer ago", "更早"};
inline constexpr Phrase AT_BOOT{"at boot", "启动时"};
inline constexpr Phrase TYPE_OF_BLOCK{"hollow: free   filled: allocated   hatched: per-CPU",
                                      "空心：空闲  实心：已分配  斜线：每 CPU"};

// Map.
inline constexpr Phrase NODE{"node", "节点"};
inline constexpr Phrase PAGES_FREE{"pages free", "页空闲"};
inline constexpr Phrase NOT_PRESENT{"no memory of this zone", "没有该内存域的内存"};
inline constexpr Phrase SHOW_STEP{"Show this step", "查看本步"};
inline constexpr Phrase SHOW_ALL{"Show all", "查看全部"};
inline constexpr Phrase NO_ZONES{"Memory has no zones yet: boot has not sized them.",
                                 "内存还没有划分内存域：启动尚未到这一步。"};
inline constexpr Phrase STEP_OF{"touched at step", "改动于步骤"};
inline constexpr Phrase FRAME{"frame", "页框"};
inline constexpr Phrase BLOCK_OF{"in block", "属于块"};
inline constexpr Phrase BUDDY_AT{"buddy", "伙伴"};
inline constexpr Phrase KEYS{"arrows move, + and - zoom, Esc ends", "方向键移动，+ - 缩放，Esc 结束"};

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
inline constexpr Phrase IDLE_CPUS{"CPUs hold no pages of this zone.", "个 CPU 不持有该内存域的页。"};
inline constexpr Phrase SPLIT{"split", "拆分"};
inline constexpr Phrase ADDED{"added", "放入"};
inline constexpr Phrase MERGED{"merged", "合并"};
inline constexpr Phrase BLOCKS{"blocks", "个块"};
inline constexpr Phrase PAGES{"pages", "页"};

// Zones.
inline constexpr Phrase THIS_REQUEST{"this request", "本次请求"};
inline constexpr Phrase BELOW{"below", "低于"};
inline constexpr Phrase WHOLE_ZONE{"whole zone", "整个内存域"};
inline constexpr Phrase MAGNIFIED{"magnified", "放大"};
inline constexpr Phrase PASSES{"passes", "通过"};
inline constexpr Phrase FAILS{"fails", "不通过"};
inline constexpr Phrase NO_BLOCK{"enough, but no block of the order", "页数足够，但没有该阶的块"};
inline constexpr Phrase FREE_BY_ORDER{"free by order", "各阶空闲"};
inline constexpr Phrase NO_PCP{"No CPU holds pages of this zone.", "没有 CPU 持有该内存域的页。"};

} // namespace shell::words
