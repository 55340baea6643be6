#pragma once
// A part of the canvas that scrolls up and down: by the wheel, by its bar, by dragging. Several beside each other are
// columns.
//
//   ScrollArea area("lists");
//   ... draw from area.box().y0 on, at area.box(); ask area.pointer() and area.pressed() ...
//   area.end_content(y);
//   actions.animate |= area.wants_frame();
#include <optional>

#include "views/parts/key_cursor.h"
#include "views/parts/pen.h"

namespace shell {

class ScrollArea {
  public:
    // A size of 0 is all that is left.
    explicit ScrollArea(const char* id, ImVec2 size = {0, 0});
    // One whose things can be picked by keyboard, too: `keys` are kept by the view and have listened to this frame.
    ScrollArea(const char* id, KeyCursor& keys, ImVec2 size = {0, 0});
    ~ScrollArea();
    ScrollArea(const ScrollArea&) = delete;
    ScrollArea& operator=(const ScrollArea&) = delete;

    // Where the content is: x0, x1 and, scrolled, y0; y1 is where it ends when it is not higher than the window.
    [[nodiscard]] const Rect& box() const { return box_; }
    // What of the screen shows it.
    [[nodiscard]] const Rect& window() const { return window_; }
    [[nodiscard]] bool sees(const Rect& r) const { return r.overlaps(window_); }

    // Far away while the pointer is not in the window, or something else has it.
    [[nodiscard]] ImVec2 pointer() const { return pointer_; }
    // The pointer was pressed and released here without dragging; or Enter picks what is in the ring of the keys.
    [[nodiscard]] bool pressed() const { return pressed_; }

    // A thing that pressing selects: the keys can go to it. `selected`: it is selected now.
    void offer(const Rect& thing, bool selected = false) const;

    // Scrolls so that the row is in sight, when it is not. Takes effect with the next frame.
    void show(float y, float height);
    // The picture follows the step: when the moment is new, the rows that touched() names are scrolled into sight; all of
    // them where they fit, else the last.
    void follow(bool new_moment) { follows_ = new_moment; }
    void touched(float y, float height);
    // Too low for more than some rows: legends stand below them then.
    [[nodiscard]] bool is_low() const { return window_.height() < LOW_WINDOW; }
    [[nodiscard]] bool wants_frame() const { return moved_; }

    // Last: the content ends at `y` on the screen. With keys, the ring moves and is drawn, and `hint` says what they do.
    void end_content(float y);
    void end_content(float y, Pen& pen, const char* hint);

  private:
    static constexpr float LOW_WINDOW = 320;

    [[nodiscard]] Rect on_screen(const Rect& from_corner) const;
    void move_ring();

    KeyCursor* keys_ = nullptr;
    Rect box_, window_;
    ImVec2 pointer_;
    ImVec2 mouse_; // where it is really, while the ring takes its place
    bool pressed_ = false;
    bool moved_ = false;
    bool follows_ = false;
    std::optional<Rect> touched_; // of the rows that were named, from the first to the last
    Rect last_touched_;
};

// Along a row that is wider than its box: the wheel sideways or with Shift, and dragging. Call it while the pointer is
// over the row; `scroll` is in pixels and is kept in range by who draws the row.
void scroll_along_row(float& scroll);

} // namespace shell
