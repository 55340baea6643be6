#pragma once
// The canvas that the open view fills.
#include "views/parts/view.h"

namespace shell {

class Bridge;

// What the page must do after a frame.
struct AfterDraw {
    bool animate = false;   // draw again soon
    bool tell_page = false; // the person selected something, or looks elsewhere
};

// Draws the canvas: called once a frame, between ImGui::NewFrame() and ImGui::Render(). Before something is loaded the
// canvas is empty paper. What the view asks for is returned; draw_views() applies it.
ViewActions draw_view(Bridge& bridge, const CanvasInput& canvas);
AfterDraw draw_views(Bridge& bridge, const CanvasInput& canvas = {});

} // namespace shell
