#pragma once
// The reverse map: from a frame to every entry that maps it, and the counts of mappings.
//
// Mirrors: mm/rmap.c (page_add_new_anon_rmap, page_add_file_rmap, page_remove_rmap, rmap_walk; Linux 6.1).
#include <vector>

#include "process/mm.h"

namespace mm {

// An entry of `level` (0, or 1 for a huge page) of the mm maps the frame from now on. It counts in the mm's Rss.
void page_add_anon_rmap(mm_context& cx, pfn_t pfn, u64 address, u8 level, bool exclusive);
// The first entry of a page that is the VMA's alone: it belongs to the VMA's anon_vma.
void page_add_new_anon_rmap(mm_context& cx, vma_id vma, pfn_t pfn, u64 address, u8 level);
void page_add_file_rmap(mm_context& cx, pfn_t pfn, u64 address);
// It no longer does. The last one frees the page, if the page cache has it not. kernel: page_remove_rmap, put_page
// `freed`: pages whose last entry went are put there and not freed; nullptr: at once.
void page_remove_rmap(mm_context& cx, pfn_t pfn, u64 address, u8 level, std::vector<pfn_t>* freed = nullptr);
// A page that its last owner keeps belongs to the anon_vma of that VMA from now on. kernel: page_move_anon_rmap
void page_move_anon_rmap(mm_context& cx, vma_id vma, pfn_t pfn);
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

// ---- how the kernel finds them

// The anon_vma that an anonymous page belongs to. kernel: page_anon_vma
[[nodiscard]] anon_vma_id anon_vma_of(const user_pages& user, pfn_t pfn);
// The anon_vmas in the VMA's chain: its own, then those of the VMAs that it was forked from.
[[nodiscard]] std::vector<anon_vma_id> anon_vma_chain_of(const process_memory& proc, const vm_area_struct& vma);

// A VMA that the kernel looks at for a frame: the frame's anon_vma or its file's mapping leads there, and the page lies in it.
struct looked_at_vma {
    mm_id mm = MM_NONE;
    vma_id vma = VMA_NONE;
    u64 address = 0;   // where the page would be
    bool maps = false; // an entry names the frame there
};
struct rmap_look {
    std::vector<looked_at_vma> vmas; // by mm and address
    bool whole = true;               // false: there were more VMAs than `most`
};
// At most `most` VMAs of all processes are asked. kernel: rmap_walk_anon, rmap_walk_file
[[nodiscard]] rmap_look rmap_looked_at(const process_memory& proc, pfn_t pfn, u32 most);

} // namespace mm
