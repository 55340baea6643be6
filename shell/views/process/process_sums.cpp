#include "views/process/process_sums.h"

#include <algorithm>
#include <map>

#include "machine/facts/process_facts.h"
#include "process/user_tables.h"

namespace shell {

namespace {

using mm::mm_id;
using mm::u32;
using mm::u64;

constexpr std::size_t MOST_GROUPS = 64;

class Sums {
  public:
    Sums(const mm::Machine& machine, u64 budget)
        : proc_(machine.processes), user_(proc_.user), mmu_(machine.mmu), budget_(budget) {}

    ProcessSums run() {
        for (mm_id id = 0; id < proc_.mms_used; ++id)
            if (proc_.mms[id].in_use) all_.processes.push_back(sum_of(id));
        for (auto& [who, pages] : groups_) all_.shared.push_back({who, pages});
        std::stable_sort(all_.shared.begin(), all_.shared.end(),
                         [](const SharedPages& a, const SharedPages& b) { return a.all() > b.all(); });
        return std::move(all_);
    }

  private:
    ProcessSum sum_of(mm_id id) {
        const mm::mm_struct& mm = proc_.mms[id];
        ProcessSum sum{.id = id};
        const u64 cost = mm.rss.total() + mm.map_count;
        sum.counted = mm.space != 0 && cost <= budget_;
        if (!sum.counted) {
            all_.shared_whole = all_.shared_whole && mm.rss.total() == 0;
            return sum;
        }
        budget_ -= cost;
        const auto space = static_cast<mm::space_id>(mm.space);
        for (const mm::vma_id vma : mm::vmas_of(proc_, id))
            mm::each_entry(mmu_, space, proc_.vmas[vma].vm_start, proc_.vmas[vma].vm_end,
                           [&](const mm::table_slot& slot) { add(sum, slot); });
        return sum;
    }

    void add(ProcessSum& sum, const mm::table_slot& slot) {
        if (!mm::pte_present(mmu_.format, slot.entry) || mm::pte_special(mmu_.format, slot.entry)) return;
        const auto first = static_cast<mm::pfn_t>(mm::pte_pfn(mmu_.format, slot.entry, slot.level));
        if (first == user_.zero_pfn || first == user_.huge_zero_pfn) return;
        const mm::page_geometry& geometry = mmu_.geometry();
        const u64 pages = u64{1} << (geometry.shift(slot.level) - geometry.page_shift);
        for (u64 i = 0; i < pages; ++i) {
            const mm::pfn_t pfn = first + static_cast<mm::pfn_t>(i);
            const mm::user_page page = user_.at(pfn);
            if (page.kind == mm::user_page_kind::none) continue;
            const auto kind = static_cast<std::size_t>(page.kind) - 1;
            const u32 mapcount = std::max(mm::page_mapcount(user_, pfn), 1u);
            MappedBy& parts = sum.kinds[kind];
            ++(mapcount == 1 ? parts.one : mapcount == 2 ? parts.two : parts.more);
            sum.pss += (proc_.page_size() << 12) / mapcount;
            if (mapcount > 1) share(sum.id, pfn, kind);
        }
    }

    // Each page once: when the first of those that map it is gone through.
    void share(mm_id mine, mm::pfn_t pfn, std::size_t kind) {
        std::vector<mm_id> who;
        const auto take = [&](mm::pfn_t of, bool whole) {
            for (u32 at = user_.at(of).rmap; at != mm::RMAP_NONE; at = user_.rmaps[at].next) {
                if (budget_ == 0) return void(all_.shared_whole = false);
                --budget_;
                if (!whole || user_.rmaps[at].level() > 0) who.push_back(user_.rmaps[at].mm);
            }
        };
        take(pfn, false);
        if (const mm::pfn_t head = mm::user_page_head(user_, pfn); head != pfn) take(head, true);
        std::sort(who.begin(), who.end());
        who.erase(std::unique(who.begin(), who.end()), who.end());
        if (who.size() < 2 || who.front() != mine) return;
        const auto group = groups_.find(who);
        if (group != groups_.end())
            ++group->second[kind];
        else if (groups_.size() < MOST_GROUPS)
            ++groups_[who][kind];
        else
            all_.shared_whole = false;
    }

    const mm::process_memory& proc_;
    const mm::user_pages& user_;
    const mm::mmu_memory& mmu_;
    u64 budget_;
    ProcessSums all_;
    std::map<std::vector<mm_id>, std::array<u64, PAGE_KINDS>> groups_;
};

} // namespace

ProcessSums process_sums(const mm::Machine& machine, u64 budget) { return Sums(machine, budget).run(); }

} // namespace shell
