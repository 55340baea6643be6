#pragma once
// Checks every invariant that this room's headers state: each object is allocated, on a freelist or in an array, once.
#include <optional>
#include <string>

#include "base/hash.h"
#include "slab/slab_memory.h"

namespace mm {

// nullopt when all hold, else the first that does not, with its place. Slabs that misuse has damaged are left out.
[[nodiscard]] std::optional<std::string> verify_slabs(const slab_memory& slabs, const physical_memory& mem);

// The parts of one allocator alone.
[[nodiscard]] std::optional<std::string> verify_classic(const slab_memory& slabs, const physical_memory& mem);
[[nodiscard]] std::optional<std::string> verify_slob(const slab_memory& slabs, const physical_memory& mem);
void hash_classic(const slab_memory& slabs, Hasher& hasher);
void hash_slob(const slab_memory& slabs, const physical_memory& mem, Hasher& hasher);

void hash_slabs(const slab_memory& slabs, const physical_memory& mem, Hasher& hasher);

} // namespace mm
