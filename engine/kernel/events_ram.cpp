// Events of vm_map_ram and its blocks: the words of their reasons. Their rows are in event_rows_ram.h.
#include "kernel/event_rows_ram.h"
#include "kernel/vm_map_ram.h"

namespace mm {

namespace {

using ev = vmap_block_event;

constexpr auto table = event_table(vmap_block_rows::rows, ev::vmap_area_taken_bare);

// clang-format off
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

} // namespace

EventPart vmap_block_events() { return table.with(words); }

} // namespace mm
