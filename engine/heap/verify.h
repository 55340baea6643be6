#pragma once
// What must hold of heaps after every call, and the canonical hash of their state.
#include <optional>
#include <string>

#include "base/hash.h"
#include "heap/heaps.h"

namespace mm {

// What is wrong, in words for people who debug; nothing when all is well. Of a heap that its program has damaged, or whose pages
// the program has thrown away, nothing is asked but whose it is.
[[nodiscard]] std::optional<std::string> verify_heaps(const heap_memory& heaps, const process_memory& proc,
                                                      const mmu_memory& mmu);

// Processes in the order of their numbers: parameters, threads, words.
void hash_heaps(const heap_memory& heaps, const process_memory& proc, Hasher& hasher);

} // namespace mm
