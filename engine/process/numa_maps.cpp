#include "process/numa_maps.h"

#include <algorithm>
#include <array>

#include "process/fault.h"
#include "process/maps_text.h"
#include "process/user_tables.h"
#include "process/vma_index.h"

namespace mm {

namespace {

// kernel: struct numa_maps
struct PageSums {
    u64 pages = 0, anon = 0, dirty = 0, active = 0, mapcount_max = 0;
    std::array<u64, MAX_NODES> node{};
};

// kernel: gather_stats
void add_pages(const process_memory& proc, const page_places& places, const vm_area_struct& vma, const table_slot& slot,
               PageSums& sums) {
    const pte_format& format = places.mmu.format;
    if (!pte_present(format, slot.entry) || pte_special(format, slot.entry)) return;
    const auto pfn = static_cast<pfn_t>(pte_pfn(format, slot.entry, slot.level));
    if (pfn == proc.user.zero_pfn || pfn == proc.user.huge_zero_pfn || !places.mem.pfn_valid(pfn)) return;
    if (places.mem.page_at(pfn).state() == page_state::reserved) return;
    const user_page head = proc.user.at(user_page_head(proc.user, pfn));
    const u64 pages = u64{1} << (format.geometry.shift(slot.level) - format.geometry.page_shift);
    sums.pages += pages;
    if (head.anon()) sums.anon += pages;
    if (pte_dirty(format, slot.entry) || head.has(user_page::DIRTY)) sums.dirty += pages;
    if (head.has(user_page::ACTIVE) || (vma.vm_flags & VM_LOCKED) != 0) sums.active += pages;
    sums.mapcount_max = std::max<u64>(sums.mapcount_max, page_mapcount(proc.user, pfn));
    sums.node[places.mem.zones[places.mem.page_zone(pfn)].node] += pages;
}

std::string field(const char* name, u64 number) { return std::string(" ") + name + "=" + std::to_string(number); }

std::string name_of(const process_memory& proc, mm_id mm, vma_id id) {
    const std::string name = vma_name(proc, mm, id);
    if (proc.vmas[id].vm_file != 0) return " file=" + name;
    if (name == "[heap]") return " heap";
    return name == "[stack]" ? " stack" : "";
}

std::string sums_text(const process_memory& proc, const PageSums& sums) {
    if (sums.pages == 0) return "";
    std::string text;
    if (sums.anon > 0) text += field("anon", sums.anon);
    if (sums.dirty > 0) text += field("dirty", sums.dirty);
    if (sums.pages != sums.anon && sums.pages != sums.dirty) text += field("mapped", sums.pages);
    if (sums.mapcount_max > 1) text += field("mapmax", sums.mapcount_max);
    if (sums.active < sums.pages) text += field("active", sums.active);
    for (std::size_t node = 0; node < sums.node.size(); ++node)
        if (sums.node[node] > 0) text += field(("N" + std::to_string(node)).c_str(), sums.node[node]);
    return text + field("kernelpagesize_kB", proc.page_size() >> 10);
}

} // namespace

std::string numa_maps_text(const process_memory& proc, const page_places& places, mm_id mm) {
    std::string text;
    for (vma_id id = proc.mms[mm].mmap; id != VMA_NONE; id = proc.vmas[id].vm_next) {
        const vm_area_struct& vma = proc.vmas[id];
        PageSums sums;
        if (proc.mms[mm].space != 0)
            each_entry(places.mmu, static_cast<space_id>(proc.mms[mm].space), vma.vm_start, vma.vm_end,
                       [&](const table_slot& slot) { add_pages(proc, places, vma, slot, sums); });
        char start[24];
        std::snprintf(start, sizeof start, "%08llx", static_cast<unsigned long long>(vma.vm_start));
        text += start + std::string(" default") + name_of(proc, mm, id) + sums_text(proc, sums) + "\n";
    }
    return text;
}

} // namespace mm
