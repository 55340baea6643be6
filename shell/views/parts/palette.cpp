#include "views/parts/palette.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace shell {

namespace {

using mm::u32;

constexpr float FREE_TINT = 0.13f; // of a free block's colour in the paper
constexpr float HATCH_TINT = 0.28f;

constexpr Palette LIGHT{
    .paper = rgb(0xfcfcfa),
    .panel = rgb(0xf3f3ef),
    .ink = rgb(0x1b1f24),
    .muted = rgb(0x5a646e),
    .faint = rgb(0xd9dcd9),
    .accent = rgb(0xb83f08),
    .buddy = rgb(0x926200),
    .good = rgb(0x0b7a55),
    .bad = rgb(0xb42318),
    .reserved = rgb(0xc3c8cb),
    .hole = rgb(0xf0f0ec),
    .free = rgb(0x256c9e),
    .allocated = rgb(0x1f5f93),
    .pcp = rgb(0x00875f),
    .type = {rgb(0xb85c8e), rgb(0x0072b2), rgb(0x009e73), rgb(0x8f8500), rgb(0x2797d7), rgb(0x6b7178)},
    .category = {rgb(0x0072b2), rgb(0x009e73), rgb(0xb85c8e), rgb(0x8f8500), rgb(0x2797d7), rgb(0x5e4fa2),
                 rgb(0x7a5c3e), rgb(0x6b7178)},
    .age = {rgb(0xb83f08), rgb(0xa8327a), rgb(0x7b2f8f), rgb(0x4f4a9c), rgb(0x3f74a8), rgb(0x568bab), rgb(0x87949a)},
    .scale = {rgb(0x440f54), rgb(0x3d2b6d), rgb(0x2f426f), rgb(0x21556a), rgb(0x176763), rgb(0x1b7757), rgb(0x2d8731),
              rgb(0x768d13), rgb(0xa39200)},
};

constexpr Palette DARK{
    .paper = rgb(0x15181c),
    .panel = rgb(0x20252b),
    .ink = rgb(0xe9ebed),
    .muted = rgb(0xa0aab4),
    .faint = rgb(0x343b43),
    .accent = rgb(0xff9a4d),
    .buddy = rgb(0xf0d264),
    .good = rgb(0x4cc79a),
    .bad = rgb(0xff7a6b),
    .reserved = rgb(0x454c54),
    .hole = rgb(0x1b1f24),
    .free = rgb(0x56a8dc),
    .allocated = rgb(0x3c7db3),
    .pcp = rgb(0x3cc596),
    .type = {rgb(0xdd8fbb), rgb(0x4a9ede), rgb(0x2fbf93), rgb(0xe4d84a), rgb(0x8fd3f7), rgb(0x9aa3ac)},
    .category = {rgb(0x4a9ede), rgb(0x2fbf93), rgb(0xdd8fbb), rgb(0xe4d84a), rgb(0x8fd3f7), rgb(0x9b8fe0),
                 rgb(0xc19a73), rgb(0x9aa3ac)},
    .age = {rgb(0xff9a4d), rgb(0xf37fa8), rgb(0xc77dd8), rgb(0x938ee8), rgb(0x5f97cf), rgb(0x56809b), rgb(0x5c6671)},
    .scale = {rgb(0x7d4fa8), rgb(0x6a5fbe), rgb(0x5278c4), rgb(0x3f8fbb), rgb(0x35a5a5), rgb(0x45ba87), rgb(0x7acb62),
              rgb(0xb9d645), rgb(0xf3e04a)},
};

constexpr std::array<u32, 4> AGE_LIMITS = {10, 100, 1000, 10000};

u32 channel(Rgba colour, int shift) { return colour >> shift & 0xff; }

Rgba colour_of(const Palette& p, ColourBy by, const BlockLook& look, u32 nr_orders) {
    switch (by) {
    case ColourBy::type: return p.type[look.type];
    case ColourBy::order: return p.order(look.order, nr_orders);
    case ColourBy::zone: return p.zone(look.zone_slot);
    case ColourBy::age: return p.age[look.age];
    case ColourBy::state: break;
    }
    switch (look.state) {
    case mm::page_state::buddy: return p.free;
    case mm::page_state::pcp: return p.pcp;
    case mm::page_state::leaked: return p.bad;
    default: return p.allocated;
    }
}

std::string hex(Rgba colour) {
    char text[8];
    std::snprintf(text, sizeof text, "#%02x%02x%02x", channel(colour, 0), channel(colour, 8), channel(colour, 16));
    return text;
}

template <class Colours>
std::string hex_list(const Colours& colours) {
    std::string out = "[";
    for (Rgba colour : colours) out += (out.size() > 1 ? ",\"" : "\"") + hex(colour) + "\"";
    return out + "]";
}

} // namespace

Rgba mix(Rgba from, Rgba to, float amount) {
    Rgba out = 0xff000000u;
    for (int shift : {0, 8, 16}) {
        const float a = static_cast<float>(channel(from, shift));
        const float b = static_cast<float>(channel(to, shift));
        out |= static_cast<u32>(a + (b - a) * amount + 0.5f) << shift;
    }
    return out;
}

namespace {

// Relative luminance, as WCAG has it.
float luminance(Rgba colour) {
    const auto linear = [&](int shift) {
        const float part = static_cast<float>(channel(colour, shift)) / 255.0f;
        return part <= 0.03928f ? part / 12.92f : std::pow((part + 0.055f) / 1.055f, 2.4f);
    };
    return 0.2126f * linear(0) + 0.7152f * linear(8) + 0.0722f * linear(16);
}

} // namespace

float contrast(Rgba a, Rgba b) {
    const float of_a = luminance(a), of_b = luminance(b);
    return (std::max(of_a, of_b) + 0.05f) / (std::min(of_a, of_b) + 0.05f);
}

Rgba readable_on(Rgba background) {
    const Rgba black = rgb(0x000000), white = rgb(0xffffff);
    return contrast(black, background) > contrast(white, background) ? black : white;
}

Rgba quieter(Rgba text, Rgba background) {
    Rgba out = text;
    for (float part = 0.05f; part < 0.45f; part += 0.05f) {
        const Rgba next = mix(text, background, part);
        if (contrast(next, background) < TEXT_CONTRAST) break;
        out = next;
    }
    return out;
}

Rgba Palette::text(Rgba colour) const {
    Rgba out = colour;
    for (float part = 0.1f; part <= 1 && contrast(out, paper) < TEXT_CONTRAST; part += 0.1f)
        out = mix(colour, ink, part);
    return out;
}

ColourBy colour_by(std::string_view name) {
    if (name == "type") return ColourBy::type;
    if (name == "order") return ColourBy::order;
    if (name == "zone") return ColourBy::zone;
    if (name == "age") return ColourBy::age;
    return ColourBy::state;
}

mm::u8 age_bucket(u32 stamp, u32 now) {
    if (stamp >= now && now > 0) return 0;
    if (stamp == 0) return AGE_BUCKETS - 1;
    const u32 age = now - stamp;
    mm::u8 bucket = 1;
    for (u32 limit : AGE_LIMITS) {
        if (age <= limit) return bucket;
        ++bucket;
    }
    return bucket;
}

u32 next_age_change(u32 stamp, u32 now) {
    if (stamp == 0) return 0xffffffffu;
    if (stamp >= now) return stamp + 1;
    for (u32 limit : AGE_LIMITS)
        if (now - stamp <= limit) return stamp + limit + 1;
    return 0xffffffffu;
}

Rgba Palette::order(u32 order, u32 nr_orders) const {
    const float last = static_cast<float>(scale.size() - 1);
    const float place = nr_orders > 1 ? static_cast<float>(order) * last / static_cast<float>(nr_orders - 1) : 0.0f;
    const std::size_t below = std::min(static_cast<std::size_t>(place), scale.size() - 2);
    return mix(scale[below], scale[below + 1], std::min(place - static_cast<float>(below), 1.0f));
}

BlockInk Palette::block(ColourBy by, const BlockLook& look, u32 nr_orders) const {
    if (look.state == mm::page_state::hole) return {hole, hole, Pattern::none};
    if (look.state == mm::page_state::reserved) {
        const Rgba grey = by == ColourBy::zone ? mix(reserved, zone(look.zone_slot), 0.25f) : reserved;
        return {grey, grey, Pattern::none};
    }
    // The head of a block on its way from a list to its user, or a tail whose block has been freed without it.
    if (look.state == mm::page_state::tail) return {paper, muted, Pattern::hollow};
    const Rgba colour = colour_of(*this, by, look, nr_orders);
    switch (look.state) {
    case mm::page_state::buddy: return {mix(paper, colour, FREE_TINT), colour, Pattern::hollow};
    case mm::page_state::pcp: return {mix(paper, colour, HATCH_TINT), colour, Pattern::hatched};
    case mm::page_state::leaked: return {mix(paper, colour, HATCH_TINT), bad, Pattern::crossed};
    default: return {colour, mix(colour, paper, 0.6f), Pattern::solid};
    }
}

std::vector<DrawnPair> drawn_pairs(const Palette& p) {
    std::vector<DrawnPair> out;
    const auto text = [&](std::string_view what, Rgba front, Rgba back) {
        out.push_back({what, front, back, TEXT_CONTRAST});
    };
    const auto shape = [&](std::string_view what, Rgba front) {
        out.push_back({what, front, p.paper, SHAPE_CONTRAST});
    };
    for (const Rgba back : {p.paper, p.panel, p.hole, mix(p.paper, p.accent, TOUCHED_TINT)}) {
        text("ink", p.ink, back);
        text("muted", p.muted, back);
        text("accent", p.accent, back);
    }
    for (const Rgba back : {p.paper, p.panel}) {
        text("free", p.free, back);
        text("buddy", p.buddy, back);
        text("good", p.good, back);
        text("bad", p.bad, back);
    }
    text("a chosen chip", p.paper, p.ink);
    for (const Rgba colour : p.category) {
        text("the name of a level, an allocator", p.text(colour), p.paper);
        text("a bit that is 0", p.muted, mix(p.paper, colour, BITS_TINT));
        text("a bit that is 1", p.ink, mix(p.paper, colour, BITS_TINT));
    }
    std::vector<Rgba> fills = {p.accent, p.buddy, p.good, p.bad, p.free, p.allocated, p.pcp, p.reserved, p.muted};
    for (const Rgba colour : p.type) fills.push_back(colour);
    for (const Rgba colour : p.category) fills.push_back(colour);
    for (const Rgba colour : p.age) fills.push_back(colour);
    for (const Rgba colour : p.scale) fills.push_back(colour);
    for (const Rgba colour : fills) {
        const Rgba label = readable_on(colour), hollow = mix(p.paper, colour, FREE_TINT),
                   hatched = mix(p.paper, colour, HATCH_TINT);
        text("a label on a filled block", label, colour);
        text("what is below it", quieter(label, colour), colour);
        text("a label on a hollow block", p.ink, hollow);
        text("what is below it, hollow", quieter(p.ink, hollow), hollow);
        text("a label on a hatched block", p.ink, hatched);
        // Reserved memory is quiet, as holes and lines that only separate are: labels and the legend name it.
        if (colour != p.reserved) shape("a block, a mark, a line", colour);
    }
    return out;
}

const Palette& palette_of(Theme theme) { return theme == Theme::dark ? DARK : LIGHT; }

std::string palette_json(Theme theme) {
    const Palette& p = palette_of(theme);
    const std::pair<const char*, Rgba> named[] = {
        {"paper", p.paper},         {"panel", p.panel}, {"ink", p.ink},
        {"muted", p.muted},         {"faint", p.faint}, {"accent", p.accent},
        {"buddy", p.buddy},         {"good", p.good},   {"bad", p.bad},
        {"reserved", p.reserved},   {"hole", p.hole},   {"free", p.free},
        {"allocated", p.allocated}, {"pcp", p.pcp},
    };
    std::string out = "{";
    for (const auto& [name, colour] : named) out += "\"" + std::string(name) + "\":\"" + hex(colour) + "\",";
    out += "\"type\":{";
    for (std::size_t i = 0; i < p.type.size(); ++i)
        out += (i > 0 ? ",\"" : "\"") + std::string(mm::migratetype_names[i]) + "\":\"" + hex(p.type[i]) + "\"";
    return out + "},\"zone\":" + hex_list(p.category) + ",\"order\":" + hex_list(p.scale) +
           ",\"age\":" + hex_list(p.age) + "}";
}

} // namespace shell
