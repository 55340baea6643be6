#pragma once
// All views, and what is drawn of them.

namespace shell {

// Draws the canvas: called once a frame, between ImGui::NewFrame() and ImGui::Render().
void draw_views();

}  // namespace shell
