// mprotect(), msync().
#include <algorithm>

#include "process/calls.h"
#include "process/functions.h"
#include "process/page_cache.h"
#include "process/report.h"
#include "process/vma_index.h"
#include "process/vma_merge.h"
#include "process/zap.h"

namespace mm {

namespace {

using ev = process_event;

i64 failed(mm_context& cx, mm_errno error, mm_failure reason, u64 a = 0, u64 b = 0) {
    return fail(cx, mm_call::mprotect, error, reason, a, b);
}

// Whether the pages may be written now and count then. 0: all is well.
i64 account_change(mm_context& cx, const vm_area_struct& old, u64 pages, vm_flags_t& flags) {
    if ((flags & VM_WRITE) != 0) {
        const room_verdict room = may_expand_vm(cx, flags, static_cast<i64>(pages));
        if (!room.fits && may_expand_vm(cx, old.vm_flags, static_cast<i64>(pages)).fits)
            return failed(cx, mm_errno::enomem, room.reason, room.pages, room.limit);
        if ((old.vm_flags & (VM_ACCOUNT | VM_WRITE | VM_HUGETLB | VM_SHARED | VM_NORESERVE)) == 0) {
            if (const room_verdict memory = vm_enough_memory(cx, pages); !memory.fits)
                return failed(cx, mm_errno::enomem, memory.reason, memory.pages, memory.limit);
            flags |= VM_ACCOUNT;
        }
    } else if (cx.proc.rules.mprotect_unaccounts() && (old.vm_flags & VM_ACCOUNT) != 0 && old.is_anonymous() &&
               old.anon_vma == 0) {
        flags &= ~VM_ACCOUNT;
    }
    return 0;
}

// kernel: mprotect_fixup
i64 fix_up(mm_context& cx, vma_id id, vma_id& prev, u64 start, u64 end, vm_flags_t flags) {
    CallScope scope(cx.sink, process_fn::mprotect_fixup);
    const vm_area_struct old = cx.vma(id);
    if (is_sealed(cx, id)) return failed(cx, mm_errno::eperm, mm_failure::sealed, old.vm_start, old.vm_end);
    if (flags == old.vm_flags) {
        prev = id;
        return 0;
    }
    const u64 pages = (end - start) >> cx.proc.page_shift;
    if (const i64 error = account_change(cx, old, pages, flags); error != 0) return error;
    const modified_vma changed = modify_vma(cx, mm_call::mprotect, prev, id, start, end, flags);
    if (changed.error != mm_errno::none) {
        if ((flags & VM_ACCOUNT) != 0 && (old.vm_flags & VM_ACCOUNT) == 0) vm_unacct_memory(cx, pages);
        prev = id;
        return error_of(changed.error);
    }
    prev = changed.vma;
    cx.vma_mut(prev).vm_flags = flags;
    change_protection(cx, prev, start, end);
    if ((old.vm_flags & VM_ACCOUNT) != 0 && (flags & VM_ACCOUNT) == 0) vm_unacct_memory(cx, pages);
    if ((old.vm_flags & (VM_WRITE | VM_SHARED | VM_LOCKED)) == VM_LOCKED && (flags & VM_WRITE) != 0)
        (void)populate_range(cx, mm_call::mprotect, start, end, true);
    vm_stat_account(cx, old.vm_flags, -static_cast<i64>(pages));
    vm_stat_account(cx, flags, static_cast<i64>(pages));
    cx.sink.emit(ev::vma_flags_changed, start, end, old.vm_flags, flags);
    return 0;
}

struct change {
    u64 start = 0, end = 0;
    u32 prot = 0;
};

// Each VMA of the range, up to the first hole.
i64 change_all(mm_context& cx, vma_id id, const change& c) {
    vma_id prev = c.start > cx.vma(id).vm_start ? id : previous_vma(cx, id);
    for (u64 at = c.start;;) {
        const vm_flags_t old = cx.vma(id).vm_flags;
        const bool runs = read_implies_exec(cx, c.prot) && (old & VM_MAYEXEC) != 0;
        const vm_flags_t flags = vm_prot_bits(c.prot) | (runs ? VM_EXEC : 0) | (old & ~VM_ACCESS_FLAGS);
        if ((flags & ~(flags >> 4) & VM_ACCESS_FLAGS) != 0)
            return failed(cx, mm_errno::eacces, mm_failure::may_not, flags, cx.vma(id).vm_start);
        const u64 end = std::min(cx.vma(id).vm_end, c.end);
        if (const i64 error = fix_up(cx, id, prev, at, end, flags); error != 0) return error;
        at = std::max(end, cx.vma(prev).vm_end);
        if (at >= c.end || cx.sink.spent()) return 0;
        id = next_vma(cx, prev);
        if (id == VMA_NONE || cx.vma(id).vm_start != at)
            return failed(cx, mm_errno::enomem, mm_failure::hole_inside, at, c.end);
    }
}

i64 do_mprotect(mm_context& cx, u64 address, u64 length, u32 prot) {
    CallScope scope(cx.sink, process_fn::do_mprotect_pkey);
    const u32 grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
    if (grows == (PROT_GROWSDOWN | PROT_GROWSUP)) return failed(cx, mm_errno::einval, mm_failure::bad_flags, prot);
    if (cx.proc.in_page(address)) return failed(cx, mm_errno::einval, mm_failure::not_aligned, address);
    if (length == 0) return 0;
    change c{address, address + cx.proc.page_align(length), prot & ~grows};
    if (c.end <= c.start) return failed(cx, mm_errno::enomem, mm_failure::length_wraps, length);
    const u32 known = PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM;
    if ((c.prot & ~known) != 0) return failed(cx, mm_errno::einval, mm_failure::bad_flags, c.prot);
    const vma_id id = find_vma_told(cx, c.start);
    if (id == VMA_NONE) return failed(cx, mm_errno::enomem, mm_failure::not_mapped, c.start);
    const vm_area_struct vma = cx.vma(id);
    if (grows == PROT_GROWSDOWN) {
        if (vma.vm_start >= c.end) return failed(cx, mm_errno::enomem, mm_failure::not_mapped, c.start);
        c.start = vma.vm_start;
        if ((vma.vm_flags & VM_GROWSDOWN) == 0)
            return failed(cx, mm_errno::einval, mm_failure::not_expandable_stack, vma.vm_start);
    } else {
        if (vma.vm_start > c.start) return failed(cx, mm_errno::enomem, mm_failure::not_mapped, c.start);
        if (grows == PROT_GROWSUP) return failed(cx, mm_errno::einval, mm_failure::not_expandable_stack, vma.vm_start);
    }
    return change_all(cx, id, c);
}

} // namespace

i64 sys_mprotect(mm_context& cx, u64 address, u64 length, u32 prot) {
    const i64 result = do_mprotect(cx, address, length, prot);
    if (result == 0) cx.sink.emit(ev::mprotect, address, cx.proc.page_align(length), prot);
    return result;
}

i64 sys_msync(mm_context& cx, u64 address, u64 length, u32 flags) {
    const auto failed = [&](mm_errno error, mm_failure reason, u64 a = 0, u64 b = 0) {
        return fail(cx, mm_call::msync, error, reason, a, b);
    };
    if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) != 0 || (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
        return failed(mm_errno::einval, mm_failure::bad_flags, flags);
    if (cx.proc.in_page(address)) return failed(mm_errno::einval, mm_failure::not_aligned, address);
    const u64 end = address + cx.proc.page_align(length);
    if (end < address) return failed(mm_errno::enomem, mm_failure::length_wraps, length);
    u64 at = address;
    bool hole = false;
    for (vma_id id = find_vma(cx, at); at < end; id = next_vma(cx, id)) {
        if (id == VMA_NONE) return failed(mm_errno::enomem, mm_failure::hole_inside, at, end);
        const vm_area_struct vma = cx.vma(id);
        if (at < vma.vm_start) {
            if (flags == MS_ASYNC || vma.vm_start >= end)
                return failed(mm_errno::enomem, mm_failure::hole_inside, at, end);
            hole = true;
        }
        if ((flags & MS_INVALIDATE) != 0 && (vma.vm_flags & VM_LOCKED) != 0)
            return failed(mm_errno::ebusy, mm_failure::locked, vma.vm_start, vma.vm_end);
        if ((flags & MS_SYNC) != 0 && vma.vm_file != 0 && (vma.vm_flags & VM_SHARED) != 0) {
            const u64 from = std::max(at, vma.vm_start), to = std::min(end, vma.vm_end);
            write_back_file(cx, vma.vm_file, vma.vm_pgoff + ((from - vma.vm_start) >> cx.proc.page_shift),
                            (to - from) >> cx.proc.page_shift);
        }
        at = vma.vm_end;
        cx.sink.charge(1);
    }
    if (hole) return failed(mm_errno::enomem, mm_failure::hole_inside, address, end);
    cx.sink.emit(ev::msync, address, length, flags);
    return 0;
}

} // namespace mm
