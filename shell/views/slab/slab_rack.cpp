#include "views/slab/slab_rack.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "slab/slab.h"
#include "slab/slabs.h"
#include "views/parts/fonts.h"
#include "views/slab/slab_look.h"
#include "views/slab/slab_words.h"

namespace shell {

namespace {

using mm::obj_index;
using mm::slab_id;
using mm::u32;

constexpr float NAME = 17, BELOW = 16, BETWEEN = 14;
constexpr std::size_t ALL_ARROWS = 24, FIRST_ARROWS = 8; // of a longer freelist only the first ones are drawn

// Cells of a card: many objects are drawn smaller.
struct CardShape {
    float cell = 13, gap = 2;
    u32 columns = 1, rows = 1;

    [[nodiscard]] float width() const { return static_cast<float>(columns) * (cell + gap) - gap; }
    [[nodiscard]] float height() const { return static_cast<float>(rows) * (cell + gap) - gap; }
};

CardShape card_shape(u32 objects, float room) {
    CardShape out;
    if (objects > 40) out = {10, 1, 1, 1};
    if (objects > 128) out = {7, 1, 1, 1};
    if (objects > 512) out = {4, 1, 1, 1};
    const float wide = std::ceil(std::sqrt(static_cast<float>(std::max(objects, 1u)) * 1.8f));
    const float most = std::max(1.0f, std::floor((room + out.gap) / (out.cell + out.gap)));
    out.columns = static_cast<u32>(std::clamp(wide, 1.0f, most));
    out.rows = (std::max(objects, 1u) + out.columns - 1) / out.columns;
    out.columns = (std::max(objects, 1u) + out.rows - 1) / out.rows; // no shorter last row than there must be
    return out;
}

std::string index_text(u32 index) { return "#" + std::to_string(index); }

Selection object_place(const SlabScene& scene, slab_id id, u32 index) {
    const mm::object_ref object{id, static_cast<obj_index>(index), 0};
    const mm::phys_addr_t address = mm::object_address(scene.slabs, scene.input.moment.at.physical, object);
    return {Selection::Kind::object, static_cast<mm::i64>(address), 0, 0};
}

std::optional<u32> selected_object(const SlabScene& scene, slab_id id) {
    if (scene.input.choices.selection.kind != Selection::Kind::object) return std::nullopt;
    const auto address = static_cast<mm::phys_addr_t>(scene.input.choices.selection.value);
    const mm::object_ref found = mm::object_of_address(scene.slabs, scene.input.moment.at.physical, address);
    if (found.slab != id || found.index == mm::OBJ_NONE) return std::nullopt;
    return found.index;
}

void add_arrows(const std::vector<obj_index>& list, Rgba colour, std::vector<CellArrow>& arrows) {
    const std::size_t most = list.size() <= ALL_ARROWS ? list.size() : FIRST_ARROWS;
    for (std::size_t i = 1; i < most; ++i) {
        const float fade = list.size() <= ALL_ARROWS ? 0 : static_cast<float>(i) / static_cast<float>(FIRST_ARROWS + 2);
        arrows.push_back({list[i - 1], list[i], with_alpha(colour, 0.85f * (1 - fade))});
    }
}

// A flag in the upper left corner: the head of the list.
void draw_head(Pen& pen, const Rect& cell, Rgba colour) {
    const float side = std::min({cell.width(), cell.height(), 16.0f}) * 0.5f;
    const Rect r = pen.snap(cell);
    pen.polygon({{r.x0, r.y0}, {r.x0 + side, r.y0}, {r.x0, r.y0 + side}}, colour);
}

void show_object_tooltip(const SlabScene& scene, const mm::SlabObjects& objects, slab_id id, u32 index) {
    const Pen& pen = scene.pen;
    const mm::ObjectState state = objects.state(index);
    const auto line = [](const std::string& text) { ImGui::TextUnformatted(text.c_str()); };
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(9, 7));
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(6, 3));
    if (ImGui::BeginTooltip()) {
        ImGui::PushFont(font_mono(), TEXT_NORMAL);
        line(mm::unit_text(scene.input.moment.at, mm::Unit::object, object_place(scene, id, index).value));
        ImGui::PopFont();
        ImGui::PushFont(font_words(), 12);
        line(std::string(pen.say(words::OBJECT)) + " " + index_text(index) + ": " +
             pen.say(state_words(state, scene.slabs.config.allocator)));
        for (const auto* list : {&objects.cpu_list(), &objects.own_list()}) {
            const auto at = std::find(list->begin(), list->end(), static_cast<obj_index>(index));
            if (at == list->end()) continue;
            if (scene.input.choices.asked) break;
            if (at == list->begin()) line(pen.say(words::HANDED_OUT_NEXT));
            if (at + 1 != list->end()) line(std::string(pen.say(words::AFTER_IT)) + " " + index_text(*(at + 1)));
            break;
        }
        ImGui::PopFont();
        ImGui::EndTooltip();
    }
    ImGui::PopStyleVar(2);
}

} // namespace

const Phrase& state_words(mm::ObjectState state, mm::slab_allocator allocator) {
    const bool slub = allocator == mm::slab_allocator::slub;
    switch (state) {
    case mm::ObjectState::allocated: return words::OBJECT_HELD;
    case mm::ObjectState::cpu_free: return slub ? words::OBJECT_ON_CPU : words::OBJECT_IN_ARRAY;
    case mm::ObjectState::slab_free: break;
    }
    return slub ? words::OBJECT_ON_SLAB : words::OBJECT_IN_SLAB;
}

void draw_objects(SlabScene& scene, slab_id id, const GridShape& shape, bool large) {
    if (!scene.area.sees(shape.box)) return;
    const mm::slab& s = scene.slabs.slabs[id];
    const mm::SlabObjects objects(scene.slabs, id);
    Pen& pen = scene.pen;
    std::vector<const TouchedObject*> touched(s.objects, nullptr);
    for (const TouchedObject& object : scene.touches().objects)
        if (object.slab == s.pfn && object.index < s.objects) touched[object.index] = &object;
    CellGrid grid{.shape = shape, .look = [&](u32 index) {
                      CellLook cell{.ink = object_ink(pen.p, objects.state(index))};
                      if (large) cell.label = std::to_string(index);
                      if (const TouchedObject* mark = touched[index]) {
                          cell.mark = mark->role == SlabRole::bad ? pen.p.bad : pen.p.accent;
                          cell.glow = scene.moment.glow(scene.input, mark->event);
                      }
                      return cell;
                  }};
    if (large) {
        add_arrows(objects.cpu_list(), pen.p.pcp, grid.arrows);
        add_arrows(objects.own_list(), pen.p.free, grid.arrows);
    }
    grid.selected = selected_object(scene, id);
    const auto under = draw_cell_grid(pen, grid, scene.area.window(), scene.area.pointer());
    for_each_seen_cell(shape, scene.area.window(),
                       [&](u32 index, const Rect& cell) { scene.area.offer(cell, grid.selected == index); });
    if (shape.cell_width() >= 7 && !scene.input.choices.asked) {
        if (!objects.cpu_list().empty()) draw_head(pen, shape.cell(objects.cpu_list().front()), pen.p.pcp);
        if (!objects.own_list().empty()) draw_head(pen, shape.cell(objects.own_list().front()), pen.p.free);
    }
    if (!under) return;
    show_object_tooltip(scene, objects, id, *under);
    if (!scene.area.pressed()) return;
    scene.actions.select = true;
    scene.actions.selection = object_place(scene, id, *under);
}

float draw_slab_name(SlabScene& scene, slab_id id, float x, float y, float x1) {
    Pen& pen = scene.pen;
    const mm::slab& s = scene.slabs.slabs[id];
    const TouchedSlab* touched = scene.touches().slab(s.pfn);
    const Selection place{Selection::Kind::pfn, s.pfn, 0, 0};
    const TextLook name{touched ? pen.p.accent : pen.p.ink, 12, Face::mono}, count{pen.p.muted, TEXT_SMALL, Face::mono};
    const std::string text = hex_pfn(s.pfn);
    // A CPU's own slab counts what is on the CPU's freelist as in use: what callers hold is shown.
    const mm::SlabObjects objects(scene.slabs, id);
    u32 held = 0;
    for (u32 i = 0; i < s.objects; ++i) held += objects.state(i) == mm::ObjectState::allocated;
    const std::string numbers = std::to_string(held) + "/" + std::to_string(s.objects);
    const float end = x + pen.width_of(text, name);
    const Rect r{x - 2, y - 2, end + 2, y + 14};
    const bool hovered = r.contains(scene.area.pointer());
    scene.area.offer(r, scene.input.choices.selection == place);
    pen.text(x, y, text, name);
    if (hovered || scene.input.choices.selection == place)
        pen.fill({x, y + 13, end, y + 13 + pen.hairline()}, name.colour);
    if (hovered && scene.area.pressed()) {
        scene.actions.select = true;
        scene.actions.selection = place;
    }
    const float width = pen.width_of(numbers, count);
    if (end + 8 + width > x1) return end;
    pen.text(end + 8, y + 1, numbers, count);
    return end + 8 + width;
}

float draw_rack(SlabScene& scene, const std::vector<slab_id>& slabs, float x0, float y) {
    if (slabs.empty()) return y;
    Pen& pen = scene.pen;
    const float x1 = scene.area.box().x1 - 12;
    // Slabs of the fallback order have fewer objects than the others.
    const u32 objects =
        std::max({u32{scene.slabs.slabs[slabs.front()].objects}, u32{scene.cache_of().objs}, scene.cache_of().num});
    const CardShape card = card_shape(objects, x1 - x0);
    const float least =
        pen.width_of("0x00000", {0, 12, Face::mono}) + 8 + pen.width_of("00/00", {0, TEXT_SMALL, Face::mono});
    const float width = std::max(card.width(), least) + BETWEEN, height = NAME + card.height() + BELOW;
    const u32 columns = static_cast<u32>(std::max(1.0f, std::floor((x1 - x0 + BETWEEN) / width)));
    const u32 rows = static_cast<u32>((slabs.size() + columns - 1) / columns);
    const auto corner = [&](std::size_t i) {
        return ImVec2{x0 + static_cast<float>(i % columns) * width, y + static_cast<float>(i / columns) * height};
    };
    for (std::size_t i = 0; i < slabs.size() && scene.new_moment; ++i)
        if (scene.touches().slab(scene.slabs.slabs[slabs[i]].pfn)) scene.area.touched(corner(i).y, height);
    const Rect& window = scene.area.window();
    const auto row_at = [&](float at) {
        return static_cast<u32>(std::clamp(std::floor((at - y) / height), 0.0f, static_cast<float>(rows)));
    };
    const std::size_t first = std::size_t{row_at(window.y0)} * columns;
    const std::size_t end = std::min(slabs.size(), (std::size_t{row_at(window.y1)} + 1) * columns);
    for (std::size_t i = first; i < end; ++i) {
        const mm::slab& s = scene.slabs.slabs[slabs[i]];
        const ImVec2 at = corner(i);
        draw_slab_name(scene, slabs[i], at.x, at.y, at.x + width - BETWEEN + 2);
        GridShape shape{{at.x, at.y + NAME, at.x + card.width(), 0}, card.columns, s.objects, card.gap};
        const float nr_rows = static_cast<float>((s.objects + card.columns - 1) / card.columns);
        shape.box.y1 = shape.box.y0 + nr_rows * (card.cell + card.gap) - card.gap;
        draw_objects(scene, slabs[i], shape, false);
        const TouchedSlab* touched = scene.touches().slab(s.pfn);
        if (touched && touched->role != SlabRole::touched)
            pen.text(at.x, shape.box.y1 + 2, pen.say(words::role_words(touched->role)), {pen.p.accent, TEXT_SMALL});
    }
    return y + height * static_cast<float>(rows);
}

float draw_gone_slabs(SlabScene& scene, float x0, float y) {
    Pen& pen = scene.pen;
    const mm::physical_memory& mem = scene.input.moment.at.physical;
    float x = x0;
    bool any = false;
    for (const TouchedSlab& touched : scene.touches().slabs) {
        if (touched.role != SlabRole::gone || touched.cache != scene.cache) continue;
        const mm::phys_addr_t base = mm::phys_addr_t{touched.pfn} << mem.page_shift;
        if (mm::slab_of_address(scene.slabs, mem, base) != mm::SLAB_NONE) continue; // a new one stands there
        const std::string text = hex_pfn(touched.pfn) + "  " + pen.say(words::GIVEN_BACK);
        const TextLook look{pen.p.accent, 12, Face::words};
        const float width = pen.width_of(text, look) + 16;
        if (any && x + width > scene.area.box().x1 - 12) {
            x = x0;
            y += 30;
        }
        const Rect r{x, y, x + width, y + 24};
        if (!any) scene.area.touched(y, 30);
        pen.dashed_outline(pen.snap(r), pen.p.accent, pen.hairline());
        pen.text_centred(r, text, look);
        x += width + BETWEEN;
        any = true;
    }
    return any ? y + 34 : y;
}

} // namespace shell
