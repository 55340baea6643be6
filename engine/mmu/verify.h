#pragma once
// Checks every invariant that page_table.h, tlb.h and arm64/asid.h state.
#include <optional>
#include <string>

#include "base/hash.h"
#include "mmu/page_table.h"

namespace mm {

// nullopt when all hold, else the first that does not, with its place.
[[nodiscard]] std::optional<std::string> verify_mmu(const mmu_memory& mmu, const physical_memory& mem);

// The TLBs and the ASIDs, as tlb.h and arm64/asid.h state. Part of verify_mmu().
[[nodiscard]] std::optional<std::string> verify_tlb(const mmu_memory& mmu);

void hash_mmu(const mmu_memory& mmu, Hasher& hasher);
void hash_tlb(const tlb_memory& tlb, Hasher& hasher); // part of hash_mmu()

} // namespace mm
