#pragma once
// Who calls malloc in an op: the process and its thread, its heap, and what becomes of both.
#include "heap/call.h"
#include "heap/events.h"
#include "heap/ops.h"
#include "heap/process_kernel.h"
#include "process/task_ops.h"

namespace mm {

// A heap that nobody has called yet for a process that has none. False, told: it cannot have one.
[[nodiscard]] bool prepare_heap(heap_op_context& room, mm_context& cx);

class heap_caller {
  public:
    // The process has a heap.
    heap_caller(heap_op_context& room, OpCall& call, mm_context& by, i64 slot);

    // The memory that a call has returned, under the name that the op gives; what it says of it.
    OpOutcome keep(heap_call which, u64 memory, u64 asked);
    // The program has this memory no longer.
    void gives_back(u64 memory);
    // The program is about to write there: within a chunk that it has, or it damages the heap.
    void writes(u64 start, u64 bytes);
    // The call has returned, or it has ended the process.
    OpOutcome done(OpOutcome outcome);
    // As the task ends; the names of what ends with it are marked.
    void end(bool group);

    // The address that a field holds. A call that failed has returned NULL.
    [[nodiscard]] u64 address(i64 place) const;

    mm_context& cx;
    libc_heap& heap;
    process_kernel kernel;
    libc::call libc;

  private:
    heap_op_context& room_;
    OpCall& call_;
    i64 slot_;
};

} // namespace mm
