#pragma once
// The functions behind this room's rows of ops, by the file that they stand in, and the fields that several have. Only the
// room's ops include it.
#include "kernel/kmap.h"
#include "kernel/ops.h"

namespace mm {

inline constexpr i64 MAX_VMALLOC = i64{1} << 40;

inline constexpr FieldSpec gfp_field{
    "gfp", Unit::gfp, GFP_KERNEL, 0, GFP_BITS_ALL, false, "gfp mask by names joined with |"};
inline constexpr FieldSpec any_area_field{
    "area", Unit::area_result, -1, -1, MAX_RESULTS - 1, false, "name of an address made earlier, freed or not"};
inline constexpr FieldSpec any_object_field{
    "object", Unit::object_result, -1, -1, MAX_RESULTS - 1, false, "name of an object of kmalloc, instead of area", {},
    "area"};
inline constexpr FieldSpec any_page_field{
    "page", Unit::result, -1, -1, MAX_RESULTS - 1, false, "name of pages, instead of area: their page_address()",
    {},     "area"};
inline constexpr FieldSpec any_address_field{
    "address", Unit::address, 0, 0, 0, false, "kernel virtual address, instead of area", {}, "area"};
inline constexpr FieldSpec offset_field{"offset", Unit::bytes, 0, 0, MAX_VMALLOC, false, "bytes from there on"};

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
OpOutcome ioremap_op(kernel_op_context& room, OpCall& call);
OpOutcome ioremap_wc_op(kernel_op_context& room, OpCall& call);
OpOutcome ioremap_cache_op(kernel_op_context& room, OpCall& call);
OpOutcome iounmap_op(kernel_op_context& room, OpCall& call);

// ops_kmap.cpp
OpOutcome kmap_op(kernel_op_context& room, OpCall& call);
OpOutcome kunmap_op(kernel_op_context& room, OpCall& call);
OpOutcome kmap_flush_unused_op(kernel_op_context& room, OpCall& call);
OpOutcome kmap_atomic_op(kernel_op_context& room, OpCall& call);
OpOutcome kunmap_atomic_op(kernel_op_context& room, OpCall& call);
OpOutcome kmap_local_page_op(kernel_op_context& room, OpCall& call);
OpOutcome kunmap_local_op(kernel_op_context& room, OpCall& call);

// ops_address.cpp
OpOutcome virt_to_phys_op(kernel_op_context& room, OpCall& call);
OpOutcome phys_to_virt_op(kernel_op_context& room, OpCall& call);
OpOutcome vmalloc_to_page_op(kernel_op_context& room, OpCall& call);

} // namespace mm
