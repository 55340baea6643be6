#include "views/process/residency.h"

#include "process/user_tables.h"
#include "views/process/process_sums.h"
#include "views/process/process_words.h"

namespace shell {

bool residency_is_told(const mm::Machine& machine, mm::mm_id process) {
    const mm::mm_struct& mm = machine.processes.mms[process];
    return mm.space != 0 && mm.rss.total() + mm.map_count <= SUMS_BUDGET;
}

Residency residency_of(const mm::Machine& machine, mm::mm_id process, mm::u64 start, mm::u64 end) {
    const mm::process_memory& proc = machine.processes;
    const mm::mmu_memory& mmu = machine.mmu;
    const mm::page_geometry& geometry = mmu.geometry();
    Residency out;
    out.all = (end - start) >> proc.page_shift;
    mm::each_entry(mmu, static_cast<mm::space_id>(proc.mms[process].space), start, end,
                   [&](const mm::table_slot& slot) {
                       if (!mm::pte_present(mmu.format, slot.entry) || mm::pte_special(mmu.format, slot.entry)) return;
                       const auto pfn = static_cast<mm::pfn_t>(mm::pte_pfn(mmu.format, slot.entry, slot.level));
                       if (pfn == proc.user.zero_pfn || pfn == proc.user.huge_zero_pfn) return;
                       if (proc.user.at(pfn).kind == mm::user_page_kind::none) return;
                       const mm::u64 size = geometry.size(slot.level);
                       out.pages += size >> proc.page_shift;
                       if (!out.runs.empty() && out.runs.back().end == slot.address)
                           out.runs.back().end += size;
                       else if (out.runs.size() < Residency::MOST_RUNS)
                           out.runs.push_back({slot.address, slot.address + size});
                   });
    return out;
}

std::string resident_text(const Teller& teller, mm::u64 pages, mm::u64 all) {
    return mm::filled(teller.say(words::PAGES_RESIDENT), grouped(static_cast<mm::i64>(pages)),
                      grouped(static_cast<mm::i64>(all)));
}

} // namespace shell
