#include "physical/event_words.h"

#include "base/event_table.h"
#include "physical/buddy.h"
#include "physical/events.h"
#include "physical/init_memory.h"
#include "physical/linear_map.h"
#include "physical/page_alloc.h"
#include "physical/page_check.h"

namespace mm {

namespace {

using ev = physical_event;

constexpr EventWords table[] = {
    words_for(ev::zone_watermark_ok, "wmark", WMARK_BOOSTED + WMARK_MIN, "boosted min", "提升后的 min"),
    words_for(ev::zone_watermark_ok, "wmark", WMARK_BOOSTED + WMARK_LOW, "boosted low", "提升后的 low"),
    words_for(ev::zone_watermark_ok, "wmark", WMARK_BOOSTED + WMARK_HIGH, "boosted high", "提升后的 high"),
    words_for(ev::zone_watermark_fail, "wmark", WMARK_BOOSTED + WMARK_MIN, "boosted min", "提升后的 min"),
    words_for(ev::zone_watermark_fail, "wmark", WMARK_BOOSTED + WMARK_LOW, "boosted low", "提升后的 low"),
    words_for(ev::zone_watermark_fail, "wmark", WMARK_BOOSTED + WMARK_HIGH, "boosted high", "提升后的 high"),
    words_for(ev::zone_watermark_no_block, "wmark", WMARK_BOOSTED + WMARK_MIN, "boosted min", "提升后的 min"),
    words_for(ev::zone_watermark_no_block, "wmark", WMARK_BOOSTED + WMARK_LOW, "boosted low", "提升后的 low"),
    words_for(ev::zone_watermark_no_block, "wmark", WMARK_BOOSTED + WMARK_HIGH, "boosted high", "提升后的 high"),
    words_for(ev::watermark_lowered, "reason", watermark_lowering::none, "and nothing is taken off", "不作减免"),
    words_for(ev::watermark_lowered, "reason", watermark_lowering::half, "and __GFP_HIGH takes half of it off",
              "__GFP_HIGH 减去一半"),
    words_for(ev::watermark_lowered, "reason", watermark_lowering::quarter,
              "and as it may not wait, a quarter of that is taken off", "请求不能等待，减去四分之一"),
    words_for(ev::watermark_lowered, "reason", watermark_lowering::half_and_quarter,
              "__GFP_HIGH takes half of it off, and as it may not wait, a quarter of the rest goes, too",
              "__GFP_HIGH 减去一半，请求不能等待，再减去余下的四分之一"),
    words_for(ev::watermark_lowered, "boosted", boost_effect::none, "No boost is in force", "没有提升值"),
    words_for(ev::watermark_lowered, "boosted", boost_effect::counts, "The zone's boost of {boost} is part of it",
              "其中已含内存域的提升值 {boost}"),
    words_for(ev::watermark_lowered, "boosted", boost_effect::ignored,
              "The zone's boost of {boost} does not count for an atomic request of order 0",
              "内存域的提升值 {boost} 对 0 阶的原子请求不计"),
    words_for(ev::vmstat_fold, "counter", zone_counter::nr_free_pages, "NR_FREE_PAGES", "NR_FREE_PAGES"),
    words_for(ev::vmstat_fold, "counter", zone_counter::nr_free_cma_pages, "NR_FREE_CMA_PAGES", "NR_FREE_CMA_PAGES"),
    words_for(ev::vmstat_folds, "counter", zone_counter::nr_free_pages, "NR_FREE_PAGES", "NR_FREE_PAGES"),
    words_for(ev::vmstat_folds, "counter", zone_counter::nr_free_cma_pages, "NR_FREE_CMA_PAGES", "NR_FREE_CMA_PAGES"),

    words_for(ev::mm_page_alloc_zone_locked, "percpu_refill", 0, "for the request itself", "直接交给请求"),
    words_for(ev::mm_page_alloc_zone_locked, "percpu_refill", 1, "for a per-CPU list", "去补充每 CPU 链表"),

    words_for(ev::mm_page_alloc_extfrag, "fragmenting", 0, "no smaller than a pageblock", "不小于一个页块"),
    words_for(ev::mm_page_alloc_extfrag, "fragmenting", 1, "smaller than a pageblock", "小于一个页块"),
    words_for(ev::mm_page_alloc_extfrag, "change_ownership", 0,
              "The pageblock keeps its type, so two types now mix in it", "页块的迁移类型不变，于是两种类型在其中混用"),
    words_for(ev::mm_page_alloc_extfrag, "change_ownership", 1, "The pageblock now belongs to {alloc_migratetype}",
              "页块从此归 {alloc_migratetype}"),

    // Debian's kernels have CONFIG_INIT_ON_ALLOC_DEFAULT_ON: "mem auto-init: ... heap alloc:on".
    words_for(ev::page_prep, "zeroed", init_reason::by_default,
              "{bytes} {bytes|is|are} filled with zeros, though nobody asked for that (init_on_alloc)",
              "{bytes} 清零，虽然没有人要求（init_on_alloc）"),
    words_for(ev::page_prep, "zeroed", init_reason::asked,
              "{bytes} {bytes|is|are} filled with zeros, as __GFP_ZERO asks", "按 __GFP_ZERO 的要求把 {bytes} 清零"),
    words_for(ev::page_prep, "zeroed", init_reason::off,
              "nothing is cleared ({bytes}), so it holds what was left in it",
              "不清零（{bytes}），里面是以前留下的内容"),
    words_for(ev::page_prep, "zeroed", init_reason::at_free,
              "nothing has to be cleared ({bytes}), as that was done when it was freed (init_on_free)",
              "不必再清零（{bytes}），释放时已经清过（init_on_free）"),
    words_for(ev::page_prep, "compound", 0, "and it is not a compound page", "不是复合页"),
    words_for(ev::page_prep, "compound", 1, "and it is one compound page", "组成一个复合页"),

    words_for(ev::buddy_stay, "reason", buddy_stay::max_order, "order {order} is the largest there is",
              "{order} 阶已是最大"),
    words_for(ev::buddy_stay, "reason", buddy_stay::no_memory, "there is no memory at its buddy {buddy}",
              "伙伴 {buddy} 处没有内存"),
    words_for(ev::buddy_stay, "reason", buddy_stay::not_free,
              "its buddy {buddy} is not free, but in a block of order {buddy_order}",
              "伙伴 {buddy} 不空闲，属于一个 {buddy_order} 阶的块"),
    words_for(ev::buddy_stay, "reason", buddy_stay::other_order,
              "its buddy {buddy} is split; what is free there has order {buddy_order}",
              "伙伴 {buddy} 已被拆分，那里空闲的块是 {buddy_order} 阶"),
    words_for(ev::buddy_stay, "reason", buddy_stay::other_zone, "its buddy {buddy} belongs to another zone",
              "伙伴 {buddy} 属于另一个内存域"),
    words_for(ev::buddy_stay, "reason", buddy_stay::other_type,
              "its buddy {buddy} lies in a pageblock whose type must not mix with others",
              "伙伴 {buddy} 所在页块的迁移类型不能与其他类型混合"),

    words_for(ev::buddy_add, "tail", 0, "head", "表头"),
    words_for(ev::buddy_add, "tail", 1, "tail", "表尾"),

    words_for(ev::bad_page, "reason", bad_page_reason::nonzero_refcount,
              "BUG: Bad page state, nonzero _refcount. Somebody still holds it, or has dropped a reference too many",
              "BUG: Bad page state，nonzero _refcount。有人还持有它，或者多放掉了一次引用"),
    words_for(
        ev::bad_page, "reason", bad_page_reason::nonzero_mapcount,
        "BUG: Bad page state, nonzero mapcount. It is free already, and the mark of a free block looks like a mapcount",
        "BUG: Bad page state，nonzero mapcount。它已经空闲，空闲块的标记看起来像 mapcount"),
    words_for(ev::bad_page, "reason", bad_page_reason::reserved,
              "BUG: Bad page state, PAGE_FLAGS_CHECK_AT_FREE flag(s) set: PageReserved. It never belonged to the buddy "
              "system",
              "BUG: Bad page state，PAGE_FLAGS_CHECK_AT_FREE flag(s) set：PageReserved。它从不属于伙伴系统"),
    words_for(ev::bad_page, "reason", bad_page_reason::tail_of_compound,
              "BUG: Bad page state. As a tail it does not belong to the compound page that is freed",
              "BUG: Bad page state。作为尾页，它不属于正在释放的复合页"),

    words_for(ev::bad_page, "reason", bad_page_reason::slab,
              "BUG: Bad page state, PageSlab. A slab allocator holds it; this explorer leaves it there",
              "BUG: Bad page state，PageSlab。slab 分配器持有它；本工具让它留在原处"),

    words_for(
        ev::bad_page, "reason", bad_page_reason::page_table,
        "BUG: Bad page state, nonzero mapcount: PageTable. A page table stands in it; this explorer leaves it there "
        "and marks it as freed",
        "BUG: Bad page state，nonzero mapcount：PageTable。里面是一张页表；本工具让它留在原处，并标记为已被释放"),

    words_for(ev::misuse_unseen, "reason", unseen_misuse::rest_lost,
              "{pfn}, order {order}, is the rest of a larger block that was freed with a smaller order. Nothing tells "
              "the kernel: "
              "nobody holds these pages, and nobody will free them",
              "{order} 阶的 {pfn} "
              "是一个较大的块以较小的阶释放后剩下的部分。内核无从知道：没有人持有这些页，也不会再有人释放"),
    words_for(
        ev::misuse_unseen, "reason", unseen_misuse::on_pcp_list,
        "{at} is free already, on a per-CPU list, and carries no mark of it. The kernel does not notice and puts "
        "{pfn}, order "
        "{order}, on a list once more: two owners will get the same pages. This explorer leaves them where they are",
        "{at} 已经空闲，在每 CPU 链表上，但没有任何标记。内核发现不了，把 {order} 阶的 {pfn} "
        "再次挂到链表上：以后会有两个使用"
        "者得到同样的页。本工具让它们留在原处"),
    words_for(ev::misuse_unseen, "reason", unseen_misuse::in_free_block,
              "{at} lies inside a larger free block, of which only the first page is marked. The kernel does not "
              "notice and frees "
              "{pfn}, order {order}, once more: its lists hold the same pages twice. This explorer leaves them where "
              "they are",
              "{at} 在一个更大的空闲块内部，而只有块的第一页带有标记。内核发现不了，把 {order} 阶的 {pfn} "
              "再释放一次：链表里同样的页"
              "出现两次。本工具让它们留在原处"),
    words_for(ev::misuse_unseen, "reason", unseen_misuse::free_head,
              "{at} is free already, but this kernel does not look here. It frees {pfn}, order {order}, once more: its "
              "lists hold "
              "the same pages twice. This explorer leaves them where they are",
              "{at} 已经空闲，但这个内核在这里不检查。它把 {order} 阶的 {pfn} "
              "再释放一次：链表里同样的页出现两次。本工具让它们留在原处"),
    words_for(
        ev::misuse_unseen, "reason", unseen_misuse::reserved,
        "{at} is PageReserved and never was the buddy system's, but this kernel does not look here. It clears the flag "
        "and "
        "gives {pfn}, order {order}, to the next request, whatever is stored there. This explorer leaves it alone",
        "{at} 带有 PageReserved，从不属于伙伴系统，但这个内核在这里不检查。它清除这个标志，不管里面存着什么，把 "
        "{order} 阶的 "
        "{pfn} 交给下一个请求。本工具不动它"),
    words_for(ev::misuse_unseen, "reason", unseen_misuse::in_use,
              "{at} is in use, but this kernel does not look here. It frees {pfn}, order {order}, under its owner. "
              "This explorer "
              "does not",
              "{at} 正在使用，但这个内核在这里不检查。它在使用者不知情时释放 {order} 阶的 {pfn}。本工具不这样做"),
    words_for(ev::misuse_unseen, "reason", unseen_misuse::misaligned,
              "{pfn} is no multiple of 2^{order} frames. Only a kernel with CONFIG_DEBUG_VM notices; others put a "
              "block on their "
              "lists that stands across its neighbours. This explorer takes it out of use",
              "{pfn} 不是 2^{order} 个页框的倍数。只有打开 CONFIG_DEBUG_VM "
              "的内核才会发现；其他内核会把一个跨越邻居的块挂到链表上。"
              "本工具停用它"),
    words_for(ev::misuse_unseen, "reason", unseen_misuse::no_memory,
              "No struct page stands behind {at}. The kernel does not check: it reads what happens to be there, most "
              "likely an oops",
              "页框 {at} 没有对应的 struct page。内核不检查：它会读到那里碰巧有的内容，多半是一次 oops"),

    words_for(
        ev::misuse_unseen, "reason", unseen_misuse::page_table,
        "A page table stands in {at}, but this kernel does not see it here. It gives {pfn}, order {order}, to the "
        "next request, and the CPU goes on reading the page as a table, whatever is written there. This explorer "
        "leaves the table where it is and marks it as freed",
        "{at} 里是一张页表，但这个内核在这里看不出来。它把 {order} 阶的 {pfn} 交给下一个请求，而 CPU "
        "仍把这一页当作页表来读，"
        "不管里面后来写了什么。本工具让页表留在原处，并标记为已被释放"),

    words_for(
        ev::misuse_unseen, "reason", unseen_misuse::of_users,
        "{at} is mapped by processes or stands in the page cache, and no other reference is left. The kernel would "
        "take one of theirs away, and free a page that is in use. This explorer leaves it to them",
        "{at} 由进程映射，或在页缓存中，此外没有别的引用。内核会减掉他们的引用，释放一个正在使用的页。本工具不动它"),

    words_for(ev::zone_movable_placed, "placed", 0, "nothing of it is left for ZONE_MOVABLE",
              "没有剩下可给 ZONE_MOVABLE 的内存"),
    words_for(ev::zone_movable_placed, "placed", 1,
              "its share of kernelcore ends before {start}, rounded up to {block} {block|page|pages}. From there on "
              "ZONE_MOVABLE takes over from {movable_zone}, the highest zone with memory",
              "它所承担的 kernelcore 到 {start} 之前为止（向上取整到 {block} 页）。从那里起，ZONE_MOVABLE "
              "取代有内存的最高内存域 "
              "{movable_zone}"),

    words_for(
        ev::page_address_null, "reason", page_address_reason::highmem,
        "Frame {pfn} at physical {phys} is highmem: the linear map ends at {lowmem_end}. page_address() is NULL until "
        "somebody maps it with kmap()",
        "页框 {pfn}（物理地址 {phys}）属于高端内存：线性映射到 {lowmem_end} 为止。在用 kmap() 映射之前，page_address() "
        "为 "
        "NULL"),
    words_for(
        ev::page_address_null, "reason", page_address_reason::no_page,
        "There is no page here: the allocation had failed. page_address(NULL) would compute an address from nothing",
        "这里没有页：当初的分配失败了。page_address(NULL) 只会算出一个没有意义的地址"),
    words_for(ev::page_address_null, "reason", page_address_reason::no_struct_page,
              "No struct page stands behind frame {pfn}: there is no memory there",
              "页框 {pfn} 没有对应的 struct page：那里没有内存"),
    words_for(ev::virt_to_page, "reason", linear_map::place::linear, "PAGE_OFFSET", "PAGE_OFFSET"),
    words_for(ev::virt_to_page, "reason", linear_map::place::image, "__START_KERNEL_map", "__START_KERNEL_map"),
    words_for(
        ev::virt_to_page_garbage, "reason", garbage_reason::not_linear,
        "it is not in the linear map, which goes from {page_offset} to {end}. virt_to_page() does the same arithmetic "
        "all "
        "the same and returns a pointer to garbage. Only a kernel with CONFIG_DEBUG_VIRTUAL warns; Debian's has it off",
        "它不在线性映射中，线性映射从 {page_offset} 到 {end}。virt_to_page() "
        "照样计算，返回一个指向垃圾的指针。只有打开 "
        "CONFIG_DEBUG_VIRTUAL 的内核才会警告，Debian 的内核没有打开"),
    words_for(
        ev::virt_to_page_garbage, "reason", garbage_reason::no_memory,
        "it would be physical {phys}, but there is no memory. virt_to_page() does not check: it returns a pointer to "
        "where the struct page would stand, and using it may be an oops",
        "它应当对应物理地址 {phys}，但那里没有内存。virt_to_page() 不检查：它返回 struct page "
        "本应所在的位置，使用它可能导致 "
        "oops"),

    words_for(ev::sysctl_set, "which", 0, "vm.min_free_kbytes", "vm.min_free_kbytes"),
    words_for(ev::sysctl_set, "which", 1, "vm.watermark_scale_factor", "vm.watermark_scale_factor"),
    words_for(ev::sysctl_set, "which", 2, "vm.watermark_boost_factor", "vm.watermark_boost_factor"),
    words_for(ev::sysctl_set, "which", 3, "vm.lowmem_reserve_ratio", "vm.lowmem_reserve_ratio"),
    words_for(ev::sysctl_set, "which", 4, "vm.percpu_pagelist_high_fraction", "vm.percpu_pagelist_high_fraction"),
};

} // namespace

std::span<const EventWords> physical_event_words() { return table; }

} // namespace mm
