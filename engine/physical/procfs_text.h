#pragma once
// Formatted appending for the /proc texts: the kernel's own conversions keep its widths readable in our source.
#include <cstdarg>
#include <cstdio>
#include <string>

#include "base/assert.h"
#include "physical/memory.h"

namespace mm {

__attribute__((format(printf, 2, 3))) inline void append_line(std::string& out, const char* format, ...) {
    char line[160]; // the longest line that any caller makes is below 100 bytes
    va_list args;
    va_start(args, format);
    const int length = std::vsnprintf(line, sizeof line, format, args);
    va_end(args);
    MM_ASSERT(length >= 0 && length < static_cast<int>(sizeof line));
    out.append(line, static_cast<std::size_t>(length));
}

// The name of a zone as the %8s of a /proc text takes it.
inline const char* name_of(const zone& z) { return z.name().data(); } // views of string literals: terminated

// Kernels with ZONE_HIGHMEM (the i386 ones) are built without CONFIG_NUMA and CONFIG_CMA, the others with both.
inline bool has_highmem(const physical_memory& mem) {
    for (const zone& z : mem.zones)
        if (z.type == zone_type::highmem) return true;
    return false;
}

} // namespace mm
