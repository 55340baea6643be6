#include "views/pages/pcp_lists.h"

#include <imgui.h>

#include <algorithm>

#include "json.h"
#include "physical/pcp.h"
#include "views/parts/cell_grid.h"
#include "views/parts/mirror_text.h"
#include "views/parts/words.h"

namespace shell {

namespace {

using mm::pfn_t;
using mm::u32;

constexpr float MARGIN = 12, CPU_HEIGHT = 40, LIST_HEIGHT = 56, LABEL_ABOVE = 16;
constexpr u32 FEW_CPUS = 2; // are all shown, without an overview
constexpr CellBounds CPU_CELL{.min_width = 30, .max_width = 46, .aspect = 1.6f, .gap = 4};
constexpr std::size_t MOST_GONE = 6;

// The migratetype of a list; huge pages have one list for movable ones and one for the rest.
mm::migratetype type_of_list(u32 list) {
    constexpr u32 low_orders = mm::MIGRATE_PCPTYPES * (mm::PAGE_ALLOC_COSTLY_ORDER + 1);
    if (list >= low_orders) return list == low_orders ? mm::MIGRATE_UNMOVABLE : mm::MIGRATE_MOVABLE;
    return static_cast<mm::migratetype>(list % mm::MIGRATE_PCPTYPES);
}

std::string list_name(const mm::physical_memory& mem, const Teller& pen, u32 list) {
    return words::order_of(pen, mm::pindex_to_order(mem, list)) + "  " +
           std::string(mm::migratetype_names[type_of_list(list)]);
}

u32 list_of(const mm::physical_memory& mem, const PcpVisit& visit) {
    if (visit.kind != PcpVisit::Kind::drained) return visit.list;
    if (!mm::pcp_allowed_order(mem, visit.order)) return 0;
    const mm::migratetype type = visit.type < mm::MIGRATE_PCPTYPES ? visit.type : mm::MIGRATE_MOVABLE;
    return mm::order_to_pindex(type, visit.order);
}

bool touches(const mm::physical_memory& mem, const PcpVisit& visit, u32 zone, u32 cpu, u32 list) {
    return visit.zone == zone && visit.cpu == cpu && visit.kind != PcpVisit::Kind::drain && list_of(mem, visit) == list;
}

bool is_at_work(const ZoneScene& scene, u32 cpu) {
    return std::any_of(scene.touched.pcp.begin(), scene.touched.pcp.end(),
                       [&](const PcpVisit& visit) { return visit.zone == scene.zone_index && visit.cpu == cpu; });
}

std::vector<StripMark> marks_of(const mm::physical_memory& mem, const Pen& pen, const Touched& touched, u32 zone,
                                u32 cpu, u32 list, float glow, u32 new_from) {
    std::vector<StripMark> marks;
    bool refilled = false;
    for (const PcpVisit& visit : touched.pcp) {
        if (!touches(mem, visit, zone, cpu, list)) continue;
        StripMark mark{.item = visit.pfn, .colour = pen.p.accent};
        mark.glow = visit.event >= new_from ? glow : 0;
        switch (visit.kind) {
        case PcpVisit::Kind::refill: refilled = true; continue;
        case PcpVisit::Kind::hit: mark.word = pen.say(words::TAKEN); break;
        case PcpVisit::Kind::freed: mark.word = pen.say(words::FREED); break;
        case PcpVisit::Kind::drained:
            mark.word = pen.say(words::DRAINED);
            mark.at_tail = true;
            break;
        default: continue;
        }
        mark.gone = !mem.pfn_valid(visit.pfn) || mem.page_at(visit.pfn).state() != mm::page_state::pcp;
        std::erase_if(marks, [&](const StripMark& other) { return other.item == mark.item; });
        if (!mark.gone || visit.kind != PcpVisit::Kind::freed) marks.push_back(mark);
    }
    if (refilled) {
        const u32 order = mm::pindex_to_order(mem, list);
        for (const TouchedBlock& block : touched.blocks) {
            if (block.order != order || mem.page_at(block.pfn).state() != mm::page_state::pcp) continue;
            marks.push_back({.item = block.pfn, .colour = pen.p.accent});
        }
    }
    keep_latest_gone(marks, MOST_GONE);
    return marks;
}

} // namespace

float PcpListsView::draw_lists(ZoneScene& scene) {
    const bool few = scene.zone.pcp.size() <= FEW_CPUS;
    const bool touches = std::any_of(scene.touched.pcp.begin(), scene.touched.pcp.end(),
                                     [&](const PcpVisit& visit) { return visit.zone == scene.zone_index; });
    folds_ = fold_.folds(scene.area, touches);
    folded_ = 0;
    float y = scene.area.box().y0;
    if (!few && !folds_) y = draw_overview(scene, y);
    for (u32 cpu = 0; cpu < scene.zone.pcp.size(); ++cpu) {
        const bool shown =
            few || scene.zone.pcp[cpu].count > 0 || pressed_cpu_ == static_cast<int>(cpu) || is_at_work(scene, cpu);
        if (!shown) continue;
        if (folds_ && !is_at_work(scene, cpu))
            ++folded_;
        else
            y = draw_cpu(scene, cpu, y);
    }
    return fold_.draw(scene.pen, scene.area, scene.actions, y, folded_, touches);
}

// One cell a CPU, filled to count / high. Pressing one goes to its lists.
float PcpListsView::draw_overview(ZoneScene& scene, float y) {
    Pen& pen = scene.pen;
    const Rect& box = scene.area.box();
    const auto& cpus = scene.zone.pcp;
    pen.text(box.x0 + MARGIN, y + 2, "CPU: count / high", {pen.p.muted, TEXT_SMALL, Face::mono});
    BlockLook look;
    look.state = mm::page_state::pcp;
    const BlockInk ink = pen.p.block(ColourBy::state, look, scene.mem.nr_orders);
    CellGrid grid{
        .shape = fit_grid(static_cast<u32>(cpus.size()), {box.x0 + MARGIN, y + 20, box.x1 - MARGIN, y + 20}, CPU_CELL),
        .look = [&](u32 cpu) {
            const float high = static_cast<float>(std::max({cpus[cpu].high, cpus[cpu].count, 1}));
            CellLook cell{.ink = ink,
                          .level = std::min(static_cast<float>(cpus[cpu].count) / high, 0.999f),
                          .label = std::to_string(cpu)};
            if (is_at_work(scene, cpu)) {
                cell.mark = pen.p.accent;
                cell.glow = scene.glow;
            }
            return cell;
        }};
    if (pressed_cpu_ >= 0) grid.selected = static_cast<u32>(pressed_cpu_);
    for_each_seen_cell(grid.shape, scene.area.window(),
                       [&](u32 cpu, const Rect& cell) { scene.area.offer(cell, grid.selected == cpu); });
    const auto under = draw_cell_grid(pen, grid, scene.area.window(), scene.area.pointer());
    if (under) {
        const mm::per_cpu_pages& pcp = cpus[*under];
        ImGui::SetTooltip("CPU %u  count %d  high %d  batch %d", *under, pcp.count, pcp.high, pcp.batch);
        if (scene.area.pressed()) {
            pressed_cpu_ = pressed_cpu_ == static_cast<int>(*under) ? -1 : static_cast<int>(*under);
            scene.actions.animate = true;
            show_cpu_ = pressed_cpu_;
        }
    }
    return grid.shape.box.y1 + 14;
}

namespace {

// count as a bar up to high, with a tick at each batch.
void draw_count(Pen& pen, const mm::per_cpu_pages& pcp, const Rect& bar) {
    const float high = static_cast<float>(std::max({pcp.high, pcp.count, 1}));
    const auto place = [&](float pages) { return bar.x0 + bar.width() * std::min(pages / high, 1.0f); };
    pen.fill(bar, pen.p.hole);
    const Rect filled = pen.snap(Rect{bar.x0, bar.y0, place(static_cast<float>(pcp.count)), bar.y1});
    BlockLook look;
    look.state = mm::page_state::pcp;
    if (filled.width() > 0) pen.block(filled, pen.p.block(ColourBy::state, look, 1), 6);
    const float batch = static_cast<float>(std::max(pcp.batch, 1));
    for (float at = batch; at < high && high / batch < 40; at += batch)
        pen.fill(pen.snap(Rect{place(at), bar.y1, place(at) + pen.hairline(), bar.y1 + 4}), pen.p.muted);
    pen.outline(bar, pen.p.muted, pen.hairline());
}

} // namespace

float PcpListsView::draw_cpu(ZoneScene& scene, u32 cpu, float y) {
    Pen& pen = scene.pen;
    const mm::per_cpu_pages& pcp = scene.zone.pcp[cpu];
    const float x0 = scene.area.box().x0 + MARGIN, x1 = scene.area.box().x1 - MARGIN;
    if (show_cpu_ == static_cast<int>(cpu)) {
        scene.area.show(y, CPU_HEIGHT + LIST_HEIGHT);
        show_cpu_ = -1;
    }
    pen.fill({x0, pen.snap(y), x1, pen.snap(y) + pen.hairline()}, pen.p.faint);
    const bool at_work =
        scene.touched.cpu == static_cast<int>(cpu) && scene.touched.zone == static_cast<int>(scene.zone_index);
    const std::string name = "CPU " + std::to_string(cpu);
    pen.text(x0, y + 12, name, {at_work ? pen.p.accent : pen.p.ink, TEXT_LARGE, Face::words});

    const TextLook number{pen.p.ink, 12, Face::mono};
    const TextLook label{pen.p.muted, TEXT_SMALL, Face::mono};
    const mm::physical_memory& before = scene.input.before().physical;
    const bool was_there = scene.zone_index < before.zones.size() && cpu < before.zones[scene.zone_index].pcp.size();
    const mm::per_cpu_pages& was = was_there ? before.zones[scene.zone_index].pcp[cpu] : pcp;
    const std::string count = "count " + from_to(was.count, pcp.count);
    std::string limits = "high " + from_to(was.high, pcp.high) + "  batch " + from_to(was.batch, pcp.batch);
    if (pcp.high_max > pcp.high_min) limits += "  (" + grouped(pcp.high_min) + "–" + grouped(pcp.high_max) + ")";
    float x = x0 + 66;
    pen.text(x, y + 14, count, number);
    x += std::max(pen.width_of(count, number), 78.0f) + 12;
    const float bar_end = std::min(x + 280, x1 - pen.width_of(limits, label) - 10);
    const bool below = bar_end - x < 60; // no room beside the numbers
    draw_count(pen, pcp, pen.snap(below ? Rect{x0, y + 34, x1, y + 44} : Rect{x, y + 15, bar_end, y + 25}));
    if (!below) x = bar_end + 10;
    pen.text(x, y + 15, pen.fitted(limits, x1 - x, label), label);

    y += CPU_HEIGHT + (below ? 16 : 0);
    for (u32 list = 0; list < mm::NR_PCP_LISTS; ++list) y = draw_list(scene, cpu, list, y);
    return y + 4;
}

float PcpListsView::draw_list(ZoneScene& scene, u32 cpu, u32 list, float y) {
    Pen& pen = scene.pen;
    const mm::page_list& pages = scene.zone.pcp[cpu].lists[list];
    const bool touched = std::any_of(scene.touched.pcp.begin(), scene.touched.pcp.end(), [&](const PcpVisit& visit) {
        return touches(scene.mem, visit, scene.zone_index, cpu, list);
    });
    if (pages.empty() && !touched) return y;
    if (folds_ && !touched) {
        ++folded_;
        return y;
    }
    if (touched) scene.area.touched(y, LIST_HEIGHT);
    const Rect& all = scene.area.box();
    const Rect box{all.x0 + MARGIN + 8, y + LABEL_ABOVE, all.x1 - MARGIN, y + LIST_HEIGHT};
    if (!scene.area.sees({box.x0, y, box.x1, box.y1})) return y + LIST_HEIGHT;

    const mm::migratetype type = type_of_list(list);
    const u32 order = mm::pindex_to_order(scene.mem, list);
    std::string nr = grouped(pages.nr) + " " + pen.say(pages.nr == 1 ? words::BLOCK : words::BLOCKS);
    for (const PcpVisit& visit : scene.touched.pcp) {
        if (visit.kind == PcpVisit::Kind::refilled && touches(scene.mem, visit, scene.zone_index, cpu, list))
            nr = std::string(pen.say(words::REFILLED)) + " +" + grouped(visit.count) + "   " + nr;
    }
    const TextLook count{touched ? pen.p.accent : pen.p.muted, TEXT_SMALL, Face::words};
    draw_list_name(pen, box.x0, y + 1, box.x1 - pen.width_of(nr, count) - 10, pen.p.type[type],
                   list_name(scene.mem, pen, list));
    pen.text_right(box.x1, y + 1, nr, count);

    const BlockInk ink =
        pen.p.block(ColourBy::type, {mm::page_state::pcp, static_cast<mm::u8>(order), type, 0, 0}, scene.mem.nr_orders);
    ListRow row{.strip = page_strip(pen, scene.mem, pages, ink), .box = box, .says_empty = false};
    row.strip.marks = marks_of(scene.mem, pen, scene.touched, scene.zone_index, cpu, list, scene.glow, scene.new_from);
    draw_pages(scene, cpu << 8 | list, std::move(row),
               {Selection::Kind::pcp_list, static_cast<mm::i64>(scene.zone_index), list, cpu});
    return y + LIST_HEIGHT;
}

void PcpListsView::tell_lists(Mirror& out, const ViewInput& input, const mm::Machine& machine, u32 index,
                              const Touched& touched) const {
    const Teller teller = input.teller();
    const mm::physical_memory& mem = machine.physical;
    const mm::zone& zone = mem.zones[index];
    out.columns = {teller.say(mirror_text::LIST), teller.say(mirror_text::PAGES), teller.say(mirror_text::LIMITS),
                   teller.say(mirror_text::FIRST_PAGES)};
    for (u32 cpu = 0; cpu < zone.pcp.size(); ++cpu) {
        const mm::per_cpu_pages& pcp = zone.pcp[cpu];
        const std::string name = "CPU " + std::to_string(cpu);
        const bool at_work = touched.cpu == static_cast<int>(cpu) && touched.zone == static_cast<int>(index);
        if (!out.add({{name, grouped(pcp.count), "high " + grouped(pcp.high) + ", batch " + grouped(pcp.batch), ""},
                      {},
                      touched_if(at_work)}))
            break;
        for (u32 list = 0; list < mm::NR_PCP_LISTS; ++list) {
            const bool is_touched = std::any_of(touched.pcp.begin(), touched.pcp.end(), [&](const PcpVisit& visit) {
                return touches(mem, visit, index, cpu, list);
            });
            if (pcp.lists[list].empty() && !is_touched) continue;
            const u32 pages = pcp.lists[list].nr << mm::pindex_to_order(mem, list);
            out.add(
                {{name + ", " + list_name(mem, teller, list), grouped(pages), "", first_pages(mem, pcp.lists[list])},
                 {Selection::Kind::pcp_list, index, list, cpu},
                 touched_if(is_touched)});
        }
    }
}

std::string PcpListsView::describe(const ViewInput& input) const {
    const mm::physical_memory& mem = input.moment.at.physical;
    const Touched touched = touched_so_far(input);
    const int shown = zone_at(input, touched);
    if (shown < 0) return "{}";
    const mm::zone& zone = mem.zones[static_cast<std::size_t>(shown)];
    Json cpus = Json::array();
    for (std::size_t cpu = 0; cpu < zone.pcp.size(); ++cpu) {
        const mm::per_cpu_pages& pcp = zone.pcp[cpu];
        Json lists = Json::array();
        for (u32 list = 0; list < mm::NR_PCP_LISTS; ++list) {
            if (pcp.lists[list].empty()) continue;
            lists.push_back({{"order", mm::pindex_to_order(mem, list)},
                             {"type", mm::migratetype_names[type_of_list(list)]},
                             {"nr", pcp.lists[list].nr},
                             {"head", hex_pfn(pcp.lists[list].first)},
                             {"tail", hex_pfn(pcp.lists[list].last)}});
        }
        cpus.push_back({{"cpu", cpu},
                        {"count", pcp.count},
                        {"high", pcp.high},
                        {"batch", pcp.batch},
                        {"lists", std::move(lists)}});
    }
    return to_text(Json{{"zone", mm::unit_text(input.moment.at, mm::Unit::zone, shown)}, {"cpus", std::move(cpus)}});
}

} // namespace shell
