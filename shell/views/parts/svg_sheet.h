#pragma once
// The pen's second place to write to: what it draws, as an SVG file. Text is text, shapes are shapes; there is no picture
// in it, no style and no script, only the elements and attributes that are written here.
//
//   <svg> <title> <desc> <defs>…clips and hatches…</defs> <rect/>…paper…  a <g> for each layer with its elements </svg>
//
// A layer is a window of the canvas: what is drawn into it later lies above. What its window clips away is left out, or cut.
// Coordinates are CSS pixels, rounded to 0.01.
#include <imgui.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "views/parts/pen.h"

namespace shell {

// For XML: what nobody sees is written out as shown_text() does, and no character is left that XML does not know.
[[nodiscard]] std::string xml_text(std::string_view text);

// Where something is drawn.
struct SvgSpot {
    const void* layer = nullptr; // the window's list
    Rect clip;
};

// One line of text, as it was measured.
struct SvgText {
    float x = 0, baseline = 0, width = 0;
    std::string_view text;
    TextLook look;
};

// A rectangle of one colour among many: they do not overlap.
struct SvgCell {
    Rect box;
    Rgba colour = 0;
};

struct SvgFrame {
    Rgba colour = 0;
    float thickness = 1;
    float rounding = 0;
    bool dashed = false;
};

struct SvgHead {
    ImVec2 size;
    Rgba paper = 0;
    std::string title, description;
    std::string_view language;
};

class SvgSheet {
  public:
    // What is drawn when the file has this size already is not in it, and finished() gives nothing.
    static constexpr std::size_t MOST_BYTES = 8u << 20;

    void rect(const SvgSpot& at, const Rect& r, Rgba colour, float rounding);
    void frame(const SvgSpot& at, const Rect& r, const SvgFrame& look); // inside the rectangle
    void hatch(const SvgSpot& at, const Rect& r, Rgba colour, float period, float thickness);
    void line(const SvgSpot& at, ImVec2 a, ImVec2 b, Rgba colour, float thickness);
    void curve(const SvgSpot& at, std::span<const ImVec2, 4> bezier, Rgba colour, float thickness);
    void polygon(const SvgSpot& at, std::span<const ImVec2> corners, Rgba colour);
    void dot(const SvgSpot& at, ImVec2 centre, float radius, Rgba colour);
    void text(const SvgSpot& at, const SvgText& line);
    // Many rectangles, by colour. False when they would take more bytes than this: then none is drawn.
    [[nodiscard]] bool cells(const SvgSpot& at, std::span<const SvgCell> cells, std::size_t most_bytes);

    // What is drawn from begin_front() on lies above what is drawn from begin_behind() on.
    void begin_front(const SvgSpot& at);
    void begin_behind(const SvgSpot& at);
    void end_behind(const SvgSpot& at);

    // The file, its layers in this order; nullopt when it would be too large.
    [[nodiscard]] std::optional<std::string> finished(const SvgHead& head, std::span<const void* const> layers);

  private:
    struct Layer {
        std::string body;
        std::optional<std::size_t> clip; // of the group that is open
        std::vector<std::string> under;  // of begin_front() and begin_behind()
    };

    [[nodiscard]] Layer& layer_of(const SvgSpot& at);
    // Where an element that covers `extent` is written; null when nothing of it is seen.
    [[nodiscard]] std::string* open(const SvgSpot& at, const Rect& extent);
    [[nodiscard]] std::size_t clip_number(const Rect& clip);
    static void close_group(Layer& layer);

    std::map<const void*, Layer> layers_;
    std::vector<Rect> clips_;
    std::map<std::string, std::size_t> hatches_; // what is in the pattern, and its number
    std::size_t written_ = 0;                    // bytes, about
};

} // namespace shell
