// Events of SLUB's debugging: what each carries, and the sentence that it becomes.
#include "slab/event_args.h"
#include "slab/events.h"
#include "slab/slub_debug_checks.h"

namespace mm {

namespace {

using namespace slab_args;
using ev = slub_debug_event;
constexpr ArgSpec OBJECTS = number("objects");
constexpr ArgSpec INUSE = number("inuse");
constexpr ArgSpec START = bytes("start");
constexpr ArgSpec LENGTH = bytes("length");
constexpr ArgSpec WHAT{"what", Unit::reason};
constexpr ArgSpec CHECKED = flag("checked");

// clang-format off
constexpr EventRow<ev> rows[] = {
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
    event(ev::debug_free, "debug_free", {CACHE, SLAB, INDEX, INUSE, {"prior", Unit::object_index}, CHECKED},
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
    event(ev::object_traced, "object_traced", {CACHE, SLAB, INDEX, flag("alloc"), INUSE, {"fp", Unit::object_index}},
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
constexpr auto table = event_table(rows, ev::slab_marked);

constexpr EventWords words[] = {
    words_for(ev::slab_marked, "kept", 0, "The machine has no room for more bytes: none are kept.",
              "本机没有空间再保存更多字节：不保存。"),
    words_for(ev::slab_marked, "kept", 1, "Its bytes are kept.", "其字节被保存。"),
    words_for(ev::debug_alloc, "checked", 0, "unchecked", "未经检查"),
    words_for(ev::debug_alloc, "checked", 1, "checked", "已检查"),
    words_for(ev::debug_free, "checked", 0, "unchecked", "未经检查"),
    words_for(ev::debug_free, "checked", 1, "checked", "已检查"),
    words_for(ev::object_traced, "alloc", 0, "free", "free"),
    words_for(ev::object_traced, "alloc", 1, "alloc", "alloc"),
    words_for(ev::bytes_overwritten, "what", checked_part::left_redzone, "Left Redzone", "Left Redzone"),
    words_for(ev::bytes_overwritten, "what", checked_part::right_redzone, "Right Redzone", "Right Redzone"),
    words_for(ev::bytes_overwritten, "what", checked_part::kmalloc_redzone, "kmalloc Redzone", "kmalloc Redzone"),
    words_for(ev::bytes_overwritten, "what", checked_part::alignment_padding, "Alignment padding", "Alignment padding"),
    words_for(ev::bytes_overwritten, "what", checked_part::poison, "Poison", "Poison"),
    words_for(ev::bytes_overwritten, "what", checked_part::end_poison, "End Poison", "End Poison"),
    words_for(ev::bytes_overwritten, "what", checked_part::object_padding, "Object padding", "Object padding"),
    words_for(ev::object_error, "reason", object_fault::already_free, "Object already free", "Object already free"),
    words_for(ev::object_error, "reason", object_fault::freechain_corrupt,
              "Freechain corrupt. The chain is cut here, and what is behind is lost",
              "Freechain corrupt。链表在此截断，其后的丢失"),
    words_for(ev::object_error, "reason", object_fault::freepointer_corrupt, "Freepointer corrupt",
              "Freepointer corrupt"),
    words_for(ev::slab_error, "reason", slab_fault::invalid_pointer, "Invalid object pointer {object}",
              "Invalid object pointer {object}"),
    words_for(ev::slab_error, "reason", slab_fault::freepointer_corrupt, "Freepointer corrupt", "Freepointer corrupt"),
    words_for(ev::slab_error, "reason", slab_fault::wrong_count,
              "Wrong object count. Counter is {a} but counted were {b}",
              "Wrong object count. Counter is {a} but counted were {b}"),
    words_for(ev::slab_error, "reason", slab_fault::too_many_inuse, "inuse {a} > max {b}", "inuse {a} > max {b}"),
    words_for(ev::slab_error, "reason", slab_fault::too_few_allocated,
              "Slab has {a} allocated objects but {b} are to be freed",
              "Slab has {a} allocated objects but {b} are to be freed"),
    words_for(ev::slab_error, "reason", slab_fault::disabled,
              "Slab disabled since SLUB metadata consistency check failed",
              "Slab disabled since SLUB metadata consistency check failed"),
    words_for(ev::slub_fix, "reason", slab_repair::restoring,
              "Restoring {what}, {length} from offset {start}, to {value}",
              "Restoring {what}：从偏移 {start} 起 {length} 恢复为 {value}"),
    words_for(ev::slub_fix, "reason", slab_repair::all_used,
              "Marking all objects used, so that nobody gets one of them any more",
              "Marking all objects used：不再有人得到其中的对象"),
    words_for(ev::slub_fix, "reason", slab_repair::count_adjusted, "Object count adjusted", "Object count adjusted"),
    words_for(ev::slub_fix, "reason", slab_repair::freelist_cleared, "Freelist cleared", "Freelist cleared"),
    words_for(ev::slub_fix, "reason", slab_repair::isolated, "Isolate corrupted freechain",
              "Isolate corrupted freechain"),
    words_for(ev::slub_fix, "reason", slab_repair::not_freed, "Object at {object} not freed: it stays in use for good",
              "Object at {object} not freed：它将一直算在用"),
    words_for(ev::slub_fix, "what", checked_part::left_redzone, "Left Redzone", "Left Redzone"),
    words_for(ev::slub_fix, "what", checked_part::right_redzone, "Right Redzone", "Right Redzone"),
    words_for(ev::slub_fix, "what", checked_part::kmalloc_redzone, "kmalloc Redzone", "kmalloc Redzone"),
    words_for(ev::slub_fix, "what", checked_part::alignment_padding, "Alignment padding", "Alignment padding"),
    words_for(ev::slub_fix, "what", checked_part::poison, "Poison", "Poison"),
    words_for(ev::slub_fix, "what", checked_part::end_poison, "End Poison", "End Poison"),
    words_for(ev::slub_fix, "what", checked_part::object_padding, "Object padding", "Object padding"),
    words_for(ev::slub_fix, "what", checked_part::slab_padding, "slab padding", "slab padding"),
    words_for(ev::object_written, "from", write_place::object, "an object", "对象"),
    words_for(ev::object_written, "from", write_place::left_redzone, "a left red zone", "左红区"),
    words_for(ev::object_written, "from", write_place::right_redzone, "a right red zone", "右红区"),
    words_for(ev::object_written, "from", write_place::free_pointer, "a free pointer behind the object",
              "对象之后的空闲指针"),
    words_for(ev::object_written, "from", write_place::tracks, "tracking data", "跟踪数据"),
    words_for(ev::object_written, "from", write_place::padding, "padding", "填充"),
    words_for(ev::object_written, "from", write_place::slab_padding, "what is left of the slab", "slab 的剩余部分"),
    words_for(ev::object_written, "to", write_place::object, "an object", "对象"),
    words_for(ev::object_written, "to", write_place::left_redzone, "a left red zone", "左红区"),
    words_for(ev::object_written, "to", write_place::right_redzone, "a right red zone", "右红区"),
    words_for(ev::object_written, "to", write_place::free_pointer, "a free pointer behind the object",
              "对象之后的空闲指针"),
    words_for(ev::object_written, "to", write_place::tracks, "tracking data", "跟踪数据"),
    words_for(ev::object_written, "to", write_place::padding, "padding", "填充"),
    words_for(ev::object_written, "to", write_place::slab_padding, "what is left of the slab", "slab 的剩余部分"),
    words_for(ev::object_written, "held", 0, "free: a use after free", "是空闲的：释放后使用"),
    words_for(ev::object_written, "held", 1, "in use", "正在使用"),
    words_for(ev::write_unseen, "reason", write_unseen_reason::no_slab,
              "the address is in no slab of SLUB, and other bytes are not kept",
              "地址不在 SLUB 的 slab 中，其他字节不保存"),
    words_for(ev::write_unseen, "reason", write_unseen_reason::outside,
              "all of it is outside the slab, and other bytes are not kept", "全部在 slab 之外，其他字节不保存"),
    words_for(ev::write_unseen, "reason", write_unseen_reason::no_room, "the machine has no room for more bytes",
              "本机没有空间再保存更多字节"),
    words_for(ev::freepointer_overwritten, "reason", pointer_fate::nowhere,
              "no object begins there. Without checks the kernel follows it at the next allocations and faults",
              "那里不是对象的开头。没有检查时，内核在随后的分配中会跟着它走并出错"),
    words_for(ev::freepointer_overwritten, "reason", pointer_fate::null,
              "the list ends here, and the objects behind are lost", "链表到此为止，其后的对象丢失"),
    words_for(ev::freepointer_overwritten, "reason", pointer_fate::object,
              "another object, which may be handed out twice", "另一个对象，它可能被分配两次"),
    words_for(ev::misplaced_free, "checked", 0,
              "nobody checks, and the freelist would begin in the middle of an object",
              "没有人检查，空闲链表将从对象中间开始"),
    words_for(ev::misplaced_free, "checked", 1, "the checks look at it first", "先经检查"),
};

} // namespace

EventPart slub_debug_events() { return table.with(words); }

} // namespace mm
