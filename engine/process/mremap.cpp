// mremap(): longer, shorter, or elsewhere.
#include "process/calls.h"
#include "process/functions.h"
#include "process/report.h"
#include "process/unmapped_area.h"
#include "process/vma_index.h"
#include "process/vma_merge.h"

namespace mm {

namespace {

using ev = process_event;

i64 failed(mm_context& cx, mm_errno error, mm_failure reason, u64 a = 0, u64 b = 0) {
    return fail(cx, mm_call::mremap, error, reason, a, b);
}

// The lengths are whole pages from here on.
struct move_request : mremap_request {
    [[nodiscard]] bool has(u32 flag) const { return (flags & flag) != 0; }
};

// ---- Moving --------------------------------------------------------------------------------------------------------

// The mapping once more, elsewhere; `id` is the VMA that holds the old range afterwards. kernel: copy_vma
vma_id copy_vma(mm_context& cx, vma_id& id, const move_request& r, u64 address) {
    CallScope scope(cx.sink, process_fn::copy_vma);
    const vm_area_struct old = cx.vma(id);
    const u64 end = address + r.new_length;
    // Nobody has touched it: its offset may follow the address, so that it merges.
    const bool untouched = old.is_anonymous() && old.anon_vma == 0;
    const u64 pgoff =
        untouched ? address >> cx.proc.page_shift : old.vm_pgoff + ((r.address - old.vm_start) >> cx.proc.page_shift);
    const bool apart = untouched && r.has(MREMAP_DONTUNMAP) && cx.proc.rules.dontunmap_stays_apart();
    vma_id prev = vma_before(cx, address), next = find_vma(cx, end);
    if (apart && cx.proc.rules.close_forbids_merge()) {
        // 6.1 tries no merge at all where the copy would touch its source.
        if (address == old.vm_end || end == old.vm_start) prev = next = VMA_NONE;
    } else if (apart) {
        if (prev == id) prev = VMA_NONE;
        if (next == id) next = VMA_NONE;
    }
    const vma_proposal proposal{address, end, old.vm_flags, pgoff, old.anon_vma, old.vm_file};
    const vma_id merged = merge_new_range(cx, prev, next, proposal, merge_way::both);
    if (merged != VMA_NONE) {
        const vm_area_struct vma = cx.vma(merged);
        if (old.vm_start >= vma.vm_start && old.vm_start < vma.vm_end) id = merged;
        return merged;
    }
    vm_area_struct made = old;
    made.vm_start = address;
    made.vm_end = end;
    made.vm_pgoff = pgoff;
    const vma_id copy = new_vma(cx.proc, made);
    link_vma(cx, copy);
    cx.sink.emit(ev::vma_new, address, end, made.vm_flags, pgoff, made.vm_file);
    return copy;
}

// What is left behind has no pages any more.
void leave_behind(mm_context& cx, vma_id id, const move_request& r) {
    vm_area_struct& left = cx.vma_mut(id);
    left.vm_flags &= ~VM_LOCKED_MASK;
    if (left.vm_start != r.address || left.vm_end != r.address + r.old_length) return;
    if (!cx.proc.rules.dontunmap_drops_anon_vma()) return;
    left.anon_vma = 0;
    left.anon_vma_chain = 0;
    if (cx.proc.rules.dontunmap_stays_apart() && left.is_anonymous() && left.vm_file == 0)
        left.vm_pgoff = left.vm_start >> cx.proc.page_shift;
}

// 0: the VMA may be cut where the old range begins and ends.
mm_errno may_move(mm_context& cx, vma_id id, const move_request& r) {
    const vm_area_struct vma = cx.vma(id);
    const bool cut = vma.vm_start != r.address || vma.vm_end != r.address + r.old_length;
    if (!cut || !stays_whole(cx, id)) return mm_errno::none;
    failed(cx, mm_errno::einval, mm_failure::sealed_special);
    return mm_errno::einval;
}

// MREMAP_DONTUNMAP of locked memory: the old range becomes a VMA of its own first.
mm_errno cut_out(mm_context& cx, vma_id& id, const move_request& r) {
    if (!r.has(MREMAP_DONTUNMAP) || (cx.vma(id).vm_flags & VM_LOCKED) == 0) return mm_errno::none;
    if (cx.vma(id).vm_start < r.address) {
        if (const mm_errno error = may_split(cx, mm_call::mremap, id); error != mm_errno::none) return error;
        id = split_vma_at(cx, id, r.address);
    }
    if (cx.vma(id).vm_end > r.address + r.old_length) {
        if (const mm_errno error = may_split(cx, mm_call::mremap, id); error != mm_errno::none) return error;
        (void)split_vma_at(cx, id, r.address + r.old_length);
    }
    return mm_errno::none;
}

// Pages more of an accounted mapping. 0: they may be had.
i64 account(mm_context& cx, vm_flags_t flags, u64 pages) {
    if ((flags & VM_ACCOUNT) == 0) return 0;
    const room_verdict memory = vm_enough_memory(cx, pages);
    return memory.fits ? 0 : failed(cx, mm_errno::enomem, memory.reason, memory.pages, memory.limit);
}

// kernel: move_vma
i64 move_vma(mm_context& cx, vma_id id, const move_request& r, u64 address) {
    CallScope scope(cx.sink, process_fn::move_vma);
    if (cx.mm().map_count >= cx.proc.max_map_count - 3)
        return failed(cx, mm_errno::enomem, mm_failure::too_many_vmas, cx.mm().map_count, cx.proc.max_map_count - 3);
    if (const mm_errno error = may_move(cx, id, r); error != mm_errno::none) return error_of(error);
    if (const mm_errno error = cut_out(cx, id, r); error != mm_errno::none) return error_of(error);
    const vm_flags_t flags = cx.vma(id).vm_flags;
    const bool keeps = r.has(MREMAP_DONTUNMAP);
    const u64 shift = cx.proc.page_shift, new_pages = r.new_length >> shift, old_pages = r.old_length >> shift;
    if (const i64 error = account(cx, flags, keeps ? new_pages : new_pages - old_pages); error != 0) return error;
    (void)copy_vma(cx, id, r, address);
    vm_stat_account(cx, flags, static_cast<i64>(new_pages));
    if (keeps) {
        leave_behind(cx, id, r);
    } else {
        // The pages stay accounted: they have only moved.
        if ((flags & VM_ACCOUNT) != 0) cx.proc.vm_committed += old_pages;
        if (r.old_length > 0) (void)do_munmap(cx, mm_call::mremap, r.address, r.old_length);
        if ((flags & VM_LOCKED) != 0) cx.mm_mut().locked_vm += new_pages;
    }
    cx.sink.emit(ev::mremap, r.address, address, r.old_length, r.new_length, keeps);
    return static_cast<i64>(address);
}

// ---- What may be resized -------------------------------------------------------------------------------------------

// kernel: vma_to_resize
i64 check_resize(mm_context& cx, const move_request& r) {
    const vma_id id = vma_lookup(cx, r.address);
    if (id == VMA_NONE) return failed(cx, mm_errno::efault, mm_failure::not_mapped, r.address);
    const vm_area_struct vma = cx.vma(id);
    if (r.old_length == 0 && (vma.vm_flags & (VM_SHARED | VM_MAYSHARE)) == 0)
        return failed(cx, mm_errno::einval, mm_failure::not_shared, vma.vm_start, vma.vm_end);
    if (r.has(MREMAP_DONTUNMAP)) {
        if (cx.proc.rules.dontunmap_wants_anonymous() && (!vma.is_anonymous() || (vma.vm_flags & VM_SHARED) != 0))
            return failed(cx, mm_errno::einval, mm_failure::not_anonymous, vma.vm_start, vma.vm_end);
        if ((vma.vm_flags & (VM_DONTEXPAND | VM_PFNMAP)) != 0)
            return failed(cx, mm_errno::einval, mm_failure::dont_expand, vma.vm_start, vma.vm_end);
    }
    if (r.old_length > vma.vm_end - r.address)
        return failed(cx, mm_errno::efault, mm_failure::old_crosses, r.address + r.old_length, vma.vm_end);
    if (r.new_length == r.old_length) return 0;
    const u64 pgoff = vma.vm_pgoff + ((r.address - vma.vm_start) >> cx.proc.page_shift);
    if (pgoff + (r.new_length >> cx.proc.page_shift) < pgoff)
        return failed(cx, mm_errno::einval, mm_failure::offset_wraps, pgoff, r.new_length);
    if ((vma.vm_flags & (VM_DONTEXPAND | VM_PFNMAP)) != 0)
        return failed(cx, mm_errno::efault, mm_failure::dont_expand, vma.vm_start, vma.vm_end);
    if (!mlock_future_ok(cx, vma.vm_flags, r.new_length - r.old_length))
        return failed(cx, mm_errno::eagain, mm_failure::memlock_limit, cx.mm().locked_vm,
                      cx.mm().rlim.memlock >> cx.proc.page_shift);
    const i64 more = static_cast<i64>((r.new_length - r.old_length) >> cx.proc.page_shift);
    const room_verdict room = may_expand_vm(cx, vma.vm_flags, more);
    return room.fits ? 0 : failed(cx, mm_errno::enomem, room.reason, room.pages, room.limit);
}

i64 free_place(mm_context& cx, const move_request& r, u64 address, bool fixed) {
    const vm_area_struct vma = cx.vma(vma_lookup(cx, r.address));
    area_wish wish{address, r.new_length, vma.vm_pgoff + ((r.address - vma.vm_start) >> cx.proc.page_shift),
                   vma.vm_file, fixed};
    wish.shared = (vma.vm_flags & VM_MAYSHARE) != 0;
    return get_unmapped_area(cx, mm_call::mremap, wish);
}

// With MREMAP_FIXED or MREMAP_DONTUNMAP. kernel: mremap_to
i64 mremap_to(mm_context& cx, move_request r) {
    const u64 task_size = cx.mm().task_size;
    if (cx.proc.in_page(r.new_address)) return failed(cx, mm_errno::einval, mm_failure::not_aligned, r.new_address);
    if (r.new_length > task_size || r.new_address > task_size - r.new_length)
        return failed(cx, mm_errno::einval, mm_failure::beyond_task_size, r.new_address + r.new_length, task_size);
    if (r.address + r.old_length > r.new_address && r.new_address + r.new_length > r.address)
        return failed(cx, mm_errno::einval, mm_failure::overlaps, r.address, r.new_address);
    if (cx.mm().map_count + 2 >= cx.proc.max_map_count - 3)
        return failed(cx, mm_errno::enomem, mm_failure::too_many_vmas, cx.mm().map_count + 2,
                      cx.proc.max_map_count - 3);
    if (r.has(MREMAP_FIXED)) {
        if (const i64 error = do_munmap(cx, mm_call::mremap, r.new_address, r.new_length); error != 0) return error;
    }
    if (r.old_length > r.new_length) {
        const i64 error = do_munmap(cx, mm_call::mremap, r.address + r.new_length, r.old_length - r.new_length);
        if (error != 0) return error;
        r.old_length = r.new_length;
    }
    if (const i64 error = check_resize(cx, r); error != 0) return error;
    const vma_id id = vma_lookup(cx, r.address);
    if (r.has(MREMAP_DONTUNMAP)) {
        const room_verdict room =
            may_expand_vm(cx, cx.vma(id).vm_flags, static_cast<i64>(r.old_length >> cx.proc.page_shift));
        if (!room.fits) return failed(cx, mm_errno::enomem, room.reason, room.pages, room.limit);
    }
    const i64 place = free_place(cx, r, r.new_address, r.has(MREMAP_FIXED));
    if (is_error(place)) return place;
    return move_vma(cx, id, r, r.has(MREMAP_FIXED) ? r.new_address : static_cast<u64>(place));
}

// ---- In place ------------------------------------------------------------------------------------------------------

bool expandable(mm_context& cx, vma_id id, u64 delta) {
    const vm_area_struct vma = cx.vma(id);
    const u64 end = vma.vm_end + delta;
    if (end < vma.vm_end) return false;
    if (const vma_id next = find_vma_intersection(cx, vma.vm_end, end); next != VMA_NONE) {
        cx.sink.emit(ev::mmap_hint_passed, vma.vm_end, delta, hint_refusal::taken, cx.vma(next).vm_start,
                     cx.vma(next).vm_end);
        return false;
    }
    return end <= cx.mm().task_size && (vma.vm_start >= cx.proc.mmap_min_addr || cx.mm().privileged);
}

// kernel: vma_merge_extend
vma_id extend(mm_context& cx, vma_id id, u64 delta) {
    const vm_area_struct vma = cx.vma(id);
    const bool plain = vma.close && cx.proc.rules.close_forbids_merge();
    if (plain || !cx.proc.rules.mremap_extends_by_merge()) {
        set_vma_range(cx, id, vma.vm_start, vma.vm_end + delta);
        return id;
    }
    const u64 pgoff = vma.vm_pgoff + (vma.size() >> cx.proc.page_shift);
    const vma_proposal proposal{vma.vm_end, vma.vm_end + delta, vma.vm_flags, pgoff, vma.anon_vma, vma.vm_file};
    return merge_new_range(cx, id, next_vma(cx, id), proposal, merge_way::both);
}

i64 grow_in_place(mm_context& cx, vma_id id, const move_request& r) {
    const u64 delta = r.new_length - r.old_length, pages = delta >> cx.proc.page_shift;
    const vm_area_struct old = cx.vma(id);
    if (const i64 error = account(cx, old.vm_flags, pages); error != 0) return error;
    const vma_id grown = extend(cx, id, delta);
    if (grown == VMA_NONE) {
        if ((old.vm_flags & VM_ACCOUNT) != 0) vm_unacct_memory(cx, pages);
        return failed(cx, mm_errno::enomem, mm_failure::no_room_to_grow, old.vm_end, delta);
    }
    vm_stat_account(cx, old.vm_flags, static_cast<i64>(pages));
    if ((old.vm_flags & VM_LOCKED) != 0) {
        cx.mm_mut().locked_vm += pages;
        (void)populate_range(cx, mm_call::mremap, old.vm_end, old.vm_end + delta, true);
    }
    cx.sink.emit(ev::mremap, r.address, r.address, r.old_length, r.new_length, false);
    return static_cast<i64>(r.address);
}

i64 shrink(mm_context& cx, const move_request& r) {
    if (r.old_length != r.new_length) {
        const i64 error = do_munmap(cx, mm_call::mremap, r.address + r.new_length, r.old_length - r.new_length);
        if (error != 0) return error;
    }
    cx.sink.emit(ev::mremap, r.address, r.address, r.old_length, r.new_length, false);
    return static_cast<i64>(r.address);
}

} // namespace

i64 sys_mremap(mm_context& cx, const mremap_request& request) {
    CallScope scope(cx.sink, process_fn::sys_mremap);
    move_request r{request};
    const bool moves = r.has(MREMAP_MAYMOVE);
    if ((r.flags & ~(MREMAP_FIXED | MREMAP_MAYMOVE | MREMAP_DONTUNMAP)) != 0 || (r.has(MREMAP_FIXED) && !moves) ||
        (r.has(MREMAP_DONTUNMAP) && (!moves || r.old_length != r.new_length)))
        return failed(cx, mm_errno::einval, mm_failure::bad_flags, r.flags);
    if (cx.proc.in_page(r.address)) return failed(cx, mm_errno::einval, mm_failure::not_aligned, r.address);
    r.old_length = cx.proc.page_align(r.old_length);
    r.new_length = cx.proc.page_align(r.new_length);
    if (r.new_length == 0) return failed(cx, mm_errno::einval, mm_failure::length_zero);
    if (cx.proc.rules.mremap_looks_first() && vma_lookup(cx, r.address) == VMA_NONE)
        return failed(cx, mm_errno::efault, mm_failure::not_mapped, r.address);
    if (r.has(MREMAP_FIXED) || r.has(MREMAP_DONTUNMAP)) return mremap_to(cx, r);
    if (r.old_length >= r.new_length) return shrink(cx, r);
    if (const i64 error = check_resize(cx, r); error != 0) return error;
    const vma_id id = vma_lookup(cx, r.address);
    const bool at_end = r.old_length == cx.vma(id).vm_end - r.address;
    if (at_end && expandable(cx, id, r.new_length - r.old_length)) return grow_in_place(cx, id, r);
    if (!moves) return failed(cx, mm_errno::enomem, mm_failure::no_room_to_grow, cx.vma(id).vm_end, r.new_length);
    const i64 place = free_place(cx, r, 0, false);
    if (is_error(place)) return place;
    return move_vma(cx, id, r, static_cast<u64>(place));
}

} // namespace mm
