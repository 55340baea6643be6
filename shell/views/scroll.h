#pragma once
// Scrolling of a view that is higher than its window.
#include <imgui.h>

namespace shell {

// Scrolls the current window so that a row at `y` on the screen is in sight; does nothing when it is.
inline void show_row(float y, float height) {
    const float top = ImGui::GetWindowPos().y;
    const float window = ImGui::GetWindowHeight();
    if (y >= top && y + height <= top + window) return;
    constexpr float room_above = 8;
    if (height + room_above > window * 0.6f)
        ImGui::SetScrollFromPosY(y - top - room_above, 0);
    else
        ImGui::SetScrollFromPosY(y - top + height / 2, 0.4f);
}

} // namespace shell
