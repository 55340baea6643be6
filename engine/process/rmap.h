#pragma once
// The reverse map: from a frame to every entry that maps it, and the counts of mappings.
//
// Mirrors: mm/rmap.c (page_add_new_anon_rmap, page_add_file_rmap, page_remove_rmap, rmap_walk; Linux 6.1).
#include <vector>

#include "process/mm.h"

namespace mm {

// An entry of `level` (0, or 1 for a huge page) of the mm maps the frame from now on. It counts in the mm's Rss.
void page_add_anon_rmap(mm_context& cx, pfn_t pfn, u64 address, u8 level, bool exclusive);
void page_add_file_rmap(mm_context& cx, pfn_t pfn, u64 address);
// It no longer does. The last one frees the page, if the page cache has it not. kernel: page_remove_rmap, put_page
// `freed`: pages whose last entry went are put there and not freed; nullptr: at once.
void page_remove_rmap(mm_context& cx, pfn_t pfn, u64 address, u8 level, std::vector<pfn_t>* freed = nullptr);
// The entry stands elsewhere in the same mm now.
void page_move_rmap(mm_context& cx, pfn_t pfn, u64 from, u64 to, u8 level);

// A page that no entry maps any more gives that reference back; the last one frees it. kernel: free_page_and_swap_cache
void free_user_page(mm_context& cx, pfn_t head);

struct frame_mapping {
    mm_id mm = MM_NONE;
    u64 address = 0;
    u8 level = 0;
};
// Who maps the frame, by mm and address; entries of a huge page, told by the address of its head, are those of each of its
// frames. kernel: rmap_walk
[[nodiscard]] std::vector<frame_mapping> rmap_walk(const user_pages& user, pfn_t pfn);

} // namespace mm
