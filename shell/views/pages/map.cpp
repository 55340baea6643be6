#include "views/pages/map.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "base/hex.h"
#include "json.h"
#include "views/parts/words.h"

namespace shell {

namespace {

using mm::pfn_t;
using mm::u32;

constexpr double FLIGHT_SECONDS = 0.25;
constexpr double WHEEL_FACTOR = 1.22;
constexpr double LARGEST_FRAME = 160; // pixels
constexpr double MARGIN = 10;         // around what is shown whole
constexpr double READABLE_BLOCK = 16; // pixels of the smaller side, from which following shows it well enough
constexpr double VISIBLE_BLOCK = 12;  // from which following leaves the camera alone
constexpr double FOLLOW_LARGEST_FRAME = 64;
constexpr float GUTTER = 66, HEADER = 24, GAP = 22;
constexpr double LOW = 320; // high: a window that a legend would fill
constexpr float LEGEND_WIDTH = 560;
constexpr float NARROW = 480; // a window without room for the addresses

// Steps with the one that the machine stands inside of: pages that it has touched so far are the newest.
u32 step_being_made(const mm::Moment& moment) {
    return moment.at.step + (moment.inside_op() && moment.at.step == moment.position.step ? 1 : 0);
}

} // namespace

Shown MapView::shows(const mm::Machine& machine, const Selection& selection) {
    if (const auto pfn = frame_of(machine, selection)) return mm::hex(*pfn) + ",0,0,40000";
    return std::nullopt;
}

void MapView::draw(const ViewInput& input, ViewActions& actions) {
    const mm::physical_memory& mem = input.moment.at.physical;
    Scene scene{input,
                actions,
                mem,
                pen_of(input),
                {mem, input.choices.layout == "linear" ? CellLayout::linear : CellLayout::z_order,
                 colour_by(input.choices.colour), std::max(1u, step_being_made(input.moment))},
                false,
                {}};
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const ImVec2 size = ImGui::GetContentRegionAvail();
    if (size.x < 1 || size.y < 1) return;
    const Box window{at.x, at.y, at.x + size.x, at.y + size.y};
    const bool resized = window.width() != window_.width() || window.height() != window_.height();
    window_ = window;
    if (mem.populated.empty()) {
        scene.pen.text(at.x + 16, at.y + 16, scene.pen.say(words::NO_ZONES),
                       {scene.pen.p.muted, TEXT_NORMAL, Face::words});
        return;
    }
    if (resized || !layout_.fits(mem, scene.lens.layout)) arrange(scene);

    ImGui::SetNextItemAllowOverlap();
    ImGui::InvisibleButton("map", size, ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonMiddle);
    scene.hovered = ImGui::IsItemHovered();
    notice_moment(scene);
    go_where_wanted(scene);
    look(scene);
    settle(scene);

    MapScene picture{scene.pen, scene.lens, layout_, camera_, window_, flight_.active};
    picture_.draw(picture);
    const float glow = moment_.glow(input);
    draw_map_marks(picture, moment_.touched(), {moment_.new_from(), input.moment.inside_op(), glow});
    if (const auto selected = frame_of(input.moment.at, input.choices.selection))
        draw_map_selection(picture, *selected);
    draw_map_frame(picture, input.moment.at);
    draw_legend_of(scene, picture);
    if (!is_low() && camera_.scale > layout_.fit_scale() * 2 &&
        window_.width() > static_cast<double>(scene.legend.width()) + 140)
        draw_map_overview(picture, moment_.touched(), {at.x + size.x - 8, at.y + size.y - 8});
    buttons(scene);
    point(scene);
    if (keyboard_) {
        scene.pen.outline({at.x, at.y, at.x + size.x, at.y + size.y}, scene.pen.p.accent, 2);
        scene.pen.text(at.x + 12, at.y + size.y - 30 - scene.legend.height(), scene.pen.say(words::KEYS),
                       {scene.pen.p.muted, TEXT_SMALL, Face::words});
    }
    actions.animate |= glow > 0 || flight_.active || picture_.pending();
}

// Lays the machine out for this window. A person who looks at a place keeps looking at it.
void MapView::arrange(Scene& scene) {
    const float width = static_cast<float>(window_.width());
    const float legend =
        is_low()
            ? 0
            : map_legend_height(scene.pen, scene.lens, scene.input.moment.at, std::min(width - 16, LEGEND_WIDTH)) + 8;
    const MapSpace space{.width = window_.width() - 2 * MARGIN,
                         .height = window_.height() - MARGIN - static_cast<double>(legend),
                         .gutter = width < NARROW ? 0 : GUTTER,
                         .header = HEADER,
                         .gap = GAP};
    layout_ = MapLayout(scene.mem, scene.lens.layout, space);
    if (!wanted_look_) wanted_look_ = flight_.active ? "" : look_;
    flight_.active = false;
    camera_ = fit();
}

Camera MapView::fit() const {
    // The legend covers the lower edge: what remains is filled from the top.
    const Box& b = layout_.bounds();
    Camera out{b.centre(), layout_.fit_scale()};
    out.centre.y = b.y0 + (window_.height() / 2 - MARGIN / 2) / out.scale;
    return out;
}

double MapView::max_scale() const { return std::max(LARGEST_FRAME, layout_.fit_scale() * 2); }

void MapView::notice_moment(Scene& scene) {
    if (!moment_.notice(scene.input)) return;
    if (moment_.other_session()) {
        picture_.forget();
        follows_ = true;
        at_fit_ = true;
        flight_.active = false;
        camera_ = fit();
    } else if (follows_ && !sees(scene, camera_)) {
        if (const auto target = focus(scene)) fly_to(scene, *target);
    }
}

bool MapView::sees(const Scene& scene, const Camera& camera) const {
    const Box visible = camera.visible(window_);
    for (const TouchedBlock& block : moment_.touched().blocks) {
        const bool matters = block.role == Role::given || block.role == Role::returned ||
                             block.event + 1 == scene.input.moment.nr_happened;
        const auto box = layout_.block_box(scene.mem, block.pfn, block.order);
        if (!matters || !box) continue;
        const Point middle = box->centre();
        if (!visible.contains(middle)) return false;
        if (std::min(box->width(), box->height()) * camera.scale < VISIBLE_BLOCK) return false;
    }
    return true;
}

// Pixels around what is followed: 64, less in a low window.
double MapView::room_around(double part) const { return part * std::min(64.0, window_.height() / 8); }

std::optional<Camera> MapView::focus(const Scene& scene) const {
    // The block that the op is about, and the largest touched block around it.
    const TouchedBlock* subject = nullptr;
    for (const TouchedBlock& block : moment_.touched().blocks) {
        const bool better = block.role == Role::given || block.role == Role::returned || block.role == Role::bad;
        if (!subject || better) subject = &block;
    }
    if (!subject) return std::nullopt;
    const auto small = layout_.block_box(scene.mem, subject->pfn, subject->order);
    if (!small) return std::nullopt;
    Box shown = *small;
    for (const TouchedBlock& block : moment_.touched().blocks) {
        const auto box = layout_.block_box(scene.mem, block.pfn, block.order);
        if (!box) continue;
        const Box all = joined(shown, *box);
        const double scale = fitted(all, window_, room_around(0.75), FOLLOW_LARGEST_FRAME).scale;
        if (std::min(small->width(), small->height()) * scale >= READABLE_BLOCK) shown = all;
    }
    Camera out = fitted(shown, window_, room_around(1), FOLLOW_LARGEST_FRAME);
    // A cell around a small block tells where it is.
    const double cell_scale =
        fitted({0, 0, layout_.pitch_x(), layout_.pitch_y()}, window_, room_around(0.4), FOLLOW_LARGEST_FRAME).scale;
    const MapGroup* group = layout_.group_of(scene.mem, subject->pfn);
    const auto cell = group ? layout_.cell_box(*group, subject->pfn >> layout_.cell_order()) : std::nullopt;
    if (cell && out.scale >= cell_scale && std::min(small->width(), small->height()) * cell_scale >= READABLE_BLOCK)
        out = {cell->centre(), cell_scale};
    return out;
}

void MapView::fly_to(Scene& scene, const Camera& to) {
    at_fit_ = false;
    if (scene.input.choices.reduced_motion) {
        camera_ = to;
        return;
    }
    flight_ = {true, scene.input.seconds, camera_, to};
}

// Pan, zoom and flight.
void MapView::look(Scene& scene) {
    const ImGuiIO& io = ImGui::GetIO();
    const double smallest = layout_.fit_scale();
    if (flight_.active) {
        const bool at_once = scene.input.choices.reduced_motion;
        const double t = at_once ? 1 : (scene.input.seconds - flight_.start) / FLIGHT_SECONDS;
        camera_ = between(flight_.from, flight_.to, std::clamp(t, 0.0, 1.0));
        flight_.active = t < 1;
    }
    const auto taken_over = [&] {
        flight_.active = false;
        at_fit_ = false;
        follows_ = false;
    };
    if (scene.hovered && io.MouseWheel != 0) {
        taken_over();
        const Point mouse{io.MousePos.x, io.MousePos.y};
        camera_ = zoomed(camera_, std::pow(WHEEL_FACTOR, io.MouseWheel), mouse, window_, smallest, max_scale());
    }
    if (ImGui::IsItemActivated()) dragged_ = false;
    if (const Pinch& pinch = scene.input.canvas.pinch; pinch.active && window_.contains(pinch.at)) {
        taken_over();
        dragged_ = true;
        camera_.centre.x -= pinch.moved.x / camera_.scale;
        camera_.centre.y -= pinch.moved.y / camera_.scale;
        camera_ = zoomed(camera_, pinch.zoom, pinch.at, window_, smallest, max_scale());
    }
    if (ImGui::IsItemActive() &&
        (ImGui::IsMouseDragging(ImGuiMouseButton_Left, 4) || ImGui::IsMouseDragging(ImGuiMouseButton_Middle, 4))) {
        if (io.MouseDelta.x != 0 || io.MouseDelta.y != 0) taken_over();
        dragged_ = true;
        camera_.centre.x -= static_cast<double>(io.MouseDelta.x) / camera_.scale;
        camera_.centre.y -= static_cast<double>(io.MouseDelta.y) / camera_.scale;
    }
    press_keys(scene);
    camera_ = held(camera_, layout_.bounds());
}

// Enter gives the arrow keys to the map, Escape gives them back to the page, where they step.
void MapView::press_keys(Scene& scene) {
    if (ImGui::IsKeyPressed(ImGuiKey_Enter, false)) keyboard_ = true;
    if (ImGui::IsKeyPressed(ImGuiKey_Escape, false) || !scene.input.canvas.focused) keyboard_ = false;
    if (keyboard_) ImGui::SetNextFrameWantCaptureKeyboard(true);
    const ImGuiIO& io = ImGui::GetIO();
    if (io.KeyCtrl || io.KeyAlt || io.KeySuper) return; // the browser's: it zooms the page
    double zoom = 1;
    if (ImGui::IsKeyPressed(ImGuiKey_Equal) || ImGui::IsKeyPressed(ImGuiKey_KeypadAdd)) zoom = 1.5;
    if (ImGui::IsKeyPressed(ImGuiKey_Minus) || ImGui::IsKeyPressed(ImGuiKey_KeypadSubtract)) zoom = 1 / 1.5;
    Point by;
    if (keyboard_) {
        by.x = ImGui::IsKeyPressed(ImGuiKey_RightArrow) - ImGui::IsKeyPressed(ImGuiKey_LeftArrow);
        by.y = ImGui::IsKeyPressed(ImGuiKey_DownArrow) - ImGui::IsKeyPressed(ImGuiKey_UpArrow);
    }
    if (zoom == 1 && by.x == 0 && by.y == 0) return;
    flight_.active = false;
    at_fit_ = false;
    follows_ = false;
    camera_ = zoomed(camera_, zoom, window_.centre(), window_, layout_.fit_scale(), max_scale());
    camera_.centre.x += by.x * window_.width() * 0.15 / camera_.scale;
    camera_.centre.y += by.y * window_.height() * 0.15 / camera_.scale;
}

// Hover, click and double click.
void MapView::point(Scene& scene) {
    const ImGuiIO& io = ImGui::GetIO();
    if (!scene.hovered || flight_.active || scene.legend.contains(io.MousePos)) return;
    const auto place = layout_.place_at(camera_.to_world(Point{io.MousePos.x, io.MousePos.y}, window_));
    if (!place || !scene.mem.pfn_valid(place->pfn)) return;
    const mm::block_info block = find_block(scene.mem, place->pfn);
    const pfn_t head = block.head == mm::PFN_NONE ? place->pfn : block.head;
    if (io.MouseDoubleClicked[0]) {
        if (const auto box = layout_.block_box(scene.mem, head, block.order)) {
            follows_ = false;
            fly_to(scene, fitted(*box, window_, 80, FOLLOW_LARGEST_FRAME));
        }
    } else if (io.MouseReleased[0] && !dragged_) {
        scene.actions.select = true;
        scene.actions.selection = {Selection::Kind::pfn, head, 0, 0};
    }
    if (!ImGui::IsMouseDown(ImGuiMouseButton_Left)) show_map_tooltip(scene.pen, scene.input.moment.at, place->pfn);
}

// "Show this step" when it is out of sight, "Show all" when not all is shown.
void MapView::buttons(Scene& scene) {
    Pen& pen = scene.pen;
    float right = static_cast<float>(window_.x1) - 8;
    const float y = static_cast<float>(window_.y0) + 8;
    const auto button = [&](const char* id, const char* text, Rgba colour, bool filled) {
        const TextLook look{filled ? readable_on(colour) : colour, 12, Face::words};
        const float width = pen.width_of(text, look) + 18;
        const Rect r = pen.snap(Rect{right - width, y, right, y + 24});
        right -= width + 6;
        ImGui::SetCursorScreenPos({r.x0, r.y0});
        const bool pressed = ImGui::InvisibleButton(id, {r.width(), r.height()});
        const bool over = ImGui::IsItemHovered();
        if (over) scene.hovered = false;
        pen.fill(r, filled ? colour : with_alpha(over ? pen.p.paper : pen.p.panel, 0.96f), 12);
        pen.frame(r, filled ? colour : over ? pen.p.muted : pen.p.faint, 12);
        pen.text_centred(r, text, look);
        return pressed;
    };
    const Camera all = fit();
    const bool shows_all =
        std::abs(camera_.scale / all.scale - 1) < 0.01 && std::abs(camera_.centre.y - all.centre.y) * all.scale < 2;
    if (!shows_all && !flight_.active && button("all", pen.say(words::SHOW_ALL), pen.p.ink, false)) {
        fly_to(scene, all);
        follows_ = false;
        at_fit_ = true;
    }
    if (!moment_.touched().blocks.empty() && !flight_.active && !sees(scene, camera_) &&
        button("step", pen.say(words::SHOW_STEP), pen.p.accent, true)) {
        follows_ = true;
        if (const auto target = focus(scene)) fly_to(scene, *target);
    }
}

bool MapView::is_low() const { return window_.height() < LOW; }

// In a low window the legend is a button that opens it: else it would cover what the step touches.
void MapView::draw_legend_of(Scene& scene, const MapScene& picture) {
    const float x = static_cast<float>(window_.x0) + 8, y = static_cast<float>(window_.y1) - 8;
    const float width = std::min(static_cast<float>(window_.width()) - 16, LEGEND_WIDTH);
    if (!is_low() || legend_open_) scene.legend = draw_map_legend(picture, scene.input.moment.at, {x, y}, width);
    if (!is_low()) return;
    Pen& pen = scene.pen;
    const TextLook look{pen.p.ink, 12, Face::words};
    const char* const text = pen.say(words::LEGEND);
    if (!legend_open_) scene.legend = pen.snap(Rect{x, y - 22, x + pen.width_of(text, look) + 16, y});
    ImGui::SetCursorScreenPos({scene.legend.x0, scene.legend.y0});
    if (ImGui::InvisibleButton("legend", {scene.legend.width(), scene.legend.height()})) {
        legend_open_ = !legend_open_;
        scene.actions.animate = true;
    }
    if (ImGui::IsItemHovered()) scene.hovered = false;
    if (legend_open_) return;
    pen.panel(scene.legend);
    pen.text_centred(scene.legend, text, look);
}

std::string MapView::describe(const ViewInput& input) const {
    const mm::physical_memory& mem = input.moment.at.physical;
    const Touched touched = touched_so_far(input);
    Json out;
    out["colour"] = input.choices.colour;
    out["layout"] = input.choices.layout;
    out["columns"] = layout_.columns();
    out["pixelsPerFrame"] = camera_.scale;
    Json zones = Json::array();
    for (const MapGroup& group : layout_.groups()) {
        if (group.zone >= mem.zones.size()) continue; // laid out for a moment that was not drawn again yet
        const mm::zone& zone = mem.zones[group.zone];
        mm::u64 free_pages = 0;
        for (u32 order = 0; order < mem.nr_orders; ++order)
            free_pages += static_cast<mm::u64>(zone.area[order].nr_free) << order;
        u32 rows = 0;
        for (const MapRows& run : group.rows) rows += run.nr_rows;
        zones.push_back({{"zone", mm::unit_text(input.moment.at, mm::Unit::zone, group.zone)},
                         {"start", hex_pfn(zone.start_pfn)},
                         {"present", zone.present_pages},
                         {"free", free_pages},
                         {"rows", rows}});
    }
    out["zones"] = std::move(zones);
    Json blocks = Json::array();
    for (const TouchedBlock& block : touched.blocks)
        blocks.push_back({{"pfn", hex_pfn(block.pfn)}, {"order", block.order}, {"role", role_name(block.role)}});
    out["touched"] = std::move(blocks);
    if (touched.pair.outcome != BuddyPair::Outcome::none)
        out["pair"] = {
            {"low", hex_pfn(touched.pair.low)}, {"high", hex_pfn(touched.pair.high)}, {"order", touched.pair.order}};
    return to_text(out);
}

} // namespace shell
