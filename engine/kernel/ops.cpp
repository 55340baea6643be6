#include "kernel/ops.h"

#include <vector>

#include "kernel/events.h"
#include "kernel/vmalloc.h"
#include "physical/gfp.h"
#include "slab/kmalloc.h"

namespace mm {

namespace {

constexpr i64 MAX_VMALLOC = i64{1} << 40;
constexpr i64 INT_MAX_BYTES = 0x7fffffff;

constexpr FieldSpec size_field{"size", Unit::bytes, 0, 0, MAX_VMALLOC, true, "bytes asked for"};
constexpr FieldSpec gfp_field{"gfp", Unit::gfp, GFP_KERNEL, 0, GFP_BITS_ALL, false, "gfp mask by names joined with |"};
constexpr FieldSpec node_field{"node", Unit::node, -1, -1, MAX_NODES - 1, true, "the node wanted; -1: any"};
constexpr FieldSpec area_field{
    "area", Unit::area_result, -1, -1, MAX_RESULTS - 1, false, "name of an area made earlier; left out: NULL"};
constexpr FieldSpec shown_field{
    "area", Unit::area_result, 0, 0, MAX_RESULTS - 1, true, "name of an area made earlier, freed or not"};
constexpr FieldSpec page_field{
    "page", Unit::result, -1, 0, MAX_RESULTS - 1, true, "name of pages allocated earlier: all of the block is mapped"};
constexpr FieldSpec offset_field{"offset", Unit::bytes, 0, 0, MAX_VMALLOC, false, "bytes from the area's first"};

kernel_context context(kernel_op_context& room, OpCall& call) {
    return {room.kernel, room.mmu, {room.mem, call.sink, call.op.cpu, call.step}};
}

OpOutcome store(OpCall& call, u64 value, ResultKind kind) {
    call.keep(value == 0 ? OpResult{} : OpResult{value, kind, 0, 0});
    return value == 0 ? OpOutcome::returned_null : OpOutcome::done;
}

OpResult named(const OpCall& call, i64 slot) { return slot < 0 ? OpResult{} : call.results[static_cast<u32>(slot)]; }

// The address of a result, 0 for none: an area's, or of the object of kmalloc that kvmalloc gave.
u64 address_of(const kernel_op_context& room, const OpResult& result) {
    if (result.kind == ResultKind::area) return result.value;
    return result.kind == ResultKind::object ? room.slabs.map.phys_to_virt(result.value) : 0;
}

// Hands an address to vfree() or vunmap(). What they refuse was not freed.
OpOutcome give_back(kernel_op_context& room, OpCall& call, bool (*free)(kernel_context&, u64)) {
    kernel_context cx = context(room, call);
    const u64 address = address_of(room, named(call, call.arg(0)));
    if (free(cx, address)) call.mark_freed(call.arg(0));
    return address == 0 ? OpOutcome::no_effect : OpOutcome::done;
}

OpOutcome vmalloc_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    return store(call, vmalloc_node(cx, static_cast<u64>(call.arg(0)), GFP_KERNEL, -1), ResultKind::area);
}

OpOutcome vzalloc_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    const gfp_t gfp = GFP_KERNEL | GFP_BIT_ZERO;
    return store(call, vmalloc_node(cx, static_cast<u64>(call.arg(0)), gfp, -1), ResultKind::area);
}

OpOutcome vmalloc_node_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    const int node = static_cast<int>(call.arg(1));
    return store(call, vmalloc_node(cx, static_cast<u64>(call.arg(0)), GFP_KERNEL, node), ResultKind::area);
}

OpOutcome vmalloc_user_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    const gfp_t gfp = GFP_KERNEL | GFP_BIT_ZERO;
    return store(call, vmalloc_node(cx, static_cast<u64>(call.arg(0)), gfp, -1, VM_USERMAP), ResultKind::area);
}

OpOutcome vfree_op(kernel_op_context& room, OpCall& call) { return give_back(room, call, vfree); }

OpOutcome vmap_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    const OpResult block = named(call, call.arg(0));
    std::vector<pfn_t> pages;
    if (block.kind == ResultKind::pages && !block.freed)
        for (pfn_t i = 0; i < pfn_t{1} << block.order; ++i) pages.push_back(block.pfn() + i);
    return store(call, vmap(cx, pages), ResultKind::area);
}

OpOutcome vunmap_op(kernel_op_context& room, OpCall& call) { return give_back(room, call, vunmap); }

OpOutcome vm_unmap_aliases_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    purge_vmap_areas(cx);
    return OpOutcome::done;
}

OpOutcome vmalloc_to_page_op(kernel_op_context& room, OpCall& call) {
    const u64 area = address_of(room, named(call, call.arg(0)));
    if (area == 0) return OpOutcome::no_effect;
    const u64 address = area + static_cast<u64>(call.arg(1));
    call.sink.emit(kernel_event::vmalloc_to_page, address, vmalloc_to_pfn(room.kernel, room.mem, address));
    return OpOutcome::done;
}

// kmalloc first, without trying hard when it is more than a page; vmalloc when that fails. kernel: kvmalloc_node
OpOutcome kvmalloc_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    const u64 size = static_cast<u64>(call.arg(0));
    const auto gfp = static_cast<gfp_t>(call.arg(1));
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
    return store(call, vmalloc_node(cx, size, gfp, -1), ResultKind::area);
}

OpOutcome kvfree_op(kernel_op_context& room, OpCall& call) {
    const OpResult result = named(call, call.arg(0));
    if (result.kind != ResultKind::object) return vfree_op(room, call);
    slab_context cx{room.slabs, {room.mem, call.sink, call.op.cpu, call.step}};
    kfree(cx, result.value);
    call.mark_freed(call.arg(0));
    return OpOutcome::done;
}

constexpr KernelOp rows[] = {
    {{"vmalloc",
      {size_field},
      ResultKind::area,
      "vmalloc (mm/vmalloc.c)",
      "Allocates bytes that are contiguous by address only.",
      "分配一段只在地址上连续的内存。"},
     vmalloc_op},
    {{"vzalloc",
      {size_field},
      ResultKind::area,
      "vzalloc (mm/vmalloc.c)",
      "Allocates zeroed bytes that are contiguous by address only.",
      "分配一段清零的、只在地址上连续的内存。"},
     vzalloc_op},
    {{"vmalloc_node",
      {size_field, node_field},
      ResultKind::area,
      "vmalloc_node (mm/vmalloc.c)",
      "The same with pages of a node.",
      "同上，页取自指定节点。"},
     vmalloc_node_op},
    {{"vmalloc_user",
      {size_field},
      ResultKind::area,
      "vmalloc_user (mm/vmalloc.c)",
      "Allocates zeroed bytes that may be mapped to user space later.",
      "分配清零的、以后可映射到用户空间的内存。"},
     vmalloc_user_op},
    {{"vfree",
      {area_field},
      ResultKind::none,
      "vfree (mm/vmalloc.c)",
      "Frees what vmalloc gave.",
      "释放 vmalloc 得到的内存。"},
     vfree_op},
    {{"vmap",
      {page_field},
      ResultKind::area,
      "vmap (mm/vmalloc.c)",
      "Shows pages at addresses of vmalloc's space.",
      "把若干页映射到 vmalloc 的地址空间。"},
     vmap_op},
    {{"vunmap",
      {area_field},
      ResultKind::none,
      "vunmap (mm/vmalloc.c)",
      "Ends what vmap began; the pages stay.",
      "撤销 vmap 的映射，页保留。"},
     vunmap_op},
    {{"vm_unmap_aliases",
      {},
      ResultKind::none,
      "vm_unmap_aliases (mm/vmalloc.c)",
      "Purges all lazily freed addresses at once.",
      "立即清理所有惰性释放的地址。"},
     vm_unmap_aliases_op},
    {{"vmalloc_to_page",
      {shown_field, offset_field},
      ResultKind::none,
      "vmalloc_to_page (mm/vmalloc.c)",
      "Tells the frame behind an address of an area.",
      "给出区域中一个地址背后的页框。",
      false,
      true},
     vmalloc_to_page_op},
    {{"kvmalloc",
      {size_field, gfp_field},
      ResultKind::area,
      "kvmalloc (mm/util.c)",
      "Allocates bytes with kmalloc, or with vmalloc when that fails.",
      "先用 kmalloc 分配，失败时改用 vmalloc。"},
     kvmalloc_op},
    {{"kvfree",
      {area_field},
      ResultKind::none,
      "kvfree (mm/util.c)",
      "Frees what kvmalloc gave.",
      "释放 kvmalloc 得到的内存。"},
     kvfree_op},
};

} // namespace

std::span<const KernelOp> kernel_ops() { return rows; }

} // namespace mm
