#pragma once
// The ops of the page allocator. One row each in ops.cpp; the row's function stands beside it.
#include <memory>
#include <span>

#include "base/op_row.h"
#include "physical/linear_map.h"
#include "physical/memory.h"
#include "physical/profile.h"

namespace mm {

// What a row's function works on. The profile is read by the boot stages only.
struct physical_op_context {
    physical_memory& mem;
    const machine_profile& profile;
    const highmem_addresses* highmem = nullptr; // nullptr: kmap() is not there yet
    // Receives the profile that memblock's ops have made of the machine's own, when boot takes it over.
    std::shared_ptr<const machine_profile>* made_profile = nullptr;
};

using PhysicalOp = OpRow<physical_op_context>;

[[nodiscard]] std::span<const PhysicalOp> physical_ops();

} // namespace mm
