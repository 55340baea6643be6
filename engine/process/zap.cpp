#include "process/zap.h"

#include <algorithm>
#include <vector>

#include "mmu/flush.h"
#include "mmu/functions.h"
#include "mmu/kept_table.h"
#include "physical/page_alloc.h"
#include "process/fault.h"
#include "process/fault_events.h"
#include "process/functions.h"
#include "process/rmap.h"
#include "process/user_tables.h"
#include "process/vma_index.h"

namespace mm {

namespace {

using ev = fault_event;

// What a call changes: the range that TLBs must forget, and pages whose last entry went. kernel: struct mmu_gather
struct gather {
    mapped_span span;
    std::vector<pfn_t> freed;

    void add(const mm_context& cx, const table_slot& slot) {
        const u64 last = slot.address + (cx.pages->mmu.geometry().size(slot.level) - 1);
        if (!span.any) span = {space_of(cx), slot.address, last, true, slot.level};
        span.first = std::min(span.first, slot.address);
        span.last = std::max(span.last, last);
        span.level = std::min(span.level, slot.level);
    }
    void finish(mm_context& cx) {
        flush_after_change(*cx.pages, span);
        for (const pfn_t head : freed) free_user_page(cx, head);
        if (!freed.empty()) cx.sink.emit(ev::pages_freed, freed.size());
    }
};

bool is_zero(const user_pages& user, pfn_t pfn) { return pfn == user.zero_pfn || pfn == user.huge_zero_pfn; }

// kernel: mark_page_accessed
void mark_accessed(const vma_rules& rules, user_page& page) {
    if (!page.has(user_page::REFERENCED)) {
        page.set(user_page::REFERENCED);
    } else if (!rules.lru_has_generations() && !page.has(user_page::ACTIVE)) {
        page.set(user_page::ACTIVE);
        page.set(user_page::REFERENCED, false);
    }
}

// The table that was kept for the huge page's splitting. PFN_NONE: there is none. kernel: pgtable_trans_huge_withdraw
pfn_t withdraw_deposit(mm_context& cx) {
    mm_struct& mm = cx.mm_mut();
    if (mm.nr_deposits == 0) return PFN_NONE;
    const pfn_t pfn = mm.deposits;
    user_page& page = cx.proc.user.mut(pfn);
    mm.deposits = page.next;
    --mm.nr_deposits;
    page = user_page{};
    return pfn;
}

// kernel: zap_deposited_table
void drop_deposit(mm_context& cx) {
    if (const pfn_t pfn = withdraw_deposit(cx); pfn != PFN_NONE) free_pages(cx.pages->page, pfn, 0);
}

// The entry is gone; what it knew of the page is noted there. kernel: zap_pte_range, zap_huge_pmd
void forget_entry(mm_context& cx, const vm_area_struct& vma, const table_slot& slot, gather& all) {
    const pte_format& format = cx.pages->mmu.format;
    const auto pfn = static_cast<pfn_t>(pte_pfn(format, slot.entry, slot.level));
    set_entry(*cx.pages, slot.table, slot.index, 0);
    all.add(cx, slot);
    if (slot.level > 0) drop_deposit(cx);
    if (is_zero(cx.proc.user, pfn)) return;
    user_page& page = cx.proc.user.mut(pfn);
    if (!page.anon()) {
        if (pte_dirty(format, slot.entry)) page.set(user_page::DIRTY);
        if (pte_young(format, slot.entry) && (vma.vm_flags & VM_SEQ_READ) == 0) mark_accessed(cx.proc.rules, page);
    }
    page_remove_rmap(cx, pfn, slot.address, slot.level, &all.freed);
}

void zap(mm_context& cx, vma_id id, u64 start, u64 end, bool file_pages_alone) {
    if (!has_tables(cx) || start >= end) return;
    CallScope scope(cx.sink, mmu_fn::unmap_page_range);
    const vm_area_struct vma = cx.vma(id);
    gather all;
    u64 entries = 0;
    each_entry(cx, start, end, [&](const table_slot& slot) {
        const u64 size = cx.pages->mmu.geometry().size(slot.level);
        if (slot.level > 0 && (slot.address < start || slot.address + size > end))
            return split_huge_pmd(cx, slot.address) ? entry_visit::again : entry_visit::next;
        const auto pfn = static_cast<pfn_t>(pte_pfn(cx.pages->mmu.format, slot.entry, slot.level));
        if (file_pages_alone && cx.proc.user.at(pfn).anon()) return entry_visit::next;
        forget_entry(cx, vma, slot, all);
        ++entries;
        return entry_visit::next;
    });
    if (entries > 0) cx.sink.emit(ev::entries_zapped, start, end, entries, all.freed.size());
    all.finish(cx);
}

} // namespace

void zap_page_range(mm_context& cx, vma_id id, u64 start, u64 end) { zap(cx, id, start, end, false); }
void zap_file_pages(mm_context& cx, vma_id id, u64 start, u64 end) { zap(cx, id, start, end, true); }

void free_pgtables(mm_context& cx, u64 start, u64 end, u64 floor, u64 ceiling) {
    if (!has_tables(cx)) return;
    loose_tables loose;
    free_pgd_range(*cx.pages, space_of(cx), start, end, floor, ceiling, loose);
    if (loose.empty()) return;
    mapped_span none;
    none.space = space_of(cx);
    tlb_finish_mmu(*cx.pages, none, loose);
}

// ---- Protection ----------------------------------------------------------------------------------------------------

namespace {

// kernel: can_change_pte_writable; until 5.19 dirty_accountable
bool becomes_writable(const mm_context& cx, const vm_area_struct& vma, const table_slot& slot, pteval_t changed) {
    const vma_rules& rules = cx.proc.rules;
    const pte_format& format = cx.pages->mmu.format;
    if ((vma.vm_flags & VM_WRITE) == 0 || pte_write(format, changed) || pte_protnone(format, changed)) return false;
    const bool dirty = pte_dirty(format, changed);
    if ((vma.vm_flags & VM_SHARED) != 0) return dirty && vma_wants_writenotify(cx, vma);
    if (!rules.mprotect_makes_writable() || (rules.mprotect_wants_dirty() && !dirty)) return false;
    const auto pfn = static_cast<pfn_t>(pte_pfn(format, slot.entry, slot.level));
    if (is_zero(cx.proc.user, pfn)) return false;
    const user_page page = cx.proc.user.at(pfn);
    return page.anon() && page.has(user_page::EXCLUSIVE);
}

} // namespace

void change_protection(mm_context& cx, vma_id id, u64 start, u64 end) {
    if (!has_tables(cx)) return;
    CallScope scope(cx.sink, mmu_fn::change_protection);
    const vm_area_struct vma = cx.vma(id);
    const pte_format& format = cx.pages->mmu.format;
    const pgprot_t prot = vm_page_prot(cx, vma);
    gather all;
    u64 changed = 0, writable = 0;
    each_entry(cx, start, end, [&](const table_slot& slot) {
        const u64 size = cx.pages->mmu.geometry().size(slot.level);
        if (slot.level > 0 && (slot.address < start || slot.address + size > end))
            return split_huge_pmd(cx, slot.address) ? entry_visit::again : entry_visit::next;
        pteval_t entry = pte_modify(format, slot.entry, slot.level > 0 ? pte_mkhuge(format, prot) : prot);
        if (becomes_writable(cx, vma, slot, entry)) {
            entry = pte_mkwrite(format, entry);
            ++writable;
        }
        if (entry == slot.entry) return entry_visit::next;
        set_entry(*cx.pages, slot.table, slot.index, entry);
        all.add(cx, slot);
        ++changed;
        return entry_visit::next;
    });
    if (changed > 0) cx.sink.emit(ev::entries_protected, start, end, prot, changed, writable);
    all.finish(cx);
}

// ---- Moving --------------------------------------------------------------------------------------------------------

void move_page_tables(mm_context& cx, u64 from, u64 to, u64 length) {
    if (!has_tables(cx) || length == 0) return;
    CallScope scope(cx.sink, process_fn::move_page_tables);
    const u64 huge = u64{1} << cx.proc.pmd_shift;
    gather all;
    u64 moved = 0;
    each_entry(cx, from, from + length, [&](const table_slot& slot) {
        const u64 target = to + (slot.address - from);
        const u64 size = cx.pages->mmu.geometry().size(slot.level);
        const bool whole = slot.address >= from && slot.address + size <= from + length && (target & (huge - 1)) == 0;
        if (slot.level > 0 && !whole) return split_huge_pmd(cx, slot.address) ? entry_visit::again : entry_visit::next;
        const table_id table = table_alloc(*cx.pages, space_of(cx), target, slot.level);
        if (table == TABLE_NONE) return entry_visit::next;
        set_entry(*cx.pages, slot.table, slot.index, 0);
        set_entry(*cx.pages, table, cx.pages->mmu.geometry().index(slot.level, target), slot.entry);
        const auto pfn = static_cast<pfn_t>(pte_pfn(cx.pages->mmu.format, slot.entry, slot.level));
        if (!is_zero(cx.proc.user, pfn)) page_move_rmap(cx, pfn, slot.address, target, slot.level);
        all.add(cx, slot);
        ++moved;
        return entry_visit::next;
    });
    if (moved > 0) cx.sink.emit(ev::entries_moved, from, to, length, moved);
    all.finish(cx);
}

// ---- Advice --------------------------------------------------------------------------------------------------------

namespace {

// Of the huge page all, where the advice is for all of it and nobody else has it.
bool whole_for_advice(const mm_context& cx, const table_slot& slot, u64 start, u64 end) {
    const u64 size = cx.pages->mmu.geometry().size(slot.level);
    const auto pfn = static_cast<pfn_t>(pte_pfn(cx.pages->mmu.format, slot.entry, slot.level));
    return slot.address >= start && slot.address + size <= end && cx.proc.user.at(pfn).held <= 1;
}

} // namespace

void free_pages_lazily(mm_context& cx, vma_id, u64 start, u64 end) {
    if (!has_tables(cx)) return;
    CallScope scope(cx.sink, process_fn::madvise_free);
    const pte_format& format = cx.pages->mmu.format;
    gather all;
    u64 pages = 0;
    each_entry(cx, start, end, [&](const table_slot& slot) {
        const auto pfn = static_cast<pfn_t>(pte_pfn(format, slot.entry, slot.level));
        if (is_zero(cx.proc.user, pfn)) return entry_visit::next;
        if (slot.level > 0 && !whole_for_advice(cx, slot, start, end))
            return split_huge_pmd(cx, slot.address) ? entry_visit::again : entry_visit::next;
        const pfn_t head = user_page_head(cx.proc.user, pfn);
        if (cx.proc.user.at(head).has(user_page::DIRTY)) {
            if (page_mapcount(cx.proc.user, pfn) != 1) return entry_visit::next;
            cx.proc.user.mut(head).set(user_page::DIRTY, false);
        }
        if (pte_young(format, slot.entry) || pte_dirty(format, slot.entry)) {
            set_entry(*cx.pages, slot.table, slot.index, pte_mkclean(format, pte_mkold(format, slot.entry)));
            all.add(cx, slot);
        }
        cx.proc.user.mut(head).set(user_page::LAZYFREE);
        cx.proc.user.mut(head).set(user_page::REFERENCED | user_page::ACTIVE, false);
        ++pages;
        return entry_visit::next;
    });
    if (pages > 0) cx.sink.emit(ev::pages_lazyfree, start, end, pages);
    all.finish(cx);
}

void make_pages_old(mm_context& cx, vma_id, u64 start, u64 end) {
    if (!has_tables(cx)) return;
    CallScope scope(cx.sink, process_fn::madvise_cold);
    const pte_format& format = cx.pages->mmu.format;
    gather all;
    u64 pages = 0;
    each_entry(cx, start, end, [&](const table_slot& slot) {
        const auto pfn = static_cast<pfn_t>(pte_pfn(format, slot.entry, slot.level));
        if (is_zero(cx.proc.user, pfn)) return entry_visit::next;
        if (slot.level > 0 && !whole_for_advice(cx, slot, start, end))
            return split_huge_pmd(cx, slot.address) ? entry_visit::again : entry_visit::next;
        if (page_mapcount(cx.proc.user, pfn) != 1) return entry_visit::next;
        if (pte_young(format, slot.entry)) {
            set_entry(*cx.pages, slot.table, slot.index, pte_mkold(format, slot.entry));
            all.add(cx, slot);
        }
        cx.proc.user.mut(user_page_head(cx.proc.user, pfn)).set(user_page::REFERENCED | user_page::ACTIVE, false);
        ++pages;
        return entry_visit::next;
    });
    if (pages > 0) cx.sink.emit(ev::pages_made_old, start, end, pages);
    all.finish(cx);
}

// ---- Huge pages ----------------------------------------------------------------------------------------------------

namespace {

// What the 512 entries say of their pages, and the reverse map with it. kernel: __split_huge_pmd_locked
void share_out(mm_context& cx, const table_slot& block, pfn_t head) {
    const pte_format& format = cx.pages->mmu.format;
    user_pages& user = cx.proc.user;
    const user_page whole = user.at(head);
    const u32 entries = cx.pages->mmu.geometry().entries(0);
    const bool exclusive = whole.has(user_page::EXCLUSIVE);
    if (pte_dirty(format, block.entry)) user.mut(head).set(user_page::DIRTY);
    const u64 hiwater = cx.mm().hiwater_rss; // there are no more pages than before
    cx.sink.charge(u64{4} * entries);
    for (u32 i = 0; i < entries; ++i)
        page_add_anon_rmap(cx, head + i, block.address + (u64{i} << cx.proc.page_shift), 0, exclusive);
    page_remove_rmap(cx, head, block.address, block.level);
    cx.mm_mut().hiwater_rss = hiwater;
}

// The entries as the kernel makes them anew: from the VMA's protection, not from the block.
void rewrite_entries(mm_context& cx, const table_slot& block, pfn_t first, pgprot_t prot, bool zero) {
    const pte_format& format = cx.pages->mmu.format;
    const table_slot made = find_slot(cx.pages->mmu, space_of(cx), block.address);
    const u32 entries = cx.pages->mmu.geometry().entries(0);
    for (u32 i = 0; i < entries; ++i) {
        pteval_t entry = pfn_pte(format, zero ? first : first + i, prot);
        if (zero) entry = pte_mkspecial(format, entry);
        if (!zero && pte_write(format, block.entry)) entry = pte_mkwrite(format, entry);
        if (!zero && !pte_young(format, block.entry)) entry = pte_mkold(format, entry);
        // Since 6.4 the entries stay dirty where the block was; before, the page alone is.
        if (!zero && pte_dirty(format, block.entry) && cx.proc.rules.since(6, 4)) entry = pte_mkdirty(format, entry);
        set_entry(*cx.pages, made.table, i, entry);
    }
}

} // namespace

bool split_huge_pmd(mm_context& cx, u64 address) {
    const table_slot block = find_slot(cx.pages->mmu, space_of(cx), address);
    if (block.level == 0 || block.entry == 0) return true;
    CallScope scope(cx.sink, mmu_fn::split_huge_pmd);
    const auto head = static_cast<pfn_t>(pte_pfn(cx.pages->mmu.format, block.entry, block.level));
    const bool zero = head == cx.proc.user.huge_zero_pfn;
    const vma_id vma = vma_lookup(cx, address);
    MM_ASSERT(vma != VMA_NONE);
    const pgprot_t prot = vm_page_prot(cx, cx.vma(vma));
    const pfn_t kept = withdraw_deposit(cx);
    if (!split_block_into(*cx.pages, block.table, block.index, kept)) {
        if (kept != PFN_NONE) free_pages(cx.pages->page, kept, 0);
        return false;
    }
    if (!zero) share_out(cx, block, head);
    rewrite_entries(cx, block, zero ? cx.proc.user.zero_pfn : head, prot, zero);
    cx.sink.emit(ev::huge_page_split, block.address, head, zero, cx.proc.user.at(head).held);
    return true;
}

void split_at_border(mm_context& cx, u64 address) {
    if (!has_tables(cx) || (address & ((u64{1} << cx.proc.pmd_shift) - 1)) == 0 || address >= cx.mm().task_size) return;
    const table_slot slot = find_slot(cx.pages->mmu, space_of(cx), address);
    if (slot.level == 1 && slot.entry != 0) static_cast<void>(split_huge_pmd(cx, address));
}

} // namespace mm
