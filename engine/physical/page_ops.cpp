#include "physical/page_ops.h"

#include <algorithm>
#include <vector>

#include "physical/alloc_bulk.h"
#include "physical/alloc_contig.h"
#include "physical/functions.h"
#include "physical/op_parts.h"
#include "physical/page_check.h"
#include "physical/page_events.h"
#include "physical/references.h"

namespace mm {

namespace {

constexpr i64 MAX_BULK = 1024;
constexpr i64 MAX_CONTIG = 1 << 18;
constexpr i64 MAX_CONTIG_FREED = 1 << 16; // each page is freed by itself, and an op has room for 16 events of each
// What the pageblocks of a range are afterwards.
constexpr std::string_view contig_types[] = {"MIGRATE_MOVABLE", "MIGRATE_CMA"};

constexpr FieldSpec places_field{"nr_pages", Unit::pages, 1, 1, MAX_BULK, true, "places of the array"};
constexpr FieldSpec array_field{"array",
                                Unit::result,
                                -1,
                                -1,
                                MAX_RESULTS - 1,
                                false,
                                "first of a row made earlier: its places whose pages were freed, or never came, are "
                                "filled; left out: all are empty"};
constexpr FieldSpec start_field{"start", Unit::pfn, 0, 0, 0xfffffffe, true, "the first frame"};
constexpr FieldSpec nr_pages_field{"nr_pages", Unit::pages, 1, 1, MAX_CONTIG, true, "number of pages"};
constexpr FieldSpec freed_pages_field{
    "nr_pages", Unit::pages, 1, 1, MAX_CONTIG_FREED, true, "number of pages; a longer row by several steps"};
constexpr FieldSpec type_field{"migratetype", Unit::number, 0, 0, 1, false, "what the pageblocks are afterwards",
                               contig_types};

namespace spec {

constexpr OpSpec get_page{
    .name = "get_page",
    .fields = {page_field, pfn_field},
    .kernel_function = "get_page (include/linux/mm.h)",
    .help_en = "Takes one more reference to a page: of a compound page to all of it.",
    .help_zh = "多取一个对页的引用；复合页的任何一页都记在整个复合页上。",
    .keeps_pages = true,
};
constexpr OpSpec put_page{
    .name = "put_page",
    .fields = {page_field, pfn_field},
    .kernel_function = "put_page (include/linux/mm.h)",
    .help_en = "Drops a reference to a page; the last one frees it, a compound page as a whole.",
    .help_zh = "放掉对页的一个引用；最后一个引用释放它，复合页则整个释放。",
};
constexpr OpSpec alloc_pages_bulk_array{
    .name = "alloc_pages_bulk_array",
    .fields = {places_field, gfp_field, array_field},
    .makes = ResultKind::pages,
    .kernel_function = "alloc_pages_bulk_array (include/linux/gfp.h), since Linux 5.13",
    .help_en = "Fills the empty places of an array with single pages, from one zone under one lock.",
    .help_zh = "在一次持锁期间，从一个内存域取单页，填满数组的空位。",
    .row_field = "nr_pages",
};
constexpr OpSpec alloc_contig_range{
    .name = "alloc_contig_range",
    .fields = {start_field, nr_pages_field, type_field, gfp_field},
    .makes = ResultKind::pages,
    .kernel_function = "alloc_contig_range (mm/page_alloc.c)",
    .help_en = "Takes exactly these frames as single pages, if all of them are free.",
    .help_zh = "取得指定的这些页框，成为单页；它们必须全部空闲。",
};
constexpr OpSpec free_contig_range{
    .name = "free_contig_range",
    .fields = {page_field, freed_pages_field, pfn_field},
    .kernel_function = "free_contig_range (mm/page_alloc.c)",
    .help_en = "Frees single pages in a row, as alloc_contig_range made them.",
    .help_zh = "逐页释放 alloc_contig_range 取得的一段连续的页。",
};

} // namespace spec

// The frame whose struct page an op counts in; PFN_NONE: there is none, which is told as what the kernel makes of it.
pfn_t counted_frame(physical_op_context& room, OpCall& call, fn function, i64 result, i64 number) {
    CallScope scope(call.sink, function);
    const pfn_t pfn = named_frame(call, result, number);
    if (pfn == PFN_NONE) {
        free_null_page(call);
    } else if (!has_struct_page(room.mem, pfn)) {
        call.sink.emit(physical_event::misuse_unseen, pfn, 0, unseen_misuse::no_memory, pfn);
        return PFN_NONE;
    }
    return pfn;
}

OpOutcome get_page_op(physical_op_context& room, OpCall& call, Fields<spec::get_page> in) {
    const pfn_t pfn = counted_frame(room, call, fn::get_page, in["page"], in["pfn"]);
    if (pfn == PFN_NONE) return OpOutcome::refused;
    physical_context cx = context(room, call);
    return get_page(cx, pfn) ? OpOutcome::done : OpOutcome::refused;
}

OpOutcome put_page_op(physical_op_context& room, OpCall& call, Fields<spec::put_page> in) {
    const pfn_t pfn = counted_frame(room, call, fn::put_page, in["page"], in["pfn"]);
    if (pfn == PFN_NONE) return OpOutcome::refused;
    physical_context cx = context(room, call);
    if (put_page(cx, pfn)) call.mark_freed(in["page"]);
    return OpOutcome::done;
}

// What place `i` of the array holds: nothing where the request for it failed, or its page was given back (its owner then sets
// the place to NULL). Without an array all places are empty.
pfn_t page_in_place(const OpCall& call, i64 array, u32 i) {
    if (array < 0) return PFN_NONE;
    const OpResult& place = call.results[static_cast<u32>(array) + i];
    return place.kind == ResultKind::pages && !place.freed ? place.pfn() : PFN_NONE;
}

OpOutcome alloc_pages_bulk_array_op(physical_op_context& room, OpCall& call, Fields<spec::alloc_pages_bulk_array> in) {
    physical_context cx = context(room, call);
    const auto nr_pages = in.as<u32>("nr_pages");
    const i64 array = in["array"];
    if (!room.mem.rules.has_bulk_alloc()) {
        call.sink.emit(page_event::bulk_missing);
        return OpOutcome::refused;
    }
    if (array + nr_pages > i64{MAX_RESULTS}) return OpOutcome::refused;
    std::vector<pfn_t> places(nr_pages, PFN_NONE);
    for (u32 i = 0; i < nr_pages; ++i) places[i] = page_in_place(call, array, i);
    const std::vector<pfn_t> before = places;
    const u32 filled = alloc_pages_bulk_array(cx, {0, in.as<gfp_t>("gfp"), -1}, places);
    for (u32 i = 0; i < nr_pages; ++i) {
        const OpResult page = places[i] == PFN_NONE ? OpResult{} : OpResult{places[i], ResultKind::pages, 0, 0};
        if (array >= 0 && places[i] != before[i]) call.results.mut(static_cast<u32>(array) + i) = page;
        call.keep(page, i);
    }
    return filled == nr_pages ? OpOutcome::done : OpOutcome::returned_null;
}

OpOutcome alloc_contig_range_op(physical_op_context& room, OpCall& call, Fields<spec::alloc_contig_range> in) {
    physical_context cx = context(room, call);
    const auto start = in.as<pfn_t>("start");
    if (in["migratetype"] != 0 && room.profile.arch == architecture::i386) {
        CallScope scope(call.sink, fn::alloc_contig_range);
        call.sink.emit(page_event::contig_refused, start, in["nr_pages"], start, contig_result::no_cma);
        return OpOutcome::refused;
    }
    const u64 end = std::min<u64>(u64{start} + in.as<u64>("nr_pages"), PFN_NONE);
    const migratetype type = in["migratetype"] == 0 ? MIGRATE_MOVABLE : MIGRATE_CMA;
    const contig_result result = alloc_contig_range(cx, start, static_cast<pfn_t>(end), type, in.as<gfp_t>("gfp"));
    const bool taken = result == contig_result::taken;
    call.keep(taken ? OpResult{start, ResultKind::pages, 0, 0} : OpResult{});
    if (taken) return OpOutcome::done;
    return result == contig_result::busy ? OpOutcome::returned_null : OpOutcome::refused;
}

OpOutcome free_contig_range_op(physical_op_context& room, OpCall& call, Fields<spec::free_contig_range> in) {
    const pfn_t pfn = counted_frame(room, call, fn::free_contig_range, in["page"], in["pfn"]);
    if (pfn == PFN_NONE) return OpOutcome::refused;
    call.mark_freed(in["page"]);
    physical_context cx = context(room, call);
    free_contig_range(cx, pfn, in.as<u32>("nr_pages"));
    return OpOutcome::done;
}

constexpr PhysicalOp rows[] = {
    op_row<spec::get_page, get_page_op>(),
    op_row<spec::put_page, put_page_op>(),
    op_row<spec::alloc_pages_bulk_array, alloc_pages_bulk_array_op>(),
    op_row<spec::alloc_contig_range, alloc_contig_range_op>(),
    op_row<spec::free_contig_range, free_contig_range_op>(),
};

} // namespace

std::span<const PhysicalOp> page_ops() { return rows; }

} // namespace mm
