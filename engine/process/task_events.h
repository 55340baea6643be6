#pragma once
// The events of tasks: kinds here; arguments and sentences in task_event_rows.h. Kinds follow those of faults.
#include "base/event_words.h"
#include "process/fault_events.h"

namespace mm {

enum class task_event : u16 {
    task_created = static_cast<u16>(fault_event::count),
    clone_refused,
    kthread_created,
    vfork_waits,
    vfork_done,
    task_waits,
    task_exited,
    group_exit,
    de_thread,
    mm_owner_changed,
    mm_kept,
    sched_switch,
    sched_same,
    lazy_tlb_none,
    lazy_tlb_borrowed,
    lazy_tlb_dropped,
    count,
};

// Of `case` in sched_switch: from what to what.
enum class switch_case : u8 { user_to_user, user_to_kernel, kernel_to_user, kernel_to_kernel };
// Of `why` in vfork_done.
enum class vfork_end : u8 { execve, exit };

[[nodiscard]] EventPart task_events();

} // namespace mm
