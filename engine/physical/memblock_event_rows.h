#pragma once
// The rows of memblock's events: what each carries, and the sentence that it becomes. Reasons and flags are spelt out by
// memblock_events.cpp.
#include "base/event_args.h"
#include "physical/memblock_events.h"

namespace mm {

namespace memblock_rows {

using ev = memblock_event;

inline constexpr ArgSpec LIST{"list", Unit::reason};
inline constexpr ArgSpec NODE{"node", Unit::node};
inline constexpr ArgSpec REASON{"reason", Unit::reason};
inline constexpr ArgSpec START{"start", Unit::phys_address};
inline constexpr ArgSpec END{"end", Unit::phys_address};
inline constexpr ArgSpec SIZE{"size", Unit::bytes};
inline constexpr ArgSpec ALIGN{"align", Unit::bytes};
inline constexpr ArgSpec CNT{"cnt", Unit::number};
inline constexpr ArgSpec INDEX{"index", Unit::number};

constexpr ArgSpec address(std::string_view name) { return {name, Unit::phys_address}; }
constexpr ArgSpec bytes(std::string_view name) { return {name, Unit::bytes}; }
constexpr ArgSpec number(std::string_view name) { return {name, Unit::number}; }

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    // -------------------------------------------------------------------------------------------------- adding a range
    event(ev::range_add, "memblock_range_add", {LIST, START, END, SIZE, NODE},
          "{start} to {end}, {size}, is to be in the list {list} (node: {node}). It may overlap what is there: only what is missing "
          "is added.",
          "{start} 到 {end}（{size}，节点：{node}）要进入 {list} 表。可以与已有的重叠：只补上缺少的部分。"),
    event(ev::range_capped, "memblock_range_capped", {START, SIZE, bytes("left")},
          "{size} from {start} on would pass the last address. They are cut to {left}.",
          "从 {start} 起 {size}，会超过最后一个地址，截为 {left}。"),
    event(ev::range_covered, "memblock_range_covered", {LIST, START, END},
          "Every byte of {start} to {end} is in the list {list} already: nothing changes.",
          "{start} 到 {end} 的每个字节都已在 {list} 表中：什么也不变。"),
    event(ev::region_new, "memblock_region_new", {LIST, START, END, INDEX, CNT},
          "No region covers {start} to {end}. It becomes {list}[{index}]; what stands behind it moves up by one. The list has "
          "{cnt} {cnt|region|regions}.",
          "没有区域包含 {start} 到 {end}。它成为 {list}[{index}]，后面的各项后移一位。表中有 {cnt} 个区域。"),
    event(ev::region_merge, "memblock_region_merge", {LIST, INDEX, number("next"), START, END, CNT},
          "{list}[{index}] and [{next}] touch and belong to the same node, so they are one region, {start} to {end}. "
          "{cnt} {cnt|is|are} left.",
          "{list}[{index}] 与 [{next}] 首尾相接，节点相同，于是合成一个区域 {start} 到 {end}。还剩 {cnt} 个。"),
    event(ev::node_conflict, "memblock_node_conflict", {LIST, START, END, NODE, {"new_node", Unit::node}},
          "WARNING: the range (node: {new_node}) runs into {start} to {end} in the list {list} (node: {node}). That region keeps its "
          "node; only what is outside of it gets the new one.",
          "WARNING：新区间（节点：{new_node}）与 {list} 表中的 {start} 到 {end}（节点：{node}）重叠。原区域保留自己的节点，只有它之外的部分"
          "归新节点。"),

    // ------------------------------------------------------------------------------------------------ removing a range
    event(ev::range_remove, "memblock_range_remove", {LIST, START, END, SIZE},
          "{start} to {end}, {size}, is to leave the list {list}. Regions that reach over an end are cut there first.",
          "{start} 到 {end}（{size}）要离开 {list} 表。跨越边界的区域先在边界处切开。"),
    event(ev::region_split, "memblock_region_split", {LIST, INDEX, START, END, address("at")},
          "{list}[{index}], {start} to {end}, is cut in two at {at}.",
          "{list}[{index}]（{start} 到 {end}）在 {at} 处切成两个。"),
    event(ev::region_gone, "memblock_region_gone", {LIST, START, END, CNT},
          "The region {start} to {end} leaves the list {list}; cnt is now {cnt}.",
          "区域 {start} 到 {end} 离开 {list} 表，cnt 变为 {cnt}。"),
    event(ev::range_absent, "memblock_range_absent", {LIST, START, END},
          "No region of {list} lies in {start} to {end}: there is nothing to take away, and nobody complains.",
          "{list} 表中没有区域在 {start} 到 {end} 之内：没有可拿走的，也不报错。"),
    event(ev::node_set, "memblock_node_set", {LIST, START, END, NODE},
          "{start} to {end} in the list {list} belongs to node {node} now.",
          "{list} 表中的 {start} 到 {end} 现在属于节点 {node}。"),

    // ------------------------------------------------------------------------------------------------- the array itself
    event(ev::array_double, "memblock_array_double",
          {LIST, number("old_max"), number("new_max"), bytes("entry"), SIZE, address("phys")},
          "The array of {list} is full: {old_max} {old_max|region|regions}. One for {new_max}, {entry} each, takes {size} in whole "
          "pages. They are found at {phys}, as any other memory, and have to be reserved themselves.",
          "{list} 的数组已满：{old_max} 个区域。能放 {new_max} 个（每个 {entry}）的新数组按整页要 {size}。它在 {phys} 处找到，和别的内存"
          "一样，因此自己也要登记为保留。"),
    event(ev::array_double_fails, "memblock_array_double_fails", {LIST, number("max"), REASON},
          "The array of {list} is full: {max} {max|region|regions}. {reason}.",
          "{list} 的数组已满：{max} 个区域。{reason}。"),
    event(ev::array_free, "memblock_array_free", {LIST, address("phys"), SIZE},
          "The old array of {list} at {phys}, {size}, is no longer needed and leaves the reserved list. Only the static one stays.",
          "{list} 的旧数组（{phys}，{size}）不再需要，从 reserved 表中去掉。只有静态数组会一直留着。"),

    // ------------------------------------------------------------------------------------------------------ allocating
    event(ev::alloc_try, "memblock_alloc_try", {SIZE, ALIGN, START, END, NODE, {"direction", Unit::reason}},
          "{size} {size|is|are} looked for in memory that nothing reserves, from {start} to {end}, {direction}, aligned to {align} "
          "(node: {node}).",
          "在未保留的内存中找 {size}：范围 {start} 到 {end}，{direction}，按 {align} 对齐（节点：{node}）。"),
    event(ev::align_zero, "memblock_align_zero", {ALIGN},
          "The alignment is 0. The kernel prints a stack trace and takes a cache line, {align}.",
          "对齐为 0。内核打印调用栈，改用一个缓存行，即 {align}。"),
    event(ev::hole_tried, "memblock_hole_tried", {START, END, SIZE, ALIGN, REASON},
          "The hole {start} to {end}: {reason}.",
          "空洞 {start} 到 {end}：{reason}。"),
    event(ev::alloc_again, "memblock_alloc_again", {REASON},
          "There is none. {reason}.",
          "没有找到。{reason}。"),
    event(ev::alloc_done, "memblock_alloc_done", {START, END, SIZE},
          "The request gets {start} to {end}, {size}: reserved to the byte, not to the page.",
          "请求得到 {start} 到 {end}，{size}：按字节保留，不按页。"),
    event(ev::alloc_fails, "memblock_alloc_fails", {SIZE},
          "No hole holds {size}: the request gets NULL. Most callers in the kernel panic then.",
          "没有空洞放得下 {size}：请求得到 NULL。内核中的多数调用者会就此 panic。"),

    // -------------------------------------------------------------------------------------------- settings and boot
    event(ev::region_trim, "memblock_region_trim", {START, END, address("new_start"), address("new_end")},
          "The memory {start} to {end} is cut to whole pages: {new_start} to {new_end}. A page is memory as a whole or not at all.",
          "内存 {start} 到 {end} 裁成整页：{new_start} 到 {new_end}。一页要么整个是内存，要么不是。"),
    event(ev::region_trim_away, "memblock_region_trim_away", {START, END, ALIGN},
          "The memory {start} to {end} has no whole unit of {align}: it is lost.",
          "内存 {start} 到 {end} 中没有完整的 {align} 单位：整个丢弃。"),
    event(ev::total_stays, "memblock_total_stays", {bytes("total"), bytes("held")},
          "The regions hold {held} now. total_size stays {total}: the kernel does not take off what it trims, and prints this number.",
          "各区域现在共有 {held}。total_size 仍是 {total}：内核裁剪时不从中减去，打印的就是这个数。"),
    event(ev::bottom_up_set, "memblock_bottom_up_set", {{"enable", Unit::flag}},
          "From now on holes are searched {enable}.",
          "从现在起，{enable}查找空洞。"),
    event(ev::limit_set, "memblock_limit_set", {ArgSpec{"limit", Unit::address_term}},
          "current_limit is {limit}: requests without a limit of their own stay below it. What the kernel cannot reach yet, because it "
          "is not mapped, is of no use to it.",
          "current_limit 为 {limit}：自己没有上限的请求都在它之下。还没有映射、内核够不着的内存，对它没有用。"),
    event(ev::resize_allowed, "memblock_resize_allowed",
          "From now on a full list may double. That had to wait: before all that is in use is reserved, a new array could overwrite it.",
          "从现在起，满了的表可以加倍。之前不行：在用的内存没有全部登记为保留，新数组可能会覆盖它们。"),
    event(ev::too_late, "memblock_too_late", {REASON},
          "{reason}.",
          "{reason}。"),
    event(ev::handover, "memblock_handover", {number("memory"), bytes("memory_size"), number("reserved"), bytes("reserved_size")},
          "What memblock knows becomes nodes, zones and struct pages: {memory} {memory|region|regions} of memory, {memory_size}, and "
          "{reserved} reserved {reserved|one|ones}, {reserved_size}.",
          "memblock 所知的变成节点、内存域和 struct page：{memory} 个内存区域共 {memory_size}，{reserved} 个保留区域共 {reserved_size}。"),
    event(ev::no_machine, "memblock_no_machine", {REASON},
          "{reason}.",
          "{reason}。"),
    event(ev::discard, "memblock_discard", {number("memory"), number("reserved"), bytes("freed")},
          "This architecture does not keep memblock: {memory} {memory|region|regions} of memory and {reserved} reserved "
          "{reserved|one|ones} are forgotten. The pages of arrays that had doubled, {freed}, go to the buddy allocator.",
          "这种架构不保留 memblock，它连同 {memory} 个和 {reserved} 个区域一起被丢弃。加倍过的数组所占的页共 {freed}，交给伙伴系统。"),
};
// clang-format on

} // namespace memblock_rows

[[nodiscard]] constexpr std::span<const EventRow<memblock_event>> event_rows(memblock_event) {
    return memblock_rows::rows;
}

} // namespace mm
