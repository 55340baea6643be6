#pragma once
// The rows of the events of SLUB: what each carries, and the sentence that it becomes.
#include "base/event_args.h"
#include "slab/event_args.h"
#include "slab/events.h"

namespace mm {

namespace slub_rows {

using namespace slab_args;
using ev = slub_event;
inline constexpr ArgSpec NR_PARTIAL = number("nr_partial");
inline constexpr ArgSpec MIN_PARTIAL = number("min_partial");
inline constexpr ArgSpec FREE = number("free");
inline constexpr ArgSpec LIMIT = number("limit");
inline constexpr ArgSpec OBJECTS = number("objects");
inline constexpr ArgSpec INUSE = number("inuse");

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    // ---------------------------------------------------------------------------------------------------- taking
    event(ev::fast_alloc, "fast_alloc", {CACHE, CPU, SLAB, INDEX, {"next", Unit::object_link}, number("tid")},
          "Fast path: CPU {cpu} takes object {index} of its slab {slab} of {cache}, the head of its own freelist; {next} "
          "is the head now. One cmpxchg, no lock; tid becomes {tid}.",
          "快速路径：CPU {cpu} 从 {cache} 的本地 slab {slab} 取对象 {index}，即自己空闲链表的表头；新表头是 {next}。一次 "
          "cmpxchg，不加锁；tid 变为 {tid}。"),
    event(ev::slow_alloc, "slow_alloc", {CACHE, CPU, REASON},
          "The fast path of {cache} on CPU {cpu} cannot serve: {reason}.",
          "{cache} 在 CPU {cpu} 上的快速路径走不通：{reason}。"),
    event(ev::freelist_refill, "freelist_refill", {CACHE, CPU, SLAB, number("nr")},
          "Slab {slab} of {cache} has {nr} {nr|object|objects} on its own freelist. CPU {cpu} takes {nr|it, and it "
          "counts|all of them, and they count} as in use from now on.",
          "{cache} 的 slab {slab} 自己的空闲链表上有 {nr} 个对象。CPU {cpu} 全部拿走，从此都算在用。"),
    event(ev::cpu_slab_full, "cpu_slab_full", {CACHE, CPU, SLAB},
          "Every object of slab {slab} is in use. CPU {cpu} lets go of it; no list of {cache} keeps a full slab.",
          "slab {slab} 的对象全部在用。CPU {cpu} 放开它；{cache} 没有链表记录满的 slab。"),
    event(ev::cpu_partial_take, "cpu_partial_take", {CACHE, CPU, SLAB, FREE},
          "The first slab of CPU {cpu}'s partial list of {cache} is {slab}, with {free} free {free|object|objects}. "
          "It becomes the CPU's slab; no lock of the node is needed.",
          "{cache} 在 CPU {cpu} 的部分空闲链表的第一个 slab 是 {slab}，有 {free} 个空闲对象。它成为本地 slab，不需要节点的"
          "锁。"),
    event(ev::node_partial_take, "node_partial_take", {CACHE, NODE, SLAB, FREE, NR_PARTIAL},
          "The first slab of node {node}'s partial list of {cache} is {slab}, with {free} free "
          "{free|object|objects}. It is frozen for this CPU; {nr_partial} {nr_partial|stays|stay} on the list.",
          "{cache} 在节点 {node} 的部分空闲链表的第一个 slab 是 {slab}，有 {free} 个空闲对象。它被冻结给本 CPU；链表上还剩 "
          "{nr_partial} 个。"),
    event(ev::any_partial, "any_partial", {CACHE, NODE, NR_PARTIAL, MIN_PARTIAL},
          "The local node has no partial slab of {cache}. Node {node} has {nr_partial}, more than the {min_partial} that it "
          "wants to keep: one may be taken from there.",
          "本地节点没有 {cache} 的部分空闲 slab。节点 {node} 有 {nr_partial} 个，多于它要保留的 {min_partial} 个：可以从那里"
          "取。"),
    event(ev::slab_new, "slab_new", {CACHE, SLAB, ORDER, OBJECTS, NODE},
          "A new slab of {cache}: pages from {slab}, order {order}, on node {node}, cut into {objects} "
          "{objects|object|objects}.",
          "{cache} 的新 slab：节点 {node} 上从 {slab} 开始的 {order} 阶的块，分成 {objects} 个对象。"),
    event(ev::slab_order_fallback, "slab_order_fallback", {CACHE, ORDER, {"min_order", Unit::order}},
          "No block of order {order} for {cache}. One object fits order {min_order}, so that was asked for instead.",
          "没有 {order} 阶的块给 {cache}。{min_order} 阶放得下一个对象，于是改要这一阶。"),
    event(ev::slab_no_memory, "slab_no_memory", {CACHE, ORDER, GFP},
          "SLUB: Unable to allocate memory for {cache} with {gfp}: not even a block of order {order}.",
          "SLUB: Unable to allocate memory：{cache}，{gfp}，连 {order} 阶的块也没有。"),
    event(ev::freelist_built, "freelist_built", {CACHE, SLAB, OBJECTS, {"first", Unit::object_link}, flag("shuffled")},
          "All of slab {slab} of {cache} is linked, {objects} {objects|object|objects}, first {first}, {shuffled}.",
          "{cache} 的 slab {slab} 的 {objects} 个对象全部串起，第一个是 {first}，{shuffled}。"),

    // ---------------------------------------------------------------------------------------------------- giving back
    event(ev::fast_free, "fast_free", {CACHE, CPU, SLAB, INDEX, number("tid")},
          "Fast path: object {index} belongs to CPU {cpu}'s own slab {slab} of {cache}, so it goes to the head of the CPU's "
          "freelist. The next allocation returns it, still warm in the cache. tid becomes {tid}.",
          "快速路径：对象 {index} 属于 CPU {cpu} 在 {cache} 的本地 slab {slab}，放到本地空闲链表的表头。下一次分配就会返回"
          "它，仍在高速缓存中。tid 变为 {tid}。"),
    event(ev::slow_free, "slow_free", {CACHE, CPU, SLAB, INDEX, INUSE, {"prior", Unit::object_link}, flag("frozen")},
          "Slow path: slab {slab} of {cache} is not CPU {cpu}'s own. Object {index} goes to the head of the slab's "
          "freelist, before {prior}; {inuse} {inuse|object stays|objects stay} in use. The slab {frozen}.",
          "慢速路径：{cache} 的 slab {slab} 不是 CPU {cpu} 的本地 slab。对象 {index} 放到该 slab 空闲链表的表头，在 {prior} "
          "之前；还有 {inuse} 个在用。该 slab {frozen}。"),
    event(ev::cpu_partial_put, "cpu_partial_put", {CACHE, CPU, SLAB, FREE, number("count"), LIMIT, flag("by_slabs")},
          "Slab {slab} of {cache}, with {free} free {free|object|objects}, goes to the front of CPU {cpu}'s partial "
          "list: now {count} of {limit} {by_slabs}.",
          "{cache} 的 slab {slab}（{free} 个空闲对象）放到 CPU {cpu} 部分空闲链表的最前：现在 {count}，上限 {limit} "
          "{by_slabs}。"),
    event(ev::cpu_partial_full, "cpu_partial_full", {CACHE, CPU, number("slabs"), number("count"), LIMIT, flag("by_slabs")},
          "CPU {cpu}'s partial list of {cache} is full: {count}, limit {limit} {by_slabs}. All of it, {slabs} "
          "{slabs|slab|slabs}, moves to the lists of the nodes.",
          "{cache} 在 CPU {cpu} 的部分空闲链表已满：{count}，上限 {limit} {by_slabs}。其上的 {slabs} 个 slab 全部移到节点的"
          "链表。"),
    event(ev::node_partial_add, "node_partial_add", {CACHE, NODE, SLAB, flag("tail"), NR_PARTIAL},
          "Slab {slab} joins node {node}'s partial list of {cache} {tail}; nr_partial is now {nr_partial}.",
          "slab {slab} 加入 {cache} 在节点 {node} 的部分空闲链表{tail}；nr_partial 变为 {nr_partial}。"),
    event(ev::node_partial_remove, "node_partial_remove", {CACHE, NODE, SLAB, NR_PARTIAL},
          "Slab {slab} leaves node {node}'s partial list of {cache}; nr_partial is now {nr_partial}.",
          "slab {slab} 离开 {cache} 在节点 {node} 的部分空闲链表；nr_partial 变为 {nr_partial}。"),
    event(ev::slab_empty, "slab_empty", {CACHE, SLAB, NR_PARTIAL, MIN_PARTIAL, flag("keep")},
          "No object of slab {slab} of {cache} is in use. With nr_partial {nr_partial} and min_partial {min_partial}, {keep}.",
          "{cache} 的 slab {slab} 没有在用的对象。nr_partial 为 {nr_partial}，min_partial 为 {min_partial}，{keep}。"),
    event(ev::slab_discard, "slab_discard", {CACHE, SLAB, ORDER, OBJECTS},
          "The pages of slab {slab} of {cache}, order {order} with {objects} {objects|object|objects}, go back to "
          "the page allocator.",
          "{cache} 的 slab {slab}（{order} 阶，{objects} 个对象）的页归还给页分配器。"),
    event(ev::deactivate, "deactivate", {CACHE, SLAB, INUSE, OBJECTS, number("moved"), {"mode", Unit::reason}, NR_PARTIAL,
           MIN_PARTIAL},
          "Slab {slab} of {cache} is no CPU's any longer. {moved} {moved|object of the CPU's freelist "
          "returns|objects of the CPU's freelist return} to its own; {inuse} of {objects} {inuse|is|are} in use "
          "(nr_partial {nr_partial}, min_partial {min_partial}): {mode}.",
          "{cache} 的 slab {slab} 不再属于某个 CPU。本地空闲链表的 {moved} 个对象回到它自己的链表；{objects} 个中 {inuse} 个"
          "在用（nr_partial {nr_partial}，min_partial {min_partial}）：{mode}。"),
    event(ev::cpu_flush, "cpu_flush", {CACHE, CPU, SLAB},
          "CPU {cpu} gives up its slab {slab} of {cache}, and with it its freelist.",
          "CPU {cpu} 交出它在 {cache} 的本地 slab {slab} 及其空闲链表。"),
    event(ev::partial_sorted, "partial_sorted", {CACHE, NODE, number("kept"), number("empty")},
          "Node {node}'s partial list of {cache} is sorted, the fullest first, so that the emptiest may empty: "
          "{kept} {kept|stays|stay}, {empty} empty {empty|slab goes|slabs go} back.",
          "{cache} 在节点 {node} 的部分空闲链表按满的程度排序，最满的在前，让最空的有机会变空：保留 {kept} 个，归还 {empty} "
          "个空 slab。"),
    event(ev::objects_remaining, "objects_remaining", {CACHE, SLAB, INUSE, OBJECTS},
          "Objects remaining in {cache} on __kmem_cache_shutdown(): slab {slab} has {inuse} of {objects} in use.",
          "Objects remaining in {cache} on __kmem_cache_shutdown()：slab {slab} 的 {objects} 个对象中 {inuse} 个在用。"),

    // ---------------------------------------------------------------------------------------------------- misuse
    event(ev::double_free_caught, "double_free_caught", {CACHE, SLAB, INDEX},
          "kernel BUG in set_freepointer: object {index} of slab {slab} of {cache} is freed again while it is the head of "
          "the freelist. Hardened pointers (CONFIG_SLAB_FREELIST_HARDENED) catch just this case; the kernel stops here.",
          "set_freepointer 中的 kernel BUG：{cache} 的 slab {slab} 的对象 {index} 已是空闲链表的表头，又被释放。加固的空闲"
          "指针（CONFIG_SLAB_FREELIST_HARDENED）只能发现这种情况；内核到此停下。"),
    event(ev::double_free_unnoticed, "double_free_unnoticed", {CACHE, SLAB, INDEX},
          "Object {index} of slab {slab} of {cache} is free already, and nobody checks. It now stands on a freelist twice: "
          "two callers will get the same memory.",
          "{cache} 的 slab {slab} 的对象 {index} 已经空闲，但没有人检查。它在空闲链表上出现两次：将来两个调用者会拿到同一块"
          "内存。"),
    event(ev::freelist_damaged, "freelist_damaged", {CACHE, SLAB, INDEX},
          "The free pointer in slab {slab} of {cache} leads to {index}, which is no object: the kernel would fault there.",
          "{cache} 的 slab {slab} 中的空闲指针指向 {index}，那里没有对象：内核会在此出错。"),

    // ---------------------------------------------------------------------------------------------------- several at once
    event(ev::bulk_alloc, "bulk_alloc", {CACHE, CPU, SLAB, INDEX, {"next", Unit::object_link}},
          "Object {index} of slab {slab} of {cache} is one of several. CPU {cpu} takes them from its freelist with "
          "interrupts off, and tid waits until the end; {next} is the head now.",
          "{cache} 的 slab {slab} 的对象 {index} 是这一批中的一个。CPU {cpu} 关中断从自己的空闲链表上逐个取下，最后才增加 "
          "tid；新表头是 {next}。"),
    event(ev::bulk_linked, "bulk_linked", {CACHE, SLAB, INDEX, {"next", Unit::object_link}},
          "Several objects come back: {index} of slab {slab} of {cache} is linked to a list of its own, before {next}. "
          "All that lie in this slab go back in one step.",
          "一批对象归还：{cache} 的 slab {slab} 的对象 {index} 先串到单独的链表上，在 {next} 之前。这个 slab 里的对象一步"
          "归还。"),
};
// clang-format on

} // namespace slub_rows

[[nodiscard]] constexpr std::span<const EventRow<slub_event>> event_rows(slub_event) { return slub_rows::rows; }

} // namespace mm
