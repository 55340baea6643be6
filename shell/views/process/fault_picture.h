#pragma once
// How the tree of a page fault is drawn: with room for all of it, and without.
#include <string>
#include <vector>

#include "views/parts/pen.h"
#include "views/parts/scroll_area.h"
#include "views/parts/view.h"
#include "views/process/fault_lines.h"

namespace shell {

struct FaultPicture {
    Pen& pen;
    ScrollArea& area;
    const mm::vma_rules& rules;
    const std::vector<FaultLine>& lines; // the way of the fault; none: there is none
    const Selection& selection;
    float x0, x1;

    [[nodiscard]] const FaultLine* line_of(mm::fault_node node) const;
    // The way goes from one of them to the other.
    [[nodiscard]] bool goes(mm::fault_node from, mm::fault_node to) const;
};
struct FaultDrawing {
    float end = 0;                    // the picture's lower edge
    const FaultLine* under = nullptr; // under the pointer, of the way
    bool over = false;                // the pointer is on a node: this one
    mm::fault_node node = mm::fault_node::entry;
};

inline constexpr float FAULT_TREE_WIDTH = 660; // from which on all of it is drawn
[[nodiscard]] FaultDrawing draw_fault_tree(FaultPicture& picture, float y);
[[nodiscard]] FaultDrawing draw_fault_way(FaultPicture& picture, float y);

} // namespace shell
