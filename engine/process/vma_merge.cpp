#include "process/vma_merge.h"

#include "process/events.h"
#include "process/functions.h"
#include "process/report.h"
#include "process/vma_index.h"

namespace mm {

namespace {

using ev = process_event;

// Of two anon_vmas, one of which may be missing. `chain`: entries of the VMA that is asked, 1 where none is.
// kernel: is_mergeable_anon_vma
bool anon_fits(anon_vma_id one, anon_vma_id other, u32 chain) {
    if ((one == 0 || other == 0) && chain == 1) return true;
    return one == other;
}

bool neighbours_fit(const vm_area_struct& prev, const vm_area_struct& next) {
    return anon_fits(prev.anon_vma, next.anon_vma, 1);
}

// The first thing that differs, in the order in which the kernel compares. kernel: can_vma_merge_before,
// can_vma_merge_after
merge_refusal compare(const mm_context& cx, const vm_area_struct& vma, const vma_proposal& proposal, merge_side side) {
    if (((vma.vm_flags ^ proposal.flags) & ~VM_SOFTDIRTY_BIT) != 0) return merge_refusal::flags;
    if (vma.vm_file != proposal.file) return merge_refusal::file;
    if (vma.close && cx.proc.rules.close_forbids_merge()) return merge_refusal::close;
    if (!anon_fits(proposal.anon_vma, vma.anon_vma, vma.anon_vma_chain)) return merge_refusal::anon_vma;
    const u32 shift = cx.proc.page_shift;
    const bool follows = side == merge_side::before
                             ? vma.vm_pgoff + (vma.size() >> shift) == proposal.pgoff
                             : proposal.pgoff + ((proposal.end - proposal.start) >> shift) == vma.vm_pgoff;
    return follows ? merge_refusal::none : merge_refusal::offset;
}

void tell_refusal(mm_context& cx, const vm_area_struct& vma, const vma_proposal& proposal, merge_side side,
                  merge_refusal reason) {
    u64 ours = 0, theirs = 0;
    const u32 shift = cx.proc.page_shift;
    switch (reason) {
    case merge_refusal::flags: ours = proposal.flags, theirs = vma.vm_flags; break;
    case merge_refusal::file: ours = proposal.file, theirs = vma.vm_file; break;
    case merge_refusal::anon_vma: ours = proposal.anon_vma, theirs = vma.anon_vma; break;
    case merge_refusal::offset:
        ours =
            side == merge_side::before ? proposal.pgoff : proposal.pgoff + ((proposal.end - proposal.start) >> shift);
        theirs = side == merge_side::before ? vma.vm_pgoff + (vma.size() >> shift) : vma.vm_pgoff;
        break;
    default: break;
    }
    cx.sink.emit(ev::vma_merge_refused, side, vma.vm_start, vma.vm_end, reason, ours, theirs);
}

// Does this neighbour touch, and fit?
bool fits(mm_context& cx, vma_id id, const vma_proposal& proposal, merge_side side) {
    if (id == VMA_NONE) return false;
    const vm_area_struct vma = cx.vma(id);
    if (side == merge_side::before ? vma.vm_end != proposal.start : vma.vm_start != proposal.end) return false;
    const merge_refusal reason = compare(cx, vma, proposal, side);
    if (reason != merge_refusal::none) tell_refusal(cx, vma, proposal, side, reason);
    return reason == merge_refusal::none;
}

// Both fit for themselves: may they become one? If not, the one before wins.
bool may_join(mm_context& cx, vma_id prev, vma_id next) {
    const vm_area_struct before = cx.vma(prev), after = cx.vma(next);
    if (!neighbours_fit(before, after)) {
        cx.sink.emit(ev::vma_merge_refused, merge_side::after, after.vm_start, after.vm_end, merge_refusal::neighbours,
                     before.anon_vma, after.anon_vma);
        return false;
    }
    // Since 6.12 a VMA with close() may be made longer, but not go.
    if (!after.close) return true;
    cx.sink.emit(ev::vma_merge_refused, merge_side::after, after.vm_start, after.vm_end, merge_refusal::close, 0, 0);
    return false;
}

// What grows over pages that belong to an anon_vma gets that, if it has none. kernel: dup_anon_vma
void take_anon_vma(mm_context& cx, vma_id to, vma_id from) {
    const vm_area_struct source = cx.vma(from);
    if (source.anon_vma == 0 || cx.vma(to).anon_vma != 0) return;
    vm_area_struct& grown = cx.vma_mut(to);
    grown.anon_vma = source.anon_vma;
    grown.anon_vma_chain += source.anon_vma_chain;
    const u64 start = grown.vm_start, end = grown.vm_end;
    cx.sink.emit(ev::anon_vma_cloned, start, end, source.anon_vma, source.vm_start);
}

// Its neighbour grows over it next, or over what it leaves.
void take_away(mm_context& cx, vma_id vma) {
    unlink_vma(cx, vma, left_range::taken);
    drop_vma(cx.proc, vma);
}

void set_start(mm_context& cx, vma_id id, u64 start) {
    const vm_area_struct& vma = cx.vma(id);
    const u64 end = vma.vm_end;
    const i64 moved = static_cast<i64>(start - vma.vm_start) >> cx.proc.page_shift;
    cx.vma_mut(id).vm_pgoff += static_cast<u64>(moved);
    set_vma_range(cx, id, start, end, left_range::taken);
}
void set_end(mm_context& cx, vma_id id, u64 end) { set_vma_range(cx, id, cx.vma(id).vm_start, end, left_range::taken); }

vma_id tell_merge(mm_context& cx, vma_id id, merge_case which, const vma_proposal& proposal) {
    const vm_area_struct vma = cx.vma(id);
    cx.sink.emit(ev::vma_merged, vma.vm_start, vma.vm_end, which, proposal.start, proposal.end);
    return id;
}

struct Sides {
    bool left = false, right = false;
};

// 6.1's mmap(): next first; then the one before has to fit to it, too. kernel: mmap_region
Sides next_first(mm_context& cx, vma_id prev, vma_id next, const vma_proposal& proposal) {
    Sides sides;
    sides.right = fits(cx, next, proposal, merge_side::after);
    vma_proposal with_next = proposal;
    if (sides.right) with_next.anon_vma = cx.vma(next).anon_vma;
    sides.left = fits(cx, prev, with_next, merge_side::before);
    return sides;
}

} // namespace

vma_id merge_new_range(mm_context& cx, vma_id prev, vma_id next, const vma_proposal& proposal, merge_way way) {
    CallScope scope(cx.sink, process_fn::vma_merge);
    if ((proposal.flags & VM_SPECIAL) != 0) return VMA_NONE;
    Sides sides;
    if (way == merge_way::prefer_next) {
        sides = next_first(cx, prev, next, proposal);
    } else {
        sides.left = fits(cx, prev, proposal, merge_side::before);
        sides.right = way == merge_way::both && fits(cx, next, proposal, merge_side::after);
        if (sides.left && sides.right) sides.right = may_join(cx, prev, next);
    }
    if (sides.left && sides.right) {
        const u64 end = cx.vma(next).vm_end;
        take_anon_vma(cx, prev, next);
        take_away(cx, next);
        set_end(cx, prev, end);
        return tell_merge(cx, prev, merge_case::new_fills, proposal);
    }
    if (sides.left) {
        set_end(cx, prev, proposal.end);
        return tell_merge(cx, prev, merge_case::new_before_grows, proposal);
    }
    if (!sides.right) return VMA_NONE;
    set_start(cx, next, proposal.start);
    return tell_merge(cx, next, merge_case::new_after_grows, proposal);
}

vma_id merge_existing_range(mm_context& cx, vma_id prev, vma_id vma, u64 start, u64 end, vm_flags_t flags) {
    CallScope scope(cx.sink, process_fn::vma_merge);
    const vm_area_struct old = cx.vma(vma);
    const bool left_side = start == old.vm_start, right_side = end == old.vm_end;
    if ((flags & VM_SPECIAL) != 0 || (!left_side && !right_side)) return VMA_NONE;
    const u64 pgoff = old.vm_pgoff + ((start - old.vm_start) >> cx.proc.page_shift);
    const vma_proposal proposal{start, end, flags, pgoff, old.anon_vma, old.vm_file};
    const vma_id next = right_side ? next_vma(cx, vma) : VMA_NONE;
    const bool left = left_side && fits(cx, prev, proposal, merge_side::before);
    bool right = right_side && fits(cx, next, proposal, merge_side::after);
    if (left && right) right = may_join(cx, prev, next);
    if (!left && !right) return VMA_NONE;
    const bool goes = left_side && right_side;
    if (goes && old.close) return VMA_NONE;

    if (left && right) {
        const u64 all_end = cx.vma(next).vm_end;
        take_anon_vma(cx, prev, cx.vma(next).anon_vma != 0 ? next : vma);
        take_away(cx, vma);
        take_away(cx, next);
        set_end(cx, prev, all_end);
        return tell_merge(cx, prev, merge_case::old_all, proposal);
    }
    take_anon_vma(cx, left ? prev : next, vma);
    if (goes) {
        take_away(cx, vma);
    } else if (left) {
        set_start(cx, vma, end);
    } else {
        set_end(cx, vma, start);
    }
    if (left) {
        set_end(cx, prev, end);
        return tell_merge(cx, prev, goes ? merge_case::old_into_before : merge_case::border_up, proposal);
    }
    set_start(cx, next, start);
    return tell_merge(cx, next, goes ? merge_case::old_into_after : merge_case::border_down, proposal);
}

vma_id split_vma_at(mm_context& cx, vma_id vma, u64 address) {
    CallScope scope(cx.sink, process_fn::split_vma);
    const vm_area_struct old = cx.vma(vma);
    vm_area_struct upper = old;
    upper.vm_start = address;
    upper.vm_pgoff += (address - old.vm_start) >> cx.proc.page_shift;
    set_end(cx, vma, address);
    const vma_id made = new_vma(cx.proc, upper);
    link_vma(cx, made);
    cx.sink.emit(ev::vma_split, old.vm_start, address, old.vm_end);
    return made;
}

modified_vma modify_vma(mm_context& cx, mm_call call, vma_id prev, vma_id vma, u64 start, u64 end, vm_flags_t flags) {
    const vma_id merged = merge_existing_range(cx, prev, vma, start, end, flags);
    if (merged != VMA_NONE) return {merged, mm_errno::none};
    if (cx.vma(vma).vm_start < start) {
        if (const mm_errno error = may_split(cx, call, vma); error != mm_errno::none) return {VMA_NONE, error};
        vma = split_vma_at(cx, vma, start);
    }
    if (end < cx.vma(vma).vm_end) {
        if (const mm_errno error = may_split(cx, call, vma); error != mm_errno::none) return {VMA_NONE, error};
        (void)split_vma_at(cx, vma, end);
    }
    return {vma, mm_errno::none};
}

} // namespace mm
