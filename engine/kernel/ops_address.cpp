// From addresses to frames and back, as ops.
#include "kernel/address.h"
#include "kernel/op_fields.h"

namespace mm {

namespace {

// What area, object, page or address name, with the offset that stands behind them. A name that stands for nothing is NULL.
u64 named_address(kernel_op_context& room, OpCall& call) {
    u64 address = static_cast<u64>(call.arg(3));
    for (const int field : {0, 1, 2})
        if (call.arg(field) >= 0) address = address_of(room, named(call, call.arg(field)));
    address += static_cast<u64>(call.arg(4));
    return address & room.kernel.arch.address_mask;
}

OpOutcome told(bool right) { return right ? OpOutcome::done : OpOutcome::refused; }

} // namespace

OpOutcome virt_to_phys_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    return told(virt_to_phys(cx, named_address(room, call)));
}

OpOutcome phys_to_virt_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    phys_addr_t phys = static_cast<phys_addr_t>(call.arg(1));
    if (const OpResult block = named(call, call.arg(0)); call.arg(0) >= 0 && block.kind == ResultKind::pages)
        phys = phys_addr_t{block.pfn()} << room.mem.page_shift;
    return told(phys_to_virt(cx, phys));
}

OpOutcome vmalloc_to_page_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    return vmalloc_to_page(cx, named_address(room, call)) == FRAME_NONE ? OpOutcome::returned_null : OpOutcome::done;
}

} // namespace mm
