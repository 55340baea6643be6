// Faults that a huge page serves: one entry of the pmd for 2 MiB.
#include <optional>

#include "mmu/flush.h"
#include "physical/page_alloc.h"
#include "process/anon_vma.h"
#include "process/fault_parts.h"
#include "process/rmap.h"
#include "process/zap.h"

namespace mm {

namespace {

using ev = fault_event;

constexpr gfp_t GFP_TRANSHUGE_LIGHT =
    (GFP_HIGHUSER_MOVABLE | GFP_BIT_COMP | GFP_BIT_NOMEMALLOC | GFP_BIT_NOWARN) & ~GFP_RECLAIM;
constexpr gfp_t GFP_TABLE = GFP_KERNEL | GFP_BIT_ZERO | GFP_BIT_ACCOUNT;

u32 huge_order(const mm_context& cx) { return cx.proc.pmd_shift - cx.proc.page_shift; }
// With pages of 16 KiB an entry of the pmd maps more than the largest block.
bool has_such_blocks(const mm_context& cx) { return huge_order(cx) < cx.pages->page.mem.nr_orders; }
u64 huge_start(const vm_fault& vmf) { return vmf.address & ~((u64{1} << vmf.cx.proc.pmd_shift) - 1); }

void tell_branch(const vm_fault& vmf, fault_way way) {
    vmf.cx.sink.emit(ev::fault_branch, vmf.address, way, vmf.slot.entry, vmf.vma.vm_flags, vmf.write, vmf.level_name());
}

vm_fault_t no_memory(vm_fault& vmf, u32 order) {
    vmf.cx.sink.emit(ev::fault_no_memory, vmf.address, order);
    return order == 0 ? VM_FAULT_OOM : VM_FAULT_FALLBACK;
}

// kernel: mm_get_huge_zero_page
pfn_t huge_zero_page(vm_fault& vmf) {
    user_pages& user = vmf.user();
    if (user.huge_zero_pfn == PFN_NONE && has_such_blocks(vmf.cx)) {
        const gfp_t gfp = ((GFP_TRANSHUGE_LIGHT | GFP_BIT_DIRECT_RECLAIM) & ~GFP_BIT_MOVABLE) | GFP_BIT_ZERO;
        user.huge_zero_pfn = alloc_pages(vmf.cx.pages->page, {huge_order(vmf.cx), gfp});
    }
    return user.huge_zero_pfn;
}

// Writes the entry of the pmd. False: no memory for the tables above, or for the one that is kept.
bool set_huge_entry(vm_fault& vmf, pteval_t entry) {
    mmu_context& mmu = *vmf.cx.pages;
    const u64 start = huge_start(vmf);
    const table_id table = table_alloc(mmu, space_of(vmf.cx), start, 1);
    if (table == TABLE_NONE || !deposit_table(vmf.cx)) return false;
    set_entry(mmu, table, mmu.mmu.geometry().index(1, start), entry);
    vmf.look();
    return true;
}

vm_fault_t map_huge_zero(vm_fault& vmf) {
    const pfn_t zero = huge_zero_page(vmf);
    if (zero == PFN_NONE) return no_memory(vmf, huge_order(vmf.cx));
    const pteval_t entry = leaf_entry(vmf.format(), phys_addr_t{zero} << vmf.cx.proc.page_shift, vmf.prot, 1);
    if (!set_huge_entry(vmf, entry)) return no_memory(vmf, 0);
    vmf.cx.sink.emit(ev::huge_zero_mapped, huge_start(vmf), zero, entry);
    return 0;
}

// A huge page of zeroes. PFN_NONE: there is none.
pfn_t new_huge_page(vm_fault& vmf) {
    const bool advised = (vmf.vma.vm_flags & VM_HUGEPAGE) != 0;
    const gfp_t gfp = GFP_TRANSHUGE_LIGHT | (advised ? GFP_BIT_DIRECT_RECLAIM : 0);
    const u32 order = huge_order(vmf.cx);
    if (!has_such_blocks(vmf.cx)) return PFN_NONE;
    const pfn_t head = alloc_pages(vmf.cx.pages->page, {order, gfp});
    if (head == PFN_NONE) return PFN_NONE;
    vmf.cx.sink.charge(u64{1} << order);
    for (u32 i = 0; i < 1u << order; ++i) {
        user_page& page = vmf.user().mut(head + i);
        page = user_page{};
        page.kind = user_page_kind::anon;
        page.order = static_cast<u8>(order);
    }
    return head;
}

pteval_t huge_entry(const vm_fault& vmf, pfn_t head) {
    const pteval_t entry = leaf_entry(vmf.format(), phys_addr_t{head} << vmf.cx.proc.page_shift, vmf.prot, 1);
    const pteval_t dirty = pte_mkdirty(vmf.format(), entry);
    return (vmf.vma.vm_flags & VM_WRITE) != 0 ? pte_mkwrite(vmf.format(), dirty) : dirty;
}

std::optional<huge_refusal> refusal_of(const mm_context& cx, const vm_area_struct& vma, u64 address) {
    const bool advised = (vma.vm_flags & VM_HUGEPAGE) != 0;
    if (!cx.proc.thp_always && !cx.proc.thp_madvise) return huge_refusal::off;
    if ((vma.vm_flags & VM_NOHUGEPAGE) != 0) return huge_refusal::forbidden;
    if (!cx.proc.thp_always && !advised) return huge_refusal::not_asked;
    const u64 huge = u64{1} << cx.proc.pmd_shift, start = address & ~(huge - 1);
    if (start < vma.vm_start || start + huge > vma.vm_end) return huge_refusal::no_room;
    return std::nullopt;
}

} // namespace

bool huge_page_suits(const mm_context& cx, const vm_area_struct& vma, u64 address) {
    if (!vma.is_anonymous() || vma.special != special_mapping::none) return false;
    const std::optional<huge_refusal> reason = refusal_of(cx, vma, address);
    if (reason) cx.sink.emit(ev::huge_page_refused, address, *reason, vma.vm_start, vma.vm_end);
    return !reason;
}

bool deposit_table(mm_context& cx) {
    const pfn_t pfn = alloc_pages(cx.pages->page, {0, GFP_TABLE});
    if (pfn == PFN_NONE) return false;
    mm_struct& mm = cx.mm_mut();
    cx.proc.user.mut(pfn).next = mm.deposits;
    mm.deposits = pfn;
    ++mm.nr_deposits;
    return true;
}

vm_fault_t do_huge_pmd_anonymous_page(vm_fault& vmf) {
    mm_context& cx = vmf.cx;
    tell_branch(vmf, vmf.write ? fault_way::huge_anon_write : fault_way::huge_anon_read);
    CallScope scope(cx.sink, process_fn::do_huge_pmd_anonymous_page);
    anon_vma_prepare(cx, vmf.id);
    if (!vmf.write) return map_huge_zero(vmf);
    const pfn_t head = new_huge_page(vmf);
    if (head == PFN_NONE) return no_memory(vmf, huge_order(cx));
    const pteval_t entry = huge_entry(vmf, head);
    if (!set_huge_entry(vmf, entry)) {
        free_user_page(cx, head);
        return no_memory(vmf, 0);
    }
    page_add_new_anon_rmap(cx, vmf.id, head, huge_start(vmf), 1);
    cx.sink.emit(ev::huge_page_mapped, huge_start(vmf), head, entry, cx.mm().rss.anon);
    return 0;
}

namespace {

// kernel: do_huge_zero_wp_pmd
vm_fault_t write_huge_zero(vm_fault& vmf) {
    mm_context& cx = vmf.cx;
    const pfn_t head = cx.proc.rules.huge_zero_becomes_huge() ? new_huge_page(vmf) : PFN_NONE;
    if (head == PFN_NONE) return split_huge_pmd(cx, vmf.address) ? VM_FAULT_FALLBACK : VM_FAULT_OOM;
    const pteval_t entry = huge_entry(vmf, head);
    set_entry(*cx.pages, vmf.slot.table, vmf.slot.index, 0);
    flush_tlb_range(*cx.pages, space_of(cx), huge_start(vmf), huge_start(vmf) + (u64{1} << cx.proc.pmd_shift), 1, true);
    set_entry(*cx.pages, vmf.slot.table, vmf.slot.index, entry);
    page_add_new_anon_rmap(cx, vmf.id, head, huge_start(vmf), 1);
    cx.sink.emit(ev::huge_page_mapped, huge_start(vmf), head, entry, cx.mm().rss.anon);
    return 0;
}

} // namespace

vm_fault_t do_huge_pmd_wp_page(vm_fault& vmf) {
    mm_context& cx = vmf.cx;
    CallScope scope(cx.sink, process_fn::do_huge_pmd_wp_page);
    const pfn_t head = vmf.pfn();
    const user_pages& user = vmf.user();
    if (head == user.huge_zero_pfn) {
        cx.sink.emit(ev::wp_decided, vmf.address, head, wp_reason::huge_zero, 0, 0, false);
        return write_huge_zero(vmf);
    }
    const u32 count = page_count(user, cx.pages->page.mem, head);
    const bool marked = cx.proc.rules.has_anon_exclusive() && user.at(head).has(user_page::EXCLUSIVE);
    const bool alone = marked || count == 1;
    const wp_reason reason = marked  ? wp_reason::huge_exclusive
                             : alone ? wp_reason::huge_last_owner
                                     : wp_reason::huge_shared;
    cx.sink.emit(ev::wp_decided, vmf.address, head, reason, count, page_mapcount(user, head), marked);
    if (!alone) return split_huge_pmd(cx, vmf.address) ? VM_FAULT_FALLBACK : VM_FAULT_OOM;
    cx.proc.user.mut(head).set(user_page::EXCLUSIVE);
    if (!marked && cx.proc.rules.has_anon_exclusive()) page_move_anon_rmap(cx, vmf.id, head);
    const pteval_t before = vmf.slot.entry;
    const pteval_t entry = pte_mkwrite(vmf.format(), pte_mkdirty(vmf.format(), pte_mkyoung(vmf.format(), before)));
    replace_entry(vmf, entry);
    cx.sink.emit(ev::page_reused, vmf.address, head, before, entry);
    return 0;
}

} // namespace mm
