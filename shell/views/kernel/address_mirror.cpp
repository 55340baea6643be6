// An address taken apart, in words: its parts, each entry of its walk, what it translates to, the fields of the last entry.
#include <algorithm>

#include "base/hex.h"
#include "machine/facts/owner.h"
#include "views/kernel/address.h"
#include "views/kernel/address_segment.h"
#include "views/kernel/address_words.h"
#include "views/kernel/table_look.h"
#include "views/parts/mirror_text.h"

namespace shell {

namespace {

using mm::u8;

Selection frame_place(const mm::Machine& machine, mm::frame_t pfn) {
    if (!machine.physical.pfn_valid(pfn)) return {};
    return {Selection::Kind::pfn, static_cast<mm::i64>(pfn), 0, 0};
}

void add_parts(Mirror& out, const ViewInput& input, const mm::Machine& machine, mm::u64 address) {
    for (const mm::AddressPart& part : parts_of(machine.mmu.geometry(), address)) {
        const bool is_offset = part.level == mm::AddressPart::OFFSET;
        const std::string name = is_offset ? input.teller().say(words::PAGE_OFFSET_BITS)
                                           : std::string(part_name(machine.mmu.geometry(), part));
        out.add({{name + " " + bits_text(part.high, part.low),
                  is_offset ? mm::address_hex(part.value) : std::to_string(part.value), ""}});
    }
}

void add_walk(Mirror& out, const ViewInput& input, const mm::Machine& machine, const mm::walk_result& walk, u8 steps) {
    const Teller teller = input.teller();
    const mm::page_geometry& geometry = machine.mmu.geometry();
    const std::vector<mm::TouchedEntries> touched = touched_entries(input.moment);
    for (u8 i = 0; i < std::min(steps, walk.nr_steps); ++i) {
        const mm::walk_step& step = walk.steps[i];
        const EntryLook look = entry_look(machine.mmu.format, step.entry, step.level);
        const bool changed = std::any_of(touched.begin(), touched.end(),
                                         [&](const auto& one) { return one.holds(step.table, step.index); });
        out.add({{std::string(geometry.level_name(step.level)) + " " + hex_pfn(step.table) + "[" +
                      std::to_string(step.index) + "]",
                  mm::address_hex(step.entry),
                  teller.say(look == EntryLook::table ? words::NEXT_TABLE : entry_words(look))},
                 frame_place(machine, step.table),
                 touched_if(changed)});
    }
}

void add_result(Mirror& out, const ViewInput& input, const mm::Machine& machine, const mm::AddressFacts& facts) {
    const Teller teller = input.teller();
    const mm::Language language = input.choices.language;
    if (const std::string fault = fault_text(machine, facts, language); !fault.empty())
        out.add({{teller.say(words::NO_TRANSLATION), "", fault}});
    if (const auto phys = facts.phys())
        out.add({{teller.say(words::PHYSICAL), mm::address_hex(*phys),
                  owner_text(machine, owner_of(machine, *phys), language)},
                 frame_place(machine, facts.frame(machine.physical.page_shift))});
    if (facts.walk.nr_steps == 0 || facts.walk.last().entry == 0) return;
    const mm::walk_step& last = facts.walk.last();
    for (const mm::descriptor_field& field : mm::decode_descriptor(machine.mmu.format, last.entry, last.level))
        out.add({{std::string(field.name) + " " + bits_text(field.high, field.low), mm::address_hex(field.value),
                  std::string(teller.chinese ? field.meaning_zh : field.meaning)}});
}

} // namespace

Mirror AddressView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Teller teller = input.teller();
    const mm::ShownAddress now = shown(input);
    Mirror out{.caption = teller.say(row().title)};
    out.columns = {teller.say(mirror_text::WHAT), teller.say(mirror_text::VALUE), teller.say(mirror_text::MEANING)};
    if (const auto segment = stage_before(input, now)) {
        mirror_segment(out, teller, *segment);
        if (!segment->shows_linear()) return out;
    }
    out.caption += ": " + mm::address_hex(now.address);
    const mm::layout_region* region = layout_ ? mm::region_of(*layout_, now.address) : nullptr;
    if (region)
        out.add({{teller.say(words::REGION), std::string(teller.chinese ? region->name_zh : region->name), ""}});
    if (!machine.mmu.up) {
        out.note = teller.say(words::NO_PAGE_TABLES);
        return out;
    }
    if (!machine.mmu.has_space(now.space)) return out;
    const mm::AddressFacts facts = facts_of(machine, now.address, now.space);
    const std::optional<u8> told = levels_told(input, now.address);
    add_parts(out, input, machine, now.address);
    add_walk(out, input, machine, facts.walk, told.value_or(facts.walk.nr_steps));
    if (!told) add_result(out, input, machine, facts);
    return out;
}

} // namespace shell
