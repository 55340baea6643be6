#include "views/pages/map_picture.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "views/pages/tile_cells.h"
#include "views/parts/cell_grid.h"
#include "views/parts/words.h"

namespace shell {

namespace {

using mm::page_state;
using mm::pfn_t;
using mm::u32;

constexpr double NEAR_PIXELS = 8;  // screen pixels a frame from which blocks are drawn one by one
constexpr double SHARPNESS = 0.72; // texels a screen pixel that are enough
constexpr float LABEL_WIDTH = 52, LABEL_HEIGHT = 15;
constexpr float LABEL_ROOM = 5;
constexpr float FRAME_GRID = 18;   // pixels a frame, from which blocks show their frames
constexpr float FRAME_NUMBER = 66; // from which frames show their numbers
constexpr float HEADER_ROOM = 22;  // where the name of the zone may stand
// On a sheet: from how many pixels a frame blocks are drawn one by one, if there are no more than so many; else texels in
// fewer bytes than these, and no more than two along a frame's side, so that their patterns are none.
constexpr double SHEET_NEAR_PIXELS = 2.8;
constexpr u32 SHEET_BLOCKS = 8000;
constexpr std::size_t SHEET_BYTES = 3u << 20;
constexpr int SHEET_TEXEL_SHIFT = 1;

// Calls visit(group, cell, rectangle) for each cell on the screen.
template <class Visit>
void for_each_cell(const MapScene& scene, Visit visit) {
    scene.layout.for_each_row(scene.camera.visible(scene.window),
                              [&](const MapGroup& group, const MapRows&, u32 row, u32 from, u32 to) {
                                  for (u32 column = from; column < to; ++column) {
                                      const u32 cell = row * scene.layout.columns() + column;
                                      if (cell < group.first_cell || cell >= group.end_cell) continue;
                                      if (const auto box = scene.layout.cell_box(group, cell))
                                          visit(group, cell, scene.cell_rect(*box));
                                  }
                              });
}

Rect window_rect(const MapScene& scene) {
    return {static_cast<float>(scene.window.x0), static_cast<float>(scene.window.y0),
            static_cast<float>(scene.window.x1), static_cast<float>(scene.window.y1)};
}

// Calls visit(first frame, rectangle in the cell) for each tile of a cell.
template <class Visit>
void for_each_tile(const MapLayout& layout, u32 cell, Visit visit) {
    const u32 order = tile_order(layout.cell_order());
    for (u32 offset = 0; offset < 1u << layout.cell_order(); offset += 1u << order)
        visit((cell << layout.cell_order()) + offset,
              block_rect(offset, order, layout.cell_order(), layout.cell_layout()));
}

// Calls visit(first frame, span, rectangle) for each block on the screen. A block larger than a tile is visited once a
// tile, with its whole rectangle.
template <class Visit>
void for_each_block(const MapScene& scene, std::vector<BlockSpan>& blocks, Visit visit) {
    const Rect window = window_rect(scene);
    const u32 cell_order = scene.layout.cell_order();
    for_each_cell(scene, [&](const MapGroup& group, u32 cell, const Rect& rect) {
        for_each_tile(scene.layout, cell, [&](pfn_t first, const FrameRect& tile) {
            if (!scene.part_rect(rect, tile).overlaps(window)) return;
            tile_blocks(scene.lens, first, group.slot, blocks);
            for (const BlockSpan& span : blocks) {
                if (span.outside) continue;
                const bool whole = span.look.order > tile_order(cell_order) && span.head != mm::PFN_NONE;
                const pfn_t pfn = whole ? span.head : first + span.offset;
                const u32 offset = pfn & ((1u << cell_order) - 1);
                const FrameRect part =
                    block_rect(offset, whole ? span.look.order : span.order, cell_order, scene.lens.layout);
                const Rect r = scene.part_rect(rect, part);
                if (r.overlaps(window)) visit(pfn, span, r);
            }
        });
    });
}

} // namespace

Rect MapScene::cell_rect(const Box& cell) const {
    const double gap_pixels = std::floor(layout.gap() * camera.scale * pen.density + 0.25) / pen.density;
    const Point a = camera.to_screen(Point{cell.x0, cell.y0}, window);
    const Point b = camera.to_screen(Point{cell.x0 + layout.pitch_x(), cell.y0 + layout.pitch_y()}, window);
    const Rect pitch = pen.snap(
        Rect{static_cast<float>(a.x), static_cast<float>(a.y), static_cast<float>(b.x), static_cast<float>(b.y)});
    const float gap = static_cast<float>(gap_pixels);
    return {pitch.x0, pitch.y0, pitch.x1 - gap, pitch.y1 - gap};
}

Rect MapScene::part_rect(const Rect& cell, const FrameRect& part) const {
    const float sx = cell.width() / static_cast<float>(layout.cell_width());
    const float sy = cell.height() / static_cast<float>(layout.cell_height());
    return pen.snap(Rect{cell.x0 + static_cast<float>(part.x) * sx, cell.y0 + static_cast<float>(part.y) * sy,
                         cell.x0 + static_cast<float>(part.x + part.w) * sx,
                         cell.y0 + static_cast<float>(part.y + part.h) * sy});
}

std::optional<Rect> MapScene::block_rect_of(pfn_t pfn, u32 order) const {
    const MapGroup* group = layout.group_of(lens.mem, pfn);
    if (!group) return std::nullopt;
    const auto cell = layout.cell_box(*group, pfn >> layout.cell_order());
    if (!cell) return std::nullopt;
    order = std::min(order, layout.cell_order());
    const u32 offset = pfn & ((1u << layout.cell_order()) - 1) & ~((1u << order) - 1);
    return part_rect(cell_rect(*cell), block_rect(offset, order, layout.cell_order(), layout.cell_layout()));
}

void MapPicture::draw(const MapScene& scene) {
    pending_ = false;
    if (scene.pen.sheet())
        draw_shapes(scene);
    else if (scene.camera.scale * static_cast<double>(scene.pen.density) >= NEAR_PIXELS)
        draw_blocks(scene);
    else
        draw_tiles(scene);
    draw_labels(scene);
}

void MapPicture::forget() {
    for (TileAtlas& atlas : atlases_) atlas.forget();
}

void MapPicture::draw_tiles(const MapScene& scene) {
    const u32 cell_order = scene.layout.cell_order();
    const double texels = scene.camera.scale * static_cast<double>(scene.pen.density) * SHARPNESS;
    int shift = static_cast<int>(std::ceil(std::log2(texels)));
    if (scene.flies) shift = std::min(shift, shift_);
    shift = std::clamp(shift, min_texel_shift(cell_order, scene.lens.layout), MAX_TEXEL_SHIFT);
    if (shift != shift_) {
        shift_ = shift;
        in_use_ ^= 1;
    }
    TileAtlas& atlas = atlases_[in_use_];
    TileAtlas& before = atlases_[in_use_ ^ 1];
    atlas.begin_frame(scene.lens, scene.pen.p, shift);
    before.restore_textures();
    ImDrawList& list = scene.pen.list();
    ImTextureData* texture = nullptr; // tiles that follow each other mostly share theirs
    const auto use = [&](ImTextureData* next) {
        if (next == texture) return;
        if (texture) list.PopTexture();
        if (next) list.PushTexture(next->GetTexRef());
        texture = next;
    };
    for_each_cell(scene, [&](const MapGroup& group, u32 cell, const Rect& rect) {
        for_each_tile(scene.layout, cell, [&](pfn_t first, const FrameRect& part) {
            const Rect r = scene.part_rect(rect, part);
            TileAtlas::Tile tile = atlas.tile(scene.lens, first, group.slot);
            if (!tile.texture) tile = before.last_painted(scene.lens, scene.pen.p, first, group.slot);
            if (!tile.texture) return;
            use(tile.texture);
            list.PrimReserve(6, 4);
            list.PrimRectUV({r.x0, r.y0}, {r.x1, r.y1}, {tile.u0, tile.v0}, {tile.u1, tile.v1}, IM_COL32_WHITE);
        });
    });
    use(nullptr);
    pending_ = atlas.pending();
}

void MapPicture::draw_shapes(const MapScene& scene) {
    if (scene.camera.scale >= SHEET_NEAR_PIXELS) {
        u32 nr = 0;
        for_each_block(scene, blocks_, [&](pfn_t, const BlockSpan&, const Rect&) { ++nr; });
        if (nr <= SHEET_BLOCKS) return draw_blocks(scene);
    }
    const int coarsest = min_texel_shift(scene.layout.cell_order(), scene.lens.layout);
    const double texels = scene.camera.scale * static_cast<double>(scene.pen.density) * SHARPNESS;
    int shift = std::clamp(static_cast<int>(std::ceil(std::log2(texels))), coarsest, SHEET_TEXEL_SHIFT);
    while (!draw_cells(scene, shift, shift == coarsest ? SvgSheet::MOST_BYTES : SHEET_BYTES) && shift > coarsest)
        --shift;
}

// False when these texels take more bytes than that: then nothing is drawn.
bool MapPicture::draw_cells(const MapScene& scene, int shift, std::size_t most_bytes) {
    const u32 cell_order = scene.layout.cell_order();
    const TileSize size = tile_size(cell_order, scene.lens.layout, shift);
    const Rect window = window_rect(scene);
    std::vector<Rgba> texels(static_cast<std::size_t>(size.width) * size.height);
    std::vector<SvgCell> cells;
    for_each_cell(scene, [&](const MapGroup& group, u32 cell, const Rect& rect) {
        for_each_tile(scene.layout, cell, [&](pfn_t first, const FrameRect& part) {
            const Rect r = scene.part_rect(rect, part);
            if (!r.overlaps(window)) return;
            paint_tile(scene.lens, scene.pen.p, first, group.slot, shift, texels.data(), size.width, scratch_);
            add_cells(texels, size, r, scene.pen.p.paper, cells);
        });
    });
    return scene.pen.sheet()->cells(scene.pen.spot(), cells, most_bytes);
}

void MapPicture::draw_blocks(const MapScene& scene) {
    Pen& pen = scene.pen;
    const float frame = static_cast<float>(scene.camera.scale);
    const float inset = std::clamp(frame * 0.05f, 0.5f / pen.density, 2.0f);
    const float period = std::clamp(frame * 0.5f, 4.0f, 9.0f);
    for_each_block(scene, blocks_, [&](pfn_t pfn, const BlockSpan& span, const Rect& r) {
        const BlockInk ink = pen.p.block(scene.lens.by, span.look, scene.lens.mem.nr_orders);
        pen.block(pen.snap(ink.pattern == Pattern::none ? r : r.grown(-inset)), ink, period);
        if (frame >= FRAME_GRID && ink.pattern != Pattern::none) draw_frames(scene, pfn, span, r);
    });
}

// From near, the frames that a larger block consists of: faint lines, and numbers where they fit.
void MapPicture::draw_frames(const MapScene& scene, pfn_t pfn, const BlockSpan& span, const Rect& r) {
    const u32 cell_order = scene.layout.cell_order();
    const u32 order = std::min<u32>(span.look.order, cell_order);
    if (order == 0) return;
    Pen& pen = scene.pen;
    const u32 in_cell = pfn & ((1u << cell_order) - 1);
    const FrameRect part = block_rect(in_cell, order, cell_order, scene.lens.layout);
    const BlockInk ink = pen.p.block(scene.lens.by, span.look, scene.lens.mem.nr_orders);
    const Rgba text = ink.pattern == Pattern::solid ? readable_on(ink.fill) : pen.p.ink;
    const Rect window = window_rect(scene);
    const GridShape grid{r, part.w, part.w * part.h, 0};
    draw_grid_lines(pen, grid, window, with_alpha(text, 0.10f));
    if (grid.cell_width() < FRAME_NUMBER || grid.cell_height() < FRAME_NUMBER) return;
    const TextLook look{quieter(text, ink.fill), TEXT_SMALL, Face::mono};
    const pfn_t cell_first = pfn - in_cell;
    for_each_seen_cell(grid, window, [&](u32 index, const Rect& cell) {
        const u32 frame = frame_at(part.x + index % part.w, part.y + index / part.w, cell_order, scene.lens.layout);
        pen.text(cell.x0 + LABEL_ROOM, cell.y1 - TEXT_SMALL - 4, hex_pfn(cell_first + frame), look);
    });
}

void MapPicture::draw_labels(const MapScene& scene) {
    if (scene.camera.scale * scene.layout.cell_width() < static_cast<double>(LABEL_WIDTH)) return;
    const Rect window = window_rect(scene);
    pfn_t labelled = mm::PFN_NONE;
    for_each_block(scene, blocks_, [&](pfn_t pfn, const BlockSpan& span, const Rect& block) {
        const page_state state = span.look.state;
        const bool is_block = state != page_state::hole && state != page_state::reserved && state != page_state::tail;
        if (!is_block || pfn == labelled) return;
        // The label stays in sight while a part of the block is.
        const Rect r{std::max(block.x0, window.x0), std::max(block.y0, window.y0 + HEADER_ROOM), block.x1, block.y1};
        if (r.width() < LABEL_WIDTH || r.height() < LABEL_HEIGHT) return;
        labelled = pfn;
        label_block(scene, r, pfn, span);
    });
}

void MapPicture::label_block(const MapScene& scene, const Rect& r, pfn_t pfn, const BlockSpan& span) {
    Pen& pen = scene.pen;
    const BlockInk ink = pen.p.block(scene.lens.by, span.look, scene.lens.mem.nr_orders);
    const Rgba strong = ink.pattern == Pattern::solid ? readable_on(ink.fill) : pen.p.ink;
    const float size = r.height() > 60 && r.width() > 90 ? TEXT_NORMAL : TEXT_SMALL;
    const TextLook address{strong, size, Face::mono};
    const TextLook rest{quieter(strong, ink.fill), TEXT_SMALL, Face::words};

    const std::string text = hex_pfn(pfn);
    if (pen.width_of(text, address) > r.width() - 6) return;
    const float room = r.height() < 24 ? (r.height() - size) / 2 : LABEL_ROOM;
    float y = r.y0 + room;
    const std::string order = words::order_of(pen, span.look.order);
    std::array<std::string_view, 3> lines = {text, order, mm::migratetype_names[span.look.type]};
    std::size_t nr_lines = 1;
    float end = y + size, width = pen.width_of(text, address);
    while (nr_lines < lines.size() && end + TEXT_SMALL + 6 <= r.y1) {
        const float next = pen.width_of(lines[nr_lines], rest);
        if (next > r.width() - 2 * LABEL_ROOM) break;
        width = std::max(width, next);
        end += TEXT_SMALL + 3;
        ++nr_lines;
    }
    // Strokes behind letters would make them hard to read.
    if (ink.pattern == Pattern::hatched || ink.pattern == Pattern::crossed)
        pen.fill(pen.snap(Rect{r.x0 + 3, y - 1, std::min(r.x0 + LABEL_ROOM + width + 3, r.x1 - 2), end + 2}), ink.fill);
    for (std::size_t i = 0; i < nr_lines; ++i) {
        pen.text(r.x0 + LABEL_ROOM, y, lines[i], i == 0 ? address : rest);
        y += (i == 0 ? size : TEXT_SMALL) + 3;
    }
}

} // namespace shell
