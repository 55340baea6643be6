// Where the map is looked at, as text for a link: MapView::look() and look_at().
//
// The text is relative to a frame and to the window's shorter side, because the layout of the cells depends on the
// window: on another screen the same frame is in the middle. On an equal window the picture is equal to the pixel: a
// camera at rest stands exactly where its text says.
#include <array>
#include <charconv>
#include <cmath>

#include "views/pages/map.h"

namespace shell {

namespace {

using mm::i64;

constexpr double UNITS = 1000; // in a frame
constexpr i64 LARGEST = i64{1} << 40;

struct LookText {
    i64 pfn = 0, dx = 0, dy = 0, span = 0;

    [[nodiscard]] std::string text() const {
        char digits[20];
        std::string out(digits, std::to_chars(digits, digits + sizeof digits, pfn, 16).ptr);
        for (i64 value : {dx, dy, span}) out += "," + std::to_string(value);
        return out;
    }

    [[nodiscard]] static std::optional<LookText> read(std::string_view text) {
        std::array<i64, 4> value{};
        for (std::size_t i = 0; i < value.size(); ++i) {
            const std::size_t end = std::min(text.find(','), text.size());
            const char* const stop = text.data() + end;
            const auto [at, error] = std::from_chars(text.data(), stop, value[i], i == 0 ? 16 : 10);
            if (error != std::errc{} || at != stop || value[i] < -LARGEST || value[i] > LARGEST) return std::nullopt;
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        if (!text.empty() || value[0] < 0 || value[0] >= mm::PFN_NONE || value[3] <= 0) return std::nullopt;
        return LookText{value[0], value[1], value[2], value[3]};
    }
};

double shorter_side(const Box& window) { return std::max(1.0, std::min(window.width(), window.height())); }

std::optional<LookText> text_of(const MapLayout& layout, const mm::physical_memory& mem, const Camera& camera,
                                const Box& window) {
    // The middle may lie between cells, or above or beside all of them: then a frame nearby is named.
    const double x = layout.pitch_x() / 2, y = layout.pitch_y() / 2;
    constexpr std::array<std::pair<int, int>, 17> around = {{{0, 0},
                                                             {0, 1},
                                                             {0, -1},
                                                             {1, 0},
                                                             {-1, 0},
                                                             {1, 1},
                                                             {-1, 1},
                                                             {1, -1},
                                                             {-1, -1},
                                                             {0, 2},
                                                             {0, -2},
                                                             {2, 0},
                                                             {-2, 0},
                                                             {2, 2},
                                                             {-2, 2},
                                                             {2, -2},
                                                             {-2, -2}}};
    for (const auto& [right, down] : around) {
        const auto place = layout.place_at({camera.centre.x + right * x, camera.centre.y + down * y});
        if (!place) continue;
        const auto box = layout.block_box(mem, place->pfn, 0);
        if (!box) continue;
        const auto units = [](double frames) { return static_cast<i64>(std::llround(frames * UNITS)); };
        return LookText{place->pfn, units(camera.centre.x - box->centre().x), units(camera.centre.y - box->centre().y),
                        std::max<i64>(1, units(shorter_side(window) / camera.scale))};
    }
    return std::nullopt;
}

std::optional<Camera> camera_of(const MapLayout& layout, const mm::physical_memory& mem, const LookText& look,
                                const Box& window) {
    const auto box = layout.block_box(mem, static_cast<mm::pfn_t>(look.pfn), 0);
    if (!box) return std::nullopt;
    const Point at = box->centre();
    return Camera{{at.x + static_cast<double>(look.dx) / UNITS, at.y + static_cast<double>(look.dy) / UNITS},
                  shorter_side(window) * UNITS / static_cast<double>(look.span)};
}

} // namespace

// Where a person who has just opened this moment looks.
Camera MapView::own_choice(const Scene& scene) const {
    const Camera all = fit();
    if (sees(scene, all)) return all;
    return focus(scene).value_or(all);
}

void MapView::go_where_wanted(Scene& scene) {
    if (!wanted_look_) return;
    const std::string text = std::move(*wanted_look_);
    wanted_look_.reset();
    flight_.active = false;
    const auto read = LookText::read(text);
    const auto camera = read ? camera_of(layout_, scene.mem, *read, window_) : std::nullopt;
    if (camera) {
        at_fit_ = false;
        camera_ = *camera;
    } else if (text == "all") {
        at_fit_ = true;
        camera_ = fit();
    } else {
        camera_ = own_choice(scene);
        at_fit_ = sees(scene, fit());
    }
}

// Once nothing moves, the camera takes the place that its text names.
void MapView::settle(Scene& scene) {
    if (flight_.active || ImGui::IsItemActive() || scene.input.canvas.pinch.active) return;
    const auto own = text_of(layout_, scene.mem, own_choice(scene), window_);
    const bool own_is_all = sees(scene, fit());
    if (at_fit_) {
        look_ = own_is_all ? "" : "all";
        return;
    }
    const auto here = text_of(layout_, scene.mem, camera_, window_);
    if (!here) {
        look_.clear();
        return;
    }
    if (const auto camera = camera_of(layout_, scene.mem, *here, window_)) camera_ = *camera;
    look_ = own && !own_is_all && own->text() == here->text() ? "" : here->text();
}

} // namespace shell
