#pragma once
// A number cut into groups of bits: each group a box of its bits, with its name and its value below.
//
//   |0000000001111|  |0|  |11|
//    index 15:3       TI 2  RPL 1:0
//    15               GDT   3
#include <span>
#include <string>

#include "views/parts/pen.h"

namespace shell {

struct BitBox {
    mm::u8 high = 0, low = 0; // both inclusive
    mm::u64 bits = 0;         // shifted down
    std::string name{};
    std::string value{};
    Face value_face = Face::mono;
    Rgba colour = 0;
    bool quiet = false; // tinted less than the others
};
// Boxes go on in the next line where one does not fit. Returns where they end.
float draw_bit_boxes(Pen& pen, std::span<const BitBox> boxes, float x0, float x1, float y);

} // namespace shell
