#pragma once
// Paints memory: tiles from textures while a frame is smaller than a few pixels, blocks one by one when it is larger. On a
// sheet, tiles are rectangles of one colour.
#include <array>

#include "views/pages/map_layout.h"
#include "views/pages/tile_atlas.h"
#include "views/parts/pen.h"

namespace shell {

// What is painted, and where from.
struct MapScene {
    Pen& pen;
    MapLens lens;
    const MapLayout& layout;
    const Camera& camera;
    Box window;         // where the map is, on the screen
    bool flies = false; // the camera is on its way: finer textures wait until it arrives

    // The cell on the screen's own pixels; gaps between cells are whole pixels or nothing.
    [[nodiscard]] Rect cell_rect(const Box& cell) const;
    // A part of a cell.
    [[nodiscard]] Rect part_rect(const Rect& cell, const FrameRect& part) const;
    // The rectangle of a block, if the map shows it.
    [[nodiscard]] std::optional<Rect> block_rect_of(mm::pfn_t pfn, mm::u32 order) const;
};

class MapPicture {
  public:
    // Cells and, where they fit, labels of blocks.
    void draw(const MapScene& scene);
    // The next scene shows another machine: nothing that was painted may be seen in it.
    void forget();

    // Tiles are still to be painted: draw again soon.
    [[nodiscard]] bool pending() const { return pending_; }

  private:
    void draw_tiles(const MapScene& scene);
    void draw_blocks(const MapScene& scene);
    void draw_shapes(const MapScene& scene);
    [[nodiscard]] bool draw_cells(const MapScene& scene, int shift, std::size_t most_bytes);
    void draw_frames(const MapScene& scene, mm::pfn_t pfn, const BlockSpan& span, const Rect& r);
    void draw_labels(const MapScene& scene);
    void label_block(const MapScene& scene, const Rect& r, mm::pfn_t pfn, const BlockSpan& span);

    std::array<TileAtlas, 2> atlases_; // the one in use, and the one before the last change of zoom
    int shift_ = 0;
    mm::u8 in_use_ = 0;
    bool pending_ = false;
    std::vector<BlockSpan> blocks_;
    TileScratch scratch_; // of draw_cells()
};

} // namespace shell
