#pragma once
// What all calls of this room share: how an error is told, and what a process may have.
//
// Mirrors: mm/mmap.c: may_expand_vm, vm_stat_account, mlock_future_check; mm/util.c: __vm_enough_memory (Linux 6.1).
#include "process/errno.h"
#include "process/events.h"
#include "process/mm.h"

namespace mm {

// Tells why, with the numbers that were compared, and is the call's result.
i64 fail(mm_context& cx, mm_call call, mm_errno error, mm_failure reason, u64 a = 0, u64 b = 0);

// A special mapping, which nothing may cut.
[[nodiscard]] bool stays_whole(const mm_context& cx, vma_id vma);
// none: the VMA may be cut in two.
[[nodiscard]] mm_errno may_split(mm_context& cx, mm_call call, vma_id vma);

// Adds pages of a kind to the counts of the mm, or takes them away. kernel: vm_stat_account
void vm_stat_account(mm_context& cx, vm_flags_t flags, i64 pages);
// kernel: is_data_mapping
[[nodiscard]] constexpr bool is_data_mapping(vm_flags_t flags) {
    return (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE;
}
// Room for so many pages more, or which limit they pass. kernel: may_expand_vm
struct room_verdict {
    bool fits = true;
    mm_failure reason = mm_failure::as_limit;
    u64 pages = 0, limit = 0;
};
[[nodiscard]] room_verdict may_expand_vm(const mm_context& cx, vm_flags_t flags, i64 pages);

// Pages that are to be accounted: private and writable, with a reserve.
[[nodiscard]] constexpr bool accountable_mapping(vm_flags_t flags) {
    return (flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) == VM_WRITE;
}
// Accounts pages, if they may be promised. kernel: __vm_enough_memory
[[nodiscard]] room_verdict vm_enough_memory(mm_context& cx, u64 pages);
// kernel: vm_commit_limit
[[nodiscard]] u64 vm_commit_limit(const process_memory& proc);
void vm_unacct_memory(mm_context& cx, u64 pages);

// RLIMIT_MEMLOCK of a new process. kernel: MLOCK_LIMIT
[[nodiscard]] constexpr u64 memlock_default(const vma_rules& rules) {
    return rules.before(5, 16) ? 64u << 10 : MEMLOCK_RLIMIT;
}
[[nodiscard]] bool can_do_mlock(const mm_context& cx);
// So many bytes more may be locked, if they are to be. kernel: mlock_future_check
[[nodiscard]] bool mlock_future_ok(const mm_context& cx, vm_flags_t flags, u64 bytes);

// Where a VMA begins and ends with what its stack may need. kernel: vm_start_gap
[[nodiscard]] u64 vm_start_gap(const mm_context& cx, const vm_area_struct& vma);

} // namespace mm
