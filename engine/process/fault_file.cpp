// Faults in mappings of files and of shared memory, where no entry is yet.
#include <algorithm>

#include "physical/page_alloc.h"
#include "process/anon_vma.h"
#include "process/fault_parts.h"
#include "process/page_cache.h"
#include "process/rmap.h"

namespace mm {

namespace {

using ev = fault_event;

void tell_branch(const vm_fault& vmf, fault_way way) {
    vmf.cx.sink.emit(ev::fault_branch, vmf.address, way, vmf.slot.entry, vmf.vma.vm_flags, vmf.write, vmf.level_name());
}

// The pages of [vdso], as if they were a file's.
mapping_id special_mapping_pages(process_memory& proc) {
    user_pages& user = proc.user;
    mapping_id id = 1;
    while (id < user.mappings_used && user.mappings[id].in_use && user.mappings[id].inode != SPECIAL_INODE) ++id;
    if (id < user.mappings_used && user.mappings[id].in_use) return id;
    if (id == user.mappings_used) ++user.mappings_used;
    if (id >= user.mappings.size()) user.mappings.grow(std::max(16u, 2 * user.mappings.size()));
    file_mapping made;
    made.in_use = true;
    made.inode = SPECIAL_INODE;
    made.files = 1;
    made.size = ~0ull >> 1;
    user.mappings.mut(id) = made;
    return id;
}

mapping_id mapping_behind(vm_fault& vmf) {
    return vmf.vma.vm_file != 0 ? mapping_of(vmf.cx.proc, vmf.vma.vm_file) : special_mapping_pages(vmf.cx.proc);
}

// The page cache numbers the pages of a file with 32 bits.
u64 pages_in(const vm_fault& vmf, mapping_id mapping) {
    return std::min(vmf.cx.proc.page_align(vmf.user().mappings[mapping].size) >> vmf.cx.proc.page_shift, u64{1} << 32);
}

// What a branch gets: the page, or how the fault ends.
struct found_page {
    pfn_t pfn = PFN_NONE;
    vm_fault_t result = 0;
};

// Pages around the one that is missing come from the disk. kernel: do_sync_mmap_readahead, page_cache_ra_order
found_page read_around(vm_fault& vmf, mapping_id mapping, u64 index, u64 size) {
    const u64 start = index > MMAP_READAHEAD_PAGES / 2 ? index - MMAP_READAHEAD_PAGES / 2 : 0;
    const u64 end = std::min(start + MMAP_READAHEAD_PAGES, size);
    u64 read = 0;
    for (u64 at = start; at < end; ++at) {
        if (find_cached_page(vmf.user(), mapping, at) != PFN_NONE) continue;
        if (add_cached_page(vmf.cx, mapping, at, false) == PFN_NONE) return {PFN_NONE, VM_FAULT_OOM};
        ++read;
    }
    vmf.cx.sink.emit(ev::file_pages_read, vmf.address, index, start, end - start, read);
    return {PFN_NONE, VM_FAULT_RETRY};
}

// kernel: filemap_fault, shmem_fault; special_mapping_fault
found_page fault_page(vm_fault& vmf) {
    const mapping_id mapping = mapping_behind(vmf);
    const file_mapping inode = vmf.user().mappings[mapping];
    CallScope scope(vmf.cx.sink, inode.shmem ? process_fn::shmem_fault : process_fn::filemap_fault);
    const u64 index = vmf.index(), size = pages_in(vmf, mapping);
    if (index >= size) {
        vmf.cx.sink.emit(ev::fault_beyond_file, vmf.address, index, size, inode.size);
        return {PFN_NONE, VM_FAULT_SIGBUS};
    }
    pfn_t pfn = find_cached_page(vmf.user(), mapping, index);
    if (pfn != PFN_NONE) {
        vmf.cx.sink.emit(ev::file_page_found, vmf.address, index, pfn, vmf.user().at(pfn).has(user_page::DIRTY));
        return {pfn, 0};
    }
    if (!inode.shmem && inode.inode != SPECIAL_INODE) return read_around(vmf, mapping, index, size);
    pfn = add_cached_page(vmf.cx, mapping, index, false);
    if (pfn == PFN_NONE) {
        vmf.cx.sink.emit(ev::fault_no_memory, vmf.address, 0);
        return {PFN_NONE, VM_FAULT_OOM};
    }
    vmf.cx.sink.emit(ev::shmem_page_added, vmf.address, index, pfn, inode.nrpages + 1);
    return {pfn, 0};
}

// The entry of a page of the page cache. kernel: do_set_pte
vm_fault_t map_file_page(vm_fault& vmf, pfn_t pfn, bool write) {
    const pteval_t entry = page_entry(vmf, pfn, write);
    if (!set_new_entry(vmf, entry)) return VM_FAULT_OOM;
    page_add_file_rmap(vmf.cx, pfn, vmf.address);
    vmf.cx.sink.emit(ev::file_page_mapped, vmf.address, pfn, entry, page_mapcount(vmf.user(), pfn));
    return 0;
}

// ---- Reads ---------------------------------------------------------------------------------------------------------

struct AroundWindow {
    u64 address = 0; // of its first page
    u64 pages = 0;
};

// 16 pages, as far as VMA and table go. kernel: do_fault_around
AroundWindow window_around(const vm_fault& vmf) {
    const u32 shift = vmf.cx.proc.page_shift;
    const u64 bytes = FAULT_AROUND_PAGES << shift, table = u64{1} << vmf.cx.pages->mmu.geometry().shift(1);
    const u64 first = std::max({vmf.address & ~(bytes - 1), vmf.vma.vm_start, vmf.address & ~(table - 1)});
    const u64 end = std::min({first + bytes, vmf.vma.vm_end, (vmf.address & ~(table - 1)) + table});
    return {first, (end - first) >> shift};
}

// Pages of the window that are cached and not mapped yet. True: that of the fault is among them. kernel: filemap_map_pages
bool map_pages(vm_fault& vmf) {
    mm_context& cx = vmf.cx;
    CallScope scope(cx.sink, process_fn::do_fault_around);
    const AroundWindow window = window_around(vmf);
    const mapping_id mapping = mapping_behind(vmf);
    const u64 size = pages_in(vmf, mapping), asked = vmf.address;
    // kernel: arch_wants_old_prefaulted_pte, which only arm64 has, since 5.12
    const bool old = cx.pages->mmu.tlb.config.hafdbs != hardware_update::none && cx.proc.rules.since(5, 12) &&
                     cx.proc.rules.arch == architecture::arm64;
    u64 mapped = 0;
    bool found = false;
    cx.sink.charge(window.pages);
    for (u64 i = 0; i < window.pages; ++i) {
        vmf.address = window.address + (i << cx.proc.page_shift);
        const u64 index = vmf.index();
        const pfn_t pfn = index < size ? find_cached_page(vmf.user(), mapping, index) : PFN_NONE;
        if (pfn == PFN_NONE) continue;
        vmf.look_in_same_table();
        if (vmf.slot.level == 0 && vmf.slot.entry != 0) continue;
        pteval_t entry = page_entry(vmf, pfn, false);
        if (old && vmf.address != asked) entry = pte_mkold(vmf.format(), entry);
        if (!set_new_entry(vmf, entry)) break;
        page_add_file_rmap(cx, pfn, vmf.address);
        found = found || vmf.address == asked;
        ++mapped;
    }
    vmf.address = asked;
    vmf.look();
    cx.sink.emit(ev::fault_around, asked, window.address, window.pages, mapped, found);
    return found;
}

// [vvar]: a page of the kernel's, which nobody counts. kernel: vvar_fault, vmf_insert_pfn
vm_fault_t map_kernel_data(vm_fault& vmf) {
    const pfn_t pfn = vmf.user().zero_pfn;
    const pteval_t entry = pte_mkspecial(vmf.format(), pfn_pte(vmf.format(), pfn, vmf.prot));
    if (!set_new_entry(vmf, entry)) return VM_FAULT_OOM;
    vmf.cx.sink.emit(ev::zero_page_mapped, vmf.address, pfn, entry);
    return VM_FAULT_NOPAGE;
}

vm_fault_t do_read_fault(vm_fault& vmf) {
    tell_branch(vmf, fault_way::file_read);
    CallScope scope(vmf.cx.sink, process_fn::do_read_fault);
    if ((vmf.vma.vm_flags & VM_PFNMAP) != 0) return map_kernel_data(vmf);
    if (vmf.vma.vm_file != 0 && map_pages(vmf)) return VM_FAULT_NOPAGE;
    const found_page page = fault_page(vmf);
    return page.pfn == PFN_NONE ? page.result : page.result | map_file_page(vmf, page.pfn, false);
}

// ---- Writes --------------------------------------------------------------------------------------------------------

vm_fault_t do_cow_fault(vm_fault& vmf) {
    mm_context& cx = vmf.cx;
    tell_branch(vmf, fault_way::file_cow);
    CallScope scope(cx.sink, process_fn::do_cow_fault);
    anon_vma_prepare(cx, vmf.id);
    const pfn_t pfn = alloc_user_page(vmf, false);
    if (pfn == PFN_NONE) return VM_FAULT_OOM;
    const found_page page = fault_page(vmf);
    const pteval_t entry = page_entry(vmf, pfn, true);
    if (page.pfn == PFN_NONE || !set_new_entry(vmf, entry)) {
        free_pages(cx.pages->page, pfn, 0);
        return page.pfn == PFN_NONE ? page.result : VM_FAULT_OOM;
    }
    page_add_new_anon_rmap(cx, vmf.id, pfn, vmf.address, 0);
    vmf.user().mut(pfn).value = vmf.user().at(page.pfn).value;
    cx.sink.emit(ev::page_copied, vmf.address, page.pfn, pfn, entry, page_mapcount(vmf.user(), page.pfn), false);
    return page.result;
}

vm_fault_t do_shared_fault(vm_fault& vmf) {
    tell_branch(vmf, fault_way::file_shared);
    CallScope scope(vmf.cx.sink, process_fn::do_shared_fault);
    const found_page page = fault_page(vmf);
    if (page.pfn == PFN_NONE) return page.result;
    make_page_writable(vmf, page.pfn);
    const vm_fault_t result = page.result | map_file_page(vmf, page.pfn, true);
    return (result & VM_FAULT_OOM) != 0 ? result : result | dirty_shared_page(vmf, page.pfn);
}

} // namespace

void make_page_writable(vm_fault& vmf, pfn_t pfn) {
    if (!vma_wants_writenotify(vmf.cx, vmf.vma)) return;
    CallScope scope(vmf.cx.sink, process_fn::do_page_mkwrite);
    vmf.cx.sink.emit(ev::page_mkwrite, vmf.address, vmf.index(), pfn);
}

vm_fault_t dirty_shared_page(vm_fault& vmf, pfn_t pfn) {
    const bool was_dirty = vmf.user().at(pfn).has(user_page::DIRTY);
    vmf.user().mut(pfn).set(user_page::DIRTY);
    const bool waits = vmf.cx.proc.rules.dirtying_fault_is_retried() && !vmf.tried &&
                       (!was_dirty || vma_wants_writenotify(vmf.cx, vmf.vma));
    if (!was_dirty) vmf.cx.sink.emit(ev::page_dirtied, vmf.address, vmf.index(), pfn, waits);
    return waits ? VM_FAULT_RETRY : 0;
}

vm_fault_t do_fault(vm_fault& vmf) {
    if (!vmf.write) return do_read_fault(vmf);
    return vmf.shared() ? do_shared_fault(vmf) : do_cow_fault(vmf);
}

} // namespace mm
