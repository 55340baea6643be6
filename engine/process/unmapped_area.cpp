#include "process/unmapped_area.h"

#include <algorithm>

#include "process/functions.h"
#include "process/report.h"
#include "process/vma_index.h"

namespace mm {

namespace {

using ev = process_event;

constexpr u64 NOT_FOUND = ~0ull;
constexpr u64 LOW_MAP_START = 0x4000'0000, LOW_MAP_END = 0x8000'0000; // of MAP_32BIT

// Where mappings end that wish for this address. kernel: arch_get_mmap_end, find_start_end
u64 mmap_end(const mm_context& cx, u64 hint) {
    const u64 window = cx.proc.rules.map_window();
    return hint > window ? cx.mm().task_size : std::min(window, cx.mm().task_size);
}

// What of a hole may be used: a VMA above it that grows down keeps its gap.
u64 usable_end(mm_context& cx, const vma_hole& hole) {
    if (hole.above == VMA_NONE) return hole.end;
    const vm_area_struct above = cx.vma(hole.above);
    const u64 end = std::min(hole.end, vm_start_gap(cx, above));
    if (end < hole.end)
        cx.sink.emit(ev::vma_hole_guarded, hole.start, hole.end, above.vm_start, STACK_GUARD_PAGES, end);
    return end;
}

u64 top_down(mm_context& cx, u64 length, u64 low, u64 high) {
    CallScope scope(cx.sink, process_fn::vm_unmapped_area);
    u64 limit = high;
    while (const auto hole = highest_hole(cx, length, low, limit)) {
        const u64 end = usable_end(cx, *hole);
        if (end > hole->start && end - hole->start >= length) {
            cx.sink.emit(ev::vma_hole_found, end - length, length, hole->start, end, hole_way::top_down, high);
            return end - length;
        }
        if (cx.sink.spent() || hole->start <= low) break;
        limit = hole->start;
    }
    cx.sink.emit(ev::vma_hole_none, length, low, high, hole_way::top_down);
    return NOT_FOUND;
}

u64 bottom_up(mm_context& cx, u64 length, u64 low, u64 high, hole_way way) {
    CallScope scope(cx.sink, process_fn::vm_unmapped_area);
    u64 from = low;
    while (const auto hole = lowest_hole(cx, length, from, high)) {
        const u64 end = usable_end(cx, *hole);
        if (end > hole->start && end - hole->start >= length) {
            cx.sink.emit(ev::vma_hole_found, hole->start, length, hole->start, end, way, low);
            return hole->start;
        }
        if (cx.sink.spent() || hole->above == VMA_NONE) break;
        from = cx.vma(hole->above).vm_end;
    }
    cx.sink.emit(ev::vma_hole_none, length, low, high, way);
    return NOT_FOUND;
}

// The wish of a program that is no order. True: it can be had.
bool hint_serves(mm_context& cx, u64 address, u64 length) {
    const bool x86 = cx.proc.rules.own_unmapped_area();
    const u64 limit = mmap_end(cx, address);
    u64 other_start = 0, other_end = 0;
    const auto refused = [&](hint_refusal reason) {
        cx.sink.emit(ev::mmap_hint_passed, address, length, reason, other_start, other_end);
        return false;
    };
    if (length > limit || address > limit - length) {
        other_end = limit;
        return refused(hint_refusal::beyond);
    }
    if (!x86 && address < cx.proc.mmap_min_addr) {
        other_end = cx.proc.mmap_min_addr;
        return refused(hint_refusal::too_low);
    }
    if (const vma_id id = find_vma(cx, address); id != VMA_NONE) {
        const vm_area_struct above = cx.vma(id);
        other_start = above.vm_start, other_end = above.vm_end;
        if (address + length > above.vm_start) return refused(hint_refusal::taken);
        if (address + length > vm_start_gap(cx, above)) return refused(hint_refusal::guard);
    }
    cx.sink.emit(ev::mmap_hint_used, address, length);
    return true;
}

u64 bottom_of_mmap(const mm_context& cx) {
    const u64 window = mmap_end(cx, 0);
    return cx.proc.page_align(cx.proc.rules.arch == architecture::arm64 ? window / 4 : window / 3);
}

// kernel: mm_get_unmapped_area, arch_get_unmapped_area_topdown
u64 plain_area(mm_context& cx, const area_wish& wish) {
    const mm_struct mm = cx.mm();
    if (wish.address != 0 && !wish.low && hint_serves(cx, wish.address, wish.length)) return wish.address;
    const u64 end = mmap_end(cx, wish.address);
    if (mm.legacy_layout) return bottom_up(cx, wish.length, mm.mmap_base, end, hole_way::bottom_up);
    if (wish.low) return bottom_up(cx, wish.length, LOW_MAP_START, LOW_MAP_END, hole_way::bottom_up);
    const u64 lowest =
        cx.proc.rules.own_unmapped_area() ? cx.proc.page_size() : std::max(cx.proc.page_size(), cx.proc.mmap_min_addr);
    const u64 found = top_down(cx, wish.length, lowest, mm.mmap_base + (end - mmap_end(cx, 0)));
    if (found != NOT_FOUND) return found;
    return bottom_up(cx, wish.length, bottom_of_mmap(cx), end, hole_way::bottom_up_after);
}

// Since 6.7, where neither shmem nor a driver chooses. kernel: __get_unmapped_area, __thp_get_unmapped_area
bool wants_huge(const mm_context& cx, const area_wish& wish) {
    if (!cx.proc.rules.aligns_huge_maps() || cx.proc.rules.arch == architecture::i386 || wish.address != 0)
        return false;
    const u64 huge = u64{1} << cx.proc.pmd_shift;
    if ((wish.length & (huge - 1)) != 0) return false;
    if (wish.file == 0) return !wish.shared;
    if (cx.proc.files[wish.file].kind != file_kind::regular) return false;
    const u64 offset = wish.pgoff << cx.proc.page_shift, end = offset + wish.length;
    const u64 aligned = (offset + huge - 1) & ~(huge - 1);
    return end > aligned && end - aligned >= huge;
}

// Whole huge pages: room for one more is looked for, and the mapping begins where its first one may.
u64 huge_area(mm_context& cx, const area_wish& wish) {
    const u64 huge = u64{1} << cx.proc.pmd_shift;
    const u64 offset = wish.file == 0 ? 0 : wish.pgoff << cx.proc.page_shift;
    area_wish padded = wish;
    padded.length += huge;
    const u64 found = plain_area(cx, padded);
    if (found == NOT_FOUND) return NOT_FOUND;
    const u64 shift = (offset - found) & (huge - 1);
    const u64 address = !cx.mm().legacy_layout && shift == 0 ? found + huge : found + shift;
    cx.sink.emit(ev::mmap_huge_aligned, address, found, padded.length, huge);
    return address;
}

} // namespace

i64 get_unmapped_area(mm_context& cx, mm_call call, const area_wish& wish) {
    CallScope scope(cx.sink, process_fn::get_unmapped_area);
    const u64 task_size = cx.mm().task_size;
    if (wish.length > task_size - (cx.proc.rules.own_unmapped_area() ? 0 : cx.proc.mmap_min_addr))
        return fail(cx, call, mm_errno::enomem, mm_failure::beyond_task_size, wish.length, task_size);
    u64 address = wish.address;
    if (!wish.fixed) {
        address = wants_huge(cx, wish) ? huge_area(cx, wish) : NOT_FOUND;
        if (address == NOT_FOUND) address = plain_area(cx, wish);
        if (address == NOT_FOUND) return fail(cx, call, mm_errno::enomem, mm_failure::no_hole, wish.length, 0);
    }
    if (address > task_size - wish.length)
        return fail(cx, call, mm_errno::enomem, mm_failure::beyond_task_size, address + wish.length, task_size);
    if (cx.proc.in_page(address)) return fail(cx, call, mm_errno::einval, mm_failure::not_aligned, address, 0);
    if (address < cx.proc.mmap_min_addr && !cx.mm().privileged)
        return fail(cx, call, mm_errno::eperm, mm_failure::low_address, address, cx.proc.mmap_min_addr);
    return static_cast<i64>(address);
}

} // namespace mm
