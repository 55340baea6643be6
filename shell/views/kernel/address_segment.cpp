#include "views/kernel/address_segment.h"

#include <algorithm>

#include "base/hex.h"
#include "views/kernel/address_words.h"
#include "views/kernel/bit_boxes.h"
#include "views/kernel/table_look.h"

namespace shell {

namespace {

using Told = mm::SegmentFacts::Told;

constexpr float FIELD_HEIGHT = 19, BETWEEN_FIELDS = 8, FIELD_LINE = FIELD_HEIGHT + 20;
// Bits of one thing have one colour, wherever in the descriptor they stand.
constexpr int BASE_COLOUR = 3, LIMIT_COLOUR = 4, RIGHTS_COLOUR = 2;

std::string logical_text(const mm::logical_address& address) {
    return mm::address_hex(address.selector) + " : " + mm::address_hex(address.offset);
}

const char* register_name(const mm::SegmentFacts& facts) {
    static constexpr const char* NAMES[] = {"CS", "SS", "DS"};
    return NAMES[static_cast<std::size_t>(facts.asked.through)];
}

const char* fault_name(const mm::SegmentFacts& facts) {
    static constexpr const char* NAMES[] = {"", "#GP", "#NP", "#SS"};
    return NAMES[static_cast<std::size_t>(facts.result.fault)];
}

Rgba field_colour(const Pen& pen, std::string_view name) {
    if (name == "base") return level_colour(pen.p, BASE_COLOUR);
    if (name == "limit" || name == "G") return level_colour(pen.p, LIMIT_COLOUR);
    if (name == "P" || name == "DPL" || name == "S" || name == "type") return level_colour(pen.p, RIGHTS_COLOUR);
    return pen.p.muted;
}

float draw_selector(Pen& pen, const mm::SegmentFacts& facts, float x0, float x1, float y) {
    const mm::segment_selector selector = mm::decode_selector(facts.asked.selector);
    BitBox boxes[] = {
        {15, 3, selector.index, pen.say(words::SELECTOR_INDEX), std::to_string(selector.index)},
        {2, 2, selector.local, "TI", pen.say(selector.local ? words::IN_LDT : words::IN_GDT)},
        {1, 0, selector.rpl, "RPL", std::to_string(selector.rpl)},
    };
    boxes[0].colour = level_colour(pen.p, 1);
    boxes[1].colour = level_colour(pen.p, 0);
    boxes[2].colour = level_colour(pen.p, RIGHTS_COLOUR);
    return draw_bit_boxes(pen, boxes, x0, x1, y);
}

// Each field a box with its value; fields go on in the next line where one does not fit.
float draw_fields(Pen& pen, mm::u64 descriptor, float x0, float x1, float y) {
    const TextLook value_look{pen.p.ink, 12, Face::mono};
    float x = x0;
    for (const mm::segment_field& field : mm::segment_fields(descriptor)) {
        const Rgba colour = field_colour(pen, field.name);
        const TextLook name_look{pen.p.text(colour), TEXT_SMALL, Face::mono};
        const std::string name = std::string(field.name) + " " + bits_text(field.high, field.low);
        const std::string value = mm::address_hex(field.value);
        const float width = std::max(pen.width_of(name, name_look), pen.width_of(value, value_look) + 8);
        if (x > x0 && x + width > x1) {
            x = x0;
            y += FIELD_LINE;
        }
        const Rect box = pen.snap(Rect{x, y, x + width, y + FIELD_HEIGHT});
        pen.fill(box, mix(pen.p.paper, colour, BITS_TINT));
        pen.text_centred(box, value, value_look);
        pen.text(x, y + FIELD_HEIGHT + 3, name, name_look);
        x += width + BETWEEN_FIELDS;
    }
    return y + FIELD_LINE + 4;
}

float draw_descriptor(Pen& pen, const mm::SegmentFacts& facts, float x0, float x1, float y) {
    const TextLook note{pen.p.muted, 12, Face::words}, value{pen.p.ink, 12, Face::mono};
    const std::string index = std::to_string(mm::decode_selector(facts.asked.selector).index);
    const std::string place = mm::filled(pen.say(words::GDT_ENTRY), index);
    pen.text(x0, y, place, note);
    pen.text(x0 + pen.width_of(place, note) + 12, y, grouped_hex(facts.result.descriptor), value);
    return draw_fields(pen, facts.result.descriptor, x0, x1, y + 20);
}

// base + offset = linear address, and the limit; or the fault.
float draw_sum(Pen& pen, const mm::SegmentFacts& facts, float x0, float x1, float y) {
    const TextLook sum{pen.p.ink, TEXT_NORMAL, Face::words}, note{pen.p.muted, 12, Face::words};
    const bool faults = facts.result.fault != mm::segment_fault::none;
    if (faults) {
        const std::string text = std::string(fault_name(facts)) + " · " + pen.say(words::ERROR_CODE) + " " +
                                 mm::address_hex(facts.result.error_code) + " · " + pen.say(words::NO_LINEAR);
        y = pen.paragraph(x0, y, x1 - x0, text, {pen.p.bad, TEXT_NORMAL, Face::words}) + 4;
    }
    if (!facts.result.loaded) return y;
    const mm::segment_descriptor segment = mm::decode_segment(facts.result.descriptor);
    const auto named = [&](const Phrase& phrase, mm::u64 value) {
        return std::string(pen.say(phrase)) + " " + mm::address_hex(value);
    };
    if (!faults) {
        const std::string text = named(words::SEGMENT_BASE, segment.base) + " + " +
                                 named(words::SEGMENT_OFFSET, facts.asked.offset) + " = " +
                                 named(words::LINEAR, facts.result.linear);
        y = pen.paragraph(x0, y, x1 - x0, text, sum) + 2;
    }
    const std::string limit =
        named(words::LAST_BYTE, facts.asked.last()) + " · " + named(words::SEGMENT_LIMIT, segment.limit);
    return pen.paragraph(x0, y, x1 - x0, limit, note);
}

} // namespace

float draw_segment(Pen& pen, const mm::SegmentFacts& facts, float x0, float x1, float y) {
    const TextLook large{pen.p.ink, TEXT_LARGE, Face::mono}, note{pen.p.muted, 12, Face::words};
    pen.text(x0, y, logical_text(facts.asked), large);
    y += 21;
    const std::string what = std::string(pen.say(words::LOGICAL)) + " · " + register_name(facts) + " · CPL " +
                             std::to_string(facts.asked.cpl);
    pen.text(x0, y, pen.fitted(what, x1 - x0, note), note);
    y += 22;
    if (facts.told >= Told::selector) y = draw_selector(pen, facts, x0, x1, y);
    if (facts.shows_descriptor()) {
        y = draw_descriptor(pen, facts, x0, x1, y);
    } else if (facts.told < Told::descriptor) {
        pen.text(x0, y, pen.say(words::NO_DESCRIPTOR_YET), note);
        y += 18;
    }
    if (facts.told == Told::all) y = draw_sum(pen, facts, x0, x1, y + 2);
    pen.fill(pen.snap(Rect{x0, y + 8, x1, y + 8 + pen.hairline()}), pen.p.faint);
    return y + 20;
}

void mirror_segment(Mirror& out, const Teller& teller, const mm::SegmentFacts& facts) {
    const mm::segment_selector selector = mm::decode_selector(facts.asked.selector);
    out.add({{teller.say(words::LOGICAL), logical_text(facts.asked),
              std::string(register_name(facts)) + ", CPL " + std::to_string(facts.asked.cpl)}});
    if (facts.told >= Told::selector) {
        out.add({{teller.say(words::SELECTOR_INDEX), std::to_string(selector.index), ""}});
        out.add({{"TI", teller.say(selector.local ? words::IN_LDT : words::IN_GDT), ""}});
        out.add({{"RPL", std::to_string(selector.rpl), ""}});
    }
    if (facts.shows_descriptor()) {
        const std::string entry = mm::filled(teller.say(words::GDT_ENTRY), std::to_string(selector.index));
        out.add({{entry, mm::address_hex(facts.result.descriptor), ""}});
        for (const mm::segment_field& field : mm::segment_fields(facts.result.descriptor))
            out.add(
                {{std::string(field.name) + " " + bits_text(field.high, field.low), mm::address_hex(field.value), ""}});
    }
    if (facts.told == Told::all && facts.result.fault != mm::segment_fault::none)
        out.add({{fault_name(facts), mm::address_hex(facts.result.error_code), facts.fault}});
    if (facts.shows_linear()) out.add({{teller.say(words::LINEAR), mm::address_hex(facts.result.linear), ""}});
}

Json describe_segment(const mm::SegmentFacts& facts) {
    const mm::segment_selector selector = mm::decode_selector(facts.asked.selector);
    Json json = {{"logical", logical_text(facts.asked)}, {"through", register_name(facts)}, {"cpl", facts.asked.cpl}};
    if (facts.told >= Told::selector)
        json["selector"] = {{"index", selector.index}, {"ti", selector.local ? 1 : 0}, {"rpl", selector.rpl}};
    if (facts.shows_descriptor()) {
        const mm::segment_descriptor segment = mm::decode_segment(facts.result.descriptor);
        Json fields = Json::array();
        for (const mm::segment_field& field : mm::segment_fields(facts.result.descriptor))
            fields.push_back({{"name", field.name},
                              {"bits", bits_text(field.high, field.low)},
                              {"value", mm::address_hex(field.value)}});
        json["descriptor"] = {{"value", mm::address_hex(facts.result.descriptor)},
                              {"base", mm::address_hex(segment.base)},
                              {"limit", mm::address_hex(segment.limit)},
                              {"dpl", segment.dpl},
                              {"fields", std::move(fields)}};
    }
    if (facts.told == Told::all && facts.result.fault != mm::segment_fault::none)
        json["fault"] = {
            {"name", fault_name(facts)}, {"code", mm::address_hex(facts.result.error_code)}, {"text", facts.fault}};
    if (facts.shows_linear()) json["linear"] = mm::address_hex(facts.result.linear);
    return json;
}

} // namespace shell
