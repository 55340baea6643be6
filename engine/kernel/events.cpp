// Events of vmalloc, ioremap and kmap: what each carries, and the sentence that it becomes.
#include "kernel/events.h"

#include "base/event_table.h"
#include "kernel/address.h"
#include "kernel/ioremap.h"
#include "kernel/kmap.h"
#include "kernel/vmalloc.h"

namespace mm {

namespace {

using ev = kernel_event;

constexpr ArgSpec REASON{"reason", Unit::reason};
constexpr ArgSpec WHERE{"where", Unit::reason};
constexpr ArgSpec HOLDS{"holds", Unit::reason};
constexpr ArgSpec PFN{"pfn", Unit::pfn};
constexpr ArgSpec SLOT{"slot", Unit::number};
constexpr ArgSpec address(std::string_view name) { return {name, Unit::address}; }
constexpr ArgSpec bytes(std::string_view name) { return {name, Unit::bytes}; }
constexpr ArgSpec pages(std::string_view name) { return {name, Unit::pages}; }

// clang-format off
constexpr EventRow<ev> rows[] = {
    event(ev::vmap_area_taken, "vmap_area_taken",
          {address("start"), bytes("size"), address("hole"), address("hole_end"), bytes("align")},
          "Step 1, an area: the lowest hole that holds {size}, aligned to {align}, is {hole} to {hole_end}; the area begins at {start}. Its last "
          "page is the guard page, which stays unmapped.",
          "第一步，取一段地址：能容纳 {size}、按 {align} 对齐的最低空洞是 {hole} 到 {hole_end}，区域从 {start} 开始。最后一页是保护页，不映射。"),
    event(ev::vmap_area_none, "vmap_area_none",
          {bytes("size"), bytes("align"), bytes("largest"), bytes("space"), pages("waiting")},
          "No hole of vmalloc's space holds {size}, aligned to {align}: the largest has {largest}, of {space} in all. Lazily freed "
          "addresses of {waiting} {waiting|page|pages} wait.",
          "vmalloc 的地址空间共 {space}，其中最大的空洞是 {largest}，容纳不下 {size}（按 {align} 对齐）；惰性释放的 {waiting} 页地址在等待。"),
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
          "vunmap({address}): the mapping goes, the pages are not freed.",
          "vunmap({address})：撤销映射，不释放页。"),
    event(ev::vunmap_loses_pages, "vunmap_loses_pages", {address("address"), pages("pages")},
          "{address} was vmalloc()'s own: its {pages} {pages|page is|pages are} forgotten without being freed. No one can give them back "
          "any more; vfree() was the right call.",
          "{address} 是 vmalloc() 自己的区域：它的 {pages} 页被忘掉而没有释放，再也没有人能归还。应当调用 vfree()。"),
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
    event(ev::ioremap_begins, "ioremap_begins", {address("phys"), bytes("size"), address("start"), pages("pages"), bytes("offset"), bytes("align")},
          "{size} of a device at physical {phys}: the whole pages from {start} on, {pages} of them, are to be mapped; the offset of "
          "{offset} in the first stays. The area begins at a multiple of {align}.",
          "物理地址 {phys} 处设备的 {size}：要映射自 {start} 起的整页，共 {pages} 页；首页内的偏移 {offset} 保留。区域从 {align} 的整数倍开始。"),
    event(ev::ioremap, "ioremap", {address("phys"), bytes("size"), address("address"), {"memory", Unit::reason}},
          "ioremap({phys}, {size}) returns {address}: {memory}.",
          "ioremap({phys}, {size}) 返回 {address}：{memory}。"),
    event(ev::ioremap_refused, "ioremap_refused", {address("phys"), bytes("size"), REASON, {"bits", Unit::number}},
          "ioremap({phys}, {size}) returns NULL: {reason}.",
          "ioremap({phys}, {size}) 返回 NULL：{reason}。"),
    event(ev::ioremap_linear, "ioremap_linear", {address("phys"), address("address")},
          "{phys} is memory, and memory has a cached mapping already: ioremap_cache() returns its address in the linear map, "
          "{address}, and takes no area.",
          "{phys} 是内存，而内存已有可缓存的映射：ioremap_cache() 返回它在线性映射中的地址 {address}，不占区域。"),
    event(ev::ioremap_covers_memory, "ioremap_covers_memory", {address("memory")},
          "Only the first page was checked. From {memory} on the range is memory: it will have two mappings with different "
          "attributes, and no one has warned.",
          "只检查了第一页。自 {memory} 起这段范围是内存：它将有两个属性不同的映射，而没有任何警告。"),
    event(ev::iounmap, "iounmap", {address("address"), address("start")},
          "iounmap({address}): the area of the page {start} goes.",
          "iounmap({address})：撤销页 {start} 所在的区域。"),
    event(ev::iounmap_ignored, "iounmap_ignored", {address("address"), REASON},
          "iounmap({address}) does nothing: {reason}.",
          "iounmap({address}) 什么也不做：{reason}。"),
    // ---- kmap
    event(ev::kmap_lowmem, "kmap_lowmem", {PFN, address("address")},
          "Frame {pfn} is low memory: it has its place in the linear map, {address}. Nothing is mapped, and nothing has to be undone.",
          "页框 {pfn} 属于低端内存：它在线性映射中的地址是 {address}。不用映射，也不用撤销。"),
    event(ev::pkmap_entry_set, "pkmap_entry_set", {SLOT, {"from", Unit::number}, PFN, address("address"), address("entry")},
          "last_pkmap_nr goes on from {from} to the next unused entry, {slot}: set_pte_at() writes {entry} there, and frame {pfn} "
          "appears at {address}.",
          "last_pkmap_nr 从 {from} 走到下一个未用的表项 {slot}：set_pte_at() 在那里写入 {entry}，页框 {pfn} 出现在 {address}。"),
    event(ev::pkmap_flush, "pkmap_flush", {{"flushed", Unit::number}, {"slots", Unit::number}, {"any", Unit::flag}},
          "flush_all_zero_pkmaps() looks through the table of {slots}: {any}",
          "flush_all_zero_pkmaps() 查看全部 {slots} 个表项：{any}"),
    event(ev::kmap, "kmap", {PFN, address("address"), SLOT, {"count", Unit::number}, {"known", Unit::flag}},
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
    event(ev::kunmap, "kunmap", {PFN, address("address"), SLOT, {"count", Unit::number}, {"used", Unit::flag}},
          "kunmap() of frame {pfn} at {address}: the count of entry {slot} falls to {count}. {used}",
          "对页框 {pfn}（{address}）的 kunmap()：表项 {slot} 的计数降到 {count}。{used}"),
    event(ev::kmap_bug, "kmap_bug", {REASON, PFN, {"cpu", Unit::cpu}, {"depth", Unit::number}},
          "kernel BUG: {reason}",
          "kernel BUG：{reason}"),
    event(ev::kmap_local, "kmap_local", {PFN, address("address"), {"cpu", Unit::cpu}, {"depth", Unit::number}, SLOT, address("entry"), {"kind", Unit::reason}},
          "CPU {cpu} has {depth} {depth|entry|entries} in use: the next one, FIX_KMAP_BEGIN + {slot}, gets {entry}, and frame {pfn} appears at "
          "{address}. {kind}",
          "CPU {cpu} 已用 {depth} 个表项：下一个是 FIX_KMAP_BEGIN + {slot}，写入 {entry}，页框 {pfn} 出现在 {address}。{kind}"),
    event(ev::kunmap_local, "kunmap_local", {address("address"), {"cpu", Unit::cpu}, {"depth", Unit::number}},
          "The entry that was set last, {address}, is cleared at once and flushed on CPU {cpu} alone; {depth} {depth|stays|stay} in use there.",
          "最后设置的表项 {address} 立即清除，只在 CPU {cpu} 上刷新 TLB；那里还有 {depth} 个在用。"),
    event(ev::kunmap_local_order, "kunmap_local_order", {address("address"), address("top"), {"warned", Unit::flag}},
          "{address} is given back, but {top} was mapped last, and that one will be cleared: these entries are a stack. {warned}",
          "归还的是 {address}，但最后映射的是 {top}，被清除的会是后者：这些表项是一个栈。{warned}"),
    event(ev::kunmap_local_nothing, "kunmap_local_nothing", {address("address"), {"warned", Unit::flag}},
          "{address} is none of the fixmap's entries for kmap: {warned}",
          "{address} 不是 fixmap 中供 kmap 使用的表项：{warned}"),
    // ---- which function for which address
    event(ev::virt_to_phys, "virt_to_phys", {address("address"), {"base", Unit::reason}, address("start"), address("phys_offset"), address("phys")},
          "virt_to_phys({address}) = {address} − {base} ({start}) + {phys_offset} = {phys}: arithmetic alone, no table is read.",
          "virt_to_phys({address}) = {address} − {base}（{start}）+ {phys_offset} = {phys}：只是算术，不查页表。"),
    event(ev::virt_to_phys_garbage, "virt_to_phys_garbage", {address("address"), WHERE, address("phys"), HOLDS, PFN, {"mapped", Unit::flag}, address("actual")},
          "virt_to_phys({address}) returns {phys} and is wrong: the address is {where}, but the arithmetic is that of the linear map. "
          "{phys} is {holds}. {mapped}",
          "virt_to_phys({address}) 返回 {phys}，是错的：这个地址{where}，而算式只适用于线性映射。{phys} {holds}。{mapped}"),
    event(ev::debug_virtual, "debug_virtual", {address("address"), {"stops", Unit::flag}},
          "With CONFIG_DEBUG_VIRTUAL the kernel would have noticed that {address} is not linear: {stops}",
          "打开 CONFIG_DEBUG_VIRTUAL 的内核会发现 {address} 不是线性地址：{stops}"),
    event(ev::phys_to_virt, "phys_to_virt", {address("phys"), address("phys_offset"), address("page_offset"), address("address")},
          "phys_to_virt({phys}) = {phys} − {phys_offset} + {page_offset} = {address}: its place in the linear map.",
          "phys_to_virt({phys}) = {phys} − {phys_offset} + {page_offset} = {address}：它在线性映射中的位置。"),
    event(ev::phys_to_virt_garbage, "phys_to_virt_garbage", {address("phys"), HOLDS, address("address"), WHERE, {"mapped", Unit::flag}, address("actual")},
          "phys_to_virt({phys}) returns {address} and is wrong: {phys} is {holds}, and the linear map does not reach it. {address} is "
          "{where}. {mapped}",
          "phys_to_virt({phys}) 返回 {address}，是错的：{phys} {holds}，线性映射够不到它。{address} {where}。{mapped}"),
    event(ev::vmalloc_to_page_null, "vmalloc_to_page_null", {address("address"), WHERE},
          "vmalloc_to_page({address}) returns NULL: the address is {where}, and no entry maps it.",
          "vmalloc_to_page({address}) 返回 NULL：这个地址{where}，没有表项映射它。"),
    event(ev::vmalloc_to_page_linear, "vmalloc_to_page_linear", {address("address"), PFN, {"refused", Unit::flag}},
          "{address} is linear, not of vmalloc. The page table maps the linear map, too: {refused}",
          "{address} 是线性地址，不属于 vmalloc。页表也映射了线性映射：{refused}"),
    event(ev::vmalloc_to_page_device, "vmalloc_to_page_device", {address("address"), PFN},
          "vmalloc_to_page({address}) finds frame {pfn} of a device. Memory has a struct page, a device has none: the pointer that is "
          "returned leads to nothing.",
          "vmalloc_to_page({address}) 找到的页框 {pfn} 属于设备。内存有 struct page，设备没有：返回的指针不指向任何东西。"),
    event(ev::function_missing, "function_missing", {REASON},
          "This kernel has no such function: {reason}.",
          "这个内核没有该函数：{reason}。"),
};

constexpr ev with_where[] = {ev::virt_to_phys_garbage, ev::phys_to_virt_garbage, ev::vmalloc_to_page_null};
constexpr ev with_failure[] = {ev::vmalloc_failed, ev::vmalloc_huge_falls_back};

struct Words {
    i64 value;
    std::string_view en, zh;
};
template <class Code> constexpr Words spelt(Code value, std::string_view en, std::string_view zh) {
    return {static_cast<i64>(value), en, zh};
}
constexpr Words places[] = {
    spelt(address_place::linear, "of the linear map, where it has no memory", "在线性映射中，但那里没有内存"),
    spelt(address_place::image, "of the kernel image's mapping, where it has no memory", "在内核映像的映射中，但那里没有内存"),
    spelt(address_place::vmalloc, "of vmalloc's space", "属于 vmalloc 空间"),
    spelt(address_place::ioremap, "a device's, from ioremap()", "是设备的，来自 ioremap()"),
    spelt(address_place::pkmap, "of the PKMAP", "属于 PKMAP"),
    spelt(address_place::fixmap, "of the fixmap", "属于 fixmap"),
    spelt(address_place::user, "of user space", "属于用户空间"),
    spelt(address_place::other, "of none of the kernel's regions", "不属于内核的任何区域"),
};
constexpr Words failures[] = {
    spelt(vmalloc_failure::nothing_asked, "0 bytes are asked for, with a warning", "请求 0 字节，并给出警告"),
    spelt(vmalloc_failure::more_than_ram, "that is more than all memory has pages", "比全部内存的页还多"),
    spelt(vmalloc_failure::no_addresses, "no hole of addresses is long enough", "没有足够长的地址空洞"),
    spelt(vmalloc_failure::no_pages, "the page allocator has no page left", "页分配器已没有可用的页"),
    spelt(vmalloc_failure::too_many_pages, "this explorer keeps at most 2 GiB in an area", "本工具的一个区域最多 2 GiB"),
    spelt(vmalloc_failure::no_tables, "the page allocator has no page for a table", "页分配器没有页可作页表"),
    spelt(vmalloc_failure::bad_align, "the alignment is no power of two (-EINVAL)", "对齐不是 2 的幂（-EINVAL）"),
    spelt(vmalloc_failure::bad_align_bug, "BUG_ON(!is_power_of_2(align)): a real kernel stops here",
          "BUG_ON(!is_power_of_2(align))：真实的内核到此停机"),
    spelt(vmalloc_failure::no_block, "the page allocator has no block of such an order left", "页分配器已没有这么大的块"),
};

constexpr EventWords own_words[] = {
    words_for(ev::vfree_bad, "reason", vfree_misuse::unaligned, "Trying to vfree() bad address", "Trying to vfree() bad address"),
    words_for(ev::vfree_bad, "reason", vfree_misuse::no_area, "Trying to vfree() nonexistent vm area",
              "Trying to vfree() nonexistent vm area"),
    words_for(ev::vmap_purge, "reason", purge_reason::limit, "more wait than may wait", "等待的超过上限"),
    words_for(ev::vmap_purge, "reason", purge_reason::no_hole, "there was no hole left", "已没有空洞"),
    words_for(ev::vmap_purge, "reason", purge_reason::asked, "vm_unmap_aliases", "vm_unmap_aliases"),
    words_for(ev::vmalloc_small_pages, "reason", small_pages::no_huge_vmalloc,
              "this architecture maps vmalloc areas in pages alone (no HAVE_ARCH_HUGE_VMALLOC)",
              "这个体系结构的 vmalloc 区域只用单页映射（没有 HAVE_ARCH_HUGE_VMALLOC）"),
    words_for(ev::vmalloc_small_pages, "reason", small_pages::too_small,
              "each node's share is {per_node}, and a huge page has {huge}", "每个节点分到 {per_node}，而一个大页是 {huge}"),
    words_for(ev::ioremap, "memory", ioremap_memory::device, "mapped as a device: no cache, no gathering, in order",
              "按设备映射：不缓存，不合并，按顺序访问"),
    words_for(ev::ioremap, "memory", ioremap_memory::write_combining, "mapped so that writes may be gathered, without cache",
              "不缓存，但写入可以合并"),
    words_for(ev::ioremap, "memory", ioremap_memory::cached, "mapped as normal memory, with cache", "按普通内存映射，可缓存"),
    words_for(ev::ioremap_refused, "reason", ioremap_refusal::nothing_asked, "0 bytes are asked for", "请求 0 字节"),
    words_for(ev::ioremap_refused, "reason", ioremap_refusal::wraps, "the last byte lies behind the end of all addresses",
              "最后一个字节超出了全部地址的末尾"),
    words_for(ev::ioremap_refused, "reason", ioremap_refusal::above_kernel,
              "this kernel has {bits} bits of physical addresses on this CPU",
              "这个内核在此 CPU 上的物理地址只有 {bits} 位"),
    words_for(ev::ioremap_refused, "reason", ioremap_refusal::above_cpu, "this CPU has {bits} bits of physical addresses",
              "此 CPU 的物理地址只有 {bits} 位"),
    words_for(ev::ioremap_refused, "reason", ioremap_refusal::memory,
              "WARNING: this is memory, which has a cached mapping already, and two mappings with different attributes of one page "
              "are not allowed",
              "WARNING：这是内存，已有可缓存的映射；同一页不允许有两个属性不同的映射"),
    words_for(ev::ioremap_refused, "reason", ioremap_refusal::memory_x86, "WARNING: ioremap on RAM", "WARNING：ioremap on RAM"),
    words_for(ev::ioremap_refused, "reason", ioremap_refusal::no_addresses, "no hole of addresses is long enough",
              "没有足够长的地址空洞"),
    words_for(ev::ioremap_refused, "reason", ioremap_refusal::no_tables, "the page allocator has no page for a table",
              "页分配器没有页可作页表"),
    words_for(ev::iounmap_ignored, "reason", iounmap_misuse::not_vmalloc, "it is no address of vmalloc's space", "它不是 vmalloc 空间的地址"),
    words_for(ev::iounmap_ignored, "reason", iounmap_misuse::below_vmalloc, "it is not above high_memory", "它不在 high_memory 之上"),
    words_for(ev::iounmap_ignored, "reason", iounmap_misuse::bad_address_x86, "iounmap: bad address, and a stack dump",
              "iounmap: bad address，并打印调用栈"),
    words_for(ev::pkmap_flush, "any", 0, "{flushed} {flushed|has|have} the count 1. Nothing to flush.", "计数为 1 的有 {flushed} 个，无需刷新。"),
    words_for(ev::pkmap_flush, "any", 1,
              "{flushed} {flushed|has|have} the count 1. What has is cleared, and one flush of all TLBs makes sure that nobody knows their pages any "
              "more.",
              "计数为 1 的有 {flushed} 个。把它们清除，再一次刷新所有 TLB，保证没有谁还记得这些页。"),
    words_for(ev::kmap, "known", 0, "a new mapping", "新的映射"),
    words_for(ev::kmap, "known", 1, "page_address() knows it already, and the search is saved", "page_address() 已经知道它，不必查找"),
    words_for(ev::kunmap, "used", 0,
              "Nobody uses it, but the entry stays: a TLB may know it. A kmap() of the same page finds it again; it goes when "
              "last_pkmap_nr comes round.",
              "已无人使用，但表项还在：某个 TLB 里可能有它。对同一页再次 kmap() 会直接找到它；last_pkmap_nr 绕回来时才清除。"),
    words_for(ev::kunmap, "used", 1, "Others use it still.", "还有别人在用。"),
    words_for(ev::kmap_bug, "reason", kmap_bug::no_page, "there is no page: the allocation had failed, and a NULL pointer is followed.",
              "没有页：当初的分配失败了，这里访问了 NULL 指针。"),
    words_for(ev::kmap_bug, "reason", kmap_bug::not_mapped, "kunmap() of frame {pfn}, which kmap() has not mapped.",
              "对页框 {pfn} 调用 kunmap()，而它没有被 kmap() 映射。"),
    words_for(ev::kmap_bug, "reason", kmap_bug::unmapped,
              "one kunmap() of frame {pfn} too many: the count would fall to 0 without a flush.",
              "对页框 {pfn} 多调用了一次 kunmap()：计数会不经刷新就降到 0。"),
    words_for(ev::kmap_bug, "reason", kmap_bug::too_deep, "CPU {cpu} has {depth} {depth|entry|entries} in use, and the next one is behind the limit.",
              "CPU {cpu} 已用 {depth} 个表项，再多就越过上限。"),
    words_for(ev::kmap_bug, "reason", kmap_bug::occupied,
              "the entry for CPU {cpu} at depth {depth} is not empty: frame {pfn} would take another CPU's.",
              "CPU {cpu} 深度 {depth} 的表项不空：页框 {pfn} 会占用别的 CPU 的表项。"),
    words_for(ev::kmap_bug, "reason", kmap_bug::too_many, "CPU {cpu} has no entry in use: one unmap too many.",
              "CPU {cpu} 没有在用的表项：多撤销了一次。"),
    words_for(ev::kmap_bug, "reason", kmap_bug::no_slot, "the fixmap has no entry for CPU {cpu} at depth {depth}.",
              "fixmap 没有 CPU {cpu} 深度 {depth} 的表项。"),
    words_for(ev::kmap_local, "kind", kmap_kind::atomic, "Until kunmap_atomic() the CPU is not preempted, and a page fault is an error.",
              "在 kunmap_atomic() 之前 CPU 不被抢占，缺页即出错。"),
    words_for(ev::kmap_local, "kind", kmap_kind::local, "The task may sleep, but does not move to another CPU.",
              "任务可以睡眠，但不会迁移到别的 CPU。"),
    words_for(ev::kunmap_local_order, "warned", 0, "This kernel does not notice.", "这个内核察觉不到。"),
    words_for(ev::kunmap_local_order, "warned", 1, "WARN_ON_ONCE().", "WARN_ON_ONCE()。"),
    words_for(ev::kunmap_local_nothing, "warned", 0, "nothing to do.", "无事可做。"),
    words_for(ev::kunmap_local_nothing, "warned", 1, "WARN_ON_ONCE(), it is not even a kernel address.", "WARN_ON_ONCE()，它甚至不是内核地址。"),
    words_for(ev::virt_to_phys, "base", phys_base::page_offset, "PAGE_OFFSET", "PAGE_OFFSET"),
    words_for(ev::virt_to_phys, "base", phys_base::kernel_map, "__START_KERNEL_map", "__START_KERNEL_map"),
    words_for(ev::virt_to_phys, "base", phys_base::kimage, "kimage_voffset", "kimage_voffset"),
    words_for(ev::virt_to_phys_garbage, "mapped", 0, "No entry maps {address}: there is no right answer.",
              "没有表项映射 {address}：根本没有正确答案。"),
    words_for(ev::virt_to_phys_garbage, "mapped", 1, "The page table says {actual}.", "页表说的是 {actual}。"),
    words_for(ev::debug_virtual, "stops", 0, "WARNING: virt_to_phys used for non-linear address.",
              "WARNING: virt_to_phys used for non-linear address。"),
    words_for(ev::debug_virtual, "stops", 1, "VIRTUAL_BUG_ON(), and it stops.", "VIRTUAL_BUG_ON()，随即停机。"),
    words_for(ev::phys_to_virt_garbage, "mapped", 0, "Nothing is mapped there: the first access faults.", "那里没有映射：第一次访问就出错。"),
    words_for(ev::phys_to_virt_garbage, "mapped", 1, "What one finds there is physical {actual}.", "在那里看到的是物理地址 {actual}。"),
    words_for(ev::vmalloc_to_page_linear, "refused", 0, "the walk finds frame {pfn}, as virt_to_page() would have by arithmetic.",
              "逐级查表得到页框 {pfn}，而 virt_to_page() 用算术就能得到。"),
    words_for(ev::vmalloc_to_page_linear, "refused", 1,
              "but in blocks, and this kernel's walk expects pages: it warns and returns NULL instead of frame {pfn}.",
              "不过用的是块，而这个内核的查表只认页：它警告并返回 NULL，而不是页框 {pfn}。"),
    words_for(ev::function_missing, "reason", missing_function::vmalloc_huge, "vmalloc_huge() came with Linux 5.18",
              "vmalloc_huge() 自 Linux 5.18 才有"),
    words_for(ev::function_missing, "reason", missing_function::kmap_local, "kmap_local_page() came with Linux 5.11; before, kmap_atomic()",
              "kmap_local_page() 自 Linux 5.11 才有，此前用 kmap_atomic()"),
    words_for(ev::virt_to_phys_garbage, "holds", phys_place::nothing, "no memory (it would be frame {pfn})", "没有内存（若有，应是页框 {pfn}）"),
    words_for(ev::virt_to_phys_garbage, "holds", phys_place::device, "memory of a device, frame {pfn}", "是设备的内存，页框 {pfn}"),
    words_for(ev::virt_to_phys_garbage, "holds", phys_place::low_memory, "memory, but another's: frame {pfn}", "是内存，却是别人的：页框 {pfn}"),
    words_for(ev::virt_to_phys_garbage, "holds", phys_place::high_memory, "high memory, but another's: frame {pfn}",
              "是高端内存，却是别人的：页框 {pfn}"),
    words_for(ev::phys_to_virt_garbage, "holds", phys_place::nothing, "no memory", "不是内存"),
    words_for(ev::phys_to_virt_garbage, "holds", phys_place::device, "memory of a device", "是设备的内存"),
    words_for(ev::phys_to_virt_garbage, "holds", phys_place::low_memory, "low memory", "是低端内存"),
    words_for(ev::phys_to_virt_garbage, "holds", phys_place::high_memory, "high memory", "是高端内存"),
};
// clang-format on

constexpr auto table = event_table(rows, ev::vmap_area_taken);

constexpr auto words = [] {
    std::array<EventWords, std::size(own_words) + std::size(with_where) * std::size(places) +
                               std::size(with_failure) * std::size(failures)>
        all;
    std::size_t n = 0;
    for (const EventWords& row : own_words) all[n++] = row;
    for (const ev kind : with_where)
        for (const Words& row : places) all[n++] = words_for(kind, "where", row.value, row.en, row.zh);
    for (const ev kind : with_failure)
        for (const Words& row : failures) all[n++] = words_for(kind, "reason", row.value, row.en, row.zh);
    return all;
}();

} // namespace

EventPart kernel_events() { return table.with(words); }

} // namespace mm
