#pragma once
// What of an index of VMAs is looked at: the way of the last search, and the nodes of a maple tree that are unfolded.
#include <string>
#include <vector>

#include "process/vma_index.h"
#include "views/parts/view.h"

namespace shell {

// A search: of the step, else for the selected address.
struct IndexSearch {
    bool of_step = false;
    bool for_hole = false;
    mm::u64 address = 0; // or the size of the hole
    mm::u64 key = 0;     // the address that the way leads to
    mm::search_way way = mm::search_way::maple;
    mm::u32 looked = 0;
    std::vector<mm::u32> path; // VMAs, or nodes of the maple tree, from the root on; a cache has none

    [[nodiscard]] bool is_there() const { return of_step || !path.empty(); }
    [[nodiscard]] bool passes(mm::u32 id) const;
};

// Search of the step, in the index as it was then. `about`: the step is about the process.
[[nodiscard]] IndexSearch index_search(const ViewInput& input, mm::mm_id process, bool about);
// The search in words; empty: there is none.
[[nodiscard]] std::string search_words(const Teller& teller, const mm::process_memory& proc, const IndexSearch& search);

// One level of a maple tree as it is drawn: the nodes below the one that is unfolded above.
struct MapleLevel {
    mm::u8 level = 1; // 1: leaves
    mm::u32 all = 0;  // nodes that the tree has there
    mm::u32 open = 0; // which of `nodes` is unfolded
    std::vector<mm::maple_id> nodes;
};
// From the root down; unfolded is what holds the address.
[[nodiscard]] std::vector<MapleLevel> maple_levels(const mm::process_memory& proc, const mm::maple_tree& tree,
                                                   mm::u64 address);
// Nodes of a level that are not among those: each level's number of nodes, leaves first.
[[nodiscard]] std::vector<mm::u32> nodes_by_level(const mm::maple_pool& pool, const mm::maple_tree& tree);

} // namespace shell
