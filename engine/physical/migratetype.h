#pragma once
// Migrate types of pageblocks and free lists. Mirrors include/linux/mmzone.h (Linux 6.1).
#include <array>
#include <string_view>

#include "base/types.h"

namespace mm {

enum migratetype : u8 {
    MIGRATE_UNMOVABLE,
    MIGRATE_MOVABLE,
    MIGRATE_RECLAIMABLE,
    MIGRATE_HIGHATOMIC,
    MIGRATE_CMA,
    MIGRATE_ISOLATE,
};
inline constexpr int MIGRATE_TYPES = 6;
inline constexpr int MIGRATE_PCPTYPES = 3; // the types that per-CPU lists are kept for

inline constexpr std::array<std::string_view, MIGRATE_TYPES> migratetype_names = {
    "Unmovable", "Movable", "Reclaimable", "HighAtomic", "CMA", "Isolate"};

[[nodiscard]] constexpr bool is_migrate_cma(migratetype type) { return type == MIGRATE_CMA; }
[[nodiscard]] constexpr bool migratetype_is_mergeable(migratetype type) { return type < MIGRATE_PCPTYPES; }

} // namespace mm
