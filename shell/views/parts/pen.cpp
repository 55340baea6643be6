#include "views/parts/pen.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "views/parts/fonts.h"
#include "views/parts/svg_sheet.h"

namespace shell {

namespace {

constexpr ImWchar CHINESE_SAMPLE = 0x7a7a; // 空

} // namespace

Pen::Pen(ImDrawList& draw_list, const Palette& palette, mm::Language language, SvgSheet* sheet)
    : p(palette), density(std::max(ImGui::GetIO().DisplayFramebufferScale.x, 0.5f)), list_(draw_list), sheet_(sheet) {
    chinese = language == mm::Language::zh && font_words()->IsGlyphInFont(CHINESE_SAMPLE);
}

SvgSpot Pen::spot() const {
    const ImVec2 from = list_.GetClipRectMin(), to = list_.GetClipRectMax();
    return {&list_, {from.x, from.y, to.x, to.y}};
}

ImFont* Pen::font(Face face) const { return face == Face::mono ? font_mono() : font_words(); }

float Pen::snap(float v) const { return std::round(v * density) / density; }

float Pen::hairline() const { return std::max(1.0f, std::floor(density)) / density; }

void Pen::text(float x, float y, std::string_view text, const TextLook& look) {
    list_.AddText(font(look.face), look.size, {snap(x), snap(y)}, look.colour, text.data(), text.data() + text.size());
    if (!sheet_) return;
    for (std::size_t from = 0; from <= text.size(); y += look.size) {
        const std::size_t to = std::min(text.find('\n', from), text.size());
        line_of_text(x, y, text.substr(from, to - from), look);
        from = to + 1;
    }
}

// Where Dear ImGui puts it: at a whole pixel, on its font's baseline.
void Pen::line_of_text(float x, float y, std::string_view line, const TextLook& look) {
    const float baseline = std::trunc(snap(y)) + std::round(font(look.face)->GetFontBaked(look.size)->Ascent);
    sheet_->text(spot(), {std::trunc(snap(x)), baseline, width_of(line, look), line, look});
}

void Pen::text_right(float x1, float y, std::string_view words, const TextLook& look) {
    text(x1 - width_of(words, look), y, words, look);
}

void Pen::text_centred(const Rect& box, std::string_view words, const TextLook& look) {
    const float y = box.y0 + (box.height() - look.size) / 2;
    text(box.x0 + (box.width() - width_of(words, look)) / 2, y, words, look);
}

float Pen::paragraph(float x, float y, float width, std::string_view text, const TextLook& look) {
    ImFont* face = font(look.face);
    const char* const end = text.data() + text.size();
    const float wrap = std::max(width, look.size); // 0 would be no limit
    list_.AddText(face, look.size, {snap(x), snap(y)}, look.colour, text.data(), end, wrap);
    const float bottom = y + face->CalcTextSizeA(look.size, 1e9f, wrap, text.data(), end).y;
    if (!sheet_) return bottom;
    for (const char* at = text.data(); at < end; y += look.size) {
        const char* const stop = std::find(at, end, '\n');
        const char* const to = at < stop ? face->CalcWordWrapPosition(look.size, at, stop, wrap) : stop;
        line_of_text(x, y, {at, static_cast<std::size_t>(to - at)}, look);
        at = std::find_if(to, end, [](char c) { return c != ' ' && c != '\t'; });
        if (at < end && *at == '\n') ++at;
    }
    return bottom;
}

float Pen::width_of(std::string_view text, const TextLook& look) const {
    return font(look.face)->CalcTextSizeA(look.size, 1e9f, 0, text.data(), text.data() + text.size()).x;
}

std::string Pen::fitted(std::string_view text, float width, const TextLook& look) const {
    if (width_of(text, look) <= width) return std::string(text);
    std::string out(text);
    while (!out.empty()) {
        drop_last_character(out);
        if (width_of(out + "…", look) <= width) return out + "…";
    }
    return out;
}

std::string Pen::fitted_end(std::string_view digits, float width, const TextLook& look) const {
    if (width_of(digits, look) <= width) return std::string(digits);
    std::string out(digits);
    do out.erase(0, 1);
    while (!out.empty() && width_of("…" + out, look) > width);
    return "…" + out;
}

void Pen::fill(const Rect& r, Rgba colour, float rounding) {
    list_.AddRectFilled({r.x0, r.y0}, {r.x1, r.y1}, colour, rounding);
    if (sheet_) sheet_->rect(spot(), r, colour, rounding);
}

void Pen::polygon(std::initializer_list<ImVec2> corners, Rgba colour) {
    list_.AddConvexPolyFilled(corners.begin(), static_cast<int>(corners.size()), colour);
    if (sheet_) sheet_->polygon(spot(), {corners.begin(), corners.size()}, colour);
}

void Pen::dot(ImVec2 centre, float radius, Rgba colour) {
    list_.AddCircleFilled(centre, radius, colour);
    if (sheet_) sheet_->dot(spot(), centre, radius, colour);
}

void Pen::frame(const Rect& r, Rgba colour, float rounding) {
    list_.AddRect({r.x0, r.y0}, {r.x1, r.y1}, colour, rounding, 0, hairline());
    if (sheet_) sheet_->frame(spot(), r, {colour, hairline(), rounding});
}

void Pen::outline(const Rect& r, Rgba colour, float t) {
    if (r.width() <= 2 * t || r.height() <= 2 * t) return fill(r, colour);
    const auto side = [&](const Rect& s) { list_.AddRectFilled({s.x0, s.y0}, {s.x1, s.y1}, colour); };
    side({r.x0, r.y0, r.x1, r.y0 + t});
    side({r.x0, r.y1 - t, r.x1, r.y1});
    side({r.x0, r.y0 + t, r.x0 + t, r.y1 - t});
    side({r.x1 - t, r.y0 + t, r.x1, r.y1 - t});
    if (sheet_) sheet_->frame(spot(), r, {colour, t});
}

void Pen::dashed_outline(const Rect& r, Rgba colour, float t) {
    constexpr float step = DASH + DASH_SPACE;
    const auto dash = [&](float x0, float y0, float x1, float y1) { list_.AddRectFilled({x0, y0}, {x1, y1}, colour); };
    for (float x = r.x0; x < r.x1; x += step) {
        const float end = std::min(x + DASH, r.x1);
        dash(x, r.y0, end, r.y0 + t);
        dash(x, r.y1 - t, end, r.y1);
    }
    for (float y = r.y0; y < r.y1; y += step) {
        const float end = std::min(y + DASH, r.y1);
        dash(r.x0, y, r.x0 + t, end);
        dash(r.x1 - t, y, r.x1, end);
    }
    if (sheet_) sheet_->frame(spot(), r, {colour, t, 0, true});
}

void Pen::hatch(const Rect& r, Rgba colour, float period) {
    const float thickness = std::max(period * 0.16f, 1.0f / density);
    // Lines x + y = c, where c is a multiple of the period on the whole canvas: neighbours join.
    const float first = std::ceil((r.x0 + r.y0) / period) * period;
    for (float c = first; c < r.x1 + r.y1; c += period) {
        const ImVec2 a = c - r.x0 <= r.y1 ? ImVec2{r.x0, c - r.x0} : ImVec2{c - r.y1, r.y1};
        const ImVec2 b = c - r.y0 <= r.x1 ? ImVec2{c - r.y0, r.y0} : ImVec2{r.x1, c - r.x1};
        list_.AddLine(a, b, colour, thickness);
    }
    if (sheet_) sheet_->hatch(spot(), r, colour, period, thickness);
}

void Pen::cross(const Rect& r, Rgba colour) {
    const float t = 1.5f;
    line({r.x0, r.y0}, {r.x1, r.y1}, colour, t);
    line({r.x0, r.y1}, {r.x1, r.y0}, colour, t);
}

void Pen::block(const Rect& r, const BlockInk& ink, float hatch_period) {
    switch (ink.pattern) {
    case Pattern::none: fill(r, ink.fill); return;
    case Pattern::solid: fill(r, ink.fill); return;
    case Pattern::hollow: break;
    case Pattern::hatched:
    case Pattern::crossed: break;
    }
    const float t = hairline();
    fill(r, ink.line);
    const Rect inside = r.grown(-t);
    if (inside.width() <= 0 || inside.height() <= 0) return;
    fill(inside, ink.fill);
    if (ink.pattern == Pattern::hatched) hatch(inside, ink.line, hatch_period);
    if (ink.pattern == Pattern::crossed) cross(inside, ink.line);
}

void Pen::line(ImVec2 a, ImVec2 b, Rgba colour, float thickness) {
    list_.AddLine(a, b, colour, thickness);
    if (sheet_) sheet_->line(spot(), a, b, colour, thickness);
}

void Pen::arrow_head(ImVec2 tip, ImVec2 direction, Rgba colour, float size) {
    const float length = std::max(std::hypot(direction.x, direction.y), 1e-3f);
    const ImVec2 d{direction.x / length * size, direction.y / length * size};
    polygon({tip,
             {tip.x - d.x - d.y * 0.5f, tip.y - d.y + d.x * 0.5f},
             {tip.x - d.x + d.y * 0.5f, tip.y - d.y - d.x * 0.5f}},
            colour);
}

void Pen::arrow(ImVec2 from, ImVec2 tip, Rgba colour, const ArrowLook& look) {
    const ImVec2 d{tip.x - from.x, tip.y - from.y};
    const float length = std::hypot(d.x, d.y);
    if (length < 1) return;
    const ImVec2 side{-d.y * look.bend, d.x * look.bend};
    const ImVec2 towards{tip.x - d.x / 3 - side.x, tip.y - d.y / 3 - side.y}; // where the curve comes from at its end
    const float end =
        std::min(look.head * 0.8f, length) / std::max(std::hypot(tip.x - towards.x, tip.y - towards.y), 1e-3f);
    const ImVec2 neck{tip.x - (tip.x - towards.x) * end, tip.y - (tip.y - towards.y) * end};
    const ImVec2 bezier[] = {from, {from.x + d.x / 3 - side.x, from.y + d.y / 3 - side.y}, towards, neck};
    list_.AddBezierCubic(bezier[0], bezier[1], bezier[2], bezier[3], colour, look.thickness);
    if (sheet_) sheet_->curve(spot(), bezier, colour, look.thickness);
    arrow_head(tip, {tip.x - towards.x, tip.y - towards.y}, colour, look.head);
}

void Pen::panel(const Rect& r) {
    const Rect s = snap(r);
    fill(s, with_alpha(p.panel, 0.95f), 4);
    frame(s, p.faint, 4);
}

void Pen::clip(const Rect& r) { list_.PushClipRect({r.x0, r.y0}, {r.x1, r.y1}, true); }
void Pen::unclip() { list_.PopClipRect(); }

void Pen::begin_front() {
    list_.ChannelsSplit(2);
    list_.ChannelsSetCurrent(1);
    if (sheet_) sheet_->begin_front(spot());
}

void Pen::begin_behind() {
    list_.ChannelsSetCurrent(0);
    if (sheet_) sheet_->begin_behind(spot());
}

void Pen::end_behind() {
    list_.ChannelsMerge();
    if (sheet_) sheet_->end_behind(spot());
}

void drop_last_character(std::string& utf8) {
    while (utf8.size() > 1 && (utf8.back() & 0xc0) == 0x80) utf8.pop_back();
    utf8.pop_back(); // what began the character
}

std::string hex_pfn(mm::frame_t pfn) {
    char text[19];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(pfn));
    return text;
}

std::string grouped(mm::i64 value) {
    std::string digits = std::to_string(value);
    const std::size_t sign = value < 0 ? 1 : 0;
    for (std::size_t i = digits.size(); i > sign + 3;) {
        i -= 3;
        digits.insert(i, ",");
    }
    return digits;
}

std::string from_to(mm::i64 before, mm::i64 now) {
    return before == now ? grouped(now) : grouped(before) + " → " + grouped(now);
}

std::string size_text(mm::u64 bytes) {
    static constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < std::size(units)) {
        value /= 1024;
        ++unit;
    }
    char text[32];
    const bool whole = value == std::floor(value) || value >= 100;
    std::snprintf(text, sizeof text, whole ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return text;
}

std::string bits_text(mm::u8 high, mm::u8 low) {
    return high == low ? std::to_string(high) : std::to_string(high) + ":" + std::to_string(low);
}

} // namespace shell
