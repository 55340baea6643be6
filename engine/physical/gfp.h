#pragma once
// gfp_t: what an allocation may do and where its pages may come from.
//
// Mirrors include/linux/gfp_types.h (Linux 6.1). The bit values are the same in 5.10 and 6.12 except for
// __GFP_ATOMIC, which 6.3 removed.
#include <string>

#include "base/flag_set.h"
#include "base/told.h"
#include "base/types.h"
#include "physical/kernel_rules.h"
#include "physical/migratetype.h"

namespace mm {

using gfp_t = u32;

inline constexpr gfp_t GFP_BIT_DMA = 0x01;
inline constexpr gfp_t GFP_BIT_HIGHMEM = 0x02;
inline constexpr gfp_t GFP_BIT_DMA32 = 0x04;
inline constexpr gfp_t GFP_BIT_MOVABLE = 0x08;
inline constexpr gfp_t GFP_BIT_RECLAIMABLE = 0x10;
inline constexpr gfp_t GFP_BIT_HIGH = 0x20;
inline constexpr gfp_t GFP_BIT_IO = 0x40;
inline constexpr gfp_t GFP_BIT_FS = 0x80;
inline constexpr gfp_t GFP_BIT_ZERO = 0x100;
inline constexpr gfp_t GFP_BIT_ATOMIC = 0x200;
inline constexpr gfp_t GFP_BIT_DIRECT_RECLAIM = 0x400;
inline constexpr gfp_t GFP_BIT_KSWAPD_RECLAIM = 0x800;
inline constexpr gfp_t GFP_BIT_WRITE = 0x1000;
inline constexpr gfp_t GFP_BIT_NOWARN = 0x2000;
inline constexpr gfp_t GFP_BIT_RETRY_MAYFAIL = 0x4000;
inline constexpr gfp_t GFP_BIT_NOFAIL = 0x8000;
inline constexpr gfp_t GFP_BIT_NORETRY = 0x10000;
inline constexpr gfp_t GFP_BIT_MEMALLOC = 0x20000;
inline constexpr gfp_t GFP_BIT_COMP = 0x40000;
inline constexpr gfp_t GFP_BIT_NOMEMALLOC = 0x80000;
inline constexpr gfp_t GFP_BIT_HARDWALL = 0x100000;
inline constexpr gfp_t GFP_BIT_THISNODE = 0x200000;
inline constexpr gfp_t GFP_BIT_ACCOUNT = 0x400000;
inline constexpr gfp_t GFP_BITS_ALL = 0x7fffff;

inline constexpr gfp_t GFP_ZONEMASK = GFP_BIT_DMA | GFP_BIT_HIGHMEM | GFP_BIT_DMA32 | GFP_BIT_MOVABLE;
inline constexpr gfp_t GFP_RECLAIM = GFP_BIT_DIRECT_RECLAIM | GFP_BIT_KSWAPD_RECLAIM;
inline constexpr gfp_t GFP_KERNEL = GFP_RECLAIM | GFP_BIT_IO | GFP_BIT_FS;
inline constexpr gfp_t GFP_NOWAIT = GFP_BIT_KSWAPD_RECLAIM;
inline constexpr gfp_t GFP_USER = GFP_KERNEL | GFP_BIT_HARDWALL;
inline constexpr gfp_t GFP_HIGHUSER = GFP_USER | GFP_BIT_HIGHMEM;
inline constexpr gfp_t GFP_HIGHUSER_MOVABLE = GFP_HIGHUSER | GFP_BIT_MOVABLE;

// MIGRATE_UNMOVABLE, _MOVABLE or _RECLAIMABLE by two bits of the mask (gfp_migratetype).
[[nodiscard]] constexpr migratetype gfp_migratetype(gfp_t gfp) {
    return static_cast<migratetype>((gfp & (GFP_BIT_MOVABLE | GFP_BIT_RECLAIMABLE)) >> 3);
}

// Bits that exclude each other, as a sentence; empty for a mask that the kernel accepts. The kernel warns about two
// mobilities and has no zone for two zone modifiers (GFP_ZONE_BAD).
[[nodiscard]] Told gfp_conflict(gfp_t gfp);

// The names of masks and bits in the kernel of `rules`, whole masks first. GFP_ATOMIC is what it is in that kernel.
[[nodiscard]] FlagSet gfp_flags(const kernel_rules& rules);

// "GFP_KERNEL|__GFP_ZERO", the way the kernel's trace events print a mask.
[[nodiscard]] std::string gfp_to_text(gfp_t gfp, const kernel_rules& rules);

} // namespace mm
