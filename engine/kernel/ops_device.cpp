// ioremap and iounmap as ops.
#include "kernel/ioremap.h"
#include "kernel/op_fields.h"

namespace mm {

namespace {

OpOutcome map_device(kernel_op_context& room, OpCall& call, ioremap_memory memory) {
    kernel_context cx = context(room, call);
    const u64 address = ioremap(cx, static_cast<phys_addr_t>(call.arg(0)), static_cast<u64>(call.arg(1)), memory);
    return store(call, address, ResultKind::area);
}

} // namespace

OpOutcome ioremap_op(kernel_op_context& room, OpCall& call) { return map_device(room, call, ioremap_memory::device); }

OpOutcome ioremap_wc_op(kernel_op_context& room, OpCall& call) {
    return map_device(room, call, ioremap_memory::write_combining);
}

OpOutcome ioremap_cache_op(kernel_op_context& room, OpCall& call) {
    return map_device(room, call, ioremap_memory::cached);
}

OpOutcome iounmap_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    const u64 address = address_of(room, named(call, call.arg(0)));
    if (!iounmap(cx, address)) return OpOutcome::no_effect;
    call.mark_freed(call.arg(0));
    return OpOutcome::done;
}

} // namespace mm
