#pragma once
// What every view draws with: text, blocks by their pattern, marks, panels. Coordinates are CSS pixels of the canvas;
// edges are put on the screen's own pixels, so that they are sharp at any density. With a sheet (svg_sheet.h) the same is
// written there, too.
#include <imgui.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "views/parts/camera.h"
#include "views/parts/palette.h"
#include "views/parts/teller.h"

namespace shell {

class SvgSheet;
struct SvgSpot;

inline constexpr float TEXT_SMALL = 11.0f; // the smallest that is drawn
inline constexpr float TEXT_NORMAL = 13.0f;
inline constexpr float TEXT_LARGE = 15.0f;
inline constexpr float DASH = 4, DASH_SPACE = 3; // of dashed outlines

enum class Face : mm::u8 { words, mono };

struct TextLook {
    Rgba colour = 0;
    float size = TEXT_NORMAL;
    Face face = Face::words;
};

// A rectangle on the screen.
struct Rect {
    float x0 = 0, y0 = 0, x1 = 0, y1 = 0;

    [[nodiscard]] float width() const { return x1 - x0; }
    [[nodiscard]] float height() const { return y1 - y0; }
    [[nodiscard]] Rect grown(float by) const { return {x0 - by, y0 - by, x1 + by, y1 + by}; }
    [[nodiscard]] bool contains(ImVec2 p) const { return p.x >= x0 && p.x < x1 && p.y >= y0 && p.y < y1; }
    [[nodiscard]] bool overlaps(const Rect& o) const { return x0 < o.x1 && o.x0 < x1 && y0 < o.y1 && o.y0 < y1; }
    [[nodiscard]] ImVec2 centre() const { return {(x0 + x1) / 2, (y0 + y1) / 2}; }

    friend bool operator==(const Rect&, const Rect&) = default;
};

// Says Chinese when the font has it.
class Pen : public Teller {
  public:
    Pen(ImDrawList& list, const Palette& palette, mm::Language language, SvgSheet* sheet = nullptr);

    const Palette& p;
    float density = 1; // screen pixels in a CSS pixel

    // The nearest edge of screen pixels.
    [[nodiscard]] float snap(float v) const;
    [[nodiscard]] Rect snap(const Rect& r) const { return {snap(r.x0), snap(r.y0), snap(r.x1), snap(r.y1)}; }
    [[nodiscard]] float hairline() const; // a line of at least one CSS pixel, whole screen pixels

    void text(float x, float y, std::string_view text, const TextLook& look);
    void text_right(float x1, float y, std::string_view text, const TextLook& look);
    void text_centred(const Rect& box, std::string_view text, const TextLook& look);
    [[nodiscard]] float width_of(std::string_view text, const TextLook& look) const;
    // Text in lines of at most this width. Returns where the last line ends.
    float paragraph(float x, float y, float width, std::string_view text, const TextLook& look);
    // As much of the text as fits, with an ellipsis when something is missing.
    [[nodiscard]] std::string fitted(std::string_view text, float width, const TextLook& look) const;
    // The same of its end, for digits: the ends of addresses tell neighbours apart.
    [[nodiscard]] std::string fitted_end(std::string_view digits, float width, const TextLook& look) const;

    void fill(const Rect& r, Rgba colour, float rounding = 0);
    void polygon(std::initializer_list<ImVec2> corners, Rgba colour); // three or four
    void dot(ImVec2 centre, float radius, Rgba colour);
    void frame(const Rect& r, Rgba colour, float rounding);    // a hairline with round corners
    void outline(const Rect& r, Rgba colour, float thickness); // inside the rectangle
    void dashed_outline(const Rect& r, Rgba colour, float thickness);
    void hatch(const Rect& r, Rgba colour, float period);
    void cross(const Rect& r, Rgba colour);
    // A block or a chip: hollow, solid, hatched or crossed.
    void block(const Rect& r, const BlockInk& ink, float hatch_period = 6.0f);
    void line(ImVec2 a, ImVec2 b, Rgba colour, float thickness);
    void arrow_head(ImVec2 tip, ImVec2 direction, Rgba colour, float size);
    struct ArrowLook {
        float head = 7;
        float bend = 0; // to the side, as a part of the length: 0 is straight
        float thickness = 1.5f;
    };
    void arrow(ImVec2 from, ImVec2 tip, Rgba colour, const ArrowLook& look);
    void panel(const Rect& r);

    // What is drawn between the two is seen inside of the rectangle alone.
    void clip(const Rect& r);
    void unclip();
    // What is drawn from the first on lies above what is drawn from the second to the third: a panel is as high as what
    // stands on it, which is known after that was drawn.
    void begin_front();
    void begin_behind();
    void end_behind();

    // A picture of texels is drawn here, where there is no sheet; else as cells().
    [[nodiscard]] ImDrawList& list() const { return list_; }
    [[nodiscard]] SvgSheet* sheet() const { return sheet_; }
    [[nodiscard]] SvgSpot spot() const; // on the sheet

  private:
    [[nodiscard]] ImFont* font(Face face) const;
    void line_of_text(float x, float y, std::string_view line, const TextLook& look);

    ImDrawList& list_;
    SvgSheet* sheet_;
};

// ---- numbers and names as text --------------------------------------------------------------------------------------

// Of text that is not empty, whole characters of UTF-8.
void drop_last_character(std::string& utf8);
[[nodiscard]] std::string hex_pfn(mm::frame_t pfn);             // 0x48050
[[nodiscard]] std::string grouped(mm::i64 value);               // 230,291
[[nodiscard]] std::string from_to(mm::i64 before, mm::i64 now); // 2,945 → 2,944; one number where they are the same
[[nodiscard]] std::string size_text(mm::u64 bytes);             // 1.5 GiB
[[nodiscard]] std::string bits_text(mm::u8 high, mm::u8 low);   // 47:39, or 11 for one bit

} // namespace shell
