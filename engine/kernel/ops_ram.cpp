// Aligned areas, vm_map_ram and percpu memory as ops.
#include <vector>

#include "kernel/percpu.h"
#include "kernel/ram_ops.h"
#include "kernel/vm_map_ram.h"
#include "kernel/vmalloc.h"

namespace mm {

OpOutcome vmalloc_aligned_op(kernel_op_context& room, OpCall& call, Fields<spec::vmalloc_aligned> in) {
    kernel_context cx = context(room, call);
    vmalloc_request request;
    request.size = in.as<u64>("size");
    request.align = in.as<u64>("align");
    request.gfp = in.as<gfp_t>("gfp");
    request.node = in.as<int>("node");
    return store(call, vmalloc(cx, request), ResultKind::area);
}

OpOutcome vm_map_ram_op(kernel_op_context& room, OpCall& call, Fields<spec::vm_map_ram> in) {
    kernel_context cx = context(room, call);
    const OpResult block = named(call, in["page"]);
    std::vector<pfn_t> pages;
    // Behind the block there is nothing that the caller could hand over.
    if (block.kind == ResultKind::pages && !block.freed && in["count"] <= i64{1} << block.order)
        for (pfn_t i = 0; i < in.as<pfn_t>("count"); ++i) pages.push_back(block.pfn() + i);
    return store(call, vm_map_ram(cx, pages), ResultKind::area);
}

OpOutcome vm_unmap_ram_op(kernel_op_context& room, OpCall& call, Fields<spec::vm_unmap_ram> in) {
    kernel_context cx = context(room, call);
    const u64 address = address_of(room, named(call, in["area"]));
    if (!vm_unmap_ram(cx, address, in.as<u32>("count"))) return OpOutcome::refused;
    call.mark_freed(in["area"]);
    return OpOutcome::done;
}

OpOutcome alloc_percpu_op(kernel_op_context& room, OpCall& call, Fields<spec::alloc_percpu> in) {
    kernel_context cx = context(room, call);
    const u64 address = alloc_percpu(cx, in.as<u64>("size"), in.as<u64>("align"));
    return store(call, address, ResultKind::area);
}

OpOutcome free_percpu_op(kernel_op_context& room, OpCall& call, Fields<spec::free_percpu> in) {
    kernel_context cx = context(room, call);
    if (!free_percpu(cx, address_of(room, named(call, in["area"])))) return OpOutcome::no_effect;
    call.mark_freed(in["area"]);
    return OpOutcome::done;
}

} // namespace mm
