#pragma once
// Textures that hold the tiles of the map at one number of texels a frame.
//
// A tile is painted when it is first asked for and again when its frames changed. Whether they did is known without
// looking at them: the atlas keeps a copy of the machine's mem_map, and chunks that both share are equal. Textures are
// uploaded by Dear ImGui's backend; nothing here knows the graphics library.
//
//   texture  1032 x 1032 texels  =  slots of (tile + 1 texel of border on each side)
//
// The border repeats the tile's edge, so that a smoothed texture does not mix neighbours in the atlas.
#include <memory>
#include <unordered_map>
#include <vector>

#include "views/pages/tile_paint.h"

struct ImTextureData;

namespace shell {

class TileAtlas {
  public:
    TileAtlas();
    ~TileAtlas();
    TileAtlas(const TileAtlas&) = delete;
    TileAtlas& operator=(const TileAtlas&) = delete;

    struct Tile {
        ImTextureData* texture = nullptr; // null: not painted yet
        float u0 = 0, v0 = 0, u1 = 0, v1 = 0;
    };

    // Once a frame, before tiles are asked for. Forgets what the lens, the palette or the shift make obsolete.
    void begin_frame(const MapLens& lens, const Palette& palette, int shift);

    // The tile that begins at `first` as a part of the group of zone_slot. Paints at most a frame's budget; when that is
    // used up, a tile that was painted before is given as it was, and pending() turns true.
    [[nodiscard]] Tile tile(const MapLens& lens, mm::pfn_t first, mm::u32 zone_slot);

    // The tile as it was painted last, though its frames may have changed since: something to show until the same tile
    // of another atlas is painted. Null when that was never, or in other colours or another layout. Never paints. In a
    // frame without begin_frame(), restore_textures() comes first.
    [[nodiscard]] Tile last_painted(const MapLens& lens, const Palette& palette, mm::pfn_t first,
                                    mm::u32 zone_slot) const;

    // Has textures sent again that the backend lost together with its context.
    void restore_textures();

    // Nothing that was painted is shown again: another machine comes.
    void forget();

    [[nodiscard]] bool pending() const { return pending_; }

  private:
    struct Slot {
        mm::u64 key = 0;
        mm::u32 frame_used = 0;
        mm::u32 repaint_at = 0;  // op number
        mm::u64 block_types = 0; // of its pageblocks, as painted
        bool stale = true;
    };
    struct Sheet;

    [[nodiscard]] bool shows(const MapLens& lens, const Palette& palette) const;
    void mark_changed(const MapLens& lens);
    [[nodiscard]] mm::u32 take_slot();
    void paint(const MapLens& lens, mm::u32 slot, mm::pfn_t first, mm::u32 zone_slot);
    [[nodiscard]] Tile place_of(mm::u32 slot) const;

    const Palette* palette_ = nullptr;
    CellLayout layout_ = CellLayout::z_order;
    ColourBy by_ = ColourBy::state;
    int shift_ = 0;
    TileSize size_;
    mm::u32 cell_order_ = 0;
    mm::u32 slots_in_row_ = 1, slots_in_sheet_ = 1;
    mm::pfn_t base_pfn_ = 0;
    mm::CowArray<mm::page> painted_; // the mem_map that the slots that are not stale show

    std::vector<Slot> slots_;
    std::unordered_map<mm::u64, mm::u32> slot_of_;
    std::vector<std::unique_ptr<Sheet>> sheets_;
    mm::u32 clock_hand_ = 0;
    mm::u32 frame_ = 0;
    mm::u32 texels_left_ = 0;
    bool pending_ = false;
    TileScratch scratch_;
};

} // namespace shell
