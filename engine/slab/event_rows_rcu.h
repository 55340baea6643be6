#pragma once
// The rows of the events of kfree_rcu and grace periods: what each carries, and the sentence that it becomes.
#include "base/event_args.h"
#include "slab/event_args.h"
#include "slab/events.h"

namespace mm {

namespace rcu_rows {

using namespace slab_args;
using ev = rcu_event;

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    event(ev::kfree_rcu, "kfree_rcu", {OBJECT, CPU, number("collected")},
          "kfree_rcu({object}): a reader may still hold this pointer, so the object stays as it is. CPU {cpu} has collected {collected} "
          "{collected|pointer|pointers}; no grace period has been asked for yet.",
          "kfree_rcu({object})：可能还有读者拿着这个指针，对象原样保留。CPU {cpu} 已攒下 {collected} 个指针，还没有为它们请求宽限期。"),
    event(ev::kvfree_rcu, "kvfree_rcu", {{"address", Unit::virt_address}, CPU, number("collected")},
          "kvfree_rcu({address}): a reader may still hold an address of this area, so mapping and pages stay. CPU {cpu} has collected "
          "{collected} {collected|pointer|pointers}; no grace period has been asked for yet.",
          "kvfree_rcu({address})：可能还有读者拿着这段区域的地址，映射和页都保留。CPU {cpu} 已攒下 {collected} 个指针，还没有为它们请求宽限期。"),
    event(ev::kfree_rcu_batch, "kfree_rcu_batch", {CPU, number("pointers")},
          "What CPU {cpu} has collected, {pointers} {pointers|pointer|pointers}, becomes a batch: from now on it waits for a grace period.",
          "CPU {cpu} 攒下的 {pointers} 个指针成为一批：从现在起等待一个宽限期。"),
    event(ev::kfree_rcu_nothing, "kfree_rcu_nothing", {CPU},
          "CPU {cpu} has collected nothing: its monitor goes to sleep again.",
          "CPU {cpu} 什么也没攒下：它的监视任务继续睡眠。"),
    event(ev::kfree_rcu_no_batch, "kfree_rcu_no_batch", {CPU, number("pointers"), number("batches")},
          "Each of CPU {cpu}'s batches, {batches} in all, waits for a grace period already: {pointers} {pointers|pointer stays|pointers stay} "
          "collected, and the monitor will come again.",
          "CPU {cpu} 的 {batches} 批都已在等宽限期：{pointers} 个指针仍留在收集处，监视任务稍后再来。"),
    event(ev::kfree_rcu_ready, "kfree_rcu_ready", {CPU, number("pointers")},
          "A grace period has passed since CPU {cpu} collected the last of {pointers} {pointers|pointer|pointers}: nobody can see them any "
          "more, and the monitor need not ask for another one (since Linux 6.3).",
          "自 CPU {cpu} 攒下 {pointers} 个指针中的最后一个以来，已经过了一个宽限期：没有人还看得见它们，监视任务不必再请求一个（自 Linux 6.3 起）。"),
    event(ev::rcu_grace_period, "rcu_grace_period", {number("nr"), number("waiting")},
          "A grace period is over, number {nr} of this machine: each CPU was seen outside of any reader, so all readers that were there when "
          "it began are gone. Pointers and slabs that have waited for it: {waiting}.",
          "一个宽限期结束了，是这台机器的第 {nr} 个：每个 CPU 都曾处在读者之外，宽限期开始时已有的读者全部离开。等它的指针和 slab 共 {waiting} 个。"),
    event(ev::kfree_rcu_freed, "kfree_rcu_freed", {CPU, number("pointers")},
          "Nobody can see {pointers} {pointers|pointer|pointers} of CPU {cpu} any more: what {pointers|it points|they point} to is freed now.",
          "CPU {cpu} 的 {pointers} 个指针再也没有人看得见：先前交出的内存，现在才真正释放。"),
    event(ev::rcu_barrier, "rcu_barrier", {number("waiting")},
          "rcu_barrier() returns when all that RCU was asked for has been done. Pointers and slabs on their way: {waiting}.",
          "向 RCU 提出的请求都办完，rcu_barrier() 才返回。还在途中的指针和 slab：{waiting} 个。"),
    event(ev::kfree_rcu_collected_stays, "kfree_rcu_collected_stays", {number("pointers"), {"by", Unit::reason}},
          "{pointers} {pointers|pointer that kfree_rcu() was given is|pointers that kfree_rcu() was given are} not freed: {by} knows only what "
          "RCU was asked for, and for what is still collected nobody has asked. Its monitor will.",
          "kfree_rcu() 接下的 {pointers} 个指针没有释放：{by} 只管已经向 RCU 提出的请求，而仍在收集处的还没有人提出，要等监视任务。"),
    event(ev::kvfree_rcu_barrier, "kvfree_rcu_barrier", {number("pointers")},
          "kvfree_rcu_barrier(): whatever kfree_rcu() was given on any CPU, {pointers} {pointers|pointer|pointers}, is handed to RCU now, and "
          "waited for.",
          "kvfree_rcu_barrier()：各个 CPU 上 kfree_rcu() 接下的 {pointers} 个指针，现在全部交给 RCU，并等到释放。"),
    event(ev::rcu_slab_waits, "rcu_slab_waits", {CACHE, {"pfn", Unit::pfn}, ORDER},
          "But not yet: {cache} is SLAB_TYPESAFE_BY_RCU, and a reader may still look into what was the slab at frame {pfn}. Its block of order "
          "{order} waits for a grace period. A single object would not have waited.",
          "不过还不行：{cache} 是 SLAB_TYPESAFE_BY_RCU，可能还有读者在看页框 {pfn} 处原来的 slab。这个 {order} 阶的块要等一个宽限期；单个对象则不等。"),
    event(ev::rcu_slab_freed, "rcu_slab_freed", {{"pfn", Unit::pfn}, ORDER},
          "No reader is left in what was the slab at frame {pfn}: the block of order {order} goes back to the page allocator.",
          "页框 {pfn} 处原来的 slab 里已没有读者：这个 {order} 阶的块还给页分配器。"),
    event(ev::kvfree_rcu_barrier_missing, "kvfree_rcu_barrier_missing",
          "This kernel has no kvfree_rcu_barrier(): it came with Linux 6.12. Nothing here waits for what kfree_rcu() still collects.",
          "这个内核没有 kvfree_rcu_barrier()：它自 Linux 6.12 才有。这里没有什么能等到 kfree_rcu() 还在收集的指针。"),
};
// clang-format on

} // namespace rcu_rows

[[nodiscard]] constexpr std::span<const EventRow<rcu_event>> event_rows(rcu_event) { return rcu_rows::rows; }

} // namespace mm
