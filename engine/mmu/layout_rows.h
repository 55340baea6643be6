#pragma once
// Rows of a layout: its macros and regions, as formulas. The rows themselves are each architecture's (layout_macros.h).
#include <span>

#include "mmu/layout.h"

namespace mm {

struct layout_macro_row {
    std::string_view name, formula;
};
struct layout_region_row {
    std::string_view name, name_zh;
    region_kind kind;
    std::string_view start, end; // end empty: the end of all addresses
};
struct layout_rows {
    std::span<const layout_macro_row> macros;
    std::span<const layout_region_row> regions;
};

// A macro that has no formula of its own: PAGE_OFFSET + the smaller of memory_end and MAXMEM, which stand before it.
inline constexpr std::string_view HIGH_MEMORY = "high_memory";

} // namespace mm
