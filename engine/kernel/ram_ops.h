#pragma once
// The ops of aligned vmalloc areas, vm_map_ram and percpu memory: words, fields and functions behind their rows. Only
// the room's ops include it.
#include "kernel/op_fields.h"

namespace mm {

namespace spec {

inline constexpr i64 MAX_RAM_PAGES = 1 << (MAX_ORDERS - 1);

inline constexpr FieldSpec any_align_field{
    "align",
    Unit::address_term,
    0,
    0,
    0,
    true,
    "what the address is a multiple of: a power of two, as hex text up to 64 bits"};
inline constexpr FieldSpec any_node_field{"node", Unit::node, -1, -1, MAX_NODES - 1, false, "the node wanted; -1: any"};
inline constexpr FieldSpec ram_count_field{
    "count", Unit::number, 1, 1, MAX_RAM_PAGES, true, "how many pages, from the block's first on"};
inline constexpr FieldSpec unmap_count_field{
    "count", Unit::number, 1, 1, MAX_RAM_PAGES, true, "as many pages as vm_map_ram was given"};
inline constexpr FieldSpec percpu_size_field{"size", Unit::bytes, 0, 0, MAX_VMALLOC, true, "bytes for each CPU"};
inline constexpr FieldSpec percpu_align_field{
    "align", Unit::bytes, 8, 0, MAX_VMALLOC, false, "a power of two, at most a page"};

inline constexpr OpSpec vmalloc_aligned{
    .name = "__vmalloc_node",
    .fields = {size_field, any_align_field, gfp_field, any_node_field},
    .makes = ResultKind::area,
    .kernel_function = "__vmalloc_node (mm/vmalloc.c)",
    .help_en = "Allocates bytes that are contiguous by address, from a multiple of align on.",
    .help_zh = "分配只在地址上连续的内存，起始地址是 align 的整数倍。",
};
inline constexpr OpSpec vm_map_ram{
    .name = "vm_map_ram",
    .fields = {one_page_field, ram_count_field},
    .makes = ResultKind::area,
    .kernel_function = "vm_map_ram (mm/vmalloc.c)",
    .help_en = "Shows a few pages for a short time, in a block that a CPU has for that.",
    .help_zh = "短时间映射几页，用 CPU 为此预备的块。",
    .keeps_pages = true,
};
inline constexpr OpSpec vm_unmap_ram{
    .name = "vm_unmap_ram",
    .fields = {area_field, unmap_count_field},
    .kernel_function = "vm_unmap_ram (mm/vmalloc.c)",
    .help_en = "Ends what vm_map_ram began; the pages stay.",
    .help_zh = "撤销 vm_map_ram 的映射，页保留。",
    .keeps_pages = true,
};
inline constexpr OpSpec alloc_percpu{
    .name = "__alloc_percpu",
    .fields = {percpu_size_field, percpu_align_field},
    .makes = ResultKind::area,
    .kernel_function = "__alloc_percpu (mm/percpu.c)",
    .help_en = "Allocates bytes for each CPU; what \"as\" names is the address of CPU 0's.",
    .help_zh = "为每个 CPU 各分配若干字节；\"as\" 命名的是 CPU 0 那一份的地址。",
};
inline constexpr OpSpec free_percpu{
    .name = "free_percpu",
    .fields = {area_field},
    .kernel_function = "free_percpu (mm/percpu.c)",
    .help_en = "Frees what __alloc_percpu gave, of all CPUs.",
    .help_zh = "释放 __alloc_percpu 得到的内存，包括所有 CPU 的。",
};

} // namespace spec

OpOutcome vmalloc_aligned_op(kernel_op_context& room, OpCall& call, Fields<spec::vmalloc_aligned> in);
OpOutcome vm_map_ram_op(kernel_op_context& room, OpCall& call, Fields<spec::vm_map_ram> in);
OpOutcome vm_unmap_ram_op(kernel_op_context& room, OpCall& call, Fields<spec::vm_unmap_ram> in);
OpOutcome alloc_percpu_op(kernel_op_context& room, OpCall& call, Fields<spec::alloc_percpu> in);
OpOutcome free_percpu_op(kernel_op_context& room, OpCall& call, Fields<spec::free_percpu> in);

} // namespace mm
