// gfp_t as text, the way the kernel's trace events print it.
//
// Models: the table of names in the kernel's order (whole masks first, then single bits), what a name stands for in each
//   kernel version, the rest in hex.
// Not modelled: the KASAN bits and the later __GFP_* bits from 24 up; they print in hex.
// Mirrors: include/trace/events/mmflags.h (Linux 5.10, 6.1, 6.12).
#include "physical/gfp.h"

namespace mm {

namespace {

struct gfp_name {
    gfp_t mask;
    std::string_view name;
};

constexpr gfp_t GFP_BIT_ZEROTAGS = 0x800000;
constexpr gfp_t TRANSHUGE_LIGHT =
    (GFP_HIGHUSER_MOVABLE | GFP_BIT_COMP | GFP_BIT_NOMEMALLOC | GFP_BIT_NOWARN) & ~GFP_RECLAIM;

constexpr gfp_name names_6_1[] = {
    {TRANSHUGE_LIGHT | GFP_BIT_DIRECT_RECLAIM, "GFP_TRANSHUGE"},
    {TRANSHUGE_LIGHT, "GFP_TRANSHUGE_LIGHT"},
    {GFP_HIGHUSER_MOVABLE, "GFP_HIGHUSER_MOVABLE"},
    {GFP_HIGHUSER, "GFP_HIGHUSER"},
    {GFP_USER, "GFP_USER"},
    {GFP_KERNEL | GFP_BIT_ACCOUNT, "GFP_KERNEL_ACCOUNT"},
    {GFP_KERNEL, "GFP_KERNEL"},
    {GFP_RECLAIM | GFP_BIT_IO, "GFP_NOFS"},
    {GFP_BIT_HIGH | GFP_BIT_ATOMIC | GFP_BIT_KSWAPD_RECLAIM, "GFP_ATOMIC"},
    {GFP_RECLAIM, "GFP_NOIO"},
    {GFP_NOWAIT, "GFP_NOWAIT"},
    {GFP_BIT_DMA, "GFP_DMA"},
    {GFP_BIT_HIGHMEM, "__GFP_HIGHMEM"},
    {GFP_BIT_DMA32, "GFP_DMA32"},
    {GFP_BIT_HIGH, "__GFP_HIGH"},
    {GFP_BIT_ATOMIC, "__GFP_ATOMIC"},
    {GFP_BIT_IO, "__GFP_IO"},
    {GFP_BIT_FS, "__GFP_FS"},
    {GFP_BIT_NOWARN, "__GFP_NOWARN"},
    {GFP_BIT_RETRY_MAYFAIL, "__GFP_RETRY_MAYFAIL"},
    {GFP_BIT_NOFAIL, "__GFP_NOFAIL"},
    {GFP_BIT_NORETRY, "__GFP_NORETRY"},
    {GFP_BIT_COMP, "__GFP_COMP"},
    {GFP_BIT_ZERO, "__GFP_ZERO"},
    {GFP_BIT_NOMEMALLOC, "__GFP_NOMEMALLOC"},
    {GFP_BIT_MEMALLOC, "__GFP_MEMALLOC"},
    {GFP_BIT_HARDWALL, "__GFP_HARDWALL"},
    {GFP_BIT_THISNODE, "__GFP_THISNODE"},
    {GFP_BIT_RECLAIMABLE, "__GFP_RECLAIMABLE"},
    {GFP_BIT_MOVABLE, "__GFP_MOVABLE"},
    {GFP_BIT_ACCOUNT, "__GFP_ACCOUNT"},
    {GFP_BIT_WRITE, "__GFP_WRITE"},
    {GFP_RECLAIM, "__GFP_RECLAIM"},
    {GFP_BIT_DIRECT_RECLAIM, "__GFP_DIRECT_RECLAIM"},
    {GFP_BIT_KSWAPD_RECLAIM, "__GFP_KSWAPD_RECLAIM"},
    {GFP_BIT_ZEROTAGS, "__GFP_ZEROTAGS"},
};

// Spellings that scenarios and kernel sources use and that the trace table does not have.
constexpr gfp_name other_spellings[] = {
    {GFP_BIT_DMA, "__GFP_DMA"},
    {GFP_BIT_DMA32, "__GFP_DMA32"},
    {0, "none"},
};

// What a row of names_6_1 stands for in the kernel of `rules`; 0 when that kernel does not have the name.
gfp_t mask_in(const gfp_name& row, const kernel_rules& rules) {
    if (row.mask == GFP_BIT_ZEROTAGS) return rules.before(5, 14) ? 0 : row.mask;
    if (rules.has_gfp_atomic_bit()) return row.mask;
    if (row.mask == GFP_BIT_ATOMIC) return 0;
    if (row.name == "GFP_NOWAIT") return row.mask | GFP_BIT_NOWARN; // 6.12
    return row.mask & ~GFP_BIT_ATOMIC;
}

} // namespace

FlagSet gfp_flags(const kernel_rules& rules) {
    FlagSet set{.names = {}, .nothing = "none", .loose = true};
    for (const gfp_name& row : names_6_1)
        if (const gfp_t mask = mask_in(row, rules); mask != 0) set.names.push_back({.bits = mask, .name = row.name});
    for (const gfp_name& row : other_spellings)
        set.names.push_back({.bits = row.mask, .name = row.name, .written = false});
    return set;
}

std::string gfp_to_text(gfp_t gfp, const kernel_rules& rules) { return flags_text(gfp_flags(rules), gfp); }

Told gfp_conflict(gfp_t gfp) {
    const gfp_t zone = gfp & (GFP_BIT_DMA | GFP_BIT_DMA32 | GFP_BIT_HIGHMEM);
    if (zone & (zone - 1))
        return told("names two zones; at most one of __GFP_DMA, __GFP_DMA32 and __GFP_HIGHMEM is allowed",
                    "指了两个内存域；__GFP_DMA、__GFP_DMA32 和 __GFP_HIGHMEM 最多只能有一个");
    const gfp_t mobility = GFP_BIT_MOVABLE | GFP_BIT_RECLAIMABLE;
    if ((gfp & mobility) == mobility)
        return told("is both movable and reclaimable; at most one of the two is allowed",
                    "既可移动又可回收；两者最多只能有一个");
    return {};
}

} // namespace mm
