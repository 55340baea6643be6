// kfree_rcu and grace periods as ops.
#include "slab/events.h"
#include "slab/kfree_rcu.h"
#include "slab/rcu_ops.h"

namespace mm {

namespace {

slab_context context(slab_op_context& room, OpCall& call) {
    return {room.slabs, {room.mem, call.sink, call.op.cpu, call.step}, 0, room.areas};
}

OpOutcome give_away(slab_op_context& room, OpCall& call, i64 slot) {
    slab_context cx = context(room, call);
    const OpResult result = slot < 0 ? OpResult{} : call.results[static_cast<u32>(slot)];
    if (result.kind == ResultKind::area)
        kvfree_rcu_area(cx, result.value);
    else
        kfree_rcu(cx, result.kind == ResultKind::object ? result.value : ADDR_NULL);
    call.mark_freed(slot);
    return result.empty() ? OpOutcome::no_effect : OpOutcome::done;
}

OpOutcome run(slab_op_context& room, OpCall& call, void (*function)(slab_context&)) {
    slab_context cx = context(room, call);
    function(cx);
    return OpOutcome::done;
}

} // namespace

OpOutcome kfree_rcu_op(slab_op_context& room, OpCall& call, Fields<rcu_spec::kfree_rcu> in) {
    return give_away(room, call, in["object"]);
}

OpOutcome kvfree_rcu_op(slab_op_context& room, OpCall& call, Fields<rcu_spec::kvfree_rcu> in) {
    return give_away(room, call, in["area"]);
}

OpOutcome kfree_rcu_monitor_op(slab_op_context& room, OpCall& call, Fields<rcu_spec::kfree_rcu_monitor>) {
    return run(room, call, kfree_rcu_monitor);
}

OpOutcome synchronize_rcu_op(slab_op_context& room, OpCall& call, Fields<rcu_spec::synchronize_rcu>) {
    return run(room, call, synchronize_rcu);
}

OpOutcome rcu_barrier_op(slab_op_context& room, OpCall& call, Fields<rcu_spec::rcu_barrier>) {
    return run(room, call, rcu_barrier);
}

OpOutcome kvfree_rcu_barrier_op(slab_op_context& room, OpCall& call, Fields<rcu_spec::kvfree_rcu_barrier>) {
    if (!room.slabs.rules.has_kvfree_rcu_barrier()) {
        call.sink.emit(rcu_event::kvfree_rcu_barrier_missing);
        return OpOutcome::refused;
    }
    return run(room, call, kvfree_rcu_barrier);
}

} // namespace mm
