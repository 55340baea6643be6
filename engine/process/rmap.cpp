#include "process/rmap.h"

#include <algorithm>

#include "mmu/page_table.h"
#include "physical/page_alloc.h"
#include "process/page_cache.h"

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

} // namespace mm
