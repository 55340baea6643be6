#pragma once
// The ops of the slab allocators. One row each in ops.cpp; the row's function stands beside it.
#include <span>

#include "base/op_row.h"
#include "slab/slab_memory.h"

namespace mm {

struct slab_op_context {
    slab_memory& slabs;
    physical_memory& mem;
    const vmalloc_areas* areas = nullptr;
};

using SlabOp = OpRow<slab_op_context>;

[[nodiscard]] std::span<const SlabOp> slab_ops();

} // namespace mm
