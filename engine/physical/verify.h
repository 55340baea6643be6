#pragma once
// Checks every invariant that this room's headers state. Used by tests, fuzzers and `mmscope check`.
#include <optional>
#include <string>

#include "base/hash.h"
#include "physical/memory.h"

namespace mm {

// nullopt when all hold, else the first that does not, with its place.
[[nodiscard]] std::optional<std::string> verify_physical(const physical_memory& mem);

// The canonical hash: order of feeding is part of the format.

void hash_physical(const physical_memory& mem, Hasher& hasher);

} // namespace mm
