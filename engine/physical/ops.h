#pragma once
// The ops of the page allocator. One row each in ops.cpp; the row's function stands beside it.
#include <span>

#include "base/op.h"
#include "physical/linear_map.h"
#include "physical/memory.h"
#include "physical/profile.h"

namespace mm {

// What a row's function works on. The profile is read by the boot stages only.
struct physical_op_context {
    physical_memory& mem;
    const machine_profile& profile;
    const highmem_addresses* highmem = nullptr; // nullptr: kmap() is not there yet
};

// How the kernel answered. Kernel outcomes are not errors of ours: they are told by events, too.
enum class OpOutcome : u8 {
    done,
    returned_null, // the allocation failed
    refused,       // misuse that the kernel reports (bad page) or the request cannot be made (order above MAX_ORDER)
    no_effect,     // nothing to do: free of NULL
};

struct PhysicalOp {
    OpSpec spec;
    OpOutcome (*apply)(physical_op_context& room, OpCall& call);
};

[[nodiscard]] std::span<const PhysicalOp> physical_ops();

} // namespace mm
