#include "process/rmap.h"

#include <algorithm>

#include "mmu/page_table.h"
#include "physical/page_alloc.h"
#include "process/page_cache.h"
#include "process/vma_index.h"

namespace mm {

namespace {

constexpr u32 FIRST_RMAPS = 1u << 10; // records that the pool begins with

void push(user_pages& user, u32& list, mm_id mm, u64 address, u8 level) {
    u32 id = user.rmap_unused;
    if (id != RMAP_NONE) {
        user.rmap_unused = user.rmaps[id].next;
    } else {
        id = user.rmaps_used++;
        if (id >= user.rmaps.size()) user.rmaps.grow(std::max(FIRST_RMAPS, 2 * user.rmaps.size()));
    }
    user.rmaps.mut(id) = {address | level, mm, list};
    list = id;
    ++user.rmap_entries;
}

void remove(mm_context& cx, pfn_t pfn, u64 address, u8 level) {
    user_pages& user = cx.proc.user;
    u32 before = RMAP_NONE, id = user.at(pfn).rmap;
    while (id != RMAP_NONE && (user.rmaps[id].mm != cx.id || user.rmaps[id].address != (address | level))) {
        before = id;
        id = user.rmaps[id].next;
        cx.sink.charge(1);
    }
    MM_ASSERT(id != RMAP_NONE);
    const u32 next = user.rmaps[id].next;
    if (before == RMAP_NONE)
        user.mut(pfn).rmap = next;
    else
        user.rmaps.mut(before).next = next;
    user.rmaps.mut(id) = {0, 0, user.rmap_unused};
    user.rmap_unused = id;
    --user.rmap_entries;
}

u64& counter_of(mm_struct& mm, user_page_kind kind) {
    return kind == user_page_kind::anon ? mm.rss.anon : kind == user_page_kind::file ? mm.rss.file : mm.rss.shmem;
}

void count_in(mm_context& cx, user_page_kind kind, u64 pages) {
    mm_struct& mm = cx.mm_mut();
    counter_of(mm, kind) += pages;
    mm.hiwater_rss = std::max(mm.hiwater_rss, mm.rss.total());
}

u64 pages_of_level(const mm_context& cx, u8 level) {
    return u64{1} << (level == 0 ? 0 : cx.proc.pmd_shift - cx.proc.page_shift);
}

} // namespace

void page_add_anon_rmap(mm_context& cx, pfn_t pfn, u64 address, u8 level, bool exclusive) {
    user_pages& user = cx.proc.user;
    user_page& page = user.mut(pfn);
    page.kind = user_page_kind::anon;
    page.set(user_page::EXCLUSIVE, exclusive);
    ++(level == 0 ? page.mapcount : page.entire);
    push(user, page.rmap, cx.id, address, level);
    ++user.mut(user_page_head(user, pfn)).held;
    count_in(cx, user_page_kind::anon, pages_of_level(cx, level));
}

void page_add_new_anon_rmap(mm_context& cx, vma_id vma, pfn_t pfn, u64 address, u8 level) {
    page_add_anon_rmap(cx, pfn, address, level, true);
    page_move_anon_rmap(cx, vma, pfn);
}

void page_move_anon_rmap(mm_context& cx, vma_id vma, pfn_t pfn) {
    user_pages& user = cx.proc.user;
    user.mut(user_page_head(user, pfn)).index = cx.vma(vma).anon_vma;
}

void page_add_file_rmap(mm_context& cx, pfn_t pfn, u64 address) {
    user_pages& user = cx.proc.user;
    user_page& page = user.mut(pfn);
    ++page.mapcount;
    push(user, page.rmap, cx.id, address, 0);
    if (++page.held == 1) ++cx.pages->page.mem.page_mut(pfn).refcount; // that of all entries
    count_in(cx, page.kind, 1);
}

void free_user_page(mm_context& cx, pfn_t head) {
    user_pages& user = cx.proc.user;
    const u8 order = user.at(head).order;
    if (!user.at(head).in_cache())
        for (pfn_t pfn = head; pfn < head + (1u << order); ++pfn) user.mut(pfn) = user_page{};
    free_pages(cx.pages->page, head, order);
}

void page_remove_rmap(mm_context& cx, pfn_t pfn, u64 address, u8 level, std::vector<pfn_t>* freed) {
    user_pages& user = cx.proc.user;
    const pfn_t head = user_page_head(user, pfn);
    remove(cx, pfn, address, level);
    user_page& page = user.mut(pfn);
    --(level == 0 ? page.mapcount : page.entire);
    counter_of(cx.mm_mut(), page.kind) -= pages_of_level(cx, level);
    if (--user.mut(head).held > 0) return;
    if (freed != nullptr)
        freed->push_back(head);
    else
        free_user_page(cx, head);
}

void page_move_rmap(mm_context& cx, pfn_t pfn, u64 from, u64 to, u8 level) {
    user_pages& user = cx.proc.user;
    for (u32 id = user.at(pfn).rmap; id != RMAP_NONE; id = user.rmaps[id].next) {
        cx.sink.charge(1);
        if (user.rmaps[id].mm != cx.id || user.rmaps[id].address != (from | level)) continue;
        user.rmaps.mut(id).address = to | level;
        return;
    }
}

std::vector<frame_mapping> rmap_walk(const user_pages& user, pfn_t pfn) {
    std::vector<frame_mapping> all;
    const user_page page = user.at(pfn);
    for (u32 id = page.rmap; id != RMAP_NONE; id = user.rmaps[id].next)
        all.push_back({user.rmaps[id].mm, user.rmaps[id].virt(), user.rmaps[id].level()});
    const pfn_t head = user_page_head(user, pfn);
    for (u32 id = head == pfn ? RMAP_NONE : user.at(head).rmap; id != RMAP_NONE; id = user.rmaps[id].next)
        if (user.rmaps[id].level() > 0)
            all.push_back({user.rmaps[id].mm, user.rmaps[id].virt(), user.rmaps[id].level()});
    std::sort(all.begin(), all.end(), [](const frame_mapping& a, const frame_mapping& b) {
        return a.mm != b.mm ? a.mm < b.mm : a.address < b.address;
    });
    return all;
}

// ---- How the kernel finds them -------------------------------------------------------------------------------------

anon_vma_id anon_vma_of(const user_pages& user, pfn_t pfn) {
    const user_page head = user.at(user_page_head(user, pfn));
    return head.anon() ? head.index : 0;
}

std::vector<anon_vma_id> anon_vma_chain_of(const process_memory& proc, const vm_area_struct& vma) {
    std::vector<anon_vma_id> chain;
    for (anon_vma_id id = vma.anon_vma; id != 0; id = id < proc.anon_vma_parents.size() ? proc.anon_vma_parents[id] : 0)
        chain.push_back(id);
    return chain;
}

namespace {

// Which VMAs may map a page, and where in them it is.
class RmapSearch {
  public:
    RmapSearch(const process_memory& proc, pfn_t pfn) : proc_(proc), entries_(rmap_walk(proc.user, pfn)) {
        const user_page page = proc.user.at(user_page_head(proc.user, pfn));
        anon_vma_ = anon_vma_of(proc.user, pfn);
        mapping_ = page.anon() ? 0 : page.mapping;
        known_ = anon_vma_ != 0 || mapping_ != 0;
        index_ = page.index;
        if (page.anon()) find_index(pfn);
    }
    // MM_NONE in the result: the VMA is not looked at.
    [[nodiscard]] looked_at_vma look(mm_id mm, vma_id id) const {
        const vm_area_struct& vma = proc_.vmas[id];
        if (!known_ || index_ < vma.vm_pgoff || index_ - vma.vm_pgoff >= proc_.pages(vma) || !is_reached(vma))
            return {};
        const u64 address = vma.vm_start + ((index_ - vma.vm_pgoff) << proc_.page_shift);
        const auto maps = [&](const frame_mapping& entry) {
            return entry.mm == mm && entry.address >= vma.vm_start && entry.address < vma.vm_end;
        };
        return {mm, id, address, std::any_of(entries_.begin(), entries_.end(), maps)};
    }

  private:
    // All entries of an anonymous page agree about it.
    void find_index(pfn_t pfn) {
        known_ = known_ && !entries_.empty();
        if (!known_) return;
        const frame_mapping& entry = entries_.front();
        const pfn_t head = user_page_head(proc_.user, pfn);
        const u64 within = entry.level > 0 ? u64{pfn - head} << proc_.page_shift : 0;
        const vm_area_struct& vma = vma_at(entry.mm, entry.address);
        index_ = vma.vm_pgoff + ((entry.address + within - vma.vm_start) >> proc_.page_shift);
    }
    // The address is one that an entry translates.
    [[nodiscard]] const vm_area_struct& vma_at(mm_id mm, u64 address) const {
        return proc_.vmas[search_vma(proc_, mm, address).found];
    }
    [[nodiscard]] bool is_reached(const vm_area_struct& vma) const {
        if (anon_vma_ == 0) return vma.vm_file != 0 && proc_.files[vma.vm_file].mapping == mapping_;
        const std::vector<anon_vma_id> chain = anon_vma_chain_of(proc_, vma);
        return std::find(chain.begin(), chain.end(), anon_vma_) != chain.end();
    }

    const process_memory& proc_;
    std::vector<frame_mapping> entries_;
    anon_vma_id anon_vma_ = 0;
    mapping_id mapping_ = 0;
    u64 index_ = 0;
    bool known_ = false;
};

} // namespace

rmap_look rmap_looked_at(const process_memory& proc, pfn_t pfn, u32 most) {
    rmap_look all;
    const RmapSearch search(proc, pfn);
    for (mm_id mm = 0; mm < proc.mms_used; ++mm) {
        if (!proc.mms[mm].in_use) continue;
        for (vma_id id = proc.mms[mm].mmap; id != VMA_NONE; id = proc.vmas[id].vm_next) {
            if (most-- == 0) {
                all.whole = false;
                return all;
            }
            const looked_at_vma found = search.look(mm, id);
            if (found.mm != MM_NONE) all.vmas.push_back(found);
        }
    }
    return all;
}

} // namespace mm
