#include "process/mincore.h"

#include <algorithm>
#include <vector>

#include "mmu/page_table.h"
#include "process/fault_events.h"
#include "process/functions.h"
#include "process/page_cache.h"
#include "process/report.h"
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

// Where nothing is mapped.
u64 first_hole(const mm_context& cx, u64 at, u64 end) {
    while (at < end) {
        const vma_id id = vma_lookup(cx, at);
        if (id == VMA_NONE) break;
        at = cx.vma(id).vm_end;
    }
    return at;
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

i64 sys_mincore_told(mm_context& cx, u64 address, u64 length) {
    CallScope scope(cx.sink, process_fn::do_mincore);
    const process_memory& proc = cx.proc;
    if (proc.in_page(address)) return fail(cx, mm_call::mincore, mm_errno::einval, mm_failure::not_aligned, address);
    const u64 task_size = cx.mm().task_size;
    if (length > task_size || address > task_size - length)
        return fail(cx, mm_call::mincore, mm_errno::enomem, mm_failure::beyond_task_size, address + length, task_size);
    const u64 end = address + proc.page_align(length);
    std::vector<u8> piece(proc.page_size());
    u64 resident = 0, mask = 0;
    for (u64 at = address; at < end && !cx.sink.spent();) {
        const u64 pages = std::min<u64>((end - at) >> proc.page_shift, piece.size()), bytes = pages << proc.page_shift;
        cx.sink.charge(pages);
        if (is_error(sys_mincore(cx, at, bytes, piece)))
            return fail(cx, mm_call::mincore, mm_errno::enomem, mm_failure::not_mapped, first_hole(cx, at, at + bytes));
        for (u64 page = 0; page < pages; ++page) {
            const u64 index = ((at - address) >> proc.page_shift) + page;
            resident += piece[page];
            if (index < 64) mask |= u64{piece[page]} << index;
        }
        at += bytes;
    }
    cx.sink.emit(fault_event::pages_looked_up, address, end, (end - address) >> proc.page_shift, resident, mask);
    return 0;
}

} // namespace mm
