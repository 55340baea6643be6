#include "views/parts/legend.h"

#include <algorithm>

namespace shell {

namespace {

constexpr float PADDING = 8, LINE = 18, SWATCH = 14, SCALE_STEP = 9, BETWEEN = 14, TO_TEXT = 6;

TextLook text_look(const Pen& pen) { return {pen.p.ink, 12, Face::words}; }

float swatch_width(const LegendItem& item) {
    return item.scale.empty() ? SWATCH : SCALE_STEP * static_cast<float>(item.scale.size());
}

// Calls visit(item, x, y) with each item's place in the panel; returns the panel's size.
template <class Visit>
ImVec2 flow(const Pen& pen, const std::vector<LegendItem>& items, float max_width, Visit visit) {
    float x = PADDING, y = PADDING, right = 0;
    for (const LegendItem& item : items) {
        const float width = swatch_width(item) + TO_TEXT + pen.width_of(item.text, text_look(pen));
        if (x > PADDING && (item.new_line || x + width > max_width - PADDING)) {
            x = PADDING;
            y += LINE;
        }
        visit(item, x, y);
        right = std::max(right, x + width);
        x += width + BETWEEN;
    }
    return {right + PADDING, y + LINE - 4 + PADDING};
}

} // namespace

ImVec2 legend_size(const Pen& pen, const std::vector<LegendItem>& items, float max_width) {
    return flow(pen, items, max_width, [](const LegendItem&, float, float) {});
}

Rect draw_legend(Pen& pen, const std::vector<LegendItem>& items, ImVec2 place, float max_width) {
    const ImVec2 size = legend_size(pen, items, max_width);
    const Rect box = pen.snap(Rect{place.x, place.y - size.y, place.x + size.x, place.y});
    pen.panel(box);
    flow(pen, items, max_width, [&](const LegendItem& item, float x, float y) {
        Rect swatch = pen.snap(Rect{box.x0 + x, box.y0 + y + 2, box.x0 + x + SWATCH, box.y0 + y + 12});
        if (item.scale.empty()) pen.block(swatch, item.ink, 5);
        for (std::size_t i = 0; i < item.scale.size(); ++i) {
            const float left = box.x0 + x + SCALE_STEP * static_cast<float>(i);
            pen.fill({left, swatch.y0, left + SCALE_STEP, swatch.y1}, item.scale[i]);
        }
        pen.text(box.x0 + x + swatch_width(item) + TO_TEXT, box.y0 + y + 1, item.text, text_look(pen));
    });
    return box;
}

} // namespace shell
