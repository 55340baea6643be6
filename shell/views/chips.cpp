#include "views/chips.h"

#include <algorithm>
#include <cmath>

#include "views/words.h"

namespace shell {

namespace {

using mm::pfn_t;
using mm::u32;

constexpr float SPACE = 4, PADDING = 5;

TextLook chip_text(Rgba colour) { return {colour, 12, Face::mono}; }

// The block `index` places from the head, walking from the nearer end.
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

const ChipMark* mark_of(const ChipRow& row, pfn_t pfn) {
    for (const ChipMark& mark : row.marks)
        if (mark.pfn == pfn && !mark.gone) return &mark;
    return nullptr;
}

void draw_chip(Pen& pen, const Rect& place, pfn_t pfn, const ChipRow& row, const ChipMark* mark) {
    Rect r = place;
    if (mark) {
        r.y0 -= mark->fall;
        r.y1 -= mark->fall;
    }
    r = pen.snap(r);
    const float line = pen.hairline();
    if (mark && mark->gone) {
        pen.dashed_outline(r, mark->colour, line);
        pen.text_centred(r, hex_pfn(pfn), chip_text(mark->colour));
        return;
    }
    pen.block(r, row.ink, 6);
    if (mark) {
        if (mark->glow > 0) pen.fill(r, with_alpha(mark->colour, 0.4f * mark->glow));
        pen.outline(r.grown(line), mark->colour, 2 * line);
    }
    if (pfn == row.selected) pen.outline(r.grown(2 * line), pen.p.ink, 2 * line);
    const Rgba ink = row.ink.pattern == Pattern::solid ? readable_on(row.ink.fill) : pen.p.ink;
    if (row.ink.pattern == Pattern::hatched) {
        const float width = pen.width_of(hex_pfn(pfn), chip_text(ink));
        const ImVec2 c = r.centre();
        pen.fill({c.x - width / 2 - 3, c.y - 7, c.x + width / 2 + 3, c.y + 7}, mix(pen.p.paper, row.ink.fill, 0.5f));
    }
    pen.text_centred(r, hex_pfn(pfn), chip_text(ink));
}

void draw_word(Pen& pen, const Rect& chip, const ChipMark& mark, float bottom) {
    const TextLook look{mark.colour, TEXT_SMALL, Face::words};
    if (!*mark.word || chip.y1 + TEXT_SMALL + 2 > bottom) return;
    pen.text(chip.x0 + 1, chip.y1 + 1, mark.word, look);
}

// Chips of blocks that have left the list. Returns where the next thing may begin.
float draw_gone(Pen& pen, const ChipRow& row, float x, float y, float width, float bottom, bool at_tail) {
    for (const ChipMark& mark : row.marks) {
        if (!mark.gone || mark.at_tail != at_tail) continue;
        const Rect r{x, y, x + width, y + CHIP_HEIGHT};
        draw_chip(pen, r, mark.pfn, row, &mark);
        draw_word(pen, r, mark, bottom);
        x += width + SPACE;
    }
    return x;
}

TextLook more_look(const Pen& pen) { return {pen.p.muted, TEXT_SMALL, Face::words}; }

// "+212 more": what does not fit.
std::string more_text(const Pen& pen, u32 hidden) { return "+" + grouped(hidden) + " " + pen.say(words::MORE); }

} // namespace

void scroll_by_pointer(float& scroll) {
    const ImGuiIO& io = ImGui::GetIO();
    scroll -= (io.MouseWheelH + (io.KeyShift ? io.MouseWheel : 0)) * 60;
    if (ImGui::IsMouseDragging(ImGuiMouseButton_Left, 4)) scroll -= io.MouseDelta.x;
}

std::string direction_text(const Pen& pen) { return std::string(pen.say(words::HEAD)) + " → " + pen.say(words::TAIL); }

float chip_width(const Pen& pen, const mm::physical_memory& mem) {
    return pen.width_of(hex_pfn(mem.end_pfn), chip_text(0)) + 2 * PADDING;
}

DrawnChips draw_chips(Pen& pen, const ChipRow& row, const Rect& box, float& scroll, ImVec2 pointer) {
    DrawnChips out;
    const float width = chip_width(pen, row.mem);
    const float step = width + SPACE;
    float gone_width = 0;
    for (const ChipMark& mark : row.marks) gone_width += mark.gone ? step : 0;
    const float all = static_cast<float>(row.list.nr) * step + gone_width;
    scroll = std::clamp(scroll, 0.0f, std::max(0.0f, all - box.width()));

    // Whole chips only, unless the row is scrolled; the rest is counted at its end.
    const float list_end = box.x0 - scroll + all - SPACE;
    const bool overflows = list_end > box.x1 + 0.5f;
    const float more = overflows ? pen.width_of(more_text(pen, row.list.nr), more_look(pen)) + 8 : 0;
    const float right = box.x1 - more;

    const float y = box.y0 + 2;
    pen.list.PushClipRect({box.x0 - 3, box.y0 - 60}, {box.x1 + 3, box.y1 + 4}, true);
    float x = draw_gone(pen, row, box.x0 - scroll, y, width, box.y1, false);
    const u32 first = static_cast<u32>(std::max(0.0f, std::floor((box.x0 - x) / step)));
    u32 shown_end = std::min(row.list.nr, first);
    pfn_t pfn = first < row.list.nr ? walk_to(row.mem, row.list, first) : mm::PFN_NONE;
    x += static_cast<float>(first) * step;
    for (; pfn != mm::PFN_NONE && x + width <= right + 0.5f; pfn = row.mem.page_at(pfn).next, x += step, ++shown_end) {
        const Rect r{x, y, x + width, y + CHIP_HEIGHT};
        const ChipMark* mark = mark_of(row, pfn);
        draw_chip(pen, r, pfn, row, mark);
        if (mark) draw_word(pen, r, *mark, box.y1);
        if (r.contains(pointer) && box.contains(pointer)) out.under_pointer = pfn;
    }
    out.end = x;
    if (shown_end < row.list.nr) {
        const std::string text = more_text(pen, row.list.nr - shown_end);
        pen.text(x + 2, y + 4, text, more_look(pen));
        out.end += pen.width_of(text, more_look(pen)) + 8;
    } else {
        out.end = draw_gone(pen, row, x, y, width, box.y1, true);
    }
    pen.list.PopClipRect();
    return out;
}

} // namespace shell
