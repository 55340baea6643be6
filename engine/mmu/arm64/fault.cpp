#include "mmu/arm64/fault.h"

#include "base/assert.h"
#include "mmu/arm64/functions.h"

namespace mm {

using ev = tlb_event;
using scope = CallScope<EventSink>;

u32 fault_status_code(fault_kind kind, int level) {
    const bool below_zero = level < 0; // the first of five levels: its codes came later
    const auto at = static_cast<u32>(level);
    switch (kind) {
    case fault_kind::address_size: return below_zero ? 0x29 : 0x00 + at;
    case fault_kind::translation: return below_zero ? 0x2b : 0x04 + at;
    case fault_kind::access_flag: MM_ASSERT(!below_zero); return 0x08 + at;
    case fault_kind::permission: MM_ASSERT(!below_zero); return 0x0c + at;
    case fault_kind::none: break;
    }
    MM_ASSERT(false);
    return 0;
}

abort_class abort_class_of(access_kind access, bool user) {
    if (access == access_kind::exec) return user ? abort_class::instruction_lower : abort_class::instruction_same;
    return user ? abort_class::data_lower : abort_class::data_same;
}

u32 esr_el1(fault_kind kind, int level, access_kind access, bool user) {
    static constexpr u32 exception_classes[] = {0x24, 0x25, 0x20, 0x21};
    const u32 ec = exception_classes[static_cast<std::size_t>(abort_class_of(access, user))];
    return ec << ESR_EC_SHIFT | ESR_IL | (access == access_kind::write ? ESR_WNR : 0) | fault_status_code(kind, level);
}

fault_info_row fault_info(const pte_rules& rules, u32 fsc) {
    const bool below_zero = rules.knows_level_below_zero();
    const auto name = [&](fault_kind kind, int level) {
        return "level " + std::to_string(level) + " " + std::string(fault_kind_name(kind));
    };
    const auto bad = [](std::string text) {
        return fault_info_row{fault_handler::do_bad, "SIGKILL", "SI_KERNEL", std::move(text)};
    };
    const int level = static_cast<int>(fsc & 3);
    switch (fsc >> 2) {
    case 0: return bad(level == 0 ? "ttbr address size fault" : name(fault_kind::address_size, level));
    case 1:
        return {fault_handler::do_translation_fault, "SIGSEGV", "SEGV_MAPERR", name(fault_kind::translation, level)};
    case 2:
    case 3: {
        if (level == 0 && !below_zero) break; // no leaf stands at level 0 without 52-bit addresses
        const fault_kind kind = fsc >> 2 == 2 ? fault_kind::access_flag : fault_kind::permission;
        return {fault_handler::do_page_fault, "SIGSEGV", "SEGV_ACCERR", name(kind, level)};
    }
    default: break;
    }
    if (below_zero && fsc == 0x29) return bad(name(fault_kind::address_size, -1));
    if (below_zero && fsc == 0x2b)
        return {fault_handler::do_translation_fault, "SIGSEGV", "SEGV_MAPERR", name(fault_kind::translation, -1)};
    if (fsc == FSC_TLB_CONFLICT) return bad("TLB conflict abort");
    return bad("unknown " + std::to_string(fsc));
}

u32 arm64_report_fault(mmu_context& cx, const fault_report& report) {
    const u32 esr = esr_el1(report.kind, report.level, report.access, report.user);
    const fault_info_row row = fault_info(cx.mmu.format.rules, esr & ESR_FSC);
    cx.page.sink.emit(ev::abort_taken, report.address, esr, abort_class_of(report.access, report.user), report.kind,
                      report.level, row.handler, cx.mmu.tlb.config.pa_bits);
    return esr;
}

namespace {

// Writes the flags into the entry, and into the others of a contiguous row: hardware may read any of them.
void set_access_flags(mmu_context& cx, space_id space, u64 address, const walk_step& leaf, pteval_t entry, bool dirty) {
    scope call(cx.page.sink, mmu_fn::ptep_set_access_flags);
    const table_id table = cx.mmu.table_at(leaf.table);
    const u32 row = pte_cont(cx.mmu.format, leaf.entry) ? cx.mmu.geometry().contiguous_entries(leaf.level) : 1;
    const u32 begin = leaf.index / row * row;
    cx.page.sink.charge(row);
    const pteval_t flags = PTE_AF | PTE_DIRTY, read_only = entry & PTE_RDONLY;
    for (u32 i = begin; i < begin + row; ++i) {
        const pteval_t old = cx.mmu.entry(table, i);
        set_entry(cx, table, i, ((old | (entry & flags)) & ~PTE_RDONLY) | (old & read_only));
    }
    cx.page.sink.emit(ev::fault_cured, address, dirty ? fault_end::made_dirty : fault_end::made_young, leaf.entry,
                      entry);
    // An entry that was not young is in no TLB; one that was read-only is.
    if (dirty) flush_tlb_page(cx, space, address);
}

} // namespace

// kernel: handle_pte_fault
fault_end arm64_cure_fault(mmu_context& cx, space_id space, const fault_report& report, const walk_result& way) {
    const pte_format& format = cx.mmu.format;
    const bool write = report.access == access_kind::write;
    const pteval_t old = way.last().entry;
    const bool may = write ? pte_write(format, old) : report.kind == fault_kind::access_flag;
    const pteval_t young = pte_mkyoung(format, old);
    const pteval_t cured = write && may ? pte_mkdirty(format, young) : young;
    if (!may || (report.user && !pte_user(format, old)) || cured == old) return fault_end::none;
    set_access_flags(cx, space, report.address, way.last(), cured, write);
    return write ? fault_end::made_dirty : fault_end::made_young;
}

} // namespace mm
