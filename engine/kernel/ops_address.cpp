// From addresses to frames and back, as ops.
#include "kernel/address.h"
#include "kernel/op_fields.h"

namespace mm {

namespace {

// What area, object, page or address name, with the offset that stands behind them. A name that stands for nothing is NULL.
template <const OpSpec& SPEC>
u64 named_address(kernel_op_context& room, OpCall& call, Fields<SPEC> in) {
    u64 address = in.template as<u64>("address");
    for (const i64 slot : {in["area"], in["object"], in["page"]})
        if (slot >= 0) address = address_of(room, named(call, slot));
    address += in.template as<u64>("offset");
    return address & room.kernel.arch.address_mask;
}

OpOutcome told(bool right) { return right ? OpOutcome::done : OpOutcome::refused; }

} // namespace

OpOutcome virt_to_phys_op(kernel_op_context& room, OpCall& call, Fields<spec::virt_to_phys> in) {
    kernel_context cx = context(room, call);
    return told(virt_to_phys(cx, named_address(room, call, in)));
}

OpOutcome phys_to_virt_op(kernel_op_context& room, OpCall& call, Fields<spec::phys_to_virt> in) {
    kernel_context cx = context(room, call);
    auto phys = in.as<phys_addr_t>("phys");
    if (const OpResult block = named(call, in["page"]); in["page"] >= 0 && block.kind == ResultKind::pages)
        phys = phys_addr_t{block.pfn()} << room.mem.page_shift;
    return told(phys_to_virt(cx, phys));
}

OpOutcome vmalloc_to_page_op(kernel_op_context& room, OpCall& call, Fields<spec::vmalloc_to_page> in) {
    kernel_context cx = context(room, call);
    return vmalloc_to_page(cx, named_address(room, call, in)) == FRAME_NONE ? OpOutcome::returned_null
                                                                            : OpOutcome::done;
}

} // namespace mm
