// The invariants of SLOB, and its part of the hash.
#include "slab/slob.h"
#include "slab/verify.h"

namespace mm {

namespace {

// Free blocks in address order, apart from each other, that add up to the page's free units; blocks in use between them.
std::optional<std::string> check_page(const slab_memory& slabs, const physical_memory& mem, pfn_t pfn, slob_list list) {
    const std::string name = "SLOB page " + std::to_string(pfn);
    if (!is_slob_page(slabs, mem, pfn)) return name + ": is on a list, but no page of SLOB";
    const slob_page& sp = slabs.slob_pages[pfn - mem.base_pfn];
    const u32 end = slob_page_units(mem);
    if (sp.list != list) return name + ": stands on another list than it says";
    if ((sp.units == 0) != (list == SLOB_FULL)) return name + ": full, and on a list of pages with room, or not full";
    if (sp.units == end) return name + ": empty, and not given back";
    u32 free = 0;
    u32 behind = 0; // the end of the free block before
    for (u32 at = sp.units > 0 ? sp.freelist : end; at < end; at = slob_next(slabs, sp, at)) {
        const u32 units = slob_unit_size(slabs, sp, at);
        if ((behind > 0 && at <= behind) || at + units > end)
            return name + ": free blocks overlap, or touch without having merged";
        free += units;
        behind = at + units;
    }
    if (free != sp.units)
        return name + ": counts " + std::to_string(sp.units) + " free units, has " + std::to_string(free);
    u32 at = 0;
    for (const slob_block& block : slob_blocks(slabs, mem, pfn)) {
        if (!block.free && block.bytes == 0) return name + ": unit " + std::to_string(at) + " belongs to no block";
        at = block.unit + block.units;
    }
    return at == end ? std::nullopt : std::optional<std::string>(name + ": its blocks do not end with it");
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
