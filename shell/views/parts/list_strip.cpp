#include "views/parts/list_strip.h"

#include <algorithm>
#include <cmath>

#include "views/parts/words.h"

namespace shell {

namespace {

using mm::pfn_t;
using mm::u32;
using mm::u64;

constexpr float SPACE = 4, PADDING = 5, WORD_ROOM = TEXT_SMALL + 2;

TextLook chip_text(Rgba colour) { return {colour, 12, Face::mono}; }
TextLook more_look(const Pen& pen) { return {pen.p.muted, TEXT_SMALL, Face::words}; }

// The page `index` places from the head, walking from the nearer end.
pfn_t walk_to(const mm::physical_memory& mem, const mm::page_list& list, u32 index) {
    pfn_t pfn;
    if (index <= list.nr / 2) {
        pfn = list.first;
        for (u32 i = 0; i < index && pfn != mm::PFN_NONE; ++i) pfn = mem.page_at(pfn).next;
    } else {
        pfn = list.last;
        for (u32 i = list.nr - 1; i > index && pfn != mm::PFN_NONE; --i) pfn = mem.page_at(pfn).prev;
    }
    return pfn;
}

const StripMark* mark_of(const ListStrip& strip, u64 item) {
    for (const StripMark& mark : strip.marks)
        if (mark.item == item && !mark.gone) return &mark;
    return nullptr;
}

void draw_chip(Pen& pen, const Rect& place, const ListStrip& strip, u64 item, const StripMark* mark) {
    Rect r = place;
    if (mark) {
        r.y0 -= mark->fall;
        r.y1 -= mark->fall;
    }
    r = pen.snap(r);
    const float line = pen.hairline();
    const std::string label = strip.label(item);
    if (mark && mark->gone) {
        pen.dashed_outline(r, mark->colour, line);
        pen.text_centred(r, label, chip_text(mark->colour));
        return;
    }
    const BlockInk ink = strip.ink(item);
    pen.block(r, ink, 6);
    if (mark) {
        if (mark->glow > 0) pen.fill(r, with_alpha(mark->colour, 0.4f * mark->glow));
        pen.outline(r.grown(line), mark->colour, 2 * line);
    }
    if (item == strip.selected) pen.outline(r.grown(2 * line), pen.p.ink, 2 * line);
    const Rgba text = ink.pattern == Pattern::solid ? readable_on(ink.fill) : pen.p.ink;
    if (ink.pattern == Pattern::hatched) {
        const float width = pen.width_of(label, chip_text(text));
        const ImVec2 c = r.centre();
        pen.fill({c.x - width / 2 - 3, c.y - 7, c.x + width / 2 + 3, c.y + 7}, mix(pen.p.paper, ink.fill, 0.5f));
    }
    pen.text_centred(r, label, chip_text(text));
}

void draw_word(Pen& pen, const Rect& chip, const StripMark& mark, float bottom) {
    if (!*mark.word || chip.y1 + WORD_ROOM > bottom) return;
    pen.text(chip.x0 + 1, chip.y1 + 1, mark.word, {mark.colour, TEXT_SMALL, Face::words});
}

// Chips of items that have left the list. Returns where the next thing may begin.
float draw_gone(Pen& pen, const ListStrip& strip, float x, float y, float bottom, bool at_tail) {
    for (const StripMark& mark : strip.marks) {
        if (!mark.gone || mark.at_tail != at_tail) continue;
        const Rect r{x, y, x + strip.chip_width, y + STRIP_CHIP_HEIGHT};
        draw_chip(pen, r, strip, mark.item, &mark);
        draw_word(pen, r, mark, bottom);
        x += strip.chip_width + SPACE;
    }
    return x;
}

// What does not fit: "+212 more", or "+212" where the word would cost another chip.
struct More {
    float right = 0; // where chips end
    bool has_word = true;

    [[nodiscard]] std::string text(const Pen& pen, u32 hidden) const {
        return "+" + grouped(hidden) + (has_word ? std::string(" ") + pen.say(words::MORE) : "");
    }
};

More room_for_more(const Pen& pen, const ListStrip& strip, const Rect& box, float step) {
    const auto chips_beside = [&](const More& more) {
        const float text = pen.width_of(more.text(pen, strip.nr), more_look(pen)) + 8;
        return std::pair{box.x1 - text, std::floor((box.width() - text + SPACE) / step)};
    };
    More with{0, true}, without{0, false};
    const auto [right_with, chips_with] = chips_beside(with);
    const auto [right_without, chips_without] = chips_beside(without);
    with.right = right_with;
    without.right = right_without;
    return chips_without > chips_with ? without : with;
}

} // namespace

ListStrip page_strip(const Pen& pen, const mm::physical_memory& mem, const mm::page_list& list, const BlockInk& ink) {
    return {.nr = list.nr,
            .at = [&mem, &list](u32 index) { return u64{walk_to(mem, list, index)}; },
            .next =
                [&mem](u64 item) {
                    const pfn_t pfn = static_cast<pfn_t>(item);
                    return mem.pfn_valid(pfn) ? u64{mem.page_at(pfn).next} : item;
                },
            .label = [](u64 item) { return hex_pfn(static_cast<pfn_t>(item)); },
            .ink = [ink](u64) { return ink; },
            .chip_width = chip_width(pen, hex_pfn(mem.end_pfn))};
}

void keep_latest_gone(std::vector<StripMark>& marks, std::size_t most) {
    std::size_t gone =
        static_cast<std::size_t>(std::count_if(marks.begin(), marks.end(), [](const StripMark& m) { return m.gone; }));
    std::erase_if(marks, [&](const StripMark& mark) { return mark.gone && gone-- > most; });
}

float chip_width(const Pen& pen, std::string_view widest_label) {
    return pen.width_of(widest_label, chip_text(0)) + 2 * PADDING;
}

float chip_top(float row_height) {
    const float spare = row_height - STRIP_CHIP_HEIGHT - WORD_ROOM;
    return spare >= 0 ? std::min(spare, 4.0f) : std::max(0.0f, (row_height - STRIP_CHIP_HEIGHT) / 2);
}

DrawnStrip draw_list_strip(Pen& pen, const ListStrip& strip, const Rect& box, float& scroll, ImVec2 pointer) {
    DrawnStrip out;
    const float step = strip.chip_width + SPACE;
    float gone_width = 0;
    for (const StripMark& mark : strip.marks) gone_width += mark.gone ? step : 0;
    const float all = static_cast<float>(strip.nr) * step + gone_width;
    scroll = std::clamp(scroll, 0.0f, std::max(0.0f, all - box.width()));

    // Whole chips only, unless the row is scrolled; the rest is counted at its end.
    const bool overflows = box.x0 - scroll + all - SPACE > box.x1 + 0.5f;
    const More more = overflows ? room_for_more(pen, strip, box, step) : More{box.x1};
    const float y = box.y0;
    pen.clip({box.x0 - 3, box.y0 - 60, box.x1 + 3, box.y1 + 4});
    float x = draw_gone(pen, strip, box.x0 - scroll, y, box.y1, false);
    const u32 first = static_cast<u32>(std::max(0.0f, std::floor((box.x0 - x) / step)));
    u32 index = std::min(strip.nr, first);
    x += static_cast<float>(first) * step;
    u64 item = index < strip.nr ? strip.at(index) : 0;
    for (; index < strip.nr && x + strip.chip_width <= more.right + 0.5f; x += step) {
        const Rect r{x, y, x + strip.chip_width, y + STRIP_CHIP_HEIGHT};
        const StripMark* mark = mark_of(strip, item);
        draw_chip(pen, r, strip, item, mark);
        if (mark) draw_word(pen, r, *mark, box.y1);
        if (r.contains(pointer) && box.contains(pointer)) out.under_pointer = item;
        out.chips.emplace_back(item, r);
        if (++index < strip.nr) item = strip.next(item);
    }
    out.end = x;
    if (index < strip.nr) {
        const std::string text = more.text(pen, strip.nr - index);
        pen.text(x + 2, y + (STRIP_CHIP_HEIGHT - TEXT_SMALL) / 2, text, more_look(pen));
        out.end += pen.width_of(text, more_look(pen)) + 8;
    } else {
        out.end = draw_gone(pen, strip, x, y, box.y1, true);
    }
    pen.unclip();
    return out;
}

ListRowAnswer draw_list_row(Pen& pen, const ListRow& row, const ScrollArea& area, float& scroll) {
    if (!area.sees(row.box)) return {};
    const Rect frame = pen.snap(Rect{row.box.x0 - 4, row.box.y0 + 1, row.box.x1 + 4, row.box.y1});
    if (row.searched) pen.fill(frame, with_alpha(pen.p.accent, TOUCHED_TINT));
    if (row.selected) pen.outline(frame, pen.p.ink, pen.hairline());

    const Rect chips{row.box.x0, row.box.y0 + chip_top(row.box.height()), row.box.x1, row.box.y1};
    const float middle = chips.y0 + (STRIP_CHIP_HEIGHT - TEXT_SMALL) / 2;
    const TextLook note{pen.p.accent, TEXT_SMALL, Face::words};
    const DrawnStrip drawn = draw_list_strip(pen, row.strip, chips, scroll, area.pointer());
    for (const auto& [item, chip] : drawn.chips) area.offer(chip, row.strip.selected == item);
    if (row.strip.nr == 0 && row.strip.marks.empty()) {
        const TextLook look{row.searched ? pen.p.accent : pen.p.muted, TEXT_SMALL, Face::words};
        if (row.says_empty) pen.text(row.box.x0 + 2, middle, row.searched ? pen.say(words::EMPTY) : "—", look);
    } else if (row.searched) {
        const float width = pen.width_of(pen.say(words::WAS_EMPTY), note);
        if (drawn.end + width + 6 <= row.box.x1) pen.text(row.box.x1 - width, middle, pen.say(words::WAS_EMPTY), note);
    }
    if (!row.box.contains(area.pointer())) return {};
    scroll_along_row(scroll);
    return {area.pressed(), drawn.under_pointer};
}

float draw_list_name(Pen& pen, float x, float y, float x1, Rgba colour, const std::string& name) {
    pen.fill(pen.snap(Rect{x, y + 2, x + 9, y + 11}), colour);
    const TextLook look{pen.p.ink, 12, Face::words}, quiet{pen.p.muted, TEXT_SMALL, Face::words};
    pen.text(x + 15, y, name, look);
    const float end = x + 15 + pen.width_of(name, look);
    const std::string direction = std::string(pen.say(words::HEAD)) + " → " + pen.say(words::TAIL);
    const float width = pen.width_of(direction, quiet);
    if (end + 10 + width > x1) return end;
    pen.text(end + 10, y + 1, direction, quiet);
    return end + 10 + width;
}

} // namespace shell
