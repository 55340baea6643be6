#pragma once
// The ops of the kernel's own virtual memory. One row each in ops.cpp; the row's function stands beside it.
#include <span>

#include "base/op_row.h"
#include "kernel/kernel_memory.h"

namespace mm {

struct kernel_op_context {
    kernel_memory& kernel;
    slab_memory& slabs; // kvmalloc asks kmalloc first
    mmu_memory& mmu;
    physical_memory& mem;
};

using KernelOp = OpRow<kernel_op_context>;

[[nodiscard]] std::span<const KernelOp> kernel_ops();

} // namespace mm
