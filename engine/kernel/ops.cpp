#include "kernel/ops.h"

#include <vector>

#include "kernel/events.h"
#include "kernel/op_fields.h"
#include "kernel/ram_ops.h"
#include "kernel/vmalloc.h"
#include "physical/gfp.h"
#include "slab/kmalloc.h"

namespace mm {

namespace {

constexpr i64 INT_MAX_BYTES = 0x7fffffff;

// Hands an address to vfree() or vunmap(). What they refuse was not freed.
OpOutcome give_back(kernel_op_context& room, OpCall& call, i64 area, bool (*free)(kernel_context&, u64)) {
    kernel_context cx = context(room, call);
    const u64 address = address_of(room, named(call, area));
    if (free(cx, address)) call.mark_freed(area);
    return address == 0 ? OpOutcome::no_effect : OpOutcome::done;
}

OpOutcome vmalloc_op(kernel_op_context& room, OpCall& call, Fields<spec::vmalloc> in) {
    kernel_context cx = context(room, call);
    return store(call, vmalloc_node(cx, in.as<u64>("size"), GFP_KERNEL, -1), ResultKind::area);
}

OpOutcome vzalloc_op(kernel_op_context& room, OpCall& call, Fields<spec::vzalloc> in) {
    kernel_context cx = context(room, call);
    const gfp_t gfp = GFP_KERNEL | GFP_BIT_ZERO;
    return store(call, vmalloc_node(cx, in.as<u64>("size"), gfp, -1), ResultKind::area);
}

OpOutcome vmalloc_node_op(kernel_op_context& room, OpCall& call, Fields<spec::vmalloc_node> in) {
    kernel_context cx = context(room, call);
    const auto node = in.as<int>("node");
    return store(call, vmalloc_node(cx, in.as<u64>("size"), GFP_KERNEL, node), ResultKind::area);
}

OpOutcome vmalloc_user_op(kernel_op_context& room, OpCall& call, Fields<spec::vmalloc_user> in) {
    kernel_context cx = context(room, call);
    const gfp_t gfp = GFP_KERNEL | GFP_BIT_ZERO;
    return store(call, vmalloc_node(cx, in.as<u64>("size"), gfp, -1, VM_USERMAP), ResultKind::area);
}

OpOutcome vmalloc_huge_op(kernel_op_context& room, OpCall& call, Fields<spec::vmalloc_huge> in) {
    kernel_context cx = context(room, call);
    if (!room.kernel.vmap.rules.has_vmalloc_huge()) {
        call.keep({});
        call.sink.emit(kernel_event::function_missing, missing_function::vmalloc_huge);
        return OpOutcome::refused;
    }
    const auto gfp = in.as<gfp_t>("gfp");
    return store(call, vmalloc_node(cx, in.as<u64>("size"), gfp, -1, VM_ALLOW_HUGE_VMAP), ResultKind::area);
}

OpOutcome vfree_op(kernel_op_context& room, OpCall& call, Fields<spec::vfree> in) {
    return give_back(room, call, in["area"], vfree);
}

OpOutcome vmap_op(kernel_op_context& room, OpCall& call, Fields<spec::vmap> in) {
    kernel_context cx = context(room, call);
    const OpResult block = named(call, in["page"]);
    std::vector<pfn_t> pages;
    if (block.kind == ResultKind::pages && !block.freed)
        for (pfn_t i = 0; i < pfn_t{1} << block.order; ++i) pages.push_back(block.pfn() + i);
    return store(call, vmap(cx, pages), ResultKind::area);
}

OpOutcome vunmap_op(kernel_op_context& room, OpCall& call, Fields<spec::vunmap> in) {
    return give_back(room, call, in["area"], vunmap);
}

OpOutcome vm_unmap_aliases_op(kernel_op_context& room, OpCall& call, Fields<spec::vm_unmap_aliases>) {
    kernel_context cx = context(room, call);
    purge_vmap_areas(cx);
    return OpOutcome::done;
}

// kmalloc first, without trying hard when it is more than a page; vmalloc when that fails. kernel: kvmalloc_node
OpOutcome kvmalloc_op(kernel_op_context& room, OpCall& call, Fields<spec::kvmalloc> in) {
    kernel_context cx = context(room, call);
    const auto size = in.as<u64>("size");
    const auto gfp = in.as<gfp_t>("gfp");
    const bool small = size <= u64{1} << room.mem.page_shift;
    gfp_t kmalloc_gfp = gfp;
    if (!small) {
        kmalloc_gfp |= GFP_BIT_NOWARN;
        if (!(gfp & GFP_BIT_RETRY_MAYFAIL)) kmalloc_gfp |= GFP_BIT_NORETRY;
    }
    {
        slab_context slab_cx{room.slabs, cx.page};
        const phys_addr_t object = kmalloc_node(slab_cx, size, kmalloc_gfp, -1);
        if (object != ADDR_NULL) return store(call, object, ResultKind::object);
    }
    if (small || size > INT_MAX_BYTES) return store(call, 0, ResultKind::area);
    cx.page.sink.emit(kernel_event::kvmalloc_falls_back, size);
    const u32 flags = room.kernel.vmap.rules.has_vmalloc_huge() ? VM_ALLOW_HUGE_VMAP : 0;
    return store(call, vmalloc_node(cx, size, gfp, -1, flags), ResultKind::area);
}

OpOutcome kvfree_op(kernel_op_context& room, OpCall& call, Fields<spec::kvfree> in) {
    const OpResult result = named(call, in["area"]);
    if (result.kind != ResultKind::object) return give_back(room, call, in["area"], vfree);
    slab_context cx{room.slabs, {room.mem, call.sink, call.op.cpu, call.step}};
    kfree(cx, result.value);
    call.mark_freed(in["area"]);
    return OpOutcome::done;
}

constexpr KernelOp rows[] = {
    op_row<spec::vmalloc, vmalloc_op>(),
    op_row<spec::vzalloc, vzalloc_op>(),
    op_row<spec::vmalloc_node, vmalloc_node_op>(),
    op_row<spec::vmalloc_user, vmalloc_user_op>(),
    op_row<spec::vmalloc_huge, vmalloc_huge_op>(),
    op_row<spec::vfree, vfree_op>(),
    op_row<spec::vmap, vmap_op>(),
    op_row<spec::vunmap, vunmap_op>(),
    op_row<spec::vm_unmap_aliases, vm_unmap_aliases_op>(),
    op_row<spec::vmalloc_to_page, vmalloc_to_page_op>(),
    op_row<spec::kvmalloc, kvmalloc_op>(),
    op_row<spec::kvfree, kvfree_op>(),
    op_row<spec::ioremap, ioremap_op>(),
    op_row<spec::ioremap_wc, ioremap_wc_op>(),
    op_row<spec::ioremap_cache, ioremap_cache_op>(),
    op_row<spec::iounmap, iounmap_op>(),
    op_row<spec::kmap, kmap_op>(),
    op_row<spec::kunmap, kunmap_op>(),
    op_row<spec::kmap_flush_unused, kmap_flush_unused_op>(),
    op_row<spec::kmap_atomic, kmap_atomic_op>(),
    op_row<spec::kunmap_atomic, kunmap_atomic_op>(),
    op_row<spec::kmap_local_page, kmap_local_page_op>(),
    op_row<spec::kunmap_local, kunmap_local_op>(),
    op_row<spec::virt_to_phys, virt_to_phys_op>(),
    op_row<spec::phys_to_virt, phys_to_virt_op>(),
    op_row<spec::vmalloc_aligned, vmalloc_aligned_op>(),
    op_row<spec::vm_map_ram, vm_map_ram_op>(),
    op_row<spec::vm_unmap_ram, vm_unmap_ram_op>(),
    op_row<spec::alloc_percpu, alloc_percpu_op>(),
    op_row<spec::free_percpu, free_percpu_op>(),
};

} // namespace

std::span<const KernelOp> kernel_ops() { return rows; }

} // namespace mm
