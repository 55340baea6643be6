// brk(): the heap's end.
#include "process/calls.h"
#include "process/functions.h"
#include "process/report.h"
#include "process/unmapped_area.h"
#include "process/vma_index.h"
#include "process/vma_merge.h"

namespace mm {

namespace {

using ev = process_event;

bool refused(mm_context& cx, mm_errno error, mm_failure reason, u64 a = 0, u64 b = 0) {
    fail(cx, mm_call::brk, error, reason, a, b);
    return false;
}

bool data_limit_ok(mm_context& cx, u64 brk) {
    const mm_struct mm = cx.mm();
    const u64 data = brk - mm.start_brk + (mm.end_data - mm.start_data);
    if (mm.rlim.data == RLIM_INFINITY || data <= mm.rlim.data) return true;
    return refused(cx, mm_errno::enospc, mm_failure::data_limit, data >> cx.proc.page_shift,
                   mm.rlim.data >> cx.proc.page_shift);
}

bool shrink(mm_context& cx, u64 new_end, u64 old_end) {
    if (!cx.proc.rules.brk_shrinks_nothing()) {
        const vma_id heap = find_vma(cx, new_end);
        if (heap == VMA_NONE || cx.vma(heap).vm_start >= old_end)
            return refused(cx, mm_errno::einval, mm_failure::not_heap, new_end, old_end);
    }
    return do_munmap(cx, mm_call::brk, new_end, old_end - new_end) == 0;
}

// A page stays free between the heap and what follows, and what may grow down keeps its gap.
bool way_is_free(mm_context& cx, u64 new_end, u64 old_end) {
    const area_wish wish{old_end, new_end - old_end, 0, 0, true};
    if (is_error(get_unmapped_area(cx, mm_call::brk, wish))) return false;
    if (!mlock_future_ok(cx, cx.mm().def_flags, new_end - old_end))
        return refused(cx, mm_errno::eagain, mm_failure::memlock_limit,
                       cx.mm().locked_vm + ((new_end - old_end) >> cx.proc.page_shift),
                       cx.mm().rlim.memlock >> cx.proc.page_shift);
    const vma_id next = find_vma(cx, old_end);
    if (next == VMA_NONE || new_end + cx.proc.page_size() <= vm_start_gap(cx, cx.vma(next))) return true;
    return refused(cx, mm_errno::enomem, mm_failure::next_mapping, new_end, cx.vma(next).vm_start);
}

// The VMA before, where it is the heap's: above start_brk.
vma_id heap_before(const mm_context& cx, u64 address) {
    const vma_id before = vma_before(cx, address);
    if (cx.proc.rules.brk_merges_both() || before == VMA_NONE) return before;
    return cx.vma(before).vm_end > cx.mm().start_brk ? before : VMA_NONE;
}

// kernel: do_brk_flags
bool grow(mm_context& cx, u64 start, u64 length) {
    CallScope scope(cx.sink, process_fn::do_brk_flags);
    const vm_flags_t runs = read_implies_exec(cx, PROT_READ) ? VM_EXEC : 0;
    const vm_flags_t flags = cx.proc.rules.data_default() | runs | VM_ACCOUNT | cx.mm().def_flags;
    const u64 pages = length >> cx.proc.page_shift;
    const room_verdict verdict = may_expand_vm(cx, flags, static_cast<i64>(pages));
    if (!verdict.fits) return refused(cx, mm_errno::enomem, verdict.reason, verdict.pages, verdict.limit);
    if (cx.mm().map_count > cx.proc.max_map_count)
        return refused(cx, mm_errno::enomem, mm_failure::too_many_vmas, cx.mm().map_count, cx.proc.max_map_count);
    if (const room_verdict memory = vm_enough_memory(cx, pages); !memory.fits)
        return refused(cx, mm_errno::enomem, memory.reason, memory.pages, memory.limit);
    const vma_proposal proposal{start, start + length, flags, start >> cx.proc.page_shift, 0, 0};
    const merge_way way = cx.proc.rules.brk_merges_both() ? merge_way::both : merge_way::only_before;
    vma_id id = merge_new_range(cx, heap_before(cx, start), find_vma(cx, start + length), proposal, way);
    if (id == VMA_NONE) {
        vm_area_struct vma;
        vma.vm_start = start;
        vma.vm_end = start + length;
        vma.vm_flags = flags;
        vma.vm_pgoff = proposal.pgoff;
        id = new_vma(cx.proc, vma);
        link_vma(cx, id);
        cx.sink.emit(ev::vma_new, start, start + length, flags, proposal.pgoff, 0);
    }
    cx.vma_mut(id).vm_flags |= cx.proc.rules.soft_dirty();
    mm_struct& mm = cx.mm_mut();
    mm.total_vm += pages;
    mm.data_vm += pages;
    if ((flags & VM_LOCKED) != 0) mm.locked_vm += pages;
    return true;
}

bool move_brk(mm_context& cx, u64 brk) {
    CallScope scope(cx.sink, process_fn::sys_brk);
    const u64 old = cx.mm().brk;
    if (brk < cx.mm().start_brk)
        return refused(cx, mm_errno::einval, mm_failure::below_start_brk, brk, cx.mm().start_brk);
    if (!data_limit_ok(cx, brk)) return false;
    const u64 new_end = cx.proc.page_align(brk), old_end = cx.proc.page_align(old);
    if (brk <= old && new_end != old_end) {
        if (!shrink(cx, new_end, old_end)) return false;
    } else if (new_end != old_end) {
        if (!way_is_free(cx, new_end, old_end) || !grow(cx, old_end, new_end - old_end)) return false;
        if ((cx.mm().def_flags & VM_LOCKED) != 0) (void)populate_range(cx, mm_call::brk, old_end, new_end, true);
    }
    cx.mm_mut().brk = brk;
    cx.sink.emit(ev::brk, old, brk, old_end, new_end);
    return true;
}

} // namespace

i64 sys_brk(mm_context& cx, u64 brk) {
    (void)move_brk(cx, brk);
    return static_cast<i64>(cx.mm().brk);
}

} // namespace mm
