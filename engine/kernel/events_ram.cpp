// Events of vm_map_ram and its blocks: what each carries, and the sentence that it becomes.
#include "base/event_table.h"
#include "kernel/events.h"
#include "kernel/vm_map_ram.h"

namespace mm {

namespace {

using ev = vmap_block_event;

constexpr ArgSpec REASON{"reason", Unit::reason};
constexpr ArgSpec address(std::string_view name) { return {name, Unit::address}; }
constexpr ArgSpec bytes(std::string_view name) { return {name, Unit::bytes}; }
constexpr ArgSpec pages(std::string_view name) { return {name, Unit::pages}; }

// clang-format off
constexpr EventRow<ev> rows[] = {
    event(ev::vmap_area_taken_bare, "vmap_area_taken_bare",
          {address("start"), bytes("size"), address("hole"), address("hole_end"), bytes("align")},
          "An area: the lowest hole that holds {size}, aligned to {align}, is {hole} to {hole_end}; it begins at {start}. It has no guard page.",
          "取一段地址：能容纳 {size}、按 {align} 对齐的最低空洞是 {hole} 到 {hole_end}，从 {start} 开始。它没有保护页。"),
    event(ev::vmap_block_new, "vmap_block_new", {address("start"), bytes("size"), pages("pages"), {"cpu", Unit::cpu}},
          "No block of CPU {cpu} has room: {size} at {start} become a new one, {pages} pages of addresses. From now on small mappings of "
          "this CPU are cut from it without a search.",
          "CPU {cpu} 的块都没有余地：{start} 处的 {size} 成为一个新块，共 {pages} 页地址。此后这个 CPU 的小映射都从它切取，不必再找空洞。"),
    event(ev::vmap_block_take, "vmap_block_take", {address("start"), {"first", Unit::number}, pages("slots"), pages("pages"), pages("free")},
          "The block at {start} gives its next {slots} {slots|page|pages}, from page {first} on, for {pages} asked for (rounded up to a power of "
          "two); {free} {free|is|are} left that were never used.",
          "{start} 处的块给出后面的 {slots} 页，从第 {first} 页起；要的是 {pages} 页（取整到 2 的幂）。从未用过的还剩 {free} 页。"),
    event(ev::vm_map_ram_large, "vm_map_ram_large", {pages("pages"), pages("limit")},
          "{pages} pages are more than VMAP_MAX_ALLOC, {limit}: they get an area of their own.",
          "{pages} 页超过 VMAP_MAX_ALLOC（{limit} 页）：单独取一段地址。"),
    event(ev::vm_map_ram, "vm_map_ram", {address("address"), pages("pages")},
          "vm_map_ram() shows {pages} {pages|page|pages} at {address}. They stay the caller's.",
          "vm_map_ram() 把 {pages} 页显示在 {address}，页仍归调用者。"),
    event(ev::vm_map_ram_failed, "vm_map_ram_failed", {pages("pages"), REASON},
          "vm_map_ram() of {pages} {pages|page|pages} returns NULL: {reason}.",
          "vm_map_ram()（{pages} 页）返回 NULL：{reason}。"),
    event(ev::vm_unmap_ram, "vm_unmap_ram",
          {address("address"), pages("pages"), pages("slots"), pages("dirty"), pages("free"), pages("bits")},
          "vm_unmap_ram({address}): the entries of {pages} {pages|page|pages} go, and no TLB is told. {slots} {slots|page is|pages are} dirty "
          "now: nobody gets them before the whole block goes. Of its {bits} pages {dirty} are dirty and {free} unused.",
          "vm_unmap_ram({address})：撤销 {pages} 页的表项，但不通知 TLB。这 {slots} 页成了脏页，整块归还之前谁也得不到。"
          "块内 {bits} 页中，脏 {dirty} 页，未用 {free} 页。"),
    event(ev::vm_unmap_ram_area, "vm_unmap_ram_area", {address("address"), pages("pages")},
          "vm_unmap_ram({address}): an area of its own, so it goes as one, all {pages} {pages|page|pages}.",
          "vm_unmap_ram({address})：它有自己的区域，{pages} 页整段归还。"),
    event(ev::vmap_block_damaged, "vmap_block_damaged", {address("start"), pages("dirty"), pages("free"), pages("bits")},
          "Something was unmapped there that was not mapped so, and vm_unmap_ram() believes its caller: the counts of the block at {start} no "
          "longer agree ({dirty} dirty, {free} unused, of {bits}).",
          "这里撤销的并不是当初映射的，而 vm_unmap_ram() 相信调用者：{start} 处的块计数不再相符（脏 {dirty} 页，未用 {free} 页，共 {bits} 页）。"),
    event(ev::vmap_block_freed, "vmap_block_freed", {address("start"), REASON, pages("free"), pages("dirty"), pages("bits")},
          "The block at {start} goes: {reason}. Its {bits} pages of addresses wait for the purge.",
          "{start} 处的块归还：{reason}。它的 {bits} 页地址等待清理。"),
    event(ev::vmap_blocks_dirty, "vmap_blocks_dirty", {address("start"), address("end")},
          "Blocks that are in use have dirty pages from {start} up to {end}: the flush takes them along, so that no TLB keeps an old alias.",
          "仍在使用的块里有脏页，在 {start} 到 {end} 之间：这次刷新一并带上，不让 TLB 留下旧的别名。"),
    event(ev::vm_unmap_ram_bug, "vm_unmap_ram_bug", {address("address"), pages("pages"), REASON},
          "vm_unmap_ram({address}, {pages}): {reason}",
          "vm_unmap_ram({address}, {pages})：{reason}"),
};

constexpr EventWords words[] = {
    words_for(ev::vm_map_ram_failed, "reason", map_ram_failure::no_page, "there is no page to be mapped, WARN_ON(!page)",
              "没有可映射的页，WARN_ON(!page)"),
    words_for(ev::vm_map_ram_failed, "reason", map_ram_failure::no_addresses, "no hole of addresses is long enough", "没有足够长的地址空洞"),
    words_for(ev::vm_map_ram_failed, "reason", map_ram_failure::no_tables, "the page allocator has no page for a table", "页分配器没有页可作页表"),
    words_for(ev::vmap_block_freed, "reason", block_end::all_dirty, "all of its pages are dirty", "它的页全都脏了"),
    words_for(ev::vmap_block_freed, "reason", block_end::fragmented,
              "{dirty} {dirty|page is|pages are} dirty, {free} {free|was|were} never used, and nothing in it is mapped any more",
              "脏 {dirty} 页，从未用过 {free} 页，里面已没有任何映射"),
    words_for(ev::vm_unmap_ram_bug, "reason", unmap_ram_bug::null, "BUG_ON(!addr).", "BUG_ON(!addr)。"),
    words_for(ev::vm_unmap_ram_bug, "reason", unmap_ram_bug::not_vmalloc, "BUG_ON(), it is no address of vmalloc's space.",
              "BUG_ON()，它不是 vmalloc 空间的地址。"),
    words_for(ev::vm_unmap_ram_bug, "reason", unmap_ram_bug::unaligned, "BUG_ON(!PAGE_ALIGNED(addr)).", "BUG_ON(!PAGE_ALIGNED(addr))。"),
    words_for(ev::vm_unmap_ram_bug, "reason", unmap_ram_bug::no_block, "so few pages are looked for in a block, and none is there: a NULL pointer is followed.",
              "页数这么少，就到块里去找，而那里没有块：访问了 NULL 指针。"),
    words_for(ev::vm_unmap_ram_bug, "reason", unmap_ram_bug::behind_block,
              "the count goes on behind the end of the block. A real kernel would cut the mappings behind it; here nothing happens.",
              "页数越过了块的末尾。真实的内核会切断后面的映射；这里什么也不发生。"),
    words_for(ev::vm_unmap_ram_bug, "reason", unmap_ram_bug::free_left, "BUG_ON(vb->free): so many pages were unmapped, and some were never mapped.",
              "BUG_ON(vb->free)：撤销了这么多页，而有的页从未映射过。"),
    words_for(ev::vm_unmap_ram_bug, "reason", unmap_ram_bug::no_area_bug, "BUG_ON(!va), no area is there.", "BUG_ON(!va)，那里没有区域。"),
    words_for(ev::vm_unmap_ram_bug, "reason", unmap_ram_bug::no_area_warns, "WARN_ON_ONCE(!va), no area is there.", "WARN_ON_ONCE(!va)，那里没有区域。"),
    words_for(ev::vm_unmap_ram_bug, "reason", unmap_ram_bug::others_area,
              "so many pages have an area of their own, and this one is another's. A real kernel takes it away with all that is in it; here nothing "
              "happens.",
              "这么多页应当有自己的区域，而这个区域是别人的。真实的内核会把它连同里面的一切收走；这里什么也不发生。"),
};
// clang-format on

constexpr auto table = event_table(rows, ev::vmap_area_taken_bare);

} // namespace

EventPart vmap_block_events() { return table.with(words); }

} // namespace mm
