#include "views/slab/colouring.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "json.h"
#include "slab/slab.h"
#include "slab/slabs.h"
#include "views/parts/mirror_text.h"
#include "views/parts/words.h"
#include "views/slab/slab_look.h"
#include "views/slab/slab_words.h"

namespace shell {

namespace {

using mm::slab_id;
using mm::u32;

constexpr float MARGIN = 12, LABEL = 112, BETWEEN = 20, ROW = 15, STRIP = 11, LOADS = 44, LEAST_GRID = 200;
constexpr std::size_t MOST_SLABS = 256;
constexpr mm::l1_cache L1{};

std::vector<slab_id> slabs_of(const mm::slab_memory& slabs, mm::cache_id cache) {
    std::vector<slab_id> out;
    for (slab_id id = 0; id < slabs.nr_slabs && out.size() < MOST_SLABS; ++id)
        if (slabs.slabs[id].cache == cache) out.push_back(id);
    return out;
}

// The object that is looked at in every slab: of the index of the one that is selected.
u32 shown_index(const ViewInput& input, mm::cache_id cache) {
    if (input.choices.selection.kind != Selection::Kind::object) return 0;
    const auto address = static_cast<mm::phys_addr_t>(input.choices.selection.value);
    const mm::object_ref object = mm::object_of_address(input.moment.at.slabs, input.moment.at.physical, address);
    const bool is_its = object.slab != mm::SLAB_NONE && input.moment.at.slabs.slabs[object.slab].cache == cache;
    return is_its && object.index != mm::OBJ_NONE ? object.index : 0;
}

// By set: in how many slabs the object of this index begins there. Its first line is what is used most, and where one
// slab's differs from the next.
std::vector<u32> load_of(const ViewInput& input, const std::vector<slab_id>& slabs, u32 index, bool coloured) {
    std::vector<mm::object_lines> lines;
    for (const slab_id id : slabs) {
        const auto objects = mm::l1_lines(L1, input.moment.at.slabs, input.moment.at.physical, id, coloured);
        if (index < objects.size()) lines.push_back({objects[index].first_set, 1});
    }
    return mm::l1_load(L1, lines);
}

u32 most_of(const std::vector<u32>& load) { return load.empty() ? 0 : *std::max_element(load.begin(), load.end()); }

Rgba shown_ink(const Palette& p) { return p.ink; }
Rgba rest_ink(const Palette& p) { return mix(p.paper, p.free, 0.55f); }
Rgba other_ink(const Palette& p) { return mix(p.paper, p.free, 0.2f); }

} // namespace

struct ColouringView::Page {
    const ViewInput& input;
    ViewActions& actions;
    ScrollArea& area;
    Pen& pen;
    u32 index;
    bool two; // with colouring and without, side by side or below each other
};

Shown ColouringView::shows(const mm::Machine& machine, const Selection& selection) {
    const bool has_colours = machine.slabs.config.allocator == mm::slab_allocator::slab;
    return has_colours && cache_of(machine, selection) != mm::CACHE_NONE ? Shown("") : std::nullopt;
}

void ColouringView::draw(const ViewInput& input, ViewActions& actions) {
    const bool new_moment = moment_.notice(input);
    if (new_moment) slabs_.clear(); // also where nothing is drawn now
    if (moment_.other_session()) cache_ = mm::CACHE_NONE;
    const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    Pen outer = pen_of(input);
    if (draw_why_no_slabs(outer, input.moment.at.slabs, {at.x, at.y, at.x + room.x, at.y + room.y})) return;
    const mm::cache_id shown = shown_cache(input, moment_.touches(), cache_);
    if (room.x < 120 || room.y < 60) return;
    if (shown == mm::CACHE_NONE) {
        outer.paragraph(at.x + 16, at.y + 16, room.x - 32, outer.say(words::NO_CACHE_YET),
                        {outer.p.muted, TEXT_NORMAL, Face::words});
        return;
    }
    if (shown != cache_ || slabs_.empty()) slabs_ = slabs_of(input.moment.at.slabs, shown);
    cache_ = shown;
    keys_.listen(input.canvas.focused);
    ScrollArea area("colouring", keys_);
    Pen pen = pen_of(input);
    const bool two = input.moment.at.slabs.config.allocator == mm::slab_allocator::slab;
    Page page{input, actions, area, pen, shown_index(input, cache_), two};
    area.follow(new_moment);
    float y = draw_header(page, area.box().y0 + 10);
    if (!area.is_low()) y = draw_what(page, y);
    if (slabs_.empty()) {
        const float x0 = area.box().x0 + MARGIN;
        y = pen.paragraph(x0, y, area.box().x1 - MARGIN - x0, pen.say(words::NO_SLAB_YET),
                          {pen.p.muted, TEXT_NORMAL, Face::words});
    } else {
        y = draw_grids(page, y);
    }
    if (area.is_low()) y = draw_what(page, y + 8);
    area.end_content(y + 10, pen, pen.say(words::PICK_KEYS));
    actions.animate |= area.wants_frame() || moment_.glow(input) > 0;
}

float ColouringView::draw_header(Page& page, float y) const {
    Pen& pen = page.pen;
    const mm::kmem_cache& cache = page.input.moment.at.slabs.caches[cache_];
    const float x0 = page.area.box().x0 + MARGIN, x1 = page.area.box().x1 - MARGIN;
    const TextLook title{moment_.touches().has_cache(cache_) ? pen.p.accent : pen.p.ink, 17, Face::mono};
    const TextLook numbers{pen.p.muted, 12, Face::mono}, words{pen.p.muted, TEXT_NORMAL, Face::words};
    pen.text(x0, y, pen.fitted(mm::name_text(cache.name), x1 - x0, title), title);
    y += 26;
    if (page.two) {
        std::string text = "left_over " + std::to_string(cache.left_over) + "   colour_off " +
                           std::to_string(cache.colour_off) + "   colour " + std::to_string(cache.colour);
        for (u32 node = 0; node < page.input.moment.at.slabs.nr_nodes; ++node) {
            text += "   colour_next";
            if (page.input.moment.at.slabs.nr_nodes > 1) text += "[" + std::to_string(node) + "]";
            text += " " + std::to_string(page.input.moment.at.slabs.node_at(cache_, node).colour_next);
        }
        return pen.paragraph(x0, y, x1 - x0, text, numbers) + 6;
    }
    return pen.paragraph(x0, y, x1 - x0, pen.say(words::SLUB_HAS_NO_COLOURS), words) + 6;
}

// What an L1 cache does, and the legend.
float ColouringView::draw_what(Page& page, float y) const {
    Pen& pen = page.pen;
    const float x0 = page.area.box().x0 + MARGIN, x1 = page.area.box().x1 - MARGIN;
    const TextLook words{pen.p.muted, TEXT_NORMAL, Face::words};
    y = pen.paragraph(x0, y, x1 - x0, pen.say(words::L1_WHAT), words) + 8;

    const std::string shown = std::string(pen.say(words::OBJECT)) + " #" + std::to_string(page.index) + " ";
    const std::vector<LegendItem> legend = {
        {{shown_ink(pen.p), shown_ink(pen.p), Pattern::solid}, shown + pen.say(words::FIRST_LINE), {}},
        {{rest_ink(pen.p), rest_ink(pen.p), Pattern::solid}, shown + pen.say(words::OTHER_LINES), {}},
        {{other_ink(pen.p), other_ink(pen.p), Pattern::solid}, pen.say(words::OTHER_OBJECTS), {}},
        {{pen.p.bad, pen.p.bad, Pattern::solid}, pen.say(words::MORE_THAN_WAYS), {}}};
    const ImVec2 size = legend_size(pen, legend, x1 - x0);
    draw_legend(pen, legend, {x0, y + size.y}, x1 - x0);
    return y + size.y + 14;
}

float ColouringView::draw_grids(Page& page, float y) const {
    Pen& pen = page.pen;
    const Rect& all = page.area.box();
    const float x0 = all.x0 + MARGIN, x1 = all.x1 - MARGIN;
    const bool beside = page.two && x1 - x0 >= LABEL + 2 * LEAST_GRID + BETWEEN;
    const float label = std::min(LABEL, (x1 - x0) * 0.4f);
    const float width = beside ? (x1 - x0 - label - BETWEEN) / 2 : x1 - x0 - label;
    const float rows = ROW * static_cast<float>(slabs_.size());
    const TextLook title{pen.p.ink, TEXT_NORMAL, Face::words}, small{pen.p.muted, TEXT_SMALL, Face::mono};
    float end = y;
    for (const bool coloured : {true, false}) {
        if (coloured && !page.two) continue;
        const bool second = !coloured && beside;
        const float left = x0 + label + (second ? width + BETWEEN : 0);
        float top = second || coloured || !page.two ? y : end + 18;
        if (page.two) {
            const Phrase& name = coloured ? words::WITH_COLOUR : words::WITHOUT_COLOUR;
            pen.text(beside ? left : x0, top, pen.say(name), title);
            top += 22;
        }
        const bool names = !second;
        if (names) {
            const TextLook what{pen.p.muted, TEXT_SMALL, Face::words};
            pen.text(x0, top + LOADS - 16, pen.fitted(pen.say(words::LINES_A_SET), label - 8, what), what);
        }
        draw_loads(page, {left, top, left + width, top + LOADS}, coloured);
        top += LOADS + 6;
        for (std::size_t i = 0; i < slabs_.size(); ++i) {
            const float row = top + ROW * static_cast<float>(i);
            if (names) draw_name(page, {x0, row, left - 8, row + ROW}, slabs_[i]);
            draw_slab(page, {left, row, left + width, row + STRIP}, slabs_[i], coloured);
        }
        end = top + rows;
        const TextLook axis{pen.p.muted, TEXT_SMALL, Face::words};
        pen.text(left, end + 2, std::string(pen.say(words::SET)) + " 0", axis);
        pen.text_right(left + width, end + 2, std::to_string(L1.sets() - 1), small);
        end += 20;
    }
    return end;
}

// First lines of the object that is looked at, of all slabs, set by set. The line across stands where the ways are used up.
void ColouringView::draw_loads(Page& page, const Rect& box, bool coloured) const {
    Pen& pen = page.pen;
    const std::vector<u32> load = load_of(page.input, slabs_, page.index, coloured);
    const u32 most = most_of(load);
    const float scale = static_cast<float>(std::max(most, L1.ways + 2));
    const float width = box.width() / static_cast<float>(std::max<std::size_t>(load.size(), 1));
    pen.fill(pen.snap(box), pen.p.hole);
    for (std::size_t set = 0; set < load.size(); ++set) {
        if (load[set] == 0) continue;
        const float x = box.x0 + static_cast<float>(set) * width;
        const float height = std::max(2.0f, box.height() * static_cast<float>(load[set]) / scale);
        const Rect bar = pen.snap(Rect{x, box.y1 - height, x + width, box.y1});
        pen.fill({bar.x0, bar.y0, std::max(bar.x1 - pen.hairline(), bar.x0 + pen.hairline()), bar.y1},
                 load[set] > L1.ways ? pen.p.bad : shown_ink(pen.p));
    }
    const float ways = pen.snap(box.y1 - box.height() * static_cast<float>(L1.ways) / scale);
    pen.fill({box.x0, ways, box.x1, ways + pen.hairline()}, pen.p.muted);
    pen.text_right(box.x0 - 5, ways - 6, std::to_string(L1.ways), {pen.p.muted, TEXT_SMALL, Face::mono});
    const TextLook note{most > L1.ways ? pen.p.bad : pen.p.ink, TEXT_SMALL, Face::words};
    const std::string text = std::string(pen.say(words::MOST_ON_A_SET)) + " " + std::to_string(most);
    const float text_width = pen.width_of(text, note);
    if (text_width + 8 > box.width()) return;
    const Rect plate{box.x1 - text_width - 8, box.y1 - 18, box.x1 - 2, box.y1 - 2};
    pen.fill(pen.snap(plate), with_alpha(pen.p.paper, 0.85f));
    pen.text(plate.x0 + 3, plate.y0 + 2, text, note);
    if (!box.contains(page.area.pointer()) || load.empty()) return;
    const auto set = std::min(static_cast<std::size_t>((page.area.pointer().x - box.x0) / width), load.size() - 1);
    ImGui::SetTooltip("%s %zu: %u", pen.say(words::SET), set, load[set]);
}

void ColouringView::draw_slab(Page& page, const Rect& row, slab_id id, bool coloured) const {
    if (!page.area.sees(row)) return;
    Pen& pen = page.pen;
    const mm::Machine& machine = page.input.moment.at;
    const std::vector<mm::object_lines> objects = mm::l1_lines(L1, machine.slabs, machine.physical, id, coloured);
    const float width = row.width() / static_cast<float>(L1.sets());
    pen.fill(pen.snap(row), pen.p.hole);
    const auto fill = [&](const mm::object_lines& lines, Rgba colour) {
        for (u32 line = 0; line < std::min(lines.lines, L1.sets()); ++line) {
            const float x = row.x0 + static_cast<float>((lines.first_set + line) % L1.sets()) * width;
            const Rect cell = pen.snap(Rect{x, row.y0, x + width, row.y1});
            pen.fill(cell, colour);
        }
    };
    for (const mm::object_lines& lines : objects) fill(lines, other_ink(pen.p));
    if (page.index < objects.size()) {
        fill(objects[page.index], rest_ink(pen.p));
        fill({objects[page.index].first_set, 1}, shown_ink(pen.p));
    }
    // Where an object begins.
    for (const mm::object_lines& lines : objects) {
        const float x = pen.snap(row.x0 + static_cast<float>(lines.first_set) * width);
        pen.fill({x, row.y0, x + pen.hairline(), row.y1}, pen.p.paper);
    }
    if (!row.contains(page.area.pointer())) return;
    const u32 set = std::min(static_cast<u32>((page.area.pointer().x - row.x0) / width), L1.sets() - 1);
    std::string tip = hex_pfn(machine.slabs.slabs[id].pfn) + "  " + pen.say(words::SET) + " " + std::to_string(set);
    std::size_t named = 0;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        const u32 behind = (set + L1.sets() - objects[i].first_set) % L1.sets();
        if (behind >= objects[i].lines) continue;
        tip += (++named == 1 ? ": #" : ", #") + std::to_string(i);
        if (named == 4) break;
    }
    ImGui::SetTooltip("%s", tip.c_str());
}

// "0x40a00 +64": pressing it selects the slab's first frame.
void ColouringView::draw_name(Page& page, const Rect& box, slab_id id) const {
    if (moment_.touches().slab(page.input.moment.at.slabs.slabs[id].pfn)) page.area.touched(box.y0, box.height());
    if (!page.area.sees(box)) return;
    Pen& pen = page.pen;
    const mm::slab& s = page.input.moment.at.slabs.slabs[id];
    const TouchedSlab* touched = moment_.touches().slab(s.pfn);
    const TextLook name{touched ? pen.p.accent : pen.p.ink, TEXT_SMALL, Face::mono};
    const TextLook offset{pen.p.muted, TEXT_SMALL, Face::mono};
    const std::string text = hex_pfn(s.pfn);
    pen.text(box.x0, box.y0 - 1, text, name);
    const float end = box.x0 + pen.width_of(text, name);
    if (page.two) {
        const std::string colour = "+" + std::to_string(s.colour_off);
        if (end + 4 + pen.width_of(colour, offset) <= box.x1) pen.text_right(box.x1, box.y0 - 1, colour, offset);
    }
    const Selection place{Selection::Kind::pfn, s.pfn, 0, 0};
    const bool hovered = box.contains(page.area.pointer());
    page.area.offer(box, page.input.choices.selection == place);
    if (hovered || page.input.choices.selection == place)
        pen.fill({box.x0, box.y0 + 11, end, box.y0 + 11 + pen.hairline()}, name.colour);
    if (!hovered || !page.area.pressed()) return;
    page.actions.select = true;
    page.actions.selection = place;
}

// ---- numbers --------------------------------------------------------------------------------------------------------

Mirror ColouringView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Teller teller = input.teller();
    const mm::slab_memory& slabs = machine.slabs;
    Mirror out = slab_mirror(*this, input, slabs);
    if (!out.note.empty()) return out;
    const SlabTouches touches = slab_touches_so_far(input);
    const mm::cache_id id = shown_cache(input, touches, cache_);
    if (id == mm::CACHE_NONE || !mm::cache_exists(slabs, id)) {
        out.note = teller.say(words::NO_CACHE_YET);
        return out;
    }
    const u32 index = shown_index(input, id);
    out.caption += ": " + std::string(mm::name_text(slabs.caches[id].name)) + ", " + teller.say(words::OBJECT) + " #" +
                   std::to_string(index);
    out.columns = {teller.say(mirror_text::SLAB), "colour_off", teller.say(mirror_text::SET_COLOURED),
                   teller.say(mirror_text::SET_PLAIN)};
    const auto set_of = [&](slab_id slab, bool coloured) {
        const auto objects = mm::l1_lines(L1, slabs, machine.physical, slab, coloured);
        return index < objects.size() ? std::to_string(objects[index].first_set) : std::string();
    };
    for (const slab_id slab : slabs_of(slabs, id)) {
        const mm::slab& s = slabs.slabs[slab];
        out.add({{hex_pfn(s.pfn), std::to_string(s.colour_off), set_of(slab, true), set_of(slab, false)},
                 {Selection::Kind::pfn, static_cast<mm::i64>(s.pfn), 0, 0},
                 touched_if(touches.slab(s.pfn))});
    }
    return out;
}

std::string ColouringView::describe(const ViewInput& input) const {
    const mm::slab_memory& slabs = input.moment.at.slabs;
    if (!slabs.up || slabs.config.allocator == mm::slab_allocator::slob) return "{}";
    const mm::cache_id id = shown_cache(input, slab_touches_so_far(input), cache_);
    if (id == mm::CACHE_NONE) return "{}";
    const std::vector<slab_id> own = slabs_of(slabs, id);
    const u32 index = shown_index(input, id);
    Json rows = Json::array();
    for (const slab_id slab : own) {
        const auto with = mm::l1_lines(L1, slabs, input.moment.at.physical, slab, true);
        const auto without = mm::l1_lines(L1, slabs, input.moment.at.physical, slab, false);
        Json row = {{"slab", hex_pfn(slabs.slabs[slab].pfn)}, {"colour_off", slabs.slabs[slab].colour_off}};
        if (index < with.size()) row["set"] = with[index].first_set;
        if (index < without.size()) row["set_without"] = without[index].first_set;
        rows.push_back(std::move(row));
    }
    return to_text(Json{{"cache", mm::name_text(slabs.caches[id].name)},
                        {"object", index},
                        {"slabs", std::move(rows)},
                        {"most", most_of(load_of(input, own, index, true))},
                        {"most_without", most_of(load_of(input, own, index, false))}});
}

} // namespace shell
