#pragma once
// The map: every frame of the machine at its place, from the whole machine down to single frames.
//
// Memory is laid out by MapLayout, painted by MapPicture from textures (far) or block by block (near), and overlaid by
// MapMarks with what the current op touched. This file is the view: where the person looks, and what a gesture means.
#include "views/pages/map_layout.h"
#include "views/pages/map_marks.h"
#include "views/pages/map_picture.h"
#include "views/parts/touched_moment.h"
#include "views/parts/view.h"

namespace shell {

class MapView final : public View {
  public:
    [[nodiscard]] static Shown shows(const mm::Machine& machine, const Selection& selection);
    void draw(const ViewInput& input, ViewActions& actions) override;
    // "all", or the frame in the middle of the window, the middle's distance from the frame's centre to the right and
    // down, and how much the window's shorter side shows; these three in thousandths of a frame: "3050,500,-3200,96000".
    [[nodiscard]] std::string look() const override { return look_; }
    void look_at(std::string_view text) override { wanted_look_ = text; }
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Flight {
        bool active = false;
        double start = 0;
        Camera from, to;
    };
    struct Scene;

    void arrange(Scene& scene);
    void notice_moment(Scene& scene);
    void look(Scene& scene);
    void press_keys(Scene& scene);
    void point(Scene& scene);
    void buttons(Scene& scene);
    void draw_legend_of(Scene& scene, const MapScene& picture);
    [[nodiscard]] bool is_low() const;
    [[nodiscard]] double room_around(double part) const;
    void fly_to(Scene& scene, const Camera& to);
    [[nodiscard]] Camera fit() const;
    [[nodiscard]] double max_scale() const;
    // A camera that shows what the op touched, blocks large enough to see. nullopt when it touched nothing.
    [[nodiscard]] std::optional<Camera> focus(const Scene& scene) const;
    [[nodiscard]] bool sees(const Scene& scene, const Camera& camera) const;
    [[nodiscard]] Camera own_choice(const Scene& scene) const;
    void go_where_wanted(Scene& scene);
    void settle(Scene& scene);

    MapLayout layout_;
    MapPicture picture_;
    Camera camera_;
    Box window_;
    bool at_fit_ = true;       // the camera shows all, and goes on doing so when the canvas changes its size
    bool follows_ = true;      // until the person moves the map
    bool keyboard_ = false;    // arrow keys move the map
    bool legend_open_ = false; // by the person, in a low window
    TouchedMoment moment_;
    Flight flight_;
    bool dragged_ = false;
    std::string look_;
    std::optional<std::string> wanted_look_; // of look_at(), until the next frame
};

// What one frame of the view works on.
struct MapView::Scene {
    const ViewInput& input;
    ViewActions& actions;
    const mm::physical_memory& mem;
    Pen pen;
    MapLens lens;
    bool hovered = false;
    Rect legend;
};

} // namespace shell
