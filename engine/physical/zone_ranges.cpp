#include "physical/zone_ranges.h"

#include <algorithm>

namespace mm {

namespace {

constexpr u64 DMA_LIMIT_X86 = 16ull << 20;
constexpr u64 LIMIT_32_BIT = 1ull << 32;

// First frame behind a kind of zone. kernel: max_zone_pfns of zone_sizes_init
pfn_t limit_of(zone_type type, const machine_profile& profile, u8 page_shift) {
    const pfn_t everything = PFN_NONE;
    const pfn_t limit_32 = static_cast<pfn_t>(LIMIT_32_BIT >> page_shift);
    switch (type) {
    case zone_type::dma:
        if (profile.arch != architecture::arm64) return static_cast<pfn_t>(DMA_LIMIT_X86 >> page_shift);
        // arm64: the devices of the recorded boards reach 32 bits, so ZONE_DMA32 has nothing left. Where all RAM is above,
        // they are taken to reach it. kernel: max_zone_phys
        return profile.memory.front().start >= LIMIT_32_BIT ? everything : limit_32;
    case zone_type::dma32: return limit_32;
    case zone_type::normal: return profile.arch == architecture::i386 ? highmem_start(profile) : everything;
    case zone_type::highmem: return everything;
    case zone_type::movable:
    case zone_type::device: break;
    }
    return 0;
}

u64 pages_of(const core_size& core, u64 total_pages, u8 page_shift) {
    return core.percent ? total_pages * core.percent / 100 : core.bytes >> page_shift;
}

u64 round_up(u64 value, u64 step) { return (value + step - 1) / step * step; }

} // namespace

frame_range frames_of(const memory_region& region, u8 page_shift) {
    const u64 page = 1ull << page_shift;
    return {static_cast<pfn_t>((region.start + page - 1) >> page_shift),
            static_cast<pfn_t>((region.start + region.size) >> page_shift)};
}

std::vector<frame_range> arch_zone_ranges(const machine_profile& profile, u8 page_shift) {
    pfn_t at = frames_of(profile.memory.front(), page_shift).start;
    const pfn_t end_of_memory = frames_of(profile.memory.back(), page_shift).end;
    std::vector<frame_range> ranges;
    for (zone_type type : zone_layout(profile.arch, profile.kernel)) {
        if (type == zone_type::movable || type == zone_type::device) {
            ranges.push_back({});
            continue;
        }
        const pfn_t end = std::max(at, std::min(limit_of(type, profile, page_shift), end_of_memory));
        ranges.push_back({at, end});
        at = end;
    }
    return ranges;
}

movable_request find_zone_movable_pfns(const machine_profile& profile, const physical_memory& mem,
                                       const std::vector<frame_range>& ranges) {
    movable_request out;
    out.start.assign(mem.nodes.size(), 0);
    std::vector<std::vector<frame_range>> memory(mem.nodes.size());
    for (const memory_region& region : profile.memory) {
        memory[region.node].push_back(frames_of(region, mem.page_shift));
        out.total_pages += memory[region.node].back().end - memory[region.node].back().start;
    }
    const u64 block = 1ull << (mem.nr_orders - 1);
    out.required_kernelcore = pages_of(profile.kernelcore, out.total_pages, mem.page_shift);
    if (const u64 wanted = pages_of(profile.movablecore, out.total_pages, mem.page_shift)) {
        out.required_movablecore = std::min(out.total_pages, round_up(wanted, block));
        out.required_kernelcore = std::max(out.required_kernelcore, out.total_pages - out.required_movablecore);
    }
    if (out.required_kernelcore == 0 || out.required_kernelcore >= out.total_pages) return out;

    // Each pass gives every node an equal share of what the kernel still needs. A node that is too small for its share
    // leaves a rest, which the next pass spreads over one node less.
    const pfn_t usable_start = ranges[mem.highest_index[static_cast<std::size_t>(mem.movable_zone)]].start;
    u64 needed = out.required_kernelcore;
    u64 usable_nodes = mem.nodes.size();
    do {
        u64 share = needed / usable_nodes;
        for (std::size_t node = 0; node < memory.size(); ++node) {
            if (needed < share) share = needed / usable_nodes;
            u64 left = share;
            for (frame_range range : memory[node]) {
                range.start = std::max(range.start, out.start[node]);
                if (range.empty()) continue;
                const auto give = [&](pfn_t end) {
                    const u64 pages = end - range.start;
                    left -= std::min(pages, left);
                    needed -= std::min(pages, needed);
                    range.start = end;
                    out.start[node] = end;
                };
                // Zones below movable_zone are the kernel's in any case.
                if (range.start < usable_start) {
                    give(std::min(range.end, usable_start));
                    if (range.empty()) continue;
                }
                give(range.start + static_cast<pfn_t>(std::min<u64>(range.end - range.start, left)));
                if (left == 0) break;
            }
        }
    } while (--usable_nodes > 0 && needed > usable_nodes);

    for (std::size_t node = 0; node < memory.size(); ++node) {
        const pglist_data& pgdat = mem.nodes[node];
        const u64 start = round_up(out.start[node], block);
        const bool fits = start < u64{pgdat.node_start_pfn} + pgdat.node_spanned_pages;
        out.start[node] = fits ? static_cast<pfn_t>(start) : 0;
    }
    return out;
}

frame_range zone_span_in_node(const pglist_data& node, zone_type type, frame_range arch_range, pfn_t movable_start,
                              pfn_t movable_end) {
    const pfn_t node_end = node.node_start_pfn + node.node_spanned_pages;
    frame_range span{std::clamp(node.node_start_pfn, arch_range.start, arch_range.end),
                     std::clamp(node_end, arch_range.start, arch_range.end)};
    if (movable_start == 0) return span;
    if (type == zone_type::movable) return {movable_start, std::min(node_end, movable_end)};
    span.end = std::min(span.end, movable_start);
    if (span.empty()) return {};
    return span;
}

} // namespace mm
