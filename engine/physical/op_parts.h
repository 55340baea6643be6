#pragma once
// What the tables of the page allocator's ops share: fields, and how an op's function finds what they name.
#include "physical/events.h"
#include "physical/gfp.h"
#include "physical/ops.h"

namespace mm {

inline constexpr FieldSpec gfp_field{
    "gfp", Unit::gfp, GFP_KERNEL, 0, GFP_BITS_ALL, false, "gfp mask by names joined with |"};
inline constexpr FieldSpec page_field{
    "page", Unit::result, -1, -1, MAX_RESULTS - 1, false, "name of an earlier result"};
inline constexpr FieldSpec pfn_field{"pfn", Unit::pfn, -1, -1, 0xfffffffe, false, "page frame number, instead of page",
                                     {},    "page"};

[[nodiscard]] inline physical_context context(physical_op_context& room, OpCall& call) {
    return {room.mem, call.sink, call.op.cpu, call.step};
}

// The frame that "page" or "pfn" names. PFN_NONE: neither names one.
[[nodiscard]] inline pfn_t named_frame(const OpCall& call, i64 result, i64 pfn) {
    if (pfn >= 0) return static_cast<pfn_t>(pfn);
    if (result < 0) return PFN_NONE;
    const OpResult& named = call.results[static_cast<u32>(result)];
    return named.kind == ResultKind::pages ? named.pfn() : PFN_NONE;
}

// A NULL page. Only who frees by address looks for 0.
inline OpOutcome free_null_page(OpCall& call) {
    call.sink.emit(physical_event::free_null_page);
    return OpOutcome::refused;
}

} // namespace mm
