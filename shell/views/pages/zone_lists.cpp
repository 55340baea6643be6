#include "views/pages/zone_lists.h"

#include "views/pages/zone_tabs.h"

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
    const Palette& palette = palette_of(input.choices.theme);
    const bool new_moment = moment_.notice(input);
    if (moment_.other_session()) {
        zone_ = -1;
        scroll_.clear();
        fold_.forget();
        forget();
    }
    Pen title(*ImGui::GetWindowDrawList(), palette, input.choices.language);
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

    ScrollArea area("lists");
    Pen pen(*ImGui::GetWindowDrawList(), palette, input.choices.language);
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
    area.end_content(draw_lists(scene));
    actions.animate |= scene.glow > 0 || area.wants_frame();
}

void ZoneListsView::draw_pages(ZoneScene& scene, u32 key, ListRow row, const Selection& here) {
    row.strip.selected = scene.selected_page();
    row.selected = scene.input.choices.selection == here;
    const ListRowAnswer answer = draw_list_row(scene.pen, row, scene.area, scroll_[key]);
    if (!answer.pressed) return;
    scene.actions.select = true;
    scene.actions.selection =
        answer.item ? Selection{Selection::Kind::pfn, static_cast<mm::i64>(*answer.item), 0, 0} : here;
}

int ZoneListsView::zone_at(const ViewInput& input, const Touched& touched) const {
    return shown_zone(input.moment.at.physical, zone_, touched.zone);
}

} // namespace shell
