#pragma once
// The heaps of a machine: one a process that has called malloc. mm_struct::heap says which.
//
//   mm_struct ── heap ──► kept_heap ──► libc_heap     copies of a machine share it until one of them writes
//
// fork() gives the child a heap with the same words, execve() and the end of a process take it away: follow_processes().
#include <memory>
#include <vector>

#include "process/mm.h"

namespace mm {

struct libc_heap;

// A heap, copied when it is written and somebody else has it, too.
class kept_heap {
  public:
    kept_heap() = default;
    explicit kept_heap(libc_heap heap);

    explicit operator bool() const { return heap_ != nullptr; }
    const libc_heap& operator*() const { return *heap_; }
    const libc_heap* operator->() const { return heap_.get(); }
    [[nodiscard]] libc_heap& mut();

  private:
    std::shared_ptr<libc_heap> heap_;
};

struct heap_memory {
    struct slot {
        kept_heap heap; // empty: nobody's
        mm_id mm = MM_NONE;
    };
    std::vector<slot> slots;
    u64 mm_changes = 0; // of the room of processes, when this was looked at last
    u64 bytes_gone = 0; // that heaps had copied which are no more

    [[nodiscard]] u64 bytes_copied() const;
    [[nodiscard]] u64 lines() const; // of words, of all heaps
    [[nodiscard]] u64 bytes_of_lists() const;
};

// The heap of a process; nullptr: it has none.
[[nodiscard]] const libc_heap* heap_of_process(const heap_memory& heaps, const process_memory& proc, mm_id mm);
// The same, to be changed. It has one.
[[nodiscard]] libc_heap& heap_to_change(heap_memory& heaps, const process_memory& proc, mm_id mm);
// A first one, as it is before the first call.
void give_heap(heap_memory& heaps, process_memory& proc, mm_id mm, libc_heap heap);
// Processes may have been forked, may have ended or gone on as another program.
void follow_processes(heap_memory& heaps, process_memory& proc);

// The thread of a process whose task has this pid: its place in libc_heap::threads. Made when there is none.
[[nodiscard]] u32 libc_thread_of(libc_heap& heap, u32 pid);

} // namespace mm
