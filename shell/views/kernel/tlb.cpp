#include "views/kernel/tlb.h"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/hex.h"
#include "json.h"
#include "machine/facts/address_facts.h"
#include "mmu/arm64/asid.h"
#include "views/kernel/address_words.h"
#include "views/kernel/table_look.h"
#include "views/kernel/tlb_runs.h"
#include "views/kernel/tlb_words.h"
#include "views/parts/cell_grid.h"
#include "views/parts/chip.h"
#include "views/parts/mirror_text.h"
#include "views/parts/words.h"

namespace shell {

namespace {

using mm::tlb_belief;
using mm::u32;
using mm::u64;
using mm::u8;

constexpr float MARGIN = 12, BETWEEN_CPUS = 26, LABEL = 46, GAP = 4, BETWEEN = 12;
constexpr float CELL_HEIGHT = 66, LINE = 15, STRIPE = 5, NARROWEST_CELL = 70, NARROWEST_CPU = 400;
constexpr float EMPTY_ROW = 18, WALK_ROW = 22;
constexpr u32 MAX_TOLD = 64; // entries of a CPU that describe() lists

EntryLook look_of(const mm::mmu_memory& mmu, const mm::tlb_entry& entry) {
    if (mmu.tlb.size_bytes(entry.size()) > mmu.geometry().size(entry.level)) return EntryLook::contiguous;
    return entry.level == 0 ? EntryLook::page : EntryLook::block;
}

mm::frame_t frame_of(const mm::mmu_memory& mmu, const mm::tlb_entry& entry) {
    return entry.phys >> mmu.geometry().page_shift;
}

bool is_stale(tlb_belief belief) { return belief != tlb_belief::holds && belief != tlb_belief::nobodys; }

std::string per_mille(u64 part, u64 whole) {
    const u64 rate = whole == 0 ? 0 : (part * 1000 + whole / 2) / whole;
    return std::to_string(rate / 10) + "." + std::to_string(rate % 10) + " %";
}

// "reach 84 KiB (4 × 4 KiB, 1 × 64 KiB) · when full, of 4 KiB: 64 KiB, 64 KiB: 1 MiB"
std::string reach_text(const Pen& pen, const mm::tlb_memory& tlb, const mm::tlb_cpu& cpu) {
    const std::string next = pen.say(words::NEXT_SIZE), of = pen.say(words::OF_SIZE);
    std::string parts, full;
    for (u8 size = 0; size < tlb.nr_sizes; ++size) {
        const std::string bytes = size_text(tlb.size_bytes(size));
        if (cpu.nr_valid[size] > 0) parts += (parts.empty() ? "" : next) + grouped(cpu.nr_valid[size]) + " × " + bytes;
        full += (full.empty() ? "" : next) + bytes + of + size_text(tlb.size_bytes(size) * tlb.config.entries);
    }
    std::string text = std::string(pen.say(words::REACH)) + " " + size_text(tlb_reach(tlb, cpu));
    if (!parts.empty()) text += mm::filled(pen.say(words::REACH_PARTS), {}, parts);
    return text + " · " + pen.say(words::REACH_FULL) + " " + full;
}

const char* belief_name(tlb_belief belief) {
    static constexpr const char* NAMES[] = {"holds",       "nobodys",      "unmapped",   "other_memory",
                                            "more_rights", "fewer_rights", "two_answers"};
    static_assert(std::size(NAMES) == static_cast<std::size_t>(tlb_belief::count));
    return NAMES[static_cast<std::size_t>(belief)];
}

// What a CPU has in separate TLBs stands together here.
const Phrase& one_tlb(const mm::mmu_memory& mmu) {
    return mmu.arch().arch == mm::architecture::arm64 ? words::ONE_TLB_ARM64 : words::ONE_TLB_I386;
}

const char* touch_name(TlbTouch touch) {
    static constexpr const char* NAMES[] = {"none", "hit", "filled", "replaced", "invalidated"};
    return NAMES[static_cast<std::size_t>(touch)];
}

} // namespace

struct TlbView::Frame {
    const ViewInput& input;
    ViewActions& actions;
    const mm::mmu_memory& mmu;
    ScrollArea& area;
    Pen& pen;
    float x0, x1;
    float glow;
    u32 first = 0, nr = 0; // CPUs that are shown

    [[nodiscard]] const mm::tlb_memory& tlb() const { return mmu.tlb; }
    [[nodiscard]] bool has_asids() const { return mmu.arch().has_asids; }
    [[nodiscard]] std::string space_name(mm::space_id space) const {
        return space_text(input.moment.at, space, input.scenario.result_names);
    }
    template <class Entry>
    [[nodiscard]] std::string whose(const Entry& entry) const {
        if (entry.global) return pen.say(words::TLB_GLOBAL);
        return has_asids() ? "ASID " + std::to_string(entry.asid) : pen.say(words::UNTIL_CR3);
    }
    // What the CPU has no more, or cannot use as it runs now, is muted.
    [[nodiscard]] Rgba ink_of(const TlbSlot<mm::tlb_entry>& one) const {
        const bool usable = one.entry.global || one.entry.asid == tlb().cpus[one.slot / tlb().slots()].asid;
        return one.touch == TlbTouch::invalidated || !usable ? pen.p.muted : pen.p.ink;
    }
    // What pressing an entry of this CPU selects.
    template <class Entry>
    [[nodiscard]] Selection place_of(u32 cpu, const Entry& entry) const {
        mm::space_id space = mm::space_of_entry(mmu, cpu, entry.virt(), entry.asid, entry.global);
        if (!mmu.has_space(space)) space = mm::INIT_MM;
        return {Selection::Kind::address, static_cast<mm::i64>(entry.virt()), space, 0};
    }
    [[nodiscard]] bool selected(const Selection& place, u64 size) const {
        const Selection& now = input.choices.selection;
        return now.kind == place.kind && now.second == place.second && static_cast<u64>(now.value - place.value) < size;
    }
    void select(const Selection& place) const {
        actions.select = true;
        actions.selection = place;
    }
    // The outline of what the op touched, and of what is stale.
    void mark(const Rect& box, TlbTouch touch, tlb_belief belief, bool is_selected, bool under_pointer) const {
        const float line = pen.hairline();
        if (touch == TlbTouch::invalidated) {
            pen.dashed_outline(box, pen.p.accent, 2 * line);
        } else if (touch != TlbTouch::none) {
            if (glow > 0) pen.fill(box, with_alpha(pen.p.accent, 0.4f * glow));
            pen.outline(box.grown(line), pen.p.accent, 2 * line);
        }
        if (is_stale(belief)) pen.outline(touch == TlbTouch::none ? box : box.grown(-2 * line), pen.p.bad, 2 * line);
        if (under_pointer) pen.outline(box, pen.p.muted, line);
        if (is_selected) pen.outline(box.grown(2 * line), pen.p.ink, 2 * line);
    }
};

struct TlbView::Column {
    u32 cpu;
    float x0, x1;

    [[nodiscard]] float width() const { return x1 - x0; }
};

Shown TlbView::shows(const mm::Machine& machine, const Selection& selection) {
    const bool has_tlb = machine.mmu.tlb.up();
    return has_tlb && selection.kind == Selection::Kind::address ? Shown("") : std::nullopt;
}

std::string TlbView::look() const { return chosen_ == mm::ALL_CPUS ? "" : std::to_string(chosen_); }

void TlbView::look_at(std::string_view text) {
    chosen_ = mm::ALL_CPUS;
    u32 cpu = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cpu);
    if (error == std::errc{} && end == text.data() + text.size() && cpu < mm::MAX_CPUS) chosen_ = cpu;
}

u32 TlbView::first_cpu(const ViewInput& input, u32 cpu_of_op, u32 fit) const {
    const u32 nr = static_cast<u32>(input.moment.at.mmu.tlb.cpus.size());
    const u32 wanted = chosen_ < nr ? chosen_ : cpu_of_op;
    return std::min(wanted, nr - std::min(fit, nr));
}

void TlbView::draw(const ViewInput& input, ViewActions& actions) {
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (room.x < 120 || room.y < 40) return;
    const bool moved = moment_.notice(input);
    if (moment_.other_session() && moved) chosen_ = mm::ALL_CPUS;
    keys_.listen(input.canvas.focused);
    ScrollArea area("tlb", keys_);
    Pen pen = pen_of(input);
    Frame frame{input,
                actions,
                input.moment.at.mmu,
                area,
                pen,
                area.box().x0 + MARGIN,
                area.box().x1 - MARGIN,
                moment_.glow(input)};
    float y = area.box().y0 + 10;
    if (!frame.tlb().up()) {
        picture_ = {};
        y = pen.paragraph(frame.x0, y, frame.x1 - frame.x0, pen.say(words::NO_TLB),
                          {pen.p.muted, TEXT_NORMAL, Face::words});
    } else {
        if (moved) picture_ = tlb_picture(input);
        area.follow(moved);
        const float width = frame.x1 - frame.x0 + BETWEEN_CPUS;
        const u32 nr_cpus = static_cast<u32>(frame.tlb().cpus.size());
        frame.nr = std::clamp(static_cast<u32>(width / (NARROWEST_CPU + BETWEEN_CPUS)), 1u, nr_cpus);
        frame.first = first_cpu(input, picture_.cpu, frame.nr);
        y = draw_head(frame, y);
        const float step = width / static_cast<float>(frame.nr);
        float end = y;
        for (u32 i = 0; i < frame.nr; ++i) {
            const float x0 = frame.x0 + step * static_cast<float>(i);
            end = std::max(end, draw_cpu(frame, {frame.first + i, x0, x0 + step - BETWEEN_CPUS}, y));
        }
        y = area.is_low() ? draw_key(frame, end + 8) : end;
    }
    area.end_content(y + 12, pen, pen.say(words::PICK_KEYS));
    actions.animate |= area.wants_frame() || frame.glow > 0;
}

// ---- above the CPUs -------------------------------------------------------------------------------------------------

float TlbView::draw_head(Frame& frame, float y) {
    Pen& pen = frame.pen;
    const mm::tlb_memory& tlb = frame.tlb();
    const float width = frame.x1 - frame.x0;
    const TextLook title{pen.p.ink, TEXT_LARGE, Face::words}, note{pen.p.muted, 12, Face::words};
    pen.text(frame.x0, y, pen.fitted(pen.say(words::TLB_TITLE), width, title), title);
    y += 24;
    const auto number = [](u32 value) { return grouped(value); };
    std::string line = mm::filled(pen.say(words::TLB_SIZE), number(tlb.config.entries),
                                  mm::filled(pen.say(words::TLB_SETS), number(tlb.nr_sets), number(tlb.ways())));
    if (tlb.nr_walk_sets > 0)
        line += " · " + mm::filled(pen.say(words::WALK_CACHE_OF), number(tlb.nr_walk_sets * mm::WALK_WAYS));
    if (frame.has_asids())
        line += " · " + mm::filled(pen.say(words::ASIDS_OF), std::to_string(tlb.config.asid_bits),
                                   grouped(static_cast<mm::i64>(tlb.asid_generation)));
    y = pen.paragraph(frame.x0, y, width, line, note) + 2;
    if (!frame.area.is_low()) y = pen.paragraph(frame.x0, y, width, pen.say(one_tlb(frame.mmu)), note) + 6;
    const u32 nr_cpus = static_cast<u32>(tlb.cpus.size());
    if (frame.nr < nr_cpus) {
        ChipRow row(pen, frame.area, frame.x0, frame.x1, y);
        for (u32 cpu = 0; cpu < nr_cpus; ++cpu) {
            const bool shown = cpu >= frame.first && cpu - frame.first < frame.nr;
            if (!row.chip("CPU " + std::to_string(cpu), {.on = shown})) continue;
            chosen_ = chosen_ == cpu ? mm::ALL_CPUS : cpu;
            frame.actions.animate = true;
        }
        y = row.end() + 8;
    }
    return frame.area.is_low() ? y : draw_key(frame, y);
}

// The legend, and what the signs of an entry mean.
float TlbView::draw_key(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const float width = frame.x1 - frame.x0;
    const TextLook note{pen.p.muted, 12, Face::words};
    std::vector<LegendItem> legend;
    for (const EntryLook look : {EntryLook::page, EntryLook::contiguous, EntryLook::block})
        if (look != EntryLook::contiguous || frame.mmu.arch().has_contiguous_hint)
            legend.push_back({entry_ink(pen.p, look, 0), pen.say(entry_words(look)), {}});
    legend.push_back({{pen.p.paper, pen.p.bad, Pattern::hollow}, pen.say(words::STALE_ENTRY), {}});
    legend.push_back({{pen.p.paper, pen.p.accent, Pattern::hollow}, pen.say(words::THIS_STEP), {}});
    const ImVec2 size = legend_size(pen, legend, width);
    draw_legend(pen, legend, {frame.x0, y + size.y}, width);
    y += size.y + 6;
    return pen.paragraph(frame.x0, y, width, pen.say(words::TLB_KEY), note) + BETWEEN;
}

// ---- a CPU ----------------------------------------------------------------------------------------------------------

float TlbView::draw_cpu(Frame& frame, const Column& column, float y) const {
    Pen& pen = frame.pen;
    const mm::tlb_cpu& cpu = frame.tlb().cpus[column.cpu];
    const bool of_op = column.cpu == picture_.cpu;
    const TextLook name{of_op ? pen.p.accent : pen.p.ink, TEXT_LARGE, Face::mono};
    const TextLook note{pen.p.ink, TEXT_NORMAL, Face::words};
    const std::string title = "CPU " + std::to_string(column.cpu);
    pen.text(column.x0, y, title, name);
    std::string runs = tlb_runs_text(pen, frame.input, column.cpu);
    if (cpu.flush_pending) runs += " · " + std::string(pen.say(words::DROPS_AT_SWITCH));
    const float at = column.x0 + pen.width_of(title, name) + 12;
    y = pen.paragraph(at, y + 1, column.x1 - at, runs, note) + 6;
    y = draw_counters(frame, column, y);
    y = draw_sets(frame, column, y);
    return frame.tlb().nr_walk_sets > 0 ? draw_walk_cache(frame, column, y) : y;
}

float TlbView::draw_counters(Frame& frame, const Column& column, float y) const {
    Pen& pen = frame.pen;
    const mm::tlb_memory& tlb = frame.tlb();
    const mm::tlb_cpu& cpu = tlb.cpus[column.cpu];
    const mm::tlb_counters& n = cpu.counters;
    const TextLook note{pen.p.muted, 12, Face::words}, bad{pen.p.bad, 12, Face::words};
    const mm::tlb_memory& before = frame.input.before().mmu.tlb;
    const mm::tlb_counters& was = column.cpu < before.cpus.size() ? before.cpus[column.cpu].counters : n;
    const auto told = [&](u64 mm::tlb_counters::* number, const Phrase& one, const Phrase& many) {
        return from_to(static_cast<mm::i64>(was.*number), static_cast<mm::i64>(n.*number)) + " " +
               pen.say(n.*number == 1 ? one : many);
    };
    std::string line = told(&mm::tlb_counters::hits, words::TLB_HIT, words::TLB_HITS) + " · " +
                       told(&mm::tlb_counters::misses, words::TLB_MISS, words::TLB_MISSES);
    if (n.hits + n.misses > 0)
        line += " · " + std::string(pen.say(words::HIT_RATE)) + " " + per_mille(n.hits, n.hits + n.misses);
    const auto part = [&](u64 mm::tlb_counters::* number, const Phrase& one, const Phrase& many) {
        if (n.*number > 0) line += " · " + told(number, one, many);
    };
    part(&mm::tlb_counters::walk_cache_hits, words::WALK_SHORTENED, words::WALKS_SHORTENED);
    part(&mm::tlb_counters::entries_read, words::ENTRY_READ, words::ENTRIES_READ);
    part(&mm::tlb_counters::evictions, words::EVICTED_ONE, words::EVICTED_ONE);
    part(&mm::tlb_counters::invalidated, words::INVALIDATED_ONE, words::INVALIDATED_ONE);
    part(&mm::tlb_counters::faults, words::FAULT_ONE, words::FAULT_MANY);
    y = pen.paragraph(column.x0, y, column.width(), line, note) + 2;
    y = pen.paragraph(column.x0, y, column.width(), reach_text(pen, tlb, cpu), note) + 2;
    u64 stale = 0;
    for (const auto& one : slots_between(picture_.entries, column.cpu * tlb.slots(), (column.cpu + 1) * tlb.slots()))
        stale += is_stale(one.belief);
    if (stale > 0)
        y = pen.paragraph(column.x0, y, column.width(), words::counted(pen, stale, words::STALE_ONE, words::STALE_MANY),
                          bad);
    return y + 8;
}

// Sets that hold nothing stand together in one line.
float TlbView::draw_sets(Frame& frame, const Column& column, float y) const {
    Pen& pen = frame.pen;
    const mm::tlb_memory& tlb = frame.tlb();
    const TextLook note{pen.p.muted, TEXT_SMALL, Face::words};
    const u32 base = column.cpu * tlb.nr_sets;
    const auto empty = [&](u32 from, u32 to) { // [from, to)
        if (from == to) return;
        const std::string last = std::to_string(to - 1);
        const std::string text = to - from == 1 ? mm::filled(pen.say(words::EMPTY_SET), last)
                                                : mm::filled(pen.say(words::EMPTY_SETS), std::to_string(from), last);
        if (frame.area.sees({column.x0, y, column.x1, y + EMPTY_ROW})) pen.text(column.x0, y + 2, text, note);
        y += EMPTY_ROW;
    };
    const auto all = slots_between(picture_.entries, base * tlb.row(), (base + tlb.nr_sets) * tlb.row());
    u32 next = 0; // the set that comes
    for (std::size_t i = 0; i < all.size();) {
        const u32 set = all[i].slot / tlb.row() - base;
        std::size_t end = i;
        while (end < all.size() && all[end].slot / tlb.row() - base == set) ++end;
        empty(next, set);
        y = draw_set(frame, column, all.subspan(i, end - i), y);
        next = set + 1;
        i = end;
    }
    empty(next, tlb.nr_sets);
    return y + BETWEEN;
}

float TlbView::draw_set(Frame& frame, const Column& column, std::span<const TlbSlot<mm::tlb_entry>> entries,
                        float y) const {
    Pen& pen = frame.pen;
    const mm::tlb_memory& tlb = frame.tlb();
    const float left = column.x0 + LABEL;
    GridShape shape;
    shape.nr = tlb.ways();
    shape.gap = GAP;
    shape.columns = std::clamp(static_cast<u32>((column.x1 - left + GAP) / (NARROWEST_CELL + GAP)), 1u, tlb.ways());
    shape.box = {left, y, column.x1, y + static_cast<float>(shape.rows()) * (CELL_HEIGHT + GAP) - GAP};
    const bool touched =
        std::any_of(entries.begin(), entries.end(), [](const auto& one) { return one.touch != TlbTouch::none; });
    if (touched) frame.area.touched(y, shape.box.height());
    const float end = shape.box.y1 + GAP;
    if (!frame.area.sees(shape.box)) return end;
    const u32 first = entries.front().slot / tlb.row() * tlb.row();
    const TextLook name{touched ? pen.p.accent : pen.p.muted, TEXT_SMALL, Face::words};
    pen.text(column.x0, y + 3,
             std::string(pen.say(words::TLB_SET)) + " " + std::to_string(first / tlb.row() % tlb.nr_sets), name);
    std::size_t next = 0;
    for (u32 way = 0; way < tlb.ways(); ++way) {
        const Rect cell = pen.snap(shape.cell(way));
        if (next < entries.size() && entries[next].slot == first + way)
            draw_entry(frame, entries[next++], cell);
        else
            pen.block(cell, entry_ink(pen.p, EntryLook::empty, 0));
    }
    return end;
}

void TlbView::draw_entry(Frame& frame, const TlbSlot<mm::tlb_entry>& one, const Rect& cell) const {
    Pen& pen = frame.pen;
    const mm::tlb_entry& entry = one.entry;
    const u32 cpu = one.slot / frame.tlb().slots();
    const u64 size = frame.tlb().size_bytes(entry.size());
    const mm::frame_t pfn = frame_of(frame.mmu, entry);
    if (one.touch != TlbTouch::invalidated) {
        pen.fill(cell, pen.p.panel);
        pen.block(Rect{cell.x0, cell.y0, cell.x0 + STRIPE, cell.y1}, entry_ink(pen.p, look_of(frame.mmu, entry), 0), 5);
        pen.outline(cell, pen.p.faint, pen.hairline());
    }
    const Rect frame_box = draw_entry_words(frame, one, cell);

    const Selection place = frame.place_of(cpu, entry);
    const Selection frame_place{Selection::Kind::pfn, static_cast<mm::i64>(pfn), 0, 0};
    const bool has_frame = frame.input.moment.at.physical.pfn_valid(pfn);
    const bool on = frame.selected(place, size), on_frame = frame.input.choices.selection == frame_place;
    const bool hovered = frame.area.window().contains(frame.area.pointer()) && cell.contains(frame.area.pointer());
    const bool frame_hovered = hovered && has_frame && frame_box.contains(frame.area.pointer());
    frame.area.offer(Rect{cell.x0, cell.y0, cell.x1, cell.y0 + LINE}, on);
    if (has_frame) frame.area.offer(frame_box, on_frame);
    if (frame_hovered || on_frame)
        pen.fill({frame_box.x0 + 2, frame_box.y1, frame_box.x1 - 2, frame_box.y1 + pen.hairline()}, frame.ink_of(one));
    frame.mark(cell, one.touch, one.belief, on, hovered);
    if (!hovered) return;
    ImGui::SetTooltip("%s", entry_tip(frame, one, static_cast<mm::space_id>(place.second)).c_str());
    if (frame.area.pressed()) frame.select(frame_hovered ? frame_place : place);
}

// Address; size and whose; frame; rights and order of use. Gives where the frame stands.
Rect TlbView::draw_entry_words(Frame& frame, const TlbSlot<mm::tlb_entry>& one, const Rect& cell) const {
    Pen& pen = frame.pen;
    const mm::tlb_entry& entry = one.entry;
    const TextLook mono{frame.ink_of(one), TEXT_SMALL, Face::mono};
    const TextLook words_look{mono.colour, TEXT_SMALL, Face::words};
    const float x = cell.x0 + STRIPE + 4, right = cell.x1 - 4, room = right - x;
    float y = cell.y0 + 3;
    pen.text(x, y, pen.fitted_end(mm::address_hex(entry.virt()), room, mono), mono);
    y += LINE;
    const bool stale = is_stale(one.belief);
    const auto tag = [&](float from, const Phrase& phrase, Rgba colour) { // at the end of the line, where it fits
        const TextLook look{colour, TEXT_SMALL, Face::words};
        if (from + 6 + pen.width_of(pen.say(phrase), look) <= right) pen.text_right(right, y, pen.say(phrase), look);
    };
    const auto strike = [&](float width) {
        pen.fill({x, y + LINE / 2 - 1, x + std::min(width, room), y + LINE / 2 - 1 + pen.hairline()}, pen.p.bad);
    };
    const std::string what = size_text(frame.tlb().size_bytes(entry.size())) + " " + frame.whose(entry);
    pen.text(x, y, pen.fitted(what, room, words_look), words_look);
    if (stale) tag(x + pen.width_of(what, words_look), words::STALE, pen.p.bad);
    y += LINE;
    const std::string where = hex_pfn(frame_of(frame.mmu, entry));
    const Rect frame_box{x - 2, y - 1, std::min(x + pen.width_of(where, mono) + 2, cell.x1), y + LINE - 2};
    pen.text(x, y, pen.fitted(where, room, mono), mono);
    if (one.belief == tlb_belief::unmapped || one.belief == tlb_belief::other_memory) strike(frame_box.width() - 4);
    if (one.touch != TlbTouch::none) tag(frame_box.x1, words::touch_words(one.touch), pen.p.accent);
    y += LINE;
    const std::string rights = rights_text(entry.rights);
    pen.text(x, y, pen.fitted(rights, room, mono), mono);
    if (stale && one.belief != tlb_belief::other_memory && one.belief != tlb_belief::two_answers)
        strike(pen.width_of(rights, mono));
    if (one.touch != TlbTouch::invalidated)
        pen.text_right(right, y, std::to_string(use_rank(frame.tlb(), one.slot)),
                       {pen.p.muted, TEXT_SMALL, Face::mono});
    return frame_box;
}

// `tables`: the space whose tables are asked for the address when the entry is stale.
std::string TlbView::entry_tip(Frame& frame, const TlbSlot<mm::tlb_entry>& one, mm::space_id tables) const {
    Pen& pen = frame.pen;
    const mm::tlb_memory& tlb = frame.tlb();
    const mm::tlb_entry& entry = one.entry;
    const u64 size = tlb.size_bytes(entry.size());
    std::string tip = mm::address_hex(entry.virt()) + " .. " + mm::address_hex(entry.virt() + size - 1) + "\npfn " +
                      hex_pfn(frame_of(frame.mmu, entry)) + "  " + mm::address_hex(entry.entry) + "\n" +
                      size_text(size) + ", " + frame.whose(entry);
    if (const mm::space_id space =
            mm::space_of_entry(frame.mmu, one.slot / tlb.slots(), entry.virt(), entry.asid, entry.global);
        !entry.global && frame.mmu.has_space(space))
        tip += " (" + frame.space_name(space) + ")";
    tip += "\n" + rights_text(entry.rights) + " " + pen.say(words::USER_KERNEL);
    if (entry.rights & mm::RIGHT_CLEAN) tip += "\n" + std::string(pen.say(words::STILL_CLEAN));
    tip += "\n" + mm::filled(pen.say(words::IN_SET), std::to_string(one.slot / tlb.row() % tlb.nr_sets),
                             std::to_string(one.slot % tlb.row()));
    if (one.touch != TlbTouch::invalidated)
        tip += "  " +
               mm::filled(pen.say(words::USED_AS), std::to_string(use_rank(tlb, one.slot)), std::to_string(tlb.ways()));
    if (one.touch != TlbTouch::none) tip += "\n" + std::string(pen.say(words::touch_words(one.touch)));
    if (one.touch == TlbTouch::replaced)
        tip += ": " + std::string(pen.say(words::IN_ITS_PLACE)) + " " + mm::address_hex(one.was.virt()) + " " +
               frame.whose(one.was);
    if (one.belief != tlb_belief::holds) tip += "\n" + std::string(pen.say(words::belief_words(one.belief)));
    if (is_stale(one.belief)) {
        const mm::walk_result now = mm::walk(frame.mmu, tables, entry.virt());
        tip += "\n" + std::string(pen.say(words::TABLES_SAY)) + " " +
               (now.found ? mm::address_hex(now.last().entry) : std::string(pen.say(words::NOTHING_MAPPED)));
    }
    return tip;
}

// ---- the walk cache -------------------------------------------------------------------------------------------------

float TlbView::draw_walk_cache(Frame& frame, const Column& column, float y) const {
    Pen& pen = frame.pen;
    const u32 slots = frame.tlb().nr_walk_sets * mm::WALK_WAYS;
    const TextLook title{pen.p.ink, TEXT_NORMAL, Face::words}, note{pen.p.muted, 12, Face::words};
    y = pen.paragraph(column.x0, y, column.width(), pen.say(words::WALK_CACHE), title) + 4;
    const auto all = slots_between(picture_.walks, column.cpu * slots, (column.cpu + 1) * slots);
    if (all.empty()) {
        pen.text(column.x0, y, pen.say(words::WALK_CACHE_EMPTY), note);
        return y + WALK_ROW;
    }
    for (int level = frame.mmu.geometry().root() - 1; level >= 0; --level) {
        for (const TlbSlot<mm::walk_entry>& one : all) {
            if (one.entry.level() != level) continue;
            const Rect row = pen.snap(Rect{column.x0, y, column.x1, y + WALK_ROW - 2});
            if (frame.area.sees(row)) draw_walk(frame, one, row);
            y += WALK_ROW;
        }
    }
    return y;
}

void TlbView::draw_walk(Frame& frame, const TlbSlot<mm::walk_entry>& one, const Rect& row) const {
    Pen& pen = frame.pen;
    const mm::walk_entry& entry = one.entry;
    const mm::page_geometry& geometry = frame.mmu.geometry();
    const u32 cpu = one.slot / (frame.tlb().nr_walk_sets * mm::WALK_WAYS);
    const u64 covers = geometry.size(static_cast<u8>(entry.level() + 1));
    const bool gone = one.touch == TlbTouch::invalidated;
    const TextLook mono{gone ? pen.p.muted : pen.p.ink, 12, Face::mono}, note{pen.p.muted, TEXT_SMALL, Face::words};
    if (!gone) pen.fill({row.x0, row.y0, row.x0 + 3, row.y1}, level_colour(pen.p, entry.level()));
    float x = row.x0 + 9;
    const auto put = [&](const std::string& text, const TextLook& look) {
        if (x >= row.x1) return;
        const std::string shown = pen.fitted(text, row.x1 - x, look);
        pen.text(x, row.y0 + 3, shown, look);
        x += pen.width_of(shown, look) + 10;
    };
    put(std::string(geometry.level_name(entry.level())), mono);
    put(mm::address_hex(entry.virt()), mono);
    put("+" + size_text(covers), note);
    const std::string where = hex_pfn(entry.table);
    const Rect table_box{x - 2, row.y0, x + pen.width_of(where, mono) + 2, row.y1};
    put(where, mono);
    put(frame.whose(entry), note);
    if (one.touch != TlbTouch::none)
        put(pen.say(words::touch_words(one.touch)), {pen.p.accent, TEXT_SMALL, Face::words});
    if (is_stale(one.belief)) put(pen.say(words::STALE), {pen.p.bad, TEXT_SMALL, Face::words});

    const Selection place = frame.place_of(cpu, entry);
    const Selection table_place{Selection::Kind::pfn, entry.table, 0, 0};
    const bool has_frame = frame.input.moment.at.physical.pfn_valid(entry.table);
    const bool on = frame.input.choices.selection == place, on_table = frame.input.choices.selection == table_place;
    const bool hovered = frame.area.window().contains(frame.area.pointer()) && row.contains(frame.area.pointer());
    const bool table_hovered = hovered && has_frame && table_box.contains(frame.area.pointer());
    frame.area.offer(Rect{row.x0, row.y0, table_box.x0 - 4, row.y1}, on);
    if (has_frame) frame.area.offer(table_box, on_table);
    if (table_hovered || on_table)
        pen.fill({table_box.x0 + 2, row.y1 - 3, table_box.x1 - 2, row.y1 - 3 + pen.hairline()}, mono.colour);
    frame.mark(row, one.touch, one.belief, on, hovered);
    if (!hovered) return;
    std::string tip = std::string(geometry.level_name(entry.level())) + "  " + mm::address_hex(entry.virt()) + " .. " +
                      mm::address_hex(entry.virt() + covers - 1) + "\npfn " + where + "\n" + frame.whose(entry);
    if (one.belief != tlb_belief::holds) tip += "\n" + std::string(pen.say(words::belief_words(one.belief)));
    ImGui::SetTooltip("%s", tip.c_str());
    if (frame.area.pressed()) frame.select(table_hovered ? table_place : place);
}

// ---- numbers --------------------------------------------------------------------------------------------------------

namespace {

template <class Entry>
Json told(const TlbSlot<Entry>& one) {
    Json json = {{"address", mm::address_hex(one.entry.virt())}};
    if (one.entry.global)
        json["global"] = true;
    else
        json["asid"] = one.entry.asid;
    if (one.touch != TlbTouch::none) json["touch"] = touch_name(one.touch);
    if (one.touch == TlbTouch::replaced) json["was"] = mm::address_hex(one.was.virt());
    if (one.belief != tlb_belief::holds) json["belief"] = belief_name(one.belief);
    return json;
}

Json told_cpu(const ViewInput& input, const TlbPicture& picture, u32 cpu) {
    const mm::mmu_memory& mmu = input.moment.at.mmu;
    const mm::tlb_memory& tlb = mmu.tlb;
    const mm::tlb_cpu& state = tlb.cpus[cpu];
    const mm::tlb_counters& n = state.counters;
    Json entries = Json::array(), walks = Json::array();
    for (const auto& one : slots_between(picture.entries, cpu * tlb.slots(), (cpu + 1) * tlb.slots())) {
        if (entries.size() >= MAX_TOLD) break;
        Json json = told(one);
        json["set"] = one.slot / tlb.row() % tlb.nr_sets;
        json["way"] = one.slot % tlb.row();
        json["size"] = tlb.size_bytes(one.entry.size());
        json["frame"] = hex_pfn(frame_of(mmu, one.entry));
        json["rights"] = rights_text(one.entry.rights);
        if (one.touch != TlbTouch::invalidated) json["rank"] = use_rank(tlb, one.slot);
        entries.push_back(std::move(json));
    }
    const u32 slots = tlb.nr_walk_sets * mm::WALK_WAYS;
    for (const auto& one : slots_between(picture.walks, cpu * slots, (cpu + 1) * slots)) {
        if (walks.size() >= MAX_TOLD) break;
        Json json = told(one);
        json["level"] = mmu.geometry().level_name(one.entry.level());
        json["table"] = hex_pfn(one.entry.table);
        walks.push_back(std::move(json));
    }
    Json json = {{"cpu", cpu},
                 {"hits", n.hits},
                 {"misses", n.misses},
                 {"walk_cache_hits", n.walk_cache_hits},
                 {"entries_read", n.entries_read},
                 {"evictions", n.evictions},
                 {"invalidated", n.invalidated},
                 {"faults", n.faults},
                 {"reach", tlb_reach(tlb, state)},
                 {"entries", std::move(entries)},
                 {"walk_cache", std::move(walks)}};
    if (state.flush_pending) json["flush_pending"] = true;
    json["runs"] = tlb_runs_text(input.teller(), input, cpu);
    if (!mmu.has_space(state.space)) return json;
    json["space"] = space_text(input.moment.at, state.space, input.scenario.result_names);
    if (!mmu.arch().has_asids) return json;
    json["asid"] = state.asid;
    json["generation"] = mm::context_generation(mmu.spaces[state.space].context_id);
    return json;
}

// What an entry is to the op, and whether the tables still say the same.
std::string remarks(const Teller& teller, TlbTouch touch, tlb_belief belief) {
    std::string out = teller.say(words::touch_words(touch));
    if (is_stale(belief)) out += std::string(out.empty() ? "" : ", ") + teller.say(words::STALE);
    return out;
}

void add_cpu(Mirror& out, const ViewInput& input, const mm::Machine& machine, const TlbPicture& picture, u32 cpu) {
    const Teller teller = input.teller();
    const mm::mmu_memory& mmu = machine.mmu;
    const mm::tlb_memory& tlb = mmu.tlb;
    const mm::tlb_counters& n = tlb.cpus[cpu].counters;
    const std::string name = "CPU " + std::to_string(cpu);
    out.add({{name,
              words::counted(teller, n.hits, words::TLB_HIT, words::TLB_HITS) + ", " +
                  words::counted(teller, n.misses, words::TLB_MISS, words::TLB_MISSES),
              std::string(teller.say(words::REACH)) + " " + size_text(tlb_reach(tlb, tlb.cpus[cpu])),
              tlb_runs_text(teller, input, cpu), ""},
             {},
             touched_if(input.moment.op && picture.cpu == cpu && !input.moment.events.empty())});
    const auto whose = [&](const auto& entry) {
        if (entry.global) return std::string(teller.say(words::TLB_GLOBAL));
        return mmu.arch().has_asids ? "ASID " + std::to_string(entry.asid) : std::string(teller.say(words::UNTIL_CR3));
    };
    const auto place = [&](const auto& entry) {
        mm::space_id space = mm::space_of_entry(mmu, cpu, entry.virt(), entry.asid, entry.global);
        if (!mmu.has_space(space)) space = mm::INIT_MM;
        return Selection{Selection::Kind::address, static_cast<mm::i64>(entry.virt()), space, 0};
    };
    for (const auto& one : slots_between(picture.entries, cpu * tlb.slots(), (cpu + 1) * tlb.slots())) {
        const u32 set = one.slot / tlb.row() % tlb.nr_sets, way = one.slot % tlb.row();
        out.add({{name + ", " + mm::filled(teller.say(words::IN_SET), std::to_string(set), std::to_string(way)),
                  mm::address_hex(one.entry.virt()) + " +" + size_text(tlb.size_bytes(one.entry.size())),
                  hex_pfn(frame_of(mmu, one.entry)) + " " + rights_text(one.entry.rights), whose(one.entry),
                  remarks(teller, one.touch, one.belief)},
                 place(one.entry),
                 touched_if(one.touch != TlbTouch::none)});
    }
    const u32 slots = tlb.nr_walk_sets * mm::WALK_WAYS;
    for (const auto& one : slots_between(picture.walks, cpu * slots, (cpu + 1) * slots)) {
        out.add({{name + ", " + mm::filled(teller.say(mirror_text::WALK_CACHE), std::to_string(one.slot % slots)),
                  mm::address_hex(one.entry.virt()),
                  std::string(mmu.geometry().level_name(one.entry.level())) + " " + hex_pfn(one.entry.table),
                  whose(one.entry), remarks(teller, one.touch, one.belief)},
                 place(one.entry),
                 touched_if(one.touch != TlbTouch::none)});
    }
}

} // namespace

// Of the moment, whichever machine is asked for: its picture says itself what each entry was and what has gone.
Mirror TlbView::mirror(const ViewInput& input, const mm::Machine&) const {
    const Teller teller = input.teller();
    Mirror out{.caption = teller.say(words::TLB_TITLE)};
    const mm::tlb_memory& tlb = input.moment.at.mmu.tlb;
    if (!tlb.up()) {
        out.note = teller.say(words::NO_TLB);
        return out;
    }
    out.columns = {teller.say(mirror_text::ENTRY), teller.say(mirror_text::ADDRESS), teller.say(mirror_text::FRAME),
                   teller.say(mirror_text::OWNER), teller.say(mirror_text::TOUCH)};
    const TlbPicture picture = tlb_picture(input);
    for (u32 cpu = 0; cpu < tlb.cpus.size(); ++cpu) add_cpu(out, input, input.moment.at, picture, cpu);
    return out;
}

std::string TlbView::describe(const ViewInput& input) const {
    const mm::tlb_memory& tlb = input.moment.at.mmu.tlb;
    if (!tlb.up()) return to_text(Json{{"tlb", false}});
    const TlbPicture picture = tlb_picture(input);
    Json cpus = Json::array();
    for (u32 cpu = 0; cpu < tlb.cpus.size(); ++cpu) cpus.push_back(told_cpu(input, picture, cpu));
    Json json = {{"tlb", true},
                 {"size", tlb.config.entries},
                 {"sets", tlb.nr_sets},
                 {"ways", tlb.ways()},
                 {"walk_cache", tlb.nr_walk_sets * mm::WALK_WAYS},
                 {"cpus", std::move(cpus)}};
    json["serves"] = {"code", "data"};
    if (input.moment.at.mmu.arch().has_asids)
        json["generation"] = tlb.asid_generation;
    else
        json["serves"].push_back("large pages");
    return to_text(json);
}

} // namespace shell
