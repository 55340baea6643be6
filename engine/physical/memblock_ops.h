#pragma once
// memblock's ops, for a machine that boots in steps. Their rows stand in memblock_ops.cpp; physical_ops() has them behind those of
// the page allocator.
#include "physical/ops.h"

namespace mm {

[[nodiscard]] std::span<const PhysicalOp> memblock_ops();

// Before free_area_init() and memblock_free_all(): the machine's profile gets the lists that ops have made. False: no machine can
// be made of them, and an event says why.
[[nodiscard]] bool hand_over_memblock(physical_op_context& room, EventSink& sink);

} // namespace mm
