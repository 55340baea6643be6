#pragma once
// What lies over the map: names of zones and addresses of rows, the marks of the current op, the selection, the legend.
#include "views/pages/map_picture.h"
#include "views/parts/touched.h"
#include "views/parts/view.h"

namespace shell {

// Names of nodes and zones above their cells, addresses left of rows, gaps. They stay in sight while their memory is.
void draw_map_frame(const MapScene& scene, const mm::Machine& machine);

struct MarkTime {
    mm::u32 new_from = 0;   // events from this one on are new at this moment
    bool inside_op = false; // the op is not complete
    float glow = 0;         // 1 at the moment when they happen, 0 when the glow is over
};
// What the op touched: outlines, the halves of a split and the pair of a merge.
void draw_map_marks(const MapScene& scene, const Touched& touched, const MarkTime& time);

// What an op did to a block, and what a frame is.
[[nodiscard]] const Phrase& role_phrase(Role role);
[[nodiscard]] const Phrase& state_phrase(mm::page_state state);

void draw_map_selection(const MapScene& scene, mm::pfn_t pfn);

// The whole machine in a corner, and which part of it the window shows. `place` is its lower right corner.
void draw_map_overview(const MapScene& scene, const Touched& touched, ImVec2 place);

// The meaning of colours; `place` is its lower left corner. Returns what it covers.
Rect draw_map_legend(const MapScene& scene, const mm::Machine& machine, ImVec2 place, float max_width);
// Its height for a given width, without drawing.
[[nodiscard]] float map_legend_height(const Pen& pen, const MapLens& lens, const mm::Machine& machine, float max_width);

// What is under the pointer.
void show_map_tooltip(Pen& pen, const mm::Machine& machine, mm::pfn_t pfn);

} // namespace shell
