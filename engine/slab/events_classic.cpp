// Events of SLAB: the words of their reasons and flags. Their rows are in event_rows_classic.h.
#include "slab/classic_size.h"
#include "slab/classic_slab.h"
#include "slab/event_rows_classic.h"

namespace mm {

namespace {

using ev = classic_event;

constexpr auto table = event_table(classic_rows::rows, ev::order_tried);

constexpr LateText IN_OBJECT = "in the free object that is taken from the slab last";
constexpr LateText OFF_SLAB = "in an object of kmalloc, off the slab";
constexpr LateText ON_SLAB = "at the end of the slab";
constexpr LateText IN_OBJECT_ZH = "放在最后从 slab 取走的空闲对象里";
constexpr LateText OFF_SLAB_ZH = "放在 slab 之外的 kmalloc 对象里";
constexpr LateText ON_SLAB_ZH = "放在 slab 末尾";

constexpr EventWords words[] = {
    words_for(ev::order_tried, "place", freelist_place::in_object, IN_OBJECT, IN_OBJECT_ZH),
    words_for(ev::order_tried, "place", freelist_place::off_slab, OFF_SLAB, OFF_SLAB_ZH),
    words_for(ev::order_tried, "place", freelist_place::on_slab, ON_SLAB, ON_SLAB_ZH),
    words_for(ev::order_tried, "verdict", order_verdict::none_fits, "Not one fits: the next order is tried",
              "一个也放不下：试下一阶"),
    words_for(ev::order_tried, "verdict", order_verdict::too_many, "No index can number so many: the search ends",
              "索引无法编号这么多对象：停止查找"),
    words_for(ev::order_tried, "verdict", order_verdict::no_freelist_cache,
              "No kmalloc cache holds the index array: the next order is tried",
              "没有 kmalloc 缓存放得下索引数组：试下一阶"),
    words_for(ev::order_tried, "verdict", order_verdict::freelist_off_slab,
              "The kmalloc cache for the index array has off-slab index arrays itself: the next order is tried",
              "存放索引数组的 kmalloc 缓存自己的索引数组也在 slab 之外：试下一阶"),
    words_for(ev::order_tried, "verdict", order_verdict::no_benefit,
              "The kmalloc object for the index array is more than half an object: the next order is tried",
              "存放索引数组的 kmalloc 对象大于半个对象：试下一阶"),
    words_for(ev::order_tried, "verdict", order_verdict::wasteful,
              "More than an eighth is left over: the next order is tried, this one kept in mind",
              "剩余超过八分之一：先记下，试下一阶"),
    words_for(ev::order_tried, "verdict", order_verdict::reclaimable,
              "Taken: the objects are reclaimable, and reclaim should not need larger blocks",
              "采用：对象可回收，回收时不应需要更大的块"),
    words_for(ev::order_tried, "verdict", order_verdict::largest, "Taken: slab_max_order allows no more",
              "采用：slab_max_order 不允许更大"),
    words_for(ev::order_tried, "verdict", order_verdict::little_waste, "Taken: at most an eighth is left over",
              "采用：剩余不超过八分之一"),
    words_for(ev::freelist_refused, "place", freelist_place::in_object, IN_OBJECT, IN_OBJECT_ZH),
    words_for(ev::freelist_refused, "place", freelist_place::off_slab, OFF_SLAB, OFF_SLAB_ZH),
    words_for(ev::freelist_refused, "place", freelist_place::on_slab, ON_SLAB, ON_SLAB_ZH),
    words_for(ev::freelist_refused, "reason", place_refusal::keeps_contents,
              "free objects keep their contents, for a constructor or SLAB_TYPESAFE_BY_RCU",
              "空闲对象要保持内容（有构造函数，或 SLAB_TYPESAFE_BY_RCU）"),
    words_for(ev::freelist_refused, "reason", place_refusal::no_order, "no order is acceptable", "没有可接受的阶"),
    words_for(ev::freelist_refused, "reason", place_refusal::too_long, "it is longer than an object",
              "它比一个对象还长"),
    words_for(ev::freelist_refused, "reason", place_refusal::fits_on_slab,
              "what the slab has left over holds it as well", "slab 剩余的部分就放得下它"),
    words_for(ev::classic_sized, "place", freelist_place::in_object, IN_OBJECT, IN_OBJECT_ZH),
    words_for(ev::classic_sized, "place", freelist_place::off_slab, OFF_SLAB, OFF_SLAB_ZH),
    words_for(ev::classic_sized, "place", freelist_place::on_slab, ON_SLAB, ON_SLAB_ZH),
    words_for(ev::array_hit, "warm", 0, "it comes from a slab, cold", "来自 slab，是冷的"),
    words_for(ev::array_hit, "warm", 1, "this CPU freed it, so it is likely still warm in its cache",
              "由本 CPU 释放，很可能仍在它的高速缓存中"),
    words_for(ev::array_hit, "warm", 2, "another CPU freed it, so it is warm in that CPU's cache",
              "由另一个 CPU 释放，在那个 CPU 的高速缓存中是热的"),
    words_for(ev::array_empty, "idle", 0, "its batchcount", "即它的 batchcount"),
    words_for(ev::array_empty, "idle", 1, "no more, since it was idle since the last reaping",
              "不多要，因为上次收割以来它没有用过"),
    words_for(ev::slab_refill, "from", refill_source::partial, "the first partial one", "第一个部分空闲的"),
    words_for(ev::slab_refill, "from", refill_source::free, "the first free one", "第一个全空的"),
    words_for(ev::slab_refill, "from", refill_source::grown, "a new one", "新建的"),
    words_for(ev::slab_listed, "place", slab_place::node_partial, "slabs_partial", "slabs_partial"),
    words_for(ev::slab_listed, "place", slab_place::node_full, "slabs_full", "slabs_full"),
    words_for(ev::slab_listed, "place", slab_place::node_free, "slabs_free", "slabs_free"),
    words_for(ev::index_built, "shuffled", 0, "in address order", "按地址顺序"),
    words_for(ev::index_built, "shuffled", 1, "in the cache's shuffled order (CONFIG_SLAB_FREELIST_RANDOM)",
              "按该缓存打乱的顺序（CONFIG_SLAB_FREELIST_RANDOM）"),
    words_for(ev::index_built, "place", freelist_place::in_object,
              "in object {holder}, which is taken from the slab last", "放在最后从 slab 取走的对象 {holder} 里"),
    words_for(ev::index_built, "place", freelist_place::off_slab, OFF_SLAB, OFF_SLAB_ZH),
    words_for(ev::index_built, "place", freelist_place::on_slab, ON_SLAB, ON_SLAB_ZH),
    words_for(ev::object_put, "place", slab_place::node_partial, "the tail of slabs_partial", "slabs_partial 的尾部"),
    words_for(ev::object_put, "place", slab_place::node_free, "the head of slabs_free", "slabs_free 的头部"),
    words_for(ev::reap_begins, "node_turn", 0, "the node's shared arrays and free slabs are not due yet",
              "节点的共享数组和空闲 slab 还没轮到"),
    words_for(ev::reap_begins, "node_turn", 1, "the node's shared arrays and free slabs are due, too",
              "节点的共享数组和空闲 slab 也轮到了"),
    words_for(ev::array_spared, "array", array_kind::cpu, "The array of CPU {owner}", "CPU {owner} 的本地数组"),
    words_for(ev::array_spared, "array", array_kind::shared, "The shared array of node {owner}",
              "节点 {owner} 的共享数组"),
    words_for(ev::array_drained, "array", array_kind::cpu, "The array of CPU {owner}", "CPU {owner} 的本地数组"),
    words_for(ev::array_drained, "array", array_kind::shared, "The shared array of node {owner}",
              "节点 {owner} 的共享数组"),
    words_for(ev::tune_ignored, "reason", tune_result::bad_numbers,
              "1 ≤ batchcount ≤ limit and 0 ≤ shared do not hold. Nothing changes, and yet the write succeeds",
              "不满足 1 ≤ batchcount ≤ limit 和 0 ≤ shared。什么也不改变，但写操作仍然成功"),
    words_for(ev::tune_ignored, "reason", tune_result::no_cache, "no cache has this name: EINVAL",
              "没有这个名字的缓存：EINVAL"),
    words_for(ev::tune_ignored, "reason", tune_result::no_memory, "there is no memory for arrays of that size: ENOMEM",
              "没有内存建立这么大的数组：ENOMEM"),
};

} // namespace

EventPart classic_events() { return table.with(words); }

} // namespace mm
