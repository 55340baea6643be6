#include "physical/event_words.h"

#include "base/event_table.h"
#include "physical/buddy.h"
#include "physical/events.h"
#include "physical/page_alloc.h"

namespace mm {

namespace {

using ev = physical_event;

constexpr EventWords table[] = {
    words_for(ev::mm_page_alloc_zone_locked, "percpu_refill", 0, "for the request itself", "直接交给请求"),
    words_for(ev::mm_page_alloc_zone_locked, "percpu_refill", 1, "for a per-CPU list", "去补充每 CPU 链表"),

    words_for(ev::mm_page_alloc_extfrag, "fragmenting", 0, "no smaller than a pageblock", "不小于一个页块"),
    words_for(ev::mm_page_alloc_extfrag, "fragmenting", 1, "smaller than a pageblock", "小于一个页块"),
    words_for(ev::mm_page_alloc_extfrag, "change_ownership", 0, "The pageblock keeps its type, so two types now mix in it",
        "页块的迁移类型不变，于是两种类型在其中混用"),
    words_for(ev::mm_page_alloc_extfrag, "change_ownership", 1, "The pageblock now belongs to {alloc_migratetype}",
        "页块从此归 {alloc_migratetype}"),

    words_for(ev::page_prep, "zeroed", 0, "its contents are left as they were", "内容保持原样"),
    words_for(ev::page_prep, "zeroed", 1, "it is filled with zeros", "内容清零"),
    words_for(ev::page_prep, "compound", 0, "and it is not a compound page", "不是复合页"),
    words_for(ev::page_prep, "compound", 1, "and it is one compound page", "组成一个复合页"),

    words_for(ev::buddy_stay, "reason", buddy_stay::max_order, "order {order} is the largest there is", "{order} 阶已是最大"),
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

    words_for(ev::bad_page, "reason", bad_page_reason::none,
        "a rest of a larger block that nobody holds and nobody will free",
        "一个更大的块剩下的部分，没有人持有，也不会再有人释放"),
    words_for(ev::bad_page, "reason", bad_page_reason::nonzero_refcount,
        "BUG: Bad page state, nonzero _refcount. References and block do not agree",
        "BUG: Bad page state，nonzero _refcount。引用计数与块不符"),
    words_for(ev::bad_page, "reason", bad_page_reason::nonzero_mapcount,
        "BUG: Bad page state, nonzero mapcount. It is free already, and the mark of a free block looks like a mapcount",
        "BUG: Bad page state，nonzero mapcount。它已经空闲，空闲块的标记看起来像 mapcount"),
    words_for(ev::bad_page, "reason", bad_page_reason::on_a_list,
        "it is free already, on a per-CPU list. A real kernel does not notice and corrupts the list",
        "它已经空闲，在每 CPU 链表上。真实的内核发现不了，链表会被破坏"),
    words_for(ev::bad_page, "reason", bad_page_reason::reserved,
        "BUG: Bad page state, PageReserved. It never belonged to the buddy system",
        "BUG: Bad page state，PageReserved。它从不属于伙伴系统"),
    words_for(ev::bad_page, "reason", bad_page_reason::no_memory, "no struct page stands behind this frame",
        "这个页框没有对应的 struct page"),
    words_for(ev::bad_page, "reason", bad_page_reason::tail_of_compound,
        "BUG: Bad page state. The block does not begin here, or has another order",
        "BUG: Bad page state。块不从这里开始，或阶数不符"),

    words_for(ev::zone_movable_placed, "placed", 0, "nothing of it is left for ZONE_MOVABLE", "没有剩下可给 ZONE_MOVABLE 的内存"),
    words_for(ev::zone_movable_placed, "placed", 1,
        "its share of kernelcore ends before {start}, rounded up to {block} pages. From there on ZONE_MOVABLE takes over "
        "from {movable_zone}, the highest zone with memory",
        "它所承担的 kernelcore 到 {start} 之前为止（向上取整到 {block} 页）。从那里起，ZONE_MOVABLE 取代有内存的最高内存域 "
        "{movable_zone}"),

    words_for(ev::sysctl_set, "which", 0, "vm.min_free_kbytes", "vm.min_free_kbytes"),
    words_for(ev::sysctl_set, "which", 1, "vm.watermark_scale_factor", "vm.watermark_scale_factor"),
    words_for(ev::sysctl_set, "which", 2, "vm.watermark_boost_factor", "vm.watermark_boost_factor"),
    words_for(ev::sysctl_set, "which", 3, "vm.lowmem_reserve_ratio", "vm.lowmem_reserve_ratio"),
    words_for(ev::sysctl_set, "which", 4, "vm.percpu_pagelist_high_fraction", "vm.percpu_pagelist_high_fraction"),
};

}  // namespace

std::span<const EventWords> physical_event_words() { return table; }

}  // namespace mm
