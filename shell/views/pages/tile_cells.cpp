#include "views/pages/tile_cells.h"

#include <algorithm>

namespace shell {

using mm::u32;

namespace {

// Texels of one colour in a row, and in the rows below it that have the same there.
struct Run {
    u32 from, end, first_row;
    Rgba colour;
};

std::vector<Run> runs_of(std::span<const Rgba> row, u32 number) {
    std::vector<Run> out;
    const u32 width = static_cast<u32>(row.size());
    for (u32 from = 0; from < width;) {
        u32 end = from + 1;
        while (end < width && row[end] == row[from]) ++end;
        out.push_back({from, end, number, row[from]});
        from = end;
    }
    return out;
}

} // namespace

void add_cells(std::span<const Rgba> texels, const TileSize& size, const Rect& place, Rgba paper,
               std::vector<SvgCell>& out) {
    const float width = place.width() / static_cast<float>(size.width);
    const float height = place.height() / static_cast<float>(size.height);
    const auto add = [&](const Run& run, u32 end_row) {
        if (run.colour == paper) return;
        out.push_back(
            {{place.x0 + width * static_cast<float>(run.from), place.y0 + height * static_cast<float>(run.first_row),
              place.x0 + width * static_cast<float>(run.end), place.y0 + height * static_cast<float>(end_row)},
             run.colour});
    };
    std::vector<Run> open;
    for (u32 row = 0; row < size.height; ++row) {
        std::vector<Run> runs = runs_of(texels.subspan(static_cast<std::size_t>(row) * size.width, size.width), row);
        auto above = open.begin();
        for (Run& run : runs) {
            for (; above != open.end() && above->from < run.from; ++above) add(*above, row);
            if (above == open.end() || above->from != run.from) continue;
            if (above->end == run.end && above->colour == run.colour)
                run.first_row = above->first_row;
            else
                add(*above, row);
            ++above;
        }
        for (; above != open.end(); ++above) add(*above, row);
        open = std::move(runs);
    }
    for (const Run& run : open) add(run, size.height);
}

} // namespace shell
