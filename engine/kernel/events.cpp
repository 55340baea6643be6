// Events of vmalloc, ioremap and kmap: the words of their reasons and flags. Their rows are in event_rows.h.
#include "kernel/events.h"

#include "kernel/address.h"
#include "kernel/event_rows.h"
#include "kernel/ioremap.h"
#include "kernel/kmap.h"
#include "kernel/vmalloc.h"

namespace mm {

namespace {

using ev = kernel_event;

// clang-format off
constexpr ev with_where[] = {ev::virt_to_phys_garbage, ev::phys_to_virt_garbage, ev::vmalloc_to_page_null};
constexpr ev with_failure[] = {ev::vmalloc_failed, ev::vmalloc_huge_falls_back};

struct Words {
    i64 value;
    LateText en, zh;
};
template <class Code> constexpr Words spelt(Code value, LateText en, LateText zh) {
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
    spelt(address_place::vmemmap, "of vmemmap, the array of struct pages", "属于 vmemmap，即 struct page 的数组"),
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

constexpr auto table = event_table(kernel_rows::rows, ev::vmap_area_taken);

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
