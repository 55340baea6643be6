#pragma once
// The rows of the events of page tables: what each carries, and the sentence that it becomes.
#include "base/event_args.h"
#include "mmu/events.h"

namespace mm {

namespace mmu_rows {

using ev = mmu_event;
inline constexpr ArgSpec LEVEL{"level", Unit::reason};
inline constexpr ArgSpec ADDRESS{"address", Unit::virt_address};
inline constexpr ArgSpec TABLE{"table", Unit::pfn};
inline constexpr ArgSpec SPACE{"space", Unit::number};
inline constexpr ArgSpec INDEX{"index", Unit::number};
inline constexpr ArgSpec ENTRY{"entry", Unit::pte};
inline constexpr ArgSpec NR{"nr", Unit::number};
inline constexpr ArgSpec PHYS{"phys", Unit::phys_address};
inline constexpr ArgSpec SIZE{"size", Unit::bytes};
inline constexpr ArgSpec REASON{"reason", Unit::reason};
inline constexpr ArgSpec DONE{"done", Unit::bytes};
inline constexpr ArgSpec HELPER{"helper", Unit::reason};
inline constexpr ArgSpec ERRNO{"errno", Unit::number};

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    event(ev::pgd_allocated, "pgd_allocated",
          {SPACE, TABLE, {"entries", Unit::number}, {"kernel", Unit::flag}, SIZE, {"shared", Unit::flag}},
          "Address space {space}, {kernel}, begins with an empty pgd of {entries} {entries|entry|entries} in frame "
          "{table}.{shared}",
          "地址空间 {space}（{kernel}）从页框 {table} 中一个空的 pgd（{entries} 项）开始。{shared}"),
    event(ev::pgd_freed, "pgd_freed", {SPACE, TABLE},
          "Nothing is left of address space {space}: its pgd in frame {table} is freed.",
          "地址空间 {space} 已无内容：释放页框 {table} 中的 pgd。"),
    event(ev::table_allocated, "table_allocated", {LEVEL, ADDRESS, TABLE, {"above", Unit::pfn}, INDEX, ENTRY},
          "There is no {level} table for {address} yet: frame {table} becomes one, and entry {index} of the table in frame "
          "{above} points at it: {entry}.",
          "{address} 还没有 {level} 表：页框 {table} 成为新表，页框 {above} 中的表第 {index} 项指向它：{entry}。"),
    event(ev::table_unlinked, "table_unlinked", {LEVEL, ADDRESS, TABLE},
          "The {level} table for {address} is empty: the entry above it is cleared. A TLB may still know the way, so frame "
          "{table} is kept until the invalidation.",
          "{address} 的 {level} 表已空：清除上级的表项。TLB 可能还记得这条路径，所以页框 {table} 要留到失效之后。"),
    event(ev::table_freed, "table_freed", {LEVEL, ADDRESS, TABLE},
          "No entry names the {level} table for {address} any more: frame {table} is freed.",
          "{address} 的 {level} 表已没有表项指向：释放页框 {table}。"),
    event(ev::table_no_memory, "table_no_memory", {LEVEL, ADDRESS},
          "There is no page for a {level} table for {address}.",
          "没有页可作 {address} 的 {level} 表。"),
    event(ev::entries_set, "entries_set",
          {LEVEL, ADDRESS, PHYS, NR, SIZE, {"contiguous", Unit::reason}, TABLE, ENTRY},
          "{nr} {nr|entry|entries} of the {level} table in frame {table} now {nr|maps|map} {address} to {phys}, "
          "{size} each{contiguous}. The first is {entry}.",
          "页框 {table} 中 {level} 表的 {nr} 项把 {address} 映射到 {phys}，每项 {size}{contiguous}。第一项是 {entry}。"),
    event(ev::entries_cleared, "entries_cleared", {LEVEL, ADDRESS, NR, TABLE},
          "{nr} {nr|entry|entries} of the {level} table in frame {table}, from {address} on, {nr|is|are} cleared.",
          "清除页框 {table} 中 {level} 表自 {address} 起的 {nr} 项。"),
    event(ev::block_invalidated, "block_invalidated", {LEVEL, ADDRESS, TABLE, ENTRY},
          "The {level} block at {address} is to become a table. First its entry in frame {table} is made invalid, {entry}, and TLBs "
          "forget it: they must never hold the block and a page of it together.",
          "{address} 处的 {level} 块要变为页表。先使页框 {table} 中的表项无效（{entry}），并让 TLB 忘掉它：TLB 不得同时持有该块和其中的一页。"),
    event(ev::block_split, "block_split", {LEVEL, ADDRESS, TABLE, NR, SIZE},
          "The {level} block of {size} at {address} becomes a table in frame {table} with {nr} {nr|entry that "
          "maps|entries that map} the same.",
          "{address} 处 {size} 的 {level} 块变为页框 {table} 中的一张表，{nr} 项映射相同的内容。"),
    event(ev::contiguous_broken, "contiguous_broken", {LEVEL, ADDRESS, NR, TABLE},
          "Only a part of a contiguous row changes. First all {nr} {nr|entry|entries} of the {level} table in frame {table}, from "
          "{address} on, are cleared, and TLBs forget them: they must never hold the row and one of its entries together.",
          "连续项只有一部分改变。先清除页框 {table} 中 {level} 表自 {address} 起的全部 {nr} 项，并让 TLB 忘掉它们：TLB "
          "不得同时持有整行和其中的一项。"),
    event(ev::contiguous_unfolded, "contiguous_unfolded", {LEVEL, ADDRESS, NR, TABLE},
          "All {nr} {nr|entry|entries} of the {level} table in frame {table}, from {address} on, are written again, without "
          "the contiguous bit.",
          "页框 {table} 中 {level} 表自 {address} 起的 {nr} 项重新写入，不再带连续位。"),
    event(ev::map_begins, "map_begins", {SPACE, ADDRESS, PHYS, SIZE, {"prot", Unit::pte}},
          "In address space {space}, {size} from {address} on {size|is|are} to be mapped to {phys} with the "
          "protection {prot}.",
          "在地址空间 {space} 中，把自 {address} 起的 {size} 映射到 {phys}，保护位 {prot}。"),
    event(ev::map_refused, "map_refused", {SPACE, ADDRESS, SIZE, REASON, DONE, ERRNO, {"bits", Unit::number}},
          "The mapping of {size} at {address} in address space {space} fails with error −{errno}: {reason}. {done} "
          "{done|was|were} mapped before.",
          "在地址空间 {space} 的 {address} 映射 {size} 失败，错误 −{errno}：{reason}。此前已映射 {done}。"),
    event(ev::unmap_begins, "unmap_begins", {SPACE, ADDRESS, SIZE},
          "In address space {space}, {size} from {address} on {size|is|are} unmapped.",
          "在地址空间 {space} 中，解除自 {address} 起 {size} 的映射。"),
    event(ev::unmap_refused, "unmap_refused", {SPACE, ADDRESS, SIZE, REASON, DONE, ERRNO},
          "Unmapping {size} at {address} in address space {space} fails with error −{errno}: {reason}. {done} "
          "{done|was|were} unmapped before.",
          "在地址空间 {space} 中解除 {address} 处 {size} 的映射失败，错误 −{errno}：{reason}。此前已解除 {done}。"),
    event(ev::pages_mapped, "pages_mapped", {ADDRESS, NR, TABLE, ENTRY},
          "{nr} {nr|entry|entries} of the pte table in frame {table} {nr|maps|map} pages one behind the other from {address} on, each wherever its "
          "page lies. The first is {entry}.",
          "页框 {table} 中 pte 表的 {nr} 项从 {address} 起依次映射各页，每项指向该页所在之处。第一项是 {entry}。"),
    event(ev::protect_begins, "protect_begins", {SPACE, ADDRESS, SIZE, {"prot", Unit::pte}},
          "In address space {space}, {size} from {address} on get the protection {prot}.",
          "在地址空间 {space} 中，自 {address} 起的 {size} 改用保护位 {prot}。"),
    event(ev::protect_refused, "protect_refused", {SPACE, ADDRESS, SIZE, REASON, DONE, ERRNO},
          "Changing {size} at {address} in address space {space} fails with error −{errno}: {reason}. {done} were changed "
          "before.",
          "在地址空间 {space} 中更改 {address} 处的 {size} 失败，错误 −{errno}：{reason}。此前已更改 {done}。"),
    event(ev::entries_protected, "entries_protected", {LEVEL, ADDRESS, NR, TABLE, ENTRY},
          "pte_modify: {nr} {nr|entry|entries} of the {level} table in frame {table}, from {address} on, {nr|keeps its page and gets|keep their pages and get} the "
          "new protection. The first is {entry}.",
          "pte_modify：页框 {table} 中 {level} 表自 {address} 起的 {nr} 项仍指向原来的页，换上新的保护位。第一项是 {entry}。"),
    event(ev::pte_changed, "pte_changed", {HELPER, ADDRESS, {"before", Unit::pte}, {"after", Unit::pte}},
          "{helper} makes {after} of {before}; set_pte_at() writes it for {address}.",
          "{helper} 把 {before} 变成 {after}，由 set_pte_at() 写入 {address} 的表项。"),
    event(ev::pte_asked, "pte_asked", {HELPER, ADDRESS, ENTRY, {"answer", Unit::flag}},
          "{helper}({entry}) of {address} is {answer}.",
          "{address} 的 {helper}({entry})：{answer}。"),
    event(ev::pte_missing, "pte_missing", {SPACE, ADDRESS},
          "Address space {space} has no entry for {address} that a pte helper could work on.",
          "地址空间 {space} 中没有 {address} 的表项，pte 函数无从下手。"),
    event(ev::no_page_tables, "no_page_tables",
          "Page tables of x86-64 are not modelled: arm64 and i386 are.",
          "未模拟 x86-64 的页表；arm64 和 i386 有。"),
    event(ev::walk_step, "walk_step", {LEVEL, TABLE, INDEX, ENTRY, {"kind", Unit::reason}},
          "{level}: entry {index} of the table in frame {table} is {entry}, {kind}.",
          "{level}：页框 {table} 中的表第 {index} 项是 {entry}，{kind}。"),
    event(ev::walk_found, "walk_found", {ADDRESS, PHYS, SIZE},
          "{address} is at physical {phys}, in a leaf of {size}.",
          "{address} 在物理地址 {phys}，所在映射项大小 {size}。"),
    event(ev::walk_fault, "walk_fault", {ADDRESS, REASON},
          "{address} cannot be translated: {reason}.",
          "{address} 无法转换：{reason}。"),
    event(ev::boot_mapped, "boot_mapped", {{"what", Unit::reason}, ADDRESS, PHYS, SIZE, {"prot", Unit::pte}, NR, TABLE},
          "The kernel maps {what}: {size} at {address} to {phys}, with the protection {prot}. {nr} {nr|table is|tables are} made for it; the "
          "last table made until now is in frame {table}.",
          "内核映射{what}：{address} 起的 {size} 映射到 {phys}，保护位 {prot}。为此新建 {nr} 张表；至此最后建的表在页框 {table}。"),
    event(ev::boot_init_unmapped, "boot_init_unmapped", {ADDRESS, SIZE},
          "The kernel needs its init code and data no more: {size} at {address} are unmapped. Their tables stay.",
          "内核不再需要初始化代码和数据：解除 {address} 起 {size} 的映射。页表保留。"),
    event(ev::boot_map_done, "boot_map_done", {SPACE, TABLE, NR, SIZE},
          "The kernel's own page table, address space {space}, stands: its pgd is in frame {table}, and it has {nr} {nr|table|tables}, "
          "{size}. No page came from the page allocator.",
          "内核自己的页表（地址空间 {space}）已建成：pgd 在页框 {table}，共 {nr} 张表，{size}。没有页来自页分配器。"),
    event(ev::tables_made, "tables_made", {SPACE, ADDRESS, SIZE, NR},
          "For the {size} from {address} on, {nr} {nr|table is|tables are} made in address space {space}.",
          "为地址空间 {space} 中自 {address} 起的 {size} 新建 {nr} 张页表。"),
    event(ev::pgd_of_process, "pgd_of_process", {SPACE},
          "Address space {space} is a process's: it goes when the process ends (exit).",
          "地址空间 {space} 属于一个进程：进程结束（exit）时才释放。"),
};
// clang-format on

} // namespace mmu_rows

[[nodiscard]] constexpr std::span<const EventRow<mmu_event>> event_rows(mmu_event) { return mmu_rows::rows; }

} // namespace mm
