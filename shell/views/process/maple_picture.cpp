#include "views/process/maple_picture.h"

#include <algorithm>

#include "base/hex.h"
#include "machine/phrase.h"
#include "views/process/process_words.h"
#include "views/process/vma_look.h"

namespace shell {

namespace {

using mm::maple_node;
using mm::u32;
using mm::u64;

constexpr float CARD_LEAST = 128, CARD_MOST = 232, CARD_ALONE = 320, BETWEEN = 10, LINE = 15, HEAD = 36,
                LEVEL_STEP = 22;
constexpr float SMALL_HEIGHT = 22, SMALL_MOST = 64, PAD = 6;

u64 begin_of(const maple_node& node, u32 slot, u64 first) { return slot == 0 ? first : node.pivots[slot - 1] + 1; }
float card_height(const maple_node& node) { return HEAD + LINE * static_cast<float>(node.count) + PAD; }

class MaplePainter {
  public:
    MaplePainter(Pen& pen, ScrollArea& area, const Rect& top, const MapleLook& look)
        : pen_(pen), area_(area), top_(top), look_(look) {}

    MapleDrawing run() {
        float y = top_.y0;
        for (std::size_t i = 0; i < look_.levels.size(); ++i) y = draw_level(look_.levels[i], y) + LEVEL_STEP;
        out_.end = y;
        return out_;
    }

  private:
    [[nodiscard]] const maple_node& at(mm::maple_id id) const { return look_.proc.maple.nodes[id]; }
    [[nodiscard]] u64 first_of(mm::maple_id id) const { return mm::maple_first(look_.proc.maple, id); }
    [[nodiscard]] bool lit(mm::maple_id id) const {
        return look_.searched && first_of(id) <= *look_.searched && *look_.searched <= at(id).last();
    }
    void point_at(const Rect& box, u64 address, const std::string& told) {
        area_.offer(box, look_.selected == address);
        if (!area_.window().contains(area_.pointer()) || !box.contains(area_.pointer())) return;
        out_.under = address;
        out_.told = told;
        pen_.outline(box.grown(pen_.hairline()), pen_.p.muted, pen_.hairline());
    }
    void join(const Rect& box, bool is_lit) {
        if (!above_) return;
        pen_.line({above_->centre().x, above_->y1}, {box.centre().x, box.y0}, is_lit ? pen_.p.accent : pen_.p.muted,
                  is_lit ? 3.0f : pen_.hairline());
    }

    float draw_level(const MapleLevel& level, float y) {
        const TextLook note{pen_.p.muted, TEXT_SMALL, Face::words};
        const bool leaves = level.level == 1;
        const std::string title = mm::filled(pen_.say(leaves ? words::LEVEL_OF_LEAVES : words::LEVEL_OF_NODES),
                                             grouped(static_cast<mm::i64>(level.all)), std::to_string(level.level));
        pen_.text(top_.x0, y, pen_.fitted(title, top_.width(), note), note);
        y += 18;
        const auto nr = static_cast<float>(level.nodes.size());
        const float room = (top_.width() - BETWEEN * (nr - 1)) / nr;
        if (level.nodes.size() == 1 || room >= CARD_LEAST) return draw_cards(level, y, std::min(room, CARD_MOST));
        y = draw_small(level, y);
        const float width = std::min(top_.width(), CARD_ALONE);
        const mm::maple_id open = level.nodes[level.open];
        const Rect box{top_.x0, y + BETWEEN, top_.x0 + width, y + BETWEEN + card_height(at(open))};
        join(box, lit(open));
        draw_card(open, box);
        above_ = box;
        return box.y1;
    }

    // All nodes of the level side by side, in the middle.
    float draw_cards(const MapleLevel& level, float y, float width) {
        const auto nr = static_cast<float>(level.nodes.size());
        float x = top_.x0 + (top_.width() - nr * width - (nr - 1) * BETWEEN) / 2, end = y;
        std::vector<Rect> boxes;
        for (const mm::maple_id id : level.nodes) {
            boxes.push_back({x, y, x + width, y + card_height(at(id))});
            join(boxes.back(), lit(id));
            x += width + BETWEEN;
            end = std::max(end, boxes.back().y1);
        }
        for (std::size_t i = 0; i < boxes.size(); ++i) draw_card(level.nodes[i], boxes[i]);
        above_ = boxes[level.open];
        return end;
    }

    // Boxes that are filled as far as slots are in use.
    float draw_small(const MapleLevel& level, float y) {
        const auto nr = static_cast<float>(level.nodes.size());
        const float width = std::min(SMALL_MOST, (top_.width() - 4 * (nr - 1)) / nr);
        float x = top_.x0;
        for (std::size_t i = 0; i < level.nodes.size(); ++i, x += width + 4) {
            const mm::maple_id id = level.nodes[i];
            const maple_node& node = at(id);
            const Rect box = pen_.snap(Rect{x, y, x + width, y + SMALL_HEIGHT});
            if (!area_.sees(box)) continue;
            const float part = static_cast<float>(node.count) / static_cast<float>(node.room());
            pen_.fill({box.x0, box.y1 - 4, box.x0 + part * box.width(), box.y1}, pen_.p.muted);
            const bool on = lit(id) || i == level.open;
            pen_.outline(box, on ? pen_.p.accent : pen_.p.muted, on ? 2 * pen_.hairline() : pen_.hairline());
            pen_.text_centred({box.x0, box.y0, box.x1, box.y1 - 4}, std::to_string(node.count),
                              {pen_.p.ink, TEXT_SMALL, Face::mono});
            point_at(box, first_of(id), mm::address_hex(first_of(id)) + "  " + slots_in_use(pen_, node));
        }
        return y + SMALL_HEIGHT;
    }

    void draw_card(mm::maple_id id, const Rect& place) {
        const maple_node& node = at(id);
        const Rect box = pen_.snap(place);
        if (touches(node)) area_.touched(box.y0, box.height());
        if (!area_.sees(box)) return;
        pen_.fill(box, pen_.p.panel, 3);
        if (lit(id)) pen_.fill(Rect{box.x0, box.y0, box.x1, box.y0 + HEAD - 4}, with_alpha(pen_.p.accent, 0.45f), 3);
        pen_.outline(box, lit(id) ? pen_.p.accent : pen_.p.muted, lit(id) ? 2 * pen_.hairline() : pen_.hairline());
        const float x = box.x0 + PAD, room = box.width() - 2 * PAD;
        const TextLook mono{pen_.p.ink, TEXT_SMALL, Face::mono}, note{pen_.p.ink, TEXT_SMALL, Face::words};
        pen_.text(x, box.y0 + 3, pen_.fitted_end(mm::address_hex(first_of(id)), room, mono), mono);
        pen_.text(x, box.y0 + 17, pen_.fitted(slots_in_use(pen_, node), room, note), note);
        const u64 first = first_of(id);
        for (u32 i = 0; i < node.count; ++i) {
            const float y = box.y0 + HEAD + LINE * static_cast<float>(i);
            draw_slot(node, i, begin_of(node, i, first), {x, y, box.x1 - PAD, y + LINE});
        }
    }
    [[nodiscard]] bool touches(const maple_node& node) const {
        for (u32 i = 0; node.leaf && i < node.count; ++i)
            if (node.slots[i] != mm::MAPLE_NONE && look_.touched(node.slots[i])) return true;
        return false;
    }

    void draw_slot(const maple_node& node, u32 slot, u64 first, const Rect& line) {
        const u64 last = node.pivots[slot];
        const bool on_way = look_.searched && first <= *look_.searched && *look_.searched <= last;
        if (on_way) pen_.fill(line, with_alpha(pen_.p.accent, 0.35f));
        if (look_.selected && first <= *look_.selected && *look_.selected <= last)
            pen_.outline(line, pen_.p.ink, pen_.hairline());
        const std::string range = mm::address_hex(first) + " - " + mm::address_hex(last);
        if (node.leaf) {
            draw_entry(node.slots[slot], last - first + 1, line, on_way);
            const bool has = node.slots[slot] != mm::MAPLE_NONE;
            point_at(line, first,
                     (has ? look_.name(node.slots[slot]) : std::string(pen_.say(words::EMPTY_SLOT))) + "\n" + range);
            return;
        }
        const TextLook mono{pen_.p.ink, TEXT_SMALL, Face::mono},
            note{on_way ? pen_.p.ink : quieter(pen_.p.ink, pen_.p.panel), TEXT_SMALL, Face::words};
        const std::string gap = mm::filled(pen_.say(words::LONGEST_GAP), size_text(node.gaps[slot]));
        const float gap_width = pen_.width_of(gap, note), wide = line.width();
        const bool both = wide > gap_width + 60;
        pen_.text(line.x0, line.y0,
                  pen_.fitted_end("\u2264 " + mm::address_hex(last), both ? wide - gap_width - 8 : wide, mono), mono);
        if (both) pen_.text_right(line.x1, line.y0, gap, note);
        point_at(line, first, range + "\n" + gap);
    }

    void draw_entry(u32 entry, u64 size, const Rect& line, bool on_way) {
        const TextLook words_look{pen_.p.ink, TEXT_SMALL, Face::words};
        const TextLook note{on_way ? pen_.p.ink : quieter(pen_.p.ink, pen_.p.panel), TEXT_SMALL, Face::words};
        const bool has = entry != mm::MAPLE_NONE;
        const std::string bytes = size == 0 ? "" : size_text(size);
        const float width = pen_.width_of(bytes, note);
        const bool both = line.width() > width + 70;
        const float room = line.width() - 14 - (both ? width + 6 : 0);
        const Rect swatch{line.x0 + 1, line.y0 + 3, line.x0 + 10, line.y0 + 12};
        if (has) pen_.block(swatch, vma_ink(pen_.p, look_.proc.vmas[entry].vm_flags), 4);
        if (has && look_.touched(entry)) pen_.outline(swatch.grown(2), pen_.p.accent, 2 * pen_.hairline());
        const std::string name = has ? look_.name(entry) : pen_.say(words::EMPTY_SLOT);
        pen_.text(line.x0 + 14, line.y0, pen_.fitted(name, room, has ? words_look : note), has ? words_look : note);
        if (both) pen_.text_right(line.x1, line.y0, bytes, note);
    }

    Pen& pen_;
    ScrollArea& area_;
    Rect top_;
    const MapleLook& look_;
    MapleDrawing out_;
    std::optional<Rect> above_; // the node that is unfolded in the level above
};

} // namespace

std::string slots_in_use(const Teller& teller, const maple_node& node) {
    return mm::filled(teller.say(words::SLOTS_IN_USE), std::to_string(node.count), std::to_string(node.room()));
}

MapleDrawing draw_maple(Pen& pen, ScrollArea& area, const Rect& top, const MapleLook& look) {
    return MaplePainter(pen, area, top, look).run();
}

} // namespace shell
