#pragma once
// Where a frame stands inside its cell: the square (or 2:1 rectangle) of one block of the highest order.
//
//   z_order   0 1 | 4 5      linear   0  1  2  3
//             2 3 | 6 7               4  5  6  7
//             ----+----               8  9 10 11
//             8 9 | 12 13            12 13 14 15
//
// Invariant: in both layouts the frames of every aligned block of 2^order frames fill one rectangle, and its buddy is the
// other half of the rectangle of order + 1.
#include "base/types.h"

namespace shell {

enum class CellLayout : mm::u8 { z_order, linear };

// In frames, relative to the cell's upper left corner.
struct FrameRect {
    mm::u32 x = 0, y = 0, w = 1, h = 1;
    friend bool operator==(const FrameRect&, const FrameRect&) = default;
};

// log2 of a cell's width and height: a block of an odd order is twice as wide as it is high.
[[nodiscard]] constexpr mm::u32 width_shift(mm::u32 order) { return (order + 1) / 2; }
[[nodiscard]] constexpr mm::u32 height_shift(mm::u32 order) { return order / 2; }

// Every second bit of `value`, from bit 0, packed together.
[[nodiscard]] constexpr mm::u32 even_bits(mm::u32 value) {
    value &= 0x55555555u;
    value = (value | value >> 1) & 0x33333333u;
    value = (value | value >> 2) & 0x0f0f0f0fu;
    value = (value | value >> 4) & 0x00ff00ffu;
    return (value | value >> 8) & 0x0000ffffu;
}

// The inverse: bit i of `value` moves to bit 2i.
[[nodiscard]] constexpr mm::u32 spread_bits(mm::u32 value) {
    value &= 0x0000ffffu;
    value = (value | value << 8) & 0x00ff00ffu;
    value = (value | value << 4) & 0x0f0f0f0fu;
    value = (value | value << 2) & 0x33333333u;
    return (value | value << 1) & 0x55555555u;
}

// The rectangle of the block of 2^order frames that starts `offset` frames into a cell of 2^cell_order frames.
// offset is a multiple of 2^order; order <= cell_order
[[nodiscard]] constexpr FrameRect block_rect(mm::u32 offset, mm::u32 order, mm::u32 cell_order, CellLayout layout) {
    if (layout == CellLayout::z_order)
        return {even_bits(offset), even_bits(offset >> 1), 1u << width_shift(order), 1u << height_shift(order)};
    const mm::u32 row_shift = width_shift(cell_order);
    const mm::u32 row = 1u << row_shift;
    const bool part_of_row = order <= row_shift;
    return {offset & (row - 1), offset >> row_shift, part_of_row ? 1u << order : row,
            part_of_row ? 1u : 1u << (order - row_shift)};
}

// The frame at column x and row y of a cell: the inverse of block_rect(offset, 0, ...).
[[nodiscard]] constexpr mm::u32 frame_at(mm::u32 x, mm::u32 y, mm::u32 cell_order, CellLayout layout) {
    if (layout == CellLayout::z_order) return spread_bits(x) | spread_bits(y) << 1;
    return y << width_shift(cell_order) | x;
}

} // namespace shell
