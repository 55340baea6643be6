#pragma once
// The ops of processes: system calls of a program. One row each in ops.cpp; the row's function stands beside it.
//
// "process" names what execve made: an address space, as ops on page tables take it. On a machine without page tables here
// (x86-64) each of them says so and does nothing.
#include <span>

#include "base/op_row.h"
#include "mmu/page_table.h"
#include "process/mm.h"

namespace mm {

struct process_op_context {
    process_memory& proc;
    mmu_memory& mmu; // each process is one of its spaces
    physical_memory& mem;
};

using ProcessOp = OpRow<process_op_context>;

[[nodiscard]] std::span<const ProcessOp> process_ops();

} // namespace mm
