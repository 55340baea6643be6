#include "views/parts/key_cursor.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

namespace shell {

namespace {

// Pixels between two ranges; 0 where they overlap.
float apart(float a0, float a1, float b0, float b1) { return std::max({0.0f, b0 - a1, a0 - b1}); }

// Ranges that touch by less than this are apart.
constexpr float TOUCH = 2;

bool in_a_row(const Rect& a, const Rect& b) {
    return std::min(a.y1, b.y1) - std::max(a.y0, b.y0) > std::min({TOUCH, a.height() / 2, b.height() / 2});
}

// In the order in which one reads.
bool reads_before(const Rect& a, const Rect& b) { return in_a_row(a, b) ? a.x0 < b.x0 : a.y0 < b.y0; }

} // namespace

void KeyCursor::listen(bool focused) {
    things_.clear();
    selected_.reset();
    picks_ = false;
    const bool was_away = ImGui::GetFrameCount() > frame_ + 1; // another view was drawn
    frame_ = ImGui::GetFrameCount();
    if (!focused || was_away || ImGui::IsKeyPressed(ImGuiKey_Escape, false)) {
        on_ = false;
        ring_.reset();
    }
    const bool enter = focused && ImGui::IsKeyPressed(ImGuiKey_Enter, false);
    if (enter) (on_ ? picks_ : on_) = true;
    if (!on_) return;
    ImGui::SetNextFrameWantCaptureKeyboard(true);
    if (again_) return; // still on the way of the last key
    right_ = ImGui::IsKeyPressed(ImGuiKey_RightArrow) - ImGui::IsKeyPressed(ImGuiKey_LeftArrow);
    down_ = ImGui::IsKeyPressed(ImGuiKey_DownArrow) - ImGui::IsKeyPressed(ImGuiKey_UpArrow);
}

void KeyCursor::offer(const Rect& thing, bool selected) {
    if (!on_ || thing.width() <= 0 || thing.height() <= 0) return;
    things_.push_back(thing);
    if (selected && !selected_) selected_ = thing;
}

bool KeyCursor::move() {
    if (!on_ || things_.empty()) return false;
    if (!ring_) {
        ring_ = selected_ ? *selected_ : *first();
        return false;
    }
    // What was in the ring may have gone with a step, or moved.
    const ImVec2 middle = ring_->centre();
    const bool still_there =
        std::any_of(things_.begin(), things_.end(), [&](const Rect& r) { return r.contains(middle); });
    if (!still_there && !again_ && right_ == 0 && down_ == 0) ring_ = *nearest();
    if (right_ == 0 && down_ == 0) return false;
    const Rect* next = down_ != 0 ? above_or_below(*ring_) : beside(*ring_);
    if (!next) return true;
    ring_ = *next;
    again_ = false;
    return false;
}

void KeyCursor::try_again(bool again) {
    again_ = again;
    if (!again) right_ = down_ = 0;
}

const Rect* KeyCursor::first() const { return &*std::min_element(things_.begin(), things_.end(), reads_before); }

const Rect* KeyCursor::nearest() const {
    const auto distance = [&](const Rect& r) {
        return apart(ring_->x0, ring_->x1, r.x0, r.x1) + apart(ring_->y0, ring_->y1, r.y0, r.y1);
    };
    return &*std::min_element(things_.begin(), things_.end(),
                              [&](const Rect& a, const Rect& b) { return distance(a) < distance(b); });
}

// The next thing of the row; behind its end, the next row's first.
const Rect* KeyCursor::beside(const Rect& from) const {
    const Rect* best = nullptr;
    for (const Rect& r : things_) {
        const bool ahead = right_ > 0 ? reads_before(from, r) : reads_before(r, from);
        if (!ahead || r.contains(from.centre())) continue;
        if (!best || (right_ > 0 ? reads_before(r, *best) : reads_before(*best, r))) best = &r;
    }
    return best;
}

// The nearest row, and in it what stands nearest.
const Rect* KeyCursor::above_or_below(const Rect& from) const {
    const Rect* best = nullptr;
    float least = 0;
    for (const Rect& r : things_) {
        const bool ahead = down_ > 0 ? r.centre().y > from.centre().y : r.centre().y < from.centre().y;
        if (!ahead || in_a_row(from, r)) continue;
        const float away = apart(from.y0, from.y1, r.y0, r.y1) + 0.3f * apart(from.x0, from.x1, r.x0, r.x1) +
                           0.01f * std::abs(r.centre().x - from.centre().x);
        if (best && away >= least) continue;
        best = &r;
        least = away;
    }
    return best;
}

} // namespace shell
