#include "views/parts/fold.h"

#include "views/parts/chip.h"
#include "views/parts/words.h"

namespace shell {

namespace {

constexpr float MARGIN = 10, ABOVE = 6;

} // namespace

float Fold::draw(Pen& pen, ScrollArea& area, ViewActions& actions, float y, mm::u32 folded, bool touches) {
    const bool can_fold = open_ && area.is_low() && touches;
    if (folded == 0 && !can_fold) return y;
    const std::string text = folded > 0
                                 ? mm::filled(pen.say(folded == 1 ? words::FOLDED_ONE : words::FOLDED), grouped(folded))
                                 : std::string(pen.say(words::FOLD_AGAIN));
    const Chip chip = draw_chip(pen, area, {area.box().x0 + MARGIN, y + ABOVE}, text, {.face = Face::words});
    area.offer(chip.box);
    if (chip.pressed) {
        open_ = !open_;
        actions.animate = true;
    }
    return chip.box.y1 + ABOVE;
}

} // namespace shell
