// kmap and its relatives as ops.
#include "kernel/events.h"
#include "kernel/op_fields.h"

namespace mm {

namespace {

// Which page of the block `page` is meant; PFN_NONE: there is none.
pfn_t named_page(OpCall& call, i64 page, i64 index) {
    const OpResult block = named(call, page);
    if (block.kind != ResultKind::pages || index >= i64{1} << block.order) return PFN_NONE;
    return block.pfn() + static_cast<pfn_t>(index);
}

OpOutcome map_local(kernel_op_context& room, OpCall& call, pfn_t page, kmap_kind kind) {
    kernel_context cx = context(room, call);
    return store(call, kmap_local(cx, page, kind), ResultKind::area);
}

OpOutcome unmap_local(kernel_op_context& room, OpCall& call, i64 area) {
    kernel_context cx = context(room, call);
    if (!kunmap_local(cx, address_of(room, named(call, area)))) return OpOutcome::no_effect;
    call.mark_freed(area);
    return OpOutcome::done;
}

OpOutcome missing(OpCall& call) {
    call.keep({});
    call.sink.emit(kernel_event::function_missing, missing_function::kmap_local);
    return OpOutcome::refused;
}

} // namespace

OpOutcome kmap_op(kernel_op_context& room, OpCall& call, Fields<spec::kmap> in) {
    kernel_context cx = context(room, call);
    return store(call, kmap(cx, named_page(call, in["page"], in["index"])), ResultKind::area);
}

OpOutcome kunmap_op(kernel_op_context& room, OpCall& call, Fields<spec::kunmap> in) {
    kernel_context cx = context(room, call);
    return kunmap(cx, named_page(call, in["page"], in["index"])) ? OpOutcome::done : OpOutcome::no_effect;
}

OpOutcome kmap_flush_unused_op(kernel_op_context& room, OpCall& call, Fields<spec::kmap_flush_unused>) {
    if (!room.kernel.kmap.up) return OpOutcome::no_effect;
    kernel_context cx = context(room, call);
    kmap_flush_unused(cx);
    return OpOutcome::done;
}

OpOutcome kmap_atomic_op(kernel_op_context& room, OpCall& call, Fields<spec::kmap_atomic> in) {
    return map_local(room, call, named_page(call, in["page"], in["index"]), kmap_kind::atomic);
}

OpOutcome kunmap_atomic_op(kernel_op_context& room, OpCall& call, Fields<spec::kunmap_atomic> in) {
    return unmap_local(room, call, in["area"]);
}

OpOutcome kmap_local_page_op(kernel_op_context& room, OpCall& call, Fields<spec::kmap_local_page> in) {
    if (!room.kernel.vmap.rules.has_kmap_local()) return missing(call);
    return map_local(room, call, named_page(call, in["page"], in["index"]), kmap_kind::local);
}

OpOutcome kunmap_local_op(kernel_op_context& room, OpCall& call, Fields<spec::kunmap_local> in) {
    if (!room.kernel.vmap.rules.has_kmap_local()) return missing(call);
    return unmap_local(room, call, in["area"]);
}

} // namespace mm
