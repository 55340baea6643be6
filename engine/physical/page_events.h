#pragma once
// The events of references to pages, of requests for many pages at once, and of pages that are cleared when they are freed:
// kinds here, their arguments and words in page_events.cpp. They stand behind those of physical/memblock_events.h.
#include "physical/memblock_events.h"

namespace mm {

enum class page_event : u16 {
    page_get = static_cast<u16>(memblock_event::count),
    page_get_refused,
    page_put,
    block_left_to_first,
    bulk_request,
    bulk_watermark,
    bulk_one_page,
    bulk_taken,
    bulk_missing,
    contig_request,
    contig_refused,
    pageblock_isolate,
    isolate_refused,
    free_block_cut,
    test_pages_isolated, // tracepoint
    contig_block_taken,
    contig_taken,
    pageblock_unisolate,
    contig_still_in_use,
    pages_cleared,
    count,
};

[[nodiscard]] EventPart page_events();

} // namespace mm
