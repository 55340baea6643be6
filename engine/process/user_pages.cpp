#include "process/user_pages.h"

#include <algorithm>

#include "mmu/page_table.h"
#include "physical/page_alloc.h"
#include "process/mm.h"

namespace mm {

namespace {

// Where the kernel's image is looked for: memory begins with it, or nearly so.
constexpr u32 FRAMES_SEARCHED = 1u << 14;

// A frame of the kernel's image, which boot has reserved; where there is none, a page like any other.
pfn_t zero_page(mmu_context& pages) {
    const physical_memory& mem = pages.page.mem;
    const pfn_t end = std::min(mem.end_pfn, mem.base_pfn + FRAMES_SEARCHED);
    for (pfn_t pfn = mem.base_pfn; pfn < end; ++pfn)
        if (mem.page_at(pfn).state() == page_state::reserved) return pfn;
    return alloc_pages(pages.page, {0, GFP_KERNEL | GFP_BIT_ZERO});
}

// Behind the zero page, frames of the kernel's image one after the other.
pfn_t image_pages(const physical_memory& mem, pfn_t zero) {
    for (pfn_t pfn = zero + 1; pfn <= zero + IMAGE_PAGES; ++pfn)
        if (pfn >= mem.end_pfn || mem.page_at(pfn).state() != page_state::reserved) return PFN_NONE;
    return zero + 1;
}

} // namespace

bool user_pages_ready(mm_context& cx) {
    user_pages& user = cx.proc.user;
    if (user.zero_pfn != PFN_NONE) return true;
    const physical_memory& mem = cx.pages->page.mem;
    user.base_pfn = mem.base_pfn;
    user.frames.grow(mem.end_pfn - mem.base_pfn);
    cx.sink.charge(FRAMES_SEARCHED / WORK_BYTES);
    user.zero_pfn = zero_page(*cx.pages);
    if (user.zero_pfn == PFN_NONE) return false;
    user.image_pfn = image_pages(mem, user.zero_pfn);
    return true;
}

void add_user_reference(mm_context& cx, pfn_t pfn) {
    physical_memory& mem = cx.pages->page.mem;
    if (mem.page_at(pfn).state() == page_state::reserved) return; // nobody can free it
    page& frame = mem.page_mut(pfn);
    frame.set_user_references(frame.user_references() + 1);
}

void drop_user_reference(mm_context& cx, pfn_t pfn) {
    physical_memory& mem = cx.pages->page.mem;
    if (mem.page_at(pfn).user_references() == 0) return;
    page& frame = mem.page_mut(pfn);
    frame.set_user_references(frame.user_references() - 1);
}

pfn_t user_page_head(const user_pages& user, pfn_t pfn) { return pfn & ~((1u << user.at(pfn).order) - 1); }

u32 page_count(const user_pages& user, const physical_memory& mem, pfn_t pfn) {
    const pfn_t head = user_page_head(user, pfn);
    const u32 held = user.at(head).held;
    const auto others = static_cast<u32>(std::max<i32>(mem.page_at(head).refcount, 0));
    return held == 0 ? others : others - 1 + held;
}

u32 page_mapcount(const user_pages& user, pfn_t pfn) {
    const user_page page = user.at(pfn);
    return page.order == 0 ? page.mapcount : page.mapcount + user.at(user_page_head(user, pfn)).entire;
}

mapped_page page_at_address(const process_memory& proc, const mmu_memory& mmu, const physical_memory& mem, mm_id mm,
                            u64 address) {
    using kind = mapped_page::page_kind;
    mapped_page found;
    if (proc.mms[mm].space == 0) return found;
    const walk_result way = walk(mmu, static_cast<space_id>(proc.mms[mm].space), address);
    if (way.nr_steps == 0) return found;
    const walk_step& leaf = way.last();
    if (!is_leaf(leaf.kind) && !pte_present(mmu.format, leaf.entry)) return found;
    if (leaf.kind == descriptor_kind::table) return found;
    found.level = leaf.level;
    found.entry = leaf.entry;
    found.pfn = static_cast<pfn_t>(pte_pfn(mmu.format, leaf.entry, leaf.level));
    found.young = pte_young(mmu.format, leaf.entry);
    found.writable = pte_write(mmu.format, leaf.entry);
    const pfn_t first = found.pfn;
    const u64 within = address & (mmu.geometry().size(leaf.level) - 1);
    found.pfn += static_cast<pfn_t>(within >> mmu.geometry().page_shift);
    const user_pages& user = proc.user;
    if (user.uncounted(first) || pte_special(mmu.format, leaf.entry)) {
        found.kind = kind::zero;
        return found;
    }
    const user_page page = user.at(found.pfn), head = user.at(user_page_head(user, found.pfn));
    found.kind = page.kind == user_page_kind::anon    ? kind::anon
                 : page.kind == user_page_kind::file  ? kind::file
                 : page.kind == user_page_kind::shmem ? kind::shmem
                                                      : kind::none;
    found.dirty = pte_dirty(mmu.format, leaf.entry) || head.has(user_page::DIRTY);
    found.exclusive = (leaf.level > 0 ? head : page).has(user_page::EXCLUSIVE);
    found.mapcount = page_mapcount(user, found.pfn);
    found.count = page_count(user, mem, found.pfn);
    found.value = page.value;
    return found;
}

} // namespace mm
