// A write to a page that is there and may not be written yet: whose it is decides whether it is copied.
#include "physical/page_alloc.h"
#include "process/anon_vma.h"
#include "process/fault_parts.h"
#include "process/rmap.h"

namespace mm {

namespace {

using ev = fault_event;

// kernel: wp_page_reuse
vm_fault_t reuse(vm_fault& vmf, pfn_t pfn) {
    CallScope scope(vmf.cx.sink, process_fn::wp_page_reuse);
    const pte_format& format = vmf.format();
    pteval_t entry = pte_mkdirty(format, pte_mkyoung(format, vmf.slot.entry));
    if ((vmf.vma.vm_flags & VM_WRITE) != 0) entry = pte_mkwrite(format, entry);
    const pteval_t before = vmf.slot.entry;
    replace_entry(vmf, entry);
    vmf.cx.sink.emit(ev::page_reused, vmf.address, pfn, before, entry);
    return 0;
}

// kernel: wp_page_copy
vm_fault_t copy(vm_fault& vmf, pfn_t old, bool zero) {
    mm_context& cx = vmf.cx;
    CallScope scope(cx.sink, process_fn::wp_page_copy);
    anon_vma_prepare(cx, vmf.id);
    const pfn_t pfn = alloc_user_page(vmf, zero);
    if (pfn == PFN_NONE) return VM_FAULT_OOM;
    const u8 value = zero ? u8{0} : vmf.user().at(old).value;
    const pteval_t entry = page_entry(vmf, pfn, true);
    replace_entry(vmf, entry);
    page_add_new_anon_rmap(cx, vmf.id, pfn, vmf.address, 0);
    vmf.user().mut(pfn).value = value;
    if (!zero) page_remove_rmap(cx, old, vmf.address, 0);
    cx.sink.emit(ev::page_copied, vmf.address, old, pfn, entry, zero ? 0 : page_mapcount(vmf.user(), old), zero);
    return 0;
}

void decided(const vm_fault& vmf, pfn_t pfn, wp_reason reason) {
    const user_pages& user = vmf.user();
    vmf.cx.sink.emit(ev::wp_decided, vmf.address, pfn, reason, page_count(user, vmf.cx.pages->page.mem, pfn),
                     page_mapcount(user, pfn), user.at(pfn).has(user_page::EXCLUSIVE));
}

// An anonymous page is nobody else's. kernel: do_wp_page; since 6.2 wp_can_reuse_anon_folio
bool may_reuse(vm_fault& vmf, pfn_t pfn) {
    const bool marked = vmf.cx.proc.rules.has_anon_exclusive() && vmf.user().at(pfn).has(user_page::EXCLUSIVE);
    const bool alone = marked || page_count(vmf.user(), vmf.cx.pages->page.mem, pfn) == 1;
    decided(vmf, pfn, marked ? wp_reason::exclusive : alone ? wp_reason::last_owner : wp_reason::shared_anon);
    if (!alone || marked) return alone;
    vmf.user().mut(pfn).set(user_page::EXCLUSIVE);
    if (vmf.cx.proc.rules.has_anon_exclusive()) page_move_anon_rmap(vmf.cx, vmf.id, pfn);
    return true;
}

// kernel: wp_page_shared
vm_fault_t write_shared(vm_fault& vmf, pfn_t pfn) {
    decided(vmf, pfn, wp_reason::shared_file);
    make_page_writable(vmf, pfn);
    static_cast<void>(reuse(vmf, pfn));
    return dirty_shared_page(vmf, pfn);
}

} // namespace

vm_fault_t do_wp_page(vm_fault& vmf) {
    CallScope scope(vmf.cx.sink, process_fn::do_wp_page);
    const pfn_t pfn = vmf.pfn();
    const bool writes_shared = (vmf.vma.vm_flags & (VM_WRITE | VM_SHARED)) == (VM_WRITE | VM_SHARED);
    if (pfn == vmf.user().zero_pfn) {
        vmf.cx.sink.emit(ev::wp_decided, vmf.address, pfn, wp_reason::zero, 0, 0, false);
        return copy(vmf, pfn, true);
    }
    if (vmf.user().at(pfn).anon()) {
        if (may_reuse(vmf, pfn)) return reuse(vmf, pfn);
        return copy(vmf, pfn, false);
    }
    if (writes_shared) return write_shared(vmf, pfn);
    decided(vmf, pfn, wp_reason::private_file);
    return copy(vmf, pfn, false);
}

} // namespace mm
