#pragma once
// The ops of malloc: calls of a program into its C library. One row each in ops.cpp; the row's function stands beside it.
//
// "process" names who calls, a process or one of its threads. Programs of 64 bits with pages of 4 KiB have a heap here.
#include <span>

#include "base/op_row.h"
#include "heap/heaps.h"
#include "mmu/page_table.h"

namespace mm {

struct heap_op_context {
    heap_memory& heaps;
    process_memory& proc;
    mmu_memory& mmu;
    physical_memory& mem;
    u32 processors; // that glibc counts. glibc: __get_nprocs
};

using HeapOp = OpRow<heap_op_context>;

[[nodiscard]] std::span<const HeapOp> heap_ops();

} // namespace mm
