// Calls on files whose pages processes map: write(), ftruncate(), fallocate(), fsync(); and writes into another's memory.
#include "process/calls.h"
#include "process/fault.h"
#include "process/fault_events.h"
#include "process/functions.h"
#include "process/page_cache.h"
#include "process/report.h"
#include "process/user_tables.h"
#include "process/vma_index.h"

namespace mm {

namespace {

bool may_write(const process_memory& proc, file_id file) {
    return file != 0 && proc.files[file].in_use && proc.files[file].writable;
}

// A private mapping that the process might be given write access to. kernel: is_cow_mapping
bool is_cow_mapping(const vm_area_struct& vma) { return (vma.vm_flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE; }

// A page to write to is there, although the process itself may not. kernel: can_follow_write_pte
bool may_be_written(const process_memory& proc, const mapped_page& there) {
    if (there.kind == mapped_page::page_kind::none || there.kind == mapped_page::page_kind::zero) return false;
    if (there.writable) return true;
    const bool own = there.exclusive || !proc.rules.has_anon_exclusive();
    return there.kind == mapped_page::page_kind::anon && own && there.dirty;
}

constexpr u32 MAX_FAULTS = 8; // a page, a copy of it, and a retry of each

} // namespace

i64 sys_pwrite(mm_context& cx, file_id file, u64 offset, u8 value) {
    if (!may_write(cx.proc, file)) return fail(cx, mm_call::pwrite, mm_errno::ebadf, mm_failure::bad_file);
    const mapping_id mapping = mapping_of(cx.proc, file);
    const u64 index = offset >> cx.proc.page_shift;
    if (offset >= cx.proc.user.mappings[mapping].size) set_file_size(cx.proc, mapping, offset + 1);
    const bool cached = find_cached_page(cx.proc.user, mapping, index) != PFN_NONE;
    if (!write_file_page(cx, file, index, value)) return error_of(mm_errno::enomem);
    const pfn_t pfn = find_cached_page(cx.proc.user, mapping, index);
    cx.sink.emit(fault_event::file_written, index, pfn, value, cached, page_mapcount(cx.proc.user, pfn));
    return 0;
}

i64 sys_ftruncate(mm_context& cx, file_id file, u64 size) {
    if (!may_write(cx.proc, file)) return fail(cx, mm_call::ftruncate, mm_errno::einval, mm_failure::bad_file);
    truncate_file(cx, file, size);
    return 0;
}

i64 sys_fallocate(mm_context& cx, file_id file, u32 mode, u64 offset, u64 length) {
    if (!may_write(cx.proc, file)) return fail(cx, mm_call::fallocate, mm_errno::ebadf, mm_failure::bad_file);
    if (length == 0) return fail(cx, mm_call::fallocate, mm_errno::einval, mm_failure::length_zero);
    if (offset + length < offset)
        return fail(cx, mm_call::fallocate, mm_errno::einval, mm_failure::length_wraps, length);
    if (mode != (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE))
        return fail(cx, mm_call::fallocate, mm_errno::eopnotsupp, mm_failure::bad_flags, mode);
    punch_hole(cx, file, offset, length);
    return 0;
}

i64 sys_fsync(mm_context& cx, file_id file) {
    if (file == 0) return fail(cx, mm_call::fsync, mm_errno::ebadf, mm_failure::bad_file);
    write_back_file(cx, file, 0, u64{1} << 32);
    return 0;
}

i64 write_remote(mm_context& cx, u64 address, u8 value, bool force) {
    const auto failed = [&](mm_failure reason, u64 a = 0, u64 b = 0) {
        return fail(cx, mm_call::mem_write, mm_errno::efault, reason, a, b);
    };
    CallScope scope(cx.sink, process_fn::faultin_page);
    const vma_id id = vma_lookup(cx, address);
    if (id == VMA_NONE || !user_pages_ready(cx)) return failed(mm_failure::not_mapped, address);
    const vm_area_struct vma = cx.vma(id);
    const bool own = (vma.vm_flags & VM_WRITE) != 0;
    if (!own && (!force || !is_cow_mapping(vma))) return failed(mm_failure::no_access, vma.vm_start, vma.vm_end);
    const u64 page = cx.proc.page_start(address);
    const auto look = [&] { return page_at_address(cx.proc, cx.pages->mmu, cx.pages->page.mem, cx.id, page); };
    const pfn_t before = look().pfn;
    for (u32 faults = 0; !may_be_written(cx.proc, look()); ++faults) {
        if (faults == MAX_FAULTS || cx.sink.spent()) return error_of(mm_errno::efault);
        const vm_fault_t end = handle_mm_fault(cx, id, {page, true, faults > 0});
        if ((end & (VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV)) != 0) return error_of(mm_errno::efault);
    }
    const pfn_t pfn = look().pfn;
    user_page& written = cx.proc.user.mut(pfn);
    written.set(user_page::DIRTY);
    written.set(user_page::REFERENCED);
    written.value = value;
    cx.sink.emit(fault_event::remote_written, address, pfn, value, !own, before != PFN_NONE && pfn != before);
    return 0;
}

} // namespace mm
