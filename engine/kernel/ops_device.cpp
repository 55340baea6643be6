// ioremap and iounmap as ops.
#include "kernel/ioremap.h"
#include "kernel/op_fields.h"

namespace mm {

namespace {

// Of the three ways to map a device, which have the same fields.
template <const OpSpec& SPEC>
OpOutcome map_device(kernel_op_context& room, OpCall& call, Fields<SPEC> in, ioremap_memory memory) {
    kernel_context cx = context(room, call);
    const u64 address = ioremap(cx, in.template as<phys_addr_t>("phys"), in.template as<u64>("size"), memory);
    return store(call, address, ResultKind::area);
}

} // namespace

OpOutcome ioremap_op(kernel_op_context& room, OpCall& call, Fields<spec::ioremap> in) {
    return map_device(room, call, in, ioremap_memory::device);
}

OpOutcome ioremap_wc_op(kernel_op_context& room, OpCall& call, Fields<spec::ioremap_wc> in) {
    return map_device(room, call, in, ioremap_memory::write_combining);
}

OpOutcome ioremap_cache_op(kernel_op_context& room, OpCall& call, Fields<spec::ioremap_cache> in) {
    return map_device(room, call, in, ioremap_memory::cached);
}

OpOutcome iounmap_op(kernel_op_context& room, OpCall& call, Fields<spec::iounmap> in) {
    kernel_context cx = context(room, call);
    const u64 address = address_of(room, named(call, in["area"]));
    if (!iounmap(cx, address)) return OpOutcome::no_effect;
    call.mark_freed(in["area"]);
    return OpOutcome::done;
}

} // namespace mm
