#pragma once
// A picture by keyboard: a ring that the arrow keys move from one thing that can be pointed at to the next.
//
//   Enter   gives the arrow keys to the picture; then it does what a click on the thing in the ring does
//   arrows  the next thing in that direction, row by row; beyond the edge the picture is scrolled
//   Escape  gives the keys back to the page, where they step
//
// While it is on, what is in the ring is where the pointer is: a view that shows a tooltip under the pointer, and selects
// on a click, does so by keys, too. It only offers the rectangles of its things (ScrollArea::offer).
#include <optional>
#include <vector>

#include "views/parts/pen.h"

namespace shell {

class KeyCursor {
  public:
    // The keys of this frame. `focused`: they come to the canvas.
    void listen(bool focused);

    [[nodiscard]] bool on() const { return on_; }
    [[nodiscard]] bool picks() const { return picks_; }                     // Enter, on what is in the ring
    [[nodiscard]] const std::optional<Rect>& ring() const { return ring_; } // from the content's corner

    // A thing that can be picked, from the content's corner. `selected`: the ring begins here.
    void offer(const Rect& thing, bool selected);
    // After all offers of a frame: moves the ring. True when there was nothing to move to in that direction in sight.
    [[nodiscard]] bool move();
    // Up or left: -1. Down or right: 1.
    [[nodiscard]] int direction() const { return down_ != 0 ? down_ : right_; }
    // Looks again for a thing in the direction of the last key, after scrolling; or no more.
    void try_again(bool again);

  private:
    [[nodiscard]] const Rect* first() const;
    [[nodiscard]] const Rect* nearest() const;
    [[nodiscard]] const Rect* beside(const Rect& from) const;
    [[nodiscard]] const Rect* above_or_below(const Rect& from) const;

    std::vector<Rect> things_;
    std::optional<Rect> selected_, ring_;
    bool on_ = false, picks_ = false;
    int right_ = 0, down_ = 0;
    int frame_ = 0; // the last one that listened
    bool again_ = false;
};

} // namespace shell
