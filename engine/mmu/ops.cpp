#include "mmu/ops.h"

#include <vector>

#include "mmu/events.h"
#include "mmu/functions.h"
#include "mmu/pte_helpers.h"

namespace mm {

namespace {

constexpr i64 MAX_MAPPED = i64{1} << 40;

constexpr FieldSpec space_field{
    "mm", Unit::space_result, -1, -1, MAX_RESULTS - 1, false, "name of an address space; left out: the kernel's own"};
constexpr FieldSpec own_space_field{
    "mm", Unit::space_result, -1, 0, MAX_RESULTS - 1, true, "name of an address space made earlier"};
constexpr FieldSpec address_field{"address", Unit::address, 0, 0, 0, true, "the first address"};
constexpr FieldSpec one_address_field{"address", Unit::address, 0, 0, 0, true, "the address"};
constexpr FieldSpec phys_field{"phys", Unit::address, 0, 0, 0, true, "the physical address of the first byte"};
constexpr FieldSpec size_field{"size", Unit::bytes, 0, 0, MAX_MAPPED, true, "bytes, a whole number of pages"};
constexpr FieldSpec page_field{
    "page", Unit::result, -1, 0, MAX_RESULTS - 1, true, "name of pages allocated earlier: all of the block is mapped"};
constexpr FieldSpec pages_only_field{
    "page_mappings_only", Unit::flag, 0, 0, 1, false, "no blocks and no contiguous bit"};

constexpr FieldSpec prot_field(protection by_default) {
    return {"prot",
            Unit::number,
            static_cast<i64>(by_default),
            0,
            static_cast<i64>(protection::count) - 1,
            false,
            "the protection by the kernel's name",
            protection_names};
}
constexpr FieldSpec change_field{"helper",         Unit::number,    0, 0, i64{pte_change_names.size()} - 1, true,
                                 "the pte helper", pte_change_names};
constexpr FieldSpec question_field{"helper",         Unit::number,      0, 0, i64{pte_question_names.size()} - 1, true,
                                   "the pte helper", pte_question_names};

mmu_context context(mmu_op_context& room, OpCall& call) {
    return {room.mmu, {room.mem, call.sink, call.op.cpu, call.step}};
}

// The space that field 0 names. SPACE_NONE: it was destroyed, or never made.
space_id named_space(const mmu_op_context& room, const OpCall& call) {
    if (call.arg(0) < 0) return INIT_MM;
    const OpResult& result = call.results[static_cast<u32>(call.arg(0))];
    if (result.kind != ResultKind::space || result.freed) return SPACE_NONE;
    const auto space = static_cast<space_id>(result.value);
    return room.mmu.has_space(space) ? space : SPACE_NONE;
}

u64 unsigned_arg(const OpCall& call, int i) { return static_cast<u64>(call.arg(i)); }

pgprot_t prot_arg(const mmu_op_context& room, const OpCall& call, int i) {
    return pgprot_of(room.mmu.format, static_cast<protection>(call.arg(i)));
}

OpOutcome outcome_of(const map_result& result) {
    return result.error == map_error::none ? OpOutcome::done : OpOutcome::refused;
}

OpOutcome pgd_alloc_op(mmu_op_context& room, OpCall& call) {
    mmu_context cx = context(room, call);
    const space_id space = create_space(cx, false);
    call.keep(space == SPACE_NONE ? OpResult{} : OpResult{space, ResultKind::space, 0, 0});
    return space == SPACE_NONE ? OpOutcome::returned_null : OpOutcome::done;
}

OpOutcome pgd_free_op(mmu_op_context& room, OpCall& call) {
    mmu_context cx = context(room, call);
    const space_id space = named_space(room, call);
    if (space == SPACE_NONE) return OpOutcome::no_effect;
    destroy_space(cx, space);
    call.mark_freed(call.arg(0));
    return OpOutcome::done;
}

OpOutcome create_pgd_mapping_op(mmu_op_context& room, OpCall& call) {
    mmu_context cx = context(room, call);
    map_request request;
    request.space = named_space(room, call);
    request.virt = unsigned_arg(call, 1);
    request.phys = unsigned_arg(call, 2);
    request.size = unsigned_arg(call, 3);
    request.prot = prot_arg(room, call, 4);
    request.blocks = request.contiguous = call.arg(5) == 0;
    return outcome_of(map_range(cx, request));
}

OpOutcome vm_insert_pages_op(mmu_op_context& room, OpCall& call) {
    mmu_context cx = context(room, call);
    CallScope scope(cx.page.sink, mmu_fn::insert_pages);
    const OpResult block = call.results[static_cast<u32>(call.arg(2))];
    std::vector<pfn_t> pages;
    if (block.kind == ResultKind::pages && !block.freed)
        for (pfn_t i = 0; i < pfn_t{1} << block.order; ++i) pages.push_back(block.pfn() + i);
    return outcome_of(map_pages(cx, named_space(room, call), unsigned_arg(call, 1), pages, prot_arg(room, call, 3)));
}

OpOutcome unmap_page_range_op(mmu_op_context& room, OpCall& call) {
    mmu_context cx = context(room, call);
    return outcome_of(unmap_range(cx, named_space(room, call), unsigned_arg(call, 1), unsigned_arg(call, 2)));
}

OpOutcome change_protection_op(mmu_op_context& room, OpCall& call) {
    mmu_context cx = context(room, call);
    return outcome_of(protect_range(cx, named_space(room, call), unsigned_arg(call, 1), unsigned_arg(call, 2),
                                    prot_arg(room, call, 3)));
}

// The leaf, present or not, that the helper of the op works on; TABLE_NONE, with an event, when there is none.
struct Leaf {
    table_id table = TABLE_NONE;
    u32 index = 0;
    pteval_t entry = 0;
};
Leaf named_leaf(mmu_op_context& room, OpCall& call) {
    const space_id space = named_space(room, call);
    const u64 address = unsigned_arg(call, 1);
    const walk_result way = walk(room.mmu, space, address);
    const bool present =
        way.nr_steps > 0 && (is_leaf(way.last().kind) || way.last().kind == descriptor_kind::present_invalid);
    if (!present) {
        call.sink.emit(mmu_event::pte_missing, space, address);
        return {};
    }
    return {room.mmu.table_at(way.last().table), way.last().index, way.last().entry};
}

OpOutcome set_pte_at_op(mmu_op_context& room, OpCall& call) {
    mmu_context cx = context(room, call);
    CallScope scope(cx.page.sink, mmu_fn::set_pte);
    const Leaf leaf = named_leaf(room, call);
    if (leaf.table == TABLE_NONE) return OpOutcome::no_effect;
    const auto helper = static_cast<std::size_t>(call.arg(2));
    const std::optional<pteval_t> after = change_pte(room.mmu.format, leaf.entry, helper);
    if (!after) return OpOutcome::refused;
    set_entry(cx, leaf.table, leaf.index, *after);
    cx.page.sink.emit(mmu_event::pte_changed, helper, unsigned_arg(call, 1), leaf.entry, *after);
    return OpOutcome::done;
}

OpOutcome ptep_get_op(mmu_op_context& room, OpCall& call) {
    const Leaf leaf = named_leaf(room, call);
    if (leaf.table == TABLE_NONE) return OpOutcome::no_effect;
    const auto helper = static_cast<std::size_t>(call.arg(2));
    call.sink.emit(mmu_event::pte_asked, helper, unsigned_arg(call, 1), leaf.entry,
                   ask_pte(room.mmu.format, leaf.entry, helper));
    return OpOutcome::done;
}

OpOutcome show_pte_op(mmu_op_context& room, OpCall& call) {
    mmu_context cx = context(room, call);
    return tell_walk(cx, named_space(room, call), unsigned_arg(call, 1)).found ? OpOutcome::done : OpOutcome::no_effect;
}

// Every op asks first whether there are page tables.
template <OpOutcome (*run)(mmu_op_context&, OpCall&)>
OpOutcome with_tables(mmu_op_context& room, OpCall& call) {
    if (room.mmu.up) return run(room, call);
    call.keep({});
    call.sink.emit(mmu_event::no_page_tables);
    return OpOutcome::refused;
}

constexpr MmuOp rows[] = {
    {{"pgd_alloc",
      {},
      ResultKind::space,
      "pgd_alloc (arch/arm64/mm/pgd.c)",
      "Makes an empty address space: a page for its top table.",
      "建立一个空的地址空间：为顶级页表取一页。"},
     with_tables<pgd_alloc_op>},
    {{"pgd_free",
      {own_space_field},
      ResultKind::none,
      "free_pgtables, pgd_free (mm/memory.c, arch/arm64/mm/pgd.c)",
      "Unmaps all of an address space and frees its tables.",
      "撤销一个地址空间的全部映射并释放其页表。"},
     with_tables<pgd_free_op>},
    {{"create_pgd_mapping",
      {space_field, address_field, phys_field, size_field, prot_field(protection::PAGE_KERNEL), pages_only_field},
      ResultKind::none,
      "create_pgd_mapping (arch/arm64/mm/mmu.c)",
      "Maps physical addresses in a row, with blocks and the contiguous bit where alignment and size allow.",
      "映射一段连续的物理地址；对齐和大小允许时使用块和连续位。"},
     with_tables<create_pgd_mapping_op>},
    {{"vm_insert_pages",
      {space_field, address_field, page_field, prot_field(protection::PAGE_SHARED)},
      ResultKind::none,
      "vm_insert_pages (mm/memory.c)",
      "Maps allocated pages, one entry each.",
      "映射已分配的页，每页一项。"},
     with_tables<vm_insert_pages_op>},
    {{"unmap_page_range",
      {space_field, address_field, size_field},
      ResultKind::none,
      "unmap_page_range (mm/memory.c)",
      "Unmaps a range. Part of a block splits the block.",
      "撤销一段映射；只涉及块的一部分时先拆分该块。"},
     with_tables<unmap_page_range_op>},
    {{"change_protection",
      {space_field, address_field, size_field, prot_field(protection::PAGE_READONLY)},
      ResultKind::none,
      "change_protection (mm/mprotect.c)",
      "Gives what is mapped in a range another protection.",
      "给一段映射换上新的保护位。"},
     with_tables<change_protection_op>},
    {{"set_pte_at",
      {space_field, one_address_field, change_field},
      ResultKind::none,
      "set_pte_at and the pte helpers (arch/arm64/include/asm/pgtable.h)",
      "Writes what a pte helper makes of the entry that maps an address.",
      "用 pte 函数改写映射某地址的表项。"},
     with_tables<set_pte_at_op>},
    {{"ptep_get",
      {space_field, one_address_field, question_field},
      ResultKind::none,
      "ptep_get and the pte helpers (arch/arm64/include/asm/pgtable.h)",
      "Tells what a pte helper says of the entry that maps an address.",
      "给出 pte 函数对映射某地址的表项的判断。",
      false,
      true},
     with_tables<ptep_get_op>},
    {{"show_pte",
      {space_field, one_address_field},
      ResultKind::none,
      "show_pte (arch/arm64/mm/fault.c)",
      "Walks the tables for an address and tells each step.",
      "逐级查页表翻译一个地址，并说明每一步。",
      false,
      true},
     with_tables<show_pte_op>},
};

} // namespace

std::span<const MmuOp> mmu_ops() { return rows; }

} // namespace mm
