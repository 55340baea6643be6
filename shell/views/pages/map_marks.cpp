#include "views/pages/map_marks.h"

#include <imgui.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "views/parts/fonts.h"
#include "views/parts/legend.h"
#include "views/parts/words.h"

namespace shell {

namespace {

using mm::pfn_t;
using mm::u32;

constexpr float HEADER_HEIGHT = 20;
constexpr float SMALLEST_MARK = 5;    // a mark on a block that is hardly visible
constexpr float PAIR_SMALLEST = 20;   // side of a half, below which a line between the two would hide them
constexpr float PAIR_LABEL_SIZE = 40; // between their middles, from which the line has a label

Rect window_rect(const MapScene& scene) {
    return {static_cast<float>(scene.window.x0), static_cast<float>(scene.window.y0),
            static_cast<float>(scene.window.x1), static_cast<float>(scene.window.y1)};
}

// At least SMALLEST_MARK in each direction, about the same centre.
Rect visible_mark(const Rect& r) {
    const float dx = std::max(0.0f, (SMALLEST_MARK - r.width()) / 2);
    const float dy = std::max(0.0f, (SMALLEST_MARK - r.height()) / 2);
    return {r.x0 - dx, r.y0 - dy, r.x1 + dx, r.y1 + dy};
}

// A line that stands out on any fill: a seam of paper around it.
void cased_outline(Pen& pen, const Rect& r, Rgba colour, float thickness) {
    const float seam = pen.hairline();
    pen.outline(r.grown(seam), with_alpha(pen.p.paper, 0.85f), seam);
    pen.outline(r, colour, thickness);
    if (r.width() > 4 * thickness + 2 && r.height() > 4 * thickness + 2)
        pen.outline(r.grown(-thickness), with_alpha(pen.p.paper, 0.85f), seam);
}

void tag(Pen& pen, float x, float y, std::string_view text, Rgba background) {
    const TextLook look{readable_on(background), TEXT_SMALL, Face::words};
    const float width = pen.width_of(text, look) + 8;
    pen.fill(pen.snap(Rect{x, y, x + width, y + TEXT_SMALL + 4}), background, 2);
    pen.text(x + 4, y + 2, text, look);
}

void draw_header(const MapScene& scene, const MapGroup& group, const mm::Machine& machine) {
    Pen& pen = scene.pen;
    const mm::zone& zone = machine.physical.zones[group.zone];
    const float top = static_cast<float>(scene.camera.to_screen(Point{0, group.y}, scene.window).y);
    const float end = static_cast<float>(scene.camera.to_screen(Point{0, group.end_y}, scene.window).y);
    const Rect window = window_rect(scene);
    const double first_row = group.rows.empty() ? group.end_y : group.rows.front().y;
    const float room = static_cast<float>((first_row - group.y) * scene.camera.scale);
    if (end < window.y0 + HEADER_HEIGHT || top > window.y1) return;

    mm::u64 free_pages = 0;
    for (u32 order = 0; order < machine.physical.nr_orders; ++order)
        free_pages += static_cast<mm::u64>(zone.area[order].nr_free) << order;
    const u32 shift = machine.physical.page_shift;
    std::string name(zone.name());
    if (machine.physical.nodes.size() > 1)
        name = pen.say(words::NODE) + (" " + std::to_string(zone.node)) + "  " + name;
    const std::string facts = size_text(static_cast<mm::u64>(zone.present_pages) << shift) + ", " +
                              grouped(static_cast<mm::i64>(free_pages)) + " " + pen.say(words::PAGES_FREE);
    const TextLook strong{pen.p.ink, TEXT_NORMAL, Face::words};
    const TextLook quiet{pen.p.muted, TEXT_SMALL, Face::words};
    const float left = static_cast<float>(scene.camera.to_screen(Point{0, 0}, scene.window).x);
    const float x = std::max(left, window.x0 + 8);
    const float natural = top + std::max(0.0f, room - HEADER_HEIGHT) * 0.5f + 2;
    const bool stuck = natural < window.y0 + 2;
    const float y = std::max(natural, window.y0 + 2);
    const float name_width = pen.width_of(name, strong);
    if (stuck) pen.panel({x - 6, y - 1, x + name_width + 12 + pen.width_of(facts, quiet) + 6, y + HEADER_HEIGHT - 2});
    pen.text(x, y + 1, name, strong);
    pen.text(x + name_width + 10, y + 3, facts, quiet);
}

void draw_addresses(const MapScene& scene) {
    Pen& pen = scene.pen;
    const TextLook look{pen.p.muted, TEXT_SMALL, Face::mono};
    const float pitch = static_cast<float>(scene.layout.pitch_y() * scene.camera.scale);
    u32 every = 1;
    while (static_cast<float>(every) * pitch < TEXT_SMALL + 4) every *= 2;
    const Rect window = window_rect(scene);
    const float left = static_cast<float>(scene.camera.to_screen(Point{0, 0}, scene.window).x) - 8;
    scene.layout.for_each_row(
        scene.camera.visible(scene.window), [&](const MapGroup&, const MapRows& rows, u32 row, u32, u32) {
            if (row % every != 0 && row != rows.first_row) return;
            if (row == rows.first_row && row % every != 0 && rows.nr_rows > 1 && every - row % every < every / 2 + 1)
                return;
            const double world_y = rows.y + (row - rows.first_row) * scene.layout.pitch_y();
            const float y0 = static_cast<float>(scene.camera.to_screen(Point{0, world_y}, scene.window).y);
            const float cell = static_cast<float>(scene.layout.cell_height() * scene.camera.scale);
            const std::string text = hex_pfn((row * scene.layout.columns()) << scene.layout.cell_order());
            const float width = pen.width_of(text, look);
            const float y =
                std::clamp(y0 + (std::min(cell, 40.0f) - TEXT_SMALL) / 2, y0, y0 + std::max(0.0f, cell - TEXT_SMALL));
            if (left - width >= window.x0 + 2) pen.text(left - width, y, text, look);
        });
}

void draw_gaps(const MapScene& scene, u32 page_shift) {
    Pen& pen = scene.pen;
    const TextLook look{pen.p.muted, TEXT_SMALL, Face::words};
    for (const MapGroup& group : scene.layout.groups()) {
        double end = group.y;
        for (const MapRows& rows : group.rows) {
            if (rows.missing_frames > 0) {
                const Point top = scene.camera.to_screen(Point{0, end}, scene.window);
                const Point bottom = scene.camera.to_screen(Point{0, rows.y}, scene.window);
                const std::string text =
                    size_text(rows.missing_frames << page_shift) + " " + pen.say(words::NOT_PRESENT);
                const float x = std::max(static_cast<float>(top.x), static_cast<float>(scene.window.x0) + 8);
                const float y = static_cast<float>((top.y + bottom.y) / 2) - TEXT_SMALL / 2;
                pen.text(x, y, text, look);
            }
            end = rows.y + rows.nr_rows * scene.layout.pitch_y() - scene.layout.gap();
        }
    }
}

} // namespace

void draw_map_frame(const MapScene& scene, const mm::Machine& machine) {
    draw_addresses(scene);
    draw_gaps(scene, machine.physical.page_shift);
    for (const MapGroup& group : scene.layout.groups()) draw_header(scene, group, machine);
}

// ---- marks of the current op ----------------------------------------------------------------------------------------

const Phrase& role_phrase(Role role) {
    switch (role) {
    case Role::checked: return words::CHECKED;
    case Role::taken:
    case Role::popped: return words::TAKEN;
    case Role::kept: return words::KEPT;
    case Role::split_off: return words::SPLIT_OFF;
    case Role::merged: return words::MERGED;
    case Role::listed: return words::LISTED;
    case Role::moved: return words::MOVED;
    case Role::refilled: return words::REFILLED;
    case Role::cached: return words::CACHED;
    case Role::drained: return words::DRAINED;
    case Role::given: return words::GIVEN;
    case Role::returned: return words::FREED;
    case Role::bad: return words::LEAKED;
    }
    return words::THIS_STEP;
}

namespace {

Rgba mark_colour(const Palette& p, Role role) {
    if (role == Role::bad) return p.bad;
    return role == Role::checked ? p.buddy : p.accent;
}

bool is_result(Role role) { return role == Role::given || role == Role::returned || role == Role::bad; }

void draw_mark(const MapScene& scene, const TouchedBlock& block, const MarkTime& time) {
    const bool is_new = block.event >= time.new_from;
    Pen& pen = scene.pen;
    const auto rect = scene.block_rect_of(block.pfn, block.order);
    if (!rect || !rect->grown(8).overlaps(window_rect(scene))) return;
    const Rect r = visible_mark(*rect);
    const Rgba colour = mark_colour(pen.p, block.role);
    if (is_new && time.glow > 0) {
        pen.fill(r, with_alpha(colour, 0.45f * time.glow), 2);
        pen.fill(r.grown(3 + 5 * time.glow), with_alpha(colour, 0.18f * time.glow), 4);
    }
    const float line = pen.hairline();
    if (block.role == Role::checked)
        pen.dashed_outline(r, colour, 1.5f * line);
    else if (is_result(block.role) || (is_new && time.inside_op))
        cased_outline(pen, r, colour, 2 * line);
    else
        pen.outline(r, with_alpha(colour, 0.8f), line);
}

// The two halves, a line between their middles, and how the one's number follows from the other's.
void draw_pair(const MapScene& scene, const BuddyPair& pair) {
    Pen& pen = scene.pen;
    const auto low = scene.block_rect_of(pair.low, pair.order);
    const auto high = scene.block_rect_of(pair.high, pair.order);
    if (!low || !high) return;
    if (!low->overlaps(window_rect(scene)) && !high->overlaps(window_rect(scene))) return;
    const ImVec2 a = low->centre(), b = high->centre();
    const float length = std::hypot(b.x - a.x, b.y - a.y);
    if (std::min(low->width(), low->height()) < PAIR_SMALLEST) return;
    const Rgba colour = pair.outcome == BuddyPair::Outcome::stayed ? pen.p.buddy : pen.p.accent;
    pen.line(a, b, with_alpha(pen.p.paper, 0.8f), 5);
    pen.line(a, b, colour, 2);
    for (const ImVec2 end : {a, b}) {
        pen.dot(end, 4.5f, pen.p.paper);
        pen.dot(end, 3.0f, colour);
    }
    if (length < PAIR_LABEL_SIZE) return;
    const char* sign = pair.outcome == BuddyPair::Outcome::stayed ? "✗ xor 2^" : "xor 2^";
    const std::string text = sign + std::to_string(pair.order);
    const TextLook look{readable_on(colour), TEXT_SMALL, Face::mono};
    const float width = pen.width_of(text, look) + 10;
    const ImVec2 middle{(a.x + b.x) / 2, (a.y + b.y) / 2};
    const Rect box{middle.x - width / 2, middle.y - 9, middle.x + width / 2, middle.y + 9};
    pen.fill(box.grown(1), with_alpha(pen.p.paper, 0.9f), 4);
    pen.fill(box, colour, 3);
    pen.text_centred(box, text, look);
}

} // namespace

void draw_map_marks(const MapScene& scene, const Touched& touched, const MarkTime& time) {
    for (const TouchedBlock& block : touched.blocks) draw_mark(scene, block, time);
    draw_pair(scene, touched.pair);
    if (touched.blocks.empty()) return;
    const TouchedBlock& last = touched.blocks.back();
    const auto rect = scene.block_rect_of(last.pfn, last.order);
    if (!rect || !rect->overlaps(window_rect(scene))) return;
    const Rect r = visible_mark(*rect);
    const float height = TEXT_SMALL + 4;
    const float y = r.y0 - height - 2 < static_cast<float>(scene.window.y0) ? r.y1 + 2 : r.y0 - height - 2;
    tag(scene.pen, r.x0, y, scene.pen.say(role_phrase(last.role)), mark_colour(scene.pen.p, last.role));
}

void draw_map_selection(const MapScene& scene, pfn_t pfn) {
    const mm::physical_memory& mem = scene.lens.mem;
    if (!mem.pfn_valid(pfn)) return;
    const mm::block_info block = find_block(mem, pfn);
    Pen& pen = scene.pen;
    const float line = pen.hairline();
    if (const auto rect = scene.block_rect_of(block.head == mm::PFN_NONE ? pfn : block.head, block.order)) {
        const Rect r = visible_mark(*rect).grown(2 * line);
        pen.outline(r.grown(line), with_alpha(pen.p.paper, 0.9f), line);
        pen.outline(r, pen.p.ink, 2 * line);
    }
    if (block.order == 0) return;
    const auto frame = scene.block_rect_of(pfn, 0);
    if (frame && frame->width() >= 5) pen.outline(*frame, pen.p.ink, line);
}

// ---- overview -------------------------------------------------------------------------------------------------------

void draw_map_overview(const MapScene& scene, const Touched& touched, ImVec2 place) {
    constexpr float most = 96, room = 6;
    Pen& pen = scene.pen;
    const Box& all = scene.layout.bounds();
    const double left = 0; // without the addresses
    const double scale = static_cast<double>(most) / std::max(all.x1 - left, all.height());
    const float width = static_cast<float>((all.x1 - left) * scale), height = static_cast<float>(all.height() * scale);
    const Rect panel{place.x - width - 2 * room, place.y - height - 2 * room, place.x, place.y};
    const auto to_panel = [&](const Box& b) {
        const auto x = [&](double v) {
            return panel.x0 + room +
                   static_cast<float>(std::clamp((v - left) * scale, 0.0, static_cast<double>(width)));
        };
        const auto y = [&](double v) {
            return panel.y0 + room +
                   static_cast<float>(std::clamp((v - all.y0) * scale, 0.0, static_cast<double>(height)));
        };
        return pen.snap(Rect{x(b.x0), y(b.y0), x(b.x1), y(b.y1)});
    };
    pen.panel(panel);
    for (const MapGroup& group : scene.layout.groups())
        for (const MapRows& rows : group.rows)
            pen.fill(
                to_panel({left, rows.y, all.x1, rows.y + rows.nr_rows * scene.layout.pitch_y() - scene.layout.gap()}),
                pen.p.faint);
    for (const TouchedBlock& block : touched.blocks) {
        const auto box = scene.layout.block_box(scene.lens.mem, block.pfn, block.order);
        if (!box) continue;
        const ImVec2 c = to_panel(*box).centre();
        pen.fill({c.x - 1.5f, c.y - 1.5f, c.x + 1.5f, c.y + 1.5f}, pen.p.accent);
    }
    Rect window = to_panel(scene.camera.visible(scene.window));
    window = window.grown(std::max(0.0f, 2 - std::min(window.width(), window.height()) / 2));
    pen.outline(window, pen.p.ink, 1.5f);
}

// ---- legend ---------------------------------------------------------------------------------------------------------

namespace {

BlockInk ink_of(const Palette& p, Rgba colour, Pattern pattern) {
    if (pattern == Pattern::solid) return {colour, colour, pattern};
    return {mix(p.paper, colour, pattern == Pattern::hollow ? 0.13f : 0.28f), colour, pattern};
}

bool uses_type(const mm::physical_memory& mem, u32 type) {
    if (type < mm::MIGRATE_PCPTYPES) return true;
    for (const mm::zone& zone : mem.zones) {
        if (type == mm::MIGRATE_CMA && zone.cma_pages > 0) return true;
        if (type == mm::MIGRATE_HIGHATOMIC && zone.nr_reserved_highatomic > 0) return true;
        for (u32 order = 0; order < mem.nr_orders; ++order)
            if (!zone.area[order].free_list[type].empty()) return true;
    }
    return false;
}

std::vector<LegendItem> legend_items(const Pen& pen, const MapLens& lens, const mm::Machine& machine) {
    const Palette& p = pen.p;
    const mm::physical_memory& mem = lens.mem;
    std::vector<LegendItem> items;
    const auto solid = [&](Rgba colour, std::string text) {
        items.push_back({ink_of(p, colour, Pattern::solid), std::move(text), {}});
    };
    switch (lens.by) {
    case ColourBy::state:
        items.push_back({ink_of(p, p.free, Pattern::hollow), pen.say(words::FREE), {}});
        solid(p.allocated, pen.say(words::ALLOCATED));
        items.push_back({ink_of(p, p.pcp, Pattern::hatched), pen.say(words::PER_CPU), {}});
        break;
    case ColourBy::type:
        for (u32 type = 0; type < mm::MIGRATE_TYPES; ++type)
            if (uses_type(mem, type)) solid(p.type[type], std::string(mm::migratetype_names[type]));
        break;
    case ColourBy::order: {
        LegendItem scale{{}, pen.say(words::ORDER) + (" 0–" + std::to_string(mem.nr_orders - 1)), {}};
        for (u32 order = 0; order < mem.nr_orders; ++order) scale.scale.push_back(p.order(order, mem.nr_orders));
        items.push_back(std::move(scale));
        break;
    }
    case ColourBy::zone:
        for (u32 slot = 0; slot < mem.populated.size(); ++slot)
            solid(p.zone(slot), mm::unit_text(machine, mm::Unit::zone, mem.populated[slot]));
        break;
    case ColourBy::age:
        solid(p.age[0], pen.say(words::THIS_OP));
        for (int i = 1; i <= 4; ++i)
            solid(p.age[static_cast<std::size_t>(i)], "≤ " + grouped(static_cast<mm::i64>(std::pow(10, i))) +
                                                          (i == 1 ? std::string(" ") + pen.say(words::OPS_AGO) : ""));
        solid(p.age[5], pen.say(words::LONGER_AGO));
        solid(p.age[6], pen.say(words::AT_BOOT));
        break;
    }
    if (lens.by != ColourBy::state) {
        items.push_back({ink_of(p, p.muted, Pattern::hollow), pen.say(words::FREE), {}, true});
        items.push_back({ink_of(p, p.muted, Pattern::solid), pen.say(words::ALLOCATED), {}});
        items.push_back({ink_of(p, p.muted, Pattern::hatched), pen.say(words::PER_CPU), {}});
    }
    solid(p.reserved, pen.say(words::RESERVED));
    items.push_back({{p.hole, p.faint, Pattern::hollow}, pen.say(words::HOLE), {}});
    items.push_back({{p.paper, p.accent, Pattern::hollow}, pen.say(words::THIS_STEP), {}});
    return items;
}

} // namespace

float map_legend_height(const Pen& pen, const MapLens& lens, const mm::Machine& machine, float max_width) {
    return legend_size(pen, legend_items(pen, lens, machine), max_width).y;
}

Rect draw_map_legend(const MapScene& scene, const mm::Machine& machine, ImVec2 place, float max_width) {
    return draw_legend(scene.pen, legend_items(scene.pen, scene.lens, machine), place, max_width);
}

// ---- tooltip --------------------------------------------------------------------------------------------------------

const Phrase& state_phrase(mm::page_state state) {
    switch (state) {
    case mm::page_state::buddy: return words::FREE;
    case mm::page_state::pcp: return words::PER_CPU;
    case mm::page_state::allocated: return words::ALLOCATED;
    case mm::page_state::leaked: return words::LEAKED;
    case mm::page_state::reserved: return words::RESERVED;
    case mm::page_state::tail: return words::ON_NO_LIST;
    default: return words::HOLE;
    }
}

namespace {

// "slab: kmalloc-64, 3 / 64"
std::string slab_text(const mm::Machine& machine, pfn_t pfn) {
    const mm::slab_id id = slab_of(machine, {Selection::Kind::pfn, static_cast<mm::i64>(pfn), 0, 0});
    if (id == mm::SLAB_NONE) return "";
    const mm::slab& s = machine.slabs.slabs[id];
    return "slab: " + std::string(mm::name_text(machine.slabs.caches[s.cache].name)) + ", inuse " +
           std::to_string(s.inuse) + " / " + std::to_string(s.objects);
}

} // namespace

void show_map_tooltip(Pen& pen, const mm::Machine& machine, pfn_t pfn) {
    const mm::physical_memory& mem = machine.physical;
    if (!mem.pfn_valid(pfn)) return;
    const mm::block_info block = find_block(mem, pfn);
    const pfn_t head = block.head == mm::PFN_NONE ? pfn : block.head;
    const mm::page& page = mem.page_at(head);
    const auto words_line = [](const std::string& text) { ImGui::TextUnformatted(text.c_str()); };

    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(9, 7));
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(6, 3));
    if (ImGui::BeginTooltip()) {
        ImGui::PushFont(font_mono(), TEXT_NORMAL);
        words_line(hex_pfn(pfn));
        ImGui::PopFont();
        ImGui::PushFont(font_words(), 12);
        std::string what = pen.say(state_phrase(page.state()));
        if (block.order > 0) what += ", " + words::order_of(pen, block.order);
        if (block.order > 0 && head != pfn) what += ", " + (pen.say(words::BLOCK_OF) + (" " + hex_pfn(head)));
        words_line(what);
        if (page.state() != mm::page_state::hole) {
            std::string where = mm::unit_text(machine, mm::Unit::zone, mem.populated[page.zone_slot()]);
            where += ", " + std::string(mm::migratetype_names[mem.block_type(pfn)]);
            words_line(where);
            if (const std::string slab = slab_text(machine, pfn); !slab.empty()) words_line(slab);
            if (page.stamp > 0) words_line(pen.say(words::STEP_OF) + (" " + std::to_string(page.stamp)));
        }
        ImGui::PopFont();
        ImGui::EndTooltip();
    }
    ImGui::PopStyleVar(2);
}

} // namespace shell
