#include "views/pages/free_lists.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "json.h"
#include "views/parts/mirror_text.h"
#include "views/parts/words.h"

namespace shell {

namespace {

using mm::pfn_t;
using mm::u32;

constexpr float LEFT = 140; // of the columns: order, size and nr_free stand there
constexpr float LEFT_NARROW = 64;
constexpr float HEADER = 26;
constexpr float NARROWEST_COLUMN = 90;
constexpr float TABLE_COLUMN = 118; // what a table needs on the average
constexpr float ROW_MIN = 28, ROW_MAX = 46;
constexpr float LINE = 45, LINE_TOUCHED = 58, LINE_NAME = 17; // of a narrow window
constexpr std::size_t MOST_GONE = 4; // chips of blocks that left a list; older ones are not drawn

bool is_on_list(const mm::physical_memory& mem, pfn_t pfn, u32 order, mm::migratetype type) {
    if (!mem.pfn_valid(pfn)) return false;
    const mm::page& page = mem.page_at(pfn);
    return page.state() == mm::page_state::buddy && page.order() == order && page.type() == type;
}

mm::migratetype type_of(const mm::physical_memory& mem, const ListVisit& visit) {
    if (visit.kind != ListVisit::Kind::merged || !mem.pfn_valid(visit.pfn)) return visit.type;
    return mem.page_at(visit.pfn).type();
}

} // namespace

float FreeListsView::draw_lists(ZoneScene& scene) {
    const float width = scene.area.box().width();
    const std::size_t nr_columns = columns(scene, 0, 0).size();
    const bool is_wide = width - LEFT - 8 >= TABLE_COLUMN * static_cast<float>(nr_columns);
    return is_wide ? draw_table(scene) : draw_lines(scene);
}

std::vector<FreeListsView::Column> FreeListsView::columns(const ZoneScene& scene, float x0, float x1) {
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

// Upwards from the order that was asked for to the list that has a block, and downwards where its halves go. The
// column begins at `left`, rows of this height begin at `first`; `orders` are those of the rows.
void draw_search(ZoneScene& scene, const Search& search, const std::vector<u32>& orders, float left, float first,
                 float height) {
    Pen& pen = scene.pen;
    const auto y_of = [&](int order) {
        const auto row = std::find(orders.begin(), orders.end(), static_cast<u32>(order)) - orders.begin();
        return first + static_cast<float>(row) * height + chip_top(height) + STRIP_CHIP_HEIGHT / 2;
    };
    if (search.top > search.from) {
        const float x = left - 8;
        pen.dot({x, y_of(search.from)}, 2.5f, pen.p.accent);
        pen.arrow({x, y_of(search.from)}, {x, y_of(search.top) - 1}, pen.p.accent, {.head = 8});
    }
    const float down = left + chip_width(pen, hex_pfn(scene.mem.end_pfn)) - 6;
    int above = search.taken;
    for (u32 order : search.splits) {
        const float to = y_of(static_cast<int>(order)) - STRIP_CHIP_HEIGHT / 2 - 2;
        pen.arrow({down, y_of(above) + STRIP_CHIP_HEIGHT / 2 + 2}, {down, to}, pen.p.accent, {});
        above = static_cast<int>(order);
    }
}

// The longest of "12 → 11", "→ 11" and "11" that there is room for.
std::string fitting_change(const Pen& pen, mm::i64 before, mm::i64 now, float room, const TextLook& look) {
    const std::string whole = from_to(before, now), short_one = before == now ? whole : "→ " + grouped(now);
    if (pen.width_of(whole, look) <= room) return whole;
    return pen.width_of(short_one, look) <= room ? short_one : grouped(now);
}

// nr_free of an order before the op.
u32 nr_free_before(const ZoneScene& scene, u32 order) {
    const mm::physical_memory& mem = scene.input.before().physical;
    if (scene.zone_index >= mem.zones.size()) return scene.zone.area[order].nr_free;
    return mem.zones[scene.zone_index].area[order].nr_free;
}

bool was_touched(const Touched& touched, u32 zone, u32 order) {
    return std::any_of(touched.lists.begin(), touched.lists.end(), [&](const ListVisit& visit) {
        return visit.zone == zone && visit.order == order && visit.kind != ListVisit::Kind::empty;
    });
}

// The op has looked at a list of this order, or of any.
bool has_part(const ZoneScene& scene, std::optional<u32> order = {}) {
    return std::any_of(scene.touched.lists.begin(), scene.touched.lists.end(), [&](const ListVisit& visit) {
        return visit.zone == scene.zone_index && (!order || visit.order == *order);
    });
}

} // namespace

float FreeListsView::draw_table(ZoneScene& scene) {
    Pen& pen = scene.pen;
    const Rect& box = scene.area.box();
    const bool folds = fold_.folds(scene.area, has_part(scene));
    std::vector<u32> orders;
    for (u32 order = scene.mem.nr_orders; order-- > 0;)
        if (!folds || has_part(scene, order)) orders.push_back(order);
    const u32 rows = static_cast<u32>(orders.size());
    const float space = box.height() - HEADER - 6;
    const float height = std::clamp(std::floor(space / static_cast<float>(rows)), ROW_MIN, ROW_MAX);
    const std::vector<Column> all = columns(scene, box.x0 + LEFT, box.x1 - 8);

    const float title = box.y0 + 7, first = box.y0 + HEADER;
    pen.text_right(box.x0 + 42, title, pen.say(words::ORDER), {pen.p.muted, TEXT_SMALL, Face::words});
    pen.text_right(box.x0 + LEFT - 20, title, "nr_free", {pen.p.muted, TEXT_SMALL, Face::mono});
    for (const Column& column : all)
        draw_list_name(pen, column.x0 + 2, title, column.x1 - 8, pen.p.type[column.type],
                       std::string(mm::migratetype_names[column.type]));
    for (u32 i = 0; i < rows; ++i) {
        const u32 order = orders[i];
        const float y = first + height * static_cast<float>(i);
        pen.fill({box.x0 + 8, pen.snap(y), box.x1 - 8, pen.snap(y) + pen.hairline()}, pen.p.faint);
        const bool touched = was_touched(scene.touched, scene.zone_index, order);
        const Rgba colour = touched ? pen.p.accent : pen.p.ink;
        const float base = y + chip_top(height) + (STRIP_CHIP_HEIGHT - TEXT_NORMAL) / 2;
        pen.text_right(box.x0 + 42, base, std::to_string(order), {pen.p.ink, TEXT_NORMAL, Face::mono});
        const TextLook number{colour, TEXT_NORMAL, Face::mono};
        pen.text_right(
            box.x0 + LEFT - 20, base,
            fitting_change(pen, nr_free_before(scene, order), scene.zone.area[order].nr_free, LEFT - 66, number),
            number);
        if (touched) scene.area.touched(y, height);
        for (const Column& column : all)
            draw_list(scene, order, column.type, {column.x0, y, column.x1 - 14, y + height});
    }
    const Search search = last_search(scene.touched, scene.zone_index);
    for (const Column& column : all)
        if (search.from >= 0 && search.type == column.type)
            draw_search(scene, search, orders, column.x0, first, height);
    return fold_.draw(pen, scene.area, scene.actions, first + height * static_cast<float>(rows) + 4,
                      scene.mem.nr_orders - rows, has_part(scene));
}

// ---- narrow: a line for each list -----------------------------------------------------------------------------------

float FreeListsView::draw_lines(ZoneScene& scene) {
    Pen& pen = scene.pen;
    const Rect& box = scene.area.box();
    const float right = box.x1 - 8, left = box.x0 + LEFT_NARROW;
    const std::vector<Column> all = columns(scene, 0, 1);
    const bool folds = fold_.folds(scene.area, has_part(scene));
    u32 folded = 0;
    float y = box.y0;
    for (u32 order = scene.mem.nr_orders; order-- > 0;) {
        bool first = true;
        for (const Column& column : all) {
            const bool touched =
                std::any_of(scene.touched.lists.begin(), scene.touched.lists.end(), [&](const ListVisit& visit) {
                    return visit.zone == scene.zone_index && visit.order == order &&
                           type_of(scene.mem, visit) == column.type;
                });
            if (!touched && scene.zone.area[order].free_list[column.type].empty()) continue;
            if (!touched && folds) {
                ++folded;
                continue;
            }
            const float height = touched ? LINE_TOUCHED : LINE;
            pen.fill({first ? box.x0 + 8 : left, pen.snap(y), right, pen.snap(y) + pen.hairline()}, pen.p.faint);
            if (first) {
                const bool at_work = was_touched(scene.touched, scene.zone_index, order);
                pen.text(box.x0 + 10, y + 5, std::to_string(order), {pen.p.ink, TEXT_LARGE, Face::mono});
                const TextLook number{at_work ? pen.p.accent : pen.p.muted, TEXT_SMALL, Face::mono};
                const u32 before = nr_free_before(scene, order), now = scene.zone.area[order].nr_free;
                pen.text(box.x0 + 10, y + 24,
                         before == now ? "× " + grouped(now)
                                       : fitting_change(pen, before, now, LEFT_NARROW - 14, number),
                         number);
            }
            draw_list_name(pen, left, y + 3, right, pen.p.type[column.type],
                           std::string(mm::migratetype_names[column.type]));
            if (touched) scene.area.touched(y, height);
            draw_list(scene, order, column.type, {left, y + LINE_NAME, right, y + height});
            first = false;
            y += height;
        }
    }
    return fold_.draw(pen, scene.area, scene.actions, y, folded, has_part(scene)) + 8;
}

// ---- one list -------------------------------------------------------------------------------------------------------

namespace {

struct ListMarks {
    std::vector<StripMark> chips;
    bool empty = false; // the search looked here and found nothing
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
        if (visit.kind == ListVisit::Kind::empty) {
            out.empty = true;
            continue;
        }
        std::erase_if(out.chips, [&](const StripMark& mark) { return mark.item == visit.pfn; });
        StripMark mark{.item = visit.pfn, .colour = pen.p.accent};
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
    keep_latest_gone(out.chips, MOST_GONE);
    return out;
}

} // namespace

void FreeListsView::draw_list(ZoneScene& scene, u32 order, mm::migratetype type, const Rect& box) {
    if (!scene.area.sees(box)) return;
    Pen& pen = scene.pen;
    const float fall = box.height() * scene.glow * scene.glow;
    ListMarks marks =
        marks_of(scene.mem, pen, scene.touched, {scene.zone_index, order, type}, scene.new_from, scene.glow, fall);
    const BlockInk ink = pen.p.block(ColourBy::type, {mm::page_state::buddy, static_cast<mm::u8>(order), type, 0, 0},
                                     scene.mem.nr_orders);
    ListRow row{.strip = page_strip(pen, scene.mem, scene.zone.area[order].free_list[type], ink),
                .box = box,
                .searched = marks.empty};
    row.strip.marks = std::move(marks.chips);
    draw_pages(scene, order << 8 | type, std::move(row), {Selection::Kind::free_list, scene.zone_index, order, type});
}

// ---- numbers --------------------------------------------------------------------------------------------------------

void FreeListsView::tell_lists(Mirror& out, const ViewInput& input, const mm::Machine& machine, u32 index,
                               const Touched& touched) const {
    const Teller teller = input.teller();
    const mm::physical_memory& mem = machine.physical;
    const mm::zone& zone = mem.zones[index];
    out.columns = {teller.say(mirror_text::FREE_LIST), teller.say(mirror_text::BLOCKS), teller.say(mirror_text::PAGES),
                   teller.say(mirror_text::FIRST_BLOCKS)};
    for (u32 order = mem.nr_orders; order-- > 0;) {
        for (u32 type = 0; type < mm::MIGRATE_TYPES; ++type) {
            const mm::page_list& list = zone.area[order].free_list[type];
            const bool is_touched = std::any_of(touched.lists.begin(), touched.lists.end(), [&](const auto& visit) {
                return visit.zone == index && visit.order == order && type_of(input.moment.at.physical, visit) == type;
            });
            if (list.empty() && !is_touched && type != mm::MIGRATE_MOVABLE) continue;
            const std::string name = words::order_of(teller, order) + ", " + std::string(mm::migratetype_names[type]);
            out.add({{name, grouped(list.nr), grouped(static_cast<mm::i64>(list.nr) << order), first_pages(mem, list)},
                     {Selection::Kind::free_list, index, order, type},
                     touched_if(is_touched)});
        }
    }
}

std::string FreeListsView::describe(const ViewInput& input) const {
    const mm::physical_memory& mem = input.moment.at.physical;
    const Touched touched = touched_so_far(input);
    const int shown = zone_at(input, touched);
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
    return to_text(Json{{"zone", mm::unit_text(input.moment.at, mm::Unit::zone, shown)}, {"orders", std::move(rows)}});
}

} // namespace shell
