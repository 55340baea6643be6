// Events of SLUB: the words of their reasons and flags. Their rows are in event_rows_slub.h.
#include "slab/event_rows_slub.h"
#include "slab/slub.h"

namespace mm {

namespace {

using ev = slub_event;

constexpr auto table = event_table(slub_rows::rows, ev::fast_alloc);

constexpr EventWords words[] = {
    words_for(ev::slow_alloc, "reason", slow_reason::no_slab, "it has no slab of its own", "它没有本地 slab"),
    words_for(ev::slow_alloc, "reason", slow_reason::freelist_empty, "its own freelist is empty", "本地空闲链表为空"),
    words_for(ev::slow_alloc, "reason", slow_reason::other_node, "its slab is on another node than the one asked for",
              "本地 slab 不在所要求的节点上"),
    words_for(ev::slow_alloc, "reason", slow_reason::debugging, "a debugged cache always takes the slow path",
              "带调试的缓存总走慢速路径"),
    words_for(ev::freelist_built, "shuffled", 0, "in address order", "按地址顺序"),
    words_for(ev::freelist_built, "shuffled", 1, "in the cache's shuffled order (CONFIG_SLAB_FREELIST_RANDOM)",
              "按该缓存打乱的顺序（CONFIG_SLAB_FREELIST_RANDOM）"),
    words_for(ev::slow_free, "frozen", 0, "is frozen for no CPU", "未被任何 CPU 冻结"),
    words_for(ev::slow_free, "frozen", 1, "is frozen for a CPU, which keeps it: nothing else to do",
              "已被某个 CPU 冻结，由它保管：无需再做什么"),
    words_for(ev::cpu_partial_put, "by_slabs", 0, "free {limit|object|objects}", "个空闲对象"),
    words_for(ev::cpu_partial_put, "by_slabs", 1, "{limit|slab|slabs}", "个 slab"),
    words_for(ev::cpu_partial_full, "by_slabs", 0, "free {limit|object|objects}", "个空闲对象"),
    words_for(ev::cpu_partial_full, "by_slabs", 1, "{limit|slab|slabs}", "个 slab"),
    words_for(ev::node_partial_add, "tail", 0, "at the head", "的表头"),
    words_for(ev::node_partial_add, "tail", 1, "at the tail", "的表尾"),
    words_for(ev::slab_empty, "keep", 0, "the node has enough: the slab is given back", "节点已经够了：归还这个 slab"),
    words_for(ev::slab_empty, "keep", 1, "the node keeps it for later", "节点留着备用"),
    words_for(ev::deactivate, "mode", deactivate_mode::to_head, "it goes to the head of the node's partial list",
              "放到节点部分空闲链表的表头"),
    words_for(ev::deactivate, "mode", deactivate_mode::to_tail,
              "others have freed into it, so it is cold and goes to the tail of the node's partial list",
              "其他 CPU 释放过其中的对象，它是冷的，放到节点部分空闲链表的表尾"),
    words_for(ev::deactivate, "mode", deactivate_mode::full, "it is full and stands on no list",
              "它已满，不在任何链表上"),
    words_for(ev::deactivate, "mode", deactivate_mode::discarded,
              "it is empty and the node has enough: it is given back", "它是空的，节点已经够了：归还"),
};

} // namespace

EventPart slub_events() { return table.with(words); }

} // namespace mm
