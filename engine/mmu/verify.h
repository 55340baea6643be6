#pragma once
// Checks every invariant that page_table.h states.
#include <optional>
#include <string>

#include "base/hash.h"
#include "mmu/page_table.h"

namespace mm {

// nullopt when all hold, else the first that does not, with its place.
[[nodiscard]] std::optional<std::string> verify_mmu(const mmu_memory& mmu, const physical_memory& mem);

void hash_mmu(const mmu_memory& mmu, Hasher& hasher);

} // namespace mm
