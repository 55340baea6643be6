#include "process/anon_vma.h"

#include "process/events.h"
#include "process/functions.h"
#include "process/vma_index.h"

namespace mm {

namespace {

// Two neighbours that would be one VMA if they had the same rights. kernel: anon_vma_compatible
bool compatible(const mm_context& cx, const vm_area_struct& lower, const vm_area_struct& upper) {
    return lower.vm_end == upper.vm_start && lower.vm_file == upper.vm_file &&
           ((lower.vm_flags ^ upper.vm_flags) & ~(VM_ACCESS_FLAGS | VM_SOFTDIRTY_BIT)) == 0 &&
           upper.vm_pgoff == lower.vm_pgoff + (lower.size() >> cx.proc.page_shift);
}

// Takes the neighbour's, where it has one that came from no fork. kernel: reusable_anon_vma
bool reuse(mm_context& cx, vma_id vma, vma_id neighbour, merge_side side) {
    if (neighbour == VMA_NONE) return false;
    const vm_area_struct own = cx.vma(vma), other = cx.vma(neighbour);
    const bool alike = side == merge_side::after ? compatible(cx, own, other) : compatible(cx, other, own);
    if (!alike || other.anon_vma == 0 || other.anon_vma_chain != 1) return false;
    vm_area_struct& taken = cx.vma_mut(vma);
    taken.anon_vma = other.anon_vma;
    taken.anon_vma_chain = 1;
    cx.sink.emit(process_event::anon_vma_reused, own.vm_start, own.vm_end, other.anon_vma, side, other.vm_start);
    return true;
}

} // namespace

void anon_vma_prepare(mm_context& cx, vma_id vma) {
    if (cx.vma(vma).anon_vma != 0) return;
    CallScope scope(cx.sink, process_fn::anon_vma_prepare);
    if (reuse(cx, vma, next_vma(cx, vma), merge_side::after)) return;
    if (reuse(cx, vma, previous_vma(cx, vma), merge_side::before)) return;
    const anon_vma_id made = ++cx.proc.anon_vmas_made;
    vm_area_struct& own = cx.vma_mut(vma);
    own.anon_vma = made;
    own.anon_vma_chain = 1;
    const u64 start = own.vm_start, end = own.vm_end;
    cx.sink.emit(process_event::anon_vma_new, start, end, made);
}

} // namespace mm
