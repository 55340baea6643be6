#include "views/kernel/bit_boxes.h"

#include <algorithm>

namespace shell {

namespace {

constexpr float BIT_WIDTH = 10, BIT_HEIGHT = 19, BETWEEN = 7, BELOW = 38, AFTER = 46;

} // namespace

float draw_bit_boxes(Pen& pen, std::span<const BitBox> boxes, float x0, float x1, float y) {
    const TextLook digit{pen.p.ink, TEXT_SMALL, Face::mono};
    float x = x0;
    for (const BitBox& box : boxes) {
        const TextLook value_look{pen.p.ink, TEXT_SMALL, box.value_face};
        const std::string name = box.name + " " + bits_text(box.high, box.low);
        // Only the face for words has Chinese characters.
        const bool is_ascii = std::all_of(name.begin(), name.end(), [](char c) { return (c & 0x80) == 0; });
        const TextLook name_look{pen.p.text(box.colour), TEXT_SMALL, is_ascii ? Face::mono : Face::words};
        const int nr_bits = box.high - box.low + 1;
        const float width = static_cast<float>(nr_bits) * BIT_WIDTH;
        const float whole = std::max({width, pen.width_of(name, name_look), pen.width_of(box.value, value_look)});
        if (x > x0 && x + whole > x1) {
            x = x0;
            y += BIT_HEIGHT + BELOW;
        }
        const Rect frame = pen.snap(Rect{x, y, x + width, y + BIT_HEIGHT});
        pen.fill(frame, mix(pen.p.paper, box.colour, box.quiet ? BITS_TINT / 2 : BITS_TINT));
        pen.fill({frame.x0, frame.y1 - 2, frame.x1, frame.y1}, box.colour);
        for (int bit = 0; bit < nr_bits; ++bit) {
            const float left = x + static_cast<float>(bit) * BIT_WIDTH;
            const bool is_set = (box.bits >> (nr_bits - 1 - bit) & 1) != 0;
            pen.text(left + (BIT_WIDTH - pen.width_of("0", digit)) / 2, y + 3, is_set ? "1" : "0",
                     {is_set ? pen.p.ink : pen.p.muted, digit.size, digit.face});
        }
        pen.text(x, y + BIT_HEIGHT + 3, name, name_look);
        pen.text(x, y + BIT_HEIGHT + 17, box.value, value_look);
        x += whole + BETWEEN;
    }
    return y + AFTER + BIT_HEIGHT;
}

} // namespace shell
