#include "process/mincore.h"

#include <algorithm>

#include "mmu/page_table.h"
#include "process/page_cache.h"
#include "process/vma_index.h"

namespace mm {

namespace {

// Whose page cache may not be looked at says that all is there. kernel: can_do_mincore
bool may_look(const mm_context& cx, const vm_area_struct& vma) {
    return vma.vm_file == 0 || cx.mm().privileged || cx.proc.files[vma.vm_file].writable;
}

bool is_resident(const mm_context& cx, const vm_area_struct& vma, u64 address) {
    if (cx.pages) {
        const mapped_page there = page_at_address(cx.proc, cx.pages->mmu, cx.pages->page.mem, cx.id, address);
        if (there.kind != mapped_page::page_kind::none) return true;
    }
    if (vma.vm_file == 0) return false;
    const u64 index = vma.vm_pgoff + ((address - vma.vm_start) >> cx.proc.page_shift);
    const mapping_id mapping = cx.proc.files[vma.vm_file].mapping;
    return mapping != 0 && find_cached_page(cx.proc.user, mapping, index) != PFN_NONE;
}

} // namespace

i64 sys_mincore(const mm_context& cx, u64 address, u64 length, std::span<u8> resident) {
    if (cx.proc.in_page(address)) return error_of(mm_errno::einval);
    if (length > cx.mm().task_size || address > cx.mm().task_size - length) return error_of(mm_errno::enomem);
    const u64 end = address + cx.proc.page_align(length);
    if (resident.size() < (end - address) >> cx.proc.page_shift) return error_of(mm_errno::efault);
    std::size_t page = 0;
    for (u64 at = address; at < end;) {
        const vma_id id = vma_lookup(cx, at);
        if (id == VMA_NONE) return error_of(mm_errno::enomem);
        const vm_area_struct& vma = cx.vma(id);
        const bool look = may_look(cx, vma);
        for (const u64 stop = std::min(end, vma.vm_end); at < stop; at += cx.proc.page_size())
            resident[page++] = !look || is_resident(cx, vma, at) ? 1 : 0;
    }
    return 0;
}

} // namespace mm
