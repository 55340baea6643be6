// The invariants of SLOB, and its part of the hash.
#include <algorithm>

#include "slab/slob.h"
#include "slab/verify.h"

namespace mm {

namespace {

// Blocks side by side from the first unit to the last, no two free ones beside each other, the free ones as many units as
// the page counts.
std::optional<std::string> check_page(const slab_memory& slabs, const physical_memory& mem, pfn_t pfn, slob_list list) {
    const std::string name = "SLOB page " + std::to_string(pfn);
    if (!is_slob_page(slabs, mem, pfn)) return name + ": is on a list, but no page of SLOB";
    const slob_page& sp = slabs.slob_pages[pfn - mem.base_pfn];
    const u32 end = slob_page_units(mem);
    if (sp.list != list) return name + ": stands on another list than it says";
    if ((sp.units == 0) != (list == SLOB_FULL)) return name + ": full, and on a list of pages with room, or not full";
    if (sp.units == end) return name + ": empty, and not given back";
    u32 at = 0;
    u32 free = 0;
    u32 first_free = end;
    bool after_free = false;
    for (const slob_block& block : slob_blocks(slabs, mem, pfn)) {
        if (block.unit != at)
            return name + ": a block begins at " + std::to_string(block.unit) + ", expected " + std::to_string(at);
        if (block.units == 0) return name + ": the block at " + std::to_string(at) + " has no units";
        if (block.free && after_free) return name + ": free blocks touch without having merged";
        if (block.free) free += block.units;
        if (block.free) first_free = std::min(first_free, at);
        after_free = block.free;
        at += block.units;
    }
    if (at != end) return name + ": its blocks do not end with it";
    if (free != sp.units)
        return name + ": counts " + std::to_string(sp.units) + " free units, has " + std::to_string(free);
    if (sp.freelist != first_free) return name + ": its first free block is not where it says";
    return std::nullopt;
}

} // namespace

std::optional<std::string> verify_slob(const slab_memory& slabs, const physical_memory& mem) {
    u32 pages = 0;
    for (u8 list = 0; list < NR_SLOB_LISTS; ++list) {
        pfn_t prev = PFN_NONE;
        for (pfn_t pfn = slabs.slob_first[list]; pfn != PFN_NONE;
             prev = pfn, pfn = slabs.slob_pages[pfn - mem.base_pfn].next) {
            if (++pages > slabs.slob_nr_pages) return "a list of SLOB pages has no end, or pages are not counted";
            if (auto broken = check_page(slabs, mem, pfn, static_cast<slob_list>(list))) return broken;
            if (slabs.slob_pages[pfn - mem.base_pfn].prev != prev)
                return "the links of a list of SLOB pages do not agree";
        }
        if (slabs.slob_last[list] != prev) return "a list of SLOB pages ends elsewhere than it says";
    }
    if (pages != slabs.slob_nr_pages) return "SLOB has pages that are on no list";
    return std::nullopt;
}

void hash_slob(const slab_memory& slabs, const physical_memory& mem, Hasher& hasher) {
    for (u8 list = 0; list < NR_SLOB_LISTS; ++list) {
        for (pfn_t pfn = slabs.slob_first[list]; pfn != PFN_NONE; pfn = slabs.slob_pages[pfn - mem.base_pfn].next) {
            hasher.add(static_cast<u64>(pfn) << 8 | list);
            for (const slob_block& block : slob_blocks(slabs, mem, pfn))
                hasher.add(static_cast<u64>(block.units) << 32 | static_cast<u64>(block.bytes) << 8 | block.header);
        }
    }
}

} // namespace mm
