#include "views/kernel/area_tree.h"

#include <algorithm>

#include "base/hex.h"

namespace shell {

namespace {

using mm::u32;
using mm::vmap_id;

constexpr u32 MOST_LEVELS = 10;
constexpr float NAMED_WIDTH = 122, NAMED_HEIGHT = 48, SMALL_WIDTH = 12, SMALL_HEIGHT = 12, BETWEEN = 6;
constexpr float NAMED_STEP = NAMED_HEIGHT + 24, SMALL_STEP = SMALL_HEIGHT + 18, MORE_HEIGHT = 16;

// How many nodes hang below, and those of the levels that can be drawn.
u32 collect(const mm::vmap_space& space, vmap_id id, u32 depth, u32 place, std::vector<AreaNode>& out) {
    if (id == mm::VMAP_NONE) return 0;
    const std::size_t at = out.size();
    const bool drawn = depth < MOST_LEVELS;
    if (drawn) out.push_back({id, depth, place, 0});
    const mm::vmap_area& area = space.areas[id];
    const u32 below = drawn ? 2 * place : 0;
    const u32 nr = 1 + collect(space, area.left, depth + 1, below, out) +
                   collect(space, area.right, depth + 1, below + drawn, out);
    if (drawn) out[at].nr = nr;
    return nr;
}

// Where a level stands and how its nodes look.
struct Level {
    float y = 0, room = 0; // of one node
    bool named = false;
};

std::vector<Level> levels_of(const AreaTree& tree, const Rect& top) {
    std::vector<Level> levels;
    u32 depth = 0;
    for (const AreaNode& node : tree.nodes) depth = std::max(depth, node.depth + 1);
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

Rect box_of(const AreaNode& node, const Level& level, const Rect& top) {
    const float middle = top.x0 + (static_cast<float>(node.place) + 0.5f) * level.room;
    const float half = (level.named ? std::min(NAMED_WIDTH, level.room) : SMALL_WIDTH) / 2;
    return {middle - half, level.y, middle + half, level.y + (level.named ? NAMED_HEIGHT : SMALL_HEIGHT)};
}

void draw_node(Pen& pen, const mm::vmap_area& area, const AreaNodeLook& look, const Rect& place, bool named,
               bool under_pointer) {
    const Rect box = pen.snap(place);
    const float line = pen.hairline();
    const BlockInk ink = area_node_ink(pen.p, area.red);
    pen.block(box, ink);
    if (named) {
        const TextLook mono{readable_on(ink.fill), TEXT_SMALL, Face::mono};
        const TextLook words{readable_on(ink.fill), TEXT_SMALL, Face::words};
        const float x = box.x0 + 6, room = box.width() - 10;
        pen.text(x, box.y0 + 3, pen.fitted_end(mm::hex(area.va_start), room, mono), mono);
        pen.text(x, box.y0 + 17, pen.fitted(size_text(area.size()), room, words), words);
        pen.text(x, box.y0 + 31, pen.fitted(look.detail, room, words), words);
    }
    if (look.touched) pen.outline(box.grown(2 * line), pen.p.accent, 2 * line);
    if (under_pointer) pen.outline(box.grown(line), pen.p.muted, line);
    if (look.selected) pen.outline(box.grown(4 * line), pen.p.ink, 2 * line);
}

} // namespace

BlockInk area_node_ink(const Palette& palette, bool red) {
    return {red ? rgb(0xb2182b) : rgb(0x16181b), palette.muted, Pattern::hollow};
}

AreaTree area_tree_of(const mm::vmap_space& space, vmap_id root) {
    AreaTree tree;
    tree.total = collect(space, root, 0, 0, tree.nodes);
    return tree;
}

AreaTreeDrawing draw_area_tree(Pen& pen, ScrollArea& area, const mm::vmap_space& space, const AreaTree& tree,
                               const Rect& top, const std::function<AreaNodeLook(vmap_id)>& look) {
    const std::vector<Level> levels = levels_of(tree, top);
    AreaTreeDrawing out{top.y0, mm::VMAP_NONE};
    if (levels.empty()) return out;
    const Level& last = levels.back();
    out.end = last.y + (last.named ? NAMED_HEIGHT : SMALL_HEIGHT) + MORE_HEIGHT;
    // Lines first: nodes stand on them.
    for (const AreaNode& node : tree.nodes) {
        if (node.depth == 0 || node.depth >= levels.size()) continue;
        const AreaNode above{space.areas[node.id].parent, node.depth - 1, node.place / 2, 0};
        const Rect from = box_of(above, levels[above.depth], top), to = box_of(node, levels[node.depth], top);
        const bool lit = look(node.id).on_path && look(above.id).on_path;
        pen.line({from.centre().x, from.y1}, {to.centre().x, to.y0}, lit ? pen.p.accent : pen.p.muted,
                 lit ? 3.0f : pen.hairline());
    }
    const bool in_window = area.window().contains(area.pointer());
    for (const AreaNode& node : tree.nodes) {
        if (node.depth >= levels.size()) continue;
        const Level& level = levels[node.depth];
        const Rect box = box_of(node, level, top);
        if (look(node.id).touched) area.touched(box.y0, box.height());
        if (!area.sees(box.grown(MORE_HEIGHT))) continue;
        const bool under = in_window && box.contains(area.pointer());
        if (under) out.under = node.id;
        AreaNodeLook shown = look(node.id);
        area.offer(box, shown.selected);
        if (shown.on_path) pen.fill(pen.snap(box.grown(4)), with_alpha(pen.p.accent, 0.45f), 3);
        draw_node(pen, space.areas[node.id], shown, box, level.named, under);
        if (node.depth + 1 < levels.size() || node.nr == 1) continue;
        const TextLook small{pen.p.muted, TEXT_SMALL, Face::mono};
        const std::string more = "+" + std::to_string(node.nr - 1);
        if (pen.width_of(more, small) <= level.room)
            pen.text(box.centre().x - pen.width_of(more, small) / 2, box.y1 + 2, more, small);
    }
    return out;
}

} // namespace shell
