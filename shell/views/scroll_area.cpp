#include "views/scroll_area.h"

#include <cmath>

namespace shell {

namespace {

constexpr float DRAG = 4; // pixels from which a press is a drag
constexpr float WHEEL_STEP = 60;
constexpr float ROOM_ABOVE = 8;
constexpr ImVec2 NOWHERE{-1e6f, -1e6f};

bool drags_sideways(ImVec2 drag) { return std::abs(drag.x) > std::abs(drag.y); }

} // namespace

ScrollArea::ScrollArea(const char* id, ImVec2 size) : pointer_(NOWHERE) {
    ImGui::BeginChild(id, size, ImGuiChildFlags_None, ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoMove);
    const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    box_ = {at.x, at.y, at.x + room.x, at.y + room.y};
    const ImVec2 corner = ImGui::GetWindowPos(), outer = ImGui::GetWindowSize();
    window_ = {corner.x, corner.y, corner.x + outer.x, corner.y + outer.y};

    const ImGuiIO& io = ImGui::GetIO();
    if (!ImGui::IsWindowHovered() || io.MousePos.x >= box_.x1) return;
    pointer_ = io.MousePos;
    if (!window_.contains(io.MouseClickedPos[ImGuiMouseButton_Left])) return;
    const ImVec2 drag = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, DRAG);
    pressed_ = ImGui::IsMouseReleased(ImGuiMouseButton_Left) && drag.x == 0 && drag.y == 0;
    if (ImGui::IsMouseDragging(ImGuiMouseButton_Left, DRAG) && !drags_sideways(drag))
        ImGui::SetScrollY(ImGui::GetScrollY() - io.MouseDelta.y);
}

ScrollArea::~ScrollArea() { ImGui::EndChild(); }

void ScrollArea::show(float y, float height) {
    if (y >= window_.y0 && y + height <= window_.y1) return;
    const float place = y - window_.y0;
    if (height + ROOM_ABOVE > window_.height() * 0.6f)
        ImGui::SetScrollFromPosY(place - ROOM_ABOVE, 0);
    else
        ImGui::SetScrollFromPosY(place + height / 2, 0.4f);
    moved_ = true;
}

void ScrollArea::end_content(float y) {
    ImGui::SetCursorScreenPos({box_.x0, y});
    ImGui::Dummy({1, 0});
}

void scroll_along_row(float& scroll) {
    const ImGuiIO& io = ImGui::GetIO();
    scroll -= (io.MouseWheelH + (io.KeyShift ? io.MouseWheel : 0)) * WHEEL_STEP;
    const ImVec2 drag = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, DRAG);
    if (ImGui::IsMouseDragging(ImGuiMouseButton_Left, DRAG) && drags_sideways(drag)) scroll -= io.MouseDelta.x;
}

} // namespace shell
