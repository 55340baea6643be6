// Events of caches and kmalloc: the words of their reasons and flags. Their rows are in event_rows_common.h.
#include "physical/init_memory.h"
#include "slab/allocators.h"
#include "slab/event_rows_common.h"
#include "slab/slab.h"

namespace mm {

namespace {

using ev = slab_event;

constexpr auto table = event_table(common_rows::rows, ev::cache_created);

constexpr EventWords words[] = {
    words_for(ev::kmem_cache_alloc, "node", -1, "any", "任意"),
    words_for(ev::kmalloc, "node", -1, "any", "任意"),
    words_for(
        ev::free_not_slab, "checked", 0,
        "Nobody looks (neither CONFIG_SLAB_FREELIST_HARDENED nor slub_debug=F): a real kernel goes on as if a slab "
        "were there, and most likely oopses. Here nothing happens.",
        "没有人检查（既无 CONFIG_SLAB_FREELIST_HARDENED，也无 slub_debug=F）：真实的内核会当作那里有 slab "
        "继续执行，多半出现 oops。这里什么也不发生。"),
    words_for(ev::free_not_slab, "checked", 1, "The kernel warns and leaves it alone.", "内核发出警告，不作处理。"),
    words_for(ev::wrong_cache_unnoticed, "how", slab_allocator::slub,
              "It goes on the freelist of its own slab, as if another CPU gave it back; a real kernel writes the free "
              "pointer where {cache} has it, and counts for {cache}.",
              "它像由别的 CPU 归还一样，放到自己 slab 的空闲链表；真实的内核把空闲指针写在 {cache} 规定的位置，并计入 "
              "{cache}。"),
    words_for(ev::wrong_cache_unnoticed, "how", slab_allocator::slab,
              "A real kernel puts it in the array of {cache}, which hands it out as its own; here it goes back to "
              "{owner}.",
              "真实的内核把它放进 {cache} 的数组，当作自己的对象再分配出去；这里还给 {owner}。"),
    words_for(ev::cache_refused, "reason", cache_refusal::bad_size, "the size is 0 or above KMALLOC_MAX_SIZE",
              "大小为 0，或超过 KMALLOC_MAX_SIZE"),
    words_for(ev::cache_refused, "reason", cache_refusal::bad_align, "the alignment is no power of two",
              "对齐不是 2 的幂"),
    words_for(ev::cache_refused, "reason", cache_refusal::bad_usersize, "usersize is larger than the object",
              "usersize 大于对象"),
    words_for(ev::cache_refused, "reason", cache_refusal::no_order, "no slab is large enough for one object",
              "没有任何 slab 放得下一个对象"),
    words_for(ev::cache_refused, "reason", cache_refusal::too_many, "this machine keeps at most 4096 caches",
              "本机最多保留 4096 个缓存"),
    words_for(ev::kmalloc_index, "reason", KMALLOC_NORMAL, "of the normal kind", "普通类型"),
    words_for(ev::kmalloc_index, "reason", KMALLOC_CGROUP,
              "of the kind that memory cgroups are charged for (__GFP_ACCOUNT)",
              "计入内存 cgroup 的类型（__GFP_ACCOUNT）"),
    words_for(ev::kmalloc_index, "reason", KMALLOC_RECLAIM, "of the reclaimable kind (__GFP_RECLAIMABLE)",
              "可回收类型（__GFP_RECLAIMABLE）"),
    words_for(ev::kmalloc_index, "reason", KMALLOC_DMA, "of the kind in ZONE_DMA (__GFP_DMA)",
              "ZONE_DMA 类型（__GFP_DMA）"),

    // What is cleared when objects are handed out, and when they come back (physical/init_memory.h).
    words_for(ev::kmem_cache_alloc, "init", init_reason::by_default, "though nobody asked for that (init_on_alloc)",
              "虽然没有人要求（init_on_alloc）"),
    words_for(ev::kmem_cache_alloc, "init", init_reason::asked, "as __GFP_ZERO asks", "按 __GFP_ZERO 的要求"),
    words_for(ev::kmem_cache_alloc, "init", init_reason::off,
              "since nobody asks for it: what was left there can be read", "因为没有人要求：以前留下的内容可以读到"),
    words_for(ev::kmem_cache_alloc, "init", init_reason::ctor,
              "since the cache has a constructor, and its objects are what that made of them",
              "因为缓存有构造函数，对象保持它构造出的样子"),
    words_for(ev::kmem_cache_alloc, "init", init_reason::keeps,
              "since free objects of this cache keep what is in them (SLAB_TYPESAFE_BY_RCU or SLAB_POISON)",
              "因为这个缓存的空闲对象要保留内容（SLAB_TYPESAFE_BY_RCU 或 SLAB_POISON）"),
    words_for(ev::kmem_cache_alloc, "init", init_reason::nothing, "since there is no object", "因为没有得到对象"),
    words_for(ev::kmalloc, "init", init_reason::by_default, "though nobody asked for that (init_on_alloc)",
              "虽然没有人要求（init_on_alloc）"),
    words_for(ev::kmalloc, "init", init_reason::asked, "as __GFP_ZERO asks", "按 __GFP_ZERO 的要求"),
    words_for(ev::kmalloc, "init", init_reason::off, "since nobody asks for it: what was left there can be read",
              "因为没有人要求：以前留下的内容可以读到"),
    words_for(ev::kmalloc, "init", init_reason::keeps,
              "since free objects of this cache keep what is in them (SLAB_TYPESAFE_BY_RCU or SLAB_POISON)",
              "因为这个缓存的空闲对象要保留内容（SLAB_TYPESAFE_BY_RCU 或 SLAB_POISON）"),
    words_for(ev::kmalloc, "init", init_reason::pages, "as the page allocator has seen to the whole pages that this is",
              "因为这是整页，页分配器已经处理"),
    words_for(ev::kmalloc, "init", init_reason::nothing, "since there is no object", "因为没有得到对象"),
    words_for(ev::objects_init, "init", init_reason::by_default, "though nobody asked for that (init_on_alloc)",
              "虽然没有人要求（init_on_alloc）"),
    words_for(ev::objects_init, "init", init_reason::asked, "as __GFP_ZERO asks", "按 __GFP_ZERO 的要求"),
    words_for(ev::objects_init, "init", init_reason::off, "since nobody asks for it: what was left there can be read",
              "因为没有人要求：以前留下的内容可以读到"),
    words_for(ev::objects_init, "init", init_reason::ctor,
              "since the cache has a constructor, and its objects are what that made of them",
              "因为缓存有构造函数，对象保持它构造出的样子"),
    words_for(ev::objects_init, "init", init_reason::keeps,
              "since free objects of this cache keep what is in them (SLAB_TYPESAFE_BY_RCU or SLAB_POISON)",
              "因为这个缓存的空闲对象要保留内容（SLAB_TYPESAFE_BY_RCU 或 SLAB_POISON）"),
    words_for(ev::object_init_free, "init", init_reason::at_free, "the object with what its allocator keeps behind it",
              "对象连同分配器放在它后面的部分"),
    words_for(ev::object_init_free, "init", init_reason::ctor,
              "since the cache has a constructor, and its objects are what that made of them",
              "因为缓存有构造函数，对象保持它构造出的样子"),
    words_for(ev::object_init_free, "init", init_reason::keeps,
              "since free objects of this cache keep what is in them (SLAB_TYPESAFE_BY_RCU or SLAB_POISON)",
              "因为这个缓存的空闲对象要保留内容（SLAB_TYPESAFE_BY_RCU 或 SLAB_POISON）"),
};

} // namespace

EventPart common_events() { return table.with(words); }

} // namespace mm
