// madvise(): what changes VMAs, and the errors of the rest.
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
    return fail(cx, mm_call::madvise, error, reason, a, b);
}

// kernel: madvise_behavior_valid
bool known(const vma_rules& rules, u32 advice) {
    switch (static_cast<madvice>(advice)) {
    case madvice::POPULATE_READ:
    case madvice::POPULATE_WRITE: return rules.has_madv_populate();
    case madvice::DONTNEED_LOCKED: return rules.has_madv_dontneed_locked();
    case madvice::COLLAPSE: return rules.has_madv_collapse();
    default: break;
    }
    return advice <= static_cast<u32>(madvice::DONTNEED) ||
           (advice >= static_cast<u32>(madvice::FREE) && advice <= static_cast<u32>(madvice::PAGEOUT));
}

// The flags that the advice wants, or an error.
struct wanted_flags {
    vm_flags_t flags = 0;
    mm_errno error = mm_errno::none;
    mm_failure reason = mm_failure::bad_advice;
};
wanted_flags refuse(mm_errno error, mm_failure reason) { return {0, error, reason}; }

wanted_flags flags_for(const vm_area_struct& vma, madvice advice) {
    const vm_flags_t flags = vma.vm_flags;
    constexpr vm_flags_t no_ksm = VM_MERGEABLE | VM_SHARED | VM_MAYSHARE | VM_SPECIAL | VM_HUGETLB | VM_DROPPABLE;
    switch (advice) {
    case madvice::NORMAL: return {flags & ~(VM_RAND_READ | VM_SEQ_READ)};
    case madvice::SEQUENTIAL: return {(flags & ~VM_RAND_READ) | VM_SEQ_READ};
    case madvice::RANDOM: return {(flags & ~VM_SEQ_READ) | VM_RAND_READ};
    case madvice::DONTFORK: return {flags | VM_DONTCOPY};
    case madvice::DOFORK:
        if ((flags & VM_IO) != 0) return refuse(mm_errno::einval, mm_failure::sealed_special);
        return {flags & ~VM_DONTCOPY};
    case madvice::WIPEONFORK:
        if (vma.vm_file != 0 || (flags & VM_SHARED) != 0) return refuse(mm_errno::einval, mm_failure::not_anonymous);
        return {flags | VM_WIPEONFORK};
    case madvice::KEEPONFORK:
        if ((flags & VM_DROPPABLE) != 0) return refuse(mm_errno::einval, mm_failure::not_anonymous);
        return {flags & ~VM_WIPEONFORK};
    case madvice::DONTDUMP: return {flags | VM_DONTDUMP};
    case madvice::DODUMP:
        if ((flags & (VM_SPECIAL | VM_DROPPABLE)) != 0) return refuse(mm_errno::einval, mm_failure::sealed_special);
        return {flags & ~VM_DONTDUMP};
    case madvice::MERGEABLE: return {(flags & no_ksm) != 0 ? flags : flags | VM_MERGEABLE};
    case madvice::UNMERGEABLE: return {flags & ~VM_MERGEABLE};
    case madvice::HUGEPAGE: return {(flags & ~VM_NOHUGEPAGE) | VM_HUGEPAGE};
    case madvice::NOHUGEPAGE: return {(flags & ~VM_HUGEPAGE) | VM_NOHUGEPAGE};
    default: return {flags};
    }
}

// What the advice does to the pages of a VMA that may be given it.
void advise_pages(mm_context& cx, vma_id id, u64 start, u64 end, madvice advice) {
    const vm_area_struct vma = cx.vma(id);
    const u64 offset = (vma.vm_pgoff << cx.proc.page_shift) + (start - vma.vm_start);
    switch (advice) {
    case madvice::DONTNEED:
    case madvice::DONTNEED_LOCKED: zap_page_range(cx, id, start, end); return;
    case madvice::FREE: free_pages_lazily(cx, id, start, end); return;
    case madvice::COLD: make_pages_old(cx, id, start, end); return;
    case madvice::PAGEOUT:
        make_pages_old(cx, id, start, end);
        page_out(cx, id, start, end);
        return;
    case madvice::REMOVE:
        if (cx.pages != nullptr) punch_hole(cx, vma.vm_file, offset, end - start);
        return;
    default: return;
    }
}

// Why the advice may not be given for this memory. 0: it may.
i64 check_pages(mm_context& cx, const vm_area_struct& vma, madvice advice) {
    const auto no = [&](mm_errno error, mm_failure reason) {
        return failed(cx, error, reason, vma.vm_start, vma.vm_end);
    };
    const bool locked = (vma.vm_flags & VM_LOCKED) != 0, raw = (vma.vm_flags & VM_PFNMAP) != 0;
    switch (advice) {
    case madvice::FREE:
        if (!locked && !raw && !vma.is_anonymous()) return no(mm_errno::einval, mm_failure::not_anonymous);
        [[fallthrough]];
    case madvice::DONTNEED:
    case madvice::COLD:
    case madvice::PAGEOUT: return locked || raw ? no(mm_errno::einval, mm_failure::locked) : 0;
    case madvice::DONTNEED_LOCKED: return raw ? no(mm_errno::einval, mm_failure::sealed_special) : 0;
    case madvice::REMOVE:
        if (locked) return no(mm_errno::einval, mm_failure::locked);
        if (vma.vm_file == 0) return no(mm_errno::einval, mm_failure::not_shared);
        if ((vma.vm_flags & (VM_SHARED | VM_MAYWRITE)) != (VM_SHARED | VM_MAYWRITE))
            return no(mm_errno::eacces, mm_failure::not_shared);
        return cx.proc.files[vma.vm_file].kind == file_kind::shmem ? 0
                                                                   : no(mm_errno::eopnotsupp, mm_failure::unsupported);
    default: return 0;
    }
}

i64 populate(mm_context& cx, vma_id id, u64 start, u64 end, bool write) {
    const vm_area_struct vma = cx.vma(id);
    const bool may = (vma.vm_flags & (write ? VM_WRITE : VM_READ)) != 0;
    if (!may || (vma.vm_flags & (VM_PFNMAP | VM_IO)) != 0)
        return failed(cx, mm_errno::einval, mm_failure::no_access, vma.vm_start, vma.vm_end);
    if (fault_in(cx, id, start, end, write)) return 0;
    return failed(cx, mm_errno::efault, mm_failure::cannot_fill, vma.vm_start, vma.vm_end);
}

// Of whole huge pages of the range each must become one: what has no pages yet cannot. Nothing collapses small pages here.
i64 collapse(mm_context& cx, vma_id id, u64 start, u64 end) {
    const vm_area_struct vma = cx.vma(id);
    const u64 huge = u64{1} << cx.proc.pmd_shift;
    const bool holds_one = ((vma.vm_start + huge - 1) & ~(huge - 1)) + huge <= vma.vm_end;
    const bool any = ((start + huge - 1) & ~(huge - 1)) < (end & ~(huge - 1));
    if (holds_one && !any) return 0;
    return failed(cx, mm_errno::einval, mm_failure::no_huge_page, vma.vm_start, vma.vm_end);
}

// What leaves the VMA as it is. nullopt: the advice changes flags.
std::optional<i64> pages_only(mm_context& cx, vma_id id, u64 start, u64 end, madvice advice) {
    switch (advice) {
    case madvice::WILLNEED: return 0;
    case madvice::FREE:
    case madvice::DONTNEED:
    case madvice::COLD:
    case madvice::PAGEOUT:
    case madvice::DONTNEED_LOCKED:
    case madvice::REMOVE: break;
    case madvice::POPULATE_READ:
    case madvice::POPULATE_WRITE: return populate(cx, id, start, end, advice == madvice::POPULATE_WRITE);
    case madvice::COLLAPSE: return collapse(cx, id, start, end);
    default: return std::nullopt;
    }
    const i64 error = check_pages(cx, cx.vma(id), advice);
    if (error == 0) advise_pages(cx, id, start, end, advice);
    return error;
}

// kernel: madvise_update_vma
i64 change_flags(mm_context& cx, vma_id id, vma_id& prev, u64 start, u64 end, vm_flags_t flags) {
    const vm_area_struct old = cx.vma(id);
    if (flags == old.vm_flags) {
        prev = id;
        return 0;
    }
    const modified_vma changed = modify_vma(cx, mm_call::madvise, prev, id, start, end, flags);
    if (changed.error != mm_errno::none)
        return error_of(changed.error == mm_errno::enomem ? mm_errno::eagain : changed.error);
    prev = changed.vma;
    cx.vma_mut(prev).vm_flags = flags;
    cx.sink.emit(ev::vma_flags_changed, start, end, old.vm_flags, flags);
    return 0;
}

// What would throw the content of a sealed mapping away that the program cannot write itself. kernel: can_modify_vma_madv
bool discards_sealed(const mm_context& cx, vma_id id, madvice advice) {
    const vm_area_struct& vma = cx.vma(id);
    if (!is_sealed(cx, id) || vma.vm_file != 0 || (vma.vm_flags & (VM_SHARED | VM_WRITE)) != 0) return false;
    switch (advice) {
    case madvice::FREE:
    case madvice::DONTNEED:
    case madvice::DONTNEED_LOCKED:
    case madvice::REMOVE:
    case madvice::DONTFORK:
    case madvice::WIPEONFORK: return true;
    default: return false;
    }
}

i64 advise(mm_context& cx, vma_id id, vma_id& prev, u64 start, u64 end, madvice advice) {
    if (discards_sealed(cx, id, advice))
        return failed(cx, mm_errno::eperm, mm_failure::sealed, cx.vma(id).vm_start, cx.vma(id).vm_end);
    if (const auto result = pages_only(cx, id, start, end, advice)) {
        prev = id;
        return *result;
    }
    const wanted_flags wanted = flags_for(cx.vma(id), advice);
    if (wanted.error != mm_errno::none)
        return failed(cx, wanted.error, wanted.reason, cx.vma(id).vm_start, cx.vma(id).vm_end);
    return change_flags(cx, id, prev, start, end, wanted.flags);
}

// Holes are passed over, and told at the end. kernel: madvise_walk_vmas
i64 walk(mm_context& cx, u64 start, u64 end, madvice advice) {
    const bool fills = advice == madvice::POPULATE_READ || advice == madvice::POPULATE_WRITE;
    const bool ends_at_hole = fills && cx.proc.rules.populate_ends_at_hole();
    vma_id id = find_vma_told(cx, start);
    vma_id prev = id == VMA_NONE ? VMA_NONE : start > cx.vma(id).vm_start ? id : previous_vma(cx, id);
    u64 hole = 0;
    const auto hole_error = [&] { return failed(cx, mm_errno::enomem, mm_failure::hole_inside, hole, end); };
    for (u64 at = start;;) {
        if (id == VMA_NONE) {
            hole = at;
            return hole_error();
        }
        if (at < cx.vma(id).vm_start) {
            if (hole == 0) hole = at;
            at = cx.vma(id).vm_start;
            if (at >= end || ends_at_hole) return hole_error();
        }
        const u64 stop = std::min(cx.vma(id).vm_end, end);
        if (const i64 error = advise(cx, id, prev, at, stop, advice); error != 0) return error;
        at = std::max(stop, cx.vma(prev).vm_end);
        if (at >= end || cx.sink.spent()) break;
        id = next_vma(cx, prev);
    }
    return hole == 0 ? 0 : hole_error();
}

} // namespace

i64 sys_madvise(mm_context& cx, u64 address, u64 length, u32 advice) {
    CallScope scope(cx.sink, process_fn::do_madvise);
    if (!known(cx.proc.rules, advice)) return failed(cx, mm_errno::einval, mm_failure::bad_advice, advice);
    if (cx.proc.in_page(address)) return failed(cx, mm_errno::einval, mm_failure::not_aligned, address);
    const u64 aligned = cx.proc.page_align(length), end = address + aligned;
    if ((length != 0 && aligned == 0) || end < address)
        return failed(cx, mm_errno::einval, mm_failure::length_wraps, length);
    if (end != address) {
        if (const i64 error = walk(cx, address, end, static_cast<madvice>(advice)); error != 0) return error;
    }
    cx.sink.emit(ev::madvise, address, aligned, advice);
    return 0;
}

} // namespace mm
