#include "views/process/address_space.h"

#include <imgui.h>

#include <algorithm>
#include <charconv>

#include "base/hex.h"
#include "process/maps_text.h"
#include "views/parts/words.h"
#include "views/process/address_space_frame.h"
#include "views/process/process_words.h"
#include "views/process/vma_look.h"

namespace shell {

namespace {

using mm::mm_id;
using mm::u32;
using mm::u64;

constexpr float MARGIN = 12, NARROW = 560, BETWEEN = 12;
constexpr float LINE = 22, LINE_NARROW = 40, LINE_LARGE = 32, FOLD_HEIGHT = 26;
constexpr float STRIP_FROM = 9, STRIP = 12; // what is in memory
constexpr float RANGE_COLUMN = 194, SIZE_COLUMN = 106;
constexpr float BAND = 110, BAND_NARROW = 0.15f, TO_TEXT = 18, TO_MARK = 12;
constexpr double PINCH_OPENS = 1.35;

// What an mm counts in pages, but for the first.
struct CounterRow {
    const char* name;
    u64 (*value)(const mm::mm_struct& mm);
};
constexpr CounterRow COUNTERS[] = {{"map_count", [](const mm::mm_struct& mm) { return u64{mm.map_count}; }},
                                   {"total_vm", [](const mm::mm_struct& mm) { return mm.total_vm; }},
                                   {"locked_vm", [](const mm::mm_struct& mm) { return mm.locked_vm; }},
                                   {"data_vm", [](const mm::mm_struct& mm) { return mm.data_vm; }},
                                   {"exec_vm", [](const mm::mm_struct& mm) { return mm.exec_vm; }},
                                   {"stack_vm", [](const mm::mm_struct& mm) { return mm.stack_vm; }}};

} // namespace

std::vector<SpaceCounter> space_counters(const mm::mm_struct& mm, const mm::mm_struct& before) {
    std::vector<SpaceCounter> out;
    for (const CounterRow& row : COUNTERS)
        out.push_back({row.name, static_cast<mm::i64>(row.value(before)), static_cast<mm::i64>(row.value(mm))});
    return out;
}

std::string AddressSpaceView::look() const {
    return opened_ ? choice_.look() + "-" + mm::hex(*opened_) : choice_.look();
}

void AddressSpaceView::look_at(std::string_view text) {
    opened_.reset();
    const std::size_t dash = text.find('-');
    choice_.look_at(text.substr(0, dash));
    if (dash == std::string_view::npos) return;
    const std::string_view start = text.substr(dash + 1);
    u64 address = 0;
    const auto [stop, wrong] = std::from_chars(start.data(), start.data() + start.size(), address, 16);
    if (wrong == std::errc{} && stop == start.data() + start.size()) opened_ = address;
}

void AddressSpaceView::collect(const ViewInput& input, mm_id process) {
    process_ = process;
    picture_ = space_picture(input.moment, process, process_of_step(input.moment) == process);
    touched_.clear();
    for (std::size_t i = 0; i < picture_.pieces.size(); ++i)
        if (picture_.pieces[i].is_changed() || picture_.pieces[i].told) touched_.push_back(i);
    resident_.clear();
    const bool told = residency_is_told(input.moment.at, process);
    for (const SpacePiece& piece : picture_.pieces) {
        if (!told) break;
        const bool has_pages = !piece.is_hole() && !piece.is_gone();
        resident_.push_back(has_pages ? residency_of(input.moment.at, process, piece.start, piece.end) : Residency{});
    }
    shown_.clear();
    under_.reset();
}

void AddressSpaceView::draw(const ViewInput& input, ViewActions& actions) {
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (room.x < 120 || room.y < 40) return;
    const bool new_moment = moment_.notice(input);
    if (moment_.other_session() && new_moment) fold_.forget();
    if (!choice_.notice(input, new_moment, moment_.other_session())) opened_.reset();
    keys_.listen(input.canvas.focused);
    ScrollArea area("address-space", keys_);
    Pen pen = pen_of(input);
    const mm::process_memory& proc = input.moment.at.processes;
    const mm_id process = choice_.shown(input);
    float y = area.box().y0 + 10;
    if (process == mm::MM_NONE) {
        process_ = process;
        const Phrase& why = why_no_process(proc);
        y = pen.paragraph(area.box().x0 + MARGIN, y, area.box().x1 - area.box().x0 - 2 * MARGIN, pen.say(why),
                          {pen.p.muted, TEXT_NORMAL, Face::words});
        area.end_content(y + 12);
        return;
    }
    if (new_moment || process != process_) collect(input, process);
    Frame frame{input,
                actions,
                area,
                pen,
                area.box().x0 + MARGIN,
                area.box().x1 - MARGIN,
                proc,
                process,
                all_selected_in(input, process)};
    area.follow(new_moment);
    y = draw_head(frame, y);
    y = draw_band(frame, y);
    const auto hidden = static_cast<u32>(std::count(shown_.begin(), shown_.end(), false));
    y = fold_.draw(pen, area, actions, y, hidden, !touched_.empty());
    if (area.is_low()) y = draw_legend_of(frame, y + 6);
    zoom(frame);
    area.end_content(y + 12, pen, pen.say(words::SPACE_KEYS));
    actions.animate |= area.wants_frame() || moment_.glow(input) > 0;
}

// ---- above the band -------------------------------------------------------------------------------------------------

float AddressSpaceView::draw_head(Frame& frame, float y) {
    Pen& pen = frame.pen;
    y = draw_processes(frame, y);
    y = draw_counters(frame, y);
    const float width = frame.x1 - frame.x0;
    if (const Placement& place = picture_.placement; place.found) {
        const Phrase& way = place.way == mm::hole_way::top_down ? words::PLACE_DOWN : words::PLACE_UP;
        const std::string said =
            mm::filled(pen.say(way), size_text(place.size), mm::address_hex(place.limit)) + " " +
            mm::filled(pen.say(words::PLACE_FOUND), mm::address_hex(place.hole), mm::address_hex(place.hole_end));
        y = pen.paragraph(frame.x0, y, width, said, {pen.p.accent, 12, Face::words}) + 6;
    }
    return frame.area.is_low() ? y + 2 : draw_legend_of(frame, y + 2);
}

float AddressSpaceView::draw_processes(Frame& frame, float y) {
    ChipRow row(frame.pen, frame.area, frame.x0, frame.x1, y);
    row.words(frame.pen.say(words::SPACE_TITLE));
    if (choice_.offer(row, frame.input)) {
        opened_.reset();
        frame.actions.animate = true;
    }
    return row.end() + 8;
}

float AddressSpaceView::draw_counters(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    std::string text;
    for (const SpaceCounter& counter : space_counters(frame.mm(), frame.mm_before())) {
        if (frame.area.is_low() && counter.was == counter.now) continue;
        text += (text.empty() ? "" : " · ") + std::string(counter.name) + " " + from_to(counter.was, counter.now);
    }
    if (text.empty()) return y;
    return pen.paragraph(frame.x0, y, frame.x1 - frame.x0, text, {pen.p.ink, 12, Face::mono}) + 6;
}

float AddressSpaceView::draw_legend_of(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const float width = frame.x1 - frame.x0;
    std::vector<LegendItem> legend = vma_legend(pen);
    legend.push_back({page_ink(pen.p, true), pen.say(words::PAGE_MAPPED), {}});
    if (opened_piece()) { legend.push_back({page_ink(pen.p, false), pen.say(words::PAGE_PROMISED), {}}); }
    const ImVec2 size = legend_size(pen, legend, width);
    draw_legend(pen, legend, {frame.x0, y + size.y}, width);
    return y + size.y + BETWEEN;
}

// ---- the band -------------------------------------------------------------------------------------------------------

std::optional<std::size_t> AddressSpaceView::opened_piece() const {
    if (!opened_) return std::nullopt;
    const std::size_t at = picture_.piece_at(*opened_);
    const SpacePiece& piece = picture_.pieces[at];
    if (!piece.holds(*opened_) || piece.is_hole() || piece.is_gone()) return std::nullopt;
    return at;
}

// Changed, named, selected, opened; or the hole beside something that is changed.
bool AddressSpaceView::has_part(const Frame& frame, std::size_t index) const {
    const SpacePiece& piece = picture_.pieces[index];
    if (piece.is_changed() || piece.told || frame.selects(piece)) return true;
    if (opened_ && piece.holds(*opened_)) return true;
    if (!piece.is_hole()) return false;
    const bool below = index > 0 && picture_.pieces[index - 1].is_changed();
    return below || (index + 1 < picture_.pieces.size() && picture_.pieces[index + 1].is_changed());
}

void AddressSpaceView::place_columns(Frame& frame, const std::vector<bool>& shown) const {
    const float width = frame.x1 - frame.x0;
    frame.narrow = width < NARROW;
    const TextLook look = frame.mark_look();
    float names = 0;
    for (const SpaceMark& mark : picture_.marks)
        if (shown[picture_.piece_at(mark.address)]) names = std::max(names, frame.pen.width_of(mark.names, look));
    frame.names = std::min(names, width * (frame.narrow ? 0.3f : 0.24f));
    frame.band_x0 = frame.x0 + (names > 0 ? frame.names + TO_MARK : 0);
    frame.band_x1 = frame.band_x0 + (frame.narrow ? width * BAND_NARROW : BAND);
    frame.text_x = frame.band_x1 + TO_TEXT;
}

void AddressSpaceView::arrange(Frame& frame) {
    const bool folds = fold_.folds(frame.area, !touched_.empty());
    std::vector<bool> shown(picture_.pieces.size(), true);
    if (folds)
        for (std::size_t i = 0; i < shown.size(); ++i) shown[i] = has_part(frame, i);
    place_columns(frame, shown);
    BandRules rules;
    rules.line = frame.narrow ? LINE_NARROW : folds ? LINE_LARGE : LINE;
    rules.hole = FOLD_HEIGHT;
    rules.room = std::max(frame.area.window().height() - (frame.top - frame.area.box().y0) - 24, 80.0f);
    if (const auto opened = opened_piece()) {
        rules.opened = *opened;
        rules.opened_height = rules.line + page_window(frame, *opened).height + 8;
    }
    frame.line = rules.line;
    if (shown == shown_ && rules == rules_ && !shown_.empty()) return;
    shown_ = std::move(shown);
    rules_ = rules;
    band_ = SpaceBand(picture_, shown_, rules_);
}

float AddressSpaceView::draw_band(Frame& frame, float y) {
    Pen& pen = frame.pen;
    frame.top = y;
    arrange(frame);
    if (!frame.area.is_low() && band_.bytes_per_pixel() > 0) {
        const auto line = static_cast<u64>(band_.bytes_per_pixel() * static_cast<double>(frame.line));
        const std::string said = mm::filled(pen.say(words::SPACE_SCALE), size_text(line));
        pen.text(frame.x0, y, pen.fitted(said, frame.x1 - frame.x0, frame.note_look()), frame.note_look());
        frame.top += 20;
    }
    under_.reset();
    for (const std::size_t i : touched_)
        frame.area.touched(frame.top + band_.top(i), std::min(band_.bottom(i) - band_.top(i), 2 * frame.line));
    const Rect& window = frame.area.window();
    for (std::size_t i = band_.first_below(window.y0 - frame.top); i < picture_.pieces.size(); ++i) {
        if (frame.top + band_.top(i) > window.y1) break;
        if (shown_[i]) draw_piece(frame, i);
    }
    const float names_end = draw_marks(frame);
    draw_placement(frame);
    return std::max(frame.top + band_.height() + BETWEEN, names_end + 4);
}

void AddressSpaceView::draw_piece(Frame& frame, std::size_t index) {
    const SpacePiece& piece = picture_.pieces[index];
    Pen& pen = frame.pen;
    const Rect row{frame.x0, frame.top + band_.top(index), frame.x1, frame.top + band_.bottom(index)};
    const bool opened = opened_piece() == index;
    const Rect thing{frame.band_x0, row.y0, frame.x1, opened ? row.y0 + frame.line : row.y1};
    const Rect box = pen.snap(Rect{frame.band_x0, row.y0, frame.band_x1, thing.y1 - (piece.is_hole() ? 0 : 1)});
    if (thing.contains(frame.area.pointer()) && frame.area.sees(thing)) under_ = index;
    frame.area.offer(thing, frame.selects(piece));
    if (under_ == index) pen.fill(thing, with_alpha(pen.p.muted, 0.10f));
    draw_block(frame, index, box);
    if (!opened) draw_resident(frame, index, box);
    draw_line(frame, index, row);
    if (opened) draw_pages(frame, index, row.y0 + frame.line);
    if (frame.selects(piece)) {
        pen.outline(thing.grown(1), pen.p.ink, pen.hairline());
        for (const u64 address : frame.chosen) {
            if (opened || !piece.holds(address)) continue;
            const float at = frame.top + band_.y_of(picture_, address);
            pen.fill({box.x0 - 4, at - 1, box.x1 + 4, at + 1}, pen.p.ink);
        }
    }
    if (under_ == index) point_at(frame, index);
}

void AddressSpaceView::draw_block(Frame& frame, std::size_t index, const Rect& box) const {
    Pen& pen = frame.pen;
    const SpacePiece& piece = picture_.pieces[index];
    const float thick = 2 * pen.hairline();
    if (piece.is_hole()) {
        // A fold: two lines that are cut, and nothing between them.
        const float middle = (box.y0 + box.y1) / 2;
        for (const float x : {box.x0, box.x1 - 1}) {
            pen.line({x, box.y0}, {x, middle - 3}, pen.p.faint, 1);
            pen.line({x, middle + 3}, {x, box.y1}, pen.p.faint, 1);
            pen.line({x - 4, middle - 1}, {x + 4, middle - 5}, pen.p.muted, 1);
            pen.line({x - 4, middle + 5}, {x + 4, middle + 1}, pen.p.muted, 1);
        }
        return;
    }
    if (piece.is_gone()) return pen.dashed_outline(box, pen.p.accent, pen.hairline());
    pen.block(box, vma_ink(pen.p, frame.record(piece).vm_flags));
    const auto y_of = [&](u64 address) { return frame.top + band_.y_of(picture_, address); };
    const auto first = std::upper_bound(picture_.added.begin(), picture_.added.end(), piece.start,
                                        [](u64 at, const SpaceRange& range) { return at < range.end; });
    for (auto range = first; range != picture_.added.end() && range->start < piece.end; ++range) {
        const float from = std::min(y_of(range->start), box.y1 - 2);
        const float to = range->end >= piece.end ? box.y1 : std::min(y_of(range->end), box.y1);
        pen.fill(pen.snap(Rect{box.x1 - 8, from, box.x1, std::max(to, from + 2)}), pen.p.accent);
    }
    const auto seam = std::upper_bound(picture_.seams.begin(), picture_.seams.end(), piece.start);
    for (auto at = seam; at != picture_.seams.end() && *at < piece.end; ++at) {
        const float y = pen.snap(std::min(y_of(*at), box.y1 - 1));
        for (float x = box.x0; x < box.x1; x += DASH + DASH_SPACE)
            pen.fill({x, y - 1, std::min(x + DASH, box.x1), y + 1}, pen.p.accent);
    }
    if (piece.is_changed()) pen.outline(box, pen.p.accent, thick);
}

const Residency* AddressSpaceView::resident(std::size_t index) const {
    return index < resident_.size() && resident_[index].all > 0 ? &resident_[index] : nullptr;
}

// Filled where pages have frames, to the scale of the block.
void AddressSpaceView::draw_resident(Frame& frame, std::size_t index, const Rect& box) const {
    const Residency* resident = this->resident(index);
    if (!resident) return;
    Pen& pen = frame.pen;
    const float x0 = box.x0 + STRIP_FROM, x1 = std::min(x0 + STRIP, box.x1 - STRIP_FROM);
    pen.block(pen.snap(Rect{x0, box.y0 + 3, x1, box.y1 - 3}), page_ink(pen.p, false));
    const auto y_of = [&](u64 address) {
        const float y = frame.top + band_.y_of(picture_, address);
        return std::clamp(address >= picture_.pieces[index].end ? box.y1 : y, box.y0 + 3, box.y1 - 3);
    };
    const Rgba ink = page_ink(pen.p, true).fill;
    for (const SpaceRange& run : resident->runs) {
        const float from = std::min(y_of(run.start), box.y1 - 5), to = std::max(y_of(run.end), from + 2);
        const Rect filled = pen.snap(Rect{x0, from, x1, to});
        if (frame.area.sees(filled)) pen.fill(filled, ink);
    }
}

// "12 KiB of 1 MiB": what of it is in memory.
std::string AddressSpaceView::size_of(const Pen& pen, std::size_t index) const {
    const SpacePiece& piece = picture_.pieces[index];
    const u64 size = piece.end - piece.start;
    const Residency* resident = this->resident(index);
    if (!resident) return size_text(size);
    return mm::filled(pen.say(words::RESIDENT_OF), size_text(size / resident->all * resident->pages), size_text(size));
}

void AddressSpaceView::draw_line(Frame& frame, std::size_t index, const Rect& row) {
    Pen& pen = frame.pen;
    const SpacePiece& piece = picture_.pieces[index];
    // In sight as long as the block is.
    const float lowest = std::max(row.y1 - frame.line, row.y0);
    const float y = std::clamp(frame.area.window().y0, row.y0, lowest) + (frame.narrow ? 3 : 4);
    const TextLook note = frame.note_look();
    if (piece.is_hole()) {
        const std::string said = mm::filled(pen.say(words::SPACE_HOLE), size_text(piece.end - piece.start));
        pen.text(frame.text_x, row.y0 + 6, pen.fitted(said, frame.x1 - frame.text_x, note), note);
        return;
    }
    const TextLook mono{piece.is_changed() ? pen.p.accent : pen.p.ink, 12, Face::mono};
    const TextLook tag{pen.p.accent, 12, Face::words};
    if (piece.told) pen.fill({frame.text_x - 8, y, frame.text_x - 5, y + 14}, pen.p.accent);
    // Of a selected VMA the chip that opens it has its room behind the name.
    const bool has_chip = frame.selects(piece) && !piece.is_gone() && !frame.narrow;
    const char* opens = pen.say(opened_piece() == index ? words::PAGES_CLOSE : words::PAGES_OPEN);
    const float right = frame.x1 - 4 - (has_chip ? chip_width(pen, opens, {.face = Face::words}) + 12 : 0);
    const Phrase* fate = fate_words(piece.fate);
    const std::string made = fate ? pen.say(*fate) : "";
    const std::string rights = mm::vma_rights(frame.record(piece).vm_flags), name = frame.name_of(piece);
    const std::string range = range_text(piece.start, piece.end), size = size_of(pen, index);
    float x = frame.text_x;
    const auto put = [&](const std::string& text, float width, const TextLook& look, float line) {
        const float room = std::min(width, right - x);
        if (room > 12) pen.text(x, line, pen.fitted(text, room, look), look);
        x += width;
    };
    if (frame.narrow) {
        put(range, right - x, mono, y);
        x = frame.text_x;
        const auto second = [&](const std::string& how_large) {
            return rights + "  " + how_large + (name.empty() ? "" : "  " + name);
        };
        std::string rest = second(size);
        if (pen.width_of(rest, mono) > right - x) rest = second(size_text(piece.end - piece.start));
        put(rest, pen.width_of(rest, mono) + 12, mono, y + 16);
        if (fate) put(made, pen.width_of(made, tag) + 12, tag, y + 16);
        return draw_open_chip(frame, index, {x, y + 13});
    }
    put(rights, 42, mono, y);
    put(range, RANGE_COLUMN, mono, y);
    put(size, SIZE_COLUMN, note, y);
    const std::string named = name.empty() ? pen.say(words::ANONYMOUS) : name;
    const TextLook& name_look = name.empty() ? note : mono;
    put(named, pen.width_of(named, name_look) + 14, name_look, y);
    if (fate) put(made, pen.width_of(made, tag) + 14, tag, y);
    if (frame.selects(piece)) return draw_open_chip(frame, index, {std::min(x, right + 8), y - 3});
    put(more_flags(frame.input.moment.at, frame.record(piece).vm_flags), right - x,
        {pen.p.muted, TEXT_SMALL, Face::mono}, y + 1);
}

void AddressSpaceView::draw_open_chip(Frame& frame, std::size_t index, ImVec2 at) {
    const SpacePiece& piece = picture_.pieces[index];
    if (!frame.selects(piece) || piece.is_gone()) return;
    const bool opened = opened_piece() == index;
    const std::string text = frame.pen.say(opened ? words::PAGES_CLOSE : words::PAGES_OPEN);
    if (at.x + chip_width(frame.pen, text, {.face = Face::words}) > frame.x1) return;
    const Chip chip = draw_chip(frame.pen, frame.area, at, text, {.face = Face::words});
    frame.area.offer(chip.box);
    if (chip.hovered) under_.reset();
    if (chip.pressed) open(frame, opened ? std::nullopt : std::optional(index));
}

// ---- beside the band ------------------------------------------------------------------------------------------------

// Returns where the last name ends.
float AddressSpaceView::draw_marks(Frame& frame) const {
    Pen& pen = frame.pen;
    const TextLook look = frame.mark_look();
    float free_from = -1e9f;
    for (const SpaceMark& mark : picture_.marks) {
        if (!shown_[picture_.piece_at(mark.address)]) continue;
        const float at = frame.top + band_.y_of(picture_, mark.address);
        const float y = std::max(at - 7, free_from);
        free_from = y + rules_.mark;
        if (!frame.area.sees({frame.x0, y, frame.band_x0, y + rules_.mark}) &&
            !frame.area.sees({frame.x0, at, frame.band_x0, at + 1}))
            continue;
        const bool moved = mark.was != mark.address;
        const Rgba colour = moved ? pen.p.accent : pen.p.muted;
        const float right = frame.x0 + frame.names;
        pen.text_right(right, y, pen.fitted(mark.names, frame.names, look), {colour, look.size, look.face});
        pen.line({right + 2, y + 7}, {frame.band_x0 - 3, at}, colour, pen.hairline());
        pen.line({frame.band_x0 - 3, at}, {frame.band_x0 + 6, at}, colour, moved ? 2.0f : pen.hairline());
        const Rect label{frame.x0, y, right, y + rules_.mark};
        if (!label.contains(frame.area.pointer())) continue;
        const std::string was = moved ? mm::address_hex(mark.was) + " → " : "";
        ImGui::SetTooltip("%s\n%s%s", mark.names.c_str(), was.c_str(), mm::address_hex(mark.address).c_str());
        if (frame.area.pressed()) frame.select(mark.address);
    }
    return free_from;
}

// The hole in which a place was found, from its limit on.
void AddressSpaceView::draw_placement(Frame& frame) const {
    const Placement& place = picture_.placement;
    if (!place.found) return;
    Pen& pen = frame.pen;
    const auto y_of = [&](u64 address) { return frame.top + band_.y_of(picture_, address); };
    const float x = frame.band_x1 + 5, from = y_of(place.hole), to = y_of(place.hole_end), limit = y_of(place.limit);
    pen.fill({x, from, x + 2, std::max(to, from + 2)}, pen.p.accent);
    pen.fill({x - 3, from, x + 2, from + 2}, pen.p.accent);
    pen.fill({x - 3, std::max(to, from + 2) - 2, x + 2, std::max(to, from + 2)}, pen.p.accent);
    if (!shown_[picture_.piece_at(place.limit)]) return;
    const bool down = place.way == mm::hole_way::top_down;
    pen.arrow_head({x + 7, limit}, {0, down ? -1.0f : 1.0f}, pen.p.accent, 7);
}

// ---- the person -----------------------------------------------------------------------------------------------------

void AddressSpaceView::point_at(Frame& frame, std::size_t index) const {
    const SpacePiece& piece = picture_.pieces[index];
    const std::string range = range_text(piece.start, piece.end), size = size_text(piece.end - piece.start);
    if (piece.is_hole()) {
        ImGui::SetTooltip("%s\n%s", range.c_str(), mm::filled(frame.pen.say(words::SPACE_HOLE), size).c_str());
    } else {
        const mm::vm_area_struct& vma = frame.record(piece);
        const std::string flags =
            unit_text(frame.input.moment.at, mm::Unit::vm_flags, static_cast<mm::i64>(vma.vm_flags));
        const Phrase* fate = fate_words(piece.fate);
        std::string more = fate ? std::string("\n") + frame.pen.say(*fate) : "";
        if (const Residency* resident = this->resident(index))
            more = "\n" + resident_text(frame.pen, resident->pages, resident->all) + more;
        ImGui::SetTooltip("%s %s  %s\n%s\n%s%s", mm::vma_rights(vma.vm_flags).c_str(), range.c_str(), size.c_str(),
                          frame.name_of(piece).c_str(), flags.c_str(), more.c_str());
    }
    if (frame.area.pressed()) frame.select(piece.start);
}

void AddressSpaceView::open(Frame& frame, std::optional<std::size_t> piece) {
    if (piece && (picture_.pieces[*piece].is_hole() || picture_.pieces[*piece].is_gone())) return;
    const std::optional<u64> next = piece ? std::optional(picture_.pieces[*piece].start) : std::nullopt;
    frame.actions.animate |= next != opened_;
    opened_ = next;
}

// From the band to the pages of the VMA under the pointer, and back: the wheel with Ctrl, two fingers, + and -.
void AddressSpaceView::zoom(Frame& frame) {
    const ImGuiIO& io = ImGui::GetIO();
    int by = 0;
    std::optional<std::size_t> at = under_;
    if (io.KeyCtrl && frame.area.window().contains(io.MousePos)) by = (io.MouseWheel > 0) - (io.MouseWheel < 0);
    const Pinch& pinch = frame.input.canvas.pinch;
    pinched_ = pinch.active ? pinched_ * pinch.zoom : 1;
    if (pinched_ > PINCH_OPENS || pinched_ < 1 / PINCH_OPENS) {
        by = pinched_ > 1 ? 1 : -1;
        pinched_ = 1;
        const float y = static_cast<float>(pinch.at.y) - frame.top;
        if (y >= 0 && y < band_.height()) at = band_.first_below(y);
    }
    if (!io.KeyCtrl && !io.KeyAlt && !io.KeySuper && frame.input.canvas.focused) {
        const auto pressed = [](ImGuiKey a, ImGuiKey b) { return ImGui::IsKeyPressed(a) || ImGui::IsKeyPressed(b); };
        if (pressed(ImGuiKey_Equal, ImGuiKey_KeypadAdd)) by = 1;
        if (pressed(ImGuiKey_Minus, ImGuiKey_KeypadSubtract)) by = -1;
    }
    if (by < 0) open(frame, std::nullopt);
    if (by <= 0) return;
    if (!at && frame.selected()) at = picture_.piece_at(*frame.selected());
    if (at) open(frame, at);
}

} // namespace shell
