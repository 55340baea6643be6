#include "views/kernel/page_tables.h"

#include <imgui.h>

#include <algorithm>
#include <charconv>

#include "base/hex.h"
#include "json.h"
#include "machine/facts/address_facts.h"
#include "views/kernel/address_words.h"
#include "views/kernel/table_look.h"
#include "views/parts/chip.h"
#include "views/parts/mirror_text.h"

namespace shell {

namespace {

using mm::table_id;
using mm::u32;
using mm::u64;
using mm::u8;

constexpr float MARGIN = 12, INDENT = 14, HEAD = 26, BETWEEN = 12;
constexpr float SMALLEST_CELL = 4, LARGEST_CELL = 11;
constexpr u32 MAX_OFFERED = 32; // spaces to choose from, besides the shown one
constexpr u32 MAX_TOLD = 64;    // tables, and entries of each, that describe() lists

// A table before those below it: these begin where it begins, or later.
std::vector<table_id> tables_of(const mm::mmu_memory& mmu, mm::space_id space) {
    std::vector<table_id> ids;
    for (table_id id = 0; id < mmu.nr_records; ++id)
        if (mmu.tables[id].pfn != mm::PFN_NONE && mmu.tables[id].space == space) ids.push_back(id);
    std::sort(ids.begin(), ids.end(), [&](table_id a, table_id b) {
        const mm::page_table &x = mmu.tables[a], &y = mmu.tables[b];
        return x.start != y.start ? x.start < y.start : x.level > y.level;
    });
    return ids;
}

u64 mapped_bytes(const mm::mmu_memory& mmu, const std::vector<table_id>& ids) {
    u64 bytes = 0;
    for (const table_id id : ids) {
        const mm::page_table& table = mmu.tables[id];
        if (table.level == 0) {
            bytes += u64{table.nr_set} << mmu.geometry().page_shift;
            continue;
        }
        for (u32 index = 0; index < mmu.geometry().entries(table.level); ++index)
            if (mm::is_leaf(mm::kind_of(mmu.format, mmu.entry(id, index), table.level)))
                bytes += mmu.geometry().size(table.level);
    }
    return bytes;
}

// A row of cells is a power of two, so that a column is a multiple of an address.
GridShape shape_of(u32 entries, float x0, float x1, float y) {
    const float smallest = entries > 1024 ? SMALLEST_CELL : SMALLEST_CELL + 4;
    u32 columns = 1;
    while (columns * 2 <= entries && static_cast<float>(columns * 2) * smallest <= x1 - x0) columns *= 2;
    const float cell = std::min((x1 - x0) / static_cast<float>(columns), LARGEST_CELL);
    GridShape shape{{}, columns, entries, 1};
    shape.box = {x0, y, x0 + cell * static_cast<float>(columns) - 1, y + cell * static_cast<float>(shape.rows()) - 1};
    return shape;
}

u64 entry_start(const mm::mmu_memory& mmu, const mm::page_table& table, u32 index) {
    return table.start + (u64{index} << mmu.geometry().shift(table.level));
}

u64 last_address(const mm::mmu_memory& mmu, const mm::page_table& table) {
    return entry_start(mmu, table, mmu.geometry().entries(table.level) - 1) + mmu.geometry().size(table.level) - 1;
}

} // namespace

struct PageTablesView::Frame {
    const ViewInput& input;
    ViewActions& actions;
    const mm::mmu_memory& mmu;
    ScrollArea& area;
    Pen& pen;
    float x0, x1;
    int touched_level = -1;       // of the tables that are scrolled into sight; -1: the op has touched none
    std::optional<Rect> latest{}; // on the screen: the row of cells with the entry that the op has touched last
};

Shown PageTablesView::shows(const mm::Machine& machine, const Selection& selection) {
    if (selection.kind == Selection::Kind::address && machine.mmu.up) return std::to_string(selection.second);
    const auto pfn = selection.kind == Selection::Kind::pfn ? frame_of(machine, selection) : std::nullopt;
    const mm::table_id table = pfn ? machine.mmu.table_at(*pfn) : mm::TABLE_NONE;
    if (table == mm::TABLE_NONE) return std::nullopt;
    return std::to_string(machine.mmu.tables[table].space);
}

mm::space_id PageTablesView::shown_space(const ViewInput& input) const {
    const mm::mmu_memory& mmu = input.moment.at.mmu;
    if (mmu.has_space(chosen_)) return chosen_;
    const Selection& selection = input.choices.selection;
    if (selection.kind == Selection::Kind::address && mmu.has_space(static_cast<mm::space_id>(selection.second)))
        return static_cast<mm::space_id>(selection.second);
    const std::optional<mm::Op>& op = input.moment.op;
    if (!op) return mm::INIT_MM;
    mm::space_id space = space_of_op(input.moment.at, *op);
    if (op->result != mm::Op::NO_RESULT) { // the one that the op makes
        const mm::OpResult result = input.moment.at.results[op->result];
        if (result.kind == mm::ResultKind::space) space = static_cast<mm::space_id>(result.value);
    }
    return mmu.has_space(space) ? space : mm::INIT_MM;
}

std::string PageTablesView::look() const { return chosen_ == mm::SPACE_NONE ? "" : std::to_string(chosen_); }

void PageTablesView::look_at(std::string_view text) {
    chosen_ = mm::SPACE_NONE;
    mm::space_id space = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), space);
    if (error == std::errc{} && end == text.data() + text.size() && space < mm::MAX_SPACES) chosen_ = space;
}

void PageTablesView::collect(const ViewInput& input, mm::space_id space) {
    space_ = space;
    tables_ = tables_of(input.moment.at.mmu, space);
    mapped_ = mapped_bytes(input.moment.at.mmu, tables_);
    touched_ = touched_entries(input.moment);
    const int lowest = lowest_touched_level(input.moment.at.mmu);
    latest_ = {};
    for (const mm::TouchedEntries& one : touched_) {
        const table_id id = input.moment.at.mmu.table_at(one.table);
        if (id == mm::TABLE_NONE || input.moment.at.mmu.tables[id].space != space_) continue;
        if (input.moment.at.mmu.tables[id].level == lowest) latest_ = one;
    }
    std::stable_sort(touched_.begin(), touched_.end(),
                     [](const mm::TouchedEntries& a, const mm::TouchedEntries& b) { return a.table < b.table; });
}

void PageTablesView::draw(const ViewInput& input, ViewActions& actions) {
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (room.x < 120 || room.y < 40) return;
    ScrollArea area("page-tables");
    Pen pen = pen_of(input);
    Frame frame{input, actions, input.moment.at.mmu, area, pen, area.box().x0 + MARGIN, area.box().x1 - MARGIN};
    float y = area.box().y0 + 10;
    const bool moved = moment_.notice(input);
    if (moment_.other_session()) chosen_ = mm::SPACE_NONE;
    if (!input.moment.at.mmu.up) {
        tables_.clear();
        space_ = mm::SPACE_NONE;
        y = pen.paragraph(frame.x0, y, frame.x1 - frame.x0, pen.say(words::NO_PAGE_TABLES),
                          {pen.p.muted, TEXT_NORMAL, Face::words});
    } else {
        const mm::space_id space = shown_space(input);
        if (moved || space != space_) collect(input, space);
        y = draw_head(frame, y);
        // A picture of another size has its rows elsewhere.
        if (moved || room.x != room_.x || room.y != room_.y) frames_to_follow_ = 2;
        area.follow(frames_to_follow_ > 0);
        if (frames_to_follow_ > 0) --frames_to_follow_;
        room_ = room;
        frame.touched_level = lowest_touched_level(input.moment.at.mmu);
        for (const table_id id : tables_) y = draw_table(frame, id, y);
        if (frame.latest) area.touched(frame.latest->y0, frame.latest->height());
        if (area.is_low()) y = draw_legend_of(frame, y);
    }
    area.end_content(y + 12);
    actions.animate |= area.wants_frame() || moment_.glow(input) > 0;
}

float PageTablesView::draw_head(Frame& frame, float y) {
    Pen& pen = frame.pen;
    const float width = frame.x1 - frame.x0;
    const TextLook note{pen.p.muted, 12, Face::words};
    const auto& names = frame.input.scenario.result_names;
    ChipRow row(pen, frame.area, frame.x0, frame.x1, y);
    row.words(pen.say(words::TABLES_TITLE));
    u32 offered = 0;
    for (mm::space_id space = 0; space < frame.mmu.spaces.size(); ++space) {
        if (!frame.mmu.has_space(space)) continue;
        if (offered++ >= MAX_OFFERED && space != space_) continue;
        if (!row.chip(space_text(frame.input.moment.at, space, names), {.on = space == space_})) continue;
        chosen_ = chosen_ == space ? mm::SPACE_NONE : space;
        frame.actions.animate = true;
    }
    y = row.end() + 8;
    const mm::address_space& space = frame.mmu.spaces[space_];
    const mm::mmu_memory& mmu_before = frame.input.before().mmu;
    const mm::address_space& before = mmu_before.has_space(space_) ? mmu_before.spaces[space_] : space;
    std::string numbers;
    u32 all = 0, all_before = 0;
    for (int level = frame.mmu.geometry().root(); level >= 0; --level) {
        const u32 nr = space.nr_tables[static_cast<std::size_t>(level)];
        const u32 was = before.nr_tables[static_cast<std::size_t>(level)];
        all += nr;
        all_before += was;
        numbers +=
            std::string(frame.mmu.geometry().level_name(static_cast<u8>(level))) + " " + from_to(was, nr) + " · ";
    }
    numbers += from_to(all_before, all) + " " + pen.say(all == 1 ? words::NR_TABLE : words::NR_TABLES) + ", " +
               size_text(u64{all} << frame.mmu.geometry().page_shift) + " · " + pen.say(words::FOR_MAPPED) + " " +
               size_text(mapped_);
    y = pen.paragraph(frame.x0, y, width, numbers, {pen.p.ink, TEXT_NORMAL, Face::words}) + 6;
    if (all == 1 && mapped_ == 0) y = pen.paragraph(frame.x0, y, width, pen.say(words::NO_ENTRIES), note) + 6;
    return frame.area.is_low() ? y : draw_legend_of(frame, y);
}

int PageTablesView::lowest_touched_level(const mm::mmu_memory& mmu) const {
    int lowest = -1;
    for (const mm::TouchedEntries& one : touched_) {
        const table_id id = mmu.table_at(one.table);
        if (id == mm::TABLE_NONE || mmu.tables[id].space != space_) continue;
        if (lowest < 0 || mmu.tables[id].level < lowest) lowest = mmu.tables[id].level;
    }
    return lowest;
}

float PageTablesView::draw_legend_of(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const float width = frame.x1 - frame.x0;
    const std::vector<LegendItem> legend = entry_legend(pen, frame.mmu.geometry());
    const ImVec2 size = legend_size(pen, legend, width);
    draw_legend(pen, legend, {frame.x0, y + size.y}, width);
    return y + size.y + BETWEEN;
}

float PageTablesView::draw_table(Frame& frame, table_id id, float y) const {
    Pen& pen = frame.pen;
    const mm::mmu_memory& mmu = frame.mmu;
    const mm::page_table& table = mmu.tables[id];
    const mm::page_geometry& geometry = mmu.geometry();
    const float x0 = frame.x0 + INDENT * static_cast<float>(geometry.root() - table.level);
    const GridShape shape = shape_of(geometry.entries(table.level), x0 + 10, frame.x1, y + HEAD);
    const float end = shape.box.y1 + BETWEEN;
    const auto touched = std::lower_bound(touched_.begin(), touched_.end(), table.pfn,
                                          [](const mm::TouchedEntries& one, mm::pfn_t pfn) { return one.table < pfn; });
    const bool is_touched = touched != touched_.end() && touched->table == table.pfn;
    if (is_touched && table.level == frame.touched_level) frame.area.touched(y, shape.box.y1 - y);
    if (table.pfn == latest_.table && latest_.nr > 0) {
        const Rect first = shape.cell(latest_.first), last = shape.cell(latest_.first + latest_.nr - 1);
        frame.latest = Rect{frame.x0, first.y0, frame.x1, last.y1};
    }
    if (!frame.area.sees({frame.x0, y, frame.x1, end})) return end;

    const Rgba colour = level_colour(pen.p, table.level);
    pen.fill(pen.snap(Rect{x0, y, x0 + 3, shape.box.y1}), colour);
    const TextLook name{is_touched ? pen.p.accent : pen.p.ink, TEXT_NORMAL, Face::mono};
    const TextLook mono{pen.p.muted, TEXT_SMALL, Face::mono};
    float x = x0 + 10;
    pen.text(x, y + 3, geometry.level_name(table.level), name);
    x += pen.width_of("pgd", name) + 8;
    const Selection& selection = frame.input.choices.selection;
    const bool on = selection.kind == Selection::Kind::pfn && selection.value == table.pfn;
    const Chip chip = draw_chip(pen, frame.area, {x, y}, hex_pfn(table.pfn), {on, is_touched});
    if (chip.pressed && frame.input.moment.at.physical.pfn_valid(table.pfn)) {
        frame.actions.select = true;
        frame.actions.selection = {Selection::Kind::pfn, table.pfn, 0, 0};
    }
    x = chip.box.x1 + 10;
    const std::string set = grouped(table.nr_set) + " " + pen.say(words::SET_OF);
    const std::string from = mm::address_hex(table.start), to = " .. " + mm::address_hex(last_address(mmu, table));
    const TextLook set_look{pen.p.ink, 12, Face::words};
    const bool has_room = frame.x1 - x > pen.width_of(from + to, mono) + pen.width_of(set, set_look) + 30;
    const std::string range = has_room ? from + to : from;
    pen.text(x, y + 5, range, mono);
    x += pen.width_of(range, mono) + 12;
    pen.text(x, y + 4, pen.fitted(set, frame.x1 - x, set_look), set_look);
    draw_entries(frame, id, shape);
    return end;
}

void PageTablesView::draw_entries(Frame& frame, table_id id, const GridShape& shape) const {
    Pen& pen = frame.pen;
    const mm::mmu_memory& mmu = frame.mmu;
    const mm::page_table& table = mmu.tables[id];
    const auto touched = std::equal_range(touched_.begin(), touched_.end(), mm::TouchedEntries{table.pfn, 0, 0},
                                          [](const auto& a, const auto& b) { return a.table < b.table; });
    const float glow = moment_.glow(frame.input);
    CellGrid grid{.shape = shape, .look = [&](u32 index) {
                      CellLook cell;
                      cell.ink =
                          entry_ink(pen.p, entry_look(mmu.format, mmu.entry(id, index), table.level), table.level);
                      for (auto one = touched.first; one != touched.second && !cell.mark; ++one)
                          if (one->holds(table.pfn, index)) cell.mark = pen.p.accent;
                      cell.glow = cell.mark ? glow : 0;
                      return cell;
                  }};
    const Selection& selection = frame.input.choices.selection;
    const bool of_space = selection.kind == Selection::Kind::address && selection.second == table.space;
    const u64 selected = static_cast<u64>(selection.value);
    if (of_space && selected >= table.start && selected <= last_address(mmu, table))
        grid.selected = mmu.geometry().index(table.level, selected);
    const auto under = draw_cell_grid(pen, grid, frame.area.window(), frame.area.pointer());
    if (!under) return;
    const u64 start = entry_start(mmu, table, *under);
    const mm::pteval_t entry = mmu.entry(id, *under);
    ImGui::SetTooltip("%s[%u]  %s\n%s  %s", std::string(mmu.geometry().level_name(table.level)).c_str(), *under,
                      mm::address_hex(start).c_str(), mm::address_hex(entry).c_str(),
                      pen.say(entry_words(entry_look(mmu.format, entry, table.level))));
    if (!frame.area.pressed()) return;
    frame.actions.select = true;
    frame.actions.selection = {Selection::Kind::address, static_cast<mm::i64>(start), table.space, 0};
}

// Each table, and below it those of its entries that hold something; of a table that the step has not touched, the first.
Mirror PageTablesView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Teller teller = input.teller();
    const mm::mmu_memory& mmu = machine.mmu;
    Mirror out{.caption = teller.say(row().title)};
    const mm::space_id space = input.moment.at.mmu.up ? shown_space(input) : mm::INIT_MM;
    if (!mmu.up || !mmu.has_space(space)) {
        out.note = teller.say(words::NO_PAGE_TABLES);
        return out;
    }
    out.caption += ": " + space_text(machine, space, input.scenario.result_names);
    out.columns = {teller.say(mirror_text::TABLE), teller.say(mirror_text::ADDRESS), teller.say(mirror_text::VALUE),
                   teller.say(mirror_text::WHAT)};
    const std::vector<mm::TouchedEntries> touched = touched_entries(input.moment);
    for (const table_id id : tables_of(mmu, space)) {
        const mm::page_table& table = mmu.tables[id];
        const std::string name(mmu.geometry().level_name(table.level));
        const auto in_table = [&](const mm::TouchedEntries& one) { return one.table == table.pfn; };
        const bool is_touched = std::any_of(touched.begin(), touched.end(), in_table);
        if (!out.add({{name + " " + hex_pfn(table.pfn), mm::address_hex(table.start), "",
                       grouped(table.nr_set) + " " + teller.say(words::SET_OF)},
                      {Selection::Kind::pfn, static_cast<mm::i64>(table.pfn), 0, 0},
                      touched_if(is_touched)}))
            break;
        u32 told = 0;
        for (u32 index = 0; index < mmu.geometry().entries(table.level); ++index) {
            const bool now = is_touched && std::any_of(touched.begin(), touched.end(),
                                                       [&](const auto& one) { return one.holds(table.pfn, index); });
            const mm::pteval_t entry = mmu.entry(id, index);
            if (!now && (entry == 0 || told >= MAX_TOLD)) continue;
            ++told;
            out.add({{name + " " + hex_pfn(table.pfn) + "[" + std::to_string(index) + "]",
                      mm::address_hex(entry_start(mmu, table, index)), mm::address_hex(entry),
                      teller.say(entry_words(entry_look(mmu.format, entry, table.level)))},
                     {Selection::Kind::address, static_cast<mm::i64>(entry_start(mmu, table, index)), space, 0},
                     touched_if(now)});
        }
    }
    return out;
}

std::string PageTablesView::describe(const ViewInput& input) const {
    const mm::mmu_memory& mmu = input.moment.at.mmu;
    if (!mmu.up) return to_text(Json{{"spaces", Json::array()}});
    const auto& names = input.scenario.result_names;
    const mm::space_id shown = shown_space(input);
    Json spaces = Json::array();
    for (mm::space_id space = 0; space < mmu.spaces.size(); ++space)
        if (mmu.has_space(space)) spaces.push_back(space_text(input.moment.at, space, names));
    Json levels = Json::object();
    for (int level = mmu.geometry().root(); level >= 0; --level)
        levels[std::string(mmu.geometry().level_name(static_cast<u8>(level)))] =
            mmu.spaces[shown].nr_tables[static_cast<std::size_t>(level)];
    const std::vector<table_id> ids = tables_of(mmu, shown);
    const std::vector<mm::TouchedEntries> touched = touched_entries(input.moment);
    Json tables = Json::array();
    for (const table_id id : ids) {
        if (tables.size() >= MAX_TOLD) break;
        const mm::page_table& table = mmu.tables[id];
        Json entries = Json::array();
        Json marked = Json::array();
        for (u32 index = 0; index < mmu.geometry().entries(table.level); ++index) {
            static constexpr const char* LOOKS[] = {"empty", "table", "block", "page", "contiguous", "off"};
            const EntryLook look = entry_look(mmu.format, mmu.entry(id, index), table.level);
            if (look != EntryLook::empty && entries.size() < MAX_TOLD)
                entries.push_back({index, LOOKS[static_cast<std::size_t>(look)]});
            const bool is_marked = std::any_of(touched.begin(), touched.end(), [&](const mm::TouchedEntries& one) {
                return one.holds(table.pfn, index);
            });
            if (is_marked && marked.size() < MAX_TOLD) marked.push_back(index);
        }
        tables.push_back({{"level", mmu.geometry().level_name(table.level)},
                          {"frame", hex_pfn(table.pfn)},
                          {"start", mm::address_hex(table.start)},
                          {"set", table.nr_set},
                          {"entries", std::move(entries)},
                          {"marked", std::move(marked)}});
    }
    return to_text(Json{{"space", space_text(input.moment.at, shown, names)},
                        {"spaces", std::move(spaces)},
                        {"levels", std::move(levels)},
                        {"mapped", mapped_bytes(mmu, ids)},
                        {"tables", std::move(tables)}});
}

} // namespace shell
