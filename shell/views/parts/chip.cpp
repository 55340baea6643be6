#include "views/parts/chip.h"

namespace shell {

namespace {

constexpr float PADDING = 7, BETWEEN = 6, BETWEEN_LINES = 6;

TextLook text_look(const Pen& pen, const ChipLook& look) {
    return {look.on ? pen.p.paper : look.mark ? pen.p.accent : pen.p.ink, 12, look.face};
}

} // namespace

float chip_width(const Pen& pen, std::string_view text, const ChipLook& look) {
    return pen.width_of(text, text_look(pen, look)) + 2 * PADDING;
}

Chip draw_chip(Pen& pen, const ScrollArea& area, ImVec2 at, std::string_view text, const ChipLook& look) {
    Chip chip{pen.snap(Rect{at.x, at.y, at.x + chip_width(pen, text, look), at.y + CHIP_HEIGHT})};
    chip.hovered = chip.box.contains(area.pointer());
    chip.pressed = chip.hovered && area.pressed();
    const Rgba line = look.mark ? pen.p.accent : chip.hovered ? pen.p.ink : pen.p.muted;
    pen.fill(chip.box, look.on ? pen.p.ink : pen.p.panel, 4);
    pen.frame(chip.box, line, 4);
    pen.text_centred(chip.box, text, text_look(pen, look));
    return chip;
}

void ChipRow::make_room(float width) {
    if (x_ + width <= x1_ || x_ <= x0_) return;
    x_ = x0_;
    y_ += CHIP_HEIGHT + BETWEEN_LINES;
}

void ChipRow::words(std::string_view text) {
    const TextLook look{pen_.p.muted, 12, Face::words};
    const float width = pen_.width_of(text, look);
    make_room(width + 60); // never alone at the end of a line
    pen_.text(x_, y_ + 4, text, look);
    x_ += width + BETWEEN;
}

bool ChipRow::chip(std::string_view text, const ChipLook& look) {
    make_room(chip_width(pen_, text, look));
    const Chip chip = draw_chip(pen_, area_, {x_, y_}, text, look);
    x_ = chip.box.x1 + BETWEEN;
    return chip.pressed;
}

} // namespace shell
