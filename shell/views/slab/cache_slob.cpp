// The view of a machine with SLOB: its lists of pages, and each page as a bar of blocks in address order.
//
//   below 256 bytes   2 pages
//   0x48050  [##|h####|        |###|             ]     filled: in use, h: its header; hollow: free
//
// A few pages are drawn in four lines each.
#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "slab/slob.h"
#include "views/parts/words.h"
#include "views/slab/cache.h"
#include "views/slab/slab_look.h"
#include "views/slab/slab_words.h"

namespace shell {

namespace {

using mm::pfn_t;
using mm::u32;

constexpr float MARGIN = 12, NAME = 66, BAR = 24, BETWEEN = 8;
constexpr float LINE = 18; // of a page that is drawn in several
constexpr u32 LINES = 4;
constexpr u32 FEW_PAGES = 12; // are drawn in lines, so that small blocks can be told apart

float page_height(u32 lines) { return lines == 1 ? BAR : LINE * static_cast<float>(lines) - 2; }

Rgba header_colour(const Palette& p) { return mix(p.paper, p.bad, 0.55f); }

} // namespace

const Phrase& slob_list_words(u32 list) {
    switch (list) {
    case mm::SLOB_SMALL: return words::SLOB_SMALL_LIST;
    case mm::SLOB_MEDIUM: return words::SLOB_MEDIUM_LIST;
    case mm::SLOB_LARGE: return words::SLOB_LARGE_LIST;
    default: return words::SLOB_FULL_LIST;
    }
}

std::vector<pfn_t> slob_pages(const mm::Machine& machine, u32 list) {
    const mm::slab_memory& slabs = machine.slabs;
    std::vector<pfn_t> out;
    for (pfn_t pfn = slabs.slob_first[list];
         mm::is_slob_page(slabs, machine.physical, pfn) && out.size() < slabs.slob_nr_pages;
         pfn = slabs.slob_pages[pfn - machine.physical.base_pfn].next)
        out.push_back(pfn);
    return out;
}

void CacheView::draw_slob(const ViewInput& input, ViewActions& actions, bool new_moment) {
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (room.x < 120 || room.y < 40) return;
    if (new_moment || pages_.empty()) {
        pages_.clear();
        for (u32 list = 0; list < mm::NR_SLOB_LISTS; ++list) pages_.push_back(slob_pages(input.moment.at, list));
        touched_ = told_so_far(input, mm::Unit::object);
    }
    keys_.listen(input.canvas.focused);
    ScrollArea area("slob", keys_);
    Pen pen = pen_of(input);
    SlabScene scene{input, actions, input.moment.at.slabs, mm::CACHE_NONE, moment_, area, pen, new_moment};
    const float x0 = area.box().x0 + MARGIN, x1 = area.box().x1 - MARGIN;
    const TextLook title{pen.p.ink, TEXT_LARGE, Face::words};
    float y = area.box().y0 + 10;
    y = pen.paragraph(x0, y, x1 - x0, pen.say(words::SLOB_TITLE), title) + 10;
    area.follow(new_moment);
    const std::vector<LegendItem> legend = {
        {object_ink(pen.p, mm::ObjectState::allocated), pen.say(words::BLOCK_HELD), {}},
        {{header_colour(pen.p), pen.p.muted, Pattern::solid}, pen.say(words::SLOB_HEADER), {}},
        {object_ink(pen.p, mm::ObjectState::slab_free), pen.say(words::BLOCK_FREE), {}},
        {{pen.p.paper, pen.p.accent, Pattern::hollow}, pen.say(words::TOUCHED_NOW), {}}};
    const ImVec2 size = legend_size(pen, legend, x1 - x0);
    const auto put_legend = [&] {
        draw_legend(pen, legend, {x0, y + size.y}, x1 - x0);
        y += size.y + 12;
    };
    if (!area.is_low()) put_legend();
    for (u32 list = 0; list < mm::NR_SLOB_LISTS; ++list) y = draw_slob_list(scene, list, y);
    if (input.moment.at.slabs.slob_nr_pages == 0)
        pen.text(x0, y, pen.say(words::NO_SLOB_PAGE), {pen.p.muted, TEXT_NORMAL, Face::words});
    if (area.is_low()) {
        y += 24;
        put_legend();
    }
    area.end_content(y + 24, pen, pen.say(words::PICK_KEYS));
    actions.animate |= area.wants_frame() || moment_.glow(input) > 0;
}

float CacheView::draw_slob_list(SlabScene& scene, u32 list, float y) {
    const std::vector<pfn_t>& pages = pages_[list];
    if (pages.empty()) return y;
    Pen& pen = scene.pen;
    const Rect& box = scene.area.box();
    const float x0 = box.x0 + MARGIN, x1 = box.x1 - MARGIN;
    pen.fill({x0, pen.snap(y), x1, pen.snap(y) + pen.hairline()}, pen.p.faint);
    const TextLook name{pen.p.ink, 12, Face::words}, note{pen.p.muted, TEXT_SMALL, Face::words};
    pen.text(x0, y + 8, pen.say(slob_list_words(list)), name);
    std::string count = words::counted(pen, pages.size(), words::PAGE, words::PAGES);
    if (list != mm::SLOB_FULL) count += std::string("   ") + pen.say(words::SEARCH_STARTS);
    pen.text(x0 + pen.width_of(pen.say(slob_list_words(list)), name) + 10, y + 9, count, note);
    y += 30;
    const float height = page_height(scene.slabs.slob_nr_pages <= FEW_PAGES ? LINES : 1);
    const auto row_at = [&](float at) {
        const float row = std::floor((at - y) / (height + BETWEEN));
        return static_cast<std::size_t>(std::clamp(row, 0.0f, static_cast<float>(pages.size())));
    };
    for (const mm::phys_addr_t object : touched_) {
        const auto page = std::find(pages.begin(), pages.end(),
                                    static_cast<pfn_t>(object >> scene.input.moment.at.physical.page_shift));
        if (page != pages.end())
            scene.area.touched(y + static_cast<float>(page - pages.begin()) * (height + BETWEEN), height);
    }
    const Rect& window = scene.area.window();
    for (std::size_t i = row_at(window.y0); i < std::min(pages.size(), row_at(window.y1) + 1); ++i) {
        const float top = y + static_cast<float>(i) * (height + BETWEEN);
        draw_slob_page(scene, pages[i], {x0 + NAME, top, x1, top + height});
    }
    return y + static_cast<float>(pages.size()) * (height + BETWEEN) + 6;
}

void CacheView::draw_slob_page(SlabScene& scene, pfn_t pfn, const Rect& bar) {
    Pen& pen = scene.pen;
    const mm::physical_memory& mem = scene.input.moment.at.physical;
    const Selection place{Selection::Kind::pfn, pfn, 0, 0};
    const Rect name{bar.x0 - NAME, bar.y0, bar.x0 - 8, bar.y1};
    const bool on_name = name.contains(scene.area.pointer());
    scene.area.offer({name.x0, name.y0, name.x1, std::min(name.y1, name.y0 + LINE)},
                     scene.input.choices.selection == place);
    const TextLook look{pen.p.ink, 12, Face::mono};
    pen.text(name.x0, bar.y0 + 5, hex_pfn(pfn), look);
    if (on_name || scene.input.choices.selection == place)
        pen.fill({name.x0, bar.y0 + 18, name.x0 + pen.width_of(hex_pfn(pfn), look), bar.y0 + 18 + pen.hairline()},
                 pen.p.ink);
    if (on_name && scene.area.pressed()) {
        scene.actions.select = true;
        scene.actions.selection = place;
    }
    for (const mm::slob_block& block : mm::slob_blocks(scene.slabs, mem, pfn)) draw_slob_block(scene, pfn, block, bar);
}

// A block in the lines of its page: where it goes on in the next line, it is drawn in pieces.
void CacheView::draw_slob_block(SlabScene& scene, pfn_t pfn, const mm::slob_block& block, const Rect& bar) {
    Pen& pen = scene.pen;
    const mm::physical_memory& mem = scene.input.moment.at.physical;
    const u32 unit = mm::slob_unit_bytes(mem);
    const u32 lines = bar.height() > BAR ? LINES : 1, line_units = mm::slob_page_units(mem) / lines;
    const float scale = bar.width() / static_cast<float>(line_units);
    const float line_height = lines == 1 ? bar.height() : LINE - 2;
    const BlockInk ink = object_ink(pen.p, block.free ? mm::ObjectState::slab_free : mm::ObjectState::allocated);
    const mm::phys_addr_t address =
        (mm::phys_addr_t{pfn} << mem.page_shift) + mm::phys_addr_t{block.unit} * unit + block.header;
    const Selection object{Selection::Kind::object, static_cast<mm::i64>(address), 0, 0};
    const std::string bytes = std::to_string(block.free ? block.units * unit : block.bytes - block.header);
    const TextLook inside{block.free ? pen.p.ink : readable_on(ink.fill), TEXT_SMALL, Face::mono};
    const float header = scale * static_cast<float>(block.header) / static_cast<float>(unit);

    for (u32 line = block.unit / line_units, begin = block.unit; begin < block.unit + block.units; ++line) {
        const u32 end = std::min(block.unit + block.units, (line + 1) * line_units);
        const float x = bar.x0 + static_cast<float>(begin - line * line_units) * scale;
        const float y = bar.y0 + static_cast<float>(line) * LINE;
        const float x1 = std::max(x + static_cast<float>(end - begin) * scale - 1, x + 1);
        const Rect r = pen.snap(Rect{x, y, x1, y + line_height});
        pen.block(r, ink, 5);
        if (begin == block.unit && !block.free) scene.area.offer(r, scene.input.choices.selection == object);
        if (begin == block.unit) {
            if (header > 0)
                pen.fill(pen.snap(Rect{r.x0, r.y0, std::min(r.x0 + std::max(header, 2.0f), r.x1), r.y1}),
                         header_colour(pen.p));
            if (pen.width_of(bytes, inside) + header + 8 <= r.width())
                pen.text(r.x0 + header + 4, r.y0 + (line_height - 12) / 2, bytes, inside);
        }
        if (std::binary_search(touched_.begin(), touched_.end(), address))
            pen.outline(r.grown(pen.hairline()), pen.p.accent, 2 * pen.hairline());
        if (!block.free && scene.input.choices.selection == object) pen.outline(r, pen.p.ink, 2 * pen.hairline());
        begin = end;
        if (!r.contains(scene.area.pointer())) continue;
        ImGui::SetTooltip("%s\n%s, %s %s", mm::unit_text(scene.input.moment.at, mm::Unit::object, object.value).c_str(),
                          pen.say(block.free ? words::BLOCK_FREE : words::BLOCK_HELD), bytes.c_str(),
                          pen.say(words::BYTES));
        if (!scene.area.pressed() || block.free) continue;
        scene.actions.select = true;
        scene.actions.selection = object;
    }
}

} // namespace shell
