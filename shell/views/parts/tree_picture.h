#pragma once
// A red-black tree, drawn as a tree: a level a row, the left half of a node's room for its left child.
//
//                 [ c 4 MiB  ]
//        [ a 8 KiB ]       [ e 1 GiB ]       with names as long as these fit
//         .    [b]          [d]    +12       then small; what is deeper is counted
//
// The nodes are collected once a moment; drawing looks at those of the levels that fit.
#include <functional>
#include <string>
#include <vector>

#include "base/rb_tree.h"
#include "views/parts/pen.h"
#include "views/parts/scroll_area.h"

namespace shell {

struct TreeNode {
    mm::u32 id = mm::RB_NONE;
    mm::u32 depth = 0;
    mm::u32 place =
        0;          // in its level, counted with places that are empty: children stand at 2 * place and 2 * place + 1
    mm::u32 nr = 0; // nodes from this one down
    mm::u32 above = mm::RB_NONE;
};

struct TreePicture {
    std::vector<TreeNode> nodes; // a node before those below it
    mm::u32 total = 0;
};

// The levels that a screen can have room for.
inline constexpr mm::u32 MOST_LEVELS = 10;

// How many nodes hang below `id`, and those of the levels that can be drawn.
template <class Records>
mm::u32 collect_tree(const Records& records, const TreeNode& at, std::vector<TreeNode>& out) {
    if (at.id == mm::RB_NONE) return 0;
    const std::size_t index = out.size();
    const bool drawn = at.depth < MOST_LEVELS;
    if (drawn) out.push_back(at);
    const mm::u32 left = records[at.id].left, right = records[at.id].right, place = drawn ? 2 * at.place : 0;
    const mm::u32 nr = 1 + collect_tree(records, {left, at.depth + 1, place, 0, at.id}, out) +
                       collect_tree(records, {right, at.depth + 1, place + drawn, 0, at.id}, out);
    if (drawn) out[index].nr = nr;
    return nr;
}
// Of records that are linked by left and right.
template <class Records>
[[nodiscard]] TreePicture tree_picture(const Records& records, mm::u32 root) {
    TreePicture tree;
    tree.total = collect_tree(records, {root}, tree.nodes);
    return tree;
}

// How a node looks.
struct TreeNodeLook {
    bool red = false;
    std::string name, size, detail; // its lines, where there is room
    bool touched = false;           // by the current op
    bool on_path = false;           // of the search
    bool selected = false;
};

struct TreeDrawing {
    float end = 0;               // where the picture ends
    mm::u32 under = mm::RB_NONE; // the node below the pointer
};
TreeDrawing draw_tree_picture(Pen& pen, ScrollArea& area, const TreePicture& tree, const Rect& top,
                              const std::function<TreeNodeLook(mm::u32)>& look);

// The tree's own red and black, in both themes.
[[nodiscard]] BlockInk tree_node_ink(const Palette& palette, bool red);

} // namespace shell
