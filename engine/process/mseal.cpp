// mseal(): what is mapped may no longer be changed.
//
// Mirrors: mm/mseal.c (Linux 6.12).
#include <algorithm>

#include "process/calls.h"
#include "process/report.h"
#include "process/vma_index.h"
#include "process/vma_merge.h"

namespace mm {

namespace {

// Where the range is not mapped; its end: all of it is. kernel: check_mm_seal
u64 first_hole(mm_context& cx, u64 start, u64 end) {
    u64 at = start;
    for (vma_id id = find_vma(cx, start); id != VMA_NONE && at < end; id = next_vma(cx, id)) {
        if (cx.vma(id).vm_start > at) break;
        at = cx.vma(id).vm_end;
        cx.sink.charge(1);
    }
    return std::min(at, end);
}

// kernel: mseal_fixup
mm_errno seal(mm_context& cx, vma_id id, vma_id& prev, u64 start, u64 end) {
    const vm_flags_t old = cx.vma(id).vm_flags, flags = old | VM_SEALED;
    if (flags == old) {
        prev = id;
        return mm_errno::none;
    }
    const modified_vma changed = modify_vma(cx, mm_call::mseal, prev, id, start, end, flags);
    if (changed.error != mm_errno::none) return changed.error;
    prev = changed.vma;
    cx.vma_mut(prev).vm_flags = flags;
    cx.sink.emit(process_event::vma_flags_changed, start, end, old, flags);
    return mm_errno::none;
}

} // namespace

bool is_sealed(const mm_context& cx, vma_id vma) { return (cx.vma(vma).vm_flags & VM_SEALED) != 0; }

i64 sys_mseal(mm_context& cx, u64 address, u64 length) {
    const auto failed = [&](mm_errno error, mm_failure reason, u64 a = 0, u64 b = 0) {
        return fail(cx, mm_call::mseal, error, reason, a, b);
    };
    if (!cx.proc.rules.has_mseal()) return failed(mm_errno::enosys, mm_failure::no_such_call);
    if (cx.proc.in_page(address)) return failed(mm_errno::einval, mm_failure::not_aligned, address);
    const u64 aligned = cx.proc.page_align(length), end = address + aligned;
    if ((length != 0 && aligned == 0) || end < address)
        return failed(mm_errno::einval, mm_failure::length_wraps, length);
    if (end == address) return 0;
    if (const u64 hole = first_hole(cx, address, end); hole < end)
        return failed(mm_errno::enomem, mm_failure::not_mapped, hole);
    vma_id id = vma_lookup(cx, address);
    vma_id prev = address > cx.vma(id).vm_start ? id : previous_vma(cx, id);
    for (u64 at = address; at < end && !cx.sink.spent(); id = next_vma(cx, prev)) {
        const u64 stop = std::min(cx.vma(id).vm_end, end);
        if (const mm_errno error = seal(cx, id, prev, at, stop); error != mm_errno::none) return error_of(error);
        at = std::max(stop, cx.vma(prev).vm_end);
    }
    cx.sink.emit(process_event::mseal, address, aligned);
    return 0;
}

} // namespace mm
