#include "views/free_lists.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "bridge_json.h"
#include "views/chips.h"
#include "views/scroll.h"
#include "views/words.h"
#include "views/zone_tabs.h"

namespace shell {

namespace {

using mm::pfn_t;
using mm::u32;

constexpr float LEFT = 116; // of the columns: order, size and nr_free stand there
constexpr float LEFT_NARROW = 64;
constexpr float HEADER = 26;
constexpr float NARROWEST_COLUMN = 90;
constexpr float TABLE_COLUMN = 118; // what a table needs on the average
constexpr float ROW_MIN = 28, ROW_MAX = 46;
constexpr std::size_t MOST_GONE = 4; // chips of blocks that left a list; older ones are not drawn

bool is_on_list(const mm::physical_memory& mem, pfn_t pfn, u32 order, mm::migratetype type) {
    if (!mem.pfn_valid(pfn)) return false;
    const mm::page& page = mem.page_at(pfn);
    return page.state() == mm::page_state::buddy && page.order() == order && page.type() == type;
}

// Chips stand at the top of their row where a word fits below them, else in its middle.
float chip_lift(float height) {
    return height >= CHIP_HEIGHT + TEXT_SMALL + 5 ? 2 : std::max(0.0f, (height - CHIP_HEIGHT - 4) / 2);
}

mm::migratetype type_of(const mm::physical_memory& mem, const ListVisit& visit) {
    if (visit.kind != ListVisit::Kind::merged || !mem.pfn_valid(visit.pfn)) return visit.type;
    return mem.page_at(visit.pfn).type();
}

} // namespace

struct FreeListsView::Scene {
    const ViewInput& input;
    ViewActions& actions;
    const mm::physical_memory& mem;
    const mm::zone& zone;
    u32 zone_index;
    const Touched& touched;
    Pen pen;
    float glow = 0;
    bool new_moment = false;
    Rect box{}; // of the whole content, scrolled
    bool hovered = false;
    bool pressed = false; // released without a drag
    float row_height = ROW_MIN;
};

void FreeListsView::draw(const ViewInput& input, ViewActions& actions) {
    const mm::physical_memory& mem = input.machine.physical;
    const bool new_moment = moment_.notice(input);
    if (moment_.other_session()) {
        zone_ = -1;
        scroll_.clear();
    }
    const Touched& touched = moment_.touched();
    Pen title(*ImGui::GetWindowDrawList(), palette_of(input.app.theme), input.app.language);
    if (mem.populated.empty()) return draw_no_zones(title);
    if (wanted_look_) zone_ = zone_of_text(mem, *wanted_look_);
    wanted_look_.reset();
    const ZoneTab tab = draw_zone_tabs(title, input, zone_, touched.zone);
    zone_ = tab.chosen;
    look_ = zone_ < 0 ? "" : zone_text(mem, zone_);
    if (tab.pressed) {
        actions.select = true;
        actions.selection = {Selection::Kind::zone, tab.shown, 0, 0};
    }

    ImGui::BeginChild("lists", {0, 0}, ImGuiChildFlags_None, ImGuiWindowFlags_NoNav);
    const mm::zone& zone = mem.zones[static_cast<std::size_t>(tab.shown)];
    Scene scene{.input = input,
                .actions = actions,
                .mem = mem,
                .zone = zone,
                .zone_index = static_cast<u32>(tab.shown),
                .touched = touched,
                .pen = Pen(*ImGui::GetWindowDrawList(), palette_of(input.app.theme), input.app.language),
                .glow = moment_.glow(input),
                .new_moment = new_moment};
    actions.animate |= scene.glow > 0;
    const float width = ImGui::GetContentRegionAvail().x;
    const std::size_t nr_columns = columns(scene, 0, 0).size();
    if (width - LEFT - 8 >= TABLE_COLUMN * static_cast<float>(nr_columns))
        draw_table(scene);
    else
        draw_lines(scene);
    ImGui::EndChild();
}

std::vector<FreeListsView::Column> FreeListsView::columns(const Scene& scene, float x0, float x1) const {
    std::vector<Column> out;
    for (u32 type = 0; type < mm::MIGRATE_TYPES; ++type) {
        bool used = type < mm::MIGRATE_PCPTYPES;
        for (u32 order = 0; order < scene.mem.nr_orders && !used; ++order)
            used = !scene.zone.area[order].free_list[type].empty();
        for (const ListVisit& visit : scene.touched.lists)
            used |= visit.zone == scene.zone_index && type_of(scene.mem, visit) == type;
        if (used) out.push_back({static_cast<mm::migratetype>(type), 0, 0});
    }
    // All get the same to begin with; what is left goes to types with longer lists.
    std::vector<float> wants;
    for (const Column& column : out) {
        u32 longest = 1;
        for (u32 order = 0; order < scene.mem.nr_orders; ++order)
            longest = std::max(longest, scene.zone.area[order].free_list[column.type].nr);
        wants.push_back(longest > 2 ? 1.0f : longest > 1 ? 0.5f : 0.1f);
    }
    const float rest = x1 - x0 - NARROWEST_COLUMN * static_cast<float>(out.size());
    const float unit = rest / std::accumulate(wants.begin(), wants.end(), 0.0f);
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i].x0 = i == 0 ? x0 : out[i - 1].x1;
        out[i].x1 = out[i].x0 + NARROWEST_COLUMN + unit * wants[i];
    }
    return out;
}

// ---- wide: a table --------------------------------------------------------------------------------------------------

namespace {

// The whole content as one item that takes the mouse; rows find out themselves what is under it.
Rect claim(float height, bool& hovered, bool& pressed) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x;
    ImGui::InvisibleButton("content", {std::max(width, 1.0f), std::max(height, 1.0f)});
    hovered = ImGui::IsItemHovered();
    const ImVec2 dragged = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 4);
    pressed = hovered && ImGui::IsMouseReleased(ImGuiMouseButton_Left) && dragged.x == 0 && dragged.y == 0;
    return {at.x, at.y, at.x + width, at.y + height};
}

bool was_touched(const Touched& touched, u32 zone, u32 order) {
    return std::any_of(touched.lists.begin(), touched.lists.end(), [&](const ListVisit& visit) {
        return visit.zone == zone && visit.order == order && visit.kind != ListVisit::Kind::empty;
    });
}

} // namespace

void FreeListsView::draw_table(Scene& scene) {
    Pen& pen = scene.pen;
    const u32 rows = scene.mem.nr_orders;
    const float space = ImGui::GetContentRegionAvail().y - HEADER - 6;
    scene.row_height = std::clamp(std::floor(space / static_cast<float>(rows)), ROW_MIN, ROW_MAX);
    scene.box = claim(HEADER + scene.row_height * static_cast<float>(rows) + 4, scene.hovered, scene.pressed);
    const std::vector<Column> all = columns(scene, scene.box.x0 + LEFT, scene.box.x1 - 8);

    const TextLook quiet{pen.p.muted, TEXT_SMALL, Face::words};
    pen.text_right(scene.box.x0 + 42, scene.box.y0 + 7, pen.say(words::ORDER), quiet);
    pen.text_right(scene.box.x0 + LEFT - 24, scene.box.y0 + 7, "nr_free", {pen.p.muted, TEXT_SMALL, Face::mono});
    for (const Column& column : all) {
        const float y = scene.box.y0 + 7;
        pen.fill(pen.snap(Rect{column.x0 + 2, y + 2, column.x0 + 11, y + 11}), pen.p.type[column.type]);
        const TextLook name{pen.p.ink, 12, Face::words};
        const std::string_view type = mm::migratetype_names[column.type];
        pen.text(column.x0 + 17, y, type, name);
        const float after = column.x0 + 17 + pen.width_of(type, name) + 10;
        if (after + pen.width_of(direction_text(pen), quiet) < column.x1 - 8)
            pen.text(after, y + 1, direction_text(pen), quiet);
    }
    for (u32 i = 0; i < rows; ++i) {
        const u32 order = rows - 1 - i;
        const float y = scene.box.y0 + HEADER + scene.row_height * static_cast<float>(i);
        pen.fill({scene.box.x0 + 8, pen.snap(y), scene.box.x1 - 8, pen.snap(y) + pen.hairline()}, pen.p.faint);
        const bool touched = was_touched(scene.touched, scene.zone_index, order);
        const Rgba colour = touched ? pen.p.accent : pen.p.ink;
        const float base = y + chip_lift(scene.row_height) + 2 + (CHIP_HEIGHT - TEXT_NORMAL) / 2;
        pen.text_right(scene.box.x0 + 42, base, std::to_string(order), {pen.p.ink, TEXT_NORMAL, Face::mono});
        pen.text_right(scene.box.x0 + LEFT - 24, base, grouped(scene.zone.area[order].nr_free),
                       {colour, TEXT_NORMAL, Face::mono});
        if (scene.new_moment && touched) show_row(y, scene.row_height);
        for (const Column& column : all)
            draw_list(scene, order, column.type, {column.x0, y, column.x1 - 14, y + scene.row_height});
    }
    for (const Column& column : all)
        draw_search(scene, column, {scene.box.x0, scene.box.y0 + HEADER, scene.box.x1, scene.box.y1});
}

namespace {

// The last search of the op in a zone: lists that were found empty, the one that had a block, the halves of its splits.
struct Search {
    mm::migratetype type = mm::MIGRATE_UNMOVABLE;
    int from = -1;  // order where it began; -1: nothing was searched
    int taken = -1; // order where a block was; -1: none yet
    int top = -1;   // highest order looked at
    std::vector<u32> splits;
};

Search last_search(const Touched& touched, u32 zone) {
    Search out;
    for (const ListVisit& visit : touched.lists) {
        if (visit.zone != zone) continue;
        const int order = visit.order;
        const bool begins = out.from < 0 || out.taken >= 0 || visit.type != out.type || order < out.top;
        switch (visit.kind) {
        case ListVisit::Kind::empty:
            if (begins) out = {visit.type, order, -1, order, {}};
            out.top = order;
            break;
        case ListVisit::Kind::taken:
            if (begins) out = {visit.type, order, order, order, {}};
            out.taken = out.top = order;
            break;
        case ListVisit::Kind::split: out.splits.push_back(visit.order); break;
        default: out = {}; break;
        }
    }
    return out;
}

} // namespace

// Upwards from the order that was asked for to the list that has a block, and downwards where its halves go.
void FreeListsView::draw_search(Scene& scene, const Column& column, const Rect& rows) {
    const Search search = last_search(scene.touched, scene.zone_index);
    if (search.from < 0 || search.type != column.type) return;
    Pen& pen = scene.pen;
    const auto y_of = [&](int order) {
        const float row = static_cast<float>(static_cast<int>(scene.mem.nr_orders) - 1 - order);
        return rows.y0 + row * scene.row_height + chip_lift(scene.row_height) + 2 + CHIP_HEIGHT / 2;
    };
    const float x = column.x0 - 8;
    const float end = y_of(search.top);
    if (search.top > search.from) {
        pen.line({x, y_of(search.from)}, {x, end + 3}, pen.p.accent, 1.5f);
        pen.list.AddCircleFilled({x, y_of(search.from)}, 2.5f, pen.p.accent);
        pen.arrow_head({x, end - 1}, {0, -1}, pen.p.accent, 8);
    }
    const float down = column.x0 + chip_width(pen, scene.mem) - 6;
    int above = search.taken;
    for (u32 order : search.splits) {
        const float to = y_of(static_cast<int>(order)) - CHIP_HEIGHT / 2 - 2;
        pen.line({down, y_of(above) + CHIP_HEIGHT / 2 + 2}, {down, to - 4}, pen.p.accent, 1.5f);
        pen.arrow_head({down, to}, {0, 1}, pen.p.accent, 7);
        above = static_cast<int>(order);
    }
}

// ---- narrow: a line for each list -----------------------------------------------------------------------------------

void FreeListsView::draw_lines(Scene& scene) {
    Pen& pen = scene.pen;
    struct Line {
        u32 order;
        mm::migratetype type;
        bool touched;
        float height;
    };
    std::vector<Line> lines;
    float height = 8;
    for (u32 order = scene.mem.nr_orders; order-- > 0;) {
        for (const Column& column : columns(scene, 0, 1)) {
            const bool touched =
                std::any_of(scene.touched.lists.begin(), scene.touched.lists.end(), [&](const ListVisit& visit) {
                    return visit.zone == scene.zone_index && visit.order == order &&
                           type_of(scene.mem, visit) == column.type;
                });
            if (!touched && scene.zone.area[order].free_list[column.type].empty()) continue;
            lines.push_back({order, column.type, touched, touched ? 56.0f : 43.0f});
            height += lines.back().height;
        }
    }
    scene.box = claim(height, scene.hovered, scene.pressed);
    float y = scene.box.y0;
    u32 order_above = ~0u;
    for (const Line& line : lines) {
        const bool first = line.order != order_above;
        pen.fill(
            {scene.box.x0 + (first ? 8 : LEFT_NARROW), pen.snap(y), scene.box.x1 - 8, pen.snap(y) + pen.hairline()},
            pen.p.faint);
        if (first) {
            const std::string order = std::to_string(line.order);
            pen.text(scene.box.x0 + 10, y + 5, order, {pen.p.ink, TEXT_LARGE, Face::mono});
            const bool touched = was_touched(scene.touched, scene.zone_index, line.order);
            pen.text(scene.box.x0 + 10, y + 24, "× " + grouped(scene.zone.area[line.order].nr_free),
                     {touched ? pen.p.accent : pen.p.muted, TEXT_SMALL, Face::mono});
            order_above = line.order;
        }
        const float x = scene.box.x0 + LEFT_NARROW;
        pen.fill(pen.snap(Rect{x, y + 5, x + 8, y + 13}), pen.p.type[line.type]);
        pen.text(x + 13, y + 3, mm::migratetype_names[line.type], {pen.p.muted, TEXT_SMALL, Face::words});
        if (scene.new_moment && line.touched) show_row(y, line.height);
        scene.row_height = line.height;
        draw_list(scene, line.order, line.type, {x, y + 16, scene.box.x1 - 8, y + line.height});
        y += line.height;
    }
}

// ---- one list -------------------------------------------------------------------------------------------------------

namespace {

struct ListMarks {
    std::vector<ChipMark> chips;
    bool empty = false; // the search looked here and found nothing
    bool touched = false;
};

struct ListPlace {
    u32 zone, order;
    mm::migratetype type;
};

ListMarks marks_of(const mm::physical_memory& mem, const Pen& pen, const Touched& touched, const ListPlace& at,
                   u32 new_from, float glow, float fall) {
    ListMarks out;
    for (const ListVisit& visit : touched.lists) {
        if (visit.zone != at.zone || visit.order != at.order || type_of(mem, visit) != at.type) continue;
        out.touched = true;
        if (visit.kind == ListVisit::Kind::empty) {
            out.empty = true;
            continue;
        }
        std::erase_if(out.chips, [&](const ChipMark& mark) { return mark.pfn == visit.pfn; });
        ChipMark mark{.pfn = visit.pfn, .colour = pen.p.accent};
        const bool is_new = visit.event >= new_from;
        mark.glow = is_new ? glow : 0;
        mark.gone = !is_on_list(mem, visit.pfn, at.order, at.type);
        switch (visit.kind) {
        case ListVisit::Kind::taken: mark.word = pen.say(words::TAKEN); break;
        case ListVisit::Kind::merged: mark.word = pen.say(words::MERGED); break;
        case ListVisit::Kind::split:
            mark.word = pen.say(words::SPLIT);
            mark.fall = is_new ? fall : 0;
            break;
        default:
            mark.word = pen.say(words::ADDED);
            mark.at_tail = visit.at_tail;
            break;
        }
        if (mark.gone && visit.kind != ListVisit::Kind::taken && visit.kind != ListVisit::Kind::merged) continue;
        out.chips.push_back(mark);
    }
    std::size_t gone = static_cast<std::size_t>(
        std::count_if(out.chips.begin(), out.chips.end(), [](const ChipMark& m) { return m.gone; }));
    std::erase_if(out.chips, [&](const ChipMark& mark) { return mark.gone && gone-- > MOST_GONE; });
    return out;
}

} // namespace

void FreeListsView::draw_list(Scene& scene, u32 order, mm::migratetype type, const Rect& box) {
    Pen& pen = scene.pen;
    if (!ImGui::IsRectVisible({box.x0, box.y0}, {box.x1, box.y1})) return;
    const mm::page_list& list = scene.zone.area[order].free_list[type];
    const ListPlace place{scene.zone_index, order, type};
    const float fall = scene.row_height * scene.glow * scene.glow;
    const ListMarks marks = marks_of(scene.mem, pen, scene.touched, place, moment_.new_from(), scene.glow, fall);
    const Selection here{Selection::Kind::free_list, scene.zone_index, order, type};
    if (marks.empty)
        pen.fill(pen.snap(Rect{box.x0 - 4, box.y0 + 1, box.x1 + 4, box.y1}), with_alpha(pen.p.accent, 0.10f));
    if (scene.input.app.selection == here)
        pen.outline(pen.snap(Rect{box.x0 - 4, box.y0 + 1, box.x1 + 4, box.y1}), pen.p.ink, pen.hairline());
    if (list.empty() && marks.chips.empty()) {
        const TextLook look{marks.empty ? pen.p.accent : pen.p.faint, TEXT_SMALL, Face::words};
        pen.text(box.x0 + 2, box.y0 + chip_lift(box.height()) + 2 + (CHIP_HEIGHT - TEXT_SMALL) / 2,
                 marks.empty ? pen.say(words::EMPTY) : "—", look);
    }

    const BlockInk ink = pen.p.block(ColourBy::type, {mm::page_state::buddy, static_cast<mm::u8>(order), type, 0, 0},
                                     scene.mem.nr_orders);
    const pfn_t selected = scene.input.app.selection.kind == Selection::Kind::pfn
                               ? static_cast<pfn_t>(scene.input.app.selection.value)
                               : mm::PFN_NONE;
    const ImVec2 mouse = scene.hovered ? ImGui::GetIO().MousePos : ImVec2{-1e6f, -1e6f};
    float& scroll = scroll_[order << 8 | type];
    const float lift = chip_lift(box.height());
    const DrawnChips chips = draw_chips(pen, {scene.mem, list, ink, marks.chips, selected},
                                        {box.x0, box.y0 + lift, box.x1, box.y1}, scroll, mouse);

    const TextLook note{pen.p.accent, TEXT_SMALL, Face::words};
    if (marks.empty && !(list.empty() && marks.chips.empty())) {
        const float width = pen.width_of(pen.say(words::WAS_EMPTY), note);
        if (chips.end + width + 6 <= box.x1)
            pen.text(box.x1 - width, box.y0 + lift + 2 + (CHIP_HEIGHT - TEXT_SMALL) / 2, pen.say(words::WAS_EMPTY),
                     note);
    }

    if (!box.contains(mouse)) return;
    scroll_by_pointer(scroll);
    if (scene.pressed) {
        scene.actions.select = true;
        scene.actions.selection =
            chips.under_pointer != mm::PFN_NONE ? Selection{Selection::Kind::pfn, chips.under_pointer, 0, 0} : here;
    }
}

// ---- numbers --------------------------------------------------------------------------------------------------------

std::string FreeListsView::describe(const ViewInput& input) const {
    const mm::physical_memory& mem = input.machine.physical;
    const Touched touched = touched_so_far(input);
    const int shown = shown_zone(mem, zone_, touched.zone);
    if (shown < 0) return "{}";
    const mm::zone& zone = mem.zones[static_cast<std::size_t>(shown)];
    Json rows = Json::array();
    for (u32 order = mem.nr_orders; order-- > 0;) {
        Json lists = Json::object();
        for (u32 type = 0; type < mm::MIGRATE_TYPES; ++type) {
            const mm::page_list& list = zone.area[order].free_list[type];
            if (list.empty()) continue;
            Json head = Json::array();
            for (pfn_t pfn = list.first; pfn != mm::PFN_NONE && head.size() < 8; pfn = mem.page_at(pfn).next)
                head.push_back(hex_pfn(pfn));
            lists[std::string(mm::migratetype_names[type])] = {{"nr", list.nr}, {"head", std::move(head)}};
        }
        rows.push_back({{"order", order}, {"nr_free", zone.area[order].nr_free}, {"lists", std::move(lists)}});
    }
    return to_text(Json{{"zone", mm::unit_text(input.machine, mm::Unit::zone, shown)}, {"orders", std::move(rows)}});
}

} // namespace shell
