#pragma once
// What the branches of a fault share. Internal to this room.
#include "mmu/page_table.h"
#include "process/fault.h"
#include "process/fault_events.h"
#include "process/functions.h"
#include "process/user_tables.h"

namespace mm {

// kernel: struct vm_fault
struct vm_fault {
    mm_context& cx;
    vma_id id = VMA_NONE;
    vm_area_struct vma;
    u64 address = 0; // of the page
    bool write = false;
    bool tried = false;
    pgprot_t prot = 0;
    table_slot slot; // the lowest table that is there, and its entry

    [[nodiscard]] const pte_format& format() const { return cx.pages->mmu.format; }
    [[nodiscard]] user_pages& user() const { return cx.proc.user; }
    [[nodiscard]] bool shared() const { return (vma.vm_flags & VM_SHARED) != 0; }
    // In the file; of the kernel's own pages, [sigpage] and [vectors] stand behind [vdso].
    [[nodiscard]] u64 index() const {
        constexpr u64 SPECIAL_PAGES = 16; // of each
        const u64 before = vma.special > special_mapping::vdso ? SPECIAL_PAGES * static_cast<u64>(vma.special) : 0;
        return before + vma.vm_pgoff + ((address - vma.vm_start) >> cx.proc.page_shift);
    }
    [[nodiscard]] pfn_t pfn() const { return static_cast<pfn_t>(pte_pfn(format(), slot.entry, slot.level)); }
    // Of the lowest table that is there, as level_names has it.
    [[nodiscard]] u8 level_name() const { return cx.pages->mmu.geometry().name_index(slot.level); }
    void look() { slot = find_slot(cx.pages->mmu, space_of(cx), address); }
    // The same after the address has moved within what one table translates.
    void look_in_same_table() {
        if (slot.level > 0) return; // it is not there yet
        const mmu_memory& mmu = cx.pages->mmu;
        slot.index = mmu.geometry().index(0, address);
        slot.entry = mmu.entry(slot.table, slot.index);
        slot.address = address;
    }
};

// Writes the entry of the page, where nothing valid stood. False: no memory for a table. kernel: pte_alloc, set_pte_at
[[nodiscard]] bool set_new_entry(vm_fault& vmf, pteval_t entry);
// Another frame, or more rights: TLBs forget what they had. kernel: ptep_clear_flush, ptep_set_access_flags
void replace_entry(vm_fault& vmf, pteval_t entry);
// kernel: maybe_mkwrite(pte_mkdirty(mk_pte()))
[[nodiscard]] pteval_t page_entry(const vm_fault& vmf, pfn_t pfn, bool write);
// A page for the process. PFN_NONE: no memory, and told.
[[nodiscard]] pfn_t alloc_user_page(vm_fault& vmf, bool zero);

[[nodiscard]] vm_fault_t do_anonymous_page(vm_fault& vmf);
[[nodiscard]] vm_fault_t do_fault(vm_fault& vmf);
[[nodiscard]] vm_fault_t do_wp_page(vm_fault& vmf);
[[nodiscard]] vm_fault_t do_huge_pmd_anonymous_page(vm_fault& vmf);
[[nodiscard]] vm_fault_t do_huge_pmd_wp_page(vm_fault& vmf);
// A shared page is written for the first time: page_mkwrite() of its file system, and it becomes dirty.
// kernel: do_page_mkwrite, fault_dirty_shared_page
void make_page_writable(vm_fault& vmf, pfn_t pfn);
[[nodiscard]] vm_fault_t dirty_shared_page(vm_fault& vmf, pfn_t pfn);

} // namespace mm
