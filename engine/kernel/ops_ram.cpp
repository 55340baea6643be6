// Aligned areas, vm_map_ram and percpu memory as ops.
#include <vector>

#include "kernel/percpu.h"
#include "kernel/ram_ops.h"
#include "kernel/vm_map_ram.h"
#include "kernel/vmalloc.h"

namespace mm {

OpOutcome vmalloc_aligned_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    vmalloc_request request;
    request.size = static_cast<u64>(call.arg(0));
    request.align = static_cast<u64>(call.arg(1));
    request.gfp = static_cast<gfp_t>(call.arg(2));
    request.node = static_cast<int>(call.arg(3));
    return store(call, vmalloc(cx, request), ResultKind::area);
}

OpOutcome vm_map_ram_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    const OpResult block = named(call, call.arg(0));
    std::vector<pfn_t> pages;
    // Behind the block there is nothing that the caller could hand over.
    if (block.kind == ResultKind::pages && !block.freed && call.arg(1) <= i64{1} << block.order)
        for (pfn_t i = 0; i < static_cast<pfn_t>(call.arg(1)); ++i) pages.push_back(block.pfn() + i);
    return store(call, vm_map_ram(cx, pages), ResultKind::area);
}

OpOutcome vm_unmap_ram_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    const u64 address = address_of(room, named(call, call.arg(0)));
    if (!vm_unmap_ram(cx, address, static_cast<u32>(call.arg(1)))) return OpOutcome::refused;
    call.mark_freed(call.arg(0));
    return OpOutcome::done;
}

OpOutcome alloc_percpu_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    const u64 address = alloc_percpu(cx, static_cast<u64>(call.arg(0)), static_cast<u64>(call.arg(1)));
    return store(call, address, ResultKind::area);
}

OpOutcome free_percpu_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    if (!free_percpu(cx, address_of(room, named(call, call.arg(0))))) return OpOutcome::no_effect;
    call.mark_freed(call.arg(0));
    return OpOutcome::done;
}

} // namespace mm
