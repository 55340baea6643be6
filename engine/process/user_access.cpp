#include "process/user_access.h"

#include "process/anon_vma.h"
#include "process/events.h"
#include "process/functions.h"
#include "process/report.h"
#include "process/vma_index.h"

namespace mm {

namespace {

using ev = process_event;

bool refused(mm_context& cx, mm_errno error, mm_failure reason, u64 a, u64 b) {
    fail(cx, mm_call::stack, error, reason, a, b);
    return false;
}

// kernel: acct_stack_growth
bool may_grow(mm_context& cx, const vm_area_struct& vma, u64 address) {
    const u32 shift = cx.proc.page_shift;
    const u64 size = vma.vm_end - address, pages = (vma.vm_start - address) >> shift;
    if (pages > vma.vm_pgoff) return refused(cx, mm_errno::enomem, mm_failure::offset_wraps, vma.vm_pgoff, pages);
    const room_verdict room = may_expand_vm(cx, vma.vm_flags, static_cast<i64>(pages));
    if (!room.fits) return refused(cx, mm_errno::enomem, room.reason, room.pages, room.limit);
    if (size > cx.mm().rlim.stack)
        return refused(cx, mm_errno::enomem, mm_failure::stack_limit, size, cx.mm().rlim.stack);
    if (!mlock_future_ok(cx, vma.vm_flags, pages << shift))
        return refused(cx, mm_errno::enomem, mm_failure::memlock_limit, cx.mm().locked_vm + pages,
                       cx.mm().rlim.memlock >> shift);
    if (const room_verdict memory = vm_enough_memory(cx, pages); !memory.fits)
        return refused(cx, mm_errno::enomem, memory.reason, memory.pages, memory.limit);
    if ((vma.vm_flags & VM_ACCOUNT) == 0) vm_unacct_memory(cx, pages);
    return true;
}

user_access_result segv(mm_context& cx, u64 address, user_access_kind kind, u8 code, segv_reason reason, u64 a, u64 b) {
    cx.sink.emit(ev::user_sigsegv, address, kind, code, reason, a, b);
    return {VMA_NONE, code};
}

// The VMA of the address, which a stack may become by growing.
vma_id vma_for(mm_context& cx, u64 address, segv_reason& reason) {
    const vma_id id = find_vma(cx, address);
    reason = segv_reason::no_vma;
    if (id == VMA_NONE || cx.vma(id).vm_start <= address) return id;
    if ((cx.vma(id).vm_flags & VM_GROWSDOWN) == 0) return VMA_NONE;
    reason = segv_reason::stack_refused;
    return expand_downwards(cx, id, address) ? id : VMA_NONE;
}

// What a private page of it needs, also a read where a huge page may come.
void prepare(mm_context& cx, vma_id id, u64 address, user_access_kind kind) {
    const vm_area_struct vma = cx.vma(id);
    if ((vma.vm_flags & VM_SHARED) != 0) return;
    if (kind == user_access_kind::write) {
        anon_vma_prepare(cx, id);
        return;
    }
    const u64 huge = u64{1} << cx.proc.pmd_shift, start = address & ~(huge - 1);
    const bool suits = cx.proc.thp_always && vma.is_anonymous() && (vma.vm_flags & VM_NOHUGEPAGE) == 0 &&
                       start >= vma.vm_start && start + huge <= vma.vm_end;
    if (suits) anon_vma_prepare(cx, id);
}

} // namespace

bool expand_downwards(mm_context& cx, vma_id id, u64 address) {
    CallScope scope(cx.sink, process_fn::expand_downwards);
    address = cx.proc.page_start(address);
    if (address < cx.proc.mmap_min_addr)
        return refused(cx, mm_errno::eperm, mm_failure::low_address, address, cx.proc.mmap_min_addr);
    const u64 guard = STACK_GUARD_PAGES << cx.proc.page_shift;
    if (const vma_id before = previous_vma(cx, id); before != VMA_NONE) {
        const vm_area_struct prev = cx.vma(before);
        if ((prev.vm_flags & VM_GROWSDOWN) == 0 && prev.is_accessible() && address - prev.vm_end < guard)
            return refused(cx, mm_errno::enomem, mm_failure::guard_gap, address, prev.vm_end);
    }
    anon_vma_prepare(cx, id);
    const vm_area_struct vma = cx.vma(id);
    if (!may_grow(cx, vma, address)) return false;
    const u64 pages = (vma.vm_start - address) >> cx.proc.page_shift;
    if ((vma.vm_flags & VM_LOCKED) != 0) cx.mm_mut().locked_vm += pages;
    vm_stat_account(cx, vma.vm_flags, static_cast<i64>(pages));
    cx.vma_mut(id).vm_pgoff -= pages;
    set_vma_range(cx, id, address, vma.vm_end);
    cx.sink.emit(ev::vma_stack_grown, vma.vm_start, address, pages, vma.vm_end - address, cx.mm().rlim.stack);
    return true;
}

user_access_result user_access(mm_context& cx, u64 address, user_access_kind kind) {
    CallScope scope(cx.sink, process_fn::handle_fault);
    const u64 task_size = cx.mm().task_size;
    if (address >= task_size) return segv(cx, address, kind, SEGV_MAPERR, segv_reason::not_user, task_size, 0);
    segv_reason reason = segv_reason::no_vma;
    const vma_id id = vma_for(cx, address, reason);
    if (id == VMA_NONE) {
        const vma_id next = find_vma(cx, address), before = vma_before(cx, address);
        return segv(cx, address, kind, SEGV_MAPERR, reason, before == VMA_NONE ? 0 : cx.vma(before).vm_end,
                    next == VMA_NONE ? task_size : cx.vma(next).vm_start);
    }
    const vm_area_struct vma = cx.vma(id);
    const bool may = kind == user_access_kind::write  ? (vma.vm_flags & VM_WRITE) != 0
                     : kind == user_access_kind::exec ? (vma.vm_flags & VM_EXEC) != 0
                                                      : vma.is_accessible();
    if (!may) {
        const segv_reason why = kind == user_access_kind::write  ? segv_reason::no_write
                                : kind == user_access_kind::exec ? segv_reason::no_exec
                                                                 : segv_reason::no_read;
        return segv(cx, address, kind, SEGV_ACCERR, why, vma.vm_start, vma.vm_end);
    }
    prepare(cx, id, address, kind);
    cx.sink.emit(ev::user_access, address, kind, cx.vma(id).vm_start, cx.vma(id).vm_end);
    return {id, 0};
}

} // namespace mm
