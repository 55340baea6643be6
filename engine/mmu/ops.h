#pragma once
// Ops on page tables: one row a kind, with the function that applies it.
//
// "mm" names an address space that pgd_alloc made; left out, it is the kernel's own (init_mm).
// On a machine without page tables here (x86-64) each of them says so and does nothing.
#include <span>

#include "base/op_row.h"
#include "mmu/page_table.h"

namespace mm {

struct mmu_op_context {
    mmu_memory& mmu;
    physical_memory& mem;
};

using MmuOp = OpRow<mmu_op_context>;

[[nodiscard]] std::span<const MmuOp> mmu_ops();

// What an op "logical_access" asks for.
[[nodiscard]] logical_address logical_address_of(const Op& op);

} // namespace mm
