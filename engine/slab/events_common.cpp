// Events of caches and kmalloc: what each carries, and the sentence that it becomes.
#include "slab/allocators.h"
#include "physical/init_memory.h"
#include "slab/event_args.h"
#include "slab/events.h"
#include "slab/slab.h"

namespace mm {

namespace {

using namespace slab_args;
using ev = slab_event;

// clang-format off
constexpr EventRow<ev> rows[] = {
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
constexpr auto table = event_table(rows, ev::cache_created);

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
    words_for(ev::kmem_cache_alloc, "init", init_reason::by_default, "though nobody asked for that (init_on_alloc)", "虽然没有人要求（init_on_alloc）"),
    words_for(ev::kmem_cache_alloc, "init", init_reason::asked, "as __GFP_ZERO asks", "按 __GFP_ZERO 的要求"),
    words_for(ev::kmem_cache_alloc, "init", init_reason::off, "since nobody asks for it: what was left there can be read", "因为没有人要求：以前留下的内容可以读到"),
    words_for(ev::kmem_cache_alloc, "init", init_reason::ctor, "since the cache has a constructor, and its objects are what that made of them", "因为缓存有构造函数，对象保持它构造出的样子"),
    words_for(ev::kmem_cache_alloc, "init", init_reason::keeps, "since free objects of this cache keep what is in them (SLAB_TYPESAFE_BY_RCU or SLAB_POISON)", "因为这个缓存的空闲对象要保留内容（SLAB_TYPESAFE_BY_RCU 或 SLAB_POISON）"),
    words_for(ev::kmem_cache_alloc, "init", init_reason::nothing, "since there is no object", "因为没有得到对象"),
    words_for(ev::kmalloc, "init", init_reason::by_default, "though nobody asked for that (init_on_alloc)", "虽然没有人要求（init_on_alloc）"),
    words_for(ev::kmalloc, "init", init_reason::asked, "as __GFP_ZERO asks", "按 __GFP_ZERO 的要求"),
    words_for(ev::kmalloc, "init", init_reason::off, "since nobody asks for it: what was left there can be read", "因为没有人要求：以前留下的内容可以读到"),
    words_for(ev::kmalloc, "init", init_reason::keeps, "since free objects of this cache keep what is in them (SLAB_TYPESAFE_BY_RCU or SLAB_POISON)", "因为这个缓存的空闲对象要保留内容（SLAB_TYPESAFE_BY_RCU 或 SLAB_POISON）"),
    words_for(ev::kmalloc, "init", init_reason::pages, "as the page allocator has seen to the whole pages that this is", "因为这是整页，页分配器已经处理"),
    words_for(ev::kmalloc, "init", init_reason::nothing, "since there is no object", "因为没有得到对象"),
    words_for(ev::objects_init, "init", init_reason::by_default, "though nobody asked for that (init_on_alloc)", "虽然没有人要求（init_on_alloc）"),
    words_for(ev::objects_init, "init", init_reason::asked, "as __GFP_ZERO asks", "按 __GFP_ZERO 的要求"),
    words_for(ev::objects_init, "init", init_reason::off, "since nobody asks for it: what was left there can be read", "因为没有人要求：以前留下的内容可以读到"),
    words_for(ev::objects_init, "init", init_reason::ctor, "since the cache has a constructor, and its objects are what that made of them", "因为缓存有构造函数，对象保持它构造出的样子"),
    words_for(ev::objects_init, "init", init_reason::keeps, "since free objects of this cache keep what is in them (SLAB_TYPESAFE_BY_RCU or SLAB_POISON)", "因为这个缓存的空闲对象要保留内容（SLAB_TYPESAFE_BY_RCU 或 SLAB_POISON）"),
    words_for(ev::object_init_free, "init", init_reason::at_free, "the object with what its allocator keeps behind it",
              "对象连同分配器放在它后面的部分"),
    words_for(ev::object_init_free, "init", init_reason::ctor, "since the cache has a constructor, and its objects are what that made of them", "因为缓存有构造函数，对象保持它构造出的样子"),
    words_for(ev::object_init_free, "init", init_reason::keeps, "since free objects of this cache keep what is in them (SLAB_TYPESAFE_BY_RCU or SLAB_POISON)", "因为这个缓存的空闲对象要保留内容（SLAB_TYPESAFE_BY_RCU 或 SLAB_POISON）"),
};

} // namespace

EventPart common_events() { return table.with(words); }

} // namespace mm
