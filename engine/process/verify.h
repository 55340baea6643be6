#pragma once
// What must hold of processes after every call, and the canonical hash of their state.
#include <optional>
#include <string>

#include "base/hash.h"
#include "process/mm.h"

namespace mm {

// What is wrong, in words for people who debug; nothing when all is well.
[[nodiscard]] std::optional<std::string> verify_processes(const process_memory& proc);

// VMAs by address, counts, limits and files; not the numbers of records, nor the shape of trees.
void hash_processes(const process_memory& proc, Hasher& hasher);

} // namespace mm
