// kmap and its relatives as ops.
#include "kernel/events.h"
#include "kernel/op_fields.h"

namespace mm {

namespace {

// The page that fields 0 and 1 name; PFN_NONE: there is none.
pfn_t named_page(OpCall& call) {
    const OpResult block = named(call, call.arg(0));
    if (block.kind != ResultKind::pages || call.arg(1) >= i64{1} << block.order) return PFN_NONE;
    return block.pfn() + static_cast<pfn_t>(call.arg(1));
}

OpOutcome map_local(kernel_op_context& room, OpCall& call, kmap_kind kind) {
    kernel_context cx = context(room, call);
    return store(call, kmap_local(cx, named_page(call), kind), ResultKind::area);
}

OpOutcome unmap_local(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    if (!kunmap_local(cx, address_of(room, named(call, call.arg(0))))) return OpOutcome::no_effect;
    call.mark_freed(call.arg(0));
    return OpOutcome::done;
}

OpOutcome missing(OpCall& call) {
    call.keep({});
    call.sink.emit(kernel_event::function_missing, missing_function::kmap_local);
    return OpOutcome::refused;
}

} // namespace

OpOutcome kmap_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    return store(call, kmap(cx, named_page(call)), ResultKind::area);
}

OpOutcome kunmap_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    return kunmap(cx, named_page(call)) ? OpOutcome::done : OpOutcome::no_effect;
}

OpOutcome kmap_flush_unused_op(kernel_op_context& room, OpCall& call) {
    if (!room.kernel.kmap.up) return OpOutcome::no_effect;
    kernel_context cx = context(room, call);
    kmap_flush_unused(cx);
    return OpOutcome::done;
}

OpOutcome kmap_atomic_op(kernel_op_context& room, OpCall& call) { return map_local(room, call, kmap_kind::atomic); }

OpOutcome kunmap_atomic_op(kernel_op_context& room, OpCall& call) { return unmap_local(room, call); }

OpOutcome kmap_local_page_op(kernel_op_context& room, OpCall& call) {
    if (!room.kernel.vmap.rules.has_kmap_local()) return missing(call);
    return map_local(room, call, kmap_kind::local);
}

OpOutcome kunmap_local_op(kernel_op_context& room, OpCall& call) {
    if (!room.kernel.vmap.rules.has_kmap_local()) return missing(call);
    return unmap_local(room, call);
}

} // namespace mm
