#pragma once
// The words and fields of this room's ops, and the functions behind their rows, by the file that they stand in. Only the
// room's ops include it.
#include "kernel/ioremap.h"
#include "kernel/kmap.h"
#include "kernel/ops.h"
#include "physical/op_parts.h"

namespace mm {

inline constexpr i64 MAX_VMALLOC = i64{1} << 40;

inline constexpr FieldSpec any_area_field{
    "area", Unit::area_result, -1, -1, MAX_RESULTS - 1, false, "name of an address made earlier, freed or not"};
inline constexpr FieldSpec any_object_field{
    "object", Unit::object_result, -1, -1, MAX_RESULTS - 1, false, "name of an object of kmalloc, instead of area", {},
    "area"};
inline constexpr FieldSpec any_page_field{
    "page", Unit::result, -1, -1, MAX_RESULTS - 1, false, "name of pages, instead of area: their page_address()",
    {},     "area"};
inline constexpr FieldSpec any_address_field{
    "address", Unit::virt_address, 0, 0, 0, false, "kernel virtual address, instead of area", {}, "area"};
inline constexpr FieldSpec offset_field{"offset", Unit::bytes, 0, 0, MAX_VMALLOC, false, "bytes from there on"};

inline constexpr FieldSpec size_field{"size", Unit::bytes, 0, 0, MAX_VMALLOC, true, "bytes asked for"};
inline constexpr FieldSpec node_field{"node", Unit::node, -1, -1, MAX_NODES - 1, true, "the node wanted; -1: any"};
inline constexpr FieldSpec area_field{
    "area", Unit::area_result, -1, -1, MAX_RESULTS - 1, false, "name of an area made earlier; left out: NULL"};
inline constexpr FieldSpec mapped_block_field{
    "page", Unit::result, -1, 0, MAX_RESULTS - 1, true, "name of pages allocated earlier: all of the block is mapped"};
inline constexpr FieldSpec one_page_field{
    "page", Unit::result, -1, -1, MAX_RESULTS - 1, false, "name of pages allocated earlier; left out: NULL"};
inline constexpr FieldSpec index_field{
    "index", Unit::number, 0, 0, (1 << (MAX_ORDERS - 1)) - 1, false, "which page of the block, from 0 on"};
inline constexpr FieldSpec phys_field{"phys", Unit::phys_address, 0, 0, 0, true, "physical address of the first byte"};
inline constexpr FieldSpec device_size_field{"size", Unit::bytes, 0, 0, static_cast<i64>(MAX_IOREMAP), true, "bytes"};
inline constexpr FieldSpec block_field{
    "page", Unit::result, -1, -1, MAX_RESULTS - 1, false, "name of pages: the first byte of the block"};
inline constexpr FieldSpec any_phys_field{
    "phys", Unit::phys_address, 0, 0, 0, false, "physical address, instead of page", {}, "page"};

namespace spec {

inline constexpr OpSpec vmalloc{
    .name = "vmalloc",
    .fields = {size_field},
    .makes = ResultKind::area,
    .kernel_function = "vmalloc (mm/vmalloc.c)",
    .help_en = "Allocates bytes that are contiguous by address only.",
    .help_zh = "分配一段只在地址上连续的内存。",
};
inline constexpr OpSpec vzalloc{
    .name = "vzalloc",
    .fields = {size_field},
    .makes = ResultKind::area,
    .kernel_function = "vzalloc (mm/vmalloc.c)",
    .help_en = "Allocates zeroed bytes that are contiguous by address only.",
    .help_zh = "分配一段清零的、只在地址上连续的内存。",
};
inline constexpr OpSpec vmalloc_node{
    .name = "vmalloc_node",
    .fields = {size_field, node_field},
    .makes = ResultKind::area,
    .kernel_function = "vmalloc_node (mm/vmalloc.c)",
    .help_en = "The same with pages of a node.",
    .help_zh = "同上，页取自指定节点。",
};
inline constexpr OpSpec vmalloc_user{
    .name = "vmalloc_user",
    .fields = {size_field},
    .makes = ResultKind::area,
    .kernel_function = "vmalloc_user (mm/vmalloc.c)",
    .help_en = "Allocates zeroed bytes that may be mapped to user space later.",
    .help_zh = "分配清零的、以后可映射到用户空间的内存。",
};
inline constexpr OpSpec vmalloc_huge{
    .name = "vmalloc_huge",
    .fields = {size_field, gfp_field},
    .makes = ResultKind::area,
    .kernel_function = "vmalloc_huge (mm/vmalloc.c)",
    .help_en = "Allocates bytes that are contiguous by address, in huge pages where there are any.",
    .help_zh = "分配只在地址上连续的内存，能用大页时用大页。",
};
inline constexpr OpSpec vfree{
    .name = "vfree",
    .fields = {area_field},
    .kernel_function = "vfree (mm/vmalloc.c)",
    .help_en = "Frees what vmalloc gave.",
    .help_zh = "释放 vmalloc 得到的内存。",
};
inline constexpr OpSpec vmap{
    .name = "vmap",
    .fields = {mapped_block_field},
    .makes = ResultKind::area,
    .kernel_function = "vmap (mm/vmalloc.c)",
    .help_en = "Shows pages at addresses of vmalloc's space.",
    .help_zh = "把若干页映射到 vmalloc 的地址空间。",
    .keeps_pages = true,
};
inline constexpr OpSpec vunmap{
    .name = "vunmap",
    .fields = {area_field},
    .kernel_function = "vunmap (mm/vmalloc.c)",
    .help_en = "Ends what vmap began; the pages stay.",
    .help_zh = "撤销 vmap 的映射，页保留。",
    .keeps_pages = true,
};
inline constexpr OpSpec vm_unmap_aliases{
    .name = "vm_unmap_aliases",
    .kernel_function = "vm_unmap_aliases (mm/vmalloc.c)",
    .help_en = "Purges all lazily freed addresses at once.",
    .help_zh = "立即清理所有惰性释放的地址。",
};
inline constexpr OpSpec vmalloc_to_page{
    .name = "vmalloc_to_page",
    .fields = {any_area_field, any_object_field, any_page_field, any_address_field, offset_field},
    .kernel_function = "vmalloc_to_page (mm/vmalloc.c)",
    .help_en = "Tells the frame behind an address, by the page table.",
    .help_zh = "查页表给出一个地址背后的页框。",
    .keeps_pages = true,
};
inline constexpr OpSpec kvmalloc{
    .name = "kvmalloc",
    .fields = {size_field, gfp_field},
    .makes = ResultKind::area,
    .kernel_function = "kvmalloc (mm/util.c)",
    .help_en = "Allocates bytes with kmalloc, or with vmalloc when that fails.",
    .help_zh = "先用 kmalloc 分配，失败时改用 vmalloc。",
};
inline constexpr OpSpec kvfree{
    .name = "kvfree",
    .fields = {area_field},
    .kernel_function = "kvfree (mm/util.c)",
    .help_en = "Frees what kvmalloc gave.",
    .help_zh = "释放 kvmalloc 得到的内存。",
};
inline constexpr OpSpec ioremap{
    .name = "ioremap",
    .fields = {phys_field, device_size_field},
    .makes = ResultKind::area,
    .kernel_function = "ioremap (arch/arm64/include/asm/io.h)",
    .help_en = "Maps the registers of a device: uncached, in order.",
    .help_zh = "映射设备的寄存器：不缓存，按顺序访问。",
    .keeps_pages = true,
};
inline constexpr OpSpec ioremap_wc{
    .name = "ioremap_wc",
    .fields = {phys_field, device_size_field},
    .makes = ResultKind::area,
    .kernel_function = "ioremap_wc (arch/arm64/include/asm/io.h)",
    .help_en = "Maps the memory of a device so that writes may be gathered.",
    .help_zh = "映射设备的内存，允许合并写入。",
    .keeps_pages = true,
};
inline constexpr OpSpec ioremap_cache{
    .name = "ioremap_cache",
    .fields = {phys_field, device_size_field},
    .makes = ResultKind::area,
    .kernel_function = "ioremap_cache (arch/arm64/mm/ioremap.c)",
    .help_en = "Maps the memory of a device with cache; of memory it tells the linear address.",
    .help_zh = "以可缓存方式映射设备的内存；若是内存，给出线性地址。",
    .keeps_pages = true,
};
inline constexpr OpSpec iounmap{
    .name = "iounmap",
    .fields = {area_field},
    .kernel_function = "iounmap (mm/ioremap.c)",
    .help_en = "Ends what ioremap began.",
    .help_zh = "撤销 ioremap 的映射。",
    .keeps_pages = true,
};
inline constexpr OpSpec kmap{
    .name = "kmap",
    .fields = {one_page_field, index_field},
    .makes = ResultKind::area,
    .kernel_function = "kmap (include/linux/highmem.h)",
    .help_en = "Gives a page an address; one of high memory gets an entry of the PKMAP.",
    .help_zh = "给页一个地址；高端内存的页占用 PKMAP 的一个表项。",
    .keeps_pages = true,
};
inline constexpr OpSpec kunmap{
    .name = "kunmap",
    .fields = {one_page_field, index_field},
    .kernel_function = "kunmap (include/linux/highmem.h)",
    .help_en = "Ends one kmap of a page.",
    .help_zh = "撤销对一页的一次 kmap。",
    .keeps_pages = true,
};
inline constexpr OpSpec kmap_flush_unused{
    .name = "kmap_flush_unused",
    .kernel_function = "kmap_flush_unused (include/linux/highmem.h)",
    .help_en = "Clears all entries of the PKMAP that nobody uses.",
    .help_zh = "清除 PKMAP 中无人使用的全部表项。",
};
inline constexpr OpSpec kmap_atomic{
    .name = "kmap_atomic",
    .fields = {one_page_field, index_field},
    .makes = ResultKind::area,
    .kernel_function = "kmap_atomic (include/linux/highmem.h)",
    .help_en = "Maps a page in the next entry of this CPU's fixmap, without sleeping.",
    .help_zh = "在本 CPU 的 fixmap 中用下一个表项映射一页，不睡眠。",
    .keeps_pages = true,
};
inline constexpr OpSpec kunmap_atomic{
    .name = "kunmap_atomic",
    .fields = {area_field},
    .kernel_function = "kunmap_atomic (include/linux/highmem.h)",
    .help_en = "Ends the last kmap_atomic of this CPU.",
    .help_zh = "撤销本 CPU 最近的一次 kmap_atomic。",
    .keeps_pages = true,
};
inline constexpr OpSpec kmap_local_page{
    .name = "kmap_local_page",
    .fields = {one_page_field, index_field},
    .makes = ResultKind::area,
    .kernel_function = "kmap_local_page (include/linux/highmem.h)",
    .help_en = "Maps a page for this task alone, in the next entry of its CPU.",
    .help_zh = "只为当前任务映射一页，用其 CPU 的下一个表项。",
    .keeps_pages = true,
};
inline constexpr OpSpec kunmap_local{
    .name = "kunmap_local",
    .fields = {area_field},
    .kernel_function = "kunmap_local (include/linux/highmem.h)",
    .help_en = "Ends the last kmap_local_page.",
    .help_zh = "撤销最近的一次 kmap_local_page。",
    .keeps_pages = true,
};
inline constexpr OpSpec virt_to_phys{
    .name = "virt_to_phys",
    .fields = {any_area_field, any_object_field, any_page_field, any_address_field, offset_field},
    .kernel_function = "virt_to_phys (arch/arm64/include/asm/memory.h)",
    .help_en = "Computes the physical address of a linear address; of any other it returns garbage.",
    .help_zh = "算出线性地址的物理地址；对其他地址返回的是垃圾。",
    .keeps_pages = true,
};
inline constexpr OpSpec phys_to_virt{
    .name = "phys_to_virt",
    .fields = {block_field, any_phys_field},
    .kernel_function = "phys_to_virt (arch/arm64/include/asm/memory.h)",
    .help_en = "Computes the linear address of a physical address; right for low memory only.",
    .help_zh = "算出物理地址的线性地址；只对低端内存正确。",
    .keeps_pages = true,
};

} // namespace spec

[[nodiscard]] inline kernel_context context(kernel_op_context& room, OpCall& call) {
    return {room.kernel, room.mmu, {room.mem, call.sink, call.op.cpu, call.step}};
}

[[nodiscard]] inline OpResult named(const OpCall& call, i64 slot) {
    return slot < 0 ? OpResult{} : call.results[static_cast<u32>(slot)];
}

inline OpOutcome store(OpCall& call, u64 value, ResultKind kind) {
    call.keep(value == 0 ? OpResult{} : OpResult{value, kind, 0, 0});
    return value == 0 ? OpOutcome::returned_null : OpOutcome::done;
}

// The address of a result, 0 for none: an area's, of the object of kmalloc, or of the first page.
[[nodiscard]] inline u64 address_of(const kernel_op_context& room, const OpResult& result) {
    switch (result.kind) {
    case ResultKind::area: return result.value;
    case ResultKind::object: return room.slabs.map.phys_to_virt(result.value);
    case ResultKind::pages: return address_of_frame(room.kernel, result.pfn());
    default: return 0;
    }
}

// ops_device.cpp
OpOutcome ioremap_op(kernel_op_context& room, OpCall& call, Fields<spec::ioremap> in);
OpOutcome ioremap_wc_op(kernel_op_context& room, OpCall& call, Fields<spec::ioremap_wc> in);
OpOutcome ioremap_cache_op(kernel_op_context& room, OpCall& call, Fields<spec::ioremap_cache> in);
OpOutcome iounmap_op(kernel_op_context& room, OpCall& call, Fields<spec::iounmap> in);

// ops_kmap.cpp
OpOutcome kmap_op(kernel_op_context& room, OpCall& call, Fields<spec::kmap> in);
OpOutcome kunmap_op(kernel_op_context& room, OpCall& call, Fields<spec::kunmap> in);
OpOutcome kmap_flush_unused_op(kernel_op_context& room, OpCall& call, Fields<spec::kmap_flush_unused> in);
OpOutcome kmap_atomic_op(kernel_op_context& room, OpCall& call, Fields<spec::kmap_atomic> in);
OpOutcome kunmap_atomic_op(kernel_op_context& room, OpCall& call, Fields<spec::kunmap_atomic> in);
OpOutcome kmap_local_page_op(kernel_op_context& room, OpCall& call, Fields<spec::kmap_local_page> in);
OpOutcome kunmap_local_op(kernel_op_context& room, OpCall& call, Fields<spec::kunmap_local> in);

// ops_address.cpp
OpOutcome virt_to_phys_op(kernel_op_context& room, OpCall& call, Fields<spec::virt_to_phys> in);
OpOutcome phys_to_virt_op(kernel_op_context& room, OpCall& call, Fields<spec::phys_to_virt> in);
OpOutcome vmalloc_to_page_op(kernel_op_context& room, OpCall& call, Fields<spec::vmalloc_to_page> in);

} // namespace mm
