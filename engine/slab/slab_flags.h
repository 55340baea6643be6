#pragma once
// The flags of kmem_cache_create(), with the bits of Linux 6.1 (arm64, x86).
//
// Mirrors: include/linux/slab.h (Linux 6.1). SLAB_NO_MERGE came with 6.5; older machines refuse it.
#include <optional>
#include <string>

#include "base/flag_set.h"
#include "base/types.h"
#include "physical/kernel_rules.h"

namespace mm {

using slab_flags_t = u32;

enum slab_flag : slab_flags_t {
    SLAB_CONSISTENCY_CHECKS = 0x00000100,
    SLAB_RED_ZONE = 0x00000400,
    SLAB_POISON = 0x00000800,
    SLAB_KMALLOC = 0x00001000,
    SLAB_HWCACHE_ALIGN = 0x00002000,
    SLAB_CACHE_DMA = 0x00004000,
    SLAB_CACHE_DMA32 = 0x00008000,
    SLAB_STORE_USER = 0x00010000,
    SLAB_RECLAIM_ACCOUNT = 0x00020000,
    SLAB_PANIC = 0x00040000,
    SLAB_TYPESAFE_BY_RCU = 0x00080000,
    SLAB_MEM_SPREAD = 0x00100000,
    SLAB_TRACE = 0x00200000,
    SLAB_NOLEAKTRACE = 0x00800000,
    SLAB_NO_MERGE = 0x01000000,
    SLAB_ACCOUNT = 0x04000000,
    OBJECT_POISON = 0x80000000,    // __OBJECT_POISON: the object's own bytes are poisoned, set by calculate_sizes()
    SLAB_OFF_SLAB = 0x40000000,    // CFLGS_OFF_SLAB of mm/slab.c: the index array stands outside the slab
    SLAB_OBJFREELIST = 0x20000000, // CFLGS_OBJFREELIST_SLAB of mm/slab.c: it stands in a free object
};

// What a caller may ask for.
inline constexpr slab_flags_t SLAB_FLAGS_ALL =
    SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_HWCACHE_ALIGN | SLAB_CACHE_DMA | SLAB_CACHE_DMA32 |
    SLAB_STORE_USER | SLAB_RECLAIM_ACCOUNT | SLAB_PANIC | SLAB_TYPESAFE_BY_RCU | SLAB_NO_MERGE | SLAB_ACCOUNT;
// Debugging: the slow path is always taken, every object is checked.
inline constexpr slab_flags_t SLAB_DEBUG_FLAGS =
    SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER | SLAB_TRACE;

// The names of all of them, those that a caller may ask for in the kernel of `rules` accepted.
[[nodiscard]] FlagSet slab_flag_set(const kernel_rules& rules);
// "SLAB_PANIC|SLAB_ACCOUNT"; "0" for none.
[[nodiscard]] std::string slab_flags_text(slab_flags_t flags);
// A letter of slub_debug= on the kernel command line: F, Z, P or U.
[[nodiscard]] std::optional<slab_flags_t> slub_debug_flag(char letter);
// The letters of such flags, in this order.
[[nodiscard]] std::string slub_debug_letters(slab_flags_t flags);

} // namespace mm
