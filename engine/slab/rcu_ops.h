#pragma once
// The ops of kfree_rcu and grace periods: words, fields and functions behind their rows. Only the room's ops include
// it.
#include "base/op_row.h"
#include "slab/ops.h"

namespace mm {

// What is freed, also by the ops of slab/ops.cpp.
inline constexpr FieldSpec object_field{"object",
                                        Unit::object_result,
                                        -1,
                                        -1,
                                        MAX_RESULTS - 1,
                                        false,
                                        "name of an object allocated earlier; left out: NULL"};
namespace rcu_spec {

inline constexpr FieldSpec rcu_area_field{
    "area", Unit::area_result, -1, -1, MAX_RESULTS - 1, false, "name of an area made earlier; left out: NULL"};

inline constexpr OpSpec kfree_rcu{
    .name = "kfree_rcu",
    .fields = {object_field},
    .kernel_function = "kfree_rcu (include/linux/rcupdate.h)",
    .help_en = "Frees an object when all readers that may see it are gone.",
    .help_zh = "等可能看见它的读者都离开后，再释放一个对象。",
};
inline constexpr OpSpec kvfree_rcu{
    .name = "kvfree_rcu",
    .fields = {rcu_area_field},
    .kernel_function = "kvfree_rcu (include/linux/rcupdate.h)",
    .help_en = "The same with what kvmalloc or vmalloc gave.",
    .help_zh = "同上，用于 kvmalloc 或 vmalloc 得到的内存。",
};
inline constexpr OpSpec kfree_rcu_monitor{
    .name = "kfree_rcu_monitor",
    .kernel_function = "kfree_rcu_monitor (kernel/rcu/tree.c)",
    .help_en = "The timer runs out: what kfree_rcu has collected on the CPU begins to wait for a grace period.",
    .help_zh = "定时器到点：这个 CPU 上 kfree_rcu 攒下的指针开始等待宽限期。",
};
inline constexpr OpSpec synchronize_rcu{
    .name = "synchronize_rcu",
    .kernel_function = "synchronize_rcu (kernel/rcu/tree.c)",
    .help_en = "A grace period passes: what waits for one is freed.",
    .help_zh = "经过一个宽限期：等待它的都被释放。",
};
inline constexpr OpSpec rcu_barrier{
    .name = "rcu_barrier",
    .kernel_function = "rcu_barrier (kernel/rcu/tree.c)",
    .help_en = "Waits for the callbacks that RCU was given; what kfree_rcu still collects is not among them.",
    .help_zh = "等待已交给 RCU 的回调执行完；kfree_rcu 仍在攒的不在其中。",
};
inline constexpr OpSpec kvfree_rcu_barrier{
    .name = "kvfree_rcu_barrier",
    .kernel_function = "kvfree_rcu_barrier (kernel/rcu/tree.c), since Linux 6.12",
    .help_en = "Waits for all that kfree_rcu was given, on every CPU.",
    .help_zh = "等待各 CPU 上 kfree_rcu 接下的全部指针释放。",
};

} // namespace rcu_spec

OpOutcome kfree_rcu_op(slab_op_context& room, OpCall& call, Fields<rcu_spec::kfree_rcu> in);
OpOutcome kvfree_rcu_op(slab_op_context& room, OpCall& call, Fields<rcu_spec::kvfree_rcu> in);
OpOutcome kfree_rcu_monitor_op(slab_op_context& room, OpCall& call, Fields<rcu_spec::kfree_rcu_monitor> in);
OpOutcome synchronize_rcu_op(slab_op_context& room, OpCall& call, Fields<rcu_spec::synchronize_rcu> in);
OpOutcome rcu_barrier_op(slab_op_context& room, OpCall& call, Fields<rcu_spec::rcu_barrier> in);
OpOutcome kvfree_rcu_barrier_op(slab_op_context& room, OpCall& call, Fields<rcu_spec::kvfree_rcu_barrier> in);

} // namespace mm
