#pragma once
// The rows of the events of vm_map_ram and its blocks: what each carries, and the sentence that it becomes.
#include "base/event_args.h"
#include "kernel/events.h"

namespace mm {

namespace vmap_block_rows {

using ev = vmap_block_event;

inline constexpr ArgSpec REASON{"reason", Unit::reason};
constexpr ArgSpec virt(std::string_view name) { return {name, Unit::virt_address}; }
constexpr ArgSpec bytes(std::string_view name) { return {name, Unit::bytes}; }
constexpr ArgSpec pages(std::string_view name) { return {name, Unit::pages}; }

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    event(ev::vmap_area_taken_bare, "vmap_area_taken_bare",
          {virt("start"), bytes("size"), virt("hole"), virt("hole_end"), bytes("align")},
          "An area: the lowest hole that holds {size}, aligned to {align}, is {hole} to {hole_end}; it begins at {start}. It has no guard page.",
          "取一段地址：能容纳 {size}、按 {align} 对齐的最低空洞是 {hole} 到 {hole_end}，从 {start} 开始。它没有保护页。"),
    event(ev::vmap_block_new, "vmap_block_new", {virt("start"), bytes("size"), pages("pages"), {"cpu", Unit::cpu}},
          "No block of CPU {cpu} has room: {size} at {start} become a new one, {pages} {pages|page|pages} of addresses. From now on small "
          "mappings of this CPU are cut from it without a search.",
          "CPU {cpu} 的块都没有余地：{start} 处的 {size} 成为一个新块，共 {pages} 页地址。此后这个 CPU 的小映射都从它切取，不必再找空洞。"),
    event(ev::vmap_block_take, "vmap_block_take", {virt("start"), {"first", Unit::number}, pages("slots"), pages("pages"), pages("free")},
          "The block at {start} gives its next {slots} {slots|page|pages}, from page {first} on, for {pages} asked for (rounded up to a power of "
          "two); {free} {free|is|are} left that were never used.",
          "{start} 处的块给出后面的 {slots} 页，从第 {first} 页起；要的是 {pages} 页（取整到 2 的幂）。从未用过的还剩 {free} 页。"),
    event(ev::vm_map_ram_large, "vm_map_ram_large", {pages("pages"), pages("limit")},
          "{pages} {pages|page is|pages are} more than VMAP_MAX_ALLOC ({limit}): an area is taken for this mapping alone.",
          "{pages} 页超过 VMAP_MAX_ALLOC（{limit} 页）：单独取一段地址。"),
    event(ev::vm_map_ram, "vm_map_ram", {virt("address"), pages("pages")},
          "vm_map_ram() shows {pages} {pages|page|pages} at {address}. They stay the caller's.",
          "vm_map_ram() 把 {pages} 页显示在 {address}，页仍归调用者。"),
    event(ev::vm_map_ram_failed, "vm_map_ram_failed", {pages("pages"), REASON},
          "vm_map_ram() of {pages} {pages|page|pages} returns NULL: {reason}.",
          "vm_map_ram()（{pages} 页）返回 NULL：{reason}。"),
    event(ev::vm_unmap_ram, "vm_unmap_ram",
          {virt("address"), pages("pages"), pages("slots"), pages("dirty"), pages("free"), pages("bits")},
          "vm_unmap_ram({address}): the entries of {pages} {pages|page|pages} go, and no TLB is told. {slots} {slots|page is|pages are} dirty "
          "now, which nobody gets before the whole block goes. Of its {bits} {bits|page|pages}: dirty {dirty}, unused {free}.",
          "vm_unmap_ram({address})：撤销 {pages} 页的表项，但不通知 TLB。这 {slots} 页成了脏页，整块归还之前谁也得不到。"
          "块内 {bits} 页中，脏 {dirty} 页，未用 {free} 页。"),
    event(ev::vm_unmap_ram_area, "vm_unmap_ram_area", {virt("address"), pages("pages")},
          "vm_unmap_ram({address}): an area of its own, so it goes as one, all {pages} {pages|page|pages}.",
          "vm_unmap_ram({address})：它有自己的区域，{pages} 页整段归还。"),
    event(ev::vmap_block_damaged, "vmap_block_damaged", {virt("start"), pages("dirty"), pages("free"), pages("bits")},
          "Something was unmapped there that was not mapped so, and vm_unmap_ram() believes its caller: the counts of the block at {start} no "
          "longer agree ({dirty} dirty, {free} unused, of {bits}).",
          "这里撤销的并不是当初映射的，而 vm_unmap_ram() 相信调用者：{start} 处的块计数不再相符（脏 {dirty} 页，未用 {free} 页，共 {bits} 页）。"),
    event(ev::vmap_block_freed, "vmap_block_freed", {virt("start"), REASON, pages("free"), pages("dirty"), pages("bits")},
          "The block at {start} goes: {reason}. Its addresses, {bits} {bits|page|pages}, wait for the purge.",
          "{start} 处的块归还：{reason}。它的 {bits} 页地址等待清理。"),
    event(ev::vmap_blocks_dirty, "vmap_blocks_dirty", {virt("start"), virt("end")},
          "Blocks have dirty pages from {start} up to {end}: the flush takes them along, so that no TLB keeps an old alias.",
          "块里有脏页，在 {start} 到 {end} 之间：这次刷新一并带上，不让 TLB 留下旧的别名。"),
    event(ev::vm_unmap_ram_bug, "vm_unmap_ram_bug", {virt("address"), pages("pages"), REASON},
          "vm_unmap_ram({address}, {pages}): {reason}",
          "vm_unmap_ram({address}, {pages})：{reason}"),
};
// clang-format on

} // namespace vmap_block_rows

[[nodiscard]] constexpr std::span<const EventRow<vmap_block_event>> event_rows(vmap_block_event) {
    return vmap_block_rows::rows;
}

} // namespace mm
