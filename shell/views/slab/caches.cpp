#include "views/slab/caches.h"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "json.h"
#include "views/parts/legend.h"
#include "views/parts/words.h"
#include "views/slab/slab_look.h"
#include "views/slab/slab_words.h"

namespace shell {

namespace {

using mm::u32;
using mm::u64;
using Column = CachesView::Column;

constexpr float MARGIN = 12, HEADER = 30, ROW = 24, FOOTER = 30, NARROWEST_NAME = 118;
constexpr float SPACE = 14; // between columns

// Columns from left to right. Where there is no room, those of the highest `spare` go first.
struct ColumnSpec {
    Column column;
    std::string_view id; // in links
    Phrase title;
    float width;
    int spare;
};
constexpr std::array<ColumnSpec, 11> COLUMNS = {{
    {Column::name, "name", words::NAME, NARROWEST_NAME, 0},
    {Column::in_use, "in-use", words::IN_USE, 52, 0},
    {Column::objects, "objects", words::OBJECTS, 52, 1},
    {Column::use, "use", words::USE, 84, 2},
    {Column::size, "size", words::SIZE, 46, 3},
    {Column::order, "order", words::ORDER, 38, 7},
    {Column::per_slab, "per-slab", words::PER_SLAB, 52, 6},
    {Column::slabs, "slabs", words::SLABS, 46, 4},
    {Column::memory, "memory", words::MEMORY, 62, 0},
    {Column::on_cpus, "on-cpus", words::ON_CPUS, 56, 8},
    {Column::partial, "partial", words::PARTIAL, 52, 8},
}};

const ColumnSpec& spec_of(Column column) { return COLUMNS[static_cast<std::size_t>(column)]; }

std::string_view name_of(const mm::slab_memory& slabs, mm::cache_id id) { return mm::name_text(slabs.caches[id].name); }

// The other names of a cache that others were merged into: "also cred, inode".
std::string also_text(const Teller& pen, const mm::slab_memory& slabs, mm::cache_id id) {
    std::string out;
    for (const mm::cache_alias& alias : slabs.aliases)
        if (alias.cache == id)
            out +=
                (out.empty() ? std::string(pen.say(words::ALSO)) + " " : ", ") + std::string(mm::name_text(alias.name));
    return out;
}

u64 number(const mm::CacheNumbers& row, Column column) {
    switch (column) {
    case Column::in_use: return row.in_use;
    case Column::objects: return row.total;
    case Column::use: return row.total == 0 ? 0 : row.in_use * 1000 / row.total;
    case Column::size: return row.size;
    case Column::order: return row.order;
    case Column::per_slab: return row.objs;
    case Column::slabs: return row.slabs;
    case Column::memory: return row.bytes;
    case Column::on_cpus: return row.cpu_slabs;
    case Column::partial: return row.partial;
    case Column::name: break;
    }
    return 0;
}

std::string cell_text(const mm::CacheNumbers& row, Column column) {
    if (column == Column::memory) return row.bytes == 0 ? "0" : size_text(row.bytes);
    return grouped(static_cast<mm::i64>(number(row, column)));
}

// How much of its objects is in use, and the part that CPUs keep ready.
void draw_use(Pen& pen, const mm::CacheNumbers& row, const Rect& box) {
    const Rect bar = pen.snap(Rect{box.x0, box.y0 + 7, box.x1, box.y1 - 7});
    if (row.total == 0) return;
    const auto at = [&](u64 objects) {
        return bar.x0 + bar.width() * static_cast<float>(objects) / static_cast<float>(row.total);
    };
    pen.fill(bar, pen.p.hole);
    const float used = pen.snap(at(std::min(row.in_use, row.total))),
                ready = pen.snap(at(std::min(row.active, row.total)));
    if (ready > used) pen.block({used, bar.y0, ready, bar.y1}, object_ink(pen.p, mm::ObjectState::cpu_free), 5);
    if (used > bar.x0) pen.fill({bar.x0, bar.y0, used, bar.y1}, object_ink(pen.p, mm::ObjectState::allocated).fill);
    pen.outline(bar, pen.p.muted, pen.hairline());
}

} // namespace

// ---- what is shown --------------------------------------------------------------------------------------------------

void CachesView::update(const ViewInput& input) {
    rows_ = all_cache_numbers(input.moment.at);
    before_ = input.before().slabs.up ? all_cache_numbers(input.before()) : std::vector<mm::CacheNumbers>{};
    hidden_ = empty_ = 0;
    std::erase_if(rows_, [&](const mm::CacheNumbers& row) {
        if (!row.kmalloc || row.total > 0 || moment_.touches().has_cache(row.id)) return false;
        ++(show_all_ ? empty_ : hidden_);
        return !show_all_;
    });
    sort();
}

void CachesView::sort(std::vector<mm::CacheNumbers>& rows) const {
    std::stable_sort(rows.begin(), rows.end(), [&](const mm::CacheNumbers& a, const mm::CacheNumbers& b) {
        const u64 x = number(a, sort_by_), y = number(b, sort_by_);
        return largest_first_ ? x > y : x < y;
    });
}

std::string CachesView::look() const {
    const bool is_default = sort_by_ == Column::memory && largest_first_;
    std::string text = is_default ? "" : std::string(largest_first_ ? "-" : "") + std::string(spec_of(sort_by_).id);
    return show_all_ ? text + "+all" : text;
}

void CachesView::look_at(std::string_view text) {
    show_all_ = text.ends_with("+all");
    if (show_all_) text.remove_suffix(4);
    sort_by_ = Column::memory;
    largest_first_ = text.empty() || text.front() == '-';
    if (text.starts_with('-')) text.remove_prefix(1);
    for (const ColumnSpec& spec : COLUMNS)
        if (spec.id == text) sort_by_ = spec.column;
    rows_.clear();
    moment_ = {};
}

// ---- drawing --------------------------------------------------------------------------------------------------------

std::vector<CachesView::Place> CachesView::places(float x0, float x1) {
    int most_spare = 9;
    float need = 0;
    do {
        --most_spare;
        need = 0;
        for (const ColumnSpec& spec : COLUMNS)
            if (spec.spare <= most_spare) need += spec.width + SPACE;
    } while (need > x1 - x0 && most_spare > 0);
    std::vector<Place> out;
    float x = x0;
    for (const ColumnSpec& spec : COLUMNS) {
        if (spec.spare > most_spare) continue;
        const float wider = spec.column == Column::name ? std::clamp(x1 - x0 - need, 0.0f, 140.0f) : 0;
        out.push_back({spec.column, x, x + spec.width + wider});
        x += spec.width + wider + SPACE;
    }
    return out;
}

void CachesView::draw(const ViewInput& input, ViewActions& actions) {
    const bool new_moment = moment_.notice(input);
    Pen pen = pen_of(input);
    const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    if (const Phrase* why = why_no_slabs(input.moment.at.slabs)) {
        pen.paragraph(at.x + 16, at.y + 16, room.x - 32, pen.say(*why), {pen.p.muted});
        return;
    }
    if (new_moment || rows_.empty()) update(input);
    const Rect header{at.x, at.y, at.x + room.x, at.y + HEADER};
    const std::vector<Place> columns = places(header.x0 + MARGIN, header.x1 - MARGIN);
    draw_header(pen, columns, header);
    const Rect footer{at.x, at.y + room.y - FOOTER, at.x + room.x, at.y + room.y};
    const bool was_all = show_all_;
    draw_totals(pen, footer);
    if (was_all != show_all_) {
        update(input);
        actions.animate = true;
    }
    ImGui::SetCursorScreenPos({at.x, at.y + HEADER});
    if (room.y < HEADER + FOOTER + ROW) return;
    keys_.listen(input.canvas.focused);
    ScrollArea area("caches", keys_, {0, room.y - HEADER - FOOTER});
    Pen rows_pen = pen_of(input);
    draw_rows(input, actions, area, rows_pen, new_moment);
    actions.animate |= area.wants_frame() || moment_.glow(input) > 0;
}

void CachesView::draw_header(Pen& pen, const std::vector<Place>& columns, const Rect& bar) {
    for (const Place& place : columns) {
        const ColumnSpec& spec = spec_of(place.column);
        const bool sorted = spec.column == sort_by_;
        const TextLook look{sorted ? pen.p.ink : pen.p.muted, TEXT_SMALL, Face::words};
        const Rect cell{place.x0 - SPACE / 2, bar.y0, place.x1 + SPACE / 2, bar.y1};
        ImGui::SetCursorScreenPos({cell.x0, cell.y0});
        ImGui::PushID(static_cast<int>(spec.column));
        if (ImGui::InvisibleButton("column", {cell.width(), cell.height()})) {
            largest_first_ = sorted ? !largest_first_ : spec.column != Column::name;
            sort_by_ = spec.column;
            sort();
        }
        if (ImGui::IsItemHovered()) pen.fill(pen.snap(cell), pen.p.panel);
        ImGui::PopID();
        const std::string title = pen.fitted(pen.say(spec.title), place.x1 - place.x0 + 4, look);
        const bool left = spec.column == Column::name || spec.column == Column::use;
        const float y = bar.y0 + (HEADER - TEXT_SMALL) / 2;
        if (left)
            pen.text(place.x0, y, title, look);
        else
            pen.text_right(place.x1, y, title, look);
        if (!sorted) continue;
        const float x = left ? place.x0 : place.x1;
        const float width = pen.width_of(title, look);
        pen.fill(pen.snap(Rect{left ? x : x - width, bar.y1 - 4, left ? x + width : x, bar.y1 - 2}), pen.p.ink);
        const ImVec2 tip{left ? x + width + 8 : x - width - 7, largest_first_ ? y + 9 : y + 3};
        pen.arrow_head(tip, {0, largest_first_ ? 1.0f : -1.0f}, pen.p.ink, 5);
    }
    pen.fill({bar.x0 + 8, bar.y1 - 1, bar.x1 - 8, bar.y1 - 1 + pen.hairline()}, pen.p.faint);
}

void CachesView::draw_rows(const ViewInput& input, ViewActions& actions, ScrollArea& area, Pen& pen, bool new_moment) {
    const Rect& all = area.box();
    const std::vector<Place> columns = places(all.x0 + MARGIN, all.x1 - MARGIN);
    const mm::CacheNumbers* hovered = nullptr;
    area.follow(new_moment);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const float y = all.y0 + ROW * static_cast<float>(i);
        const Rect box{all.x0 + 4, y, all.x1 - 4, y + ROW};
        if (moment_.touches().has_cache(rows_[i].id)) area.touched(y, ROW);
        if (!area.sees(box)) continue;
        area.offer(box, cache_of(input.moment.at, input.choices.selection) == rows_[i].id);
        if (box.contains(area.pointer())) {
            pen.fill(pen.snap(box), pen.p.panel);
            hovered = &rows_[i];
        }
        draw_row(input, pen, columns, rows_[i], box);
    }
    float end = all.y0 + ROW * static_cast<float>(rows_.size());
    if (std::any_of(columns.begin(), columns.end(), [](const Place& p) { return p.column == Column::use; })) {
        const float width = all.width() - 2 * MARGIN;
        const bool slub = input.moment.at.slabs.config.allocator == mm::slab_allocator::slub;
        const std::vector<LegendItem> legend = {
            {object_ink(pen.p, mm::ObjectState::allocated), pen.say(words::IN_USE), {}},
            {object_ink(pen.p, mm::ObjectState::cpu_free), pen.say(words::CPUS_KEEP), {}},
            {{pen.p.hole, pen.p.muted, Pattern::hollow},
             pen.say(slub ? words::OBJECT_ON_SLAB : words::OBJECT_IN_SLAB),
             {}}};
        const ImVec2 size = legend_size(pen, legend, width);
        draw_legend(pen, legend, {all.x0 + MARGIN, end + 12 + size.y}, width);
        end += 12 + size.y;
    }
    area.end_content(end + 4, pen, pen.say(words::PICK_KEYS));
    if (!hovered) return;
    show_tooltip(input, pen, *hovered);
    if (!area.pressed()) return;
    actions.select = true;
    actions.selection = {Selection::Kind::cache, hovered->id, 0, 0};
    actions.open = "cache";
}

void CachesView::draw_row(const ViewInput& input, Pen& pen, const std::vector<Place>& columns,
                          const mm::CacheNumbers& row, const Rect& box) const {
    const bool touched = moment_.touches().has_cache(row.id);
    if (touched) {
        const float glow = moment_.glow(input);
        pen.fill(pen.snap(box), with_alpha(pen.p.accent, TOUCHED_TINT + 0.25f * glow));
        pen.fill(pen.snap(Rect{box.x0, box.y0, box.x0 + 3, box.y1}), pen.p.accent);
    }
    if (cache_of(input.moment.at, input.choices.selection) == row.id)
        pen.outline(pen.snap(box), pen.p.ink, pen.hairline());
    const TextLook name{touched ? pen.p.accent : pen.p.ink, TEXT_NORMAL, Face::mono};
    const float y = box.y0 + (ROW - 13) / 2;
    for (const Place& place : columns) {
        if (place.column == Column::name) {
            const std::string own = pen.fitted(name_of(input.moment.at.slabs, row.id), place.x1 - place.x0, name);
            pen.text(place.x0, y, own, name);
            const TextLook small{pen.p.muted, TEXT_SMALL, Face::mono};
            const float end = place.x0 + pen.width_of(own, name) + 8;
            const std::string others = also_text(pen, input.moment.at.slabs, row.id);
            if (!others.empty() && end + 30 < place.x1)
                pen.text(end, y + 1, pen.fitted(others, place.x1 - end, small), small);
        } else if (place.column == Column::use) {
            draw_use(pen, row, {place.x0, box.y0, place.x1, box.y1});
        } else {
            std::string text = cell_text(row, place.column);
            const auto was =
                std::find_if(before_.begin(), before_.end(), [&](const auto& one) { return one.id == row.id; });
            const bool changed =
                touched && was != before_.end() && number(*was, place.column) != number(row, place.column);
            const TextLook look{changed ? pen.p.accent : text == "0" ? pen.p.muted : pen.p.ink, 12, Face::mono};
            const std::string both = changed ? cell_text(*was, place.column) + " → " + text : text;
            if (pen.width_of(both, look) <= place.x1 - place.x0 + SPACE - 4) text = both;
            pen.text_right(place.x1, y, text, look);
        }
    }
}

void CachesView::draw_totals(Pen& pen, const Rect& bar) {
    mm::CacheNumbers sum;
    for (const mm::CacheNumbers& row : rows_) {
        sum.in_use += row.in_use;
        sum.total += row.total;
        sum.slabs += row.slabs;
        sum.bytes += row.bytes;
    }
    pen.fill({bar.x0 + 8, bar.y0, bar.x1 - 8, bar.y0 + pen.hairline()}, pen.p.faint);
    const TextLook look{pen.p.ink, 12, Face::words};
    const float y = bar.y0 + (FOOTER - 12) / 2;
    std::string total = words::counted(pen, rows_.size(), words::NR_CACHE, words::NR_CACHES) + "   ";
    total += grouped(static_cast<mm::i64>(sum.in_use)) + " / " +
             words::counted(pen, sum.total, words::NR_OBJECT, words::NR_OBJECTS) + "   ";
    total += words::counted(pen, sum.slabs, words::NR_SLAB, words::NR_SLABS) + "   " + size_text(sum.bytes);

    std::string link;
    if (hidden_ > 0)
        link = "+" + words::counted(pen, hidden_, words::HIDDEN_ONE, words::HIDDEN);
    else if (empty_ > 0)
        link = pen.say(words::HIDE);
    const TextLook link_look{pen.p.free, 12, Face::words};
    const float room = bar.width() - 2 * MARGIN, total_width = pen.width_of(total, look);
    if (!link.empty() && total_width + 24 + pen.width_of(link, link_look) > room && hidden_ > 0)
        link = "+" + grouped(static_cast<mm::i64>(hidden_));
    const float width = pen.width_of(link, link_look);
    pen.text(bar.x0 + MARGIN, y, pen.fitted(total, room - width - 16, look), look);
    if (link.empty()) return;
    const Rect button{bar.x1 - MARGIN - width - 4, bar.y0 + 1, bar.x1 - MARGIN + 4, bar.y1};
    ImGui::SetCursorScreenPos({button.x0, button.y0});
    if (ImGui::InvisibleButton("all", {std::max(button.width(), 1.0f), std::max(button.height(), 1.0f)}))
        show_all_ = !show_all_;
    if (ImGui::IsItemHovered()) pen.fill({button.x0 + 4, y + 15, button.x1 - 4, y + 15 + pen.hairline()}, pen.p.free);
    pen.text(button.x0 + 4, y, link, link_look);
}

void CachesView::show_tooltip(const ViewInput& input, Pen& pen, const mm::CacheNumbers& row) const {
    std::string tip = also_text(pen, input.moment.at.slabs, row.id);
    if (row.active != row.in_use)
        tip += (tip.empty() ? "" : "\n") + std::string(pen.say(words::ACTIVE_TOO)) + " " +
               grouped(static_cast<mm::i64>(row.active)) + " / " + grouped(static_cast<mm::i64>(row.total)) + ": " +
               pen.say(words::ACTIVE_WHY);
    if (!tip.empty()) ImGui::SetTooltip("%s", tip.c_str());
}

// ---- numbers --------------------------------------------------------------------------------------------------------

Mirror CachesView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Teller teller = input.teller();
    Mirror out = slab_mirror(*this, input, machine.slabs);
    if (!out.note.empty()) return out;
    for (const ColumnSpec& spec : COLUMNS) out.columns.emplace_back(teller.say(spec.title));
    const SlabTouches touches = slab_touches_so_far(input);
    std::vector<mm::CacheNumbers> rows = all_cache_numbers(machine);
    std::erase_if(rows, [&](const mm::CacheNumbers& row) {
        return row.kmalloc && row.total == 0 && !touches.has_cache(row.id) && !show_all_;
    });
    sort(rows);
    for (const mm::CacheNumbers& row : rows) {
        MirrorRow told{{}, {Selection::Kind::cache, row.id, 0, 0}, touched_if(touches.has_cache(row.id))};
        for (const ColumnSpec& spec : COLUMNS) told.cells.push_back(cell_text(row, spec.column));
        told.cells.front() = name_of(machine.slabs, row.id);
        if (row.total > 0)
            told.cells[static_cast<std::size_t>(Column::use)] = std::to_string(row.in_use * 100 / row.total) + " %";
        out.add(std::move(told));
    }
    return out;
}

std::string CachesView::describe(const ViewInput& input) const {
    const SlabTouches touches = slab_touches_so_far(input);
    Json caches = Json::array();
    u32 hidden = 0;
    for (const mm::CacheNumbers& row : all_cache_numbers(input.moment.at)) {
        if (row.kmalloc && row.total == 0 && !touches.has_cache(row.id) && !show_all_) {
            ++hidden;
            continue;
        }
        Json one = {{"name", name_of(input.moment.at.slabs, row.id)},
                    {"in_use", row.in_use},
                    {"active_objs", row.active},
                    {"num_objs", row.total},
                    {"objsize", row.size},
                    {"order", row.order},
                    {"objperslab", row.objs},
                    {"num_slabs", row.slabs},
                    {"bytes", row.bytes},
                    {"cpu_slabs", row.cpu_slabs},
                    {"partial", row.partial}};
        if (touches.has_cache(row.id)) one["touched"] = true;
        caches.push_back(std::move(one));
    }
    return to_text(Json{{"caches", std::move(caches)}, {"hidden", hidden}});
}

} // namespace shell
