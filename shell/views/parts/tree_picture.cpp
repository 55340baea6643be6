#include "views/parts/tree_picture.h"

#include <algorithm>

namespace shell {

namespace {

using mm::u32;

constexpr float NAMED_WIDTH = 122, NAMED_HEIGHT = 48, SMALL_WIDTH = 12, SMALL_HEIGHT = 12, BETWEEN = 6;
constexpr float NAMED_STEP = NAMED_HEIGHT + 24, SMALL_STEP = SMALL_HEIGHT + 18, MORE_HEIGHT = 16;

// Where a level stands and how its nodes look.
struct Level {
    float y = 0, room = 0; // of one node
    bool named = false;
};

std::vector<Level> levels_of(const TreePicture& tree, const Rect& top) {
    std::vector<Level> levels;
    u32 depth = 0;
    for (const TreeNode& node : tree.nodes) depth = std::max(depth, node.depth + 1);
    float y = top.y0;
    for (u32 level = 0; level < depth; ++level) {
        const float room = top.width() / static_cast<float>(1u << level);
        const bool named = room >= NAMED_WIDTH + BETWEEN;
        // A tree of one level has a name in the narrowest window.
        if (level > 0 && !named && room < SMALL_WIDTH + 4) break;
        levels.push_back({y, room, named || level == 0});
        y += levels.back().named ? NAMED_STEP : SMALL_STEP;
    }
    return levels;
}

Rect box_of(const TreeNode& node, const Level& level, const Rect& top) {
    const float middle = top.x0 + (static_cast<float>(node.place) + 0.5f) * level.room;
    const float half = (level.named ? std::min(NAMED_WIDTH, level.room) : SMALL_WIDTH) / 2;
    return {middle - half, level.y, middle + half, level.y + (level.named ? NAMED_HEIGHT : SMALL_HEIGHT)};
}

void draw_node(Pen& pen, const TreeNodeLook& look, const Rect& place, bool named, bool under_pointer) {
    const Rect box = pen.snap(place);
    const float line = pen.hairline();
    const BlockInk ink = tree_node_ink(pen.p, look.red);
    pen.block(box, ink);
    if (named) {
        const TextLook mono{readable_on(ink.fill), TEXT_SMALL, Face::mono};
        const TextLook words{readable_on(ink.fill), TEXT_SMALL, Face::words};
        const float x = box.x0 + 6, room = box.width() - 10;
        pen.text(x, box.y0 + 3, pen.fitted_end(look.name, room, mono), mono);
        pen.text(x, box.y0 + 17, pen.fitted(look.size, room, words), words);
        pen.text(x, box.y0 + 31, pen.fitted(look.detail, room, words), words);
    }
    if (look.touched) pen.outline(box.grown(2 * line), pen.p.accent, 2 * line);
    if (under_pointer) pen.outline(box.grown(line), pen.p.muted, line);
    if (look.selected) pen.outline(box.grown(4 * line), pen.p.ink, 2 * line);
}

} // namespace

BlockInk tree_node_ink(const Palette& palette, bool red) {
    return {red ? rgb(0xb2182b) : rgb(0x16181b), palette.muted, Pattern::hollow};
}

TreeDrawing draw_tree_picture(Pen& pen, ScrollArea& area, const TreePicture& tree, const Rect& top,
                              const std::function<TreeNodeLook(u32)>& look) {
    const std::vector<Level> levels = levels_of(tree, top);
    TreeDrawing out{top.y0, mm::RB_NONE};
    if (levels.empty()) return out;
    const Level& last = levels.back();
    out.end = last.y + (last.named ? NAMED_HEIGHT : SMALL_HEIGHT) + MORE_HEIGHT;
    // Lines first: nodes stand on them.
    for (const TreeNode& node : tree.nodes) {
        if (node.depth == 0 || node.depth >= levels.size()) continue;
        const TreeNode above{node.above, node.depth - 1, node.place / 2};
        const Rect from = box_of(above, levels[above.depth], top), to = box_of(node, levels[node.depth], top);
        const bool lit = look(node.id).on_path && look(above.id).on_path;
        pen.line({from.centre().x, from.y1}, {to.centre().x, to.y0}, lit ? pen.p.accent : pen.p.muted,
                 lit ? 3.0f : pen.hairline());
    }
    const bool in_window = area.window().contains(area.pointer());
    for (const TreeNode& node : tree.nodes) {
        if (node.depth >= levels.size()) continue;
        const Level& level = levels[node.depth];
        const Rect box = box_of(node, level, top);
        if (look(node.id).touched) area.touched(box.y0, box.height());
        if (!area.sees(box.grown(MORE_HEIGHT))) continue;
        const bool under = in_window && box.contains(area.pointer());
        if (under) out.under = node.id;
        TreeNodeLook shown = look(node.id);
        area.offer(box, shown.selected);
        if (shown.on_path) pen.fill(pen.snap(box.grown(4)), with_alpha(pen.p.accent, 0.45f), 3);
        draw_node(pen, shown, box, level.named, under);
        if (node.depth + 1 < levels.size() || node.nr == 1) continue;
        const TextLook small{pen.p.muted, TEXT_SMALL, Face::mono};
        const std::string more = "+" + std::to_string(node.nr - 1);
        if (pen.width_of(more, small) <= level.room)
            pen.text(box.centre().x - pen.width_of(more, small) / 2, box.y1 + 2, more, small);
    }
    return out;
}

} // namespace shell
