#pragma once
// A grid of equal cells, filled row after row: the frames of a block, CPUs, the objects of a slab.
//
//   +---+---+---+---+     A cell has an ink, a label where that fits, a mark; one may be selected, and arrows lead from
//   | 0 |=======|>3 |     cell to cell (a free list that is threaded through them). The last row may be shorter.
//   +---+---+---+---+
//   | 4 | 5 |             The caller looks up a cell only when it is drawn: what is out of sight costs nothing.
//   +---+---+
//
// Use: a GridShape, from fit_grid() or made by hand; then draw_cell_grid(), or draw_grid_lines() and for_each_seen_cell()
// where the cells stand on something that is drawn already.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "views/parts/pen.h"

namespace shell {

struct GridShape {
    Rect box; // all cells together
    mm::u32 columns = 1;
    mm::u32 nr = 0; // cells
    float gap = 0;  // between cells

    [[nodiscard]] mm::u32 rows() const { return columns == 0 ? 0 : (nr + columns - 1) / columns; }
    [[nodiscard]] float cell_width() const;
    [[nodiscard]] float cell_height() const;
    [[nodiscard]] Rect cell(mm::u32 index) const;
    // The cell at a point; none between cells and outside.
    [[nodiscard]] std::optional<mm::u32> at(ImVec2 point) const;
};

// The columns and rows that `window` touches; `end` is exclusive.
struct GridRange {
    mm::u32 first_column = 0, end_column = 0, first_row = 0, end_row = 0;
};
[[nodiscard]] GridRange seen_cells(const GridShape& shape, const Rect& window);

struct CellBounds {
    float min_width = 12, max_width = 64;
    float aspect = 1; // width / height
    float gap = 2;
};

// The grid of the largest cells that fit into `box`. When not even the smallest do, these, in a grid that is as wide as
// the box and higher: shape.box tells how high.
[[nodiscard]] GridShape fit_grid(mm::u32 nr, const Rect& box, const CellBounds& bounds);

// Calls visit(index, rectangle) for each cell that `window` touches.
template <class Visit>
void for_each_seen_cell(const GridShape& shape, const Rect& window, Visit visit) {
    const GridRange range = seen_cells(shape, window);
    for (mm::u32 row = range.first_row; row < range.end_row; ++row) {
        for (mm::u32 column = range.first_column; column < range.end_column; ++column) {
            const mm::u32 index = row * shape.columns + column;
            if (index < shape.nr) visit(index, shape.cell(index));
        }
    }
}

// Lines between cells, as far as `window` goes.
void draw_grid_lines(Pen& pen, const GridShape& shape, const Rect& window, Rgba colour);

// How one cell is drawn.
struct CellLook {
    BlockInk ink{};
    float level = 1;     // the part of the cell that the ink covers, from below: 0 to 1
    std::string label{}; // left out where it does not fit
    Rgba mark = 0;       // not 0: the outline of what the current op touched
    float glow = 0;      // of the mark: 1 at the beginning of the moment, 0 at rest
    bool gone = false;   // what was here has left: dashed, without ink
};

// From the middle of one cell to the edge of another. A cell's arrow to itself is not drawn.
struct CellArrow {
    mm::u32 from = 0, to = 0;
    Rgba colour = 0;
};

struct CellGrid {
    GridShape shape;
    std::function<CellLook(mm::u32 index)> look;
    std::vector<CellArrow> arrows{};
    std::optional<mm::u32> selected{};
};

// Draws what `window` shows. Returns the cell under the pointer.
std::optional<mm::u32> draw_cell_grid(Pen& pen, const CellGrid& grid, const Rect& window, ImVec2 pointer);

} // namespace shell
