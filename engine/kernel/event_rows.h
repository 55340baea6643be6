#pragma once
// The rows of the events of vmalloc, ioremap and kmap: what each carries, and the sentence that it becomes.
#include "base/event_args.h"
#include "kernel/events.h"

namespace mm {

namespace kernel_rows {

using ev = kernel_event;

inline constexpr ArgSpec REASON{"reason", Unit::reason};
inline constexpr ArgSpec WHERE{"where", Unit::reason};
inline constexpr ArgSpec HOLDS{"holds", Unit::reason};
inline constexpr ArgSpec PFN{"pfn", Unit::pfn};
inline constexpr ArgSpec PHYS{"phys", Unit::phys_address};
inline constexpr ArgSpec ENTRY{"entry", Unit::pte};
inline constexpr ArgSpec SLOT{"slot", Unit::number};
constexpr ArgSpec virt(std::string_view name) { return {name, Unit::virt_address}; }
constexpr ArgSpec term(std::string_view name) { return {name, Unit::address_term}; }
constexpr ArgSpec bytes(std::string_view name) { return {name, Unit::bytes}; }
constexpr ArgSpec pages(std::string_view name) { return {name, Unit::pages}; }

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    event(ev::vmap_area_taken, "vmap_area_taken",
          {virt("start"), bytes("size"), virt("hole"), virt("hole_end"), bytes("align")},
          "Step 1, an area: the lowest hole that holds {size}, aligned to {align}, is {hole} to {hole_end}; the area begins at {start}. Its last "
          "page is the guard page, which stays unmapped.",
          "第一步，取一段地址：能容纳 {size}、按 {align} 对齐的最低空洞是 {hole} 到 {hole_end}，区域从 {start} 开始。最后一页是保护页，不映射。"),
    event(ev::vmap_area_none, "vmap_area_none",
          {bytes("size"), bytes("align"), bytes("largest"), bytes("space"), pages("waiting"), {"gfp", Unit::gfp}},
          "No hole of vmalloc's space holds {size}, aligned to {align}: the largest has {largest}, of {space} in all. Lazily freed "
          "addresses of {waiting} {waiting|page|pages} wait. The request: {gfp}.",
          "vmalloc 的地址空间共 {space}，其中最大的空洞是 {largest}，容纳不下 {size}（按 {align} 对齐）；惰性释放的 {waiting} 页地址在等待。请求：{gfp}。"),
    event(ev::vmalloc_array, "vmalloc_array", {pages("pages"), bytes("array")},
          "The pages of the area are kept in an array: pointers to {pages} {pages|page|pages} are {array}, more than "
          "a page, so the array comes from vmalloc itself.",
          "区域的各页记在一个数组里：{pages} 页的指针共 {array}，超过一页，所以这个数组本身也来自 vmalloc。"),
    event(ev::vmalloc_pages, "vmalloc_pages", {pages("pages"), {"gfp", Unit::gfp}},
          "Step 2, the pages: {pages} {pages|page|pages} from the page allocator, each for itself ({gfp}). They need "
          "not lie side by side.",
          "第二步，取页：逐页向页分配器要 {pages} 页（{gfp}），它们不必相邻。"),
    event(ev::vmalloc_mapped, "vmalloc_mapped", {virt("start"), virt("end"), pages("pages")},
          "Step 3, the mapping: {pages} {pages|page appears|pages appear one behind the other} from {start} up to "
          "{end}. The page behind that has no entry: who runs over the end faults.",
          "第三步，建立映射：{pages} 页在 {start} 到 {end} 依次出现。其后一页没有表项，越界访问立即出错。"),
    event(ev::vmalloc, "vmalloc", {virt("address"), bytes("size"), pages("pages")},
          "vmalloc({size}) returns {address}: {pages} {pages|page|pages}.",
          "vmalloc({size}) 返回 {address}，共 {pages} 页。"),
    event(ev::vmalloc_failed, "vmalloc_failed", {bytes("size"), REASON, {"gfp", Unit::gfp}, bytes("taken")},
          "vmalloc({size}) returns NULL: {reason}. Until then it had taken {taken} of pages. Whether the kernel warns depends on {gfp}.",
          "vmalloc({size}) 返回 NULL：{reason}。此前已取得 {taken} 的页；是否警告由 {gfp} 决定。"),
    event(ev::vmap, "vmap", {virt("address"), pages("pages")},
          "vmap() shows {pages} {pages|page|pages} at {address}. What is mapped stays its owner's: vunmap() will "
          "free none of it.",
          "vmap() 把 {pages} 页显示在 {address}。页仍归原主，vunmap() 不释放它们。"),
    event(ev::vfree, "vfree", {virt("address"), pages("pages")},
          "vfree({address}): the mapping goes, and its {pages} {pages|page goes|pages go} back to the page allocator.",
          "vfree({address})：撤销映射，{pages} 页还给页分配器。"),
    event(ev::vunmap, "vunmap", {virt("address")},
          "vunmap({address}): the mapping goes, the pages are not freed.",
          "vunmap({address})：撤销映射，不释放页。"),
    event(ev::vunmap_loses_pages, "vunmap_loses_pages", {virt("address"), pages("pages")},
          "{address} was vmalloc()'s own: its {pages} {pages|page is|pages are} forgotten without being freed. No one can give them back "
          "any more; vfree() was the right call.",
          "{address} 是 vmalloc() 自己的区域：它的 {pages} 页被忘掉而没有释放，再也没有人能归还。应当调用 vfree()。"),
    event(ev::vfree_null, "vfree_null",
          "NULL is freed: nothing to do.",
          "释放 NULL：什么也不做。"),
    event(ev::vfree_bad, "vfree_bad", {virt("address"), REASON},
          "WARNING: {reason} ({address}). The kernel leaves it alone.",
          "WARNING：{reason}（{address}）。内核不作处理。"),
    event(ev::vmap_area_lazy, "vmap_area_lazy", {virt("start"), bytes("size"), pages("waiting"), pages("limit")},
          "{size} at {start} may still be in a TLB, so nobody gets these addresses yet. {waiting} {waiting|page "
          "waits|pages wait} now; at more than {limit} all TLBs are flushed at once.",
          "{start} 处的 {size} 可能还留在某个 TLB 里，暂不再分配。现有 {waiting} 页等待；超过 {limit} 页时一次刷新所有 TLB。"),
    event(ev::vmap_purge, "vmap_purge", {pages("pages"), REASON},
          "Purge ({reason}): one flush of the TLBs, and the addresses of {pages} {pages|page|pages} are free again, "
          "neighbours as one hole.",
          "清理（{reason}）：刷新一次 TLB，{pages} 页的地址重新可用，相邻的合并成一个空洞。"),
    event(ev::vmalloc_to_page, "vmalloc_to_page", {virt("address"), {"pfn", Unit::pfn}},
          "vmalloc_to_page({address}) walks the page table: frame {pfn}. No arithmetic gives it.",
          "vmalloc_to_page({address}) 要查页表：页框 {pfn}，无法靠算式得到。"),
    event(ev::kvmalloc_falls_back, "kvmalloc_falls_back", {bytes("size")},
          "kmalloc finds no {size} in one piece. A caller of kvmalloc needs only addresses in a row: vmalloc is asked.",
          "kmalloc 找不到连续的 {size}。kvmalloc 的调用者只要求地址连续，于是改用 vmalloc。"),
    // ---- huge pages behind an area
    event(ev::vmalloc_huge_wanted, "vmalloc_huge_wanted", {bytes("size"), {"nodes", Unit::number}, bytes("per_node"), bytes("huge")},
          "The caller allows huge pages. {size} over the nodes ({nodes} in all) are {per_node} each, not less than a huge page of "
          "{huge}: begin and length of the area become multiples of that.",
          "调用者允许使用大页。{size} 分到各节点（共 {nodes} 个）为每个 {per_node}，不小于一个大页 {huge}：区域的起点和长度取其整数倍。"),
    event(ev::vmalloc_small_pages, "vmalloc_small_pages", {bytes("size"), REASON, bytes("per_node"), bytes("huge")},
          "{size} in single pages: {reason}.",
          "{size} 用单页满足：{reason}。"),
    event(ev::vmalloc_huge_pages, "vmalloc_huge_pages", {{"count", Unit::number}, {"order", Unit::order}, pages("pages"), {"gfp", Unit::gfp}},
          "Step 2, the pages: {pages} {pages|page|pages} as {count} {count|block|blocks} of order {order} ({gfp}). Each block is split at once into pages of "
          "its own, so that nobody sees a difference; only the mapping knows.",
          "第二步，取页：{pages} 页，即 {count} 个 {order} 阶的块（{gfp}）。每块随即拆成独立的页，使用者看不出区别，只有映射知道。"),
    event(ev::vmalloc_huge_falls_back, "vmalloc_huge_falls_back", {bytes("size"), REASON},
          "No huge pages for {size}: {reason}. What was taken goes back, and all begins again with single pages.",
          "{size} 得不到大页：{reason}。已取得的全部归还，再用单页从头来过。"),
    // ---- ioremap
    event(ev::ioremap_begins, "ioremap_begins", {PHYS, bytes("size"), virt("start"), pages("pages"), bytes("offset"), bytes("align")},
          "{size} of a device at physical {phys}: the whole pages from {start} on, {pages} of them, are to be mapped; the offset of "
          "{offset} in the first stays. The area begins at a multiple of {align}.",
          "物理地址 {phys} 处设备的 {size}：要映射自 {start} 起的整页，共 {pages} 页；首页内的偏移 {offset} 保留。区域从 {align} 的整数倍开始。"),
    event(ev::ioremap, "ioremap", {PHYS, bytes("size"), virt("address"), {"memory", Unit::reason}},
          "ioremap({phys}, {size}) returns {address}: {memory}.",
          "ioremap({phys}, {size}) 返回 {address}：{memory}。"),
    event(ev::ioremap_refused, "ioremap_refused", {PHYS, bytes("size"), REASON, {"bits", Unit::number}},
          "ioremap({phys}, {size}) returns NULL: {reason}.",
          "ioremap({phys}, {size}) 返回 NULL：{reason}。"),
    event(ev::ioremap_linear, "ioremap_linear", {PHYS, virt("address")},
          "{phys} is memory, and memory has a cached mapping already: ioremap_cache() returns its address in the linear map, "
          "{address}, and takes no area.",
          "{phys} 是内存，而内存已有可缓存的映射：ioremap_cache() 返回它在线性映射中的地址 {address}，不占区域。"),
    event(ev::ioremap_covers_memory, "ioremap_covers_memory", {term("memory")},
          "Only the first page was checked. From {memory} on the range is memory: it will have two mappings with different "
          "attributes, and no one has warned.",
          "只检查了第一页。自 {memory} 起这段范围是内存：它将有两个属性不同的映射，而没有任何警告。"),
    event(ev::iounmap, "iounmap", {virt("address"), virt("start")},
          "iounmap({address}): the area of the page {start} goes.",
          "iounmap({address})：撤销页 {start} 所在的区域。"),
    event(ev::iounmap_ignored, "iounmap_ignored", {virt("address"), REASON},
          "iounmap({address}) does nothing: {reason}.",
          "iounmap({address}) 什么也不做：{reason}。"),
    // ---- kmap
    event(ev::kmap_lowmem, "kmap_lowmem", {PFN, virt("address")},
          "Frame {pfn} is low memory: it has its place in the linear map, {address}. Nothing is mapped, and nothing has to be undone.",
          "页框 {pfn} 属于低端内存：它在线性映射中的地址是 {address}。不用映射，也不用撤销。"),
    event(ev::pkmap_entry_set, "pkmap_entry_set", {SLOT, {"from", Unit::number}, PFN, virt("address"), ENTRY},
          "last_pkmap_nr goes on from {from} to the next unused entry, {slot}: set_pte_at() writes {entry} there, and frame {pfn} "
          "appears at {address}.",
          "last_pkmap_nr 从 {from} 走到下一个未用的表项 {slot}：set_pte_at() 在那里写入 {entry}，页框 {pfn} 出现在 {address}。"),
    event(ev::pkmap_flush, "pkmap_flush", {{"flushed", Unit::number}, {"slots", Unit::number}, {"any", Unit::flag}},
          "flush_all_zero_pkmaps() looks through the table of {slots}: {any}",
          "flush_all_zero_pkmaps() 查看全部 {slots} 个表项：{any}"),
    event(ev::kmap, "kmap", {PFN, virt("address"), SLOT, {"count", Unit::number}, {"known", Unit::flag}},
          "kmap() of frame {pfn} returns {address}: {known}, entry {slot}. Its count is now {count}: 1 for the entry, the rest for "
          "its users.",
          "对页框 {pfn} 的 kmap() 返回 {address}：{known}，表项 {slot}。计数现为 {count}：表项本身占 1，其余是使用者。"),
    event(ev::kmap_would_sleep, "kmap_would_sleep", {PFN, {"slots", Unit::number}, {"waiting", Unit::number}},
          "Each of the {slots} is in use: the task that wants frame {pfn} sleeps until a kunmap() wakes it. {waiting} of them sleep "
          "now. Here the op ends without an address.",
          "全部 {slots} 个表项都在使用：想映射页框 {pfn} 的任务睡眠，直到某个 kunmap() 把它唤醒。现有 {waiting} 个在睡。这里操作结束，没有得到地址。"),
    event(ev::kmap_wake_up, "kmap_wake_up", {{"waiting", Unit::number}},
          "Nobody uses this entry any more: the sleepers in kmap(), {waiting} in all, wake up and search again.",
          "这个表项已无人使用：在 kmap() 中睡眠的任务（{waiting} 个）醒来，重新查找。"),
    event(ev::kunmap_lowmem, "kunmap_lowmem", {PFN},
          "Frame {pfn} is low memory: kunmap() has nothing to do.",
          "页框 {pfn} 属于低端内存：kunmap() 无事可做。"),
    event(ev::kunmap, "kunmap", {PFN, virt("address"), SLOT, {"count", Unit::number}, {"used", Unit::flag}},
          "kunmap() of frame {pfn} at {address}: the count of entry {slot} falls to {count}. {used}",
          "对页框 {pfn}（{address}）的 kunmap()：表项 {slot} 的计数降到 {count}。{used}"),
    event(ev::kmap_bug, "kmap_bug", {REASON, PFN, {"cpu", Unit::cpu}, {"depth", Unit::number}},
          "kernel BUG: {reason}",
          "kernel BUG：{reason}"),
    event(ev::kmap_local, "kmap_local", {PFN, virt("address"), {"cpu", Unit::cpu}, {"depth", Unit::number}, SLOT, ENTRY, {"kind", Unit::reason}},
          "CPU {cpu} has {depth} {depth|entry|entries} in use: the next one, FIX_KMAP_BEGIN + {slot}, gets {entry}, and frame {pfn} appears at "
          "{address}. {kind}",
          "CPU {cpu} 已用 {depth} 个表项：下一个是 FIX_KMAP_BEGIN + {slot}，写入 {entry}，页框 {pfn} 出现在 {address}。{kind}"),
    event(ev::kunmap_local, "kunmap_local", {virt("address"), {"cpu", Unit::cpu}, {"depth", Unit::number}},
          "The entry that was set last, {address}, is cleared at once and flushed on CPU {cpu} alone; {depth} {depth|stays|stay} in use there.",
          "最后设置的表项 {address} 立即清除，只在 CPU {cpu} 上刷新 TLB；那里还有 {depth} 个在用。"),
    event(ev::kunmap_local_order, "kunmap_local_order", {virt("address"), term("top"), {"warned", Unit::flag}},
          "{address} is given back, but {top} was mapped last, and that one will be cleared: these entries are a stack. {warned}",
          "归还的是 {address}，但最后映射的是 {top}，被清除的会是后者：这些表项是一个栈。{warned}"),
    event(ev::kunmap_local_nothing, "kunmap_local_nothing", {virt("address"), {"warned", Unit::flag}},
          "{address} is none of the fixmap's entries for kmap: {warned}",
          "{address} 不是 fixmap 中供 kmap 使用的表项：{warned}"),
    // ---- which function for which address
    event(ev::virt_to_phys, "virt_to_phys", {virt("address"), {"base", Unit::reason}, virt("start"), term("phys_offset"), PHYS},
          "virt_to_phys({address}) = {address} − {base} ({start}) + {phys_offset} = {phys}: arithmetic alone, no table is read.",
          "virt_to_phys({address}) = {address} − {base}（{start}）+ {phys_offset} = {phys}：只是算术，不查页表。"),
    event(ev::virt_to_phys_garbage, "virt_to_phys_garbage", {virt("address"), WHERE, PHYS, HOLDS, PFN, {"mapped", Unit::flag}, term("actual")},
          "virt_to_phys({address}) returns {phys} and is wrong: the address is {where}, but the arithmetic is that of the linear map. "
          "{phys} is {holds}. {mapped}",
          "virt_to_phys({address}) 返回 {phys}，是错的：这个地址{where}，而算式只适用于线性映射。{phys} {holds}。{mapped}"),
    event(ev::debug_virtual, "debug_virtual", {virt("address"), {"stops", Unit::flag}},
          "With CONFIG_DEBUG_VIRTUAL the kernel would have noticed that {address} is not linear: {stops}",
          "打开 CONFIG_DEBUG_VIRTUAL 的内核会发现 {address} 不是线性地址：{stops}"),
    event(ev::phys_to_virt, "phys_to_virt", {PHYS, term("phys_offset"), term("page_offset"), virt("address")},
          "phys_to_virt({phys}) = {phys} − {phys_offset} + {page_offset} = {address}: its place in the linear map.",
          "phys_to_virt({phys}) = {phys} − {phys_offset} + {page_offset} = {address}：它在线性映射中的位置。"),
    event(ev::phys_to_virt_garbage, "phys_to_virt_garbage", {PHYS, HOLDS, virt("address"), WHERE, {"mapped", Unit::flag}, term("actual")},
          "phys_to_virt({phys}) returns {address} and is wrong: {phys} is {holds}, and the linear map does not reach it. {address} is "
          "{where}. {mapped}",
          "phys_to_virt({phys}) 返回 {address}，是错的：{phys} {holds}，线性映射够不到它。{address} {where}。{mapped}"),
    event(ev::vmalloc_to_page_null, "vmalloc_to_page_null", {virt("address"), WHERE},
          "vmalloc_to_page({address}) returns NULL: the address is {where}, and no entry maps it.",
          "vmalloc_to_page({address}) 返回 NULL：这个地址{where}，没有表项映射它。"),
    event(ev::vmalloc_to_page_linear, "vmalloc_to_page_linear", {virt("address"), PFN, {"refused", Unit::flag}},
          "{address} is linear, not of vmalloc. The page table maps the linear map, too: {refused}",
          "{address} 是线性地址，不属于 vmalloc。页表也映射了线性映射：{refused}"),
    event(ev::vmalloc_to_page_device, "vmalloc_to_page_device", {virt("address"), PFN},
          "vmalloc_to_page({address}) finds frame {pfn} of a device. Memory has a struct page, a device has none: the pointer that is "
          "returned leads to nothing.",
          "vmalloc_to_page({address}) 找到的页框 {pfn} 属于设备。内存有 struct page，设备没有：返回的指针不指向任何东西。"),
    event(ev::function_missing, "function_missing", {REASON},
          "This kernel has no such function: {reason}.",
          "这个内核没有该函数：{reason}。"),
};
// clang-format on

} // namespace kernel_rows

[[nodiscard]] constexpr std::span<const EventRow<kernel_event>> event_rows(kernel_event) { return kernel_rows::rows; }

} // namespace mm
