#include "views/parts/cell_grid.h"

#include <algorithm>
#include <cmath>

namespace shell {

namespace {

using mm::u32;

constexpr float LABEL_ROOM = 3, ARROW_HEAD = 6, SMALLEST_WITH_ARROWS = 10;

// The cells of one direction that [from, to) touches.
void range_of(float from, float to, float start, float step, u32 nr, u32& first, u32& end) {
    if (!(step > 0) || to <= from) return;
    const float last = static_cast<float>(nr);
    first = static_cast<u32>(std::clamp(std::floor((from - start) / step), 0.0f, last));
    end = static_cast<u32>(std::clamp(std::ceil((to - start) / step), 0.0f, last));
}

void draw_cell(Pen& pen, const CellLook& look, const Rect& place, bool selected, bool under_pointer) {
    const Rect r = pen.snap(place);
    const float line = pen.hairline();
    if (look.gone) {
        pen.dashed_outline(r, look.mark ? look.mark : pen.p.muted, line);
    } else if (look.level < 1) {
        pen.fill(r, pen.p.hole);
        const float top = r.y1 - r.height() * std::clamp(look.level, 0.0f, 1.0f);
        if (look.level > 0) pen.block(pen.snap(Rect{r.x0, std::min(top, r.y1 - 2 * line), r.x1, r.y1}), look.ink, 5);
        pen.outline(r, pen.p.faint, line);
    } else {
        pen.block(r, look.ink, 5);
    }
    if (look.mark && !look.gone) {
        if (look.glow > 0) pen.fill(r, with_alpha(look.mark, 0.4f * look.glow));
        pen.outline(r.grown(line), look.mark, 2 * line);
    }
    if (under_pointer) pen.outline(r, pen.p.muted, line);
    if (selected) pen.outline(r.grown(2 * line), pen.p.ink, 2 * line);

    const bool solid = look.ink.pattern == Pattern::solid && look.level >= 1 && !look.gone;
    const TextLook text{solid ? readable_on(look.ink.fill) : pen.p.ink, TEXT_SMALL, Face::mono};
    const float width = look.label.empty() ? 0 : pen.width_of(look.label, text);
    if (width == 0 || width + 2 * LABEL_ROOM > r.width() || text.size + 2 > r.height()) return;
    const ImVec2 c = r.centre();
    // Strokes behind letters would make them hard to read.
    const bool is_behind = look.level > 0.3f && !look.gone;
    if (look.ink.pattern == Pattern::hatched && is_behind)
        pen.fill({c.x - width / 2 - 2, c.y - 7, c.x + width / 2 + 2, c.y + 7},
                 with_alpha(mix(pen.p.paper, look.ink.fill, 0.5f), 0.85f));
    pen.text_centred(r, look.label, text);
}

} // namespace

float GridShape::cell_width() const {
    const float nr_columns = static_cast<float>(std::max(columns, 1u));
    return (box.width() - gap * (nr_columns - 1)) / nr_columns;
}

float GridShape::cell_height() const {
    const float nr_rows = static_cast<float>(std::max(rows(), 1u));
    return (box.height() - gap * (nr_rows - 1)) / nr_rows;
}

Rect GridShape::cell(u32 index) const {
    const float w = cell_width(), h = cell_height();
    const float x = box.x0 + (w + gap) * static_cast<float>(index % std::max(columns, 1u));
    const float y = box.y0 + (h + gap) * static_cast<float>(index / std::max(columns, 1u));
    return {x, y, x + w, y + h};
}

std::optional<u32> GridShape::at(ImVec2 point) const {
    if (nr == 0 || !box.contains(point)) return std::nullopt;
    const u32 column = static_cast<u32>((point.x - box.x0) / (cell_width() + gap));
    const u32 row = static_cast<u32>((point.y - box.y0) / (cell_height() + gap));
    const u32 index = row * columns + column;
    if (column >= columns || index >= nr || !cell(index).contains(point)) return std::nullopt;
    return index;
}

GridRange seen_cells(const GridShape& shape, const Rect& window) {
    GridRange out;
    if (shape.nr == 0 || !shape.box.overlaps(window)) return out;
    range_of(window.x0, window.x1, shape.box.x0, shape.cell_width() + shape.gap, shape.columns, out.first_column,
             out.end_column);
    range_of(window.y0, window.y1, shape.box.y0, shape.cell_height() + shape.gap, shape.rows(), out.first_row,
             out.end_row);
    return out;
}

GridShape fit_grid(u32 nr, const Rect& box, const CellBounds& bounds) {
    GridShape shape{box, 1, nr, bounds.gap};
    if (nr == 0) {
        shape.box = {box.x0, box.y0, box.x0, box.y0};
        return shape;
    }
    const u32 most = std::max(1u, static_cast<u32>((box.width() + bounds.gap) / (bounds.min_width + bounds.gap)));
    float width = bounds.min_width;
    const auto height_of = [&](u32 columns) {
        const float rows = static_cast<float>((nr + columns - 1) / columns);
        return rows * (width / bounds.aspect + bounds.gap) - bounds.gap;
    };
    for (u32 columns = 1; columns <= std::min(most, nr); ++columns) {
        shape.columns = columns;
        const float room = (box.width() + bounds.gap) / static_cast<float>(columns) - bounds.gap;
        width = std::clamp(room, bounds.min_width, bounds.max_width);
        if (height_of(columns) <= box.height()) break;
    }
    shape.box.x1 = box.x0 + static_cast<float>(shape.columns) * (width + bounds.gap) - bounds.gap;
    shape.box.y1 = box.y0 + height_of(shape.columns);
    return shape;
}

void draw_grid_lines(Pen& pen, const GridShape& shape, const Rect& window, Rgba colour) {
    const GridRange range = seen_cells(shape, window);
    const Rect& box = shape.box;
    const Rect seen{std::max(box.x0, window.x0), std::max(box.y0, window.y0), std::min(box.x1, window.x1),
                    std::min(box.y1, window.y1)};
    const float thin = pen.hairline();
    for (u32 column = std::max(range.first_column, 1u); column < range.end_column; ++column) {
        const float x = pen.snap(box.x0 + (shape.cell_width() + shape.gap) * static_cast<float>(column));
        pen.fill({x, seen.y0, x + thin, seen.y1}, colour);
    }
    for (u32 row = std::max(range.first_row, 1u); row < range.end_row; ++row) {
        const float y = pen.snap(box.y0 + (shape.cell_height() + shape.gap) * static_cast<float>(row));
        pen.fill({seen.x0, y, seen.x1, y + thin}, colour);
    }
}

std::optional<u32> draw_cell_grid(Pen& pen, const CellGrid& grid, const Rect& window, ImVec2 pointer) {
    const GridShape& shape = grid.shape;
    const std::optional<u32> under = window.contains(pointer) ? shape.at(pointer) : std::nullopt;
    for_each_seen_cell(shape, window, [&](u32 index, const Rect& r) {
        draw_cell(pen, grid.look(index), r, grid.selected == index, under == index);
    });
    const float side = std::min(shape.cell_width(), shape.cell_height());
    if (side < SMALLEST_WITH_ARROWS) return under;
    for (const CellArrow& arrow : grid.arrows) {
        if (arrow.from == arrow.to || arrow.from >= shape.nr || arrow.to >= shape.nr) continue;
        const ImVec2 a = shape.cell(arrow.from).centre(), b = shape.cell(arrow.to).centre();
        const Rect around{std::min(a.x, b.x), std::min(a.y, b.y), std::max(a.x, b.x) + 1, std::max(a.y, b.y) + 1};
        if (!around.grown(side).overlaps(window)) continue;
        const float length = std::max(std::hypot(b.x - a.x, b.y - a.y), 1.0f);
        // It begins and ends inside of its cells, beside the middle of the labels.
        const ImVec2 beside{(b.x - a.x) * side * 0.3f / length, (b.y - a.y) * side * 0.3f / length};
        pen.arrow({a.x + beside.x, a.y + beside.y}, {b.x - beside.x, b.y - beside.y}, arrow.colour,
                  {.head = ARROW_HEAD, .bend = 0.18f});
    }
    return under;
}

} // namespace shell
