#pragma once
// Two fingers on the canvas. Dear ImGui knows one pointer; the second finger is told to views as a Pinch.
#include <array>

#include "base/types.h"
#include "views/parts/camera.h"

namespace shell {

// What two fingers did since the frame before.
struct Pinch {
    bool active = false; // two fingers are, or were, on the canvas since the frame before
    double zoom = 1;     // the factor by which their distance grew
    Point at;            // the middle between them, on the canvas
    Point moved;         // of the middle
};

// Follows fingers from touch to touch. The first two count; others are seen only as being there.
class Fingers {
  public:
    void down(mm::i64 id, Point at);
    void move(mm::i64 id, Point at);
    void up(mm::i64 id);

    // From the second finger's touch until no finger is left: what the first one does now is no click and no drag.
    [[nodiscard]] bool pinching() const { return pinching_; }
    // What happened since the last call.
    [[nodiscard]] Pinch take();

  private:
    struct Finger {
        bool is_down = false;
        mm::i64 id = 0;
        Point at;
    };
    [[nodiscard]] bool both() const { return two_[0].is_down && two_[1].is_down; }
    [[nodiscard]] Point middle() const;
    [[nodiscard]] double distance() const;

    std::array<Finger, 2> two_;
    int nr_down_ = 0;
    bool pinching_ = false;
    Pinch pinch_;
};

} // namespace shell
