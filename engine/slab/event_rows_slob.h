#pragma once
// The rows of the events of SLOB: what each carries, and the sentence that it becomes.
#include "base/event_args.h"
#include "slab/event_args.h"
#include "slab/events.h"

namespace mm {

namespace slob_rows {

using namespace slab_args;
using ev = slob_event;
inline constexpr ArgSpec PAGE{"page", Unit::pfn};
inline constexpr ArgSpec LIST{"list", Unit::reason};
inline constexpr ArgSpec UNITS = number("units");
inline constexpr ArgSpec UNIT = number("unit");
inline constexpr ArgSpec FREE = number("free");

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    event(ev::slob_search, "slob_search", {bytes("size"), UNITS, LIST, bytes("align")},
          "{size} {size|is|are} {units} {units|unit|units}, aligned to {align}: the pages of {list} are searched in "
          "turn.",
          "{size} 合 {units} 个单元，按 {align} 对齐：依次查找 {list} 的页。"),
    event(ev::slob_page_passed, "slob_page_passed", {PAGE, FREE, UNITS, REASON},
          "Page {page} has {free} free {free|unit|units}, {units} {units|is|are} wanted: {reason}.",
          "页 {page} 有 {free} 个空闲单元，需要 {units} 个：{reason}。"),
    event(ev::slob_aligned, "slob_aligned", {PAGE, UNIT, UNITS, bytes("align")},
          "In page {page} the free block at unit {unit} is not aligned to {align}: its first {units} {units|unit "
          "stays|units stay} a free block {units|of its|of their} own.",
          "页 {page} 中单元 {unit} 处的空闲块没有按 {align} 对齐：它的前 {units} 个单元单独留作空闲块。"),
    event(ev::slob_block_taken, "slob_block_taken", {PAGE, UNIT, UNITS, FREE},
          "First fit: {units} {units|unit|units} from unit {unit} of page {page} {units|is|are} taken; {free} "
          "{free|unit of the page stays|units of the page stay} free.",
          "首次适配：取页 {page} 从单元 {unit} 起的 {units} 个单元；该页还有 {free} 个单元空闲。"),
    event(ev::slob_page_full, "slob_page_full", {PAGE, LIST},
          "Page {page} has no free unit left and leaves {list}.",
          "页 {page} 已没有空闲单元，离开 {list}。"),
    event(ev::slob_rotated, "slob_rotated", {PAGE, LIST},
          "{list} is turned so that page {page} comes first: the next search begins here, and not at pages that are nearly "
          "full.",
          "转动 {list}，使页 {page} 排在最前：下次从这里找起，而不是从快满的页找起。"),
    event(ev::slob_page_new, "slob_page_new", {PAGE, LIST, UNITS},
          "No page has room. Page {page} is new, one free block of {units} {units|unit|units}, and first in {list}.",
          "没有页放得下。新页 {page} 是一个 {units} 单元的空闲块，排在 {list} 最前。"),
    event(ev::slob_no_memory, "slob_no_memory", {ORDER, GFP},
          "The page allocator has no block of order {order} for {gfp}.",
          "页分配器没有 {order} 阶的块可供 {gfp}。"),
    event(ev::slob_no_fit, "slob_no_fit", {bytes("size"), bytes("align")},
          "kernel BUG in slob_alloc: {size} aligned to {align} {size|does|do} not fit even an empty page. Here the "
          "result is NULL.",
          "slob_alloc 中的 kernel BUG：{size} 按 {align} 对齐，连空页也放不下。这里返回 NULL。"),
    event(ev::slob_header, "slob_header", {OBJECT, bytes("size"), bytes("header")},
          "{object} begins {header} behind the block, whose first bytes hold the size {size} for kfree.",
          "{object} 位于块开头之后 {header}；块的开头存放大小 {size}，供 kfree 使用。"),
    event(ev::slob_large, "slob_large", {bytes("size"), ORDER},
          "{size} {size|does|do} not fit a page of SLOB. The page allocator is asked for order {order} directly.",
          "{size} 放不进 SLOB 的一页，直接向页分配器要 {order} 阶。"),
    event(ev::slob_block_freed, "slob_block_freed", {PAGE, UNIT, UNITS, FREE},
          "{units} {units|unit|units} from unit {unit} of page {page} {units|is free again; with it|are free again; "
          "with them} the page has {free} free {free|unit|units}.",
          "页 {page} 从单元 {unit} 起的 {units} 个单元又空闲了；该页现有 {free} 个空闲单元。"),
    event(ev::slob_merged, "slob_merged", {PAGE, UNIT, {"side", Unit::reason}, number("neighbour"), UNITS},
          "In page {page} the block at unit {unit} merges with the free block {side} it, at unit {neighbour}: "
          "{units} {units|unit|units} in one piece.",
          "页 {page} 中单元 {unit} 处的块与{side}的空闲块（单元 {neighbour}）合并：连成 {units} 个单元。"),
    event(ev::slob_page_partial, "slob_page_partial", {PAGE, LIST},
          "Page {page} was full and has room again: it goes first in {list}, the list of the size that was freed.",
          "页 {page} 原来已满，现在又有空闲：排到 {list} 最前，即与所释放大小对应的链表。"),
    event(ev::slob_page_freed, "slob_page_freed", {PAGE},
          "Nothing on page {page} is in use: it goes back to the page allocator.",
          "页 {page} 上没有在用的块：归还给页分配器。"),
    event(ev::slob_misuse, "slob_misuse", {OBJECT, REASON},
          "{object} is freed, but {reason}. The kernel would damage its lists; here it is left alone.",
          "释放 {object}，但{reason}。内核会破坏自己的链表；这里不作处理。"),
};
// clang-format on

} // namespace slob_rows

[[nodiscard]] constexpr std::span<const EventRow<slob_event>> event_rows(slob_event) { return slob_rows::rows; }

} // namespace mm
