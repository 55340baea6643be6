#pragma once
// Events of processes: kinds here, arguments and sentences in event_rows.h.
#include "base/event_words.h"
#include "base/rooms.h"

namespace mm {

enum class process_event : u16 {
    vma_hole_found = first_number(room_id::process),
    vma_hole_guarded,
    vma_hole_none,
    mmap_hint_used,
    mmap_hint_passed,
    mmap_huge_aligned,
    vma_merge_refused,
    vma_merged,
    vma_new,
    vma_split,
    vma_removed,
    vma_flags_changed,
    anon_vma_new,
    anon_vma_reused,
    anon_vma_cloned,
    vma_stack_grown,
    vma_locked,
    mm_call_failed,
    mmap,
    munmap,
    mprotect,
    brk,
    mremap,
    madvise,
    mlock,
    msync,
    mseal,
    user_access,
    user_sigsegv,
    mmap_base_chosen,
    mmap_base_legacy,
    stack_filled,
    heap_placed,
    mm_created,
    mm_freed,
    not_a_process,
    too_many,
    file_opened,
    file_closed,
    committed,
    rlimit_set,
    sysctl_changed,
    personality_set,
    count,
};

// Of `reason` in not_a_process.
enum class no_process : u8 { ended, space_alone, kernel_thread };
// Of `what` in too_many.
enum class capped_kind : u8 { processes, files, tasks, paths };
// Of `which` in rlimit_set.
enum class rlimit_id : u8 { as, data, stack, memlock };
// Of `which` in sysctl_changed.
enum class process_sysctl : u8 {
    overcommit_memory,
    overcommit_ratio,
    max_map_count,
    mmap_min_addr,
    legacy_va_layout,
    randomize_va_space,
    hugepage_enabled,
};

// The numbers of `way` in vma_hole_found and vma_hole_none.
enum class hole_way : u8 { top_down, bottom_up, bottom_up_after };
// Of `side`.
enum class merge_side : u8 { before, after };
// Of `reason` in vma_merge_refused.
enum class merge_refusal : u8 { none, flags, file, close, anon_vma, offset, special, neighbours };
// Of `reason` in vma_merged: what the kernel's drawing of cases tells apart.
enum class merge_case : u8 {
    new_fills,        // between two, all become one
    new_before_grows, // the VMA before grows over what is new
    new_after_grows,
    old_all,         // a VMA and both neighbours become one
    old_into_before, // all of a VMA goes to the one before
    old_into_after,
    border_up, // the border to the VMA before moves up
    border_down,
};
// Of `reason` in mmap_hint_passed.
enum class hint_refusal : u8 { beyond, too_low, taken, guard, before };
// Of `call` in mm_call_failed.
enum class mm_call : u8 {
    mmap,
    munmap,
    mprotect,
    brk,
    mremap,
    madvise,
    mlock,
    munlock,
    mlockall,
    munlockall,
    msync,
    mseal,
    stack,
    execve,
    pwrite,
    ftruncate,
    fallocate,
    fsync,
    mem_write,
    unlink,
    mincore,
    fork
};
// Of `reason` in mm_call_failed.
enum class mm_failure : u8 {
    length_zero,
    length_wraps,
    not_aligned,
    beyond_task_size,
    offset_wraps,
    too_many_vmas,
    no_hole,
    exists,
    low_address,
    may_not_lock,
    memlock_limit,
    bad_flags,
    no_type,
    not_readable,
    not_writable,
    growsdown_file,
    as_limit,
    data_limit,
    stack_limit,
    overcommit,
    commit_limit,
    program_too_large,
    not_mapped,
    hole_inside,
    may_not,
    below_start_brk,
    next_mapping,
    not_heap,
    old_crosses,
    not_shared,
    overlaps,
    dont_expand,
    not_anonymous,
    no_room_to_grow,
    bad_advice,
    no_huge_page,
    locked,
    not_expandable_stack,
    guard_gap,
    no_access,
    sealed_special,
    sealed,
    no_such_call,
    bad_file,
    unsupported,
    cannot_fill,
    no_such_file,
    too_many_tasks,
    no_page,
    page_held,
    count,
};
// Of `reason` in user_sigsegv.
enum class segv_reason : u8 {
    no_vma,
    below_stack,
    stack_refused,
    no_read,
    no_write,
    no_exec,
    not_user,
    below_all,
    above_all
};

[[nodiscard]] EventPart process_events();

} // namespace mm
