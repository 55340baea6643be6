#include "kernel/ops.h"

#include <vector>

#include "kernel/events.h"
#include "kernel/ioremap.h"
#include "kernel/op_fields.h"
#include "kernel/ram_ops.h"
#include "kernel/vmalloc.h"
#include "physical/gfp.h"
#include "slab/kmalloc.h"

namespace mm {

namespace {

constexpr i64 INT_MAX_BYTES = 0x7fffffff;

constexpr FieldSpec size_field{"size", Unit::bytes, 0, 0, MAX_VMALLOC, true, "bytes asked for"};
constexpr FieldSpec node_field{"node", Unit::node, -1, -1, MAX_NODES - 1, true, "the node wanted; -1: any"};
constexpr FieldSpec area_field{
    "area", Unit::area_result, -1, -1, MAX_RESULTS - 1, false, "name of an area made earlier; left out: NULL"};
constexpr FieldSpec page_field{
    "page", Unit::result, -1, 0, MAX_RESULTS - 1, true, "name of pages allocated earlier: all of the block is mapped"};
constexpr FieldSpec one_page_field{
    "page", Unit::result, -1, -1, MAX_RESULTS - 1, false, "name of pages allocated earlier; left out: NULL"};
constexpr FieldSpec index_field{
    "index", Unit::number, 0, 0, (1 << (MAX_ORDERS - 1)) - 1, false, "which page of the block, from 0 on"};
constexpr FieldSpec phys_field{"phys", Unit::address, 0, 0, 0, true, "physical address of the first byte"};
constexpr FieldSpec device_size_field{"size", Unit::bytes, 0, 0, static_cast<i64>(MAX_IOREMAP), true, "bytes"};
constexpr FieldSpec block_field{
    "page", Unit::result, -1, -1, MAX_RESULTS - 1, false, "name of pages: the first byte of the block"};
constexpr FieldSpec any_phys_field{"phys", Unit::address, 0, 0, 0, false, "physical address, instead of page",
                                   {},     "page"};

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

OpOutcome vmalloc_huge_op(kernel_op_context& room, OpCall& call) {
    kernel_context cx = context(room, call);
    if (!room.kernel.vmap.rules.has_vmalloc_huge()) {
        call.keep({});
        call.sink.emit(kernel_event::function_missing, missing_function::vmalloc_huge);
        return OpOutcome::refused;
    }
    const auto gfp = static_cast<gfp_t>(call.arg(1));
    return store(call, vmalloc_node(cx, static_cast<u64>(call.arg(0)), gfp, -1, VM_ALLOW_HUGE_VMAP), ResultKind::area);
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
    const u32 flags = room.kernel.vmap.rules.has_vmalloc_huge() ? VM_ALLOW_HUGE_VMAP : 0;
    return store(call, vmalloc_node(cx, size, gfp, -1, flags), ResultKind::area);
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
    {{"vmalloc_huge",
      {size_field, gfp_field},
      ResultKind::area,
      "vmalloc_huge (mm/vmalloc.c)",
      "Allocates bytes that are contiguous by address, in huge pages where there are any.",
      "分配只在地址上连续的内存，能用大页时用大页。"},
     vmalloc_huge_op},
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
      "把若干页映射到 vmalloc 的地址空间。",
      false,
      true},
     vmap_op},
    {{"vunmap",
      {area_field},
      ResultKind::none,
      "vunmap (mm/vmalloc.c)",
      "Ends what vmap began; the pages stay.",
      "撤销 vmap 的映射，页保留。",
      false,
      true},
     vunmap_op},
    {{"vm_unmap_aliases",
      {},
      ResultKind::none,
      "vm_unmap_aliases (mm/vmalloc.c)",
      "Purges all lazily freed addresses at once.",
      "立即清理所有惰性释放的地址。"},
     vm_unmap_aliases_op},
    {{"vmalloc_to_page",
      {any_area_field, any_object_field, any_page_field, any_address_field, offset_field},
      ResultKind::none,
      "vmalloc_to_page (mm/vmalloc.c)",
      "Tells the frame behind an address, by the page table.",
      "查页表给出一个地址背后的页框。",
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
    {{"ioremap",
      {phys_field, device_size_field},
      ResultKind::area,
      "ioremap (arch/arm64/include/asm/io.h)",
      "Maps the registers of a device: uncached, in order.",
      "映射设备的寄存器：不缓存，按顺序访问。",
      false,
      true},
     ioremap_op},
    {{"ioremap_wc",
      {phys_field, device_size_field},
      ResultKind::area,
      "ioremap_wc (arch/arm64/include/asm/io.h)",
      "Maps the memory of a device so that writes may be gathered.",
      "映射设备的内存，允许合并写入。",
      false,
      true},
     ioremap_wc_op},
    {{"ioremap_cache",
      {phys_field, device_size_field},
      ResultKind::area,
      "ioremap_cache (arch/arm64/mm/ioremap.c)",
      "Maps the memory of a device with cache; of memory it tells the linear address.",
      "以可缓存方式映射设备的内存；若是内存，给出线性地址。",
      false,
      true},
     ioremap_cache_op},
    {{"iounmap",
      {area_field},
      ResultKind::none,
      "iounmap (mm/ioremap.c)",
      "Ends what ioremap began.",
      "撤销 ioremap 的映射。",
      false,
      true},
     iounmap_op},
    {{"kmap",
      {one_page_field, index_field},
      ResultKind::area,
      "kmap (include/linux/highmem.h)",
      "Gives a page an address; one of high memory gets an entry of the PKMAP.",
      "给页一个地址；高端内存的页占用 PKMAP 的一个表项。",
      false,
      true},
     kmap_op},
    {{"kunmap",
      {one_page_field, index_field},
      ResultKind::none,
      "kunmap (include/linux/highmem.h)",
      "Ends one kmap of a page.",
      "撤销对一页的一次 kmap。",
      false,
      true},
     kunmap_op},
    {{"kmap_flush_unused",
      {},
      ResultKind::none,
      "kmap_flush_unused (include/linux/highmem.h)",
      "Clears all entries of the PKMAP that nobody uses.",
      "清除 PKMAP 中无人使用的全部表项。"},
     kmap_flush_unused_op},
    {{"kmap_atomic",
      {one_page_field, index_field},
      ResultKind::area,
      "kmap_atomic (include/linux/highmem.h)",
      "Maps a page in the next entry of this CPU's fixmap, without sleeping.",
      "在本 CPU 的 fixmap 中用下一个表项映射一页，不睡眠。",
      false,
      true},
     kmap_atomic_op},
    {{"kunmap_atomic",
      {area_field},
      ResultKind::none,
      "kunmap_atomic (include/linux/highmem.h)",
      "Ends the last kmap_atomic of this CPU.",
      "撤销本 CPU 最近的一次 kmap_atomic。",
      false,
      true},
     kunmap_atomic_op},
    {{"kmap_local_page",
      {one_page_field, index_field},
      ResultKind::area,
      "kmap_local_page (include/linux/highmem.h)",
      "Maps a page for this task alone, in the next entry of its CPU.",
      "只为当前任务映射一页，用其 CPU 的下一个表项。",
      false,
      true},
     kmap_local_page_op},
    {{"kunmap_local",
      {area_field},
      ResultKind::none,
      "kunmap_local (include/linux/highmem.h)",
      "Ends the last kmap_local_page.",
      "撤销最近的一次 kmap_local_page。",
      false,
      true},
     kunmap_local_op},
    {{"virt_to_phys",
      {any_area_field, any_object_field, any_page_field, any_address_field, offset_field},
      ResultKind::none,
      "virt_to_phys (arch/arm64/include/asm/memory.h)",
      "Computes the physical address of a linear address; of any other it returns garbage.",
      "算出线性地址的物理地址；对其他地址返回的是垃圾。",
      false,
      true},
     virt_to_phys_op},
    {{"phys_to_virt",
      {block_field, any_phys_field},
      ResultKind::none,
      "phys_to_virt (arch/arm64/include/asm/memory.h)",
      "Computes the linear address of a physical address; right for low memory only.",
      "算出物理地址的线性地址；只对低端内存正确。",
      false,
      true},
     phys_to_virt_op},
    {spec::vmalloc_aligned, vmalloc_aligned_op},
    {spec::vm_map_ram, vm_map_ram_op},
    {spec::vm_unmap_ram, vm_unmap_ram_op},
    {spec::alloc_percpu, alloc_percpu_op},
    {spec::free_percpu, free_percpu_op},
};

} // namespace

std::span<const KernelOp> kernel_ops() { return rows; }

} // namespace mm
