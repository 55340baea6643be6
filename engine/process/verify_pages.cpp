// What must hold of the pages of processes: tables against VMAs, counts and the reverse map against tables; and their hash.
#include <algorithm>
#include <map>
#include <vector>

#include "base/hex.h"
#include "process/page_cache.h"
#include "process/rmap.h"
#include "process/user_tables.h"
#include "process/verify.h"
#include "process/vma_index.h"

namespace mm {

namespace {

using Fault = std::optional<std::string>;

struct FrameSums {
    u32 small = 0, whole = 0; // entries of a page, of a huge page
};

class PagesCheck {
  public:
    PagesCheck(const process_memory& proc, const mmu_memory& mmu, const physical_memory& mem)
        : proc_(proc), user_(proc.user), mmu_(mmu), mem_(mem) {}

    Fault run() {
        for (mm_id id = 0; id < proc_.mms_used; ++id) {
            if (!proc_.mms[id].in_use || proc_.mms[id].space == 0) continue;
            check_mm(id);
            if (fault_) return "process " + std::to_string(id) + ": " + *fault_;
        }
        if (entries_ != user_.rmap_entries) return "the reverse map has another number of entries than tables have";
        check_frames();
        if (!fault_) check_cache();
        return fault_;
    }

  private:
    void fail(const std::string& text) {
        if (!fault_) fault_ = text;
    }

    void check_mm(mm_id id) {
        const mm_struct& mm = proc_.mms[id];
        if (!mmu_.has_space(static_cast<space_id>(mm.space))) return fail("it has no tables");
        rss_ = {};
        each_entry(mmu_, static_cast<space_id>(mm.space), 0, mm.task_size,
                   [&](const table_slot& slot) { check_entry(id, slot); });
        if (!(rss_ == mm.rss)) fail("Rss is not what its tables map");
    }

    [[nodiscard]] const vm_area_struct* vma_at(mm_id id, u64 address) const {
        const vma_id at = search_vma(proc_, id, address).found;
        return at != VMA_NONE && proc_.vmas[at].vm_start <= address ? &proc_.vmas[at] : nullptr;
    }

    void check_entry(mm_id id, const table_slot& slot) {
        const std::string at = address_hex(slot.address);
        const vm_area_struct* vma = vma_at(id, slot.address);
        if (vma == nullptr) return fail("an entry at " + at + " belongs to no VMA");
        if (slot.address + mmu_.geometry().size(slot.level) > vma->vm_end)
            return fail("the entry at " + at + " reaches beyond its VMA");
        const auto pfn = static_cast<pfn_t>(pte_pfn(mmu_.format, slot.entry, slot.level));
        const bool writable = pte_write(mmu_.format, slot.entry);
        if (writable && (vma->vm_flags & VM_WRITE) == 0) fail("the entry at " + at + " may be written, its VMA not");
        if (pfn == user_.zero_pfn || pfn == user_.huge_zero_pfn) {
            if (writable) fail("the zero page at " + at + " may be written");
            return;
        }
        const user_page page = user_.at(pfn);
        check_kind(at, *vma, page, writable);
        check_anon_vma(at, *vma, pfn);
        FrameSums& sums = frames_[pfn];
        ++(slot.level == 0 ? sums.small : sums.whole);
        ++entries_;
        add_rss(page.kind, mmu_.geometry().size(slot.level) >> proc_.page_shift);
        bool found = false;
        for (u32 rmap = page.rmap; rmap != RMAP_NONE && !found; rmap = user_.rmaps[rmap].next)
            found = user_.rmaps[rmap].mm == id && user_.rmaps[rmap].address == (slot.address | slot.level);
        if (!found) fail("the reverse map of frame " + std::to_string(pfn) + " lacks the entry at " + at);
    }

    // The kernel finds the entry by the page's anon_vma.
    void check_anon_vma(const std::string& at, const vm_area_struct& vma, pfn_t pfn) {
        if (!user_.at(pfn).anon()) return;
        const std::vector<anon_vma_id> chain = anon_vma_chain_of(proc_, vma);
        if (std::find(chain.begin(), chain.end(), anon_vma_of(user_, pfn)) == chain.end())
            fail("the anon_vma of the page at " + at + " does not lead to its VMA");
        if (chain.size() != vma.anon_vma_chain) fail("the chain of the VMA at " + at + " has another length");
    }

    void check_kind(const std::string& at, const vm_area_struct& vma, const user_page& page, bool writable) {
        if (page.kind == user_page_kind::none) return fail("the entry at " + at + " names a frame without a record");
        if (!page.anon()) {
            if (!page.in_cache()) fail("the file's page at " + at + " is not in the page cache");
            if (writable && (vma.vm_flags & VM_SHARED) == 0)
                fail("a private mapping at " + at + " may write to the page cache");
            return;
        }
        if ((vma.vm_flags & VM_SHARED) != 0) fail("a shared mapping has an anonymous page at " + at);
        if (vma.anon_vma == 0) fail("an anonymous page at " + at + " whose VMA has no anon_vma");
        if (writable && !page.has(user_page::EXCLUSIVE))
            fail("the page at " + at + " may be written and is not exclusive");
        if (page.has(user_page::EXCLUSIVE) && page.mapcount + page.entire != 1)
            fail("the exclusive page at " + at + " is mapped more than once");
    }

    void add_rss(user_page_kind kind, u64 pages) {
        (kind == user_page_kind::anon ? rss_.anon : kind == user_page_kind::file ? rss_.file : rss_.shmem) += pages;
    }

    // Heads and what of their frames is mapped.
    void check_frames() {
        std::map<pfn_t, u32> held;
        for (const auto& [pfn, sums] : frames_) {
            const user_page page = user_.at(pfn);
            if (page.mapcount != sums.small || page.entire != sums.whole)
                return fail("the mapcount of frame " + std::to_string(pfn) + " is not that of all tables");
            held[user_page_head(user_, pfn)] += sums.small + sums.whole;
        }
        for (const auto& [head, entries] : held) {
            const user_page page = user_.at(head);
            const std::string name = "frame " + std::to_string(head);
            if (page.held != entries) return fail(name + " is held by another number of entries");
            const i32 least = page.in_cache() ? 2 : 1;
            if (mem_.page_at(head).state() != page_state::allocated || mem_.page_at(head).refcount < least)
                return fail(name + " is mapped and not held");
        }
        for (u32 i = 0; i < user_.frames.size(); ++i) {
            if (user_.frames.untouched(i)) {
                i |= decltype(user_.frames)::CHUNK_ITEMS - 1;
                continue;
            }
            const pfn_t pfn = user_.base_pfn + i;
            if (user_.frames[i].mapcount + user_.frames[i].entire > 0 && !frames_.contains(pfn))
                return fail("frame " + std::to_string(pfn) + " has a mapcount and no table maps it");
        }
    }

    void check_cache() {
        u32 cached = 0;
        for (mapping_id id = 1; id < user_.mappings_used; ++id) {
            u32 pages = 0;
            for (pfn_t at = user_.mappings[id].first; at != 0; at = user_.at(at - 1).next) {
                const user_page page = user_.at(at - 1);
                if (page.mapping != id || find_cached_page(user_, id, page.index) != at - 1)
                    return fail("the page cache does not find frame " + std::to_string(at - 1));
                ++pages;
            }
            if (pages != user_.mappings[id].nrpages) return fail("nrpages is not the number of cached pages");
            cached += pages;
        }
        if (cached != user_.cached) fail("the page cache has pages of no mapping");
    }

    const process_memory& proc_;
    const user_pages& user_;
    const mmu_memory& mmu_;
    const physical_memory& mem_;
    Fault fault_;
    mm_rss rss_;
    u64 entries_ = 0;
    std::map<pfn_t, FrameSums> frames_;
};

} // namespace

std::optional<std::string> verify_user_pages(const process_memory& proc, const mmu_memory& mmu,
                                             const physical_memory& mem) {
    return PagesCheck(proc, mmu, mem).run();
}

void hash_user_pages(const process_memory& proc, Hasher& hasher) {
    const user_pages& user = proc.user;
    if (user.zero_pfn == PFN_NONE) return;
    hasher.add(u64{user.zero_pfn} << 32 | user.huge_zero_pfn);
    hasher.add(user.rmap_entries);
    for (u32 i = 0; i < user.frames.size(); ++i) {
        if (user.frames.untouched(i)) {
            i |= decltype(user.frames)::CHUNK_ITEMS - 1;
            continue;
        }
        const user_page& page = user.frames[i];
        if (page.kind == user_page_kind::none) continue;
        hasher.add(u64{i} << 32 | static_cast<u64>(page.kind) << 24 | u64{page.flags} << 16 | u64{page.value} << 8 |
                   page.order);
        hasher.add(u64{page.mapcount} << 32 | page.entire);
        if (page.anon()) hasher.add(page.index);
        if (page.mapping == 0) continue;
        hasher.add(user.mappings[page.mapping].inode);
        hasher.add(u64{user.mappings[page.mapping].device} << 32 | page.index);
    }
}

} // namespace mm
