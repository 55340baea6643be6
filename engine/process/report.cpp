#include "process/report.h"

#include <algorithm>

#include "process/functions.h"

#include "process/functions.h"

namespace mm {

std::string_view errno_name(mm_errno error) {
    switch (error) {
    case mm_errno::eperm: return "EPERM";
    case mm_errno::enoent: return "ENOENT";
    case mm_errno::ebadf: return "EBADF";
    case mm_errno::eagain: return "EAGAIN";
    case mm_errno::enomem: return "ENOMEM";
    case mm_errno::eacces: return "EACCES";
    case mm_errno::efault: return "EFAULT";
    case mm_errno::ebusy: return "EBUSY";
    case mm_errno::eexist: return "EEXIST";
    case mm_errno::enodev: return "ENODEV";
    case mm_errno::einval: return "EINVAL";
    case mm_errno::enospc: return "ENOSPC";
    case mm_errno::enosys: return "ENOSYS";
    case mm_errno::eoverflow: return "EOVERFLOW";
    case mm_errno::eopnotsupp: return "EOPNOTSUPP";
    case mm_errno::none: break;
    }
    return "0";
}

i64 fail(mm_context& cx, mm_call call, mm_errno error, mm_failure reason, u64 a, u64 b) {
    cx.sink.emit(process_event::mm_call_failed, call, error, reason, a, b, a, b); // addresses or counts
    return error_of(error);
}

bool stays_whole(const mm_context& cx, vma_id vma) {
    return cx.vma(vma).special != special_mapping::none && cx.proc.rules.special_stays_whole();
}

mm_errno may_split(mm_context& cx, mm_call call, vma_id vma) {
    const mm_errno error = stays_whole(cx, vma)                         ? mm_errno::einval
                           : cx.mm().map_count >= cx.proc.max_map_count ? mm_errno::enomem
                                                                        : mm_errno::none;
    if (error == mm_errno::einval) fail(cx, call, error, mm_failure::sealed_special);
    if (error == mm_errno::enomem)
        fail(cx, call, error, mm_failure::too_many_vmas, cx.mm().map_count, cx.proc.max_map_count);
    return error;
}

void vm_stat_account(mm_context& cx, vm_flags_t flags, i64 pages) {
    mm_struct& mm = cx.mm_mut();
    mm.total_vm += static_cast<u64>(pages);
    if ((flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) == VM_EXEC) {
        mm.exec_vm += static_cast<u64>(pages);
    } else if ((flags & VM_GROWSDOWN) != 0) {
        mm.stack_vm += static_cast<u64>(pages);
    } else if (is_data_mapping(flags)) {
        mm.data_vm += static_cast<u64>(pages);
    }
    if (mm.total_vm > mm.hiwater_vm) mm.hiwater_vm = mm.total_vm;
}

room_verdict may_expand_vm(const mm_context& cx, vm_flags_t flags, i64 pages) {
    const mm_struct& mm = cx.mm();
    const u32 shift = cx.proc.page_shift;
    const u64 total = mm.total_vm + static_cast<u64>(pages), data = mm.data_vm + static_cast<u64>(pages);
    if (total > mm.rlim.as >> shift) return {false, mm_failure::as_limit, total, mm.rlim.as >> shift};
    if (is_data_mapping(flags) && data > mm.rlim.data >> shift)
        return {false, mm_failure::data_limit, data, mm.rlim.data >> shift};
    return {};
}

u64 vm_commit_limit(const process_memory& proc) {
    return proc.totalram_pages * proc.overcommit_ratio / 100 + proc.swap_pages;
}

namespace {

enum class overcommit : u8 { guess, always, never };

// What all together may have, of which some is kept back. kernel: OVERCOMMIT_NEVER
room_verdict below_commit_limit(mm_context& cx, u64 pages) {
    const process_memory& proc = cx.proc;
    const u64 limit = vm_commit_limit(proc), admin = cx.mm().privileged ? 0 : proc.admin_reserve;
    const u64 user = std::min(cx.mm().total_vm / 32, proc.user_reserve);
    const u64 allowed = limit > admin + user ? limit - admin - user : 0, after = proc.vm_committed + pages;
    cx.sink.emit(process_event::committed, pages, after, limit, admin, user, allowed);
    return {after < allowed, mm_failure::commit_limit, after, allowed};
}

} // namespace

room_verdict vm_enough_memory(mm_context& cx, u64 pages) {
    CallScope scope(cx.sink, process_fn::vm_enough_memory);
    const process_memory& proc = cx.proc;
    room_verdict verdict;
    const u64 all = proc.totalram_pages + proc.swap_pages;
    switch (static_cast<overcommit>(proc.overcommit_memory)) {
    case overcommit::guess:
        if (proc.totalram_pages != 0 && pages > all) verdict = {false, mm_failure::overcommit, pages, all};
        break;
    case overcommit::always: break;
    case overcommit::never: verdict = below_commit_limit(cx, pages); break;
    }
    if (verdict.fits) cx.proc.vm_committed += pages;
    return verdict;
}

void vm_unacct_memory(mm_context& cx, u64 pages) { cx.proc.vm_committed -= pages; }

bool can_do_mlock(const mm_context& cx) { return cx.mm().rlim.memlock != 0 || cx.mm().privileged; }

bool mlock_future_ok(const mm_context& cx, vm_flags_t flags, u64 bytes) {
    if ((flags & VM_LOCKED) == 0 || cx.mm().privileged) return true;
    const u32 shift = cx.proc.page_shift;
    return cx.mm().locked_vm + (bytes >> shift) <= cx.mm().rlim.memlock >> shift;
}

u64 vm_start_gap(const mm_context& cx, const vm_area_struct& vma) {
    if ((vma.vm_flags & VM_GROWSDOWN) == 0) return vma.vm_start;
    const u64 gap = STACK_GUARD_PAGES << cx.proc.page_shift;
    return vma.vm_start > gap ? vma.vm_start - gap : 0;
}

} // namespace mm
