#include "mmu/ops.h"

#include <vector>

#include "mmu/access.h"
#include "mmu/events.h"
#include "mmu/flush.h"
#include "mmu/functions.h"
#include "mmu/pte_helpers.h"
#include "mmu/switch_mm.h"
#include "mmu/tlb_events.h"
#include "mmu/x86/segment_access.h"
#include "mmu/x86/segment_events.h"

namespace mm {

namespace {

constexpr i64 MAX_MAPPED = i64{1} << 40;

constexpr FieldSpec space_field{
    "mm", Unit::space_result, -1, -1, MAX_RESULTS - 1, false, "name of an address space; left out: the kernel's own"};
constexpr FieldSpec own_space_field{
    "mm", Unit::space_result, -1, 0, MAX_RESULTS - 1, true, "name of an address space made earlier"};
constexpr FieldSpec address_field{"address", Unit::virt_address, 0, 0, 0, true, "the first address"};
constexpr FieldSpec one_address_field{"address", Unit::virt_address, 0, 0, 0, true, "the address"};
constexpr FieldSpec phys_field{"phys", Unit::phys_address, 0, 0, 0, true, "the physical address of the first byte"};
constexpr FieldSpec size_field{"size", Unit::bytes, 0, 0, MAX_MAPPED, true, "bytes, a whole number of pages"};
constexpr FieldSpec page_field{
    "page", Unit::result, -1, 0, MAX_RESULTS - 1, true, "name of pages allocated earlier: all of the block is mapped"};
constexpr FieldSpec pages_only_field{
    "page_mappings_only", Unit::flag, 0, 0, 1, false, "no blocks and no contiguous bit"};

constexpr FieldSpec flush_field{"flush", Unit::flag, 1, 0, 1, false, "0: the invalidation of TLBs is left out"};
constexpr FieldSpec running_field{
    "mm",
    Unit::space_result,
    -1,
    -1,
    MAX_RESULTS - 1,
    false,
    "name of an address space, which the CPU is switched to; left out: what it runs with"};
constexpr FieldSpec switch_field{"mm",
                                 Unit::space_result,
                                 -1,
                                 -1,
                                 MAX_RESULTS - 1,
                                 false,
                                 "name of an address space made earlier; left out: the kernel alone"};
constexpr std::string_view access_kind_names[] = {"read", "write", "exec"};
constexpr std::string_view access_mode_names[] = {"user", "kernel"};
constexpr FieldSpec kind_field{"kind", Unit::number, 0, 0, 2, false, "what is done", access_kind_names};
constexpr FieldSpec mode_field{"mode", Unit::number, 0, 0, 1, false, "by whom", access_mode_names};
constexpr FieldSpec handle_field{
    "handle", Unit::flag, 1, 0, 1, false, "0: the kernel cures no fault, not even a missing access flag"};
constexpr i64 MAX_U16 = 0xffff, MAX_U32 = 0xffffffff;
constexpr i64 FLAT_LIMIT = 0xfffff, USER_DATA_FLAGS = 0xc0f2, USER_DATA_SELECTOR = 0x7b;
constexpr std::string_view segment_register_names[] = {"cs", "ss", "ds"};
constexpr FieldSpec selector_field{"selector", Unit::hex, USER_DATA_SELECTOR,          0,
                                   MAX_U16,    true,      "index << 3 | TI << 2 | RPL"};
constexpr FieldSpec offset_field{"offset", Unit::hex, 0, 0, MAX_U32, true, "where in the segment"};
constexpr FieldSpec segment_field{"segment",
                                  Unit::number,
                                  static_cast<i64>(segment_register::data),
                                  0,
                                  static_cast<i64>(segment_register::data),
                                  false,
                                  "the register that is loaded; instructions are fetched through cs",
                                  segment_register_names};
constexpr FieldSpec access_size_field{"size", Unit::bytes, 4, 1, 16, false, "bytes"};
constexpr FieldSpec cpl_field{"cpl", Unit::number, 3, 0, 3, false, "privilege of the code: 3 is user mode"};
constexpr FieldSpec gdt_entry_field{"entry", Unit::number, 1, 1, GDT_ENTRIES - 1, true, "of the GDT; 0 is never used"};
constexpr FieldSpec base_field{"base", Unit::hex, 0, 0, MAX_U32, false, "linear address of offset 0"};
constexpr FieldSpec limit_field{
    "limit", Unit::hex, FLAT_LIMIT, 0, FLAT_LIMIT, false, "last valid unit: a byte, or with G a page of 4 KiB"};
constexpr FieldSpec flags_field{"flags",
                                Unit::hex,
                                USER_DATA_FLAGS,
                                0,
                                MAX_U16,
                                false,
                                "as GDT_ENTRY_INIT: type 3:0, S 4, DPL 6:5, P 7, AVL 12, D/B 14, G 15"};
constexpr FieldSpec flush_size_field{"size", Unit::bytes, 0, 1, MAX_MAPPED, true, "bytes"};

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
constexpr FieldSpec mapping_prot_field{
    "prot",
    Unit::number,
    -1,
    -1,
    static_cast<i64>(protection::count) - 1,
    false,
    "the protection by the kernel's name; left out: `PAGE_KERNEL`, which is not global in a process's space",
    protection_names};
constexpr FieldSpec change_field{"helper",         Unit::number,    0, 0, i64{pte_change_names.size()} - 1, true,
                                 "the pte helper", pte_change_names};
constexpr FieldSpec question_field{"helper",         Unit::number,      0, 0, i64{pte_question_names.size()} - 1, true,
                                   "the pte helper", pte_question_names};

namespace spec {

constexpr OpSpec pgd_alloc{
    .name = "pgd_alloc",
    .makes = ResultKind::space,
    .kernel_function = "pgd_alloc (arch/arm64/mm/pgd.c)",
    .help_en = "Makes an empty address space: a page for its top table.",
    .help_zh = "建立一个空的地址空间：为顶级页表取一页。",
};
constexpr OpSpec pgd_free{
    .name = "pgd_free",
    .fields = {own_space_field},
    .kernel_function = "exit_mmap, pgd_free (mm/mmap.c, arch/arm64/mm/pgd.c)",
    .help_en = "Unmaps all of an address space and frees its tables.",
    .help_zh = "撤销一个地址空间的全部映射并释放其页表。",
};
constexpr OpSpec create_pgd_mapping{
    .name = "create_pgd_mapping",
    .fields = {space_field, address_field, phys_field, size_field, mapping_prot_field, pages_only_field},
    .kernel_function = "create_pgd_mapping (arch/arm64/mm/mmu.c)",
    .help_en = "Maps physical addresses in a row, with blocks and the contiguous bit where alignment and size allow.",
    .help_zh = "映射一段连续的物理地址；对齐和大小允许时使用块和连续位。",
};
constexpr OpSpec vm_insert_pages{
    .name = "vm_insert_pages",
    .fields = {space_field, address_field, page_field, prot_field(protection::PAGE_SHARED)},
    .kernel_function = "vm_insert_pages (mm/memory.c)",
    .help_en = "Maps allocated pages, one entry each.",
    .help_zh = "映射已分配的页，每页一项。",
    .keeps_pages = true,
};
constexpr OpSpec unmap_page_range{
    .name = "unmap_page_range",
    .fields = {space_field, address_field, size_field, flush_field},
    .kernel_function = "unmap_page_range (mm/memory.c)",
    .help_en = "Unmaps a range. Part of a block splits the block.",
    .help_zh = "撤销一段映射；只涉及块的一部分时先拆分该块。",
};
constexpr OpSpec change_protection{
    .name = "change_protection",
    .fields = {space_field, address_field, size_field, prot_field(protection::PAGE_READONLY), flush_field},
    .kernel_function = "change_protection (mm/mprotect.c)",
    .help_en = "Gives what is mapped in a range another protection.",
    .help_zh = "给一段映射换上新的保护位。",
};
constexpr OpSpec set_pte_at{
    .name = "set_pte_at",
    .fields = {space_field, one_address_field, change_field},
    .kernel_function = "set_pte_at and the pte helpers (arch/arm64/include/asm/pgtable.h)",
    .help_en = "Writes what a pte helper makes of the entry that maps an address.",
    .help_zh = "用 pte 函数改写映射某地址的表项。",
};
constexpr OpSpec ptep_get{
    .name = "ptep_get",
    .fields = {space_field, one_address_field, question_field},
    .kernel_function = "ptep_get and the pte helpers (arch/arm64/include/asm/pgtable.h)",
    .help_en = "Tells what a pte helper says of the entry that maps an address.",
    .help_zh = "给出 pte 函数对映射某地址的表项的判断。",
    .keeps_pages = true,
};
constexpr OpSpec show_pte{
    .name = "show_pte",
    .fields = {space_field, one_address_field},
    .kernel_function = "show_pte (arch/arm64/mm/fault.c)",
    .help_en = "Walks the tables for an address and tells each step.",
    .help_zh = "逐级查页表转换一个地址，并说明每一步。",
    .keeps_pages = true,
};
constexpr OpSpec switch_mm{
    .name = "switch_mm",
    .fields = {switch_field},
    .kernel_function = "switch_mm (arch/arm64/include/asm/mmu_context.h)",
    .help_en = "Lets the CPU run with an address space: TTBR0 or CR3 names its tables.",
    .help_zh = "让 CPU 使用一个地址空间：TTBR0 或 CR3 指向它的页表。",
};
constexpr OpSpec access{
    .name = "access",
    .fields = {running_field, one_address_field, kind_field, mode_field, handle_field},
    .kernel_function = "do_mem_abort (arch/arm64/mm/fault.c), when it faults",
    .help_en = "One access of the CPU: TLB, walk, rights, and the fault if there is one.",
    .help_zh = "CPU 的一次访问：TLB、查页表、权限，以及可能的异常。",
};
constexpr OpSpec logical_access{
    .name = "logical_access",
    .fields = {selector_field, offset_field, segment_field, kind_field, access_size_field, cpl_field},
    .kernel_function = "exc_general_protection (arch/x86/kernel/traps.c), when its segment faults",
    .help_en =
        "i386: one access of the CPU by selector and offset: descriptor, checks, linear address, then as access.",
    .help_zh = "i386：CPU 以选择子和偏移访问一次：描述符、检查、线性地址，然后同 access。",
};
constexpr OpSpec write_gdt_entry{
    .name = "write_gdt_entry",
    .fields = {gdt_entry_field, base_field, limit_field, flags_field},
    .kernel_function = "native_write_gdt_entry (arch/x86/include/asm/desc.h)",
    .help_en = "i386: writes a descriptor into the GDT. Left out, it is Linux's flat user data.",
    .help_zh = "i386：在 GDT 中写一个描述符。省略的字段按 Linux 平坦的用户数据段。",
};
constexpr OpSpec flush_tlb_range{
    .name = "flush_tlb_range",
    .fields = {space_field, address_field, flush_size_field},
    .kernel_function = "flush_tlb_range, flush_tlb_kernel_range (arch/arm64/include/asm/tlbflush.h)",
    .help_en = "Invalidates a range of an address space in all TLBs.",
    .help_zh = "在所有 TLB 中使一个地址空间的一段地址失效。",
};
constexpr OpSpec flush_tlb_mm{
    .name = "flush_tlb_mm",
    .fields = {own_space_field},
    .kernel_function = "flush_tlb_mm (arch/arm64/include/asm/tlbflush.h)",
    .help_en = "Invalidates everything of an address space in all TLBs.",
    .help_zh = "在所有 TLB 中使一个地址空间的全部项失效。",
};
constexpr OpSpec flush_tlb_all{
    .name = "flush_tlb_all",
    .kernel_function = "flush_tlb_all (arch/arm64/include/asm/tlbflush.h)",
    .help_en = "Invalidates all TLBs.",
    .help_zh = "使所有 TLB 全部失效。",
};
constexpr OpSpec set_pte{
    .name = "set_pte",
    .fields = {space_field, one_address_field, phys_field, prot_field(protection::PAGE_READONLY)},
    .kernel_function = "set_pte (arch/arm64/include/asm/pgtable.h)",
    .help_en = "Writes over an entry that may be in use, without breaking it first.",
    .help_zh = "直接改写可能在使用中的表项，不先断开。",
};

} // namespace spec

mmu_context context(mmu_op_context& room, OpCall& call) {
    return {room.mmu, {room.mem, call.sink, call.op.cpu, call.step}};
}

// The space that the field "mm" names. SPACE_NONE: it was destroyed, or never made.
space_id named_space(const mmu_op_context& room, const OpCall& call, i64 slot) {
    if (slot < 0) return INIT_MM;
    const OpResult& result = call.results[static_cast<u32>(slot)];
    if (result.kind != ResultKind::space || result.freed) return SPACE_NONE;
    const auto space = static_cast<space_id>(result.value);
    return room.mmu.has_space(space) ? space : SPACE_NONE;
}

// The same for an op that writes into the tables of the space.
space_id space_to_change(mmu_op_context& room, const OpCall& call, i64 slot) {
    const space_id space = named_space(room, call, slot);
    if (space != SPACE_NONE && room.mmu.spaces[space].kernel) room.mmu.kernel_edited = true;
    return space;
}

pgprot_t prot_of(const mmu_op_context& room, i64 prot) {
    return pgprot_of(room.mmu.format, static_cast<protection>(prot));
}

// What the kernel's callers pass when they map for itself: PAGE_KERNEL; with PTE_NG where the tables are not init_mm's, since
// the ASID is then all that an invalidation goes by. kernel: efi_create_mapping (arch/arm64/kernel/efi.c)
pgprot_t mapping_prot_of(const mmu_op_context& room, space_id space, i64 prot) {
    if (prot >= 0) return prot_of(room, prot);
    const pgprot_t kernel = prot_of(room, static_cast<i64>(protection::PAGE_KERNEL));
    const bool process = space != SPACE_NONE && !room.mmu.spaces[space].kernel;
    return process ? room.mmu.arch().bits.made_of_a_process(kernel) : kernel;
}

// Entries of a process that TLBs will keep for every process.
void tell_if_global(mmu_context& cx, space_id space, u64 address, u64 size, pgprot_t prot) {
    const mmu_memory& mmu = cx.mmu;
    if (mmu.spaces[space].kernel || !pte_valid(prot) || !mmu.arch().bits.is_global(prot)) return;
    cx.page.sink.emit(tlb_event::global_of_process, space, address, size, prot, mmu.arch().has_asids);
}

OpOutcome outcome_of(const map_result& result) {
    return result.error == map_error::none ? OpOutcome::done : OpOutcome::refused;
}

OpOutcome pgd_alloc_op(mmu_op_context& room, OpCall& call, Fields<spec::pgd_alloc>) {
    mmu_context cx = context(room, call);
    const space_id space = create_space(cx, false);
    call.keep(space == SPACE_NONE ? OpResult{} : OpResult{space, ResultKind::space, 0, 0});
    return space == SPACE_NONE ? OpOutcome::returned_null : OpOutcome::done;
}

OpOutcome pgd_free_op(mmu_op_context& room, OpCall& call, Fields<spec::pgd_free> in) {
    mmu_context cx = context(room, call);
    const space_id space = named_space(room, call, in["mm"]);
    if (space == SPACE_NONE) return OpOutcome::no_effect;
    if (room.mmu.spaces[space].of_process) {
        call.sink.emit(mmu_event::pgd_of_process, space);
        return OpOutcome::refused;
    }
    leave_space(cx, space);
    destroy_space(cx, space);
    call.mark_freed(in["mm"]);
    return OpOutcome::done;
}

OpOutcome create_pgd_mapping_op(mmu_op_context& room, OpCall& call, Fields<spec::create_pgd_mapping> in) {
    mmu_context cx = context(room, call);
    map_request request;
    request.space = space_to_change(room, call, in["mm"]);
    request.virt = in.as<u64>("address");
    request.phys = in.as<u64>("phys");
    request.size = in.as<u64>("size");
    request.prot = mapping_prot_of(room, request.space, in["prot"]);
    request.blocks = request.contiguous = in["page_mappings_only"] == 0;
    const map_result result = map_range(cx, request);
    if (result.bytes > 0) tell_if_global(cx, request.space, request.virt, result.bytes, request.prot);
    return outcome_of(result);
}

OpOutcome vm_insert_pages_op(mmu_op_context& room, OpCall& call, Fields<spec::vm_insert_pages> in) {
    mmu_context cx = context(room, call);
    CallScope scope(cx.page.sink, mmu_fn::insert_pages);
    const OpResult block = call.results[in.as<u32>("page")];
    std::vector<pfn_t> pages;
    if (block.kind == ResultKind::pages && !block.freed)
        for (pfn_t i = 0; i < pfn_t{1} << block.order; ++i) pages.push_back(block.pfn() + i);
    const space_id space = space_to_change(room, call, in["mm"]);
    const pgprot_t prot = prot_of(room, in["prot"]);
    const map_result result = map_pages(cx, space, in.as<u64>("address"), pages, prot);
    if (result.bytes > 0) tell_if_global(cx, space, in.as<u64>("address"), result.bytes, prot);
    return outcome_of(result);
}

OpOutcome unmap_page_range_op(mmu_op_context& room, OpCall& call, Fields<spec::unmap_page_range> in) {
    mmu_context cx = context(room, call);
    const mapped_span before =
        look_at(cx, space_to_change(room, call, in["mm"]), in.as<u64>("address"), in.as<u64>("size"));
    loose_tables loose;
    const map_result result = unmap_range(cx, before.space, in.as<u64>("address"), in.as<u64>("size"), loose);
    tlb_finish_mmu(cx, before, loose, in["flush"] != 0);
    return outcome_of(result);
}

OpOutcome change_protection_op(mmu_op_context& room, OpCall& call, Fields<spec::change_protection> in) {
    mmu_context cx = context(room, call);
    const mapped_span before =
        look_at(cx, space_to_change(room, call, in["mm"]), in.as<u64>("address"), in.as<u64>("size"));
    const pgprot_t prot = prot_of(room, in["prot"]);
    const map_result result = protect_range(cx, before.space, in.as<u64>("address"), in.as<u64>("size"), prot);
    if (before.any && result.bytes > 0)
        tell_if_global(cx, before.space, before.first, before.last - before.first + 1, prot);
    flush_after_change(cx, before, in["flush"] != 0);
    return outcome_of(result);
}

// The leaf, present or not, that the helper of the op works on; TABLE_NONE, with an event, when there is none.
struct Leaf {
    table_id table = TABLE_NONE;
    u32 index = 0;
    pteval_t entry = 0;
};
Leaf named_leaf(mmu_op_context& room, OpCall& call, space_id space, u64 address) {
    const walk_result way = walk(room.mmu, space, address);
    const bool present =
        way.nr_steps > 0 && (is_leaf(way.last().kind) || way.last().kind == descriptor_kind::present_invalid);
    if (!present) {
        call.sink.emit(mmu_event::pte_missing, space, address);
        return {};
    }
    return {room.mmu.table_at(way.last().table), way.last().index, way.last().entry};
}

OpOutcome set_pte_at_op(mmu_op_context& room, OpCall& call, Fields<spec::set_pte_at> in) {
    mmu_context cx = context(room, call);
    CallScope scope(cx.page.sink, mmu_fn::set_pte);
    const Leaf leaf = named_leaf(room, call, space_to_change(room, call, in["mm"]), in.as<u64>("address"));
    if (leaf.table == TABLE_NONE) return OpOutcome::no_effect;
    const auto helper = in.as<std::size_t>("helper");
    const std::optional<pteval_t> after = change_pte(room.mmu.format, leaf.entry, helper);
    if (!after) return OpOutcome::refused;
    set_entry(cx, leaf.table, leaf.index, *after);
    note_unflushed(cx, room.mmu.tables[leaf.table].space, in.as<u64>("address"), 1);
    cx.page.sink.emit(mmu_event::pte_changed, helper, in.as<u64>("address"), leaf.entry, *after);
    return OpOutcome::done;
}

OpOutcome ptep_get_op(mmu_op_context& room, OpCall& call, Fields<spec::ptep_get> in) {
    const Leaf leaf = named_leaf(room, call, named_space(room, call, in["mm"]), in.as<u64>("address"));
    if (leaf.table == TABLE_NONE) return OpOutcome::no_effect;
    const auto helper = in.as<std::size_t>("helper");
    call.sink.emit(mmu_event::pte_asked, helper, in.as<u64>("address"), leaf.entry,
                   ask_pte(room.mmu.format, leaf.entry, helper));
    return OpOutcome::done;
}

OpOutcome show_pte_op(mmu_op_context& room, OpCall& call, Fields<spec::show_pte> in) {
    mmu_context cx = context(room, call);
    return tell_walk(cx, named_space(room, call, in["mm"]), in.as<u64>("address")).found ? OpOutcome::done
                                                                                         : OpOutcome::no_effect;
}

OpOutcome switch_mm_op(mmu_op_context& room, OpCall& call, Fields<spec::switch_mm> in) {
    mmu_context cx = context(room, call);
    if (in["mm"] < 0) {
        switch_mm(cx, call.op.cpu, SPACE_NONE);
        return OpOutcome::done;
    }
    const space_id space = named_space(room, call, in["mm"]);
    if (space == SPACE_NONE) return OpOutcome::no_effect;
    switch_mm(cx, call.op.cpu, space);
    return OpOutcome::done;
}

OpOutcome access_op(mmu_op_context& room, OpCall& call, Fields<spec::access> in) {
    mmu_context cx = context(room, call);
    if (in["mm"] >= 0) {
        const space_id space = named_space(room, call, in["mm"]);
        if (space == SPACE_NONE) return OpOutcome::no_effect;
        if (room.mmu.tlb.cpus[call.op.cpu].space != space) switch_mm(cx, call.op.cpu, space);
    }
    const access_request request{in.as<u64>("address"), in.as<access_kind>("kind"), in["mode"] == 0, in["handle"] != 0};
    return access(cx, call.op.cpu, request).ok() ? OpOutcome::done : OpOutcome::refused;
}

OpOutcome logical_access_op(mmu_op_context& room, OpCall& call, Fields<spec::logical_access>) {
    mmu_context cx = context(room, call);
    return logical_access(cx, call.op.cpu, logical_address_of(call.op)) ? OpOutcome::done : OpOutcome::refused;
}

OpOutcome write_gdt_entry_op(mmu_op_context& room, OpCall& call, Fields<spec::write_gdt_entry> in) {
    mmu_context cx = context(room, call);
    write_gdt_entry(cx, in.as<u32>("entry"),
                    encode_segment(in.as<u32>("flags"), in.as<u32>("base"), in.as<u32>("limit")));
    return OpOutcome::done;
}

OpOutcome flush_tlb_range_op(mmu_op_context& room, OpCall& call, Fields<spec::flush_tlb_range> in) {
    mmu_context cx = context(room, call);
    const space_id space = named_space(room, call, in["mm"]);
    if (space == SPACE_NONE) return OpOutcome::no_effect;
    const u64 start = in.as<u64>("address"), end = start + in.as<u64>("size");
    if (room.mmu.spaces[space].kernel)
        flush_tlb_kernel_range(cx, start, end);
    else
        flush_tlb_range(cx, space, start, end);
    return OpOutcome::done;
}

OpOutcome flush_tlb_mm_op(mmu_op_context& room, OpCall& call, Fields<spec::flush_tlb_mm> in) {
    mmu_context cx = context(room, call);
    const space_id space = named_space(room, call, in["mm"]);
    if (space == SPACE_NONE) return OpOutcome::no_effect;
    flush_tlb_mm(cx, space);
    return OpOutcome::done;
}

OpOutcome flush_tlb_all_op(mmu_op_context& room, OpCall& call, Fields<spec::flush_tlb_all>) {
    mmu_context cx = context(room, call);
    flush_tlb_all(cx);
    return OpOutcome::done;
}

OpOutcome set_pte_op(mmu_op_context& room, OpCall& call, Fields<spec::set_pte> in) {
    mmu_context cx = context(room, call);
    const Leaf leaf = named_leaf(room, call, space_to_change(room, call, in["mm"]), in.as<u64>("address"));
    if (leaf.table == TABLE_NONE) return OpOutcome::no_effect;
    const u8 level = room.mmu.tables[leaf.table].level;
    const u64 phys = in.as<u64>("phys") & ~(room.mmu.geometry().size(level) - 1);
    if (phys >> physical_bits(room.mmu.format)) return OpOutcome::refused;
    const pgprot_t prot = prot_of(room, in["prot"]);
    set_live_entry(cx, leaf.table, leaf.index, leaf_entry(room.mmu.format, phys, prot, level));
    const u64 size = room.mmu.geometry().size(level);
    tell_if_global(cx, room.mmu.tables[leaf.table].space, in.as<u64>("address") & ~(size - 1), size, prot);
    return OpOutcome::done;
}

// Every op asks first whether there are page tables.
template <const OpSpec& SPEC, OpOutcome (*run)(mmu_op_context&, OpCall&, Fields<SPEC>)>
OpOutcome with_page_tables(mmu_op_context& room, OpCall& call, Fields<SPEC> in) {
    if (room.mmu.up) return run(room, call, in);
    call.keep({});
    call.sink.emit(mmu_event::no_page_tables);
    return OpOutcome::refused;
}

// And those on segments, whether this machine has any.
template <const OpSpec& SPEC, OpOutcome (*run)(mmu_op_context&, OpCall&, Fields<SPEC>)>
OpOutcome with_gdt(mmu_op_context& room, OpCall& call, Fields<SPEC> in) {
    if (!room.mmu.up || room.mmu.arch().has_segments) return with_page_tables<SPEC, run>(room, call, in);
    call.sink.emit(segment_event::no_segments);
    return OpOutcome::refused;
}

template <const OpSpec& SPEC, OpOutcome (*run)(mmu_op_context&, OpCall&, Fields<SPEC>)>
consteval MmuOp with_tables() {
    return op_row<SPEC, with_page_tables<SPEC, run>>();
}
template <const OpSpec& SPEC, OpOutcome (*run)(mmu_op_context&, OpCall&, Fields<SPEC>)>
consteval MmuOp with_segments() {
    return op_row<SPEC, with_gdt<SPEC, run>>();
}

constexpr MmuOp rows[] = {
    with_tables<spec::pgd_alloc, pgd_alloc_op>(),
    with_tables<spec::pgd_free, pgd_free_op>(),
    with_tables<spec::create_pgd_mapping, create_pgd_mapping_op>(),
    with_tables<spec::vm_insert_pages, vm_insert_pages_op>(),
    with_tables<spec::unmap_page_range, unmap_page_range_op>(),
    with_tables<spec::change_protection, change_protection_op>(),
    with_tables<spec::set_pte_at, set_pte_at_op>(),
    with_tables<spec::ptep_get, ptep_get_op>(),
    with_tables<spec::show_pte, show_pte_op>(),
    with_tables<spec::switch_mm, switch_mm_op>(),
    with_tables<spec::access, access_op>(),
    with_segments<spec::logical_access, logical_access_op>(),
    with_segments<spec::write_gdt_entry, write_gdt_entry_op>(),
    with_tables<spec::flush_tlb_range, flush_tlb_range_op>(),
    with_tables<spec::flush_tlb_mm, flush_tlb_mm_op>(),
    with_tables<spec::flush_tlb_all, flush_tlb_all_op>(),
    with_tables<spec::set_pte, set_pte_op>(),
};

} // namespace

std::span<const MmuOp> mmu_ops() { return rows; }

logical_address logical_address_of(const Op& op) {
    const Fields<spec::logical_access> in(op);
    logical_address address;
    address.selector = in.as<u16>("selector");
    address.offset = in.as<u32>("offset");
    address.kind = in.as<access_kind>("kind");
    address.through = address.kind == access_kind::exec ? segment_register::code : in.as<segment_register>("segment");
    address.size = in.as<u32>("size");
    address.cpl = in.as<u8>("cpl");
    return address;
}

} // namespace mm
