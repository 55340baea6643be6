#pragma once
// A red-black tree of vmap areas, drawn as a tree: a level a row, the left half of a node's room for its left child.
//
//                 [ c 4 MiB  ]
//        [ a 8 KiB ]       [ e 1 GiB ]       with names as long as these fit
//         .    [b]          [d]    +12       then small; what is deeper is counted
//
// The nodes are collected once a moment; drawing looks at those of the levels that fit.
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kernel/vmap.h"
#include "views/parts/pen.h"
#include "views/parts/scroll_area.h"

namespace shell {

struct AreaNode {
    mm::vmap_id id = mm::VMAP_NONE;
    mm::u32 depth = 0;
    mm::u32 place =
        0;          // in its level, counted with places that are empty: children stand at 2 * place and 2 * place + 1
    mm::u32 nr = 0; // nodes from this one down
};

struct AreaTree {
    std::vector<AreaNode> nodes; // a node before those below it
    mm::u32 total = 0;
};

// The levels that a screen can have room for.
[[nodiscard]] AreaTree area_tree_of(const mm::vmap_space& space, mm::vmap_id root);

// How a node looks.
struct AreaNodeLook {
    std::string detail;   // its last line, where there is room for names
    bool touched = false; // by the current op
    bool on_path = false; // of the search
    bool selected = false;
};

struct AreaTreeDrawing {
    float end = 0;                     // where the picture ends
    mm::vmap_id under = mm::VMAP_NONE; // the area below the pointer
};
AreaTreeDrawing draw_area_tree(Pen& pen, ScrollArea& area, const mm::vmap_space& space, const AreaTree& tree,
                               const Rect& top, const std::function<AreaNodeLook(mm::vmap_id)>& look);

// The tree's own red and black, in both themes.
[[nodiscard]] BlockInk area_node_ink(const Palette& palette, bool red);

} // namespace shell
