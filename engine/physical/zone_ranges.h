#pragma once
// Where each zone begins and ends: the architecture's limits, and what kernelcore= and movablecore= give to ZONE_MOVABLE.
//
//   node     [ DMA ][ DMA32 ][            Normal            ]      movable_zone is Normal, the highest zone with memory
//                                     | kernelcore satisfied
//            [ DMA ][ DMA32 ][ Normal ][      Movable       ]      start rounded up to the largest block
//
// Models: arch_zone_lowest_possible_pfn and arch_zone_highest_possible_pfn, movable_zone, kernelcore= and movablecore= in
//   bytes and percent, the even spread over nodes, adjust_zone_range_for_zone_movable.
// Not modelled: kernelcore=mirror, movable_node (memory that firmware marks as hot-pluggable).
// Mirrors: mm/page_alloc.c (Linux 5.10, 6.1), mm/mm_init.c (6.12): free_area_init, find_zone_movable_pfns_for_nodes.
#include <vector>

#include "physical/memory.h"
#include "physical/profile.h"

namespace mm {

struct frame_range {
    pfn_t start = 0;
    pfn_t end = 0;

    [[nodiscard]] bool empty() const { return end <= start; }
};

// A region's whole frames.
[[nodiscard]] frame_range frames_of(const memory_region& region, u8 page_shift);

// By zone index, the range that the architecture allows, cut to the memory that there is. Empty for Movable and Device.
[[nodiscard]] std::vector<frame_range> arch_zone_ranges(const machine_profile& profile, u8 page_shift);

// What became of kernelcore= and movablecore=, in pages.
struct movable_request {
    u64 total_pages = 0;          // of all memory regions
    u64 required_movablecore = 0; // rounded up to whole largest blocks
    u64 required_kernelcore = 0;  // the larger of the two demands; 0, or all memory: no ZONE_MOVABLE
    std::vector<pfn_t> start;     // by node, where ZONE_MOVABLE begins; 0: the node has none
};
[[nodiscard]] movable_request find_zone_movable_pfns(const machine_profile& profile, const physical_memory& mem,
                                                     const std::vector<frame_range>& ranges);

// The frames that a zone spans in one node; empty when it has none there. `movable_start`: of this node, 0 for none.
[[nodiscard]] frame_range zone_span_in_node(const pglist_data& node, zone_type type, frame_range arch_range,
                                            pfn_t movable_start, pfn_t movable_end);

} // namespace mm
