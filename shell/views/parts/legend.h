#pragma once
// A legend: what colours and patterns mean, in a panel in a corner of the canvas.
#include <string>
#include <vector>

#include "views/parts/pen.h"

namespace shell {

struct LegendItem {
    BlockInk ink;
    std::string text;
    std::vector<Rgba> scale; // not empty: a row of colours instead of `ink`
    bool new_line = false;
};

[[nodiscard]] ImVec2 legend_size(const Pen& pen, const std::vector<LegendItem>& items, float max_width);
// `place` is the lower left corner. Returns what it covers.
Rect draw_legend(Pen& pen, const std::vector<LegendItem>& items, ImVec2 place, float max_width);

} // namespace shell
