#include "mmu/geometry.h"

namespace mm {

namespace {

using enum table_format;

// CONFIG_PGTABLE_LEVELS of arm64 is what the bits above the page offset need.
constexpr page_geometry arm64_of(u8 page_shift, u8 va_bits) {
    const u8 index_bits = static_cast<u8>(page_shift - 3);
    const u8 levels = static_cast<u8>((va_bits - page_shift + index_bits - 1) / index_bits);
    const table_format format = va_bits < 52 ? arm64 : page_shift == 16 ? arm64_lva : arm64_lpa2;
    return {format, page_shift, va_bits, levels, index_bits};
}

constexpr page_geometry geometries[] = {
    arm64_of(12, 39), arm64_of(12, 48), arm64_of(12, 52),      arm64_of(14, 36),
    arm64_of(14, 47), arm64_of(14, 48), arm64_of(14, 52),      arm64_of(16, 42),
    arm64_of(16, 48), arm64_of(16, 52), {i386, 12, 32, 2, 10}, {i386_pae, 12, 32, 3, 9},
};
constexpr std::size_t NR_I386 = 2; // the last ones

} // namespace

bool page_geometry::may_hold_block(u8 level) const {
    if (level == 1) return true;
    return level == 2 && arch().has_pud_blocks && page_shift == 12;
}

u32 page_geometry::contiguous_entries(u8 level) const {
    if (!arch().has_contiguous_hint || level > 1) return 0;
    switch (page_shift) {
    case 12: return 16;
    case 14: return level == 0 ? 128 : 32;
    default: return 32;
    }
}

std::optional<page_geometry> arm64_geometry(u64 page_size, u32 va_bits) {
    for (const page_geometry& geometry : std::span(geometries).first<std::size(geometries) - NR_I386>())
        if (geometry.page_size() == page_size && geometry.va_bits == va_bits) return geometry;
    return std::nullopt;
}

page_geometry i386_geometry(bool pae) { return std::span(geometries).last<NR_I386>()[pae]; }

std::span<const page_geometry> all_geometries() { return geometries; }

} // namespace mm
