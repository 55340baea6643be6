#include "views/parts/svg_sheet.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/shown_text.h"

namespace shell {

namespace {

// Where the typefaces of the canvas are not there, one of the same kind; textLength keeps its lines as long.
constexpr std::string_view WORDS_FONTS =
    "Inter, 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', system-ui, sans-serif";
constexpr std::string_view MONO_FONTS = "'JetBrains Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace";

// Rounded to 0.01, without zeros at the end.
std::string number(float value) {
    constexpr float FURTHEST = 1e6f;
    if (std::isnan(value)) value = 0;
    const long hundredths = std::lround(std::clamp(value, -FURTHEST, FURTHEST) * 100.0f);
    const long whole = std::labs(hundredths) / 100, rest = std::labs(hundredths) % 100;
    std::string out = (hundredths < 0 ? "-" : "") + std::to_string(whole);
    if (rest == 0) return out;
    out += rest < 10 ? ".0" : ".";
    out += std::to_string(rest % 10 == 0 ? rest / 10 : rest);
    return out;
}

std::string point(ImVec2 p) { return number(p.x) + " " + number(p.y); }

std::string attribute(std::string_view name, float value) {
    return " " + std::string(name) + "=\"" + number(value) + "\"";
}

// "fill" or "stroke", and how much of it is seen through.
std::string paint(std::string_view name, Rgba colour) {
    char text[16];
    std::snprintf(text, sizeof text, "#%02x%02x%02x", colour & 0xff, colour >> 8 & 0xff, colour >> 16 & 0xff);
    std::string out = " " + std::string(name) + "=\"" + text + "\"";
    if (const mm::u32 alpha = colour >> 24; alpha != 0xff)
        out += attribute(std::string(name) + "-opacity", static_cast<float>(alpha) / 255.0f);
    return out;
}

std::string box(const Rect& r) {
    return attribute("x", r.x0) + attribute("y", r.y0) + attribute("width", r.width()) +
           attribute("height", r.height());
}

Rect cut(const Rect& r, const Rect& clip) {
    return {std::max(r.x0, clip.x0), std::max(r.y0, clip.y0), std::min(r.x1, clip.x1), std::min(r.y1, clip.y1)};
}

bool is_inside(const Rect& r, const Rect& clip) { return cut(r, clip) == r; }

Rect extent_of(std::span<const ImVec2> points, float around) {
    Rect out{points[0].x, points[0].y, points[0].x, points[0].y};
    for (const ImVec2& p : points)
        out = {std::min(out.x0, p.x), std::min(out.y0, p.y), std::max(out.x1, p.x), std::max(out.y1, p.y)};
    return out.grown(around);
}

bool is_seen(Rgba colour) { return colour >> 24 != 0; }

} // namespace

std::string xml_text(std::string_view text) {
    const std::string shown = mm::shown_text(text);
    std::string out;
    out.reserve(shown.size());
    for (std::size_t at = 0; at < shown.size();) {
        const mm::character c = mm::character_at(shown, at);
        switch (c.code) {
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '&': out += "&amp;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        case 0xfffe:
        case 0xffff: out += mm::escaped_character(c.code); break;
        default: out += std::string_view(shown).substr(at, c.bytes);
        }
        at += c.bytes;
    }
    return out;
}

// ---- where elements stand -------------------------------------------------------------------------------------------

SvgSheet::Layer& SvgSheet::layer_of(const SvgSpot& at) { return layers_[at.layer]; }

void SvgSheet::close_group(Layer& layer) {
    if (layer.clip) layer.body += "</g>\n";
    layer.clip.reset();
}

std::size_t SvgSheet::clip_number(const Rect& clip) {
    const auto known = std::find(clips_.begin(), clips_.end(), clip);
    if (known == clips_.end()) return clips_.push_back(clip), clips_.size() - 1;
    return static_cast<std::size_t>(known - clips_.begin());
}

// Elements that have to be cut stand in a group with their clip; what lies inside of the same clip may stand there, too.
std::string* SvgSheet::open(const SvgSpot& at, const Rect& extent) {
    if (written_ > MOST_BYTES || !extent.overlaps(at.clip)) return nullptr;
    Layer& layer = layer_of(at);
    const bool whole = is_inside(extent, at.clip);
    if (layer.clip && clips_[*layer.clip] != at.clip) close_group(layer);
    if (!whole && !layer.clip) {
        layer.clip = clip_number(at.clip);
        layer.body += "<g clip-path=\"url(#clip" + std::to_string(*layer.clip) + ")\">\n";
        written_ += 40;
    }
    return &layer.body;
}

void SvgSheet::begin_front(const SvgSpot& at) {
    Layer& layer = layer_of(at);
    close_group(layer);
    layer.under.push_back(std::exchange(layer.body, {}));
}

void SvgSheet::begin_behind(const SvgSpot& at) { begin_front(at); }

void SvgSheet::end_behind(const SvgSpot& at) {
    Layer& layer = layer_of(at);
    close_group(layer);
    const std::string front = std::move(layer.under.back());
    layer.under.pop_back();
    layer.body = layer.under.back() + layer.body + front;
    layer.under.pop_back();
}

// ---- elements -------------------------------------------------------------------------------------------------------

void SvgSheet::rect(const SvgSpot& at, const Rect& r, Rgba colour, float rounding) {
    const Rect seen = rounding > 0 ? r : cut(r, at.clip);
    if (!is_seen(colour) || seen.width() <= 0 || seen.height() <= 0) return;
    std::string* out = open(at, seen);
    if (!out) return;
    const std::size_t before = out->size();
    *out += "<rect" + box(seen) + paint("fill", colour) + (rounding > 0 ? attribute("rx", rounding) : "") + "/>\n";
    written_ += out->size() - before;
}

void SvgSheet::frame(const SvgSpot& at, const Rect& r, const SvgFrame& look) {
    if (!is_seen(look.colour)) return;
    std::string* out = open(at, r);
    if (!out) return;
    const std::size_t before = out->size();
    const Rect middle = r.grown(-look.thickness / 2);
    const std::string stroke =
        " fill=\"none\"" + paint("stroke", look.colour) + attribute("stroke-width", look.thickness);
    if (look.dashed) {
        const std::string across = "h" + number(r.width()), down = "v" + number(r.height());
        *out += "<path d=\"M" + point({r.x0, middle.y0}) + across + "M" + point({r.x0, middle.y1}) + across + "M" +
                point({middle.x0, r.y0}) + down + "M" + point({middle.x1, r.y0}) + down + "\"" + stroke +
                " stroke-dasharray=\"" + point({DASH, DASH_SPACE}) + "\"/>\n";
    } else {
        *out += "<rect" + box(middle) + stroke + (look.rounding > 0 ? attribute("rx", look.rounding) : "") + "/>\n";
    }
    written_ += out->size() - before;
}

void SvgSheet::hatch(const SvgSpot& at, const Rect& r, Rgba colour, float period, float thickness) {
    const Rect seen = cut(r, at.clip);
    if (!is_seen(colour) || seen.width() <= 0 || seen.height() <= 0) return;
    std::string* out = open(at, seen);
    if (!out) return;
    // One period of lines x + y = c: the diagonal, and the corners that its neighbours cut off.
    const std::string p = number(period), half = number(period / 2), more = number(period * 1.5f);
    const std::string pattern = " width=\"" + p + "\" height=\"" + p +
                                "\" patternUnits=\"userSpaceOnUse\"><path d=\"M0 " + p + "L" + p + " 0M-" + half + " " +
                                half + "L" + half + " -" + half + "M" + half + " " + more + "L" + more + " " + half +
                                "\"" + paint("stroke", colour) + attribute("stroke-width", thickness) + "/>";
    const auto known = hatches_.try_emplace(pattern, hatches_.size());
    const std::size_t before = out->size();
    *out += "<rect" + box(seen) + " fill=\"url(#hatch" + std::to_string(known.first->second) + ")\"/>\n";
    written_ += out->size() - before + (known.second ? pattern.size() : 0);
}

void SvgSheet::line(const SvgSpot& at, ImVec2 a, ImVec2 b, Rgba colour, float thickness) {
    const ImVec2 ends[] = {a, b};
    std::string* out = is_seen(colour) ? open(at, extent_of(ends, thickness)) : nullptr;
    if (!out) return;
    const std::size_t before = out->size();
    *out += "<line" + attribute("x1", a.x) + attribute("y1", a.y) + attribute("x2", b.x) + attribute("y2", b.y) +
            paint("stroke", colour) + attribute("stroke-width", thickness) + "/>\n";
    written_ += out->size() - before;
}

void SvgSheet::curve(const SvgSpot& at, std::span<const ImVec2, 4> bezier, Rgba colour, float thickness) {
    std::string* out = is_seen(colour) ? open(at, extent_of(bezier, thickness)) : nullptr;
    if (!out) return;
    const std::size_t before = out->size();
    *out += "<path d=\"M" + point(bezier[0]) + "C" + point(bezier[1]) + " " + point(bezier[2]) + " " +
            point(bezier[3]) + "\" fill=\"none\"" + paint("stroke", colour) + attribute("stroke-width", thickness) +
            "/>\n";
    written_ += out->size() - before;
}

void SvgSheet::polygon(const SvgSpot& at, std::span<const ImVec2> corners, Rgba colour) {
    std::string* out = is_seen(colour) ? open(at, extent_of(corners, 0)) : nullptr;
    if (!out) return;
    const std::size_t before = out->size();
    *out += "<path d=\"";
    for (std::size_t i = 0; i < corners.size(); ++i) *out += (i == 0 ? "M" : "L") + point(corners[i]);
    *out += "z\"" + paint("fill", colour) + "/>\n";
    written_ += out->size() - before;
}

void SvgSheet::dot(const SvgSpot& at, ImVec2 centre, float radius, Rgba colour) {
    const Rect extent = Rect{centre.x, centre.y, centre.x, centre.y}.grown(radius);
    std::string* out = is_seen(colour) ? open(at, extent) : nullptr;
    if (!out) return;
    const std::size_t before = out->size();
    *out += "<circle" + attribute("cx", centre.x) + attribute("cy", centre.y) + attribute("r", radius) +
            paint("fill", colour) + "/>\n";
    written_ += out->size() - before;
}

void SvgSheet::text(const SvgSpot& at, const SvgText& line) {
    const bool blank = line.text.find_first_not_of(" \t\n") == std::string_view::npos;
    const Rect extent{line.x, line.baseline - line.look.size, line.x + line.width,
                      line.baseline + line.look.size * 0.3f};
    std::string* out = !blank && is_seen(line.look.colour) ? open(at, extent) : nullptr;
    if (!out) return;
    const std::size_t before = out->size();
    *out += "<text" + attribute("x", line.x) + attribute("y", line.baseline) + attribute("font-size", line.look.size) +
            attribute("textLength", line.width) + " lengthAdjust=\"spacingAndGlyphs\"" +
            paint("fill", line.look.colour);
    if (line.look.face == Face::mono) *out += " font-family=\"" + std::string(MONO_FONTS) + "\"";
    *out += ">" + xml_text(line.text) + "</text>\n";
    written_ += out->size() - before;
}

bool SvgSheet::cells(const SvgSpot& at, std::span<const SvgCell> cells, std::size_t most_bytes) {
    std::map<Rgba, std::string> paths;
    std::size_t bytes = 0;
    Rect all = at.clip;
    for (const SvgCell& cell : cells) {
        const Rect r = cut(cell.box, at.clip);
        if (r.width() <= 0 || r.height() <= 0) continue;
        std::string& path = paths[cell.colour];
        const std::size_t before = path.size();
        path += "M" + point({r.x0, r.y0}) + "H" + number(r.x1) + "V" + number(r.y1) + "H" + number(r.x0) + "z";
        bytes += path.size() - before + (before == 0 ? 60 : 0);
        if (bytes > most_bytes) return false;
    }
    std::string* out = paths.empty() ? nullptr : open(at, all);
    if (!out) return true;
    for (const auto& [colour, path] : paths)
        *out += "<path shape-rendering=\"crispEdges\"" + paint("fill", colour) + " d=\"" + path + "\"/>\n";
    written_ += bytes;
    return true;
}

// ---- the file -------------------------------------------------------------------------------------------------------

std::optional<std::string> SvgSheet::finished(const SvgHead& head, std::span<const void* const> layers) {
    const std::string width = number(head.size.x), height = number(head.size.y);
    std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width + "\" height=\"" + height +
                      "\" viewBox=\"0 0 " + width + " " + height + "\" role=\"img\" xml:lang=\"" +
                      std::string(head.language) + "\" xml:space=\"preserve\" font-family=\"" +
                      std::string(WORDS_FONTS) + "\">\n<title>" + xml_text(head.title) + "</title>\n<desc>" +
                      xml_text(head.description) + "</desc>\n<defs>\n";
    for (std::size_t i = 0; i < clips_.size(); ++i)
        out += "<clipPath id=\"clip" + std::to_string(i) + "\"><rect" + box(clips_[i]) + "/></clipPath>\n";
    for (const auto& [pattern, index] : hatches_)
        out += "<pattern id=\"hatch" + std::to_string(index) + "\"" + pattern + "</pattern>\n";
    out += "</defs>\n<rect width=\"" + width + "\" height=\"" + height + "\"" + paint("fill", head.paper) + "/>\n";
    for (const void* const one : layers) {
        const auto found = layers_.find(one);
        if (found == layers_.end()) continue;
        close_group(found->second);
        out += "<g>\n" + found->second.body + "</g>\n";
    }
    out += "</svg>\n";
    if (out.size() > MOST_BYTES) return std::nullopt;
    return out;
}

} // namespace shell
