#include "views/parts/fingers.h"

#include <utility>

namespace shell {

namespace {

constexpr double NEAREST = 10; // pixels: fingers that touch each other have no distance to speak of

} // namespace

Point Fingers::middle() const { return {(two_[0].at.x + two_[1].at.x) / 2, (two_[0].at.y + two_[1].at.y) / 2}; }

double Fingers::distance() const {
    return std::max(NEAREST, std::hypot(two_[0].at.x - two_[1].at.x, two_[0].at.y - two_[1].at.y));
}

void Fingers::down(mm::i64 id, Point at) {
    ++nr_down_;
    for (Finger& finger : two_) {
        if (finger.is_down) continue;
        finger = {true, id, at};
        break;
    }
    if (!both()) return;
    pinching_ = true;
    pinch_.active = true;
    pinch_.at = middle();
}

void Fingers::move(mm::i64 id, Point at) {
    for (Finger& finger : two_) {
        if (!finger.is_down || finger.id != id) continue;
        const Point middle_before = middle();
        const double distance_before = distance();
        finger.at = at;
        if (!both()) return;
        pinch_.active = true;
        pinch_.zoom *= distance() / distance_before;
        pinch_.at = middle();
        pinch_.moved.x += pinch_.at.x - middle_before.x;
        pinch_.moved.y += pinch_.at.y - middle_before.y;
    }
}

void Fingers::up(mm::i64 id) {
    for (Finger& finger : two_)
        if (finger.id == id) finger.is_down = false;
    nr_down_ = std::max(0, nr_down_ - 1);
    if (nr_down_ == 0) pinching_ = false;
}

Pinch Fingers::take() {
    Pinch out = std::exchange(pinch_, {});
    out.active |= both();
    return out;
}

} // namespace shell
