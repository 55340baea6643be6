#pragma once
// The rows of the events of the index of VMAs.
#include "process/event_rows.h"
#include "process/vma_index_events.h"

namespace mm {

namespace vma_index_rows {

using ev = vma_index_event;
using process_rows::number;
using process_rows::REASON;
using process_rows::term;
using process_rows::virt;
using process_rows::WAY;

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    event(ev::vma_searched, "vma_searched", {virt("address"), WAY, number("looked"), number("vmas"), term("start"), term("end"), {"found", Unit::reason}},
          "Which VMA has {address}? {way} {found}",
          "{address} 属于哪个 VMA？{way}{found}"),
    event(ev::vmacache_flushed, "vmacache_flushed", {number("seqnum")},
          "A VMA has gone since the last search: the task empties its 4 slots of the vmacache (vmacache.seqnum is {seqnum} now).",
          "上次查找之后有 VMA 撤销了：任务清空 vmacache 的 4 个槽（vmacache.seqnum 现在是 {seqnum}）。"),
    event(ev::vma_tree_turned, "vma_tree_turned", {{"tree", Unit::reason}, term("up"), term("down")},
          "The {tree} tree is turned, so that no way down becomes too long: the VMA at {up} goes up, the one at {down} below it.",
          "{tree}树旋转，免得某条路径过长：{up} 处的 VMA 升上去，{down} 处的降到它下面。"),
    event(ev::avl_tree_built, "avl_tree_built", {number("vmas")},
          "With {vmas} VMAs the list is long: from now on an AVL tree stands beside it.",
          "VMA 已有 {vmas} 个，链表太长：从现在起在旁边建一棵 AVL 树。"),
    event(ev::maple_changed, "maple_node_changed", {REASON, number("height"), term("start"), number("before"), number("left"), number("right")},
          "Maple tree, level {height} (1: leaves): {reason}",
          "Maple 树第 {height} 层（1 为叶子）：{reason}"),
};
// clang-format on

} // namespace vma_index_rows

[[nodiscard]] constexpr std::span<const EventRow<vma_index_event>> event_rows(vma_index_event) {
    return vma_index_rows::rows;
}

} // namespace mm
