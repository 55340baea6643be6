#include "views/process/reverse_map.h"

#include <imgui.h>

#include <algorithm>
#include <charconv>

#include "base/hex.h"
#include "json.h"
#include "machine/narrate.h"
#include "mmu/pte.h"
#include "views/parts/chip.h"
#include "views/parts/legend.h"
#include "views/parts/mirror_text.h"
#include "views/parts/words.h"
#include "views/process/process_choice.h"
#include "views/process/process_list_words.h"
#include "views/process/process_words.h"
#include "views/process/vma_look.h"

namespace shell {

namespace {

using mm::pfn_t;
using mm::u64;

constexpr float MARGIN = 12, BETWEEN = 12, LINE = 16, PADDING = 8;
constexpr float WIDE = 700; // from here on the three stand side by side
constexpr float FRAME_PART = 0.23f, MIDDLE_PART = 0.22f, ARROWS = 26, TO_ROW = 22;
constexpr std::size_t OFFERED = 6, MAX_TOLD = 256;

const Phrase& fate_phrase(RmapFate fate) {
    switch (fate) {
    case RmapFate::fresh: return words::RMAP_NEW;
    case RmapFate::changed: return words::RMAP_CHANGED;
    case RmapFate::gone: return words::RMAP_GONE;
    case RmapFate::looked: return words::RMAP_LOOKED;
    case RmapFate::mapped: break;
    }
    return words::RMAP_MAPS;
}

// "young dirty write"
std::string flags_text(const mm::pte_format& format, u64 entry, bool exclusive) {
    std::string text;
    const auto add = [&](bool on, const char* name) {
        if (on) text += (text.empty() ? "" : " ") + std::string(name);
    };
    add(mm::pte_young(format, entry), "young");
    add(mm::pte_dirty(format, entry), "dirty");
    add(true, mm::pte_write(format, entry) ? "write" : "read-only");
    add(exclusive, "exclusive");
    return text;
}

std::string page_flags(const mm::user_page& page) {
    std::string text;
    for (const auto& [flag, name] : {std::pair{mm::user_page::DIRTY, "PageDirty"},
                                     {mm::user_page::REFERENCED, "PageReferenced"},
                                     {mm::user_page::ACTIVE, "PageActive"},
                                     {mm::user_page::READAHEAD, "PageReadahead"}})
        if (page.has(flag)) text += (text.empty() ? "" : " ") + std::string(name);
    return text;
}

// "anonymous", "page 3 of /lib/x"
std::string kind_text(const Teller& teller, const RmapPicture& picture) {
    if (picture.page.anon()) return teller.say(words::KIND_ANON);
    const std::string file = picture.file.empty() ? teller.say(words::RMAP_SHARED_MEMORY) : picture.file;
    return mm::filled(teller.say(words::RMAP_PAGE_OF), grouped(picture.page.index), file);
}

std::string found_by(const Teller& teller, const RmapPicture& picture) {
    if (picture.page.anon()) return mm::filled(teller.say(words::RMAP_ANON_VMA), std::to_string(picture.anon_vma));
    return mm::filled(teller.say(words::RMAP_I_MMAP), std::to_string(picture.inode));
}

std::string other_text(const Teller& teller, const RmapRow& row) {
    if (row.entry == 0 || row.frame == mm::PFN_NONE) return teller.say(words::RMAP_NO_ENTRY);
    return mm::filled(teller.say(words::RMAP_OTHER), "", hex_pfn(row.frame));
}

std::string sum_text(const Teller& teller, const RmapPicture& picture) {
    std::size_t asked = 0;
    for (const RmapRow& row : picture.rows) asked += row.fate != RmapFate::gone || row.space != 0;
    return mm::filled(teller.say(words::RMAP_SUM), grouped(static_cast<mm::i64>(asked)),
                      grouped(static_cast<mm::i64>(picture.mapped())));
}

} // namespace

struct ReverseMapView::Frame {
    const ViewInput& input;
    ViewActions& actions;
    ScrollArea& area;
    Pen& pen;
    float x0, x1;
    bool wide = false;
    // Columns, where there are three.
    float middle_x = 0, rows_x = 0;
    float frame_end = 0, frame_y = 0; // the box of the frame
    float middle_end = 0, middle_y = 0;

    [[nodiscard]] TextLook note() const { return {pen.p.muted, 12, Face::words}; }
    [[nodiscard]] TextLook mono(bool touched) const { return {touched ? pen.p.accent : pen.p.ink, 12, Face::mono}; }
};

Shown ReverseMapView::shows(const mm::Machine& machine, const Selection& selection) {
    return selected_frame(machine, selection) ? Shown("") : std::nullopt;
}

std::string ReverseMapView::look() const { return chosen_ ? mm::hex(*chosen_) : ""; }

void ReverseMapView::look_at(std::string_view text) {
    chosen_.reset();
    new_look_ = true;
    pfn_t pfn = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pfn, 16);
    if (error == std::errc{} && end == text.data() + text.size()) chosen_ = pfn;
}

std::optional<pfn_t> ReverseMapView::shown(const ViewInput& input) const {
    const auto is_there = [&](pfn_t pfn) {
        return input.moment.at.physical.pfn_valid(pfn) &&
               (input.moment.at.processes.user.at(pfn).kind != mm::user_page_kind::none ||
                input.before().processes.user.at(pfn).kind != mm::user_page_kind::none);
    };
    if (chosen_ && is_there(*chosen_)) return chosen_;
    const Selection& selection = input.choices.selection;
    if (input.choices.chosen)
        for (const mm::Machine* machine : {&input.moment.at, &input.before()})
            if (const auto pfn = selected_frame(*machine, selection)) return pfn;
    const std::vector<pfn_t> frames = frames_of_step(input.moment, OFFERED);
    for (const pfn_t pfn : frames)
        if (is_there(pfn)) return pfn;
    if (!frames.empty()) return frames.front(); // the zero page
    return selected_frame(input.moment.at, selection);
}

void ReverseMapView::draw(const ViewInput& input, ViewActions& actions) {
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (room.x < 120 || room.y < 40) return;
    const bool new_moment = moment_.notice(input);
    if (new_moment) {
        offered_ = frames_of_step(input.moment, OFFERED);
        // What a step meets is seen, whatever was chosen at another.
        if (!new_look_ && (!offered_.empty() || moment_.other_session())) chosen_.reset();
        new_look_ = false;
    }
    keys_.listen(input.canvas.focused);
    ScrollArea area("reverse-map", keys_);
    Pen pen = pen_of(input);
    Frame frame{input, actions, area, pen, area.box().x0 + MARGIN, area.box().x1 - MARGIN};
    const float width = frame.x1 - frame.x0;
    frame.wide = width >= WIDE;
    frame.middle_x = frame.x0 + width * FRAME_PART + ARROWS;
    frame.rows_x = frame.middle_x + width * MIDDLE_PART + ARROWS;
    area.follow(new_moment);
    const std::optional<pfn_t> pfn = shown(input);
    if (!pfn) picture_ = {};
    if (pfn && (new_moment || picture_.pfn != *pfn)) picture_ = rmap_picture(input, *pfn);
    float y = draw_head(frame, area.box().y0 + 10);
    if (!pfn || picture_.zero) {
        const mm::process_memory& proc = input.moment.at.processes;
        const Phrase& why = pfn ? words::RMAP_ZERO : proc.up ? words::RMAP_NO_FRAME : words::NO_PROCESSES_HERE;
        y = pen.paragraph(frame.x0, y, width, pen.say(why), {pen.p.muted, TEXT_NORMAL, Face::words});
        return area.end_content(y + 12);
    }
    if (!area.is_low()) y = draw_legend_of(frame, y);
    y = draw_frame_box(frame, y);
    y = std::max(draw_middle(frame, y), frame.wide ? frame.frame_end : 0);
    y = std::max(draw_rows(frame, frame.wide ? frame.frame_y : y), y);
    if (area.is_low()) y = draw_legend_of(frame, y + 6);
    area.end_content(y + 12, pen, pen.say(words::PICK_KEYS));
    actions.animate |= area.wants_frame() || moment_.glow(input) > 0;
}

float ReverseMapView::draw_head(Frame& frame, float y) {
    Pen& pen = frame.pen;
    ChipRow row(pen, frame.area, frame.x0, frame.x1, y);
    row.words(pen.say(words::RMAP_TITLE));
    std::vector<pfn_t> frames = offered_;
    if (picture_.pfn != mm::PFN_NONE && std::find(frames.begin(), frames.end(), picture_.pfn) == frames.end())
        frames.push_back(picture_.pfn);
    for (const pfn_t pfn : frames) {
        const bool of_step = std::find(offered_.begin(), offered_.end(), pfn) != offered_.end();
        if (!row.chip(hex_pfn(pfn), {.on = pfn == picture_.pfn, .mark = of_step})) continue;
        chosen_ = pfn;
        frame.actions.animate = true;
    }
    return row.end() + 8;
}

float ReverseMapView::draw_legend_of(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const std::vector<LegendItem> legend = {
        {{pen.p.paper, pen.p.ink, Pattern::hollow}, pen.say(words::RMAP_MAPS), {}},
        {{pen.p.panel, pen.p.faint, Pattern::hollow}, pen.say(words::RMAP_LOOKED), {}},
        {{pen.p.paper, pen.p.accent, Pattern::hollow}, pen.say(words::THIS_STEP), {}}};
    const float width = frame.x1 - frame.x0;
    const ImVec2 size = legend_size(pen, legend, width);
    draw_legend(pen, legend, {frame.x0, y + size.y}, width);
    return y + size.y + BETWEEN;
}

// ---- the frame ------------------------------------------------------------------------------------------------------

float ReverseMapView::draw_frame_box(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const float right = frame.wide ? frame.middle_x - ARROWS : frame.x1;
    const float width = right - frame.x0 - 2 * PADDING, top = y, x = frame.x0 + PADDING;
    const RmapPicture& shown = picture_;
    const std::string title = std::string(pen.say(words::RMAP_FRAME)) + " " + hex_pfn(shown.pfn);
    const TextLook title_look{pen.p.ink, TEXT_NORMAL, Face::words};
    y += PADDING;
    pen.text(x, y, pen.fitted(title, width, title_look), title_look);
    y += LINE + 3;
    std::string kind = kind_text(pen, shown);
    if (shown.order > 0) kind += std::string(", ") + pen.say(words::RMAP_HUGE);
    y = pen.paragraph(x, y, width, kind, frame.note()) + 2;
    y = draw_counts(frame, {x, y}, width);
    if (!shown.now.present)
        y = pen.paragraph(x, y, width, pen.say(words::RMAP_FREED), {pen.p.accent, 12, Face::words}) + 2;
    else if (const std::string flags = page_flags(shown.page); !flags.empty() && !frame.area.is_low())
        y = pen.paragraph(x, y, width, flags, {pen.p.muted, TEXT_SMALL, Face::mono}) + 2;
    y += PADDING - 2;
    const Rect box = pen.snap(Rect{frame.x0, top, right, y});
    const Selection& selection = frame.input.choices.selection;
    const bool selected = selection.kind == Selection::Kind::pfn && selection.value == static_cast<mm::i64>(shown.pfn);
    if (shown.now.present)
        pen.outline(box, shown.now == shown.was ? pen.p.ink : pen.p.accent, (selected ? 3 : 2) * pen.hairline());
    else
        pen.dashed_outline(box, pen.p.accent, pen.hairline());
    frame.area.offer(box, selected);
    if (!(shown.now == shown.was)) frame.area.touched(top, y - top);
    if (box.contains(frame.area.pointer()) && frame.area.pressed()) {
        frame.actions.select = true;
        frame.actions.selection = {Selection::Kind::pfn, static_cast<mm::i64>(shown.pfn), 0, 0};
    }
    frame.frame_y = top;
    frame.frame_end = y;
    return frame.wide ? top : y + 6;
}

// One below the other; in a row where the box is wide.
float ReverseMapView::draw_counts(Frame& frame, ImVec2 at, float width) const {
    Pen& pen = frame.pen;
    const RmapCounts &was = picture_.was, &now = picture_.now;
    if (!now.present && !was.present) return at.y;
    struct Count {
        const char* name;
        mm::u32 was, now;
    };
    std::vector<Count> counts = {{"refcount", was.refcount, now.refcount}, {"mapcount", was.mapcount, now.mapcount}};
    if (picture_.page.anon()) counts.push_back({"PageAnonExclusive", was.exclusive, now.exclusive});
    float x = at.x, y = at.y;
    for (const Count& count : counts) {
        const std::string text = std::string(count.name) + " " + from_to(count.was, count.now);
        const TextLook look = frame.mono(count.was != count.now);
        const float wide = pen.width_of(text, look);
        if (x > at.x && (frame.wide || x + wide > at.x + width)) x = at.x, y += LINE;
        pen.text(x, y, pen.fitted(text, width, look), look);
        x += wide + 14;
    }
    return y + LINE;
}

// The anon_vma with those that were forked from it, or the file's mapping.
float ReverseMapView::draw_middle(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const float x0 = frame.wide ? frame.middle_x : frame.x0;
    const float right = frame.wide ? frame.rows_x - ARROWS : frame.x1;
    const float width = right - x0 - 2 * PADDING, top = y;
    y += PADDING;
    pen.text(x0 + PADDING, y, pen.fitted(found_by(pen, picture_), width, frame.mono(false)), frame.mono(false));
    y += LINE + 2;
    std::vector<mm::anon_vma_id> below;
    for (const RmapRow& row : picture_.rows)
        if (row.anon_vma != 0 && row.anon_vma != picture_.anon_vma && picture_.page.anon())
            below.push_back(row.anon_vma);
    std::sort(below.begin(), below.end());
    below.erase(std::unique(below.begin(), below.end()), below.end());
    const std::size_t most = frame.area.is_low() ? 1 : 4;
    for (std::size_t i = 0; i < below.size() && i < most; ++i) {
        const std::string said = mm::filled(pen.say(words::RMAP_BELOW), std::to_string(below[i]));
        pen.line({x0 + PADDING + 3, y - 3}, {x0 + PADDING + 3, y + 8}, pen.p.muted, 1);
        pen.line({x0 + PADDING + 3, y + 8}, {x0 + PADDING + 11, y + 8}, pen.p.muted, 1);
        pen.text(x0 + PADDING + 15, y, pen.fitted(said, width - 15, frame.note()), frame.note());
        y += LINE;
    }
    if (below.size() > most) {
        pen.text(x0 + PADDING + 15, y,
                 mm::filled(pen.say(words::AND_MORE), grouped(static_cast<mm::i64>(below.size() - most))),
                 frame.note());
        y += LINE;
    }
    y = pen.paragraph(x0 + PADDING, y, width, sum_text(pen, picture_), frame.note()) + PADDING;
    if (!picture_.whole)
        y = pen.paragraph(x0 + PADDING, y, width, pen.say(words::RMAP_LEFT_OUT), frame.note()) + PADDING;
    pen.frame(pen.snap(Rect{x0, top, right, y}), pen.p.muted, 6);
    frame.middle_y = top + PADDING + 7;
    frame.middle_end = y;
    if (frame.wide)
        pen.arrow({frame.middle_x - ARROWS + 2, frame.middle_y}, {frame.middle_x - 2, frame.middle_y}, pen.p.muted,
                  {.head = 6});
    return y + (frame.wide ? 0 : 6);
}

// ---- the entries ----------------------------------------------------------------------------------------------------

float ReverseMapView::draw_rows(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    if (!frame.wide) frame.rows_x = frame.x0 + TO_ROW;
    if (picture_.rows.empty())
        return pen.paragraph(frame.rows_x, y + PADDING, frame.x1 - frame.rows_x, pen.say(words::RMAP_NOBODY),
                             frame.note()) +
               BETWEEN;
    const float trunk = frame.rows_x - (frame.wide ? ARROWS - 8 : TO_ROW - 8);
    const float begin = frame.wide ? frame.middle_y : frame.middle_end;
    float last = begin;
    for (const RmapRow& row : picture_.rows) {
        const float middle = y + PADDING + 7, top = y;
        y = draw_row(frame, y, row) + 8;
        last = middle;
        if (!frame.area.sees({frame.x0, top, frame.x1, y})) continue;
        const Rgba colour = row.fate == RmapFate::looked   ? pen.p.faint
                            : row.fate == RmapFate::mapped ? pen.p.muted
                                                           : pen.p.accent;
        const float from = trunk, to = frame.rows_x - 2;
        if (row.maps()) {
            pen.arrow({from, middle}, {to, middle}, colour, {.head = 6});
        } else {
            for (float x = from; x < to; x += DASH + DASH_SPACE)
                pen.line({x, middle}, {std::min(x + DASH, to), middle}, colour, 1);
        }
    }
    pen.line({trunk, begin}, {trunk, last}, pen.p.muted, 1);
    if (frame.wide) pen.line({frame.rows_x - ARROWS, begin}, {trunk, begin}, pen.p.muted, 1);
    return y + BETWEEN - 8;
}

float ReverseMapView::draw_row(Frame& frame, float y, const RmapRow& row) const {
    Pen& pen = frame.pen;
    const bool quiet = row.fate == RmapFate::looked, touched = !quiet && row.fate != RmapFate::mapped;
    const float top = y, x = frame.rows_x + PADDING, width = frame.x1 - x - PADDING;
    const Rgba ink = quiet ? pen.p.muted : touched ? pen.p.accent : pen.p.ink;
    const TextLook mono{ink, 12, Face::mono};
    y += PADDING;
    const std::string tag = row.fate == RmapFate::mapped ? "" : pen.say(fate_phrase(row.fate));
    const TextLook tag_look{touched ? pen.p.accent : pen.p.muted, 12, Face::words};
    const float tag_width = tag.empty() ? 0 : pen.width_of(tag, tag_look) + 10;
    pen.text(x, y, pen.fitted(row.process, width - tag_width, mono), mono);
    if (!tag.empty()) pen.text_right(x + width, y, tag, tag_look);
    y += LINE;
    const std::string range = range_text(row.start, row.end) + "  " + row.vma;
    y = pen.paragraph(x, y, width, range, {pen.p.muted, TEXT_SMALL, Face::mono}) + 1;
    const TextLook small{pen.p.muted, TEXT_SMALL, Face::mono};
    y = draw_entry(frame, {x, y}, width, row, quiet ? small : mono) + PADDING - 2;
    const Rect box = pen.snap(Rect{frame.rows_x, top, frame.x1, y});
    if (row.fate == RmapFate::gone)
        pen.dashed_outline(box, pen.p.accent, pen.hairline());
    else
        pen.outline(box, quiet ? pen.p.faint : ink, (touched ? 2 : 1) * pen.hairline());
    if (touched) frame.area.touched(top, y - top);
    if (row.space == 0) return y;
    const Selection& selection = frame.input.choices.selection;
    const bool selected = selection.kind == Selection::Kind::address &&
                          selection.second == static_cast<mm::i64>(row.space) &&
                          static_cast<u64>(selection.value) == row.address;
    frame.area.offer(box, selected);
    if (selected) pen.outline(box.grown(2), pen.p.ink, pen.hairline());
    if (box.contains(frame.area.pointer())) {
        pen.fill(box, with_alpha(pen.p.muted, 0.08f));
        if (frame.area.pressed()) {
            frame.actions.select = true;
            frame.actions.selection = {Selection::Kind::address, static_cast<mm::i64>(row.address),
                                       static_cast<mm::i64>(row.space), 0};
        }
    }
    return y;
}

// The entry, as it was and as it is; what it names instead is said in words.
float ReverseMapView::draw_entry(Frame& frame, ImVec2 at, float width, const RmapRow& row, const TextLook& look) const {
    Pen& pen = frame.pen;
    std::string entry = mm::address_hex(row.address) + ": ";
    if (row.fate == RmapFate::changed || row.fate == RmapFate::gone) entry += mm::address_hex(row.was) + " → ";
    if (row.maps())
        entry += mm::address_hex(row.entry) + "  " +
                 flags_text(frame.input.moment.at.mmu.format, row.entry, picture_.now.exclusive);
    const float y = pen.paragraph(at.x, at.y, width, entry, look);
    if (row.maps()) return y;
    const TextLook said{look.colour, 12, Face::words};
    const std::string other = row.space == 0 ? "—" : other_text(pen, row);
    const float x = at.x + pen.width_of(entry, look);
    const bool beside = x + pen.width_of(other, said) <= at.x + width;
    if (!beside) return pen.paragraph(at.x, y, width, other, said);
    pen.text(x, at.y, other, said);
    return y;
}

// ---- as rows --------------------------------------------------------------------------------------------------------

// A row for the frame, then one for each VMA. Rows are those of `machine`: the two machines are compared row by row.
Mirror ReverseMapView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Teller teller = input.teller();
    Mirror out{.caption = teller.say(words::RMAP_TITLE)};
    const std::optional<pfn_t> pfn = shown(input);
    const RmapPicture picture = pfn ? rmap_picture(input, *pfn) : RmapPicture{};
    if (!pfn || picture.zero) {
        const bool up = input.moment.at.processes.up;
        out.note = teller.say(pfn ? words::RMAP_ZERO : up ? words::RMAP_NO_FRAME : words::NO_PROCESSES_HERE);
        return out;
    }
    out.caption += " " + hex_pfn(*pfn);
    out.columns = {teller.say(words::RMAP_PROCESS), teller.say(mirror_text::ADDRESS), "VMA",
                   teller.say(words::RMAP_ENTRY),   teller.say(mirror_text::STATE),   teller.say(words::RMAP_FLAGS)};
    const bool is_before = &machine != &input.moment.at;
    const RmapCounts& counts = is_before ? picture.was : picture.now;
    if (counts.present) {
        std::string told = "refcount " + grouped(counts.refcount) + ", mapcount " + grouped(counts.mapcount);
        if (picture.page.anon()) told += std::string(", PageAnonExclusive ") + (counts.exclusive ? "1" : "0");
        out.add({{hex_pfn(*pfn), "", found_by(teller, picture), "", kind_text(teller, picture), told},
                 {Selection::Kind::pfn, static_cast<mm::i64>(*pfn), 0, 0}});
    }
    for (const RmapRow& row : picture.rows) {
        const bool maps =
            is_before ? row.fate == RmapFate::mapped || row.fate == RmapFate::changed || row.fate == RmapFate::gone
                      : row.maps();
        if (!maps && (is_before || row.fate == RmapFate::gone)) continue;
        const u64 entry = is_before ? row.was : row.entry;
        Selection place{};
        if (row.space != 0)
            place = {Selection::Kind::address, static_cast<mm::i64>(row.address), static_cast<mm::i64>(row.space), 0};
        if (!out.add({{row.process + " " + mm::address_hex(row.address), mm::address_hex(row.address),
                       range_text(row.start, row.end) + " " + row.vma,
                       maps ? mm::address_hex(entry) : other_text(teller, row),
                       teller.say(maps ? words::RMAP_MAPS : words::RMAP_LOOKED),
                       maps ? flags_text(machine.mmu.format, entry, counts.exclusive) : ""},
                      place,
                      touched_if(row.fate != RmapFate::mapped && row.fate != RmapFate::looked)}))
            break;
    }
    if (out.rows.empty()) out.note = teller.say(words::RMAP_NOBODY);
    return out;
}

std::string ReverseMapView::describe(const ViewInput& input) const {
    const std::optional<pfn_t> pfn = shown(input);
    if (!pfn) return to_text(Json{{"frame", nullptr}});
    const RmapPicture picture = rmap_picture(input, *pfn);
    static constexpr const char* NAMES[] = {"mapped", "new", "changed", "gone", "looked"};
    Json rows = Json::array();
    for (const RmapRow& row : picture.rows) {
        if (rows.size() >= MAX_TOLD) break;
        rows.push_back({{"process", row.process},
                        {"address", mm::address_hex(row.address)},
                        {"fate", NAMES[static_cast<std::size_t>(row.fate)]},
                        {"anon_vma", row.anon_vma},
                        {"entry", mm::address_hex(row.entry)}});
    }
    const auto counts = [](const RmapCounts& c) { return Json{c.refcount, c.mapcount, c.exclusive}; };
    return to_text(Json{{"frame", *pfn},
                        {"zero", picture.zero},
                        {"anon_vma", picture.anon_vma},
                        {"file", picture.file},
                        {"now", counts(picture.now)},
                        {"was", counts(picture.was)},
                        {"rows", std::move(rows)}});
}

} // namespace shell
