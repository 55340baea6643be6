#pragma once
// A small label that can be pressed: a frame to go to, one of several choices.
#include <string_view>

#include "views/parts/pen.h"
#include "views/parts/scroll_area.h"

namespace shell {

inline constexpr float CHIP_HEIGHT = 20;

struct ChipLook {
    bool on = false;   // the one of several that is chosen; what is selected
    bool mark = false; // touched by the current op
    Face face = Face::mono;
};
struct Chip {
    Rect box;
    bool hovered = false;
    bool pressed = false;
};

[[nodiscard]] float chip_width(const Pen& pen, std::string_view text, const ChipLook& look = {});
Chip draw_chip(Pen& pen, const ScrollArea& area, ImVec2 at, std::string_view text, const ChipLook& look = {});

// Chips in a row that goes on in the next line where one does not fit.
class ChipRow {
  public:
    ChipRow(Pen& pen, const ScrollArea& area, float x0, float x1, float y)
        : pen_(pen), area_(area), x0_(x0), x1_(x1), x_(x0), y_(y) {}

    void words(std::string_view text);
    // True when it was pressed.
    bool chip(std::string_view text, const ChipLook& look);
    [[nodiscard]] float end() const { return y_ + CHIP_HEIGHT; }

  private:
    void make_room(float width);

    Pen& pen_;
    const ScrollArea& area_;
    float x0_, x1_, x_, y_;
};

} // namespace shell
