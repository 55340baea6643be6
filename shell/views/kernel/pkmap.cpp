#include "views/kernel/pkmap.h"

#include <imgui.h>

#include <algorithm>

#include "base/hex.h"
#include "json.h"
#include "machine/facts/shown_address.h"
#include "views/kernel/pkmap_words.h"
#include "views/parts/legend.h"
#include "views/parts/mirror_text.h"
#include "views/parts/words.h"

namespace shell {

namespace {

using mm::pfn_t;
using mm::u32;
using mm::u64;

constexpr float MARGIN = 12, LABEL = 22, BETWEEN = 14, GAP = 1;
constexpr float COUNT_CELL = 18, STACK_CELL_HEIGHT = 20;

BlockInk used_ink(const Palette& p) {
    BlockLook look;
    look.state = mm::page_state::allocated;
    return p.block(ColourBy::state, look, 1);
}
BlockInk stale_ink(const Palette& p) { return {p.paper, p.pcp, Pattern::hatched}; }
BlockInk unused_ink(const Palette& p) { return {p.paper, p.faint, Pattern::hollow}; }

struct Counts {
    u32 used = 0, stale = 0;
};
Counts counts_of(const mm::kmap_memory& kmap) {
    Counts counts;
    for (u32 slot = 0; slot < kmap.nr_slots; ++slot) {
        counts.used += kmap.slots[slot].count > 1;
        counts.stale += kmap.slots[slot].count == 1;
    }
    return counts;
}

// CPUs that the machine has and the kernel is built for.
u32 nr_cpus(const mm::Machine& machine) { return std::min<u32>(machine.profile->cpus, machine.kernel.kmap.nr_cpus); }

// As many cells of this width as fit beside each other.
GridShape rows_of(u32 nr, float x0, float x1, float y, float width, float height) {
    GridShape shape;
    shape.nr = nr;
    shape.gap = GAP;
    shape.columns = std::clamp(static_cast<u32>((x1 - x0 + GAP) / (width + GAP)), 1u, nr);
    shape.box = {x0, y, x0 + static_cast<float>(shape.columns) * (width + GAP) - GAP,
                 y + static_cast<float>(shape.rows()) * (height + GAP) - GAP};
    return shape;
}

} // namespace

struct PkmapView::Frame {
    const ViewInput& input;
    ViewActions& actions;
    const mm::Machine& machine;
    ScrollArea& area;
    Pen& pen;
    float x0, x1;

    // The entry below the pointer: told, and its frame selected when it is pressed.
    void point_at(u64 address, mm::frame_t pfn, const std::string& more) const {
        const std::string where = mm::address_hex(address);
        if (pfn == mm::FRAME_NONE) {
            ImGui::SetTooltip("%s\n%s", where.c_str(), more.c_str());
            return;
        }
        ImGui::SetTooltip("%s  >  pfn %s\n%s", where.c_str(), hex_pfn(pfn).c_str(), more.c_str());
        if (!area.pressed()) return;
        actions.select = true;
        actions.selection = {Selection::Kind::pfn, static_cast<mm::i64>(pfn), 0, 0};
    }
    [[nodiscard]] bool selected(mm::frame_t pfn) const {
        const Selection& selection = input.choices.selection;
        return selection.kind == Selection::Kind::pfn && static_cast<mm::frame_t>(selection.value) == pfn;
    }
};

void PkmapView::draw(const ViewInput& input, ViewActions& actions) {
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (room.x < 120 || room.y < 40) return;
    const bool new_moment = moment_.notice(input);
    if (new_moment) touched_ = mm::told_addresses(input.moment.happened());
    ScrollArea area("pkmap");
    Pen pen = pen_of(input);
    Frame frame{input, actions, input.moment.at, area, pen, area.box().x0 + MARGIN, area.box().x1 - MARGIN};
    area.follow(new_moment);
    float y = draw_head(frame, area.box().y0 + 10);
    if (input.moment.at.kernel.kmap.up) {
        y = draw_table(frame, y);
        y = draw_stacks(frame, y);
        if (area.is_low()) y = draw_legend_of(frame, y);
    }
    area.end_content(y + 12);
    actions.animate |= area.wants_frame() || moment_.glow(input) > 0;
}

float PkmapView::draw_head(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const float width = frame.x1 - frame.x0;
    const TextLook title{pen.p.ink, TEXT_LARGE, Face::words}, note{pen.p.muted, 12, Face::words};
    const mm::kmap_memory& kmap = frame.machine.kernel.kmap;
    if (!kmap.up) return pen.paragraph(frame.x0, y, width, pen.say(words::NO_HIGHMEM), note);
    pen.text(frame.x0, y, pen.fitted(pen.say(words::PKMAP_TITLE), width, title), title);
    y += 24;
    const Counts counts = counts_of(kmap);
    const mm::kmap_memory& kmap_before = frame.input.before().kernel.kmap;
    const Counts before = kmap_before.up ? counts_of(kmap_before) : counts;
    const auto part = [&](u32 was, u32 now, const Phrase& phrase) {
        return from_to(was, now) + " " + pen.say(phrase) + "   ";
    };
    const std::string line =
        mm::address_hex(kmap.pkmap_base) + "   " + part(before.used, counts.used, words::PKMAP_IN_USE) +
        part(before.stale, counts.stale, words::PKMAP_WAIT_FLUSH) +
        part(kmap_before.up ? kmap_before.nr_waiting : kmap.nr_waiting, kmap.nr_waiting, words::PKMAP_SLEEPERS) +
        "last_pkmap_nr " + std::to_string(kmap.last_pkmap_nr);
    pen.text(frame.x0, y, pen.fitted(line, width, note), note);
    y += 22;
    return frame.area.is_low() ? y : draw_legend_of(frame, y);
}

float PkmapView::draw_legend_of(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const float width = frame.x1 - frame.x0;
    const std::vector<LegendItem> legend = {
        {unused_ink(pen.p), pen.say(words::PKMAP_UNUSED), {}},
        {stale_ink(pen.p), pen.say(words::PKMAP_STALE), {}},
        {used_ink(pen.p), pen.say(words::PKMAP_USED), {}},
        {{pen.p.paper, pen.p.ink, Pattern::hollow}, pen.say(words::PKMAP_LAST), {}},
        {{pen.p.paper, pen.p.accent, Pattern::hollow}, pen.say(words::THIS_STEP), {}}};
    const ImVec2 size = legend_size(pen, legend, width);
    draw_legend(pen, legend, {frame.x0, y + size.y}, width);
    return y + size.y + BETWEEN;
}

float PkmapView::draw_table(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const mm::kernel_memory& kernel = frame.machine.kernel;
    const mm::kmap_memory& kmap = kernel.kmap;
    CellGrid grid{.shape = rows_of(kmap.nr_slots, frame.x0, frame.x1, y, COUNT_CELL, COUNT_CELL),
                  .look = [&](u32 slot) {
                      const u32 count = kmap.slots[slot].count;
                      CellLook cell;
                      cell.ink = count == 0 ? unused_ink(pen.p) : count == 1 ? stale_ink(pen.p) : used_ink(pen.p);
                      if (count > 0) cell.label = std::to_string(count);
                      if (std::binary_search(touched_.begin(), touched_.end(), mm::pkmap_address(kernel, slot)))
                          cell.mark = pen.p.accent;
                      return cell;
                  }};
    for (u32 slot = 0; slot < kmap.nr_slots; ++slot)
        if (std::binary_search(touched_.begin(), touched_.end(), mm::pkmap_address(kernel, slot)))
            frame.area.touched(grid.shape.cell(slot).y0, COUNT_CELL);
    for (u32 slot = 0; slot < kmap.nr_slots && !grid.selected; ++slot)
        if (kmap.slots[slot].count > 0 && frame.selected(kmap.slots[slot].pfn)) grid.selected = slot;
    const auto under = draw_cell_grid(pen, grid, frame.area.window(), frame.area.pointer());
    const Rect last = grid.shape.cell(kmap.last_pkmap_nr);
    pen.fill({last.x0, last.y1 - 3, last.x1, last.y1}, pen.p.ink);
    if (under) {
        const mm::kmap_memory::slot& slot = kmap.slots[*under];
        frame.point_at(mm::pkmap_address(kernel, *under), slot.count > 0 ? slot.pfn : mm::FRAME_NONE,
                       "[" + std::to_string(*under) + "] " + pen.say(words::PKMAP_COUNT) + " " +
                           std::to_string(slot.count));
    }
    return grid.shape.box.y1 + BETWEEN;
}

float PkmapView::draw_stacks(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const mm::kernel_memory& kernel = frame.machine.kernel;
    const mm::kmap_memory& kmap = kernel.kmap;
    const TextLook title{pen.p.ink, TEXT_LARGE, Face::words}, name{pen.p.ink, 12, Face::mono};
    pen.text(frame.x0, y, pen.fitted(pen.say(words::FIXMAP_TITLE), frame.x1 - frame.x0, title), title);
    y += 26;
    const float cell = pen.width_of("00000000", {pen.p.ink, TEXT_SMALL, Face::mono});
    for (u32 cpu = 0; cpu < nr_cpus(frame.machine); ++cpu) {
        pen.text(frame.x0, y, "CPU " + std::to_string(cpu), name);
        y += LABEL - 4;
        const auto slot_of = [&](u32 i) { return cpu * kmap.per_cpu + i; };
        const auto frame_of = [&](u32 i) { return mm::fixmap_frame(kernel, frame.machine.mmu, slot_of(i)); };
        CellGrid grid{
            .shape = rows_of(kmap.per_cpu, frame.x0, frame.x1, y, cell, STACK_CELL_HEIGHT), .look = [&](u32 i) {
                const mm::frame_t pfn = frame_of(i);
                CellLook look;
                look.ink = pfn == mm::FRAME_NONE ? unused_ink(pen.p) : used_ink(pen.p);
                if (pfn != mm::FRAME_NONE) look.label = hex_pfn(pfn).substr(2);
                if (std::binary_search(touched_.begin(), touched_.end(), mm::fixmap_address(kernel, slot_of(i))))
                    look.mark = pen.p.accent;
                return look;
            }};
        for (u32 i = 0; i < kmap.per_cpu; ++i)
            if (std::binary_search(touched_.begin(), touched_.end(), mm::fixmap_address(kernel, slot_of(i))))
                frame.area.touched(grid.shape.cell(i).y0, STACK_CELL_HEIGHT);
        for (u32 i = 0; i < kmap.per_cpu && !grid.selected; ++i)
            if (frame.selected(frame_of(i))) grid.selected = i;
        if (const auto under = draw_cell_grid(pen, grid, frame.area.window(), frame.area.pointer()))
            frame.point_at(mm::fixmap_address(kernel, slot_of(*under)), frame_of(*under),
                           "FIX_KMAP_BEGIN + " + std::to_string(slot_of(*under)));
        y = grid.shape.box.y1 + BETWEEN;
    }
    return y;
}

Mirror PkmapView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Teller teller = input.teller();
    const mm::kernel_memory& kernel = machine.kernel;
    const mm::kmap_memory& kmap = kernel.kmap;
    Mirror out{.caption = teller.say(row().title)};
    if (!kmap.up) {
        out.note = teller.say(words::NO_HIGHMEM);
        return out;
    }
    out.columns = {teller.say(mirror_text::SLOT), teller.say(mirror_text::ADDRESS), teller.say(mirror_text::FRAME),
                   teller.say(mirror_text::COUNT)};
    const std::vector<u64> told = mm::told_addresses(input.moment.happened());
    const auto is_told = [&](u64 address) { return std::binary_search(told.begin(), told.end(), address); };
    const auto place = [](mm::frame_t pfn) { return Selection{Selection::Kind::pfn, static_cast<mm::i64>(pfn), 0, 0}; };
    for (u32 slot = 0; slot < kmap.nr_slots; ++slot) {
        const u64 address = mm::pkmap_address(kernel, slot);
        const bool used = kmap.slots[slot].count > 0, last = slot == kmap.last_pkmap_nr;
        if (!used && !last && !is_told(address)) continue;
        out.add({{"PKMAP [" + std::to_string(slot) + "]", mm::address_hex(address),
                  used ? hex_pfn(kmap.slots[slot].pfn) : "",
                  std::to_string(kmap.slots[slot].count) + (last ? ", last_pkmap_nr" : "")},
                 used ? place(kmap.slots[slot].pfn) : Selection{},
                 touched_if(is_told(address))});
    }
    for (u32 cpu = 0; cpu < nr_cpus(machine); ++cpu) {
        for (u32 i = 0; i < kmap.per_cpu; ++i) {
            const u32 slot = cpu * kmap.per_cpu + i;
            const u64 address = mm::fixmap_address(kernel, slot);
            const mm::frame_t pfn = mm::fixmap_frame(kernel, machine.mmu, slot);
            if (pfn == mm::FRAME_NONE && !is_told(address)) continue;
            out.add({{"CPU " + std::to_string(cpu) + ", fixmap [" + std::to_string(i) + "]", mm::address_hex(address),
                      pfn == mm::FRAME_NONE ? "" : hex_pfn(pfn), ""},
                     pfn == mm::FRAME_NONE ? Selection{} : place(pfn),
                     touched_if(is_told(address))});
        }
    }
    return out;
}

std::string PkmapView::describe(const ViewInput& input) const {
    const mm::kernel_memory& kernel = input.moment.at.kernel;
    const mm::kmap_memory& kmap = kernel.kmap;
    if (!kmap.up) return to_text(Json{{"highmem", false}});
    Json entries = Json::array();
    for (u32 slot = 0; slot < kmap.nr_slots; ++slot)
        if (kmap.slots[slot].count > 0)
            entries.push_back(Json{{"slot", slot},
                                   {"address", mm::address_hex(mm::pkmap_address(kernel, slot))},
                                   {"frame", hex_pfn(kmap.slots[slot].pfn)},
                                   {"count", kmap.slots[slot].count}});
    Json stacks = Json::array();
    for (u32 cpu = 0; cpu < nr_cpus(input.moment.at); ++cpu) {
        Json stack = Json::array();
        for (u32 i = 0; i < kmap.per_cpu; ++i) {
            const u32 slot = cpu * kmap.per_cpu + i;
            const mm::frame_t pfn = mm::fixmap_frame(kernel, input.moment.at.mmu, slot);
            if (pfn == mm::FRAME_NONE) continue;
            stack.push_back(Json{{"slot", slot},
                                 {"address", mm::address_hex(mm::fixmap_address(kernel, slot))},
                                 {"frame", hex_pfn(pfn)}});
        }
        stacks.push_back(Json{{"cpu", cpu}, {"stack", std::move(stack)}});
    }
    return to_text(Json{{"highmem", true},
                        {"pkmap_base", mm::address_hex(kmap.pkmap_base)},
                        {"nr_slots", kmap.nr_slots},
                        {"last_pkmap_nr", kmap.last_pkmap_nr},
                        {"waiting", kmap.nr_waiting},
                        {"entries", std::move(entries)},
                        {"fixmap", std::move(stacks)}});
}

} // namespace shell
