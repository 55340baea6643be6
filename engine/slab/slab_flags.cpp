#include "slab/slab_flags.h"

#include <array>
#include <string_view>

namespace mm {

namespace {

struct slab_flag_name {
    slab_flags_t flag;
    std::string_view name;
};

// In the order of their bits.
constexpr slab_flag_name slab_flag_names[] = {
    {SLAB_CONSISTENCY_CHECKS, "SLAB_CONSISTENCY_CHECKS"},
    {SLAB_RED_ZONE, "SLAB_RED_ZONE"},
    {SLAB_POISON, "SLAB_POISON"},
    {SLAB_KMALLOC, "SLAB_KMALLOC"},
    {SLAB_HWCACHE_ALIGN, "SLAB_HWCACHE_ALIGN"},
    {SLAB_CACHE_DMA, "SLAB_CACHE_DMA"},
    {SLAB_CACHE_DMA32, "SLAB_CACHE_DMA32"},
    {SLAB_STORE_USER, "SLAB_STORE_USER"},
    {SLAB_RECLAIM_ACCOUNT, "SLAB_RECLAIM_ACCOUNT"},
    {SLAB_PANIC, "SLAB_PANIC"},
    {SLAB_TYPESAFE_BY_RCU, "SLAB_TYPESAFE_BY_RCU"},
    {SLAB_MEM_SPREAD, "SLAB_MEM_SPREAD"},
    {SLAB_TRACE, "SLAB_TRACE"},
    {SLAB_NO_MERGE, "SLAB_NO_MERGE"},
    {SLAB_ACCOUNT, "SLAB_ACCOUNT"},
};

struct debug_letter {
    char letter;
    slab_flags_t flag;
};
constexpr std::array<debug_letter, 4> debug_letters = {
    {{'F', SLAB_CONSISTENCY_CHECKS}, {'Z', SLAB_RED_ZONE}, {'P', SLAB_POISON}, {'U', SLAB_STORE_USER}}};

} // namespace

FlagSet slab_flag_set(const kernel_rules& rules) {
    FlagSet set{.names = {}, .nothing = "0"};
    for (const slab_flag_name& row : slab_flag_names) {
        const bool may_ask =
            (row.flag & SLAB_FLAGS_ALL) != 0 && (row.flag != SLAB_NO_MERGE || rules.has_slab_no_merge());
        set.names.push_back({.bits = row.flag, .name = row.name, .accepted = may_ask});
    }
    return set;
}

std::string slab_flags_text(slab_flags_t flags) { return flags_text(slab_flag_set(kernel_rules{}), flags); }

std::optional<slab_flags_t> slub_debug_flag(char letter) {
    for (const debug_letter& row : debug_letters)
        if (row.letter == letter) return row.flag;
    return std::nullopt;
}

std::string slub_debug_letters(slab_flags_t flags) {
    std::string letters;
    for (const debug_letter& row : debug_letters)
        if (flags & row.flag) letters += row.letter;
    return letters;
}

} // namespace mm
