#include "views/parts/scroll_area.h"

#include <algorithm>
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

ScrollArea::ScrollArea(const char* id, KeyCursor& keys, ImVec2 size) : ScrollArea(id, size) {
    keys_ = &keys;
    if (!keys.on()) return;
    mouse_ = ImGui::GetIO().MousePos;
    pressed_ = keys.picks();
    if (!keys.ring()) return;
    pointer_ = on_screen(*keys.ring()).centre();
    ImGui::GetIO().MousePos = pointer_; // tooltips stand beside it
}

ScrollArea::~ScrollArea() {
    if (keys_ && keys_->on()) ImGui::GetIO().MousePos = mouse_;
    ImGui::EndChild();
}

Rect ScrollArea::on_screen(const Rect& r) const {
    return {r.x0 + box_.x0, r.y0 + box_.y0, r.x1 + box_.x0, r.y1 + box_.y0};
}

void ScrollArea::offer(const Rect& thing, bool selected) const {
    if (!keys_ || !sees(thing)) return;
    keys_->offer({thing.x0 - box_.x0, thing.y0 - box_.y0, thing.x1 - box_.x0, thing.y1 - box_.y0}, selected);
}

void ScrollArea::show(float y, float height) {
    if (y >= window_.y0 && y + height <= window_.y1) return;
    const float place = y - window_.y0;
    if (height + ROOM_ABOVE > window_.height() * 0.6f)
        ImGui::SetScrollFromPosY(place - ROOM_ABOVE, 0);
    else
        ImGui::SetScrollFromPosY(place + height / 2, 0.4f);
    moved_ = true;
}

void ScrollArea::touched(float y, float height) {
    last_touched_ = {0, y, 0, y + height};
    if (!touched_) touched_ = last_touched_;
    touched_->y0 = std::min(touched_->y0, y);
    touched_->y1 = std::max(touched_->y1, y + height);
}

void ScrollArea::end_content(float y) {
    if (follows_ && touched_) {
        const Rect& rows = touched_->height() + 2 * ROOM_ABOVE <= window_.height() ? *touched_ : last_touched_;
        show(rows.y0, rows.height());
    }
    ImGui::SetCursorScreenPos({box_.x0, y});
    ImGui::Dummy({1, 0});
    // Shorter than it was, and scrolled beyond its end: the next frame comes back.
    moved_ |= ImGui::GetScrollY() > std::max(0.0f, y - box_.y0 - window_.height()) + 1;
}

void ScrollArea::end_content(float y, Pen& pen, const char* hint) {
    end_content(y);
    if (!keys_ || !keys_->on()) return;
    move_ring();
    if (keys_->ring()) pen.outline(pen.snap(on_screen(*keys_->ring()).grown(3)), pen.p.accent, 2);
    const TextLook look{pen.p.ink, TEXT_SMALL, Face::words};
    const float width = pen.width_of(hint, look);
    const Rect plate{window_.x0 + 8, window_.y1 - 28, window_.x0 + 24 + width, window_.y1 - 6};
    pen.fill(plate, pen.p.panel, 4);
    pen.outline(plate, pen.p.accent, pen.hairline());
    pen.text(plate.x0 + 8, plate.y0 + 5, hint, look);
    pen.outline(window_, pen.p.accent, 2);
}

// Beyond what is in sight there may be more: half a window further, as long as there is something to scroll.
void ScrollArea::move_ring() {
    const std::optional<Rect> before = keys_->ring();
    if (keys_->move()) {
        const float from = ImGui::GetScrollY(), down = static_cast<float>(keys_->direction());
        const float to = std::clamp(from + down * window_.height() / 2, 0.0f, ImGui::GetScrollMaxY());
        keys_->try_again(to != from);
        if (to != from) ImGui::SetScrollY(to);
        moved_ = moved_ || to != from;
        return;
    }
    if (!keys_->ring() || (before && keys_->ring() == before)) return;
    const Rect ring = on_screen(*keys_->ring());
    show(ring.y0 - 4, ring.height() + 8);
    moved_ = true;
}

void scroll_along_row(float& scroll) {
    const ImGuiIO& io = ImGui::GetIO();
    scroll -= (io.MouseWheelH + (io.KeyShift ? io.MouseWheel : 0)) * WHEEL_STEP;
    const ImVec2 drag = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, DRAG);
    if (ImGui::IsMouseDragging(ImGuiMouseButton_Left, DRAG) && drags_sideways(drag)) scroll -= io.MouseDelta.x;
}

} // namespace shell
