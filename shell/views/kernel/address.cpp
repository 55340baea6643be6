#include "views/kernel/address.h"

#include <imgui.h>

#include <algorithm>
#include <charconv>

#include "base/hex.h"
#include "json.h"
#include "machine/facts/owner.h"
#include "mmu/event_rows.h"
#include "mmu/pte_helpers.h"
#include "views/kernel/address_segment.h"
#include "views/kernel/address_words.h"
#include "views/kernel/bit_boxes.h"
#include "views/kernel/table_look.h"
#include "views/parts/cell_grid.h"
#include "views/parts/chip.h"
#include "views/parts/scroll_area.h"

namespace shell {

namespace {

using mm::u32;
using mm::u64;
using mm::u8;

constexpr float MARGIN = 12, NARROW = 560;
constexpr float CELL_WIDTH = 52, CELL_HEIGHT = 21, LEVEL_INDENT = 18;
constexpr u32 MAX_NEIGHBOURS = 15, BEFORE_INDEX = 2;

const Phrase& half_words(mm::address_half half) {
    if (half == mm::address_half::kernel) return words::ALL_ONES;
    return half == mm::address_half::user ? words::ALL_ZEROS : words::NO_HALF;
}

const char* half_name(mm::address_half half) {
    if (half == mm::address_half::kernel) return "kernel";
    return half == mm::address_half::user ? "user" : "none";
}

const Phrase& from_words(mm::ShownAddress::From from) {
    switch (from) {
    case mm::ShownAddress::From::selection: return words::FROM_SELECTION;
    case mm::ShownAddress::From::events: return words::FROM_EVENTS;
    case mm::ShownAddress::From::op: return words::FROM_OP;
    case mm::ShownAddress::From::example: return words::FROM_EXAMPLE;
    }
    return words::FROM_EXAMPLE;
}

std::string region_range(const Pen& pen, const mm::layout_region& region) {
    const std::string end(region.end_formula.empty() ? pen.say(words::TOP_OF_ADDRESSES) : region.end_formula);
    return std::string(region.start_formula) + " .. " + end;
}

// The person selected something that is no address: the address that was shown stays.
bool looks_elsewhere(const Choices& choices) {
    const Selection::Kind kind = choices.selection.kind;
    return choices.chosen && kind != Selection::Kind::none && kind != Selection::Kind::address;
}

} // namespace

std::optional<u8> levels_told(const ViewInput& input, u64 address) {
    if (!input.moment.inside_op()) return std::nullopt;
    using ev = mm::mmu_event;
    bool walks_it = false;
    for (const mm::Event& event : input.moment.events)
        if (event.kind == static_cast<mm::u16>(ev::walk_found) || event.kind == static_cast<mm::u16>(ev::walk_fault))
            walks_it |= mm::Args<ev::walk_found, ev::walk_fault>(event).as<u64>("address") == address;
    if (!walks_it) return std::nullopt;
    u8 told = 0;
    for (const mm::Event& event : input.moment.happened())
        told = static_cast<u8>(told + (event.kind == static_cast<mm::u16>(ev::walk_step)));
    return told;
}

struct AddressView::Frame {
    const ViewInput& input;
    ViewActions& actions;
    const mm::ShownAddress& shown;
    const mm::AddressFacts& facts;
    ScrollArea& area;
    Pen& pen;
    float x0, x1;
    std::optional<u8> told;

    [[nodiscard]] bool narrow() const { return x1 - x0 < NARROW; }
    [[nodiscard]] const mm::mmu_memory& mmu() const { return input.moment.at.mmu; }
    [[nodiscard]] float width() const { return x1 - x0; }
    [[nodiscard]] u8 steps() const { return told ? std::min(*told, facts.walk.nr_steps) : facts.walk.nr_steps; }
    [[nodiscard]] bool complete() const { return !told; } // the result has been told, too

    // A frame to go to. Returns where it ends.
    float frame_chip(float x, float y, mm::frame_t pfn, bool mark = false) {
        const Selection& selection = input.choices.selection;
        const bool on = selection.kind == Selection::Kind::pfn && selection.value == static_cast<mm::i64>(pfn);
        const Chip chip = draw_chip(pen, area, {x, y}, hex_pfn(pfn), {on, mark});
        if (chip.pressed && input.moment.at.physical.pfn_valid(pfn)) {
            actions.select = true;
            actions.selection = {Selection::Kind::pfn, static_cast<mm::i64>(pfn), 0, 0};
        }
        return chip.box.x1;
    }
};

Shown AddressView::shows(const mm::Machine&, const Selection& selection) {
    return selection.kind == Selection::Kind::address ? Shown("") : std::nullopt;
}

// The logical address that the op asks for, unless another address was chosen.
std::optional<mm::SegmentFacts> AddressView::stage_before(const ViewInput& input, const mm::ShownAddress& now) const {
    std::optional<mm::SegmentFacts> facts = segment_facts(input.moment, input.choices.language);
    const bool chosen = now.from == mm::ShownAddress::From::selection || keeps_;
    if (facts && chosen && !(facts->shows_linear() && facts->result.linear == now.address)) return std::nullopt;
    return facts;
}

mm::ShownAddress AddressView::shown(const ViewInput& input) const {
    return kept_ && looks_elsewhere(input.choices) ? *kept_ : shown_address(input.moment, input.choices.selection);
}

std::string AddressView::look() const {
    if (!keeps_ || !kept_) return {};
    return mm::hex(kept_->address) + (kept_->space == mm::INIT_MM ? "" : "/" + std::to_string(kept_->space));
}

void AddressView::look_at(std::string_view text) {
    kept_.reset();
    const std::size_t slash = text.find('/');
    const std::string_view digits = text.substr(0, slash);
    mm::ShownAddress wanted;
    wanted.from = mm::ShownAddress::From::selection;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), wanted.address, 16);
    if (error != std::errc{} || end != digits.data() + digits.size()) return;
    if (slash != std::string_view::npos) {
        const std::string_view number = text.substr(slash + 1);
        const auto [stop, bad] = std::from_chars(number.data(), number.data() + number.size(), wanted.space, 10);
        if (bad != std::errc{} || stop != number.data() + number.size()) return;
    }
    kept_ = wanted;
}

void AddressView::draw(const ViewInput& input, ViewActions& actions) {
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (room.x < 120 || room.y < 40) return;
    const bool new_moment = moment_.notice(input);
    if (new_moment) {
        if (moment_.other_session() || !layout_) layout_ = layout_of(input.moment.at);
        touched_ = touched_entries(input.moment);
    }
    const mm::ShownAddress shown_now = shown(input);
    if (!looks_elsewhere(input.choices)) kept_ = shown_now;
    keeps_ = looks_elsewhere(input.choices) && kept_;

    ScrollArea area("address");
    Pen pen = pen_of(input);
    const mm::AddressFacts facts = facts_of(input.moment.at, shown_now.address, shown_now.space);
    Frame frame{input,
                actions,
                shown_now,
                facts,
                area,
                pen,
                area.box().x0 + MARGIN,
                area.box().x1 - MARGIN,
                levels_told(input, shown_now.address)};
    area.follow(new_moment);
    float y = area.box().y0 + 10;
    const std::optional<mm::SegmentFacts> segment = stage_before(input, shown_now);
    if (segment) y = draw_segment(pen, *segment, frame.x0, frame.x1, y);
    const bool has_linear = !segment || segment->shows_linear();
    if (has_linear) y = draw_head(frame, y);
    if (has_linear && input.moment.at.mmu.up) {
        y = draw_bits(frame, y);
        for (u8 step = 0; step < facts.walk.nr_steps; ++step) y = draw_level(frame, step, y);
        y = draw_result(frame, y);
        if (frame.complete()) y = draw_fields(frame, y);
    }
    area.end_content(y + 12);
    actions.animate |= area.wants_frame() || moment_.glow(input) > 0;
}

float AddressView::draw_head(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const TextLook large{pen.p.ink, frame.narrow() ? TEXT_LARGE : 18, Face::mono};
    const TextLook note{pen.p.muted, 12, Face::words};
    const bool short_address = frame.mmu().up && frame.mmu().geometry().va_bits <= 32;
    pen.text(frame.x0, y, grouped_hex(frame.shown.address, short_address ? 8 : 16), large);
    y += frame.narrow() ? 22 : 26;
    if (!frame.mmu().up) return pen.paragraph(frame.x0, y, frame.width(), pen.say(words::NO_PAGE_TABLES), note) + 8;
    const std::string from = std::string(pen.say(from_words(frame.shown.from))) + " · " + pen.say(words::IN_SPACE) +
                             " " +
                             space_text(frame.input.moment.at, frame.shown.space, frame.input.scenario.result_names);
    pen.text(frame.x0, y, pen.fitted(from, frame.width(), note), note);
    y += 18;
    const mm::layout_region* region = layout_ ? mm::region_of(*layout_, frame.shown.address) : nullptr;
    if (region) {
        const bool zh = frame.input.choices.language == mm::Language::zh;
        std::string name = std::string(pen.say(words::REGION)) + " ";
        name += zh ? region->name_zh : region->name;
        const TextLook strong{pen.p.ink, TEXT_NORMAL, Face::words}, formula{pen.p.muted, 11, Face::mono};
        pen.text(frame.x0, y, name, strong);
        const float at = frame.x0 + pen.width_of(name, strong) + 12;
        const std::string range = region_range(pen, *region);
        if (frame.x1 - at > pen.width_of(range, formula)) {
            pen.text(at, y + 2, range, formula);
        } else {
            y += 17;
            pen.text(frame.x0, y, pen.fitted(range, frame.width(), formula), formula);
        }
        y += 19;
    }
    return y + 8;
}

float AddressView::draw_bits(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const mm::page_geometry& geometry = frame.mmu().geometry();
    std::vector<BitBox> boxes;
    for (const mm::AddressPart& part : parts_of(geometry, frame.shown.address)) {
        const bool is_offset = part.level == mm::AddressPart::OFFSET, is_half = part.level == mm::AddressPart::HALF;
        BitBox box{.high = part.high, .low = part.low, .bits = part.value};
        box.name = is_offset ? pen.say(words::PAGE_OFFSET_BITS) : std::string(part_name(geometry, part));
        box.value = is_half     ? pen.say(half_words(frame.facts.half))
                    : is_offset ? mm::address_hex(part.value)
                                : std::to_string(part.value);
        box.value_face = is_half ? Face::words : Face::mono;
        box.colour = is_half ? pen.p.muted : level_colour(pen.p, part.level);
        box.quiet = is_offset || is_half;
        boxes.push_back(std::move(box));
    }
    return draw_bit_boxes(pen, boxes, frame.x0, frame.x1, y);
}

float AddressView::draw_level(Frame& frame, u8 number, float y) const {
    Pen& pen = frame.pen;
    const mm::walk_step& step = frame.facts.walk.steps[number];
    const mm::page_geometry& geometry = frame.mmu().geometry();
    const bool reached = number < frame.steps();
    const bool current = frame.told && number + 1 == frame.steps();
    const Rgba colour = level_colour(pen.p, step.level);
    const TextLook name{reached ? pen.p.ink : pen.p.muted, TEXT_NORMAL, Face::mono};
    const TextLook note{pen.p.muted, 12, Face::words}, value{pen.p.ink, 12, Face::mono};
    const float top = y;
    pen.fill(pen.snap(Rect{frame.x0, y, frame.x0 + 4, y + CHIP_HEIGHT + 5 + (reached ? CELL_HEIGHT : 0)}), colour);
    float x = frame.x0 + LEVEL_INDENT - 8;
    pen.text(x, y + 3, geometry.level_name(step.level), name);
    x += pen.width_of("pgd", name) + 10;
    if (!reached) {
        pen.text(x, y + 4, pen.say(words::NOT_WALKED_YET), note);
        return y + CHIP_HEIGHT + 10;
    }
    if (!frame.narrow()) {
        const bool by_cr3 = number == 0 && !geometry.arch().two_roots && frame.shown.space != mm::INIT_MM;
        const char* const names = pen.say(by_cr3 ? words::CR3_NAMES : words::TABLE_IN);
        pen.text(x, y + 4, names, note);
        x += pen.width_of(names, note) + 6;
    }
    const bool changed = std::any_of(touched_.begin(), touched_.end(), [&](const mm::TouchedEntries& touched) {
        return touched.holds(step.table, step.index);
    });
    x = frame.frame_chip(x, y, step.table) + 10;
    const std::string entry = "0x" + grouped_hex(step.entry, geometry.entry_bytes() == 4 ? 8 : 16).substr(2);
    const EntryLook look = entry_look(frame.mmu().format, step.entry, step.level);
    const std::string kind = pen.say(look == EntryLook::table ? words::NEXT_TABLE : entry_words(look));
    if (!frame.narrow()) {
        const std::string place = mm::filled(pen.say(words::ENTRY_OF), std::to_string(step.index),
                                             std::to_string(geometry.entries(step.level)));
        pen.text(x, y + 4, place, note);
        x += pen.width_of(place, note) + 14;
    }
    const std::string shown_entry = frame.narrow() ? mm::address_hex(step.entry) : entry;
    pen.text(x, y + 4, shown_entry, {changed || current ? pen.p.accent : pen.p.ink, 12, Face::mono});
    x += pen.width_of(shown_entry, value) + 10;
    pen.text(x, y + 4, pen.fitted(kind, frame.x1 - x, note), note);
    y = draw_neighbours(frame, step, y + CHIP_HEIGHT + 5);
    if (current || changed) frame.area.touched(top - 6, y - top + 12);
    if (current) pen.outline(pen.snap(Rect{frame.x0 - 6, top - 5, frame.x1 + 4, y + 4}), pen.p.accent, pen.hairline());
    return y + 18;
}

// A few entries around the one that the address chooses, and the arrow to what it leads to.
float AddressView::draw_neighbours(Frame& frame, const mm::walk_step& step, float y) const {
    Pen& pen = frame.pen;
    const mm::mmu_memory& mmu = frame.mmu();
    const mm::table_id table = mmu.table_at(step.table);
    if (table == mm::TABLE_NONE) return y;
    const u32 entries = mmu.geometry().entries(step.level);
    const float left = frame.x0 + LEVEL_INDENT - 8;
    const auto fits = static_cast<u32>((frame.x1 - left + 2) / (CELL_WIDTH + 2));
    const u32 nr = std::min({std::max(fits, 3u), MAX_NEIGHBOURS, entries});
    const u32 first = std::min(step.index - std::min(step.index, BEFORE_INDEX), entries - nr);
    GridShape shape{{left, y, left + static_cast<float>(nr) * (CELL_WIDTH + 2) - 2, y + CELL_HEIGHT}, nr, nr, 2};
    CellGrid grid{.shape = shape, .look = [&](u32 cell) {
                      const u32 index = first + cell;
                      CellLook out;
                      out.ink =
                          entry_ink(pen.p, entry_look(mmu.format, mmu.entry(table, index), step.level), step.level);
                      out.label = std::to_string(index);
                      for (const mm::TouchedEntries& touched : touched_)
                          if (touched.holds(step.table, index)) out.mark = pen.p.accent;
                      out.glow = out.mark ? moment_.glow(frame.input) : 0;
                      return out;
                  }};
    grid.selected = step.index - first;
    const auto under = draw_cell_grid(pen, grid, frame.area.window(), frame.area.pointer());
    if (step.kind == mm::descriptor_kind::table) {
        const Rect chosen = shape.cell(step.index - first);
        pen.arrow({chosen.centre().x, chosen.y1 + 3}, {chosen.centre().x, chosen.y1 + 17}, pen.p.muted, {.head = 6});
    }
    if (!under) return y + CELL_HEIGHT;
    const u32 index = first + *under;
    const u64 start = mmu.tables[table].start + (u64{index} << mmu.geometry().shift(step.level));
    ImGui::SetTooltip("%s[%u]  %s\n%s", std::string(mmu.geometry().level_name(step.level)).c_str(), index,
                      mm::address_hex(mmu.entry(table, index)).c_str(), mm::address_hex(start).c_str());
    if (frame.area.pressed() && index != step.index) {
        frame.actions.select = true;
        frame.actions.selection = {Selection::Kind::address, static_cast<mm::i64>(start), frame.shown.space, 0};
    }
    return y + CELL_HEIGHT;
}

float AddressView::draw_result(Frame& frame, float y) const {
    if (!frame.complete()) return y;
    Pen& pen = frame.pen;
    const mm::Machine& machine = frame.input.moment.at;
    const mm::Language language = frame.input.choices.language;
    const mm::AddressFacts& facts = frame.facts;
    const TextLook note{pen.p.muted, 12, Face::words}, strong{pen.p.ink, TEXT_NORMAL, Face::words};
    const float x0 = frame.x0 + 10, width = frame.width() - 20;
    const float top = y;
    // The panel lies behind the text, and its height is known only then.
    pen.begin_front();
    y += 8;
    if (!facts.walk.found) {
        const std::string why = std::string(pen.say(words::NO_TRANSLATION)) +
                                (language == mm::Language::zh ? "：" : ": ") + fault_text(machine, facts, language);
        y = pen.paragraph(x0, y, width, why, {pen.p.bad, TEXT_NORMAL, Face::words}) + 5;
    }
    if (const auto phys = facts.phys()) {
        const TextLook value{pen.p.ink, TEXT_NORMAL, Face::mono};
        const std::string label = pen.say(words::PHYSICAL), number = mm::address_hex(*phys);
        float x = x0;
        pen.text(x, y + 3, label, note);
        x += pen.width_of(label, note) + 8;
        pen.text(x, y + 2, number, value);
        x += pen.width_of(number, value) + 14;
        if (!frame.narrow()) {
            pen.text(x, y + 3, pen.say(words::FRAME), note);
            x += pen.width_of(pen.say(words::FRAME), note) + 6;
        }
        x = frame.frame_chip(x, y, facts.frame(machine.physical.page_shift)) + 12;
        if (facts.walk.found) {
            const std::string leaf = std::string(pen.say(words::LEAF_OF)) + " " + size_text(facts.walk.leaf_size);
            pen.text(x, y + 3, pen.fitted(leaf, frame.x1 - x, note), note);
        }
        y += CHIP_HEIGHT + 6;
        const mm::FrameOwner owner = owner_of(machine, *phys);
        const std::string whose = std::string(pen.say(words::OWNER)) + "  " + owner_text(machine, owner, language);
        y = pen.paragraph(x0, y, width, whose, strong) + 4;
        if (!facts.walk.found) y = pen.paragraph(x0, y, width, pen.say(words::BY_ARITHMETIC), note) + 4;
    } else if (facts.struct_page_of) {
        const std::string label = pen.say(words::STRUCT_PAGE);
        pen.text(x0, y + 3, label, note);
        static_cast<void>(frame.frame_chip(x0 + pen.width_of(label, note) + 8, y, *facts.struct_page_of));
        y += CHIP_HEIGHT + 6;
    }
    if (!facts.walk.found && (facts.linear || facts.struct_page_of))
        y = pen.paragraph(x0, y, width, pen.say(words::NO_ENTRY_HERE), note) + 4;
    pen.begin_behind();
    pen.panel({frame.x0, top, frame.x1, y + 4});
    pen.end_behind();
    return y + 18;
}

float AddressView::draw_fields(Frame& frame, float y) const {
    const mm::AddressFacts& facts = frame.facts;
    if (facts.walk.nr_steps == 0 || facts.walk.last().entry == 0) return y;
    Pen& pen = frame.pen;
    const mm::walk_step& last = facts.walk.last();
    const mm::pte_format& format = frame.mmu().format;
    const bool zh = frame.input.choices.language == mm::Language::zh;
    const TextLook title{pen.p.ink, TEXT_NORMAL, Face::words}, note{pen.p.muted, 12, Face::words};
    const TextLook mono{pen.p.ink, 12, Face::mono}, quiet{pen.p.muted, 12, Face::mono};
    pen.text(frame.x0, y, pen.say(words::LAST_ENTRY), title);
    const mm::protection name = mm::protection_of(format, last.entry, last.level);
    if (name != mm::protection::count)
        pen.text(frame.x0 + pen.width_of(pen.say(words::LAST_ENTRY), title) + 14, y + 1,
                 mm::protection_names[static_cast<std::size_t>(name)], mono);
    y += 22;
    const float name_x = frame.x0 + 46, value_x = name_x + 138, meaning_x = value_x + 104;
    for (const mm::descriptor_field& field : mm::decode_descriptor(format, last.entry, last.level)) {
        const std::string_view meaning = zh ? field.meaning_zh : field.meaning;
        const bool below = frame.narrow() && !meaning.empty();
        if (frame.area.sees({frame.x0, y, frame.x1, y + 34})) {
            pen.text_right(frame.x0 + 38, y, bits_text(field.high, field.low), quiet);
            pen.text(name_x, y, field.name, mono);
            pen.text(value_x, y, mm::address_hex(field.value), mono);
            if (below)
                pen.text(name_x, y + 16, pen.fitted(meaning, frame.x1 - name_x, note), note);
            else
                pen.text(meaning_x, y, pen.fitted(meaning, frame.x1 - meaning_x, note), note);
        }
        y += below ? 34 : 18;
    }
    return y;
}

std::string AddressView::describe(const ViewInput& input) const {
    const mm::ShownAddress now = shown(input);
    const mm::Machine& machine = input.moment.at;
    static constexpr const char* FROM[] = {"selection", "events", "op", "example"};
    Json json = Json::object();
    if (const auto segment = stage_before(input, now)) {
        json["segment"] = describe_segment(*segment);
        if (!segment->shows_linear()) return to_text(json);
    }
    json["address"] = mm::address_hex(now.address);
    json["from"] = FROM[static_cast<std::size_t>(now.from)];
    const std::optional<mm::address_layout> layout = layout_of(machine);
    if (const mm::layout_region* region = layout ? mm::region_of(*layout, now.address) : nullptr)
        json["region"] = region->name;
    if (!machine.mmu.up) return to_text(json);
    const mm::AddressFacts facts = facts_of(machine, now.address, now.space);
    json["space"] = space_text(machine, now.space, input.scenario.result_names);
    if (machine.mmu.arch().two_halves) json["half"] = half_name(facts.half);
    Json parts = Json::array();
    for (const mm::AddressPart& part : parts_of(machine.mmu.geometry(), now.address))
        parts.push_back({{"name", part_name(machine.mmu.geometry(), part)},
                         {"bits", bits_text(part.high, part.low)},
                         {"value", part.value}});
    json["parts"] = std::move(parts);
    const std::optional<u8> levels = levels_told(input, now.address);
    const u8 told = std::min(levels.value_or(facts.walk.nr_steps), facts.walk.nr_steps);
    Json steps = Json::array();
    for (u8 i = 0; i < told; ++i) {
        const mm::walk_step& step = facts.walk.steps[i];
        steps.push_back({{"level", machine.mmu.geometry().level_name(step.level)},
                         {"table", hex_pfn(step.table)},
                         {"index", step.index},
                         {"entry", mm::address_hex(step.entry)},
                         {"kind", mm::descriptor_kind_name(step.kind)}});
    }
    json["steps"] = std::move(steps);
    if (levels) return to_text(json);
    if (const std::string fault = fault_text(machine, facts, input.choices.language); !fault.empty())
        json["fault"] = fault;
    if (const auto phys = facts.phys()) {
        json["phys"] = mm::address_hex(*phys);
        json["by"] = facts.walk.found ? "tables" : "arithmetic";
        json["owner"] = owner_text(machine, owner_of(machine, *phys), input.choices.language);
    }
    if (facts.walk.found) json["leaf"] = facts.walk.leaf_size;
    return to_text(json);
}

} // namespace shell
