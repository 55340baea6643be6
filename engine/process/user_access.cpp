#include "process/user_access.h"

#include "mmu/access.h"
#include "mmu/switch_mm.h"
#include "process/anon_vma.h"
#include "process/context_switch.h"
#include "process/fault.h"
#include "process/fault_events.h"
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

user_access_result signal(u8 number, u8 code, u64 address) {
    user_access_result result;
    result.signal = number;
    result.si_code = code;
    result.si_address = address;
    return result;
}

struct segv_facts {
    segv_reason reason = segv_reason::no_vma;
    u64 start = 0, end = 0;
    vm_flags_t flags = 0; // of the VMA
};
user_access_result segv(mm_context& cx, u64 address, user_access_kind kind, u8 code, const segv_facts& why) {
    cx.sink.emit(ev::user_sigsegv, address, kind, code, why.reason, why.start, why.end, why.flags);
    return signal(SIGSEGV_NUMBER, code, address);
}

// The VMAs on both sides of an address that none has.
segv_facts between_vmas(const mm_context& cx, u64 address, segv_reason reason) {
    const vma_id next = find_vma(cx, address), before = vma_before(cx, address);
    if (reason == segv_reason::no_vma && before == VMA_NONE) reason = segv_reason::below_all;
    if (reason == segv_reason::no_vma && next == VMA_NONE) reason = segv_reason::above_all;
    return {reason, before == VMA_NONE ? 0 : cx.vma(before).vm_end,
            next == VMA_NONE ? cx.mm().task_size : cx.vma(next).vm_start};
}

void tell_access(mm_context& cx, const user_access_request& request, vma_id id) {
    const vm_area_struct vma = cx.vma(id);
    cx.sink.emit(ev::user_access, request.address, request.kind, vma.vm_start, vma.vm_end, vma.vm_flags);
}

// The VMA of the address, which a stack may become by growing.
vma_id vma_for(mm_context& cx, u64 address, segv_reason& reason) {
    const vma_id id = find_vma_told(cx, address);
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

// x86 refuses a fetch by what the entry says: where there is none, the page comes first. kernel: access_error
bool may_fetch(const mm_context& cx, const vm_area_struct& vma, bool present) {
    if (!present && cx.proc.rules.arch != architecture::arm64) return vma.is_accessible();
    return (vma.vm_flags & VM_EXEC) != 0;
}

// The VMA that allows the access, or the signal. `present`: an entry is there. kernel: do_page_fault
user_access_result allowed_by(mm_context& cx, u64 address, user_access_kind kind, bool present) {
    const u64 task_size = cx.mm().task_size;
    if (address >= task_size) return segv(cx, address, kind, SEGV_MAPERR, {segv_reason::not_user, task_size});
    segv_reason reason = segv_reason::no_vma;
    const vma_id id = vma_for(cx, address, reason);
    if (id == VMA_NONE) return segv(cx, address, kind, SEGV_MAPERR, between_vmas(cx, address, reason));
    const vm_area_struct vma = cx.vma(id);
    const bool may = kind == user_access_kind::write  ? (vma.vm_flags & VM_WRITE) != 0
                     : kind == user_access_kind::exec ? may_fetch(cx, vma, present)
                                                      : vma.is_accessible();
    if (!may) {
        const segv_reason why = kind == user_access_kind::write  ? segv_reason::no_write
                                : kind == user_access_kind::exec ? segv_reason::no_exec
                                                                 : segv_reason::no_read;
        return segv(cx, address, kind, SEGV_ACCERR, {why, vma.vm_start, vma.vm_end, vma.vm_flags});
    }
    user_access_result result;
    result.vma = id;
    return result;
}

// One fault from its beginning, and once more where the kernel does so. kernel: do_page_fault
user_access_result page_fault(mm_context& cx, const user_access_request& request, const access_result& fault) {
    CallScope scope(cx.sink, process_fn::handle_fault);
    cx.sink.emit(fault_event::fault_begins, request.address, request.kind, fault.fault, fault.level, fault.syndrome);
    if (fault.fault == fault_kind::address_size) return signal(SIGKILL_NUMBER, 0, request.address);
    fault_request wanted{request.address, request.kind == user_access_kind::write, false};
    for (;;) {
        const bool present = fault.fault != fault_kind::translation;
        user_access_result result = allowed_by(cx, request.address, request.kind, present);
        if (result.signal != 0) return result;
        tell_access(cx, request, result.vma);
        const vm_fault_t end = handle_mm_fault(cx, result.vma, wanted);
        if ((end & VM_FAULT_OOM) != 0) {
            result.out_of_memory = true;
        } else if ((end & VM_FAULT_SIGBUS) != 0) {
            cx.sink.emit(fault_event::user_sigbus, request.address, BUS_ADRERR);
            result = signal(SIGBUS_NUMBER, BUS_ADRERR, request.address);
        } else if ((end & VM_FAULT_SIGSEGV) != 0) {
            return segv(cx, request.address, request.kind, SEGV_MAPERR,
                        between_vmas(cx, request.address, segv_reason::no_vma));
        } else if ((end & VM_FAULT_RETRY) != 0 && !wanted.tried && !cx.sink.spent()) {
            wanted.tried = true;
            cx.sink.emit(fault_event::fault_retried, request.address);
            continue;
        }
        return result;
    }
}

// Reads or writes the byte that stands for the page.
void touch_value(mm_context& cx, const user_access_request& request, phys_addr_t phys, user_access_result& result) {
    const pfn_t pfn = cx.pages->page.mem.pfn_of(phys);
    user_pages& user = cx.proc.user;
    if (request.kind == user_access_kind::write) {
        if (user.at(pfn).kind != user_page_kind::none) user.mut(pfn).value = request.value;
        cx.sink.emit(fault_event::user_value_written, request.address, pfn, request.value);
        return;
    }
    result.value = user.at(pfn).value;
    cx.sink.emit(fault_event::user_value_read, request.address, pfn, result.value);
}

// As many faults as one access can need: a page, a right, the flags.
constexpr u32 MAX_FAULTS = 8;

user_access_result access_with_tables(mm_context& cx, const user_access_request& request) {
    mmu_context& pages = *cx.pages;
    const u32 cpu = pages.page.cpu;
    const auto space = static_cast<space_id>(cx.mm().space);
    const task_id task = cx.task != TASK_NONE ? cx.task : runnable_task(cx.proc, cx.id);
    if (task != TASK_NONE)
        run_task(cx.proc, pages, task);
    else if (pages.mmu.tlb.cpus[cpu].space != space)
        switch_mm(pages, cpu, space);
    const u64 minor = cx.mm().min_flt, major = cx.mm().maj_flt;
    user_access_result result;
    for (u32 faults = 0; faults < MAX_FAULTS; ++faults) {
        const access_result tried =
            access(pages, cpu, {request.address, static_cast<access_kind>(request.kind), true, false});
        if (tried.ok()) {
            touch_value(cx, request, tried.phys, result);
            break;
        }
        result = page_fault(cx, request, tried);
        if (result.signal != 0 || result.out_of_memory || cx.sink.spent()) break;
    }
    result.minflt = static_cast<u32>(cx.mm().min_flt - minor);
    result.majflt = static_cast<u32>(cx.mm().maj_flt - major);
    return result;
}

} // namespace

bool expand_downwards(mm_context& cx, vma_id id, u64 address) {
    CallScope scope(cx.sink, process_fn::expand_downwards);
    address = cx.proc.page_start(address);
    if (address < cx.proc.mmap_min_addr)
        return refused(cx, mm_errno::eperm, mm_failure::low_address, address, cx.proc.mmap_min_addr);
    const u64 guard = STACK_GUARD_PAGES << cx.proc.page_shift;
    const vma_id before = previous_vma(cx, id);
    if (before != VMA_NONE) {
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
    cx.sink.emit(ev::vma_stack_grown, vma.vm_start, address, pages, vma.vm_end - address, cx.mm().rlim.stack,
                 address - (before == VMA_NONE ? 0 : cx.vma(before).vm_end), guard);
    return true;
}

user_access_result user_access(mm_context& cx, const user_access_request& request) {
    if (cx.pages != nullptr && cx.mm().space != 0) return access_with_tables(cx, request);
    CallScope scope(cx.sink, process_fn::handle_fault);
    const user_access_result result = allowed_by(cx, request.address, request.kind, true);
    if (result.signal != 0) return result;
    prepare(cx, result.vma, request.address, request.kind);
    tell_access(cx, request, result.vma);
    return result;
}

} // namespace mm
