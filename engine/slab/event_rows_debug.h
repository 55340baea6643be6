#pragma once
// The rows of the events of SLUB's debugging: what each carries, and the sentence that it becomes.
#include "base/event_args.h"
#include "slab/event_args.h"
#include "slab/events.h"

namespace mm {

namespace slub_debug_rows {

using namespace slab_args;
using ev = slub_debug_event;
inline constexpr ArgSpec OBJECTS = number("objects");
inline constexpr ArgSpec INUSE = number("inuse");
inline constexpr ArgSpec START = bytes("start");
inline constexpr ArgSpec LENGTH = bytes("length");
inline constexpr ArgSpec WHAT{"what", Unit::reason};
inline constexpr ArgSpec CHECKED = flag("checked");

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    // ---------------------------------------------------------------------------------------------------- taking, giving back
    event(ev::slab_marked, "slab_marked", {CACHE, SLAB, OBJECTS, {"flags", Unit::slab_flags}, flag("kept")},
          "Debugging ({flags}) marks slab {slab} of {cache}: its {objects} {objects|object gets the patterns of a "
          "free one|objects get the patterns of free ones}. {kept}",
          "调试（{flags}）给 {cache} 的 slab {slab} 打上标记：{objects} 个对象填入空闲对象的图案。{kept}"),
    event(ev::debug_alloc, "debug_alloc", {CACHE, NODE, SLAB, INDEX, INUSE, OBJECTS, CHECKED},
          "A debugged cache gives one object at a time: {index} of slab {slab} of {cache} on node {node}, {checked}. "
          "{inuse} of {objects} {inuse|is|are} in use now, and the slab stays the node's.",
          "带调试的缓存一次只给一个对象：{cache} 在节点 {node} 的 slab {slab} 的 {index}，{checked}。{objects} 个中现有 {inuse} "
          "个在用，slab 仍归节点。"),
    event(ev::debug_free, "debug_free", {CACHE, SLAB, INDEX, INUSE, {"prior", Unit::object_link}, CHECKED},
          "Object {index} of slab {slab} of {cache} comes back, {checked}, and is marked free. It heads the slab's "
          "freelist, before {prior}; {inuse} {inuse|object stays|objects stay} in use.",
          "{cache} 的 slab {slab} 的对象 {index} 归还，{checked}，并标记为空闲。它成为 slab 空闲链表的表头，在 {prior} 之前；"
          "还有 {inuse} 个在用。"),
    event(ev::full_add, "full_add", {CACHE, NODE, SLAB, number("nr_full")},
          "Every object of slab {slab} of {cache} is in use. With SLAB_STORE_USER it joins node {node}'s list of full slabs "
          "({nr_full} now), so that validation finds it.",
          "{cache} 的 slab {slab} 的对象全部在用。有 SLAB_STORE_USER 时它加入节点 {node} 的满 slab 链表（现有 {nr_full} 个），"
          "校验时才找得到它。"),
    event(ev::full_remove, "full_remove", {CACHE, NODE, SLAB, number("nr_full")},
          "Slab {slab} of {cache} leaves node {node}'s list of full slabs; {nr_full} {nr_full|stays|stay} on it.",
          "{cache} 的 slab {slab} 离开节点 {node} 的满 slab 链表，还剩 {nr_full} 个。"),
    event(ev::object_traced, "object_traced", {CACHE, SLAB, INDEX, flag("alloc"), INUSE, {"fp", Unit::object_link}},
          "TRACE {cache} {alloc}: object {index} of slab {slab}, inuse={inuse}, freelist {fp}.",
          "TRACE {cache} {alloc}：slab {slab} 的对象 {index}，inuse={inuse}，空闲链表 {fp}。"),

    // ---------------------------------------------------------------------------------------------------- reports and repairs
    event(ev::bytes_overwritten, "bytes_overwritten", {CACHE, SLAB, INDEX, WHAT, START, LENGTH, {"found", Unit::hex},
           {"expected", Unit::hex}},
          "BUG {cache}: {what} overwritten at object {index} of slab {slab}: {length} from offset {start} of the slab. The "
          "first byte is {found} instead of {expected}.",
          "BUG {cache}：{what} overwritten，位于 slab {slab} 的对象 {index}：从 slab 的偏移 {start} 起 {length}。第一个字节是 "
          "{found}，应为 {expected}。"),
    event(ev::slab_padding_overwritten, "slab_padding_overwritten", {CACHE, SLAB, START, LENGTH},
          "BUG {cache}: Padding overwritten behind the last object of slab {slab}: {length} from offset {start}.",
          "BUG {cache}：Padding overwritten，slab {slab} 最后一个对象之后：从偏移 {start} 起 {length}。"),
    event(ev::object_error, "object_error", {CACHE, SLAB, INDEX, REASON},
          "BUG {cache}: {reason} (object {index} of slab {slab}).",
          "BUG {cache}：{reason}（slab {slab} 的对象 {index}）。"),
    event(ev::slab_error, "slab_error", {CACHE, SLAB, REASON, number("a"), number("b"), OBJECT},
          "BUG {cache}: {reason} (slab {slab}).",
          "BUG {cache}：{reason}（slab {slab}）。"),
    event(ev::object_printed, "object_printed", {CACHE, SLAB, INDEX},
          "BUG {cache}: Object corrupt. Object {index} of slab {slab} is printed with the bytes as they were found; the repair "
          "comes after that.",
          "BUG {cache}：Object corrupt。先按发现时的字节打印 slab {slab} 的对象 {index}，然后才修复。"),
    event(ev::slub_fix, "slub_fix", {CACHE, SLAB, REASON, WHAT, START, LENGTH, {"value", Unit::hex}, OBJECT},
          "FIX {cache}: {reason} (slab {slab}).",
          "FIX {cache}：{reason}（slab {slab}）。"),

    // ---------------------------------------------------------------------------------------------------- validation
    event(ev::validated, "validated", {CACHE, number("slabs"), number("errors")},
          "Validation of {cache} looked at {slabs} {slabs|slab|slabs} on partial and full lists: {errors} "
          "{errors|report or repair|reports and repairs}.",
          "对 {cache} 的校验检查了部分空闲和满链表上的 {slabs} 个 slab：{errors} 条报告和修复。"),
    event(ev::validate_refused, "validate_refused", {CACHE},
          "{cache} has no debugging. Since 6.1 such a cache cannot be validated: EINVAL.",
          "{cache} 没有调试。6.1 起不能校验这样的缓存：EINVAL。"),
    event(ev::slabs_miscounted, "slabs_miscounted", {CACHE, NODE, number("counted"), number("counter")},
          "SLUB: {cache} {counted} slabs counted but counter={counter} on node {node}: some stand on no list.",
          "SLUB: {cache} {counted} slabs counted but counter={counter}（节点 {node}）：有的 slab 不在任何链表上。"),

    // ---------------------------------------------------------------------------------------------------- misuse
    event(ev::object_written, "object_written", {OBJECT, {"offset", Unit::number}, LENGTH, {"value", Unit::hex}, CACHE,
           {"from", Unit::reason}, {"to", Unit::reason}, flag("held")},
          "Somebody writes {length} of {value} at {object}, offset {offset}; the object is {held}. The first byte stands in "
          "{from}, the last in {to} of {cache}. Nothing stops it; only a later check may tell.",
          "有人在 {object} 的偏移 {offset} 处写入 {length} 的 {value}；该对象{held}。首字节位于 {cache} 的{from}，末字节位于"
          "{to}。没有什么阻止它，只有以后的检查才可能发现。"),
    event(ev::write_unseen, "write_unseen", {OBJECT, {"offset", Unit::number}, LENGTH, REASON},
          "{length} {length|is|are} written at {object}, offset {offset}: {reason}.",
          "在 {object} 的偏移 {offset} 处写入 {length}：{reason}。"),
    event(ev::freepointer_overwritten, "freepointer_overwritten", {CACHE, SLAB, INDEX, {"pointer", Unit::hex}, REASON},
          "The write hit the free pointer of object {index} of slab {slab} of {cache}, which is free. Decoded it is {pointer} "
          "now: {reason}.",
          "写入碰到了 {cache} 的 slab {slab} 的空闲对象 {index} 的空闲指针。解码后为 {pointer}：{reason}。"),
    event(ev::freelist_lost, "freelist_lost", {CACHE, SLAB, INDEX},
          "On its way back object {index} of slab {slab} of {cache} got a free pointer of NULL, though it stood on the "
          "freelist: all objects behind it are lost.",
          "{cache} 的 slab {slab} 的对象 {index} 在归还途中空闲指针被置为 NULL，而它正在空闲链表上：其后的对象全部丢失。"),
    event(ev::misplaced_free, "misplaced_free", {CACHE, SLAB, OBJECT, {"position", Unit::bytes}, CHECKED},
          "{object} is freed, {position} into slab {slab} of {cache}, where no object begins; {checked}.",
          "释放 {object}：位于 {cache} 的 slab {slab} 内偏移 {position}，那里不是对象的开头；{checked}。"),
};
// clang-format on

} // namespace slub_debug_rows

[[nodiscard]] constexpr std::span<const EventRow<slub_debug_event>> event_rows(slub_debug_event) {
    return slub_debug_rows::rows;
}

} // namespace mm
