#pragma once
// Colours by what they mean, in light and dark. The page's CSS takes them from palette_json(), so that a word in the
// text and its picture on the canvas have one colour.
//
// Categories are Okabe and Ito's colours, which people with any common colour blindness tell apart; its two oranges are
// kept for what the current op touched. Scales (order, age) also grow in lightness. State survives without colour: free
// is hollow, allocated is filled, per-CPU is hatched.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "choices.h"
#include "physical/page.h"

namespace shell {

// 0xAABBGGRR: what Dear ImGui's vertices and a little-endian RGBA texture hold.
using Rgba = mm::u32;

[[nodiscard]] constexpr Rgba rgb(mm::u32 hex, mm::u32 alpha = 0xff) {
    return alpha << 24 | (hex & 0xff) << 16 | (hex & 0xff00) | hex >> 16;
}
[[nodiscard]] constexpr Rgba with_alpha(Rgba colour, float alpha) {
    return (colour & 0xffffff) | static_cast<mm::u32>(alpha * 255.0f + 0.5f) << 24;
}
// `amount` 0 gives `from`, 1 gives `to`; the result is opaque.
[[nodiscard]] Rgba mix(Rgba from, Rgba to, float amount);

// Contrasts that WCAG asks for at level AA.
inline constexpr float TEXT_CONTRAST = 4.5f, SHAPE_CONTRAST = 3.0f;
[[nodiscard]] float contrast(Rgba a, Rgba b);
// Of black and white, what can be read on `background`.
[[nodiscard]] Rgba readable_on(Rgba background);
// The text nearer to its background, as far as it can still be read: for what explains another text.
[[nodiscard]] Rgba quieter(Rgba text, Rgba background);

enum class ColourBy : mm::u8 { state, type, order, zone, age };
[[nodiscard]] ColourBy colour_by(std::string_view name); // unknown names mean state

enum class Pattern : mm::u8 { none, hollow, solid, hatched, crossed };

// How a block is drawn: `fill` covers it, `line` is its outline and the strokes of its pattern.
struct BlockInk {
    Rgba fill = 0;
    Rgba line = 0;
    Pattern pattern = Pattern::none;
    friend bool operator==(const BlockInk&, const BlockInk&) = default;
};

// What of a block decides its colour.
struct BlockLook {
    mm::page_state state = mm::page_state::hole;
    mm::u8 order = 0;
    mm::migratetype type = mm::MIGRATE_UNMOVABLE;
    mm::u8 zone_slot = 0;
    mm::u8 age = 0; // age_bucket()
};

// 0: touched by the op `now`; 1: up to 10 ops ago, 2: 100, 3: 1000, 4: 10,000; 5: longer ago; 6: at boot.
inline constexpr int AGE_BUCKETS = 7;
[[nodiscard]] mm::u8 age_bucket(mm::u32 stamp, mm::u32 now);
// The first op number at which age_bucket(stamp, ...) is another than at `now`; 0xffffffff: never.
[[nodiscard]] mm::u32 next_age_change(mm::u32 stamp, mm::u32 now);

struct Palette {
    Rgba paper = 0;  // background
    Rgba panel = 0;  // of legends and labels above the picture
    Rgba ink = 0;    // text
    Rgba muted = 0;  // text that explains
    Rgba faint = 0;  // lines that only separate
    Rgba accent = 0; // the current op
    Rgba buddy = 0;  // the other half, where two blocks are shown as a pair
    Rgba good = 0;   // a comparison that passes
    Rgba bad = 0;    // one that fails; a bad page
    Rgba reserved = 0;
    Rgba hole = 0;
    Rgba free = 0;
    Rgba allocated = 0;
    Rgba pcp = 0;
    std::array<Rgba, mm::MIGRATE_TYPES> type{};
    std::array<Rgba, 8> category{}; // zones, in the order of physical_memory::populated
    std::array<Rgba, AGE_BUCKETS> age{};
    std::array<Rgba, 9> scale{}; // small to large

    // A colour of the scale for a block's order on a machine with nr_orders orders.
    [[nodiscard]] Rgba order(mm::u32 order, mm::u32 nr_orders) const;
    // A colour of blocks as a colour of text on paper.
    [[nodiscard]] Rgba text(Rgba colour) const;
    [[nodiscard]] Rgba zone(mm::u32 slot) const { return category[slot % category.size()]; }
    [[nodiscard]] BlockInk block(ColourBy by, const BlockLook& look, mm::u32 nr_orders) const;
};

[[nodiscard]] const Palette& palette_of(Theme theme);

inline constexpr float TOUCHED_TINT = 0.10f; // of the accent, behind rows that the op touched
inline constexpr float BITS_TINT = 0.14f;    // of a level's colour, behind its bits

// What the views draw on what: each pair must have the contrast that it asks for.
struct DrawnPair {
    std::string_view what;
    Rgba front, back;
    float least;
};
[[nodiscard]] std::vector<DrawnPair> drawn_pairs(const Palette& palette);

// {"paper": "#fcfcfa", ..., "type": {"Unmovable": "#cc79a7", ...}, "order": [...], "age": [...]}
[[nodiscard]] std::string palette_json(Theme theme);

} // namespace shell
