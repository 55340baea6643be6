#include "views/pages/tile_paint.h"

#include <algorithm>
#include <bit>

namespace shell {

namespace {

using mm::page_state;
using mm::pfn_t;
using mm::u32;
using mm::u8;

constexpr u32 NEVER = 0xffffffffu;
constexpr float OUTLINE_STRENGTH = 0.75f; // of a block's line in its outline: neighbours share it

BlockLook look_of(const MapLens& lens, pfn_t head, const mm::page& page) {
    BlockLook look;
    look.state = page.state();
    look.order = page.state() == page_state::tail ? u8{0} : page.order();
    look.type = page.state() == page_state::allocated ? lens.mem.block_type(head) : page.type();
    look.zone_slot = page.zone_slot();
    look.age = lens.by == ColourBy::age ? age_bucket(page.stamp, lens.now) : u8{0};
    return look;
}

// Adds the frames [from, to) as aligned spans.
void add_run(std::vector<BlockSpan>& out, u32 from, u32 to, const BlockSpan& like) {
    while (from < to) {
        u32 order = from == 0 ? 31 : static_cast<u32>(std::countr_zero(from));
        while (order > 0 && from + (1u << std::min(order, 20u)) > to) --order;
        order = std::min(order, 20u);
        BlockSpan span = like;
        span.offset = from;
        span.order = static_cast<u8>(order);
        out.push_back(span);
        from += 1u << order;
    }
}

} // namespace

void tile_blocks(const MapLens& lens, pfn_t first, u32 zone_slot, std::vector<BlockSpan>& out) {
    const mm::physical_memory& mem = lens.mem;
    const u32 count = 1u << tile_order(mem.nr_orders - 1u);
    BlockSpan nothing;
    nothing.outside = true;
    out.clear();
    u32 at = 0;
    while (at < count) {
        const pfn_t pfn = first + at;
        if (!mem.pfn_valid(pfn)) {
            const u32 end = pfn < mem.base_pfn ? std::min(count, mem.base_pfn - first) : count;
            add_run(out, at, end, nothing);
            at = end;
            continue;
        }
        const mm::page& page = mem.page_at(pfn);
        pfn_t head = pfn;
        u32 end = at + 1;
        if (page.state() == page_state::tail) {
            const mm::block_info block = find_block(mem, pfn);
            head = block.head == mm::PFN_NONE ? pfn : block.head;
            while (end < count && mem.pfn_valid(first + end) && mem.page_at(first + end).state() == page_state::tail)
                ++end;
        } else if (page.state() == page_state::hole || page.state() == page_state::reserved) {
            while (end < count && mem.pfn_valid(first + end) && mem.page_at(first + end).state() == page.state() &&
                   mem.page_at(first + end).zone_slot() == page.zone_slot())
                ++end;
        } else {
            end = std::min(count, at + (1u << page.order()));
        }
        const mm::page& owner = mem.page_at(head);
        BlockSpan like;
        if (owner.state() != page_state::hole) {
            like.outside = owner.zone_slot() != zone_slot;
            like.stamp = owner.stamp;
            like.head = head;
            like.look = look_of(lens, head, owner);
        }
        add_run(out, at, end, like);
        at = end;
    }
}

int min_texel_shift(u32 cell_order, CellLayout layout) {
    const FrameRect tile = block_rect(0, tile_order(cell_order), cell_order, layout);
    return -static_cast<int>(std::countr_zero(std::min(tile.w, tile.h)));
}

TileSize tile_size(u32 cell_order, CellLayout layout, int shift) {
    const FrameRect tile = block_rect(0, tile_order(cell_order), cell_order, layout);
    if (shift >= 0) return {tile.w << shift, tile.h << shift};
    return {tile.w >> -shift, tile.h >> -shift};
}

namespace {

void fill(Rgba* pixels, u32 pitch, u32 x, u32 y, u32 w, u32 h, Rgba colour) {
    for (u32 row = 0; row < h; ++row) std::fill_n(pixels + (y + row) * pitch + x, w, colour);
}

// A block with `side` texels a frame: its fill, its pattern and a line along its upper and left edge, which is the lower
// or right edge of its neighbour. The tile's own far edges get theirs too.
void paint_block(Rgba* pixels, u32 pitch, const TileSize& tile, const FrameRect& r, u32 side, const BlockInk& ink) {
    const u32 x = r.x * side, y = r.y * side, w = r.w * side, h = r.h * side;
    fill(pixels, pitch, x, y, w, h, ink.fill);
    if (ink.pattern == Pattern::none) return;
    if (ink.pattern == Pattern::hatched && side >= 4) {
        const u32 period = side;
        for (u32 row = y; row < y + h; ++row)
            for (u32 column = x; column < x + w; ++column)
                if ((row + column) % period < period / 4) pixels[row * pitch + column] = ink.line;
    }
    if (side < 4 && r.w * r.h < 4) return; // the line would hide the block
    const Rgba line = mix(ink.fill, ink.line, OUTLINE_STRENGTH);
    fill(pixels, pitch, x, y, w, 1, line);
    fill(pixels, pitch, x, y, 1, h, line);
    if (x + w == tile.width) fill(pixels, pitch, x + w - 1, y, 1, h, line);
    if (y + h == tile.height) fill(pixels, pitch, x, y + h - 1, w, 1, line);
}

// Each texel becomes the mean of a square of frames.
void average(const std::vector<Rgba>& frames, u32 width, const TileSize& size, u32 step, Rgba* pixels, u32 pitch) {
    const u32 area = step * step;
    for (u32 y = 0; y < size.height; ++y) {
        for (u32 x = 0; x < size.width; ++x) {
            u32 r = 0, g = 0, b = 0;
            for (u32 dy = 0; dy < step; ++dy) {
                for (u32 dx = 0; dx < step; ++dx) {
                    const Rgba c = frames[(y * step + dy) * width + x * step + dx];
                    r += c & 0xff;
                    g += c >> 8 & 0xff;
                    b += c >> 16 & 0xff;
                }
            }
            pixels[y * pitch + x] = 0xff000000u | b / area << 16 | g / area << 8 | r / area;
        }
    }
}

} // namespace

u32 paint_tile(const MapLens& lens, const Palette& palette, pfn_t first, u32 zone_slot, int shift, Rgba* pixels,
               u32 pitch, TileScratch& scratch) {
    const u32 cell_order = lens.mem.nr_orders - 1u;
    const TileSize size = tile_size(cell_order, lens.layout, shift);
    tile_blocks(lens, first, zone_slot, scratch.blocks);
    const u32 tile_offset = first & ((1u << cell_order) - 1);
    const FrameRect tile = block_rect(tile_offset, tile_order(cell_order), cell_order, lens.layout);

    u32 next_change = NEVER;
    const bool direct = shift >= 0;
    const bool uniform = scratch.blocks.size() == 1;
    const u32 side = direct ? 1u << shift : 1u;
    if (!direct && !uniform) scratch.frames.resize(tile.w * tile.h);
    for (const BlockSpan& block : scratch.blocks) {
        const BlockInk ink = block.outside ? BlockInk{palette.paper, palette.paper, Pattern::none}
                                           : palette.block(lens.by, block.look, lens.mem.nr_orders);
        if (lens.by == ColourBy::age) next_change = std::min(next_change, next_age_change(block.stamp, lens.now));
        FrameRect r = block_rect(tile_offset + block.offset, block.order, cell_order, lens.layout);
        r.x -= tile.x;
        r.y -= tile.y;
        if (direct)
            paint_block(pixels, pitch, size, r, side, ink);
        else if (uniform)
            fill(pixels, pitch, 0, 0, size.width, size.height, ink.fill);
        else
            fill(scratch.frames.data(), tile.w, r.x, r.y, r.w, r.h, ink.fill);
    }
    if (!direct && !uniform) average(scratch.frames, tile.w, size, 1u << -shift, pixels, pitch);
    return next_change;
}

} // namespace shell
