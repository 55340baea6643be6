#include "views/pages/zone_lists.h"

#include "machine/narrate.h"
#include "views/pages/zone_tabs.h"
#include "views/parts/words.h"

namespace shell {

using mm::u32;
using mm::u64;

std::optional<u64> ZoneScene::selected_page() const {
    if (input.choices.selection.kind != Selection::Kind::pfn) return std::nullopt;
    return static_cast<u64>(input.choices.selection.value);
}

std::string first_pages(const mm::physical_memory& mem, const mm::page_list& list) {
    std::string out;
    std::size_t named = 0;
    for (mm::pfn_t pfn = list.first; pfn != mm::PFN_NONE && named < MIRROR_CHIPS; pfn = mem.page_at(pfn).next, ++named)
        out += (named == 0 ? "" : " ") + hex_pfn(pfn);
    return list.nr > named ? out + " …" : out;
}

void ZoneListsView::draw(const ViewInput& input, ViewActions& actions) {
    const mm::physical_memory& mem = input.moment.at.physical;
    const bool new_moment = moment_.notice(input);
    if (moment_.other_session()) {
        zone_ = -1;
        scroll_.clear();
        fold_.forget();
        forget();
    }
    // The zone that was chosen by its tab is selected, until the step is at work in another.
    const Selection& selection = input.choices.selection;
    if (new_moment && selection.kind == Selection::Kind::zone && selection.value != zone_) zone_ = -1;
    Pen title = pen_of(input);
    if (mem.populated.empty()) return draw_no_zones(title);
    if (wanted_look_) zone_ = zone_of_text(mem, *wanted_look_);
    wanted_look_.reset();
    const ZoneTab tab = draw_zone_tabs(title, input, zone_, moment_.touched().zone);
    zone_ = tab.chosen;
    look_ = zone_ < 0 ? "" : zone_text(mem, zone_);
    if (tab.pressed) {
        actions.select = true;
        actions.selection = {Selection::Kind::zone, tab.shown, 0, 0};
    }

    keys_.listen(input.canvas.focused);
    ScrollArea area("lists", keys_);
    Pen pen = pen_of(input);
    ZoneScene scene{input,
                    actions,
                    mem,
                    mem.zones[static_cast<std::size_t>(tab.shown)],
                    static_cast<u32>(tab.shown),
                    moment_.touched(),
                    area,
                    pen,
                    moment_.glow(input),
                    new_moment,
                    moment_.new_from()};
    area.follow(new_moment);
    area.end_content(draw_lists(scene), pen, pen.say(words::PICK_KEYS));
    actions.animate |= scene.glow > 0 || area.wants_frame();
}

void ZoneListsView::draw_pages(ZoneScene& scene, u32 key, ListRow row, const Selection& here) {
    row.strip.selected = scene.selected_page();
    row.selected = scene.input.choices.selection == here;
    if (row.strip.nr == 0) scene.area.offer(row.box, row.selected);
    const ListRowAnswer answer = draw_list_row(scene.pen, row, scene.area, scroll_[key]);
    if (!answer.pressed) return;
    scene.actions.select = true;
    scene.actions.selection =
        answer.item ? Selection{Selection::Kind::pfn, static_cast<mm::i64>(*answer.item), 0, 0} : here;
}

Mirror ZoneListsView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Touched touched = touched_so_far(input);
    const int shown = zone_at(input, touched);
    Mirror out{.caption = input.teller().say(row().title)};
    if (shown < 0 || static_cast<std::size_t>(shown) >= machine.physical.zones.size()) {
        out.note = input.teller().say(words::NO_ZONES);
        return out;
    }
    out.caption += ": " + mm::unit_text(machine, mm::Unit::zone, shown);
    tell_lists(out, input, machine, static_cast<u32>(shown), touched);
    return out;
}

int ZoneListsView::zone_at(const ViewInput& input, const Touched& touched) const {
    return shown_zone(input.moment.at.physical, zone_, touched.zone);
}

} // namespace shell
