#pragma once
// Where the map is looked at from. World coordinates are in frames; screen coordinates are in pixels of the window.
#include <algorithm>
#include <cmath>

namespace shell {

struct Point {
    double x = 0, y = 0;
};

struct Box {
    double x0 = 0, y0 = 0, x1 = 0, y1 = 0;

    [[nodiscard]] double width() const { return x1 - x0; }
    [[nodiscard]] double height() const { return y1 - y0; }
    [[nodiscard]] Point centre() const { return {(x0 + x1) / 2, (y0 + y1) / 2}; }
    [[nodiscard]] bool contains(Point p) const { return p.x >= x0 && p.x < x1 && p.y >= y0 && p.y < y1; }
    [[nodiscard]] bool overlaps(const Box& o) const { return x0 < o.x1 && o.x0 < x1 && y0 < o.y1 && o.y0 < y1; }
};

[[nodiscard]] inline Box joined(const Box& a, const Box& b) {
    return {std::min(a.x0, b.x0), std::min(a.y0, b.y0), std::max(a.x1, b.x1), std::max(a.y1, b.y1)};
}

struct Camera {
    Point centre;     // the world point in the middle of the window
    double scale = 1; // pixels a frame

    [[nodiscard]] Point to_screen(Point world, const Box& window) const {
        const Point middle = window.centre();
        return {middle.x + (world.x - centre.x) * scale, middle.y + (world.y - centre.y) * scale};
    }
    [[nodiscard]] Point to_world(Point screen, const Box& window) const {
        const Point middle = window.centre();
        return {centre.x + (screen.x - middle.x) / scale, centre.y + (screen.y - middle.y) / scale};
    }
    [[nodiscard]] Box to_screen(const Box& world, const Box& window) const {
        const Point a = to_screen(Point{world.x0, world.y0}, window);
        const Point b = to_screen(Point{world.x1, world.y1}, window);
        return {a.x, a.y, b.x, b.y};
    }
    [[nodiscard]] Box visible(const Box& window) const {
        const Point a = to_world(Point{window.x0, window.y0}, window);
        const Point b = to_world(Point{window.x1, window.y1}, window);
        return {a.x, a.y, b.x, b.y};
    }
};

// Zooms so that the world point under `anchor` stays there.
[[nodiscard]] inline Camera zoomed(const Camera& camera, double factor, Point anchor, const Box& window,
                                   double min_scale, double max_scale) {
    const Point fixed = camera.to_world(anchor, window);
    Camera out = camera;
    out.scale = std::clamp(camera.scale * factor, min_scale, max_scale);
    const double ratio = camera.scale / out.scale;
    out.centre = {fixed.x + (camera.centre.x - fixed.x) * ratio, fixed.y + (camera.centre.y - fixed.y) * ratio};
    return out;
}

// Shows all of `world`, with a margin in pixels, no larger than max_scale.
[[nodiscard]] inline Camera fitted(const Box& world, const Box& window, double margin, double max_scale) {
    const double w = std::max(window.width() - 2 * margin, 1.0);
    const double h = std::max(window.height() - 2 * margin, 1.0);
    const double scale = std::min(w / std::max(world.width(), 1e-9), h / std::max(world.height(), 1e-9));
    return {world.centre(), std::min(scale, max_scale)};
}

// Keeps some of `world` under the middle of the window, so that the map cannot be lost.
[[nodiscard]] inline Camera held(Camera camera, const Box& world) {
    camera.centre.x = std::clamp(camera.centre.x, world.x0, std::max(world.x0, world.x1));
    camera.centre.y = std::clamp(camera.centre.y, world.y0, std::max(world.y0, world.y1));
    return camera;
}

// A place on the way from `from` (t = 0) to `to` (t = 1). The scale changes by equal factors, and one point of the world
// stands still on the screen meanwhile, so that the eye can follow.
[[nodiscard]] inline Camera between(const Camera& from, const Camera& to, double t) {
    const double eased = t * t * (3 - 2 * t);
    const double scale = from.scale * std::pow(to.scale / from.scale, eased);
    const double span = 1 / from.scale - 1 / to.scale;
    const bool zooms = std::abs(span) > 1e-9 / to.scale;
    const double rest = zooms ? (1 / scale - 1 / to.scale) / span : 1 - eased;
    return {{to.centre.x + (from.centre.x - to.centre.x) * rest, to.centre.y + (from.centre.y - to.centre.y) * rest},
            scale};
}

} // namespace shell
