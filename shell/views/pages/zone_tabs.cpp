#include "views/pages/zone_tabs.h"

#include <imgui.h>

#include "views/parts/words.h"

namespace shell {

namespace {

constexpr float HEIGHT = 26, BETWEEN = 6, MARGIN = 8;

} // namespace

int shown_zone(const mm::physical_memory& mem, int chosen, int op_zone) {
    const auto is_populated = [&](int zone) {
        return zone >= 0 && static_cast<std::size_t>(zone) < mem.zones.size() &&
               mem.zones[static_cast<std::size_t>(zone)].populated();
    };
    if (is_populated(chosen)) return chosen;
    if (is_populated(op_zone)) return op_zone;
    int largest = -1;
    for (mm::u8 zone : mem.populated) {
        const bool larger =
            largest < 0 || mem.zones[zone].managed_pages > mem.zones[static_cast<std::size_t>(largest)].managed_pages;
        if (larger) largest = zone;
    }
    return largest;
}

std::string zone_text(const mm::physical_memory& mem, int zone) {
    const mm::zone& z = mem.zones[static_cast<std::size_t>(zone)];
    return std::to_string(z.node) + "/" + std::string(z.name());
}

int zone_of_text(const mm::physical_memory& mem, std::string_view text) {
    for (mm::u8 zone : mem.populated) {
        if (zone_text(mem, zone) == text) return zone;
    }
    return -1;
}

ZoneTab draw_zone_tabs(Pen& pen, const ViewInput& input, int chosen, int op_zone) {
    const mm::physical_memory& mem = input.moment.at.physical;
    ZoneTab tab{shown_zone(mem, chosen, op_zone), chosen, false};
    const ImVec2 start = ImGui::GetCursorScreenPos();
    const float right = start.x + ImGui::GetContentRegionAvail().x - MARGIN;
    float x = start.x + MARGIN, y = start.y + MARGIN;
    for (mm::u8 zone : mem.populated) {
        if (!mem.zones[zone].populated()) continue; // ZONE_DEVICE has no lists
        const bool open = zone == tab.shown;
        const std::string name = mm::unit_text(input.moment.at, mm::Unit::zone, zone);
        const TextLook look{open ? pen.p.ink : pen.p.muted, TEXT_NORMAL, Face::words};
        const bool at_work = zone == op_zone;
        const float width = pen.width_of(name, look) + 20 + (at_work ? 10 : 0);
        if (x + width > right && x > start.x + MARGIN) {
            x = start.x + MARGIN;
            y += HEIGHT + BETWEEN;
        }
        const Rect r = pen.snap(Rect{x, y, x + width, y + HEIGHT});
        ImGui::SetCursorScreenPos({r.x0, r.y0});
        ImGui::PushID(zone);
        if (ImGui::InvisibleButton("zone", {r.width(), r.height()})) {
            tab.chosen = chosen == zone ? -1 : zone;
            tab.shown = shown_zone(mem, tab.chosen, op_zone);
            tab.pressed = true;
        }
        const bool hovered = ImGui::IsItemHovered();
        ImGui::PopID();
        if (open || hovered) pen.fill(r, pen.p.panel, 4);
        if (open) pen.fill({r.x0 + 4, r.y1 - 2, r.x1 - 4, r.y1}, pen.p.ink);
        pen.text(r.x0 + 10, r.y0 + 6, name, look);
        if (at_work) pen.dot({r.x1 - 11, (r.y0 + r.y1) / 2}, 3, pen.p.accent);
        x += width + BETWEEN;
    }
    ImGui::SetCursorScreenPos({start.x, y + HEIGHT + MARGIN});
    return tab;
}

void draw_no_zones(Pen& pen) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    pen.text(at.x + 16, at.y + 16, pen.say(words::NO_ZONES), {pen.p.muted, TEXT_NORMAL, Face::words});
}

} // namespace shell
