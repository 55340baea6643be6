#pragma once
// All views, and the canvas that the open one fills.
#include <memory>
#include <span>
#include <vector>

#include "views/view.h"

namespace shell {

class Bridge;

// In the order of the page's tabs. They keep where the person looks, never what the machine is.
[[nodiscard]] std::vector<std::unique_ptr<View>> make_views();
// The page's own, made at the first call.
[[nodiscard]] std::span<const std::unique_ptr<View>> views();

// What the page must do after a frame.
struct AfterDraw {
    bool animate = false;   // draw again soon
    bool tell_page = false; // the person selected something, or looks elsewhere
};

// Draws the canvas: called once a frame, between ImGui::NewFrame() and ImGui::Render(). Before something is loaded the
// canvas is empty paper.
AfterDraw draw_views(Bridge& bridge, const CanvasInput& canvas = {});

} // namespace shell
