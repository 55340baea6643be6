#pragma once
// What must hold of processes after every call, and the canonical hash of their state.
#include <optional>
#include <string>

#include "base/hash.h"
#include "process/mm.h"

namespace mm {

// What is wrong, in words for people who debug; nothing when all is well.
[[nodiscard]] std::optional<std::string> verify_processes(const process_memory& proc);

// The same of their pages: tables against VMAs, Rss, mapcounts and the reverse map against tables, the page cache.
[[nodiscard]] std::optional<std::string> verify_user_pages(const process_memory& proc, const mmu_memory& mmu,
                                                           const physical_memory& mem);

// The same of their tasks: mm_users and mm_count against tasks and CPUs, tables that CPUs have loaded, pids and groups.
[[nodiscard]] std::optional<std::string> verify_tasks(const process_memory& proc, const mmu_memory& mmu);

// Tasks by pid, and what CPUs run.
void hash_tasks(const process_memory& proc, Hasher& hasher);
// Frames that processes have, and the page cache. Nothing where no process had a page.
void hash_user_pages(const process_memory& proc, Hasher& hasher);
// VMAs by address, counts, limits and files; not the numbers of records, nor the shape of trees.
void hash_processes(const process_memory& proc, Hasher& hasher);

} // namespace mm
