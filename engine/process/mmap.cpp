// mmap() and munmap().
#include <algorithm>

#include "process/calls.h"
#include "process/functions.h"
#include "process/page_cache.h"
#include "process/report.h"
#include "process/unmapped_area.h"
#include "process/vma_index.h"
#include "process/vma_merge.h"
#include "process/zap.h"

namespace mm {

namespace {

using ev = process_event;

constexpr u32 LEGACY_MAP_MASK = MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_DENYWRITE | MAP_EXECUTABLE |
                                MAP_GROWSDOWN | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK |
                                MAP_HUGETLB | MAP_32BIT;

constexpr u64 MAX_FILE_BYTES = ~0ull >> 1; // MAX_LFS_FILESIZE

i64 failed(mm_context& cx, mm_errno error, mm_failure reason, u64 a = 0, u64 b = 0) {
    return fail(cx, mm_call::mmap, error, reason, a, b);
}

// ---- What is asked for ---------------------------------------------------------------------------------------------

struct region {
    u64 start = 0, length = 0;
    vm_flags_t flags = 0;
    u64 pgoff = 0;
    file_id file = 0;
};

vm_flags_t flag_bits(const mm_context& cx, u32 prot, u32 flags) {
    vm_flags_t bits = vm_prot_bits(prot) | cx.mm().def_flags | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
    if (read_implies_exec(cx, prot)) bits |= VM_EXEC;
    if ((flags & MAP_GROWSDOWN) != 0) bits |= VM_GROWSDOWN;
    if ((flags & MAP_LOCKED) != 0) bits |= VM_LOCKED;
    if ((flags & MAP_DENYWRITE) != 0 && cx.proc.rules.keeps_denywrite()) bits |= VM_DENYWRITE;
    if ((flags & MAP_STACK) != 0 && cx.proc.rules.map_stack_is_small()) bits |= VM_NOHUGEPAGE;
    return bits;
}

// Shared or private, and what the file allows. 0: all is well.
i64 check_file(mm_context& cx, u32 prot, u32 flags, region& r) {
    const mapped_file file = cx.proc.files[r.file];
    const u64 last = (MAX_FILE_BYTES - r.length) >> cx.proc.page_shift;
    if (r.pgoff > last) return failed(cx, mm_errno::eoverflow, mm_failure::offset_wraps, r.pgoff, last);
    const u32 type = flags & MAP_TYPE;
    if (type != MAP_SHARED && type != MAP_SHARED_VALIDATE && type != MAP_PRIVATE)
        return failed(cx, mm_errno::einval, mm_failure::no_type, type);
    if (type != MAP_PRIVATE) {
        if (type == MAP_SHARED_VALIDATE && (flags & ~(LEGACY_MAP_MASK | MAP_SHARED_VALIDATE)) != 0)
            return failed(cx, mm_errno::eopnotsupp, mm_failure::bad_flags, flags);
        if ((prot & PROT_WRITE) != 0 && !file.writable) return failed(cx, mm_errno::eacces, mm_failure::not_writable);
        r.flags |= VM_SHARED | VM_MAYSHARE;
        if (!file.writable) r.flags &= ~(VM_MAYWRITE | VM_SHARED);
    }
    if (!file.readable) return failed(cx, mm_errno::eacces, mm_failure::not_readable);
    if ((r.flags & VM_GROWSDOWN) != 0) return failed(cx, mm_errno::einval, mm_failure::growsdown_file);
    return 0;
}

i64 check_anonymous(mm_context& cx, u32 flags, region& r) {
    switch (flags & MAP_TYPE) {
    case MAP_SHARED:
        if ((r.flags & VM_GROWSDOWN) != 0) return failed(cx, mm_errno::einval, mm_failure::growsdown_file);
        r.pgoff = 0;
        r.flags |= VM_SHARED | VM_MAYSHARE;
        return 0;
    case MAP_DROPPABLE:
        if (!cx.proc.rules.has_droppable()) return failed(cx, mm_errno::einval, mm_failure::no_type, MAP_DROPPABLE);
        if ((flags & (MAP_LOCKED | MAP_HUGETLB)) != 0 || (r.flags & VM_GROWSDOWN) != 0)
            return failed(cx, mm_errno::einval, mm_failure::bad_flags, flags);
        r.flags |= VM_DROPPABLE | VM_NORESERVE | VM_WIPEONFORK | VM_DONTDUMP;
        r.pgoff = r.start >> cx.proc.page_shift;
        return 0;
    case MAP_PRIVATE: r.pgoff = r.start >> cx.proc.page_shift; return 0;
    default: return failed(cx, mm_errno::einval, mm_failure::no_type, flags & MAP_TYPE);
    }
}

// ---- What is put there ---------------------------------------------------------------------------------------------

// Pages of what is mapped there now, and how many of them are accounted.
struct replaced_pages {
    u64 all = 0, accounted = 0;
};
replaced_pages count_replaced(mm_context& cx, u64 start, u64 end) {
    replaced_pages counts;
    for (vma_id id = find_vma(cx, start); id != VMA_NONE && cx.vma(id).vm_start < end; id = next_vma(cx, id)) {
        const vm_area_struct& vma = cx.vma(id);
        const u64 pages = (std::min(vma.vm_end, end) - std::max(vma.vm_start, start)) >> cx.proc.page_shift;
        counts.all += pages;
        if ((vma.vm_flags & VM_ACCOUNT) != 0) counts.accounted += pages;
        cx.sink.charge(1);
    }
    return counts;
}

// What is mapped there goes first, and may make the room that is missing.
i64 make_room(mm_context& cx, const region& r) {
    const u64 pages = r.length >> cx.proc.page_shift, end = r.start + r.length;
    const replaced_pages old = count_replaced(cx, r.start, end);
    const i64 more = static_cast<i64>(pages) - static_cast<i64>(old.all);
    const bool counted_first = cx.proc.rules.counts_replaced_first();
    room_verdict verdict = may_expand_vm(cx, r.flags, counted_first ? more : static_cast<i64>(pages));
    if (!verdict.fits && !counted_first) verdict = may_expand_vm(cx, r.flags, more);
    if (!verdict.fits) return failed(cx, mm_errno::enomem, verdict.reason, verdict.pages, verdict.limit);
    // What is replaced is not counted twice.
    if (counted_first && accountable_mapping(r.flags) && pages > old.accounted) {
        const room_verdict memory = vm_enough_memory(cx, pages - old.accounted);
        if (!memory.fits) return failed(cx, mm_errno::enomem, memory.reason, memory.pages, memory.limit);
        vm_unacct_memory(cx, pages - old.accounted);
    }
    const i64 error = do_munmap(cx, mm_call::mmap, r.start, r.length);
    return error == 0 || counted_first ? error : error_of(mm_errno::enomem);
}

// A shared mapping that is memory, whose file counts as promised. kernel: shmem_acct_size
bool reserves_shared_memory(const mm_context& cx, const region& r) {
    const bool memory = r.file == 0 || cx.proc.files[r.file].kind == file_kind::dev_zero;
    return memory && (r.flags & (VM_SHARED | VM_NORESERVE)) == VM_SHARED;
}

// A shared mapping that is no file's gets a file of its own in memory. kernel: shmem_zero_setup
file_id shared_memory(process_memory& proc, u64 length, bool accounted) {
    mapped_file file;
    file.path = intern("/dev/zero (deleted)");
    file.kind = file_kind::shmem;
    file.size = length;
    file.device = 1;
    file.unlinked = true;
    file.accounted = accounted;
    return open_file(proc, file);
}

vm_area_struct new_area(mm_context& cx, const region& r) {
    vm_area_struct vma;
    vma.vm_start = r.start;
    vma.vm_end = r.start + r.length;
    vma.vm_flags = r.flags;
    vma.vm_pgoff = r.pgoff;
    vma.vm_file = r.file;
    const bool zero = r.file != 0 && cx.proc.files[r.file].kind == file_kind::dev_zero;
    if ((r.flags & VM_SHARED) != 0 && (r.file == 0 || zero))
        vma.vm_file = shared_memory(cx.proc, r.length, reserves_shared_memory(cx, r));
    vma.has_ops = vma.vm_file != 0 && !(zero && (r.flags & VM_SHARED) == 0);
    return vma;
}

// kernel: mmap_region
i64 mmap_region(mm_context& cx, region r) {
    CallScope scope(cx.sink, process_fn::mmap_region);
    if (const i64 error = make_room(cx, r); error != 0) return error;
    const u64 pages = r.length >> cx.proc.page_shift, end = r.start + r.length;
    if (accountable_mapping(r.flags)) {
        if (cx.proc.rules.counts_replaced_first()) {
            cx.proc.vm_committed += pages; // was asked for
        } else if (const room_verdict memory = vm_enough_memory(cx, pages); !memory.fits) {
            return failed(cx, mm_errno::enomem, memory.reason, memory.pages, memory.limit);
        }
        r.flags |= VM_ACCOUNT;
    }
    if (reserves_shared_memory(cx, r)) {
        const room_verdict memory = vm_enough_memory(cx, pages);
        if (!memory.fits) return failed(cx, mm_errno::enomem, memory.reason, memory.pages, memory.limit);
    }
    const vma_proposal proposal{r.start, end, r.flags, r.pgoff, 0, r.file};
    const merge_way way = cx.proc.rules.mmap_prefers_next() ? merge_way::prefer_next : merge_way::both;
    vma_id id = merge_new_range(cx, vma_before(cx, r.start), find_vma(cx, end), proposal, way);
    if (id == VMA_NONE) {
        id = new_vma(cx.proc, new_area(cx, r));
        link_vma(cx, id);
        cx.sink.emit(ev::vma_new, r.start, end, r.flags, r.pgoff, cx.vma(id).vm_file);
    }
    vm_stat_account(cx, r.flags, static_cast<i64>(pages));
    if ((r.flags & VM_LOCKED) != 0) cx.mm_mut().locked_vm += pages;
    cx.vma_mut(id).vm_flags |= cx.proc.rules.soft_dirty();
    return static_cast<i64>(r.start);
}

// Everything up to the address. 0: all is well.
i64 check_request(mm_context& cx, const mmap_request& request) {
    const process_memory& proc = cx.proc;
    if (proc.in_page(request.offset)) return failed(cx, mm_errno::einval, mm_failure::not_aligned, request.offset);
    if ((request.flags & MAP_ANONYMOUS) == 0 && request.file == 0)
        return failed(cx, mm_errno::ebadf, mm_failure::bad_file);
    if ((request.flags & MAP_HUGETLB) != 0) return failed(cx, mm_errno::enomem, mm_failure::unsupported);
    if (request.length == 0) return failed(cx, mm_errno::einval, mm_failure::length_zero);
    const u64 length = proc.page_align(request.length);
    if (length == 0) return failed(cx, mm_errno::enomem, mm_failure::length_wraps, request.length);
    const u64 pgoff = request.offset >> proc.page_shift;
    if (pgoff + (length >> proc.page_shift) < pgoff)
        return failed(cx, mm_errno::eoverflow, mm_failure::offset_wraps, request.offset, length);
    if (cx.mm().map_count > proc.max_map_count)
        return failed(cx, mm_errno::enomem, mm_failure::too_many_vmas, cx.mm().map_count, proc.max_map_count);
    return 0;
}

u64 round_hint(const process_memory& proc, u64 hint) {
    const u64 page = proc.page_start(hint);
    return page != 0 && page < proc.mmap_min_addr ? proc.page_align(proc.mmap_min_addr) : page;
}

// kernel: do_mmap
i64 do_mmap(mm_context& cx, const mmap_request& request) {
    CallScope scope(cx.sink, process_fn::do_mmap);
    if (const i64 error = check_request(cx, request); error != 0) return error;
    const bool noreplace = (request.flags & MAP_FIXED_NOREPLACE) != 0;
    region r;
    r.length = cx.proc.page_align(request.length);
    r.file = (request.flags & MAP_ANONYMOUS) != 0 ? 0 : request.file;
    r.pgoff = request.offset >> cx.proc.page_shift;
    area_wish wish{request.address, r.length, r.pgoff, r.file};
    wish.fixed = noreplace || (request.flags & MAP_FIXED) != 0;
    wish.shared = (request.flags & MAP_TYPE) == MAP_SHARED;
    wish.low = cx.proc.rules.arch == architecture::x86_64 && (request.flags & MAP_32BIT) != 0;
    if (!wish.fixed) wish.address = round_hint(cx.proc, request.address);
    const i64 place = get_unmapped_area(cx, mm_call::mmap, wish);
    if (is_error(place)) return place;
    r.start = static_cast<u64>(place);
    if (noreplace) {
        const vma_id other = find_vma_intersection(cx, r.start, r.start + r.length);
        if (other != VMA_NONE)
            return failed(cx, mm_errno::eexist, mm_failure::exists, cx.vma(other).vm_start, cx.vma(other).vm_end);
    }
    r.flags = flag_bits(cx, request.prot, request.flags);
    if ((request.flags & MAP_LOCKED) != 0 && !can_do_mlock(cx))
        return failed(cx, mm_errno::eperm, mm_failure::may_not_lock);
    if (!mlock_future_ok(cx, r.flags, r.length))
        return failed(cx, mm_errno::eagain, mm_failure::memlock_limit,
                      cx.mm().locked_vm + (r.length >> cx.proc.page_shift), cx.mm().rlim.memlock >> cx.proc.page_shift);
    const i64 error =
        r.file != 0 ? check_file(cx, request.prot, request.flags, r) : check_anonymous(cx, request.flags, r);
    if (error != 0) return error;
    // Where promises are kept to the page, none goes uncounted. kernel: OVERCOMMIT_NEVER
    if ((request.flags & MAP_NORESERVE) != 0 && cx.proc.overcommit_memory != 2) r.flags |= VM_NORESERVE;
    const i64 result = mmap_region(cx, r);
    if (is_error(result)) return result;
    const bool fill = (request.flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE;
    if ((r.flags & VM_LOCKED) != 0 || fill) (void)populate_range(cx, mm_call::mmap, r.start, r.start + r.length, true);
    return result;
}

void remove_vma(mm_context& cx, vma_id id) {
    const vm_area_struct gone = cx.vma(id);
    const u64 pages = cx.proc.pages(gone);
    unlink_vma(cx, id, left_range::taken);
    if ((gone.vm_flags & VM_LOCKED) != 0) cx.mm_mut().locked_vm -= pages;
    if ((gone.vm_flags & VM_ACCOUNT) != 0) vm_unacct_memory(cx, pages);
    vm_stat_account(cx, gone.vm_flags, -static_cast<i64>(pages));
    drop_vma(cx.proc, id);
    cx.sink.emit(ev::vma_removed, gone.vm_start, gone.vm_end, pages);
}

// Pages first, then the VMAs, then tables that nothing near them needs. kernel: unmap_region
void unmap_region(mm_context& cx, vma_id id, u64 start, u64 end) {
    const vma_id before = previous_vma(cx, id);
    const u64 floor = before == VMA_NONE ? 0 : cx.vma(before).vm_end;
    clear_vma_range(cx, cx.vma(id).vm_start, end);
    while (id != VMA_NONE && cx.vma(id).vm_start < end && !cx.sink.spent()) {
        const vma_id next = next_vma(cx, id);
        zap_page_range(cx, id, cx.vma(id).vm_start, cx.vma(id).vm_end);
        remove_vma(cx, id);
        id = next;
    }
    free_pgtables(cx, start, end, floor, id == VMA_NONE ? 0 : cx.vma(id).vm_start);
    free_unlinked_pages(cx);
}

} // namespace

i64 sys_mmap(mm_context& cx, const mmap_request& request) {
    const i64 result = do_mmap(cx, request);
    if (!is_error(result)) cx.sink.emit(ev::mmap, result, cx.proc.page_align(request.length));
    return result;
}

i64 do_munmap(mm_context& cx, mm_call call, u64 start, u64 length) {
    CallScope scope(cx.sink, process_fn::do_munmap);
    const u64 task_size = cx.mm().task_size;
    if (cx.proc.in_page(start)) return fail(cx, call, mm_errno::einval, mm_failure::not_aligned, start);
    if (start > task_size || length > task_size - start)
        return fail(cx, call, mm_errno::einval, mm_failure::beyond_task_size, start + length, task_size);
    const u64 end = start + cx.proc.page_align(length);
    if (end == start) return fail(cx, call, mm_errno::einval, mm_failure::length_zero);
    vma_id id = call == mm_call::munmap ? find_vma_told(cx, start) : find_vma(cx, start);
    if (id == VMA_NONE || cx.vma(id).vm_start >= end) return 0;
    const auto sealed = [&](vma_id vma) {
        return fail(cx, call, mm_errno::eperm, mm_failure::sealed, cx.vma(vma).vm_start, cx.vma(vma).vm_end);
    };
    if (is_sealed(cx, id)) return sealed(id);
    const auto cuts = [&](vma_id vma, u64 at) { return cx.vma(vma).vm_start < at && at < cx.vma(vma).vm_end; };
    if (cuts(id, start)) {
        // The count may pass its limit for a moment, but not stay above.
        const u32 count = cx.mm().map_count;
        if (end < cx.vma(id).vm_end && count >= cx.proc.max_map_count)
            return fail(cx, call, mm_errno::enomem, mm_failure::too_many_vmas, count, cx.proc.max_map_count);
        if (stays_whole(cx, id)) return fail(cx, call, mm_errno::einval, mm_failure::sealed_special);
        id = split_vma_at(cx, id, start);
    }
    for (vma_id vma = id; vma != VMA_NONE && cx.vma(vma).vm_start < end; vma = next_vma(cx, vma)) {
        if (is_sealed(cx, vma)) return sealed(vma);
        cx.sink.charge(1);
    }
    if (const vma_id last = find_vma_intersection(cx, end - 1, end); last != VMA_NONE && cuts(last, end)) {
        if (stays_whole(cx, last)) return fail(cx, call, mm_errno::einval, mm_failure::sealed_special);
        (void)split_vma_at(cx, last, end);
    }
    unmap_region(cx, id, start, end);
    return 0;
}

void unmap_everything(mm_context& cx) {
    if (const vma_id first = first_vma(cx); first != VMA_NONE) unmap_region(cx, first, 0, cx.mm().task_size);
}

i64 sys_munmap(mm_context& cx, u64 address, u64 length) {
    const i64 result = do_munmap(cx, mm_call::munmap, address, length);
    if (result == 0) cx.sink.emit(ev::munmap, address, cx.proc.page_align(length));
    return result;
}

} // namespace mm
