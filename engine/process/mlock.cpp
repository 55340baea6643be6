// mlock(), munlock() and their kind, and what fills memory.
#include <algorithm>

#include "process/anon_vma.h"
#include "process/calls.h"
#include "process/functions.h"
#include "process/report.h"
#include "process/vma_index.h"
#include "process/vma_merge.h"

namespace mm {

namespace {

using ev = process_event;

// kernel: mlock_fixup
mm_errno fix_up(mm_context& cx, mm_call call, vma_id id, vma_id& prev, u64 start, u64 end, vm_flags_t flags) {
    CallScope scope(cx.sink, process_fn::mlock_fixup);
    const vm_area_struct old = cx.vma(id);
    if (flags == old.vm_flags || (old.vm_flags & (VM_SPECIAL | VM_HUGETLB)) != 0) {
        prev = id;
        return mm_errno::none;
    }
    const modified_vma changed = modify_vma(cx, call, prev, id, start, end, flags);
    if (changed.error != mm_errno::none) {
        prev = id;
        return changed.error;
    }
    prev = changed.vma;
    const u64 pages = (end - start) >> cx.proc.page_shift;
    mm_struct& mm = cx.mm_mut();
    if ((flags & VM_LOCKED) == 0) {
        mm.locked_vm -= pages;
    } else if ((old.vm_flags & VM_LOCKED) == 0) {
        mm.locked_vm += pages;
    }
    const u64 locked = mm.locked_vm;
    cx.vma_mut(prev).vm_flags = flags;
    cx.sink.emit(ev::vma_locked, start, end, (flags & VM_LOCKED) != 0, pages, locked);
    return mm_errno::none;
}

// Each VMA of the range, up to the first hole. kernel: apply_vma_lock_flags
i64 apply(mm_context& cx, mm_call call, u64 start, u64 length, vm_flags_t flags) {
    const u64 end = start + length;
    if (end < start) return fail(cx, call, mm_errno::einval, mm_failure::length_wraps, length);
    if (end == start) return 0;
    vma_id id = vma_lookup(cx, start);
    if (id == VMA_NONE) return fail(cx, call, mm_errno::enomem, mm_failure::not_mapped, start);
    vma_id prev = start > cx.vma(id).vm_start ? id : previous_vma(cx, id);
    for (u64 at = start;;) {
        const vm_flags_t wanted = (cx.vma(id).vm_flags & ~VM_LOCKED_MASK) | flags;
        const u64 stop = std::min(cx.vma(id).vm_end, end);
        if (const mm_errno error = fix_up(cx, call, id, prev, at, stop, wanted); error != mm_errno::none)
            return error_of(error);
        at = std::max(stop, cx.vma(prev).vm_end);
        if (at >= end || cx.sink.spent()) return 0;
        id = next_vma(cx, prev);
        if (id == VMA_NONE || cx.vma(id).vm_start != at)
            return fail(cx, call, mm_errno::enomem, mm_failure::hole_inside, at, end);
    }
}

// Pages of the range that are locked already: they do not count twice. kernel: count_mm_mlocked_page_nr
u64 locked_in(mm_context& cx, u64 start, u64 end) {
    u64 bytes = 0;
    for (vma_id id = find_vma(cx, start); id != VMA_NONE && cx.vma(id).vm_start < end; id = next_vma(cx, id)) {
        const vm_area_struct& vma = cx.vma(id);
        if ((vma.vm_flags & VM_LOCKED) != 0) bytes += std::min(vma.vm_end, end) - std::max(vma.vm_start, start);
        cx.sink.charge(1);
    }
    return bytes >> cx.proc.page_shift;
}

struct page_range {
    u64 start = 0, length = 0;
};
page_range whole_pages(const process_memory& proc, u64 address, u64 length) {
    return {proc.page_start(address), proc.page_align(length + (address - proc.page_start(address)))};
}

i64 do_mlock(mm_context& cx, u64 address, u64 length, vm_flags_t flags) {
    CallScope scope(cx.sink, process_fn::do_mlock);
    if (!can_do_mlock(cx)) return fail(cx, mm_call::mlock, mm_errno::eperm, mm_failure::may_not_lock);
    const page_range range = whole_pages(cx.proc, address, length);
    const u64 limit = cx.mm().rlim.memlock >> cx.proc.page_shift;
    u64 locked = (range.length >> cx.proc.page_shift) + cx.mm().locked_vm;
    if (locked > limit && !cx.mm().privileged) {
        locked -= locked_in(cx, range.start, range.start + range.length);
        if (locked > limit) return fail(cx, mm_call::mlock, mm_errno::enomem, mm_failure::memlock_limit, locked, limit);
    }
    if (const i64 error = apply(cx, mm_call::mlock, range.start, range.length, flags); error != 0) return error;
    return populate_range(cx, mm_call::mlock, range.start, range.start + range.length, false);
}

// kernel: apply_mlockall_flags
void lock_all(mm_context& cx, u32 flags) {
    mm_struct& mm = cx.mm_mut();
    mm.def_flags &= ~VM_LOCKED_MASK;
    const vm_flags_t bits = VM_LOCKED | ((flags & MCL_ONFAULT) != 0 ? VM_LOCKONFAULT : 0);
    if ((flags & MCL_FUTURE) != 0) {
        mm.def_flags |= bits;
        if ((flags & MCL_CURRENT) == 0) return;
    }
    const vm_flags_t added = (flags & MCL_CURRENT) != 0 ? bits : 0;
    vma_id prev = VMA_NONE;
    for (vma_id id = first_vma(cx); id != VMA_NONE && !cx.sink.spent(); id = next_vma(cx, prev)) {
        const vm_area_struct vma = cx.vma(id);
        (void)fix_up(cx, mm_call::mlockall, id, prev, vma.vm_start, vma.vm_end,
                     (vma.vm_flags & ~VM_LOCKED_MASK) | added);
    }
}

// Reads of a private anonymous range that a huge page may serve take the anon_vma before the zero page is looked for.
bool huge_zero_page(const mm_context& cx, const vm_area_struct& vma, u64 start, u64 end) {
    if (!cx.proc.thp_always || !vma.is_anonymous() || (vma.vm_flags & VM_NOHUGEPAGE) != 0) return false;
    const u64 huge = u64{1} << cx.proc.pmd_shift;
    const u64 from = std::max((vma.vm_start + huge - 1) & ~(huge - 1), start & ~(huge - 1));
    return from + huge <= vma.vm_end && from < end;
}

} // namespace

void fault_in(mm_context& cx, vma_id id, u64 start, u64 end, bool write) {
    const vm_area_struct vma = cx.vma(id);
    if ((vma.vm_flags & VM_SHARED) != 0) return;
    if (write || huge_zero_page(cx, vma, std::max(start, vma.vm_start), end)) anon_vma_prepare(cx, id);
}

i64 populate_range(mm_context& cx, mm_call call, u64 start, u64 end, bool ignore_errors) {
    CallScope scope(cx.sink, process_fn::mm_populate);
    for (vma_id id = find_vma(cx, start); id != VMA_NONE && cx.vma(id).vm_start < end; id = next_vma(cx, id)) {
        const vm_area_struct vma = cx.vma(id);
        cx.sink.charge(1);
        if ((vma.vm_flags & (VM_IO | VM_PFNMAP)) != 0 || (vma.vm_flags & VM_LOCKONFAULT) != 0) continue;
        if (!vma.is_accessible()) {
            if (ignore_errors) continue;
            return fail(cx, call, mm_errno::enomem, mm_failure::cannot_fill, vma.vm_start, vma.vm_end);
        }
        fault_in(cx, id, start, end, (vma.vm_flags & (VM_WRITE | VM_SHARED)) == VM_WRITE);
    }
    return 0;
}

i64 sys_mlock(mm_context& cx, u64 address, u64 length, u32 flags) {
    if ((flags & ~MLOCK_ONFAULT) != 0) return fail(cx, mm_call::mlock, mm_errno::einval, mm_failure::bad_flags, flags);
    const vm_flags_t bits = VM_LOCKED | ((flags & MLOCK_ONFAULT) != 0 ? VM_LOCKONFAULT : 0);
    const i64 result = do_mlock(cx, address, length, bits);
    if (result == 0) cx.sink.emit(ev::mlock, mm_call::mlock, address, length, cx.mm().locked_vm);
    return result;
}

i64 sys_munlock(mm_context& cx, u64 address, u64 length) {
    const page_range range = whole_pages(cx.proc, address, length);
    const i64 result = apply(cx, mm_call::munlock, range.start, range.length, 0);
    if (result == 0) cx.sink.emit(ev::mlock, mm_call::munlock, address, length, cx.mm().locked_vm);
    return result;
}

i64 sys_mlockall(mm_context& cx, u32 flags) {
    if (flags == 0 || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) != 0 || flags == MCL_ONFAULT)
        return fail(cx, mm_call::mlockall, mm_errno::einval, mm_failure::bad_flags, flags);
    if (!can_do_mlock(cx)) return fail(cx, mm_call::mlockall, mm_errno::eperm, mm_failure::may_not_lock);
    const u64 limit = cx.mm().rlim.memlock >> cx.proc.page_shift;
    if ((flags & MCL_CURRENT) != 0 && cx.mm().total_vm > limit && !cx.mm().privileged)
        return fail(cx, mm_call::mlockall, mm_errno::enomem, mm_failure::memlock_limit, cx.mm().total_vm, limit);
    lock_all(cx, flags);
    if ((flags & MCL_CURRENT) != 0) (void)populate_range(cx, mm_call::mlockall, 0, cx.mm().task_size, true);
    cx.sink.emit(ev::mlock, mm_call::mlockall, 0, cx.mm().task_size, cx.mm().locked_vm);
    return 0;
}

i64 sys_munlockall(mm_context& cx) {
    lock_all(cx, 0);
    cx.sink.emit(ev::mlock, mm_call::munlockall, 0, cx.mm().task_size, cx.mm().locked_vm);
    return 0;
}

} // namespace mm
