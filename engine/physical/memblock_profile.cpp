#include "physical/memblock_profile.h"

#include <algorithm>
#include <bit>

namespace mm {

namespace {

using Regions = std::vector<memory_region>;

// Device trees: each range is cut to whole pages before it joins the list. e820: the list is cut when it is complete.
bool cuts_each_range(const machine_profile& profile) { return profile.arch == architecture::arm64; }

memory_region whole_pages(const memory_region& region, u64 page) {
    const u64 start = (region.start + page - 1) / page * page, end = (region.start + region.size) / page * page;
    return {start, end > start ? end - start : 0, region.node};
}

bool is_whole(const memory_region& region, u64 page) { return region.start % page == 0 && region.size % page == 0; }

// Ascending, without overlaps; `joined`: regions that touch are of different nodes.
bool ascends(const Regions& regions, bool joined) {
    for (std::size_t i = 1; i < regions.size(); ++i) {
        const memory_region& before = regions[i - 1];
        const u64 end = before.start + before.size;
        if (regions[i].start < end) return false;
        if (joined && regions[i].start == end && regions[i].node == before.node) return false;
    }
    return true;
}

// Lists as they are when nothing is asked of arrays: they are as large as they have to be, and stand where they stood.
void fill(memblock_context& cx, memblock_list which, const Regions& regions) {
    memblock_type& list = cx.blocks.list(which);
    const std::size_t most = list.regions.size() + regions.size();
    const std::size_t room = most + 2 * cx.blocks.memory.regions.size() + 2;
    list.max = std::max(INIT_MEMBLOCK_REGIONS, static_cast<u32>(std::bit_ceil(room)));
    for (const memory_region& region : regions) {
        const i16 nid = which == memblock_list::memory ? static_cast<i16>(region.node) : NUMA_NO_NODE;
        static_cast<void>(memblock_add_range(cx, which, region.start, region.size, nid));
    }
}

void fill_memory(memblock_context& cx, const machine_profile& profile) {
    Regions memory = profile.memory;
    if (cuts_each_range(profile))
        for (memory_region& region : memory) region = whole_pages(region, profile.page_size);
    fill(cx, memblock_list::memory, memory);
    memblock_trim_memory(cx, profile.page_size);
}

Regions regions_of(const memblock_type& list) {
    Regions out;
    for (const memblock_region& region : list.regions)
        out.push_back({region.base, region.size, static_cast<u8>(std::max<i16>(region.nid, 0))});
    return out;
}

bool contains(const Regions& regions, const memory_region& area) {
    return std::any_of(regions.begin(), regions.end(), [&](const memory_region& region) {
        return area.start >= region.start && area.start + area.size <= region.start + region.size;
    });
}

} // namespace

memblock_config memblock_config_of(const machine_profile& profile) {
    const bool narrow = profile.arch == architecture::i386; // no PAE
    const bool numa = !narrow || profile.nodes > 1;         // i386: a build for machines with nodes, where the profile has some
    return {.rules = {profile.kernel},
            .page_size = profile.page_size,
            .region_bytes = !narrow ? 24u : numa ? 16u : 12u,
            .phys_addr_max = narrow ? 0xffffffffull : ~u64{0},
            .numa = numa,
            .keeps = profile.arch == architecture::arm64};
}

memblock_state memblock_of(const machine_profile& profile) {
    memblock_state blocks;
    blocks.filled = true;
    if (profile.memblock_empty) return blocks;
    EventSink quiet;
    const memblock_config config = memblock_config_of(profile);
    memblock_context cx{blocks, quiet, config};
    fill_memory(cx, profile);
    fill(cx, memblock_list::reserved, profile.reserved);
    fill(cx, memblock_list::reserved, profile.cma);
    // Boot has allowed it long before it has such lists.
    blocks.can_resize = true;
    return blocks;
}

bool is_settled(const machine_profile& profile) {
    const bool whole = std::all_of(profile.memory.begin(), profile.memory.end(),
                                   [&](const memory_region& region) { return is_whole(region, profile.page_size); });
    return whole && ascends(profile.memory, true) && ascends(profile.reserved, false);
}

void settle_memory(machine_profile& profile) {
    if (is_settled(profile)) return;
    memblock_state blocks;
    EventSink quiet;
    const memblock_config config = memblock_config_of(profile);
    memblock_context cx{blocks, quiet, config};
    fill_memory(cx, profile);
    profile.memory = regions_of(blocks.memory);
    if (ascends(profile.reserved, false)) return;
    fill(cx, memblock_list::reserved, profile.reserved);
    profile.reserved = regions_of(blocks.reserved);
}

machine_profile profile_of_memblock(const machine_profile& profile, const memblock_state& blocks) {
    machine_profile out = profile;
    out.memory = regions_of(blocks.memory);
    for (memory_region& region : out.memory) region = whole_pages(region, profile.page_size);
    std::erase_if(out.memory, [](const memory_region& region) { return region.size == 0; });
    out.reserved = regions_of(blocks.reserved);
    std::erase_if(out.cma, [&](const memory_region& area) {
        return !contains(out.memory, area) || !contains(out.reserved, area);
    });
    return out;
}

} // namespace mm
