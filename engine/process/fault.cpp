#include "process/fault.h"

#include "mmu/flush.h"
#include "physical/page_alloc.h"
#include "process/anon_vma.h"
#include "process/fault_parts.h"
#include "process/rmap.h"

namespace mm {

namespace {

using ev = fault_event;

void tell_branch(const vm_fault& vmf, fault_way way) {
    vmf.cx.sink.emit(ev::fault_branch, vmf.address, way, vmf.slot.entry, vmf.vma.vm_flags, vmf.write, vmf.level_name());
}

// An entry that allows the access: all that is missing is a flag, or nothing. kernel: the end of handle_pte_fault
vm_fault_t set_access_flags(vm_fault& vmf) {
    const pte_format& format = vmf.format();
    pteval_t entry = pte_mkyoung(format, vmf.slot.entry);
    if (vmf.write) entry = pte_mkdirty(format, entry);
    if (entry == vmf.slot.entry) {
        vmf.cx.sink.emit(ev::fault_spurious, vmf.address, entry);
        flush_tlb_page(*vmf.cx.pages, space_of(vmf.cx), vmf.address);
        return 0;
    }
    const pteval_t before = vmf.slot.entry;
    replace_entry(vmf, entry);
    vmf.cx.sink.emit(ev::entry_flags_set, vmf.address, before, entry, vmf.write);
    return 0;
}

vm_fault_t handle_pte_fault(vm_fault& vmf) {
    if (vmf.slot.level > 0 || vmf.slot.entry == 0)
        return vmf.vma.is_anonymous() ? do_anonymous_page(vmf) : do_fault(vmf);
    if (vmf.write && !pte_write(vmf.format(), vmf.slot.entry)) {
        tell_branch(vmf, fault_way::write_protected);
        return do_wp_page(vmf);
    }
    tell_branch(vmf, fault_way::flags);
    return set_access_flags(vmf);
}

// A huge page stands there, or may come. FALLBACK: pages, then.
vm_fault_t handle_huge_fault(vm_fault& vmf) {
    if (vmf.slot.level == 0) return VM_FAULT_FALLBACK;
    if (vmf.slot.level > 1 || vmf.slot.entry == 0)
        return huge_page_suits(vmf.cx, vmf.vma, vmf.address) ? do_huge_pmd_anonymous_page(vmf) : VM_FAULT_FALLBACK;
    if (vmf.write && !pte_write(vmf.format(), vmf.slot.entry)) {
        tell_branch(vmf, fault_way::huge_write_protected);
        return do_huge_pmd_wp_page(vmf);
    }
    tell_branch(vmf, fault_way::huge_flags);
    return set_access_flags(vmf);
}

// kernel: mm_account_fault
void account(mm_context& cx, const fault_request& request, vm_fault_t result) {
    if ((result & (VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV | VM_FAULT_RETRY)) != 0) return;
    const bool major = request.tried || (result & VM_FAULT_MAJOR) != 0;
    mm_struct& mm = cx.mm_mut();
    ++(major ? mm.maj_flt : mm.min_flt);
    const u64 minor = mm.min_flt, majors = mm.maj_flt;
    cx.sink.emit(ev::fault_done, request.address, major, minor, majors);
}

} // namespace

bool set_new_entry(vm_fault& vmf, pteval_t entry) {
    mmu_context& mmu = *vmf.cx.pages;
    const table_id table = vmf.slot.level == 0 ? vmf.slot.table : table_alloc(mmu, space_of(vmf.cx), vmf.address, 0);
    if (table == TABLE_NONE) {
        vmf.cx.sink.emit(ev::fault_no_memory, vmf.address, 0);
        return false;
    }
    vmf.slot.table = table;
    vmf.slot.index = mmu.mmu.geometry().index(0, vmf.address);
    vmf.slot.level = 0;
    vmf.slot.entry = entry;
    set_entry(mmu, table, vmf.slot.index, entry);
    return true;
}

void replace_entry(vm_fault& vmf, pteval_t entry) {
    mmu_context& mmu = *vmf.cx.pages;
    const bool other = pte_pfn(vmf.format(), entry, vmf.slot.level) != vmf.pfn();
    if (other) { // broken before it is made
        set_entry(mmu, vmf.slot.table, vmf.slot.index, 0);
        flush_tlb_page(mmu, space_of(vmf.cx), vmf.address);
    }
    set_entry(mmu, vmf.slot.table, vmf.slot.index, entry);
    if (!other) flush_tlb_page(mmu, space_of(vmf.cx), vmf.address);
    vmf.slot.entry = entry;
}

pteval_t page_entry(const vm_fault& vmf, pfn_t pfn, bool write) {
    const pte_format& format = vmf.format();
    const pteval_t entry = pfn_pte(format, pfn, vmf.prot);
    if (!write) return entry;
    const pteval_t dirty = pte_mkdirty(format, entry);
    return (vmf.vma.vm_flags & VM_WRITE) != 0 ? pte_mkwrite(format, dirty) : dirty;
}

pfn_t alloc_user_page(vm_fault& vmf, bool zero) {
    const pfn_t pfn = alloc_pages(vmf.cx.pages->page, {0, GFP_HIGHUSER_MOVABLE | (zero ? GFP_BIT_ZERO : 0)});
    if (pfn == PFN_NONE) vmf.cx.sink.emit(ev::fault_no_memory, vmf.address, 0);
    return pfn;
}

vm_fault_t do_anonymous_page(vm_fault& vmf) {
    mm_context& cx = vmf.cx;
    tell_branch(vmf, vmf.write ? fault_way::anon_write : fault_way::anon_read);
    CallScope scope(cx.sink, process_fn::do_anonymous_page);
    if (vmf.shared()) return VM_FAULT_SIGBUS;
    if (!vmf.write) {
        const pfn_t zero = vmf.user().zero_pfn;
        const pteval_t entry = pte_mkspecial(vmf.format(), pfn_pte(vmf.format(), zero, vmf.prot));
        if (!set_new_entry(vmf, entry)) return VM_FAULT_OOM;
        cx.sink.emit(ev::zero_page_mapped, vmf.address, zero, entry);
        return 0;
    }
    anon_vma_prepare(cx, vmf.id);
    const pfn_t pfn = alloc_user_page(vmf, true);
    if (pfn == PFN_NONE) return VM_FAULT_OOM;
    const pteval_t entry = page_entry(vmf, pfn, true);
    if (!set_new_entry(vmf, entry)) {
        free_pages(cx.pages->page, pfn, 0);
        return VM_FAULT_OOM;
    }
    page_add_new_anon_rmap(cx, vmf.id, pfn, vmf.address, 0);
    cx.sink.emit(ev::anon_page_mapped, vmf.address, pfn, entry, cx.mm().rss.anon);
    return 0;
}

vm_fault_t handle_mm_fault(mm_context& cx, vma_id id, const fault_request& request) {
    CallScope scope(cx.sink, process_fn::handle_mm_fault);
    if (!user_pages_ready(cx)) return VM_FAULT_OOM;
    vm_fault vmf{cx, id, cx.vma(id), cx.proc.page_start(request.address), request.write, request.tried, 0, {}};
    vmf.prot = vm_page_prot(cx, vmf.vma);
    vmf.look();
    vm_fault_t result = handle_huge_fault(vmf);
    if ((result & VM_FAULT_FALLBACK) != 0) {
        vmf.look();
        result = handle_pte_fault(vmf);
    }
    account(cx, request, result);
    return result;
}

pgprot_t vm_page_prot(const mm_context& cx, const vm_area_struct& vma) {
    const vm_flags_t flags = vma.vm_flags;
    const bool shared = (flags & VM_SHARED) != 0 && !vma_wants_writenotify(cx, vma);
    return pgprot_of(cx.pages->mmu.format,
                     vm_get_page_prot((flags & VM_READ) != 0, (flags & VM_WRITE) != 0, (flags & VM_EXEC) != 0, shared));
}

bool vma_wants_writenotify(const mm_context& cx, const vm_area_struct& vma) {
    if ((vma.vm_flags & (VM_WRITE | VM_SHARED)) != (VM_WRITE | VM_SHARED) || vma.vm_file == 0) return false;
    return cx.proc.files[vma.vm_file].kind == file_kind::regular;
}

vm_fault_t fault_in_page(mm_context& cx, vma_id id, u64 address, bool write) {
    CallScope scope(cx.sink, process_fn::faultin_page);
    if (!user_pages_ready(cx)) return VM_FAULT_OOM;
    const pte_format& format = cx.pages->mmu.format;
    fault_request request{address, write, false};
    for (u32 attempts = 0; attempts < 4; ++attempts) {
        const table_slot slot = find_slot(cx.pages->mmu, space_of(cx), address);
        const bool leaf = slot.entry != 0 && pte_present(format, slot.entry) && !pte_protnone(format, slot.entry);
        if (leaf && (!write || pte_write(format, slot.entry))) {
            const auto pfn = static_cast<pfn_t>(pte_pfn(format, slot.entry, slot.level));
            if (pfn == cx.proc.user.zero_pfn || pfn == cx.proc.user.huge_zero_pfn) return 0;
            user_page& page = cx.proc.user.mut(user_page_head(cx.proc.user, pfn));
            if (write && !pte_dirty(format, slot.entry)) page.set(user_page::DIRTY);
            page.set(user_page::REFERENCED);
            return 0;
        }
        const vm_fault_t result = handle_mm_fault(cx, id, request);
        if ((result & (VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV)) != 0) return result;
        if ((result & VM_FAULT_RETRY) != 0) request.tried = true;
    }
    return 0;
}

} // namespace mm
