#include "views/pcp_lists.h"

#include <imgui.h>

#include <algorithm>

#include "bridge_json.h"
#include "physical/pcp.h"
#include "views/chips.h"
#include "views/scroll.h"
#include "views/words.h"
#include "views/zone_tabs.h"

namespace shell {

namespace {

using mm::pfn_t;
using mm::u32;

constexpr float MARGIN = 12, CPU_HEIGHT = 40, LIST_HEIGHT = 55, LABEL_ABOVE = 16;
constexpr std::size_t MOST_GONE = 6;

// The migratetype of a list; huge pages have one list for movable ones and one for the rest.
mm::migratetype type_of_list(u32 list) {
    constexpr u32 low_orders = mm::MIGRATE_PCPTYPES * (mm::PAGE_ALLOC_COSTLY_ORDER + 1);
    if (list >= low_orders) return list == low_orders ? mm::MIGRATE_UNMOVABLE : mm::MIGRATE_MOVABLE;
    return static_cast<mm::migratetype>(list % mm::MIGRATE_PCPTYPES);
}

std::string list_name(const mm::physical_memory& mem, const Pen& pen, u32 list) {
    return words::order_of(pen, mm::pindex_to_order(mem, list)) + "  " +
           std::string(mm::migratetype_names[type_of_list(list)]);
}

u32 list_of(const mm::physical_memory& mem, const PcpVisit& visit) {
    if (visit.kind != PcpVisit::Kind::drained) return visit.list;
    if (!mm::pcp_allowed_order(mem, visit.order)) return 0;
    const mm::migratetype type = visit.type < mm::MIGRATE_PCPTYPES ? visit.type : mm::MIGRATE_MOVABLE;
    return mm::order_to_pindex(mem, type, visit.order);
}

bool touches(const mm::physical_memory& mem, const PcpVisit& visit, u32 zone, u32 cpu, u32 list) {
    return visit.zone == zone && visit.cpu == cpu && visit.kind != PcpVisit::Kind::drain && list_of(mem, visit) == list;
}

std::vector<ChipMark> marks_of(const mm::physical_memory& mem, const Pen& pen, const Touched& touched, u32 zone,
                               u32 cpu, u32 list, float glow, u32 last_event) {
    std::vector<ChipMark> marks;
    bool refilled = false;
    for (const PcpVisit& visit : touched.pcp) {
        if (!touches(mem, visit, zone, cpu, list)) continue;
        ChipMark mark{.pfn = visit.pfn, .colour = pen.p.accent};
        mark.glow = visit.event == last_event ? glow : 0;
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
        std::erase_if(marks, [&](const ChipMark& other) { return other.pfn == mark.pfn; });
        if (!mark.gone || visit.kind != PcpVisit::Kind::freed) marks.push_back(mark);
    }
    if (refilled) {
        const u32 order = mm::pindex_to_order(mem, list);
        for (const TouchedBlock& block : touched.blocks) {
            if (block.order != order || mem.page_at(block.pfn).state() != mm::page_state::pcp) continue;
            marks.push_back({.pfn = block.pfn, .colour = pen.p.accent});
        }
    }
    std::size_t gone =
        static_cast<std::size_t>(std::count_if(marks.begin(), marks.end(), [](const ChipMark& m) { return m.gone; }));
    std::erase_if(marks, [&](const ChipMark& mark) { return mark.gone && gone-- > MOST_GONE; });
    return marks;
}

} // namespace

struct PcpListsView::Scene {
    const ViewInput& input;
    ViewActions& actions;
    const mm::physical_memory& mem;
    const mm::zone& zone;
    u32 zone_index;
    const Touched& touched;
    Pen pen;
    float glow = 0;
    bool new_moment = false;
    Rect box{};
    bool hovered = false;
    bool pressed = false;
};

void PcpListsView::draw(const ViewInput& input, ViewActions& actions) {
    const mm::physical_memory& mem = input.machine.physical;
    const Palette& palette = palette_of(input.app.theme);
    const bool new_moment = moment_.notice(input);
    if (moment_.other_session()) zone_ = -1;
    const Touched& touched = moment_.touched();
    Pen title(*ImGui::GetWindowDrawList(), palette, input.app.language);
    if (mem.populated.empty()) return draw_no_zones(title);
    if (wanted_look_) zone_ = zone_of_text(mem, *wanted_look_);
    wanted_look_.reset();
    const ZoneTab tab = draw_zone_tabs(title, input, zone_, touched.zone);
    zone_ = tab.chosen;
    look_ = zone_ < 0 ? "" : zone_text(mem, zone_);
    if (tab.pressed) {
        actions.select = true;
        actions.selection = {Selection::Kind::zone, tab.shown, 0, 0};
    }

    ImGui::BeginChild("cpus", {0, 0}, ImGuiChildFlags_None, ImGuiWindowFlags_NoNav);
    Scene scene{.input = input,
                .actions = actions,
                .mem = mem,
                .zone = mem.zones[static_cast<std::size_t>(tab.shown)],
                .zone_index = static_cast<u32>(tab.shown),
                .touched = touched,
                .pen = Pen(*ImGui::GetWindowDrawList(), palette, input.app.language),
                .glow = moment_.glow(input),
                .new_moment = new_moment};
    actions.animate |= scene.glow > 0;
    const ImVec2 start = ImGui::GetCursorScreenPos();
    const ImVec2 room = ImGui::GetContentRegionAvail();
    scene.box = {start.x, start.y, start.x + room.x, start.y + room.y};
    scene.hovered = ImGui::IsWindowHovered();
    const ImVec2 dragged = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 4);
    scene.pressed = scene.hovered && ImGui::IsMouseReleased(ImGuiMouseButton_Left) && dragged.x == 0 && dragged.y == 0;
    float y = start.y;
    u32 idle = 0;
    for (u32 cpu = 0; cpu < scene.zone.pcp.size(); ++cpu) {
        const bool at_work =
            std::any_of(scene.touched.pcp.begin(), scene.touched.pcp.end(),
                        [&](const PcpVisit& visit) { return visit.zone == scene.zone_index && visit.cpu == cpu; });
        if (scene.zone.pcp[cpu].count == 0 && !at_work && scene.zone.pcp.size() > 2)
            ++idle;
        else
            y = draw_cpu(scene, cpu, y);
    }
    if (idle > 0) {
        const std::string text = grouped(idle) + " " + scene.pen.say(words::IDLE_CPUS);
        scene.pen.text(start.x + MARGIN, y + 10, text, {scene.pen.p.muted, 12, Face::words});
        y += 34;
    }
    ImGui::SetCursorScreenPos({start.x, y});
    ImGui::Dummy({1, 1});
    ImGui::EndChild();
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

float PcpListsView::draw_cpu(Scene& scene, u32 cpu, float y) {
    Pen& pen = scene.pen;
    const mm::per_cpu_pages& pcp = scene.zone.pcp[cpu];
    const float x0 = scene.box.x0 + MARGIN, x1 = scene.box.x1 - MARGIN;
    pen.fill({x0, pen.snap(y), x1, pen.snap(y) + pen.hairline()}, pen.p.faint);
    const bool at_work =
        scene.touched.cpu == static_cast<int>(cpu) && scene.touched.zone == static_cast<int>(scene.zone_index);
    const std::string name = "CPU " + std::to_string(cpu);
    pen.text(x0, y + 12, name, {at_work ? pen.p.accent : pen.p.ink, TEXT_LARGE, Face::words});

    const TextLook number{pen.p.ink, 12, Face::mono};
    const TextLook label{pen.p.muted, TEXT_SMALL, Face::mono};
    const std::string count = "count " + grouped(pcp.count);
    std::string limits = "high " + grouped(pcp.high) + "  batch " + grouped(pcp.batch);
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

float PcpListsView::draw_list(Scene& scene, u32 cpu, u32 list, float y) {
    Pen& pen = scene.pen;
    const mm::page_list& pages = scene.zone.pcp[cpu].lists[list];
    const bool touched = std::any_of(scene.touched.pcp.begin(), scene.touched.pcp.end(), [&](const PcpVisit& visit) {
        return touches(scene.mem, visit, scene.zone_index, cpu, list);
    });
    if (pages.empty() && !touched) return y;
    if (touched && scene.new_moment) show_row(y, LIST_HEIGHT);
    const Rect box{scene.box.x0 + MARGIN + 8, y + LABEL_ABOVE, scene.box.x1 - MARGIN, y + LIST_HEIGHT};
    if (!ImGui::IsRectVisible({box.x0, y}, {box.x1, box.y1})) return y + LIST_HEIGHT;

    const mm::migratetype type = type_of_list(list);
    const u32 order = mm::pindex_to_order(scene.mem, list);
    const Selection here{Selection::Kind::pcp_list, static_cast<mm::i64>(scene.zone_index), list, cpu};
    if (scene.input.app.selection == here)
        pen.outline(pen.snap(Rect{box.x0 - 5, y - 1, box.x1, box.y1 - 2}), pen.p.ink, pen.hairline());
    pen.fill(pen.snap(Rect{box.x0, y + 3, box.x0 + 8, y + 11}), pen.p.type[type]);
    const std::string name = list_name(scene.mem, pen, list);
    const TextLook quiet{pen.p.muted, TEXT_SMALL, Face::words};
    pen.text(box.x0 + 13, y + 1, name, {pen.p.ink, TEXT_SMALL, Face::words});
    pen.text(box.x0 + 25 + pen.width_of(name, quiet), y + 1, direction_text(pen), quiet);
    std::string nr = grouped(pages.nr) + " " + pen.say(pages.nr == 1 ? words::BLOCK : words::BLOCKS);
    for (const PcpVisit& visit : scene.touched.pcp) {
        if (visit.kind == PcpVisit::Kind::refilled && touches(scene.mem, visit, scene.zone_index, cpu, list))
            nr = std::string(pen.say(words::REFILLED)) + " +" + grouped(visit.count) + "   " + nr;
    }
    pen.text_right(box.x1, y + 1, nr, {touched ? pen.p.accent : pen.p.muted, TEXT_SMALL, Face::words});

    const BlockInk ink =
        pen.p.block(ColourBy::type, {mm::page_state::pcp, static_cast<mm::u8>(order), type, 0, 0}, scene.mem.nr_orders);
    const pfn_t selected = scene.input.app.selection.kind == Selection::Kind::pfn
                               ? static_cast<pfn_t>(scene.input.app.selection.value)
                               : mm::PFN_NONE;
    const ImVec2 mouse = scene.hovered ? ImGui::GetIO().MousePos : ImVec2{-1e6f, -1e6f};
    const u32 last_event = scene.input.event > 0 ? scene.input.event - 1 : 0;
    float& scroll = scroll_[cpu << 8 | list];
    const ChipRow row{scene.mem, pages, ink,
                      marks_of(scene.mem, pen, scene.touched, scene.zone_index, cpu, list, scene.glow, last_event),
                      selected};
    const DrawnChips chips = draw_chips(pen, row, box, scroll, mouse);

    if (Rect{box.x0, y, box.x1, box.y1}.contains(mouse)) {
        scroll_by_pointer(scroll);
        if (scene.pressed) {
            scene.actions.select = true;
            scene.actions.selection =
                chips.under_pointer != mm::PFN_NONE ? Selection{Selection::Kind::pfn, chips.under_pointer, 0, 0} : here;
        }
    }
    return y + LIST_HEIGHT;
}

std::string PcpListsView::describe(const ViewInput& input) const {
    const mm::physical_memory& mem = input.machine.physical;
    const Touched touched = touched_so_far(input);
    const int shown = shown_zone(mem, zone_, touched.zone);
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
    return to_text(Json{{"zone", mm::unit_text(input.machine, mm::Unit::zone, shown)}, {"cpus", std::move(cpus)}});
}

} // namespace shell
