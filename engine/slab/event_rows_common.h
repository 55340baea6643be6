#pragma once
// The rows of the events of caches and kmalloc: what each carries, and the sentence that it becomes.
#include "base/event_args.h"
#include "slab/event_args.h"
#include "slab/events.h"

namespace mm {

namespace common_rows {

using namespace slab_args;
using ev = slab_event;

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    event(ev::cache_created, "cache_created", {CACHE, bytes("object_size"), bytes("size"), bytes("align"), ORDER,
           number("objs"), {"flags", Unit::slab_flags}},
          "Cache {cache} is ready: objects of {object_size} take {size} each, aligned to {align}; a slab of order {order} "
          "holds {objs}. Flags {flags}.",
          "缓存 {cache} 就绪：{object_size} 的对象各占 {size}，按 {align} 对齐；一个 {order} 阶的 slab 容纳 {objs} 个。标志 "
          "{flags}。"),
    event(ev::cache_merged, "cache_merged", {{"name", Unit::name}, CACHE, bytes("object_size"), bytes("size"),
           number("aliases")},
          "{name} needs no cache of its own: objects of {object_size} fit the {size} of {cache}, and nothing else "
          "sets the two apart. {cache} now has {aliases} {aliases|alias|aliases}.",
          "{name} 不需要自己的缓存：{object_size} 的对象放得进 {cache} 的 {size}，其他属性也相同。{cache} 现有 {aliases} 个"
          "别名。"),
    event(ev::cache_refused, "cache_refused", {{"name", Unit::name}, bytes("object_size"), bytes("align"),
           {"flags", Unit::slab_flags}, REASON},
          "No cache for {name} (objects of {object_size}, alignment {align}, flags {flags}): {reason}.",
          "不能为 {name} 建缓存（对象 {object_size}，对齐 {align}，标志 {flags}）：{reason}。"),
    event(ev::cache_sized, "cache_sized", {CACHE, bytes("object_size"), bytes("inuse"), {"offset", Unit::bytes},
           bytes("align"), bytes("size")},
          "Layout of {cache}: the object is {object_size}, with what debugging needs {inuse}; a free one keeps its free "
          "pointer at offset {offset}. Rounded up to {align}, objects stand {size} apart.",
          "{cache} 的布局：对象 {object_size}，加上调试所需为 {inuse}；空闲时在偏移 {offset} 处存空闲指针。按 {align} 取整"
          "后，对象间隔 {size}。"),
    event(ev::cache_order, "cache_order", {CACHE, ORDER, number("objs"), number("min_objects"), number("fraction"),
           bytes("waste")},
          "{cache} gets slabs of order {order}: the first that holds {min_objects} {min_objects|object|objects} and "
          "wastes at most 1/{fraction} of itself. {objs} {objs|object leaves|objects leave} {waste} over.",
          "{cache} 的 slab 取 {order} 阶：第一个至少容纳 {min_objects} 个对象、浪费不超过 1/{fraction} 的阶。{objs} 个对象"
          "之后剩余 {waste}。"),
    event(ev::cache_destroyed, "cache_destroyed", {CACHE, number("users")},
          "{cache} loses a user; {users} {users|is|are} left. With none left the cache is gone.",
          "{cache} 少了一个使用者，还剩 {users} 个。没有使用者时，缓存随之销毁。"),
    event(ev::cache_busy, "cache_busy", {CACHE},
          "kmem_cache_destroy {cache}: Slab cache still has objects. Objects that somebody may still use cannot be taken "
          "away, so the cache stays.",
          "kmem_cache_destroy {cache}: Slab cache still has objects。可能仍被使用的对象不能收回，缓存只能保留。"),
    event(ev::cache_shrunk, "cache_shrunk", {CACHE, number("slabs")},
          "All empty slabs of {cache} have gone back; {slabs} {slabs|slab remains|slabs remain}.",
          "{cache} 的空 slab 都已归还，还剩 {slabs} 个 slab。"),
    tracepoint(ev::kmem_cache_alloc, "kmem_cache_alloc", {OBJECT, CACHE, bytes("bytes_req"), bytes("bytes_alloc"), GFP,
                {"node", Unit::node}, bytes("cleared"), {"init", Unit::reason}},
          "kmem_cache_alloc({cache}, {gfp}), node {node}, returns {object}. An object is {bytes_req} and takes {bytes_alloc}. "
          "Cleared: {cleared}, {init}.",
          "kmem_cache_alloc({cache}, {gfp})，节点：{node}，返回 {object}。对象 {bytes_req}，占用 {bytes_alloc}。清零：{cleared}，"
          "{init}。"),
    tracepoint(ev::kmem_cache_free, "kmem_cache_free", {OBJECT, CACHE},
          "kmem_cache_free({cache}, {object}).",
          "kmem_cache_free({cache}, {object})。"),
    tracepoint(ev::kmalloc, "kmalloc", {OBJECT, bytes("bytes_req"), bytes("bytes_alloc"), GFP, {"node", Unit::node},
                bytes("cleared"), {"init", Unit::reason}},
          "kmalloc({bytes_req}, {gfp}), node {node}, returns {object}. A request of this size takes {bytes_alloc}. Cleared: "
          "{cleared}, {init}.",
          "kmalloc({bytes_req}, {gfp})，节点：{node}，返回 {object}。这样的请求占用 {bytes_alloc}。清零：{cleared}，{init}。"),
    tracepoint(ev::kfree, "kfree", {OBJECT},
          "kfree({object}): the page of this address tells its slab and cache, or that it is a block of its own.",
          "kfree({object})：由地址所在的页得知它属于哪个 slab 和缓存，还是单独的一块。"),
    event(ev::kmalloc_index, "kmalloc_index", {bytes("asked"), CACHE, bytes("size"), REASON},
          "{asked} {asked|fits|fit} the next size class: {cache}, {size} an object, {reason}.",
          "{asked} 落在这个大小规格：{cache}，每个对象 {size}，{reason}。"),
    event(ev::kmalloc_large, "kmalloc_large", {bytes("asked"), ORDER, bytes("got")},
          "{asked} {asked|is|are} more than any cache of kmalloc holds. The page allocator is asked for order "
          "{order} directly: {got}.",
          "{asked} 超过 kmalloc 所有缓存的大小，直接向页分配器要 {order} 阶：{got}。"),
    event(ev::kmalloc_refused, "kmalloc_refused", {bytes("asked"), bytes("limit")},
          "{asked} {asked|is|are} more than KMALLOC_MAX_SIZE, {limit}: NULL.",
          "{asked} 超过 KMALLOC_MAX_SIZE（{limit}）：返回 NULL。"),
    event(ev::kcalloc_overflow, "kcalloc_overflow", {number("n"), number("size")},
          "{n} × {size} does not fit into a size_t: kcalloc returns NULL and asks nobody.",
          "{n} × {size} 超出 size_t 的范围：kcalloc 直接返回 NULL，不再申请。"),
    event(ev::kmalloc_zero, "kmalloc_zero",
          "kmalloc(0) returns ZERO_SIZE_PTR, the address 16: not NULL, but a fault when it is used.",
          "kmalloc(0) 返回 ZERO_SIZE_PTR，即地址 16：不是 NULL，一访问就出错。"),
    event(ev::krealloc_fits, "krealloc_fits", {OBJECT, bytes("asked"), bytes("has")},
          "{object} stays where it is: its {has} already {has|holds|hold} the {asked}.",
          "{object} 原地不动：它的 {has} 已够 {asked}。"),
    event(ev::krealloc_moves, "krealloc_moves", {OBJECT, {"larger", Unit::object}, bytes("has"), bytes("asked")},
          "{object} has {has}, too few for {asked}: the contents are copied to {larger}.",
          "{object} 只有 {has}，不够 {asked}：内容复制到 {larger}。"),
    event(ev::ksize, "ksize", {OBJECT, bytes("has")},
          "ksize({object}) is {has}, the size of what was allocated, with what rounding added.",
          "ksize({object}) 为 {has}，即实际分配的大小，包括取整多出的部分。"),
    event(ev::kmalloc_size_roundup, "kmalloc_size_roundup", {bytes("asked"), bytes("got")},
          "kmalloc_size_roundup({asked}) is {got}: ask for that at once, and nothing is lost to rounding.",
          "kmalloc_size_roundup({asked}) 为 {got}：一开始就按它申请，取整便不浪费。"),
    event(ev::free_null, "free_null",
          "NULL or ZERO_SIZE_PTR is freed: nothing to do.",
          "释放 NULL 或 ZERO_SIZE_PTR：什么也不做。"),
    event(ev::free_not_slab, "free_not_slab", {OBJECT, CACHE, {"checked", Unit::flag}},
          "{object} stands in no slab (cache named: {cache}). {checked}",
          "{object} 不在任何 slab 中（指定的缓存：{cache}）。{checked}"),
    event(ev::wrong_cache, "wrong_cache", {OBJECT, CACHE, {"owner", Unit::cache}},
          "cache_from_obj: Wrong slab cache. {cache} but object is from {owner}. {object} goes back to the cache that its "
          "page names.",
          "cache_from_obj: Wrong slab cache. {cache} but object is from {owner}。{object} 归还给它的页所指的缓存。"),
    event(ev::wrong_cache_unnoticed, "wrong_cache_unnoticed", {OBJECT, CACHE, {"owner", Unit::cache}, {"how", Unit::reason}},
          "{object} of {owner} is freed to {cache}, and nobody looks: cache_from_obj() believes its caller without "
          "CONFIG_SLAB_FREELIST_HARDENED and without slub_debug=F for {cache}. {how}",
          "{owner} 的对象 {object} 被释放给 {cache}，没有人检查：既无 CONFIG_SLAB_FREELIST_HARDENED，{cache} 也没有 "
          "slub_debug=F，cache_from_obj() 相信调用者。{how}"),
    event(ev::shrinker_count, "shrinker_count", {NODE, number("objects")},
          "The shrinker is asked what node {node} could give back: {objects} {objects|object|objects} in empty slabs.",
          "询问收缩器，节点 {node} 能归还多少：空 slab 中有 {objects} 个对象。"),
    event(ev::shrinker_scan, "shrinker_scan", {NODE, number("scanned"), number("wanted"), {"freed", Unit::pages}},
          "Of {wanted} {wanted|object|objects} to look at on node {node}, {scanned} {scanned|was|were}; {freed} "
          "{freed|page|pages} went back.",
          "在节点 {node} 上要看 {wanted} 个对象，看了 {scanned} 个，归还 {freed} 页。"),
    event(ev::objects_init, "objects_init", {CACHE, number("nr"), bytes("cleared"), {"init", Unit::reason}},
          "All {nr} {nr|object|objects} of {cache} are there. Cleared of each: {cleared}, {init}.",
          "{cache} 的 {nr} 个对象都已取得。每个清零：{cleared}，{init}。"),
    event(ev::object_init_free, "object_init_free", {OBJECT, CACHE, bytes("cleared"), {"init", Unit::reason}},
          "init_on_free looks at {object} of {cache} before it goes on a freelist. Cleared: {cleared}, {init}.",
          "{cache} 的对象 {object} 放到空闲链表之前，先看 init_on_free。清零：{cleared}，{init}。"),
};
// clang-format on

} // namespace common_rows

[[nodiscard]] constexpr std::span<const EventRow<slab_event>> event_rows(slab_event) { return common_rows::rows; }

} // namespace mm
