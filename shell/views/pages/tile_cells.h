#pragma once
// The texels of a tile as rectangles of one colour: for a sheet, which holds no pictures.
#include <span>
#include <vector>

#include "views/pages/tile_paint.h"
#include "views/parts/svg_sheet.h"

namespace shell {

// Adds to `out` what covers all texels but those in the colour of the paper. The tile stands at `place`.
void add_cells(std::span<const Rgba> texels, const TileSize& size, const Rect& place, Rgba paper,
               std::vector<SvgCell>& out);

} // namespace shell
