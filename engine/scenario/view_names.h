#pragma once
// The views that a scenario may open, as a whole and at a step. The shell draws each of them (shell/views/views.cpp; a test
// compares the names).
#include <array>
#include <string_view>

namespace mm {

inline constexpr auto VIEW_NAMES = std::to_array<std::string_view>(
    {"map",    "free-lists", "zones",     "pcp",           "memblock", "caches",      "cache",
     "slab",   "colouring",  "compare",   "vmalloc",       "address",  "page-tables", "tlb",
     "layout", "pkmap",      "processes", "address-space", "vma-tree", "fault",       "reverse-map"});

} // namespace mm
