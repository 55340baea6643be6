#pragma once
// Many single pages in one go: one zone, one look at its watermark, one hold of the CPU's lock.
//
//   array   [ a ][   ][ b ][   ][   ]   ->   [ a ][ 1 ][ b ][ 2 ][ 3 ]      places that hold a page stay as they are
//
// Models: places that are filled already, the watermark with all pages on top, the first zone or its node's others, one page by
//   the usual way when that is all that is missing or all that is to be had.
// Not modelled: memory cgroups (__GFP_ACCOUNT takes one page there).
// Mirrors: mm/page_alloc.c (Linux 6.1: __alloc_pages_bulk; 6.12: alloc_pages_bulk_noprof). Since 5.13.
#include <span>

#include "physical/page_alloc.h"

namespace mm {

// Why one page is taken by the usual way instead. The numbers are the `reason` of the event bulk_one_page.
enum class bulk_single : u8 {
    one_place,  // one place is empty
    other_node, // the preferred zone is short, and the next one is another node's
    watermark,  // no zone stays above its low watermark with all pages gone
    no_page,    // the zone had not even one
};

// Fills the places that are PFN_NONE. How many from the front are filled then, as far as it came.
u32 alloc_pages_bulk_array(physical_context& cx, const alloc_request& request, std::span<pfn_t> pages);

} // namespace mm
