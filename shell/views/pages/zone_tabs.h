#pragma once
// The zone that a view of one zone shows: the one that the person chose, else the one where the op was last at work,
// else the largest.
#include "views/parts/pen.h"
#include "views/parts/view.h"

namespace shell {

struct ZoneTab {
    int shown = -1;  // index in physical_memory::zones
    int chosen = -1; // by the person; -1: follow the op
    bool pressed = false;
};

// -1 when there are no zones yet.
[[nodiscard]] int shown_zone(const mm::physical_memory& mem, int chosen, int op_zone);

// "0/Normal", as links have it, and back; -1 when there is no such zone.
[[nodiscard]] std::string zone_text(const mm::physical_memory& mem, int zone);
[[nodiscard]] int zone_of_text(const mm::physical_memory& mem, std::string_view text);

// A row of tabs, one a populated zone; moves the cursor of Dear ImGui below it. Pressing the chosen tab again makes the
// view follow the op.
ZoneTab draw_zone_tabs(Pen& pen, const ViewInput& input, int chosen, int op_zone);

// What is drawn while the machine has no zones.
void draw_no_zones(Pen& pen);

} // namespace shell
