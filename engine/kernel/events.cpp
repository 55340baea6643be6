// Events of vmalloc: what each carries, and the sentence that it becomes.
#include "kernel/events.h"

#include "base/event_table.h"
#include "kernel/vmalloc.h"

namespace mm {

namespace {

using ev = kernel_event;

constexpr ArgSpec REASON{"reason", Unit::reason};
constexpr ArgSpec address(std::string_view name) { return {name, Unit::address}; }
constexpr ArgSpec bytes(std::string_view name) { return {name, Unit::bytes}; }
constexpr ArgSpec pages(std::string_view name) { return {name, Unit::pages}; }

// clang-format off
constexpr EventRow<ev> rows[] = {
    event(ev::vmap_area_taken, "vmap_area_taken", {address("start"), bytes("size"), address("hole"), address("hole_end")},
          "Step 1, an area: the lowest hole that holds {size} is {hole} to {hole_end}; the area begins at {start}. Its last "
          "page is the guard page, which stays unmapped.",
          "第一步，取一段地址：能容纳 {size} 的最低空洞是 {hole} 到 {hole_end}，区域从 {start} 开始。最后一页是保护页，不映射。"),
    event(ev::vmap_area_none, "vmap_area_none", {bytes("size"), pages("waiting")},
          "No hole of vmalloc's space holds {size}; lazily freed addresses of {waiting} {waiting|page|pages} wait.",
          "vmalloc 的地址空间里没有能容纳 {size} 的空洞；惰性释放的 {waiting} 页地址在等待。"),
    event(ev::vmalloc_array, "vmalloc_array", {pages("pages"), bytes("array")},
          "The pages of the area are kept in an array: pointers to {pages} {pages|page|pages} are {array}, more than "
          "a page, so the array comes from vmalloc itself.",
          "区域的各页记在一个数组里：{pages} 页的指针共 {array}，超过一页，所以这个数组本身也来自 vmalloc。"),
    event(ev::vmalloc_pages, "vmalloc_pages", {pages("pages"), {"gfp", Unit::gfp}},
          "Step 2, the pages: {pages} {pages|page|pages} from the page allocator, each for itself ({gfp}). They need "
          "not lie side by side.",
          "第二步，取页：逐页向页分配器要 {pages} 页（{gfp}），它们不必相邻。"),
    event(ev::vmalloc_mapped, "vmalloc_mapped", {address("start"), address("end"), pages("pages")},
          "Step 3, the mapping: {pages} {pages|page appears|pages appear one behind the other} from {start} up to "
          "{end}. The page behind that has no entry: who runs over the end faults.",
          "第三步，建立映射：{pages} 页在 {start} 到 {end} 依次出现。其后一页没有表项，越界访问立即出错。"),
    event(ev::vmalloc, "vmalloc", {address("address"), bytes("size"), pages("pages")},
          "vmalloc({size}) returns {address}: {pages} {pages|page|pages}.",
          "vmalloc({size}) 返回 {address}，共 {pages} 页。"),
    event(ev::vmalloc_failed, "vmalloc_failed", {bytes("size"), REASON},
          "vmalloc({size}) returns NULL: {reason}.",
          "vmalloc({size}) 返回 NULL：{reason}。"),
    event(ev::vmap, "vmap", {address("address"), pages("pages")},
          "vmap() shows {pages} {pages|page|pages} at {address}. What is mapped stays its owner's: vunmap() will "
          "free none of it.",
          "vmap() 把 {pages} 页显示在 {address}。页仍归原主，vunmap() 不释放它们。"),
    event(ev::vfree, "vfree", {address("address"), pages("pages")},
          "vfree({address}): the mapping goes, and its {pages} {pages|page goes|pages go} back to the page allocator.",
          "vfree({address})：撤销映射，{pages} 页还给页分配器。"),
    event(ev::vunmap, "vunmap", {address("address")},
          "vunmap({address}): the mapping goes, the pages stay their owner's.",
          "vunmap({address})：撤销映射，页仍归原主。"),
    event(ev::vfree_null, "vfree_null",
          "NULL is freed: nothing to do.",
          "释放 NULL：什么也不做。"),
    event(ev::vfree_bad, "vfree_bad", {address("address"), REASON},
          "WARNING: {reason} ({address}). The kernel leaves it alone.",
          "WARNING：{reason}（{address}）。内核不作处理。"),
    event(ev::vmap_area_lazy, "vmap_area_lazy", {address("start"), bytes("size"), pages("waiting"), pages("limit")},
          "{size} at {start} may still be in a TLB, so nobody gets these addresses yet. {waiting} {waiting|page "
          "waits|pages wait} now; at more than {limit} all TLBs are flushed at once.",
          "{start} 处的 {size} 可能还留在某个 TLB 里，暂不再分配。现有 {waiting} 页等待；超过 {limit} 页时一次刷新所有 TLB。"),
    event(ev::vmap_purge, "vmap_purge", {pages("pages"), REASON},
          "Purge ({reason}): one flush of the TLBs, and the addresses of {pages} {pages|page|pages} are free again, "
          "neighbours as one hole.",
          "清理（{reason}）：刷新一次 TLB，{pages} 页的地址重新可用，相邻的合并成一个空洞。"),
    event(ev::vmalloc_to_page, "vmalloc_to_page", {address("address"), {"pfn", Unit::pfn}},
          "vmalloc_to_page({address}) walks the page table: frame {pfn}. No arithmetic gives it.",
          "vmalloc_to_page({address}) 要查页表：页框 {pfn}，无法靠算式得到。"),
    event(ev::kvmalloc_falls_back, "kvmalloc_falls_back", {bytes("size")},
          "kmalloc finds no {size} in one piece. A caller of kvmalloc needs only addresses in a row: vmalloc is asked.",
          "kmalloc 找不到连续的 {size}。kvmalloc 的调用者只要求地址连续，于是改用 vmalloc。"),
};

constexpr EventWords words[] = {
    words_for(ev::vmalloc_failed, "reason", vmalloc_failure::nothing_asked, "0 bytes are asked for, with a warning",
              "请求 0 字节，并给出警告"),
    words_for(ev::vmalloc_failed, "reason", vmalloc_failure::more_than_ram, "that is more than all memory has pages",
              "比全部内存的页还多"),
    words_for(ev::vmalloc_failed, "reason", vmalloc_failure::no_addresses, "no hole of addresses is long enough",
              "没有足够长的地址空洞"),
    words_for(ev::vmalloc_failed, "reason", vmalloc_failure::no_pages, "the page allocator has no page left",
              "页分配器已没有可用的页"),
    words_for(ev::vmalloc_failed, "reason", vmalloc_failure::too_many_pages,
              "this explorer keeps at most 2 GiB in an area", "本工具的一个区域最多 2 GiB"),
    words_for(ev::vfree_bad, "reason", vfree_misuse::unaligned, "Trying to vfree() bad address", "Trying to vfree() bad address"),
    words_for(ev::vfree_bad, "reason", vfree_misuse::no_area, "Trying to vfree() nonexistent vm area",
              "Trying to vfree() nonexistent vm area"),
    words_for(ev::vmap_purge, "reason", purge_reason::limit, "more wait than may wait", "等待的超过上限"),
    words_for(ev::vmap_purge, "reason", purge_reason::no_hole, "there was no hole left", "已没有空洞"),
    words_for(ev::vmap_purge, "reason", purge_reason::asked, "vm_unmap_aliases", "vm_unmap_aliases"),
};
// clang-format on

constexpr auto table = event_table(rows, ev::vmap_area_taken);

} // namespace

std::span<const EventSpec> kernel_events() { return table; }
std::span<const EventWords> kernel_event_words() { return words; }

} // namespace mm
