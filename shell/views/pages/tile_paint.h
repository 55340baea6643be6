#pragma once
// One tile of the map as pixels: 1024 frames of one cell, from 32 x 32 texels down to a few (density), or up to 8 x 8
// texels a frame with the outlines of blocks.
#include <span>
#include <vector>

#include "physical/memory.h"
#include "views/pages/zorder.h"
#include "views/parts/palette.h"

namespace shell {

inline constexpr mm::u32 TILE_ORDER_MAX = 10;

// A block as far as it lies in the tile, or an aligned run of frames without memory.
struct BlockSpan {
    mm::u32 offset = 0;            // frames into the tile; a multiple of 2^order
    mm::u8 order = 0;              // of the span: smaller than the block's own when the block is larger than the tile
    bool outside = false;          // frames of another zone
    mm::u32 stamp = 0;             // of the block
    mm::pfn_t head = mm::PFN_NONE; // of the block; none for frames without one
    BlockLook look;                // of the block
};

// What a view of the map needs to know to look at blocks.
struct MapLens {
    const mm::physical_memory& mem;
    CellLayout layout = CellLayout::z_order;
    ColourBy by = ColourBy::state;
    mm::u32 now = 0; // number of the op that counts as the current one, for the age
};

[[nodiscard]] constexpr mm::u32 tile_order(mm::u32 cell_order) {
    return cell_order < TILE_ORDER_MAX ? cell_order : TILE_ORDER_MAX;
}

// The blocks of the tile that begins at `first`, by address; they cover it. Frames whose zone is not zone_slot are
// outside.
void tile_blocks(const MapLens& lens, mm::pfn_t first, mm::u32 zone_slot, std::vector<BlockSpan>& out);

// Texels of a tile: `shift` 3 is 8 x 8 texels a frame, 0 is one, -2 is one for 4 x 4 frames.
struct TileSize {
    mm::u32 width = 0;
    mm::u32 height = 0;
};
// log2 of texels along a frame's side that a tile of `cell_order` may have.
inline constexpr int MAX_TEXEL_SHIFT = 3;
[[nodiscard]] int min_texel_shift(mm::u32 cell_order, CellLayout layout);
[[nodiscard]] TileSize tile_size(mm::u32 cell_order, CellLayout layout, int shift);

// Paints into `pixels` (row after row of `pitch` texels). Returns the op number at which the picture changes though the
// machine does not (colour by age); 0xffffffff: never. `scratch` is reused between calls.
struct TileScratch {
    std::vector<BlockSpan> blocks;
    std::vector<Rgba> frames;
};
mm::u32 paint_tile(const MapLens& lens, const Palette& palette, mm::pfn_t first, mm::u32 zone_slot, int shift,
                   Rgba* pixels, mm::u32 pitch, TileScratch& scratch);

} // namespace shell
